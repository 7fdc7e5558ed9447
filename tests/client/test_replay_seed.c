/* test_replay_seed.c - who makes up a level that enters the window. */
#include "cli/replay_seed.h"

#include <criterion/criterion.h>
#include <holdfast/units.h>

#define S HF_LOBSTER_SUBMIT
#define R HF_LOBSTER_REDUCE
#define D HF_LOBSTER_DELETE
#define X HF_LOBSTER_EXECUTE

/* time, id, quantity, price, type, side */
static const struct hf_lobster_message messages[] = {
    {0, 30, 10, 100, S, HF_BUY}, /* row 1 */
    {0, 20, 4, 100, X, HF_BUY},  /* 2: rested before the file */
    {0, 30, 3, 100, R, HF_BUY},  /* 3 */
    {0, 40, 5, 100, S, HF_BUY},  /* 4 */
    {0, 20, 2, 100, D, HF_BUY},  /* 5 */
    {0, 30, 7, 100, D, HF_BUY},  /* 6 */
    {0, 40, 5, 100, X, HF_BUY},  /* 7 */
    {0, 35, 50, 100, D, HF_BUY}, /* 8: submitted while its level was outside */
    {0, 21, 9, 100, D, HF_SELL}, /* 9: the other side */
    {0, 22, 9, 101, D, HF_BUY},  /* 10: another price */
    {0, 0, 100, 100, HF_LOBSTER_HIDDEN, HF_BUY},
};
enum { MESSAGES = sizeof messages / sizeof messages[0] };

struct plan_case {
    const char *what;
    uint64_t quantity;
    uint64_t row; /* the level enters after this row */
    uint64_t filler;
    uint32_t count;
    struct hf_replay_planned planned[4];
};

static const struct plan_case plan_cases[] = {
    {"all unknown at the start", 6, 0, 0, 1, {{20, 6}}},
    {"with a filler for what nothing tells of", 8, 0, 2, 1, {{20, 6}}},
    {"an unknown order that does not fit was not there", 5, 0, 5, 0, {{0}}},
    {"two unknown orders, oldest first", 56, 0, 0, 2, {{20, 6}, {35, 50}}},
    {"a known order and what is left of an unknown one", 12, 2, 0, 2, {{20, 2}, {30, 10}}},
    {"a known order comes before an older unknown one", 10, 2, 0, 1, {{30, 10}}},
    {"what was taken before does not count", 9, 3, 0, 2, {{20, 2}, {30, 7}}},
    {"an order is not there before its submission", 9, 3, 0, 2, {{20, 2}, {30, 7}}},
    {"all three", 14, 4, 0, 3, {{20, 2}, {30, 7}, {40, 5}}},
    {"and the stranger between", 64, 4, 0, 4, {{20, 2}, {30, 7}, {35, 50}, {40, 5}}},
    {"less than the orders that rest for certain", 6, 4, 1, 1, {{40, 5}}},
    {"nothing is known any more", 3, 8, 3, 0, {{0}}},
};

static void
expect_plan(const struct plan_case *plan)
{
    struct hf_replay_seed seed;
    struct hf_replay_planned planned[8];
    uint32_t count;
    cr_assert(hf_replay_seed_build(&seed, messages, MESSAGES));
    cr_assert_leq(hf_replay_seed_room(&seed), 8);
    for (uint64_t row = 0; row < plan->row; row++) {
        hf_replay_seed_pass(&seed, &messages[row]);
    }
    uint64_t filler =
        hf_replay_seed_plan(&seed, HF_BUY, 100, plan->quantity, plan->row, planned, &count);
    cr_expect_eq(filler, plan->filler, "%s: filler %lu", plan->what, (unsigned long)filler);
    cr_assert_eq(count, plan->count, "%s: %u orders", plan->what, count);
    for (uint32_t i = 0; i < count; i++) {
        cr_expect_eq(planned[i].id, plan->planned[i].id, "%s: order %u", plan->what, i);
        cr_expect_eq(planned[i].quantity, plan->planned[i].quantity, "%s: %u", plan->what, i);
    }
    hf_replay_seed_free(&seed);
}

Test(replay_seed, a_level_is_made_up_of_the_orders_that_later_messages_name)
{
    for (size_t i = 0; i < sizeof plan_cases / sizeof plan_cases[0]; i++) {
        expect_plan(&plan_cases[i]);
    }
}

Test(replay_seed, a_plan_can_be_asked_for_again)
{
    struct hf_replay_seed seed;
    struct hf_replay_planned planned[8];
    uint32_t count;
    cr_assert(hf_replay_seed_build(&seed, messages, MESSAGES));
    for (uint64_t row = 0; row < 4; row++) {
        hf_replay_seed_pass(&seed, &messages[row]);
        for (unsigned again = 0; again < 2; again++) {
            hf_replay_seed_plan(&seed, HF_BUY, 100, 1000, row + 1, planned, &count);
        }
    }
    cr_expect_eq(hf_replay_seed_plan(&seed, HF_BUY, 100, 14, 4, planned, &count), 0);
    cr_expect_eq(count, 3);
    hf_replay_seed_free(&seed);
}

Test(replay_seed, a_level_of_which_nothing_is_told_is_all_filler)
{
    struct hf_replay_seed seed;
    struct hf_replay_planned planned[8];
    uint32_t count;
    cr_assert(hf_replay_seed_build(&seed, messages, MESSAGES));
    cr_expect_eq(hf_replay_seed_plan(&seed, HF_BUY, 99, 7, 0, planned, &count), 7);
    cr_expect_eq(count, 0);
    hf_replay_seed_free(&seed);
    cr_assert(hf_replay_seed_build(&seed, messages, 0));
    cr_expect_eq(hf_replay_seed_plan(&seed, HF_BUY, 100, 7, 0, planned, &count), 7);
    cr_expect_eq(hf_replay_seed_room(&seed), 0);
    hf_replay_seed_free(&seed);
}
