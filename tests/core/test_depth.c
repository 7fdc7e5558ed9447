/* test_depth.c - levels and orders as others see them. */
#include "script.h"

static struct fixture *
three_levels(void)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 100 5\n2 new 2 B 98 7\n1 new 3 B 100 6\n1 new 4 B 90 1\n"
                        "2 new 5 S 101 9\n2 new 6 S 140 2");
    return fixture;
}

Test(depth, levels_come_best_first_with_their_sums)
{
    struct fixture *fixture = three_levels();
    struct hf_depth_level levels[4] = {{0}};
    cr_assert_eq(hf_core_depth(fixture->core, 1, HF_BUY, levels, 4), 3);
    cr_expect_eq(levels[0].price, 100);
    cr_expect_eq(levels[0].quantity, 11);
    cr_expect_eq(levels[0].orders, 2);
    cr_expect_eq(levels[1].price, 98);
    cr_expect_eq(levels[2].price, 90);
    cr_assert_eq(hf_core_depth(fixture->core, 1, HF_SELL, levels, 4), 2);
    cr_expect_eq(levels[0].price, 101);
    cr_expect_eq(levels[1].price, 140);
    fixture_free(fixture);
}

Test(depth, orders_come_in_priority)
{
    struct fixture *fixture = three_levels();
    struct hf_book_order orders[4];
    cr_assert_eq(hf_core_orders(fixture->core, 1, HF_BUY, orders, 4), 4);
    static const uint64_t ids[] = {1, 3, 2, 4};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(orders[i].client_order_id, ids[i]);
        cr_expect_eq(orders[i].account, 7);
    }
    cr_expect_eq(orders[2].session, 2);
    cr_expect_eq(orders[2].quantity, 7);
    cr_expect_eq(orders[2].order_id, fixture->reports[1].lsn);
    fixture_free(fixture);
}

Test(depth, capacity_cuts_and_unknown_books_are_empty)
{
    struct fixture *fixture = three_levels();
    struct hf_depth_level levels[4];
    struct hf_book_order orders[4];
    cr_expect_eq(hf_core_depth(fixture->core, 1, HF_BUY, levels, 2), 2);
    cr_expect_eq(hf_core_depth(fixture->core, 1, HF_BUY, levels, 0), 0);
    cr_expect_eq(hf_core_orders(fixture->core, 1, HF_BUY, orders, 3), 3);
    cr_expect_eq(hf_core_orders(fixture->core, 1, HF_BUY, orders, 1), 1);
    cr_expect_eq(hf_core_orders(fixture->core, 1, HF_BUY, orders, 0), 0);
    static const uint32_t instruments[] = {0, 3, 4, UINT32_MAX};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(hf_core_depth(fixture->core, instruments[i], HF_BUY, levels, 4), 0);
        cr_expect_eq(hf_core_orders(fixture->core, instruments[i], HF_SELL, orders, 4), 0);
    }
    cr_expect_eq(hf_core_depth(fixture->core, 1, HF_SIDE_NONE, levels, 4), 0);
    cr_expect_eq(hf_core_orders(fixture->core, 1, (enum hf_side)3, orders, 4), 0);
    fixture_free(fixture);
}

Test(depth, icebergs_show_their_peak_and_hold_more_and_stops_are_not_seen)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_depth_level level;
    struct hf_book_order order;
    run_script(fixture, "1 new 1 B 100 25 show10\n1 new 2 B 99 5 stop100\n2 new 3 S 100 4");
    cr_assert_eq(hf_core_depth(fixture->core, 1, HF_BUY, &level, 1), 1);
    cr_expect_eq(level.quantity, 6);
    cr_expect_eq(level.orders, 1);
    cr_assert_eq(hf_core_orders(fixture->core, 1, HF_BUY, &order, 1), 1);
    cr_expect_eq(order.shown, 6);
    cr_expect_eq(order.quantity, 21);
    fixture_free(fixture);
}

Test(depth, pages_go_on_behind_any_price)
{
    static const struct {
        enum hf_side side;
        int64_t price;
        int64_t first; /* 0: there is none */
        size_t count;
    } cases[] = {
        {HF_BUY, INT64_MAX, 100, 3},  {HF_BUY, 1000, 100, 3},    {HF_BUY, 101, 100, 3},
        {HF_BUY, 100, 98, 2},         {HF_BUY, 99, 98, 2},       {HF_BUY, 98, 90, 1},
        {HF_BUY, 90, 0, 0},           {HF_BUY, -5, 0, 0},        {HF_BUY, INT64_MIN, 0, 0},
        {HF_SELL, INT64_MIN, 101, 2}, {HF_SELL, -1000, 101, 2},  {HF_SELL, 100, 101, 2},
        {HF_SELL, 101, 140, 1},       {HF_SELL, 139, 140, 1},    {HF_SELL, 140, 0, 0},
        {HF_SELL, INT64_MAX, 0, 0},   {HF_SIDE_NONE, 100, 0, 0},
    };
    struct fixture *fixture = three_levels();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_depth_level levels[4] = {{0}};
        cr_expect_eq(
            hf_core_depth_behind(fixture->core, 1, cases[i].side, cases[i].price, levels, 4),
            cases[i].count, "case %zu", i);
        cr_expect_eq(levels[0].price, cases[i].first, "case %zu", i);
    }
    struct hf_depth_level none;
    cr_expect_eq(hf_core_depth_behind(fixture->core, 9, HF_BUY, 1000, &none, 1), 0);
    fixture_free(fixture);
}

Test(depth, a_price_between_two_ticks_is_behind_the_better_one)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_depth_level levels[2];
    run_script(fixture, "1 new 1 B -10 10 i2\n1 new 2 B -5 10 i2\n1 new 3 B 0 10 i2\n"
                        "1 new 4 S 5 10 i2\n1 new 5 S 10 10 i2");
    for (int64_t price = -12; price <= 12; price++) {
        for (enum hf_side side = HF_BUY; side <= HF_SELL; side++) {
            struct hf_depth_level all[8];
            size_t count = hf_core_depth(fixture->core, 2, side, all, 8);
            size_t skipped = 0;
            while (skipped < count &&
                   (side == HF_BUY ? all[skipped].price >= price : all[skipped].price <= price)) {
                skipped++;
            }
            size_t left = count - skipped < 2 ? count - skipped : 2;
            cr_assert_eq(hf_core_depth_behind(fixture->core, 2, side, price, levels, 2), left);
            for (size_t i = 0; i < left; i++) {
                cr_expect_eq(levels[i].price, all[skipped + i].price);
            }
        }
    }
    fixture_free(fixture);
}

Test(depth, the_last_price_is_that_of_the_last_trade_or_the_reference)
{
    struct fixture *fixture = three_levels();
    int64_t price = 5;
    cr_expect_not(hf_core_last_price(fixture->core, 1, &price));
    cr_expect_eq(price, 0);
    run_script(fixture, "1 new 9 S 98 12");
    cr_expect(hf_core_last_price(fixture->core, 1, &price));
    cr_expect_eq(price, 98);
    run_script(fixture, "0 reference 97");
    cr_expect(hf_core_last_price(fixture->core, 1, &price));
    cr_expect_eq(price, 97);
    cr_expect_not(hf_core_last_price(fixture->core, 77, &price));
    fixture_free(fixture);
}
