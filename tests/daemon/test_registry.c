/* test_registry.c - tables are exchanged whole; who reads one keeps it until its quiescent state. */
#include "daemon/registry.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <pthread.h>
#include <signal.h>
#include <urcu-qsbr.h>

static void
check_table(const struct hf_link_table *table)
{
    uint32_t found = 0;
    for (uint32_t slot = 0; slot < table->slots; slot++) {
        if (table->by_slot[slot] != NULL) {
            cr_expect_eq(table->by_slot[slot]->slot, slot);
            cr_expect_eq(table->dense[found], table->by_slot[slot], "dense in slot order");
            found++;
        }
    }
    cr_expect_eq(table->count, found);
}

Test(registry, links_come_and_go)
{
    struct hf_registry registry;
    cr_assert_eq(hf_registry_init(&registry, 5), HF_OK);
    cr_expect_eq(hf_registry_read(&registry)->count, 0);
    static const uint32_t SLOTS[] = {3, 1, 5, 2};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(hf_registry_add(&registry, hf_link_create(SLOTS[i], 10 + i, "x", 1)), HF_OK);
        check_table(hf_registry_read(&registry));
    }
    cr_expect_null(hf_registry_link(&registry, 4));
    cr_expect_null(hf_registry_link(&registry, 6), "beyond the table");
    cr_expect_null(hf_registry_link(&registry, UINT32_MAX));
    struct hf_link *link = hf_registry_link(&registry, 1);
    cr_assert_not_null(link);
    cr_expect_eq(link->session_id, 11);
    cr_assert_eq(hf_registry_remove(&registry, link), HF_OK);
    hf_link_destroy(link);
    check_table(hf_registry_read(&registry));
    cr_expect_null(hf_registry_link(&registry, 1));
    hf_registry_destroy(&registry);
    cr_expect_null(registry.table);
}

Test(registry, a_slot_is_given_once, .signal = SIGABRT)
{
    struct hf_registry registry;
    (void)hf_registry_init(&registry, 5);
    (void)hf_registry_add(&registry, hf_link_create(1, 10, "x", 1));
    (void)hf_registry_add(&registry, hf_link_create(1, 11, "y", 1));
}

struct reader {
    struct hf_registry *registry;
    uint32_t reading;
    uint32_t go_on;
    const struct hf_link *link;
};

static void *
read_slowly(void *context)
{
    struct reader *reader = context;
    rcu_register_thread();
    reader->link = hf_registry_read(reader->registry)->by_slot[1];
    hf_store_release(&reader->reading, 1);
    while (hf_load_acquire(&reader->go_on) == 0) {
        hf_clock_sleep_ns(100000);
    }
    uint64_t id = reader->link->session_id; /* must still be there */
    rcu_quiescent_state();
    rcu_unregister_thread();
    return id == 10 ? reader : NULL;
}

static void *
let_go_later(void *context)
{
    struct reader *reader = context;
    hf_clock_sleep_ns(50000000);
    hf_store_release(&reader->go_on, 1);
    return NULL;
}

Test(registry, removal_waits_for_who_still_reads)
{
    struct hf_registry registry;
    struct reader reader = {.registry = &registry};
    pthread_t threads[2];
    void *result;
    cr_assert_eq(hf_registry_init(&registry, 5), HF_OK);
    cr_assert_eq(hf_registry_add(&registry, hf_link_create(1, 10, "x", 1)), HF_OK);
    cr_assert_eq(pthread_create(&threads[0], NULL, read_slowly, &reader), 0);
    while (hf_load_acquire(&reader.reading) == 0) {
        hf_clock_sleep_ns(100000);
    }
    cr_assert_eq(pthread_create(&threads[1], NULL, let_go_later, &reader), 0);
    struct hf_link *link = hf_registry_link(&registry, 1);
    cr_assert_eq(hf_registry_remove(&registry, link), HF_OK);
    cr_expect_eq(hf_load_acquire(&reader.go_on), 1, "not before the reader was through");
    link->session_id = 0;
    hf_link_destroy(link);
    pthread_join(threads[0], &result);
    pthread_join(threads[1], NULL);
    hf_registry_destroy(&registry);
}
