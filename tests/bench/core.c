/*
 * core.c - nanoseconds a command of the state machine alone, all reports made, and how they spread.
 *
 * Streams that are compared with each other take turns within each run. Every stream is driven three times in
 * each: in slices, for the time a command takes; the same (waiting) with hints at the commands behind each, as
 * the engine gives them when its rings are full; and with the time of each command by itself, whose reading
 * costs it some 20 ns. Beside the median of the runs:
 *
 *   undisturbed   the fastest run of each of 100 slices, added up
 */
#include "bench.h"
#include "calibrate.h"
#include "core_stream.h"
#include "stream_length.h"

#include "base/clock.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#define GROUP "core"
#define LOOP_STEPS 10000000u
#define RECORDED_OPERATIONS_MIN 1000u
#define TURNS_MAX 5u /* streams that are held at once: up to 1 GB of commands, with --growth */

struct context {
    const struct bench_options *options;
    struct bench_results *results;
};

/** ns per step of a loop of dependent multiplications that touches no memory: the CPU's speed now. */
static double
loop_ns(uint64_t steps)
{
    uint64_t start_ns = hf_clock_monotonic_ns();
    uint64_t value = start_ns | 1;
    for (uint64_t i = 0; i < steps; i++) {
        value = value * 0x9e3779b97f4a7c15u + i;
        __asm__ __volatile__("" : "+r"(value)); /* or the compiler would find a shorter way */
    }
    return (double)(hf_clock_monotonic_ns() - start_ns) / (double)steps;
}

/** The fastest so far of every slice. */
static void
keep_fastest(uint64_t fastest_ns[CORE_SLICES], const struct core_run *run)
{
    for (unsigned i = 0; i < CORE_SLICES; i++) {
        if (fastest_ns[i] == 0 || run->slice_ns[i] < fastest_ns[i]) {
            fastest_ns[i] = run->slice_ns[i];
        }
    }
}

static double
undisturbed_ns(const uint64_t fastest_ns[CORE_SLICES])
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < CORE_SLICES; i++) {
        sum += fastest_ns[i];
    }
    return (double)sum;
}

static bool
run_checked(const struct context *context, const struct core_stream *stream, struct core_run *run,
            struct hf_histogram *histogram, bool waiting)
{
    core_stream_run(stream, run, histogram, waiting);
    if (run->wrong != NULL) {
        bench_fail(context->results, "core %s: %s", stream->name, run->wrong);
    }
    return run->wrong == NULL;
}

static void
measure_once(const struct context *context, const struct core_stream *stream,
             uint64_t fastest_ns[CORE_SLICES])
{
    static struct hf_histogram histogram;
    struct core_run run;
    char name[BENCH_NAME_BYTES];
    struct bench_calibration calibration =
        bench_calibrate(context->options, context->results, GROUP);
    bench_add(context->results, GROUP, "calibration: CPU loop step", BENCH_NS,
              loop_ns(bench_scaled(context->options, LOOP_STEPS, 1000)), NULL, 0);
    hf_histogram_init(&histogram);
    for (unsigned waiting = 0; waiting < 2; waiting++) {
        if (!run_checked(context, stream, &run, NULL, waiting != 0)) {
            return;
        }
        if (!waiting) {
            keep_fastest(fastest_ns, &run);
        }
        (void)snprintf(name, sizeof(name), "%s, per command%s", stream->name,
                       waiting ? ", waiting" : "");
        bench_add(context->results, GROUP, name, BENCH_NS,
                  (double)run.elapsed_ns / (double)stream->operations, BENCH_PING_PONG,
                  calibration.ping_pong_ns);
    }
    if (run_checked(context, stream, &run, &histogram, false)) {
        bench_add_percentiles(context->results, GROUP, stream->name, &histogram, BENCH_PING_PONG,
                              calibration.ping_pong_ns);
    }
}

/** What is said once of a stream that was measured. */
static void
conclude(const struct context *context, const struct core_stream *stream,
         const uint64_t fastest_ns[CORE_SLICES])
{
    char name[BENCH_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%s, per command, undisturbed", stream->name);
    bench_add(context->results, GROUP, name, BENCH_NS,
              undisturbed_ns(fastest_ns) / (double)stream->operations, NULL, 0);
    if (stream->fills > stream->operations) {
        bench_note(context->results, GROUP, "%s: %.1f fills a command", stream->name,
                   (double)stream->fills / (double)stream->operations);
    }
    if (stream->rejects > 0) {
        bench_note(context->results, GROUP, "%s: %llu of %llu commands were rejected", stream->name,
                   (unsigned long long)stream->rejects, (unsigned long long)stream->operations);
    }
}

/** Measure streams that are made, in turns within each run so that they can be compared, and free them. */
static void
measure_in_turns(const struct context *context, struct core_stream *streams, unsigned count)
{
    uint64_t fastest_ns[TURNS_MAX][CORE_SLICES] = {0};
    bench_pin(context->options->cpus[0]);
    for (unsigned run = 0; run < context->options->runs; run++) {
        for (unsigned i = 0; i < count; i++) {
            measure_once(context, &streams[i], fastest_ns[i]);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        conclude(context, &streams[i], fastest_ns[i]);
        core_stream_free(&streams[i]);
    }
}

static void
measure(const struct context *context, struct core_stream *stream)
{
    measure_in_turns(context, stream, 1);
}

/** Time a command of one stream over that of another, both measured in turns; `how` ends the series' names. */
static void
compare(const struct context *context, const char *name, const char *over, const char *under,
        const char *how)
{
    char names[2][BENCH_NAME_BYTES];
    (void)snprintf(names[0], sizeof(names[0]), "%.63s, per command%s", over, how);
    (void)snprintf(names[1], sizeof(names[1]), "%.63s, per command%s", under, how);
    bench_add_quotient(context->results, GROUP, name, names[0], names[1]);
}

static void
measure_common(const struct context *context, uint32_t instruments)
{
    struct core_stream stream;
    char name[CORE_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "common stream, %u instrument%s", (unsigned)instruments,
                   instruments == 1 ? "" : "s");
    if (!bench_wanted(context->options, name)) {
        return;
    }
    const char *wrong = core_make_common(
        &stream, instruments, bench_scaled(context->options, (double)STREAM_LENGTH_WARM, 100),
        bench_scaled(context->options, (double)STREAM_LENGTH_TIMED, 1000));
    if (wrong != NULL) {
        bench_fail(context->results, "core %s: %s", name, wrong);
    }
    measure(context, &stream);
}

/* The other streams, by the text that --only is matched with. */

static void
make_one_level(const struct bench_options *options, struct core_stream *stream)
{
    core_make_one_level(stream, bench_scaled(options, 1e6, 1000), bench_scaled(options, 1e6, 1000));
}

static void
make_sweeps(const struct bench_options *options, struct core_stream *stream)
{
    core_make_sweeps(stream, bench_scaled(options, 1e4, 100), bench_scaled(options, 1e6, 1000));
}

static void
make_cancel_storm(const struct bench_options *options, struct core_stream *stream)
{
    core_make_cancel_storm(stream, bench_scaled(options, 2e5, 1000),
                           bench_scaled(options, 1e6, 1000));
}

static void
make_icebergs(const struct bench_options *options, struct core_stream *stream)
{
    core_make_icebergs(stream, bench_scaled(options, 1e5, 100));
}

static void
make_stops(const struct bench_options *options, struct core_stream *stream)
{
    core_make_stops(stream, bench_scaled(options, 5e5, 1000));
}

static const struct {
    const char *name;
    void (*make)(const struct bench_options *options, struct core_stream *stream);
} others[] = {
    {"one level", make_one_level}, {"sweeps", make_sweeps}, {"cancel storms", make_cancel_storm},
    {"icebergs", make_icebergs},   {"stops", make_stops},
};

static void
measure_others(const struct context *context)
{
    struct core_stream stream;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (bench_wanted(context->options, others[i].name)) {
            others[i].make(context->options, &stream);
            measure(context, &stream);
        }
    }
}

/** Prices that move far, in turns with the calm book that they are compared with. */
static void
measure_swings(const struct context *context)
{
    static const enum core_path paths[] = {CORE_CALM, CORE_SWING_25, CORE_SWING_40, CORE_CRASH};
    enum { COUNT = sizeof(paths) / sizeof(paths[0]) };
    struct core_stream streams[COUNT];
    char names[COUNT][CORE_NAME_BYTES];
    char quotient[BENCH_NAME_BYTES];
    for (unsigned i = 0; i < COUNT; i++) {
        core_make_swing(&streams[i], paths[i], bench_scaled(context->options, 2e6, 1000));
        memcpy(names[i], streams[i].name, sizeof(names[i]));
    }
    measure_in_turns(context, streams, COUNT);
    for (unsigned i = 1; i < COUNT; i++) {
        (void)snprintf(quotient, sizeof(quotient), "%.63s, per command over calm", names[i]);
        compare(context, quotient, names[i], names[0], "");
    }
}

static void
measure_recorded_file(const struct context *context, const char *path,
                      const char *(*make)(struct core_stream *, const char *))
{
    struct core_stream stream;
    const char *wrong = make(&stream, path);
    if (wrong != NULL) {
        bench_fail(context->results, "core %s: %s", path, wrong);
        core_stream_free(&stream);
    } else if (stream.operations < RECORDED_OPERATIONS_MIN) {
        core_stream_free(&stream); /* a file for tests of the format */
    } else {
        measure(context, &stream);
    }
}

static void
measure_recorded(const struct context *context, const char *name, const char *pattern,
                 const char *(*make)(struct core_stream *, const char *))
{
    char path[BENCH_PATH_BYTES];
    glob_t found;
    if (!bench_wanted(context->options, name)) {
        return;
    }
    if (context->options->data == NULL) {
        bench_note(context->results, GROUP, "skipped: %s: no recorded order flow (--data)", name);
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", context->options->data, pattern);
    if (glob(path, 0, NULL, &found) != 0) {
        bench_note(context->results, GROUP, "skipped: %s: nothing like %s", name, path);
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        measure_recorded_file(context, found.gl_pathv[i], make);
    }
    globfree(&found);
}

static void
measure_growth(const struct context *context)
{
    struct core_stream streams[TURNS_MAX];
    char names[TURNS_MAX][CORE_NAME_BYTES];
    char quotient[BENCH_NAME_BYTES];
    unsigned count = 0;
    for (uint64_t resting = 1000; resting <= 10000000; resting *= 10) {
        if (resting > 10000 && (double)resting > 1e7 * context->options->scale) {
            break;
        }
        core_make_resting(&streams[count], resting, bench_scaled(context->options, 1e6, 1000));
        memcpy(names[count], streams[count].name, sizeof(names[count]));
        count++;
    }
    measure_in_turns(context, streams, count);
    for (unsigned i = 1; i < count; i++) {
        (void)snprintf(quotient, sizeof(quotient), "%.63s, per command over 1000", names[i]);
        compare(context, quotient, names[i], names[0], "");
        (void)snprintf(quotient, sizeof(quotient), "%.63s, per command over 1000, waiting",
                       names[i]);
        compare(context, quotient, names[i], names[0], ", waiting");
    }
}

/** What one more resting order takes of the state machine's memory, all its indices counted. */
static void
measure_memory(const struct context *context)
{
    struct hf_engine_limits small = HF_ENGINE_LIMITS_DEFAULT;
    struct hf_engine_limits large = HF_ENGINE_LIMITS_DEFAULT;
    small.orders_max = 1u << 20;
    large.orders_max = 1u << 21;
    double bytes = (double)(hf_core_footprint(&large) - hf_core_footprint(&small));
    bench_add(context->results, GROUP, "memory per resting order", BENCH_BYTES,
              bytes / (double)(large.orders_max - small.orders_max), NULL, 0);
}

void
bench_core(const struct bench_options *options, struct bench_results *results)
{
    struct context context = {options, results};
    measure_common(&context, 1);
    measure_common(&context, 100);
    measure_common(&context, 10000);
    measure_others(&context);
    if (bench_wanted(options, "swing mix")) {
        measure_swings(&context);
    }
    measure_recorded(&context, "LOBSTER", "lobster/*_message_*.csv*", core_make_lobster);
    measure_recorded(&context, "ITCH", "itch/*ITCH*", core_make_itch);
    if (bench_wanted(options, "memory")) {
        measure_memory(&context);
    }
    if (options->growth && bench_wanted(options, "resting")) {
        measure_growth(&context);
    }
}

static const struct argp_option OPTIONS[] = {
    {"data", BENCH_OPTION_DATA, "DIR", 0, "Recorded order flow: DIR/lobster, DIR/itch", 0},
    {"growth", BENCH_OPTION_GROWTH, NULL, 0,
     "Also books of 1,000 to 10,000,000 resting orders (with --scale 1; 4 GB of memory)", 0},
    {0},
};

int
bench_core_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = OPTIONS,
        .parser = bench_parse,
        .doc =
            "The state machine alone, in this process: time a command, and its spread, on the "
            "common stream (1, 100, 10,000 instruments), on streams that are meant to hurt, on "
            "books whose price moves far, and on recorded order flow.\v"
            "Every run ends in the same state, checked by a digest of all reports; that of the "
            "common stream is also known from its reference matcher. Names for --only: common "
            "stream, one level, sweeps, cancel storms, icebergs, stops, swing mix, LOBSTER, ITCH, "
            "memory, resting.",
        .children = bench_children};
    return bench_main(argc, argv, &argp, bench_core);
}
