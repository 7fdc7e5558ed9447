/*
 * test_judge.c - every reason against a new or replaced order, and which comes first: orders with
 * everything wrong are repaired one thing at a time.
 */
#include "script.h"

/** Pools of three orders, two levels and one extra. */
static const struct hf_engine_limits tight = {
    .sessions_max = 4,
    .instruments_max = 3,
    .orders_max = 3,
    .levels_max = 2,
    .session_orders_max = 3,
    .hash_seed = 42,
    .extras_max = 1,
    .accounts_max = 2,
    .entitlements_max = 8,
    .events_max = 64,
};

struct step {
    const char *repair; /**< what is done before, without any report */
    const char *order;
    const char *answer;
};

static void
check_steps(const struct step *steps, size_t count, const struct hf_engine_limits *limits)
{
    struct fixture *fixture = fixture_new(limits);
    for (size_t i = 0; i < count; i++) {
        (void)run_script(fixture, steps[i].repair);
        const char *text = run_script(fixture, steps[i].order);
        cr_expect(strcmp(text, steps[i].answer) == 0, "step %zu: %s\nis %sshould be %s", i,
                  steps[i].order, text, steps[i].answer);
    }
    fixture_free(fixture);
}

#define CHECK_STEPS(steps, limits) check_steps(steps, sizeof(steps) / sizeof((steps)[0]), limits)
#define NO(reason) "1 rejected 1 " #reason "\n"

Test(judge, reasons_against_a_new_order_come_in_this_order)
{
    static const struct step steps[] = {
        {"0 reference 0 i2\n0 limits i2 collar40 notional400\n0 account 9 notional300 kill\n"
         "0 phase halted i2\n0 grant one instrument 1\n0 grant one account 7\n"
         "0 session one orders1 rate1 kill",
         "1 new 1 B 207 0 i9 a9 show7 min7 gtd1000", NO(KILLED_SESSION)},
        {"0 session one orders1 rate1", "1 new 1 B 207 0 i9 a9 show7 min7 gtd1000", NO(RATE)},
        {"0 session one orders1", "1 new 1 B 207 0 i9 a9 show7 min7 gtd1000",
         NO(UNKNOWN_INSTRUMENT)},
        {"", "1 new 1 B 207 0 i0 a9 show7 min7 gtd1000", NO(UNKNOWN_INSTRUMENT)},
        {"", "1 new 1 B 207 0 i2 a9 show7 min7 gtd1000", NO(NOT_ENTITLED_INSTRUMENT)},
        {"0 grant one instrument 2", "1 new 1 B 207 0 i2 a9 show7 min7 gtd1000",
         NO(NOT_ENTITLED_ACCOUNT)},
        {"0 grant one account 9", "1 new 1 B 207 0 i2 a9 show7 min7 gtd1000", NO(KILLED_ACCOUNT)},
        {"0 account 9 notional300", "1 new 1 B 207 0 i2 a9 show7 min7 gtd1000", NO(PHASE)},
        {"0 phase open i2", "1 new 1 B 207 0 i2 a9 show7 min7 gtd1000", NO(PRICE_OFF_TICK)},
        {"", "1 new 1 B 205 0 i2 a9 show7 min7 gtd1000", NO(PRICE_OUT_OF_BAND)},
        {"", "1 new 1 B -105 0 i2 a9 show7 min7 gtd1000", NO(PRICE_OUT_OF_BAND)},
        {"", "1 new 1 B 100 0 i2 a9 show7 min7 gtd1000", NO(QUANTITY_ZERO)},
        {"", "1 new 1 B 100 515 i2 a9 show525 min525 gtd1000", NO(QUANTITY_OFF_LOT)},
        {"", "1 new 1 B 100 510 i2 a9 show525 min525 gtd1000", NO(QUANTITY_TOO_LARGE)},
        {"", "1 new 1 B 100 500 i2 a9 show500 min525 gtd1000", NO(DISPLAY)},
        {"", "1 new 1 B 100 500 i2 a9 show15 min525 gtd1000", NO(DISPLAY)},
        {"", "1 new 1 B 100 500 i2 a9 show10 min510 gtd1000", NO(MINIMUM)},
        {"", "1 new 1 B 100 500 i2 a9 show10 min15 gtd1000", NO(MINIMUM)},
        {"", "1 new 1 B 100 500 i2 a9 show10 min500 gtd1000", NO(COLLAR)},
        {"", "1 new 1 B -45 500 i2 a9 show10 min500 gtd1000", NO(COLLAR)},
        {"", "1 new 1 B 40 500 i2 a9 show10 gtd1000", NO(NOTIONAL)},
        {"", "1 new 1 B -40 500 i2 a9 show10 gtd1000", NO(NOTIONAL)},
        {"", "1 new 1 B 20 20 i2 a9 show10 gtd1000", NO(ACCOUNT_NOTIONAL)},
        {"", "1 new 1 B 15 20 i2 a9 show10 gtd1000", NO(EXPIRED_ALREADY)},
        {"0 session one\n1 new 1 B 1 1\n2 new 2 S 15 10 i2\n2 new 3 S 15 10 i2 gtd9000\n"
         "0 session one orders1",
         "1 new 1 B 15 20 i2 a9 show10 gtd1001 post", NO(DUPLICATE_ID)},
        {"", "1 new 4 B 15 20 i2 a9 show10 gtd1001 post", "1 rejected 4 POST_ONLY\n"},
        {"", "1 new 4 B 10 20 i2 a9 show10 gtd1001 post", "1 rejected 4 ORDERS_FULL\n"},
        {"2 cancel 2", "1 new 4 B 10 20 i2 a9 show10 gtd1001 post", "1 rejected 4 LEVELS_FULL\n"},
        {"1 cancel 1", "1 new 4 B 10 20 i2 a9 show10 gtd1001 post", "1 rejected 4 EXTRAS_FULL\n"},
        {"1 new 1 B 1 1\n2 cancel 3", "1 new 4 B 10 20 i2 a9 show10 gtd1001 post",
         "1 rejected 4 SESSION_ORDERS\n"},
        {"0 session one", "1 new 4 B 10 20 i2 a9 show10 gtd1001 post", "1 accepted 4 B 10x20\n"},
    };
    CHECK_STEPS(steps, &tight);
}

Test(judge, an_iceberg_has_at_most_a_thousand_peaks_also_after_a_replace)
{
    static const struct step steps[] = {
        {"0 change 1 ONE 1 1 1 1000 9000", "1 new 1 B 100 1001 show1", NO(PEAKS)},
        {"", "1 new 1 B 100 8008 show8", NO(PEAKS)},
        {"", "1 new 1 B 100 7999 show8", "1 accepted 1 B 100x7999\n"},
        {"", "1 replace 1 1 100 8001", NO(PEAKS)},
        {"", "1 replace 1 1 100 8000", "1 replaced 1>1 100x8000 total 8000 done 0\n"},
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, a_stop_is_judged_by_its_limit_price_then_by_its_stop_price)
{
    static const struct step steps[] = {
        {"", "1 new 1 B 205 10 i2 stop7", NO(PRICE_OUT_OF_BAND)},
        {"", "1 new 1 B 7 10 i2 stop205", NO(PRICE_OFF_TICK)},
        {"", "1 new 1 B 5 10 i2 stop7", NO(PRICE_OFF_TICK)},
        {"", "1 new 1 B 5 10 i2 stop205", NO(PRICE_OUT_OF_BAND)},
        {"", "1 new 1 B market 10 i2 stop7", NO(PRICE_OFF_TICK)},
        {"", "1 new 1 B market 10 i2 stop-105", NO(PRICE_OUT_OF_BAND)},
        {"", "1 new 1 B market 15 i2 stop100", NO(QUANTITY_OFF_LOT)},
        {"", "1 new 1 B market 10 i2 stop100 gtd1000", NO(EXPIRED_ALREADY)},
        {"", "1 new 1 B market 10 i2 stop100", "1 accepted 1 B 0x10\n"},
        {"", "1 new 1 B market 10 i2 stop100", NO(DUPLICATE_ID)},
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, an_order_without_a_limit_has_no_price_to_be_judged)
{
    static const struct step steps[] = {
        {"", "1 new 1 B market 0", NO(QUANTITY_ZERO)},
        {"", "1 new 1 B market 1001", NO(QUANTITY_TOO_LARGE)},
        {"", "1 new 1 B mtl 15 i2", NO(QUANTITY_OFF_LOT)},
        {"", "1 new 1 B market 10 min11", NO(MINIMUM)},
        {"", "1 new 1 B mtl 10 gtd999", NO(EXPIRED_ALREADY)},
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, the_collar_is_about_limit_prices_and_the_last_price)
{
    static const struct step steps[] = {
        {"0 limits collar10", "1 new 1 B 500 1", "1 accepted 1 B 500x1\n"}, /* none yet */
        {"0 reference 100\n1 cancel 1", "1 new 1 B 111 1", NO(COLLAR)},
        {"", "1 new 1 B 89 1", NO(COLLAR)},
        {"", "1 new 1 B 110 1", "1 accepted 1 B 110x1\n"},
        {"", "1 replace 1 1 111 1", NO(COLLAR)},
        {"", "1 replace 1 1 90 1", "1 replaced 1>1 90x1 total 1 done 0\n"},
        {"1 cancel 1\n1 new 2 B 90 1\n2 new 3 S 90 1", "1 new 1 B 101 1", NO(COLLAR)},
        {"", "1 new 1 B 101 1 stop100", NO(COLLAR)},
        {"", "1 new 1 B 100 1 stop900", "1 accepted 1 B 100x1\n"},
        {"", "1 replace 1 1 101 1", NO(COLLAR)},
        {"1 cancel 1", "1 new 1 B market 1 stop900", "1 accepted 1 B 0x1\n"},
        {"1 cancel 1\n0 phase pre", "1 new 1 S 101 1", NO(COLLAR)},
        {"0 phase open\n0 limits", "1 new 1 S 101 1", "1 accepted 1 S 101x1\n"},
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, the_collar_of_an_order_without_a_price_is_about_the_best_that_it_meets)
{
    static const struct step steps[] = {
        {"0 reference 100\n2 new 1 S 111 1\n0 limits collar10", "1 new 1 B market 1", NO(COLLAR)},
        {"", "1 new 1 B mtl 1", NO(COLLAR)},
        {"", "1 new 1 S market 1", /* nobody bids */
         "1 accepted 1 S 0x1\n1 cancelled 1 1 MARKET_REMAINDER unasked\n"},
        {"2 new 2 S 110 1", "1 new 1 B mtl 2",
         "1 accepted 1 B 0x2\n2 maker 2 110x1 left 0\n1 taker 1 110x1 left 1\n"},
        {"", "2 new 3 S market 1",
         "2 accepted 3 S 0x1\n1 maker 1 110x1 left 0\n2 taker 3 110x1 left 0\n"},
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, notional_is_price_times_quantity_at_the_price_of_the_kind)
{
    static const struct step steps[] = {
        {"0 limits notional1000", "1 new 1 B 100 11", NO(NOTIONAL)},
        {"", "1 new 1 B 100 10", "1 accepted 1 B 100x10\n"},
        {"", "1 replace 1 1 100 11", NO(NOTIONAL)},
        {"", "1 replace 1 1 101 10", NO(NOTIONAL)},
        {"1 cancel 1\n0 reference 50", "1 new 1 S market 900", /* no opposite side: no check */
         "1 accepted 1 S 0x900\n1 cancelled 1 900 MARKET_REMAINDER unasked\n"},
        {"", "1 new 1 S mtl 900", "1 accepted 1 S 0x900\n1 cancelled 1 900 NO_LIQUIDITY unasked\n"},
        {"2 new 7 B 40 1\n2 new 8 B 39 1", "1 new 1 S market 26", NO(NOTIONAL)},
        {"", "1 new 1 S mtl 26", NO(NOTIONAL)},
        {"", "1 new 1 S mtl 25",
         "1 accepted 1 S 0x25\n2 maker 7 40x1 left 0\n1 taker 1 40x1 left 24\n"},
        {"1 cancel 1", "1 new 1 S market 25",
         "1 accepted 1 S 0x25\n2 maker 8 39x1 left 0\n1 taker 1 39x1 left 24\n"
         "1 cancelled 1 24 MARKET_REMAINDER unasked\n"},
        {"", "1 new 1 B market 6 stop200", NO(NOTIONAL)},
        {"", "1 new 1 B market 5 stop200", "1 accepted 1 B 0x5\n"},
        {"", "1 replace 1 1 0 6", NO(NOTIONAL)},
        {"1 cancel 1", "1 new 1 B 100 11 stop60", NO(NOTIONAL)},
        {"", "1 new 1 B 100 10 stop600", "1 accepted 1 B 100x10\n"},
        {"0 limits i2 notional1000", "1 new 2 B -10 110 i2", "1 rejected 2 NOTIONAL\n"},
        {"", "1 new 2 B -10 100 i2", "1 accepted 2 B -10x100\n"},
        {"2 new 1 S -10 50 i2", "1 replace 2 2 -10 110", "1 rejected 2 NOTIONAL\n"}, /* the total */
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, notional_has_more_than_64_bits)
{
    static const struct step steps[] = {
        {"0 add WIDE 1 1 -1152921504606846975 1152921504606846975 8796093022208\n"
         "0 limits i3 notional-1\n0 account 9 notional-1",
         "1 new 1 B 1152921504606846975 8796093022208 i3", NO(NOTIONAL)},
        {"", "1 new 1 B -1152921504606846975 8796093022208 i3", NO(NOTIONAL)},
        {"", "1 new 1 B 2097152 8796093022208 i3", NO(NOTIONAL)}, /* 2^21 x 2^43 = 2^64 */
        {"", "1 new 1 B 2097151 8796093022208 i3", "1 accepted 1 B 2097151x8796093022208\n"},
        {"0 limits i3\n1 cancel 1", "1 new 1 B 1152921504606846975 8796093022208 i3 a9",
         NO(ACCOUNT_NOTIONAL)},
        {"", "1 new 1 B 2097151 8796093022208 i3 a9", "1 accepted 1 B 2097151x8796093022208\n"},
        {"", "1 new 2 B 2097151 8796093022208 i3 a9", "1 rejected 2 ACCOUNT_NOTIONAL\n"},
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, a_replace_that_only_lessens_an_order_passes_the_limits_by)
{
    static const struct step steps[] = {
        {"1 new 1 B 100 100\n0 account 7 notional5000", "1 replace 1 1 100 101",
         NO(ACCOUNT_NOTIONAL)},
        {"", "1 replace 1 1 99 60", NO(ACCOUNT_NOTIONAL)},
        {"", "1 replace 1 1 100 60", "1 replaced 1>1 100x60 total 60 done 0\n"},
        {"0 account 7\n0 limits notional1000", "1 replace 1 1 100 59",
         "1 replaced 1>1 100x59 total 59 done 0\n"},
        {"0 reference 200\n0 limits collar5", "1 replace 1 1 101 40", NO(COLLAR)},
        {"", "1 replace 1 1 100 60", NO(COLLAR)},
        {"", "1 replace 1 1 100 40", "1 replaced 1>1 100x40 total 40 done 0\n"},
        {"", "1 replace 1 2 100 40", "1 replaced 1>2 100x40 total 40 done 0\n"}, /* another id */
        {"2 new 9 S market 10", "1 replace 2 1 100 41", NO(COLLAR)}, /* executed counts */
        {"0 change 1 ONE 1 1 1 1000 1000 loses", "1 replace 2 1 100 39",
         "1 replaced 2>1 100x39 total 39 done 0\n"},
        {"1 cancel 1\n0 limits\n1 new 1 B 100 10 stop900\n0 limits collar5 notional9",
         "1 replace 1 1 100 9", "1 replaced 1>1 100x9 total 9 done 0 stop 900\n"},
        {"", "1 replace 1 1 101 9", NO(COLLAR)},
        {"1 cancel 1\n0 limits\n1 new 1 B market 10 stop900\n0 limits notional9",
         "1 replace 1 1 0 9", "1 replaced 1>1 0x9 total 9 done 0 stop 900\n"},
        {"", "1 replace 1 1 0 10", NO(NOTIONAL)},
    };
    CHECK_STEPS(steps, &fixture_limits);
}

Test(judge, reasons_against_a_replace_come_in_this_order)
{
    static const struct step steps[] = {
        {"0 session one rate1 kill", "1 replace 9 1 207 0", NO(KILLED_SESSION)},
        {"0 session one rate1", "1 replace 9 1 207 0", NO(RATE)},
        {"0 session one\n1 new 2 B -15 20 i2 post\n2 new 3 S -15 10 i2 a9\n1 new 1 B 1 1\n"
         "2 new 3 S 15 10 i2 a9\n0 reference 0 i2\n0 account 7 notional301\n"
         "0 limits i2 collar40 notional400\n0 phase halted i2",
         "1 replace 9 1 207 0", NO(UNKNOWN_ORDER)},
        {"0 grant one instrument 1\n0 grant one account 9", "1 replace 2 1 207 0",
         NO(NOT_ENTITLED_INSTRUMENT)},
        {"0 grant one instrument 2", "1 replace 2 1 207 0", NO(NOT_ENTITLED_ACCOUNT)},
        {"0 grant one account 7", "1 replace 2 1 207 0", NO(PHASE)},
        {"0 phase closed i2", "1 replace 2 1 207 0", NO(PHASE)},
        {"0 phase open i2", "1 replace 2 1 207 0", NO(PRICE_OFF_TICK)},
        {"", "1 replace 2 1 205 0", NO(PRICE_OUT_OF_BAND)},
        {"", "1 replace 2 1 100 0", NO(QUANTITY_ZERO)},
        {"", "1 replace 2 1 100 515", NO(QUANTITY_OFF_LOT)},
        {"", "1 replace 2 1 100 510", NO(QUANTITY_TOO_LARGE)},
        {"", "1 replace 2 1 100 500", NO(COLLAR)},
        {"", "1 replace 2 1 40 500", NO(NOTIONAL)},
        {"", "1 replace 2 1 20 20", "1 rejected 1 DUPLICATE_ID\n"},
        {"0 limits i2 notional500", "1 replace 2 1 25 20", NO(DUPLICATE_ID)},
        {"0 account 7 notional151", "1 replace 2 1 25 20", NO(ACCOUNT_NOTIONAL)},
        {"", "1 replace 2 4 15 20", "1 rejected 4 POST_ONLY\n"},
        {"2 cancel 3\n0 account 7 notional153\n1 new 5 B 2 1", "1 replace 2 4 10 20",
         "1 rejected 4 LEVELS_FULL\n"},
        {"", "1 replace 2 1 10 10", NO(DUPLICATE_ID)},
        {"", "1 replace 2 4 10 10", "1 cancelled 2 10 REPLACED_FULLY_EXECUTED\n"},
    };
    struct hf_engine_limits limits = tight;
    limits.levels_max = limits.orders_max = 3;
    CHECK_STEPS(steps, &limits);
}
