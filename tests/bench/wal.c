/*
 * wal.c - 64-byte records made durable: our log and other stores, in batches; how fast our log goes when
 * it is never waited for; and for how long it holds up the thread that appends.
 */
#include "bench.h"
#include "calibrate.h"
#include "own_log.h"
#include "store.h"
#include "ticks.h"
#include "wait.h"

#include "base/atomic.h"

#include <stdio.h>
#include <string.h>

#define GROUP "wal"
#define APPENDS_PER_S 1000000u
#define SEGMENT_BYTES_FULL (16.0 * (1 << 20)) /* at 5 M/s, 1 s is 20 of them */
#define PAGE_BYTES 4096u

static const struct contestant {
    const struct store *store; /**< NULL: not in this build */
    const char *name;
    const char *package; /**< of Debian, that the build did not find */
} contestants[] = {
    {&store_mmap, "holdfast mmap", ""},
    {&store_pmem, "holdfast pmem", ""},
    {&store_direct, "holdfast direct", ""},
    {&store_pwrite, "pwrite + fdatasync", ""},
#ifdef BENCH_HAVE_ROCKSDB
    {&store_rocksdb, "RocksDB sync", "librocksdb-dev"},
#else
    {NULL, "RocksDB sync", "librocksdb-dev"},
#endif
#ifdef BENCH_HAVE_LMDB
    {&store_lmdb, "LMDB", "liblmdb-dev"},
#else
    {NULL, "LMDB", "liblmdb-dev"},
#endif
#ifdef BENCH_HAVE_SQLITE
    {&store_sqlite, "SQLite WAL FULL", "libsqlite3-dev"},
#else
    {NULL, "SQLite WAL FULL", "libsqlite3-dev"},
#endif
};
#define CONTESTANTS (sizeof(contestants) / sizeof(contestants[0]))

static const unsigned batches[] = {1, 16, 256, 1000};
#define BATCHES (sizeof(batches) / sizeof(batches[0]))

struct context {
    const struct bench_options *options;
    struct bench_results *results;
    struct bench_calibration calibration;
};

static void
note_skipped(const struct context *context, const char *name, const char *why)
{
    const char *last = strrchr(why, ':'); /* before it stand names that differ from run to run */
    bench_note(context->results, GROUP, "skipped: %s: not in %s:%s", name,
               context->options->directory, last != NULL ? last + 1 : why);
}

static uint64_t
ns_of(double seconds)
{
    return (uint64_t)(seconds * 1e9);
}

/* Batches, each waited for */

/** Append batches until the time is over. @return the number of the last record; 0: it failed */
static uint64_t
append_batches(const struct store *store, void *opened, unsigned batch, uint64_t length_ns,
               struct hf_histogram *histogram, uint64_t *elapsed_ns)
{
    static struct store_record records[STORE_BATCH_MAX];
    uint64_t number = 0;
    uint64_t start_ns = hf_clock_monotonic_ns();
    uint64_t now_ns = start_ns;
    do {
        store_fill(records, number + 1, batch);
        uint64_t before_ns = hf_clock_monotonic_ns();
        if (store->append(opened, records, batch) != 0) {
            return 0;
        }
        now_ns = hf_clock_monotonic_ns();
        hf_histogram_record(histogram, now_ns - before_ns);
        number += batch;
    } while (now_ns - start_ns < length_ns);
    *elapsed_ns = now_ns - start_ns;
    return number;
}

static void
measure_batch(const struct context *context, const struct store *store, unsigned batch)
{
    static struct hf_histogram histogram;
    char directory[BENCH_PATH_BYTES];
    char name[BENCH_NAME_BYTES];
    char why[256] = "";
    uint64_t elapsed_ns = 1;
    bench_directory_make(context->options, directory);
    void *opened = store->open(directory, why);
    if (opened == NULL) {
        note_skipped(context, store->name, why);
        bench_directory_remove(directory);
        return;
    }
    hf_histogram_init(&histogram);
    uint64_t last = append_batches(store, opened, batch, ns_of(context->options->seconds / 4),
                                   &histogram, &elapsed_ns);
    uint64_t counted = store->close_and_count(opened);
    bench_directory_remove(directory);
    if (last == 0 || counted != last) {
        bench_fail(context->results, "wal %s, batches of %u: %llu records appended, %llu found",
                   store->name, batch, (unsigned long long)last, (unsigned long long)counted);
        return;
    }
    (void)snprintf(name, sizeof(name), "%s, batches of %u, durable records", store->name, batch);
    bench_add(context->results, GROUP, name, BENCH_K_PER_S, (double)last * 1e6 / (double)elapsed_ns,
              BENCH_RAW_FLUSH, context->calibration.flush_ns);
    (void)snprintf(name, sizeof(name), "%s, batches of %u, commit", store->name, batch);
    bench_add_percentiles(context->results, GROUP, name, &histogram, BENCH_RAW_FLUSH,
                          context->calibration.flush_ns);
}

/* Our log, not waited for */

static uint64_t
segment_bytes(const struct bench_options *options)
{
    uint64_t bytes = bench_scaled(options, SEGMENT_BYTES_FULL, HF_SEGMENT_BYTES_MIN);
    return bytes - bytes % PAGE_BYTES;
}

/** A way to the medium, as it is called here. */
struct way {
    enum hf_wal_io_kind io;
    const char *name;
};
static const struct way ways[] = {{HF_WAL_IO_MMAP, "holdfast mmap"},
                                  {HF_WAL_IO_PMEM, "holdfast pmem"},
                                  {HF_WAL_IO_DIRECT, "holdfast direct"}};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static struct own_log *
open_log(const struct context *context, const char *directory, const struct way *way,
         enum hf_wal_mode mode)
{
    char why[256] = "";
    const struct own_log_setup setup = {.directory = directory,
                                        .io = way->io,
                                        .mode = mode,
                                        .segment_bytes = segment_bytes(context->options),
                                        .cpu = context->options->cpus[1]};
    struct own_log *log = own_log_open(&setup, why);
    if (log == NULL) {
        note_skipped(context, way->name, why);
    }
    return log;
}

static inline void
put(struct hf_ring_producer *producer)
{
    uint32_t looks = 0;
    struct hf_record record = own_log_record(producer->next);
    while (hf_ring_claim(producer, 1) != HF_OK) {
        bench_wait(&looks);
    }
    hf_ring_publish_copy(producer, &record, 1);
}

static void
check_log(const struct context *context, const char *name, uint64_t last, int code, uint64_t found)
{
    if (code != 0 || found != last) {
        bench_fail(context->results, "wal %s: %llu records appended, %llu found", name,
                   (unsigned long long)last, (unsigned long long)found);
    }
}

static void
measure_stream(const struct context *context, const struct way *way)
{
    char directory[BENCH_PATH_BYTES];
    char name[BENCH_NAME_BYTES];
    bench_directory_make(context->options, directory);
    struct own_log *log = open_log(context, directory, way, HF_WAL_GROUP);
    if (log != NULL) {
        struct hf_ring_producer *producer = own_log_producer(log);
        uint64_t start_ns = hf_clock_monotonic_ns();
        uint64_t end_ns = start_ns + ns_of(context->options->seconds);
        do {
            for (unsigned i = 0; i < 64; i++) {
                put(producer);
            }
            own_log_sequenced(log, producer->next - 1);
        } while (hf_clock_monotonic_ns() < end_ns);
        uint64_t last = producer->next - 1;
        int code = own_log_wait_durable(log, last);
        uint64_t elapsed_ns = hf_clock_monotonic_ns() - start_ns;
        (void)snprintf(name, sizeof(name), "%s, one stream, durable records", way->name);
        check_log(context, name, last, code, own_log_close(log));
        bench_add(context->results, GROUP, name, BENCH_M_PER_S,
                  (double)last * 1e3 / (double)elapsed_ns, BENCH_RAW_FLUSH,
                  context->calibration.flush_ns);
    }
    bench_directory_remove(directory);
}

/* What an append at a constant rate costs the appender */

/** Appends at their due times. With `released`, the appender frees each slot itself: the floor. */
static void
append_at_rate(struct hf_ring_producer *producer, struct own_log *log, uint64_t *released,
               uint64_t length_ns, struct hf_histogram *histogram)
{
    const double gap_ticks = 1e9 / APPENDS_PER_S / bench_tick_ns();
    uint64_t count = length_ns / (1000000000u / APPENDS_PER_S);
    uint64_t start = bench_ticks();
    for (uint64_t i = 0; i < count; i++) {
        uint64_t due = start + (uint64_t)((double)i * gap_ticks);
        uint64_t before;
        while ((before = bench_ticks()) < due) {
            hf_cpu_pause();
        }
        put(producer);
        if (log != NULL) {
            own_log_sequenced(log, producer->next - 1);
        } else {
            hf_store_release(released, producer->next - 1); /* our own thread reads it */
        }
        hf_histogram_record(histogram, bench_ticks_to_ns(bench_ticks() - before));
    }
}

static void
add_stalls(const struct context *context, const char *name, const struct hf_histogram *histogram)
{
    bench_add_percentiles(context->results, GROUP, name, histogram, BENCH_PING_PONG,
                          context->calibration.ping_pong_ns);
}

static void
measure_stall(const struct context *context, const struct way *way, enum hf_wal_mode mode,
              const char *what)
{
    static struct hf_histogram histogram;
    char directory[BENCH_PATH_BYTES];
    char name[BENCH_NAME_BYTES];
    bench_directory_make(context->options, directory);
    struct own_log *log = open_log(context, directory, way, mode);
    if (log != NULL) {
        struct hf_ring_producer *producer = own_log_producer(log);
        hf_histogram_init(&histogram);
        append_at_rate(producer, log, NULL, ns_of(context->options->seconds), &histogram);
        uint64_t last = producer->next - 1;
        (void)snprintf(name, sizeof(name), "append at 1 M/s, %s", what);
        check_log(context, name, last, 0, own_log_close(log));
        add_stalls(context, name, &histogram);
    }
    bench_directory_remove(directory);
}

static void
measure_floor(const struct context *context)
{
    static struct hf_histogram histogram;
    const uint64_t slots = HF_QUEUE_SLOTS_DEFAULT;
    uint64_t head = 0;
    uint64_t released = 0;
    struct hf_ring_producer producer;
    void *memory = bench_shared(slots * HF_SLOT_BYTES);
    hf_ring_producer_init(&producer, memory, slots, &head, &released, 1);
    hf_histogram_init(&histogram);
    append_at_rate(&producer, NULL, &released, ns_of(context->options->seconds), &histogram);
    add_stalls(context, "append at 1 M/s, no log at all", &histogram);
    bench_unshare(memory, slots * HF_SLOT_BYTES);
}

static void
measure_stalls(const struct context *context)
{
    measure_floor(context);
    measure_stall(context, &ways[0], HF_WAL_MEMORY, "holdfast memory mode");
    for (size_t i = 0; i < WAYS; i++) {
        measure_stall(context, &ways[i], HF_WAL_GROUP, ways[i].name);
    }
}

static void
measure_contestant(const struct context *context, const struct contestant *contestant)
{
    if (!bench_wanted(context->options, contestant->name)) {
        return;
    }
    if (contestant->store == NULL) {
        bench_note(context->results, GROUP, "skipped: %s: not in this build (package %s)",
                   contestant->name, contestant->package);
        return;
    }
    for (size_t i = 0; i < BATCHES; i++) {
        measure_batch(context, contestant->store, batches[i]);
    }
}

/** How much longer the appender is held up by a log that is flushed than by one that is not. */
static void
compare_stalls(struct bench_results *results)
{
    static const char memory[] = "append at 1 M/s, holdfast memory mode p99.99";
    bench_add_quotient(results, GROUP, "append at 1 M/s p99.99, mmap over memory mode",
                       "append at 1 M/s, holdfast mmap p99.99", memory);
    bench_add_quotient(results, GROUP, "append at 1 M/s p99.99, direct over memory mode",
                       "append at 1 M/s, holdfast direct p99.99", memory);
    bench_add_quotient(results, GROUP, "append at 1 M/s p99.99, pmem over memory mode",
                       "append at 1 M/s, holdfast pmem p99.99", memory);
}

void
bench_wal(const struct bench_options *options, struct bench_results *results)
{
    for (unsigned run = 0; run < options->runs; run++) {
        struct context context = {options, results, bench_calibrate(options, results, GROUP)};
        bench_pin(options->cpus[0]);
        for (size_t i = 0; i < CONTESTANTS; i++) {
            measure_contestant(&context, &contestants[i]);
        }
        if (bench_wanted(options, "one stream")) {
            for (size_t i = 0; i < WAYS; i++) {
                measure_stream(&context, &ways[i]);
            }
        }
        if (bench_wanted(options, "append")) {
            measure_stalls(&context);
        }
    }
    compare_stalls(results);
}

int
bench_wal_main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = bench_parse,
        .doc =
            "64-byte records made durable in --directory: in batches that are waited for (our log, "
            "pwrite + fdatasync, and stores from Debian packages that the build found), in one "
            "stream, and what an append costs the thread that does it.\v"
            "Every store is closed, opened again and counted. Ratios are to one raw write and "
            "flush of the same run; those of appends to the ping-pong of one cache line. Names for "
            "--only: those of the stores, one stream, append.",
        .children = bench_children};
    return bench_main(argc, argv, &argp, bench_wal);
}
