/* test_match.c - new orders: price, time, kinds of orders, rejects in their fixed order. */
#include "script.h"

Test(match, trades_by_price_then_time_at_the_price_of_the_resting_order)
{
    static const struct script_case cases[] = {
        {"rests", "1 new 1 B 100 10\nbook", "1 accepted 1 B 100x10\nbook 1@100x10 |\n"},
        {"touching prices trade at the maker's", "1 new 1 S 100 10\n2 new 2 B 103 4\nbook",
         "1 accepted 1 S 100x10\n2 accepted 2 B 103x4\n1 maker 1 100x4 left 6\n"
         "2 taker 2 100x4 left 0\nbook | 1@100x6\n"},
        {"no trade one tick apart", "1 new 1 S 100 10\n2 new 2 B 99 4\nbook",
         "1 accepted 1 S 100x10\n2 accepted 2 B 99x4\nbook 2@99x4 | 1@100x10\n"},
        {"best price first, then first come, and the rest rests",
         "1 new 1 B 99 5\n1 new 2 B 100 5\n2 new 3 B 100 5\n3 new 9 S 99 12\nbook\n"
         "3 new 10 S 99 9\nbook",
         "1 accepted 1 B 99x5\n1 accepted 2 B 100x5\n2 accepted 3 B 100x5\n"
         "3 accepted 9 S 99x12\n1 maker 2 100x5 left 0\n3 taker 9 100x5 left 7\n"
         "2 maker 3 100x5 left 0\n3 taker 9 100x5 left 2\n1 maker 1 99x2 left 3\n"
         "3 taker 9 99x2 left 0\nbook 1@99x3 |\n"
         "3 accepted 10 S 99x9\n1 maker 1 99x3 left 0\n3 taker 10 99x3 left 6\n"
         "book | 10@99x6\n"},
        {"a partly filled order keeps its place",
         "1 new 1 B 100 10\n1 new 2 B 100 10\n2 new 3 S 100 4\n2 new 4 S 100 7\n",
         "1 accepted 1 B 100x10\n1 accepted 2 B 100x10\n2 accepted 3 S 100x4\n"
         "1 maker 1 100x4 left 6\n2 taker 3 100x4 left 0\n2 accepted 4 S 100x7\n"
         "1 maker 1 100x6 left 0\n2 taker 4 100x6 left 1\n1 maker 2 100x1 left 9\n"
         "2 taker 4 100x1 left 0\n"},
        {"books of instruments are apart, prices may be negative",
         "1 new 1 S -5 10 i2\n2 new 2 B 100 10 i1\n2 new 3 B 0 20 i2\nbook i2",
         "1 accepted 1 S -5x10\n2 accepted 2 B 100x10\n2 accepted 3 B 0x20\n"
         "1 maker 1 -5x10 left 0\n2 taker 3 -5x10 left 10\nbook 3@0x10 |\n"},
        {"a session may trade with itself", "1 new 1 S 100 5\n1 new 2 B 100 5",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 maker 1 100x5 left 0\n"
         "1 taker 2 100x5 left 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(match, market_ioc_fok_and_post_only_end_as_the_rules_say)
{
    static const struct script_case cases[] = {
        {"market sweeps and never rests",
         "1 new 1 S 100 5\n1 new 2 S 900 5\n2 new 3 B market 12\nbook",
         "1 accepted 1 S 100x5\n1 accepted 2 S 900x5\n2 accepted 3 B 0x12\n"
         "1 maker 1 100x5 left 0\n2 taker 3 100x5 left 7\n1 maker 2 900x5 left 0\n"
         "2 taker 3 900x5 left 2\n2 cancelled 3 2 MARKET_REMAINDER unasked\nbook |\n"},
        {"market sell into nothing, and with ioc", "1 new 1 S market 3\n1 new 2 S market 3 ioc",
         "1 accepted 1 S 0x3\n1 cancelled 1 3 MARKET_REMAINDER unasked\n"
         "1 accepted 2 S 0x3\n1 cancelled 2 3 MARKET_REMAINDER unasked\n"},
        {"ioc takes what crosses", "1 new 1 B 100 5\n1 new 2 B 98 5\n2 new 3 S 99 8 ioc\nbook",
         "1 accepted 1 B 100x5\n1 accepted 2 B 98x5\n2 accepted 3 S 99x8\n"
         "1 maker 1 100x5 left 0\n2 taker 3 100x5 left 3\n"
         "2 cancelled 3 3 IOC_REMAINDER unasked\nbook 2@98x5 |\n"},
        {"fok fills all over several levels",
         "1 new 1 S 100 5\n1 new 2 S 101 5\n2 new 3 B 101 10 fok\nbook",
         "1 accepted 1 S 100x5\n1 accepted 2 S 101x5\n2 accepted 3 B 101x10\n"
         "1 maker 1 100x5 left 0\n2 taker 3 100x5 left 5\n1 maker 2 101x5 left 0\n"
         "2 taker 3 101x5 left 0\nbook |\n"},
        {"fok that lacks one lot, or whose level is too dear, does nothing",
         "1 new 1 S 100 5\n1 new 2 S 101 5\n2 new 3 B 101 11 fok\n2 new 4 B 100 6 fok\n"
         "2 new 5 S 90 1 fok\n2 new 6 B market 11 fok\nbook",
         "1 accepted 1 S 100x5\n1 accepted 2 S 101x5\n2 accepted 3 B 101x11\n"
         "2 cancelled 3 11 FOK_UNFILLED unasked\n2 accepted 4 B 100x6\n"
         "2 cancelled 4 6 FOK_UNFILLED unasked\n2 accepted 5 S 90x1\n"
         "2 cancelled 5 1 FOK_UNFILLED unasked\n2 accepted 6 B 0x11\n"
         "2 cancelled 6 11 FOK_UNFILLED unasked\nbook | 1@100x5 2@101x5\n"},
        {"market fok that finds enough", "1 new 1 B 100 5\n2 new 2 S market 5 fok",
         "1 accepted 1 B 100x5\n2 accepted 2 S 0x5\n1 maker 1 100x5 left 0\n"
         "2 taker 2 100x5 left 0\n"},
        {"post-only rests or is rejected, at the touch too",
         "1 new 1 S 100 5\n2 new 2 B 100 5 post\n2 new 3 B 99 5 post\n1 new 4 S 99 1 post\nbook",
         "1 accepted 1 S 100x5\n2 rejected 2 POST_ONLY\n2 accepted 3 B 99x5\n"
         "1 rejected 4 POST_ONLY\nbook 3@99x5 | 1@100x5\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(match, icebergs_refill_behind_the_others_of_their_level)
{
    static const struct script_case cases[] = {
        {"a used-up peak goes to the back, a partly used one stays",
         "events\n1 new 1 S 100 25 show10\n1 new 2 S 100 7\n2 new 3 B 100 4\nbook\n2 new 4 B 100 "
         "8\n"
         "book\n2 new 5 B 100 5\nbook",
         "1 accepted 1 S 100x25\n* add S 1@100x10\n1 accepted 2 S 100x7\n* add S 2@100x7\n"
         "2 accepted 3 B 100x4\n* execute S 1@100x4\n1 maker 1 100x4 left 21\n"
         "2 taker 3 100x4 left 0\nbook | 1@100x6/21 2@100x7\n2 accepted 4 B 100x8\n"
         "* execute S 1@100x6\n1 maker 1 100x6 left 15\n2 taker 4 100x6 left 2\n"
         "* add S 1@100x10\n* execute S 2@100x2\n1 maker 2 100x2 left 5\n"
         "2 taker 4 100x2 left 0\nbook | 2@100x5 1@100x10/15\n2 accepted 5 B 100x5\n"
         "* execute S 2@100x5\n1 maker 2 100x5 left 0\n2 taker 5 100x5 left 0\n"
         "book | 1@100x10/15\n"},
        {"a large taker goes round: one trade for each peak",
         "1 new 1 S 100 25 show10\n1 new 2 S 100 20 show5\n2 new 3 B 100 32\nbook",
         "1 accepted 1 S 100x25\n1 accepted 2 S 100x20\n2 accepted 3 B 100x32\n"
         "1 maker 1 100x10 left 15\n2 taker 3 100x10 left 22\n1 maker 2 100x5 left 15\n"
         "2 taker 3 100x5 left 17\n1 maker 1 100x10 left 5\n2 taker 3 100x10 left 7\n"
         "1 maker 2 100x5 left 10\n2 taker 3 100x5 left 2\n1 maker 1 100x2 left 3\n"
         "2 taker 3 100x2 left 0\nbook | 1@100x3 2@100x5/10\n"},
        {"the last peak is what is left",
         "events\n1 new 1 S 100 25 show10\n2 new 3 B 100 21\nbook\n2 new 4 B 100 4\nbook",
         "1 accepted 1 S 100x25\n* add S 1@100x10\n2 accepted 3 B 100x21\n"
         "* execute S 1@100x10\n1 maker 1 100x10 left 15\n2 taker 3 100x10 left 11\n"
         "* add S 1@100x10\n* execute S 1@100x10\n1 maker 1 100x10 left 5\n"
         "2 taker 3 100x10 left 1\n* add S 1@100x5\n* execute S 1@100x1\n"
         "1 maker 1 100x1 left 4\n2 taker 3 100x1 left 0\nbook | 1@100x4\n"
         "2 accepted 4 B 100x4\n* execute S 1@100x4\n1 maker 1 100x4 left 0\n"
         "2 taker 4 100x4 left 0\nbook |\n"},
        {"the next level waits until all of it is gone",
         "1 new 1 S 100 25 show10\n1 new 2 S 101 7\n2 new 3 B 101 26\nbook",
         "1 accepted 1 S 100x25\n1 accepted 2 S 101x7\n2 accepted 3 B 101x26\n"
         "1 maker 1 100x10 left 15\n2 taker 3 100x10 left 16\n1 maker 1 100x10 left 5\n"
         "2 taker 3 100x10 left 6\n1 maker 1 100x5 left 0\n2 taker 3 100x5 left 1\n"
         "1 maker 2 101x1 left 6\n2 taker 3 101x1 left 0\nbook | 2@101x6\n"},
        {"a taker that uses up the peak exactly leaves a full one",
         "1 new 1 B 100 25 show10\n1 new 2 B 100 3\n2 new 3 S market 10\nbook",
         "1 accepted 1 B 100x25\n1 accepted 2 B 100x3\n2 accepted 3 S 0x10\n"
         "1 maker 1 100x10 left 15\n2 taker 3 100x10 left 0\nbook 2@100x3 1@100x10/15 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(match, icebergs_that_keep_their_place_refill_in_it)
{
    static const struct script_case cases[] = {
        {"the taker goes on with the same order",
         "0 change 1 ONE 1 1 1 1000 1000 keeps\nevents\n1 new 1 S 100 25 show10\n1 new 2 S 100 7\n"
         "2 new 3 B 100 14\nbook\n2 new 4 B 100 13\nbook",
         "1 accepted 1 S 100x25\n* add S 1@100x10\n1 accepted 2 S 100x7\n* add S 2@100x7\n"
         "2 accepted 3 B 100x14\n* execute S 1@100x10\n1 maker 1 100x10 left 15\n"
         "2 taker 3 100x10 left 4\n* add S 1@100x10 front\n* execute S 1@100x4\n"
         "1 maker 1 100x4 left 11\n2 taker 3 100x4 left 0\nbook | 1@100x6/11 2@100x7\n"
         "2 accepted 4 B 100x13\n* execute S 1@100x6\n1 maker 1 100x6 left 5\n"
         "2 taker 4 100x6 left 7\n* add S 1@100x5 front\n* execute S 1@100x5\n"
         "1 maker 1 100x5 left 0\n2 taker 4 100x5 left 2\n* execute S 2@100x2\n"
         "1 maker 2 100x2 left 5\n2 taker 4 100x2 left 0\nbook | 2@100x5\n"},
        {"in the midst of its level, too: whoever is before it stays so",
         "0 change 1 ONE 1 1 1 1000 1000 keeps\n1 new 2 S 100 7\n1 new 1 S 100 25 show10\n"
         "1 new 3 S 100 4\n2 new 4 B 100 17\nbook",
         "1 accepted 2 S 100x7\n1 accepted 1 S 100x25\n1 accepted 3 S 100x4\n"
         "2 accepted 4 B 100x17\n1 maker 2 100x7 left 0\n2 taker 4 100x7 left 10\n"
         "1 maker 1 100x10 left 15\n2 taker 4 100x10 left 0\nbook | 1@100x10/15 3@100x4\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(match, hidden_quantity_counts_for_fok_and_minimum)
{
    static const struct script_case cases[] = {
        {"fok that only the hidden quantity fills",
         "1 new 1 S 100 25 show10\n1 new 2 S 100 5\n2 new 3 B 100 30 fok\nbook",
         "1 accepted 1 S 100x25\n1 accepted 2 S 100x5\n2 accepted 3 B 100x30\n"
         "1 maker 1 100x10 left 15\n2 taker 3 100x10 left 20\n1 maker 2 100x5 left 0\n"
         "2 taker 3 100x5 left 15\n1 maker 1 100x10 left 5\n2 taker 3 100x10 left 5\n"
         "1 maker 1 100x5 left 0\n2 taker 3 100x5 left 0\nbook |\n"},
        {"fok that lacks one lot of it",
         "1 new 1 S 100 25 show10\n1 new 2 S 100 5\n"
         "2 new 3 B 100 31 fok\nbook",
         "1 accepted 1 S 100x25\n1 accepted 2 S 100x5\n2 accepted 3 B 100x31\n"
         "2 cancelled 3 31 FOK_UNFILLED unasked\nbook | 1@100x10/25 2@100x5\n"},
        {"minimum over two levels with hidden quantity, of a market and an immediate order",
         "1 new 1 S 100 25 show10\n1 new 2 S 101 5\n2 new 3 B market 40 min31\n"
         "2 new 4 B 101 40 min30 ioc\nbook",
         "1 accepted 1 S 100x25\n1 accepted 2 S 101x5\n2 accepted 3 B 0x40\n"
         "2 cancelled 3 40 MINIMUM_UNFILLED unasked\n2 accepted 4 B 101x40\n"
         "1 maker 1 100x10 left 15\n2 taker 4 100x10 left 30\n1 maker 1 100x10 left 5\n"
         "2 taker 4 100x10 left 20\n1 maker 1 100x5 left 0\n2 taker 4 100x5 left 15\n"
         "1 maker 2 101x5 left 0\n2 taker 4 101x5 left 10\n"
         "2 cancelled 4 10 IOC_REMAINDER unasked\nbook |\n"},
        {"minimum equal to the total",
         "1 new 1 S 100 5\n2 new 2 B 100 6 min6\n2 new 2 B 100 5 min5\n"
         "book",
         "1 accepted 1 S 100x5\n2 accepted 2 B 100x6\n"
         "2 cancelled 2 6 MINIMUM_UNFILLED unasked\n2 accepted 2 B 100x5\n"
         "1 maker 1 100x5 left 0\n2 taker 2 100x5 left 0\nbook |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(match, each_bad_order_has_its_own_reason)
{
    static const struct script_case cases[] = {
        {"instrument 0 and one too many", "1 new 1 B 100 1 i0\n1 new 1 B 100 1 i3",
         "1 rejected 1 UNKNOWN_INSTRUMENT\n1 rejected 1 UNKNOWN_INSTRUMENT\n"},
        {"tick", "1 new 1 B 7 10 i2\n1 new 1 B -7 10 i2\n1 new 1 B -10 10 i2",
         "1 rejected 1 PRICE_OFF_TICK\n1 rejected 1 PRICE_OFF_TICK\n1 accepted 1 B -10x10\n"},
        {"band", "1 new 1 B 0 1\n1 new 1 B 1001 1\n1 new 1 B 1 1\n1 new 2 S 1000 1",
         "1 rejected 1 PRICE_OUT_OF_BAND\n1 rejected 1 PRICE_OUT_OF_BAND\n1 accepted 1 B 1x1\n"
         "1 accepted 2 S 1000x1\n"},
        {"quantity", "1 new 1 B 5 0 i2\n1 new 1 B 5 15 i2\n1 new 1 B 5 510 i2\n1 new 1 B 5 500 i2",
         "1 rejected 1 QUANTITY_ZERO\n1 rejected 1 QUANTITY_OFF_LOT\n"
         "1 rejected 1 QUANTITY_TOO_LARGE\n1 accepted 1 B 5x500\n"},
        {"a market order's quantity too", "1 new 1 B market 0\n1 new 1 B market 1001",
         "1 rejected 1 QUANTITY_ZERO\n1 rejected 1 QUANTITY_TOO_LARGE\n"},
        {"ids are unique among the live orders of one session",
         "1 new 1 B 5 1\n1 new 1 B 5 1\n2 new 1 B 5 1\n1 cancel 1\n1 new 1 B 5 1 ioc\n"
         "1 new 1 B 5 1",
         "1 accepted 1 B 5x1\n1 rejected 1 DUPLICATE_ID\n2 accepted 1 B 5x1\n"
         "1 cancelled 1 1 REQUESTED\n1 accepted 1 B 5x1\n1 cancelled 1 1 IOC_REMAINDER unasked\n"
         "1 accepted 1 B 5x1\n"},
        {"the first check that fails gives the reason",
         "1 new 1 B 500 1\n1 new 1 B 7 15 i9\n1 new 1 B 507 15 i2\n1 new 1 B 505 15 i2\n"
         "1 new 1 B 5 0 i2\n1 new 1 B 5 515 i2\n1 new 1 B 5 510 i2\n2 new 1 S 500 1\n"
         "1 new 1 B 600 5 post",
         "1 accepted 1 B 500x1\n1 rejected 1 UNKNOWN_INSTRUMENT\n1 rejected 1 PRICE_OFF_TICK\n"
         "1 rejected 1 PRICE_OUT_OF_BAND\n1 rejected 1 QUANTITY_ZERO\n"
         "1 rejected 1 QUANTITY_OFF_LOT\n1 rejected 1 QUANTITY_TOO_LARGE\n"
         "2 accepted 1 S 500x1\n1 maker 1 500x1 left 0\n2 taker 1 500x1 left 0\n"
         "1 accepted 1 B 600x5\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(match, full_pools_refuse_what_would_rest_and_nothing_else)
{
    static const struct hf_engine_limits orders = {.sessions_max = 3,
                                                   .instruments_max = 2,
                                                   .orders_max = 2,
                                                   .levels_max = 9,
                                                   .session_orders_max = 2,
                                                   .extras_max = 1,
                                                   .accounts_max = 1,
                                                   .entitlements_max = 1,
                                                   .events_max = 64};
    static const struct script_case order_cases[] = {
        {"order pool",
         "1 new 1 B 10 5\n2 new 2 B 11 5\n3 new 3 S 90 1\n3 new 4 S 11 1 ioc\n"
         "3 new 5 S 11 1 fok\n3 new 6 S market 1\n2 cancel 2\n3 new 3 S 90 1",
         "1 accepted 1 B 10x5\n2 accepted 2 B 11x5\n3 rejected 3 ORDERS_FULL\n"
         "3 accepted 4 S 11x1\n2 maker 2 11x1 left 4\n3 taker 4 11x1 left 0\n"
         "3 accepted 5 S 11x1\n2 maker 2 11x1 left 3\n3 taker 5 11x1 left 0\n"
         "3 accepted 6 S 0x1\n2 maker 2 11x1 left 2\n3 taker 6 11x1 left 0\n"
         "2 cancelled 2 2 REQUESTED\n3 accepted 3 S 90x1\n"},
    };
    CHECK_CASES(order_cases, &orders);
    static const struct hf_engine_limits levels = {.sessions_max = 3,
                                                   .instruments_max = 2,
                                                   .orders_max = 9,
                                                   .levels_max = 2,
                                                   .session_orders_max = 3,
                                                   .extras_max = 1,
                                                   .accounts_max = 1,
                                                   .entitlements_max = 1,
                                                   .events_max = 64};
    static const struct script_case level_cases[] = {
        {"level pool: an occupied price still has room",
         "1 new 1 B 10 5\n1 new 2 B 11 5\n1 new 3 B 12 5\n2 new 4 S 90 1\n1 new 3 B 11 5",
         "1 accepted 1 B 10x5\n1 accepted 2 B 11x5\n1 rejected 3 LEVELS_FULL\n"
         "2 rejected 4 LEVELS_FULL\n1 accepted 3 B 11x5\n"},
        {"session's limit",
         "1 new 1 B 10 5\n1 new 2 B 10 5\n1 new 3 B 10 5\n1 new 4 B 10 5\n2 new 4 B 10 5\n"
         "2 new 5 S 10 5\n1 new 4 B 10 5",
         "1 accepted 1 B 10x5\n1 accepted 2 B 10x5\n1 accepted 3 B 10x5\n"
         "1 rejected 4 SESSION_ORDERS\n2 accepted 4 B 10x5\n2 accepted 5 S 10x5\n"
         "1 maker 1 10x5 left 0\n2 taker 5 10x5 left 0\n1 accepted 4 B 10x5\n"},
    };
    CHECK_CASES(level_cases, &levels);
}

Test(match, a_trade_has_one_lsn_and_index_on_both_sides)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 S 100 5\n1 new 2 S 101 5");
    fixture->time_ns = 2000;
    size_t first = fixture->slots;
    uint64_t lsn = hf_core_lsn(fixture->core) + 1;
    run_script(fixture, "2 new 3 B 101 10");
    cr_assert_eq(fixture->slots - first, 5);
    for (uint32_t i = 0; i < 2; i++) {
        const struct hf_report *maker = &fixture->reports[first + 1 + 2 * i];
        const struct hf_report *taker = maker + 1;
        cr_expect_eq(maker->trade_index, i);
        cr_expect_eq(taker->trade_index, i);
        cr_expect_eq(maker->lsn, lsn);
        cr_expect_eq(taker->lsn, lsn);
        cr_expect_eq(maker->time_ns, 2000);
        cr_expect_eq(maker->side, HF_SELL);
        cr_expect_eq(taker->side, HF_BUY);
    }
    cr_expect_eq(hf_core_trades(fixture->core), 2);
    fixture_free(fixture);
}

Test(match, a_market_order_trades_no_further_than_the_collar)
{
    static const struct script_case cases[] = {
        {"the rest is cancelled, though there is more to be had beyond",
         "0 reference 100\n1 new 1 S 101 1\n1 new 2 S 105 1\n1 new 3 S 106 9\n"
         "0 limits collar5 notional6000\n2 new 4 B market 50\nbook",
         "1 accepted 1 S 101x1\n1 accepted 2 S 105x1\n1 accepted 3 S 106x9\n"
         "2 accepted 4 B 0x50\n1 maker 1 101x1 left 0\n2 taker 4 101x1 left 49\n"
         "1 maker 2 105x1 left 0\n2 taker 4 105x1 left 48\n"
         "2 cancelled 4 48 MARKET_REMAINDER unasked\nbook | 3@106x9\n"},
        {"to sell, with ioc; its own trades do not move its end",
         "0 reference 100\n1 new 1 B 96 1\n1 new 2 B 95 1\n1 new 3 B 94 9\n0 limits collar5\n"
         "2 new 4 S market 50 ioc\nbook",
         "1 accepted 1 B 96x1\n1 accepted 2 B 95x1\n1 accepted 3 B 94x9\n"
         "2 accepted 4 S 0x50\n1 maker 1 96x1 left 0\n2 taker 4 96x1 left 49\n"
         "1 maker 2 95x1 left 0\n2 taker 4 95x1 left 48\n"
         "2 cancelled 4 48 MARKET_REMAINDER unasked\nbook 3@94x9 |\n"},
        {"fok and minimum count what lies within",
         "0 reference 100\n1 new 1 S 101 5\n1 new 2 S 106 9\n0 limits collar5\n"
         "2 new 3 B market 6 fok\n2 new 4 B market 9 min6\n2 new 5 B market 5 fok\nbook",
         "1 accepted 1 S 101x5\n1 accepted 2 S 106x9\n2 accepted 3 B 0x6\n"
         "2 cancelled 3 6 FOK_UNFILLED unasked\n2 accepted 4 B 0x9\n"
         "2 cancelled 4 9 MINIMUM_UNFILLED unasked\n2 accepted 5 B 0x5\n"
         "1 maker 1 101x5 left 0\n2 taker 5 101x5 left 0\nbook | 2@106x9\n"},
        {"while nothing has traded and no reference is given there is no end",
         "1 new 1 S 101 1\n1 new 2 S 900 1\n0 limits collar5\n2 new 3 B market 2",
         "1 accepted 1 S 101x1\n1 accepted 2 S 900x1\n2 accepted 3 B 0x2\n"
         "1 maker 1 101x1 left 0\n2 taker 3 101x1 left 1\n1 maker 2 900x1 left 0\n"
         "2 taker 3 900x1 left 0\n"},
        {"a market-to-limit order rests at the price that it met, which the collar has judged",
         "0 reference 100\n1 new 1 S 105 1\n1 new 2 S 106 9\n0 limits collar5\n"
         "2 new 3 B mtl 5\nbook",
         "1 accepted 1 S 105x1\n1 accepted 2 S 106x9\n2 accepted 3 B 0x5\n"
         "1 maker 1 105x1 left 0\n2 taker 3 105x1 left 4\nbook 3@105x4 | 2@106x9\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}
