/*
 * trace.h - samples of sequenced records on their way to the medium: how long each part takes.
 *
 *   engine ──{lsn, sequenced_ns}──► [ring of samples] ──► writer adds written_ns ──► sync counts, and frees
 *                                    tail ... written ... head
 *
 * Engine: at most one sample in HF_METRICS_TRACE_NS, so that the ring lasts for a flush of a second; in a
 * longer one there are none. Private memory of the daemon: each word has one storing thread.
 *
 * Z1  tail <= written <= head <= tail + HF_TRACE_SAMPLES
 */
#ifndef HF_WAL_TRACE_H
#define HF_WAL_TRACE_H

#include <holdfast/metrics.h>
#include <stdalign.h>

#define HF_TRACE_SAMPLES 1024u

struct hf_trace_sample {
    uint64_t lsn;
    uint64_t sequenced_ns;
    uint64_t written_ns;
};

struct hf_trace {
    alignas(128) uint64_t head; /**< engine */
    uint64_t marked_ns;
    uint64_t tail_seen;
    alignas(128) uint64_t written; /**< writer */
    alignas(128) uint64_t tail;    /**< sync */
    alignas(128) struct hf_trace_sample samples[HF_TRACE_SAMPLES];
};

/** The record `lsn` was sequenced in the round that began at now_ns. Thread: engine */
void hf_trace_mark(struct hf_trace *trace, uint64_t lsn, uint64_t now_ns);

/** Records up to `lsn` are in the segment. Thread: writer */
void hf_trace_written(struct hf_trace *trace, uint64_t lsn, struct hf_metrics_writer *metrics);

/** Records up to `lsn` are durable. @param metrics  NULL: they are not (`memory` mode); only make room.
 *  Thread: sync */
void hf_trace_durable(struct hf_trace *trace, uint64_t lsn, struct hf_metrics_sync *metrics);

#endif
