/*
 * test_play_cases.c - other people's tests and recorded streams through the in-process engine. They live
 * outside the tree (HF_DATA_DIR): where they are absent, a notice is printed and nothing is checked.
 *
 * What is left out is counted per reason: tests/cases/README.md says why, rule by rule.
 */
#include "cli/play.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <unistd.h>

TestSuite(play_cases, .timeout = 240);

static struct hf_play_counts counts;
static char *output; /* of the last run */

static bool
run(const char *pattern, struct hf_play_options options)
{
    char path[512];
    size_t size;
    glob_t files;
    snprintf(path, sizeof path, "%s/%s", HF_DATA_DIR, pattern);
    if (glob(path, 0, NULL, &files) != 0) {
        fprintf(stderr, "%s is not here: not checked\n", path);
        return false;
    }
    struct hf_play play = {.options = options, .out = open_memstream(&output, &size)};
    cr_assert_not_null(play.out);
    cr_assert_eq(hf_play_run(&play, files.gl_pathv, files.gl_pathc), 0, "%s", play.error);
    hf_play_free(&play);
    cr_assert_eq(fclose(play.out), 0);
    counts = play.counts;
    globfree(&files);
    return true;
}

struct suite {
    const char *pattern;
    uint64_t cases, skipped, trades;
};

static void
expect_suite(const struct suite *suite)
{
    if (!run(suite->pattern, (struct hf_play_options){.check = true})) {
        return;
    }
    cr_expect_eq(counts.differ, 0, "%s", output);
    cr_expect_eq(counts.cases, suite->cases, "%s: %llu cases", suite->pattern,
                 (unsigned long long)counts.cases);
    cr_expect_eq(counts.passed, suite->cases - suite->skipped, "%s", suite->pattern);
    cr_expect_eq(counts.skipped, suite->skipped, "%s", suite->pattern);
    cr_expect_eq(counts.trades, suite->trades, "%s: %llu trades", suite->pattern,
                 (unsigned long long)counts.trades);
    free(output);
}

Test(play_cases, every_suite_passes_but_for_the_rules_in_the_table_of_differences)
{
    static const struct suite suites[] = {
        {"cases/kraken_assessment/*.jsonl", 22, 0, 4}, {"cases/liquibook/*.jsonl", 114, 32, 126},
        {"cases/order_matcher/*.jsonl", 59, 0, 67},    {"cases/parity/*.jsonl", 15, 0, 15},
        {"cases/quantcup/*.jsonl", 14, 0, 17},         {"cases/sets_iceberg/*.jsonl", 5, 0, 15},
    };
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        expect_suite(&suites[i]);
    }
}

/* Streams on which other engines agree give their very trades and books. */

Test(play_cases, streams_of_limit_and_market_orders_cancels_and_replaces)
{
    expect_suite(&(struct suite){"diff/core.jsonl.xz", 150, 0, 72883});
}

Test(play_cases, streams_with_fill_or_kill_orders)
{
    expect_suite(&(struct suite){"diff/fok.jsonl.xz", 100, 0, 26756});
}

Test(play_cases, streams_with_stops)
{
    expect_suite(&(struct suite){"diff/stop.jsonl.xz", 216, 0, 2382});
}

Test(play_cases, the_feed_of_the_quantcup)
{
    expect_suite(&(struct suite){"diff/quantcup_feed.jsonl.xz", 1, 0, 16887});
}

static uint64_t
skipped_for(const char *reason)
{
    for (size_t i = 0; i < counts.skip_count; i++) {
        if (strcmp(counts.skips[i].reason, reason) == 0) {
            return counts.skips[i].count;
        }
    }
    return 0;
}

Test(play_cases, what_is_left_out_is_all_or_none_orders_and_market_orders_that_rest)
{
    if (run("cases/*/*.jsonl", (struct hf_play_options){.check = true})) {
        cr_expect_eq(counts.cases, 229);
        cr_expect_eq(counts.passed, 197);
        cr_expect_eq(counts.skipped, 32);
        cr_expect_eq(skipped_for("out of scope: AON"), 21);
        cr_expect_eq(skipped_for("other rule: resting_market true"), 11);
        free(output);
    }
}

Test(play_cases, nothing_is_left_out_that_would_pass)
{
    if (run("cases/*/*.jsonl", (struct hf_play_options){.check = true, .all = true})) {
        cr_expect_eq(counts.passed, 197);
        cr_expect_eq(counts.differ, 11, "the cases in which a market order rests");
        cr_expect_eq(counts.skipped, 21, "all-or-none cannot be entered");
        free(output);
    }
}

/** The options matter: with the other variant a case of an iceberg differs... */
Test(play_cases, the_iceberg_that_must_requeue_differs_where_it_keeps_its_place)
{
    if (run("cases/sets_iceberg/*.jsonl",
            (struct hf_play_options){.check = true, .flags = HF_ICEBERG_KEEPS_PLACE})) {
        cr_expect_eq(counts.differ, 1);
        cr_expect(strstr(output, "PassiveExecutionTestCaseB") != NULL, "%s", output);
        free(output);
    }
}

/** ...and a replace that must lose its priority differs once its header no longer says so. */
Test(play_cases, the_replace_that_must_lose_priority_differs_without_the_option)
{
    static const char name[] =
        HF_DATA_DIR "/cases/liquibook/ut_order_book.TestReplaceSizeDecrease.jsonl";
    char path[] = "/tmp/hf-play-XXXXXX";
    char text[8192];
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        fprintf(stderr, "%s is not here: not checked\n", name);
        return;
    }
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    char *lose = strstr(text, "\"lose\"");
    cr_assert_not_null(lose);
    memcpy(lose, "\"keep\"", 6);
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, length), (ssize_t)length);
    close(fd);
    size_t size;
    char *paths[] = {path};
    struct hf_play play = {.options.check = true, .out = open_memstream(&output, &size)};
    cr_assert_eq(hf_play_run(&play, paths, 1), 0, "%s", play.error);
    hf_play_free(&play);
    fclose(play.out);
    cr_expect_eq(play.counts.differ, 1, "%s", output);
    free(output);
    unlink(path);
}
