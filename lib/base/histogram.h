/*
 * histogram.h - counting in the high-dynamic-range histogram of <holdfast/metrics.h>, in fixed memory.
 *
 * Percentiles report a slot's upper end, so they never flatter.
 */
#ifndef HF_BASE_HISTOGRAM_H
#define HF_BASE_HISTOGRAM_H

#include <holdfast/metrics.h>
#include <stdint.h>
#include <stdio.h>

void hf_histogram_init(struct hf_histogram *histogram);

/** Count a value; larger ones count as 2^40 - 1. */
void hf_histogram_record(struct hf_histogram *histogram, uint64_t value);

/** The same, `times` times, of a histogram in shared memory that only this thread writes and others read:
 *  whole words are stored, without any order. */
void hf_histogram_publish(struct hf_histogram *histogram, uint64_t value, uint64_t times);

/** The largest value that falls into a slot. */
uint64_t hf_histogram_slot_end(uint32_t slot);

/** Add the counts of another. */
void hf_histogram_merge(struct hf_histogram *into, const struct hf_histogram *from);

/** The value below or at which `percentile` (0 to 100) of the counts lie; 0 when empty. */
uint64_t hf_histogram_percentile(const struct hf_histogram *histogram, double percentile);

/** The percentile table in the .hgrm form of HdrHistogram's plotters; values divided by `unit`. */
void hf_histogram_print(const struct hf_histogram *histogram, double unit, FILE *out);

#endif
