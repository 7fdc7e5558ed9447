/* view.c - all that is shown of an instance, copied out at one look. */
#include "watch/view.h"

#include "base/atomic.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

HF_STATIC_ASSERT(HF_WATCH_VALUES_MAX >= 40, "the catalog grows");

/** Rows with room for `wanted`. @param room  how many there is room for. @return NULL: out of memory, and the rows
 *  stay as they are */
static void *
with_room(void *rows, uint32_t *room, size_t row_bytes, uint32_t wanted)
{
    if (wanted <= *room && rows != NULL) {
        return rows;
    }
    void *more = realloc(rows, (size_t)(wanted + 1) * row_bytes);
    *room = more == NULL ? *room : wanted;
    return more;
}

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

static int
see_sessions(const struct hf_metrics *metrics, struct hf_watch_view *view)
{
    struct hf_metrics_session row;
    void *rows = with_room(view->sessions, &view->session_room, sizeof(*view->sessions),
                           metrics->sessions_max);
    if (rows == NULL) {
        return HF_E_MEMORY;
    }
    view->sessions = rows;
    for (uint32_t slot = 1; slot <= metrics->sessions_max; slot++) {
        if (hf_metrics_session(metrics, slot, &row)) {
            view->sessions[view->session_count++] = session_of(slot, &row);
        }
    }
    return HF_OK;
}

static int
see_instruments(const struct hf_watch *watch, struct hf_watch_view *view)
{
    size_t count = view->status.instruments;
    struct hf_instrument_info *infos = calloc(count + 1, sizeof(*infos));
    void *rows = with_room(view->instruments, &view->instrument_room, sizeof(*view->instruments),
                           (uint32_t)count);
    if (infos == NULL || rows == NULL) {
        free(infos);
        view->instruments = rows != NULL ? rows : view->instruments;
        return HF_E_MEMORY;
    }
    view->instruments = rows;
    hf_observer_instruments(watch->observer, infos, &count);
    view->instrument_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct hf_watch_instrument *instrument = &view->instruments[i];
        instrument->info = infos[i];
        instrument->info.symbol[HF_SYMBOL_BYTES - 1] = '\0';
        instrument->has_ladder =
            watch->metrics != NULL &&
            hf_metrics_ladder(watch->metrics, infos[i].id, &instrument->ladder);
    }
    free(infos);
    return HF_OK;
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

static int
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
                                   .instrument_room = kept.instrument_room};
}

int
hf_watch_see(struct hf_watch *watch, uint64_t stuck_ns, struct hf_watch_view *view)
{
    hf_watch_look(watch);
    const struct hf_watch_sample *now = watch->now;
    begin(view);
    view->verdict = hf_watch_judge(watch, stuck_ns);
    view->taken_time_ns = now->taken_time_ns;
    view->seen = now->seen;
    view->measured = now->measured;
    view->alive = view->verdict.health != HF_WATCH_ABSENT &&
                  view->verdict.health != HF_WATCH_DEAD && view->verdict.health != HF_WATCH_STOPPED;
    view->heartbeat_age_s = (double)now->heartbeat_age_ns / NS_PER_S;
    view->flush_age_s = (double)now->flush_age_ns / NS_PER_S;
    if (!now->seen) {
        return HF_OK;
    }
    view->status = now->status;
    int code = now->measured ? see_metrics(watch, view) : HF_OK;
    return code == HF_OK ? see_instruments(watch, view) : code;
}

void
hf_watch_view_free(struct hf_watch_view *view)
{
    free(view->sessions);
    free(view->instruments);
    *view = (struct hf_watch_view){0};
}
