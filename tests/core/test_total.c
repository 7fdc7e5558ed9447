/*
 * test_total.c - the totals of Q1, in builds that keep them; and that the others have none.
 */
#include "core/total.h"

#include "script.h"

#include <signal.h>

static struct fixture *fixture;

static void
begin(void)
{
    fixture = fixture_new(&fixture_limits);
}

static void
end(void)
{
    fixture_free(fixture);
}

TestSuite(total, .init = begin, .fini = end);

/** The newest order of session 1. */
static struct hf_order *
newest(void)
{
    uint32_t index = hf_core_session(fixture->core, 1)->first_order;
    cr_assert_neq(index, 0);
    return &hf_core_order_pool(fixture->core)[index];
}

#ifdef HF_EXPENSIVE_CHECKS

/** Pool index of an order that nobody has. */
#define UNUSED 50u

Test(total, there_is_one_for_each_order_and_for_the_one_that_enters)
{
    struct hf_engine_limits limits = fixture_limits;
    for (limits.orders_max = 1; limits.orders_max < 40; limits.orders_max++) {
        size_t bytes = hf_total_bytes(&limits);
        cr_expect_geq(bytes, (limits.orders_max + 1) * sizeof(uint64_t));
        cr_expect_lt(bytes, (limits.orders_max + 1) * sizeof(uint64_t) + 64);
        cr_expect_eq(bytes % 64, 0);
    }
    cr_expect_eq(hf_core_footprint(&fixture_limits),
                 hf_core_image_bytes(&fixture_limits) + hf_total_bytes(&fixture_limits));
}

Test(total, holds_of_an_order_while_lots_only_change_from_open_to_executed)
{
    struct hf_order *order = &hf_core_order_pool(fixture->core)[UNUSED];
    order->open = 10;
    hf_total_set(fixture->core, order, 10);
    hf_total_check(fixture->core, order);
    order->open = 4;
    order->executed = 6;
    hf_total_check(fixture->core, order);
    order->open = 1;
    hf_total_lessen(fixture->core, order, 3);
    hf_total_check(fixture->core, order);
    order->open = 0;
    hf_total_lessen(fixture->core, order, 1);
    hf_total_check(fixture->core, order);
    cr_expect_eq(order->executed, 6);
}

Test(total, a_lot_that_goes_unseen_is_a_panic, .signal = SIGABRT)
{
    struct hf_order order = {.open = 10};
    hf_total_set(fixture->core, &order, 10);
    order.open--;
    hf_total_check(fixture->core, &order);
}

Test(total, a_lot_that_comes_from_nowhere_is_a_panic, .signal = SIGABRT)
{
    struct hf_order order = {.open = 10};
    hf_total_set(fixture->core, &order, 10);
    order.executed++;
    hf_total_check(fixture->core, &order);
}

Test(total, an_order_cannot_lose_more_than_it_has, .signal = SIGABRT)
{
    struct hf_order order = {.open = 10};
    hf_total_set(fixture->core, &order, 10);
    hf_total_lessen(fixture->core, &order, 11);
}

Test(total, what_entered_takes_its_total_to_its_place_in_the_pool)
{
    struct hf_order entering = {.open = 10};
    struct hf_order *order = &hf_core_order_pool(fixture->core)[UNUSED];
    hf_total_set(fixture->core, &entering, 10);
    hf_total_settle(fixture->core, UNUSED);
    hf_total_set(fixture->core, &entering, 7);
    *order = entering;
    hf_total_check(fixture->core, order);
    entering.open = 7;
    hf_total_check(fixture->core, &entering);
}

Test(total, is_kept_by_all_that_may_happen_to_an_order)
{
    run_script(fixture, "1 new 1 B 50 20 show5\n2 new 2 S 50 7\n1 reduce 1 3");
    struct hf_order *order = newest();
    cr_expect(order->executed == 7 && order->open < 10, "some of its rest does not show");
    hf_total_check(fixture->core, order);
    run_script(fixture, "1 replace 1 3 51 40");
    hf_total_check(fixture->core, newest());
}

Test(total, the_hidden_rest_of_an_iceberg_counts, .signal = SIGABRT)
{
    run_script(fixture, "1 new 1 B 50 20 show5");
    const struct hf_order *order = newest();
    hf_extra_of(fixture->core, hf_core_session(fixture->core, 1)->first_order)->hidden--;
    hf_total_check(fixture->core, order);
}

/** As after the image alone was copied: what the array has is noise. */
static void
forget_totals(void)
{
    memset(hf_core_part(fixture->core, hf_core_image_bytes(&fixture_limits)), 0xee,
           hf_total_bytes(&fixture_limits));
}

Test(total, all_can_be_made_again_from_the_image)
{
    run_script(fixture, "1 new 1 B 50 20 show5\n1 new 2 B 49 3\n2 new 3 S 50 7\n1 cancel 2");
    forget_totals();
    hf_total_restore(fixture->core);
    hf_total_check(fixture->core, newest());
    hf_core_audit(fixture->core);
    cr_expect_str_eq(run_script(fixture, "1 cancel 1"), "1 cancelled 1 13 REQUESTED\n");
    struct hf_order *cancelled = &hf_core_order_pool(fixture->core)[fixture->core->orders.high];
    cr_assert_eq(cancelled->order_id, 0);
    cancelled->open = cancelled->executed = 0;
    hf_total_check(fixture->core, cancelled);
}

Test(total, made_again_of_unsound_links_it_reads_nothing_outside)
{
    run_script(fixture, "1 new 1 B 50 20 show5");
    struct hf_order *order = newest();
    hf_core_extra_of(fixture->core)[hf_core_session(fixture->core, 1)->first_order] = UINT32_MAX;
    forget_totals();
    hf_total_restore(fixture->core);
    order->flags &= (uint8_t)~HF_ORDER_EXTRA;
    hf_total_check(fixture->core, order);
}

#else

Test(total, a_build_without_these_checks_has_no_room_for_them)
{
    cr_expect_eq(hf_total_bytes(&fixture_limits), 0);
    cr_expect_eq(hf_core_footprint(&fixture_limits), hf_core_image_bytes(&fixture_limits));
}

Test(total, a_build_without_these_checks_neither_panics_nor_changes_anything)
{
    run_script(fixture, "1 new 1 B 50 20 show5");
    struct hf_order *order = newest();
    size_t bytes = hf_core_footprint(&fixture_limits);
    void *before = malloc(bytes);
    cr_assert_not_null(before);
    order->open--;
    memcpy(before, fixture->core, bytes);
    hf_total_set(fixture->core, order, 1);
    hf_total_lessen(fixture->core, order, 2);
    hf_total_settle(fixture->core, 1);
    hf_total_restore(fixture->core);
    hf_total_check(fixture->core, order);
    cr_expect_eq(memcmp(fixture->core, before, bytes), 0);
    free(before);
}

#endif
