/* test_book.c - best prices and levels as orders come and go, over wide prices and full pools. */
#include "script.h"

Test(book, best_prices_follow)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    const struct hf_book_side *bids = &hf_core_books(fixture->core)[1].sides[0];
    const struct hf_book_side *asks = &hf_core_books(fixture->core)[1].sides[1];
    static const struct {
        const char *line;
        int64_t bid;
        int64_t ask;
    } steps[] = {{"1 new 1 B 500 1", 500, INT64_MAX},
                 {"1 new 2 B 400 1", 500, INT64_MAX},
                 {"1 new 3 B 600 1", 600, INT64_MAX},
                 {"1 new 4 S 601 1", 600, 601},
                 {"1 new 5 S 999 1", 600, 601},
                 {"1 cancel 4", 600, 999},
                 {"1 cancel 3", 500, 999},
                 {"1 new 6 S 500 2", 400, 500},
                 {"1 cancel 2", INT64_MIN, 500},
                 {"1 cancel 6", INT64_MIN, 999},
                 {"1 cancel 5", INT64_MIN, INT64_MAX}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        run_script(fixture, steps[i].line);
        cr_expect_eq(bids->best_price, steps[i].bid, "%s", steps[i].line);
        cr_expect_eq(asks->best_price, steps[i].ask, "%s", steps[i].line);
    }
    cr_expect_eq(fixture->core->nodes.used, 0);
    fixture_free(fixture);
}

static struct fixture *
wide_fixture(uint32_t levels_max)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.levels_max = levels_max;
    struct fixture *fixture = fixture_bare(&limits);
    fixture_add_instrument(fixture, (struct hf_instrument_info){.symbol = "WIDE",
                                                                .tick = 1,
                                                                .lot = 1,
                                                                .price_min = 1 - HF_PRICE_MAX,
                                                                .price_max = HF_PRICE_MAX - 1,
                                                                .quantity_max = 1000});
    fixture_open(fixture, 1, "one", 0);
    return fixture;
}

Test(book, the_widest_prices_trade_in_order)
{
    struct fixture *fixture = wide_fixture(32);
    const char *text = run_script(fixture, "1 new 1 S 1152921504606846975 1\n"
                                           "1 new 2 S -1152921504606846975 1\n"
                                           "1 new 3 S 0 1\nbook\n1 new 4 B market 2\nbook");
    cr_expect_str_eq(text, "1 accepted 1 S 1152921504606846975x1\n"
                           "1 accepted 2 S -1152921504606846975x1\n1 accepted 3 S 0x1\n"
                           "book | 2@-1152921504606846975x1 3@0x1 1@1152921504606846975x1\n"
                           "1 accepted 4 B 0x2\n1 maker 2 -1152921504606846975x1 left 0\n"
                           "1 taker 4 -1152921504606846975x1 left 1\n1 maker 3 0x1 left 0\n"
                           "1 taker 4 0x1 left 0\nbook | 1@1152921504606846975x1\n");
    fixture_free(fixture);
}

Test(book, every_level_is_used_however_far_prices_lie_apart)
{
    struct fixture *fixture = wide_fixture(32);
    for (unsigned i = 0; i < 32; i++) {
        char line[64];
        (void)snprintf(line, sizeof(line), "1 new %u S %lld 1", i + 1,
                       (long long)(i + 1) << (23 + i));
        cr_expect_not_null(strstr(run_script(fixture, line), "accepted"), "%u", i);
    }
    cr_expect_str_eq(run_script(fixture, "1 new 99 S 1000000000000 1"),
                     "1 rejected 99 LEVELS_FULL\n");
    cr_expect_eq(fixture->core->levels.used, 32);
    hf_core_audit(fixture->core);
    run_script(fixture, "1 new 100 S 8388608 1\n1 cancel 2");
    cr_expect_not_null(strstr(run_script(fixture, "1 new 99 S 1000000000000 1"), "accepted"));
    fixture_free(fixture);
}

Test(book, every_level_is_used_and_reused_on_narrow_prices)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.levels_max = 40;
    limits.session_orders_max = 64;
    struct fixture *fixture = fixture_new(&limits);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 1; i <= 41; i++) {
            char line[64];
            (void)snprintf(line, sizeof(line), "1 new %u B %u 1", i, i * 20);
            const char *text = run_script(fixture, line);
            cr_expect_not_null(strstr(text, i <= 40 ? "accepted" : "LEVELS_FULL"), "%s", text);
        }
        for (unsigned i = 1; i <= 40; i++) {
            char line[64];
            (void)snprintf(line, sizeof(line), "1 cancel %u", i);
            run_script(fixture, line);
        }
    }
    cr_expect_eq(fixture->core->levels.high, 40);
    cr_expect_eq(fixture->core->levels.used, 0);
    fixture_free(fixture);
}

Test(book, the_limit_of_a_market_order_is_the_collar_and_never_beyond_all_prices)
{
    static const struct {
        int64_t last;
        int64_t collar;
        int64_t buy;
        int64_t sell;
    } cases[] = {
        {HF_PRICE_NONE, 0, HF_PRICE_MAX, -HF_PRICE_MAX},
        {HF_PRICE_NONE, 5, HF_PRICE_MAX, -HF_PRICE_MAX},
        {100, 0, HF_PRICE_MAX, -HF_PRICE_MAX},
        {100, 5, 105, 95},
        {-100, 5, -95, -105},
        {0, HF_PRICE_MAX - 1, HF_PRICE_MAX - 1, 1 - HF_PRICE_MAX},
        {1, HF_PRICE_MAX, HF_PRICE_MAX, 1 - HF_PRICE_MAX},
        {HF_PRICE_MAX - 1, INT64_MAX, HF_PRICE_MAX, -HF_PRICE_MAX},
        {1 - HF_PRICE_MAX, INT64_MAX, HF_PRICE_MAX, -HF_PRICE_MAX},
        {HF_PRICE_MAX - 1, 3, HF_PRICE_MAX, HF_PRICE_MAX - 4},
        {1 - HF_PRICE_MAX, 3, 4 - HF_PRICE_MAX, -HF_PRICE_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct hf_book book = {.last_price = cases[i].last, .collar = cases[i].collar};
        cr_expect_eq(hf_book_market_limit(&book, HF_BUY), cases[i].buy, "case %zu", i);
        cr_expect_eq(hf_book_market_limit(&book, HF_SELL), cases[i].sell, "case %zu", i);
    }
}
