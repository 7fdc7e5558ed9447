/* histogram.c - fixed-size high-dynamic-range counting. */
#include "base/histogram.h"

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

/** The largest value that falls into a slot. */
static uint64_t
upper_end(uint32_t slot)
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
            uint64_t value = upper_end(i);
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
        fprintf(out, "%12.3f %2.12f %10llu", (double)upper_end(i) / unit, part,
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
