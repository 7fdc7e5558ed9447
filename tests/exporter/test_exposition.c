/* test_exposition.c - the text format: its rules, also with names that need escapes; what is told of a daemon that
 * is not there; that the checker itself finds faults. */
#include "exporter/exposition.h"

#include "base/histogram.h"
#include "rules.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct hf_histogram histograms[HF_WATCH_STAGES];

static struct hf_watch_view
a_view(void)
{
    static struct hf_watch_session sessions[2] = {
        {.name = "maker", .connected = true, .commands = 7, .unread = 3},
        {.name = "a\"b\\c\nd", .commands = 9}};
    static struct hf_watch_instrument instruments[3] = {{.id = 1, .phase = HF_PHASE_OPEN},
                                                        {.id = 2, .phase = HF_PHASE_HALTED},
                                                        {.id = 3, .phase = HF_PHASE_OPEN}};
    struct hf_watch_view view = {.seen = true,
                                 .measured = true,
                                 .alive = true,
                                 .verdict = {.health = HF_WATCH_WELL, .word = "well"},
                                 .histograms = histograms,
                                 .thread_count = 3,
                                 .sessions = sessions,
                                 .session_count = 2,
                                 .instruments = instruments,
                                 .instrument_count = 3};
    view.status.sequenced_lsn = 100;
    view.status.durable_lsn = 60;
    memcpy(view.status.instance, "unit", 5);
    memcpy(view.status.io, "direct", 7);
    memcpy(view.threads[0].name, "hf-engine", 10);
    memcpy(view.threads[1].name, "holdfastd", 10);
    memcpy(view.threads[2].name, "holdfastd", 10); /* one that has no name of its own yet */
    view.threads[0].minor_faults = 12;
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        hf_histogram_init(&histograms[i]);
    }
    return view;
}

static char *
print(const struct hf_watch_view *view)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    hf_exposition_print(out, view, 5);
    fclose(out);
    return text;
}

Test(exposition, keeps_the_rules_of_the_format)
{
    char why[RULES_TEXT_BYTES];
    struct hf_watch_view view = a_view();
    for (uint64_t value = 0; value < 2000000; value = value * 2 + 1) {
        hf_histogram_record(&histograms[HF_WATCH_DURABLE], value);
        hf_histogram_record(&histograms[HF_WATCH_FLUSH_BYTES], value);
    }
    char *text = print(&view);
    cr_assert(rules_keep(text, why), "%s", why);
    cr_expect(strstr(text, "holdfast_session_commands_total{session=\"a\\\"b\\\\c\\nd\"} 9\n") !=
              NULL);
    cr_expect_eq(rules_value(text, "holdfast_up "), 1);
    cr_expect_eq(rules_value(text, "holdfast_health{verdict=\"well\"}"), 1);
    cr_expect_eq(rules_value(text, "holdfast_health{verdict=\"halted\"}"), 0);
    cr_expect_eq(rules_value(text, "holdfast_behind_records "), 40);
    cr_expect_eq(rules_value(text, "holdfast_instruments_in_phase{phase=\"open\"}"), 2);
    cr_expect_eq(rules_value(text, "holdfast_instruments_in_phase{phase=\"halted\"}"), 1);
    cr_expect_eq(rules_value(text, "holdfast_thread_minor_faults_total{thread=\"hf-engine\"}"), 12);
    cr_expect_eq(rules_value(text, "holdfast_session_unread_reports{session=\"maker\"}"), 3);
    cr_expect_eq(rules_value(text, "holdfast_exporter_looks_total "), 5);
    free(text);
}

Test(exposition, buckets_count_exactly_what_lies_at_or_below_them)
{
    struct hf_watch_view view = a_view();
    hf_histogram_record(&histograms[HF_WATCH_FLUSH], 127);
    hf_histogram_record(&histograms[HF_WATCH_FLUSH], 128);
    hf_histogram_record(&histograms[HF_WATCH_FLUSH], 191);
    hf_histogram_record(&histograms[HF_WATCH_FLUSH], UINT64_MAX);
    hf_histogram_record(&histograms[HF_WATCH_FLUSH_RECORDS], 1);
    hf_histogram_record(&histograms[HF_WATCH_FLUSH_RECORDS], 3);
    hf_histogram_record(&histograms[HF_WATCH_FLUSH_RECORDS], 4);
    char *text = print(&view);
    cr_expect_eq(rules_value(text, "holdfast_flush_seconds_bucket{le=\"1.27e-07\"}"), 1);
    cr_expect_eq(rules_value(text, "holdfast_flush_seconds_bucket{le=\"1.91e-07\"}"), 3);
    cr_expect_eq(rules_value(text, "holdfast_flush_seconds_bucket{le=\"25.7698038\"}"), 3);
    cr_expect_eq(rules_value(text, "holdfast_flush_seconds_bucket{le=\"+Inf\"}"), 4);
    cr_expect_eq(rules_value(text, "holdfast_flush_records_bucket{le=\"1\"}"), 1);
    cr_expect_eq(rules_value(text, "holdfast_flush_records_bucket{le=\"3\"}"), 2);
    cr_expect_eq(rules_value(text, "holdfast_flush_records_bucket{le=\"7\"}"), 3);
    cr_expect_eq(rules_value(text, "holdfast_flush_records_sum "), 8);
    free(text);
}

Test(exposition, of_a_daemon_that_is_not_there_nothing_else_is_told)
{
    char why[RULES_TEXT_BYTES];
    struct hf_watch_view view = a_view();
    view.alive = false;
    view.verdict.health = HF_WATCH_DEAD;
    char *text = print(&view);
    cr_expect(rules_keep(text, why), "%s", why);
    cr_expect_eq(rules_value(text, "holdfast_up "), 0);
    cr_expect_eq(rules_value(text, "holdfast_healthy "), 0);
    cr_expect_eq(rules_value(text, "holdfast_health{verdict=\"dead\"}"), 1);
    cr_expect_not(rules_have(text, "holdfast_commands_total"));
    cr_expect_not(rules_have(text, "holdfast_durable_lsn"));
    free(text);
}

Test(exposition, who_may_not_look_does_not_tell_that_nothing_is_there)
{
    char why[RULES_TEXT_BYTES];
    struct hf_watch_view view = a_view();
    view.alive = false;
    view.verdict.health = HF_WATCH_DENIED;
    char *text = print(&view);
    cr_expect(rules_keep(text, why), "%s", why);
    cr_expect_not(rules_have(text, "holdfast_up"));
    cr_expect_not(rules_have(text, "holdfast_healthy"));
    cr_expect_eq(rules_value(text, "holdfast_health{verdict=\"denied\"}"), 1);
    free(text);
}

Test(exposition, every_value_and_stage_of_the_catalog_is_there)
{
    struct hf_watch_view view = a_view();
    char *text = print(&view);
    char name[128];
    cr_assert_leq(hf_watch_value_count, HF_WATCH_VALUES_MAX);
    for (size_t i = 0; i < hf_watch_value_count; i++) {
        snprintf(name, sizeof(name), "holdfast_%s", hf_watch_values[i].name);
        cr_expect(rules_have(text, name), "%s", name);
    }
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        snprintf(name, sizeof(name), "holdfast_%s_count", hf_watch_stages[i].name);
        cr_expect(rules_have(text, name), "%s", name);
    }
    free(text);
}

#define GAUGE "# HELP a A.\n# TYPE a gauge\n"
#define HISTOGRAM "# HELP h H.\n# TYPE h histogram\n"

Test(exposition, the_checker_finds_faults)
{
    static const struct {
        const char *text;
        const char *fault; /**< NULL: there is none */
    } CASES[] = {
        {GAUGE "a 1\n", NULL},
        {GAUGE "a{b=\"c\"} 1\na{b=\"d\"} 2\n", NULL},
        {HISTOGRAM "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n", NULL},
        {"", "there is nothing"},
        {"a 1\n", "without HELP"},
        {"# HELP a A.\na 1\n", "without HELP and TYPE"},
        {"# TYPE a gauge\na 1\n", "TYPE is not right behind"},
        {GAUGE "a 1", "no end"},
        {GAUGE "a one\n", "not a number"},
        {GAUGE "a{b=c} 1\n", "neither a comment nor a sample"},
        {GAUGE "a{b=\"c} 1\n", "neither a comment nor a sample"},
        {GAUGE "a 1\na 2\n", "comes twice"},
        {GAUGE "a 1\n" GAUGE, "HELP comes twice"},
        {GAUGE "b 1\n", "outside of its metric's block"},
        {"# HELP a A.\n# TYPE a counter\na 1\n", "ends in _total"},
        {"# HELP a_total A.\n# TYPE a_total gauge\n", "ends in _total"},
        {"# HELP a_total A.\n# TYPE a_total counter\na_total -1\n", "below zero"},
        {HISTOGRAM "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 2\n", "do not grow"},
        {HISTOGRAM "h_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 1\n", "do not grow"},
        {HISTOGRAM "h_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 3\n", "not that of the bucket"},
        {HISTOGRAM "h 2\n", "_bucket, _sum and _count"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char why[RULES_TEXT_BYTES];
        bool keeps = rules_keep(CASES[i].text, why);
        cr_expect_eq(keeps, CASES[i].fault == NULL, "case %zu: %s", i, why);
        cr_expect(CASES[i].fault == NULL || strstr(why, CASES[i].fault) != NULL, "case %zu: %s", i,
                  why);
    }
}
