/*
 * ids.h - tables from an id to the pool index of its live order: chains in buckets, which grow in number
 * with the orders that live.
 *
 *   heads   bucket 0 │ 1 │ ... │ buckets - 1 │ none so far ... buckets_max - 1
 *                  └─► order ─ next ─► order ─ next ─► 0
 *   links   by order index, of both tables side by side: tag (32 bits of a keyed hash of the id), next
 *
 * What is touched is dense: few live orders use few buckets and few links, however many there could be. A
 * new bucket takes its share of one old one (linear hashing): no insertion costs more than two of these.
 * The number of buckets never falls. Consecutive ids lie together. Chains are told apart by their tags, so that orders are looked at only
 * where the tag is right. Without the key nobody can choose ids that fall together.
 *
 * I1  the orders in all chains are those that live
 * I2  every order is in the chain of its tag's bucket
 * I3  there are at least twice as many buckets as orders, as far as buckets_max goes
 * I4  the links of order 0 are all zero: whoever follows an empty chain one step too far finds nothing
 */
#ifndef HF_CORE_IDS_H
#define HF_CORE_IDS_H

#include "base/choose.h"
#include "base/panic.h"
#include "core/order.h"

#include <stdbool.h>

struct hf_id_link {
    uint32_t tag;
    uint32_t next; /**< order index; 0: the last of its chain */
};

/** Both tables' links of one order. */
struct hf_id_links {
    struct hf_id_link client;
    struct hf_id_link order;
};

/** Of both tables: each has all live orders, so they grow together. */
struct hf_ids {
    uint64_t key[2];
    uint32_t used;
    uint32_t buckets;
    uint32_t buckets_max;
    uint32_t mask; /**< the bits that number them: 2^n - 1, not below buckets - 1 */
};

/** A table and its parts. */
struct hf_id_table {
    const struct hf_ids *ids;
    uint32_t *heads;
    struct hf_id_link *links; /**< of order 0; those of an order are HF_ID_STRIDE further each */
};

#define HF_ID_STRIDE (sizeof(struct hf_id_links) / sizeof(struct hf_id_link))

/** The most buckets of a table of up to `orders` orders (at most 2^30). */
static inline uint32_t
hf_ids_buckets_max(uint32_t orders)
{
    return 2 * orders;
}

void hf_ids_init(struct hf_ids *ids, uint32_t orders, uint64_t seed);

/** Both halves of the 128-bit product, folded. */
static inline uint64_t
hf_mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** The tag of an id: `session` is 0 for order ids. Sixteen consecutive ids have buckets side by side, in one cache
 *  line. One round would pile up ids of some strides under some keys. */
static inline uint32_t
hf_ids_tag(const struct hf_ids *ids, uint32_t session, uint64_t id)
{
    uint64_t hash = (id >> 4 ^ ids->key[0] ^ (uint64_t)session << 48) * ids->key[1];
    hash = (hash ^ hash >> 32) * ids->key[0];
    return (uint32_t)(hash >> 32) ^ ((uint32_t)id & 15u);
}

/** The bucket of a tag: so many of its low bits as there are buckets for. */
static inline uint32_t
hf_ids_bucket(const struct hf_ids *ids, uint32_t tag)
{
    uint32_t beyond = (tag & ids->mask) >= ids->buckets;
    return tag & (ids->mask >> beyond); /* no branch: nobody could foresee it */
}

static inline struct hf_id_link *
hf_ids_link(struct hf_id_table table, uint32_t order)
{
    return &table.links[HF_ID_STRIDE * order];
}

/** The next order of a chain that has this tag, from `order` on; 0: none. */
static inline uint32_t
hf_ids_with_tag(struct hf_id_table table, uint32_t order, uint32_t tag)
{
    while (order != 0 && hf_ids_link(table, order)->tag != tag) {
        order = hf_ids_link(table, order)->next;
    }
    return order;
}

/** Where an id belongs in a table, until that grows. */
struct hf_id_place {
    uint32_t *head; /**< of its bucket's chain */
    uint32_t tag;
};

static inline struct hf_id_place
hf_ids_place(struct hf_id_table table, uint32_t tag)
{
    return (struct hf_id_place){.head = &table.heads[hf_ids_bucket(table.ids, tag)], .tag = tag};
}

/** The first order of a place's chain that has its tag; 0: none. */
static inline uint32_t
hf_ids_first(struct hf_id_table table, struct hf_id_place place)
{
    return hf_ids_with_tag(table, *place.head, place.tag);
}

/** The one behind it; 0: none. */
static inline uint32_t
hf_ids_second(struct hf_id_table table, uint32_t order, uint32_t tag)
{
    return hf_ids_with_tag(table, hf_ids_link(table, order)->next, tag);
}

/** Whether there is no order of a place's tag, as far as two of its chain tell it, without a branch (I4). */
static inline bool
hf_ids_surely_lacks(struct hf_id_table table, struct hf_id_place place)
{
    const struct hf_id_link *one = hf_ids_link(table, *place.head);
    const struct hf_id_link *two = hf_ids_link(table, one->next);
    return ((one->tag != place.tag) & (two->tag != place.tag) & (two->next == 0)) != 0;
}

/** The live order of a session with a client order id, whose place this is; 0: none. */
static inline uint32_t
hf_ids_find_at(struct hf_id_table table, struct hf_id_place place, const struct hf_order *orders,
               uint32_t session, uint64_t id)
{
    uint32_t order = hf_ids_first(table, place);
    while (order != 0 &&
           (orders[order].client_order_id != id || orders[order].session != session)) {
        order = hf_ids_second(table, order, place.tag);
    }
    return order;
}

/** The same, its place not known. */
static inline uint32_t
hf_ids_find_client(struct hf_id_table table, const struct hf_order *orders, uint32_t session,
                   uint64_t id)
{
    struct hf_id_place place = hf_ids_place(table, hf_ids_tag(table.ids, session, id));
    return hf_ids_find_at(table, place, orders, session, id);
}

/** The live order with an order id; 0: none. */
static inline uint32_t
hf_ids_find_order(struct hf_id_table table, const struct hf_order *orders, uint64_t id)
{
    struct hf_id_place place = hf_ids_place(table, hf_ids_tag(table.ids, 0, id));
    uint32_t order = hf_ids_first(table, place);
    while (order != 0 && orders[order].order_id != id) {
        order = hf_ids_second(table, order, place.tag);
    }
    return order;
}

/** hf_ids_add() where buckets are due. */
void hf_ids_grow(struct hf_ids *ids, struct hf_id_table one, struct hf_id_table other);

/** One more order will be in both tables: they get the buckets for it (I3). @return whether they grew: no place is
 *  what it was */
static inline bool
hf_ids_add(struct hf_ids *ids, struct hf_id_table one, struct hf_id_table other)
{
    ids->used++;
    bool grows = HF_UNLIKELY(ids->buckets < 2 * ids->used && ids->buckets < ids->buckets_max);
    if (grows) {
        hf_ids_grow(ids, one, other);
    }
    return grows;
}

/** Add an order. */
static inline void
hf_ids_insert(struct hf_id_table table, struct hf_id_place place, uint32_t order)
{
    *hf_ids_link(table, order) = (struct hf_id_link){.tag = place.tag, .next = *place.head};
    *place.head = order;
}

/** Remove an order that is there, from the chain that begins at `at`. */
static inline void
hf_ids_remove_from(struct hf_id_table table, uint32_t *at, uint32_t order)
{
    uint32_t *behind = &hf_ids_link(table, *at)->next;
    at = hf_choose(*at == order, at, behind); /* nobody foresees where */
    while (HF_UNLIKELY(*at != order)) {
        HF_ASSERT("I2", *at != 0);
        at = &hf_ids_link(table, *at)->next;
    }
    *at = hf_ids_link(table, order)->next;
}

/** The chain that an order is in begins here. */
static inline uint32_t *
hf_ids_head_of(struct hf_id_table table, uint32_t order)
{
    return hf_ids_place(table, hf_ids_link(table, order)->tag).head;
}

/** The same, its chain not known. */
static inline void
hf_ids_remove(struct hf_id_table table, uint32_t order)
{
    hf_ids_remove_from(table, hf_ids_head_of(table, order), order);
}

#endif
