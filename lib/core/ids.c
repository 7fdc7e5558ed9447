/*
 * ids.c - keys of the id tables, and their growth.
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

/** The orders of one old bucket whose tags say so go to the new one. */
static void
part(struct hf_id_table table, uint32_t from, uint32_t to, uint32_t bit)
{
    uint32_t *stay = &table.heads[from];
    uint32_t *go = &table.heads[to];
    uint32_t order = *stay;
    while (order != 0) {
        struct hf_id_link *link = hf_ids_link(table, order);
        uint32_t **end = (link->tag & bit) != 0 ? &go : &stay;
        **end = order;
        *end = &link->next;
        order = link->next;
    }
    *stay = 0;
    *go = 0;
}

void
hf_ids_grow(struct hf_ids *ids, struct hf_id_table one, struct hf_id_table other)
{
    while (ids->buckets < 2 * ids->used && ids->buckets < ids->buckets_max) {
        uint32_t added = ids->buckets++;
        ids->mask |= added;                      /* one bit more when there are 2^n */
        uint32_t highest = (ids->mask >> 1) + 1; /* the bit by which the two differ */
        part(one, added - highest, added, highest);
        part(other, added - highest, added, highest);
    }
}
