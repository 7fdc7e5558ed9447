/* test_status_print.c - rates and means, and what `holdfast status` says about a daemon. */
#include "cli/status_print.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct hf_status_view
a_view(void)
{
    struct hf_status_view view = {.interval_ns = 500000000, .heartbeat_age_ns = 1500000};
    view.now = (struct hf_status){.instance_id = UINT64_C(0xfedcba9876543210),
                                  .state = HF_STATE_RUNNING,
                                  .epoch = 4,
                                  .history = 2,
                                  .pid = 4711,
                                  .sequenced_lsn = 1000,
                                  .written_lsn = 990,
                                  .durable_lsn = 900,
                                  .commands = 600,
                                  .reports = 700,
                                  .batches = 30,
                                  .path_ns_sum = 60000,
                                  .path_ns_max = 9000,
                                  .flushes = 5,
                                  .flush_ns_sum = 500000,
                                  .flush_ns_max = 250000,
                                  .open_orders = 17};
    memcpy(view.now.instance, "unit", 5);
    memcpy(view.now.io, "direct", 7);
    view.before = view.now;
    view.before.commands = 100;
    view.before.batches = 20;
    view.before.path_ns_sum = 40000;
    return view;
}

static char *
print(const struct hf_status_view *view, bool json)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    (json ? hf_status_print_json : hf_status_print)(file, view);
    fclose(file);
    return text;
}

static void
expect_words(const struct hf_status_view *view, const char *words)
{
    char *text = print(view, false);
    cr_expect_not_null(strstr(text, words), "no '%s' in:\n%s", words, text);
    free(text);
}

Test(status_print, a_rate_is_growth_over_the_interval)
{
    struct hf_status_view view = a_view();
    cr_assert_float_eq(hf_status_rate(&view, 100, 600), 1000.0, 1e-9);
    cr_assert_float_eq(hf_status_rate(&view, 600, 100), 0.0, 1e-9, "counters never shrink");
    view.before.epoch = 3;
    cr_assert_float_eq(hf_status_rate(&view, 100, 600), 0.0, 1e-9, "the daemon began anew");
    view.interval_ns = 0;
    cr_assert_float_eq(hf_status_rate(&view, 100, 600), 0.0, 1e-9);
}

Test(status_print, a_mean_is_the_intervals_or_else_that_since_the_start)
{
    cr_assert_eq(hf_status_mean(40000, 60000, 20, 30), 2000);
    cr_assert_eq(hf_status_mean(60000, 60000, 30, 30), 2000);
    cr_assert_eq(hf_status_mean(0, 0, 0, 0), 0);
}

Test(status_print, a_running_daemon_in_words)
{
    struct hf_session_row row = {
        .session_id = 41, .session = 3, .connected = 1, .last_seq = 600, .unread = 12};
    struct hf_status_view view = a_view();
    memcpy(row.name, "alpha", 6);
    view.rows = &row;
    view.row_count = 1;
    expect_words(&view, "unit: running   pid 4711, epoch 4, history 2, mode group, direct\n");
    expect_words(&view, "sequenced 1000, written 990 (10 behind), durable 900 (100 behind)\n");
    expect_words(&view, "  snapshot   none: a start replays the whole log\n");
    view.now.snapshot_lsn = 650;
    expect_words(&view, "  snapshot   at LSN 650: durable is 250 ahead, which a start replays\n");
    expect_words(&view, "heartbeat  1.5 ms ago\n");
    expect_words(&view, "1000 commands, 0 reports");
    expect_words(&view, "0.04 us a command, 2.00 us a batch on average, 9.00 us at most");
    expect_words(&view, "100.0 us on average, 250.0 us at most");
    expect_words(&view, "sessions: 1\n");
    expect_words(&view, "alpha");
}

Test(status_print, a_halt_says_why)
{
    struct hf_status_view view = a_view();
    view.now.state = HF_STATE_HALTED;
    view.now.halt_code = HF_E_IO;
    strcpy(view.now.halt_text, "msync: Input/output error");
    expect_words(&view, "unit: halted");
    expect_words(&view, "msync: Input/output error (HF_E_IO)");
}

Test(status_print, watermarks_of_a_daemon_that_is_starting_never_go_below_zero)
{
    struct hf_status_view view = a_view();
    view.now.sequenced_lsn = 0;
    expect_words(&view, "sequenced 0, written 990 (0 behind), durable 900 (0 behind)\n");
}

Test(status_print, names_of_states_and_modes)
{
    cr_assert_str_eq(hf_watch_state_name(HF_STATE_RECOVERING), "recovering");
    cr_assert_str_eq(hf_watch_state_name(HF_STATE_ABANDONED), "abandoned");
    cr_assert_str_eq(hf_watch_state_name(99), "?");
    cr_assert_str_eq(hf_watch_mode_name(2), "memory");
    cr_assert_str_eq(hf_watch_mode_name(3), "?");
}

Test(status_print, json_holds_the_same)
{
    struct hf_session_row row = {.session = 3, .flags = 2};
    struct hf_status_view view = a_view();
    memcpy(row.name, "alpha", 6);
    view.rows = &row;
    view.row_count = 1;
    char *text = print(&view, true);
    json_t *object = json_loads(text, 0, NULL);
    cr_assert_not_null(object, "%s", text);
    cr_assert_str_eq(json_string_value(json_object_get(object, "instance_id")), "fedcba9876543210");
    cr_assert_str_eq(json_string_value(json_object_get(object, "state")), "running");
    cr_assert(json_is_null(json_object_get(object, "halt")));
    json_t *lsn = json_object_get(object, "lsn");
    cr_assert_eq(json_integer_value(json_object_get(lsn, "durable_behind")), 100);
    json_t *rates = json_object_get(object, "per_second");
    cr_assert_float_eq(json_real_value(json_object_get(rates, "commands")), 1000.0, 1e-9);
    json_t *command = json_object_get(object, "engine_command");
    cr_assert_eq(json_integer_value(json_object_get(command, "mean_ns")), 40);
    json_t *batch = json_object_get(object, "engine_batch");
    cr_assert_eq(json_integer_value(json_object_get(batch, "mean_ns")), 2000);
    json_t *session = json_array_get(json_object_get(object, "sessions"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(session, "name")), "alpha");
    cr_assert(json_is_true(json_object_get(session, "durable")));
    cr_assert(json_is_false(json_object_get(session, "cancel_on_disconnect")));
    json_decref(object);
    free(text);
}

Test(status_print, phases_are_counted_and_the_first_that_are_not_open_named)
{
    struct hf_instrument_info instruments[12];
    struct hf_status_view view = a_view();
    for (unsigned i = 0; i < 12; i++) {
        instruments[i] = (struct hf_instrument_info){.id = i + 1, .phase = HF_PHASE_OPEN};
        (void)snprintf(instruments[i].symbol, HF_SYMBOL_BYTES, "S%u", i + 1);
    }
    view.instruments = instruments;
    view.instrument_count = 12;
    expect_words(&view, "  phases     12 of 12 instruments open\n");
    instruments[1].phase = HF_PHASE_HALTED;
    instruments[3].phase = HF_PHASE_PRE_OPEN;
    expect_words(&view, "  phases     10 of 12 instruments open; S2 halted, S4 pre-open\n");
    char *text = print(&view, true);
    json_t *object = json_loads(text, 0, NULL);
    json_t *phases = json_object_get(object, "phases");
    cr_assert_eq(json_object_size(phases), 12, "%s", text);
    cr_assert_str_eq(json_string_value(json_object_get(phases, "S2")), "halted");
    cr_assert_str_eq(json_string_value(json_object_get(phases, "S12")), "open");
    json_decref(object);
    free(text);
    for (unsigned i = 0; i < 12; i++) {
        instruments[i].phase = HF_PHASE_CLOSED;
    }
    expect_words(&view, "  phases     0 of 12 instruments open; S1 closed, S2 closed, ");
    expect_words(&view, ", S8 closed...\n");
}

Test(status_print, without_a_session_table_it_says_why)
{
    struct hf_status_view view = a_view();
    view.rows_code = HF_E_NO_DAEMON;
    expect_words(&view, "sessions: no daemon answers for this instance\n");
    char *text = print(&view, true);
    cr_assert_not_null(strstr(text, "\"sessions\":null"), "%s", text);
    free(text);
}

Test(status_print, what_was_not_measured_is_not_zero)
{
    struct hf_status_view view = a_view();
    view.measured = true;
    view.stages[HF_WATCH_FLUSH] = (struct hf_watch_summary){.count = 7, .p50 = 5e-6};
    expect_words(&view, "wait in the ring                  0          -          -");
    expect_words(&view, "one flush                         7       5.00");
}

Test(status_print, of_a_halted_daemon_it_is_not_said_that_cancels_are_taken)
{
    struct hf_status_view view = a_view();
    view.now.disk_low = 1;
    expect_words(&view, "cancels are not");
    view.now.state = HF_STATE_HALTED;
    char *text = print(&view, false);
    cr_expect_null(strstr(text, "cancels are not"), "%s", text);
    free(text);
}
