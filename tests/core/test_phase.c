/* test_phase.c - what each phase lets through, and the price and trades of the opening uncross. */
#include "script.h"

Test(phase, each_lets_through_what_the_rules_say)
{
    static const struct script_case cases[] = {
        {"pre-open: what may rest, at crossing prices too; no match",
         "0 phase pre\n1 new 1 B 100 5\n2 new 2 S 90 5\n2 new 3 S 95 5 day post\n"
         "2 new 4 S 95 25 show5 gtd2000\n2 new 5 B market 5 stop100\n2 new 6 B 99 5 stop100 fok\n"
         "book",
         "1 accepted 1 B 100x5\n2 accepted 2 S 90x5\n2 accepted 3 S 95x5\n"
         "2 accepted 4 S 95x25\n2 accepted 5 B 0x5\n2 accepted 6 B 99x5\n"
         "book 1@100x5 | 2@90x5 3@95x5 4@95x5/25\n"},
        {"pre-open: nothing that is to trade at once",
         "0 phase pre\n1 new 1 B market 5\n1 new 1 B mtl 5\n1 new 1 B 100 5 ioc\n"
         "1 new 1 B 100 5 fok\n1 new 1 B 100 5 min5\nbook",
         "1 rejected 1 PHASE\n1 rejected 1 PHASE\n1 rejected 1 PHASE\n1 rejected 1 PHASE\n"
         "1 rejected 1 PHASE\nbook |\n"},
        {"pre-open: changes and cancels, without a match",
         "0 phase pre\n1 new 1 B 100 5\n2 new 2 S 110 5\n2 replace 2 2 90 6\n1 reduce 1 2\n"
         "1 new 3 B 99 1 post\n1 replace 3 3 95 1\nbook\n2 cancel 2\n1 mass\nbook",
         "1 accepted 1 B 100x5\n2 accepted 2 S 110x5\n2 replaced 2>2 90x6 total 6 done 0\n"
         "1 reduced 1 3\n1 accepted 3 B 99x1\n1 replaced 3>3 95x1 total 1 done 0\n"
         "book 1@100x3 3@95x1 | 2@90x6\n2 cancelled 2 6 REQUESTED\n"
         "1 cancelled 1 3 MASS_CANCELLED unasked\n1 cancelled 3 1 MASS_CANCELLED unasked\n"
         "1 done mass 2\nbook |\n"},
        {"halted: cancels and reductions only",
         "1 new 1 B 100 5\n1 new 2 B 99 5\n0 phase halted\n1 new 3 B 100 5\n1 new 3 B 90 5 stop95\n"
         "1 new 3 B market 5\n1 replace 1 1 100 4\n1 reduce 1 2\n1 cancel 1\n1 mass\nbook",
         "1 accepted 1 B 100x5\n1 accepted 2 B 99x5\n1 rejected 3 PHASE\n1 rejected 3 PHASE\n"
         "1 rejected 3 PHASE\n1 rejected 1 PHASE\n1 reduced 1 3\n1 cancelled 1 3 REQUESTED\n"
         "1 cancelled 2 5 MASS_CANCELLED unasked\n1 done mass 1\nbook |\n"},
        {"closed: nothing but the list; mass cancel goes around it",
         "1 new 1 B 100 5\n1 new 2 B 50 10 i2\n0 phase closed\n1 new 3 B 100 5\n1 replace 1 1 100 "
         "4\n"
         "1 reduce 1 2\n1 cancel 1\n1 cancel @1.1\n1 mass\n1 list\nbook",
         "1 accepted 1 B 100x5\n1 accepted 2 B 50x10\n1 rejected 3 PHASE\n1 rejected 1 PHASE\n"
         "1 rejected 1 PHASE\n1 rejected 1 PHASE\n1 rejected 10 PHASE\n"
         "1 cancelled 2 10 MASS_CANCELLED unasked\n1 done mass 1\n"
         "1 order 1 B 100x5 total 5 done 0\n1 done list 1\nbook 1@100x5 |\n"},
        {"closed: an administrator's cancel is no exception",
         "0 grant two admin\n1 new 1 B 100 5\n0 phase closed\n2 cancel @1.1\nbook",
         "1 accepted 1 B 100x5\n2 rejected 11 PHASE\nbook 1@100x5 |\n"},
        {"closed: orders still go by disconnect, expiry, session end, kill and removal",
         "3 new 1 B 100 5\n1 new 2 B 99 5 gtd1500\n1 new 3 B 98 5 day\n1 new 4 B 97 5 a8\n"
         "2 new 5 B 96 5\n1 new 6 B 95 5\n0 phase closed\n3 disconnect\ntick 1500\n0 end\n"
         "0 account 8 kill\n0 session two kill\nbook\n0 remove i1",
         "3 accepted 1 B 100x5\n1 accepted 2 B 99x5\n1 accepted 3 B 98x5\n"
         "1 accepted 4 B 97x5\n2 accepted 5 B 96x5\n1 accepted 6 B 95x5\n"
         "3 cancelled 1 5 DISCONNECTED unasked\n1 cancelled 2 5 EXPIRED unasked\n"
         "1 cancelled 3 5 EXPIRED unasked\n1 cancelled 4 5 KILLED unasked\n"
         "2 cancelled 5 5 KILLED unasked\nbook 6@95x5 |\n1 cancelled 6 5 REMOVED unasked\n"},
        {"of one instrument, of all",
         "0 phase halted i2\n1 new 1 B 50 10 i2\n1 new 1 B 50 10\n0 phase halted i0\n"
         "1 new 2 B 50 10\n0 phase open i0\n1 new 2 B 50 10\n1 new 3 B 50 10 i2",
         "1 rejected 1 PHASE\n1 accepted 1 B 50x10\n1 rejected 2 PHASE\n1 accepted 2 B 50x10\n"
         "1 accepted 3 B 50x10\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(phase, events_tell_of_each_change_once)
{
    static const struct script_case cases[] = {
        {"one", "events\n0 phase pre\n0 phase pre\n0 phase open\n0 phase open\n0 phase closed",
         "* phase i1 pre\n* phase i1 open\n* phase i1 closed\n"},
        {"all, in order of number, without those that were removed",
         "0 add THREE 1 1 1 10 10\n0 add FOUR 1 1 1 10 10\n0 remove i3\nevents\n0 phase halted i2\n"
         "0 phase halted i0",
         "* phase i2 halted\n* phase i1 halted\n* phase i4 halted\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(phase, an_uncross_takes_the_price_that_trades_most)
{
    static const struct script_case cases[] = {
        {"most volume: 30 at 101, 20 at 102, 10 at 100",
         "0 phase pre\n1 new 1 B 102 20\n1 new 2 B 101 10\n2 new 3 S 100 10\n2 new 4 S 101 30\n"
         "0 phase open\nbook",
         "1 accepted 1 B 102x20\n1 accepted 2 B 101x10\n2 accepted 3 S 100x10\n"
         "2 accepted 4 S 101x30\n1 auction 1 101x10 left 10\n2 auction 3 101x10 left 0\n"
         "1 auction 1 101x10 left 0\n2 auction 4 101x10 left 20\n1 auction 2 101x10 left 0\n"
         "2 auction 4 101x10 left 10\nbook | 4@101x10\n"},
        {"hidden quantity counts: 25 at 101 against 20 at 100",
         "0 phase pre\n1 new 1 B 101 30 show10\n2 new 2 S 100 20\n2 new 3 S 101 5 show2\n"
         "0 phase open\nbook",
         "1 accepted 1 B 101x30\n2 accepted 2 S 100x20\n2 accepted 3 S 101x5\n"
         "1 auction 1 101x10 left 20\n2 auction 2 101x10 left 10\n1 auction 1 101x10 left 10\n"
         "2 auction 2 101x10 left 0\n1 auction 1 101x2 left 8\n2 auction 3 101x2 left 3\n"
         "1 auction 1 101x2 left 6\n2 auction 3 101x2 left 1\n1 auction 1 101x1 left 5\n"
         "2 auction 3 101x1 left 0\nbook 1@101x5 |\n"},
        {"one bid, one ask, one price",
         "events\n0 phase pre\n1 new 1 B 100 5\n2 new 2 S 100 5\n"
         "0 phase open\nbook",
         "* phase i1 pre\n1 accepted 1 B 100x5\n* add B 1@100x5\n2 accepted 2 S 100x5\n"
         "* add S 2@100x5\n* phase i1 open\n* execute B 1@100x5 auction\n"
         "* execute S 2@100x5 auction\n1 auction 1 100x5 left 0\n2 auction 2 100x5 left 0\n"
         "* uncross i1 100x5\nbook |\n"},
        {"negative prices",
         "0 phase pre i2\n1 new 1 B -10 50 i2\n2 new 2 S -20 30 i2\n"
         "0 phase open i2\nbook i2",
         "1 accepted 1 B -10x50\n2 accepted 2 S -20x30\n1 auction 1 -10x30 left 20\n"
         "2 auction 2 -10x30 left 0\nbook 1@-10x20 |\n"},
        {"not crossed: nothing happens",
         "0 phase pre\n1 new 1 B 100 5\n2 new 2 S 101 5\nevents\n0 phase open\nbook",
         "1 accepted 1 B 100x5\n2 accepted 2 S 101x5\n* phase i1 open\n"
         "book 1@100x5 | 2@101x5\n"},
        {"one side only", "0 phase pre\n1 new 1 B 100 5\nevents\n0 phase open\nbook",
         "1 accepted 1 B 100x5\n* phase i1 open\nbook 1@100x5 |\n"},
        {"through halted and closed",
         "0 phase pre\n1 new 1 B 100 5\n2 new 2 S 100 3\n0 phase halted\n0 phase closed\nbook\n"
         "0 phase open\nbook",
         "1 accepted 1 B 100x5\n2 accepted 2 S 100x3\nbook 1@100x5 | 2@100x3\n"
         "1 auction 1 100x3 left 2\n2 auction 2 100x3 left 0\nbook 1@100x2 |\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

/* In each: what trades at the candidate prices, and which rule decides. */
Test(phase, ties_go_to_the_smallest_imbalance_its_side_the_last_price_and_the_lower_price)
{
    static const struct script_case cases[] = {
        {"2: surplus of 5 to buy at 100, of 7 to sell at 102",
         "0 phase pre\n1 new 1 B 102 10\n1 new 2 B 100 5\n2 new 3 S 100 10\n2 new 4 S 102 7\n"
         "1 new 7 B 60 1\n0 phase open\nbook",
         "1 accepted 1 B 102x10\n1 accepted 2 B 100x5\n2 accepted 3 S 100x10\n"
         "2 accepted 4 S 102x7\n1 accepted 7 B 60x1\n1 auction 1 100x10 left 0\n"
         "2 auction 3 100x10 left 0\nbook 2@100x5 7@60x1 | 4@102x7\n"},
        {"2: surplus of 7 to buy at 100, of 5 to sell at 102",
         "0 phase pre\n1 new 1 B 102 10\n1 new 2 B 100 7\n2 new 3 S 100 10\n2 new 4 S 102 5\n"
         "0 phase open\nbook",
         "1 accepted 1 B 102x10\n1 accepted 2 B 100x7\n2 accepted 3 S 100x10\n"
         "2 accepted 4 S 102x5\n1 auction 1 102x10 left 0\n2 auction 3 102x10 left 0\n"
         "book 2@100x7 | 4@102x5\n"},
        {"3: surplus of 10 to buy at 100 and 103: the highest",
         "0 reference 100\n0 phase pre\n1 new 1 B 103 20\n2 new 2 S 100 10\n0 phase open\nbook",
         "1 accepted 1 B 103x20\n2 accepted 2 S 100x10\n1 auction 1 103x10 left 10\n"
         "2 auction 2 103x10 left 0\nbook 1@103x10 |\n"},
        {"3: surplus of 10 to sell at 100 and 103: the lowest",
         "0 reference 103\n0 phase pre\n1 new 1 B 103 10\n2 new 2 S 100 20\n0 phase open\nbook",
         "1 accepted 1 B 103x10\n2 accepted 2 S 100x20\n1 auction 1 100x10 left 0\n"
         "2 auction 2 100x10 left 10\nbook | 2@100x10\n"},
        {"4: no surplus at 100 and 103: nearest the last trade, above",
         "0 reference 110\n0 phase pre\n1 new 1 B 103 10\n2 new 2 S 100 10\n0 phase open",
         "1 accepted 1 B 103x10\n2 accepted 2 S 100x10\n1 auction 1 103x10 left 0\n"
         "2 auction 2 103x10 left 0\n"},
        {"4: nearest the last trade, below",
         "0 reference 90\n0 phase pre\n1 new 1 B 103 10\n2 new 2 S 100 10\n0 phase open",
         "1 accepted 1 B 103x10\n2 accepted 2 S 100x10\n1 auction 1 100x10 left 0\n"
         "2 auction 2 100x10 left 0\n"},
        {"4: nearest the last trade, between",
         "0 reference 102\n0 phase pre\n1 new 1 B 103 10\n2 new 2 S 100 10\n0 phase open",
         "1 accepted 1 B 103x10\n2 accepted 2 S 100x10\n1 auction 1 103x10 left 0\n"
         "2 auction 2 103x10 left 0\n"},
        {"4: a real trade counts, as the reference price does",
         "1 new 8 B 110 1\n2 new 9 S 110 1\n0 phase pre\n1 new 1 B 103 10\n2 new 2 S 100 10\n"
         "0 phase open",
         "1 accepted 8 B 110x1\n2 accepted 9 S 110x1\n1 maker 8 110x1 left 0\n"
         "2 taker 9 110x1 left 0\n1 accepted 1 B 103x10\n2 accepted 2 S 100x10\n"
         "1 auction 1 103x10 left 0\n2 auction 2 103x10 left 0\n"},
        {"4: surplus of 10 on both sides: nearest the last trade",
         "0 reference 103\n0 phase pre\n1 new 1 B 103 10\n1 new 2 B 100 10\n2 new 3 S 100 10\n"
         "2 new 4 S 103 10\n0 phase open\nbook",
         "1 accepted 1 B 103x10\n1 accepted 2 B 100x10\n2 accepted 3 S 100x10\n"
         "2 accepted 4 S 103x10\n1 auction 1 103x10 left 0\n2 auction 3 103x10 left 0\n"
         "book 2@100x10 | 4@103x10\n"},
        {"5: as near from both sides: the lower",
         "0 reference 102\n0 phase pre\n1 new 1 B 104 10\n2 new 2 S 100 10\n0 phase open",
         "1 accepted 1 B 104x10\n2 accepted 2 S 100x10\n1 auction 1 100x10 left 0\n"
         "2 auction 2 100x10 left 0\n"},
        {"5: no last trade: the lowest",
         "0 phase pre\n1 new 1 B 103 10\n2 new 2 S 100 10\n0 phase open",
         "1 accepted 1 B 103x10\n2 accepted 2 S 100x10\n1 auction 1 100x10 left 0\n"
         "2 auction 2 100x10 left 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(phase, an_uncross_trades_in_priority_at_one_price)
{
    static const struct script_case cases[] = {
        {"better prices first, then time; both sides are told, the bid first; events",
         "0 phase pre\n1 new 1 B 101 5\n2 new 2 B 102 5\n1 new 3 B 101 5\n2 new 4 S 99 7\n"
         "1 new 5 S 100 6\nevents\n0 phase open\nbook",
         "1 accepted 1 B 101x5\n2 accepted 2 B 102x5\n1 accepted 3 B 101x5\n"
         "2 accepted 4 S 99x7\n1 accepted 5 S 100x6\n* phase i1 open\n"
         "* execute B 2@102x5 auction\n* execute S 4@99x5 auction\n2 auction 2 101x5 left 0\n"
         "2 auction 4 101x5 left 2\n* execute B 1@101x2 auction\n* execute S 4@99x2 auction\n"
         "1 auction 1 101x2 left 3\n2 auction 4 101x2 left 0\n* execute B 1@101x3 auction\n"
         "* execute S 5@100x3 auction\n1 auction 1 101x3 left 0\n1 auction 5 101x3 left 3\n"
         "* execute B 3@101x3 auction\n* execute S 5@100x3 auction\n1 auction 3 101x3 left 2\n"
         "1 auction 5 101x3 left 0\n* uncross i1 101x13\nbook 3@101x2 |\n"},
        {"icebergs trade peak by peak, refills go behind",
         "0 phase pre\n1 new 1 B 100 12 show5\n1 new 2 B 100 5\n2 new 3 S 100 17\nevents\n"
         "0 phase open\nbook",
         "1 accepted 1 B 100x12\n1 accepted 2 B 100x5\n2 accepted 3 S 100x17\n"
         "* phase i1 open\n* execute B 1@100x5 auction\n* execute S 3@100x5 auction\n"
         "1 auction 1 100x5 left 7\n2 auction 3 100x5 left 12\n* add B 1@100x5\n"
         "* execute B 2@100x5 auction\n* execute S 3@100x5 auction\n1 auction 2 100x5 left 0\n"
         "2 auction 3 100x5 left 7\n* execute B 1@100x5 auction\n* execute S 3@100x5 auction\n"
         "1 auction 1 100x5 left 2\n2 auction 3 100x5 left 2\n* add B 1@100x2\n"
         "* execute B 1@100x2 auction\n* execute S 3@100x2 auction\n1 auction 1 100x2 left 0\n"
         "2 auction 3 100x2 left 0\n* uncross i1 100x17\nbook |\n"},
        {"or keep their place",
         "0 change 1 ONE 1 1 1 1000 1000 keeps\n0 phase pre\n"
         "1 new 1 B 100 12 show5\n1 new 2 B 100 5\n2 new 3 S 100 13 show10\n"
         "events\n0 phase open\nbook",
         "1 accepted 1 B 100x12\n1 accepted 2 B 100x5\n2 accepted 3 S 100x13\n"
         "* phase i1 open\n* execute B 1@100x5 auction\n* execute S 3@100x5 auction\n"
         "1 auction 1 100x5 left 7\n2 auction 3 100x5 left 8\n* add B 1@100x5 front\n"
         "* execute B 1@100x5 auction\n* execute S 3@100x5 auction\n1 auction 1 100x5 left 2\n"
         "2 auction 3 100x5 left 3\n* add B 1@100x2 front\n* add S 3@100x3 front\n"
         "* execute B 1@100x2 auction\n* execute S 3@100x2 auction\n1 auction 1 100x2 left 0\n"
         "2 auction 3 100x2 left 1\n* execute B 2@100x1 auction\n* execute S 3@100x1 auction\n"
         "1 auction 2 100x1 left 4\n2 auction 3 100x1 left 0\n* uncross i1 100x13\n"
         "book 2@100x4 |\n"},
        {"an account group may trade within itself",
         "0 account 7 newest group1\n0 phase pre\n1 new 1 B 100 5\n1 new 2 S 100 5\n0 phase open\n"
         "book",
         "1 accepted 1 B 100x5\n1 accepted 2 S 100x5\n1 auction 1 100x5 left 0\n"
         "1 auction 2 100x5 left 0\nbook |\n"},
        {"an instrument after the other",
         "0 phase pre i0\n1 new 1 B 50 10\n2 new 2 S 50 10\n1 new 3 B 50 10 i2\n2 new 4 S 50 10 "
         "i2\n"
         "events\n0 phase open i0",
         "1 accepted 1 B 50x10\n2 accepted 2 S 50x10\n1 accepted 3 B 50x10\n"
         "2 accepted 4 S 50x10\n* phase i1 open\n* execute B 1@50x10 auction\n"
         "* execute S 2@50x10 auction\n1 auction 1 50x10 left 0\n2 auction 2 50x10 left 0\n"
         "* uncross i1 50x10\n* phase i2 open\n* execute B 3@50x10 auction\n"
         "* execute S 4@50x10 auction\n1 auction 3 50x10 left 0\n2 auction 4 50x10 left 0\n"
         "* uncross i2 50x10\n"},
        {"an administrator is told when it is done",
         "0 grant three admin\n3 phase pre\n1 new 1 B 50 10\n2 new 2 S 50 10\n3 phase open\n"
         "3 phase open i0",
         "3 done phase 0 i1\n1 accepted 1 B 50x10\n2 accepted 2 S 50x10\n"
         "1 auction 1 50x10 left 0\n2 auction 2 50x10 left 0\n3 done phase 0 i1\n"
         "3 done phase 0\n"},
        {"trade numbers run within the command, over instruments",
         "0 phase pre\n1 new 1 B 100 5\n1 new 2 B 100 5\n2 new 3 S 100 10\n0 phase open",
         "1 accepted 1 B 100x5\n1 accepted 2 B 100x5\n2 accepted 3 S 100x10\n"
         "1 auction 1 100x5 left 0\n2 auction 3 100x5 left 5\n1 auction 2 100x5 left 0\n"
         "2 auction 3 100x5 left 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, cases[6].script);
    const struct hf_report *fills = &fixture->reports[fixture->slots - 4];
    cr_expect_eq(fills[0].trade_index, 0);
    cr_expect_eq(fills[1].trade_index, 0);
    cr_expect_eq(fills[2].trade_index, 1);
    cr_expect_eq(fills[3].trade_index, 1);
    cr_expect_eq(hf_core_trades(fixture->core), 2);
    fixture_free(fixture);
}

Test(phase, an_uncross_triggers_stops_after_it)
{
    static const struct script_case cases[] = {
        {"by its price, into the book that it leaves",
         "1 new 8 S market 4 stop100\n1 new 9 B 99 4 stop100\n1 new 7 B market 4 stop101\n"
         "0 phase pre\n1 new 1 B 100 10\n2 new 2 S 100 6\nevents\n0 phase open\nbook\n1 list",
         "1 accepted 8 S 0x4\n1 accepted 9 B 99x4\n1 accepted 7 B 0x4\n1 accepted 1 B 100x10\n"
         "2 accepted 2 S 100x6\n* phase i1 open\n* execute B 1@100x6 auction\n"
         "* execute S 2@100x6 auction\n1 auction 1 100x6 left 4\n2 auction 2 100x6 left 0\n"
         "* uncross i1 100x6\n1 triggered 8 4\n* execute B 1@100x4\n1 maker 1 100x4 left 0\n"
         "1 taker 8 100x4 left 0\n1 triggered 9 4\n* add B 9@99x4\nbook 9@99x4 |\n"
         "1 order 9 B 99x4 total 4 done 0\n1 order 7 B 0x4 total 4 done 0 stop 101\n"
         "1 done list 2\n"},
        {"those that came in pre-open, too",
         "0 phase pre\n1 new 8 S market 2 stop100\n1 new 1 B 100 10\n2 new 2 S 100 6\n0 phase open",
         "1 accepted 8 S 0x2\n1 accepted 1 B 100x10\n2 accepted 2 S 100x6\n"
         "1 auction 1 100x6 left 4\n2 auction 2 100x6 left 0\n1 triggered 8 2\n"
         "1 maker 1 100x2 left 2\n1 taker 8 100x2 left 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}
