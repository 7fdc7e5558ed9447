/* test_ids.c - the id tables, against a plain array; and how ids spread. */
#include "core/ids.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define ORDERS 200u

struct rig {
    struct hf_ids ids;
    struct hf_id_entry *entries;
    struct hf_order orders[ORDERS + 1];
};

static struct rig *
rig_new(uint32_t orders, uint64_t seed)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    hf_ids_init(&rig->ids, orders, seed);
    rig->entries = calloc((size_t)rig->ids.lines * 8, sizeof(*rig->entries));
    return rig;
}

static void
rig_free(struct rig *rig)
{
    free(rig->entries);
    free(rig);
}

static uint32_t
tag_of(const struct rig *rig, uint32_t order)
{
    return hf_ids_tag(&rig->ids, rig->orders[order].session, rig->orders[order].client_order_id);
}

static uint32_t
find(const struct rig *rig, uint32_t session, uint64_t id)
{
    return hf_ids_find_client(&rig->ids, rig->entries, rig->orders,
                              hf_ids_tag(&rig->ids, session, id), session, id);
}

static void
add(struct rig *rig, uint32_t order, uint32_t session, uint64_t id)
{
    rig->orders[order].session = (uint16_t)session;
    rig->orders[order].client_order_id = id;
    rig->orders[order].order_id = 1;
    hf_ids_insert(&rig->ids, rig->entries, tag_of(rig, order), order);
}

static void
take(struct rig *rig, uint32_t order)
{
    hf_ids_remove(&rig->ids, rig->entries, tag_of(rig, order), order);
    rig->orders[order].order_id = 0;
}

Test(ids, the_same_id_in_two_sessions_is_two_orders)
{
    struct rig *rig = rig_new(ORDERS, 1);
    add(rig, 1, 1, 77);
    add(rig, 2, 2, 77);
    cr_expect_eq(find(rig, 1, 77), 1);
    cr_expect_eq(find(rig, 2, 77), 2);
    cr_expect_eq(find(rig, 3, 77), 0);
    take(rig, 1);
    cr_expect_eq(find(rig, 1, 77), 0);
    cr_expect_eq(find(rig, 2, 77), 2);
    rig_free(rig);
}

Test(ids, a_full_table_of_the_least_size_still_finds_and_ends_its_probes)
{
    for (uint32_t size = 1; size <= 9; size++) {
        struct rig *rig = rig_new(size, size);
        for (uint32_t order = 1; order <= size; order++) {
            add(rig, order, 1, order * 8);
        }
        for (uint32_t order = 1; order <= size; order++) {
            cr_expect_eq(find(rig, 1, order * 8), order);
        }
        cr_expect_eq(find(rig, 1, 5), 0);
        rig_free(rig);
    }
}

/* Every order in the rig is found, and every other id of the range is not. */
static void
expect_all_found(const struct rig *rig, const uint32_t *order_of, uint32_t ids)
{
    for (uint32_t id = 1; id <= ids; id++) {
        cr_assert_eq(find(rig, 1 + id % 3, id), order_of[id]);
    }
}

Test(ids, random_churn_at_full_load_loses_and_invents_nothing)
{
    static uint32_t order_of[1024];
    struct rig *rig = rig_new(ORDERS, 99);
    uint32_t free_orders[ORDERS];
    uint32_t free_count = ORDERS;
    uint64_t state = 4711;
    for (uint32_t i = 0; i < ORDERS; i++) {
        free_orders[i] = i + 1;
    }
    for (uint32_t i = 0; i < 20000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint32_t id = 1 + (uint32_t)(state >> 32) % 300;
        if (order_of[id] != 0) {
            take(rig, order_of[id]);
            free_orders[free_count++] = order_of[id];
            order_of[id] = 0;
        } else if (free_count != 0) {
            order_of[id] = free_orders[--free_count];
            add(rig, order_of[id], 1 + id % 3, id);
        }
        if (i % 50 == 0) {
            expect_all_found(rig, order_of, 300);
        }
    }
    rig_free(rig);
}

Test(ids, removal_wraps_around_the_end_of_the_table)
{
    struct rig *rig = rig_new(8, 5);
    uint32_t last = rig->ids.lines * 8 - 1;
    uint32_t tag = 0;
    while (hf_ids_home(&rig->ids, tag) != last) {
        tag += 0x1000001u; /* any walk over all tags */
    }
    for (uint32_t order = 1; order <= 3; order++) {
        hf_ids_insert(&rig->ids, rig->entries, tag, order);
    }
    cr_assert_eq(rig->entries[1].order, 3);
    hf_ids_remove(&rig->ids, rig->entries, tag, 1);
    cr_expect_eq(rig->entries[last].order, 2);
    cr_expect_eq(rig->entries[0].order, 3);
    cr_expect_eq(rig->entries[1].order, 0);
    rig_free(rig);
}

Test(ids, removing_what_is_not_there_is_a_broken_invariant, .signal = SIGABRT)
{
    struct rig *rig = rig_new(ORDERS, 1);
    add(rig, 1, 1, 77);
    hf_ids_remove(&rig->ids, rig->entries, tag_of(rig, 1), 2);
}

Test(ids, eight_consecutive_ids_share_a_line)
{
    struct rig *rig = rig_new(1000, 3);
    uint32_t used = 0;
    for (uint64_t id = 800; id < 808; id++) {
        uint32_t home = hf_ids_home(&rig->ids, hf_ids_tag(&rig->ids, 1, id));
        cr_expect_eq(home / 8, hf_ids_home(&rig->ids, hf_ids_tag(&rig->ids, 1, 800)) / 8);
        used |= 1u << (home % 8);
    }
    cr_expect_eq(used, 0xff);
    rig_free(rig);
}

/** The most ids of an arithmetic sequence that fall on one line. */
static uint32_t
fullest_line(uint64_t seed, uint64_t stride)
{
    static uint32_t load[2048];
    struct hf_ids ids;
    uint32_t most = 0;
    hf_ids_init(&ids, 8192, seed);
    memset(load, 0, sizeof(load));
    for (uint64_t i = 1; i <= 8192; i++) {
        uint32_t line = hf_ids_home(&ids, hf_ids_tag(&ids, 1, i * stride)) / 8;
        load[line]++;
        most = load[line] > most ? load[line] : most;
    }
    return most;
}

Test(ids, no_stride_piles_up_ids)
{
    for (unsigned shift = 3; shift < 51; shift++) {
        for (uint64_t seed = 0; seed < 4; seed++) {
            uint32_t most = fullest_line(seed, (uint64_t)1 << shift);
            cr_expect_leq(most, 24, "stride 2^%u seed %u: %u on a line (mean 4)", shift,
                          (unsigned)seed, most);
        }
    }
}

Test(ids, another_seed_puts_ids_elsewhere)
{
    struct hf_ids one;
    struct hf_ids two;
    uint32_t same = 0;
    hf_ids_init(&one, 8192, 1);
    hf_ids_init(&two, 8192, 2);
    for (uint64_t id = 8; id < 8000; id += 8) {
        same += hf_ids_home(&one, hf_ids_tag(&one, 1, id)) / 8 ==
                hf_ids_home(&two, hf_ids_tag(&two, 1, id)) / 8;
    }
    cr_expect_lt(same, 20);
}
