/* test_admin.c - administration: what each command changes, how it is answered, and to whom. */
#include "script.h"

Test(admin, needs_the_right_whatever_the_command)
{
    static const struct script_case cases[] = {
        {"every command",
         "1 add SYM 1 1 1 9 9\n1 change 1 ONE 1 1 1 9 9\n1 remove i1\n1 limits collar5\n"
         "1 phase halted\n1 account 7 kill\n1 session one kill\n1 grant one admin\n1 end\n"
         "1 bust 10.0 7.1 8.1\n1 reference 100\n1 remove i99",
         "1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n"
         "1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n"
         "1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n"
         "1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n1 rejected 0 NOT_ADMIN\n"},
        {"granted, revoked; the daemon needs none and gets no answer",
         "0 grant one admin\n1 phase halted\n0 phase open\n0 remove i99\n0 revoke one admin\n"
         "1 phase halted\n2 new 1 B 50 1",
         "1 done phase 0 i1\n1 rejected 0 NOT_ADMIN\n2 accepted 1 B 50x1\n"},
        {"an administrator may give its right away",
         "0 grant one admin\n1 grant two admin\n2 revoke one admin\n1 end\n2 end",
         "1 done entitle 0\n2 done entitle 0\n1 rejected 0 NOT_ADMIN\n2 done end 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(admin, instruments_come_change_and_go)
{
    static const struct script_case cases[] = {
        {"added: the next number, open, announced",
         "0 grant one admin\nevents\n1 add SYM 1 1 1 9 9\n1 new 1 B 9 9 i3",
         "* instrument i3\n1 done add 0 i3\n1 accepted 1 B 9x9\n* add B 1@9x9\n"},
        {"added in another phase",
         "0 grant one admin\nevents\n1 add SYM 1 1 1 9 9 closed\n1 new 1 B 9 9 i3\n"
         "1 add PRE 1 1 1 9 9 pre\n1 new 1 B 9 9 i4\n2 new 2 S 9 9 i4\n1 phase pre i3\n"
         "1 new 3 B 9 9 i3",
         "* instrument i3\n1 done add 0 i3\n1 rejected 1 PHASE\n* instrument i4\n"
         "1 done add 0 i4\n1 accepted 1 B 9x9\n* add B 1@9x9\n2 accepted 2 S 9x9\n"
         "* add S 2@9x9\n* phase i3 pre\n1 done phase 0 i3\n1 accepted 3 B 9x9\n"
         "* add B 3@9x9\n"},
        {"bad, in use, one too many: in this order",
         "0 grant one admin\n1 add SYM 0 1 1 9 9\n1 add ONE 0 1 1 9 9\n1 add ONE 1 1 1 9 9\n"
         "1 add A 1 1 1 9 9\n1 add B 1 1 1 9 9\n1 add C 1 0 1 9 9\n1 add B 1 1 1 9 9\n"
         "1 add C 1 1 1 9 9",
         "1 rejected 0 BAD_INSTRUMENT\n1 rejected 0 BAD_INSTRUMENT\n1 rejected 0 SYMBOL_IN_USE\n"
         "1 done add 0 i3\n1 done add 0 i4\n1 rejected 0 BAD_INSTRUMENT\n"
         "1 rejected 0 SYMBOL_IN_USE\n1 rejected 0 INSTRUMENTS_FULL\n"},
        {"changed: orders stay, though off the new lot and band; announced",
         "0 grant one admin\n1 new 1 B 500 7\nevents\n1 change 1 ONE 1 2 1 100 50\n1 new 2 B 500 "
         "8\n"
         "1 new 2 B 99 7\n1 new 2 B 99 52\n1 new 2 B 99 50\n2 new 1 S 99 6\nbook",
         "1 accepted 1 B 500x7\n* instrument i1\n1 done change 0 i1\n"
         "1 rejected 2 PRICE_OUT_OF_BAND\n1 rejected 2 QUANTITY_OFF_LOT\n"
         "1 rejected 2 QUANTITY_TOO_LARGE\n1 accepted 2 B 99x50\n* add B 2@99x50\n"
         "2 accepted 1 S 99x6\n* execute B 1@500x6\n1 maker 1 500x6 left 1\n"
         "2 taker 1 500x6 left 0\nbook 1@500x1 2@99x50 |\n"},
        {"changed: unknown, bad, another symbol: in this order",
         "0 grant one admin\n1 change 3 ONE 0 1 1 9 9\n1 change 1 TWO 0 1 1 9 9\n"
         "1 change 1 TWO 1 1 1 9 9\n1 change 1 NEW 1 1 1 9 9\n0 remove i1\n1 change 1 ONE 1 1 1 9 "
         "9",
         "1 rejected 0 UNKNOWN_INSTRUMENT\n1 rejected 0 BAD_INSTRUMENT\n"
         "1 rejected 0 SYMBOL_IN_USE\n1 rejected 0 SYMBOL_IN_USE\n"
         "1 rejected 0 UNKNOWN_INSTRUMENT\n"},
        {"changed: another tick only while it has no order, resting or waiting",
         "0 grant one admin\n1 new 1 B 500 7\n1 change 1 ONE 5 1 1 1000 50\n1 cancel 1\n"
         "1 new 1 S market 7 stop100\n1 change 1 ONE 5 1 1 1000 50\n1 cancel 1\n"
         "1 change 1 ONE 5 1 1 1000 50\n1 new 1 B 501 5\n1 new 1 B 500 5\n2 new 1 S 495 5",
         "1 accepted 1 B 500x7\n1 rejected 0 BAD_INSTRUMENT\n1 cancelled 1 7 REQUESTED\n"
         "1 accepted 1 S 0x7\n1 rejected 0 BAD_INSTRUMENT\n1 cancelled 1 7 REQUESTED\n"
         "1 done change 0 i1\n1 rejected 1 PRICE_OFF_TICK\n1 accepted 1 B 500x5\n"
         "2 accepted 1 S 495x5\n1 maker 1 500x5 left 0\n2 taker 1 500x5 left 0\n"},
        {"changed: phase, limits and last price stay",
         "0 grant one admin\n0 limits collar5\n0 reference 100\n1 change 1 ONE 1 1 1 200 50\n"
         "1 new 1 B 106 1\n0 phase halted\n1 change 1 ONE 1 1 1 200 50\n1 new 1 B 100 1",
         "1 done change 0 i1\n1 rejected 1 COLLAR\n1 done change 0 i1\n1 rejected 1 PHASE\n"},
        {"changed: replace may lose its priority",
         "0 change 1 ONE 1 1 1 200 50 loses\n1 new 1 B 50 5\n1 new 2 B 50 5\n1 replace 1 1 50 4\n"
         "book\n1 reduce 2 1\nbook",
         "1 accepted 1 B 50x5\n1 accepted 2 B 50x5\n1 replaced 1>1 50x4 total 4 done 0\n"
         "book 2@50x5 1@50x4 |\n1 reduced 2 4\nbook 2@50x4 1@50x4 |\n"},
        {"removed: its orders go, waiting ones too; it is unknown; the symbol is free",
         "0 grant three admin\n2 new 1 B 50 5\n1 new 1 S 60 5\n1 new 2 B market 5 stop90\n"
         "1 new 3 B 50 10 i2\nevents\n3 remove i1\n1 new 1 B 50 5\n3 remove i1\n3 add ONE 1 1 1 9 "
         "9\n"
         "1 new 1 B 9 1 i3\n1 list",
         "2 accepted 1 B 50x5\n1 accepted 1 S 60x5\n1 accepted 2 B 0x5\n1 accepted 3 B 50x10\n"
         "* cancel S 1@60x5\n1 cancelled 1 5 REMOVED unasked\n1 cancelled 2 5 REMOVED unasked\n"
         "* cancel B 1@50x5\n2 cancelled 1 5 REMOVED unasked\n* instrument i1\n"
         "3 done remove 3 i1\n1 rejected 1 UNKNOWN_INSTRUMENT\n"
         "3 rejected 0 UNKNOWN_INSTRUMENT\n* instrument i3\n3 done add 0 i3\n"
         "1 accepted 1 B 9x1\n* add B 1@9x1\n1 order 3 B 50x10 total 10 done 0\n"
         "1 order 1 B 9x1 total 1 done 0\n1 done list 2\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(admin, limits_phase_and_reference_need_a_known_instrument)
{
    static const struct script_case cases[] = {
        {"unknown",
         "0 grant one admin\n1 limits i3\n1 phase open i3\n1 reference 100 i3\n0 remove i2\n"
         "1 limits i2\n1 phase open i2\n1 reference 50 i2",
         "1 rejected 0 UNKNOWN_INSTRUMENT\n1 rejected 0 UNKNOWN_INSTRUMENT\n"
         "1 rejected 0 UNKNOWN_INSTRUMENT\n1 rejected 0 UNKNOWN_INSTRUMENT\n"
         "1 rejected 0 UNKNOWN_INSTRUMENT\n1 rejected 0 UNKNOWN_INSTRUMENT\n"},
        {"known; limits are announced",
         "0 grant one admin\nevents\n1 limits i2 collar5 notional7\n1 phase open i2\n"
         "1 reference 50 i2",
         "* instrument i2\n1 done limits 0 i2\n1 done phase 0 i2\n* reference i2 50\n"
         "1 done reference 0 i2\n"},
        {"a reference is a price of the instrument",
         "0 grant one admin\n1 reference 51 i2\n1 reference 105 i2\n1 reference -100 i2\n"
         "1 reference 0\n1 reference 1",
         "1 rejected 0 PRICE_OFF_TICK\n1 rejected 0 PRICE_OUT_OF_BAND\n1 done reference 0 i2\n"
         "1 rejected 0 PRICE_OUT_OF_BAND\n1 done reference 0 i1\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_instrument_info info;
    run_script(fixture, "0 limits i2 collar5 notional7\n0 phase halted i2");
    cr_assert(hf_core_instrument(fixture->core, 2, &info));
    cr_expect_eq(info.collar, 5);
    cr_expect_eq(info.notional_max, 7);
    cr_expect_eq(info.phase, HF_PHASE_HALTED);
    run_script(fixture, "0 limits i2");
    cr_assert(hf_core_instrument(fixture->core, 2, &info));
    cr_expect_eq(info.collar, 0);
    cr_expect_eq(info.notional_max, 0);
    fixture_free(fixture);
}

Test(admin, what_a_command_does_not_set_stays)
{
    static const struct script_case cases[] = {
        {"a kill switch leaves the limit, and a limit the kill switch",
         "0 account 7 notional1000 group1 newest\n0 account 7 only kill\n"
         "0 account 7 only notional500\n1 new 1 B 50 1\n0 account 7 only nokill\n"
         "1 new 1 B 50 11\n1 new 1 B 50 10\n2 new 1 S 50 1",
         "1 rejected 1 KILLED_ACCOUNT\n1 rejected 1 ACCOUNT_NOTIONAL\n1 accepted 1 B 50x10\n"
         "2 rejected 1 ACCOUNT_NOTIONAL\n"},
        {"group and self-trade prevention by themselves",
         "0 account 7 only group1\n1 new 1 B 50 1\n0 account 7 only newest\n"
         "0 account 7 only notional9000\n2 new 1 S 50 1",
         "1 accepted 1 B 50x1\n2 accepted 1 S 50x1\n2 cancelled 1 1 SELF_TRADE unasked\n"},
        {"a kill switch that stays on has nothing left to cancel",
         "0 grant three admin\n1 new 1 B 50 1\n3 account 7 only kill\n"
         "3 account 7 only notional5\n3 session one only kill\n3 session one only rate5",
         "1 accepted 1 B 50x1\n1 cancelled 1 1 KILLED unasked\n3 done account 1\n"
         "3 done account 0\n3 done session 0\n3 done session 0\n"},
        {"of a session",
         "0 session one orders1\n0 session one only rate3\n0 session one only kill\n"
         "1 new 1 B 50 1\n0 session one only nokill\n1 new 1 B 50 1\n1 new 2 B 50 1\n"
         "0 session one only orders0\n1 new 2 B 50 1",
         "1 rejected 1 KILLED_SESSION\n1 accepted 1 B 50x1\n1 rejected 2 SESSION_ORDERS\n"
         "1 rejected 2 RATE\n"},
        {"of an instrument: collar, notional",
         "0 limits collar5\n0 limits only notional200\n0 reference 100\n1 new 1 B 106 1\n"
         "1 new 1 B 100 3\n0 limits only collar0\n1 new 1 B 106 1\n1 new 2 B 106 2",
         "1 rejected 1 COLLAR\n1 rejected 1 NOTIONAL\n1 accepted 1 B 106x1\n"
         "1 rejected 2 NOTIONAL\n"},
        {"of an instrument: every part of its data",
         "0 grant three admin\n3 change 1 ONE only lot2\n1 new 1 B 50 1\n"
         "3 change 1 ONE only most4\n1 new 1 B 50 6\n3 change 1 ONE only from50\n"
         "1 new 1 B 49 2\n3 change 1 ONE only to60\n1 new 1 B 61 2\n"
         "3 change 1 ONE only tick10\n1 new 1 B 55 2\n1 new 1 B 50 2\n"
         "3 change 1 ONE only tick5\n3 change 1 ONE only to49\n3 change 1 TWO only to70",
         "3 done change 0 i1\n1 rejected 1 QUANTITY_OFF_LOT\n3 done change 0 i1\n"
         "1 rejected 1 QUANTITY_TOO_LARGE\n3 done change 0 i1\n"
         "1 rejected 1 PRICE_OUT_OF_BAND\n3 done change 0 i1\n"
         "1 rejected 1 PRICE_OUT_OF_BAND\n3 done change 0 i1\n1 rejected 1 PRICE_OFF_TICK\n"
         "1 accepted 1 B 50x2\n3 rejected 0 BAD_INSTRUMENT\n3 rejected 0 BAD_INSTRUMENT\n"
         "3 rejected 0 SYMBOL_IN_USE\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_instrument_info info;
    run_script(fixture, "0 change 1 ONE only loses\n0 change 1 ONE only keeps\n"
                        "0 change 1 ONE only noloses");
    cr_assert(hf_core_instrument(fixture->core, 1, &info));
    cr_expect_eq(info.flags, HF_ICEBERG_KEEPS_PLACE);
    run_script(fixture, "0 change 1 ONE only loses nokeeps");
    cr_assert(hf_core_instrument(fixture->core, 1, &info));
    cr_expect_eq(info.flags, HF_REPLACE_LOSES_PRIORITY);
    fixture_free(fixture);
}

Test(admin, kill_switches_take_orders_away_and_let_nothing_in)
{
    static const struct script_case cases[] = {
        {"session: its orders go, oldest first; new and replace are rejected until it is off",
         "0 grant three admin\n1 new 1 B 50 5\n2 new 1 B 50 5\n1 new 2 B market 5 stop90\n"
         "3 session one kill\n1 new 3 B 50 5\n1 replace 1 3 50 5\n1 cancel 1\n1 reduce 1 1\n1 "
         "mass\n"
         "1 list\n3 session one\n1 new 3 B 50 5",
         "1 accepted 1 B 50x5\n2 accepted 1 B 50x5\n1 accepted 2 B 0x5\n"
         "1 cancelled 1 5 KILLED unasked\n1 cancelled 2 5 KILLED unasked\n3 done session 2\n"
         "1 rejected 3 KILLED_SESSION\n1 rejected 3 KILLED_SESSION\n1 rejected 1 UNKNOWN_ORDER\n"
         "1 rejected 1 UNKNOWN_ORDER\n1 done mass 0\n1 done list 0\n3 done session 0\n"
         "1 accepted 3 B 50x5\n"},
        {"account: its orders go, of all sessions; others of them stay",
         "0 grant three admin\n2 new 1 B 50 5 a9\n1 new 1 B 50 5 a9\n1 new 2 B 50 5\n"
         "1 new 3 B market 5 stop90 a9\n3 account 9 kill\n1 new 4 B 50 5 a9\n2 new 4 B 50 5\n"
         "3 account 9\n1 new 4 B 50 5 a9\n3 account 9 kill\n3 account 9 kill",
         "2 accepted 1 B 50x5\n1 accepted 1 B 50x5\n1 accepted 2 B 50x5\n1 accepted 3 B 0x5\n"
         "1 cancelled 1 5 KILLED unasked\n1 cancelled 3 5 KILLED unasked\n"
         "2 cancelled 1 5 KILLED unasked\n3 done account 3\n1 rejected 4 KILLED_ACCOUNT\n"
         "2 accepted 4 B 50x5\n3 done account 0\n1 accepted 4 B 50x5\n"
         "1 cancelled 4 5 KILLED unasked\n3 done account 1\n3 done account 0\n"},
        {"account 0 is one like others",
         "1 new 1 B 50 5 a0\n1 new 2 B 50 5\n0 account 0 kill\n1 new 3 B 50 5 a0\n1 list",
         "1 accepted 1 B 50x5\n1 accepted 2 B 50x5\n1 cancelled 1 5 KILLED unasked\n"
         "1 rejected 3 KILLED_ACCOUNT\n1 order 2 B 50x5 total 5 done 0\n1 done list 1\n"},
        {"a session's own kill answers last",
         "0 grant one admin\n1 new 1 B 50 5\n1 session one kill\n1 session one",
         "1 accepted 1 B 50x5\n1 cancelled 1 5 KILLED unasked\n1 done session 1\n"
         "1 done session 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(admin, limits_of_sessions_are_those_of_open_ones)
{
    static const struct script_case cases[] = {
        {"unknown and closed ones",
         "0 grant one admin\n1 session four\n2 close\n1 session two kill\n2 open two\n"
         "2 new 1 B 50 5",
         "1 done session 0\n1 done session 0\n2 rejected 1 KILLED_SESSION\n"},
        {"open orders: below the instance's limit, and above it; what is there stays",
         "0 session one orders2\n1 new 1 B 50 5\n1 new 2 B 50 5\n1 new 3 B 50 5\n"
         "0 session one orders1\n1 cancel 1\n1 new 3 B 50 5\n0 session one\n1 new 3 B 50 5\n"
         "1 new 4 B 50 5\n1 new 5 B 50 5\n0 session one orders4\n1 new 5 B 50 5\n1 new 6 B 50 5",
         "1 accepted 1 B 50x5\n1 accepted 2 B 50x5\n1 rejected 3 SESSION_ORDERS\n"
         "1 cancelled 1 5 REQUESTED\n1 rejected 3 SESSION_ORDERS\n1 accepted 3 B 50x5\n"
         "1 accepted 4 B 50x5\n1 rejected 5 SESSION_ORDERS\n1 accepted 5 B 50x5\n"
         "1 rejected 6 SESSION_ORDERS\n"},
    };
    struct hf_engine_limits limits = fixture_limits;
    limits.session_orders_max = 3;
    CHECK_CASES(cases, &limits);
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "0 session one orders2 rate3 kill\n1 close");
    fixture_open(fixture, 1, "one", 0);
    const struct hf_core_session *session = hf_core_session(fixture->core, 1);
    cr_expect_eq(session->orders_max, 2, "a closed session's limits stay with its name");
    cr_expect_eq(session->rate_max, 3);
    cr_expect_eq(session->killed, 1);
    run_script(fixture, "0 session one\n1 close");
    fixture_open(fixture, 1, "one", 0);
    cr_expect_eq(session->orders_max | session->rate_max | session->killed, 0, "lifted");
    fixture_free(fixture);
}

Test(admin, limits_are_a_names_and_their_table_has_an_end)
{
    static const struct script_case cases[] = {
        {"before the first session of the name, and in all its lives, until they are lifted",
         "0 session late kill orders1\n4 open late\n4 new 1 B 50 1\n4 close\n4 open late\n"
         "4 new 1 B 50 1\n0 session late only nokill\n4 new 1 B 50 1\n4 new 2 B 50 1\n4 close\n"
         "0 session late\n4 open late\n4 new 1 B 50 1\n4 new 2 B 50 1",
         "4 rejected 1 KILLED_SESSION\n4 rejected 1 KILLED_SESSION\n4 accepted 1 B 50x1\n"
         "4 rejected 2 SESSION_ORDERS\n4 cancelled 1 1 CLOSED unasked\n4 accepted 1 B 50x1\n"
         "4 accepted 2 B 50x1\n"},
        {"a new life does not begin a new second",
         "time 3000000000\n0 session one rate2\n1 new 1 B 50 5\n1 new 2 B 50 5\n1 close\n"
         "1 open one\n1 new 3 B 50 5\ntime 3999999999\n1 close\n1 open one\n1 new 3 B 50 5\n"
         "time 4000000000\n1 new 3 B 50 5",
         "1 accepted 1 B 50x5\n1 accepted 2 B 50x5\n1 cancelled 1 5 CLOSED unasked\n"
         "1 cancelled 2 5 CLOSED unasked\n1 rejected 3 RATE\n1 rejected 3 RATE\n"
         "1 accepted 3 B 50x5\n"},
        {"full; a name that has limits may change them; one whose limits are lifted makes room",
         "0 grant one admin\n1 session a kill\n1 session b rate1\n1 session c orders1\n"
         "1 session d kill\n1 session c rate9\n1 session e\n1 session b\n1 session d kill\n"
         "4 open d\n4 new 1 B 50 1\n4 close\n4 open c\n4 new 1 B 50 1\n4 close\n4 open b\n"
         "4 new 1 B 50 1\n4 new 2 B 50 1",
         "1 done session 0\n1 done session 0\n1 done session 0\n1 rejected 0 LIMITS_FULL\n"
         "1 done session 0\n1 done session 0\n1 done session 0\n1 done session 0\n"
         "4 rejected 1 KILLED_SESSION\n4 accepted 1 B 50x1\n4 cancelled 1 1 CLOSED unasked\n"
         "4 accepted 1 B 50x1\n4 accepted 2 B 50x1\n"},
    };
    struct hf_engine_limits limits = fixture_limits;
    limits.entitlements_max = 3;
    CHECK_CASES(cases, &limits);
    struct fixture *fixture = fixture_new(&limits);
    struct hf_limits_row row;
    run_script(fixture, "0 session late rate7 orders8\n0 session two kill");
    cr_assert(hf_core_limits_row(fixture->core, 0, &row));
    cr_expect_str_eq(row.name, "late");
    cr_expect(row.rate_max == 7 && row.orders_max == 8 && row.killed == 0);
    cr_assert(hf_core_limits_row(fixture->core, 1, &row));
    cr_expect_str_eq(row.name, "two");
    cr_expect_eq(row.killed, 1);
    cr_expect_not(hf_core_limits_row(fixture->core, 2, &row));
    fixture_free(fixture);
}

Test(admin, messages_are_counted_by_the_second_of_the_clock)
{
    static const struct script_case cases[] = {
        {"all count, new and replace are rejected, cancels get through",
         "time 3000000000\n0 session one rate4\n1 new 1 B 50 5\n1 new 2 B 50 5\n1 replace 1 1 50 "
         "4\n"
         "1 new 3 B 50 5\n1 new 4 B 50 5\n1 replace 1 1 50 3\n1 reduce 1 1\n1 cancel 1\n1 mass\n"
         "1 list\n2 new 1 B 50 5\ntime 3999999999\n1 new 4 B 50 5\ntime 4000000000\n1 new 4 B 50 5",
         "1 accepted 1 B 50x5\n1 accepted 2 B 50x5\n1 replaced 1>1 50x4 total 4 done 0\n"
         "1 accepted 3 B 50x5\n1 rejected 4 RATE\n1 rejected 1 RATE\n1 reduced 1 3\n"
         "1 cancelled 1 3 REQUESTED\n1 cancelled 2 5 MASS_CANCELLED unasked\n"
         "1 cancelled 3 5 MASS_CANCELLED unasked\n1 done mass 2\n1 done list 0\n"
         "2 accepted 1 B 50x5\n1 rejected 4 RATE\n1 accepted 4 B 50x5\n"},
        {"those before the limit was set count; rejected and other commands count",
         "1 new 1 B 5000 5\n1 list\n0 session one rate2\n1 new 1 B 50 5\ntime 1000001000\n"
         "1 cancel 9\n1 new 1 B 50 5\n1 new 2 B 50 5\n0 session one\n1 new 2 B 50 5",
         "1 rejected 1 PRICE_OUT_OF_BAND\n1 done list 0\n1 rejected 1 RATE\n"
         "1 rejected 9 UNKNOWN_ORDER\n1 accepted 1 B 50x5\n1 rejected 2 RATE\n"
         "1 accepted 2 B 50x5\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record refused = {.type = HF_RECORD_REFUSED, .session = 1};
    refused.refused.reason = HF_REASON_MALFORMED_TYPE;
    refused.refused.command_slots = 2;
    fixture_apply(fixture, refused, NULL);
    cr_expect_str_eq(run_script(fixture, "0 session one rate1\n1 new 1 B 50 5"),
                     "1 rejected 1 RATE\n", "a refused one is one message");
    fixture_free(fixture);
}

#define TRADE "1 new 1 B 50 5\n2 new 2 S 50 5\n" /* its id is 11.0 */
#define TRADED                                                                                     \
    "1 accepted 1 B 50x5\n2 accepted 2 S 50x5\n1 maker 1 50x5 left 0\n2 taker 2 50x5 left 0\n"

Test(admin, a_bust_tells_both_sides_and_changes_nothing)
{
    static const struct script_case cases[] = {
        {"void: both sessions, the market, the administrator",
         "0 grant three admin\n1 new 1 B 50 5\n2 new 2 S 50 5\nevents\n3 bust 12.0 7.1 8.2\nbook",
         "1 accepted 1 B 50x5\n2 accepted 2 S 50x5\n1 maker 1 50x5 left 0\n2 taker 2 50x5 left 0\n"
         "* bust 12.0 0x0\n1 busted 1 12.0 0x0\n2 busted 2 12.0 0x0\n3 done bust 0\nbook |\n"},
        {"corrected", TRADE "0 bust 11.0 7.1 8.2 -49x4",
         TRADED "1 busted 1 11.0 -49x4\n2 busted 2 11.0 -49x4\n"},
        {"a side whose session is gone is named 0, and nobody is told for it",
         TRADE "2 close\n0 bust 11.0 7.1 0.2\n0 bust 11.0 0.0 7.2\n1 close\nevents\n"
               "0 bust 11.0 0.0 0.0",
         TRADED "1 busted 1 11.0 0x0\n1 busted 2 11.0 0x0\n* bust 11.0 0x0\n"},
        {"the same session on both sides", TRADE "0 bust 11.0 7.1 7.2",
         TRADED "1 busted 1 11.0 0x0\n1 busted 2 11.0 0x0\n"},
        {"one side is unknown: rejected, and neither the market nor the other one is told",
         TRADE "0 grant three admin\nevents\n3 bust 11.0 7.1 88.2\n3 bust 11.0 77.1 8.2\n2 close\n"
               "3 bust 11.0 7.1 8.2",
         TRADED "3 rejected 0 UNKNOWN_SESSION\n3 rejected 0 UNKNOWN_SESSION\n"
                "3 rejected 0 UNKNOWN_SESSION\n"},
        {"an LSN that is not used yet, or more trades than there were: there is no such trade",
         TRADE "0 grant three admin\nevents\n3 bust 13.0 7.1 8.2\n3 bust 99999.7 77.1 8.2\n"
               "3 bust 11.1 7.1 8.2\n3 bust 16.0 7.1 8.2 50x5\n3 bust 15.0 0.0 0.0",
         TRADED "3 rejected 0 UNKNOWN_TRADE\n3 rejected 0 UNKNOWN_TRADE\n"
                "3 rejected 0 UNKNOWN_TRADE\n* bust 16.0 50x5\n1 busted 1 16.0 50x5\n"
                "2 busted 2 16.0 50x5\n3 done bust 0\n* bust 15.0 0x0\n3 done bust 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, TRADE "0 grant three admin\n1 close");
    fixture_open(fixture, 1, "one", 0);
    uint64_t again = hf_core_session(fixture->core, 1)->id;
    char script[64];
    (void)snprintf(script, sizeof(script), "3 bust 11.0 %" PRIu64 ".1 8.2", again);
    cr_expect_str_eq(run_script(fixture, script), "3 rejected 0 UNKNOWN_SESSION\n",
                     "a session that was opened after the trade has no part in it");
    fixture_free(fixture);
}

Test(admin, tables_run_full)
{
    static const struct script_case cases[] = {
        {"accounts: those that have an entry keep it",
         "0 grant one admin\n1 account 1\n1 account 2 kill\n1 account 3\n1 account 2\n1 account 1",
         "1 done account 0\n1 done account 0\n1 rejected 0 ACCOUNTS_FULL\n1 done account 0\n"
         "1 done account 0\n"},
        {"entitlements: what is there already needs no room, a revoke makes some",
         "0 grant one admin\n1 grant two account 1\n1 grant two account 2\n1 grant two account 1\n"
         "1 revoke two account 2\n1 revoke two account 1\n1 grant two account 2",
         "1 done entitle 0\n1 rejected 0 ENTITLEMENTS_FULL\n1 done entitle 0\n1 done entitle 0\n"
         "1 done entitle 0\n1 done entitle 0\n"},
    };
    struct hf_engine_limits limits = fixture_limits;
    limits.accounts_max = 2;
    limits.entitlements_max = 2;
    CHECK_CASES(cases, &limits);
}

Test(admin, a_done_answers_its_command)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture,
               "0 grant one admin\n1 new 1 B 50 1\n1 add SYM 1 1 1 9 9\n1 phase halted i9");
    const struct hf_report *done = &fixture->reports[1];
    cr_expect_eq(done->command_seq, 2, "of its first slot");
    cr_expect_eq(done->command_type, HF_COMMAND_INSTRUMENT_ADD);
    cr_expect_eq(done->client_order_id, 0);
    cr_expect_eq(done->lsn, 12);
    const struct hf_report *rejected = &fixture->reports[2];
    cr_expect_eq(rejected->command_seq, 4);
    cr_expect_eq(rejected->command_type, HF_COMMAND_PHASE);
    const struct hf_core_session *session = hf_core_session(fixture->core, 1);
    cr_expect_eq(session->last_seq, 4);
    cr_expect_eq(session->last_lsn, hf_core_lsn(fixture->core));
    fixture_free(fixture);
}
