/*
 * resting.h - an order's life in the tables: it becomes live in all of them at once, and ceases so.
 */
#ifndef HF_CORE_RESTING_H
#define HF_CORE_RESTING_H

#include "core/state.h"

/** Find the live order of a session by client order id; 0: none. */
uint32_t hf_resting_find(const struct hf_core *core, uint32_t session, uint64_t client_order_id);

/** Find the live order with an order id; 0: none. */
uint32_t hf_resting_find_order_id(const struct hf_core *core, uint64_t order_id);

/** Ask for the cache lines that hf_resting_add() of an order with this id will touch. */
static inline void
hf_resting_expect_add(const struct hf_core *core, uint64_t order_id)
{
    uint32_t tag = hf_ids_tag(&core->order_ids, 0, order_id);
    __builtin_prefetch(&hf_core_order_ids(core)[hf_ids_home(&core->order_ids, tag)], 1);
    __builtin_prefetch(&hf_core_order_pool(core)[hf_pool_next(&core->orders)], 1);
}

/** Ask for the cache lines that hf_resting_drop() of this order will touch: its neighbours in two
 *  lists, its level, and its entry by order id, all at once instead of one after the other. */
static inline void
hf_resting_expect_drop(const struct hf_core *core, const struct hf_order *order)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    uint32_t tag = hf_ids_tag(&core->order_ids, 0, order->order_id);
    __builtin_prefetch(&hf_core_level_pool(core)[order->level], 1);
    __builtin_prefetch(&pool[order->prev].next, 1);
    __builtin_prefetch(&pool[order->next].next, 1);
    __builtin_prefetch(&pool[order->session_prev].next, 1);
    __builtin_prefetch(&pool[order->session_next].next, 1);
    __builtin_prefetch(&hf_core_order_ids(core)[hf_ids_home(&core->order_ids, tag)], 1);
}

/** Make an order live: copy `order` (links are filled here) to the pool, both tables, its session
 *  and the back of its price. There must be room (hf_book_has_room(), a free order). */
void hf_resting_add(struct hf_core *core, const struct hf_order *order, struct hf_book *book,
                    int64_t price);

/** Take a live order out of everything. */
void hf_resting_drop(struct hf_core *core, uint32_t index);

/** As hf_resting_drop(), for an order that has left the book already. */
void hf_resting_drop_unbooked(struct hf_core *core, uint32_t index);

/** Give a live order another client order id, unused in its session. */
void hf_resting_rename(struct hf_core *core, uint32_t index, uint64_t client_order_id);

#endif
