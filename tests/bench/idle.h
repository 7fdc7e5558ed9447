/*
 * idle.h - one durable order at a time, on a log that is idle: a lone client enters an order, waits for its
 * durable report, and by turns makes one raw write and flush in the same file system; then it rests.
 *
 * What an order takes beyond that raw one is the way through the daemon's threads and the wakes on it.
 */
#ifndef HF_BENCH_IDLE_H
#define HF_BENCH_IDLE_H

#include "instance.h"

#include "base/histogram.h"

struct idle_outcome {
    struct hf_histogram
        durable;             /**< from before the submission to the report that may be shown, ns */
    struct hf_histogram raw; /**< a raw write and flush, ns */
    uint64_t answered;
    const char *wrong; /**< B2: NULL: every order was answered once, in order */
};

/** Run for options->seconds, at least a few orders. */
void idle_run(const struct instance *instance, const struct bench_options *options,
              struct idle_outcome *outcome);

#endif
