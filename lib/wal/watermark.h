/*
 * watermark.h - the words that tell how far a command has come, and who stores each.
 *
 *   sequenced_lsn  >=  written_lsn  >=  durable_lsn
 *     engine            WAL writer       sync thread
 *
 * W1  each word has one storing thread, only grows, and is stored with release (or, where
 *     somebody may sleep upon it, seq_cst) after what it promises is true
 * W2  durable_lsn is stored only after the flush that covers it has returned success, and never past
 *     a flush that failed; nothing retries a failed flush
 * W3  written_position is stored before written_lsn: whoever reads written_lsn and then the position
 *     gets a position at or behind the end of that record
 *
 * The words live in the status page (holdfast/status.h), so that every client can read them.
 */
#ifndef HF_WAL_WATERMARK_H
#define HF_WAL_WATERMARK_H

#include <stdint.h>

struct hf_metrics;
struct hf_trace;

struct hf_watermarks {
    const uint64_t *sequenced_lsn;
    uint64_t *written_lsn;
    uint64_t *written_position;
    uint64_t *durable_lsn;
    uint64_t *groups;  /**< statistics of the writer */
    uint64_t *flushes; /**< statistics of the sync thread, with the two below */
    uint64_t *flush_ns_sum;
    uint64_t *flush_ns_max;
    uint64_t
        *durable_wanted; /**< engine → sync thread: flush up to here without delay (W1: engine) */
    struct hf_metrics
        *metrics;           /**< what the writer and the sync thread measure; NULL: nothing is */
    struct hf_trace *trace; /**< set when `metrics` is */
};

#endif
