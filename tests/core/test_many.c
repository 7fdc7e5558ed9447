/* test_many.c - mass cancels and their filters, lists, expiry, the end of the day. */
#include "script.h"

/* Orders of session 1 in both instruments, of two accounts and sides, and some of session 2. */
#define SOME_ORDERS                                                                                \
    "1 new 1 B 50 10\n1 new 2 S 60 10 a8\n1 new 3 B 50 10 i2\n1 new 4 S 60 10 i2 a8\n"             \
    "1 new 5 S 61 10\n1 new 6 B 49 10 a8\n2 new 1 B 48 10\n"
#define THEIR_ANSWERS                                                                              \
    "1 accepted 1 B 50x10\n1 accepted 2 S 60x10\n1 accepted 3 B 50x10\n1 accepted 4 S 60x10\n"     \
    "1 accepted 5 S 61x10\n1 accepted 6 B 49x10\n2 accepted 1 B 48x10\n"
#define GONE(id) "1 cancelled " #id " 10 MASS_CANCELLED unasked\n"

Test(many, mass_cancel_takes_the_orders_of_the_session_that_match_all_filters)
{
    static const struct script_case cases[] = {
        {"all, oldest first", SOME_ORDERS "1 mass",
         THEIR_ANSWERS GONE(1) GONE(2) GONE(3) GONE(4) GONE(5) GONE(6) "1 done mass 6\n"},
        {"instrument", SOME_ORDERS "1 mass i1",
         THEIR_ANSWERS GONE(1) GONE(2) GONE(5) GONE(6) "1 done mass 4\n"},
        {"account", SOME_ORDERS "1 mass a8",
         THEIR_ANSWERS GONE(2) GONE(4) GONE(6) "1 done mass 3\n"},
        {"side", SOME_ORDERS "1 mass S", THEIR_ANSWERS GONE(2) GONE(4) GONE(5) "1 done mass 3\n"},
        {"all three", SOME_ORDERS "1 mass i1 a7 B", THEIR_ANSWERS GONE(1) "1 done mass 1\n"},
        {"none matches", SOME_ORDERS "1 mass i2 a8 B\n1 mass i77\n1 mass a9",
         THEIR_ANSWERS "1 done mass 0\n1 done mass 0\n1 done mass 0\n"},
        {"none is there", "1 mass", "1 done mass 0\n"},
        {"orders of closed instruments stay", SOME_ORDERS "0 phase closed\n1 mass\n1 list",
         THEIR_ANSWERS GONE(3) GONE(4) "1 done mass 2\n1 order 1 B 50x10 total 10 done 0\n"
                                       "1 order 2 S 60x10 total 10 done 0\n"
                                       "1 order 5 S 61x10 total 10 done 0\n"
                                       "1 order 6 B 49x10 total 10 done 0\n1 done list 4\n"},
        {"with the events of those that rest, and none of those that wait",
         "events\n1 new 1 B 50 25 show10\n1 new 2 B market 5 stop100\n1 mass",
         "1 accepted 1 B 50x25\n* add B 1@50x10\n1 accepted 2 B 0x5\n* cancel B 1@50x10\n"
         "1 cancelled 1 25 MASS_CANCELLED unasked\n1 cancelled 2 5 MASS_CANCELLED unasked\n"
         "1 done mass 2\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(many, who_has_lost_reports_gets_its_open_orders)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 50 10\n1 new 2 S 60 10\n2 new 3 S 50 4");
    fixture->printing = true;
    run_script(fixture, "1 lost 2 3\n2 lost 1 2");
    cr_expect_str_eq(fixture->text, "1 order 1 B 50x6 total 10 done 4\n"
                                    "1 order 2 S 60x10 total 10 done 0\n"
                                    "1 done lost 2\n2 done lost 0\n");
    cr_expect_eq(hf_core_session(fixture->core, 1)->last_seq, 2, "it is no command of the session");
    const struct hf_report *done = &fixture->reports[fixture->slots - 1];
    cr_expect_eq(done->command_type, HF_RECORD_LOST);
    cr_expect_eq(done->command_seq, 0);
    fixture_free(fixture);
}

Test(many, open_orders_are_listed_oldest_first_with_what_they_are)
{
    static const struct script_case cases[] = {
        {"none", "1 list", "1 done list 0\n"},
        {"each kind; those of others are not",
         "1 new 3 B 50 25 show10\n1 new 2 S market 5 stop40\n1 new 1 S 38 5 stop40 gtd2000\n"
         "2 new 1 B 48 10\n1 new 5 B -5 10 i2\n1 list\n2 list",
         "1 accepted 3 B 50x25\n1 accepted 2 S 0x5\n1 accepted 1 S 38x5\n2 accepted 1 B 48x10\n"
         "1 accepted 5 B -5x10\n"
         "1 order 3 B 50x25 total 25 done 0\n1 order 2 S 0x5 total 5 done 0 stop 40\n"
         "1 order 1 S 38x5 total 5 done 0 stop 40\n1 order 5 B -5x10 total 10 done 0\n"
         "1 done list 4\n2 order 1 B 48x10 total 10 done 0\n2 done list 1\n"},
        {"partly filled, replaced, reduced, renamed",
         "1 new 1 B 50 10\n2 new 1 S 50 3\n1 replace 1 9 49 12\n1 reduce 9 1\n1 list",
         "1 accepted 1 B 50x10\n2 accepted 1 S 50x3\n1 maker 1 50x3 left 7\n2 taker 1 50x3 left 0\n"
         "1 replaced 1>9 49x9 total 12 done 3\n1 reduced 9 8\n"
         "1 order 9 B 49x8 total 11 done 3\n1 done list 1\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

#define THREE "1 new 1 B 50 10\n1 new 2 B 49 10\n1 new 3 B 48 10\n2 new 1 B 47 10\n"
#define THREE_ANSWERS                                                                              \
    "1 accepted 1 B 50x10\n1 accepted 2 B 49x10\n1 accepted 3 B 48x10\n2 accepted 1 B 47x10\n"
#define LISTED(id, price) "1 order " #id " B " #price "x10 total 10 done 0\n"

Test(many, open_orders_are_listed_page_by_page)
{
    /* The orders' ids, LSNs, are 10 to 13. */
    static const struct script_case cases[] = {
        {"the first page, and that there are more", THREE "1 list most2",
         THREE_ANSWERS LISTED(1, 50) LISTED(2, 49) "1 done list 2 more\n"},
        {"the next, which is the last", THREE "1 list most2 behind11",
         THREE_ANSWERS LISTED(3, 48) "1 done list 1\n"},
        {"a page that ends with the last order", THREE "1 list most3\n1 list most1 behind11",
         THREE_ANSWERS LISTED(1, 50) LISTED(2, 49)
             LISTED(3, 48) "1 done list 3\n" LISTED(3, 48) "1 done list 1\n"},
        {"behind the last one", THREE "1 list behind12\n1 list behind999",
         THREE_ANSWERS "1 done list 0\n1 done list 0\n"},
        {"behind one that is gone", THREE "1 cancel 2\n1 list most1 behind11",
         THREE_ANSWERS "1 cancelled 2 10 REQUESTED\n" LISTED(3, 48) "1 done list 1\n"},
        {"behind another's", THREE "2 list behind10\n1 list behind13",
         THREE_ANSWERS "2 order 1 B 47x10 total 10 done 0\n2 done list 1\n1 done list 0\n"},
        {"a replaced order keeps its id and its place in the list",
         THREE "1 replace 1 9 46 10\n1 list most1\n1 list most1 behind10",
         THREE_ANSWERS "1 replaced 1>9 46x10 total 10 done 0\n" LISTED(
             9, 46) "1 done list 1 more\n" LISTED(2, 49) "1 done list 1 more\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(many, the_end_of_a_page_names_the_order_behind_which_to_go_on)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, THREE "1 list most2");
    const struct hf_report *done = &fixture->reports[fixture->slots - 1];
    cr_expect_eq(done->type, HF_REPORT_DONE);
    cr_expect_eq(done->order_id, 11);
    cr_expect_eq(done->quantity, 2);
    cr_expect_eq(done->command_seq, 4);
    fixture_free(fixture);
}

Test(many, a_listed_order_takes_two_slots_with_its_numbers)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 50 10\n2 new 2 S 40 5 stop45 a9\n1 list\n2 list");
    const struct hf_report *order = &fixture->reports[2];
    const struct hf_report_more *more = (const void *)&fixture->reports[3];
    const struct hf_report *done = &fixture->reports[4];
    cr_expect_eq(order->slots, 2);
    cr_expect_eq(order->number, 2);
    cr_expect_eq(order->command_seq, 0);
    cr_expect_eq(order->instrument, 1);
    cr_expect_eq(order->side, HF_BUY);
    cr_expect_eq(more->number, 3);
    cr_expect_eq(more->order_id, 10);
    cr_expect_eq(more->previous_client_order_id, 0);
    cr_expect_eq(more->stop_price, 0);
    cr_expect_eq(done->type, HF_REPORT_DONE);
    cr_expect_eq(done->command_seq, 2);
    cr_expect_eq(done->number, 4);
    more = (const void *)&fixture->reports[6];
    cr_expect_eq(more->order_id, 11);
    cr_expect_eq(more->stop_price, 45);
    fixture_free(fixture);
}

static uint64_t
work_of(struct fixture *fixture, const char *line)
{
    uint64_t before = hf_core_work(fixture->core);
    run_script(fixture, line);
    return hf_core_work(fixture->core) - before;
}

Test(many, work_counts_what_is_made_and_what_is_looked_at)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    cr_expect_eq(work_of(fixture, "1 new 1 B 50 10"), 2, "a report, a market event");
    run_script(fixture, "1 new 2 B 51 10\n1 new 3 B 52 10");
    cr_expect_eq(work_of(fixture, "1 mass i2"), 4, "three orders, DONE");
    cr_expect_eq(work_of(fixture, "1 list"), 7, "two slots each, DONE");
    cr_expect_eq(work_of(fixture, "2 new 1 S 50 99 fok"), 5, "three levels; accepted, cancelled");
    cr_expect_eq(work_of(fixture, "2 new 2 S 52 99 fok"), 3, "one, the next is beyond the price");
    cr_expect_eq(work_of(fixture, "2 new 3 S 50 5"), 4, "accepted, a trade, both fills");
    cr_expect_eq(work_of(fixture, "1 mass"), 10, "three looked at, two messages each, DONE");
    fixture_free(fixture);
}

Test(many, a_tick_lets_those_expire_whose_time_has_come)
{
    static const struct script_case cases[] = {
        {"earliest first, then order of acceptance, over sessions and instruments",
         "2 new 1 B 50 10 gtd2003\n1 new 1 B 50 10 gtd2002\n2 new 2 B 50 10 gtd2001 i2\n"
         "1 new 2 S market 5 stop30 gtd2002\n1 new 3 B 50 10 gtd2004\nevents\ntick 2000\ntick "
         "2003\n"
         "1 list",
         "2 accepted 1 B 50x10\n1 accepted 1 B 50x10\n2 accepted 2 B 50x10\n1 accepted 2 S 0x5\n"
         "1 accepted 3 B 50x10\n* cancel B 2@50x10\n2 cancelled 2 10 EXPIRED unasked\n"
         "* cancel B 1@50x10\n1 cancelled 1 10 EXPIRED unasked\n"
         "1 cancelled 2 5 EXPIRED unasked\n* cancel B 1@50x10\n2 cancelled 1 10 EXPIRED unasked\n"
         "1 order 3 B 50x10 total 10 done 0\n1 done list 1\n"},
        {"commands at or after the time do not: only ticks",
         "1 new 1 B 50 10 gtd1500\ntime 1600\n2 new 1 S 50 4\ntick\n2 new 2 S 50 4",
         "1 accepted 1 B 50x10\n2 accepted 1 S 50x4\n1 maker 1 50x4 left 6\n2 taker 1 50x4 left 0\n"
         "1 cancelled 1 6 EXPIRED unasked\n2 accepted 2 S 50x4\n"},
        {"an iceberg with all it hides; a replaced one in its time",
         "1 new 1 B 50 25 show10 gtd1500\n1 new 2 B 50 10 gtd1500\n1 replace 2 3 51 9\ntick 1500",
         "1 accepted 1 B 50x25\n1 accepted 2 B 50x10\n1 replaced 2>3 51x9 total 9 done 0\n"
         "1 cancelled 1 25 EXPIRED unasked\n1 cancelled 3 9 EXPIRED unasked\n"},
        {"the filled and the cancelled do not expire",
         "1 new 1 B 50 10 gtd1500\n1 new 2 B 49 10 gtd1500\n2 new 1 S 50 10\n1 cancel 2\ntick 1500",
         "1 accepted 1 B 50x10\n1 accepted 2 B 49x10\n2 accepted 1 S 50x10\n"
         "1 maker 1 50x10 left 0\n2 taker 1 50x10 left 0\n1 cancelled 2 10 REQUESTED\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(many, the_end_of_the_day_is_that_of_day_orders)
{
    static const struct script_case cases[] = {
        {"by session, oldest first; resting, waiting and replaced ones",
         "0 grant one admin\n2 new 1 B 50 10 day\n1 new 1 B 50 10\n1 new 2 B 50 10 i2 day\n"
         "1 new 3 B market 5 stop90 day\n1 new 4 B 49 10 day\n1 replace 4 5 48 9\n"
         "1 new 6 B 47 10 gtd9000\n1 end\n1 list",
         "2 accepted 1 B 50x10\n1 accepted 1 B 50x10\n1 accepted 2 B 50x10\n1 accepted 3 B 0x5\n"
         "1 accepted 4 B 49x10\n1 replaced 4>5 48x9 total 9 done 0\n1 accepted 6 B 47x10\n"
         "1 cancelled 2 10 EXPIRED unasked\n1 cancelled 3 5 EXPIRED unasked\n"
         "1 cancelled 5 9 EXPIRED unasked\n2 cancelled 1 10 EXPIRED unasked\n1 done end 4\n"
         "1 order 1 B 50x10 total 10 done 0\n1 order 6 B 47x10 total 10 done 0\n1 done list 2\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}
