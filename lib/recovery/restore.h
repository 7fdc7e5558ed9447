/*
 * restore.h - the state machine from the newest snapshot that can be used, or the oldest: what the daemon's
 * start, the checkpointer, the gap service and tools begin with; the log behind it is replayed as always.
 *
 *   snapshots, newest first ──► whole? ours? its record in the log? wanted? ──► core, position
 *                                  └── no ──► named, the next older one ──► none: from the first record
 */
#ifndef HF_RECOVERY_RESTORE_H
#define HF_RECOVERY_RESTORE_H

#include "recovery/replay.h"
#include "recovery/snapshot.h"

struct hf_restore {
    /* set by the caller */
    const char *directory;
    uint64_t lsn_max; /**< snapshots beyond it are passed over; 0: none is */
    bool oldest;      /**< begin with the oldest one: for those who want to see all that is there */
    /** Whether a snapshot that could be used is wanted; NULL: all are. `why` receives words when not. */
    bool (*wanted)(void *context, const struct hf_snapshot *snapshot, const char **why);
    /** Hears of each snapshot that cannot be used, or is not wanted; may be NULL. */
    void (*refused)(void *context, const char *text);
    void *context;
    /* results; position.lsn is 0 when there is no snapshot to begin with */
    struct hf_log_position position;
    struct hf_snapshot_header header;
    bool unreadable; /**< some snapshot was passed over because of an error of the medium */
};

/**
 * Give a replay its core.
 *
 * @param replay  numa_node and background are set; has no core yet. Keeps none when there is no snapshot
 *                that can be used: it then begins with the first record of the log
 * @return 0, with or without a snapshot; HF_E_MEMORY, HF_E_SYSTEM, HF_E_DENIED, HF_E_IO (the
 *         log cannot be read), with replay->text
 */
int hf_restore(struct hf_restore *restore, struct hf_replay *replay);

/** What a scan goes on from: NULL when there is no snapshot. */
static inline const struct hf_log_position *
hf_restore_from(const struct hf_restore *restore)
{
    return restore->position.lsn == 0 ? NULL : &restore->position;
}

#endif
