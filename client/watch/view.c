/* view.c - all that is shown of an instance, copied out at one look. */
#include "watch/view.h"

#include "base/atomic.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

HF_STATIC_ASSERT(HF_WATCH_VALUES_MAX >= 40, "the catalog grows");

/** Rows with room for `wanted`. @param room  how many there is room for. @return NULL: out of memory, and the rows
 *  stay as they are */
static void *
with_room(void *rows, size_t *room, size_t row_bytes, size_t wanted)
{
    if (wanted <= *room && rows != NULL) {
        return rows;
    }
    void *more = reallocarray(rows, wanted + 1, row_bytes);
    *room = more == NULL ? *room : wanted;
    return more;
}

HF_STATIC_ASSERT(sizeof(struct hf_watch_instrument) <= 32,
                 "a million of them, twice, are 64 MB: holdfast-exporter.service counts on it");

static uint64_t
grown(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

/* The engine's half of a row may be that of the session which had the slot before, until it has reports. */
static struct hf_watch_session
session_of(uint32_t slot, const struct hf_metrics_session *row)
{
    struct hf_watch_session session = {
        .slot = slot, .uid = row->uid, .connected = row->connected != 0, .waiting = row->waiting};
    memcpy(session.name, row->name, sizeof(session.name));
    if (row->engine_session_id == row->session_id) {
        session.behind = row->behind != 0;
        session.commands = row->last_seq;
        session.reports = row->last_report;
        session.unread = row->unread;
        session.open_orders = row->open_orders;
    }
    return session;
}

static bool
see_sessions(const struct hf_metrics *metrics, struct hf_watch_view *view)
{
    struct hf_metrics_session row;
    uint32_t slots = hf_load_relaxed(&metrics->sessions_max); /* once: rows are made for it */
    void *rows = with_room(view->sessions, &view->session_room, sizeof(*view->sessions), slots);
    if (rows == NULL) {
        return false;
    }
    view->sessions = rows;
    for (uint32_t slot = 1; slot <= slots && slot != 0; slot++) {
        if (hf_metrics_session(metrics, slot, &row)) {
            view->sessions[view->session_count++] = session_of(slot, &row);
        }
    }
    return true;
}

/** Whether the page tells of no more instruments than it has room for. */
static bool
count_is_sane(const struct hf_status *status)
{
    return status->instruments <= status->instruments_max;
}

static bool
see_instruments(const struct hf_watch *watch, struct hf_watch_view *view)
{
    size_t count = count_is_sane(&view->status) ? view->status.instruments : 0;
    struct hf_instrument_info *infos = calloc(count + 1, sizeof(*infos));
    if (infos == NULL) {
        return false;
    }
    hf_observer_instruments(watch->observer, infos, &count);
    void *rows =
        with_room(view->instruments, &view->instrument_room, sizeof(*view->instruments), count);
    if (rows != NULL) {
        view->instruments = rows;
        view->instrument_count = (uint32_t)count;
    }
    for (uint32_t i = 0; i < view->instrument_count; i++) {
        struct hf_watch_instrument *row = &view->instruments[i];
        *row = (struct hf_watch_instrument){.id = infos[i].id, .phase = infos[i].phase};
        memcpy(row->symbol, infos[i].symbol, sizeof(row->symbol) - 1);
    }
    free(infos);
    return rows != NULL;
}

static bool
see_ladders(const struct hf_metrics *metrics, struct hf_watch_view *view)
{
    size_t most = hf_load_relaxed(&metrics->ladders_max); /* once: rows are made for it */
    size_t used = 0;
    most = most < view->instrument_count ? most : view->instrument_count;
    void *rows = with_room(view->ladders, &view->ladder_room, sizeof(*view->ladders), most);
    if (rows == NULL) {
        return false;
    }
    view->ladders = rows;
    for (uint32_t i = 0; i < view->instrument_count && used < most; i++) {
        struct hf_watch_instrument *instrument = &view->instruments[i];
        if (hf_metrics_ladder(metrics, instrument->id, &view->ladders[used])) {
            instrument->ladder = &view->ladders[used++];
        }
    }
    return true;
}

static void
see_threads(const struct hf_metrics *metrics, struct hf_watch_view *view)
{
    uint32_t count = hf_load_relaxed(&metrics->control.thread_count);
    view->thread_count = count < HF_METRICS_THREADS_MAX ? count : HF_METRICS_THREADS_MAX;
    for (uint32_t i = 0; i < view->thread_count; i++) {
        uint64_t words[sizeof(view->threads[i]) / sizeof(uint64_t)];
        const uint64_t *from = (const uint64_t *)(const void *)&metrics->control.threads[i];
        for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++) {
            words[j] = hf_load_relaxed(&from[j]); /* each is a figure of its own */
        }
        memcpy(&view->threads[i], words, sizeof(words));
        view->threads[i].name[sizeof(view->threads[i].name) - 1] = '\0';
    }
}

static void
see_rates(const struct hf_watch *watch, struct hf_watch_view *view)
{
    view->commands_per_s = HF_WATCH_RATE(watch, commands);
    view->reports_per_s = HF_WATCH_RATE(watch, reports);
    view->trades_per_s = HF_WATCH_RATE(watch, trades);
    view->rejects_per_s = HF_WATCH_RATE(watch, rejects);
    view->flushes_per_s = HF_WATCH_RATE(watch, flushes);
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        view->stages[i] = hf_watch_stage(watch, i);
    }
    const struct hf_watch_summary *bytes = &view->stages[HF_WATCH_FLUSH_BYTES];
    view->flushed_bytes_per_s = bytes->per_second * bytes->mean;
}

static bool
see_metrics(const struct hf_watch *watch, struct hf_watch_view *view)
{
    const struct hf_metrics *metrics = watch->metrics;
    for (size_t i = 0; i < hf_watch_value_count && i < HF_WATCH_VALUES_MAX; i++) {
        view->values[i] = hf_watch_read(&hf_watch_values[i], &view->status, metrics);
    }
    view->histograms = watch->now->stages;
    view->uptime_s = (double)grown(metrics->started_ns, watch->now->taken_ns) / NS_PER_S;
    see_rates(watch, view);
    see_threads(metrics, view);
    return see_sessions(metrics, view);
}

static void
begin(struct hf_watch_view *view)
{
    const struct hf_watch_view kept = *view;
    *view = (struct hf_watch_view){.sessions = kept.sessions,
                                   .session_room = kept.session_room,
                                   .instruments = kept.instruments,
                                   .instrument_room = kept.instrument_room,
                                   .ladders = kept.ladders,
                                   .ladder_room = kept.ladder_room};
}

static bool
see_all(const struct hf_watch *watch, struct hf_watch_view *view)
{
    bool good = see_instruments(watch, view);
    if (view->measured) {
        good = see_metrics(watch, view) && see_ladders(watch->metrics, view) && good;
    }
    return good;
}

/** Nothing is entered anywhere. Of an instance without instruments that is not said: it waits for its first. */
static bool
all_are_shut(const struct hf_watch_view *view)
{
    bool shut = view->instrument_count > 0;
    for (uint32_t i = 0; i < view->instrument_count && shut; i++) {
        uint32_t phase = view->instruments[i].phase;
        shut = phase == HF_PHASE_HALTED || phase == HF_PHASE_CLOSED;
    }
    return shut;
}

/** What only shows in what was copied. */
static void
judge_copies(struct hf_watch_view *view, bool has_all)
{
    if (view->verdict.health != HF_WATCH_WELL) {
        return;
    }
    if (!count_is_sane(&view->status)) {
        view->verdict = hf_watch_verdict(HF_WATCH_FRAIL,
                                         "its status page tells of %" PRIu32
                                         " instruments and has room for %" PRIu32
                                         ": it is damaged, restart the daemon",
                                         view->status.instruments, view->status.instruments_max);
    } else if (!has_all) {
        view->verdict = hf_watch_verdict(HF_WATCH_FRAIL,
                                         "not all of it is shown: there is no memory for it here");
    } else if (all_are_shut(view)) {
        view->verdict = hf_watch_verdict(
            HF_WATCH_SHUT, "every instrument is halted or closed, nobody can trade: "
                           "holdfast admin phase all open, by a session that is an admin");
    }
}

void
hf_watch_see(struct hf_watch *watch, uint64_t stuck_ns, struct hf_watch_view *view)
{
    hf_watch_look(watch);
    const struct hf_watch_sample *now = watch->now;
    begin(view);
    view->verdict = hf_watch_judge(watch, stuck_ns);
    view->taken_ns = now->taken_ns;
    view->taken_time_ns = now->taken_time_ns;
    view->seen = now->seen;
    view->measured = now->measured;
    view->alive = hf_watch_is_there(watch, view->verdict.health, stuck_ns);
    view->heartbeat_age_s = (double)now->heartbeat_age_ns / NS_PER_S;
    view->flush_age_s = (double)now->flush_age_ns / NS_PER_S;
    if (now->seen) {
        view->status = now->status;
    }
    if (now->seen && watch->observer != NULL) {
        judge_copies(view, see_all(watch, view));
    }
}

void
hf_watch_view_free(struct hf_watch_view *view)
{
    free(view->sessions);
    free(view->instruments);
    free(view->ladders);
    *view = (struct hf_watch_view){0};
}
