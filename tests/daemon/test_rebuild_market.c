/* test_rebuild_market.c - the market-data ring over restarts: compared, gone on with, or made anew. */
#include "rebuild_fixture.h"

TestSuite(rebuild_market, .init = set_up, .fini = tear_down, .timeout = 280);

/* The market-data ring */

/** A subscriber's mapping, from before a restart. */
static struct hf_region subscriber;

static struct hf_broadcast_object *
map_ring(void)
{
    hf_region_detach(&subscriber);
    open_region(&subscriber, "md");
    return subscriber.base;
}

/** Every event from `from` to the state machine's last is there, and nothing behind it. */
static void
expect_events(uint64_t from)
{
    struct hf_broadcast_reader reader;
    struct hf_market_event event;
    uint64_t last = hf_core_market_number(daemon_now->replay.core);
    hf_broadcast_reader_init(&reader, &subscriber, from);
    for (uint64_t number = from; number <= last; number++) {
        cr_assert_eq(hf_broadcast_read(&reader, &event), HF_OK, "event %llu",
                     (unsigned long long)number);
        cr_expect_eq(event.number, number);
    }
    cr_expect_eq(hf_broadcast_read(&reader, &event), HF_AGAIN);
}

static uint64_t *
slot_of_event(uint64_t number)
{
    return &daemon_now->market.writer
                .words[(number & daemon_now->market.writer.mask) * HF_BROADCAST_WORDS];
}

static void
trade_and_map(uint64_t count)
{
    open_session(1024);
    trade(count);
    cr_assert_geq(hf_core_market_number(daemon_now->replay.core), count);
    map_ring();
}

Test(rebuild_market, a_market_ring_goes_on_over_a_kill)
{
    trade_and_map(100);
    expect_events(1);
    restart();
    expect_events(1);
    connect_client(link_now());
    trade(50);
    expect_events(1);
    cr_expect_geq(hf_core_market_number(daemon_now->replay.core), 150);
    hf_region_detach(&subscriber);
}

Test(rebuild_market, market_events_of_a_record_without_effect_are_published)
{
    trade_and_map(10);
    struct hf_command order = desk_order(HF_BUY, 77, 5, 1);
    struct hf_record record;
    memcpy(&record, &order, sizeof(record));
    record.lsn = daemon_now->sequencer.queue.next;
    record.time_ns = hf_core_time(daemon_now->replay.core);
    record.session = 1;
    record.crc = 0;
    uint64_t number = hf_core_market_number(daemon_now->replay.core) + 1;
    desk_submit(&a, &order, 1);
    hf_ring_publish_copy(&daemon_now->sequencer.queue, &record, 1); /* killed between 2 and 3 */
    *slot_of_event(number) = HF_BROADCAST_WRITING | number; /* or in the middle of its event */
    restart();
    expect_events(1);
    const struct hf_market_event *event = hf_broadcast_slot(&subscriber, number);
    cr_assert_not_null(event);
    cr_expect_eq(event->type, HF_MARKET_ADD);
    cr_expect_eq(event->lsn, record.lsn);
    hf_region_detach(&subscriber);
}

Test(rebuild_market, a_market_ring_that_has_gone_round_is_compared_as_far_as_it_reaches)
{
    trade_and_map(700);
    restart();
    expect_events(hf_core_market_number(daemon_now->replay.core) - 255);
    hf_region_detach(&subscriber);
}

Test(rebuild_market, a_market_event_that_differs_is_damage)
{
    trade_and_map(50);
    slot_of_event(20)[5] ^= 1;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "market event 20", "differs from what the log gives");
    hf_region_detach(&subscriber);
}

Test(rebuild_market, a_market_ring_that_knows_more_than_the_log_is_refused)
{
    trade_and_map(50);
    struct hf_market_event event = {.type = HF_MARKET_ADD};
    hf_broadcast_publish(&daemon_now->market.writer, &event);
    kill_it();
    expect_refusal(HF_E_CORRUPT, "knows more than the log", "market event");
    hf_region_detach(&subscriber);
}

Test(rebuild_market, a_market_ring_with_a_wrong_number_or_name_is_refused)
{
    trade_and_map(50);
    *slot_of_event(20) = 21;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "market-data ring", "is damaged");
    uint64_t *slots = (uint64_t *)((char *)subscriber.base + HF_BROADCAST_SLOTS_OFFSET);
    slots[20 * HF_BROADCAST_WORDS] = 20;
    struct hf_broadcast_object *object = subscriber.base;
    object->instance_id++;
    expect_refusal(HF_E_CORRUPT, "market-data ring", "is another instance's");
    object->version++;
    expect_refusal(HF_E_VERSION, "market-data ring", "another release");
    hf_region_detach(&subscriber);
}

/** What a start makes anew begins behind the last event; the old object is left as it was. */
static void
expect_new_ring(const char *what)
{
    const struct hf_broadcast_object *old = subscriber.base;
    uint64_t last = hf_core_market_number(daemon_now->replay.core);
    struct hf_region before = subscriber;
    memset(&subscriber, 0, sizeof(subscriber));
    const struct hf_broadcast_object *object = map_ring();
    cr_expect_eq(object->first_number, last + 1, "%s", what);
    cr_expect_neq(object->epoch, old->epoch, "%s", what);
    cr_expect_eq(object->epoch, daemon_now->epoch, "%s", what);
    cr_expect_eq(object->history, daemon_now->history, "%s", what);
    cr_expect_eq(object->slots, daemon_now->market.writer.mask + 1, "%s", what);
    connect_client(link_now());
    trade(20);
    expect_events(last + 1);
    hf_region_detach(&before);
}

Test(rebuild_market, a_market_ring_is_made_anew_where_there_is_none_of_use)
{
    trade_and_map(50);
    kill_it();
    market_setting = "market.slots=512";
    start();
    expect_new_ring("another length");
    kill_it();
    unlink_region("md");
    start();
    expect_new_ring("no ring");
    struct hf_broadcast_object *object = subscriber.base;
    kill_it();
    object->magic = 0;
    start();
    expect_new_ring("never finished");
    object = subscriber.base;
    kill_it();
    object->boot++;
    start();
    expect_new_ring("of another boot");
    hf_region_detach(&subscriber);
}

Test(rebuild_market, a_market_ring_without_its_status_page_must_not_know_more)
{
    trade_and_map(50);
    struct hf_market_event event = {.type = HF_MARKET_ADD};
    hf_broadcast_publish(&daemon_now->market.writer, &event);
    let_go(daemon_now);
    unlink_region("status");
    unlink_region("s.a.rep");
    unlink_region("s.a.cmd.1");
    expect_refusal(HF_E_CORRUPT, "knows more than the log", "market event");
    hf_region_detach(&subscriber);
}
