/* test_sequencer_request.c - what the control thread asks of the engine: drains that end, takeovers
 * that go on where the last client stopped, and answers also when the engine has halted. */
#include "desk.h"

#include <sys/eventfd.h>

static struct desk desk;
static struct desk_client a;

static void
set_up(void)
{
    desk_init(&desk, HF_WAL_GROUP, 4096);
    desk_open(&desk, &a, "a", 1024, 64);
    desk_flush(&desk);
}

static void
tear_down(void)
{
    desk_destroy(&desk);
}

TestSuite(sequencer_request, .init = set_up, .fini = tear_down);

static void
post(struct hf_request *request, enum hf_request_type type)
{
    request->type = type;
    request->done = 0;
    hf_store_seq_cst(&desk.sequencer->request, request);
}

/** Post and run rounds until it is answered; 1000: it never is. @return its code */
static int
ask(struct hf_request *request, enum hf_request_type type)
{
    post(request, type);
    for (int i = 0; i < 1000 && request->done == 0; i++) {
        desk_round(&desk);
    }
    cr_assert_eq(request->done, 1, "request %d is never answered", (int)type);
    return request->code;
}

/** Ask for a drain, and run rounds until it is over. */
static void
freeze(struct hf_request *request)
{
    cr_assert_eq(ask(request, HF_REQUEST_FREEZE), HF_OK);
    cr_expect(!request->drained || hf_load_acquire(&request->link->drained) == 1);
    for (int i = 0; i < 1000 && hf_load_acquire(&request->link->drained) == 0; i++) {
        desk_round(&desk);
    }
    cr_assert_eq(request->link->drained, 1, "a drain never ends");
    cr_expect(request->link->frozen);
}

/* Finding and opening */

Test(sequencer_request, sessions_are_found_by_name)
{
    struct hf_request request = {.name = "a"};
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(request.slot, a.link->slot);
    cr_expect_eq(request.session_id, a.link->session_id);
    cr_expect_eq(request.connected, 1);
    struct hf_request unknown = {.name = "b"};
    cr_expect_eq(ask(&unknown, HF_REQUEST_FIND), HF_E_UNKNOWN);
}

Test(sequencer_request, sessions_open_until_all_slots_are_used)
{
    for (uint32_t i = 2; i <= DESK_LINKS_MAX; i++) {
        struct hf_request request = {.uid = i};
        snprintf(request.name, sizeof(request.name), "s%u", i);
        cr_expect_eq(ask(&request, HF_REQUEST_OPEN), HF_OK);
        cr_expect_eq(request.slot, i);
        cr_expect_eq(desk_record(&desk, request.session_id)->type, HF_RECORD_OPEN);
        cr_expect_eq(desk_record(&desk, request.session_id)->open.uid, i);
    }
    struct hf_request request = {.name = "more"};
    cr_expect_eq(ask(&request, HF_REQUEST_OPEN), HF_E_FULL);
}

Test(sequencer_request, records_of_a_session_that_is_not_open_are_not_logged)
{
    static const enum hf_request_type TYPES[] = {HF_REQUEST_CONNECT, HF_REQUEST_DISCONNECT,
                                                 HF_REQUEST_CLOSE};
    desk_settle(&desk);
    uint64_t last = desk_last_lsn(&desk);
    for (size_t i = 0; i < 3; i++) {
        struct hf_request request = {.slot = 5};
        cr_expect_eq(ask(&request, TYPES[i]), HF_E_UNKNOWN);
        request.slot = UINT32_MAX;
        cr_expect_eq(ask(&request, TYPES[i]), HF_E_UNKNOWN);
    }
    cr_expect_eq(desk_last_lsn(&desk), last);
}

/* Log space is low (E7) */

/** Its client fills the ring, and another takes over. @return for how long that one is to be refused */
static uint64_t
come_back_with_a_full_ring(void)
{
    struct hf_request request = {.link = a.link, .name = "a"};
    cr_assert_eq(desk_flood(&a, 1000), 1000);
    freeze(&request);
    cr_assert_eq(a.link->commands.next, a.commands.next, "a drain takes all");
    cr_assert_eq(ask(&request, HF_REQUEST_DETACH), HF_OK);
    cr_assert_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_assert_eq(ask(&request, HF_REQUEST_ATTACH), HF_OK);
    hf_ring_release(&a.link->commands);
    desk_flush(&desk);
    return request.low_wait_ns;
}

Test(sequencer_request, who_comes_back_with_full_rings_while_space_is_low_has_to_wait)
{
    desk.status->disk_low = 1;
    for (int i = 0; i < 6; i++) {
        cr_expect_eq(come_back_with_a_full_ring(), 0, "6000 commands, a minute of the rate: %d", i);
    }
    uint64_t wait_ns = come_back_with_a_full_ring();
    cr_expect_gt(wait_ns, UINT64_C(9000000000), "those of ten seconds too many");
    cr_expect_leq(wait_ns, UINT64_C(10000000000));
    desk.now_ns += wait_ns;
    struct hf_request found = {.name = "a"};
    cr_expect_eq(ask(&found, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(found.low_wait_ns, 0, "time has passed");
    cr_expect(found.disk_low);
}

Test(sequencer_request, who_only_comes_and_goes_while_space_is_low_has_to_wait_too)
{
    struct hf_request request = {.slot = a.link->slot, .name = "a"};
    desk.status->disk_low = 1;
    for (int i = 0; i < 3100; i++) {
        cr_assert_eq(ask(&request, HF_REQUEST_DISCONNECT), HF_OK);
        cr_assert_eq(ask(&request, HF_REQUEST_CONNECT), HF_OK);
        desk.now_ns -= 2000000; /* they come faster than rounds do here */
        desk_flush(&desk);
    }
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_gt(request.low_wait_ns, UINT64_C(1000000000));
    desk.status->disk_low = 0;
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(request.low_wait_ns, 0, "there is space again");
}

Test(sequencer_request, full_rings_cost_nothing_while_there_is_space)
{
    for (int i = 0; i < 8; i++) {
        cr_expect_eq(come_back_with_a_full_ring(), 0);
    }
    desk.status->disk_low = 1;
    struct hf_request found = {.name = "a"};
    cr_expect_eq(ask(&found, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(found.low_wait_ns, 0);
}

/* Freeze */

Test(sequencer_request, a_freeze_drains_what_was_published_although_reports_find_no_room)
{
    struct hf_request request = {.link = a.link};
    desk_flood(&a, 1000);
    desk_settle(&desk);
    cr_expect_eq(a.link->commands.next - 1, 65, "its report ring is full");
    freeze(&request);
    cr_expect_eq(a.link->commands.next - 1, 1000);
    cr_expect_not(request.drained, "who asks is answered before");
    desk_flood(&a, 10);
    desk_settle(&desk);
    cr_expect_eq(a.link->commands.next - 1, 1000, "frozen");
}

Test(sequencer_request, a_freeze_waits_for_a_full_queue)
{
    struct hf_request request = {.link = a.link};
    desk_flood(&a, 60);
    desk_settle(&desk);
    desk_read_all(&a);
    struct hf_queue_object *queue = desk.queue.base;
    uint64_t released = queue->released;
    for (int i = 0; i < 100 && desk_last_lsn(&desk) - released < 4000; i++) {
        desk_flood(&a, 64);
        desk_settle(&desk);
        desk_read_all(&a);
    }
    desk_flood(&a, 200);
    cr_expect_eq(ask(&request, HF_REQUEST_FREEZE), HF_OK);
    for (int i = 0; i < 20; i++) {
        desk_round(&desk);
    }
    cr_expect_eq(a.link->drained, 0, "the queue is full before all is drained");
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
    desk_flush(&desk);
    cr_expect(hf_sequencer_has_work(desk.sequencer));
    for (int i = 0; i < 20; i++) {
        desk_round(&desk);
    }
    cr_expect_eq(a.link->drained, 1);
    cr_expect_eq(a.link->commands.next, a.commands.next);
}

Test(sequencer_request, a_freeze_ends_although_the_client_takes_slots_back)
{
    struct hf_request request = {.link = a.link};
    desk_flood(&a, 1000);
    cr_expect_eq(ask(&request, HF_REQUEST_FREEZE), HF_OK);
    cr_expect_eq(a.link->drained, 0, "a burst is not all");
    memset(a.commands.slots, 0, 1024 * HF_SLOT_BYTES);
    cr_expect(hf_sequencer_has_work(desk.sequencer), "its end is to be told");
    desk_round(&desk);
    cr_expect_eq(a.link->drained, 1);
    cr_expect(a.link->frozen);
}

Test(sequencer_request, a_freeze_ends_although_the_object_is_truncated)
{
    struct hf_request request = {.link = a.link};
    desk_flood(&a, 1000);
    cr_expect_eq(ask(&request, HF_REQUEST_FREEZE), HF_OK);
    cr_expect_eq(a.link->drained, 0);
    cr_assert_eq(ftruncate(a.link->command_region.fd, 0), 0);
    for (int i = 0; i < 5; i++) {
        desk_round(&desk);
    }
    cr_expect_eq(a.link->drained, 1);
    cr_expect(a.link->frozen);
}

Test(sequencer_request, a_freeze_tells_the_first_report_that_was_not_released)
{
    static const struct {
        uint64_t tail;
        uint64_t first;
    } cases[] = {{0, 1}, {7, 8}, {20, 21}, {21, 21}, {UINT64_MAX, 21}, {3, 21}};
    desk_flood(&a, 20);
    desk_settle(&desk);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_request request = {.link = a.link};
        a.link->command_object->report_tail = cases[i].tail;
        freeze(&request);
        cr_expect(request.drained, "nothing is left to be read");
        cr_expect_eq(request.first_report, cases[i].first, "case %zu: %llu", i,
                     (unsigned long long)request.first_report);
    }
}

Test(sequencer_request, the_control_thread_is_told_when_a_drain_that_it_did_not_wait_for_has_ended)
{
    struct hf_request request = {.link = a.link};
    uint64_t events = 0;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    cr_assert_geq(fd, 0);
    desk.sequencer->control_fd = fd;
    freeze(&request);
    cr_expect_eq(read(fd, &events, sizeof(events)), -1, "the answer has told it");
    desk_flood(&a, 1000);
    cr_expect_eq(ask(&request, HF_REQUEST_FREEZE), HF_OK);
    cr_expect_eq(read(fd, &events, sizeof(events)), -1, "it goes on");
    desk_settle(&desk);
    cr_expect_eq(read(fd, &events, sizeof(events)), (ssize_t)sizeof(events));
    cr_expect_eq(events, 1);
    cr_expect_eq(a.link->commands.next - 1, 1000);
    desk.sequencer->control_fd = -1;
    close(fd);
}

Test(sequencer_request, others_are_answered_while_a_drain_goes_on)
{
    struct hf_request request = {.link = a.link};
    struct hf_request open = {.name = "b"};
    desk_flood(&a, 1000);
    cr_expect_eq(ask(&request, HF_REQUEST_FREEZE), HF_OK);
    cr_expect_eq(ask(&open, HF_REQUEST_OPEN), HF_OK);
    cr_expect_eq(a.link->drained, 0, "it still goes on");
}

/* Detach and attach */

Test(sequencer_request, a_detached_object_is_neither_read_nor_written)
{
    struct hf_request request = {.link = a.link, .slot = a.link->slot};
    desk_flood(&a, 3);
    freeze(&request);
    cr_expect_eq(ask(&request, HF_REQUEST_DETACH), HF_OK);
    cr_expect_null(a.link->command_object);
    struct hf_report_object before = *a.link->report_object;
    desk_flood(&a, 100);
    desk_settle(&desk);
    cr_expect_eq(memcmp(&before, a.link->report_object, sizeof(before)), 0);
    cr_expect_not(hf_sequencer_has_work(desk.sequencer));
}

Test(sequencer_request, an_attached_link_goes_on_where_the_last_client_stopped)
{
    struct hf_request request = {.link = a.link, .name = "a"};
    desk_flood(&a, 70); /* 64 reports in the ring, the others behind */
    freeze(&request);
    cr_expect_eq(ask(&request, HF_REQUEST_FREEZE), HF_OK);
    cr_expect(request.drained, "once more, for the next client");
    cr_expect_eq(ask(&request, HF_REQUEST_DETACH), HF_OK);
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(request.last_seq, 70);
    cr_expect_eq(ask(&request, HF_REQUEST_ATTACH), HF_OK);
    cr_expect_not(a.link->frozen);
    desk_settle(&desk);
    cr_expect_eq(desk_read_all(&a), 64);
    desk_settle(&desk);
    cr_expect_eq(desk_read_all(&a), 6);
    desk_flood(&a, 5);
    desk_settle(&desk);
    cr_expect_eq(desk_read_all(&a), 5);
}

/** Detach session a, whose next client wants `wanted` first. @return what it gets first from the ring */
static uint64_t
first_after_detach(uint64_t wanted)
{
    struct hf_request request = {.link = a.link, .name = "a", .next_report = wanted};
    freeze(&request);
    cr_assert_eq(ask(&request, HF_REQUEST_DETACH), HF_OK);
    uint64_t first = request.first_report;
    cr_assert_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_assert_eq(ask(&request, HF_REQUEST_ATTACH), HF_OK);
    return first;
}

Test(sequencer_request, released_reports_come_again_from_the_ring_while_they_are_in_it)
{
    for (int i = 0; i < 3; i++) {
        desk_flood(&a, 40);
        desk_settle(&desk);
        desk_read_all(&a); /* 120 in all, in a ring of 64 */
    }
    cr_expect_eq(first_after_detach(0), 121);
    cr_expect_eq(first_after_detach(100), 100);
    cr_expect_eq(first_after_detach(59), 59, "the oldest that no torn slot can have overwritten");
    cr_expect_eq(first_after_detach(58), 121, "that one comes from the gap service");
    cr_expect_eq(first_after_detach(500), 121, "not there yet");
}

Test(sequencer_request, no_report_is_shown_from_its_second_slot_on)
{
    struct hf_command replace = {.type = HF_COMMAND_REPLACE,
                                 .slots = 1,
                                 .target_client_order_id = 1,
                                 .client_order_id = 2,
                                 .price = 2,
                                 .quantity = 1};
    desk_flood(&a, 1);
    desk_submit(&a, &replace, 1); /* reports 2 and 3 */
    desk_settle(&desk);
    desk_read_all(&a);
    cr_expect_eq(first_after_detach(3), 2);
}

Test(sequencer_request, a_broken_client_may_be_followed_by_a_good_one)
{
    struct hf_request request = {.link = a.link, .name = "a"};
    desk_flood(&a, 10);
    desk_settle(&desk);
    a.link->condemned = HF_E_PROTOCOL;
    cr_expect_eq(ask(&request, HF_REQUEST_FREEZE), HF_OK);
    cr_expect_eq(ask(&request, HF_REQUEST_DETACH), HF_OK);
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(ask(&request, HF_REQUEST_ATTACH), HF_OK);
    cr_expect_eq(a.link->condemned, HF_OK);
    desk_flood(&a, 10);
    desk_settle(&desk);
    cr_expect_eq(desk_read_all(&a), 20);
}

Test(sequencer_request, an_impossible_tail_is_refused_at_attach)
{
    struct hf_request request = {.link = a.link};
    a.link->command_object->report_tail = 5;
    cr_expect_eq(ask(&request, HF_REQUEST_ATTACH), HF_E_PROTOCOL);
    cr_expect_eq(a.link->condemned, HF_E_PROTOCOL, "its commands are not read either");
}

Test(sequencer_request, the_table_of_instruments_has_another_even_version_after_each_change)
{
    const struct hf_instrument_info *table =
        (const void *)((const char *)desk.status + HF_STATUS_PAGE_BYTES);
    uint32_t before = desk.status->table_version;
    struct hf_record record = {.type = HF_COMMAND_PHASE, .instrument = 1};
    record.order_type = HF_PHASE_HALTED;
    desk_append(&desk, record, NULL);
    cr_expect_eq(desk.status->table_version, before + 2);
    cr_expect_eq(table[0].phase, HF_PHASE_HALTED);
    desk.status->table_version++; /* a daemon dies in the midst; the next one writes all of it */
    hf_sequencer_publish_books(desk.sequencer);
    cr_expect_eq(desk.status->table_version, before + 4);
    cr_expect_eq(memcmp(table[0].symbol, "ONE", 4), 0);
}

/* Cancel on disconnect */

Test(sequencer_request, disconnect_and_close_cancel_what_they_should)
{
    struct hf_request open = {.name = "c", .flags = HF_SESSION_CANCEL_ON_DISCONNECT};
    cr_expect_eq(ask(&open, HF_REQUEST_OPEN), HF_OK);
    desk_flood(&a, 3);
    desk_settle(&desk);
    struct hf_request request = {.slot = a.link->slot};
    cr_expect_eq(ask(&request, HF_REQUEST_DISCONNECT), HF_OK);
    cr_expect_eq(hf_core_open_orders(desk.replay.core), 3, "nobody asked for it");
    cr_expect_eq(desk.status->open_orders, 3);
    cr_expect_eq(ask(&request, HF_REQUEST_CLOSE), HF_OK);
    cr_expect_eq(hf_core_open_orders(desk.replay.core), 0);
    cr_expect_eq(desk.status->open_orders, 0, "no command came since");
    cr_expect_null(hf_core_session(desk.replay.core, a.link->slot));
}

Test(sequencer_request, a_closed_session_that_was_behind_is_served_no_more)
{
    static struct desk_client b;
    desk_open(&desk, &b, "b", 1024, 1024);
    desk_flood(&a, 200); /* more than its ring takes, and it reads nothing */
    desk_settle(&desk);
    for (unsigned i = 0; i < 2 * DESK_EVENTS_MAX / 500; i++) { /* what it lacks is overwritten */
        cr_assert_eq(desk_flood(&b, 500), 500);
        desk_settle(&desk);
        (void)desk_read_all(&b);
        desk_flush(&desk);
    }
    struct hf_request request = {.slot = a.link->slot, .link = a.link};
    freeze(&request);
    hf_ring_advance(&a.reports, 64);
    hf_ring_release(&a.reports); /* now there would be room for a restart of its ring */
    cr_expect_eq(ask(&request, HF_REQUEST_CLOSE), HF_OK);
    uint64_t restart = a.link->report_object->restart;
    desk_settle(&desk);
    cr_expect_eq(a.link->report_object->restart, restart);
}

/* Reading */

Test(sequencer_request, depth_and_rows_tell_the_present_state)
{
    static struct hf_control_answer answer;
    struct hf_request depth = {.instrument = 1, .first = 5, .answer = &answer};
    desk_flood(&a, 3);
    desk_settle(&desk);
    cr_expect_eq(ask(&depth, HF_REQUEST_DEPTH), HF_OK);
    cr_expect_eq(answer.bid_count, 1);
    cr_expect_eq(answer.bids[0].orders, 3);
    cr_expect_eq(answer.lsn, desk_last_lsn(&desk));
    depth.instrument = 9;
    cr_expect_eq(ask(&depth, HF_REQUEST_DEPTH), HF_E_UNKNOWN);
    struct hf_request rows = {.answer = &answer};
    memset(&answer, 0, sizeof(answer));
    cr_expect_eq(ask(&rows, HF_REQUEST_SESSIONS), HF_OK);
    cr_expect_eq(answer.row_count, 1);
    cr_expect_str_eq(answer.rows[0].name, "a");
    cr_expect_eq(answer.rows[0].last_seq, 3);
    cr_expect_eq(answer.rows[0].unread, 3);
    cr_expect_eq(answer.rows[0].open_orders, 3);
    cr_expect_eq(answer.next_slot, 0);
}

Test(sequencer_request, what_administrators_have_set_is_read_back)
{
    static struct hf_control_answer answer;
    struct hf_record account = {.type = HF_COMMAND_ACCOUNT, .flags = HF_ON, .sets = HF_SET_ACCOUNT};
    struct hf_record limits = {
        .type = HF_COMMAND_SESSION_LIMITS, .sets = HF_SET_SESSION_LIMITS, .by_name = {.name = "a"}};
    account.account = 7;
    account.client_order_id = 3;
    account.order_type = HF_SELF_TRADE_DECREMENT;
    account.quantity = 5000;
    limits.by_name.value = 10;
    limits.by_name.rate = 100;
    desk_append(&desk, account, NULL);
    desk_append(&desk, limits, NULL);
    for (uint32_t id = 0; id < 3; id++) {
        struct hf_record grant = {.type = HF_COMMAND_ENTITLE, .flags = HF_ON};
        grant.order_type = id == 0 ? HF_ENTITLE_ADMIN : HF_ENTITLE_ACCOUNT;
        grant.by_name.value = id;
        memcpy(grant.by_name.name, "a", 2);
        desk_append(&desk, grant, NULL);
    }
    struct hf_request request = {.first = 1, .answer = &answer};
    cr_expect_eq(ask(&request, HF_REQUEST_ENTITLEMENTS), HF_OK);
    cr_expect_eq(answer.row_count, 2);
    cr_expect_eq(answer.next_slot, 0);
    cr_expect_eq(answer.entitlements[1].id, 2);
    cr_expect_eq(answer.entitlements[1].kind, HF_ENTITLE_ACCOUNT);
    cr_expect_str_eq(answer.entitlements[1].name, "a");
    request.first = 7;
    cr_expect_eq(ask(&request, HF_REQUEST_ACCOUNT), HF_OK);
    cr_expect_eq(answer.account.group, 3);
    cr_expect_eq(answer.account.self_trade, HF_SELF_TRADE_DECREMENT);
    cr_expect_eq(answer.account.notional_max, 5000);
    cr_expect_eq(answer.account.killed, 1);
    request.first = 8;
    cr_expect_eq(ask(&request, HF_REQUEST_ACCOUNT), HF_E_UNKNOWN);
    memset(&answer, 0, sizeof(answer));
    request.first = 0;
    cr_expect_eq(ask(&request, HF_REQUEST_SESSIONS), HF_OK);
    cr_expect_eq(answer.rows[0].orders_max, 10);
    cr_expect_eq(answer.rows[0].rate_max, 100);
    cr_expect_eq(answer.rows[0].killed, 0);
    cr_expect_eq(answer.rows[0].admin, 1);
}

static void
entitle(const char *name, uint8_t kind, uint32_t value, bool on)
{
    struct hf_record record = {
        .type = HF_COMMAND_ENTITLE, .order_type = kind, .flags = on ? HF_ON : 0};
    record.by_name.value = value;
    (void)snprintf(record.by_name.name, sizeof(record.by_name.name), "%s", name);
    desk_append(&desk, record, NULL);
}

Test(sequencer_request, limits_of_names_come_page_by_page)
{
    static struct hf_control_answer answer;
    for (uint32_t i = 0; i < HF_LIMITS_ROWS_MAX + 3; i++) {
        struct hf_record record = {.type = HF_COMMAND_SESSION_LIMITS, .sets = HF_SET_RATE};
        record.by_name.rate = 1 + i;
        (void)snprintf(record.by_name.name, sizeof(record.by_name.name), "n%u", i);
        desk_append(&desk, record, NULL);
        desk_flush(&desk);
    }
    struct hf_request request = {.answer = &answer};
    cr_expect_eq(ask(&request, HF_REQUEST_LIMITS), HF_OK);
    cr_expect_eq(answer.row_count, HF_LIMITS_ROWS_MAX);
    cr_expect_eq(answer.next_slot, HF_LIMITS_ROWS_MAX);
    cr_expect_str_eq(answer.limits[1].name, "n1");
    cr_expect_eq(answer.limits[1].rate_max, 2);
    memset(&answer, 0, sizeof(answer));
    request.first = HF_LIMITS_ROWS_MAX;
    cr_expect_eq(ask(&request, HF_REQUEST_LIMITS), HF_OK);
    cr_expect_eq(answer.row_count, 3);
    cr_expect_eq(answer.next_slot, 0);
}

Test(sequencer_request, who_comes_is_logged_and_has_the_rights_that_are_his)
{
    static struct hf_control_answer answer;
    struct hf_request request = {.slot = a.link->slot, .name = "a", .client_uid = 7};
    entitle("a", HF_ENTITLE_ADMIN, 0, true);
    cr_expect_eq(ask(&request, HF_REQUEST_CONNECT), HF_OK);
    cr_expect_eq(desk_record(&desk, desk_last_lsn(&desk))->open.uid, 7);
    cr_expect_eq(desk_record(&desk, desk_last_lsn(&desk))->open.flags, 0);
    struct hf_request rows = {.answer = &answer};
    cr_expect_eq(ask(&rows, HF_REQUEST_SESSIONS), HF_OK);
    cr_expect_eq(answer.rows[0].admin, 0, "user 7 has no entry");
    memset(&answer, 0, sizeof(answer));
    request.of_daemon = true;
    cr_expect_eq(ask(&request, HF_REQUEST_CONNECT), HF_OK);
    cr_expect_eq(desk_record(&desk, desk_last_lsn(&desk))->open.flags, HF_SESSION_OF_DAEMON);
    cr_expect_eq(ask(&rows, HF_REQUEST_SESSIONS), HF_OK);
    cr_expect_eq(answer.rows[0].admin, 1, "the daemon's own user needs none");
}

Test(sequencer_request, what_a_user_may_expect_of_a_name_is_told_with_it)
{
    uint64_t before = desk.sequencer->claims_changed;
    struct hf_request request = {.name = "a", .uid = 7};
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(request.claim, HF_CLAIM_FREE);
    entitle("a", HF_ENTITLE_ADMIN, 0, true);
    cr_expect_eq(desk.sequencer->claims_changed, before, "nobody has lost a name");
    entitle("a", HF_ENTITLE_USER, 7, true);
    cr_expect_neq(desk.sequencer->claims_changed, before);
    before = desk.sequencer->claims_changed;
    entitle("a", HF_ENTITLE_USER, 7, true);
    cr_expect_eq(desk.sequencer->claims_changed, before, "it was there");
    request.uid = 7;
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(request.claim, HF_CLAIM_GRANTED);
    cr_expect_eq(request.owner_claim, HF_CLAIM_OTHERS, "of user 0, who opened it");
    entitle("a", HF_ENTITLE_USER, 7, false);
    cr_expect_neq(desk.sequencer->claims_changed, before);
    request.uid = 7;
    cr_expect_eq(ask(&request, HF_REQUEST_FIND), HF_OK);
    cr_expect_eq(request.claim, HF_CLAIM_RESERVED);
}

Test(sequencer_request, a_halted_engine_answers_what_only_reads)
{
    static struct hf_control_answer answer;
    static const struct {
        enum hf_request_type type;
        int code;
    } cases[] = {
        {HF_REQUEST_FIND, HF_OK},          {HF_REQUEST_DEPTH, HF_OK},
        {HF_REQUEST_SESSIONS, HF_OK},      {HF_REQUEST_OPEN, HF_E_HALTED},
        {HF_REQUEST_CONNECT, HF_E_HALTED}, {HF_REQUEST_DISCONNECT, HF_E_HALTED},
        {HF_REQUEST_CLOSE, HF_E_HALTED},   {HF_REQUEST_FREEZE, HF_E_HALTED},
        {HF_REQUEST_ATTACH, HF_E_HALTED},  {HF_REQUEST_DETACH, HF_OK},
        {HF_REQUEST_ENTITLEMENTS, HF_OK},  {HF_REQUEST_ACCOUNT, HF_E_UNKNOWN},
        {HF_REQUEST_LEVELS, HF_OK},        {HF_REQUEST_LIMITS, HF_OK},
    };
    hf_halt(&desk.halt, HF_E_IO, "for the test");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_request request = {
            .link = a.link, .slot = a.link->slot, .name = "a", .instrument = 1, .answer = &answer};
        request.side = HF_BUY;
        cr_expect_eq(ask(&request, cases[i].type), cases[i].code, "request %d", (int)cases[i].type);
    }
}

Test(sequencer_request, a_page_of_levels_says_as_of_which_event_it_holds)
{
    static struct hf_control_answer answer;
    struct hf_request page = {
        .instrument = 1, .first = 1, .side = HF_BUY, .price = INT64_MAX, .answer = &answer};
    desk_flood(&a, 3);
    desk_settle(&desk);
    cr_expect_eq(ask(&page, HF_REQUEST_LEVELS), HF_OK);
    cr_assert_eq(answer.level_count, 1);
    cr_expect_eq(answer.levels[0].orders, 3);
    cr_expect_eq(answer.market_number, desk.market.next - 1);
    cr_expect_eq(answer.market_number, hf_core_market_number(desk.replay.core));
    cr_expect_eq(answer.lsn, desk_last_lsn(&desk));
    cr_expect_eq(answer.phase, HF_PHASE_OPEN);
    cr_expect_eq(answer.has_last, 0);
    page.price = answer.levels[0].price;
    memset(&answer, 0, sizeof(answer));
    cr_expect_eq(ask(&page, HF_REQUEST_LEVELS), HF_OK);
    cr_expect_eq(answer.level_count, 0, "there is nothing behind it");
    page.instrument = 9;
    cr_expect_eq(ask(&page, HF_REQUEST_LEVELS), HF_E_UNKNOWN);
    page.side = 3;
    cr_expect_eq(ask(&page, HF_REQUEST_LEVELS), HF_E_ARGUMENT);
}
