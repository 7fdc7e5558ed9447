/*
 * placement.c - on which NUMA node the memory of a process lies, as the kernel tells for each page.
 *
 *   placement PID NODE
 *
 * Looks at the process's shared-memory objects of Holdfast, and at its anonymous mappings of which a MiB or
 * more is there: books, buffers. Prints one line each: name, pages that are there, pages elsewhere than on NODE.
 * Exit code 1: some are elsewhere, or none is there at all; 69: it cannot be told. Needs root, or the same user.
 */
#include <errno.h>
#include <inttypes.h>
#include <numaif.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 1024u
#define LARGE_BYTES ((uint64_t)1 << 20)
#define HUGE_BYTES ((uint64_t)1 << 36) /* more is a sanitizer's own */
#define OBJECT "/dev/shm/holdfast."

struct mapping {
    uint64_t begin;
    uint64_t end;
    const char *name; /* "": anonymous */
};

struct pages {
    uint64_t there;
    uint64_t elsewhere;
};

static void
count_batch(int pid, int node, uint64_t begin, unsigned long count, struct pages *pages)
{
    void *addresses[BATCH];
    int nodes[BATCH];
    for (unsigned long i = 0; i < count; i++) {
        addresses[i] = (void *)(uintptr_t)(begin + i * (uint64_t)sysconf(_SC_PAGESIZE));
    }
    if (move_pages(pid, count, addresses, NULL, nodes, 0) != 0) {
        fprintf(stderr, "placement: move_pages: %s\n", strerror(errno));
        exit(69);
    }
    for (unsigned long i = 0; i < count; i++) {
        if (nodes[i] >= 0) { /* negative: not there, or the shared zero page */
            pages->there++;
            pages->elsewhere += nodes[i] != node;
        }
    }
}

static struct pages
count_pages(int pid, int node, const struct mapping *mapping)
{
    struct pages pages = {0, 0};
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    for (uint64_t at = mapping->begin; at < mapping->end;) {
        uint64_t left = (mapping->end - at) / page;
        unsigned long count = (unsigned long)(left < BATCH ? left : BATCH);
        count_batch(pid, node, at, count, &pages);
        at += count * page;
    }
    return pages;
}

/** Whether a line of /proc/PID/maps is one of those to look at. */
static bool
is_wanted(char *line, struct mapping *mapping)
{
    char access[5] = "";
    int name_at = 0;
    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %*s %n", &mapping->begin, &mapping->end,
               access, &name_at) < 3 ||
        name_at == 0) {
        return false;
    }
    mapping->name = line + name_at;
    bool is_object = strncmp(mapping->name, OBJECT, sizeof(OBJECT) - 1) == 0;
    bool is_large = mapping->name[0] == '\0' && access[1] == 'w' &&
                    mapping->end - mapping->begin >= LARGE_BYTES &&
                    mapping->end - mapping->begin < HUGE_BYTES;
    return is_object || is_large;
}

int
main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: placement PID NODE\n", stderr);
        return 64;
    }
    int pid = atoi(argv[1]);
    int node = atoi(argv[2]);
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    if (maps == NULL) {
        fprintf(stderr, "placement: %s: %s\n", path, strerror(errno));
        return 69;
    }
    struct pages all = {0, 0};
    char line[512];
    while (fgets(line, sizeof(line), maps) != NULL) {
        struct mapping mapping;
        if (!is_wanted(line, &mapping)) {
            continue;
        }
        struct pages pages = count_pages(pid, node, &mapping);
        if (mapping.name[0] == '\0' &&
            pages.there * (uint64_t)sysconf(_SC_PAGESIZE) < LARGE_BYTES) {
            continue;
        }
        printf("%s pages %" PRIu64 " elsewhere %" PRIu64 "\n",
               mapping.name[0] == '\0' ? "anonymous" : mapping.name, pages.there, pages.elsewhere);
        all.there += pages.there;
        all.elsewhere += pages.elsewhere;
    }
    fclose(maps);
    printf("all pages %" PRIu64 " elsewhere %" PRIu64 "\n", all.there, all.elsewhere);
    return all.there != 0 && all.elsewhere == 0 ? 0 : 1;
}
