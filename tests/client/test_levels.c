/* test_levels.c - the level book by itself: pages, events, what it refuses, and books that grow at either
 * end. That it is the engine's book at every moment is shown by tests/model/follower.c. */
#include "levels.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdlib.h>

#define MANY 3000u

static struct hf_levels levels;

static void
tidy(void)
{
    hf_levels_free(&levels);
}

TestSuite(levels, .fini = tidy);

static int
add_page(enum hf_side side, int64_t first, int64_t step, size_t count, bool ends, uint64_t number)
{
    struct hf_depth_level page[64] = {{0}};
    for (size_t i = 0; i < count; i++) {
        page[i] = (struct hf_depth_level){
            .price = first + step * (int64_t)i, .quantity = 10, .orders = 2};
    }
    return hf_levels_add_page(&levels, side, page, count, ends, number);
}

static void
cover(uint64_t number)
{
    hf_levels_reset(&levels);
    cr_assert_eq(add_page(HF_BUY, 100, -1, 2, true, number), HF_OK);
    cr_assert_eq(add_page(HF_SELL, 101, 1, 2, true, number), HF_OK);
}

static int
apply(uint64_t number, enum hf_market_type type, enum hf_side side, int64_t price,
      uint64_t quantity, uint8_t flags)
{
    struct hf_market_event event = {.number = number,
                                    .type = (uint8_t)type,
                                    .side = (uint8_t)side,
                                    .flags = flags,
                                    .price = price,
                                    .quantity = quantity};
    return hf_levels_apply(&levels, &event);
}

Test(levels, pages_are_wanted_best_first_bids_then_asks)
{
    enum hf_side side;
    int64_t price;
    cr_assert(hf_levels_wants(&levels, &side, &price));
    cr_expect(side == HF_BUY && price == INT64_MAX);
    cr_assert_eq(add_page(HF_BUY, 100, -1, 3, false, 5), HF_OK);
    cr_assert(hf_levels_wants(&levels, &side, &price));
    cr_expect(side == HF_BUY && price == 98);
    cr_assert_eq(add_page(HF_BUY, 0, 0, 0, true, 6), HF_OK);
    cr_assert(hf_levels_wants(&levels, &side, &price));
    cr_expect(side == HF_SELL && price == INT64_MIN);
    cr_assert_eq(add_page(HF_SELL, -5, 1, 2, false, 6), HF_OK);
    cr_assert(hf_levels_wants(&levels, &side, &price));
    cr_expect(side == HF_SELL && price == -4);
    cr_assert_eq(add_page(HF_SELL, -2, 1, 1, true, 9), HF_OK);
    cr_expect_not(hf_levels_wants(&levels, &side, &price));
    cr_expect_not(hf_levels_whole(&levels, 8));
    cr_expect(hf_levels_whole(&levels, 9));
}

Test(levels, pages_that_cannot_be_are_refused)
{
    struct hf_depth_level page = {.price = 100, .quantity = 0, .orders = 1};
    cr_expect_eq(hf_levels_add_page(&levels, HF_BUY, &page, 1, true, 1), HF_E_PROTOCOL);
    page = (struct hf_depth_level){.price = 100, .quantity = 1, .orders = 0};
    cr_expect_eq(hf_levels_add_page(&levels, HF_BUY, &page, 1, true, 1), HF_E_PROTOCOL);
    cr_expect_eq(add_page(HF_BUY, 100, 1, 2, true, 1), HF_E_PROTOCOL, "the wrong way round");
    cr_expect_eq(add_page(HF_SELL, 100, 0, 2, true, 1), HF_E_PROTOCOL, "one price twice");
    cr_expect_eq(add_page(HF_BUY, 0, 0, 0, false, 1), HF_E_PROTOCOL, "empty, and not the end");
    hf_levels_reset(&levels);
    cr_assert_eq(add_page(HF_BUY, 100, -1, 2, false, 7), HF_OK);
    cr_expect_eq(add_page(HF_BUY, 98, -1, 2, false, 6), HF_E_PROTOCOL, "numbers run back");
    cr_expect_eq(add_page(HF_BUY, 99, -1, 2, false, 8), HF_E_PROTOCOL, "overlaps the last one");
    cover(7);
    cr_expect_eq(add_page(HF_BUY, 1, -1, 1, true, 8), HF_E_PROTOCOL, "all is covered");
}

Test(levels, events_that_do_not_fit_are_refused)
{
    static const struct {
        enum hf_market_type type;
        enum hf_side side;
        int64_t price;
        uint64_t quantity;
        uint8_t flags;
        int code;
    } cases[] = {
        {HF_MARKET_CANCEL, HF_BUY, 100, 3, HF_MARKET_GONE, HF_OK},
        {HF_MARKET_EXECUTE, HF_BUY, 100, 9, 0, HF_OK},
        {HF_MARKET_CANCEL, HF_BUY, 55, 3, HF_MARKET_GONE, HF_E_PROTOCOL}, /* no such level */
        {HF_MARKET_EXECUTE, HF_BUY, 100, 11, 0, HF_E_PROTOCOL},           /* more than there is */
        {HF_MARKET_EXECUTE, HF_BUY, 100, 10, 0, HF_E_PROTOCOL}, /* orders without quantity */
        {HF_MARKET_EXECUTE, HF_BUY, 100, 10, HF_MARKET_GONE,
         HF_E_PROTOCOL}, /* the same, one left */
        {HF_MARKET_ADD, HF_SIDE_NONE, 100, 10, 0, HF_E_PROTOCOL},
        {HF_MARKET_PHASE, HF_SIDE_NONE, 0, 0, 0, HF_OK}, /* none of its business */
        {HF_MARKET_UNCROSS, HF_SIDE_NONE, 100, 10, 0, HF_OK},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cover(5);
        cr_expect_eq(apply(6, cases[i].type, cases[i].side, cases[i].price, cases[i].quantity,
                           cases[i].flags),
                     cases[i].code, "case %zu", i);
    }
    cover(5);
    cr_expect_eq(apply(6, HF_MARKET_CANCEL, HF_BUY, 100, 5, HF_MARKET_GONE), HF_OK);
    cr_expect_eq(apply(7, HF_MARKET_CANCEL, HF_BUY, 100, 4, HF_MARKET_GONE), HF_E_PROTOCOL,
                 "quantity without orders");
}

Test(levels, a_book_without_levels_refuses_what_takes_off)
{
    hf_levels_reset(&levels);
    cr_assert_eq(add_page(HF_BUY, 0, 0, 0, true, 5), HF_OK);
    cr_assert_eq(add_page(HF_SELL, 0, 0, 0, true, 5), HF_OK);
    cr_expect_eq(apply(6, HF_MARKET_CANCEL, HF_BUY, 100, 3, HF_MARKET_GONE), HF_E_PROTOCOL);
    cr_expect_eq(apply(6, HF_MARKET_EXECUTE, HF_SELL, 100, 3, 0), HF_E_PROTOCOL);
}

Test(levels, any_price_has_its_rank)
{
    struct hf_depth_level level;
    cover(5);
    cr_expect_eq(apply(6, HF_MARKET_ADD, HF_SELL, INT64_MIN, 1, 0), HF_OK);
    cr_expect_eq(hf_levels_copy(&levels, HF_SELL, &level, 1), 1);
    cr_expect_eq(level.price, INT64_MIN, "the best of all asks");
    cr_expect_eq(apply(7, HF_MARKET_ADD, HF_BUY, INT64_MIN, 1, 0), HF_OK);
    cr_expect_eq(hf_levels_copy(&levels, HF_BUY, &level, 1), 1);
    cr_expect_eq(level.price, 100);
}

Test(levels, old_events_and_uncovered_prices_are_passed_over)
{
    struct hf_depth_level best[3];
    cr_assert_eq(add_page(HF_BUY, 100, -1, 2, false, 5), HF_OK);
    cr_expect_eq(apply(5, HF_MARKET_CANCEL, HF_BUY, 100, 99, HF_MARKET_GONE), HF_OK);
    cr_expect_eq(apply(6, HF_MARKET_CANCEL, HF_BUY, 98, 99, HF_MARKET_GONE), HF_OK);
    cr_expect_eq(apply(6, HF_MARKET_CANCEL, HF_SELL, 98, 99, HF_MARKET_GONE), HF_OK);
    cr_expect_eq(apply(7, HF_MARKET_ADD, HF_BUY, 99, 1, 0), HF_OK);
    cr_assert_eq(add_page(HF_BUY, 98, -1, 1, true, 7), HF_OK);
    cr_expect_eq(apply(7, HF_MARKET_ADD, HF_BUY, 98, 1, 0), HF_OK);
    cr_expect_eq(apply(8, HF_MARKET_ADD, HF_BUY, 98, 2, 0), HF_OK);
    cr_assert_eq(hf_levels_copy(&levels, HF_BUY, best, 3), 3);
    cr_expect_eq(best[0].quantity, 10);
    cr_expect_eq(best[1].quantity, 11);
    cr_expect_eq(best[2].quantity, 12);
    cr_expect_eq(best[2].orders, 3);
}

/* Against a plain array by price. */

static void
expect_equal(const uint32_t *orders, enum hf_side side)
{
    struct hf_depth_level *copy = calloc(MANY, sizeof(*copy));
    size_t count = hf_levels_copy(&levels, side, copy, MANY);
    size_t at = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t price = side == HF_BUY ? MANY - 1 - i : i;
        if (orders[price] != 0) {
            cr_assert_lt(at, count);
            cr_assert_eq(copy[at].price, (int64_t)price);
            cr_assert_eq(copy[at].orders, orders[price]);
            cr_assert_eq(copy[at].quantity, 10 * orders[price]);
            at++;
        }
    }
    cr_assert_eq(at, count);
    free(copy);
}

Test(levels, levels_come_and_go_anywhere)
{
    for (enum hf_side side = HF_BUY; side <= HF_SELL; side++) {
        uint32_t *orders = calloc(MANY, sizeof(*orders));
        uint64_t random = 7;
        uint64_t number = 0;
        hf_levels_reset(&levels);
        cr_assert_eq(add_page(side, 0, 0, 0, true, 0), HF_OK);
        for (uint32_t step = 0; step < 30 * MANY; step++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            /* a window that wanders through all prices, so that both ends grow and shrink */
            uint32_t price = (step / 30 + (uint32_t)(random >> 40) % 400) % MANY;
            bool add = orders[price] == 0 || (random >> 33) % 3 == 0;
            orders[price] = add ? orders[price] + 1 : orders[price] - 1;
            cr_assert_eq(apply(++number, add ? HF_MARKET_ADD : HF_MARKET_CANCEL, side, price, 10,
                               add ? 0 : HF_MARKET_GONE),
                         HF_OK);
            if (step % 997 == 0) {
                expect_equal(orders, side);
            }
        }
        expect_equal(orders, side);
        free(orders);
    }
}

Test(levels, a_book_of_many_pages_is_built_towards_its_end)
{
    struct hf_depth_level *copy = calloc(64 * 100, sizeof(*copy));
    for (int64_t page = 0; page < 100; page++) {
        cr_assert_eq(add_page(HF_SELL, 64 * page, 1, 64, page == 99, (uint64_t)page), HF_OK);
    }
    cr_assert_eq(hf_levels_copy(&levels, HF_SELL, copy, 6400), 6400);
    for (int64_t i = 0; i < 6400; i++) {
        cr_assert_eq(copy[i].price, i);
    }
    free(copy);
}
