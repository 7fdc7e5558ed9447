/* test_market.c - market events: every byte, the numbering, and what a follower of them knows. */
#include "core/market.h"

#include "script.h"

Test(market, events_are_these_bytes)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    size_t first = fixture->event_count;
    cr_assert_eq(first, 2, "the two instruments");
    cr_expect_eq(fixture->events[1].instrument, 2);
    run_script(fixture, "1 new 7 S 100 25 show10\n2 new 8 B 100 12\n1 reduce 7 8\n1 cancel 7\n"
                        "0 phase pre\n0 bust 11.1 7.7 8.8 99x3\n0 limits i2\n0 reference 98");
    const struct hf_market_event expected[] = {
        {.number = 3,
         .lsn = 10,
         .type = HF_MARKET_ADD,
         .side = HF_SELL,
         .instrument = 1,
         .order_id = 10,
         .price = 100,
         .quantity = 10,
         .time_ns = 1000},
        {.number = 4,
         .lsn = 12,
         .type = HF_MARKET_EXECUTE,
         .side = HF_SELL,
         .flags = HF_MARKET_GONE,
         .instrument = 1,
         .order_id = 10,
         .price = 100,
         .quantity = 10,
         .time_ns = 1000,
         .trade_index = 0},
        {.number = 5,
         .lsn = 12,
         .type = HF_MARKET_ADD,
         .side = HF_SELL,
         .instrument = 1,
         .order_id = 10,
         .price = 100,
         .quantity = 10,
         .time_ns = 1000},
        {.number = 6,
         .lsn = 12,
         .type = HF_MARKET_EXECUTE,
         .side = HF_SELL,
         .instrument = 1,
         .order_id = 10,
         .price = 100,
         .quantity = 2,
         .time_ns = 1000,
         .trade_index = 1},
        {.number = 7,
         .lsn = 13,
         .type = HF_MARKET_REDUCE,
         .side = HF_SELL,
         .instrument = 1,
         .order_id = 10,
         .price = 100,
         .quantity = 3,
         .time_ns = 1000},
        {.number = 8,
         .lsn = 14,
         .type = HF_MARKET_CANCEL,
         .side = HF_SELL,
         .flags = HF_MARKET_GONE,
         .instrument = 1,
         .order_id = 10,
         .price = 100,
         .quantity = 5,
         .time_ns = 1000},
        {.number = 9,
         .lsn = 15,
         .type = HF_MARKET_PHASE,
         .phase = HF_PHASE_PRE_OPEN,
         .instrument = 1,
         .time_ns = 1000},
        {.number = 10,
         .lsn = 16,
         .type = HF_MARKET_BUST,
         .order_id = 11,
         .price = 99,
         .quantity = 3,
         .time_ns = 1000,
         .trade_index = 1},
        {.number = 11, .lsn = 18, .type = HF_MARKET_INSTRUMENT, .instrument = 2, .time_ns = 1000},
        {.number = 12,
         .lsn = 19,
         .type = HF_MARKET_REFERENCE,
         .instrument = 1,
         .price = 98,
         .time_ns = 1000},
    };
    cr_assert_eq(fixture->event_count - first, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        cr_expect_arr_eq(&fixture->events[first + i], &expected[i], 64, "event %zu", i);
    }
    cr_expect_eq(hf_core_market_number(fixture->core), 12);
    fixture_free(fixture);
}

Test(market, an_auction_executes_orders_at_their_prices_and_says_its_own_at_the_end)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "0 phase pre\n1 new 1 B 102 5\n1 new 2 B 101 5\n2 new 3 S 101 12");
    size_t first = fixture->event_count;
    run_script(fixture, "0 phase open");
    static const struct {
        uint8_t type;
        uint8_t side;
        uint8_t flags;
        uint64_t trade_index;
        uint64_t quantity;
        int64_t price;
    } expected[] = {
        {HF_MARKET_PHASE, 0, 0, 0, 0, 0},
        {HF_MARKET_EXECUTE, HF_BUY, HF_MARKET_AUCTION | HF_MARKET_GONE, 0, 5, 102},
        {HF_MARKET_EXECUTE, HF_SELL, HF_MARKET_AUCTION, 0, 5, 101},
        {HF_MARKET_EXECUTE, HF_BUY, HF_MARKET_AUCTION | HF_MARKET_GONE, 1, 5, 101},
        {HF_MARKET_EXECUTE, HF_SELL, HF_MARKET_AUCTION, 1, 5, 101},
        {HF_MARKET_UNCROSS, 0, 0, 0, 10, 101},
    };
    cr_assert_eq(fixture->event_count - first, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct hf_market_event *event = &fixture->events[first + i];
        cr_expect_eq(event->type, expected[i].type);
        cr_expect_eq(event->side, expected[i].side);
        cr_expect_eq(event->flags, expected[i].flags);
        cr_expect_eq(event->trade_index, expected[i].trade_index);
        cr_expect_eq(event->quantity, expected[i].quantity);
        cr_expect_eq(event->price, expected[i].price);
    }
    fixture_free(fixture);
}

Test(market, events_stand_before_the_reports_they_belong_to)
{
    static const struct script_case cases[] = {
        {"a replace that moves: cancel, answer, trades, add",
         "1 new 1 S 100 4\n2 new 2 B 90 10\nevents\n2 replace 2 3 100 12",
         "1 accepted 1 S 100x4\n2 accepted 2 B 90x10\n* cancel B 3@90x10\n"
         "2 replaced 2>3 100x12 total 12 done 0\n* execute S 1@100x4\n1 maker 1 100x4 left 0\n"
         "2 taker 3 100x4 left 8\n* add B 3@100x8\n"},
        {"a replace in place: reduce, answer", "1 new 1 S 100 4\nevents\n1 replace 1 2 100 3",
         "1 accepted 1 S 100x4\n* reduce S 2@100x1\n1 replaced 1>2 100x3 total 3 done 0\n"},
        {"a new id alone, or less that is hidden: nothing",
         "1 new 1 S 100 40 show5\nevents\n1 replace 1 2 100 40\n1 replace 2 2 100 9",
         "1 accepted 1 S 100x40\n1 replaced 1>2 100x40 total 40 done 0\n"
         "1 replaced 2>2 100x9 total 9 done 0\n"},
        {"an iceberg that is replaced shows a full peak",
         "1 new 1 S 100 40 show5\n2 new 2 B 100 3\nevents\n1 replace 1 1 101 40\n1 replace 1 1 102 "
         "6\n"
         "1 replace 1 1 102 5\n1 replace 1 1 102 20",
         "1 accepted 1 S 100x40\n2 accepted 2 B 100x3\n1 maker 1 100x3 left 37\n"
         "2 taker 2 100x3 left 0\n* cancel S 1@100x2\n1 replaced 1>1 101x37 total 40 done 3\n"
         "* add S 1@101x5\n* cancel S 1@101x5\n1 replaced 1>1 102x3 total 6 done 3\n"
         "* add S 1@102x3\n* reduce S 1@102x1\n1 replaced 1>1 102x2 total 5 done 3\n"
         "* cancel S 1@102x2\n1 replaced 1>1 102x17 total 20 done 3\n* add S 1@102x5\n"},
        {"rejects: nothing",
         "1 new 1 S 100 4\nevents\n1 new 1 S 100 4\n1 replace 1 1 0 4\n1 cancel 9",
         "1 accepted 1 S 100x4\n1 rejected 1 DUPLICATE_ID\n1 rejected 1 PRICE_OUT_OF_BAND\n"
         "1 rejected 9 UNKNOWN_ORDER\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(market, nobody_need_listen)
{
    struct fixture *with = fixture_new(&fixture_limits);
    struct fixture *without = fixture_new(&fixture_limits);
    struct hf_core_sink sink = {.context = without, .report = fixture_on_report};
    struct hf_record record = line_record(with, "1 new 1 B 100 10");
    record.lsn = hf_core_lsn(without->core) + 1;
    record.time_ns = 1000;
    record.slots = 1;
    hf_core_apply(without->core, &record, NULL, &sink);
    run_script(with, "1 new 1 B 100 10");
    cr_expect_eq(hf_core_digest(with->core), hf_core_digest(without->core));
    cr_expect_eq(hf_core_market_number(without->core), 3);
    fixture_free(with);
    fixture_free(without);
}
