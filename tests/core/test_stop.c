/* test_stop.c - waiting stops: what triggers them, in which order, and what they do then. */
#include "script.h"

Test(stop, trades_at_or_through_the_stop_price_trigger_it)
{
    static const struct script_case cases[] = {
        {"buy: at the price, not below",
         "1 new 1 B market 5 stop100\n2 new 2 S 99 1\n3 new 3 B 99 1\n1 list\n2 new 4 S 100 1\n"
         "3 new 5 B 100 1\n1 list",
         "1 accepted 1 B 0x5\n2 accepted 2 S 99x1\n3 accepted 3 B 99x1\n"
         "2 maker 2 99x1 left 0\n3 taker 3 99x1 left 0\n"
         "1 order 1 B 0x5 total 5 done 0 stop 100\n1 done list 1\n2 accepted 4 S 100x1\n"
         "3 accepted 5 B 100x1\n2 maker 4 100x1 left 0\n3 taker 5 100x1 left 0\n"
         "1 triggered 1 5\n1 cancelled 1 5 MARKET_REMAINDER unasked\n1 done list 0\n"},
        {"sell: at the price, not above",
         "1 new 1 S market 5 stop100\n2 new 2 S 101 1\n3 new 3 B 101 1\n1 list\n2 new 4 S 100 1\n"
         "3 new 5 B 100 1\n1 list",
         "1 accepted 1 S 0x5\n2 accepted 2 S 101x1\n3 accepted 3 B 101x1\n"
         "2 maker 2 101x1 left 0\n3 taker 3 101x1 left 0\n"
         "1 order 1 S 0x5 total 5 done 0 stop 100\n1 done list 1\n2 accepted 4 S 100x1\n"
         "3 accepted 5 B 100x1\n2 maker 4 100x1 left 0\n3 taker 5 100x1 left 0\n"
         "1 triggered 1 5\n1 cancelled 1 5 MARKET_REMAINDER unasked\n1 done list 0\n"},
        {"through the price: above a buy stop's, below a sell stop's",
         "1 new 1 B market 5 stop100\n1 new 2 S market 5 stop100\n2 new 3 S 150 1\n3 new 4 B 150 "
         "1\n"
         "2 new 5 S 60 1\n3 new 6 B 60 1",
         "1 accepted 1 B 0x5\n1 accepted 2 S 0x5\n2 accepted 3 S 150x1\n3 accepted 4 B 150x1\n"
         "2 maker 3 150x1 left 0\n3 taker 4 150x1 left 0\n1 triggered 1 5\n"
         "1 cancelled 1 5 MARKET_REMAINDER unasked\n2 accepted 5 S 60x1\n3 accepted 6 B 60x1\n"
         "2 maker 5 60x1 left 0\n3 taker 6 60x1 left 0\n1 triggered 2 5\n"
         "1 cancelled 2 5 MARKET_REMAINDER unasked\n"},
        {"by the last price of a command, not by one on its way",
         "1 new 1 B market 5 stop120\n1 new 2 S 90 3 stop105\n2 new 3 S 120 1\n2 new 4 S 100 1\n"
         "3 new 5 B market 2\n1 list\n2 new 6 B 110 1\n2 new 7 B 105 1\n3 new 8 S market 1\n"
         "1 list\n3 new 9 S market 1\nbook",
         "1 accepted 1 B 0x5\n1 accepted 2 S 90x3\n2 accepted 3 S 120x1\n"
         "2 accepted 4 S 100x1\n3 accepted 5 B 0x2\n2 maker 4 100x1 left 0\n"
         "3 taker 5 100x1 left 1\n2 maker 3 120x1 left 0\n3 taker 5 120x1 left 0\n"
         "1 triggered 1 5\n1 cancelled 1 5 MARKET_REMAINDER unasked\n"
         "1 order 2 S 90x3 total 3 done 0 stop 105\n1 done list 1\n2 accepted 6 B 110x1\n"
         "2 accepted 7 B 105x1\n3 accepted 8 S 0x1\n2 maker 6 110x1 left 0\n"
         "3 taker 8 110x1 left 0\n1 order 2 S 90x3 total 3 done 0 stop 105\n1 done list 1\n"
         "3 accepted 9 S 0x1\n2 maker 7 105x1 left 0\n3 taker 9 105x1 left 0\n"
         "1 triggered 2 3\nbook | 2@90x3\n"},
        {"an order that only rests triggers nothing",
         "1 new 1 B market 5 stop100\n1 new 2 S market 5 stop100\n2 new 3 S 120 1\n2 new 4 B 90 1\n"
         "1 list",
         "1 accepted 1 B 0x5\n1 accepted 2 S 0x5\n2 accepted 3 S 120x1\n2 accepted 4 B 90x1\n"
         "1 order 1 B 0x5 total 5 done 0 stop 100\n1 order 2 S 0x5 total 5 done 0 stop 100\n"
         "1 done list 2\n"},
        {"a reference price does, as if it had traded there, in order of acceptance",
         "0 grant three admin\n1 new 1 B market 5 stop100\n1 new 2 S 97 6 stop100\n"
         "1 new 3 B market 1 stop101\n2 new 4 S 104 1\nevents\n3 reference 100\n1 list",
         "1 accepted 1 B 0x5\n1 accepted 2 S 97x6\n1 accepted 3 B 0x1\n2 accepted 4 S 104x1\n"
         "* reference i1 100\n1 triggered 1 5\n* execute S 4@104x1\n2 maker 4 104x1 left 0\n"
         "1 taker 1 104x1 left 4\n1 cancelled 1 4 MARKET_REMAINDER unasked\n1 triggered 2 6\n"
         "* add S 2@97x6\n1 triggered 3 1\n* execute S 2@97x1\n1 maker 2 97x1 left 5\n"
         "1 taker 3 97x1 left 0\n3 done reference 0 i1\n1 order 2 S 97x5 total 6 done 1\n"
         "1 done list 1\n"},
        {"a reference price in another phase: when it opens",
         "0 phase halted\n0 reference 50\n0 phase pre\n1 new 1 B market 5 stop100\n"
         "1 new 2 S market 6 stop99\n0 reference 100\n1 list\n0 phase halted\n0 phase open\n1 list",
         "1 accepted 1 B 0x5\n1 accepted 2 S 0x6\n"
         "1 order 1 B 0x5 total 5 done 0 stop 100\n1 order 2 S 0x6 total 6 done 0 stop 99\n"
         "1 done list 2\n1 triggered 1 5\n1 cancelled 1 5 MARKET_REMAINDER unasked\n"
         "1 order 2 S 0x6 total 6 done 0 stop 99\n1 done list 1\n"},
        {"a new one never overtakes an older one: not behind a reference price,",
         "2 new 8 S 110 5\n1 new 1 B market 5 stop100\n0 reference 105\n3 new 2 B market 5 stop100",
         "2 accepted 8 S 110x5\n1 accepted 1 B 0x5\n1 triggered 1 5\n2 maker 8 110x5 left 0\n"
         "1 taker 1 110x5 left 0\n3 accepted 2 B 0x5\n3 triggered 2 5\n"
         "3 cancelled 2 5 MARKET_REMAINDER unasked\n"},
        {"and not behind an opening",
         "0 reference 100\n2 new 8 S 110 5\n0 phase pre\n1 new 1 B market 5 stop90\n0 phase open\n"
         "3 new 2 B market 5 stop90",
         "2 accepted 8 S 110x5\n1 accepted 1 B 0x5\n1 triggered 1 5\n2 maker 8 110x5 left 0\n"
         "1 taker 1 110x5 left 0\n3 accepted 2 B 0x5\n3 triggered 2 5\n"
         "3 cancelled 2 5 MARKET_REMAINDER unasked\n"},
        {"trades of another instrument trigger nothing",
         "1 new 1 B market 10 stop50 i2\n2 new 3 S 50 1\n3 new 4 B 50 1\n1 list",
         "1 accepted 1 B 0x10\n2 accepted 3 S 50x1\n3 accepted 4 B 50x1\n"
         "2 maker 3 50x1 left 0\n3 taker 4 50x1 left 0\n"
         "1 order 1 B 0x10 total 10 done 0 stop 50\n1 done list 1\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(stop, triggered_ones_enter_in_order_of_acceptance)
{
    static const struct script_case cases[] = {
        {"not of their stop prices, and both sides mixed",
         "2 new 9 S 105 1\n1 new 1 B 90 1 stop105\n1 new 2 S 200 2 stop105\n1 new 3 B 91 3 "
         "stop101\n"
         "1 new 4 S 201 4 stop300\n1 new 5 B 92 5 stop105\n3 new 6 B 105 1\nbook",
         "2 accepted 9 S 105x1\n1 accepted 1 B 90x1\n1 accepted 2 S 200x2\n"
         "1 accepted 3 B 91x3\n1 accepted 4 S 201x4\n1 accepted 5 B 92x5\n"
         "3 accepted 6 B 105x1\n2 maker 9 105x1 left 0\n3 taker 6 105x1 left 0\n"
         "1 triggered 1 1\n1 triggered 2 2\n1 triggered 3 3\n1 triggered 4 4\n"
         "1 triggered 5 5\nbook 5@92x5 3@91x3 1@90x1 | 2@200x2 4@201x4\n"},
        {"a cancelled one in between, and a later one at a better price",
         "2 new 9 S 105 1\n1 new 1 B 90 1 stop105\n1 new 2 B 91 2 stop105\n1 new 3 B 92 3 stop101\n"
         "1 cancel 2\n3 new 6 B 105 1\nbook",
         "2 accepted 9 S 105x1\n1 accepted 1 B 90x1\n1 accepted 2 B 91x2\n"
         "1 accepted 3 B 92x3\n1 cancelled 2 2 REQUESTED\n3 accepted 6 B 105x1\n"
         "2 maker 9 105x1 left 0\n3 taker 6 105x1 left 0\n1 triggered 1 1\n1 triggered 3 3\n"
         "book 3@92x3 1@90x1 |\n"},
        {"a replaced one keeps its turn",
         "2 new 9 S 105 1\n1 new 1 B 90 1 stop105\n1 new 2 B 91 2 stop105\n1 replace 1 7 89 4\n"
         "3 new 6 B 105 1\nbook",
         "2 accepted 9 S 105x1\n1 accepted 1 B 90x1\n1 accepted 2 B 91x2\n"
         "1 replaced 1>7 89x4 total 4 done 0 stop 105\n3 accepted 6 B 105x1\n"
         "2 maker 9 105x1 left 0\n3 taker 6 105x1 left 0\n1 triggered 7 4\n1 triggered 2 2\n"
         "book 2@91x2 7@89x4 |\n"},
        {"many of them",
         "2 new 99 S 105 1\n1 new 1 B 90 1 stop105\n1 new 2 B 90 1 stop104\n"
         "1 new 3 B 90 1 stop103\n1 new 4 B 90 1 stop105\n1 new 5 B 90 1 stop104\n"
         "1 new 6 B 90 1 stop102\n1 new 7 B 90 1 stop101\n3 new 98 B 105 1\nbook",
         "2 accepted 99 S 105x1\n1 accepted 1 B 90x1\n1 accepted 2 B 90x1\n"
         "1 accepted 3 B 90x1\n1 accepted 4 B 90x1\n1 accepted 5 B 90x1\n1 accepted 6 B 90x1\n"
         "1 accepted 7 B 90x1\n3 accepted 98 B 105x1\n2 maker 99 105x1 left 0\n"
         "3 taker 98 105x1 left 0\n1 triggered 1 1\n1 triggered 2 1\n1 triggered 3 1\n"
         "1 triggered 4 1\n1 triggered 5 1\n1 triggered 6 1\n1 triggered 7 1\n"
         "book 1@90x1 2@90x1 3@90x1 4@90x1 5@90x1 6@90x1 7@90x1 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(stop, trades_of_triggered_ones_trigger_more_behind_those_that_wait_already)
{
    static const struct script_case cases[] = {
        {"upwards: 1 and 2 by the command, 3 by 1, then 3 after 2",
         "2 new 10 S 105 1\n2 new 11 S 106 5\n2 new 12 S 107 5\n"
         "1 new 3 B market 5 stop106\n1 new 1 B market 5 stop105\n1 new 2 B market 1 stop105\n"
         "3 new 20 B 105 1\nbook",
         "2 accepted 10 S 105x1\n2 accepted 11 S 106x5\n2 accepted 12 S 107x5\n"
         "1 accepted 3 B 0x5\n1 accepted 1 B 0x5\n1 accepted 2 B 0x1\n3 accepted 20 B 105x1\n"
         "2 maker 10 105x1 left 0\n3 taker 20 105x1 left 0\n1 triggered 1 5\n"
         "2 maker 11 106x5 left 0\n1 taker 1 106x5 left 0\n1 triggered 2 1\n"
         "2 maker 12 107x1 left 4\n1 taker 2 107x1 left 0\n1 triggered 3 5\n"
         "2 maker 12 107x4 left 0\n1 taker 3 107x4 left 1\n"
         "1 cancelled 3 1 MARKET_REMAINDER unasked\nbook |\n"},
        {"downwards",
         "2 new 10 B 95 1\n2 new 11 B 94 5\n2 new 12 B 93 5\n"
         "1 new 3 S market 5 stop94\n1 new 1 S market 5 stop95\n"
         "1 new 2 S market 1 stop95\n3 new 20 S 95 1\nbook",
         "2 accepted 10 B 95x1\n2 accepted 11 B 94x5\n2 accepted 12 B 93x5\n"
         "1 accepted 3 S 0x5\n1 accepted 1 S 0x5\n1 accepted 2 S 0x1\n3 accepted 20 S 95x1\n"
         "2 maker 10 95x1 left 0\n3 taker 20 95x1 left 0\n1 triggered 1 5\n"
         "2 maker 11 94x5 left 0\n1 taker 1 94x5 left 0\n1 triggered 2 1\n"
         "2 maker 12 93x1 left 4\n1 taker 2 93x1 left 0\n1 triggered 3 5\n"
         "2 maker 12 93x4 left 0\n1 taker 3 93x4 left 1\n"
         "1 cancelled 3 1 MARKET_REMAINDER unasked\nbook |\n"},
        {"up and down: a buy stop's trade triggers a sell stop through what it leaves",
         "2 new 10 S 105 1\n2 new 11 S 110 2\n2 new 12 B 90 2\n"
         "1 new 1 B market 1 stop105\n1 new 2 S market 1 stop200\n3 new 20 B 105 1\nbook",
         "2 accepted 10 S 105x1\n2 accepted 11 S 110x2\n2 accepted 12 B 90x2\n"
         "1 accepted 1 B 0x1\n1 accepted 2 S 0x1\n3 accepted 20 B 105x1\n"
         "2 maker 10 105x1 left 0\n3 taker 20 105x1 left 0\n1 triggered 1 1\n"
         "2 maker 11 110x1 left 1\n1 taker 1 110x1 left 0\n1 triggered 2 1\n"
         "2 maker 12 90x1 left 1\n1 taker 2 90x1 left 0\nbook 12@90x1 | 11@110x1\n"},
        {"a chain of one each",
         "2 new 10 S 101 1\n2 new 11 S 102 1\n2 new 12 S 103 1\n2 new 13 S 104 1\n"
         "1 new 1 B market 1 stop101\n1 new 2 B market 1 stop102\n1 new 3 B market 1 stop103\n"
         "3 new 20 B 101 1\nbook",
         "2 accepted 10 S 101x1\n2 accepted 11 S 102x1\n2 accepted 12 S 103x1\n"
         "2 accepted 13 S 104x1\n1 accepted 1 B 0x1\n1 accepted 2 B 0x1\n1 accepted 3 B 0x1\n"
         "3 accepted 20 B 101x1\n2 maker 10 101x1 left 0\n3 taker 20 101x1 left 0\n"
         "1 triggered 1 1\n2 maker 11 102x1 left 0\n1 taker 1 102x1 left 0\n1 triggered 2 1\n"
         "2 maker 12 103x1 left 0\n1 taker 2 103x1 left 0\n1 triggered 3 1\n"
         "2 maker 13 104x1 left 0\n1 taker 3 104x1 left 0\nbook |\n"},
        {"a stop-limit that rests is hit by the next triggered one",
         "2 new 10 S 105 1\n1 new 1 B 104 3 stop105\n1 new 2 S 104 2 stop105\n"
         "3 new 3 S 103 1 stop104\n3 new 20 B 105 1\nbook",
         "2 accepted 10 S 105x1\n1 accepted 1 B 104x3\n1 accepted 2 S 104x2\n"
         "3 accepted 3 S 103x1\n3 accepted 20 B 105x1\n2 maker 10 105x1 left 0\n"
         "3 taker 20 105x1 left 0\n1 triggered 1 3\n1 triggered 2 2\n1 maker 1 104x2 left 1\n"
         "1 taker 2 104x2 left 0\n3 triggered 3 1\n1 maker 1 104x1 left 0\n"
         "3 taker 3 104x1 left 0\nbook |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(stop, what_happens_to_a_triggered_one_is_that_of_its_kind)
{
    static const struct script_case cases[] = {
        {"market: the rest is cancelled, with events that tell of the trades only",
         "events\n1 new 1 B market 5 stop105\n2 new 9 S 105 3\n3 new 6 B 105 1",
         "1 accepted 1 B 0x5\n2 accepted 9 S 105x3\n* add S 9@105x3\n3 accepted 6 B 105x1\n"
         "* execute S 9@105x1\n2 maker 9 105x1 left 2\n3 taker 6 105x1 left 0\n"
         "1 triggered 1 5\n* execute S 9@105x2\n2 maker 9 105x2 left 0\n"
         "1 taker 1 105x2 left 3\n1 cancelled 1 3 MARKET_REMAINDER unasked\n"},
        {"limit: the rest rests at the back of its level",
         "events\n1 new 1 B 105 5 stop105\n2 new 9 S 105 3\n3 new 6 B 105 1\n3 new 7 B 105 2\nbook",
         "1 accepted 1 B 105x5\n2 accepted 9 S 105x3\n* add S 9@105x3\n3 accepted 6 B 105x1\n"
         "* execute S 9@105x1\n2 maker 9 105x1 left 2\n3 taker 6 105x1 left 0\n"
         "1 triggered 1 5\n* execute S 9@105x2\n2 maker 9 105x2 left 0\n"
         "1 taker 1 105x2 left 3\n* add B 1@105x3\n3 accepted 7 B 105x2\n* add B 7@105x2\n"
         "book 1@105x3 7@105x2 |\n"},
        {"limit, filled: both ids are free again",
         "1 new 1 B 105 2 stop105\n2 new 9 S 105 3\n3 new 6 B 105 1\nbook\n1 new 1 B 50 1\n"
         "1 cancel @1.1",
         "1 accepted 1 B 105x2\n2 accepted 9 S 105x3\n3 accepted 6 B 105x1\n"
         "2 maker 9 105x1 left 2\n3 taker 6 105x1 left 0\n1 triggered 1 2\n"
         "2 maker 9 105x2 left 0\n1 taker 1 105x2 left 0\nbook |\n1 accepted 1 B 50x1\n"
         "1 cancelled 1 1 REQUESTED\n"},
        {"ioc and fok",
         "1 new 1 B 105 5 stop105 ioc\n1 new 2 B 105 5 stop105 fok\n"
         "2 new 9 S 105 3\n3 new 6 B 105 1",
         "1 accepted 1 B 105x5\n1 accepted 2 B 105x5\n2 accepted 9 S 105x3\n"
         "3 accepted 6 B 105x1\n2 maker 9 105x1 left 2\n3 taker 6 105x1 left 0\n"
         "1 triggered 1 5\n2 maker 9 105x2 left 0\n1 taker 1 105x2 left 3\n"
         "1 cancelled 1 3 IOC_REMAINDER unasked\n1 triggered 2 5\n"
         "1 cancelled 2 5 FOK_UNFILLED unasked\n"},
        {"fok that fills", "1 new 2 B 105 2 stop105 fok\n2 new 9 S 105 3\n3 new 6 B 105 1\nbook",
         "1 accepted 2 B 105x2\n2 accepted 9 S 105x3\n3 accepted 6 B 105x1\n"
         "2 maker 9 105x1 left 2\n3 taker 6 105x1 left 0\n1 triggered 2 2\n"
         "2 maker 9 105x2 left 0\n1 taker 2 105x2 left 0\nbook |\n"},
        {"triggered ones find no liquidity",
         "1 new 2 B market 2 stop105\n1 new 3 B 104 2 stop105\n"
         "2 new 9 S 105 1\n3 new 6 B 105 1\nbook",
         "1 accepted 2 B 0x2\n1 accepted 3 B 104x2\n2 accepted 9 S 105x1\n"
         "3 accepted 6 B 105x1\n2 maker 9 105x1 left 0\n3 taker 6 105x1 left 0\n"
         "1 triggered 2 2\n1 cancelled 2 2 MARKET_REMAINDER unasked\n1 triggered 3 2\n"
         "book 3@104x2 |\n"},
        {"good till a time, of the day: they end as such after they came to rest",
         "1 new 1 B 90 2 stop105 gtd2000\n1 new 2 B 90 2 stop105 day\n2 new 9 S 105 1\n"
         "3 new 6 B 105 1\nbook\ntick 1999\ntick 2000\nbook\n0 end\nbook",
         "1 accepted 1 B 90x2\n1 accepted 2 B 90x2\n2 accepted 9 S 105x1\n"
         "3 accepted 6 B 105x1\n2 maker 9 105x1 left 0\n3 taker 6 105x1 left 0\n"
         "1 triggered 1 2\n1 triggered 2 2\nbook 1@90x2 2@90x2 |\n"
         "1 cancelled 1 2 EXPIRED unasked\nbook 2@90x2 |\n1 cancelled 2 2 EXPIRED unasked\n"
         "book |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(stop, while_they_wait_they_are_orders_like_others)
{
    static const struct script_case cases[] = {
        {"cancelled by either id, once; no market event",
         "events\n1 new 1 B market 5 stop100\n1 new 2 S 90 5 stop100\n1 cancel 1\n1 cancel @1.2\n"
         "1 cancel 1\n1 list",
         "1 accepted 1 B 0x5\n1 accepted 2 S 90x5\n1 cancelled 1 5 REQUESTED\n"
         "1 cancelled 2 5 REQUESTED\n1 rejected 1 UNKNOWN_ORDER\n1 done list 0\n"},
        {"reduced, and reduced to nothing; no market event",
         "events\n1 new 1 B market 5 stop100\n1 reduce 1 2\n1 list\n1 reduce @1.1 3\n1 list",
         "1 accepted 1 B 0x5\n1 reduced 1 3\n1 order 1 B 0x3 total 3 done 0 stop 100\n"
         "1 done list 1\n1 cancelled 1 3 REQUESTED\n1 done list 0\n"},
        {"replaced: a new id, a new total, its limit; the stop price stays; no market event",
         "events\n1 new 1 B 101 5 stop100\n1 new 2 S market 5 stop90\n1 replace 1 3 99 8\n"
         "1 replace 3 3 103 2\n1 replace 2 4 0 7\n1 list",
         "1 accepted 1 B 101x5\n1 accepted 2 S 0x5\n"
         "1 replaced 1>3 99x8 total 8 done 0 stop 100\n"
         "1 replaced 3>3 103x2 total 2 done 0 stop 100\n"
         "1 replaced 2>4 0x7 total 7 done 0 stop 90\n"
         "1 order 3 B 103x2 total 2 done 0 stop 100\n1 order 4 S 0x7 total 7 done 0 stop 90\n"
         "1 done list 2\n"},
        {"replaced: a plain stop has no price, a stop-limit has one of the instrument",
         "1 new 1 B market 5 stop100\n1 replace 1 2 5 5\n1 new 2 B 101 5 stop100\n"
         "1 replace 2 3 0 5\n1 replace 2 3 1001 5\n1 list",
         "1 accepted 1 B 0x5\n1 rejected 2 MALFORMED_COMBINATION\n1 accepted 2 B 101x5\n"
         "1 rejected 3 PRICE_OUT_OF_BAND\n1 rejected 3 PRICE_OUT_OF_BAND\n"
         "1 order 1 B 0x5 total 5 done 0 stop 100\n1 order 2 B 101x5 total 5 done 0 stop 100\n"
         "1 done list 2\n"},
        {"expired, of the day, disconnected",
         "1 new 1 B market 5 stop100 gtd1500\n1 new 2 B market 5 stop100 day\n"
         "3 new 3 B market 5 stop100\ntick 1500\n0 end\n3 disconnect",
         "1 accepted 1 B 0x5\n1 accepted 2 B 0x5\n3 accepted 3 B 0x5\n"
         "1 cancelled 1 5 EXPIRED unasked\n1 cancelled 2 5 EXPIRED unasked\n"
         "3 cancelled 3 5 DISCONNECTED unasked\n"},
        {"their ids are in use",
         "1 new 1 B market 5 stop100\n1 new 1 B 50 1\n"
         "1 new 1 S market 5 stop100",
         "1 accepted 1 B 0x5\n1 rejected 1 DUPLICATE_ID\n1 rejected 1 DUPLICATE_ID\n"},
        {"mass cancelled by instrument, account and side",
         "1 new 1 B market 5 stop100\n1 new 2 B market 5 stop100 a8\n1 new 3 S market 5 stop100\n"
         "1 new 4 B market 10 stop100 i2\n1 mass i1 a7 B\n1 mass i2\n1 list",
         "1 accepted 1 B 0x5\n1 accepted 2 B 0x5\n1 accepted 3 S 0x5\n1 accepted 4 B 0x10\n"
         "1 cancelled 1 5 MASS_CANCELLED unasked\n1 done mass 1\n"
         "1 cancelled 4 10 MASS_CANCELLED unasked\n1 done mass 1\n"
         "1 order 2 B 0x5 total 5 done 0 stop 100\n1 order 3 S 0x5 total 5 done 0 stop 100\n"
         "1 done list 2\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(stop, room_is_kept_to_wait_not_to_rest)
{
    static const struct hf_engine_limits levels = {.sessions_max = 4,
                                                   .instruments_max = 2,
                                                   .orders_max = 9,
                                                   .levels_max = 3,
                                                   .session_orders_max = 9,
                                                   .extras_max = 2,
                                                   .accounts_max = 1,
                                                   .entitlements_max = 1,
                                                   .events_max = 64};
    static const struct script_case cases[] = {
        {"no level is left to wait at, but at an occupied stop price",
         "1 new 1 B market 5 stop100\n1 new 2 B 60 5\n1 new 3 B 61 5\n1 new 4 B market 5 stop101\n"
         "1 new 4 B market 5 stop100",
         "1 accepted 1 B 0x5\n1 accepted 2 B 60x5\n1 accepted 3 B 61x5\n"
         "1 rejected 4 LEVELS_FULL\n1 accepted 4 B 0x5\n"},
        {"a triggered one gives its level up and finds it again",
         "1 new 1 B 90 5 stop100\n2 new 2 S 100 1\n2 new 3 S 101 1\n3 new 4 B 100 1 ioc\nbook",
         "1 accepted 1 B 90x5\n2 accepted 2 S 100x1\n2 accepted 3 S 101x1\n"
         "3 accepted 4 B 100x1\n2 maker 2 100x1 left 0\n3 taker 4 100x1 left 0\n"
         "1 triggered 1 5\nbook 1@90x5 | 3@101x1\n"},
        {"two at one stop price, two limits, one level: the second is refused",
         "1 new 1 B 90 5 stop100\n1 new 2 B 91 5 stop100\n2 new 3 S 100 2\n2 new 4 S 101 1\n"
         "3 new 5 B 100 1 ioc\nbook\n1 new 2 B 90 5",
         "1 accepted 1 B 90x5\n1 accepted 2 B 91x5\n2 accepted 3 S 100x2\n"
         "2 accepted 4 S 101x1\n3 accepted 5 B 100x1\n2 maker 3 100x1 left 1\n"
         "3 taker 5 100x1 left 0\n1 triggered 1 5\n1 triggered 2 5\n"
         "1 cancelled 2 5 REFUSED_AFTER_TRIGGER unasked\nbook 1@90x5 | 3@100x1 4@101x1\n"
         "1 accepted 2 B 90x5\n"},
        {"two at one stop price, one limit",
         "1 new 1 B 90 5 stop100\n1 new 2 B 90 5 stop100\n"
         "2 new 3 S 100 2\n2 new 4 S 101 1\n"
         "3 new 5 B 100 1 ioc\nbook",
         "1 accepted 1 B 90x5\n1 accepted 2 B 90x5\n2 accepted 3 S 100x2\n"
         "2 accepted 4 S 101x1\n3 accepted 5 B 100x1\n2 maker 3 100x1 left 1\n"
         "3 taker 5 100x1 left 0\n1 triggered 1 5\n1 triggered 2 5\n"
         "book 1@90x5 2@90x5 | 3@100x1 4@101x1\n"},
        {"triggered at once: it needs the level at which it would have waited",
         "2 new 4 S 101 1\n2 new 5 S 102 1\n2 new 6 S 103 1\n0 reference 90\n"
         "1 new 2 S 103 5 stop90\n2 cancel 4\n1 new 2 S 103 5 stop90\nbook",
         "2 accepted 4 S 101x1\n2 accepted 5 S 102x1\n2 accepted 6 S 103x1\n"
         "1 rejected 2 LEVELS_FULL\n2 cancelled 4 1 REQUESTED\n1 accepted 2 S 103x5\n"
         "1 triggered 2 5\nbook | 5@102x1 6@103x1 2@103x5\n"},
        {"extras: stops and no more of them",
         "1 new 1 B market 5 stop100\n1 new 2 B 60 5 gtd2000\n"
         "1 new 3 B market 5 stop100\n1 new 3 B 60 5 show1\n"
         "1 new 3 B 60 5\n1 cancel 2\n"
         "1 new 4 B market 5 stop100",
         "1 accepted 1 B 0x5\n1 accepted 2 B 60x5\n1 rejected 3 EXTRAS_FULL\n"
         "1 rejected 3 EXTRAS_FULL\n1 accepted 3 B 60x5\n1 cancelled 2 5 REQUESTED\n"
         "1 accepted 4 B 0x5\n"},
    };
    CHECK_CASES(cases, &levels);
}

Test(stop, reports_say_what_was_triggered_and_answer_nothing)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    uint64_t order_id = hf_core_lsn(fixture->core) + 1;
    run_script(fixture, "1 new 1 B market 5 stop105\n2 new 2 S 105 7\n");
    size_t first = fixture->slots;
    run_script(fixture, "3 new 3 B 105 1");
    cr_assert_eq(fixture->slots - first, 6);
    const struct hf_report *triggered = &fixture->reports[first + 3];
    cr_expect_eq(triggered->type, HF_REPORT_TRIGGERED);
    cr_expect_eq(triggered->lsn, hf_core_lsn(fixture->core));
    cr_expect_eq(triggered->order_id, order_id);
    cr_expect_eq(triggered->instrument, 1);
    cr_expect_eq(triggered->side, HF_BUY);
    cr_expect_eq(triggered->quantity, 5);
    cr_expect_eq(triggered->command_seq, 0);
    const struct hf_report *maker = &fixture->reports[first + 4];
    cr_expect_eq(maker->trade_index, 1, "the second trade of the command");
    cr_expect_eq(maker->lsn, hf_core_lsn(fixture->core));
    fixture_free(fixture);
}

Test(stop, hundreds_at_once_enter_in_order)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.orders_max = limits.session_orders_max = limits.extras_max = 600;
    limits.levels_max = 600;
    struct fixture *fixture = fixture_new(&limits);
    char line[128];
    for (unsigned i = 1; i <= 500; i++) {
        (void)snprintf(line, sizeof(line), "1 new %u B market 1 stop%u", i, 100 + i * 37 % 101);
        run_script(fixture, line);
    }
    run_script(fixture, "2 new 1 S 300 1");
    size_t first = fixture->slots;
    run_script(fixture, "3 new 1 B 300 1");
    uint64_t triggered = 0;
    for (size_t at = first; at < fixture->slots; at++) {
        if (fixture->reports[at].type == HF_REPORT_TRIGGERED) {
            cr_expect_eq(fixture->reports[at].client_order_id, ++triggered);
        }
    }
    cr_expect_eq(triggered, 500);
    cr_expect_eq(hf_core_open_orders(fixture->core), 0);
    fixture_free(fixture);
}

Test(stop, a_triggered_stop_trades_no_further_than_the_collar_around_the_price_that_triggered_it)
{
    static const struct script_case cases[] = {
        {"the collar of that moment, not of its acceptance",
         "0 reference 100\n1 new 1 B market 9 stop110\n2 new 2 S 112 4\n2 new 3 S 116 4\n"
         "0 limits collar5\n0 reference 110\nbook",
         "1 accepted 1 B 0x9\n2 accepted 2 S 112x4\n2 accepted 3 S 116x4\n1 triggered 1 9\n"
         "2 maker 2 112x4 left 0\n1 taker 1 112x4 left 5\n"
         "1 cancelled 1 5 MARKET_REMAINDER unasked\nbook | 3@116x4\n"},
        {"on entry, when its price is met already; to sell",
         "0 reference 100\n2 new 2 B 96 4\n2 new 3 B 94 4\n0 limits collar5\n"
         "1 new 1 S market 9 stop100\nbook",
         "2 accepted 2 B 96x4\n2 accepted 3 B 94x4\n1 accepted 1 S 0x9\n1 triggered 1 9\n"
         "2 maker 2 96x4 left 0\n1 taker 1 96x4 left 5\n"
         "1 cancelled 1 5 MARKET_REMAINDER unasked\nbook 3@94x4 |\n"},
        {"nothing lies within: all of it goes",
         "0 reference 100\n2 new 2 B 94 4\n0 limits collar5\n1 new 1 S market 9 stop100",
         "2 accepted 2 B 94x4\n1 accepted 1 S 0x9\n1 triggered 1 9\n"
         "1 cancelled 1 9 MARKET_REMAINDER unasked\n"},
        {"a stop-limit has its limit",
         "0 reference 100\n2 new 2 B 96 4\n2 new 3 B 94 4\n"
         "0 limits collar5\n1 new 1 S 95 9 stop100\nbook",
         "2 accepted 2 B 96x4\n2 accepted 3 B 94x4\n1 accepted 1 S 95x9\n1 triggered 1 9\n"
         "2 maker 2 96x4 left 0\n1 taker 1 96x4 left 5\nbook 3@94x4 | 1@95x5\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(stop, what_waits_when_an_instrument_opens_is_judged_by_the_last_price_that_the_uncross_leaves)
{
    static const struct script_case cases[] = {
        {"the uncross replaces the reference",
         "1 new 1 S market 1 stop95\n0 phase pre\n0 reference 95\n2 new 2 B 101 1\n"
         "2 new 3 S 100 1\n0 phase open\n1 list",
         "1 accepted 1 S 0x1\n2 accepted 2 B 101x1\n2 accepted 3 S 100x1\n"
         "2 auction 2 100x1 left 0\n2 auction 3 100x1 left 0\n"
         "1 order 1 S 0x1 total 1 done 0 stop 95\n1 done list 1\n"},
        {"a later reference replaces an earlier one",
         "1 new 1 S market 1 stop95\n0 phase pre\n0 reference 95\n0 reference 105\n"
         "0 phase open\n1 list",
         "1 accepted 1 S 0x1\n1 order 1 S 0x1 total 1 done 0 stop 95\n1 done list 1\n"},
        {"without a trade the reference counts",
         "1 new 1 S market 1 stop95\n0 phase pre\n0 reference 95\n0 phase open",
         "1 accepted 1 S 0x1\n1 triggered 1 1\n1 cancelled 1 1 MARKET_REMAINDER unasked\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}
