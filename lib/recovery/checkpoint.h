/*
 * checkpoint.h - the checkpointer: a second replay of the log, behind durable_lsn, that writes a snapshot
 * every so many records or seconds, and lets go of what need not stay (retain.h).
 *
 *   durable_lsn ──► scan on, apply ──┬─ due? ──► snapshot ──► retain
 *                    own core        └─ the next step
 *
 * It begins where a start would begin (restore.h), reads the files and nothing else, and has a state
 * machine of its own: the engine does not know of it, and recovery is exercised all the time.
 *
 * K1  nothing that is not durable is read, applied or written, nor stands before the position of a snapshot
 * K2  whatever goes wrong costs a snapshot, never the daemon: it is told, counted, and after a while the
 *     checkpointer begins anew
 * K3  one call takes a bounded number of records, or writes one snapshot
 */
#ifndef HF_RECOVERY_CHECKPOINT_H
#define HF_RECOVERY_CHECKPOINT_H

#include "recovery/replay.h"
#include "recovery/restore.h"

#define HF_CHECKPOINT_STEP_RECORDS 65536u
#define HF_CHECKPOINT_RETRY_NS 60000000000u

struct hf_checkpoint_config {
    const char *directory;
    uint64_t every_records; /**< since the last snapshot; 0: not by number */
    uint64_t every_ns;      /**< since the last look at the clock; 0: not by time */
    uint64_t reserve_bytes; /**< space that is left to the log */
    uint64_t keep_bytes;    /**< retain.h */
    uint64_t keep_ns;       /**< retain.h */
};

/** What of it may change while the checkpointer runs. */
struct hf_checkpoint_pace {
    uint64_t every_records;
    uint64_t every_ns;
    uint64_t keep_bytes;
    uint64_t keep_ns;
};

struct hf_checkpoint {
    /* set before the first call */
    struct hf_checkpoint_config config;
    const uint64_t *durable_lsn; /**< of the status page */
    const uint64_t *needed_lsn;  /**< R2; 0, or NULL: nobody needs anything */
    const uint32_t *cancel;      /**< non-zero: no snapshot is begun or ended */
    /* what it has done, for the status page */
    uint64_t snapshot_lsn; /**< of the newest one; 0: none */
    uint64_t snapshots;    /**< written */
    uint64_t failures;
    /* its own */
    bool begun;
    struct hf_replay replay;
    struct hf_log_position position;
    uint32_t last_type; /**< of the record before the position */
    uint64_t looked_ns; /**< from when on time makes a snapshot due; 0: to be set */
    uint64_t retry_ns;  /**< not before this time, after a failure */
    uint64_t told_lsn;  /**< what a session needed when it was last told that this goes */
};

/** One step. @return records applied, 1 for anything else that was done, 0: nothing to do now.
 *  Thread: checkpointer */
int64_t hf_checkpoint_do_work(struct hf_checkpoint *checkpoint, uint64_t now_ns);

/** Whether anything makes a snapshot due at all. */
bool hf_checkpoint_wanted(const struct hf_checkpoint *checkpoint);

/** Another pace, from the next step on. Thread: any one beside the checkpointer */
void hf_checkpoint_tune(struct hf_checkpoint *checkpoint, const struct hf_checkpoint_pace *pace);

/** Go on to durable_lsn and write a snapshot there, whether one is due or not; not when there are more than
 *  records_max left to replay. For a clean stop, once the threads are gone. @return 0: there is one now;
 *  HF_AGAIN: too many records; or a code, told and counted */
int hf_checkpoint_finish(struct hf_checkpoint *checkpoint, uint64_t records_max);

/** Free the core. */
void hf_checkpoint_free(struct hf_checkpoint *checkpoint);

#endif
