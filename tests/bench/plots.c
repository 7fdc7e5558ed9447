/* plots.c - what is plotted, and how gnuplot is told (plots.h). */
#include "plots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Percentile curves of all tables of a group whose names hold a text. */
static const struct percentile_plot {
    const char *file, *title, *group, *text;
} percentile_plots[] = {
    {"ring", "Round trip over two links", "ring", "round trip"},
    {"core-common", "Time of a command, common stream", "core", "common stream"},
    {"core-swing", "Time of a command, moving prices", "core", "swing mix"},
    {"wal-commit", "Commit of one record", "wal", "batches of 1, "},
    {"wal-append", "Append at 1 M/s", "wal", "append"},
    {"e2e-sequenced", "Round trip, sequenced", "e2e", "sequenced round trip"},
    {"e2e-durable", "Round trip, durable", "e2e", "durable round trip"},
};

/** Series "BEFORE number AFTER...", by the number. */
static const struct growth_plot {
    const char *file, *title, *group, *before, *after, *x, *y;
} growth_plots[] = {
    {"growth-resting", "Time of a command", "core", "", " resting orders, per command",
     "resting orders", "ns"},
    {"growth-instruments", "Time of a command", "core", "common stream, ", " instrument",
     "instruments", "ns"},
    {"growth-sessions", "Throughput", "e2e", "saturated by ", " session", "sessions", "k/s"},
    {"growth-recovery", "Recovery after a kill", "e2e", "recovery of ", " records", "records",
     "ms"},
};
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static FILE *
create(const struct bench_options *options, const char *name, const char *suffix)
{
    char path[BENCH_PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s%s", options->output, name, suffix);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        bench_die("%s: %s", path, strerror(errno));
    }
    return file;
}

/** Curves by the place of their table in percentiles.hgrm. */
static void
script_percentiles(const struct percentile_plot *plot, const struct bench_results *results,
                   FILE *script)
{
    bool first = true;
    for (size_t i = 0; i < results->table_count; i++) {
        const struct bench_table *table = results->tables[i];
        if (strcmp(table->group, plot->group) != 0 || strstr(table->name, plot->text) == NULL) {
            continue;
        }
        if (first) {
            (void)fprintf(script,
                          "set output '%s.svg'\nset title \"%s\"\n"
                          "set xlabel 'percentile'\nset ylabel 'us'\nset logscale xy\n"
                          "set xtics ('50' 2, '90' 10, '99' 100, '99.9' 1000, '99.99' 10000, "
                          "'99.999' 100000)\nplot ",
                          plot->file, plot->title);
        }
        (void)fprintf(script, "%s'percentiles.hgrm' index %zu using 4:1 with lines title \"%s\"",
                      first ? "" : ", ", i, table->name);
        first = false;
    }
    (void)fputs(first ? "" : "\n", script);
}

/** @return whether the series belongs to the plot; its number then */
static bool
growth_number(const struct growth_plot *plot, const struct bench_series *series, double *x)
{
    size_t length = strlen(plot->before);
    if (strcmp(series->group, plot->group) != 0 ||
        strncmp(series->name, plot->before, length) != 0) {
        return false;
    }
    char *end;
    *x = strtod(series->name + length, &end);
    if (end == series->name + length || strncmp(end, plot->after, strlen(plot->after)) != 0) {
        return false;
    }
    /* Of one thing measured there are also percentiles, the CPU used, its undisturbed time. */
    return strcmp(bench_unit_name(series->unit), plot->y) == 0 &&
           strstr(series->name, " p50") == NULL && strstr(series->name, " p9") == NULL &&
           strstr(series->name, "undisturbed") == NULL;
}

static void
script_growth(const struct growth_plot *plot, const struct bench_options *options,
              const struct bench_results *results, FILE *script)
{
    FILE *data = create(options, plot->file, ".dat");
    unsigned points = 0;
    (void)fprintf(data, "# %s, median, least, greatest %s\n", plot->x, plot->y);
    for (size_t i = 0; i < results->series_count; i++) {
        double x;
        if (growth_number(plot, &results->series[i], &x)) {
            struct bench_summary summary = bench_summarise(&results->series[i]);
            (void)fprintf(data, "%.0f %g %g %g\n", x, summary.median, summary.min, summary.max);
            points++;
        }
    }
    (void)fclose(data);
    if (points > 0) {
        (void)fprintf(script,
                      "set output '%s.svg'\nset title \"%s\"\nset xlabel '%s'\nset ylabel '%s'\n"
                      "unset logscale y\nset logscale x\nset xtics auto\nset format x '%%.0f'\n"
                      "set yrange [0:*]\nplot '%s.dat' using 1:2:3:4 with yerrorlines notitle\n",
                      plot->file, plot->title, plot->x, plot->y, plot->file);
    }
}

static void
write_script(const struct bench_options *options, const struct bench_results *results)
{
    FILE *script = create(options, "plots", ".gp");
    (void)fputs("set terminal svg size 900,500 noenhanced background rgb 'white'\n"
                "set grid\nset key outside bottom center\n",
                script);
    for (size_t i = 0; i < COUNT_OF(percentile_plots); i++) {
        script_percentiles(&percentile_plots[i], results, script);
    }
    for (size_t i = 0; i < COUNT_OF(growth_plots); i++) {
        script_growth(&growth_plots[i], options, results, script);
    }
    if (fclose(script) != 0) {
        bench_die("plots.gp: %s", strerror(errno));
    }
}

/** A plot of an earlier report must not pass for one of this. */
static void
remove_plot(const struct bench_options *options, const char *file)
{
    char path[BENCH_PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s.svg", options->output, file);
    (void)unlink(path);
}

void
bench_plots_make(const struct bench_options *options, struct bench_results *results)
{
    for (size_t i = 0; i < COUNT_OF(percentile_plots); i++) {
        remove_plot(options, percentile_plots[i].file);
    }
    for (size_t i = 0; i < COUNT_OF(growth_plots); i++) {
        remove_plot(options, growth_plots[i].file);
    }
    write_script(options, results);
    pid_t child = bench_fork(-1);
    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (nothing >= 0) {
            (void)dup2(nothing, STDERR_FILENO); /* it tells of every line that is no number */
        }
        if (chdir(options->output) == 0) {
            (void)execlp("gnuplot", "gnuplot", "plots.gp", (char *)NULL);
        }
        _exit(127);
    }
    if (!bench_join(child)) {
        bench_note(results, "plots",
                   "no plots: gnuplot is not installed, or failed; plots.gp in %s is for it",
                   options->output);
    }
}

static void
link_plot(const struct bench_options *options, const char *file, const char *title, FILE *out)
{
    char path[BENCH_PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s.svg", options->output, file);
    if (access(path, R_OK) == 0) {
        (void)fprintf(out, "\n![%s](%s.svg)\n", title, file);
    }
}

void
bench_plots_link(const struct bench_options *options, const char *group, FILE *out)
{
    for (size_t i = 0; i < COUNT_OF(percentile_plots); i++) {
        if (strcmp(percentile_plots[i].group, group) == 0) {
            link_plot(options, percentile_plots[i].file, percentile_plots[i].title, out);
        }
    }
    for (size_t i = 0; i < COUNT_OF(growth_plots); i++) {
        if (strcmp(growth_plots[i].group, group) == 0) {
            link_plot(options, growth_plots[i].file, growth_plots[i].title, out);
        }
    }
}
