/*
 * recovery_log.h - logs to recover from, made by code: a stream of commands, through queue and writer into a
 * directory as the daemon's engine does it, with digests; and a snapshot of the state before the stream's timed part.
 *
 *   stream ──► state machine ──► own_log ──► segments of DIRECTORY
 *                                  checkpointer ──► LSN.snap
 */
#ifndef HF_BENCH_RECOVERY_LOG_H
#define HF_BENCH_RECOVERY_LOG_H

#include "bench.h"
#include "core_stream.h"

#include <holdfast/error.h>

struct recovery_log_setup {
    const char *directory; /**< is there, and empty */
    uint64_t segment_bytes;
    bool snapshot; /**< of the book where the stream's timed part begins */
    int cpus[2];   /**< [1]: of writer, sync and preparer */
};

/** What a replay of it must come to. */
struct recovery_log {
    uint64_t last_lsn;
    uint64_t snapshot_lsn; /**< 0: none */
    uint64_t digest;
    uint32_t open_orders;
};

/** Of a whole stream, its warm part too. Ends the program where it cannot be made. */
void recovery_log_make(const struct recovery_log_setup *setup, const struct core_stream *stream,
                       struct recovery_log *log);

#endif
