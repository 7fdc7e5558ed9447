/* doctor_host.c - files of /proc and /sys, and lists of CPUs (doctor_host.h). */
#include "cli/doctor_host.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* CPUs */

bool
hf_cpus_has(const struct hf_cpus *cpus, int cpu)
{
    return cpu >= 0 && cpu < HF_CPUS_MAX && (cpus->words[cpu / 64] >> (cpu % 64) & 1) != 0;
}

void
hf_cpus_add(struct hf_cpus *cpus, int cpu)
{
    if (cpu >= 0 && cpu < HF_CPUS_MAX) {
        cpus->words[cpu / 64] |= UINT64_C(1) << (cpu % 64);
    }
}

int
hf_cpus_count(const struct hf_cpus *cpus)
{
    int count = 0;
    for (size_t i = 0; i < HF_CPUS_MAX / 64; i++) {
        count += __builtin_popcountll(cpus->words[i]);
    }
    return count;
}

int
hf_cpus_next(const struct hf_cpus *cpus, int cpu)
{
    while (cpu < HF_CPUS_MAX && !hf_cpus_has(cpus, cpu)) {
        cpu++;
    }
    return cpu < HF_CPUS_MAX ? cpu : -1;
}

void
hf_cpus_text(const struct hf_cpus *cpus, char *text, size_t len_bytes)
{
    size_t used = 0;
    (void)snprintf(text, len_bytes, "none");
    for (int first = hf_cpus_next(cpus, 0); first >= 0;) {
        int last = first;
        while (hf_cpus_has(cpus, last + 1)) {
            last++;
        }
        int len = last > first
                      ? snprintf(text + used, len_bytes - used, "%s%d-%d", used > 0 ? "," : "",
                                 first, last)
                      : snprintf(text + used, len_bytes - used, "%s%d", used > 0 ? "," : "", first);
        if (len < 0 || (size_t)len >= len_bytes - used) {
            return; /* cut: enough for a reader */
        }
        used += (size_t)len;
        first = hf_cpus_next(cpus, last + 1);
    }
}

struct hf_cpus
hf_cpus_parse(const char *text)
{
    struct hf_cpus cpus = {0};
    while (*text != '\0') {
        char *end;
        long first = strtol(text, &end, 10);
        if (end == text) {
            return cpus;
        }
        long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        for (long cpu = first; cpu >= 0 && cpu <= last && cpu < HF_CPUS_MAX; cpu++) {
            hf_cpus_add(&cpus, (int)cpu);
        }
        text = end + (*end == ',');
    }
    return cpus;
}

/* Files */

static void
path_of(const struct hf_host *host, char path[PATH_MAX], const char *format, va_list arguments)
{
    int len = snprintf(path, PATH_MAX, "%s/", host->root);
    if (len > 0 && len < PATH_MAX) {
        (void)vsnprintf(path + len, (size_t)(PATH_MAX - len), format, arguments);
    }
}

#define PATH_OF(host, path, format)                                                                \
    do {                                                                                           \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        path_of(host, path, format, arguments);                                                    \
        va_end(arguments);                                                                         \
    } while (0)

static bool
read_path(const char *path, char *text, size_t len_bytes)
{
    text[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t len = fread(text, 1, len_bytes - 1, file);
    bool good = ferror(file) == 0;
    (void)fclose(file);
    while (len > 0 && strchr(" \t\n", text[len - 1]) != NULL) {
        len--;
    }
    text[len] = '\0';
    return good;
}

bool
hf_host_read(const struct hf_host *host, char *text, size_t len_bytes, const char *format, ...)
{
    char path[PATH_MAX];
    PATH_OF(host, path, format);
    return read_path(path, text, len_bytes);
}

bool
hf_host_number(const struct hf_host *host, int64_t *number, const char *format, ...)
{
    char path[PATH_MAX];
    char text[64];
    char *end;
    PATH_OF(host, path, format);
    if (!read_path(path, text, sizeof(text))) {
        return false;
    }
    *number = strtoll(text, &end, 10);
    return end != text;
}

bool
hf_host_has(const struct hf_host *host, const char *format, ...)
{
    char path[PATH_MAX];
    PATH_OF(host, path, format);
    return access(path, F_OK) == 0;
}

char *
hf_host_load(const struct hf_host *host, const char *format, ...)
{
    char path[PATH_MAX];
    char *text = NULL;
    size_t size = 0;
    PATH_OF(host, path, format);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return NULL;
    }
    ssize_t len = getdelim(&text, &size, '\0', file); /* files of the kernel have no NUL */
    (void)fclose(file);
    if (len < 0) {
        free(text);
        return NULL;
    }
    return text;
}

void
hf_host_each(const struct hf_host *host, const char *directory,
             void (*on_name)(void *context, const char *name), void *context)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s/%s", host->root, directory);
    DIR *stream = opendir(path);
    if (stream == NULL) {
        return;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            on_name(context, entry->d_name);
        }
    }
    (void)closedir(stream);
}

struct hf_cpus
hf_host_cpus(const struct hf_host *host, const char *format, ...)
{
    char path[PATH_MAX];
    char text[4096];
    PATH_OF(host, path, format);
    (void)read_path(path, text, sizeof(text));
    return hf_cpus_parse(text);
}

bool
hf_host_choice(const struct hf_host *host, char *word, size_t len_bytes, const char *path)
{
    char text[256];
    word[0] = '\0';
    if (!hf_host_read(host, text, sizeof(text), "%s", path)) {
        return false;
    }
    const char *open = strchr(text, '[');
    size_t len = open == NULL ? 0 : strcspn(open + 1, "]");
    (void)snprintf(word, len_bytes, "%.*s", (int)len, open == NULL ? "" : open + 1);
    return len > 0;
}

struct hf_cpus
hf_host_online(const struct hf_host *host)
{
    return hf_host_cpus(host, "sys/devices/system/cpu/online");
}
