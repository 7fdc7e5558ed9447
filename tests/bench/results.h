/*
 * results.h - what was measured: series of one value a run, with the calibration of the same run.
 *
 * A ratio is to a calibration. Two series are compared by a third one: the quotient of their values, run by
 * run.
 *   a time      value / calibration             how many calibrations long it is
 *   a rate      value x calibration             how many there are in one calibration
 */
#ifndef HF_BENCH_RESULTS_H
#define HF_BENCH_RESULTS_H

#include "base/histogram.h"

#include <stdbool.h>
#include <stddef.h>

#define BENCH_RUNS_MAX 99u
#define BENCH_NAME_BYTES 96u

/** The calibrations. */
#define BENCH_PING_PONG "line ping-pong"
#define BENCH_RAW_FLUSH "raw write + flush"
#define BENCH_LOG_CRC "CRC32C of the log" /**< of one slot, read out of the page cache */

enum bench_unit {
    BENCH_NS,      /**< a time: less is better */
    BENCH_US,      /**< as above */
    BENCH_MS,      /**< as above */
    BENCH_M_PER_S, /**< a rate, millions per second: more is better */
    BENCH_K_PER_S, /**< as above, thousands */
    BENCH_PERCENT, /**< less is better */
    BENCH_BYTES,   /**< as above */
    BENCH_COUNT,   /**< as above */
    BENCH_TIMES,   /**< a quotient: how many times the other one */
};

struct bench_series {
    const char *group; /**< the subcommand */
    char name[BENCH_NAME_BYTES];
    enum bench_unit unit;
    const char *ratio_to; /**< NULL: to nothing */
    unsigned count;
    double values[BENCH_RUNS_MAX];
    double ratios[BENCH_RUNS_MAX];
};

/** The percentile table of one thing measured, all runs together. */
struct bench_table {
    const char *group;
    char name[BENCH_NAME_BYTES];
    struct hf_histogram histogram; /**< ns */
};

struct bench_note {
    const char *group;
    char text[256];
};

struct bench_results {
    struct bench_series *series;
    size_t series_count;
    struct bench_table **tables; /**< each allocated by itself: pointers to them stay valid */
    size_t table_count;
    struct bench_note *notes; /**< what was skipped, and why; what a figure does not say */
    size_t note_count;
    unsigned failures;
};

struct bench_summary {
    double median, min, max, ratio; /**< ratio: the median one; NAN without one */
};

void bench_results_free(struct bench_results *results);

/** Add the value of one run. The first one makes the series. `calibration_ns` is not looked at when
 *  `ratio_to` is NULL. */
void bench_add(struct bench_results *results, const char *group, const char *name,
               enum bench_unit unit, double value, const char *ratio_to, double calibration_ns);

/** Add percentiles of one run's histogram as series "NAME p50", "NAME p99", "NAME p99.9", "NAME p99.99", as
 *  far as it has values enough, and merge it into the table NAME. An empty histogram adds nothing. */
void bench_add_percentiles(struct bench_results *results, const char *group, const char *name,
                           const struct hf_histogram *histogram, const char *ratio_to,
                           double calibration_ns);

/** Of each run so far, the value of the series `over` divided by that of `under`. Adds nothing where one of
 *  them is missing, or has a run without a value: nobody could say then which belong together. */
void bench_add_quotient(struct bench_results *results, const char *group, const char *name,
                        const char *over, const char *under);

/** Say something once: the same text of the same group is kept once. */
void bench_note(struct bench_results *results, const char *group, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** B2: name a wrong end state on standard error and remember it. */
void bench_fail(struct bench_results *results, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct bench_summary bench_summarise(const struct bench_series *series);
const struct bench_series *bench_find(const struct bench_results *results, const char *group,
                                      const char *name);
const char *bench_unit_name(enum bench_unit unit);

void bench_print(const struct bench_results *results, FILE *out);
void bench_print_json(const struct bench_results *results, FILE *out);
/** Every percentile table, in microseconds: each under a line "# GROUP NAME", two blank lines between. */
void bench_print_hdr(const struct bench_results *results, FILE *out);

#endif
