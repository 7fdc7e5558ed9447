/* histogram.c - fixed-size high-dynamic-range counting. */
#include "base/histogram.h"

#include "base/atomic.h"

#include <stdbool.h>
#include <string.h>

static uint32_t
slot_of(uint64_t value)
{
    if (value < HF_HISTOGRAM_SUBS) {
        return (uint32_t)value;
    }
    uint32_t magnitude = 63u - (uint32_t)__builtin_clzll(value);
    uint32_t shift = magnitude - HF_HISTOGRAM_SUB_BITS;
    uint32_t sub = (uint32_t)(value >> shift) - HF_HISTOGRAM_SUBS;
    return (shift + 1) * HF_HISTOGRAM_SUBS + sub;
}

uint64_t
hf_histogram_slot_end(uint32_t slot)
{
    if (slot < HF_HISTOGRAM_SUBS) {
        return slot;
    }
    uint32_t shift = slot / HF_HISTOGRAM_SUBS - 1;
    uint64_t sub = slot % HF_HISTOGRAM_SUBS + HF_HISTOGRAM_SUBS;
    return ((sub + 1) << shift) - 1;
}

void
hf_histogram_init(struct hf_histogram *histogram)
{
    memset(histogram, 0, sizeof(*histogram));
    histogram->min = UINT64_MAX;
}

void
hf_histogram_record(struct hf_histogram *histogram, uint64_t value)
{
    const uint64_t last = ((uint64_t)1 << HF_HISTOGRAM_VALUE_BITS) - 1;
    value = value < last ? value : last;
    histogram->counts[slot_of(value)]++;
    histogram->total++;
    histogram->sum += value;
    histogram->min = value < histogram->min ? value : histogram->min;
    histogram->max = value > histogram->max ? value : histogram->max;
}

static void
add(uint64_t *word, uint64_t value)
{
    hf_store_relaxed(word, *word + value); /* only this thread stores it */
}

void
hf_histogram_publish(struct hf_histogram *histogram, uint64_t value, uint64_t times)
{
    const uint64_t last = ((uint64_t)1 << HF_HISTOGRAM_VALUE_BITS) - 1;
    value = value < last ? value : last;
    add(&histogram->counts[slot_of(value)], times);
    add(&histogram->total, times);
    add(&histogram->sum, value * times);
    if (value < histogram->min) {
        hf_store_relaxed(&histogram->min, value);
    }
    if (value > histogram->max) {
        hf_store_relaxed(&histogram->max, value);
    }
}

void
hf_metrics_histogram(const struct hf_histogram *from, struct hf_histogram *copy)
{
    copy->total = 0;
    for (uint32_t i = 0; i < HF_HISTOGRAM_SLOTS; i++) {
        copy->counts[i] = hf_load_relaxed(&from->counts[i]); /* counts alone: no order is needed */
        copy->total += copy->counts[i];
    }
    copy->sum = hf_load_relaxed(&from->sum);
    copy->min = hf_load_relaxed(&from->min);
    copy->max = hf_load_relaxed(&from->max);
}

/** Whether each count has only grown. */
static bool
follows(const struct hf_histogram *later, const struct hf_histogram *earlier)
{
    bool grown = later->sum >= earlier->sum;
    for (uint32_t i = 0; i < HF_HISTOGRAM_SLOTS && grown; i++) {
        grown = later->counts[i] >= earlier->counts[i];
    }
    return grown;
}

/** The smallest value that falls into a slot. */
static uint64_t
lower_end(uint32_t slot)
{
    return slot == 0 ? 0 : hf_histogram_slot_end(slot - 1) + 1;
}

void
hf_metrics_since(struct hf_histogram *later, const struct hf_histogram *earlier)
{
    if (!follows(later, earlier)) {
        return;
    }
    uint64_t max = later->max;
    later->min = UINT64_MAX;
    later->total = later->max = 0;
    later->sum -= earlier->sum;
    for (uint32_t i = 0; i < HF_HISTOGRAM_SLOTS; i++) {
        later->counts[i] -= earlier->counts[i];
        later->total += later->counts[i];
        if (later->counts[i] != 0) {
            later->min = later->min == UINT64_MAX ? lower_end(i) : later->min;
            later->max = hf_histogram_slot_end(i) < max ? hf_histogram_slot_end(i) : max;
        }
    }
}

uint64_t
hf_metrics_percentile(const struct hf_histogram *histogram, double percentile)
{
    return hf_histogram_percentile(histogram, percentile);
}

void
hf_histogram_merge(struct hf_histogram *into, const struct hf_histogram *from)
{
    for (uint32_t i = 0; i < HF_HISTOGRAM_SLOTS; i++) {
        into->counts[i] += from->counts[i];
    }
    into->total += from->total;
    into->sum += from->sum;
    into->min = from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
}

uint64_t
hf_histogram_percentile(const struct hf_histogram *histogram, double percentile)
{
    uint64_t wanted = (uint64_t)((double)histogram->total * percentile / 100.0 + 0.5);
    uint64_t seen = 0;
    wanted = wanted == 0 ? 1 : wanted;
    for (uint32_t i = 0; i < HF_HISTOGRAM_SLOTS && histogram->total > 0; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted) {
            uint64_t value = hf_histogram_slot_end(i);
            return value < histogram->max ? value : histogram->max;
        }
    }
    return histogram->max;
}

void
hf_histogram_print(const struct hf_histogram *histogram, double unit, FILE *out)
{
    uint64_t seen = 0;
    fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    for (uint32_t i = 0; i < HF_HISTOGRAM_SLOTS; i++) {
        if (histogram->counts[i] == 0) {
            continue;
        }
        seen += histogram->counts[i];
        double part = (double)seen / (double)histogram->total;
        fprintf(out, "%12.3f %2.12f %10llu", (double)hf_histogram_slot_end(i) / unit, part,
                (unsigned long long)seen);
        if (seen < histogram->total) {
            fprintf(out, " %14.2f\n", 1.0 / (1.0 - part));
        } else {
            fprintf(out, "\n");
        }
    }
    double mean = histogram->total == 0 ? 0 : (double)histogram->sum / (double)histogram->total;
    fprintf(out, "#[Mean = %.3f, Max = %.3f, Total count = %llu]\n", mean / unit,
            (double)histogram->max / unit, (unsigned long long)histogram->total);
}
