/*
 * test_market.c - the subscriber's side of market data: events in order, laps, restarts, durability, and
 * books out of pages and events, against the small daemon of fake_daemon.h, whose ring the test writes.
 */
#include "client/fake_daemon.h"

#include <criterion/criterion.h>
#include <holdfast/client.h>
#include <holdfast/subscribe.h>
#include <inttypes.h>

#define SECOND_NS UINT64_C(1000000000)
#define PATIENCE_NS (20 * SECOND_NS)
#define ACME 2u

static struct fake fake;
static struct hf_market *market;
static struct hf_market_book *book;

static void
start(void)
{
    fake = fake_create();
    fake_start(&fake);
}

static void
stop(void)
{
    hf_market_close(market);
    fake_destroy(&fake);
}

TestSuite(market, .init = start, .fini = stop, .timeout = 60);

static void
open_market(uint32_t flags)
{
    int code = hf_market_open(&market, NULL, fake.path, flags);
    cr_assert_eq(code, HF_OK, "%s: %s", hf_error_name(code), hf_open_error());
}

static void
publish(struct hf_market_event event)
{
    hf_broadcast_publish(&fake.market, &event);
    hf_broadcast_announce(&fake.market);
}

/** An ADD (or another type) of one order of ACME. */
static struct hf_market_event
event_of(enum hf_market_type type, enum hf_side side, int64_t price, uint64_t quantity,
         uint8_t flags)
{
    return (struct hf_market_event){.lsn = fake.market.next + 1000,
                                    .type = (uint8_t)type,
                                    .side = (uint8_t)side,
                                    .flags = flags,
                                    .instrument = ACME,
                                    .order_id = 7,
                                    .price = price,
                                    .quantity = quantity,
                                    .time_ns = 5};
}

static void
publish_many(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        publish(event_of(HF_MARKET_ADD, HF_BUY, 900, 1, 0));
    }
}

static void
expect_event(uint64_t number)
{
    struct hf_market_event event;
    cr_assert_eq(hf_market_next(market, &event), HF_OK, "event %" PRIu64, number);
    cr_expect_eq(event.number, number);
    cr_expect_eq(event.lsn, number + 1000);
}

static void
expect_code(int expected)
{
    struct hf_market_event event;
    int code = hf_market_next(market, &event);
    cr_expect_eq(code, expected, "%s, not %s", hf_error_name(code), hf_error_name(expected));
}

/** Until the library says something else than that nothing is there, or nobody. */
static int
next_news(void)
{
    struct hf_market_event event;
    uint64_t until_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    int code = HF_AGAIN;
    while ((code == HF_AGAIN || code == HF_E_NO_DAEMON) && hf_clock_monotonic_ns() < until_ns) {
        code = hf_market_next(market, &event);
        hf_clock_sleep_ns(100000);
    }
    return code;
}

static void
await_code(int expected)
{
    struct hf_market_event event;
    uint64_t until_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    while (hf_market_next(market, &event) != expected) {
        cr_assert_lt(hf_clock_monotonic_ns(), until_ns, "%s does not come",
                     hf_error_name(expected));
        hf_clock_sleep_ns(100000);
    }
}

static struct hf_market_facts
facts_now(void)
{
    struct hf_market_facts facts;
    hf_market_facts(market, &facts);
    return facts;
}

/* Events */

Test(market, who_has_patience_waits_for_a_daemon)
{
    const uint64_t patience_ns = SECOND_NS / 10;
    struct hf_observer *observer;
    uint64_t begin_ns = hf_clock_monotonic_ns();
    cr_expect_eq(hf_market_open_patiently(&market, NULL, "/nonexistent", 0, patience_ns),
                 HF_E_NO_DAEMON);
    cr_expect_geq(hf_clock_monotonic_ns() - begin_ns, patience_ns);
    begin_ns = hf_clock_monotonic_ns();
    cr_expect_eq(hf_observe_patiently(&observer, NULL, "/nonexistent", patience_ns),
                 HF_E_NO_DAEMON);
    cr_expect_geq(hf_clock_monotonic_ns() - begin_ns, patience_ns);
    begin_ns = hf_clock_monotonic_ns();
    cr_expect_eq(hf_market_open_patiently(&market, NULL, fake.path, 99, PATIENCE_NS), HF_E_ARGUMENT,
                 "it would not pass");
    cr_expect_lt(hf_clock_monotonic_ns() - begin_ns, PATIENCE_NS);
    cr_expect_eq(hf_market_open_patiently(&market, NULL, fake.path, 0, PATIENCE_NS), HF_OK);
}

Test(market, events_come_once_in_order_from_the_moment_of_opening)
{
    publish_many(5);
    open_market(0);
    expect_code(HF_AGAIN);
    publish_many(3);
    for (uint64_t number = 6; number <= 8; number++) {
        expect_event(number);
    }
    expect_code(HF_AGAIN);
    cr_expect_eq(facts_now().number, 8);
    cr_expect_eq(facts_now().lsn, 1008);
    cr_expect_eq(facts_now().connected, 1);
    cr_expect_eq(facts_now().missed, 0);
}

Test(market, who_is_lapped_is_told_once_and_goes_on)
{
    open_market(0);
    publish_many(FAKE_SLOTS + 1);
    cr_expect_eq(facts_now().head, FAKE_SLOTS + 1);
    expect_code(HF_LAPPED);
    expect_code(HF_AGAIN);
    cr_expect_eq(facts_now().missed, FAKE_SLOTS + 1);
    cr_expect_eq(facts_now().lapped, 1);
    publish_many(1);
    expect_event(FAKE_SLOTS + 2);
}

Test(market, what_is_not_durable_is_held_back_where_that_was_asked_for)
{
    open_market(HF_MARKET_DURABLE);
    fake.script->hold_durable = 1;
    publish_many(2);
    expect_code(HF_AGAIN);
    expect_code(HF_AGAIN);
    hf_store_release(&fake.status->durable_lsn, 1001);
    expect_event(1);
    expect_code(HF_AGAIN);
    cr_expect_eq(facts_now().number, 1, "the second is held, not shown");
    hf_store_release(&fake.status->durable_lsn, 1002);
    expect_event(2);
}

Test(market, in_sync_mode_nobody_sees_what_is_not_durable)
{
    fake.status->mode = 1;
    open_market(0);
    publish_many(1);
    expect_code(HF_AGAIN);
    hf_store_release(&fake.status->durable_lsn, 1001);
    expect_event(1);
}

Test(market, open_refuses_what_makes_no_sense)
{
    struct hf_market *none = NULL;
    cr_expect_eq(hf_market_open(&none, NULL, NULL, 0), HF_E_ARGUMENT);
    cr_expect_eq(hf_market_open(&none, NULL, fake.path, 8), HF_E_ARGUMENT);
    cr_expect_eq(hf_market_open(&none, NULL, "/tmp/holdfast.nobody.sock", 0), HF_E_NO_DAEMON);
    fake.script->open_code = HF_E_DENIED;
    cr_expect_eq(hf_market_open(&none, NULL, fake.path, 0), HF_E_DENIED);
    cr_expect_not_null(strstr(hf_open_error(), "refused with"));
    fake.script->open_code = HF_OK;
    fake.script->market_answer = FAKE_NO_OBJECTS;
    cr_expect_eq(hf_market_open(&none, NULL, fake.path, 0), HF_E_PROTOCOL);
    fake.script->market_answer = FAKE_SWAPPED_OBJECTS;
    cr_expect_eq(hf_market_open(&none, NULL, fake.path, 0), HF_E_PROTOCOL);
    fake.script->market_answer = FAKE_GOOD;
    fake.status->mode = 2;
    cr_expect_eq(hf_market_open(&none, NULL, fake.path, HF_MARKET_DURABLE), HF_E_ARGUMENT);
    cr_expect_not_null(strstr(hf_open_error(), "memory mode"));
    cr_expect_null(none);
}

/* Restarts */

Test(market, a_restart_of_the_daemon_is_a_pause)
{
    open_market(0);
    publish_many(1);
    expect_event(1);
    fake_kill(&fake);
    publish_many(1); /* what the next daemon's recovery does */
    expect_event(2);
    await_code(HF_E_NO_DAEMON);
    cr_expect_eq(hf_market_wait(market, 1000000), HF_E_NO_DAEMON);
    cr_expect_eq(facts_now().connected, 0);
    fake_start(&fake);
    await_code(HF_AGAIN);
    cr_expect_eq(facts_now().connected, 1);
    publish_many(1);
    expect_event(3);
    cr_expect_eq(facts_now().lapped, 0);
}

Test(market, another_ring_is_a_lap)
{
    open_market(0);
    publish_many(3);
    fake_kill(&fake);
    fake_make_market(&fake, 50);
    fake_start(&fake);
    for (uint64_t number = 1; number <= 3; number++) {
        expect_event(number); /* the old one is read to its end */
    }
    cr_expect_eq(next_news(), HF_LAPPED);
    cr_expect_eq(facts_now().missed, 46);
    publish_many(1);
    expect_event(50);
}

Test(market, another_ring_of_another_history_says_so)
{
    open_market(0);
    publish_many(3);
    fake_kill(&fake);
    fake_make_market(&fake, 2);
    fake.status->history = 2;
    fake_start(&fake);
    await_code(HF_E_HISTORY);
    cr_expect_eq(facts_now().history, 2);
    publish_many(1);
    expect_event(2);
}

Test(market, a_halted_daemon_is_named_when_there_is_nothing_more)
{
    open_market(0);
    publish_many(1);
    hf_store_release(&fake.status->state, HF_STATE_HALTED);
    expect_event(1);
    expect_code(HF_E_HALTED);
    cr_expect_eq(hf_market_wait(market, 0), HF_E_HALTED);
}

Test(market, a_wait_ends_with_news_or_in_time)
{
    open_market(0);
    cr_expect_eq(hf_market_wait(market, 3000000), HF_TIMEOUT);
    publish_many(1);
    cr_expect_eq(hf_market_wait(market, PATIENCE_NS), HF_OK);
    expect_event(1);
    publish_many(2 * FAKE_SLOTS);
    cr_expect_eq(hf_market_wait(market, PATIENCE_NS), HF_OK, "that it was lapped is news");
    expect_code(HF_LAPPED);
}

/* Books */

static void
open_book(uint32_t levels, uint64_t number)
{
    fake.script->levels = levels;
    fake.script->levels_number = number;
    fake.script->levels_lsn = 1000 + number;
    cr_assert_eq(hf_market_book_open(market, ACME, &book), HF_OK);
}

static struct hf_market_book_facts
book_facts(void)
{
    struct hf_market_book_facts facts;
    hf_market_book_facts(book, &facts);
    return facts;
}

static struct hf_depth_level
best(enum hf_side side)
{
    struct hf_depth_level level = {0};
    cr_assert_eq(hf_market_book_levels(book, side, &level, 1), 1);
    return level;
}

static void
poll_expecting(int64_t expected)
{
    int64_t code = hf_market_poll(market, NULL, NULL);
    cr_expect_eq(code, expected, "%" PRId64 " and not %" PRId64, code, expected);
}

Test(market, a_book_is_built_from_as_many_pages_as_it_takes)
{
    struct hf_depth_level levels[200];
    open_market(0);
    open_book(2 * HF_DEPTH_LEVELS_MAX, 0);
    cr_expect_eq(hf_market_book_levels(book, HF_BUY, levels, 200), HF_AGAIN);
    cr_expect_eq(book_facts().whole, 0);
    poll_expecting(0);
    cr_expect_eq(fake.script->pages, 6, "two full ones and an empty one, of each side");
    cr_assert_eq(hf_market_book_levels(book, HF_BUY, levels, 200), 2 * HF_DEPTH_LEVELS_MAX);
    for (uint32_t i = 0; i < 2 * HF_DEPTH_LEVELS_MAX; i++) {
        cr_expect_eq(levels[i].price, FAKE_BEST_BID - (int64_t)i);
        cr_expect_eq(levels[i].orders, i + 1);
        cr_expect_eq(levels[i].quantity, FAKE_LEVEL_QUANTITY * (i + 1));
    }
    cr_assert_eq(hf_market_book_levels(book, HF_SELL, levels, 3), 3);
    cr_expect_eq(levels[2].price, FAKE_BEST_ASK + 2);
    cr_expect_eq(hf_market_book_levels(book, HF_SIDE_NONE, levels, 3), HF_E_ARGUMENT);
    cr_expect_eq(book_facts().joins, 1);
    cr_expect_eq(book_facts().phase, HF_PHASE_OPEN);
    cr_expect_eq(book_facts().has_last, 0);
}

Test(market, a_book_follows_events_and_trades)
{
    open_market(0);
    open_book(3, 0);
    poll_expecting(0);
    publish(event_of(HF_MARKET_EXECUTE, HF_BUY, 1000, 4, 0));
    publish(event_of(HF_MARKET_ADD, HF_BUY, 1000, 5, 0));
    publish(event_of(HF_MARKET_REDUCE, HF_SELL, 1001, 3, 0));
    poll_expecting(3);
    cr_expect_eq(best(HF_BUY).quantity, 11);
    cr_expect_eq(best(HF_BUY).orders, 2);
    cr_expect_eq(best(HF_SELL).quantity, 7);
    cr_expect_eq(book_facts().last_price, 1000);
    cr_expect_eq(book_facts().last_quantity, 4);
    cr_expect_eq(book_facts().number, 3);
    publish(event_of(HF_MARKET_CANCEL, HF_SELL, 1001, 7, HF_MARKET_GONE));
    struct hf_market_event uncross = {
        .type = HF_MARKET_UNCROSS, .instrument = ACME, .price = 999, .quantity = 44};
    publish(uncross);
    struct hf_market_event phase = {
        .type = HF_MARKET_PHASE, .instrument = ACME, .phase = HF_PHASE_HALTED};
    publish(phase);
    poll_expecting(3);
    cr_expect_eq(best(HF_SELL).price, 1002);
    cr_expect_eq(book_facts().last_price, 999);
    cr_expect_eq(book_facts().phase, HF_PHASE_HALTED);
    struct hf_market_event reference = {
        .type = HF_MARKET_REFERENCE, .instrument = ACME, .price = -777};
    publish(reference);
    poll_expecting(1);
    cr_expect_eq(book_facts().has_last, 1);
    cr_expect_eq(book_facts().last_price, -777);
    cr_expect_eq(book_facts().last_quantity, 0, "nothing was traded");
    cr_expect_eq(book_facts().joins, 1);
}

Test(market, a_page_from_the_future_waits_for_its_events_and_takes_none_of_them_twice)
{
    struct hf_depth_level level;
    open_market(0);
    open_book(1, 2);
    poll_expecting(0);
    cr_expect_eq(hf_market_book_levels(book, HF_BUY, &level, 1), HF_AGAIN,
                 "events 1, 2 are to come");
    publish(event_of(HF_MARKET_ADD, HF_BUY, 1000, 5, 0)); /* in the page */
    poll_expecting(1);
    cr_expect_eq(hf_market_book_levels(book, HF_BUY, &level, 1), HF_AGAIN);
    publish(event_of(HF_MARKET_ADD, HF_BUY, 1000, 5, 0)); /* in the page */
    publish(event_of(HF_MARKET_ADD, HF_BUY, 1000, 7, 0)); /* not in it */
    poll_expecting(2);
    cr_expect_eq(best(HF_BUY).quantity, FAKE_LEVEL_QUANTITY + 7);
}

Test(market, a_lapped_book_is_built_again)
{
    open_market(0);
    open_book(1, 0);
    poll_expecting(0);
    publish_many(3 * FAKE_SLOTS);
    fake.script->levels = 2;
    fake.script->levels_number = 3 * FAKE_SLOTS;
    poll_expecting(0);
    struct hf_depth_level levels[4];
    cr_expect_eq(hf_market_book_levels(book, HF_BUY, levels, 4), 2);
    cr_expect_eq(book_facts().joins, 2);
}

Test(market, an_event_that_does_not_fit_or_new_reference_data_build_the_book_again)
{
    open_market(0);
    open_book(1, 0);
    poll_expecting(0);
    fake.script->levels_number = 1;
    publish(event_of(HF_MARKET_CANCEL, HF_BUY, 500, 1, HF_MARKET_GONE));
    poll_expecting(1);
    cr_expect_eq(book_facts().joins, 2);
    fake.script->levels_number = 2;
    struct hf_market_event changed = {.type = HF_MARKET_INSTRUMENT, .instrument = ACME};
    publish(changed);
    poll_expecting(1);
    cr_expect_eq(book_facts().joins, 3);
    cr_expect_eq(best(HF_BUY).price, FAKE_BEST_BID);
}

Test(market, a_durable_book_waits_until_its_pages_are)
{
    struct hf_depth_level level;
    open_market(HF_MARKET_DURABLE);
    open_book(1, 0);
    fake.script->levels_lsn = 70;
    poll_expecting(0);
    cr_expect_eq(hf_market_book_levels(book, HF_BUY, &level, 1), HF_AGAIN);
    hf_store_release(&fake.status->durable_lsn, 70);
    cr_expect_eq(hf_market_book_levels(book, HF_BUY, &level, 1), 1);
}

Test(market, books_of_no_instrument_or_twice_are_refused_and_refusals_are_passed_on)
{
    struct hf_market_book *other;
    open_market(0);
    cr_expect_eq(hf_market_book_open(market, 0, &other), HF_E_UNKNOWN);
    cr_expect_eq(hf_market_book_open(market, 33, &other), HF_E_UNKNOWN);
    open_book(1, 0);
    cr_expect_eq(hf_market_book_open(market, ACME, &other), HF_E_BUSY);
    fake.script->levels_code = HF_E_UNKNOWN;
    poll_expecting(HF_E_UNKNOWN);
    fake.script->levels_code = HF_OK;
    fake_kill(&fake);
    await_code(HF_E_NO_DAEMON);
    poll_expecting(HF_E_NO_DAEMON);
    hf_market_book_close(book);
    cr_expect_eq(hf_market_book_open(market, ACME, &book), HF_OK);
    hf_market_book_close(NULL);
}

Test(market, a_book_of_an_instrument_to_come_holds_up_no_other_and_is_built_when_it_comes)
{
    static const uint32_t coming = 7;
    struct hf_market_book *future;
    struct hf_market_book_facts facts;
    open_market(0);
    open_book(1, 0);
    fake.script->levels_unknown = coming;
    cr_assert_eq(hf_market_book_open(market, coming, &future), HF_OK); /* is asked for first */
    poll_expecting(HF_E_UNKNOWN);
    cr_expect_eq(book_facts().whole, 1);
    hf_market_book_facts(future, &facts);
    cr_expect_eq(facts.whole, 0);
    uint32_t pages = fake.script->pages;
    poll_expecting(HF_E_UNKNOWN);
    cr_expect_eq(fake.script->pages, pages, "it is not asked for again");
    fake.script->levels_unknown = 0;
    fake.script->levels_number = 1;
    publish((struct hf_market_event){.type = HF_MARKET_INSTRUMENT, .instrument = coming});
    poll_expecting(1);
    hf_market_book_facts(future, &facts);
    cr_expect_eq(facts.whole, 1);
    poll_expecting(0);
}

static void
count_event(void *context, const struct hf_market_event *event)
{
    uint64_t *sum = context;
    *sum += event->number;
}

Test(market, many_events_are_copied_as_far_as_they_fit)
{
    struct hf_market_event events[4];
    open_market(0);
    cr_expect_eq(hf_market_read_many(market, events, 4), 0);
    publish_many(6);
    cr_expect_eq(hf_market_read_many(market, events, 4), 4);
    cr_expect_eq(events[0].number, 1);
    cr_expect_eq(events[3].number, 4);
    cr_expect_eq(hf_market_read_many(market, events, 4), 2);
    cr_expect_eq(events[1].number, 6);
    cr_expect_eq(hf_market_read_many(market, events, 4), 0);
}

Test(market, a_poll_hands_every_event_to_its_caller)
{
    uint64_t sum = 0;
    struct hf_status status;
    struct hf_instrument_info info;
    open_market(0);
    publish_many(4);
    cr_expect_eq(hf_market_poll(market, count_event, &sum), 4);
    cr_expect_eq(sum, 10);
    hf_market_status(market, &status);
    cr_expect_eq(status.instance_id, FAKE_INSTANCE_ID);
    cr_expect_eq(hf_market_instrument(market, "ACME", &info), HF_OK);
    cr_expect_eq(info.id, ACME);
    cr_expect_eq(hf_market_instrument(market, "NONE", &info), HF_E_UNKNOWN);
}
