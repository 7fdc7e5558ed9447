/*
 * write_logs.c - random command streams as real logs.
 *
 *   write_logs DIRECTORY FROM TO             DIRECTORY/1, DIRECTORY/2...: one log a stream, of seeds FROM to TO
 *   write_logs DIRECTORY FROM TO choose N    of streams of N steps only those that reach something that none
 *                                            before has reached, until there is nothing left to reach
 *
 * The streams are those of the differential test, with everything in the rule book; a log is written by
 * the daemon's own stages. Digest records stand in it as the engine would write them, so a replay that
 * differs by one report is refused as damage.
 */
#include "model/coverage.h"
#include "model/generate.h"
#include "wal/wal.h"

#include "base/panic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_SLOTS 4096u
#define INSTANCE_ID 0x5eedu
#define DIGEST_EVERY 64u /* steps */

static struct coverage reached;

struct log {
    struct hf_region queue;
    struct hf_ring_producer producer;
    uint64_t word[9]; /**< what the status page holds in the daemon */
    struct hf_watermarks marks;
    struct hf_wal *wal;
};

static void
must(int64_t result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "write_logs: %s: %s\n", what, hf_strerror((int)result));
        exit(1);
    }
}

static void
log_open(struct log *log, const char *directory)
{
    char instance[HF_NAME_BYTES];
    char text[512];
    uint64_t *word = log->word;
    struct hf_wal_config config = {.directory = directory,
                                   .instance_id = INSTANCE_ID,
                                   .segment_bytes = HF_SEGMENT_BYTES_MIN,
                                   .io = HF_WAL_IO_AUTO,
                                   .mode = HF_WAL_MEMORY,
                                   .flush_interval_ns = 1000000,
                                   .flush_records = 1000,
                                   .reserve_segments = 1};
    struct hf_wal_start start = {.epoch = 1, .segment = 1, .base_lsn = 1};
    memset(log, 0, sizeof(*log));
    log->marks = (struct hf_watermarks){.sequenced_lsn = &word[0],
                                        .written_lsn = &word[1],
                                        .written_position = &word[2],
                                        .durable_lsn = &word[3],
                                        .groups = &word[4],
                                        .flushes = &word[5],
                                        .flush_ns_sum = &word[6],
                                        .flush_ns_max = &word[7],
                                        .durable_wanted = &word[8]};
    snprintf(instance, sizeof(instance), "write_logs.%d", (int)getpid());
    must(mkdir(directory, 0777) == 0 || errno == EEXIST ? 0 : HF_E_SYSTEM, directory);
    must(hf_queue_create(&log->queue, instance, QUEUE_SLOTS), "the queue");
    hf_region_unlink(log->queue.name);
    must(hf_wal_open(&log->wal, &config, &start, &log->queue, &log->marks, text, sizeof(text)),
         text);
    hf_queue_stamp(&log->queue, INSTANCE_ID, 1, start.epoch, start.base_lsn);
    hf_queue_producer(&log->queue, &log->producer);
}

/** Everything that is in the queue goes into the segments. */
static void
log_write(struct log *log)
{
    for (int64_t work = 1; work > 0;) {
        work = hf_wal_writer_do_work(log->wal);
        must(work, "the writer");
        int64_t prepared = hf_wal_prepare_do_work(log->wal, 1);
        must(prepared, "the preparer");
        work += prepared;
    }
    must(hf_wal_sync_all(log->wal), "the flush");
}

static void
log_append(struct log *log, const struct hf_record *record, const struct hf_record *more)
{
    const struct hf_record both[HF_MESSAGE_SLOTS_MAX] = {*record, more == NULL ? *record : *more};
    unsigned slots = more == NULL ? 1 : 2;
    if (hf_ring_claim(&log->producer, slots) != HF_OK) {
        log_write(log);
        must(hf_ring_claim(&log->producer, slots), "the queue is full");
    }
    HF_ASSERT("LSNs have no gap", log->producer.next == record->lsn);
    hf_ring_publish_copy(&log->producer, both, slots);
    log->word[0] = log->producer.next - 1;
}

static void
log_close(struct log *log)
{
    log_write(log);
    hf_wal_close(log->wal);
    hf_region_detach(&log->queue);
}

static void
append_applied(struct log *log, const struct rig *rig)
{
    log_append(log, &rig->record, rig->record.slots == 2 ? &rig->more : NULL);
}

/** A step of the daemon's own: the digest of all that was said so far. */
static size_t
add_digest(const struct rig *rig, struct stream *stream, const struct generator *generator)
{
    stream->steps[stream->count] =
        (struct step){.record = {.time_ns = generator->time_ns,
                                 .type = HF_RECORD_DIGEST,
                                 .slots = 1,
                                 .digest = {.digest = hf_core_digest(rig->core)}}};
    return stream->count++;
}

static void
apply_step(struct log *log, struct rig *rig, const struct stream *stream, size_t number)
{
    bool was_applied;
    if (!rig_apply(rig, stream, number, &was_applied)) {
        fprintf(stderr, "write_logs: %s\n", rig->failure);
        exit(1);
    }
    if (was_applied && log != NULL) {
        append_applied(log, rig);
    }
    if (was_applied && log == NULL) {
        coverage_count(&reached, rig);
    }
}

/** Into a log or, if that is NULL, to see what it reaches. */
static void
run_stream(struct log *log, uint64_t seed, size_t steps, struct rig *rig, struct stream *stream)
{
    struct generator generator;
    memset(stream, 0, sizeof(*stream));
    generate_start(&generator, seed, GENERATE_ALL, rig, stream);
    rig_start(rig, &stream->limits);
    if (log != NULL) {
        append_applied(log, rig);
    }
    size_t next = 0;
    while (next < steps) {
        if (next == stream->count) {
            generate_step(&generator);
        }
        apply_step(log, rig, stream, next++);
        if (next % DIGEST_EVERY == 0 && next == stream->count && next < steps) {
            next = add_digest(rig, stream, &generator);
            apply_step(log, rig, stream, next++);
        }
    }
}

/** One log, and a line that says what came of it. */
static void
write_stream(const char *directory, uint64_t seed, size_t steps, struct rig *rig,
             struct stream *stream)
{
    char path[512];
    struct log log;
    snprintf(path, sizeof(path), "%s/%" PRIu64, directory, seed);
    log_open(&log, path);
    run_stream(&log, seed, steps, rig, stream);
    log_close(&log);
    printf("%" PRIu64 ": seed %" PRIu64 ", LSN %" PRIu64 ", digest %016" PRIx64 "\n", seed, seed,
           hf_core_lsn(rig->core), hf_core_digest(rig->core));
}

/** Whether a stream reaches what none before has reached. */
static bool
reaches_more(uint64_t seed, size_t steps, struct rig *rig, struct stream *stream)
{
    size_t before = coverage_missing(NULL, &reached);
    run_stream(NULL, seed, steps, rig, stream);
    return coverage_missing(NULL, &reached) < before;
}

int
main(int argc, char **argv)
{
    bool chooses = argc == 6 && strcmp(argv[4], "choose") == 0;
    if (argc != 4 && !chooses) {
        fprintf(stderr, "usage: write_logs DIRECTORY FROM TO [choose STEPS]\n");
        return 2;
    }
    struct rig *rig = rig_create();
    struct stream *stream = calloc(1, sizeof(*stream));
    HF_ASSERT("the test has memory", stream != NULL);
    uint64_t from = strtoull(argv[2], NULL, 10);
    uint64_t to = strtoull(argv[3], NULL, 10);
    size_t steps = chooses ? strtoull(argv[5], NULL, 10) : STREAM_STEPS_MAX;
    HF_ASSERT("a stream has so many steps", steps <= STREAM_STEPS_MAX);
    for (uint64_t seed = from; seed <= to; seed++) {
        if (!chooses || reaches_more(seed, steps, rig, stream)) {
            write_stream(argv[1], seed, steps, rig, stream);
        }
        if (chooses && coverage_missing(NULL, &reached) == 0) {
            break;
        }
    }
    size_t missing = chooses ? coverage_missing(stderr, &reached) : 0;
    rig_destroy(rig);
    free(stream);
    return missing == 0 ? 0 : 1;
}
