/* test_entry.c - a new order on its way in: what it is accepted as, and what becomes of it. */
#include "script.h"

Test(entry, market_to_limit_trades_at_the_best_price_and_rests_there)
{
    static const struct script_case cases[] = {
        {"trades one level, the rest rests at its price",
         "events\n1 new 1 S 100 5\n1 new 2 S 101 5\n2 new 3 B mtl 12\nbook",
         "1 accepted 1 S 100x5\n* add S 1@100x5\n1 accepted 2 S 101x5\n* add S 2@101x5\n"
         "2 accepted 3 B 0x12\n* execute S 1@100x5\n1 maker 1 100x5 left 0\n"
         "2 taker 3 100x5 left 7\n* add B 3@100x7\nbook 3@100x7 | 2@101x5\n"},
        {"filled", "1 new 1 B 100 5\n2 new 3 S mtl 5\nbook",
         "1 accepted 1 B 100x5\n2 accepted 3 S 0x5\n1 maker 1 100x5 left 0\n"
         "2 taker 3 100x5 left 0\nbook |\n"},
        {"no opposite side", "events\n1 new 1 B 100 5\n2 new 3 B mtl 5\nbook\n2 cancel 3",
         "1 accepted 1 B 100x5\n* add B 1@100x5\n2 accepted 3 B 0x5\n"
         "2 cancelled 3 5 NO_LIQUIDITY unasked\nbook 1@100x5 |\n2 rejected 3 UNKNOWN_ORDER\n"},
        {"no opposite side, with a minimum", "2 new 3 S mtl 5 min2",
         "2 accepted 3 S 0x5\n2 cancelled 3 5 NO_LIQUIDITY unasked\n"},
        {"with a minimum that can trade", "1 new 1 S 100 5\n2 new 3 B mtl 9 min5\nbook",
         "1 accepted 1 S 100x5\n2 accepted 3 B 0x9\n1 maker 1 100x5 left 0\n"
         "2 taker 3 100x5 left 4\nbook 3@100x4 |\n"},
        {"with a minimum that cannot: the next level does not count",
         "1 new 1 S 100 5\n1 new 2 S 101 5\n2 new 3 B mtl 9 min6\nbook",
         "1 accepted 1 S 100x5\n1 accepted 2 S 101x5\n2 accepted 3 B 0x9\n"
         "2 cancelled 3 9 MINIMUM_UNFILLED unasked\nbook | 1@100x5 2@101x5\n"},
        {"its day ends", "1 new 1 S 100 5\n2 new 3 B mtl 9 day\n0 end\nbook",
         "1 accepted 1 S 100x5\n2 accepted 3 B 0x9\n1 maker 1 100x5 left 0\n"
         "2 taker 3 100x5 left 4\n2 cancelled 3 4 EXPIRED unasked\nbook |\n"},
        {"it expires", "1 new 1 S 100 5\n2 new 3 B mtl 9 gtd2000\nbook\ntick 2000\nbook",
         "1 accepted 1 S 100x5\n2 accepted 3 B 0x9\n1 maker 1 100x5 left 0\n"
         "2 taker 3 100x5 left 4\nbook 3@100x4 |\n2 cancelled 3 4 EXPIRED unasked\nbook |\n"},
        {"it is a limit order from then on",
         "1 new 1 S 100 5\n2 new 3 B mtl 9\n"
         "2 replace 3 4 99 12\nbook",
         "1 accepted 1 S 100x5\n2 accepted 3 B 0x9\n1 maker 1 100x5 left 0\n"
         "2 taker 3 100x5 left 4\n2 replaced 3>4 99x7 total 12 done 5\nbook 4@99x7 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(entry, icebergs_take_with_all_they_have_and_rest_with_their_peak)
{
    static const struct script_case cases[] = {
        {"at once", "events\n1 new 1 B 100 25 show10\nbook",
         "1 accepted 1 B 100x25\n* add B 1@100x10\nbook 1@100x10/25 |\n"},
        {"what is left after trading shows a full peak",
         "events\n1 new 1 S 100 8\n2 new 2 B 100 25 show10\nbook",
         "1 accepted 1 S 100x8\n* add S 1@100x8\n2 accepted 2 B 100x25\n* execute S 1@100x8\n"
         "1 maker 1 100x8 left 0\n2 taker 2 100x8 left 17\n* add B 2@100x10\n"
         "book 2@100x10/17 |\n"},
        {"what is left is less than a peak",
         "events\n1 new 1 S 100 18\n2 new 2 B 100 25 show10\nbook",
         "1 accepted 1 S 100x18\n* add S 1@100x18\n2 accepted 2 B 100x25\n"
         "* execute S 1@100x18\n1 maker 1 100x18 left 0\n2 taker 2 100x18 left 7\n"
         "* add B 2@100x7\nbook 2@100x7 |\n"},
        {"an iceberg that is filled", "1 new 1 S 100 30\n2 new 2 B 100 25 show10\nbook",
         "1 accepted 1 S 100x30\n2 accepted 2 B 100x25\n1 maker 1 100x25 left 5\n"
         "2 taker 2 100x25 left 0\nbook | 1@100x5\n"},
        {"with a minimum",
         "1 new 1 S 100 8\n2 new 2 B 100 25 show10 min8\nbook\n"
         "1 new 3 S 101 8\n3 new 4 B 101 25 show10 min9\nbook",
         "1 accepted 1 S 100x8\n2 accepted 2 B 100x25\n1 maker 1 100x8 left 0\n"
         "2 taker 2 100x8 left 17\nbook 2@100x10/17 |\n1 accepted 3 S 101x8\n"
         "3 accepted 4 B 101x25\n3 cancelled 4 25 MINIMUM_UNFILLED unasked\n"
         "book 2@100x10/17 | 3@101x8\n"},
        {"post-only",
         "1 new 1 S 100 8\n2 new 2 B 100 25 show10 post\n2 new 2 B 99 25 show10 post\n"
         "book",
         "1 accepted 1 S 100x8\n2 rejected 2 POST_ONLY\n2 accepted 2 B 99x25\n"
         "book 2@99x10/25 | 1@100x8\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(entry, stops_wait_or_trigger_at_once)
{
    static const struct script_case cases[] = {
        {"no last price yet: they wait, seen by nobody",
         "events\n1 new 1 B market 5 stop90\n1 new 2 S 95 5 stop110\nbook\n1 list",
         "1 accepted 1 B 0x5\n1 accepted 2 S 95x5\nbook |\n"
         "1 order 1 B 0x5 total 5 done 0 stop 90\n1 order 2 S 95x5 total 5 done 0 stop 110\n"
         "1 done list 2\n"},
        {"the last price does not meet them",
         "0 reference 100\n1 new 1 B market 5 stop101\n1 new 2 S market 5 stop99\n1 list",
         "1 accepted 1 B 0x5\n1 accepted 2 S 0x5\n1 order 1 B 0x5 total 5 done 0 stop 101\n"
         "1 order 2 S 0x5 total 5 done 0 stop 99\n1 done list 2\n"},
        {"the last price meets them exactly",
         "0 reference 100\n1 new 1 B market 5 stop100\n1 new 2 S market 5 stop100\n1 list",
         "1 accepted 1 B 0x5\n1 triggered 1 5\n1 cancelled 1 5 MARKET_REMAINDER unasked\n"
         "1 accepted 2 S 0x5\n1 triggered 2 5\n1 cancelled 2 5 MARKET_REMAINDER unasked\n"
         "1 done list 0\n"},
        {"a buy stop takes at once, and its trade triggers the next",
         "events\n1 new 9 B market 1 stop104\n1 new 1 S 104 5\n0 reference 100\n"
         "2 new 2 B market 7 stop99\nbook\n1 list",
         "1 accepted 9 B 0x1\n1 accepted 1 S 104x5\n* add S 1@104x5\n* reference i1 100\n2 "
         "accepted 2 B 0x7\n"
         "2 triggered 2 7\n* execute S 1@104x5\n1 maker 1 104x5 left 0\n"
         "2 taker 2 104x5 left 2\n2 cancelled 2 2 MARKET_REMAINDER unasked\n1 triggered 9 1\n"
         "1 cancelled 9 1 MARKET_REMAINDER unasked\nbook |\n1 done list 0\n"},
        {"a stop-limit rests what is left",
         "events\n1 new 1 B 95 5\n0 reference 90\n2 new 2 S 94 7 stop92\nbook",
         "1 accepted 1 B 95x5\n* add B 1@95x5\n* reference i1 90\n2 accepted 2 S 94x7\n2 triggered "
         "2 7\n"
         "* execute B 1@95x5\n1 maker 1 95x5 left 0\n2 taker 2 95x5 left 2\n* add S 2@94x2\n"
         "book | 2@94x2\n"},
        {"a stop-limit of immediate kind ends",
         "1 new 1 B 95 5\n0 reference 90\n2 new 2 S 94 7 stop92 ioc\n2 new 3 S 94 7 stop92 "
         "fok\nbook",
         "1 accepted 1 B 95x5\n2 accepted 2 S 94x7\n2 triggered 2 7\n1 maker 1 95x5 left 0\n"
         "2 taker 2 95x5 left 2\n2 cancelled 2 2 IOC_REMAINDER unasked\n2 accepted 3 S 94x7\n"
         "book |\n"},
        {"a stop-limit that expires or whose day ends rests as such",
         "0 reference 90\n2 new 2 S 94 7 stop92 gtd2000\n2 new 3 S 94 7 stop92 day\nbook\n"
         "tick 2000\n0 end\nbook",
         "2 accepted 2 S 94x7\n2 triggered 2 7\n2 accepted 3 S 94x7\n2 triggered 3 7\n"
         "book | 2@94x7 3@94x7\n2 cancelled 2 7 EXPIRED unasked\n"
         "2 cancelled 3 7 EXPIRED unasked\nbook |\n"},
        {"in pre-open they wait whatever the last price",
         "0 reference 100\n0 phase pre\n1 new 1 B market 5 stop100\n1 list\n0 phase open\n1 list",
         "1 accepted 1 B 0x5\n1 order 1 B 0x5 total 5 done 0 stop 100\n1 done list 1\n"
         "1 triggered 1 5\n1 cancelled 1 5 MARKET_REMAINDER unasked\n1 done list 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}
