/* test_sequencer.c - the engine's round over real shared memory, step by step: E1 to E5. */
#include "core/state.h"
#include "daemon/backlog.h"
#include "desk.h"

#include <fcntl.h>
#include <sys/mman.h>

static struct desk desk;
static struct desk_client a;
static struct desk_client b;

static void
begin(enum hf_wal_mode mode, uint32_t queue_slots, uint32_t report_slots)
{
    desk_init(&desk, mode, queue_slots);
    desk_open(&desk, &a, "a", 1024, report_slots);
    desk_open(&desk, &b, "b", 1024, report_slots);
    desk_flush(&desk);
}

static void
set_up(void)
{
    begin(HF_WAL_GROUP, 4096, 1024);
}

static void
tear_down(void)
{
    desk_destroy(&desk);
}

TestSuite(sequencer, .init = set_up, .fini = tear_down);
TestSuite(sequencer_small, .fini = tear_down);

/* E1 */

Test(sequencer, a_command_is_logged_applied_answered_and_released)
{
    struct hf_command order = desk_order(HF_BUY, 7, 100, 5);
    uint64_t lsn = desk_last_lsn(&desk) + 1;
    desk_submit(&a, &order, 1);
    cr_expect_eq(desk_round(&desk), 1);
    const struct hf_record *record = desk_record(&desk, lsn);
    cr_expect_eq(memcmp(&record->type, &order.type, 40), 0, "bytes 24 to 63 are the client's");
    cr_expect_eq(record->session, a.link->slot);
    const struct hf_report *report = desk_report(&a);
    cr_assert_not_null(report);
    cr_expect_eq(report->type, HF_REPORT_ACCEPTED);
    cr_expect_eq(report->lsn, lsn);
    cr_expect_eq(a.link->report_object->command_tail, 1);
    cr_expect_eq(a.link->report_object->sequenced_lsn, lsn);
    cr_expect_eq(a.link->report_object->report_head, 1);
    cr_expect_eq(desk.status->sequenced_lsn, lsn);
    cr_expect_eq(desk.status->commands, 1);
}

/* The mean time of a command is path_ns_sum / commands. */
Test(sequencer, each_command_is_counted_in_the_batch_whose_time_is_taken)
{
    struct hf_command order = desk_order(HF_BUY, 7, 100, 5);
    desk_settle(&desk);
    const struct hf_status before = *desk.status;
    for (unsigned i = 0; i < 3; i++) {
        order.client_order_id++;
        desk_submit(&a, &order, 1);
    }
    desk_submit(&b, &order, 1);
    desk.now_ns = hf_clock_monotonic_ns() - 1000000; /* desk_round() adds it */
    cr_expect_eq(desk_round(&desk), 4);
    cr_expect_eq(desk.status->commands, before.commands + 4);
    cr_expect_eq(desk.status->batches, before.batches + 1);
    uint64_t path_ns = desk.status->path_ns_sum - before.path_ns_sum;
    cr_expect_gt(path_ns, 0);
    cr_expect_leq(path_ns, hf_clock_monotonic_ns() - desk.now_ns);
    cr_expect_geq(desk.status->path_ns_max, path_ns);
    desk_settle(&desk);
    cr_expect_eq(desk.status->path_ns_sum - before.path_ns_sum, path_ns, "no command, no time");
}

Test(sequencer, the_last_look_before_sleep_sees_every_kind_of_work)
{
    desk_settle(&desk);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    struct hf_command order = desk_order(HF_BUY, 7, 100, 5);
    desk_submit(&a, &order, 1);
    cr_expect(hf_sequencer_has_work(desk.sequencer), "a command");
    desk_settle(&desk);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    a.link->command_object->durable_wish = desk_last_lsn(&desk);
    cr_expect(hf_sequencer_has_work(desk.sequencer), "a wish for durability");
    desk_settle(&desk);
    cr_expect_eq(desk.sequencer->durable_wanted, desk_last_lsn(&desk));
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    struct hf_request request = {.type = HF_REQUEST_DEPTH};
    desk.sequencer->request = &request;
    cr_expect(hf_sequencer_has_work(desk.sequencer), "a request");
}

Test(sequencer, a_wish_beyond_the_last_lsn_counts_as_the_last_lsn)
{
    desk_settle(&desk);
    a.link->command_object->durable_wish = UINT64_MAX;
    desk_round(&desk);
    cr_expect_eq(desk.sequencer->durable_wanted, desk_last_lsn(&desk));
}

Test(sequencer, a_wish_counts_once_and_hurries_nothing_that_comes_after)
{
    desk_settle(&desk);
    a.link->command_object->durable_wish = UINT64_MAX;
    desk_settle(&desk);
    uint64_t wanted = desk.sequencer->durable_wanted;
    cr_expect_eq(wanted, desk_last_lsn(&desk));
    desk_flood(&a, 3);
    desk_flood(&b, 3);
    desk_settle(&desk);
    cr_expect_geq(desk_last_lsn(&desk), wanted + 6);
    cr_expect_eq(desk.sequencer->durable_wanted, wanted);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer), "an old wish keeps nobody awake");
    b.link->command_object->durable_wish = desk_last_lsn(&desk);
    desk_settle(&desk);
    cr_expect_eq(desk.sequencer->durable_wanted, desk_last_lsn(&desk), "that of another");
}

Test(sequencer, a_frozen_sessions_wish_counts_when_its_client_is_back)
{
    desk_flood(&a, 3);
    desk_settle(&desk);
    uint64_t wanted = desk.sequencer->durable_wanted;
    a.link->frozen = true;
    a.link->command_object->durable_wish = desk_last_lsn(&desk);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    desk_settle(&desk);
    cr_expect_eq(desk.sequencer->durable_wanted, wanted);
    a.link->frozen = false;
    cr_expect(hf_sequencer_has_work(desk.sequencer));
    desk_settle(&desk);
    cr_expect_eq(desk.sequencer->durable_wanted, desk_last_lsn(&desk));
}

/* E2 */

Test(sequencer_small, a_full_queue_takes_nothing_and_loses_nothing)
{
    begin(HF_WAL_GROUP, 64, 1024);
    desk_flood(&a, 500);
    desk_settle(&desk);
    uint64_t taken = a.link->commands.next - 1;
    cr_expect_lt(taken, 64);
    cr_expect_gt(taken, 50);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer), "it sleeps until slots are released");
    cr_expect_eq(desk_round(&desk), 0);
    cr_expect_eq(desk.status->wal_waits, 1, "however often it looks");
    for (int i = 0; i < 20 && a.link->commands.next <= 500; i++) {
        desk_flush(&desk);
        desk_settle(&desk);
    }
    cr_expect_eq(a.link->commands.next, 501);
    cr_expect_eq(desk_read_all(&a), 500);
    cr_expect_gt(desk.status->wal_waits, 5, "each time that it was filled anew");
    cr_expect_lt(desk.status->wal_waits, 20);
}

Test(sequencer_small, an_impossible_release_mark_of_the_queue_halts)
{
    begin(HF_WAL_GROUP, 64, 1024);
    struct hf_queue_object *queue = desk.queue.base;
    queue->released = UINT64_MAX;
    desk_flood(&a, 100);
    desk_settle(&desk);
    cr_expect(hf_halted(&desk.halt));
    cr_expect_eq(desk.status->halt_code, HF_E_CORRUPT);
}

/* E3 */

Test(sequencer, a_flood_does_not_starve_another_session)
{
    desk_flood(&a, 1000);
    desk_flood(&b, 3);
    desk_round(&desk);
    cr_expect_eq(a.link->commands.next - 1, 64, "a burst");
    cr_expect_eq(b.link->commands.next - 1, 3);
    for (int i = 0; i < 5; i++) {
        uint64_t before = b.link->commands.next;
        desk_flood(&b, 2);
        desk_round(&desk);
        cr_expect_eq(b.link->commands.next - before, 2, "round %d", i);
    }
}

Test(sequencer, while_many_commands_wait_it_is_looked_ahead)
{
    desk_flood(&a, 200);
    desk_round(&desk);
    cr_expect(a.link->deep);
    desk_settle(&desk);
    cr_expect_eq(a.link->commands.next - 1, 200);
    cr_expect_not(a.link->deep);
}

#ifndef HF_EXPENSIVE_CHECKS /* an audit would count the orders */

Test(sequencer, what_waits_behind_a_full_burst_is_looked_at_ahead_for_as_long_as_it_waits)
{
    desk.replay.core->orders.used += HF_AHEAD_ORDERS; /* as if there were so many */
    desk.replay.core->orders.capacity += HF_AHEAD_ORDERS;
    desk_flood(&a, 200);
    desk_round(&desk);
    cr_expect(a.link->deep);
    desk_round(&desk);
    uint64_t far = 128 + HF_AHEAD_FAR;
    cr_expect_eq(a.link->ahead.found[far % HF_AHEAD_SLOTS].position, far);
    desk_settle(&desk);
    cr_expect_eq(a.link->commands.next - 1, 200);
    cr_expect_not(a.link->deep);
    cr_expect_eq(a.link->ahead.found[200 % HF_AHEAD_SLOTS].position, 200);
    cr_expect_eq(a.link->ahead.found[201 % HF_AHEAD_SLOTS].position, 201 - HF_AHEAD_SLOTS);
    desk.replay.core->orders.used -= HF_AHEAD_ORDERS;
    desk.replay.core->orders.capacity -= HF_AHEAD_ORDERS;
}

#endif

Test(sequencer, the_first_session_of_a_round_rotates)
{
    unsigned first_a = 0;
    for (int i = 0; i < 10; i++) {
        uint64_t lsn = desk_last_lsn(&desk) + 1;
        desk_flood(&a, 1);
        desk_flood(&b, 1);
        desk_round(&desk);
        first_a += desk_record(&desk, lsn)->session == a.link->slot;
    }
    cr_expect_eq(first_a, 5);
}

Test(sequencer, sessions_that_leave_do_not_disturb_the_turn)
{
    struct desk_client more[4];
    for (int i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof(name), "m%d", i);
        desk_open(&desk, &more[i], name, 64, 64);
    }
    for (int i = 0; i < 5; i++) {
        desk_round(&desk); /* the turn is at the last one */
    }
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(hf_registry_remove(&desk.registry, more[i].link), HF_OK);
        hf_link_destroy(more[i].link);
    }
    desk_flood(&a, 1);
    desk_flood(&b, 1);
    cr_expect_eq(desk_round(&desk), 2);
}

#define HOUR_NS UINT64_C(3600000000000)
#define WALL_LEVELS 1000u
#define SHARE (64 * HF_COMMAND_WORK)

/** Session b offers one lot at each of many prices; b reads its reports. */
static void
build_wall(void)
{
    for (uint32_t i = 0; i < WALL_LEVELS; i++) {
        struct hf_command offer = desk_order(HF_SELL, i + 1, 1000 + (int64_t)i, 1);
        cr_assert(desk_submit(&b, &offer, 1));
        if (i % 100 == 99) {
            desk_settle(&desk);
            desk_read_all(&b);
        }
    }
    desk_flush(&desk);
}

/** Orders that look at the whole wall, and find that it is not enough. */
static void
submit_fill_or_kill(struct desk_client *client, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct hf_command order = desk_order(HF_BUY, client->commands.next, 100000, 500000);
        order.time_in_force = HF_FOK;
        cr_assert(desk_submit(client, &order, 1));
    }
}

static uint64_t
work_in_rounds(unsigned rounds)
{
    uint64_t before = hf_core_work(desk.replay.core);
    for (unsigned i = 0; i < rounds; i++) {
        cr_expect_gt(desk_round(&desk), 0, "who is in debt keeps the engine awake");
    }
    return hf_core_work(desk.replay.core) - before;
}

Test(sequencer, a_session_gets_its_share_of_work_whatever_its_commands_cost)
{
    build_wall();
    submit_fill_or_kill(&a, 40);
    uint64_t first = work_in_rounds(1);
    cr_expect_eq(a.link->commands.next - 1, 1, "one costs more than a share");
    cr_expect_gt(first, WALL_LEVELS);
    uint64_t work = first + work_in_rounds(39);
    cr_expect_geq(work, 40 * SHARE, "it gets what is its own, and soon");
    cr_expect_lt(work, 40 * SHARE + first, "and one command more at most");
    desk_settle(&desk);
    cr_expect_eq(a.link->commands.next - 1, 40, "all of them in the end");
}

Test(sequencer, a_debt_is_paid_while_nothing_is_asked_for)
{
    build_wall();
    submit_fill_or_kill(&a, 1);
    desk_round(&desk);
    cr_expect_gt(a.link->debt, 0);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer), "a debtor that asks for nothing");
    desk_round(&desk);
    cr_expect_eq(a.link->debt, 0);
    desk_flood(&a, 100);
    desk_round(&desk);
    cr_expect_eq(a.link->commands.next - 1, 65, "a burst again");
}

Test(sequencer, a_drain_gets_no_more_than_its_share)
{
    build_wall();
    submit_fill_or_kill(&a, 40);
    a.link->drain_to = 40;
    cr_expect_leq(work_in_rounds(20), 20 * SHARE + 2 * WALL_LEVELS);
    desk_settle(&desk);
    cr_expect_eq(a.link->commands.next - 1, 40);
}

/* A list of open orders is no more than a page, whatever was asked for. */

static void
list_open_orders(uint64_t most)
{
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    struct hf_command list = {.type = HF_COMMAND_OPEN_ORDERS, .slots = 1, .quantity = most};
    uint64_t work = hf_core_work(desk.replay.core);
    cr_assert(desk_submit(&a, &list, 1));
    desk_round(&desk);
    cr_expect_eq(hf_core_work(desk.replay.core) - work, 2 * HF_OPEN_ORDERS_MAX + 1);
    cr_assert_eq(hf_core_event_read(desk.replay.core, hf_core_event_last(desk.replay.core), slots),
                 1);
    cr_expect_eq(slots[0].type, HF_REPORT_DONE);
    cr_expect_eq(slots[0].quantity, HF_OPEN_ORDERS_MAX);
    cr_expect_neq(slots[0].order_id, 0, "there are more");
}

static void
rest_more_than_a_page(void)
{
    for (uint64_t rested = 0; rested <= HF_OPEN_ORDERS_MAX; rested += 500) {
        cr_assert_eq(desk_flood(&a, 500), 500);
        desk_settle(&desk);
        desk_read_all(&a);
        desk_flush(&desk);
    }
}

Test(sequencer, a_list_ends_with_its_page)
{
    rest_more_than_a_page();
    list_open_orders(0);
}

Test(sequencer, a_list_ends_with_its_page_whatever_was_asked_for)
{
    rest_more_than_a_page();
    list_open_orders(UINT64_MAX);
}

/* E4: who is behind */

/** b's orders rest, a takes them one by one: each fill is a report for b. */
static void
rest_and_fill(uint64_t resting, uint64_t fills)
{
    for (uint64_t i = 0; i < resting; i++) {
        struct hf_command order = desk_order(HF_SELL, b.commands.next, 100, 1);
        cr_assert(desk_submit(&b, &order, 1));
    }
    desk_settle(&desk);
    for (uint64_t i = 0; i < fills; i++) {
        struct hf_command order = desk_order(HF_BUY, a.commands.next, 100, 1);
        if (!desk_submit(&a, &order, 1)) {
            desk_settle(&desk);
            desk_flush(&desk);
            cr_assert(desk_submit(&a, &order, 1));
        }
        desk_settle(&desk);
        desk_read_all(&a);
    }
    desk_settle(&desk);
    desk_flush(&desk);
}

Test(sequencer_small, reports_that_find_no_room_come_later_in_order)
{
    begin(HF_WAL_GROUP, 4096, 64);
    rest_and_fill(60, 60); /* 120 reports for a ring of 64 */
    cr_expect_neq(b.link->behind, 0);
    cr_expect_eq(b.link->reports.next, 65);
    struct hf_report first[HF_MESSAGE_SLOTS_MAX];
    cr_assert_eq(hf_core_event_read(desk.replay.core, b.link->behind, first), 1);
    cr_expect_eq(hf_backlog_needed_lsn(&desk.registry), first[0].lsn);
    for (uint64_t number = 1; number <= 120; number++) {
        const struct hf_report *report = desk_report(&b);
        if (report == NULL) {
            hf_ring_release(&b.reports);
            desk_settle(&desk);
            report = desk_report(&b);
        }
        cr_assert_not_null(report, "report %llu", (unsigned long long)number);
        cr_expect_eq(report->number, number);
        cr_expect_eq(report->type, number <= 60 ? HF_REPORT_ACCEPTED : HF_REPORT_FILL);
    }
    cr_expect_null(desk_report(&b));
    cr_expect_eq(b.link->behind, 0);
    cr_expect_eq(hf_backlog_needed_lsn(&desk.registry), 0);
}

Test(sequencer_small, a_session_that_is_behind_is_not_read_until_it_has_caught_up)
{
    begin(HF_WAL_GROUP, 4096, 64);
    desk_flood(&a, 200);
    desk_settle(&desk);
    uint64_t taken = a.link->commands.next - 1;
    cr_expect_eq(taken, 65, "the ring full, and the one that found no room");
    desk_flood(&b, 10);
    desk_settle(&desk);
    cr_expect_eq(b.link->commands.next - 1, 10, "others go on");
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    desk_read_all(&a);
    cr_expect(hf_sequencer_has_work(desk.sequencer), "room for what had none");
    desk_settle(&desk);
    cr_expect_gt(a.link->commands.next - 1, taken);
}

/* Gaps */

Test(sequencer_small, a_ring_restarts_behind_a_gap_once_it_is_read)
{
    begin(HF_WAL_GROUP, 8192, 64);
    rest_and_fill(60, 60);         /* 120 reports for b's ring of 64 */
    for (int i = 0; i < 20; i++) { /* a's reports overwrite the other 56 */
        desk_flood(&a, 60);
        desk_settle(&desk);
        desk_read_all(&a);
    }
    desk_settle(&desk);
    cr_expect_lt(b.link->behind, hf_core_event_first(desk.replay.core));
    cr_expect_eq(b.link->report_object->restart, 0, "the ring is full");
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    desk_flood(&b, 3);
    desk_settle(&desk);
    cr_expect_eq(b.link->commands.next, 61, "E4");
    cr_expect_eq(desk_read_all(&b), 64);
    cr_expect(hf_sequencer_has_work(desk.sequencer), "the restart");
    desk_settle(&desk);
    cr_expect_eq(b.link->report_object->restart, 121);
    cr_expect_neq(b.link->behind_lsn, 0, "the log is needed until the gap is fetched");
    cr_expect_eq(b.link->commands.next, 64, "it is read from again");
    cr_expect_eq(b.link->report_object->report_head, 123);
    b.reports.next = 90; /* the client presents what it fetched, */
    hf_ring_release(&b.reports);
    desk_flood(&b, 61);
    desk_settle(&desk);
    cr_expect_eq(b.link->condemned, HF_OK, "R5: a tail below the restart is no attack");
    cr_expect_eq(b.link->report_object->report_head, 184, "and the ring takes a ring full");
    b.reports.next = 121; /* and goes on in the ring */
    cr_expect_eq(desk_read_all(&b), 64);
    cr_expect_eq(b.link->condemned, HF_OK);
}

Test(sequencer_small, a_tail_that_runs_back_below_a_restart_condemns_its_link)
{
    begin(HF_WAL_GROUP, 8192, 64);
    rest_and_fill(60, 60);
    for (int i = 0; i < 20; i++) {
        desk_flood(&a, 60);
        desk_settle(&desk);
        desk_read_all(&a);
    }
    desk_read_all(&b);
    desk_settle(&desk);
    cr_assert_eq(b.link->report_object->restart, 121);
    b.link->command_object->report_tail = 63; /* 64 was seen before */
    desk_flood(&b, 100);
    desk_settle(&desk);
    cr_expect_eq(b.link->condemned, HF_E_PROTOCOL);
}

/* Sync mode */

Test(sequencer_small, sync_mode_holds_reports_until_they_are_durable)
{
    begin(HF_WAL_SYNC, 4096, 1024);
    desk_flood(&a, 10);
    desk_settle(&desk);
    cr_expect_eq(a.link->commands.next - 1, 10, "the engine does not wait");
    cr_expect_null(desk_report(&a));
    cr_expect_eq(a.link->report_object->report_head, 0);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    desk.status->durable_lsn = desk_last_lsn(&desk) - 4; /* not all of them yet */
    cr_expect(hf_sequencer_has_work(desk.sequencer));
    desk_settle(&desk);
    cr_expect_eq(desk_read_all(&a), 6);
    desk_flush(&desk);
    desk_settle(&desk);
    cr_expect_eq(desk_read_all(&a), 4);
    cr_expect_eq(desk.status->commands, 10, "reports that come later are no commands");
}

Test(sequencer_small, sync_mode_takes_no_more_than_half_of_the_event_buffer_before_a_flush)
{
    begin(HF_WAL_SYNC, 8192, 1024);
    desk_flood(&a, 1000);
    desk_flood(&b, 1000);
    desk_settle(&desk);
    uint64_t taken = a.link->commands.next + b.link->commands.next - 2;
    cr_expect_eq(taken, DESK_EVENTS_MAX / 2 + 1, "L3: %llu", (unsigned long long)taken);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer), "it sleeps until the flush");
    for (int i = 0; i < 10; i++) {
        desk_flush(&desk);
        desk_settle(&desk);
        desk_read_all(&a);
        desk_read_all(&b);
    }
    cr_expect_eq(a.reports.next, 1001, "every command has its report, and nothing a gap");
    cr_expect_eq(b.reports.next, 1001);
    cr_expect_eq(a.link->report_object->restart + b.link->report_object->restart, 0);
}

/* E5: hostile clients */

Test(sequencer_small, a_drain_ends_when_its_link_is_condemned)
{
    begin(HF_WAL_GROUP, 4096, 64);
    desk_flood(&a, 64);
    desk_settle(&desk);
    a.link->command_object->report_tail = UINT64_MAX;
    desk_flood(&a, 10);
    a.link->drain_to = 74;
    desk_settle(&desk);
    cr_expect_eq(a.link->condemned, HF_E_PROTOCOL);
    cr_expect_eq(a.link->commands.next, 66, "the one whose report found it out was the last");
}

Test(sequencer_small, impossible_report_tails_condemn_their_link_alone)
{
    static const uint64_t TAILS[] = {UINT64_MAX, 1u << 20, 65};
    for (size_t i = 0; i < sizeof(TAILS) / sizeof(TAILS[0]); i++) {
        begin(HF_WAL_GROUP, 4096, 64);
        desk_flood(&a, 64);
        desk_settle(&desk);
        a.link->command_object->report_tail = TAILS[i];
        desk_flood(&a, 10);
        desk_flood(&b, 10);
        desk_settle(&desk);
        cr_expect_eq(a.link->condemned, HF_E_PROTOCOL, "tail %llu", (unsigned long long)TAILS[i]);
        cr_expect_eq(desk_read_all(&b), 10);
        if (i + 1 < sizeof(TAILS) / sizeof(TAILS[0])) {
            desk_destroy(&desk);
        }
    }
}

Test(sequencer_small, a_report_tail_that_runs_back_condemns_its_link)
{
    begin(HF_WAL_GROUP, 4096, 64);
    desk_flood(&a, 64);
    desk_settle(&desk);
    desk_read_all(&a);
    desk_flood(&a, 64);
    desk_settle(&desk);
    a.link->command_object->report_tail = 63; /* 64 was seen before */
    desk_flood(&a, 2);
    desk_settle(&desk);
    cr_expect_eq(a.link->condemned, HF_E_PROTOCOL);
}

Test(sequencer, a_truncated_command_object_condemns_its_link_alone)
{
    desk_flood(&a, 10);
    cr_assert_eq(ftruncate(a.link->command_region.fd, 0), 0);
    desk_flood(&b, 10);
    desk_settle(&desk);
    desk_round(&desk);
    cr_expect_eq(a.link->condemned, HF_E_PROTOCOL);
    cr_expect_eq(desk_read_all(&b), 10);
}

Test(sequencer, slots_that_change_after_they_were_read_change_nothing)
{
    struct hf_command order = desk_order(HF_BUY, 7, 100, 5);
    uint64_t lsn = desk_last_lsn(&desk) + 1;
    desk_submit(&a, &order, 1);
    desk_round(&desk);
    memset(hf_ring_slot(&a.commands, 1), 0xff, HF_SLOT_BYTES);
    desk_settle(&desk);
    cr_expect_eq(desk_record(&desk, lsn)->quantity, 5);
    cr_expect_eq(a.link->commands.next, 2, "a word that is not the next one is no command");
}

struct refused_case {
    const char *what;
    struct hf_command slots[2];
    unsigned count;
    uint32_t reasons[2]; /**< 0: no further record */
    uint32_t command_slots;
};

Test(sequencer, refused_commands_are_logged_and_numbered_like_all_others)
{
    static const struct refused_case CASES[] = {
        {"unknown type", {{.type = 60, .slots = 1, .client_order_id = 9}}, 1, {1, 0}, 1},
        {"reserved", {{.type = 2, .slots = 1, .reserved = {0, 1}}}, 1, {3, 0}, 1},
        {"no slots", {{.type = 2, .slots = 0}}, 1, {4, 0}, 1},
        {"too many slots", {{.type = 2, .slots = 3}}, 1, {4, 0}, 1},
        {"two slots where one is right",
         {{.type = 2, .slots = 2}, {.type = HF_COMMAND_MORE, .slots = 1}},
         2,
         {4, 0},
         2},
        {"the second slot is missing", {{.type = 1, .slots = 2}}, 1, {4, 0}, 1},
        {"the second slot is another command",
         {{.type = 1, .slots = 2}, {.type = 60, .slots = 1}},
         2,
         {4, 1},
         1},
        {"a second slot alone", {{.type = HF_COMMAND_MORE, .slots = 1}}, 1, {1, 0}, 1},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct refused_case *c = &CASES[i];
        uint64_t lsn = desk_last_lsn(&desk) + 1;
        for (unsigned k = 0; k < c->count; k++) {
            hf_ring_publish_copy(&a.commands, &c->slots[k], 1);
        }
        desk_settle(&desk);
        for (unsigned k = 0; k < 2 && c->reasons[k] != 0; k++) {
            const struct hf_record *record = desk_record(&desk, lsn + k);
            const struct hf_report *report = desk_report(&a);
            cr_assert_not_null(report, "%s", c->what);
            cr_expect_eq(record->type, HF_RECORD_REFUSED, "%s", c->what);
            cr_expect_eq(record->refused.reason, c->reasons[k], "%s: %u", c->what,
                         record->refused.reason);
            cr_expect_eq(report->type, HF_REPORT_REJECTED, "%s", c->what);
            cr_expect_eq(report->reason, c->reasons[k], "%s", c->what);
        }
        cr_expect_eq(desk_record(&desk, lsn)->refused.command_slots, c->command_slots, "%s",
                     c->what);
        cr_expect_eq(a.link->report_object->command_tail, a.commands.next - 1, "%s", c->what);
        cr_expect_null(desk_report(&a), "%s", c->what);
    }
}

Test(sequencer, low_space_refuses_new_orders_and_nothing_else)
{
    struct hf_command order = desk_order(HF_BUY, 1, 100, 5);
    struct hf_command cancel = {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 1};
    desk_submit(&a, &order, 1);
    desk_settle(&desk);
    desk.status->disk_low = 1;
    order.client_order_id = 2;
    desk_submit(&a, &order, 1);
    desk_submit(&a, &cancel, 1);
    desk_settle(&desk);
    desk.status->disk_low = 0;
    order.client_order_id = 3;
    desk_submit(&a, &order, 1);
    desk_settle(&desk);
    static const uint8_t TYPES[] = {HF_REPORT_ACCEPTED, HF_REPORT_REJECTED, HF_REPORT_CANCELLED,
                                    HF_REPORT_ACCEPTED};
    for (size_t i = 0; i < sizeof(TYPES); i++) {
        const struct hf_report *report = desk_report(&a);
        cr_assert_not_null(report);
        cr_expect_eq(report->type, TYPES[i], "report %zu", i);
        if (i == 1) {
            cr_expect_eq(report->reason, HF_REASON_DISK_LOW);
        }
    }
}

static uint64_t
taken(const struct desk_client *client)
{
    return client->link->commands.next - 1;
}

Test(sequencer, a_flood_of_new_orders_waits_while_log_space_is_low_and_cancels_do_not)
{
    desk_flood(&b, 30);
    desk_settle(&desk);
    desk.status->disk_low = 1;
    desk.now_ns = 50 * (uint64_t)HF_LOW_WINDOW_NS;
    desk_flood(&a, 100);
    for (uint64_t id = 1; id <= 30; id++) {
        struct hf_command cancel = {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = id};
        desk_submit(&b, &cancel, 1);
    }
    desk_settle(&desk);
    cr_expect_eq(taken(&a), HF_LOW_COMMANDS);
    cr_expect_eq(taken(&b), 60, "cancels are not held back");
    cr_expect_not(hf_sequencer_has_work(desk.sequencer), "the engine may sleep over what waits");
    desk.now_ns += HF_LOW_WINDOW_NS;
    desk_settle(&desk);
    cr_expect_eq(taken(&a), 2 * HF_LOW_COMMANDS, "the next window's");
    desk.status->disk_low = 0;
    desk_settle(&desk);
    cr_expect_eq(taken(&a), 100, "there is space again");
    uint64_t low = 0;
    for (const struct hf_report *report; (report = desk_report(&a)) != NULL;) {
        low += report->type == HF_REPORT_REJECTED && report->reason == HF_REASON_DISK_LOW;
    }
    cr_expect_eq(low, 2 * HF_LOW_COMMANDS, "what was taken meanwhile was refused, nothing else");
}

Test(sequencer, a_cancel_behind_what_is_held_back_waits_for_its_turn)
{
    desk.status->disk_low = 1;
    desk.now_ns = 50 * (uint64_t)HF_LOW_WINDOW_NS;
    desk_flood(&a, HF_LOW_COMMANDS + 1);
    struct hf_command cancel = {.type = HF_COMMAND_MASS_CANCEL, .slots = 1};
    desk_submit(&a, &cancel, 1);
    desk_settle(&desk);
    cr_expect_eq(taken(&a), HF_LOW_COMMANDS, "a ring is read in its order");
    desk.now_ns += HF_LOW_WINDOW_NS;
    desk_settle(&desk);
    cr_expect_eq(taken(&a), HF_LOW_COMMANDS + 2);
}

Test(sequencer, a_drain_takes_all_although_log_space_is_low)
{
    desk.status->disk_low = 1;
    desk.now_ns = 50 * (uint64_t)HF_LOW_WINDOW_NS;
    desk_flood(&a, 100);
    a.link->drain_to = 100;
    desk_settle(&desk);
    cr_expect_eq(taken(&a), 100);
}

/* Digests */

static uint64_t
count_digests(uint64_t from, uint64_t to)
{
    uint64_t count = 0;
    for (uint64_t lsn = from; lsn <= to; lsn++) {
        count += desk_record(&desk, lsn)->type == HF_RECORD_DIGEST;
    }
    return count;
}

Test(sequencer, a_digest_comes_every_1024_records)
{
    uint64_t first = desk_last_lsn(&desk) + 1;
    for (int i = 0; i < 3; i++) {
        desk_flood(&a, 1000);
        desk_settle(&desk);
        desk_read_all(&a);
        desk_settle(&desk);
    }
    uint64_t last = desk_last_lsn(&desk);
    cr_expect_eq(count_digests(first, last), (last - first + 1) / HF_DIGEST_RECORDS);
}

Test(sequencer, an_idle_log_gets_one_closing_digest)
{
    desk_settle(&desk);
    desk.now_ns += HF_DIGEST_IDLE_NS;
    desk_round(&desk); /* that of what begin() logged */
    desk_flood(&a, 1);
    desk_settle(&desk);
    uint64_t last = desk_last_lsn(&desk);
    desk.now_ns += HF_DIGEST_IDLE_NS - 3000000;
    desk_round(&desk);
    cr_expect_eq(desk_last_lsn(&desk), last, "not yet");
    desk.now_ns += 3000000;
    desk_round(&desk);
    cr_expect_eq(desk_last_lsn(&desk), last + 1);
    cr_expect_eq(desk_record(&desk, last + 1)->type, HF_RECORD_DIGEST);
    cr_expect_eq(desk_record(&desk, last + 1)->digest.digest, hf_core_digest(desk.replay.core));
    cr_expect_eq(desk.status->sequenced_lsn, last + 1);
    for (int i = 0; i < 5; i++) {
        desk.now_ns += HF_DIGEST_IDLE_NS;
        desk_round(&desk);
    }
    cr_expect_eq(desk_last_lsn(&desk), last + 1, "an idle log stays as it is");
}

Test(sequencer, record_time_never_runs_backwards)
{
    uint64_t last_ns = 0;
    desk_flood(&a, 200);
    desk_settle(&desk);
    for (uint64_t lsn = 3; lsn <= desk_last_lsn(&desk); lsn++) {
        cr_expect_geq(desk_record(&desk, lsn)->time_ns, last_ns);
        last_ns = desk_record(&desk, lsn)->time_ns;
    }
}

Test(sequencer, record_time_goes_on_while_the_wall_clock_is_behind)
{
    desk_flood(&a, 1);
    desk_settle(&desk);
    uint64_t ahead_ns = hf_clock_wall_ns() + HOUR_NS;
    desk.replay.core->time_ns = ahead_ns; /* of the last record: then somebody set the clock */
    uint64_t begin_ns = desk.sequencer->stamped_ns;
    for (uint64_t i = 1; i <= 10; i++) {
        desk.now_ns += 100000000;
        desk_flood(&a, 1);
        desk_round(&desk);
        cr_expect_eq(desk_record(&desk, desk_last_lsn(&desk))->time_ns - ahead_ns,
                     desk.now_ns - begin_ns, "record %d", (int)i);
    }
    desk.replay.core->time_ns = 1;
    desk_flood(&a, 1);
    desk_round(&desk);
    cr_expect_geq(desk_record(&desk, desk_last_lsn(&desk))->time_ns + HOUR_NS, ahead_ns,
                  "the wall clock, as soon as it is not behind");
}

Test(sequencer, is_quiet_until_a_session_has_something_new)
{
    desk_settle(&desk);
    cr_expect(hf_sequencer_is_quiet(desk.sequencer));
    desk_flood(&b, 1);
    cr_expect_not(hf_sequencer_is_quiet(desk.sequencer));
    desk_settle(&desk);
    cr_expect(hf_sequencer_is_quiet(desk.sequencer));
    hf_store_seq_cst(&a.link->command_object->durable_wish, desk_last_lsn(&desk));
    cr_expect_not(hf_sequencer_is_quiet(desk.sequencer), "somebody waits for a flush");
}

/* Halting */

Test(sequencer, a_halted_engine_takes_nothing_but_its_heart_beats)
{
    desk_settle(&desk);
    uint64_t last = desk_last_lsn(&desk);
    hf_halt(&desk.halt, HF_E_IO, "for the test");
    desk_flood(&a, 10);
    cr_expect_eq(desk_round(&desk), 0);
    cr_expect_eq(desk_last_lsn(&desk), last);
    cr_expect_eq(desk.status->heartbeat_ns, desk.now_ns);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    desk.now_ns += 10 * (uint64_t)HF_DIGEST_IDLE_NS;
    desk_round(&desk);
    cr_expect_eq(desk_last_lsn(&desk), last, "no digest either");
}

/* Waking */

Test(sequencer, only_a_sleeping_client_is_woken)
{
    desk_settle(&desk);
    desk_flood(&a, 1);
    desk_settle(&desk);
    cr_expect_eq(hf_waker_do_work(&desk.waker), 0);
    a.link->command_object->parked = 1;
    desk_flood(&a, 1);
    desk_settle(&desk);
    cr_expect_eq(hf_waker_do_work(&desk.waker), 1);
    cr_expect_eq(hf_waker_do_work(&desk.waker), 0);
}
