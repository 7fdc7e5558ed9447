/*
 * histogram.h - a high-dynamic-range histogram: counts of values from 0 to 2^40 (ns: 18 minutes) with a
 * relative error of at most 1/64, in fixed memory.
 *
 * Buckets are powers of two, each cut into 64 linear sub-buckets: value v >= 64 falls into bucket
 * floor(log2 v), sub-bucket = the 6 bits below its leading one. Percentiles report a sub-bucket's
 * upper end, so they never flatter.
 */
#ifndef HF_BASE_HISTOGRAM_H
#define HF_BASE_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#define HF_HISTOGRAM_SUB_BITS 6u
#define HF_HISTOGRAM_SUBS (1u << HF_HISTOGRAM_SUB_BITS)
#define HF_HISTOGRAM_VALUE_BITS 40u
#define HF_HISTOGRAM_SLOTS                                                                         \
    ((HF_HISTOGRAM_VALUE_BITS - HF_HISTOGRAM_SUB_BITS + 1) * HF_HISTOGRAM_SUBS)

struct hf_histogram {
    uint64_t counts[HF_HISTOGRAM_SLOTS];
    uint64_t total;
    uint64_t sum;
    uint64_t min; /**< UINT64_MAX when empty */
    uint64_t max;
};

void hf_histogram_init(struct hf_histogram *histogram);

/** Count a value; larger ones count as 2^40 - 1. */
void hf_histogram_record(struct hf_histogram *histogram, uint64_t value);

/** Add the counts of another. */
void hf_histogram_merge(struct hf_histogram *into, const struct hf_histogram *from);

/** The value below or at which `percentile` (0 to 100) of the counts lie; 0 when empty. */
uint64_t hf_histogram_percentile(const struct hf_histogram *histogram, double percentile);

/** The percentile table in the .hgrm form of HdrHistogram's plotters; values divided by `unit`. */
void hf_histogram_print(const struct hf_histogram *histogram, double unit, FILE *out);

#endif
