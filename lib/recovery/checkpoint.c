/*
 * checkpoint.c - the checkpointer's stage (checkpoint.h).
 */
#include "recovery/checkpoint.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "base/log.h"
#include "recovery/retain.h"
#include "recovery/scan.h"

#include <holdfast/error.h>
#include <inttypes.h>

/** K2. What was replayed so far may be what is wrong: begin anew. */
static int
failed(struct hf_checkpoint *checkpoint, uint64_t now_ns, int code, const char *text)
{
    hf_log(HF_LOG_WARNING, "no snapshot: %s", text);
    checkpoint->failures++;
    checkpoint->retry_ns = now_ns + HF_CHECKPOINT_RETRY_NS;
    hf_checkpoint_free(checkpoint);
    return code;
}

/* The pace: words that another thread stores. Relaxed: each is a number by itself, and an old one does for a
 * step more. */

bool
hf_checkpoint_wanted(const struct hf_checkpoint *checkpoint)
{
    return hf_load_relaxed(&checkpoint->config.every_records) != 0 ||
           hf_load_relaxed(&checkpoint->config.every_ns) != 0;
}

void
hf_checkpoint_tune(struct hf_checkpoint *checkpoint, const struct hf_checkpoint_pace *pace)
{
    hf_store_relaxed(&checkpoint->config.every_records, pace->every_records);
    hf_store_relaxed(&checkpoint->config.every_ns, pace->every_ns);
    hf_store_relaxed(&checkpoint->config.keep_bytes, pace->keep_bytes);
    hf_store_relaxed(&checkpoint->config.keep_ns, pace->keep_ns);
}

/* Beginning */

static void
on_refused(void *context, const char *text)
{
    (void)context;
    hf_log(HF_LOG_WARNING, "%s", text);
}

/** @param durable  no snapshot can be beyond it, but one of a log that was put back may be */
static int
begin(struct hf_checkpoint *checkpoint, uint64_t durable, uint64_t now_ns)
{
    struct hf_restore restore = {
        .directory = checkpoint->config.directory, .lsn_max = durable, .refused = on_refused};
    checkpoint->replay = (struct hf_replay){.numa_node = -1, .background = true};
    int error = hf_snapshot_remove_temporary(checkpoint->config.directory);
    int code = error == 0 ? hf_restore(&restore, &checkpoint->replay) : HF_E_SYSTEM;
    if (code != HF_OK) {
        return failed(checkpoint, now_ns, code,
                      error == 0 ? checkpoint->replay.text : "the directory cannot be cleaned");
    }
    checkpoint->position = restore.position;
    checkpoint->last_type = restore.position.last_type;
    checkpoint->snapshot_lsn = restore.position.lsn;
    checkpoint->begun = true;
    return HF_OK;
}

/* Following */

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct hf_checkpoint *checkpoint = context;
    checkpoint->last_type = record->type;
    return hf_replay_record(&checkpoint->replay, record, more, file, offset);
}

/** K1. @return 0 or a code */
static int
follow(struct hf_checkpoint *checkpoint, uint64_t until, uint64_t now_ns)
{
    struct hf_scan_result scan;
    const struct hf_scan_watch watch = {
        .context = checkpoint,
        .record = on_record,
        .ahead = hf_replay_ahead,
        .ahead_context = &checkpoint->replay,
        .last_lsn = until,
        .from = checkpoint->position.lsn == 0 ? NULL : &checkpoint->position,
    };
    int code = hf_scan_watched(checkpoint->config.directory, until, &watch, &scan);
    if (code != HF_OK) {
        return failed(checkpoint, now_ns, code,
                      checkpoint->replay.code != HF_OK ? checkpoint->replay.text : scan.text);
    }
    hf_scan_position(&scan, checkpoint->last_type, &checkpoint->position);
    return HF_OK;
}

static int64_t
follow_step(struct hf_checkpoint *checkpoint, uint64_t durable, uint64_t now_ns)
{
    uint64_t before = checkpoint->position.lsn;
    uint64_t left = durable - before;
    uint64_t step = left < HF_CHECKPOINT_STEP_RECORDS ? left : HF_CHECKPOINT_STEP_RECORDS;
    int code = follow(checkpoint, before + step, now_ns);
    return code == HF_OK ? (int64_t)(checkpoint->position.lsn - before) : 0;
}

/* Writing */

/** Once for what a session needs: as long as it does not read, it is so with every other snapshot. */
static void
tell_overruled(struct hf_checkpoint *checkpoint, const struct hf_retain *retain)
{
    bool told = retain->needed_lsn == checkpoint->told_lsn;
    if (retain->overruled && !told) {
        hf_log(HF_LOG_WARNING,
               "log retention: a session with missing reports needs the log from LSN %" PRIu64
               " on, but the log is twice as long or old as it is to be kept, and is shortened. "
               "That ends when its client reads or closes it; `holdfast status` says who has "
               "unread reports",
               retain->needed_lsn);
        checkpoint->told_lsn = retain->needed_lsn;
    } else if (retain->needed_lsn == 0) {
        checkpoint->told_lsn = 0;
    }
}

static void
let_go(struct hf_checkpoint *checkpoint)
{
    struct hf_retain retain = {
        .directory = checkpoint->config.directory,
        .keep_bytes = hf_load_relaxed(&checkpoint->config.keep_bytes),
        .keep_ns = hf_load_relaxed(&checkpoint->config.keep_ns),
        .needed_lsn = /* relaxed: it is a little old in any case */
        checkpoint->needed_lsn == NULL ? 0 : hf_load_relaxed(checkpoint->needed_lsn),
        .now_wall_ns = hf_clock_wall_ns(),
    };
    if (hf_retain(&retain) != HF_OK) {
        hf_log(HF_LOG_WARNING, "log retention: %s", retain.text);
        checkpoint->failures++;
    }
    tell_overruled(checkpoint, &retain);
    if (retain.held) {
        hf_log(HF_LOG_NOTICE,
               "log retention: another program reads the log: nothing is removed now");
    }
    if (retain.hold_overruled) {
        hf_log(HF_LOG_WARNING,
               "log retention: another program has read the log for too long: it is "
               "not waited for any more");
    }
    if (retain.segments_removed > 0) {
        hf_log(HF_LOG_INFO,
               "log retention: %" PRIu64 " segments removed, the log begins with number %" PRIu64,
               retain.segments_removed, retain.first_segment);
    }
}

static int
write_snapshot(struct hf_checkpoint *checkpoint, uint64_t now_ns)
{
    char text[HF_SNAPSHOT_TEXT_BYTES];
    const struct hf_snapshot_order order = {
        .directory = checkpoint->config.directory,
        .core = checkpoint->replay.core,
        .position = &checkpoint->position,
        .reserve_bytes = checkpoint->config.reserve_bytes,
        .cancel = checkpoint->cancel,
    };
    int code = hf_snapshot_write(&order, text);
    if (code == HF_AGAIN) {
        return code; /* the daemon stops */
    }
    if (code != HF_OK) {
        return failed(checkpoint, now_ns, code, text);
    }
    checkpoint->snapshot_lsn = checkpoint->position.lsn;
    checkpoint->snapshots++;
    let_go(checkpoint);
    return HF_OK;
}

static bool
is_due(struct hf_checkpoint *checkpoint, uint64_t durable, uint64_t now_ns)
{
    uint64_t every_records = hf_load_relaxed(&checkpoint->config.every_records);
    uint64_t every_ns = hf_load_relaxed(&checkpoint->config.every_ns);
    uint64_t records = checkpoint->position.lsn - checkpoint->snapshot_lsn;
    if (checkpoint->looked_ns == 0) {
        checkpoint->looked_ns = now_ns;
    }
    if (records == 0) {
        return false;
    }
    if (every_records != 0 && records >= every_records) {
        return true;
    }
    return every_ns != 0 && now_ns - checkpoint->looked_ns >= every_ns &&
           checkpoint->position.lsn == durable;
}

static bool
is_cancelled(const struct hf_checkpoint *checkpoint)
{
    return checkpoint->cancel != NULL && hf_load_relaxed(checkpoint->cancel) != 0; /* soon */
}

int64_t
hf_checkpoint_do_work(struct hf_checkpoint *checkpoint, uint64_t now_ns)
{
    /* Pairs with the sync thread's release: the records are in the files. */
    uint64_t durable = hf_load_acquire(checkpoint->durable_lsn);
    if (now_ns < checkpoint->retry_ns || durable == 0 || is_cancelled(checkpoint)) {
        return 0;
    }
    if (!checkpoint->begun) {
        return begin(checkpoint, durable, now_ns) == HF_OK;
    }
    if (is_due(checkpoint, durable, now_ns)) {
        checkpoint->looked_ns = now_ns;
        return write_snapshot(checkpoint, now_ns) == HF_OK;
    }
    return checkpoint->position.lsn < durable ? follow_step(checkpoint, durable, now_ns) : 0;
}

int
hf_checkpoint_finish(struct hf_checkpoint *checkpoint, uint64_t records_max)
{
    uint64_t durable = hf_load_acquire(checkpoint->durable_lsn); /* the threads are gone */
    uint64_t now_ns = hf_clock_monotonic_ns();
    int code = checkpoint->begun || durable == 0 ? HF_OK : begin(checkpoint, durable, now_ns);
    if (code != HF_OK || checkpoint->snapshot_lsn == durable) {
        return code;
    }
    if (durable - checkpoint->position.lsn > records_max) {
        return HF_AGAIN;
    }
    if (checkpoint->position.lsn < durable) {
        code = follow(checkpoint, durable, now_ns);
    }
    return code == HF_OK ? write_snapshot(checkpoint, now_ns) : code;
}

void
hf_checkpoint_free(struct hf_checkpoint *checkpoint)
{
    hf_replay_free(&checkpoint->replay);
    checkpoint->begun = false;
}
