/*
 * ids.c - keys of the id tables, and removal that leaves no tombstones.
 */
#include "core/ids.h"

#include "base/panic.h"

/* Odd constants without pattern (the golden ratio, and a prime of xxHash). */
#define KEY_STEP 0x9e3779b97f4a7c15u
#define KEY_PRIME 0xc2b2ae3d27d4eb4fu

static uint64_t
stretch(uint64_t *seed)
{
    *seed += KEY_STEP;
    return hf_mix(hf_mix(*seed, KEY_PRIME) ^ *seed, KEY_STEP);
}

void
hf_ids_init(struct hf_ids *ids, uint32_t orders, uint64_t seed)
{
    ids->lines = hf_ids_lines(orders);
    ids->key[0] = stretch(&seed) | 1;
    ids->key[1] = stretch(&seed) | 1;
}

/** Steps from one position forward to another. */
static uint32_t
distance(const struct hf_ids *ids, uint32_t from, uint32_t to)
{
    return to >= from ? to - from : to + ids->lines * 8 - from;
}

void
hf_ids_remove(const struct hf_ids *ids, struct hf_id_entry *entries, uint32_t tag, uint32_t order)
{
    uint32_t hole = hf_ids_home(ids, tag);
    while (entries[hole].order != order) {
        HF_ASSERT("I2", entries[hole].order != 0);
        hole = hf_ids_after(ids, hole);
    }
    for (uint32_t at = hf_ids_after(ids, hole); entries[at].order != 0;
         at = hf_ids_after(ids, at)) {
        /* An entry may move back into the hole unless its home lies behind the hole. */
        uint32_t home = hf_ids_home(ids, entries[at].tag);
        if (distance(ids, home, at) >= distance(ids, hole, at)) {
            entries[hole] = entries[at];
            hole = at;
        }
    }
    entries[hole] = (struct hf_id_entry){0};
}
