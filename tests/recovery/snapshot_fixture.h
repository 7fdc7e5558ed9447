/*
 * snapshot_fixture.h - a core with some orders, and snapshots of it in a directory of their own, whole or
 * changed by hand.
 */
#ifndef HF_TESTS_RECOVERY_SNAPSHOT_FIXTURE_H
#define HF_TESTS_RECOVERY_SNAPSHOT_FIXTURE_H

#include "core/script.h"

#include "base/crc32c.h"
#include "base/numa.h"
#include "recovery/snapshot_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <sys/stat.h>
#include <unistd.h>

#define SNAP_INSTANCE_ID 0x1122334455667788u
#define SNAP_SCRIPT                                                                                \
    "1 new 1 S 100 10\n2 new 3 B 99 4\n1 new 8 B 50 20 show5\n2 new 7 B 40 1 gtd5000\n"            \
    "1 new 9 B market 1 stop120\n0 account 9 notional1000\n0 grant one account 7\n"                \
    "2 new 11 B 100 3\n1 cancel 8"

struct snap {
    char directory[64];
    struct fixture *fixture; /**< of tests/core */
    struct hf_log_position position;
    char text[HF_SNAPSHOT_TEXT_BYTES];
};

/** A whole file in memory. */
struct snap_file {
    char path[128];
    unsigned char *bytes;
    size_t count;
};

static inline void
snap_begin(struct snap *snap, const struct hf_engine_limits *limits)
{
    snprintf(snap->directory, sizeof(snap->directory), "/dev/shm/hf_snapshot_XXXXXX");
    cr_assert_not_null(mkdtemp(snap->directory));
    snap->fixture = fixture_new(limits);
    (void)run_script(snap->fixture, SNAP_SCRIPT);
}

static inline void
snap_end(struct snap *snap)
{
    DIR *stream = opendir(snap->directory);
    const struct dirent *entry;
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", snap->directory, entry->d_name);
        (void)unlink(path);
    }
    closedir(stream);
    rmdir(snap->directory);
    fixture_free(snap->fixture);
}

static inline uint64_t
snap_lsn(const struct snap *snap)
{
    return hf_core_lsn(snap->fixture->core);
}

static inline struct hf_snapshot_order
snap_order(struct snap *snap)
{
    snap->position = (struct hf_log_position){.instance_id = SNAP_INSTANCE_ID,
                                              .epoch = 3,
                                              .lsn = snap_lsn(snap),
                                              .segment = 5,
                                              .offset = 4096 + 640,
                                              .segment_bytes = 65536,
                                              .chain = 0xabcd,
                                              .last_type = HF_COMMAND_NEW};
    return (struct hf_snapshot_order){
        .directory = snap->directory, .core = snap->fixture->core, .position = &snap->position};
}

static inline void
snap_write(struct snap *snap)
{
    struct hf_snapshot_order order = snap_order(snap);
    cr_assert_eq(hf_snapshot_write(&order, snap->text), HF_OK, "%s", snap->text);
}

static inline void
snap_forget(struct hf_snapshot *snapshot)
{
    hf_memory_free(snapshot->core, snapshot->core_bytes);
    snapshot->core = NULL;
}

static inline int
snap_read(const struct snap *snap, uint64_t lsn, struct hf_snapshot *snapshot)
{
    return hf_snapshot_read(snap->directory, lsn, -1, true, snapshot);
}

/** The read must be refused with these words. */
static inline void
snap_expect_refusal(const struct snap *snap, int code, const char *part)
{
    struct hf_snapshot snapshot;
    char name[64];
    snprintf(name, sizeof(name), "%020" PRIu64 ".snap: offset ", snap_lsn(snap));
    cr_expect_eq(snap_read(snap, snap_lsn(snap), &snapshot), code, "%s: %s", part, snapshot.text);
    cr_expect_not_null(strstr(snapshot.text, part), "'%s' is not in: %s", part, snapshot.text);
    cr_expect_not_null(strstr(snapshot.text, name), "'%s' is not in: %s", name, snapshot.text);
    cr_expect_null(snapshot.core);
}

static inline struct snap_file
snap_load_file(const struct snap *snap)
{
    struct snap_file file;
    struct stat status;
    cr_assert_eq(hf_snapshot_path(file.path, sizeof(file.path), snap->directory, snap_lsn(snap)),
                 0);
    int fd = open(file.path, O_RDONLY);
    cr_assert(fd >= 0 && fstat(fd, &status) == 0);
    file.count = (size_t)status.st_size;
    file.bytes = malloc(file.count);
    cr_assert_eq(read(fd, file.bytes, file.count), (ssize_t)file.count);
    close(fd);
    return file;
}

static inline void
snap_store_bytes(const struct snap_file *file, size_t count)
{
    int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(fd >= 0 && write(fd, file->bytes, count) == (ssize_t)count);
    close(fd);
}

static inline void
snap_store_file(const struct snap_file *file)
{
    snap_store_bytes(file, file->count);
}

static inline struct hf_snapshot_header *
snap_header(const struct snap_file *file)
{
    return (struct hf_snapshot_header *)(void *)file->bytes;
}

static inline struct hf_snapshot_footer *
snap_footer(const struct snap_file *file)
{
    return (struct hf_snapshot_footer *)(void *)(file->bytes + file->count -
                                                 sizeof(struct hf_snapshot_footer));
}

/** Make all checksums right again: what was changed is then a forgery, no damage. */
static inline void
snap_seal(const struct snap_file *file)
{
    struct hf_snapshot_header *header = snap_header(file);
    struct hf_snapshot_footer footer;
    header->header_crc = hf_snapshot_header_crc(header);
    memcpy(&footer, snap_footer(file), sizeof(footer));
    footer.blocks_crc = header->header_crc;
    size_t at = HF_SNAPSHOT_HEADER_BYTES;
    while (at < file->count - sizeof(footer)) {
        struct hf_snapshot_block block;
        memcpy(&block, file->bytes + at, sizeof(block));
        block.crc =
            hf_snapshot_block_crc(&block, file->bytes + at + sizeof(block), header->header_crc);
        memcpy(file->bytes + at, &block, sizeof(block));
        footer.blocks_crc = hf_crc32c(footer.blocks_crc, &block.crc, sizeof(block.crc));
        at += sizeof(block) + block.stored_bytes;
    }
    footer.footer_crc = hf_snapshot_footer_crc(&footer, header->header_crc);
    memcpy(snap_footer(file), &footer, sizeof(footer));
}

#endif
