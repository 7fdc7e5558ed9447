/* test_plain.c - the short ways of what comes most, and where they leave a command to the long ones. */
#include "script.h"

Test(plain, an_order_rests_or_trades)
{
    static const struct script_case cases[] = {
        {"rests", "events\n1 new 1 B 100 5\nbook",
         "1 accepted 1 B 100x5\n* add B 1@100x5\nbook 1@100x5 |\n"},
        {"trades, and the rest of it rests", "events\n1 new 1 S 100 5\n2 new 2 B 101 8\nbook",
         "1 accepted 1 S 100x5\n* add S 1@100x5\n2 accepted 2 B 101x8\n* execute S 1@100x5\n"
         "1 maker 1 100x5 left 0\n2 taker 2 100x5 left 3\n* add B 2@101x3\nbook 2@101x3 |\n"},
        {"crosses before the opening: it waits for the uncross",
         "0 phase pre\n1 new 1 S 100 5\n2 new 2 B 101 8\nbook",
         "1 accepted 1 S 100x5\n2 accepted 2 B 101x8\nbook 2@101x8 | 1@100x5\n"},
        {"triggers a stop",
         "1 new 1 S 100 5\n1 new 2 S 102 5\n2 new 3 B 102 5 stop100\n1 new 4 B 100 5",
         "1 accepted 1 S 100x5\n1 accepted 2 S 102x5\n2 accepted 3 B 102x5\n1 accepted 4 B 100x5\n"
         "1 maker 1 100x5 left 0\n1 taker 4 100x5 left 0\n2 triggered 3 5\n"
         "1 maker 2 102x5 left 0\n2 taker 3 102x5 left 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

/** Where something is to be looked up, all rules judge the order; it takes the same way. */
Test(plain, a_limit_that_is_kept_changes_nothing)
{
#define ORDERS "1 new 1 S 100 5\n2 new 2 B 101 8\nbook"
#define REPORTS                                                                                    \
    "1 accepted 1 S 100x5\n2 accepted 2 B 101x8\n1 maker 1 100x5 left 0\n"                         \
    "2 taker 2 100x5 left 3\nbook 2@101x3 |\n"
    static const struct script_case cases[] = {
        {"none is set", ORDERS, REPORTS},
        {"collar", "0 limits i1 collar1000\n" ORDERS, REPORTS},
        {"notional", "0 limits i1 notional100000\n" ORDERS, REPORTS},
        {"account", "0 account 7 notional100000\n" ORDERS, REPORTS},
        {"rate", "0 session one rate100\n" ORDERS, REPORTS},
        {"open orders", "0 session one orders2\n" ORDERS, REPORTS},
        {"entitlements", "0 grant one instrument 1\n0 grant two account 7\n" ORDERS, REPORTS},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(plain, what_speaks_against_an_order_is_told)
{
    static const struct script_case cases[] = {
        {"its id lives", "1 new 1 S 100 5\n1 new 1 S 101 5\nbook",
         "1 accepted 1 S 100x5\n1 rejected 1 DUPLICATE_ID\nbook | 1@100x5\n"},
        {"its id lives in another session", "1 new 1 S 100 5\n2 new 1 S 101 5\nbook",
         "1 accepted 1 S 100x5\n2 accepted 1 S 101x5\nbook | 1@100x5 1@101x5\n"},
        {"no such instrument", "1 new 1 S 100 5 i4", "1 rejected 1 UNKNOWN_INSTRUMENT\n"},
        {"halted", "0 phase halted\n1 new 1 S 100 5", "1 rejected 1 PHASE\n"},
        {"open orders", "0 session one orders1\n1 new 1 S 100 5\n1 new 2 S 100 5",
         "1 accepted 1 S 100x5\n1 rejected 2 SESSION_ORDERS\n"},
        {"killed session", "0 session one kill\n1 new 1 S 100 5", "1 rejected 1 KILLED_SESSION\n"},
        {"rate", "0 session one rate1\n1 new 1 S 100 5\n1 new 2 S 100 5",
         "1 accepted 1 S 100x5\n1 rejected 2 RATE\n"},
        {"entitlement", "0 grant one instrument 2\n1 new 1 S 100 5",
         "1 rejected 1 NOT_ENTITLED_INSTRUMENT\n"},
        {"entitlement to an account", "0 grant one account 8\n1 new 1 S 100 5",
         "1 rejected 1 NOT_ENTITLED_ACCOUNT\n"},
        {"killed account", "0 account 7 kill\n1 new 1 S 100 5", "1 rejected 1 KILLED_ACCOUNT\n"},
        {"notional of an account", "0 account 7 notional499\n1 new 1 S 100 5",
         "1 rejected 1 ACCOUNT_NOTIONAL\n"},
        {"collar", "0 limits i1 collar5\n0 reference 100\n1 new 1 S 106 5",
         "1 rejected 1 COLLAR\n"},
        {"notional", "0 limits i1 notional499\n1 new 1 S 100 5", "1 rejected 1 NOTIONAL\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(plain, a_cancel)
{
    static const struct script_case cases[] = {
        {"by client order id", "events\n1 new 1 S 100 5\n1 cancel 1\nbook",
         "1 accepted 1 S 100x5\n* add S 1@100x5\n* cancel S 1@100x5\n"
         "1 cancelled 1 5 REQUESTED\nbook |\n"},
        {"of a waiting stop", "1 new 1 B 100 5 stop100\n1 cancel 1",
         "1 accepted 1 B 100x5\n1 cancelled 1 5 REQUESTED\n"},
        {"of a day order", "1 new 1 S 100 5 day\n1 cancel 1\n0 end",
         "1 accepted 1 S 100x5\n1 cancelled 1 5 REQUESTED\n"},
        {"of one that would expire", "1 new 1 S 100 5 gtd2000\n1 cancel 1\ntick 2000",
         "1 accepted 1 S 100x5\n1 cancelled 1 5 REQUESTED\n"},
        {"of one that got another id",
         "1 new 1 S 100 5\n1 replace 1 2 100 4\n1 cancel 1\n1 cancel 2",
         "1 accepted 1 S 100x5\n1 replaced 1>2 100x4 total 4 done 0\n1 rejected 1 UNKNOWN_ORDER\n"
         "1 cancelled 2 4 REQUESTED\n"},
        {"by order id", "1 new 1 S 100 5\n1 cancel @1.1",
         "1 accepted 1 S 100x5\n1 cancelled 1 5 REQUESTED\n"},
        {"of nothing", "1 cancel 1", "1 rejected 1 UNKNOWN_ORDER\n"},
        {"of another session's", "1 new 1 S 100 5\n2 cancel 1",
         "1 accepted 1 S 100x5\n2 rejected 1 UNKNOWN_ORDER\n"},
        {"where all is closed", "1 new 1 S 100 5\n0 phase closed\n1 cancel 1",
         "1 accepted 1 S 100x5\n1 rejected 1 PHASE\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}
