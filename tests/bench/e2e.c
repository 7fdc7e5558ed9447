/*
 * e2e.c - producers, daemon and reports, each a process of its own: throughput at saturation, latency at
 * constant offered rates, CPU used, and how these grow with sessions, instruments and the log.
 *
 *   sequenced   a report of a plain session: the command is in the WAL queue
 *   durable     a report of a session that sees durable ones only: it is on the medium
 *
 *   idle log    one durable order at a time, each beside one raw write and flush (idle.h)
 *
 * Every measurement has a daemon of its own, with an empty log. It must stop cleanly and have counted the
 * commands that the producers saw answered.
 */
#include "bench.h"
#include "calibrate.h"
#include "idle.h"
#include "producer.h"

#include <stdio.h>
#include <string.h>

#define GROUP "e2e"
#define SEGMENT_KIB_FULL 16384.0

static const char *const modes[] = {"group", "sync", "memory"};
static const char *const waits[] = {"adaptive", "spin", "yield", "park"};
static const double rates[] = {1e3, 1e4, 1e5, 1e6};
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct context {
    const struct bench_options *options;
    struct bench_results *results;
    struct bench_calibration calibration;
};

/** One measurement. */
struct point {
    char name[BENCH_NAME_BYTES - 32];
    const char *mode;
    const char *wait;
    unsigned producers;
    double rate;
    bool durable;
    uint32_t instruments;
    const char *more; /**< lines of the configuration; NULL: none */
};

static struct instance_setup
setup_of(const struct context *context, const struct point *point)
{
    return (struct instance_setup){
        .mode = point->mode,
        .wait = point->wait,
        .instruments = point->instruments,
        .sessions_max = 64,
        .segment_kib = (uint32_t)bench_scaled(context->options, SEGMENT_KIB_FULL, 64) & ~3u,
        .cpus = context->options->cpus,
        .small = context->options->scale < 1,
        .more = point->more,
    };
}

/** B2: the daemon agrees on what was done, and stops as it should. */
static const char *
check_daemon(struct instance *instance, uint64_t answered)
{
    struct hf_status status;
    instance_status(instance, &status);
    if (status.state != HF_STATE_RUNNING) {
        return "the daemon does not run any more";
    }
    if (status.commands != answered) {
        (void)fprintf(stderr, "holdfast-bench: %llu commands, %llu answered\n",
                      (unsigned long long)status.commands, (unsigned long long)answered);
        return "the daemon counts other commands than were answered";
    }
    return instance_stop(instance) ? NULL : "the daemon did not stop cleanly";
}

static void
add_outcome(const struct context *context, const struct point *point,
            const struct load_outcome *outcome)
{
    char name[BENCH_NAME_BYTES];
    const char *level = point->durable ? "durable" : "sequenced";
    const char *ratio_to = point->durable ? BENCH_RAW_FLUSH : BENCH_PING_PONG;
    double calibration_ns =
        point->durable ? context->calibration.flush_ns : context->calibration.ping_pong_ns;
    (void)snprintf(name, sizeof(name), "%s, %s", point->name, level);
    bench_add(context->results, GROUP, name, BENCH_K_PER_S, outcome->rate / 1e3, ratio_to,
              calibration_ns);
    if (point->rate > 0) { /* at saturation latency is the length of a queue */
        (void)snprintf(name, sizeof(name), "%s, %s round trip", point->name, level);
        bench_add_percentiles(context->results, GROUP, name, &outcome->latency, ratio_to,
                              calibration_ns);
    }
    (void)snprintf(name, sizeof(name), "%s, %s, CPU of the daemon", point->name, level);
    bench_add(context->results, GROUP, name, BENCH_PERCENT, outcome->cpu_percent, NULL, 0);
}

static void
measure(const struct context *context, const struct point *point)
{
    static struct load_outcome outcome;
    struct instance instance;
    struct instance_setup setup = setup_of(context, point);
    const struct load load = {
        .producers = point->producers,
        .rate = point->rate,
        .seconds = context->options->seconds,
        .durable = point->durable,
        .instruments = point->instruments,
        .cpu = context->options->cpus[0],
    };
    if (!bench_wanted(context->options, point->name)) {
        return;
    }
    instance_open(&instance, context->options, &setup);
    if (point->rate > 0) { /* at saturation segments are prepared all the time */
        instance_settle(&instance);
    }
    load_run(&instance, &load, &outcome);
    const char *wrong =
        outcome.wrong != NULL ? outcome.wrong : check_daemon(&instance, outcome.answered);
    instance_close(&instance);
    if (wrong != NULL) {
        bench_fail(context->results, "e2e %s: %s", point->name, wrong);
    } else {
        add_outcome(context, point, &outcome);
    }
}

static struct point
point_make(const char *mode, const char *wait, double rate, bool durable)
{
    return (struct point){.mode = mode,
                          .wait = wait,
                          .producers = 1,
                          .rate = rate,
                          .durable = durable,
                          .instruments = 1};
}

static void
measure_saturation(const struct context *context)
{
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        for (size_t j = 0; j < COUNT_OF(waits); j++) {
            struct point point = point_make(modes[i], waits[j], 0, false);
            (void)snprintf(point.name, sizeof(point.name), "saturated, %s, %s", modes[i], waits[j]);
            measure(context, &point);
        }
    }
    struct point point = point_make("group", "adaptive", 0, true);
    (void)snprintf(point.name, sizeof(point.name), "saturated, group, adaptive");
    measure(context, &point);
    point.more = "[wal]\nio = direct\n";
    (void)snprintf(point.name, sizeof(point.name), "saturated, group, adaptive, direct");
    measure(context, &point);
}

/** A rate in the fewest letters. */
static void
name_rate(char *text, size_t bytes, double rate)
{
    (void)snprintf(text, bytes, rate >= 1e6 ? "%.0f M/s" : "%.0f k/s",
                   rate >= 1e6 ? rate / 1e6 : rate / 1e3);
}

static void
measure_rates(const struct context *context)
{
    char rate[16];
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        name_rate(rate, sizeof(rate), rates[i]);
        for (unsigned durable = 0; durable < 2; durable++) {
            struct point point = point_make("group", "adaptive", rates[i], durable == 1);
            (void)snprintf(point.name, sizeof(point.name), "%s, group, adaptive", rate);
            measure(context, &point);
        }
    }
    for (size_t i = 0; i < COUNT_OF(modes); i++) { /* the engine on a core of its own */
        struct point point = point_make(modes[i], "spin", 1e5, false);
        (void)snprintf(point.name, sizeof(point.name), "100 k/s, %s, spin", modes[i]);
        measure(context, &point);
    }
}

/** A lone order on an idle log, in raw writes and flushes of the same moments. */
static void
measure_idle(const struct context *context, const char *wait)
{
    static struct idle_outcome outcome;
    struct instance instance;
    struct point point = point_make("group", wait, 0, true);
    struct instance_setup setup = setup_of(context, &point);
    (void)snprintf(point.name, sizeof(point.name), "idle log, %s, durable round trip", wait);
    if (!bench_wanted(context->options, point.name)) {
        return;
    }
    instance_open(&instance, context->options, &setup);
    instance_settle(&instance);
    idle_run(&instance, context->options, &outcome);
    const char *wrong =
        outcome.wrong != NULL ? outcome.wrong : check_daemon(&instance, outcome.answered);
    instance_close(&instance);
    if (wrong != NULL) {
        bench_fail(context->results, "e2e %s: %s", point.name, wrong);
        return;
    }
    bench_add_percentiles(context->results, GROUP, point.name, &outcome.durable, BENCH_RAW_FLUSH,
                          (double)hf_histogram_percentile(&outcome.raw, 50));
}

/* Growth */

static void
measure_sessions(const struct context *context)
{
    for (unsigned sessions = 1; sessions <= 64; sessions *= 2) {
        struct point point = point_make("group", "adaptive", 0, false);
        point.producers = sessions;
        (void)snprintf(point.name, sizeof(point.name), "saturated by %u session%s", sessions,
                       sessions == 1 ? "" : "s");
        measure(context, &point);
    }
}

static void
measure_instruments(const struct context *context)
{
    static const uint32_t counts[] = {1, 100, 10000};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct point point = point_make("group", "adaptive", 0, false);
        point.instruments = counts[i];
        (void)snprintf(point.name, sizeof(point.name), "saturated, %u instrument%s",
                       (unsigned)counts[i], counts[i] == 1 ? "" : "s");
        measure(context, &point);
    }
}

/** Fill a log, kill the daemon, and time the next one's start. */
static void
measure_recovery(const struct context *context, uint64_t records)
{
    static struct load_outcome outcome;
    char name[BENCH_NAME_BYTES];
    struct instance instance;
    struct hf_status before;
    struct hf_status after;
    struct point point = point_make("group", "adaptive", 0, false);
    struct instance_setup setup = setup_of(context, &point);
    const struct load load = {
        .producers = 1, .commands = records, .instruments = 1, .cpu = context->options->cpus[0]};
    (void)snprintf(name, sizeof(name), "recovery of %llu records", (unsigned long long)records);
    if (!bench_wanted(context->options, name)) {
        return;
    }
    instance_open(&instance, context->options, &setup);
    load_run(&instance, &load, &outcome);
    instance_status(&instance, &before);
    instance_kill(&instance);
    uint64_t elapsed_ns = instance_start(&instance);
    instance_status(&instance, &after);
    bool stopped = instance_stop(&instance);
    instance_close(&instance);
    if (outcome.wrong != NULL || outcome.answered != records || !stopped ||
        after.sequenced_lsn < before.sequenced_lsn || before.sequenced_lsn < records) {
        bench_fail(context->results, "e2e %s: %llu answered, LSN %llu before and %llu after", name,
                   (unsigned long long)outcome.answered, (unsigned long long)before.sequenced_lsn,
                   (unsigned long long)after.sequenced_lsn);
        return;
    }
    bench_add(context->results, GROUP, name, BENCH_MS, (double)elapsed_ns / 1e6, BENCH_RAW_FLUSH,
              context->calibration.flush_ns);
}

static void
measure_growth(const struct context *context)
{
    measure_sessions(context);
    measure_instruments(context);
    uint64_t most = bench_scaled(context->options, (double)context->options->log_records, 1000);
    uint64_t least = most < 1000000 ? most : 1000000;
    for (uint64_t records = least; records <= most; records *= 10) {
        measure_recovery(context, records);
    }
}

void
bench_e2e(const struct bench_options *options, struct bench_results *results)
{
    for (unsigned run = 0; run < options->runs; run++) {
        struct context context = {options, results, bench_calibrate(options, results, GROUP)};
        bench_pin(-1);
        measure_saturation(&context);
        measure_rates(&context);
        measure_idle(&context, "spin");
        measure_idle(&context, "adaptive");
        if (options->growth) {
            measure_growth(&context);
        }
    }
    bench_add_quotient(results, GROUP, "throughput, 64 sessions over 1",
                       "saturated by 64 sessions, sequenced", "saturated by 1 session, sequenced");
}

static const struct argp_option OPTIONS[] = {
    {"daemon", BENCH_OPTION_DAEMON, "PROGRAM", 0,
     "The daemon (default: holdfastd of the same build or installation)", 0},
    {"growth", BENCH_OPTION_GROWTH, NULL, 0,
     "Also 1 to 64 sessions, 1 to 10,000 instruments, and the recovery of longer and longer logs",
     0},
    {"log-records", BENCH_OPTION_LOG_RECORDS, "N", 0,
     "Longest log whose recovery is timed (default: 10,000,000)", 0},
    {0},
};

int
bench_e2e_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = OPTIONS,
        .parser = bench_parse,
        .doc =
            "Producers, daemon and reports, each a process of its own: throughput at saturation "
            "for every mode and wait strategy, sequenced and durable round trips at constant "
            "offered rates (from the moment at which a command was due), and the daemon's CPU.\v"
            "Producers are on the first of --cpus with the log's threads, the engine is on the "
            "second. Ratios are to the ping-pong of one cache line, those of durable figures to "
            "one raw write and flush. Names for --only: saturated, 1 k/s, 10 k/s, 100 k/s, 1 M/s, "
            "idle log; with --growth also sessions, instrument, recovery.",
        .children = bench_children};
    return bench_main(argc, argv, &argp, bench_e2e);
}
