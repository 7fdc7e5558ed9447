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
 */
#ifndef HF_RECOVERY_REWRITE_H
#define HF_RECOVERY_REWRITE_H

#include "recovery/scan.h"

struct hf_rewrite {
    /* set by the caller */
    const char *from;
    const char *to;       /**< a directory without segments */
    uint64_t last_lsn;    /**< last record to copy; 0: all that are valid */
    uint64_t instance_id; /**< of the copy; 0: the same */
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
    uint64_t copied_lsn; /**< last record copied */
    uint64_t end_lsn;    /**< last record of the copy: that, or the STOP behind it */
    uint64_t epoch;
    uint64_t history;
    char text[HF_SCAN_TEXT_BYTES]; /**< why it failed */
};

/** Copy. Failure takes away what was made. @return 0, or what hf_scan() returns for `from`, or
 *  HF_E_FULL (`to` has segments), HF_E_NO_SPACE, HF_E_IO, HF_E_SYSTEM, HF_E_MEMORY */
int hf_rewrite(struct hf_rewrite *rewrite);

#endif
