/* test_self_trade.c - what happens instead of a trade within an account group, by the taker's mode. */
#include "core/self_trade.h"

#include "script.h"

Test(self_trade, only_orders_of_one_group_or_account_are_kept_apart_and_only_if_the_taker_says_so)
{
    static const struct script_case cases[] = {
        {"accounts without settings trade, with themselves too",
         "1 new 1 S 100 5 a7\n1 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 maker 1 100x5 left 0\n"
         "1 taker 2 100x5 left 0\n"},
        {"without a group an account is kept from itself",
         "0 account 7 newest\n1 new 1 S 100 5 a7\n2 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n2 accepted 2 B 100x5\n2 cancelled 2 5 SELF_TRADE unasked\n"},
        {"...and from no other, whatever that one's group and mode are",
         "0 account 7 newest\n0 account 8 newest\n0 account 9 newest group1\n"
         "1 new 1 S 100 5 a8\n1 new 2 S 100 5 a9\n1 new 3 S 100 5 a10\n1 new 4 B 100 15 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 S 100x5\n1 accepted 3 S 100x5\n"
         "1 accepted 4 B 100x15\n1 maker 1 100x5 left 0\n1 taker 4 100x5 left 10\n"
         "1 maker 2 100x5 left 0\n1 taker 4 100x5 left 5\n1 maker 3 100x5 left 0\n"
         "1 taker 4 100x5 left 0\n"},
        {"without a group and in mode allow it trades with itself",
         "0 account 7 allow\n1 new 1 S 100 5 a7\n1 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 maker 1 100x5 left 0\n"
         "1 taker 2 100x5 left 0\n"},
        {"with a group it is kept from itself too",
         "0 account 7 newest group1\n1 new 1 S 100 5 a7\n1 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 cancelled 2 5 SELF_TRADE unasked\n"},
        {"two groups",
         "0 account 7 newest group1\n0 account 8 newest group2\n1 new 1 S 100 5 a8\n"
         "1 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 maker 1 100x5 left 0\n"
         "1 taker 2 100x5 left 0\n"},
        {"the other account has no settings",
         "0 account 7 newest group1\n1 new 1 S 100 5 a8\n1 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 maker 1 100x5 left 0\n"
         "1 taker 2 100x5 left 0\n"},
        {"mode allow", "0 account 7 allow group1\n1 new 1 S 100 5 a7\n1 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 maker 1 100x5 left 0\n"
         "1 taker 2 100x5 left 0\n"},
        {"the taker's mode counts, not the maker's: it allows",
         "0 account 7 allow group1\n0 account 8 newest group1\n1 new 1 S 100 5 a8\n"
         "1 new 2 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 maker 1 100x5 left 0\n"
         "1 taker 2 100x5 left 0\n"},
        {"the taker's mode counts, not the maker's: it forbids",
         "0 account 7 newest group1\n0 account 8 allow group1\n1 new 1 S 100 5 a8\n"
         "1 new 2 B 100 5 a7\nbook",
         "1 accepted 1 S 100x5\n1 accepted 2 B 100x5\n1 cancelled 2 5 SELF_TRADE unasked\n"
         "book | 1@100x5\n"},
        {"over sessions", "0 account 7 newest group1\n1 new 1 S 100 5 a7\n2 new 2 B 100 5 a7\nbook",
         "1 accepted 1 S 100x5\n2 accepted 2 B 100x5\n2 cancelled 2 5 SELF_TRADE unasked\n"
         "book | 1@100x5\n"},
        {"settings that come later concern orders that rest already",
         "1 new 1 S 100 5 a7\n1 new 2 S 100 5 a7\n1 new 3 B 100 5 a7\n0 account 7 newest group1\n"
         "1 new 4 B 100 5 a7\n0 account 7 allow group1\n1 new 4 B 100 5 a7",
         "1 accepted 1 S 100x5\n1 accepted 2 S 100x5\n1 accepted 3 B 100x5\n"
         "1 maker 1 100x5 left 0\n1 taker 3 100x5 left 0\n1 accepted 4 B 100x5\n"
         "1 cancelled 4 5 SELF_TRADE unasked\n1 accepted 4 B 100x5\n1 maker 2 100x5 left 0\n"
         "1 taker 4 100x5 left 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(self_trade, cancel_newest_ends_the_taker_at_its_own_order)
{
    static const struct script_case cases[] = {
        {"after it has traded with others before it",
         "0 account 7 newest group1\nevents\n2 new 1 S 100 3 a9\n1 new 2 S 100 5 a7\n"
         "2 new 3 S 100 5 a9\n1 new 4 B 101 9 a7\nbook",
         "2 accepted 1 S 100x3\n* add S 1@100x3\n1 accepted 2 S 100x5\n* add S 2@100x5\n"
         "2 accepted 3 S 100x5\n* add S 3@100x5\n1 accepted 4 B 101x9\n* execute S 1@100x3\n"
         "2 maker 1 100x3 left 0\n1 taker 4 100x3 left 6\n1 cancelled 4 6 SELF_TRADE unasked\n"
         "book | 2@100x5 3@100x5\n"},
        {"market order",
         "0 account 7 newest group1\n1 new 2 S 100 5 a7\n1 new 4 B market 9 a7\nbook",
         "1 accepted 2 S 100x5\n1 accepted 4 B 0x9\n1 cancelled 4 9 SELF_TRADE unasked\n"
         "book | 2@100x5\n"},
        {"an immediate order",
         "0 account 7 newest group1\n2 new 1 S 100 3 a9\n1 new 2 S 100 5 a7\n"
         "1 new 4 B 100 9 a7 ioc\nbook",
         "2 accepted 1 S 100x3\n1 accepted 2 S 100x5\n1 accepted 4 B 100x9\n"
         "2 maker 1 100x3 left 0\n1 taker 4 100x3 left 6\n1 cancelled 4 6 SELF_TRADE unasked\n"
         "book | 2@100x5\n"},
        {"a replaced order: it is gone, its id is free",
         "0 account 7 newest group1\n2 new 1 S 100 3 a9\n1 new 2 S 100 5 a7\n1 new 3 B 99 9 a7\n"
         "1 replace 3 4 100 9\nbook\n1 new 4 B 99 1 a7",
         "2 accepted 1 S 100x3\n1 accepted 2 S 100x5\n1 accepted 3 B 99x9\n"
         "1 replaced 3>4 100x9 total 9 done 0\n2 maker 1 100x3 left 0\n"
         "1 taker 4 100x3 left 6\n1 cancelled 4 6 SELF_TRADE unasked\nbook | 2@100x5\n"
         "1 accepted 4 B 99x1\n"},
        {"a triggered stop-limit",
         "0 account 7 newest group1\n1 new 1 B 100 4 a7 stop95\n"
         "1 new 2 S 100 5 a7\n2 new 3 S 95 1 a9\n2 new 4 B 95 1 a9\nbook",
         "1 accepted 1 B 100x4\n1 accepted 2 S 100x5\n2 accepted 3 S 95x1\n"
         "2 accepted 4 B 95x1\n2 maker 3 95x1 left 0\n2 taker 4 95x1 left 0\n1 triggered 1 4\n"
         "1 cancelled 1 4 SELF_TRADE unasked\nbook | 2@100x5\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(self_trade, cancel_oldest_takes_the_resting_orders_out_of_the_way)
{
    static const struct script_case cases[] = {
        {"and goes on",
         "0 account 7 oldest group1\nevents\n2 new 1 S 100 3 a9\n1 new 2 S 100 5 a7\n"
         "2 new 3 S 100 5 a9\n1 new 5 S 101 5 a7\n1 new 4 B 101 9 a7\nbook",
         "2 accepted 1 S 100x3\n* add S 1@100x3\n1 accepted 2 S 100x5\n* add S 2@100x5\n"
         "2 accepted 3 S 100x5\n* add S 3@100x5\n1 accepted 5 S 101x5\n* add S 5@101x5\n"
         "1 accepted 4 B 101x9\n* execute S 1@100x3\n2 maker 1 100x3 left 0\n"
         "1 taker 4 100x3 left 6\n* cancel S 2@100x5\n1 cancelled 2 5 SELF_TRADE unasked\n"
         "* execute S 3@100x5\n2 maker 3 100x5 left 0\n1 taker 4 100x5 left 1\n"
         "* cancel S 5@101x5\n1 cancelled 5 5 SELF_TRADE unasked\n* add B 4@101x1\n"
         "book 4@101x1 |\n"},
        {"an iceberg with all it hides",
         "0 account 7 oldest group1\nevents\n1 new 2 S 100 25 a7 show10\n1 new 4 B 100 9 a7\nbook",
         "1 accepted 2 S 100x25\n* add S 2@100x10\n1 accepted 4 B 100x9\n* cancel S 2@100x10\n"
         "1 cancelled 2 25 SELF_TRADE unasked\n* add B 4@100x9\nbook 4@100x9 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(self_trade, cancel_both_ends_both_the_resting_one_first)
{
    static const struct script_case cases[] = {
        {"in mid-way",
         "0 account 7 both group1\nevents\n2 new 1 S 100 3 a9\n1 new 2 S 100 5 a7\n"
         "2 new 3 S 100 5 a9\n2 new 4 B 101 9 a7\nbook",
         "2 accepted 1 S 100x3\n* add S 1@100x3\n1 accepted 2 S 100x5\n* add S 2@100x5\n"
         "2 accepted 3 S 100x5\n* add S 3@100x5\n2 accepted 4 B 101x9\n* execute S 1@100x3\n"
         "2 maker 1 100x3 left 0\n2 taker 4 100x3 left 6\n* cancel S 2@100x5\n"
         "1 cancelled 2 5 SELF_TRADE unasked\n2 cancelled 4 6 SELF_TRADE unasked\n"
         "book | 3@100x5\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(self_trade, decrement_takes_the_smaller_ones_quantity_off_both)
{
    static const struct script_case cases[] = {
        {"the resting one is smaller: it goes, the other goes on",
         "0 account 7 decrement group1\nevents\n1 new 2 S 100 5 a7\n2 new 3 S 100 2 a9\n"
         "2 new 4 B 100 9 a7\nbook\n2 list",
         "1 accepted 2 S 100x5\n* add S 2@100x5\n2 accepted 3 S 100x2\n* add S 3@100x2\n"
         "2 accepted 4 B 100x9\n* cancel S 2@100x5\n1 cancelled 2 5 SELF_TRADE unasked\n"
         "2 reduced 4 4 unasked\n* execute S 3@100x2\n2 maker 3 100x2 left 0\n"
         "2 taker 4 100x2 left 2\n* add B 4@100x2\nbook 4@100x2 |\n"
         "2 order 4 B 100x2 total 4 done 2\n2 done list 1\n"},
        {"the taker is smaller: the resting one keeps its place",
         "0 account 7 decrement group1\nevents\n1 new 2 S 100 9 a7\n2 new 3 S 100 2 a9\n"
         "2 new 4 B 100 5 a7\nbook\n1 list",
         "1 accepted 2 S 100x9\n* add S 2@100x9\n2 accepted 3 S 100x2\n* add S 3@100x2\n"
         "2 accepted 4 B 100x5\n* reduce S 2@100x5\n1 reduced 2 4 unasked\n"
         "2 cancelled 4 5 SELF_TRADE unasked\nbook | 2@100x4 3@100x2\n"
         "1 order 2 S 100x4 total 4 done 0\n1 done list 1\n"},
        {"equal", "0 account 7 decrement group1\n1 new 2 S 100 5 a7\n2 new 4 B 100 5 a7\nbook",
         "1 accepted 2 S 100x5\n2 accepted 4 B 100x5\n1 cancelled 2 5 SELF_TRADE unasked\n"
         "2 cancelled 4 5 SELF_TRADE unasked\nbook |\n"},
        {"an iceberg loses what it hides first",
         "0 account 7 decrement group1\nevents\n1 new 2 S 100 25 a7 show10\n2 new 4 B 100 12 a7\n"
         "2 new 5 B 100 6 a7\nbook",
         "1 accepted 2 S 100x25\n* add S 2@100x10\n2 accepted 4 B 100x12\n"
         "1 reduced 2 13 unasked\n2 cancelled 4 12 SELF_TRADE unasked\n2 accepted 5 B 100x6\n"
         "* reduce S 2@100x3\n1 reduced 2 7 unasked\n2 cancelled 5 6 SELF_TRADE unasked\n"
         "book | 2@100x7\n"},
        {"an iceberg that is smaller with all it hides",
         "0 account 7 decrement group1\n1 new 2 S 100 25 a7 show10\n2 new 4 B 100 30 a7\nbook",
         "1 accepted 2 S 100x25\n2 accepted 4 B 100x30\n1 cancelled 2 25 SELF_TRADE unasked\n"
         "2 reduced 4 5 unasked\nbook 4@100x5 |\n"},
        {"executed stays as it was: the total shrinks",
         "0 account 7 decrement group1\n1 new 2 S 100 9 a7\n2 new 3 B 100 4 a9\n"
         "2 new 4 B 100 2 a7\n1 list",
         "1 accepted 2 S 100x9\n2 accepted 3 B 100x4\n1 maker 2 100x4 left 5\n"
         "2 taker 3 100x4 left 0\n2 accepted 4 B 100x2\n1 reduced 2 3 unasked\n"
         "2 cancelled 4 2 SELF_TRADE unasked\n1 order 2 S 100x3 total 7 done 4\n"
         "1 done list 1\n"},
        {"a replaced taker",
         "0 account 7 decrement group1\n1 new 2 S 100 5 a7\n2 new 4 B 99 9 a7\n"
         "2 replace 4 4 100 9\nbook\n2 list",
         "1 accepted 2 S 100x5\n2 accepted 4 B 99x9\n2 replaced 4>4 100x9 total 9 done 0\n"
         "1 cancelled 2 5 SELF_TRADE unasked\n2 reduced 4 4 unasked\nbook 4@100x4 |\n"
         "2 order 4 B 100x4 total 4 done 0\n2 done list 1\n"},
        {"a replaced taker that ends",
         "0 account 7 decrement group1\n1 new 2 S 100 9 a7\n"
         "2 new 4 B 99 5 a7\n2 replace 4 5 100 5\nbook\n2 list",
         "1 accepted 2 S 100x9\n2 accepted 4 B 99x5\n2 replaced 4>5 100x5 total 5 done 0\n"
         "1 reduced 2 4 unasked\n2 cancelled 5 5 SELF_TRADE unasked\nbook | 2@100x4\n"
         "2 done list 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(self_trade, fok_and_minimum_count_what_would_trade)
{
    static const struct script_case cases[] = {
        {"cancel newest: up to the own order",
         "0 account 7 newest group1\n2 new 1 S 100 5 a9\n1 new 2 S 100 5 a7\n2 new 3 S 100 5 a9\n"
         "1 new 4 B 100 6 a7 fok\n1 new 5 B 100 20 a7 min6\n1 new 6 B 100 5 a7 fok\nbook",
         "2 accepted 1 S 100x5\n1 accepted 2 S 100x5\n2 accepted 3 S 100x5\n"
         "1 accepted 4 B 100x6\n1 cancelled 4 6 FOK_UNFILLED unasked\n1 accepted 5 B 100x20\n"
         "1 cancelled 5 20 MINIMUM_UNFILLED unasked\n1 accepted 6 B 100x5\n"
         "2 maker 1 100x5 left 0\n1 taker 6 100x5 left 0\nbook | 2@100x5 3@100x5\n"},
        {"cancel both: up to the own order",
         "0 account 7 both group1\n2 new 1 S 100 5 a9\n1 new 2 S 100 5 a7\n2 new 3 S 100 5 a9\n"
         "1 new 4 B 100 6 a7 fok\n1 new 6 B 100 6 a7 min5\nbook",
         "2 accepted 1 S 100x5\n1 accepted 2 S 100x5\n2 accepted 3 S 100x5\n"
         "1 accepted 4 B 100x6\n1 cancelled 4 6 FOK_UNFILLED unasked\n1 accepted 6 B 100x6\n"
         "2 maker 1 100x5 left 0\n1 taker 6 100x5 left 1\n1 cancelled 2 5 SELF_TRADE unasked\n"
         "1 cancelled 6 1 SELF_TRADE unasked\nbook | 3@100x5\n"},
        {"decrement: a fill up to the own order; a minimum that is met before it",
         "0 account 7 decrement group1\n2 new 1 S 100 5 a9\n1 new 2 S 100 5 a7\n2 new 3 S 100 5 "
         "a9\n"
         "1 new 4 B 100 6 a7 fok\n1 new 6 B 100 6 a7 min5\nbook",
         "2 accepted 1 S 100x5\n1 accepted 2 S 100x5\n2 accepted 3 S 100x5\n"
         "1 accepted 4 B 100x6\n1 cancelled 4 6 FOK_UNFILLED unasked\n1 accepted 6 B 100x6\n"
         "2 maker 1 100x5 left 0\n1 taker 6 100x5 left 1\n1 reduced 2 4 unasked\n"
         "1 cancelled 6 1 SELF_TRADE unasked\nbook | 2@100x4 3@100x5\n"},
        {"cancel oldest: all but the own orders",
         "0 account 7 oldest group1\n2 new 1 S 100 5 a9\n1 new 2 S 100 5 a7\n2 new 3 S 101 5 a9\n"
         "1 new 4 B 101 11 a7 fok\n1 new 5 B 101 10 a7 fok\nbook",
         "2 accepted 1 S 100x5\n1 accepted 2 S 100x5\n2 accepted 3 S 101x5\n"
         "1 accepted 4 B 101x11\n1 cancelled 4 11 FOK_UNFILLED unasked\n"
         "1 accepted 5 B 101x10\n2 maker 1 100x5 left 0\n1 taker 5 100x5 left 5\n"
         "1 cancelled 2 5 SELF_TRADE unasked\n2 maker 3 101x5 left 0\n1 taker 5 101x5 left 0\n"
         "book |\n"},
        {"allow: all", "0 account 7 allow group1\n1 new 2 S 100 5 a7\n1 new 4 B 100 5 a7 fok",
         "1 accepted 2 S 100x5\n1 accepted 4 B 100x5\n1 maker 2 100x5 left 0\n"
         "1 taker 4 100x5 left 0\n"},
        {"sell side, and a level that does not cross",
         "0 account 7 newest group1\n2 new 1 B 100 5 a9\n2 new 2 B 99 5 a9\n2 new 3 B 98 5 a9\n"
         "1 new 4 S 99 11 a7 fok\n1 new 5 S 99 10 a7 fok\nbook",
         "2 accepted 1 B 100x5\n2 accepted 2 B 99x5\n2 accepted 3 B 98x5\n"
         "1 accepted 4 S 99x11\n1 cancelled 4 11 FOK_UNFILLED unasked\n1 accepted 5 S 99x10\n"
         "2 maker 1 100x5 left 0\n1 taker 5 100x5 left 5\n2 maker 2 99x5 left 0\n"
         "1 taker 5 99x5 left 0\nbook 3@98x5 |\n"},
        {"buy side, and a level that does not cross",
         "0 account 7 newest group1\n2 new 1 S 100 5 a9\n2 new 2 S 101 5 a9\n2 new 3 S 102 5 a9\n"
         "1 new 4 B 101 11 a7 fok\n1 new 5 B 101 10 a7 fok\nbook",
         "2 accepted 1 S 100x5\n2 accepted 2 S 101x5\n2 accepted 3 S 102x5\n"
         "1 accepted 4 B 101x11\n1 cancelled 4 11 FOK_UNFILLED unasked\n"
         "1 accepted 5 B 101x10\n2 maker 1 100x5 left 0\n1 taker 5 100x5 left 5\n"
         "2 maker 2 101x5 left 0\n1 taker 5 101x5 left 0\nbook | 3@102x5\n"},
        {"a peak refills behind the own order, out of reach",
         "0 account 7 newest group1\n2 new 1 S 100 25 a9 show5\n1 new 2 S 100 5 a7\n"
         "1 new 4 B 100 6 a7 fok\n1 new 5 B 100 5 a7 fok\nbook",
         "2 accepted 1 S 100x25\n1 accepted 2 S 100x5\n1 accepted 4 B 100x6\n"
         "1 cancelled 4 6 FOK_UNFILLED unasked\n1 accepted 5 B 100x5\n"
         "2 maker 1 100x5 left 20\n1 taker 5 100x5 left 0\nbook | 2@100x5 1@100x5/20\n"},
        {"unless it keeps its place",
         "0 change 1 ONE 1 1 1 1000 1000 keeps\n0 account 7 newest group1\n"
         "2 new 1 S 100 25 a9 show5\n1 new 2 S 100 5 a7\n1 new 4 B 100 26 a7 fok\n"
         "1 new 5 B 100 25 a7 fok\nbook",
         "2 accepted 1 S 100x25\n1 accepted 2 S 100x5\n1 accepted 4 B 100x26\n"
         "1 cancelled 4 26 FOK_UNFILLED unasked\n1 accepted 5 B 100x25\n"
         "2 maker 1 100x5 left 20\n1 taker 5 100x5 left 20\n2 maker 1 100x5 left 15\n"
         "1 taker 5 100x5 left 15\n2 maker 1 100x5 left 10\n1 taker 5 100x5 left 10\n"
         "2 maker 1 100x5 left 5\n1 taker 5 100x5 left 5\n2 maker 1 100x5 left 0\n"
         "1 taker 5 100x5 left 0\nbook | 2@100x5\n"},
        {"in the levels before, what is hidden counts",
         "0 account 7 newest group1\n2 new 1 S 100 25 a9 show5\n1 new 2 S 101 5 a7\n"
         "1 new 4 B 101 26 a7 fok\n1 new 5 B 101 25 a7 fok\nbook",
         "2 accepted 1 S 100x25\n1 accepted 2 S 101x5\n1 accepted 4 B 101x26\n"
         "1 cancelled 4 26 FOK_UNFILLED unasked\n1 accepted 5 B 101x25\n"
         "2 maker 1 100x5 left 20\n1 taker 5 100x5 left 20\n2 maker 1 100x5 left 15\n"
         "1 taker 5 100x5 left 15\n2 maker 1 100x5 left 10\n1 taker 5 100x5 left 10\n"
         "2 maker 1 100x5 left 5\n1 taker 5 100x5 left 5\n2 maker 1 100x5 left 0\n"
         "1 taker 5 100x5 left 0\nbook | 2@101x5\n"},
        {"what an own iceberg hides counts for nothing",
         "0 account 7 oldest group1\n1 new 1 S 100 25 a7 show5\n2 new 2 S 100 5 a9\n"
         "1 new 4 B 100 6 a7 fok\n1 new 5 B 100 5 a7 fok\nbook",
         "1 accepted 1 S 100x25\n2 accepted 2 S 100x5\n1 accepted 4 B 100x6\n"
         "1 cancelled 4 6 FOK_UNFILLED unasked\n1 accepted 5 B 100x5\n"
         "1 cancelled 1 25 SELF_TRADE unasked\n2 maker 2 100x5 left 0\n"
         "1 taker 5 100x5 left 0\nbook |\n"},
        {"no opposite side", "0 account 7 newest group1\n1 new 4 B 100 6 a7 fok",
         "1 accepted 4 B 100x6\n1 cancelled 4 6 FOK_UNFILLED unasked\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(self_trade, in_mode_decrement_a_minimum_counts_what_trades_behind_own_orders)
{
    static const struct script_case cases[] = {
        {"it passes a small own order by",
         "0 account 7 decrement group1\n1 new 1 S 100 1 a7\n2 new 2 S 100 100 a9\n"
         "1 new 3 B 100 100 a7 min50\nbook",
         "1 accepted 1 S 100x1\n2 accepted 2 S 100x100\n1 accepted 3 B 100x100\n"
         "1 cancelled 1 1 SELF_TRADE unasked\n1 reduced 3 99 unasked\n"
         "2 maker 2 100x99 left 1\n1 taker 3 100x99 left 0\nbook | 2@100x1\n"},
        {"all that the own order has is lost to the taker first: 51 of 100 leave 49",
         "0 account 7 decrement group1\n1 new 1 S 100 51 a7 show1\n2 new 2 S 100 100 a9\n"
         "1 new 3 B 100 100 a7 min50\n1 new 4 B 100 100 a7 min49\nbook",
         "1 accepted 1 S 100x51\n2 accepted 2 S 100x100\n1 accepted 3 B 100x100\n"
         "1 cancelled 3 100 MINIMUM_UNFILLED unasked\n1 accepted 4 B 100x100\n"
         "1 cancelled 1 51 SELF_TRADE unasked\n1 reduced 4 49 unasked\n"
         "2 maker 2 100x49 left 51\n1 taker 4 100x49 left 0\nbook | 2@100x51\n"},
        {"an own order that is larger ends it",
         "0 account 7 decrement group1\n2 new 1 S 100 4 a9\n1 new 2 S 100 9 a7\n"
         "2 new 3 S 100 9 a9\n1 new 4 B 100 9 a7 min5\n1 new 5 B 100 9 a7 min4\nbook",
         "2 accepted 1 S 100x4\n1 accepted 2 S 100x9\n2 accepted 3 S 100x9\n"
         "1 accepted 4 B 100x9\n1 cancelled 4 9 MINIMUM_UNFILLED unasked\n"
         "1 accepted 5 B 100x9\n2 maker 1 100x4 left 0\n1 taker 5 100x4 left 5\n"
         "1 reduced 2 4 unasked\n1 cancelled 5 5 SELF_TRADE unasked\n"
         "book | 2@100x4 3@100x9\n"},
        {"own orders in several levels, to sell, and peaks that went behind them",
         "0 account 7 decrement group1\n2 new 1 B 100 10 a9 show4\n1 new 2 B 100 3 a7\n"
         "1 new 3 B 99 3 a7\n2 new 4 B 98 9 a9\n1 new 5 S 98 20 a7 min15\n"
         "1 new 6 S 98 20 a7 min14\nbook",
         "2 accepted 1 B 100x10\n1 accepted 2 B 100x3\n1 accepted 3 B 99x3\n"
         "2 accepted 4 B 98x9\n1 accepted 5 S 98x20\n"
         "1 cancelled 5 20 MINIMUM_UNFILLED unasked\n1 accepted 6 S 98x20\n"
         "2 maker 1 100x4 left 6\n1 taker 6 100x4 left 16\n"
         "1 cancelled 2 3 SELF_TRADE unasked\n1 reduced 6 13 unasked\n"
         "2 maker 1 100x4 left 2\n1 taker 6 100x4 left 9\n2 maker 1 100x2 left 0\n"
         "1 taker 6 100x2 left 7\n1 cancelled 3 3 SELF_TRADE unasked\n"
         "1 reduced 6 4 unasked\n2 maker 4 98x4 left 5\n1 taker 6 98x4 left 0\n"
         "book 4@98x5 |\n"},
        {"a fill-or-kill is not filled by what is decremented",
         "0 account 7 decrement group1\n1 new 1 S 100 1 a7\n2 new 2 S 100 100 a9\n"
         "1 new 3 B 100 10 a7 fok\nbook",
         "1 accepted 1 S 100x1\n2 accepted 2 S 100x100\n1 accepted 3 B 100x10\n"
         "1 cancelled 3 10 FOK_UNFILLED unasked\nbook | 1@100x1 2@100x100\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}
