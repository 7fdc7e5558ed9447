/* meter.c - what the engine measures of itself. All stores are of statistics that only this thread stores:
 * relaxed, but for the ladders, which have a version. */
#include "daemon/meter.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "base/histogram.h"

#include <holdfast/engine.h>
#include <stdio.h>
#include <string.h>

/** No command waits for longer, unless the host stood still: a day. */
#define WAIT_NS_MAX (UINT64_C(86400) * 1000000000)

/** One ladder in so long a time: 20 levels are some 500 ns where none of them is in a cache, 0.05 % of it. */
#define LADDER_NS 1000000u
/** After a sleep, or a long round: so many at once, or a big instance's would be old for seconds. */
#define LADDERS_AT_ONCE 32u

/* Where rows are: behind the page sessions, then ladders, each from 1 on */

struct hf_metrics_session *
hf_meter_sessions(struct hf_metrics *page)
{
    return (struct hf_metrics_session *)(void *)(page + 1);
}

static uint32_t
ladders_max(const struct hf_meter_rows *rows)
{
    return rows->instruments_max < HF_METRICS_LADDERS_MAX ? rows->instruments_max
                                                          : HF_METRICS_LADDERS_MAX;
}

static uint64_t
ladders_offset(const struct hf_meter_rows *rows)
{
    return sizeof(struct hf_metrics) +
           (rows->sessions_max + UINT64_C(1)) * sizeof(struct hf_metrics_session);
}

int
hf_meter_create(struct hf_region *region, const char *instance, const struct hf_meter_rows *rows)
{
    char name[HF_REGION_NAME_BYTES];
    uint64_t bytes =
        ladders_offset(rows) + (ladders_max(rows) + 1) * sizeof(struct hf_metrics_ladder);
    (void)snprintf(name, sizeof(name), "/holdfast.%.23s.metrics", instance);
    (void)hf_region_unlink(name); /* who has mapped it keeps what it said at its end */
    int code = hf_region_create(region, name, bytes);
    if (code != HF_OK) {
        return code;
    }
    struct hf_metrics *page = region->base;
    memset((void *)page, 0, region->len_bytes); /* touches every page: no fault later */
    page->sessions_offset = sizeof(*page);
    page->ladders_offset = ladders_offset(rows);
    page->sessions_max = rows->sessions_max;
    page->ladders_max = ladders_max(rows);
    return HF_OK;
}

void
hf_meter_finish(struct hf_metrics *page)
{
    struct hf_histogram *const all[] = {
        &page->engine.ring_wait_ns, &page->engine.round_ns,  &page->engine.round_commands,
        &page->engine.loop_ns,      &page->writer.write_ns,  &page->writer.batch_records,
        &page->sync.durable_ns,     &page->sync.store_ns,    &page->sync.flush_ns,
        &page->sync.flush_records,  &page->sync.flush_bytes, &page->sync.queue_depth};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        hf_histogram_init(all[i]);
    }
    /* Pairs with the acquire in client/observe.c: all else is there. */
    hf_store_release(&page->magic, HF_METRICS_MAGIC);
}

static void
count(uint64_t *word)
{
    hf_store_relaxed(word, *word + 1);
}

void
hf_meter_begin(struct hf_meter *meter, uint64_t now_ns)
{
    if (meter->page == NULL) {
        return;
    }
    uint64_t loop_ns = now_ns - meter->look_ns;
    if (loop_ns >= HF_METRICS_LOOP_NS && meter->look_ns != 0) {
        struct hf_metrics_engine *engine = &meter->page->engine;
        hf_histogram_publish(&engine->loop_ns, loop_ns, 1);
        if (loop_ns > engine->loop_ns_max) {
            hf_store_relaxed(&engine->loop_ns_max, loop_ns);
        }
    }
    meter->look_ns = now_ns;
}

void
hf_meter_end(struct hf_meter *meter, uint64_t now_ns, const struct hf_meter_round *round)
{
    if (meter->page == NULL) {
        return;
    }
    struct hf_metrics_engine *engine = &meter->page->engine;
    count(&engine->rounds);
    if (round->commands != 0) {
        hf_histogram_publish(&engine->round_commands, round->commands, 1);
        hf_histogram_publish(&engine->round_ns, round->path_ns, round->commands);
    }
    if (round->lsn != 0) {
        hf_trace_mark(meter->trace, round->lsn, now_ns);
    }
}

void
hf_meter_sleep(struct hf_meter *meter)
{
    if (meter->page != NULL) {
        count(&meter->page->engine.parks);
        meter->look_ns = 0;
    }
}

void
hf_meter_wait(const struct hf_meter *meter, uint64_t sent_ns)
{
    if (meter->page == NULL) {
        return;
    }
    uint64_t now_ns = hf_clock_monotonic_ns();
    if (sent_ns <= now_ns &&
        now_ns - sent_ns <= WAIT_NS_MAX) { /* a client may write what it likes */
        hf_histogram_publish(&meter->page->engine.ring_wait_ns, now_ns - sent_ns, 1);
    }
}

void
hf_meter_session(const struct hf_meter *meter, uint32_t slot, const struct hf_core_session *session,
                 bool behind)
{
    struct hf_metrics *page = meter->page;
    if (page == NULL || session == NULL || slot > meter->rows.sessions_max) {
        return;
    }
    struct hf_metrics_session *row = &hf_meter_sessions(page)[slot];
    hf_store_relaxed(&row->engine_session_id, session->id);
    hf_store_relaxed(&row->last_seq, session->last_seq);
    hf_store_relaxed(&row->last_report, session->last_report);
    hf_store_relaxed(&row->open_orders, session->open_orders);
    hf_store_relaxed(&row->behind, (uint32_t)behind);
}

/* Ladders */

static uint32_t
fill_side(const struct hf_core *core, uint32_t instrument, enum hf_side side,
          struct hf_metrics_level *to)
{
    struct hf_depth_level levels[HF_METRICS_LEVELS];
    size_t got = hf_core_depth(core, instrument, side, levels, HF_METRICS_LEVELS);
    for (size_t i = 0; i < got; i++) {
        to[i] = (struct hf_metrics_level){
            .price = levels[i].price, .quantity = levels[i].quantity, .orders = levels[i].orders};
    }
    return (uint32_t)got;
}

static struct hf_metrics_ladder
read_ladder(const struct hf_core *core, uint32_t instrument)
{
    struct hf_metrics_ladder ladder = {.lsn = hf_core_lsn(core)};
    ladder.has_last = hf_core_last_price(core, instrument, &ladder.last_price);
    ladder.bid_count = fill_side(core, instrument, HF_BUY, ladder.bids);
    ladder.ask_count = fill_side(core, instrument, HF_SELL, ladder.asks);
    return ladder;
}

/** Readers (hf_metrics_ladder()) load word by word with acquire, and the version before and after: who saw
 *  one of these stores sees the odd version behind it. */
static void
store_ladder(const struct hf_meter *meter, uint32_t instrument, struct hf_metrics_ladder ladder)
{
    uint64_t words[sizeof(ladder) / sizeof(uint64_t)];
    struct hf_metrics_ladder *to =
        (struct hf_metrics_ladder *)(void *)((unsigned char *)meter->page +
                                             ladders_offset(&meter->rows)) +
        instrument;
    uint64_t *into = (uint64_t *)(void *)to;
    uint32_t version = to->version | 1;
    hf_store_relaxed(&to->version, version); /* released with each word */
    memcpy(words, &ladder, sizeof(words));
    for (size_t i = 1; i < sizeof(words) / sizeof(words[0]); i++) {
        hf_store_release(&into[i], words[i]);
    }
    hf_store_release(&to->has_last, ladder.has_last);
    hf_store_release(&to->version, version + 1); /* partner: hf_metrics_ladder() */
}

/** Some record has come since all ladders were stored: go through them once more. */
static void
begin_turn(struct hf_meter *meter, const struct hf_core *core)
{
    uint64_t lsn = hf_core_lsn(core);
    if (meter->ladders_due == 0 && lsn != meter->ladder_lsn) {
        uint32_t instruments = hf_core_instruments(core);
        uint32_t most = ladders_max(&meter->rows);
        meter->ladder_lsn = lsn;
        meter->ladder_next = 1;
        meter->ladders_due = instruments < most ? instruments : most;
    }
}

void
hf_meter_ladders(struct hf_meter *meter, const struct hf_core *core, uint64_t now_ns)
{
    uint64_t elapsed = now_ns - meter->ladder_ns;
    if (elapsed < LADDER_NS || meter->page == NULL) {
        return;
    }
    uint64_t most = elapsed / LADDER_NS < LADDERS_AT_ONCE ? elapsed / LADDER_NS : LADDERS_AT_ONCE;
    meter->ladder_ns = now_ns;
    begin_turn(meter, core);
    for (uint64_t i = 0; i < most && meter->ladders_due > 0; i++) {
        store_ladder(meter, meter->ladder_next, read_ladder(core, meter->ladder_next));
        meter->ladder_next++;
        meter->ladders_due--;
    }
}
