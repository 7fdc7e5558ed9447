/* exposition.c - a view in Prometheus's text format. */
#include "exporter/exposition.h"

#include "base/histogram.h"

#include <inttypes.h>
#include <string.h>

#define PREFIX "holdfast_"
#define NS_PER_S 1e9
/** Buckets of times: two an octave, from 128 ns to 17 s. Their bounds are ends of the histogram's slots, so
 *  that counts are exact. */
#define TIME_FIRST_BIT 7u
#define TIME_LAST_BIT 34u
/** Of numbers: 1, 3, 7... 2^30 - 1. */
#define NUMBER_LAST_BIT 30u

static void
head(FILE *out, const char *name, const char *type, const char *help)
{
    (void)fprintf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

/** A label's value: backslash, quote and line feed are escaped. */
static void
put_label(FILE *out, const char *name, const char *value)
{
    (void)fprintf(out, "%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            (void)fputs("\\n", out);
        } else {
            (void)fprintf(out, *value == '\\' || *value == '"' ? "\\%c" : "%c", *value);
        }
    }
    (void)fputc('"', out);
}

static void
put_labelled(FILE *out, const char *metric, const char *label, const char *value, double sample)
{
    (void)fprintf(out, PREFIX "%s{", metric);
    put_label(out, label, value);
    (void)fprintf(out, "} %.15g\n", sample);
}

static void
put_one(FILE *out, const char *name, const char *type, const char *help, double sample)
{
    head(out, name, type, help);
    (void)fprintf(out, PREFIX "%s %.15g\n", name, sample);
}

/* Who */

static void
put_info(FILE *out, const struct hf_status *status)
{
    char io[sizeof(status->io) + 1] = "";
    char instance[sizeof(status->instance) + 1] = "";
    memcpy(io, status->io, sizeof(status->io));
    memcpy(instance, status->instance, sizeof(status->instance));
    head(out, "info", "gauge", "Always 1; who and what the instance is.");
    (void)fputs(PREFIX "info{", out);
    put_label(out, "name", instance);
    (void)fputc(',', out);
    put_label(out, "mode", hf_watch_mode_name(status->mode));
    (void)fputc(',', out);
    put_label(out, "io", io);
    (void)fputc(',', out);
    put_label(out, "version", HF_VERSION);
    (void)fputs("} 1\n", out);
}

static void
put_health(FILE *out, const struct hf_watch_view *view)
{
    if (view->verdict.health != HF_WATCH_DENIED) { /* X5 */
        put_one(out, "up", "gauge",
                "1: a daemon is there; 0: there is none, or it is dead or stopped.", view->alive);
        put_one(out, "healthy", "gauge",
                "1: it does its work; 0: /healthz says what is wrong and what to do.",
                !hf_watch_is_ill(view->verdict.health));
    }
    head(out, "health", "gauge",
         "1 for the verdict that holds, as /healthz gives it, 0 for all others.");
    for (unsigned i = 0; i < HF_WATCH_HEALTHS; i++) {
        put_labelled(out, "health", "verdict", hf_watch_health_word((enum hf_watch_health)i),
                     view->verdict.health == (enum hf_watch_health)i);
    }
}

/* Stages */

/** Cumulative counts of what lies at or below a bound, for bounds that grow. */
struct climb {
    const struct hf_histogram *histogram;
    uint32_t slot;
    uint64_t count;
};

static uint64_t
climb_to(struct climb *climb, uint64_t bound)
{
    while (climb->slot < HF_HISTOGRAM_SLOTS && hf_histogram_slot_end(climb->slot) <= bound) {
        climb->count += climb->histogram->counts[climb->slot++];
    }
    return climb->count;
}

static void
put_bucket(FILE *out, const char *name, struct climb *climb, uint64_t bound, double unit)
{
    (void)fprintf(out, PREFIX "%s_bucket{le=\"%.9g\"} %" PRIu64 "\n", name, (double)bound / unit,
                  climb_to(climb, bound));
}

static void
put_stage(FILE *out, const struct hf_watch_stage *stage, const struct hf_histogram *histogram)
{
    struct climb climb = {.histogram = histogram};
    bool is_time = stage->unit > 1;
    head(out, stage->name, "histogram", stage->help);
    for (unsigned bit = is_time ? TIME_FIRST_BIT : 1;
         bit <= (is_time ? TIME_LAST_BIT : NUMBER_LAST_BIT); bit++) {
        uint64_t bound = (uint64_t)1 << bit;
        put_bucket(out, stage->name, &climb, bound - 1, stage->unit);
        if (is_time) {
            put_bucket(out, stage->name, &climb, bound + bound / 2 - 1, stage->unit);
        }
    }
    (void)fprintf(out,
                  PREFIX "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n" PREFIX "%s_sum %.15g\n" PREFIX
                         "%s_count %" PRIu64 "\n",
                  stage->name, histogram->total, stage->name, (double)histogram->sum / stage->unit,
                  stage->name, histogram->total);
}

/* Rows */

/** The number that a row has for a metric. */
typedef double (*thread_value_fn)(const struct hf_metrics_thread *thread);
typedef double (*session_value_fn)(const struct hf_watch_session *session);

static double
minor_faults(const struct hf_metrics_thread *thread)
{
    return (double)thread->minor_faults;
}

static double
major_faults(const struct hf_metrics_thread *thread)
{
    return (double)thread->major_faults;
}

static double
run_seconds(const struct hf_metrics_thread *thread)
{
    return (double)thread->run_ns / NS_PER_S;
}

static double
wait_seconds(const struct hf_metrics_thread *thread)
{
    return (double)thread->wait_ns / NS_PER_S;
}

static double
thread_sleeps(const struct hf_metrics_thread *thread)
{
    return (double)thread->sleeps;
}

static double
preemptions(const struct hf_metrics_thread *thread)
{
    return (double)thread->preemptions;
}

static const struct {
    const char *name;
    const char *help;
    thread_value_fn value;
} thread_metrics[] = {
    {"thread_minor_faults_total",
     "Page faults of a thread of the daemon that read nothing from a disk.", minor_faults},
    {"thread_major_faults_total", "Page faults of a thread of the daemon that read from a disk.",
     major_faults},
    {"thread_run_seconds_total", "Time that a thread of the daemon was on a processor.",
     run_seconds},
    {"thread_wait_seconds_total",
     "Time that a thread of the daemon was ready to run and had to wait for a processor.",
     wait_seconds},
    {"thread_sleeps_total", "Times that a thread of the daemon gave up its processor to wait.",
     thread_sleeps},
    {"thread_preemptions_total", "Times that a thread of the daemon had its processor taken away.",
     preemptions},
};

/** X2: a thread that is just being started has its maker's name. */
static bool
is_first_of_name(const struct hf_watch_view *view, uint32_t at)
{
    bool first = view->threads[at].name[0] != '\0';
    for (uint32_t i = 0; i < at && first; i++) {
        first = strcmp(view->threads[i].name, view->threads[at].name) != 0;
    }
    return first;
}

static void
put_threads(FILE *out, const struct hf_watch_view *view)
{
    for (size_t i = 0; i < sizeof(thread_metrics) / sizeof(thread_metrics[0]); i++) {
        head(out, thread_metrics[i].name, "counter", thread_metrics[i].help);
        for (uint32_t row = 0; row < view->thread_count; row++) {
            if (is_first_of_name(view, row)) {
                put_labelled(out, thread_metrics[i].name, "thread", view->threads[row].name,
                             thread_metrics[i].value(&view->threads[row]));
            }
        }
    }
}

static double
session_commands(const struct hf_watch_session *session)
{
    return (double)session->commands;
}

static double
session_reports(const struct hf_watch_session *session)
{
    return (double)session->reports;
}

static double
session_waiting(const struct hf_watch_session *session)
{
    return (double)session->waiting;
}

static double
session_unread(const struct hf_watch_session *session)
{
    return (double)session->unread;
}

static double
session_open_orders(const struct hf_watch_session *session)
{
    return session->open_orders;
}

static double
session_connected(const struct hf_watch_session *session)
{
    return session->connected;
}

static const struct {
    const char *name;
    const char *type;
    const char *help;
    session_value_fn value;
} session_metrics[] = {
    {"session_commands_total", "counter", "Commands taken from a session since it was opened.",
     session_commands},
    {"session_reports_total", "counter", "Reports made for a session since it was opened.",
     session_reports},
    {"session_waiting_commands", "gauge",
     "Commands that are in a session's ring and not yet taken, as its client says; looked at once "
     "a second.",
     session_waiting},
    {"session_unread_reports", "gauge",
     "Reports made for a session that its client has not released; looked at once a second.",
     session_unread},
    {"session_open_orders", "gauge", "Orders of a session in the books.", session_open_orders},
    {"session_connected", "gauge", "1: a client has the session.", session_connected},
};

static void
put_sessions(FILE *out, const struct hf_watch_view *view)
{
    for (size_t i = 0; i < sizeof(session_metrics) / sizeof(session_metrics[0]); i++) {
        head(out, session_metrics[i].name, session_metrics[i].type, session_metrics[i].help);
        for (uint32_t row = 0; row < view->session_count; row++) {
            put_labelled(out, session_metrics[i].name, "session", view->sessions[row].name,
                         session_metrics[i].value(&view->sessions[row]));
        }
    }
}

static void
put_phases(FILE *out, const struct hf_watch_view *view)
{
    unsigned counts[HF_PHASE_CLOSED + 1] = {0};
    for (uint32_t i = 0; i < view->instrument_count; i++) {
        uint32_t phase = view->instruments[i].phase;
        counts[phase <= HF_PHASE_CLOSED ? phase : 0]++;
    }
    head(out, "instruments_in_phase", "gauge", "Instruments in a phase of trading.");
    for (uint32_t phase = HF_PHASE_OPEN; phase <= HF_PHASE_CLOSED; phase++) {
        put_labelled(out, "instruments_in_phase", "phase", hf_watch_phase_name(phase),
                     counts[phase]);
    }
}

/* All */

static void
put_ages(FILE *out, const struct hf_watch_view *view)
{
    const struct hf_status *status = &view->status;
    put_one(
        out, "heartbeat_age_seconds", "gauge",
        "Time since the engine looked at its rings last; it does so ten times a second at least.",
        view->heartbeat_age_s);
    put_one(out, "flush_age_seconds", "gauge",
            "Time since the flush that is under way has begun; 0: none is.", view->flush_age_s);
    put_one(out, "behind_records", "gauge",
            "Records that are sequenced and not yet durable: a loss of power now would take them.",
            status->sequenced_lsn > status->durable_lsn
                ? (double)(status->sequenced_lsn - status->durable_lsn)
                : 0);
}

static void
put_measured(FILE *out, const struct hf_watch_view *view)
{
    for (size_t i = 0; i < hf_watch_value_count; i++) {
        const struct hf_watch_value *value = &hf_watch_values[i];
        put_one(out, value->name, value->kind == HF_WATCH_COUNTER ? "counter" : "gauge",
                value->help, view->values[i]);
    }
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        put_stage(out, &hf_watch_stages[i], &view->histograms[i]);
    }
    put_threads(out, view);
    put_sessions(out, view);
}

void
hf_exposition_print(FILE *out, const struct hf_watch_view *view, uint64_t looks)
{
    put_health(out, view);
    put_one(out, "exporter_looks_total", "counter",
            "Looks of the exporter at the instance, one a second.", (double)looks);
    if (!view->seen || !view->alive) {
        return; /* X4 */
    }
    put_info(out, &view->status);
    put_ages(out, view);
    put_phases(out, view);
    if (view->measured) {
        put_measured(out, view);
    }
}
