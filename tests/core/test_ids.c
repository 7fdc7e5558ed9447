/* test_ids.c - the id tables, against a plain array; and how ids spread. */
#include "core/ids.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define ORDERS 200u

struct rig {
    struct hf_ids ids;
    struct hf_id_table table;
    struct hf_id_table other; /**< nothing is in it */
    struct hf_id_links links[ORDERS + 1];
    struct hf_order orders[ORDERS + 1];
};

static struct rig *
rig_new(uint32_t orders, uint64_t seed)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    hf_ids_init(&rig->ids, orders, seed);
    rig->table.ids = &rig->ids;
    rig->table.heads = calloc(rig->ids.buckets_max, sizeof(*rig->table.heads));
    rig->table.links = &rig->links->client;
    rig->other = rig->table;
    rig->other.heads = calloc(rig->ids.buckets_max, sizeof(*rig->other.heads));
    return rig;
}

static void
rig_free(struct rig *rig)
{
    free(rig->table.heads);
    free(rig->other.heads);
    free(rig);
}

static uint32_t
find(const struct rig *rig, uint32_t session, uint64_t id)
{
    return hf_ids_find_client(rig->table, rig->orders, session, id);
}

static void
add(struct rig *rig, uint32_t order, uint32_t session, uint64_t id)
{
    rig->orders[order].session = (uint16_t)session;
    rig->orders[order].client_order_id = id;
    rig->orders[order].order_id = 1;
    hf_ids_add(&rig->ids, rig->table, rig->other);
    hf_ids_insert(rig->table, hf_ids_place(rig->table, hf_ids_tag(&rig->ids, session, id)), order);
}

static void
take(struct rig *rig, uint32_t order)
{
    hf_ids_remove(rig->table, order);
    rig->ids.used--;
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

Test(ids, a_full_table_of_the_least_size_still_finds_all)
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

/** Orders 1 to 3 under tags of the same bucket: there are two. */
static void
add_chain(struct rig *rig)
{
    for (uint32_t order = 1; order <= 3; order++) {
        hf_ids_insert(rig->table, hf_ids_place(rig->table, order << 20), order);
    }
}

Test(ids, any_order_of_a_chain_can_be_removed)
{
    for (uint32_t gone = 1; gone <= 3; gone++) {
        struct rig *rig = rig_new(8, 5);
        add_chain(rig);
        hf_ids_remove(rig->table, gone);
        for (uint32_t order = 1; order <= 3; order++) {
            cr_expect_eq(hf_ids_first(rig->table, hf_ids_place(rig->table, order << 20)),
                         order == gone ? 0 : order);
        }
        rig_free(rig);
    }
}

Test(ids, orders_with_the_same_tag_are_told_apart_by_their_ids)
{
    struct rig *rig = rig_new(8, 5);
    uint32_t tag = hf_ids_tag(&rig->ids, 1, 77);
    add(rig, 1, 1, 77);
    rig->orders[2].client_order_id = 78;
    rig->orders[3].client_order_id = 77;
    rig->orders[3].session = 2;
    hf_ids_insert(rig->table, hf_ids_place(rig->table, tag), 2);
    hf_ids_insert(rig->table, hf_ids_place(rig->table, tag), 3);
    cr_expect_eq(find(rig, 1, 77), 1);
    cr_expect_eq(hf_ids_first(rig->table, hf_ids_place(rig->table, tag)), 3);
    cr_expect_eq(hf_ids_second(rig->table, 3, tag), 2);
    rig->orders[1].order_id = 4;
    rig->orders[2].order_id = 5;
    cr_expect_eq(hf_ids_find_order(rig->table, rig->orders, 6), 0);
    rig_free(rig);
}

Test(ids, a_place_surely_lacks_a_tag_only_where_its_chain_does)
{
    struct rig *rig = rig_new(8, 5);
    struct hf_id_place place = hf_ids_place(rig->table, 1u << 20); /* all of bucket 0 */
    struct hf_id_place zero = hf_ids_place(rig->table, 0);
    cr_expect(hf_ids_surely_lacks(rig->table, place), "an empty chain");
    cr_expect_not(hf_ids_surely_lacks(rig->table, zero), "the tag of nobody: not sure");
    hf_ids_insert(rig->table, place, 1);
    cr_expect_not(hf_ids_surely_lacks(rig->table, place), "the first has it");
    hf_ids_insert(rig->table, hf_ids_place(rig->table, 2u << 20), 2);
    cr_expect_not(hf_ids_surely_lacks(rig->table, place), "the second has it");
    cr_expect(hf_ids_surely_lacks(rig->table, hf_ids_place(rig->table, 4u << 20)),
              "neither has it");
    hf_ids_insert(rig->table, hf_ids_place(rig->table, 3u << 20), 3);
    cr_expect_not(hf_ids_surely_lacks(rig->table, place), "the third has it");
    cr_expect_not(hf_ids_surely_lacks(rig->table, hf_ids_place(rig->table, 4u << 20)),
                  "nobody looked at the third");
    rig_free(rig);
}

Test(ids, buckets_grow_with_the_orders_and_never_beyond_their_number)
{
    struct rig *rig = rig_new(ORDERS, 5);
    for (uint32_t order = 1; order <= ORDERS; order++) {
        uint32_t before = rig->ids.buckets;
        add(rig, order, 1, order * 1000);
        cr_expect_leq(rig->ids.buckets - before, 2);
        cr_expect_geq(rig->ids.buckets, 2 * order);
    }
    cr_expect_eq(rig->ids.buckets, rig->ids.buckets_max);
    for (uint32_t order = 1; order <= ORDERS; order++) {
        take(rig, order);
    }
    cr_expect_eq(rig->ids.buckets, rig->ids.buckets_max, "it does not shrink");
    cr_expect_eq(rig->ids.used, 0);
    rig_free(rig);
}

Test(ids, removing_what_is_not_there_is_a_broken_invariant, .signal = SIGABRT)
{
    struct rig *rig = rig_new(ORDERS, 1);
    add(rig, 1, 1, 77);
    hf_ids_remove(rig->table, 2);
}

/** Of a table of 8192 orders. */
static uint32_t
bucket_of(uint64_t seed, uint64_t id)
{
    struct hf_ids ids;
    hf_ids_init(&ids, 8192, seed);
    ids.buckets = 16384;
    ids.mask = 16383;
    return hf_ids_bucket(&ids, hf_ids_tag(&ids, 1, id));
}

Test(ids, sixteen_consecutive_ids_share_a_cache_line_of_heads)
{
    uint32_t used = 0;
    for (uint64_t id = 800; id < 816; id++) {
        uint32_t bucket = bucket_of(3, id);
        cr_expect_eq(bucket / 16, bucket_of(3, 800) / 16);
        used |= 1u << bucket % 16;
    }
    cr_expect_eq(used, 0xffff);
}

/** The most ids of an arithmetic sequence that fall into one bucket. */
static uint32_t
fullest_bucket(uint64_t seed, uint64_t stride)
{
    static uint32_t load[16384];
    uint32_t most = 0;
    memset(load, 0, sizeof(load));
    for (uint64_t i = 1; i <= 8192; i++) {
        uint32_t bucket = bucket_of(seed, i * stride);
        load[bucket]++;
        most = load[bucket] > most ? load[bucket] : most;
    }
    return most;
}

Test(ids, no_stride_piles_up_ids)
{
    for (unsigned shift = 0; shift < 51; shift++) {
        for (uint64_t seed = 0; seed < 50; seed++) {
            uint32_t most = fullest_bucket(seed, (uint64_t)1 << shift);
            cr_expect_leq(most, 9, "stride 2^%u seed %u: %u in a bucket (mean 1/2)", shift,
                          (unsigned)seed, most);
        }
    }
}

Test(ids, another_seed_puts_ids_elsewhere)
{
    uint32_t same = 0;
    for (uint64_t id = 1; id < 1000; id++) {
        same += bucket_of(1, id) == bucket_of(2, id);
    }
    cr_expect_lt(same, 20);
}
