/* results.c - keep series of values, and print them for people, programs and plotters. */
#include "results.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct unit {
    const char *name;
    double ns;  /**< of a time */
    double per; /**< of a rate: per nanosecond */
} units[] = {
    [BENCH_NS] = {"ns", 1, 0},          [BENCH_US] = {"us", 1e3, 0},
    [BENCH_MS] = {"ms", 1e6, 0},        [BENCH_M_PER_S] = {"M/s", 0, 1e-3},
    [BENCH_K_PER_S] = {"k/s", 0, 1e-6}, [BENCH_PERCENT] = {"%", 0, 0},
    [BENCH_BYTES] = {"bytes", 0, 0},    [BENCH_COUNT] = {"count", 0, 0},
    [BENCH_TIMES] = {"x", 0, 0},
};

const char *
bench_unit_name(enum bench_unit unit)
{
    return units[unit].name;
}

/** Room for one more, or the end. */
static void *
grow(void *array, size_t count, size_t item_bytes)
{
    void *grown = realloc(array, (count + 1) * item_bytes);
    if (grown == NULL) {
        perror("holdfast-bench");
        exit(71);
    }
    memset((char *)grown + count * item_bytes, 0, item_bytes);
    return grown;
}

void
bench_results_free(struct bench_results *results)
{
    for (size_t i = 0; i < results->table_count; i++) {
        free(results->tables[i]);
    }
    free(results->tables);
    free(results->series);
    free(results->notes);
    memset(results, 0, sizeof(*results));
}

const struct bench_series *
bench_find(const struct bench_results *results, const char *group, const char *name)
{
    for (size_t i = 0; i < results->series_count; i++) {
        const struct bench_series *series = &results->series[i];
        if (strcmp(series->group, group) == 0 && strcmp(series->name, name) == 0) {
            return series;
        }
    }
    return NULL;
}

static struct bench_series *
series_get(struct bench_results *results, const char *group, const char *name)
{
    const struct bench_series *found = bench_find(results, group, name);
    if (found != NULL) {
        return &results->series[found - results->series];
    }
    results->series = grow(results->series, results->series_count, sizeof(*results->series));
    struct bench_series *series = &results->series[results->series_count++];
    series->group = group;
    (void)snprintf(series->name, sizeof(series->name), "%s", name);
    return series;
}

static double
ratio_of(enum bench_unit unit, double value, double calibration_ns)
{
    return units[unit].ns > 0 ? value * units[unit].ns / calibration_ns
                              : value * units[unit].per * calibration_ns;
}

void
bench_add(struct bench_results *results, const char *group, const char *name, enum bench_unit unit,
          double value, const char *ratio_to, double calibration_ns)
{
    struct bench_series *series = series_get(results, group, name);
    if (series->count == BENCH_RUNS_MAX) {
        return;
    }
    series->unit = unit;
    series->ratio_to = ratio_to;
    series->values[series->count] = value;
    series->ratios[series->count] = ratio_to == NULL ? NAN : ratio_of(unit, value, calibration_ns);
    series->count++;
}

static struct hf_histogram *
table_get(struct bench_results *results, const char *group, const char *name)
{
    for (size_t i = 0; i < results->table_count; i++) {
        struct bench_table *table = results->tables[i];
        if (strcmp(table->group, group) == 0 && strcmp(table->name, name) == 0) {
            return &table->histogram;
        }
    }
    struct bench_table *table = grow(NULL, 0, sizeof(*table));
    table->group = group;
    (void)snprintf(table->name, sizeof(table->name), "%s", name);
    hf_histogram_init(&table->histogram);
    results->tables = grow(results->tables, results->table_count, sizeof(struct bench_table *));
    results->tables[results->table_count++] = table;
    return &table->histogram;
}

void
bench_add_percentiles(struct bench_results *results, const char *group, const char *name,
                      const struct hf_histogram *histogram, const char *ratio_to,
                      double calibration_ns)
{
    static const struct {
        double percentile;
        const char *name;
    } wanted[] = {{50, "p50"}, {99, "p99"}, {99.9, "p99.9"}, {99.99, "p99.99"}};
    if (histogram->total == 0) {
        return;
    }
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        char full[BENCH_NAME_BYTES];
        double beyond = (double)histogram->total * (1 - wanted[i].percentile / 100);
        if (i > 0 &&
            beyond < 0.999) { /* fewer values than that would need: it would be the maximum */
            break;
        }
        (void)snprintf(full, sizeof(full), "%.80s %s", name, wanted[i].name);
        bench_add(results, group, full, BENCH_NS,
                  (double)hf_histogram_percentile(histogram, wanted[i].percentile), ratio_to,
                  calibration_ns);
    }
    hf_histogram_merge(table_get(results, group, name), histogram);
}

void
bench_add_quotient(struct bench_results *results, const char *group, const char *name,
                   const char *over, const char *under)
{
    const struct bench_series *a = bench_find(results, group, over);
    const struct bench_series *b = bench_find(results, group, under);
    double quotients[BENCH_RUNS_MAX];
    if (a == NULL || b == NULL || a->count != b->count) {
        return;
    }
    unsigned count = a->count;
    for (unsigned i = 0; i < count; i++) {
        quotients[i] = a->values[i] / b->values[i];
    }
    for (unsigned i = 0; i < count; i++) { /* moves the series */
        bench_add(results, group, name, BENCH_TIMES, quotients[i], NULL, 0);
    }
}

void
bench_note(struct bench_results *results, const char *group, const char *format, ...)
{
    struct bench_note note = {.group = group};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(note.text, sizeof(note.text), format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < results->note_count; i++) {
        if (strcmp(results->notes[i].group, group) == 0 &&
            strcmp(results->notes[i].text, note.text) == 0) {
            return;
        }
    }
    results->notes = grow(results->notes, results->note_count, sizeof(note));
    results->notes[results->note_count++] = note;
}

void
bench_fail(struct bench_results *results, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("MISMATCH ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    results->failures++;
}

static int
compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/** The middle value, or the mean of the two in the middle. Sorts. */
static double
median(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

struct bench_summary
bench_summarise(const struct bench_series *series)
{
    double values[BENCH_RUNS_MAX];
    struct bench_summary summary;
    memcpy(values, series->ratios, sizeof(values));
    summary.ratio = series->ratio_to == NULL ? NAN : median(values, series->count);
    memcpy(values, series->values, sizeof(values));
    summary.median = median(values, series->count); /* and sorted */
    summary.min = values[0];
    summary.max = values[series->count - 1];
    return summary;
}

/** Four digits that say something, whatever the size. */
static void
print_number(FILE *out, double value)
{
    int decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 1 ? 2 : 4;
    (void)fprintf(out, " %11.*f", decimals, value);
}

static void
print_series(const struct bench_series *series, FILE *out)
{
    struct bench_summary summary = bench_summarise(series);
    (void)fprintf(out, "  %-76s", series->name);
    print_number(out, summary.median);
    print_number(out, summary.min);
    print_number(out, summary.max);
    (void)fprintf(out, "  %-5s", units[series->unit].name);
    if (series->ratio_to != NULL) {
        print_number(out, summary.ratio);
        (void)fprintf(out, " %s %s", units[series->unit].ns > 0 ? "x" : "in one", series->ratio_to);
    }
    (void)fputc('\n', out);
}

void
bench_print(const struct bench_results *results, FILE *out)
{
    const char *group = "";
    for (size_t i = 0; i < results->series_count; i++) {
        const struct bench_series *series = &results->series[i];
        if (strcmp(group, series->group) != 0) {
            group = series->group;
            (void)fprintf(out, "%-78s %11s %11s %11s  %-5s %11s\n", group, "median", "min", "max",
                          "unit", "ratio");
        }
        print_series(series, out);
    }
    for (size_t i = 0; i < results->note_count; i++) {
        (void)fprintf(out, "note: %s: %s\n", results->notes[i].group, results->notes[i].text);
    }
}

/** One line, so that scripts without a JSON parser can read it too. */
static void
print_object(FILE *out, const char *before, json_t *object)
{
    (void)fputs(before, out);
    if (object == NULL || json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(10)) != 0) {
        (void)fprintf(stderr, "holdfast-bench: cannot write JSON\n");
        exit(74);
    }
    json_decref(object);
}

static json_t *
series_json(const struct bench_series *series)
{
    struct bench_summary summary = bench_summarise(series);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:i, s:f, s:f, s:f}", "group", series->group, "name",
                  series->name, "unit", units[series->unit].name, "runs", (int)series->count,
                  "median", summary.median, "min", summary.min, "max", summary.max);
    if (object != NULL && series->ratio_to != NULL) {
        (void)json_object_set_new(object, "ratio_to", json_string(series->ratio_to));
        (void)json_object_set_new(object, "ratio", json_real(summary.ratio));
    }
    return object;
}

void
bench_print_json(const struct bench_results *results, FILE *out)
{
    (void)fprintf(out, "{\"version\":\"%s\",\"failures\":%u,\"series\":[", HF_VERSION,
                  results->failures);
    for (size_t i = 0; i < results->series_count; i++) {
        print_object(out, i == 0 ? "\n" : ",\n", series_json(&results->series[i]));
    }
    (void)fputs("\n],\"notes\":[", out);
    for (size_t i = 0; i < results->note_count; i++) {
        print_object(out, i == 0 ? "\n" : ",\n",
                     json_pack("{s:s, s:s}", "group", results->notes[i].group, "text",
                               results->notes[i].text));
    }
    (void)fputs("\n]}\n", out);
}

void
bench_print_hdr(const struct bench_results *results, FILE *out)
{
    for (size_t i = 0; i < results->table_count; i++) {
        const struct bench_table *table = results->tables[i];
        (void)fprintf(out, "%s# %s %s, us\n", i == 0 ? "" : "\n\n", table->group, table->name);
        hf_histogram_print(&table->histogram, 1000, out);
    }
}
