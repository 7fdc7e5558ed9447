/* status_print.c - what `holdfast status` shows, in words or as JSON. */
#include "cli/status_print.h"

#include "cli/admin.h"
#include "cli/report_print.h"
#include "watch/json.h"

#include <holdfast/record.h>
#include <inttypes.h>
#include <string.h>

#define NS_PER_US 1000.0
#define NS_PER_S 1e9
#define PHASES_TOLD 8u /* instruments that are not open; JSON has all */

static uint64_t
grown(uint64_t before, uint64_t now)
{
    return now > before ? now - before : 0;
}

double
hf_status_rate(const struct hf_status_view *view, uint64_t before, uint64_t now)
{
    if (view->interval_ns == 0 || view->before.epoch != view->now.epoch) {
        return 0.0;
    }
    return (double)grown(before, now) * NS_PER_S / (double)view->interval_ns;
}

uint64_t
hf_status_mean(uint64_t sum_before, uint64_t sum_now, uint64_t count_before, uint64_t count_now)
{
    uint64_t count = grown(count_before, count_now);
    if (count != 0) {
        return grown(sum_before, sum_now) / count;
    }
    return count_now != 0 ? sum_now / count_now : 0;
}

/** Every command is taken in a batch, so the sum over batches is that over commands. */
static uint64_t
command_mean_ns(const struct hf_status_view *view)
{
    return hf_status_mean(view->before.path_ns_sum, view->now.path_ns_sum, view->before.commands,
                          view->now.commands);
}

static uint64_t
path_mean_ns(const struct hf_status_view *view)
{
    return hf_status_mean(view->before.path_ns_sum, view->now.path_ns_sum, view->before.batches,
                          view->now.batches);
}

static uint64_t
flush_mean_ns(const struct hf_status_view *view)
{
    return hf_status_mean(view->before.flush_ns_sum, view->now.flush_ns_sum, view->before.flushes,
                          view->now.flushes);
}

/* In words */

static void
print_state(FILE *file, const struct hf_status *now)
{
    (void)fprintf(
        file, "%s: %s   pid %" PRIu64 ", epoch %" PRIu64 ", history %" PRIu64 ", mode %s, %.*s\n",
        now->instance, hf_watch_state_name(now->state), now->pid, now->epoch, now->history,
        hf_watch_mode_name(now->mode), (int)sizeof(now->io), now->io);
    if (now->state == HF_STATE_HALTED) {
        (void)fprintf(file, "  halted     %s (%s)\n", now->halt_text,
                      hf_error_name(now->halt_code));
    }
    if (now->disk_low != 0 && now->state != HF_STATE_HALTED) { /* which takes no cancels either */
        (void)fprintf(file, "  disk low   new orders are refused, cancels are not\n");
    }
}

static void
print_positions(FILE *file, const struct hf_status_view *view)
{
    const struct hf_status *now = &view->now;
    (void)fprintf(file,
                  "  LSN        sequenced %" PRIu64 ", written %" PRIu64 " (%" PRIu64
                  " behind), durable %" PRIu64 " (%" PRIu64 " behind)\n",
                  now->sequenced_lsn, now->written_lsn, grown(now->written_lsn, now->sequenced_lsn),
                  now->durable_lsn, grown(now->durable_lsn, now->sequenced_lsn));
    if (now->snapshot_lsn == 0) {
        (void)fprintf(file, "  snapshot   none: a start replays the whole log\n");
    } else {
        (void)fprintf(file,
                      "  snapshot   at LSN %" PRIu64 ": durable is %" PRIu64
                      " ahead, which a start replays\n",
                      now->snapshot_lsn, grown(now->snapshot_lsn, now->durable_lsn));
    }
    (void)fprintf(file, "  heartbeat  %.1f ms ago\n", (double)view->heartbeat_age_ns / 1e6);
}

static void
print_rates(FILE *file, const struct hf_status_view *view)
{
    const struct hf_status *before = &view->before;
    const struct hf_status *now = &view->now;
    if (view->interval_ns == 0) {
        return;
    }
    (void)fprintf(file,
                  "  per second %.0f commands, %.0f reports, %.0f trades, %.0f rejects, %.0f "
                  "flushes (over %.2f s)\n",
                  hf_status_rate(view, before->commands, now->commands),
                  hf_status_rate(view, before->reports, now->reports),
                  hf_status_rate(view, before->trades, now->trades),
                  hf_status_rate(view, before->rejects, now->rejects),
                  hf_status_rate(view, before->flushes, now->flushes),
                  (double)view->interval_ns / NS_PER_S);
}

/** Numbers of removed instruments are never used again. */
static uint32_t
numbers_left(const struct hf_status *now)
{
    return now->instruments_max > now->instruments ? now->instruments_max - now->instruments : 0;
}

static void
print_totals(FILE *file, const struct hf_status_view *view)
{
    const struct hf_status *now = &view->now;
    (void)fprintf(file,
                  "  since start %" PRIu64 " commands, %" PRIu64 " reports, %" PRIu64
                  " trades, %" PRIu64 " rejects; %" PRIu64 " open orders\n",
                  now->commands, now->reports, now->trades, now->rejects, now->open_orders);
    (void)fprintf(file, "  numbers    %" PRIu32 " instruments, %" PRIu32 " more may be added\n",
                  now->instruments, numbers_left(now));
    (void)fprintf(file,
                  "  engine     %.2f us a command, %.2f us a batch on average, %.2f us at most",
                  (double)command_mean_ns(view) / NS_PER_US, (double)path_mean_ns(view) / NS_PER_US,
                  (double)now->path_ns_max / NS_PER_US);
    (void)fprintf(file, "; waited %" PRIu64 " times for room in the log queue\n", now->wal_waits);
    (void)fprintf(file,
                  "  flush      %.1f us on average, %.1f us at most; %" PRIu64 " flushes, %" PRIu64
                  " groups\n",
                  (double)flush_mean_ns(view) / NS_PER_US, (double)now->flush_ns_max / NS_PER_US,
                  now->flushes, now->groups);
}

static void
print_stages(FILE *file, const struct hf_status_view *view)
{
    if (!view->measured) {
        return;
    }
    (void)fprintf(file, "  %-24s %10s %10s %10s %10s %10s\n", "stage", "count", "p50", "p99",
                  "p99.9", "max");
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        const struct hf_watch_summary *stage = &view->stages[i];
        if (stage->count == 0) { /* nothing was measured: that is not 0 */
            (void)fprintf(file, "  %-24s %10d %10s %10s %10s %10s\n", hf_watch_stages[i].title, 0,
                          "-", "-", "-", "-");
            continue;
        }
        double unit = hf_watch_stages[i].unit > 1 ? NS_PER_S / NS_PER_US : 1;
        const char *form = unit > 1 ? "  %-24s %10" PRIu64 " %10.2f %10.2f %10.2f %10.2f us\n"
                                    : "  %-24s %10" PRIu64 " %10.0f %10.0f %10.0f %10.0f\n";
        (void)fprintf(file, form, /* NOLINT: one of two literals */
                      hf_watch_stages[i].title, stage->count, stage->p50 * unit, stage->p99 * unit,
                      stage->p999 * unit, stage->max * unit);
    }
}

/** How many instruments are in which phase, and which are not open: the first ones. */
static void
print_phases(FILE *file, const struct hf_status_view *view)
{
    unsigned told = 0;
    size_t open = 0;
    for (size_t i = 0; i < view->instrument_count; i++) {
        open += view->instruments[i].phase == HF_PHASE_OPEN;
    }
    (void)fprintf(file, "  phases     %zu of %zu instruments open", open, view->instrument_count);
    for (size_t i = 0; i < view->instrument_count && told < PHASES_TOLD; i++) {
        const struct hf_instrument_info *info = &view->instruments[i];
        if (info->phase != HF_PHASE_OPEN) {
            (void)fprintf(file, "%s %s %s", told++ == 0 ? ";" : ",", info->symbol,
                          hf_admin_word(hf_admin_phases, info->phase));
        }
    }
    (void)fprintf(file, "%s\n", view->instrument_count - open > told ? "..." : "");
}

static void
print_sessions(FILE *file, const struct hf_status_view *view)
{
    if (view->rows_code != HF_OK) {
        (void)fprintf(file, "sessions: %s\n", hf_strerror(view->rows_code));
        return;
    }
    (void)fprintf(file, "sessions: %zu\n", view->row_count);
    if (view->row_count != 0) {
        (void)fprintf(file, "  %-23s %8s %10s %6s %-7s %12s %12s %10s %8s\n", "name", "slot", "id",
                      "uid", "client", "commands", "reports", "unread", "orders");
    }
    for (size_t i = 0; i < view->row_count; i++) {
        const struct hf_session_row *row = &view->rows[i];
        (void)fprintf(file,
                      "  %-23s %8" PRIu32 " %10" PRIu64 " %6" PRIu32 " %-7s %12" PRIu64
                      " %12" PRIu64 " %10" PRIu64 " %8" PRIu32 "\n",
                      row->name, row->session, row->session_id, row->uid,
                      row->connected != 0 ? "there" : "gone", row->last_seq, row->last_report,
                      row->unread, row->open_orders);
    }
}

void
hf_status_print(FILE *file, const struct hf_status_view *view)
{
    print_state(file, &view->now);
    print_positions(file, view);
    print_rates(file, view);
    print_totals(file, view);
    print_stages(file, view);
    print_phases(file, view);
    print_sessions(file, view);
}

/* As JSON */

static void
set(json_t *object, const char *key, uint64_t value)
{
    (void)json_object_set_new(object, key, json_integer((json_int_t)value));
}

static json_t *
positions_json(const struct hf_status *now)
{
    json_t *object = json_object();
    set(object, "sequenced", now->sequenced_lsn);
    set(object, "written", now->written_lsn);
    set(object, "durable", now->durable_lsn);
    set(object, "written_behind", grown(now->written_lsn, now->sequenced_lsn));
    set(object, "durable_behind", grown(now->durable_lsn, now->sequenced_lsn));
    return object;
}

static json_t *
totals_json(const struct hf_status *now)
{
    json_t *object = json_object();
    set(object, "commands", now->commands);
    set(object, "reports", now->reports);
    set(object, "trades", now->trades);
    set(object, "rejects", now->rejects);
    set(object, "batches", now->batches);
    set(object, "wal_waits", now->wal_waits);
    set(object, "groups", now->groups);
    set(object, "flushes", now->flushes);
    set(object, "snapshot_lsn", now->snapshot_lsn);
    set(object, "snapshots", now->snapshots);
    set(object, "snapshot_failures", now->snapshot_failures);
    return object;
}

static void
set_rate(json_t *object, const char *key, const struct hf_status_view *view, uint64_t before,
         uint64_t now)
{
    (void)json_object_set_new(object, key, json_real(hf_status_rate(view, before, now)));
}

static json_t *
rates_json(const struct hf_status_view *view)
{
    const struct hf_status *before = &view->before;
    const struct hf_status *now = &view->now;
    json_t *object = json_object();
    set(object, "interval_ns", view->interval_ns);
    set_rate(object, "commands", view, before->commands, now->commands);
    set_rate(object, "reports", view, before->reports, now->reports);
    set_rate(object, "trades", view, before->trades, now->trades);
    set_rate(object, "rejects", view, before->rejects, now->rejects);
    set_rate(object, "flushes", view, before->flushes, now->flushes);
    return object;
}

static json_t *
durations_json(uint64_t mean_ns, uint64_t max_ns)
{
    json_t *object = json_object();
    set(object, "mean_ns", mean_ns);
    set(object, "max_ns", max_ns);
    return object;
}

/** Its longest is not known: the clock is read once a batch. */
static json_t *
command_json(const struct hf_status_view *view)
{
    json_t *object = json_object();
    set(object, "mean_ns", command_mean_ns(view));
    return object;
}

static json_t *
session_json(const struct hf_session_row *row)
{
    json_t *object = json_object();
    (void)json_object_set_new(object, "name", json_string(row->name));
    set(object, "session", row->session);
    set(object, "session_id", row->session_id);
    set(object, "uid", row->uid);
    (void)json_object_set_new(object, "connected", json_boolean(row->connected != 0));
    (void)json_object_set_new(object, "cancel_on_disconnect",
                              json_boolean((row->flags & HF_SESSION_CANCEL_ON_DISCONNECT) != 0));
    (void)json_object_set_new(object, "durable",
                              json_boolean((row->flags & HF_SESSION_DURABLE) != 0));
    set(object, "last_seq", row->last_seq);
    set(object, "last_report", row->last_report);
    set(object, "unread", row->unread);
    set(object, "open_orders", row->open_orders);
    set(object, "orders_max", row->orders_max);
    set(object, "rate_max", row->rate_max);
    (void)json_object_set_new(object, "killed", json_boolean(row->killed != 0));
    (void)json_object_set_new(object, "admin", json_boolean(row->admin != 0));
    return object;
}

static json_t *
sessions_json(const struct hf_status_view *view)
{
    if (view->rows_code != HF_OK) {
        return json_null();
    }
    json_t *array = json_array();
    for (size_t i = 0; i < view->row_count; i++) {
        (void)json_array_append_new(array, session_json(&view->rows[i]));
    }
    return array;
}

static json_t *
phases_json(const struct hf_status_view *view)
{
    json_t *object = json_object();
    for (size_t i = 0; i < view->instrument_count; i++) {
        const struct hf_instrument_info *info = &view->instruments[i];
        (void)json_object_set_new(object, info->symbol,
                                  json_string(hf_admin_word(hf_admin_phases, info->phase)));
    }
    return object;
}

static json_t *
halt_json(const struct hf_status *now)
{
    return now->state == HF_STATE_HALTED
               ? json_pack("{s:s, s:s}", "code", hf_error_name(now->halt_code), "text",
                           now->halt_text)
               : json_null();
}

static void
set_identity(json_t *object, const struct hf_status *now)
{
    char id[17];
    (void)snprintf(id, sizeof(id), "%016" PRIx64, now->instance_id); /* beyond a signed integer */
    (void)json_object_set_new(object, "instance", json_string(now->instance));
    (void)json_object_set_new(object, "instance_id", json_string(id));
    (void)json_object_set_new(object, "state", json_string(hf_watch_state_name(now->state)));
    (void)json_object_set_new(object, "halt", halt_json(now));
    (void)json_object_set_new(object, "mode", json_string(hf_watch_mode_name(now->mode)));
    (void)json_object_set_new(object, "io",
                              json_stringn(now->io, strnlen(now->io, sizeof(now->io))));
    (void)json_object_set_new(object, "disk_low", json_boolean(now->disk_low != 0));
    set(object, "pid", now->pid);
    set(object, "epoch", now->epoch);
    set(object, "history", now->history);
    set(object, "instruments", now->instruments);
    set(object, "instruments_left", numbers_left(now));
    set(object, "open_orders", now->open_orders);
}

void
hf_status_print_json(FILE *file, const struct hf_status_view *view)
{
    const struct hf_status *now = &view->now;
    json_t *object = json_object();
    set_identity(object, now);
    set(object, "heartbeat_age_ns", view->heartbeat_age_ns);
    (void)json_object_set_new(object, "lsn", positions_json(now));
    (void)json_object_set_new(object, "since_start", totals_json(now));
    (void)json_object_set_new(object, "per_second",
                              view->interval_ns != 0 ? rates_json(view) : json_null());
    (void)json_object_set_new(object, "engine_command", command_json(view));
    (void)json_object_set_new(object, "engine_batch",
                              durations_json(path_mean_ns(view), now->path_ns_max));
    (void)json_object_set_new(object, "flush",
                              durations_json(flush_mean_ns(view), now->flush_ns_max));
    (void)json_object_set_new(object, "stages",
                              view->measured ? hf_watch_stages_json(view->stages) : json_null());
    (void)json_object_set_new(object, "phases", phases_json(view));
    (void)json_object_set_new(object, "sessions", sessions_json(view));
    hf_json_print_line(file, object);
}
