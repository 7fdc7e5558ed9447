/*
 * report.c - run everything, and write a page of it: BENCHMARK_REPORT.md with tables, plots (SVG, by
 * gnuplot where there is one), and beside it all figures (results.json) and percentile tables
 * (percentiles.hgrm), from which the plots are made.
 */
#include "bench.h"
#include "facts.h"
#include "plots.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct page {
    FILE *out;
    const struct bench_options *options;
    const struct bench_results *results;
};

static FILE *
create(const struct bench_options *options, const char *name)
{
    char path[BENCH_PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s", options->output, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        bench_die("%s: %s", path, strerror(errno));
    }
    return file;
}

static void
close_written(FILE *file, const char *name)
{
    if (fclose(file) != 0) {
        bench_die("%s: %s", name, strerror(errno));
    }
}

/* Values, or that there is none */

static double
median_of(const struct page *page, const char *group, const char *name)
{
    const struct bench_series *series = bench_find(page->results, group, name);
    return series == NULL ? NAN : bench_summarise(series).median;
}

static double
ratio_of(const struct page *page, const char *group, const char *name)
{
    const struct bench_series *series = bench_find(page->results, group, name);
    return series == NULL ? NAN : bench_summarise(series).ratio;
}

/** Four digits, or a dash. */
static const char *
number(double value, char text[32])
{
    int decimals = fabs(value) >= 1000 ? 0 : fabs(value) >= 100 ? 1 : 2;
    (void)snprintf(text, 32, isnan(value) ? "not measured" : "%.*f", decimals, value);
    return text;
}

/* The specification's three modes */

static void
write_mode(const struct page *page, const char *title, const char *mode, const char *safety)
{
    char name[BENCH_NAME_BYTES];
    char rate[32];
    char p50[32];
    char p99[32];
    (void)snprintf(name, sizeof(name), "saturated, %s, adaptive, sequenced", mode);
    (void)number(median_of(page, "e2e", name), rate);
    (void)snprintf(name, sizeof(name), "100 k/s, %s, spin, sequenced round trip p50", mode);
    (void)number(median_of(page, "e2e", name) / 1e3, p50);
    (void)snprintf(name, sizeof(name), "100 k/s, %s, spin, sequenced round trip p99", mode);
    (void)number(median_of(page, "e2e", name) / 1e3, p99);
    (void)fprintf(page->out, "| %s | `%s` | %s | %s / %s | %s |\n", title, mode, rate, p50, p99,
                  safety);
}

static void
write_modes(const struct page *page)
{
    (void)fputs(
        "\n## The three modes\n\n"
        "Separate processes, one producer, end to end. Latency is that of a report at 100,000 "
        "commands per second offered, from the moment at which the command was due.\n\n"
        "| | mode | throughput k/s | latency us p50 / p99 | data safety |\n"
        "|---|---|---|---|---|\n",
        page->out);
    write_mode(page, "production_safe", "sync",
               "a report is seen only when its command is on the medium: survives loss of power");
    write_mode(page, "event_sourcing", "memory",
               "survives the death of the daemon; after a loss of power nothing is promised");
    write_mode(page, "production_safe_optimized", "group",
               "survives the death of the daemon at once, and loss of power one group commit later "
               "(at most 10 ms or 1,000 records); who must not act before waits for it");
}

/* Goals */

struct goal {
    const char *what;
    double value;
    double reach, great;
    bool more_is_better;
};

static const char *
verdict(const struct goal *goal)
{
    double sign = goal->more_is_better ? 1 : -1;
    if (isnan(goal->value)) {
        return "";
    }
    return sign * goal->value >= sign * goal->great   ? "great"
           : sign * goal->value >= sign * goal->reach ? "reached"
                                                      : "missed";
}

/** The greatest median of the series that have both texts in their names. */
static double
worst_of(const struct page *page, const char *group, const char *begin, const char *end)
{
    double worst = NAN;
    for (size_t i = 0; i < page->results->series_count; i++) {
        const struct bench_series *series = &page->results->series[i];
        if (strcmp(series->group, group) == 0 && strstr(series->name, begin) != NULL &&
            strstr(series->name, end) != NULL) {
            worst = fmax(worst, bench_summarise(series).median); /* fmax() prefers numbers */
        }
    }
    return worst;
}

static void
write_goals(const struct page *page)
{
    const struct goal goals[] = {
        {"ring, throughput over rte_ring's",
         median_of(page, "ring", "throughput, holdfast over rte_ring"), 1.5, 2, true},
        {"ring, round trip p50 over rte_ring's",
         median_of(page, "ring", "round trip p50, holdfast over rte_ring"), 0.8, 0.6, false},
        {"core, common stream, 1 instrument: ns a command",
         median_of(page, "core", "common stream, 1 instrument, per command"), 50, 35, false},
        {"core, common stream, 100 instruments: ns a command",
         median_of(page, "core", "common stream, 100 instruments, per command"), 120, 80, false},
        {"core, the worst of swings and crash over calm",
         worst_of(page, "core", "swing mix", ", per command over calm"), 2, 1.3, false},
        {"core, common stream, 1 instrument: p99 ns",
         median_of(page, "core", "common stream, 1 instrument p99"), 400, 250, false},
        {"core, common stream, 1 instrument: p99.9 ns",
         median_of(page, "core", "common stream, 1 instrument p99.9"), 1000, 600, false},
        {"durable throughput end to end, direct: k/s",
         median_of(page, "e2e", "saturated, group, adaptive, direct, durable"), 5000, 7000, true},
        {"durable throughput end to end, mmap: k/s",
         median_of(page, "e2e", "saturated, group, adaptive, durable"), 2500, 3000, true},
        {"sequenced round trip at 100 k/s p50, engine on its own core, in line ping-pongs",
         ratio_of(page, "e2e", "100 k/s, group, spin, sequenced round trip p50"), 4, 3, false},
        {"durable round trip of a lone order p50, in raw writes and flushes",
         ratio_of(page, "e2e", "idle log, spin, durable round trip p50"), 1.3, 1.1, false},
        {"append at 1 M/s p99.99, direct over memory mode",
         median_of(page, "wal", "append at 1 M/s p99.99, direct over memory mode"), 2, 1.2, false},
        {"append at 1 M/s p99.99, mmap over memory mode",
         median_of(page, "wal", "append at 1 M/s p99.99, mmap over memory mode"), 2, 1.2, false},
        {"core, ns a command with 10,000,000 resting orders over 1,000",
         median_of(page, "core", "10000000 resting orders, per command over 1000"), 3, 2, false},
        {"throughput of 64 sessions over one's",
         median_of(page, "e2e", "throughput, 64 sessions over 1"), 0.7, 0.9, true},
        {"memory per resting order, all indices counted: bytes",
         median_of(page, "core", "memory per resting order"), 160, 112, false},
        {"log of the common stream replayed from the page cache by one thread: M records/s",
         median_of(page, "recovery", "log of the common stream, replayed"), 5, 7, true},
        {"log of 50,000 orders over 100 instruments replayed the same way: M records/s",
         median_of(page, "recovery", "log of 50,000 orders, replayed"), 5, 7, true},
        {"start of a daemon, snapshot of 1 M orders + 1 M records: ms",
         median_of(page, "recovery", "snapshot of 1 M orders + 1 M records, start of a daemon"),
         2000, 1000, false},
        {"engine's time of a command, p99.9 beside a checkpoint over p99.9 without: %",
         median_of(page, "checkpoint", "p99.9 at work over p99.9 at rest"), 110, 103, false},
        {"throughput with exporter and top attached over that without",
         median_of(page, "watch", "throughput, exporter and top attached over without"), 0.99,
         0.999, true},
    };
    (void)fputs(
        "\n## Goals\n\n| | measured | to be reached | would be great | |\n|---|---|---|---|---|\n",
        page->out);
    for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++) {
        char value[32];
        (void)fprintf(page->out, "| %s | %s | %g | %g | %s |\n", goals[i].what,
                      number(goals[i].value, value), goals[i].reach, goals[i].great,
                      verdict(&goals[i]));
    }
}

/* Everything */

static void
write_row(const struct page *page, const struct bench_series *series)
{
    char median[32];
    char least[32];
    char greatest[32];
    char ratio[32];
    struct bench_summary summary = bench_summarise(series);
    (void)fprintf(page->out, "| %s | %s | %s to %s | %s |", series->name,
                  number(summary.median, median), number(summary.min, least),
                  number(summary.max, greatest), bench_unit_name(series->unit));
    if (series->ratio_to != NULL) {
        (void)fprintf(page->out, " %s %s |\n", number(summary.ratio, ratio), series->ratio_to);
    } else {
        (void)fputs(" |\n", page->out);
    }
}

static void
write_group(const struct page *page, const char *group, const char *title)
{
    (void)fprintf(
        page->out,
        "\n## %s\n\n| | median | least to greatest | unit | ratio |\n|---|---|---|---|---|\n",
        title);
    for (size_t i = 0; i < page->results->series_count; i++) {
        if (strcmp(page->results->series[i].group, group) == 0) {
            write_row(page, &page->results->series[i]);
        }
    }
    for (size_t i = 0; i < page->results->note_count; i++) {
        if (strcmp(page->results->notes[i].group, group) == 0) {
            (void)fprintf(page->out, "\n%s\n", page->results->notes[i].text);
        }
    }
    bench_plots_link(page->options, group, page->out);
}

static void
write_how(const struct page *page)
{
    const struct bench_options *options = page->options;
    (void)fprintf(
        page->out,
        "# Holdfast: benchmark report\n\n"
        "Each figure is the median of %u runs of %g s, with the least and the greatest; sizes are "
        "%g of the published ones%s. Times drift with the placement of virtual processors and with "
        "what else runs, so every run was calibrated anew, and each ratio is to the calibration of "
        "its own run: *line ping-pong*, one cache line to the other CPU and back; *raw write + "
        "flush*, one page written and fdatasync; *CRC32C of the log*, one slot read out of the "
        "page cache with its checksum. Compare ratios. The peers stand in the same tables, "
        "measured in the same runs.\n",
        options->runs, options->seconds, options->scale,
        options->only != NULL ? "; only a part was asked for" : "");
    if (page->results->failures > 0) {
        (void)fprintf(page->out, "\n**%u measurements ended in a wrong state and are left out.**\n",
                      page->results->failures);
    }
}

static void
write_page(const struct bench_options *options, const struct bench_results *results,
           const struct bench_facts *facts)
{
    struct page page = {create(options, "BENCHMARK_REPORT.md"), options, results};
    write_how(&page);
    bench_facts_write(facts, options, page.out);
    write_modes(&page);
    write_goals(&page);
    write_group(&page, "e2e", "End to end: producers, daemon, reports");
    write_group(&page, "core", "The state machine alone");
    write_group(&page, "wal", "Making records durable");
    write_group(&page, "recovery", "A log read back");
    write_group(&page, "checkpoint", "The engine beside a checkpoint");
    write_group(&page, "watch", "A daemon that is watched");
    write_group(&page, "ring", "Messages between two processes");
    close_written(page.out, "BENCHMARK_REPORT.md");
}

static void
write_files(const struct bench_options *options, const struct bench_results *results)
{
    FILE *json = create(options, "results.json");
    bench_print_json(results, json);
    close_written(json, "results.json");
    FILE *tables = create(options, "percentiles.hgrm");
    bench_print_hdr(results, tables);
    close_written(tables, "percentiles.hgrm");
}

static void
report(const struct bench_options *given, struct bench_results *results)
{
    struct bench_options options = *given;
    struct bench_facts facts;
    options.growth = true;
    if (mkdir(options.output, 0777) != 0 && errno != EEXIST) {
        bench_die("%s: %s", options.output, strerror(errno));
    }
    bench_facts_begin(&facts);
    bench_ring(&options, results);
    bench_core(&options, results);
    bench_wal(&options, results);
    bench_e2e(&options, results);
    bench_recovery(&options, results);
    bench_checkpoint(&options, results);
    bench_watch(&options, results);
    bench_facts_end(&facts);
    write_files(&options, results);
    bench_plots_make(&options, results);
    write_page(&options, results, &facts);
}

static const struct argp_option OPTIONS[] = {
    {"to", BENCH_OPTION_OUTPUT, "DIR", 0, "Where the report goes (required)", 0},
    {"data", BENCH_OPTION_DATA, "DIR", 0, "Recorded order flow, as for core", 0},
    {"daemon", BENCH_OPTION_DAEMON, "PROGRAM", 0, "The daemon, as for e2e", 0},
    {"log-records", BENCH_OPTION_LOG_RECORDS, "N", 0, "As for e2e", 0},
    {0},
};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    const struct bench_options *options = state->input;
    if (key != ARGP_KEY_END) {
        return bench_parse(key, argument, state);
    }
    if (options->output == NULL) {
        argp_error(state, "where to? (--to DIR)");
    }
    return 0;
}

int
bench_report_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = OPTIONS,
        .parser = parse,
        .doc =
            "Everything, with growth, as a page: DIR/BENCHMARK_REPORT.md with tables and plots "
            "(SVG, where gnuplot is installed), DIR/results.json, DIR/percentiles.hgrm.\v"
            "With the defaults it takes about an hour and up to 4 GB of memory. Let nothing else "
            "run on the host.",
        .children = bench_children};
    return bench_main(argc, argv, &argp, report);
}
