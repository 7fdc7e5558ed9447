/* test_waker.c - a bit per session; each is woken once, and sessions that are gone are passed over. */
#include "daemon/waker.h"

#include "base/clock.h"
#include "base/futex.h"
#include "desk.h"

#include <pthread.h>

Test(waker, every_slot_is_woken_once)
{
    struct hf_registry registry;
    struct hf_waker waker = {0};
    cr_assert_eq(hf_registry_init(&registry, 200), HF_OK);
    cr_assert_eq(hf_waker_init(&waker, &registry), HF_OK);
    static const uint32_t SLOTS[] = {1, 63, 64, 65, 127, 128, 200};
    for (size_t i = 0; i < 7; i++) {
        hf_waker_add(&waker, SLOTS[i]);
        hf_waker_add(&waker, SLOTS[i]);
    }
    cr_expect_eq(hf_waker_do_work(&waker), 7, "although no session is there");
    cr_expect_eq(hf_waker_do_work(&waker), 0);
    hf_waker_destroy(&waker);
    hf_registry_destroy(&registry);
}

static void *
sleep_on_head(void *context)
{
    struct hf_report_object *object = context;
    (void)hf_futex_wait((const uint32_t *)&object->report_head, 0, 20000000000u);
    return NULL;
}

Test(waker, a_client_that_sleeps_on_its_report_head_wakes)
{
    static struct desk desk;
    struct desk_client a;
    pthread_t sleeper;
    desk_init(&desk, HF_WAL_GROUP, 4096);
    desk_open(&desk, &a, "a", 64, 64);
    uint64_t before = hf_clock_monotonic_ns();
    cr_assert_eq(pthread_create(&sleeper, NULL, sleep_on_head, a.link->report_object), 0);
    hf_clock_sleep_ns(50000000);
    hf_waker_add(&desk.waker, a.link->slot);
    while (pthread_tryjoin_np(sleeper, NULL) != 0) {
        hf_waker_do_work(&desk.waker);
        hf_waker_add(&desk.waker, a.link->slot); /* it may not have slept yet */
        hf_clock_sleep_ns(1000000);
    }
    cr_expect_lt(hf_clock_monotonic_ns() - before, 10000000000u);
    desk_destroy(&desk);
}
