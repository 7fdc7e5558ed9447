/*
 * ids.c - keys of the id tables, removal, and growth.
 */
#include "core/ids.h"

/* Odd constants without pattern (the golden ratio, and a prime of xxHash). */
#define KEY_STEP 0x9e3779b97f4a7c15u
#define KEY_PRIME 0xc2b2ae3d27d4eb4fu

#define BUCKETS_MIN 2u

static uint64_t
stretch(uint64_t *seed)
{
    *seed += KEY_STEP;
    return hf_mix(hf_mix(*seed, KEY_PRIME) ^ *seed, KEY_STEP);
}

void
hf_ids_init(struct hf_ids *ids, uint32_t orders, uint64_t seed)
{
    ids->used = 0;
    ids->buckets = BUCKETS_MIN;
    ids->buckets_max = hf_ids_buckets_max(orders);
    ids->mask = BUCKETS_MIN - 1;
    ids->key[0] = stretch(&seed) | 1;
    ids->key[1] = stretch(&seed) | 1;
}

void
hf_ids_split(struct hf_id_table table)
{
    struct hf_ids *ids = table.ids;
    uint32_t added = ids->buckets++;
    ids->mask |= added;                      /* one bit more when there are 2^n */
    uint32_t highest = (ids->mask >> 1) + 1; /* the bit by which the two differ */
    uint32_t *stay = &table.heads[added - highest];
    uint32_t *go = &table.heads[added];
    uint32_t order = *stay;
    while (order != 0) {
        struct hf_id_link *link = hf_ids_link(table, order);
        uint32_t **end = (link->tag & highest) != 0 ? &go : &stay;
        **end = order;
        *end = &link->next;
        order = link->next;
    }
    *stay = 0;
    *go = 0;
}

void
hf_ids_remove(struct hf_id_table table, uint32_t order)
{
    const struct hf_id_link *link = hf_ids_link(table, order);
    uint32_t *at = &table.heads[hf_ids_bucket(table.ids, link->tag)];
    while (*at != order) {
        HF_ASSERT("I2", *at != 0);
        at = &hf_ids_link(table, *at)->next;
    }
    *at = link->next;
    table.ids->used--;
}
