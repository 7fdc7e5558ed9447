/* trace.c - samples of sequenced records on their way to the medium. */
#include "wal/trace.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "base/histogram.h"

static struct hf_trace_sample *
sample_at(struct hf_trace *trace, uint64_t position)
{
    return &trace->samples[position % HF_TRACE_SAMPLES];
}

static uint64_t
elapsed(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0; /* clocks were read on two processors */
}

void
hf_trace_mark(struct hf_trace *trace, uint64_t lsn, uint64_t now_ns)
{
    if (now_ns - trace->marked_ns < HF_METRICS_TRACE_NS) {
        return;
    }
    if (trace->head - trace->tail_seen >= HF_TRACE_SAMPLES) {
        /* Pairs with the release in hf_trace_durable(): it has read the sample. */
        trace->tail_seen = hf_load_acquire(&trace->tail);
        if (trace->head - trace->tail_seen >= HF_TRACE_SAMPLES) {
            return;
        }
    }
    struct hf_trace_sample *sample = sample_at(trace, trace->head);
    sample->lsn = lsn;
    sample->sequenced_ns = now_ns;
    trace->marked_ns = now_ns;
    /* Pairs with the acquire in hf_trace_written(). */
    hf_store_release(&trace->head, trace->head + 1);
}

void
hf_trace_written(struct hf_trace *trace, uint64_t lsn, struct hf_metrics_writer *metrics)
{
    uint64_t head = hf_load_acquire(&trace->head); /* partner: hf_trace_mark() */
    uint64_t next = trace->written;
    uint64_t now_ns = 0;
    while (next < head && sample_at(trace, next)->lsn <= lsn) {
        struct hf_trace_sample *sample = sample_at(trace, next++);
        now_ns = now_ns == 0 ? hf_clock_monotonic_ns() : now_ns;
        sample->written_ns = now_ns;
        hf_histogram_publish(&metrics->write_ns, elapsed(sample->sequenced_ns, now_ns), 1);
    }
    if (next != trace->written) {
        /* Pairs with the acquire in hf_trace_durable(). */
        hf_store_release(&trace->written, next);
    }
}

static void
count_durable(const struct hf_trace_sample *sample, struct hf_metrics_sync *metrics)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    hf_histogram_publish(&metrics->store_ns, elapsed(sample->written_ns, now_ns), 1);
    hf_histogram_publish(&metrics->durable_ns, elapsed(sample->sequenced_ns, now_ns), 1);
}

void
hf_trace_durable(struct hf_trace *trace, uint64_t lsn, struct hf_metrics_sync *metrics)
{
    uint64_t written = hf_load_acquire(&trace->written); /* partner: hf_trace_written() */
    uint64_t next = trace->tail;
    while (next < written && sample_at(trace, next)->lsn <= lsn) {
        if (metrics != NULL) {
            count_durable(sample_at(trace, next), metrics);
        }
        next++;
    }
    if (next != trace->tail) {
        /* Pairs with the acquire in hf_trace_mark(). */
        hf_store_release(&trace->tail, next);
    }
}
