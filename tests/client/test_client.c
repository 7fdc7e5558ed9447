/*
 * test_client.c - submitting, reading, resuming: the client library over real shared memory and a real
 * socket, against the small daemon of fake_daemon.h.
 */
#include "client/fake_daemon.h"

#include <criterion/criterion.h>
#include <holdfast/client.h>

#define SECOND_NS UINT64_C(1000000000)
#define PATIENCE_NS (10 * SECOND_NS)

/* Wait until another process has made something true. */
#define EVENTUALLY(condition)                                                                      \
    do {                                                                                           \
        uint64_t until_ns_ = hf_clock_monotonic_ns() + PATIENCE_NS;                                \
        while (!(condition) && hf_clock_monotonic_ns() < until_ns_) {                              \
            hf_clock_sleep_ns(100000);                                                             \
        }                                                                                          \
        cr_assert(condition);                                                                      \
    } while (0)

static struct fake fake;

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

TestSuite(client, .init = start, .fini = stop, .timeout = 60);

static struct hf_client_options
options(uint32_t flags)
{
    return (struct hf_client_options){.size = sizeof(struct hf_client_options),
                                      .socket_path = fake.path,
                                      .session = FAKE_SESSION,
                                      .flags = flags,
                                      .timeout_ns = PATIENCE_NS};
}

static struct hf_client *
open_session(uint32_t flags)
{
    struct hf_client *client = NULL;
    struct hf_client_options with = options(flags);
    int result = hf_open(&client, &with);
    cr_assert_eq(result, HF_OK, "%s: %s", hf_error_name(result), hf_open_error());
    return client;
}

static struct hf_command
order(uint64_t id)
{
    return (struct hf_command){.type = HF_COMMAND_NEW,
                               .slots = 1,
                               .side = HF_BUY,
                               .order_type = HF_LIMIT,
                               .time_in_force = HF_GTC,
                               .instrument = 1,
                               .client_order_id = id,
                               .price = 100,
                               .quantity = 7};
}

static void
submit_orders(struct hf_client *client, uint64_t first_id, uint64_t count)
{
    for (uint64_t id = first_id; id < first_id + count; id++) {
        struct hf_command command = order(id);
        cr_assert_eq(hf_submit(client, &command, NULL), HF_OK);
    }
}

/* Read `count` reports that must be for the orders from first_id on; release after each batch. */
static void
expect_reports(struct hf_client *client, uint64_t first_id, uint64_t count, uint64_t batch)
{
    for (uint64_t i = 0; i < count; i++) {
        cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
        const struct hf_report *report = hf_peek(client);
        cr_assert_not_null(report);
        cr_assert_eq(report->client_order_id, first_id + i);
        hf_next(client);
        if ((i + 1) % batch == 0) {
            hf_release(client);
        }
    }
    hf_release(client);
}

/* The fake daemon takes slot by slot, so that each slot that was submitted shows by its id. */
static void
expect_next_ids(struct hf_client *client, const uint64_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
        cr_assert_eq(hf_peek(client)->client_order_id, ids[i]);
        hf_next(client);
    }
    hf_release(client);
}

Test(client, an_order_gets_its_number_and_its_report)
{
    struct hf_client *client = open_session(0);
    struct hf_command command = order(11);
    uint64_t seq = 0;
    cr_assert_eq(hf_submit(client, &command, &seq), HF_OK);
    cr_assert_eq(seq, 1);
    cr_assert_eq(hf_wait(client, seq, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    const struct hf_report *report = hf_peek(client);
    cr_assert_not_null(report);
    cr_assert_eq(report->number, 1);
    cr_assert_eq(report->type, HF_REPORT_ACCEPTED);
    cr_assert_eq(report->client_order_id, 11);
    cr_assert_eq(report->command_seq, 1);
    cr_assert(report->lsn <= hf_durable_lsn(client));
    cr_assert_null(hf_more(client, report));
    hf_next(client);
    hf_release(client);
    cr_assert_null(hf_peek(client));
    hf_detach(client);
}

Test(client, bytes_that_the_caller_put_into_seq_do_not_reach_the_ring)
{
    struct hf_client *client = open_session(0);
    struct hf_command command = order(3);
    command.seq = 999;
    cr_assert_eq(hf_submit(client, &command, NULL), HF_OK);
    cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_peek(client)->command_seq, 1);
    hf_detach(client);
}

Test(client, small_rings_wrap_many_times_and_keep_order)
{
    struct hf_client *client = open_session(0);
    const uint64_t batches[] = {1, 3, 16, 40};
    uint64_t id = 1;
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
        for (int round = 0; round < 30; round++) {
            submit_orders(client, id, batches[i]);
            expect_reports(client, id, batches[i], batches[i]);
            id += batches[i];
        }
    }
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    cr_assert_eq(facts.last_submitted, id - 1);
    EVENTUALLY((hf_facts(client, &facts), facts.last_logged == id - 1)); /* after the report */
    cr_assert_eq(facts.last_report, id - 1);
    cr_assert_eq(facts.last_released, id - 1);
    cr_assert(facts.last_logged_lsn >= id - 1);
    hf_detach(client);
}

Test(client, a_full_ring_says_again_and_loses_nothing)
{
    struct hf_client *client = open_session(0);
    struct hf_command many[2 * (size_t)FAKE_SLOTS];
    uint64_t first = 0;
    fake.script->take_limit = 0;
    for (uint64_t i = 0; i < FAKE_SLOTS * 2; i++) {
        many[i] = order(i + 1);
    }
    cr_assert_eq(hf_submit_many(client, many, 10, &first), 10);
    cr_assert_eq(first, 1);
    cr_assert_eq(hf_submit_many(client, many + 10, FAKE_SLOTS, &first), FAKE_SLOTS - 10);
    cr_assert_eq(first, 11);
    cr_assert_eq(hf_submit_many(client, many, 5, NULL), HF_AGAIN);
    cr_assert_eq(hf_submit(client, many, NULL), HF_AGAIN);
    cr_assert_eq(hf_submit_many(client, many, 0, NULL), 0);
    fake.script->take_limit = UINT64_MAX;
    expect_reports(client, 1, FAKE_SLOTS, 1);
    EVENTUALLY(fake.script->taken == FAKE_SLOTS);
    cr_assert_eq(hf_submit(client, many, NULL), HF_OK);
    hf_detach(client);
}

Test(client, a_command_of_two_slots_takes_two_numbers_and_is_never_halved)
{
    struct hf_client *client = open_session(0);
    struct hf_command many[FAKE_SLOTS + 2];
    uint64_t seq = 0;
    fake.script->take_limit = 0;
    for (uint64_t i = 0; i < FAKE_SLOTS + 2; i++) {
        many[i] = order(i + 1);
        many[i].slots = i % 2 == 0 ? 2 : 1; /* first slot, second slot */
        many[i].type = i % 2 == 0 ? HF_COMMAND_NEW : HF_COMMAND_MORE;
    }
    struct hf_command pair[2] = {many[0], order(2)};
    cr_assert_eq(hf_submit(client, pair, &seq), HF_E_ARGUMENT, "the second is a command itself");
    cr_assert_eq(hf_submit(client, many, &seq), HF_OK);
    cr_assert_eq(seq, 1);
    cr_assert(hf_is_last_command(client, 1), "its answer bears the first slot's number");
    cr_assert_not(hf_is_last_command(client, 0));
    cr_assert_eq(hf_submit(client, many + 1, &seq), HF_OK); /* one slot, as it is */
    cr_assert_eq(seq, 3);
    cr_assert_eq(hf_submit_many(client, many, 1, NULL), HF_E_ARGUMENT);
    cr_assert_eq(hf_submit_many(client, many, 3, &seq), 2, "the half at the end stays out");
    cr_assert_eq(seq, 4);
    cr_assert_eq(hf_submit_many(client, many, FAKE_SLOTS, &seq), FAKE_SLOTS - 6);
    cr_assert_eq(seq, 6);
    cr_assert_eq(hf_submit(client, many, &seq), HF_AGAIN, "one slot is free, two are needed");
    cr_assert_eq(hf_submit(client, many + 1, &seq), HF_OK);
    cr_assert_eq(seq, FAKE_SLOTS);
    fake.script->take_limit = UINT64_MAX;
    expect_next_ids(client, (const uint64_t[]){1, 2, 2, 1, 2, 1}, 6);
    hf_detach(client);
}

Test(client, a_report_of_two_slots_comes_as_one_also_across_the_ring_end)
{
    struct hf_client *client = open_session(0);
    submit_orders(client, 1, 1);
    expect_reports(client, 1, 1, 1); /* from now on pairs straddle the end of the ring */
    for (uint64_t i = 0; i < FAKE_SLOTS; i++) {
        struct hf_command replace = {.type = HF_COMMAND_REPLACE,
                                     .slots = 1,
                                     .target_client_order_id = 1,
                                     .client_order_id = i + 1,
                                     .quantity = i};
        cr_assert_eq(hf_submit(client, &replace, NULL), HF_OK);
        cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
        const struct hf_report *report = hf_peek(client);
        cr_assert_eq(report->number, 2 + 2 * i);
        const struct hf_report_more *more = hf_more(client, report);
        cr_assert_not_null(more);
        cr_assert_eq(more->number, report->number + 1);
        cr_assert_eq(more->lsn, report->lsn);
        cr_assert_eq(more->type, HF_REPORT_MORE);
        cr_assert_eq(more->total, i);
        hf_next(client);
        cr_assert_null(hf_peek(client));
        hf_release(client);
    }
    hf_detach(client);
}

Test(client, many_reports_are_copied_whole_and_stepped_over)
{
    struct hf_client *client = open_session(0);
    struct hf_report slots[6];
    struct hf_command replace = {
        .type = HF_COMMAND_REPLACE, .slots = 1, .target_client_order_id = 1, .client_order_id = 2};
    cr_assert_eq(hf_read_many(client, slots, 6), 0);
    submit_orders(client, 1, 2);
    cr_assert_eq(hf_submit(client, &replace, NULL), HF_OK);
    cr_assert_eq(hf_submit(client, &replace, NULL), HF_OK);
    cr_assert_eq(hf_wait(client, 4, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    cr_assert_eq(hf_read_many(client, slots, 5), 4, "half a report does not fit");
    for (uint64_t i = 0; i < 4; i++) {
        cr_assert_eq(slots[i].number, i + 1);
    }
    cr_assert_eq(slots[2].slots, 2);
    cr_assert(hf_report_is_second(&slots[3]));
    cr_assert_eq(hf_read_many(client, slots, 1), 0);
    cr_assert_eq(hf_read_many(client, slots, 2), 2);
    cr_assert_eq(slots[0].number, 5);
    hf_detach(client); /* without a release: all of them come again */
    client = open_session(0);
    cr_assert_eq(hf_read_many(client, slots, 6), 6);
    cr_assert_eq(slots[0].number, 1);
    hf_release(client);
    hf_detach(client);
}

Test(client, reports_stay_until_they_are_released)
{
    struct hf_client *client = open_session(0);
    submit_orders(client, 1, FAKE_SLOTS);
    for (uint64_t i = 0; i < FAKE_SLOTS - 2; i++) {
        cr_assert_eq(hf_wait_report(client, PATIENCE_NS), HF_OK);
        hf_next(client);
    }
    submit_orders(client, 100, 10);
    hf_clock_sleep_ns(20000000);
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    cr_assert_leq(facts.last_report, FAKE_SLOTS); /* no slot that we hold was written over */
    cr_assert_eq(facts.last_released, 0);
    hf_release(client);
    hf_facts(client, &facts);
    cr_assert_eq(facts.last_released, FAKE_SLOTS - 2);
    EVENTUALLY(fake.script->taken == FAKE_SLOTS + 10);
    hf_detach(client);
}

/* In a process of its own: submit five, step over three, release two, and die. */
static void
client_that_dies(void)
{
    struct hf_client *client = NULL;
    struct hf_client_options with = options(0);
    if (hf_open(&client, &with) != HF_OK) {
        _exit(1);
    }
    for (uint64_t id = 1; id <= 5; id++) {
        struct hf_command command = order(id);
        if (hf_submit(client, &command, NULL) != HF_OK) {
            _exit(2);
        }
    }
    for (int i = 0; i < 3; i++) {
        if (hf_wait_report(client, PATIENCE_NS) != HF_OK || hf_peek(client) == NULL) {
            _exit(3);
        }
        hf_next(client);
        if (i == 1) {
            hf_release(client);
        }
    }
    (void)kill(getpid(), SIGKILL);
}

static int
run_and_reap(void (*body)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        body();
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

Test(client, what_a_killed_client_had_not_released_comes_again)
{
    int status = run_and_reap(client_that_dies);
    cr_assert(WIFSIGNALED(status), "exit code %d", WEXITSTATUS(status));
    EVENTUALLY(fake.script->disconnects == 1);
    EVENTUALLY(fake.script->taken == 5);

    struct hf_client *client = open_session(0);
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    cr_assert_eq(facts.resumed, 1);
    cr_assert_eq(facts.session_id, FAKE_SESSION_ID);
    cr_assert_eq(facts.last_submitted, 5);
    cr_assert_eq(facts.last_logged, 5);
    cr_assert_eq(facts.last_released, 2);
    cr_assert_eq(facts.last_report, 5);
    expect_reports(client, 3, 3, 1);
    submit_orders(client, 6, 1);
    expect_reports(client, 6, 1, 1);
    hf_detach(client);
}

static void
client_that_dies_with_a_full_ring(void)
{
    struct hf_client *client = NULL;
    struct hf_client_options with = options(0);
    if (hf_open(&client, &with) != HF_OK) {
        _exit(1);
    }
    for (uint64_t id = 1; id <= 9; id++) {
        struct hf_command command = order(id);
        if (hf_submit(client, &command, NULL) != HF_OK) {
            _exit(2);
        }
    }
    (void)kill(getpid(), SIGKILL);
}

Test(client, commands_that_nobody_took_yet_are_known_to_the_next_client)
{
    fake.script->take_limit = 4;
    cr_assert(WIFSIGNALED(run_and_reap(client_that_dies_with_a_full_ring)));
    EVENTUALLY(fake.script->taken == 4);
    struct hf_client *client = open_session(0);
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    cr_assert_eq(facts.last_submitted, 9);
    cr_assert_eq(facts.last_logged, 4);
    fake.script->take_limit = UINT64_MAX;
    cr_assert_eq(hf_wait(client, 9, HF_LEVEL_DURABLE, PATIENCE_NS), HF_OK);
    expect_reports(client, 1, 9, 9);
    uint64_t seq = 0;
    struct hf_command command = order(10);
    cr_assert_eq(hf_submit(client, &command, &seq), HF_OK);
    cr_assert_eq(seq, 10);
    hf_detach(client);
}

Test(client, a_durable_session_shows_a_report_only_when_it_is_durable)
{
    fake.report->flags = HF_SESSION_DURABLE;
    fake.script->hold_durable = 1;
    struct hf_client *client = open_session(HF_OPEN_DURABLE);
    submit_orders(client, 1, 2);
    EVENTUALLY(fake.script->taken == 2);
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    cr_assert_eq(facts.last_report, 2);
    cr_assert_null(hf_peek(client));
    cr_assert_eq(hf_wait_report(client, 20000000), HF_TIMEOUT);
    cr_assert_eq(hf_wait(client, 2, HF_LEVEL_SEQUENCED, 0), HF_OK);
    cr_assert_eq(hf_wait(client, 2, HF_LEVEL_DURABLE, 0), HF_TIMEOUT);
    hf_store_release(&fake.status->durable_lsn, UINT64_C(1));
    expect_reports(client, 1, 1, 1);
    cr_assert_null(hf_peek(client));
    fake.script->hold_durable = 0;
    expect_reports(client, 2, 1, 1);
    hf_detach(client);
}

Test(client, a_session_that_is_not_durable_shows_reports_at_once)
{
    fake.script->hold_durable = 1;
    struct hf_client *client = open_session(0);
    submit_orders(client, 1, 2);
    expect_reports(client, 1, 2, 1);
    cr_assert_eq(hf_durable_lsn(client), 0);
    hf_detach(client);
}

Test(client, a_sleeping_engine_is_woken_by_the_doorbell)
{
    fake.script->park = 1;
    struct hf_client *client = open_session(0);
    for (uint64_t id = 1; id <= 20; id++) {
        EVENTUALLY(hf_load_acquire(&fake.status->parked) == 1);
        submit_orders(client, id, 1); /* or it would sleep for ten seconds */
        cr_assert_eq(hf_wait_report(client, 5 * SECOND_NS), HF_OK);
        hf_next(client);
        hf_release(client);
    }
    cr_assert_geq(fake.script->doorbells, 19);
    hf_detach(client);
}

Test(client, releasing_a_full_report_ring_wakes_the_engine)
{
    fake.script->park = 1;
    struct hf_client *client = open_session(0);
    submit_orders(client, 1, FAKE_SLOTS);
    EVENTUALLY(fake.script->taken >= FAKE_SLOTS - 1);
    EVENTUALLY(hf_load_acquire(&fake.status->parked) == 1);
    uint32_t doorbells = fake.script->doorbells;
    expect_reports(client, 1, FAKE_SLOTS - 1, FAKE_SLOTS);
    EVENTUALLY(fake.script->doorbells > doorbells);
    hf_detach(client);
}

Test(client, facts_and_status_and_instruments_can_be_read)
{
    struct hf_client *client = open_session(0);
    struct hf_session_facts facts;
    struct hf_status status;
    struct hf_instrument_info info;
    hf_facts(client, &facts);
    cr_assert_eq(facts.resumed, 0);
    cr_assert_eq(facts.session, 1);
    cr_assert_eq(facts.history, 1);
    cr_assert_eq(facts.epoch, 1);
    cr_assert_eq(facts.last_submitted, 0);
    cr_assert_eq(facts.last_report, 0);
    hf_status(client, &status);
    cr_assert_str_eq(status.instance, fake.instance);
    cr_assert_eq(status.state, HF_STATE_RUNNING);
    cr_assert_eq(hf_instrument(client, "ACME", &info), HF_OK);
    cr_assert_eq(info.tick, 5);
    cr_assert_eq(hf_instrument(client, "SIXTEENBYTESYM.", &info), HF_OK);
    cr_assert_eq(info.id, 3);
    cr_assert_eq(hf_instrument(client, "REUSED", &info), HF_OK);
    cr_assert_eq(info.id, 4);
    cr_assert_eq(hf_instrument(client, "REMOVED", &info), HF_E_UNKNOWN);
    cr_assert_eq(hf_instrument(client, "ACM", &info), HF_E_UNKNOWN);
    cr_assert_eq(hf_instrument(client, "ACMEX", &info), HF_E_UNKNOWN);
    hf_detach(client);
}

Test(client, a_table_that_stays_in_the_midst_of_a_change_is_read_as_it_is)
{
    struct hf_client *client = open_session(0);
    struct hf_instrument_info info;
    fake.status->table_version = 7; /* the daemon died in there */
    cr_expect_eq(hf_instrument(client, "ACME", &info), HF_OK);
    hf_detach(client);
}

/* A later page layout may hold more instruments than the mapping: never read past it. */
Test(client, an_instrument_count_beyond_the_table_is_cut)
{
    struct hf_client *client = open_session(0);
    struct hf_instrument_info info;
    fake.status->instruments = UINT32_MAX;
    cr_assert_eq(hf_instrument(client, "NONE", &info), HF_E_UNKNOWN);
    hf_detach(client);
}
