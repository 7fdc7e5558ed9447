/* test_stage.c - a bell rings only for who sleeps, once, and no ring is slept over (T1, T2). */
#include "daemon/stage.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <criterion/criterion.h>
#include <pthread.h>

Test(stage, nobody_is_rung_who_is_awake)
{
    struct hf_stage_bell bell = {0};
    hf_bell_ring(&bell, 1);
    cr_expect_eq(bell.doorbell, 0);
}

Test(stage, who_sleeps_until_a_dead_line_is_rung_for_what_is_urgent_only)
{
    static const struct {
        enum hf_parked how;
        int urgent;
        uint32_t rings;
    } cases[] = {
        {HF_AWAKE, 0, 0},  {HF_AWAKE, 1, 0},        {HF_PARKED, 0, 1},
        {HF_PARKED, 1, 1}, {HF_PARKED_TIMED, 0, 0}, {HF_PARKED_TIMED, 1, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_stage_bell bell = {0};
        (void)hf_bell_prepare(&bell, cases[i].how);
        hf_bell_ring(&bell, cases[i].urgent);
        cr_expect_eq(bell.doorbell, cases[i].rings, "case %zu", i);
    }
}

Test(stage, one_sleep_is_rung_for_once)
{
    struct hf_stage_bell bell = {0};
    (void)hf_bell_prepare(&bell, HF_PARKED);
    hf_bell_ring(&bell, 1);
    hf_bell_ring(&bell, 1);
    cr_expect_eq(bell.doorbell, 1);
    (void)hf_bell_prepare(&bell, HF_PARKED);
    hf_bell_ring(&bell, 1);
    cr_expect_eq(bell.doorbell, 2);
}

Test(stage, a_ring_between_prepare_and_sleep_is_not_slept_over)
{
    struct hf_stage_bell bell = {0};
    uint32_t seen = hf_bell_prepare(&bell, HF_PARKED);
    hf_bell_ring(&bell, 0);
    uint64_t before = hf_clock_monotonic_ns();
    hf_bell_sleep(&bell, seen, 10000000000u);
    cr_expect_lt(hf_clock_monotonic_ns() - before, 5000000000u);
    cr_expect_eq(bell.parked, HF_AWAKE);
}

Test(stage, a_cancelled_sleep_is_awake)
{
    struct hf_stage_bell bell = {0};
    (void)hf_bell_prepare(&bell, HF_PARKED_TIMED);
    hf_bell_cancel(&bell);
    cr_expect_eq(bell.parked, HF_AWAKE);
    hf_bell_ring(&bell, 1);
    cr_expect_eq(bell.doorbell, 0);
}

#define HANDOVERS 2000u

struct handover {
    struct hf_stage_bell bell;
    uint32_t work;
};

static void *
work_through(void *context)
{
    struct handover *handover = context;
    for (uint32_t done = 0; done < HANDOVERS;) {
        uint32_t seen = hf_bell_prepare(&handover->bell, HF_PARKED);
        if (hf_load_seq_cst(&handover->work) == done) {
            hf_bell_sleep(&handover->bell, seen, 60000000000u); /* a lost ring is a minute */
        } else {
            hf_bell_cancel(&handover->bell);
            done = hf_load_seq_cst(&handover->work);
        }
    }
    return NULL;
}

Test(stage, two_threads_lose_no_ring, .timeout = 50)
{
    static struct handover handover;
    pthread_t worker;
    cr_assert_eq(pthread_create(&worker, NULL, work_through, &handover), 0);
    for (uint32_t i = 0; i < HANDOVERS; i++) {
        hf_fetch_add_seq_cst(&handover.work, 1);
        hf_bell_ring(&handover.bell, 0);
        if (i % 7 == 0) {
            hf_clock_sleep_ns(20000);
        }
    }
    pthread_join(worker, NULL);
    cr_expect_eq(handover.work, HANDOVERS);
}
