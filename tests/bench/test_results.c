/* test_results.c - series, ratios, percentile tables, and how they are printed. */
#include "results.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct bench_results results;

static void
tear_down(void)
{
    bench_results_free(&results);
}

TestSuite(results, .fini = tear_down);

static char *
printed(void (*print)(const struct bench_results *, FILE *))
{
    char *text = NULL;
    size_t bytes;
    FILE *stream = open_memstream(&text, &bytes);
    print(&results, stream);
    fclose(stream);
    return text;
}

Test(results, a_series_has_the_median_least_and_greatest_of_its_runs)
{
    const double values[] = {3, 1, 10};
    for (size_t i = 0; i < 3; i++) {
        bench_add(&results, "ring", "a", BENCH_NS, values[i], NULL, 0);
    }
    struct bench_summary summary = bench_summarise(bench_find(&results, "ring", "a"));
    cr_expect_float_eq(summary.median, 3, 1e-9);
    cr_expect_float_eq(summary.min, 1, 1e-9);
    cr_expect_float_eq(summary.max, 10, 1e-9);
    cr_expect(isnan(summary.ratio));
    bench_add(&results, "ring", "a", BENCH_NS, 5, NULL, 0);
    summary = bench_summarise(bench_find(&results, "ring", "a"));
    cr_expect_float_eq(summary.median, 4, 1e-9, "an even count: between the two in the middle");
}

Test(results, the_ratio_of_a_time_says_how_many_calibrations_long_it_is)
{
    bench_add(&results, "ring", "ns", BENCH_NS, 300, BENCH_PING_PONG, 100);
    bench_add(&results, "ring", "us", BENCH_US, 3, BENCH_PING_PONG, 100);
    cr_expect_float_eq(bench_summarise(bench_find(&results, "ring", "ns")).ratio, 3, 1e-9);
    cr_expect_float_eq(bench_summarise(bench_find(&results, "ring", "us")).ratio, 30, 1e-9);
}

Test(results, the_ratio_of_a_rate_says_how_many_there_are_in_one_calibration)
{
    bench_add(&results, "ring", "rate", BENCH_M_PER_S, 20, BENCH_PING_PONG, 100);
    bench_add(&results, "ring", "slow", BENCH_K_PER_S, 20, BENCH_PING_PONG, 100000);
    cr_expect_float_eq(bench_summarise(bench_find(&results, "ring", "rate")).ratio, 2, 1e-9);
    cr_expect_float_eq(bench_summarise(bench_find(&results, "ring", "slow")).ratio, 2, 1e-9);
}

Test(results, each_ratio_is_to_the_calibration_of_its_own_run)
{
    bench_add(&results, "ring", "a", BENCH_NS, 100, BENCH_PING_PONG, 100);
    bench_add(&results, "ring", "a", BENCH_NS, 400, BENCH_PING_PONG, 200);
    bench_add(&results, "ring", "a", BENCH_NS, 900, BENCH_PING_PONG, 100);
    cr_expect_float_eq(bench_summarise(bench_find(&results, "ring", "a")).ratio, 2, 1e-9);
}

Test(results, a_quotient_divides_the_values_of_each_run)
{
    const double over[] = {10, 30, 80};
    const double under[] = {10, 10, 40};
    for (size_t i = 0; i < 3; i++) {
        bench_add(&results, "ring", "a", BENCH_NS, over[i], NULL, 0);
        bench_add(&results, "ring", "b", BENCH_NS, under[i], NULL, 0);
    }
    bench_add_quotient(&results, "ring", "a over b", "a", "b");
    const struct bench_series *series = bench_find(&results, "ring", "a over b");
    cr_assert_not_null(series);
    cr_expect_eq(series->count, 3);
    cr_expect_eq(series->unit, BENCH_TIMES);
    cr_expect_float_eq(bench_summarise(series).median, 2, 1e-9);
    cr_expect_float_eq(bench_summarise(series).min, 1, 1e-9);
    cr_expect_float_eq(bench_summarise(series).max, 3, 1e-9);
}

Test(results, what_lacks_a_run_is_not_divided)
{
    bench_add(&results, "ring", "a", BENCH_NS, 1, NULL, 0);
    bench_add_quotient(&results, "ring", "a over b", "a", "b");
    cr_expect_null(bench_find(&results, "ring", "a over b"), "there is no b");
    bench_add(&results, "ring", "b", BENCH_NS, 1, NULL, 0);
    bench_add(&results, "ring", "b", BENCH_NS, 1, NULL, 0);
    bench_add_quotient(&results, "ring", "a over b", "a", "b");
    cr_expect_null(bench_find(&results, "ring", "a over b"), "a has one run, b has two");
}

Test(results, groups_keep_equal_names_apart)
{
    bench_add(&results, "ring", "a", BENCH_NS, 1, NULL, 0);
    bench_add(&results, "wal", "a", BENCH_NS, 2, NULL, 0);
    cr_expect_eq(bench_find(&results, "ring", "a")->count, 1);
    cr_expect_float_eq(bench_find(&results, "wal", "a")->values[0], 2, 1e-9);
    cr_expect_null(bench_find(&results, "core", "a"));
}

Test(results, no_series_grows_beyond_its_runs)
{
    for (unsigned i = 0; i < BENCH_RUNS_MAX + 5; i++) {
        bench_add(&results, "ring", "a", BENCH_NS, i, NULL, 0);
    }
    cr_expect_eq(bench_find(&results, "ring", "a")->count, BENCH_RUNS_MAX);
}

static void
add_histogram(uint64_t first, uint64_t last)
{
    static struct hf_histogram histogram;
    hf_histogram_init(&histogram);
    for (uint64_t value = first; value <= last; value++) {
        hf_histogram_record(&histogram, value);
    }
    bench_add_percentiles(&results, "e2e", "trip", &histogram, BENCH_PING_PONG, 10);
}

Test(results, percentiles_of_each_run_are_series_and_all_runs_one_table)
{
    add_histogram(1, 50);
    add_histogram(51, 60);
    const struct bench_series *p50 = bench_find(&results, "e2e", "trip p50");
    cr_assert_not_null(p50);
    cr_expect_eq(p50->count, 2);
    cr_expect_float_eq(p50->values[0], 25, 1e-9);
    cr_expect_float_eq(p50->values[1], 55, 1e-9);
    cr_expect_null(bench_find(&results, "e2e", "trip p99"), "50 values have none");
    cr_assert_eq(results.table_count, 1);
    cr_expect_eq(results.tables[0]->histogram.total, 60);
}

Test(results, a_percentile_needs_as_many_values_as_it_leaves_out_one_of)
{
    add_histogram(1, 1000);
    cr_expect_not_null(bench_find(&results, "e2e", "trip p99"));
    cr_expect_not_null(bench_find(&results, "e2e", "trip p99.9"));
    cr_expect_null(bench_find(&results, "e2e", "trip p99.99"));
}

Test(results, an_empty_histogram_adds_nothing)
{
    add_histogram(2, 1);
    cr_expect_eq(results.series_count, 0);
    cr_expect_eq(results.table_count, 0);
}

Test(results, json_is_read_back_as_it_was)
{
    json_error_t error;
    bench_add(&results, "ring", "a \"b\"", BENCH_M_PER_S, 2.5, BENCH_PING_PONG, 100);
    bench_add(&results, "ring", "c", BENCH_NS, 7, NULL, 0);
    bench_note(&results, "ring", "skipped: %s", "x");
    char *text = printed(bench_print_json);
    json_t *root = json_loads(text, 0, &error);
    cr_assert_not_null(root, "%s", error.text);
    const json_t *series = json_object_get(root, "series");
    cr_assert_eq(json_array_size(series), 2);
    const json_t *first = json_array_get(series, 0);
    cr_expect_str_eq(json_string_value(json_object_get(first, "name")), "a \"b\"");
    cr_expect_str_eq(json_string_value(json_object_get(first, "unit")), "M/s");
    cr_expect_float_eq(json_number_value(json_object_get(first, "median")), 2.5, 1e-9);
    cr_expect_float_eq(json_number_value(json_object_get(first, "ratio")), 0.25, 1e-9);
    cr_expect_null(json_object_get(json_array_get(series, 1), "ratio"));
    cr_expect_eq(json_array_size(json_object_get(root, "notes")), 1);
    cr_expect_eq(json_integer_value(json_object_get(root, "failures")), 0);
    json_decref(root);
    free(text);
}

Test(results, a_wrong_end_state_is_counted)
{
    bench_fail(&results, "core %s", "x");
    char *text = printed(bench_print_json);
    cr_expect_not_null(strstr(text, "\"failures\":1,"));
    free(text);
}

Test(results, a_note_is_kept_once)
{
    bench_note(&results, "ring", "skipped: %d", 1);
    bench_note(&results, "ring", "skipped: %d", 1);
    bench_note(&results, "wal", "skipped: %d", 1);
    cr_expect_eq(results.note_count, 2);
}

Test(results, percentile_tables_stand_in_microseconds_two_lines_apart)
{
    add_histogram(2000, 2000);
    bench_add(&results, "e2e", "other", BENCH_NS, 1, NULL, 0);
    static struct hf_histogram one;
    hf_histogram_init(&one);
    hf_histogram_record(&one, 5000);
    bench_add_percentiles(&results, "wal", "stall", &one, NULL, 0);
    char *text = printed(bench_print_hdr);
    cr_expect_eq(strncmp(text, "# e2e trip, us\n", 15), 0, "%s", text);
    cr_expect_not_null(strstr(text, "\n\n\n# wal stall, us\n"), "%s", text);
    cr_expect_not_null(strstr(text, " 5.0"), "%s", text);
    free(text);
}
