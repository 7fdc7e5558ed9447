/* recovery_log.c - logs to recover from (recovery_log.h). */
#include "recovery_log.h"

#include "own_log.h"
#include "wait.h"

#include "base/numa.h"
#include "recovery/checkpoint.h"

#include <stdio.h>

#define FIRST_NS 1700000000000000000u
#define STEP_NS 200u /* between two records: 5 million a second */
#define DIGEST_RECORDS 1024u

struct maker {
    const struct core_stream *stream;
    struct own_log *log;
    struct hf_ring_producer *producer;
    struct hf_core *core;
    void *memory;
    size_t bytes;
    uint64_t digest_lsn; /**< of the last digest */
};

static void
publish(void *context, const struct hf_record *record, const struct hf_record *more)
{
    struct maker *maker = context;
    const struct hf_record both[HF_MESSAGE_SLOTS_MAX] = {*record, more == NULL ? *record : *more};
    uint32_t looks = 0;
    while (hf_ring_claim(maker->producer, HF_MESSAGE_SLOTS_MAX) != HF_OK) {
        own_log_sequenced(maker->log, maker->producer->next - 1);
        bench_wait(&looks);
    }
    hf_ring_publish_copy(maker->producer, both, record->slots);
}

static void
append(struct maker *maker, struct hf_record *records)
{
    uint64_t lsn = hf_core_lsn(maker->core) + 1;
    for (unsigned i = 0; i < records[0].slots; i++) {
        records[i].lsn = lsn + i;
        records[i].time_ns = FIRST_NS + lsn * STEP_NS;
    }
    const struct hf_record *more = records[0].slots == 2 ? &records[1] : NULL;
    publish(maker, &records[0], more);
    hf_core_apply(maker->core, &records[0], more, NULL);
}

static void
append_digest(struct maker *maker)
{
    struct hf_record record = {
        .type = HF_RECORD_DIGEST, .slots = 1, .digest = {.digest = hf_core_digest(maker->core)}};
    append(maker, &record);
    maker->digest_lsn = hf_core_lsn(maker->core);
}

/** Records [from, to) of the stream, and a digest behind the last one. */
static void
append_stream(struct maker *maker, size_t from, size_t to)
{
    const struct hf_record *records = maker->stream->records;
    for (size_t at = from; at < to; at += records[at].slots) {
        struct hf_record copy[HF_MESSAGE_SLOTS_MAX] = {records[at]};
        if (records[at].slots == 2) {
            copy[1] = records[at + 1];
        }
        append(maker, copy);
        if (hf_core_lsn(maker->core) - maker->digest_lsn >= DIGEST_RECORDS) {
            append_digest(maker);
        }
    }
    append_digest(maker);
}

static void
open_maker(struct maker *maker, const struct recovery_log_setup *setup)
{
    char why[256];
    const struct own_log_setup own = {.directory = setup->directory,
                                      .io = HF_WAL_IO_MMAP,
                                      .mode = HF_WAL_MEMORY,
                                      .segment_bytes = setup->segment_bytes,
                                      .cpu = setup->cpus[1]};
    maker->log = own_log_open(&own, why);
    if (maker->log == NULL) {
        bench_die("%s: no log: %s", setup->directory, why);
    }
    maker->producer = own_log_producer(maker->log);
    maker->core =
        core_open_heard(maker->stream, &maker->memory, &maker->bytes, FIRST_NS, publish, maker);
}

/** The checkpointer does it, as beside a daemon of which no more is durable. */
static void
make_snapshot(const char *directory, uint64_t lsn)
{
    struct hf_checkpoint checkpoint = {.config = {.directory = directory}, .durable_lsn = &lsn};
    if (hf_checkpoint_finish(&checkpoint, UINT64_MAX) != HF_OK || checkpoint.snapshot_lsn != lsn) {
        bench_die("%s: no snapshot of LSN %llu", directory, (unsigned long long)lsn);
    }
    hf_checkpoint_free(&checkpoint);
}

void
recovery_log_make(const struct recovery_log_setup *setup, const struct core_stream *stream,
                  struct recovery_log *log)
{
    struct maker maker = {.stream = stream};
    open_maker(&maker, setup);
    append_stream(&maker, 0, stream->warm);
    uint64_t built_lsn = hf_core_lsn(maker.core);
    append_stream(&maker, stream->warm, stream->count);
    *log = (struct recovery_log){.last_lsn = hf_core_lsn(maker.core),
                                 .digest = hf_core_digest(maker.core),
                                 .open_orders = hf_core_open_orders(maker.core)};
    own_log_sequenced(maker.log, log->last_lsn);
    if (own_log_close(maker.log) != log->last_lsn) {
        bench_die("%s: the log does not end with LSN %llu", setup->directory,
                  (unsigned long long)log->last_lsn);
    }
    hf_memory_free(maker.memory, maker.bytes);
    if (setup->snapshot) {
        make_snapshot(setup->directory, built_lsn);
        log->snapshot_lsn = built_lsn;
    }
}
