/*
 * log_fixture.h - a small log in a directory of its own, for the tests of lib/wal and lib/recovery.
 *
 * The content of a record follows from its LSN and its kind alone, so that whoever reads it back can
 * tell whether it is the right one.
 */
#ifndef HF_TESTS_WAL_LOG_FIXTURE_H
#define HF_TESTS_WAL_LOG_FIXTURE_H

#include "wal/wal_internal.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURE_SLOTS 8192u
#define FIXTURE_INSTANCE_ID 0x1122334455667788u
#define FIXTURE_SEGMENT_SLOTS ((HF_SEGMENT_BYTES_MIN - HF_SEGMENT_HEADER_BYTES) / HF_SLOT_BYTES)

struct fixture {
    char directory[128];
    struct hf_region queue;
    struct hf_ring_producer producer;
    struct {
        uint64_t sequenced_lsn, written_lsn, written_position, durable_lsn, groups, flushes;
        uint64_t flush_ns_sum, flush_ns_max, durable_wanted;
    } words;
    struct hf_watermarks marks;
    struct hf_wal_config config;
    struct hf_wal_start start;
    struct hf_wal *wal;
    uint64_t now_ns;
    char error[512];
};

/** Whether the record of this LSN begins a two-slot message; a fixed mix. */
static inline bool
record_is_double(uint64_t lsn)
{
    return lsn % 7 == 3;
}

/** @param type  a client's command, HF_COMMAND_INSTRUMENT_ADD (two slots) or HF_RECORD_MORE */
static inline struct hf_record
record_make(uint64_t lsn, uint8_t type)
{
    struct hf_record record;
    memset(&record, 0, sizeof(record));
    record.lsn = lsn;
    record.time_ns = 1000000 + lsn;
    record.session = (uint32_t)(lsn % 5);
    record.type = type;
    record.slots = type == HF_COMMAND_INSTRUMENT_ADD ? 2 : 1;
    for (unsigned i = 0; i < sizeof(record.payload); i++) {
        record.payload[i] = (uint8_t)(lsn * 31 + i * 7 + type);
    }
    return record;
}

static inline void
fixture_directory(struct fixture *fixture, const char *parent)
{
    snprintf(fixture->directory, sizeof(fixture->directory), "%s/hf_wal_XXXXXX", parent);
    cr_assert_not_null(mkdtemp(fixture->directory));
}

static inline void
fixture_marks(struct fixture *fixture)
{
    fixture->marks = (struct hf_watermarks){
        .sequenced_lsn = &fixture->words.sequenced_lsn,
        .written_lsn = &fixture->words.written_lsn,
        .written_position = &fixture->words.written_position,
        .durable_lsn = &fixture->words.durable_lsn,
        .groups = &fixture->words.groups,
        .flushes = &fixture->words.flushes,
        .flush_ns_sum = &fixture->words.flush_ns_sum,
        .flush_ns_max = &fixture->words.flush_ns_max,
        .durable_wanted = &fixture->words.durable_wanted,
    };
}

/** A directory, a queue and a configuration; nothing is opened yet. */
static inline void
fixture_begin(struct fixture *fixture, const char *parent)
{
    char instance[HF_NAME_BYTES];
    memset(fixture, 0, sizeof(*fixture));
    fixture_directory(fixture, parent);
    fixture_marks(fixture);
    fixture->now_ns = 1000;
    fixture->config = (struct hf_wal_config){
        .directory = fixture->directory,
        .instance_id = FIXTURE_INSTANCE_ID,
        .segment_bytes = HF_SEGMENT_BYTES_MIN,
        .io = HF_WAL_IO_AUTO,
        .mode = HF_WAL_GROUP,
        .flush_interval_ns = 10000000,
        .flush_records = 1000,
        .reserve_segments = 2,
    };
    fixture->start = (struct hf_wal_start){.epoch = 1, .segment = 1, .base_lsn = 1};
    snprintf(instance, sizeof(instance), "t%d.%u", (int)getpid() % 10000000,
             (unsigned)((uintptr_t)fixture % 0xffffff));
    cr_assert_eq(hf_queue_create(&fixture->queue, instance, FIXTURE_SLOTS), 0);
    hf_region_unlink(fixture->queue.name);
}

/** As the daemon does it: the log first, then the stamp. */
static inline void
fixture_open(struct fixture *fixture)
{
    int result = hf_wal_open(&fixture->wal, &fixture->config, &fixture->start, &fixture->queue,
                             &fixture->marks, fixture->error, sizeof(fixture->error));
    cr_assert_eq(result, 0, "hf_wal_open: %d %s", result, fixture->error);
    hf_queue_stamp(&fixture->queue, FIXTURE_INSTANCE_ID, 1, fixture->start.epoch,
                   fixture->start.base_lsn);
    hf_queue_producer(&fixture->queue, &fixture->producer);
}

static inline void
fixture_close(struct fixture *fixture)
{
    hf_wal_close(fixture->wal);
    fixture->wal = NULL;
}

static inline void
fixture_end(struct fixture *fixture)
{
    fixture_close(fixture);
    hf_region_detach(&fixture->queue);
    DIR *stream = opendir(fixture->directory);
    const struct dirent *entry;
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", fixture->directory, entry->d_name);
        (void)unlink(path);
    }
    closedir(stream);
    rmdir(fixture->directory);
}

/** Sequence one message of one or two slots, as the engine does. @return false: the queue is full */
static inline bool
fixture_put(struct fixture *fixture, unsigned slots)
{
    uint64_t lsn = fixture->producer.next;
    struct hf_record message[2] = {
        record_make(lsn, slots == 2 ? HF_COMMAND_INSTRUMENT_ADD : HF_COMMAND_NEW),
        record_make(lsn + 1, HF_RECORD_MORE)};
    if (hf_ring_claim(&fixture->producer, slots) != 0) {
        return false;
    }
    hf_ring_publish_copy(&fixture->producer, message, slots);
    fixture->words.sequenced_lsn = fixture->producer.next - 1;
    return true;
}

/** Sequence messages of the fixed mix until at least `count` more LSNs are used. */
static inline void
fixture_put_mix(struct fixture *fixture, uint64_t count)
{
    uint64_t until = fixture->producer.next + count;
    while (fixture->producer.next < until) {
        cr_assert(fixture_put(fixture, record_is_double(fixture->producer.next) ? 2 : 1));
    }
}

/** Let writer and preparer work until neither has anything to do. */
static inline void
fixture_write_all(struct fixture *fixture)
{
    int64_t done = 1;
    while (done > 0) {
        done = hf_wal_writer_do_work(fixture->wal);
        cr_assert_geq(done, 0, "writer: %s", hf_wal_error_text(fixture->wal));
        int64_t prepared = hf_wal_prepare_do_work(fixture->wal, fixture->now_ns);
        cr_assert_geq(prepared, 0, "preparer: %s", hf_wal_error_text(fixture->wal));
        done += prepared;
    }
}

/** All three stages until all is durable. */
static inline void
fixture_settle(struct fixture *fixture)
{
    fixture_write_all(fixture);
    cr_assert_geq(hf_wal_sync_all(fixture->wal), 0, "sync: %s", hf_wal_error_text(fixture->wal));
    fixture_write_all(fixture);
}

static inline void
fixture_path(const struct fixture *fixture, uint64_t number, char path[512])
{
    cr_assert_eq(hf_segment_path(path, 512, fixture->directory, number), 0);
}

/** Read a piece of a segment file. */
static inline void
fixture_read(const struct fixture *fixture, uint64_t number, uint64_t offset, void *data,
             size_t len_bytes)
{
    char path[512];
    fixture_path(fixture, number, path);
    int fd = open(path, O_RDONLY);
    cr_assert_geq(fd, 0);
    cr_assert_eq(pread(fd, data, len_bytes, (off_t)offset), (ssize_t)len_bytes);
    close(fd);
}

/** Overwrite a piece of a segment file. */
static inline void
fixture_write(const struct fixture *fixture, uint64_t number, uint64_t offset, const void *data,
              size_t len_bytes)
{
    char path[512];
    fixture_path(fixture, number, path);
    int fd = open(path, O_WRONLY);
    cr_assert_geq(fd, 0);
    cr_assert_eq(pwrite(fd, data, len_bytes, (off_t)offset), (ssize_t)len_bytes);
    close(fd);
}

static inline void
fixture_zero(const struct fixture *fixture, uint64_t number, uint64_t offset, size_t len_bytes)
{
    void *zeros = calloc(1, len_bytes);
    fixture_write(fixture, number, offset, zeros, len_bytes);
    free(zeros);
}

/** What fixture_walk() found. */
struct walk {
    uint64_t lsn; /**< last one */
    uint32_t chain;
    uint64_t groups;
    uint64_t segments;
    uint64_t end_offset; /**< in the last segment */
};

/** The record that the fixture put under this LSN (fixture_put_mix from LSN 1 on, if `mix`). */
static inline bool
walk_record_right(const struct hf_record *record, bool mix)
{
    bool head = mix && record_is_double(record->lsn);
    bool more = mix && record->lsn > 1 && record_is_double(record->lsn - 1);
    struct hf_record expected = record_make(record->lsn, more   ? HF_RECORD_MORE
                                                         : head ? HF_COMMAND_INSTRUMENT_ADD
                                                                : HF_COMMAND_NEW);
    expected.crc = record->crc;
    return memcmp(&expected, record, sizeof(expected)) == 0;
}

/** Follow one segment image. @return false: it is not used or does not continue */
static inline bool
walk_segment(const unsigned char *bytes, uint64_t number, bool mix, struct walk *walk)
{
    const char *why;
    struct hf_segment_header header;
    memcpy(&header, bytes, sizeof(header));
    if (hf_segment_header_check(bytes, &why) != HF_HEADER_GOOD) {
        return false;
    }
    cr_assert_eq(header.number, number);
    cr_assert_eq(header.base_lsn, walk->lsn + 1);
    cr_assert_eq(header.chain, walk->chain);
    uint32_t key = hf_record_key(header.instance_id, number, header.epoch);
    walk->segments++;
    for (walk->end_offset = HF_SEGMENT_HEADER_BYTES; walk->end_offset < header.segment_bytes;
         walk->end_offset += HF_SLOT_BYTES) {
        struct hf_record record;
        memcpy(&record, bytes + walk->end_offset, sizeof(record));
        bool group = record.type == HF_RECORD_GROUP;
        if (record.lsn != walk->lsn + !group ||
            record.crc != hf_record_crc(&record, key, walk->chain)) {
            break;
        }
        bool last = walk->end_offset + HF_SLOT_BYTES == header.segment_bytes;
        cr_assert(group || !last, "K1: the last slot is a group");
        cr_assert(group ? hf_group_authentic(&record, key) : walk_record_right(&record, mix));
        walk->groups += group;
        walk->lsn = record.lsn;
        walk->chain = record.crc;
    }
    for (uint64_t at = walk->end_offset; at < header.segment_bytes; at++) {
        cr_assert_eq(bytes[at], 0, "segment %d offset %d: not zero behind the end", (int)number,
                     (int)at);
    }
    return true;
}

/** Follow the whole log from segment 1, independently of lib/recovery. */
static inline struct walk
fixture_walk(const struct fixture *fixture, bool mix)
{
    struct walk walk = {0, 0, 0, 0, 0};
    unsigned char *bytes = malloc(fixture->config.segment_bytes);
    char path[512];
    for (uint64_t number = 1;; number++) {
        fixture_path(fixture, number, path);
        if (access(path, F_OK) != 0) {
            break;
        }
        fixture_read(fixture, number, 0, bytes, fixture->config.segment_bytes);
        if (!walk_segment(bytes, number, mix, &walk)) {
            break;
        }
    }
    free(bytes);
    return walk;
}

/** From now on libpmem takes every mapping for persistent memory. Before its first use only. */
static inline void
fixture_force_pmem(void)
{
    cr_assert_eq(setenv("PMEM_IS_PMEM_FORCE", "1", 1), 0);
}

#endif
