/*
 * test_client_wait.c - waits and housekeeping: time-outs, wakes, and what clients are told when the
 * daemon halts, dies, sticks, comes back, closes the session or starts another history.
 */
#include "client/fake_daemon.h"

#include <criterion/criterion.h>
#include <holdfast/client.h>

#define SECOND_NS UINT64_C(1000000000)
#define PATIENCE_NS (10 * SECOND_NS)

static struct fake fake;
static struct hf_client *client;

static void
start(void)
{
    struct hf_client_options with = {.size = sizeof(with),
                                     .socket_path = NULL,
                                     .session = FAKE_SESSION,
                                     .timeout_ns = PATIENCE_NS};
    fake = fake_create();
    fake_start(&fake);
    with.socket_path = fake.path;
    int result = hf_open(&client, &with);
    cr_assert_eq(result, HF_OK, "%s: %s", hf_error_name(result), hf_open_error());
}

static void
stop(void)
{
    hf_detach(client);
    fake_destroy(&fake);
}

TestSuite(client_wait, .init = start, .fini = stop, .timeout = 60);

static int
submit(uint64_t id)
{
    struct hf_command command = {.type = HF_COMMAND_NEW, .slots = 1, .client_order_id = id};
    return hf_submit(client, &command, NULL);
}

/* Call hf_maintain() until it says `wanted`. */
static bool
maintain_says(int wanted)
{
    uint64_t until_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    while (hf_clock_monotonic_ns() < until_ns) {
        if (hf_maintain(client) == wanted) {
            return true;
        }
        hf_clock_sleep_ns(1000000);
    }
    return false;
}

Test(client_wait, nothing_to_read_is_a_timeout_after_the_time_given)
{
    const uint64_t timeouts_ns[] = {0, 1000, 3000000, 150000000};
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        uint64_t before_ns = hf_clock_monotonic_ns();
        cr_assert_eq(hf_wait_report(client, timeouts_ns[i]), HF_TIMEOUT);
        cr_assert_geq(hf_clock_monotonic_ns() - before_ns, timeouts_ns[i]);
    }
}

Test(client_wait, a_seq_that_was_never_submitted_is_an_argument_error)
{
    cr_assert_eq(hf_wait(client, 0, HF_LEVEL_SEQUENCED, 0), HF_E_ARGUMENT);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_SEQUENCED, 0), HF_E_ARGUMENT);
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_SEQUENCED, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_wait(client, 2, HF_LEVEL_SEQUENCED, 0), HF_E_ARGUMENT);
    cr_assert_eq(hf_wait(client, 1, (enum hf_level)7, 0), HF_E_ARGUMENT);
}

Test(client_wait, in_memory_mode_durability_is_refused_and_not_waited_for)
{
    fake.status->mode = 2;
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_SEQUENCED, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_E_ARGUMENT);
    cr_assert_eq(hf_wait_durable_lsn(client, 1, PATIENCE_NS), HF_E_ARGUMENT);
}

/* The fake counts a wake after it, when the sleeper may be done already. */
static bool
woken_at_last(void)
{
    uint64_t until_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    while (hf_load_acquire(&fake.script->woken) == 0 && hf_clock_monotonic_ns() < until_ns) {
        hf_clock_sleep_ns(1000000);
    }
    return hf_load_acquire(&fake.script->woken) != 0;
}

/* Call hf_maintain() until the session is attached for the `count`th time to a new daemon. HF_OK alone
 * does not tell: the library looks for the end of its connection every 2 ms only. */
static bool
reattaches(uint32_t count)
{
    uint64_t until_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    while (hf_clock_monotonic_ns() < until_ns) {
        if (hf_maintain(client) == HF_OK && hf_load_acquire(&fake.script->reattached) == count) {
            return true;
        }
        hf_clock_sleep_ns(1000000);
    }
    return false;
}

/* In another process: let the engine go on when the client has had time to fall asleep. */
static pid_t
release_engine_later(uint64_t delay_ns)
{
    pid_t helper = fork();
    if (helper == 0) {
        hf_clock_sleep_ns(delay_ns);
        hf_store_release(&fake.script->take_limit, UINT64_MAX);
        _exit(0);
    }
    return helper;
}

Test(client_wait, a_sleeper_is_woken_by_a_report_from_another_process)
{
    for (uint64_t round = 1; round <= 20 && fake.script->woken == 0; round++) {
        hf_store_release(&fake.script->take_limit, round - 1);
        cr_assert_eq(submit(round), HF_OK);
        pid_t helper = release_engine_later(250000000); /* by then its slices are the longest */
        cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
        cr_assert_eq(hf_peek(client)->client_order_id, round);
        hf_next(client);
        cr_assert_eq(waitpid(helper, NULL, 0), helper);
    }
    cr_assert(woken_at_last());
}

Test(client_wait, a_sleeper_is_woken_by_the_durable_watermark)
{
    for (uint64_t round = 1; round <= 20 && fake.script->woken == 0; round++) {
        fake.script->hold_durable = 1;
        cr_assert_eq(submit(round), HF_OK);
        cr_assert_eq(hf_wait(client, round, HF_LEVEL_SEQUENCED, PATIENCE_NS), HF_OK);
        fake.script->woken = 0;
        pid_t helper = fork();
        if (helper == 0) {
            hf_clock_sleep_ns(250000000);
            hf_store_release(&fake.script->hold_durable, 0);
            _exit(0);
        }
        cr_assert_eq(hf_wait(client, round, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
        cr_assert_eq(waitpid(helper, NULL, 0), helper);
    }
    cr_assert(woken_at_last());
}

Test(client_wait, a_client_that_nobody_wakes_still_finds_its_report)
{
    fake.script->keep_parked_client = 1;
    fake.script->take_limit = 0;
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait_report(client, 5000000), HF_TIMEOUT);
    pid_t helper = release_engine_later(30000000);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_SEQUENCED, PATIENCE_NS), HF_OK);
    cr_assert_eq(waitpid(helper, NULL, 0), helper);
}

Test(client_wait, waiting_for_durability_leaves_a_wish_and_rings)
{
    fake.script->hold_durable = 1;
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(submit(2), HF_OK);
    cr_assert_eq(hf_wait(client, 2, HF_LEVEL_DURABLE, 30000000), HF_TIMEOUT);
    uint64_t until_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    while (hf_load_acquire(&fake.script->wish_seen) != 2 && hf_clock_monotonic_ns() < until_ns) {
        hf_clock_sleep_ns(1000000);
    }
    cr_assert_eq(fake.script->wish_seen, 2);
    cr_assert_eq(hf_wait_durable_lsn(client, 1, 1000000), HF_TIMEOUT);
    hf_clock_sleep_ns(5000000);
    cr_assert_eq(fake.script->wish_seen, 2, "a wish never shrinks");
    fake.script->hold_durable = 0;
    cr_assert_eq(hf_wait_durable_lsn(client, 2, PATIENCE_NS), HF_OK);
}

Test(client_wait, an_lsn_that_there_is_not_yet_is_refused_and_not_wished_for)
{
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    cr_expect_eq(hf_wait_durable_lsn(client, 1, PATIENCE_NS), HF_OK);
    cr_expect_eq(hf_wait_durable_lsn(client, 2, PATIENCE_NS), HF_E_ARGUMENT);
    cr_expect_eq(hf_wait_durable_lsn(client, UINT64_MAX, PATIENCE_NS), HF_E_ARGUMENT);
    for (uint64_t seq = 2; seq <= 3; seq++) { /* a round of the engine lies in between */
        cr_assert_eq(submit(seq), HF_OK);
        cr_assert_eq(hf_wait(client, seq, HF_LEVEL_SEQUENCED, PATIENCE_NS), HF_OK);
    }
    cr_expect_leq(hf_load_acquire(&fake.script->wish_seen), 1);
    hf_store_release(&fake.status->state, HF_STATE_HALTED);
    cr_expect_eq(hf_wait_durable_lsn(client, 4, PATIENCE_NS), HF_E_HALTED, "nor will there be");
    cr_expect_eq(hf_wait_durable_lsn(client, 1, PATIENCE_NS), HF_OK);
    hf_store_release(&fake.status->history, UINT64_C(2));
    cr_expect_eq(hf_wait_durable_lsn(client, 4, PATIENCE_NS), HF_E_HISTORY, "W3");
}

Test(client_wait, a_halted_daemon_takes_nothing_and_what_was_reached_stays_reached)
{
    fake.script->hold_durable = 1;
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_SEQUENCED, PATIENCE_NS), HF_OK);
    hf_store_release(&fake.status->state, HF_STATE_HALTED);
    cr_assert_eq(submit(2), HF_E_HALTED);
    cr_assert_eq(hf_maintain(client), HF_E_HALTED);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_SEQUENCED, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_E_HALTED);
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK); /* it was published */
    hf_next(client);
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_E_HALTED);
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    cr_assert_eq(facts.last_submitted, 1);
}

Test(client_wait, a_recovering_or_stopped_daemon_still_has_a_ring_to_submit_to)
{
    const uint32_t states[] = {HF_STATE_RECOVERING, HF_STATE_STOPPED, HF_STATE_NONE};
    fake.script->take_limit = 0;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        hf_store_release(&fake.status->state, states[i]);
        cr_assert_eq(submit(i + 1), HF_OK);
    }
}

Test(client_wait, a_closed_session_is_told)
{
    hf_store_release(&fake.report->state, HF_SESSION_CLOSED);
    cr_assert_eq(submit(1), HF_E_SESSION);
    cr_assert_eq(hf_maintain(client), HF_E_SESSION);
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_E_SESSION);
}

Test(client_wait, abandoned_memory_is_a_lost_session_whatever_it_still_says)
{
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    hf_store_release(&fake.status->state, HF_STATE_ABANDONED);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_E_SESSION);
    cr_assert_eq(submit(2), HF_E_SESSION);
}

Test(client_wait, another_history_voids_positions_until_it_is_accepted)
{
    struct hf_session_facts facts;
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    hf_store_release(&fake.status->history, UINT64_C(2));
    cr_assert_eq(submit(2), HF_E_HISTORY);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_E_HISTORY);
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_E_HISTORY);
    cr_assert_eq(hf_maintain(client), HF_E_HISTORY);
    hf_accept_history(client, &facts);
    cr_assert_eq(facts.history, 2);
    cr_assert_eq(facts.last_submitted, 1);
    cr_assert_eq(facts.last_logged, 1);
    cr_assert_eq(submit(2), HF_OK);
    cr_assert_eq(hf_wait(client, 2, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
}

Test(client_wait, ring_sizes_are_those_that_were_checked_whatever_the_objects_say_later)
{
    struct hf_session_facts facts;
    uint32_t slots = fake.report->command_slots;
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    hf_store_release(&fake.status->history, UINT64_C(2));
    fake.report->command_slots = 77;                  /* no ring has that many */
    fake.report->report_slots = HF_SESSION_SLOTS_MAX; /* far behind the mapping's end */
    hf_accept_history(client, &facts);
    fake.report->command_slots = slots;
    cr_assert_eq(facts.last_submitted, 1);
    cr_assert_eq(submit(2), HF_OK);
    cr_assert_eq(hf_wait(client, 2, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
}

Test(client_wait, positions_that_no_session_reaches_end_nobody)
{
    struct hf_session_facts facts;
    hf_store_release(&fake.status->history, UINT64_C(2));
    hf_store_release(&fake.report->command_tail, UINT64_MAX);
    hf_accept_history(client, &facts);
    cr_assert_eq(facts.last_submitted, UINT64_MAX / 2);
    cr_assert_null(hf_peek(client));
}

/* The tail that was lost may have been seen as durable, and its numbers are given anew. */
Test(client_wait, another_history_shows_no_report_of_a_durable_session_by_old_watermarks)
{
    struct hf_session_facts facts;
    struct hf_client_options with = {.size = sizeof(with),
                                     .socket_path = fake.path,
                                     .session = FAKE_SESSION,
                                     .timeout_ns = PATIENCE_NS};
    hf_detach(client);
    fake.report->flags = HF_SESSION_DURABLE;
    cr_assert_eq(hf_open(&client, &with), HF_OK);
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_peek(client)->lsn, 1);
    fake.script->hold_durable = 1;
    hf_store_release(&fake.status->durable_lsn, UINT64_C(0));
    hf_store_release(&fake.status->history, UINT64_C(2));
    cr_assert_null(hf_peek(client), "its history is void");
    hf_accept_history(client, &facts);
    cr_assert_null(hf_peek(client), "durable under the old history only");
    fake.script->hold_durable = 0;
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
}

Test(client_wait, a_daemon_without_heartbeat_is_stuck_and_not_dead)
{
    fake.script->no_heartbeat = 1;
    cr_assert(maintain_says(HF_E_STUCK));
    cr_assert_eq(hf_wait_report(client, 10000000), HF_E_STUCK);
    cr_assert_eq(submit(1), HF_OK);
    fake.script->no_heartbeat = 0;
    cr_assert(maintain_says(HF_OK));
    cr_assert_eq(fake.script->reattached, 0);
}

Test(client_wait, a_dead_daemon_is_noticed_and_the_ring_goes_on_until_it_is_full)
{
    fake_kill(&fake);
    cr_assert(maintain_says(HF_E_NO_DAEMON));
    cr_assert_eq(hf_wait_report(client, 30000000), HF_E_NO_DAEMON);
    for (uint64_t id = 1; id <= FAKE_SLOTS; id++) {
        cr_assert_eq(submit(id), HF_OK);
    }
    cr_assert_eq(submit(FAKE_SLOTS + 1), HF_AGAIN);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_SEQUENCED, 30000000), HF_E_NO_DAEMON);
}

Test(client_wait, a_restarted_daemon_takes_what_came_meanwhile_and_the_client_reattaches)
{
    cr_assert_eq(submit(1), HF_OK);
    cr_assert_eq(hf_wait(client, 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    for (uint32_t round = 1; round <= 3; round++) {
        fake_kill(&fake);
        cr_assert_eq(submit(round + 1), HF_OK);
        fake_start(&fake);
        cr_assert_eq(hf_wait(client, round + 1, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
        cr_assert(reattaches(round));
    }
    for (uint64_t id = 1; id <= 4; id++) {
        cr_assert_not_null(hf_peek(client));
        cr_assert_eq(hf_peek(client)->number, id);
        cr_assert_eq(hf_peek(client)->client_order_id, id);
        hf_next(client);
    }
    cr_assert_null(hf_peek(client));
}

Test(client_wait, a_wait_survives_the_restart_of_the_daemon)
{
    fake_kill(&fake);
    cr_assert_eq(submit(1), HF_OK);
    pid_t helper = fork();
    if (helper == 0) { /* it may start the daemon, since it has the same mappings */
        hf_clock_sleep_ns(100000000);
        fake_start(&fake);
        while (hf_load_acquire(&fake.script->taken) == 0 ||
               hf_load_acquire(&fake.script->reattached) == 0) {
            hf_clock_sleep_ns(1000000);
        }
        fake_kill(&fake);
        _exit(0);
    }
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_peek(client)->client_order_id, 1);
    hf_next(client);
    (void)maintain_says(HF_OK);
    cr_assert_eq(waitpid(helper, NULL, 0), helper);
    cr_assert_eq(fake.script->reattached, 1);
}

Test(client_wait, a_daemon_that_disowns_the_session_ends_it)
{
    fake_kill(&fake);
    fake.script->reattach_code = HF_E_SESSION; /* another client has taken the name over */
    fake_start(&fake);
    cr_assert(maintain_says(HF_E_SESSION));
    cr_assert_eq(submit(1), HF_E_SESSION);
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_E_SESSION);
    fake.script->reattach_code = HF_OK;
    cr_assert_eq(hf_maintain(client), HF_E_SESSION, "lost is lost");
}

Test(client_wait, a_daemon_that_is_not_ready_is_asked_again)
{
    const int codes[] = {HF_AGAIN, HF_E_BUSY};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        fake_kill(&fake);
        fake.script->reattach_code = codes[i];
        fake_start(&fake);
        cr_assert(maintain_says(HF_E_NO_DAEMON));
        hf_clock_sleep_ns(50000000);
        cr_assert_eq(hf_maintain(client), HF_E_NO_DAEMON);
        fake.script->reattach_code = HF_OK;
        cr_assert(maintain_says(HF_OK));
    }
}

Test(client_wait, closing_ends_the_session)
{
    cr_assert_eq(hf_close(client), HF_OK);
    client = NULL;
    cr_assert_eq(fake.report->state, HF_SESSION_CLOSED);
}

Test(client_wait, a_refused_close_frees_nothing_and_can_be_tried_again)
{
    fake.script->close_code = HF_E_HALTED;
    cr_assert_eq(hf_close(client), HF_E_HALTED);
    fake.script->close_code = HF_OK;
    cr_assert_eq(hf_close(client), HF_OK);
    client = NULL;
}

Test(client_wait, closing_waits_for_a_restarted_daemon)
{
    fake_kill(&fake);
    fake_start(&fake);
    cr_assert_eq(hf_close(client), HF_OK);
    client = NULL;
    cr_assert_eq(fake.script->reattached, 1);
    cr_assert_eq(fake.report->state, HF_SESSION_CLOSED);
}

Test(client_wait, closing_what_is_closed_succeeds)
{
    hf_store_release(&fake.report->state, HF_SESSION_CLOSED);
    cr_assert_eq(hf_close(client), HF_OK);
    client = NULL;
}
