/* own_log.c - queue, writer, sync and preparer of our log in one process (own_log.h). */
#include "own_log.h"

#include "wait.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "recovery/scan.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTANCE_ID 0xbe4cbe4cu
#define PREPARE_NAP_NS 1000000u
#define THREADS 3u

struct own_log {
    struct own_log_setup setup;
    char directory[BENCH_PATH_BYTES];
    struct hf_region queue;
    struct hf_ring_producer producer;
    struct hf_wal *wal;
    pthread_t threads[THREADS];
    uint32_t stop;
    int error; /**< of the first stage that failed */
    /* a line for each thread that stores */
    uint64_t sequenced_lsn __attribute__((aligned(128)));
    uint64_t durable_wanted;
    uint64_t written_lsn __attribute__((aligned(128)));
    uint64_t written_position;
    uint64_t groups;
    uint64_t durable_lsn __attribute__((aligned(128)));
    uint64_t flushes, flush_ns_sum, flush_ns_max;
};

static bool
running(const struct own_log *log)
{
    /* Pairs with the releases in stage_failed() and own_log_close(). */
    return hf_load_acquire(&log->stop) == 0 && hf_load_acquire(&log->error) == 0;
}

static int64_t
stage_failed(struct own_log *log, int64_t work)
{
    if (work < 0) {
        hf_store_release(&log->error, (int)work);
    }
    return work;
}

static void *
run_writer(void *context)
{
    struct own_log *log = context;
    bench_pin(log->setup.cpu);
    while (running(log)) {
        if (stage_failed(log, hf_wal_writer_do_work(log->wal)) == 0) {
            sched_yield();
        }
    }
    return NULL;
}

static void *
run_sync(void *context)
{
    struct own_log *log = context;
    bench_pin(log->setup.cpu);
    while (running(log)) {
        if (stage_failed(log, hf_wal_sync_do_work(log->wal, hf_clock_monotonic_ns())) == 0) {
            sched_yield();
        }
    }
    return NULL;
}

static void *
run_prepare(void *context)
{
    struct own_log *log = context;
    bench_pin(log->setup.cpu);
    while (running(log)) {
        if (stage_failed(log, hf_wal_prepare_do_work(log->wal, hf_clock_monotonic_ns())) == 0) {
            hf_clock_sleep_ns(PREPARE_NAP_NS);
        }
    }
    return NULL;
}

static int
open_wal(struct own_log *log, char why[256])
{
    const struct hf_watermarks marks = {
        .sequenced_lsn = &log->sequenced_lsn,
        .written_lsn = &log->written_lsn,
        .written_position = &log->written_position,
        .durable_lsn = &log->durable_lsn,
        .groups = &log->groups,
        .flushes = &log->flushes,
        .flush_ns_sum = &log->flush_ns_sum,
        .flush_ns_max = &log->flush_ns_max,
        .durable_wanted = &log->durable_wanted,
    };
    const struct hf_wal_config config = {
        .directory = log->directory,
        .instance_id = INSTANCE_ID,
        .segment_bytes = log->setup.segment_bytes,
        .io = log->setup.io,
        .mode = log->setup.mode,
        .flush_interval_ns = 10000000,
        .flush_records = 1000,
        .reserve_segments = 2,
    };
    const struct hf_wal_start start = {.epoch = 1, .segment = 1, .base_lsn = 1};
    return hf_wal_open(&log->wal, &config, &start, &log->queue, &marks, why, 256);
}

static void
start_threads(struct own_log *log)
{
    static void *(*const stages[THREADS])(void *) = {run_writer, run_sync, run_prepare};
    for (unsigned i = 0; i < THREADS; i++) {
        if (pthread_create(&log->threads[i], NULL, stages[i], log) != 0) {
            bench_die("cannot start a thread");
        }
    }
}

struct own_log *
own_log_open(const struct own_log_setup *setup, char why[256])
{
    static unsigned count;
    char instance[HF_NAME_BYTES];
    struct own_log *log = aligned_alloc(128, sizeof(*log));
    if (log == NULL) {
        bench_die("no memory for a log");
    }
    memset(log, 0, sizeof(*log));
    log->setup = *setup;
    (void)snprintf(log->directory, sizeof(log->directory), "%s", setup->directory);
    (void)snprintf(instance, sizeof(instance), "bench%u.%u", (unsigned)getpid(), count++);
    if (hf_queue_create(&log->queue, instance, HF_QUEUE_SLOTS_DEFAULT) != HF_OK) {
        bench_die("cannot make a WAL queue in shared memory");
    }
    (void)hf_region_unlink(log->queue.name); /* the mapping is enough */
    if (open_wal(log, why) != HF_OK) {
        hf_region_detach(&log->queue);
        free(log);
        return NULL;
    }
    hf_queue_stamp(&log->queue, INSTANCE_ID, 1, 1, 1);
    hf_queue_producer(&log->queue, &log->producer);
    start_threads(log);
    return log;
}

struct hf_ring_producer *
own_log_producer(struct own_log *log)
{
    return &log->producer;
}

void
own_log_sequenced(struct own_log *log, uint64_t lsn)
{
    hf_store_release(&log->sequenced_lsn, lsn); /* pairs with the writer's acquire */
}

int
own_log_wait_durable(struct own_log *log, uint64_t lsn)
{
    uint32_t looks = 0;
    hf_store_seq_cst(&log->durable_wanted, lsn); /* as the daemon's engine stores it */
    /* Pairs with the sync thread's release of durable_lsn. */
    while (hf_load_acquire(&log->durable_lsn) < lsn && running(log)) {
        bench_wait(&looks);
    }
    return hf_load_acquire(&log->error);
}

/** Writer and preparer in turns until neither has anything to do: the threads are gone. */
static void
write_all(struct own_log *log)
{
    int64_t done = 1;
    while (log->error == 0 && done > 0) {
        done = stage_failed(log, hf_wal_writer_do_work(log->wal));
        done += stage_failed(log, hf_wal_prepare_do_work(log->wal, hf_clock_monotonic_ns()));
    }
}

uint64_t
own_log_close(struct own_log *log)
{
    struct hf_scan_result result;
    hf_store_release(&log->stop, 1);
    for (unsigned i = 0; i < THREADS; i++) {
        (void)pthread_join(log->threads[i], NULL);
    }
    write_all(log);
    if (log->error == 0) {
        (void)stage_failed(log, hf_wal_sync_all(log->wal));
    }
    if (log->error != 0) {
        (void)fprintf(stderr, "holdfast-bench: %s\n", hf_wal_error_text(log->wal));
    }
    hf_wal_close(log->wal);
    (void)hf_scan(log->directory, 0, NULL, NULL, &result);
    hf_region_detach(&log->queue);
    free(log);
    return result.code == HF_OK ? result.end_lsn : 0;
}
