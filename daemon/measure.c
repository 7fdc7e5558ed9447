/* measure.c - the metrics object of a start: made anew, filled, handed to those who write into it. */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/panic.h"

/** Who and what, and where the rows are. The threads' blocks are zero, their histograms empty. */
static void
fill(const struct hf_daemon *daemon, struct hf_metrics *page, uint64_t bytes)
{
    const struct hf_config *config = &daemon->config;
    const struct hf_engine_limits *limits = hf_core_limits(daemon->replay.core);
    page->version = HF_METRICS_VERSION;
    page->sub_bits = HF_HISTOGRAM_SUB_BITS;
    page->bytes = bytes;
    page->instance_id = daemon->instance_id;
    page->boot = daemon->boot;
    page->epoch = daemon->epoch;
    page->started_ns = hf_clock_monotonic_ns();
    page->started_time_ns = hf_clock_wall_ns();
    page->orders_max = limits->orders_max;
    page->queue_slots = (uint64_t)config->wal_queue_slots;
    page->segment_bytes = (uint64_t)config->wal_segment_kib << 10;
    page->disk_reserve_segments = (uint32_t)config->wal_reserve_segments;
}

int
hf_measure_start(struct hf_daemon *daemon)
{
    const struct hf_engine_limits *limits = hf_core_limits(daemon->replay.core);
    const struct hf_meter_rows rows = {.sessions_max = limits->sessions_max,
                                       .instruments_max = limits->instruments_max};
    struct hf_region *region = &daemon->metrics_region;
    int code = hf_meter_create(region, daemon->config.instance_name, &rows);
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "cannot make /dev/shm%s: %s", region->name,
                               hf_words_of(code));
    }
    HF_ASSERT("each session has a row", daemon->registry.sessions_max == rows.sessions_max);
    fill(daemon, region->base, region->len_bytes);
    hf_meter_finish(region->base);
    daemon->sequencer.meter =
        (struct hf_meter){.page = region->base, .rows = rows, .trace = &daemon->trace};
    return HF_OK;
}
