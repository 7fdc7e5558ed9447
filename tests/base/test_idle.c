/* test_idle.c - each strategy does what its name says. */
#include "base/idle.h"

#include <criterion/criterion.h>

static const struct {
    const char *text;
    enum hf_idle_strategy strategy;
} names[] = {
    {"spin", HF_IDLE_SPIN},
    {"yield", HF_IDLE_YIELD},
    {"park", HF_IDLE_PARK},
    {"adaptive", HF_IDLE_ADAPTIVE},
};

Test(idle, parses_the_four_names_and_no_other)
{
    enum hf_idle_strategy strategy;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        cr_assert(hf_idle_parse(names[i].text, &strategy));
        cr_assert_eq(strategy, names[i].strategy);
    }
    const char *const others[] = {"", "SPIN", "spin ", "spi", "spins", "busy"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        strategy = HF_IDLE_PARK;
        cr_assert_not(hf_idle_parse(others[i], &strategy), "%s", others[i]);
        cr_assert_eq(strategy, HF_IDLE_PARK, "untouched");
    }
}

Test(idle, spin_and_yield_never_park)
{
    const enum hf_idle_strategy never[] = {HF_IDLE_SPIN, HF_IDLE_YIELD};
    for (size_t i = 0; i < 2; i++) {
        struct hf_idle idle;
        hf_idle_init(&idle, never[i]);
        for (int round = 0; round < 10000; round++) {
            cr_assert_not(hf_idle_wait(&idle));
        }
    }
}

Test(idle, park_parks_at_once)
{
    struct hf_idle idle;
    hf_idle_init(&idle, HF_IDLE_PARK);
    cr_assert(hf_idle_wait(&idle));
    cr_assert(hf_idle_wait(&idle));
}

Test(idle, adaptive_spins_then_yields_then_parks_until_it_is_reset)
{
    struct hf_idle idle;
    hf_idle_init(&idle, HF_IDLE_ADAPTIVE);
    cr_assert_gt(idle.yields_max, 0);
    for (int turn = 0; turn < 2; turn++) {
        uint32_t rounds = 0;
        while (!hf_idle_wait(&idle)) {
            rounds++;
        }
        cr_assert_eq(rounds, idle.spins_max + idle.yields_max);
        cr_assert(hf_idle_wait(&idle));
        hf_idle_reset(&idle);
    }
}

Test(idle, adaptive_with_bounds_of_zero_is_park_and_large_ones_do_not_wrap)
{
    struct hf_idle idle;
    hf_idle_init(&idle, HF_IDLE_ADAPTIVE);
    idle.spins_max = 0;
    idle.yields_max = 0;
    cr_assert(hf_idle_wait(&idle));
    idle.spins_max = UINT32_MAX - 2;
    idle.yields_max = 2;
    idle.idle_rounds = UINT32_MAX - 3;
    for (int round = 0; round < 3; round++) {
        cr_assert_not(hf_idle_wait(&idle));
    }
    cr_assert(hf_idle_wait(&idle));
    cr_assert(hf_idle_wait(&idle));
}
