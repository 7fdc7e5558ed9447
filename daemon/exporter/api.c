/* api.c - a view as JSON. */
#include "exporter/api.h"

#include "watch/json.h"

#include <inttypes.h>
#include <string.h>

#define NS_PER_S 1e9

static void
set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static void
set_number(json_t *object, const char *key, uint64_t value)
{
    set(object, key, json_integer((json_int_t)value));
}

static void
set_real(json_t *object, const char *key, double value)
{
    set(object, key, json_real(value));
}

/** Of a field that need not end in a NUL. */
static json_t *
text(const char *field, size_t size)
{
    json_t *string = json_stringn(field, strnlen(field, size));
    return string != NULL ? string : json_string(""); /* not UTF-8 */
}

static uint64_t
behind(uint64_t first, uint64_t last)
{
    return first > last ? first - last : 0;
}

/* Parts of a view */

static void
set_identity(json_t *object, const struct hf_watch_view *view)
{
    const struct hf_status *status = &view->status;
    set(object, "instance", text(status->instance, sizeof(status->instance)));
    set(object, "state", json_string(hf_watch_state_name(status->state)));
    set(object, "mode", json_string(hf_watch_mode_name(status->mode)));
    set(object, "io", text(status->io, sizeof(status->io)));
    set_number(object, "pid", status->pid);
    set_number(object, "epoch", status->epoch);
    set_number(object, "history", status->history);
    set_real(object, "uptime", view->uptime_s);
    set_real(object, "heartbeat_age", view->heartbeat_age_s);
    set_real(object, "flush_age", view->flush_age_s);
}

static json_t *
lsn_json(const struct hf_status *status)
{
    json_t *object = json_object();
    set_number(object, "sequenced", status->sequenced_lsn);
    set_number(object, "written", status->written_lsn);
    set_number(object, "durable", status->durable_lsn);
    set_number(object, "snapshot", status->snapshot_lsn);
    set_number(object, "unwritten", behind(status->sequenced_lsn, status->written_lsn));
    set_number(object, "unflushed", behind(status->written_lsn, status->durable_lsn));
    set_number(object, "behind", behind(status->sequenced_lsn, status->durable_lsn));
    return object;
}

static json_t *
rates_json(const struct hf_watch_view *view)
{
    json_t *object = json_object();
    set_real(object, "commands", view->commands_per_s);
    set_real(object, "reports", view->reports_per_s);
    set_real(object, "trades", view->trades_per_s);
    set_real(object, "rejects", view->rejects_per_s);
    set_real(object, "flushes", view->flushes_per_s);
    set_real(object, "flushed_bytes", view->flushed_bytes_per_s);
    return object;
}

static json_t *
values_json(const struct hf_watch_view *view)
{
    json_t *object = json_object();
    for (size_t i = 0; i < hf_watch_value_count; i++) {
        set_real(object, hf_watch_values[i].name, view->values[i]);
    }
    return object;
}

static json_t *
threads_json(const struct hf_watch_view *view)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < view->thread_count; i++) {
        const struct hf_metrics_thread *thread = &view->threads[i];
        json_t *object = json_object();
        set(object, "name", text(thread->name, sizeof(thread->name)));
        set_number(object, "cpu", thread->cpu);
        set_number(object, "minor_faults", thread->minor_faults);
        set_number(object, "major_faults", thread->major_faults);
        set_number(object, "sleeps", thread->sleeps);
        set_number(object, "preemptions", thread->preemptions);
        set_real(object, "run", (double)thread->run_ns / NS_PER_S);
        set_real(object, "wait", (double)thread->wait_ns / NS_PER_S);
        (void)json_array_append_new(array, object);
    }
    return array;
}

static json_t *
sessions_json(const struct hf_watch_view *view)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < view->session_count; i++) {
        const struct hf_watch_session *session = &view->sessions[i];
        json_t *object = json_object();
        set(object, "name", text(session->name, sizeof(session->name)));
        set_number(object, "uid", session->uid);
        set(object, "connected", json_boolean(session->connected));
        set(object, "behind", json_boolean(session->behind));
        set_number(object, "commands", session->commands);
        set_number(object, "waiting", session->waiting);
        set_number(object, "reports", session->reports);
        set_number(object, "unread", session->unread);
        set_number(object, "open_orders", session->open_orders);
        (void)json_array_append_new(array, object);
    }
    return array;
}

/* Books */

static json_t *
level_json(const struct hf_metrics_level *level)
{
    json_t *object = json_object();
    set(object, "price", json_integer(level->price));
    set_number(object, "quantity", level->quantity);
    set_number(object, "orders", level->orders);
    return object;
}

static json_t *
levels_json(const struct hf_metrics_level *levels, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++) {
        (void)json_array_append_new(array, level_json(&levels[i]));
    }
    return array;
}

static json_t *
instrument_json(const struct hf_watch_instrument *instrument)
{
    const struct hf_metrics_ladder *ladder = instrument->ladder;
    bool last = ladder != NULL && ladder->has_last != 0;
    json_t *object = json_object();
    set_number(object, "id", instrument->id);
    set(object, "symbol", text(instrument->symbol, sizeof(instrument->symbol)));
    set(object, "phase", json_string(hf_watch_phase_name(instrument->phase)));
    set(object, "last", last ? json_integer(ladder->last_price) : json_null());
    return object;
}

static json_t *
top_json(const struct hf_watch_instrument *instrument)
{
    const struct hf_metrics_ladder *ladder = instrument->ladder;
    bool bid = ladder != NULL && ladder->bid_count != 0;
    bool ask = ladder != NULL && ladder->ask_count != 0;
    json_t *object = instrument_json(instrument);
    set(object, "bid", bid ? level_json(&ladder->bids[0]) : json_null());
    set(object, "ask", ask ? level_json(&ladder->asks[0]) : json_null());
    return object;
}

static json_t *
tops_json(const struct hf_watch_view *view)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < view->instrument_count && i < HF_API_TOPS_MAX; i++) {
        (void)json_array_append_new(array, top_json(&view->instruments[i]));
    }
    return array;
}

json_t *
hf_api_book(const struct hf_watch_view *view, const char *symbol)
{
    for (uint32_t i = 0; i < view->instrument_count; i++) {
        const struct hf_watch_instrument *instrument = &view->instruments[i];
        const struct hf_metrics_ladder *ladder = instrument->ladder;
        if (strcmp(instrument->symbol, symbol) == 0) {
            json_t *object = instrument_json(instrument);
            static const struct hf_metrics_ladder empty;
            bool there = ladder != NULL;
            set(object, "lsn", there ? json_integer((json_int_t)ladder->lsn) : json_null());
            ladder = there ? ladder : &empty;
            set(object, "bids", levels_json(ladder->bids, ladder->bid_count));
            set(object, "asks", levels_json(ladder->asks, ladder->ask_count));
            return object;
        }
    }
    return NULL;
}

json_t *
hf_api_view(const struct hf_watch_view *view)
{
    json_t *object = json_object();
    set_real(object, "time", (double)view->taken_time_ns / NS_PER_S);
    set(object, "health", json_string(view->verdict.word));
    set(object, "ill", json_boolean(hf_watch_is_ill(view->verdict.health)));
    set(object, "text", text(view->verdict.text, sizeof(view->verdict.text)));
    set(object, "alive", json_boolean(view->alive));
    set(object, "seen", json_boolean(view->seen));
    set(object, "measured", json_boolean(view->measured));
    if (view->seen) {
        set_identity(object, view);
        set(object, "lsn", lsn_json(&view->status));
        set(object, "instrument_count", json_integer(view->instrument_count));
        set(object, "instruments", tops_json(view));
    }
    if (view->measured) {
        set(object, "per_second", rates_json(view));
        set(object, "values", values_json(view));
        set(object, "stages", hf_watch_stages_json(view->stages));
        set(object, "threads", threads_json(view));
        set(object, "sessions", sessions_json(view));
    }
    return object;
}

/* History */

#define COLUMN(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct hf_exporter_point, name)                                            \
    }
static const struct {
    const char *name;
    size_t offset;
} columns[] = {
    {"time", offsetof(struct hf_exporter_point, time_s)},
    COLUMN(commands),
    COLUMN(reports),
    COLUMN(trades),
    COLUMN(rejects),
    COLUMN(behind),
    COLUMN(ring_wait_p50),
    COLUMN(ring_wait_p99),
    COLUMN(round_p50),
    COLUMN(round_p99),
    COLUMN(durable_p50),
    COLUMN(durable_p99),
    COLUMN(flush_p50),
    COLUMN(flush_p99),
    COLUMN(loop_max),
};

/** Of another exporter's numbers none fits: all of it then. */
static uint64_t
first_wanted(const struct hf_exporter_state *state, uint64_t from)
{
    uint64_t kept = state->points > HF_EXPORTER_HISTORY ? state->points - HF_EXPORTER_HISTORY : 0;
    return from < kept || from > state->points ? kept : from;
}

static json_t *
column_json(const struct hf_exporter_state *state, size_t offset, uint64_t first)
{
    json_t *array = json_array();
    for (uint64_t i = first; i < state->points; i++) {
        double value;
        memcpy(&value, (const unsigned char *)&state->history[i % HF_EXPORTER_HISTORY] + offset,
               sizeof(value));
        (void)json_array_append_new(array, json_real(value));
    }
    return array;
}

json_t *
hf_api_history(const struct hf_exporter_state *state, uint64_t from)
{
    json_t *object = json_object();
    uint64_t first = first_wanted(state, from);
    set_number(object, "first", first);
    set_number(object, "next", state->points);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        set(object, columns[i].name, column_json(state, columns[i].offset, first));
    }
    return object;
}

/* What it means */

json_t *
hf_api_about(void)
{
    json_t *stages = json_array();
    json_t *values = json_object();
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        const struct hf_watch_stage *stage = &hf_watch_stages[i];
        (void)json_array_append_new(stages, json_pack("{s:s, s:s, s:s, s:b}", "name", stage->name,
                                                      "title", stage->title, "help", stage->help,
                                                      "is_time", stage->unit > 1));
    }
    for (size_t i = 0; i < hf_watch_value_count; i++) {
        set(values, hf_watch_values[i].name, json_string(hf_watch_values[i].help));
    }
    return json_pack("{s:s, s:i, s:o, s:o}", "version", HF_VERSION, "window_s", HF_WATCH_WINDOW,
                     "stages", stages, "values", values);
}
