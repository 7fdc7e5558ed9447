/* test_change.c - cancel, reduce and replace of live orders. */
#include "script.h"

Test(change, cancel_answers_with_what_was_open)
{
    static const struct script_case cases[] = {
        {"whole order, once", "1 new 1 B 100 10\n1 cancel 1\n1 cancel 1\nbook",
         "1 accepted 1 B 100x10\n1 cancelled 1 10 REQUESTED\n1 rejected 1 UNKNOWN_ORDER\n"
         "book |\n"},
        {"rest of a partly filled one; a filled one is unknown",
         "1 new 1 B 100 10\n2 new 2 S 100 4\n1 cancel 1\n2 cancel 2",
         "1 accepted 1 B 100x10\n2 accepted 2 S 100x4\n1 maker 1 100x4 left 6\n"
         "2 taker 2 100x4 left 0\n1 cancelled 1 6 REQUESTED\n2 rejected 2 UNKNOWN_ORDER\n"},
        {"another session's order is unknown", "1 new 1 B 100 10\n2 cancel 1\nbook",
         "1 accepted 1 B 100x10\n2 rejected 1 UNKNOWN_ORDER\nbook 1@100x10 |\n"},
        {"from the middle, the front and the back of a level",
         "1 new 1 B 9 1\n1 new 2 B 9 2\n1 new 3 B 9 3\n1 new 4 B 9 4\n1 cancel 2\n1 cancel 1\n"
         "1 cancel 4\nbook",
         "1 accepted 1 B 9x1\n1 accepted 2 B 9x2\n1 accepted 3 B 9x3\n1 accepted 4 B 9x4\n"
         "1 cancelled 2 2 REQUESTED\n1 cancelled 1 1 REQUESTED\n1 cancelled 4 4 REQUESTED\n"
         "book 3@9x3 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(change, reduce_keeps_the_place_and_cancels_when_nothing_is_left)
{
    static const struct script_case cases[] = {
        {"place kept", "1 new 1 B 100 10\n2 new 2 B 100 10\n1 reduce 1 4\nbook\n3 new 3 S 100 6",
         "1 accepted 1 B 100x10\n2 accepted 2 B 100x10\n1 reduced 1 6\nbook 1@100x6 2@100x10 |\n"
         "3 accepted 3 S 100x6\n1 maker 1 100x6 left 0\n3 taker 3 100x6 left 0\n"},
        {"as much as open, or more, cancels",
         "1 new 1 B 100 10\n1 new 2 B 100 10\n1 reduce 1 10\n1 reduce 2 999999\nbook",
         "1 accepted 1 B 100x10\n1 accepted 2 B 100x10\n1 cancelled 1 10 REQUESTED\n"
         "1 cancelled 2 10 REQUESTED\nbook |\n"},
        {"unknown, zero, off lot",
         "1 reduce 1 1\n1 new 1 B 100 100 i2\n1 reduce 1 0\n1 reduce 1 15\n1 reduce 1 10",
         "1 rejected 1 UNKNOWN_ORDER\n1 accepted 1 B 100x100\n1 rejected 1 QUANTITY_ZERO\n"
         "1 rejected 1 QUANTITY_OFF_LOT\n1 reduced 1 90\n"},
        {"total shrinks with it",
         "1 new 1 B 100 10\n2 new 2 S 100 3\n1 reduce 1 2\n1 replace 1 1 100 8",
         "1 accepted 1 B 100x10\n2 accepted 2 S 100x3\n1 maker 1 100x3 left 7\n"
         "2 taker 2 100x3 left 0\n1 reduced 1 5\n1 replaced 1>1 100x5 total 8 done 3\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(change, replace_keeps_the_place_only_for_the_same_price_and_no_more)
{
    static const struct script_case cases[] = {
        {"smaller keeps", "1 new 1 B 100 10\n2 new 2 B 100 10\n1 replace 1 3 100 8\nbook",
         "1 accepted 1 B 100x10\n2 accepted 2 B 100x10\n1 replaced 1>3 100x8 total 8 done 0\n"
         "book 3@100x8 2@100x10 |\n"},
        {"equal keeps", "1 new 1 B 100 10\n2 new 2 B 100 10\n1 replace 1 1 100 10\nbook",
         "1 accepted 1 B 100x10\n2 accepted 2 B 100x10\n1 replaced 1>1 100x10 total 10 done 0\n"
         "book 1@100x10 2@100x10 |\n"},
        {"larger goes to the back",
         "1 new 1 B 100 10\n2 new 2 B 100 10\n1 replace 1 1 100 11\nbook",
         "1 accepted 1 B 100x10\n2 accepted 2 B 100x10\n1 replaced 1>1 100x11 total 11 done 0\n"
         "book 2@100x10 1@100x11 |\n"},
        {"another price goes to the back there, even when smaller",
         "1 new 1 B 100 10\n2 new 2 B 99 10\n1 replace 1 1 99 5\nbook",
         "1 accepted 1 B 100x10\n2 accepted 2 B 99x10\n1 replaced 1>1 99x5 total 5 done 0\n"
         "book 2@99x10 1@99x5 |\n"},
        {"quantity is the total: a fill in flight cannot overfill",
         "1 new 1 B 100 10\n2 new 2 S 100 4\n1 replace 1 3 99 10\nbook",
         "1 accepted 1 B 100x10\n2 accepted 2 S 100x4\n1 maker 1 100x4 left 6\n"
         "2 taker 2 100x4 left 0\n1 replaced 1>3 99x6 total 10 done 4\nbook 3@99x6 |\n"},
        {"total at or below executed cancels",
         "1 new 1 B 100 10\n2 new 2 S 100 4\n1 replace 1 3 99 4\nbook",
         "1 accepted 1 B 100x10\n2 accepted 2 S 100x4\n1 maker 1 100x4 left 6\n"
         "2 taker 2 100x4 left 0\n1 cancelled 1 6 REPLACED_FULLY_EXECUTED\nbook |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(change, replace_may_trade_and_answers_before_its_fills)
{
    static const struct script_case cases[] = {
        {"part of it", "1 new 1 S 105 4\n2 new 2 B 100 10\n2 replace 2 3 105 10\nbook",
         "1 accepted 1 S 105x4\n2 accepted 2 B 100x10\n2 replaced 2>3 105x10 total 10 done 0\n"
         "1 maker 1 105x4 left 0\n2 taker 3 105x4 left 6\nbook 3@105x6 |\n"},
        {"all of it, and its id is free again",
         "1 new 1 S 105 20\n2 new 2 B 100 10\n2 replace 2 3 110 10\nbook\n2 cancel 3\n"
         "2 new 3 B 1 1",
         "1 accepted 1 S 105x20\n2 accepted 2 B 100x10\n2 replaced 2>3 110x10 total 10 done 0\n"
         "1 maker 1 105x10 left 10\n2 taker 3 105x10 left 0\nbook | 1@105x10\n"
         "2 rejected 3 UNKNOWN_ORDER\n2 accepted 3 B 1x1\n"},
        {"with the session's own order",
         "1 new 1 S 105 5\n1 new 2 B 100 5\n1 replace 1 1 100 5\nbook",
         "1 accepted 1 S 105x5\n1 accepted 2 B 100x5\n1 replaced 1>1 100x5 total 5 done 0\n"
         "1 maker 2 100x5 left 0\n1 taker 1 100x5 left 0\nbook |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(change, a_rejected_replace_leaves_the_order_as_it_was)
{
    static const struct script_case cases[] = {
        {"unknown, tick, band, zero, lot, maximum, duplicate",
         "1 new 1 B 50 100 i2\n1 new 2 B 50 100 i2\n1 replace 9 3 50 100\n"
         "1 replace 1 3 52 100\n1 replace 1 3 105 100\n1 replace 1 3 50 0\n1 replace 1 3 50 95\n"
         "1 replace 1 3 50 510\n1 replace 1 2 50 100\nbook i2\n1 cancel 1",
         "1 accepted 1 B 50x100\n1 accepted 2 B 50x100\n1 rejected 3 UNKNOWN_ORDER\n"
         "1 rejected 3 PRICE_OFF_TICK\n1 rejected 3 PRICE_OUT_OF_BAND\n1 rejected 3 QUANTITY_ZERO\n"
         "1 rejected 3 QUANTITY_OFF_LOT\n1 rejected 3 QUANTITY_TOO_LARGE\n"
         "1 rejected 2 DUPLICATE_ID\nbook 1@50x100 2@50x100 |\n1 cancelled 1 100 REQUESTED\n"},
        {"another session's order is neither known nor a duplicate",
         "1 new 1 B 50 10\n2 new 2 B 50 10\n2 replace 1 3 50 5\n1 replace 1 2 50 5",
         "1 accepted 1 B 50x10\n2 accepted 2 B 50x10\n2 rejected 3 UNKNOWN_ORDER\n"
         "1 replaced 1>2 50x5 total 5 done 0\n"},
        {"post-only stays with the order, under its new id too",
         "1 new 1 S 100 5\n2 new 2 B 98 5 post\n2 replace 2 3 99 5\n2 replace 3 4 100 5\nbook",
         "1 accepted 1 S 100x5\n2 accepted 2 B 98x5\n2 replaced 2>3 99x5 total 5 done 0\n"
         "2 rejected 4 POST_ONLY\nbook 3@99x5 | 1@100x5\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
    static const struct hf_engine_limits tiny = {.sessions_max = 3,
                                                 .instruments_max = 2,
                                                 .orders_max = 9,
                                                 .levels_max = 2,
                                                 .session_orders_max = 9,
                                                 .extras_max = 1,
                                                 .accounts_max = 1,
                                                 .entitlements_max = 1,
                                                 .events_max = 64};
    static const struct script_case full[] = {
        {"no level to go to: refused; an occupied price or the same one: fine",
         "1 new 1 B 10 5\n1 new 2 B 11 5\n1 replace 1 1 12 5\nbook\n1 replace 1 1 10 6\n"
         "1 replace 1 1 11 6\nbook",
         "1 accepted 1 B 10x5\n1 accepted 2 B 11x5\n1 rejected 1 LEVELS_FULL\n"
         "book 2@11x5 1@10x5 |\n1 replaced 1>1 10x6 total 6 done 0\n"
         "1 replaced 1>1 11x6 total 6 done 0\nbook 2@11x5 1@11x6 |\n"},
    };
    CHECK_CASES(full, &tiny);
}

Test(change, order_id_is_the_lsn_of_the_new_and_stays)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    uint64_t order_id = hf_core_lsn(fixture->core) + 1;
    run_script(fixture, "1 new 1 B 100 10\n1 replace 1 2 101 10\n1 reduce 2 1\n1 cancel 2");
    const struct hf_report_more *more = (const void *)&fixture->reports[2];
    cr_expect_eq(fixture->reports[0].lsn, order_id);
    cr_expect_eq(more->type, HF_REPORT_MORE);
    cr_expect_eq(more->order_id, order_id);
    cr_expect_eq(more->lsn, order_id + 1);
    cr_expect_eq(fixture->reports[3].order_id, order_id);
    cr_expect_eq(fixture->reports[4].order_id, order_id);
    for (size_t i = 0; i < fixture->slots; i++) {
        cr_expect_eq(fixture->reports[i].number, i + 1);
    }
    cr_expect_eq(fixture->reports[1].command_seq, 2);
    cr_expect_eq(fixture->reports[4].command_seq, 4);
    fixture_free(fixture);
}

Test(change, orders_are_named_by_order_id_too)
{
    static const struct script_case cases[] = {
        {"cancel and reduce of the session's own",
         "1 new 1 B 100 10\n1 reduce @1.1 4\n1 cancel @1.1\n1 cancel @1.1\n1 reduce @1.1 1",
         "1 accepted 1 B 100x10\n1 reduced 1 6\n1 cancelled 1 6 REQUESTED\n"
         "1 rejected 999999 UNKNOWN_ORDER\n1 rejected 999999 UNKNOWN_ORDER\n"},
        {"not of another session", "1 new 1 B 100 10\n2 cancel @1.1\n2 reduce @1.1 1\nbook",
         "1 accepted 1 B 100x10\n2 rejected 10 UNKNOWN_ORDER\n2 rejected 10 UNKNOWN_ORDER\n"
         "book 1@100x10 |\n"},
        {"an administrator may cancel all, reduce its own: the owner is told, the other is done",
         "0 grant two admin\n1 new 1 B 100 25 show10\n2 new 2 B 99 5\n2 reduce @1.1 1\n"
         "2 cancel @1.1\n2 cancel @2.2\n2 cancel @1.1",
         "1 accepted 1 B 100x25\n2 accepted 2 B 99x5\n2 rejected 11 UNKNOWN_ORDER\n"
         "1 cancelled 1 25 REQUESTED unasked\n2 done cancel 25\n2 cancelled 2 5 REQUESTED\n"
         "2 rejected 999999 UNKNOWN_ORDER\n"},
        {"a client order id is no order id", "1 new 1 B 100 10\n0 grant two admin\n2 cancel 1",
         "1 accepted 1 B 100x10\n2 rejected 1 UNKNOWN_ORDER\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(change, a_replaced_iceberg_shows_a_fresh_peak_and_shrinks_what_is_hidden_first)
{
    static const struct script_case cases[] = {
        {"in place",
         "1 new 1 B 100 25 show10\n1 new 2 B 100 5\n2 new 3 S 100 4\n1 replace 1 1 100 20\n"
         "book\n1 replace 1 1 100 9\nbook",
         "1 accepted 1 B 100x25\n1 accepted 2 B 100x5\n2 accepted 3 S 100x4\n"
         "1 maker 1 100x4 left 21\n2 taker 3 100x4 left 0\n1 replaced 1>1 100x16 total 20 done 4\n"
         "book 1@100x6/16 2@100x5 |\n1 replaced 1>1 100x5 total 9 done 4\n"
         "book 1@100x5 2@100x5 |\n"},
        {"moved, and traded",
         "1 new 1 B 100 25 show10\n2 new 3 S 101 4\n1 replace 1 1 101 30\nbook",
         "1 accepted 1 B 100x25\n2 accepted 3 S 101x4\n1 replaced 1>1 101x30 total 30 done 0\n"
         "2 maker 3 101x4 left 0\n1 taker 1 101x4 left 26\nbook 1@101x10/26 |\n"},
        {"moved, with less than a peak left",
         "1 new 1 B 100 25 show10\n1 replace 1 1 101 7\n"
         "1 replace 1 1 102 12\nbook",
         "1 accepted 1 B 100x25\n1 replaced 1>1 101x7 total 7 done 0\n"
         "1 replaced 1>1 102x12 total 12 done 0\nbook 1@102x10/12 |\n"},
        {"it expires when it was to",
         "1 new 1 B 100 25 show10 gtd1500\n1 replace 1 1 101 25\n"
         "tick 1499\ntick 1500",
         "1 accepted 1 B 100x25\n1 replaced 1>1 101x25 total 25 done 0\n"
         "1 cancelled 1 25 EXPIRED unasked\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(change, a_replace_that_trades_triggers_stops)
{
    static const struct script_case cases[] = {
        {"after its own trades",
         "1 new 1 S 100 4\n1 new 2 B market 3 stop100\n2 new 3 B 90 5\n"
         "2 replace 3 3 100 5\nbook",
         "1 accepted 1 S 100x4\n1 accepted 2 B 0x3\n2 accepted 3 B 90x5\n"
         "2 replaced 3>3 100x5 total 5 done 0\n1 maker 1 100x4 left 0\n2 taker 3 100x4 left 1\n"
         "1 triggered 2 3\n1 cancelled 2 3 MARKET_REMAINDER unasked\nbook 3@100x1 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(change, a_replace_at_its_own_price_finds_its_level_again_when_levels_are_short)
{
    struct hf_engine_limits limits = fixture_limits;
    struct fixture *fixture = fixture_bare(&limits);
    fixture_add_instrument(fixture, (struct hf_instrument_info){.symbol = "WIDE",
                                                                .tick = 1,
                                                                .lot = 1,
                                                                .price_min = 1 - HF_PRICE_MAX,
                                                                .price_max = HF_PRICE_MAX - 1,
                                                                .quantity_max = 1000});
    fixture_open(fixture, 1, "one", 0);
    char line[96];
    uint32_t last = 0;
    for (unsigned i = 1; i <= 32; i++) {
        (void)snprintf(line, sizeof(line), "1 new %u S %lld 1", i, (long long)i << (24 + i % 32));
        last = strstr(run_script(fixture, line), "accepted") != NULL ? i : last;
    }
    long long price = (long long)last << (24 + last % 32);
    (void)snprintf(line, sizeof(line), "1 new 99 S %lld 1", price + 1000000000);
    cr_assert_str_eq(run_script(fixture, line), "1 rejected 99 LEVELS_FULL\n");
    (void)snprintf(line, sizeof(line), "1 replace %u 99 %lld 2", last, price);
    cr_expect_not_null(strstr(run_script(fixture, line), "replaced"));
    cr_expect_str_eq(run_script(fixture, "1 cancel 99"), "1 cancelled 99 2 REQUESTED\n");
    fixture_free(fixture);
}
