/* test_top_picture.c - what `holdfast top` shows: numbers, what fits into a small terminal, what is wrong. */
#include "cli/top_picture.h"

#include "base/histogram.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/** As top.c scrolls at most. */
#define HELP_SKIP 39

static struct hf_watch_session sessions[40];
static struct hf_watch_instrument instruments[60];
static struct hf_metrics_ladder ladders[60];

/** As wide as figures get. */
static struct hf_watch_view
a_view(void)
{
    struct hf_watch_view view = {
        .seen = true,
        .measured = true,
        .alive = true,
        .verdict = {.health = HF_WATCH_WELL, .word = "well", .text = "running"},
        .uptime_s = 8.0e6,
        .heartbeat_age_s = 0.0987,
        .commands_per_s = 9876543,
        .reports_per_s = 12345678,
        .trades_per_s = 999999,
        .rejects_per_s = 12345,
        .flushes_per_s = 9999,
        .flushed_bytes_per_s = 4.56e8,
        .thread_count = 2,
        .sessions = sessions,
        .session_count = 40,
        .instruments = instruments,
        .instrument_count = 60};
    view.status = (struct hf_status){.sequenced_lsn = 123456789012,
                                     .written_lsn = 123456780000,
                                     .durable_lsn = 123456770000,
                                     .snapshot_lsn = 123000000000,
                                     .open_orders = 1234567,
                                     .pid = 1234567,
                                     .epoch = 12};
    memcpy(view.status.instance, "the-longest-of-all-name", 24);
    memcpy(view.status.io, "direct", 7);
    memcpy(view.threads[0].name, "hf-engine", 10);
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        view.stages[i] = (struct hf_watch_summary){.count = 99999,
                                                   .per_second = 123456,
                                                   .p50 = 123.4e-6,
                                                   .p90 = 0.7894,
                                                   .p99 = 0.1234,
                                                   .p999 = 1.234,
                                                   .max = 123.4};
    }
    for (unsigned i = 0; i < 40; i++) {
        sessions[i] = (struct hf_watch_session){.connected = true,
                                                .commands = 123456789,
                                                .reports = 987654321,
                                                .unread = 65536,
                                                .open_orders = 524288};
        snprintf(sessions[i].name, sizeof(sessions[i].name), "session-with-a-name-%03u", i);
    }
    for (unsigned i = 0; i < 60; i++) {
        instruments[i] = (struct hf_watch_instrument){
            .id = i + 1, .phase = HF_PHASE_PRE_OPEN, .ladder = &ladders[i]};
        ladders[i] = (struct hf_metrics_ladder){
            .has_last = 1, .last_price = 1234567890, .bid_count = 1, .ask_count = 1};
        ladders[i].bids[0] = (struct hf_metrics_level){1234567889, 98765432, 3};
        ladders[i].asks[0] = (struct hf_metrics_level){1234567891, 98765432, 3};
        snprintf(instruments[i].symbol, sizeof(instruments[i].symbol), "SYMBOL-OF-15-%02u", i);
    }
    return view;
}

/** The lines without styles, to be freed. */
static char *
print(const struct hf_watch_view *view, struct hf_top_layout layout)
{
    char *styled = NULL;
    char *plain = NULL;
    size_t size;
    FILE *out = open_memstream(&styled, &size);
    hf_top_draw(out, view, &layout);
    fclose(out);
    out = open_memstream(&plain, &size);
    hf_top_plain(out, styled);
    fclose(out);
    free(styled);
    return plain;
}

static void
expect_fits(const char *text, unsigned rows, size_t columns)
{
    unsigned lines = 0;
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1) {
        lines++;
        cr_expect_leq(strcspn(at, "\n"), columns, "%.*s", (int)strcspn(at, "\n"), at);
    }
    cr_expect_leq(lines, rows);
}

Test(top_picture, numbers)
{
    static const struct {
        const char *(*form)(double, char *);
        double value;
        const char *text;
    } CASES[] = {
        {hf_top_count, 0, "0"},
        {hf_top_count, 7, "7"},
        {hf_top_count, 0.25, "0.2"},
        {hf_top_count, 999, "999"},
        {hf_top_count, 1000, "1,000"},
        {hf_top_count, 999999, "999,999"},
        {hf_top_count, 1234567, "1.23 M"},
        {hf_top_count, 123456789, "123.5 M"},
        {hf_top_count, 2.5e9, "2.50 G"},
        {hf_top_count, -1, "0"},
        {hf_top_duration, 0, "0"},
        {hf_top_duration, 250e-9, "250 ns"},
        {hf_top_duration, 1.5e-6, "1.50 us"},
        {hf_top_duration, 123.45e-6, "123.4 us"},
        {hf_top_duration, 0.0123, "12.3 ms"},
        {hf_top_duration, 2.5, "2.50 s"},
        {hf_top_duration, 5000, "5000 s"},
        {hf_top_bytes, 12, "12 B"},
        {hf_top_bytes, 1500, "1.5 kB"},
        {hf_top_bytes, 82.3e9, "82.3 GB"},
        {hf_top_bytes, 3e15, "3000 TB"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[HF_TOP_NUMBER_BYTES];
        cr_expect_str_eq(CASES[i].form(CASES[i].value, text), CASES[i].text, "%g: %s",
                         CASES[i].value, text);
    }
}

Test(top_picture, the_widest_figures_fit_into_80_columns_and_24_rows)
{
    struct hf_watch_view view = a_view();
    for (int page = HF_TOP_OVERVIEW; page <= HF_TOP_HELP; page++) {
        char *text = print(
            &view, (struct hf_top_layout){
                       .rows = 24, .columns = 80, .page = (enum hf_top_page)page, .interval_s = 1});
        expect_fits(text, 24, 80);
        free(text);
    }
}

Test(top_picture, a_small_terminal_shows_some_of_all)
{
    struct hf_watch_view view = a_view();
    char *text = print(&view, (struct hf_top_layout){.rows = 24, .columns = 80, .interval_s = 1});
    cr_expect(strstr(text, "commands 9.88 M") != NULL, "%s", text);
    cr_expect(strstr(text, "sequenced to durable") != NULL);
    cr_expect(strstr(text, "SYMBOL-OF-15-00") != NULL);
    cr_expect(strstr(text, " of 60 ") != NULL, "that there are more: %s", text);
    cr_expect(strstr(text, "session-with-a-name-000") != NULL);
    cr_expect(strstr(text, " more\n") != NULL);
    cr_expect(strstr(text, "q quit") != NULL);
    free(text);
    text = print(&view, (struct hf_top_layout){.rows = 0, .columns = 100, .interval_s = 1});
    cr_expect(strstr(text, "session-with-a-name-039") != NULL, "without an end all are shown");
    cr_expect(strstr(text, "SYMBOL-OF-15-59") != NULL);
    cr_expect(strstr(text, "q quit") == NULL);
    free(text);
    for (unsigned rows = 1; rows < 24; rows++) { /* as small as you like */
        text = print(&view, (struct hf_top_layout){.rows = rows, .columns = 20, .interval_s = 1});
        expect_fits(text, rows + 1, 200);
        free(text);
    }
}

Test(top_picture, what_is_wrong_is_said_first)
{
    struct hf_watch_view view = a_view();
    view.alive = false;
    view.verdict = (struct hf_watch_verdict){
        .health = HF_WATCH_DEAD, .word = "dead", .text = "process 7 is gone"};
    char *text = print(&view, (struct hf_top_layout){.rows = 24, .columns = 80});
    cr_expect(strstr(text, "name  dead  ") != NULL, "%s", text);
    cr_expect(strstr(text, "\nprocess 7 is gone\nWhat is shown is what it said last") != NULL);
    free(text);
    view = (struct hf_watch_view){
        .verdict = {.health = HF_WATCH_ABSENT, .word = "absent", .text = "no daemon"}};
    text = print(&view, (struct hf_top_layout){.rows = 24, .columns = 80});
    cr_expect(strstr(text, "absent") != NULL && strstr(text, "\nno daemon\n") != NULL, "%s", text);
    cr_expect(strstr(text, "per second") == NULL, "nothing is known");
    free(text);
}

Test(top_picture, help_explains_each_stage_and_can_be_read_to_its_end)
{
    struct hf_watch_view view = a_view();
    char *text = print(&view, (struct hf_top_layout){.columns = 100, .page = HF_TOP_HELP});
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        char first[24];
        snprintf(first, sizeof(first), "%.20s", hf_watch_stages[i].help);
        cr_expect(strstr(text, first) != NULL, "%s", hf_watch_stages[i].title);
    }
    free(text);
    text = print(&view, (struct hf_top_layout){
                            .rows = 24, .columns = 80, .page = HF_TOP_HELP, .skip = HELP_SKIP});
    cr_expect(strstr(text, "Looked at once a\n") != NULL, "%s", text);
    free(text);
}

Test(top_picture, what_was_not_measured_is_not_zero)
{
    struct hf_watch_view view = a_view();
    view.stages[HF_WATCH_FLUSH] = (struct hf_watch_summary){0};
    char *text = print(&view, (struct hf_top_layout){.rows = 0, .columns = 100, .interval_s = 1});
    cr_expect(
        strstr(
            text,
            "\none flush                       0        -        -        -        -        -\n") !=
            NULL,
        "%s", text);
    free(text);
}
