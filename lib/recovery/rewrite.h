/*
 * rewrite.h - copy a log, up to a record, into another directory: as it is, or as the log of another
 * instance; and, where what is left out may be known to somebody, under a new history.
 *
 *   from   | 1: r r g r g | 2: r r g r g r │ r ××× | 3: ... |
 *                                          └ last_lsn
 *   to     | 1: r r g r g | 2: r r g r g r 0 0 0 0 | 3: EPOCH STOP g  |      new_history
 *
 * R1  each slot stands where it stood; with the same instance id the bytes are the same, with another
 *     one only checksums differ, because every checksum contains the instance
 * R2  the new epoch and the new history are above every one that is seen in `from`, also behind a damage:
 *     no client can have heard of them
 * R3  `from` is only read; each segment of `to` is durable before the next is made
 * R4  a log that is kept short (beginning.h) is copied from its first segment on, and the snapshots up to the
 *     last record go along (carry.h): without one of them nobody could read the copy
 *
 * Beside a daemon that keeps its log short, what is to be copied may go meanwhile: `overtaken` says that it
 * is worth another attempt, from where the log begins now.
 */
#ifndef HF_RECOVERY_REWRITE_H
#define HF_RECOVERY_REWRITE_H

#include "recovery/scan.h"

#define HF_REWRITE_TEXT_BYTES 1024

struct hf_rewrite {
    /* set by the caller */
    const char *from;
    const char *to;       /**< a directory without segments and snapshots */
    uint64_t last_lsn;    /**< last record to copy; 0: all that are valid */
    uint64_t instance_id; /**< of the copy; 0: the same */
    bool
        skips_damage; /**< leave out first segments that are damaged, and those before them, as far as a
                               snapshot stands in for them */
    bool new_history; /**< begin a new epoch with a new history behind the copied records, and stop
                               it cleanly */
    bool
        without_stop; /**< leave out a clean stop at the end: whoever starts on the copy then has to
                               take its tail for lost, and begins a new history */
    bool
        halts; /**< that epoch halts all trading (HF_EPOCH_HALTS): of a log whose tail is given up */
    void *context;
    void (*progress)(void *context, uint64_t done_bytes, uint64_t total_bytes); /**< may be NULL */
    /* results */
    uint64_t first_lsn; /**< first record copied */
    uint64_t
        snapshot_lsn; /**< of the oldest snapshot that went along; 0: the log begins with LSN 1 */
    uint64_t copied_lsn; /**< last record copied */
    uint64_t end_lsn;    /**< last record of the copy: that, or the STOP behind it */
    uint64_t epoch;
    uint64_t history;
    bool overtaken;                   /**< it failed, and the log begins elsewhere by now */
    char text[HF_REWRITE_TEXT_BYTES]; /**< why it failed */
};

/** Copy. Failure takes away what was made. @return 0, or what hf_scan() returns for `from`, or
 *  HF_E_FULL (`to` has a log), HF_E_NO_SPACE, HF_E_IO, HF_E_SYSTEM, HF_E_MEMORY */
int hf_rewrite(struct hf_rewrite *rewrite);

#endif
