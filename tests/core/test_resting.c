/* test_resting.c - live orders are found by both ids, under the right session only. */
#include "core/resting.h"

#include "script.h"

Test(resting, an_order_is_found_by_both_ids_while_it_lives)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    uint64_t order_id = hf_core_lsn(fixture->core) + 1;
    run_script(fixture, "1 new 7 S 100 10");
    uint32_t index = hf_resting_find(fixture->core, 1, 7);
    cr_expect_neq(index, 0);
    cr_expect_eq(hf_resting_find_order_id(fixture->core, order_id), index);
    cr_expect_eq(hf_resting_find(fixture->core, 2, 7), 0);
    cr_expect_eq(hf_resting_find_order_id(fixture->core, order_id + 1), 0);
    run_script(fixture, "1 replace 7 8 101 5");
    cr_expect_eq(hf_resting_find(fixture->core, 1, 7), 0);
    cr_expect_eq(hf_resting_find(fixture->core, 1, 8), index);
    cr_expect_eq(hf_resting_find_order_id(fixture->core, order_id), index);
    run_script(fixture, "2 new 9 B 101 5");
    cr_expect_eq(hf_resting_find(fixture->core, 1, 8), 0);
    cr_expect_eq(hf_resting_find_order_id(fixture->core, order_id), 0);
    cr_expect_eq(hf_core_open_orders(fixture->core), 0);
    fixture_free(fixture);
}

Test(resting, a_freed_order_is_the_next_to_be_used)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 100 1\n1 new 2 B 100 1\n1 new 3 B 100 1");
    uint32_t index = hf_resting_find(fixture->core, 1, 2);
    run_script(fixture, "1 cancel 2\n1 new 4 B 50 1");
    cr_expect_eq(hf_resting_find(fixture->core, 1, 4), index);
    cr_expect_eq(hf_core_session(fixture->core, 1)->open_orders, 3);
    fixture_free(fixture);
}
