/*
 * recovery_log.h - logs to recover from, made by code: a mixed stream, through queue and writer into a
 * directory as the daemon's engine does it, with digests; and a snapshot of the state before the mix.
 *
 *   core_make_mixed ──► state machine ──► own_log ──► segments of DIRECTORY
 *                                           checkpointer ──► LSN.snap
 */
#ifndef HF_BENCH_RECOVERY_LOG_H
#define HF_BENCH_RECOVERY_LOG_H

#include "bench.h"

#include <holdfast/error.h>

struct recovery_log_setup {
    const char *directory; /**< is there, and empty */
    uint32_t instruments;
    uint64_t resting;
    uint64_t commands; /**< of the mix, behind those that built the book */
    uint64_t segment_bytes;
    bool snapshot; /**< of the book that was built */
    int cpus[2];   /**< [1]: of writer, sync and preparer */
};

/** What a replay of it must come to. */
struct recovery_log {
    uint64_t last_lsn;
    uint64_t snapshot_lsn; /**< 0: none */
    uint64_t digest;
    uint32_t open_orders;
};

/** Ends the program where it cannot be made. */
void recovery_log_make(const struct recovery_log_setup *setup, struct recovery_log *log);

#endif
