/*
 * sync.c - the sync stage: [durable, written) to the medium, then durable_lsn, then the queue slots.
 *
 *   due  at once      SYNC mode, or somebody waits (durable_wanted), or the medium is pmem, where
 *                     what was committed is durable already
 *        else         flush_records wait, or half of what the queue can hold (the other half is what
 *                     the engine goes on with meanwhile: a full queue makes it wait), or the oldest of
 *                     them was first seen flush_interval_ns ago
 *
 * A group grows while a flush runs: written_lsn is read once, at its start, and the next flush takes
 * all that came meanwhile. The range is flushed segment by segment in order, the rest of an old one
 * before the header of the next (format.h: a segment is durable before the first flush of the next).
 *
 * Failure policy: after a failed flush the kernel forgets which pages it could not write, and the next
 * flush would return success for data that the disk does not have. So the first failure is final:
 * nothing is published, nothing released, and every later call returns the same error.
 *
 * `memory` mode flushes nothing: the queue is released as soon as it is written, durable_lsn stays;
 * hf_wal_sync_all() makes up for it at a clean stop.
 */
#include "wal/wal_internal.h"

#include "base/clock.h"
#include "base/histogram.h"
#include "base/planted.h"
#include "wal/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** What the writer has published: the LSN first, then a position at or behind its end (W3). */
struct written {
    uint64_t lsn;
    uint64_t position;
};

static struct written
written_now(const struct hf_wal *wal)
{
    struct written written;
    /* Both pair with the stores in batch_publish(). Seq_cst: it may be the last look before sleeping, which
     * must not pass the store that says so. */
    written.lsn = hf_load_seq_cst(wal->marks.written_lsn);
    written.position = hf_load_acquire(wal->marks.written_position) - hf_wal_position_base(wal);
    return written;
}

static int
flush_failed(struct hf_wal *wal, uint64_t index, uint64_t offset, int error)
{
    char path[PATH_MAX];
    (void)hf_segment_path(path, sizeof(path), wal->directory, wal->start.segment + index);
    wal->sync.failed =
        hf_wal_fail(wal, hf_segment_error(error), error,
                    "%s: flush at offset %llu failed: %s (errno %d); what lies behind LSN %llu "
                    "cannot be called durable any more",
                    path, (unsigned long long)offset, strerror(error), error,
                    (unsigned long long)wal->sync.durable_lsn);
    return wal->sync.failed;
}

/** Flush from sync.flushed up to a position, in order. @return 0 or the final error */
static int
flush_mapped(struct hf_wal *wal, uint64_t position)
{
    struct hf_wal_sync *sync = &wal->sync;
    while (sync->flushed < position) {
        uint64_t index = sync->flushed / wal->config.segment_bytes;
        uint64_t offset = sync->flushed % wal->config.segment_bytes;
        uint64_t end = position - index * wal->config.segment_bytes;
        struct hf_wal_file *file = &hf_wal_segment_at(wal, index)->file;
        if (HF_PLANTED(OLD_SEGMENT_UNFLUSHED) && end > wal->config.segment_bytes) {
            sync->flushed += wal->config.segment_bytes - offset;
            continue;
        }
        if (end > wal->config.segment_bytes) {
            end = wal->config.segment_bytes;
        }
        int result = file->io->flush(file, offset, end - offset);
        if (result != 0 && HF_PLANTED(FLUSH_RETRIED)) {
            result = file->io->flush(file, offset, end - offset);
        }
        if (result != 0 && !HF_PLANTED(FLUSH_ERROR_IGNORED)) {
            return flush_failed(wal, index, offset, -result);
        }
        sync->flushed += end - offset;
    }
    return 0;
}

/* Relaxed, all of them: statistics, only this thread stores them. */

static void
note_begin(const struct hf_wal *wal, uint64_t begin_ns)
{
    if (wal->marks.metrics != NULL) {
        struct hf_metrics_sync *metrics = &wal->marks.metrics->sync;
        uint64_t sequenced = hf_load_relaxed(wal->marks.sequenced_lsn);
        uint64_t durable = wal->sync.durable_lsn;
        hf_store_relaxed(&metrics->flush_since_ns, begin_ns);
        hf_histogram_publish(&metrics->queue_depth, sequenced > durable ? sequenced - durable : 0,
                             1);
    }
}

static void
note_end(const struct hf_wal *wal, uint64_t took_ns, uint64_t bytes)
{
    if (wal->marks.metrics != NULL) {
        struct hf_metrics_sync *metrics = &wal->marks.metrics->sync;
        hf_store_relaxed(&metrics->flush_since_ns, 0);
        hf_store_relaxed(&metrics->flushed_bytes, metrics->flushed_bytes + bytes);
        hf_histogram_publish(&metrics->flush_ns, took_ns, 1);
        hf_histogram_publish(&metrics->flush_bytes, bytes, 1);
    }
}

static void
note_durable(const struct hf_wal *wal, uint64_t lsn, uint64_t records)
{
    if (wal->marks.metrics != NULL) {
        struct hf_metrics_sync *metrics = &wal->marks.metrics->sync;
        hf_histogram_publish(&metrics->flush_records, records, 1);
        hf_trace_durable(wal->marks.trace, lsn, metrics);
    }
}

static int
flush_measured(struct hf_wal *wal, uint64_t position)
{
    struct hf_wal_sync *sync = &wal->sync;
    uint64_t flushed = sync->flushed;
    uint64_t begin_ns = hf_clock_monotonic_ns();
    note_begin(wal, begin_ns);
    int result = flush_mapped(wal, position);
    uint64_t took_ns = hf_clock_monotonic_ns() - begin_ns;
    note_end(wal, took_ns, sync->flushed - flushed);
    sync->flush_ns_sum += took_ns;
    sync->flush_ns_max = took_ns > sync->flush_ns_max ? took_ns : sync->flush_ns_max;
    /* Relaxed: statistics, only this thread stores them. */
    hf_store_relaxed(wal->marks.flushes, ++sync->flushes);
    hf_store_relaxed(wal->marks.flush_ns_sum, sync->flush_ns_sum);
    hf_store_relaxed(wal->marks.flush_ns_max, sync->flush_ns_max);
    return result;
}

/** Segments that end before this position are left by the writer: theirs is the preparer now. */
static void
segments_retire(struct hf_wal *wal, uint64_t position)
{
    /* A position on the border itself may still have the writer in the old segment. */
    uint64_t retired = (position - 1) / wal->config.segment_bytes;
    if (retired > wal->sync.retired) {
        wal->sync.retired = retired;
        /* Pairs with the acquire in prepare.c: our flushes of them are done. */
        hf_store_release(&wal->retired, retired);
    }
}

static void
queue_release(struct hf_wal *wal, uint64_t lsn)
{
    wal->sync.released_lsn = lsn;
    /* Pairs with the load in hf_ring_refresh(): the writer's reads of the slots, which happened before its
     * store of written_lsn, are done. Seq_cst: an engine that sleeps for want of room is woken next. */
    hf_store_seq_cst(&wal->queue->released, lsn);
}

static void
durable_publish(struct hf_wal *wal, struct written written)
{
    HF_ASSERT("W1", written.lsn >= wal->sync.durable_lsn);
    uint64_t records = written.lsn - wal->sync.durable_lsn;
    wal->sync.durable_lsn = written.lsn;
    wal->sync.oldest_seen_ns = 0;
    /* W2. Pairs with acquires of clients, engine and writer: the flush has returned success. Seq_cst as in
     * queue_release(). */
    hf_store_seq_cst(wal->marks.durable_lsn, written.lsn);
    queue_release(wal, written.lsn);
    segments_retire(wal, written.position);
    note_durable(wal, written.lsn, records);
}

/** The last flush has taken the right to write from the page that records go on in. Have it back while there is
 *  nothing to do, and not when the next record comes, for which somebody may wait. Its segment is not
 *  retired (W6), for nothing has been flushed behind it. */
static void
tail_populate(struct hf_wal *wal)
{
    uint64_t offset = wal->sync.flushed % wal->config.segment_bytes;
    uint64_t beyond = offset % HF_WAL_BLOCK_BYTES;
    if (wal->sync.tail_taken && beyond != 0) {
        struct hf_wal_file *file =
            &hf_wal_segment_at(wal, wal->sync.flushed / wal->config.segment_bytes)->file;
        file->io->populate(file, offset - beyond, HF_WAL_BLOCK_BYTES);
    }
    wal->sync.tail_taken = false;
}

/** X1: behind the flush that has entered a segment, before anybody hears of it. */
static int
witness_raise(struct hf_wal *wal, struct written written)
{
    uint64_t index = (written.position - 1) / wal->config.segment_bytes;
    if (index <= wal->sync.witnessed) {
        return 0;
    }
    int result = hf_wal_witness(wal, index, written.lsn);
    if (result != 0) {
        wal->sync.failed =
            hf_wal_fail(wal, hf_segment_error(-result), -result,
                        "%s/LOCK: storing that segment %" PRIu64 " is in use: %s (errno %d)",
                        wal->directory, wal->start.segment + index, strerror(-result), -result);
        return wal->sync.failed;
    }
    wal->sync.witnessed = index;
    return 0;
}

static int
flush_witnessed(struct hf_wal *wal, struct written written)
{
    int result = flush_measured(wal, written.position);
    return result == 0 ? witness_raise(wal, written) : result;
}

static bool
flush_due(const struct hf_wal *wal, uint64_t written_lsn, uint64_t now_ns)
{
    const struct hf_wal_sync *sync = &wal->sync;
    if (wal->config.mode == HF_WAL_SYNC || wal->io->commit_is_durable) {
        return true;
    }
    if (written_lsn - sync->durable_lsn >= hf_wal_flush_records(wal)) {
        return true;
    }
    /* Pairs with the engine's store; a wish seen late is seen at the next call. */
    if (hf_load_seq_cst(wal->marks.durable_wanted) > sync->durable_lsn) {
        return true;
    }
    return now_ns >= hf_wal_sync_due_ns(wal);
}

static int64_t
memory_release(struct hf_wal *wal, struct written written)
{
    uint64_t before = wal->sync.released_lsn;
    if (written.lsn == before) {
        return 0;
    }
    queue_release(wal, written.lsn);
    segments_retire(wal, written.position);
    if (wal->marks.metrics != NULL) {
        hf_trace_durable(wal->marks.trace, written.lsn, NULL);
    }
    return (int64_t)(written.lsn - before);
}

int64_t
hf_wal_sync_do_work(struct hf_wal *wal, uint64_t now_ns)
{
    struct hf_wal_sync *sync = &wal->sync;
    if (sync->failed != 0) {
        return sync->failed;
    }
    struct written written = written_now(wal);
    if (wal->config.mode == HF_WAL_MEMORY) {
        if (HF_PLANTED(MEMORY_CALLED_DURABLE)) {
            hf_store_seq_cst(wal->marks.durable_lsn, written.lsn);
        }
        return memory_release(wal, written);
    }
    uint64_t before = sync->durable_lsn;
    if (written.lsn == before) {
        tail_populate(wal);
        return 0;
    }
    if (sync->oldest_seen_ns == 0) {
        sync->oldest_seen_ns = now_ns;
    }
    if (HF_PLANTED(QUEUE_RELEASED_EARLY)) {
        queue_release(wal, written.lsn);
    }
    if (!flush_due(wal, written.lsn, now_ns)) {
        return 0;
    }
    if (HF_PLANTED(DURABLE_BEFORE_FLUSH)) {
        hf_store_release(wal->marks.durable_lsn, written.lsn);
    }
    int result = flush_witnessed(wal, written);
    if (result != 0) {
        return result;
    }
    if (HF_PLANTED(APPENDED_COUNTED)) {
        written = written_now(wal);
        sync->flushed = written.position;
    }
    durable_publish(wal, written);
    sync->tail_taken = true;
    return (int64_t)(written.lsn - before);
}

uint64_t
hf_wal_flush_records(const struct hf_wal *wal)
{
    return hf_load_relaxed(&wal->config.flush_records); /* an old one does for a flush more */
}

void
hf_wal_tune(struct hf_wal *wal, uint64_t flush_interval_ns, uint64_t flush_records)
{
    uint64_t most = wal->queue->slots / 2;
    hf_store_relaxed(&wal->config.flush_interval_ns, flush_interval_ns);
    hf_store_relaxed(&wal->config.flush_records, flush_records < most ? flush_records : most);
}

uint64_t
hf_wal_sync_due_ns(const struct hf_wal *wal)
{
    uint64_t seen_ns = wal->sync.oldest_seen_ns;
    uint64_t interval_ns = hf_load_relaxed(&wal->config.flush_interval_ns); /* as above */
    if (seen_ns == 0 || seen_ns > UINT64_MAX - interval_ns) {
        return UINT64_MAX;
    }
    return seen_ns + interval_ns;
}

/** fdatasync of a segment that is unmapped already (`memory` mode). @return 0 or the final error */
static int
flush_by_name(struct hf_wal *wal, uint64_t index)
{
    char path[PATH_MAX];
    int error = 0;
    (void)hf_segment_path(path, sizeof(path), wal->directory, wal->start.segment + index);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return flush_failed(wal, index, 0, errno);
    }
    if (fdatasync(fd) != 0) {
        error = errno;
    }
    (void)close(fd);
    return error == 0 ? 0 : flush_failed(wal, index, 0, error);
}

/** Flush by name what `memory` mode retired without a flush. */
static int
flush_retired(struct hf_wal *wal)
{
    struct hf_wal_sync *sync = &wal->sync;
    int result = 0;
    while (result == 0 && sync->flushed / wal->config.segment_bytes < sync->retired) {
        uint64_t index = sync->flushed / wal->config.segment_bytes;
        result = HF_PLANTED(RETIRED_UNFLUSHED) ? 0 : flush_by_name(wal, index);
        if (result == 0) {
            sync->flushed = (index + 1) * wal->config.segment_bytes;
        }
    }
    return result;
}

int64_t
hf_wal_sync_all(struct hf_wal *wal)
{
    struct hf_wal_sync *sync = &wal->sync;
    if (sync->failed != 0) {
        return sync->failed;
    }
    struct written written = written_now(wal);
    uint64_t before = sync->durable_lsn;
    if (written.lsn == before) {
        return 0;
    }
    int result = flush_retired(wal);
    if (result == 0) {
        result = flush_witnessed(wal, written);
    }
    if (result != 0) {
        return result;
    }
    durable_publish(wal, written);
    return (int64_t)(written.lsn - before);
}
