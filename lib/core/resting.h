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

/** Make an order live: copy `order` (links are filled here) and `extra` (NULL: it needs none) to the
 *  pools, both tables, its session and the back of its price in a queue. There must be room
 *  (hf_book_has_room(), a free order, a free extra). @return its index */
uint32_t hf_resting_add(struct hf_core *core, const struct hf_order *order,
                        const struct hf_extra *extra, struct hf_book *book, uint32_t queue,
                        int64_t price);

/** Take a live order that has left the book out of everything else. */
void hf_resting_drop_unbooked(struct hf_core *core, uint32_t index);

/** Give a live order another client order id, unused in its session. */
void hf_resting_rename(struct hf_core *core, uint32_t index, uint64_t client_order_id);

#endif
