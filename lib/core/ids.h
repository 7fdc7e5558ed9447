/*
 * ids.h - tables from an id to the pool index of its live order: open addressing, linear probing.
 *
 *   entry (8 bytes) = tag | order index          line (64 bytes) = 8 entries
 *   tag  (32 bits)  = 29 bits of a keyed hash of (session, id / 8) | 3 bits of id, permuted by it
 *
 * The tag says where an entry belongs: the 29 bits choose the line, the 3 bits the entry in it, so
 * that eight consecutive ids share one cache line, and moving entries never looks at the orders.
 * Without the key nobody can choose ids that fall together.
 *
 * I1  the table has at least twice as many entries as there can be orders: a probe always ends
 * I2  every entry is reachable from its home without crossing an empty one (kept by shifting back)
 */
#ifndef HF_CORE_IDS_H
#define HF_CORE_IDS_H

#include "core/order.h"

#include <stdbool.h>

struct hf_id_entry {
    uint32_t tag;
    uint32_t order; /**< 0: empty */
};

struct hf_ids {
    uint64_t key[2];
    uint32_t lines;
};

/** Lines for a table of up to `orders` orders (at most 2^30). */
static inline uint32_t
hf_ids_lines(uint32_t orders)
{
    return (2 * orders + 7) / 8;
}

void hf_ids_init(struct hf_ids *ids, uint32_t orders, uint64_t seed);

/** Both halves of the 128-bit product, folded. */
static inline uint64_t
hf_mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** The tag of an id. `session` is 0 in the table by order id. */
static inline uint32_t
hf_ids_tag(const struct hf_ids *ids, uint32_t session, uint64_t id)
{
    uint64_t inner = hf_mix((id >> 3) ^ ids->key[0], ids->key[1]);
    uint32_t hash = (uint32_t)(hf_mix(inner ^ session, ids->key[0]) >> 32);
    return hash ^ ((uint32_t)id & 7u);
}

/** Where an entry with this tag belongs. */
static inline uint32_t
hf_ids_home(const struct hf_ids *ids, uint32_t tag)
{
    uint32_t line = (uint32_t)((uint64_t)(tag >> 3) * ids->lines >> 29);
    return line * 8 + (tag & 7u);
}

static inline uint32_t
hf_ids_after(const struct hf_ids *ids, uint32_t position)
{
    return position + 1 == ids->lines * 8 ? 0 : position + 1;
}

/** The live order of a session with a client order id; 0: none. `tag` is hf_ids_tag() of the two. */
static inline uint32_t
hf_ids_find_client(const struct hf_ids *ids, const struct hf_id_entry *entries,
                   const struct hf_order *orders, uint32_t tag, uint32_t session, uint64_t id)
{
    for (uint32_t at = hf_ids_home(ids, tag);; at = hf_ids_after(ids, at)) {
        struct hf_id_entry entry = entries[at];
        if (entry.order == 0) {
            return 0;
        }
        if (entry.tag == tag && orders[entry.order].client_order_id == id &&
            orders[entry.order].session == session) {
            return entry.order;
        }
    }
}

/** The live order with an order id; 0: none. `tag` is hf_ids_tag() of session 0 and the id. */
static inline uint32_t
hf_ids_find_order(const struct hf_ids *ids, const struct hf_id_entry *entries,
                  const struct hf_order *orders, uint32_t tag, uint64_t id)
{
    for (uint32_t at = hf_ids_home(ids, tag);; at = hf_ids_after(ids, at)) {
        struct hf_id_entry entry = entries[at];
        if (entry.order == 0) {
            return 0;
        }
        if (entry.tag == tag && orders[entry.order].order_id == id) {
            return entry.order;
        }
    }
}

/** Add an order under a tag. */
static inline void
hf_ids_insert(const struct hf_ids *ids, struct hf_id_entry *entries, uint32_t tag, uint32_t order)
{
    uint32_t at = hf_ids_home(ids, tag);
    while (entries[at].order != 0) {
        at = hf_ids_after(ids, at);
    }
    entries[at] = (struct hf_id_entry){.tag = tag, .order = order};
}

/** Remove an order that is there under this tag. */
void hf_ids_remove(const struct hf_ids *ids, struct hf_id_entry *entries, uint32_t tag,
                   uint32_t order);

#endif
