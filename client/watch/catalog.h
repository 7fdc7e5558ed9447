/*
 * catalog.h - every figure that is told of an instance, once: its name, where it lies, what it means.
 *
 * Names are those of the exporter's metrics without "holdfast_"; conventions are Prometheus's: base units
 * (seconds, bytes), counters end in _total.
 */
#ifndef HF_WATCH_CATALOG_H
#define HF_WATCH_CATALOG_H

#include <holdfast/metrics.h>
#include <holdfast/status.h>

enum hf_watch_kind {
    HF_WATCH_COUNTER, /**< since the daemon's start */
    HF_WATCH_GAUGE,
};

enum hf_watch_place {
    HF_WATCH_STATUS,  /**< in struct hf_status */
    HF_WATCH_METRICS, /**< in struct hf_metrics */
};

/** A word of shared memory. */
struct hf_watch_value {
    const char *name;
    const char *help;
    enum hf_watch_kind kind;
    enum hf_watch_place place;
    size_t offset;
    unsigned size; /**< 4 or 8 */
    double unit;   /**< told value = word / unit */
};

/** A histogram: a part of a command's way, or of what threads do. */
struct hf_watch_stage {
    const char *name;
    const char *title; /**< of a few words, for tables */
    const char *help;
    size_t offset; /**< in struct hf_metrics */
    double unit;   /**< told value = counted value / unit: 1e9 for times */
};

enum {
    HF_WATCH_RING_WAIT,
    HF_WATCH_ROUND,
    HF_WATCH_WRITE,
    HF_WATCH_STORE,
    HF_WATCH_DURABLE,
    HF_WATCH_FLUSH,
    HF_WATCH_LOOP,
    HF_WATCH_ROUND_COMMANDS,
    HF_WATCH_BATCH_RECORDS,
    HF_WATCH_FLUSH_RECORDS,
    HF_WATCH_FLUSH_BYTES,
    HF_WATCH_QUEUE_DEPTH,
    HF_WATCH_STAGES
};

extern const struct hf_watch_value hf_watch_values[];
extern const size_t hf_watch_value_count;
extern const struct hf_watch_stage hf_watch_stages[HF_WATCH_STAGES];

/** The word of a value, out of copies (or the object itself, for metrics). */
double hf_watch_read(const struct hf_watch_value *value, const struct hf_status *status,
                     const struct hf_metrics *metrics);

const char *hf_watch_state_name(uint32_t state);
const char *hf_watch_mode_name(uint32_t mode);
const char *hf_watch_phase_name(uint32_t phase);

#endif
