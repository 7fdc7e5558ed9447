/*
 * queue.c - engine, WAL writer, sync and preparer as four threads over one queue and a small log:
 * every record must reach the log once and in order, the watermarks must never pass one another, and
 * no queue slot may be reused before it is durable (written, in `memory` mode).
 *
 * Threads over one mapping, because race detectors see neither two processes nor two mappings.
 */
#include "base/clock.h"
#include "wal/pack.h"
#include "wal/segment.h"
#include "wal/trace.h"
#include "wal/wal.h"
#include "wal/witness.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RECORDS 100000u
#define INSTANCE_ID 4711u
#define QUEUE_SLOTS 4096u

struct stress_case {
    const char *name;
    uint64_t segment_bytes;
    uint64_t flush_records;
    enum hf_wal_mode mode;
    bool doubles; /**< some messages have two slots */
    enum hf_wal_io_kind io;
    const char *parent; /**< of the log's directory */
};

static const struct stress_case cases[] = {
    {"group, tiny segments", HF_SEGMENT_BYTES_MIN, 1000, HF_WAL_GROUP, true, HF_WAL_IO_MMAP,
     "/dev/shm"},
    {"group, small batches", 1u << 20, 16, HF_WAL_GROUP, false, HF_WAL_IO_MMAP, "/dev/shm"},
    {"sync", 256u << 10, 300, HF_WAL_SYNC, true, HF_WAL_IO_MMAP, "/dev/shm"},
    {"memory", HF_SEGMENT_BYTES_MIN, 1000, HF_WAL_MEMORY, true, HF_WAL_IO_MMAP, "/dev/shm"},
    {"group, direct, tiny segments", HF_SEGMENT_BYTES_MIN, 1000, HF_WAL_GROUP, true,
     HF_WAL_IO_DIRECT, "/var/tmp"},
    {"sync, direct", 1u << 20, 1000, HF_WAL_SYNC, true, HF_WAL_IO_DIRECT, "/var/tmp"},
};

/* One writer per line, as in the status page. */
struct words {
    uint64_t sequenced_lsn, durable_wanted;
    uint8_t pad0[112];
    uint64_t written_lsn, written_position, groups;
    uint8_t pad1[104];
    uint64_t durable_lsn, flushes, flush_ns_sum, flush_ns_max;
    uint8_t pad2[96];
};

struct stress {
    const struct stress_case *setup;
    char directory[64];
    struct hf_region queue;
    struct words words;
    struct hf_wal *wal;
    struct hf_trace trace;
    struct hf_metrics metrics;
    uint32_t engine_done;
    uint32_t sync_done;
    uint64_t mistakes;
};

static struct hf_record
record_make(uint64_t lsn, uint8_t type, uint8_t slots)
{
    struct hf_record record;
    memset(&record, 0, sizeof(record));
    record.lsn = lsn;
    record.time_ns = lsn * 3;
    record.type = type;
    record.slots = slots;
    memset(record.payload, (int)(lsn % 251), sizeof(record.payload));
    return record;
}

/** The checksum covers the other fields; content and time follow from the LSN. */
static bool
record_right(const struct hf_record *record)
{
    struct hf_record expected = record_make(record->lsn, record->type, record->slots);
    return record->time_ns == expected.time_ns &&
           memcmp(record->payload, expected.payload, sizeof(expected.payload)) == 0;
}

static void
mistake(struct stress *stress, const char *what, uint64_t a, uint64_t b)
{
    if (hf_fetch_add_seq_cst(&stress->mistakes, 1) < 10) {
        (void)printf("%s: %s: %" PRIu64 " %" PRIu64 "\n", stress->setup->name, what, a, b);
    }
}

static void *
engine_run(void *argument)
{
    struct stress *stress = argument;
    struct hf_ring_producer producer;
    hf_queue_producer(&stress->queue, &producer);
    while (producer.next <= RECORDS) {
        uint64_t lsn = producer.next;
        unsigned slots = stress->setup->doubles && lsn % 5 == 0 ? 2 : 1;
        struct hf_record message[2] = {
            record_make(lsn, slots == 2 ? HF_COMMAND_INSTRUMENT_ADD : HF_COMMAND_NEW,
                        (uint8_t)slots),
            record_make(lsn + 1, HF_RECORD_MORE, 1)};
        if (hf_ring_claim(&producer, slots) != HF_OK) {
            (void)sched_yield();
            continue;
        }
        /* Acquire pairs with the releases of writer and sync. */
        uint64_t safe = stress->setup->mode == HF_WAL_MEMORY
                            ? hf_load_acquire(&stress->words.written_lsn)
                            : hf_load_acquire(&stress->words.durable_lsn);
        if (lsn + slots - 1 > safe + QUEUE_SLOTS) {
            mistake(stress, "a slot is reused too early", lsn, safe);
        }
        hf_ring_publish_copy(&producer, message, slots);
        /* Release pairs with the acquire of the observer in sync_run(). */
        hf_store_release(&stress->words.sequenced_lsn, producer.next - 1);
        hf_trace_mark(&stress->trace, producer.next - 1, hf_clock_monotonic_ns());
        if (lsn % 97 == 0) {
            hf_store_release(&stress->words.durable_wanted, lsn);
        }
    }
    hf_store_release(&stress->engine_done, 1); /* pairs with the acquire in writer_run() */
    return NULL;
}

static void *
writer_run(void *argument)
{
    struct stress *stress = argument;
    int64_t done = 0;
    while (done >= 0) {
        uint32_t last_round = hf_load_acquire(&stress->engine_done);
        done = hf_wal_writer_do_work(stress->wal);
        if (done == 0) {
            /* Only this thread stores written_lsn. */
            if (last_round != 0 && stress->words.written_lsn >= RECORDS) {
                return NULL;
            }
            (void)sched_yield();
        }
    }
    mistake(stress, hf_wal_error_text(stress->wal), 0, 0);
    return NULL;
}

static bool
watermarks_in_order(struct stress *stress, uint64_t *last_durable)
{
    /* In this order, because each only grows. Acquires pair with the releases of their writers. */
    uint64_t durable = hf_load_acquire(&stress->words.durable_lsn);
    uint64_t written = hf_load_acquire(&stress->words.written_lsn);
    uint64_t sequenced = hf_load_acquire(&stress->words.sequenced_lsn);
    bool grows = durable >= *last_durable;
    *last_durable = durable;
    /* The engine announces what it sequenced after it published it, a message at a time. */
    return grows && durable <= written && written <= sequenced + HF_MESSAGE_SLOTS_MAX;
}

static void *
sync_run(void *argument)
{
    struct stress *stress = argument;
    uint64_t last_durable = 0;
    uint64_t until = 0;
    int64_t done = 0;
    while (done >= 0 && until < RECORDS) {
        done = hf_wal_sync_do_work(stress->wal, hf_clock_monotonic_ns());
        if (!watermarks_in_order(stress, &last_durable)) {
            mistake(stress, "watermarks pass one another", last_durable, 0);
        }
        until = stress->setup->mode == HF_WAL_MEMORY ? hf_load_acquire(&stress->words.written_lsn)
                                                     : stress->words.durable_lsn;
        if (done == 0) {
            (void)sched_yield();
        }
    }
    if (done < 0 || hf_wal_sync_all(stress->wal) < 0) {
        mistake(stress, hf_wal_error_text(stress->wal), 0, 0);
    }
    hf_store_release(&stress->sync_done, 1); /* pairs with the acquire in preparer_run() */
    return NULL;
}

static void *
preparer_run(void *argument)
{
    struct stress *stress = argument;
    while (hf_load_acquire(&stress->sync_done) == 0) {
        int64_t done = hf_wal_prepare_do_work(stress->wal, hf_clock_monotonic_ns());
        if (done < 0) {
            mistake(stress, hf_wal_error_text(stress->wal), 0, 0);
            return NULL;
        }
        if (done == 0) {
            (void)sched_yield();
        }
    }
    return NULL;
}

static bool
open_log(struct stress *stress)
{
    char error[256] = "";
    char instance[HF_NAME_BYTES];
    struct words *words = &stress->words;
    const struct hf_wal_config config = {.directory = stress->directory,
                                         .instance_id = INSTANCE_ID,
                                         .segment_bytes = stress->setup->segment_bytes,
                                         .io = stress->setup->io,
                                         .mode = stress->setup->mode,
                                         .flush_interval_ns = 10000000,
                                         .flush_records = stress->setup->flush_records,
                                         .reserve_segments = 2};
    const struct hf_wal_start start = {.epoch = 1, .segment = 1, .base_lsn = 1};
    const struct hf_watermarks marks = {
        &words->sequenced_lsn, &words->written_lsn,  &words->written_position,
        &words->durable_lsn,   &words->groups,       &words->flushes,
        &words->flush_ns_sum,  &words->flush_ns_max, &words->durable_wanted,
        &stress->metrics,      &stress->trace};
    (void)snprintf(instance, sizeof(instance), "stress%d", (int)getpid());
    if (hf_queue_create(&stress->queue, instance, QUEUE_SLOTS) != HF_OK) {
        return false;
    }
    (void)hf_region_unlink(stress->queue.name);
    int result =
        hf_wal_open(&stress->wal, &config, &start, &stress->queue, &marks, error, sizeof(error));
    if (result != HF_OK) {
        (void)printf("open: %s\n", error);
        return false;
    }
    hf_queue_stamp(&stress->queue, INSTANCE_ID, 1, 1, 1);
    return true;
}

/** Follow one segment file. @return the last LSN in it, `lsn` when it is unused */
static uint64_t
segment_check(struct stress *stress, uint64_t number, uint64_t lsn, uint32_t *chain)
{
    char path[128];
    struct hf_record record;
    uint32_t key = hf_record_key(INSTANCE_ID, number, 1);
    (void)hf_segment_path(path, sizeof(path), stress->directory, number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    for (uint64_t at = HF_SEGMENT_HEADER_BYTES;
         fd >= 0 && pread(fd, &record, sizeof(record), (off_t)at) == (ssize_t)sizeof(record);
         at += sizeof(record)) {
        if (record.crc != hf_record_crc(&record, key, *chain) || record.lsn == 0) {
            break;
        }
        *chain = record.crc;
        if (record.type == HF_RECORD_GROUP) {
            continue;
        }
        if (record.lsn != lsn + 1 || !record_right(&record)) {
            mistake(stress, "a wrong record", record.lsn, lsn);
        }
        lsn = record.lsn;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return lsn;
}

/** The segments are gone. @return whether nothing else was there than the witness, nor is now */
static bool
directory_remove(const char *directory)
{
    char witness[128];
    return hf_witness_path(witness, sizeof(witness), directory) == 0 && unlink(witness) == 0 &&
           rmdir(directory) == 0;
}

static void
log_check(struct stress *stress)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    uint64_t lsn = 0;
    uint32_t chain = 0;
    (void)hf_segment_list(stress->directory, &numbers, &count);
    for (size_t i = 0; i < count; i++) {
        lsn = segment_check(stress, numbers[i], lsn, &chain);
        (void)hf_segment_remove(stress->directory, numbers[i]);
    }
    free(numbers);
    if (!directory_remove(stress->directory)) {
        mistake(stress, "more than segments and their witness was left", count, 0);
    }
    if (lsn < RECORDS || lsn != stress->words.durable_lsn) {
        mistake(stress, "the log ends early", lsn, stress->words.durable_lsn);
    }
}

/** Z1, and each sample was counted once by each stage that has to. */
static void
samples_check(struct stress *stress)
{
    const struct hf_trace *trace = &stress->trace;
    bool flushes = stress->setup->mode != HF_WAL_MEMORY;
    if (trace->head == 0 || trace->written != trace->head || trace->tail != trace->head) {
        mistake(stress, "samples are left", trace->head, trace->tail);
    }
    if (stress->metrics.writer.write_ns.total != trace->head ||
        (flushes && stress->metrics.sync.durable_ns.total != trace->head)) {
        mistake(stress, "samples were not counted", trace->head,
                stress->metrics.sync.durable_ns.total);
    }
}

static bool
case_run(const struct stress_case *setup)
{
    static struct stress stress;
    pthread_t threads[4];
    void *(*const stages[4])(void *) = {engine_run, writer_run, sync_run, preparer_run};
    memset(&stress, 0, sizeof(stress));
    stress.setup = setup;
    (void)snprintf(stress.directory, sizeof(stress.directory), "%s/hf_stress_XXXXXX",
                   setup->parent);
    if (mkdtemp(stress.directory) == NULL || !open_log(&stress)) {
        return false;
    }
    for (unsigned i = 0; i < 4; i++) {
        if (pthread_create(&threads[i], NULL, stages[i], &stress) != 0) {
            abort();
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    hf_wal_close(stress.wal);
    log_check(&stress);
    samples_check(&stress);
    hf_region_detach(&stress.queue);
    return stress.mistakes == 0;
}

int
main(void)
{
    unsigned passed = 0;
    const unsigned count = sizeof(cases) / sizeof(cases[0]);
    for (unsigned i = 0; i < count; i++) {
        bool right = case_run(&cases[i]);
        (void)printf("%s: %s\n", cases[i].name, right ? "passed" : "FAILED");
        passed += right;
    }
    (void)printf("%u passed, %u failed\n", passed, count - passed);
    return passed == count ? 0 : 1;
}
