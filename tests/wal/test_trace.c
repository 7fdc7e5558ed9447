/* test_trace.c - samples: one a millisecond, counted when their record is written and durable; what the log's
 * stages measure with them. */
#include "wal/trace.h"

#include "base/clock.h"
#include "base/histogram.h"
#include "log_fixture.h"

static struct hf_metrics *
new_metrics(void)
{
    struct hf_metrics *metrics = aligned_alloc(128, (sizeof(*metrics) + 127) / 128 * 128);
    cr_assert_not_null(metrics);
    memset(metrics, 0, sizeof(*metrics));
    return metrics;
}

Test(trace, one_sample_a_millisecond)
{
    static struct hf_trace trace;
    uint64_t now_ns = 50000000;
    for (unsigned i = 0; i < 10; i++) {
        hf_trace_mark(&trace, 1 + i, now_ns + i * HF_METRICS_TRACE_NS / 2);
    }
    cr_assert_eq(trace.head, 5);
    cr_assert_eq(trace.samples[1].lsn, 3);
}

Test(trace, a_sample_is_counted_when_its_record_is_written_and_again_when_it_is_durable)
{
    static struct hf_trace trace;
    struct hf_metrics *metrics = new_metrics();
    uint64_t now_ns = hf_clock_monotonic_ns();
    hf_trace_mark(&trace, 10, now_ns - 9000000);
    hf_trace_mark(&trace, 20, now_ns - 8000000);
    hf_trace_durable(&trace, 100, &metrics->sync);
    cr_assert_eq(metrics->sync.durable_ns.total, 0, "not written yet");
    hf_trace_written(&trace, 19, &metrics->writer);
    cr_assert_eq(metrics->writer.write_ns.total, 1);
    hf_trace_written(&trace, 20, &metrics->writer);
    cr_assert_eq(metrics->writer.write_ns.total, 2);
    cr_assert_geq(metrics->writer.write_ns.max, 9000000);
    hf_trace_durable(&trace, 10, &metrics->sync);
    cr_assert_eq(metrics->sync.durable_ns.total, 1);
    cr_assert_geq(metrics->sync.durable_ns.max, 9000000);
    cr_assert_lt(metrics->sync.store_ns.max, metrics->sync.durable_ns.max);
    hf_trace_durable(&trace, 20, NULL); /* memory mode: it makes room, and counts nothing */
    cr_assert_eq(metrics->sync.durable_ns.total, 1);
    cr_assert_eq(trace.tail, 2);
    free(metrics);
}

Test(trace, a_full_ring_takes_no_sample_and_goes_on_when_there_is_room)
{
    static struct hf_trace trace;
    struct hf_metrics *metrics = new_metrics();
    uint64_t now_ns = 50000000;
    for (uint64_t i = 1; i <= HF_TRACE_SAMPLES + 5; i++) {
        hf_trace_mark(&trace, i, now_ns += HF_METRICS_TRACE_NS);
    }
    cr_assert_eq(trace.head, HF_TRACE_SAMPLES);
    hf_trace_written(&trace, UINT64_MAX, &metrics->writer);
    hf_trace_durable(&trace, UINT64_MAX, &metrics->sync);
    hf_trace_mark(&trace, 5000, now_ns + HF_METRICS_TRACE_NS);
    cr_assert_eq(trace.head, HF_TRACE_SAMPLES + 1);
    free(metrics);
}

Test(trace, writer_and_sync_measure_batches_flushes_and_the_queue)
{
    static struct fixture fixture;
    static struct hf_trace trace;
    struct hf_metrics *metrics = new_metrics();
    fixture_begin(&fixture, "/tmp");
    fixture.marks.metrics = metrics;
    fixture.marks.trace = &trace;
    fixture_open(&fixture);
    for (unsigned i = 0; i < 30; i++) {
        cr_assert(fixture_put(&fixture, 1));
    }
    hf_trace_mark(&trace, 30, hf_clock_monotonic_ns());
    fixture_settle(&fixture);
    cr_assert_eq(metrics->writer.batch_records.sum, 30);
    cr_assert_eq(metrics->writer.write_ns.total, 1);
    cr_assert_eq(metrics->sync.flush_records.sum, 30);
    cr_assert_eq(metrics->sync.flush_ns.total, metrics->sync.flush_records.total);
    cr_assert_eq(metrics->sync.queue_depth.max, 30);
    cr_assert_eq(metrics->sync.durable_ns.total, 1);
    cr_assert_eq(metrics->sync.flush_since_ns, 0, "no flush is under way");
    cr_assert_eq(metrics->sync.flushed_bytes, metrics->sync.flush_bytes.sum);
    cr_assert_geq(metrics->sync.flushed_bytes, 30 * HF_SLOT_BYTES);
    fixture_end(&fixture);
    free(metrics);
}
