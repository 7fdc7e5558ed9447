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
