/*
 * test_cli.c - holdfast status, submit and book as a shell sees them: output and exit codes.
 */
#include "client/run_command.h"

#include "cli/cli.h"

#include <criterion/criterion.h>
#include <holdfast/client.h>

static void
start(void)
{
    fake = fake_create();
    fake_start(&fake);
}

static void
stop(void)
{
    fake_destroy(&fake);
}

TestSuite(cli, .init = start, .fini = stop, .timeout = 60);

Test(cli, a_book_is_a_ladder)
{
    cr_assert_eq(run(hf_cli_book, "ACME", NULL), HF_EXIT_OK, "%s", output);
    expect_output("ACME (instrument 2, tick 5, lot 1) as of LSN 9\n");
    expect_output(
        "       0                1              100 | 101              1                0");
    expect_output("       0                3               98 | \n");
    cr_assert_eq(run(hf_cli_book, "ACME", "--levels", "1", "--json", NULL), HF_EXIT_OK);
    expect_output(
        "\"bids\":[{\"price\":100,\"quantity\":1,\"orders\":0}],\"asks\":[{\"price\":101");
}

Test(cli, a_book_that_is_not_there)
{
    cr_assert_eq(run(hf_cli_book, "NONE", NULL), hf_cli_exit_code(HF_E_UNKNOWN));
    expect_output("NONE");
    cr_assert_neq(hf_cli_exit_code(HF_E_UNKNOWN), HF_EXIT_OK);
}

Test(cli, a_status_of_a_running_and_of_a_halted_daemon)
{
    cr_assert_eq(run(hf_cli_status, "--interval", "0.05", NULL), HF_EXIT_OK, "%s", output);
    expect_output(": running   pid ");
    expect_output("sessions: 40\n");
    expect_output("session33");
    hf_store_release(&fake.status->state, HF_STATE_HALTED);
    strcpy(fake.status->halt_text, "the disk is full");
    cr_assert_eq(run(hf_cli_status, "--interval", "0", "--json", NULL), HF_EXIT_UNAVAILABLE);
    expect_output("\"text\":\"the disk is full\"");
    expect_output("\"per_second\":null");
}

Test(cli, an_order_by_hand_is_accepted)
{
    cr_assert_eq(run(hf_cli_submit, "--session", FAKE_SESSION, "--symbol", "ACME", "--side", "buy",
                     "--quantity", "7", "--price", "-995", "--id", "12", NULL),
                 HF_EXIT_OK, "%s", output);
    expect_output("submitted new as command 1, client id 12\n");
    expect_output("#1 accepted: client id 12, ? 7 at -995, order 1  (LSN 1)\n");
    expect_output("durable: command 1, LSN 1\n");
}

Test(cli, a_rejected_change_exits_with_one_and_prints_json_lines)
{
    cr_assert_eq(run(hf_cli_submit, "--session", FAKE_SESSION, "--cancel", "4", "--json", "--level",
                     "sequenced", NULL),
                 HF_EXIT_FAILED, "%s", output);
    expect_output(
        "{\"type\":\"submitted\",\"command\":\"cancel\",\"seq\":1,\"client_order_id\":4}\n");
    expect_output("{\"type\":\"rejected\",\"number\":1,");
    expect_output("{\"type\":\"sequenced\",\"seq\":1,\"lsn\":1}\n");
}

Test(cli, a_replace_names_both_ids)
{
    cr_assert_eq(run(hf_cli_submit, "--session", FAKE_SESSION, "--replace", "4", "--to", "5",
                     "--quantity", "10", "--price", "3", NULL),
                 HF_EXIT_OK, "%s", output);
    expect_output("submitted replace as command 1, client id 5\n");
    expect_output("replaced: client id 5");
}

Test(cli, what_does_not_become_durable_in_time_is_a_failure)
{
    fake.script->hold_durable = 1;
    cr_assert_neq(
        run(hf_cli_submit, "--session", FAKE_SESSION, "--cancel", "4", "--timeout", "20", NULL),
        HF_EXIT_OK);
    expect_output("submitted cancel as command 1");
    expect_output("the time given has passed");
}

Test(cli, contradictory_options_are_usage_errors)
{
    cr_expect_eq(run(hf_cli_submit, NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--symbol", "ACME", "--side", "buy", "--quantity", "1", NULL),
                 HF_EXIT_USAGE, "a limit order without a price");
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1", "--reduce", "2", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1", "--quantity", "2", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "0", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1x", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "-1", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1", "--side", "buy", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1", "--to", "2", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--replace", "1", "--quantity", "2", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1", "extra", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1", "--level", "soon", NULL), HF_EXIT_USAGE);
    static const char *const pairs[][2] = {
        {"--type", "stop"},        {"--stop-price", "5"}, {"--tif", "gtd"},   {"--expires", "+60"},
        {"--expires", "tomorrow"}, {"--display", "0"},    {"--minimum", "-1"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        cr_expect_eq(run(hf_cli_submit, "--symbol", "ACME", "--side", "buy", "--quantity", "1",
                         "--price", "3", pairs[i][0], pairs[i][1], NULL),
                     HF_EXIT_USAGE, "%s %s alone", pairs[i][0], pairs[i][1]);
    }
    cr_expect_eq(run(hf_cli_submit, "--cancel", "1", "--display", "5", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_book, NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_book, "A", "B", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_book, "A", "--levels", "65", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_status, "--interval", "-1", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_status, "--interval", "nan", NULL), HF_EXIT_USAGE);
    cr_expect_eq(run(hf_cli_status, "extra", NULL), HF_EXIT_USAGE);
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
}

Test(cli, every_command_explains_itself)
{
    int (*const commands[])(int, char **) = {hf_cli_status, hf_cli_submit, hf_cli_book};
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        cr_expect_eq(run(commands[i], "--help", NULL), HF_EXIT_OK);
        expect_output("--instance=NAME");
        expect_output("Exit codes:");
    }
}

Test(cli, refusals_and_absence_have_their_exit_codes)
{
    int (*const commands[])(int, char **) = {hf_cli_status, hf_cli_submit, hf_cli_book};
    fake.script->open_code = HF_E_DENIED;
    for (size_t i = 0; i < 3; i++) {
        const char *first = i == 1 ? "--cancel=1" : i == 2 ? "ACME" : NULL;
        cr_expect_eq(run(commands[i], first, NULL), HF_EXIT_DENIED, "%s", output);
        expect_output("refused with -5");
    }
    fake_kill(&fake);
    for (size_t i = 0; i < 3; i++) {
        const char *first = i == 1 ? "--cancel=1" : i == 2 ? "ACME" : NULL;
        cr_expect_eq(run(commands[i], first, NULL), HF_EXIT_UNAVAILABLE, "%s", output);
    }
}
