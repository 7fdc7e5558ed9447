/* test_account.c - settings of accounts, and what an account has open, kept through all that happens. */
#include "core/account.h"

#include "script.h"

struct step {
    const char *line;
    uint64_t open_notional; /**< of account 7, afterwards */
};

/** Account 7 has settings from the start; the audit compares it with the sum of its orders, too. */
static void
check_steps(const struct step *steps, size_t count)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "0 account 7 notional100000\n0 account 9");
    for (size_t i = 0; i < count; i++) {
        const char *text = run_script(fixture, steps[i].line);
        uint64_t is = (uint64_t)hf_account_find(fixture->core, 7)->open_notional;
        cr_expect_eq(is, steps[i].open_notional, "after '%s': %" PRIu64 "\n%s", steps[i].line, is,
                     text);
    }
    fixture_free(fixture);
}

#define CHECK_STEPS(steps) check_steps(steps, sizeof(steps) / sizeof((steps)[0]))

Test(account, open_notional_follows_plain_orders)
{
    static const struct step steps[] = {
        {"1 new 1 B 100 10", 1000},
        {"2 new 1 S 200 10", 3000},    /* other sessions, both sides */
        {"1 new 2 B 100 10 a9", 3000}, /* other accounts */
        {"1 new 3 B -10 20 i2", 3200}, /* other instruments, absolute prices */
        {"1 reduce 1 4", 2800},
        {"1 replace 1 1 100 5", 2700}, /* in place */
        {"1 replace 1 1 90 7", 2830},  /* moves */
        {"1 replace 1 4 90 6", 2740},
        {"2 new 5 S 90 4 a9 ioc", 2740}, /* takes order 2, which is another account's */
        {"2 new 5 S 90 9 a9 ioc", 2470}, /* 6 of it, then 3 of ours */
        {"1 cancel 4", 2200},
        {"1 new 6 B market 4", 1400}, /* takes 4 of our own at 200 */
        {"1 new 6 B 200 3 ioc", 800},
        {"1 new 6 B 200 9", 1400}, /* takes the last 3, the rest of 6 rests */
        {"1 mass", 0},
    };
    CHECK_STEPS(steps);
}

Test(account, open_notional_follows_icebergs)
{
    static const struct step steps[] = {
        {"1 new 1 S 100 50 show10", 5000},
        {"2 new 2 B 100 10 a9", 4000}, /* refills */
        {"2 new 3 B 100 15 a9", 2500},
        {"1 reduce 1 7", 1800}, /* of what it hides */
        {"1 replace 1 1 100 40", 1500},
        {"1 replace 1 1 100 42", 1700},
        {"1 replace 1 1 101 42", 1717},
        {"2 new 4 B 101 17 a9", 0},
        {"1 new 1 S 100 50 show10 gtd1500", 5000},
        {"tick 1500", 0},
    };
    CHECK_STEPS(steps);
}

Test(account, open_notional_counts_waiting_stops_at_their_limit_or_stop_price)
{
    static const struct step steps[] = {
        {"1 new 1 B market 10 stop120", 1200},
        {"1 new 2 B 110 10 stop120", 2300},
        {"1 replace 2 2 105 12", 1200 + 1260},
        {"1 replace 1 1 0 8", 960 + 1260},
        {"1 reduce 1 1", 840 + 1260},
        {"2 new 3 S 120 1 a9\n2 new 4 B 120 1 a9", 1260}, /* one ends, one rests at its limit */
        {"2 new 3 S 105 2 a9", 1050},
        {"1 cancel 2", 0},
        {"1 new 1 S market 10 stop90 day", 900},
        {"0 end", 0},
        {"0 reference 90\n1 new 1 S 95 10 stop90", 950}, /* triggered at once */
        {"1 cancel 1", 0},
        {"1 new 1 S 95 10 stop90 ioc", 0},
    };
    CHECK_STEPS(steps);
}

Test(account, open_notional_follows_auctions_self_trade_prevention_and_what_ends_orders)
{
    static const struct step steps[] = {
        {"0 phase pre", 0},
        {"1 new 1 B 102 10", 1020},
        {"2 new 2 S 100 30 a9 show10", 1020},
        {"0 phase open", 0}, /* at 100, but each counted at its own price */
        {"2 cancel 2", 0},
        {"0 account 7 notional100000 group1 decrement\n1 new 1 S 100 10", 1000},
        {"1 new 2 B 100 4", 600},
        {"1 new 2 B 100 9", 300},
        {"0 account 7 notional100000 group1 oldest\n1 new 3 S 100 10", 1000},
        {"1 new 4 B 100 9", 900},
        {"0 account 7 notional100000 group1 newest\n1 new 5 S 100 10", 900},
        {"0 account 7 notional100000 group1 both\n1 new 5 S 100 10", 0},
        {"3 new 1 B 50 2", 100},
        {"3 disconnect", 0},
        {"2 new 1 B 50 2", 100},
        {"2 close", 0},
        {"1 new 1 B 50 2", 100},
        {"0 remove i1", 0},
        {"1 new 1 B 50 20 i2", 1000},
        {"0 account 7 kill", 0},
    };
    CHECK_STEPS(steps);
}

Test(account, the_limit_counts_what_is_open_and_what_would_be)
{
    static const struct script_case cases[] = {
        {"a new order counts whole, whatever it would trade",
         "0 account 7 notional1000\n2 new 1 S 100 4 a9\n1 new 1 B 100 11\n1 new 1 B 100 10\n"
         "1 new 2 B 101 4\n1 new 2 B 100 4\n1 new 3 B 1 1\n1 reduce 1 1\n1 new 3 B 1 1",
         "2 accepted 1 S 100x4\n1 rejected 1 ACCOUNT_NOTIONAL\n1 accepted 1 B 100x10\n"
         "2 maker 1 100x4 left 0\n1 taker 1 100x4 left 6\n1 rejected 2 ACCOUNT_NOTIONAL\n"
         "1 accepted 2 B 100x4\n1 rejected 3 ACCOUNT_NOTIONAL\n1 reduced 1 5\n"
         "1 accepted 3 B 1x1\n"},
        {"a replaced order's own is taken out first",
         "0 account 7 notional1000\n1 new 1 B 100 10\n1 replace 1 1 100 9\n1 replace 1 1 50 20\n"
         "1 replace 1 1 50 21\n2 new 1 S 50 5 a9\n1 replace 1 1 50 25\n1 replace 1 1 50 26",
         "1 accepted 1 B 100x10\n1 replaced 1>1 100x9 total 9 done 0\n"
         "1 replaced 1>1 50x20 total 20 done 0\n1 rejected 1 ACCOUNT_NOTIONAL\n"
         "2 accepted 1 S 50x5\n1 maker 1 50x5 left 15\n2 taker 1 50x5 left 0\n"
         "1 replaced 1>1 50x20 total 25 done 5\n1 rejected 1 ACCOUNT_NOTIONAL\n"},
        {"market orders count at the best opposite price, and not at all without one",
         "0 account 7 notional1000\n0 reference 1\n1 new 1 B market 999\n1 new 1 B mtl 999\n"
         "2 new 1 S 100 1 a9\n2 new 2 S 200 1 a9\n1 new 1 B market 11\n1 new 1 B market 10",
         "1 accepted 1 B 0x999\n1 cancelled 1 999 MARKET_REMAINDER unasked\n"
         "1 accepted 1 B 0x999\n1 cancelled 1 999 NO_LIQUIDITY unasked\n"
         "2 accepted 1 S 100x1\n2 accepted 2 S 200x1\n1 rejected 1 ACCOUNT_NOTIONAL\n"
         "1 accepted 1 B 0x10\n2 maker 1 100x1 left 0\n1 taker 1 100x1 left 9\n"
         "2 maker 2 200x1 left 0\n1 taker 1 200x1 left 8\n"
         "1 cancelled 1 8 MARKET_REMAINDER unasked\n"},
        {"a market-to-limit order never rests beyond the limit",
         "0 account 7 notional1000\n2 new 1 S 100 1 a9\n1 new 1 B mtl 11\n1 new 1 B mtl 10\nbook\n"
         "1 new 2 B 50 3\n1 new 2 B 50 2",
         "2 accepted 1 S 100x1\n1 rejected 1 ACCOUNT_NOTIONAL\n1 accepted 1 B 0x10\n"
         "2 maker 1 100x1 left 0\n1 taker 1 100x1 left 9\nbook 1@100x9 |\n"
         "1 rejected 2 ACCOUNT_NOTIONAL\n1 accepted 2 B 50x2\n"},
        {"stops count at their limit or stop price",
         "0 account 7 notional1000\n1 new 1 B market 11 stop100\n1 new 1 B 100 11 stop50\n"
         "1 new 1 B market 5 stop100\n1 new 2 B 100 6 stop900\n1 new 2 B 100 5 stop900",
         "1 rejected 1 ACCOUNT_NOTIONAL\n1 rejected 1 ACCOUNT_NOTIONAL\n1 accepted 1 B 0x5\n"
         "1 rejected 2 ACCOUNT_NOTIONAL\n1 accepted 2 B 100x5\n"},
        {"settings in mid-life count what is open already; no limit: no check",
         "1 new 1 B 100 10\n1 new 2 B market 10 stop50\n1 new 3 S 200 20 show5\n"
         "0 account 7 notional5500\n1 new 4 B 1 1\n0 account 7 notional5501\n1 new 4 B 1 1\n"
         "0 account 7\n1 new 5 B 100 10",
         "1 accepted 1 B 100x10\n1 accepted 2 B 0x10\n1 accepted 3 S 200x20\n"
         "1 rejected 4 ACCOUNT_NOTIONAL\n1 accepted 4 B 1x1\n1 accepted 5 B 100x10\n"},
        {"a lower limit takes nothing away, and forbids no way down at the same price",
         "0 account 7 notional1000\n1 new 1 B 100 10\n0 account 7 notional500\nbook\n"
         "1 replace 1 1 100 11\n1 replace 1 1 99 6\n1 replace 1 1 100 6\n1 replace 1 1 99 5",
         "1 accepted 1 B 100x10\nbook 1@100x10 |\n1 rejected 1 ACCOUNT_NOTIONAL\n"
         "1 rejected 1 ACCOUNT_NOTIONAL\n1 replaced 1>1 100x6 total 6 done 0\n"
         "1 replaced 1>1 99x5 total 5 done 0\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(account, many_accounts_are_kept_apart)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.accounts_max = 300;
    struct fixture *fixture = fixture_new(&limits);
    for (uint32_t i = 0; i < 300; i++) {
        struct hf_account *account = hf_account_make(fixture->core, i * 7919u);
        cr_assert_not_null(account);
        account->group = i + 1;
    }
    cr_expect_null(hf_account_make(fixture->core, 1), "full");
    for (uint32_t i = 0; i < 300; i++) {
        const struct hf_account *account = hf_account_find(fixture->core, i * 7919u);
        cr_assert_not_null(account);
        cr_expect_eq(account->group, i + 1);
        cr_expect_eq(hf_account_make(fixture->core, i * 7919u), account, "one entry each");
    }
    cr_expect_null(hf_account_find(fixture->core, 1));
    fixture_free(fixture);
}
