/*
 * extra.h - what only icebergs, waiting stops and GTD orders need, kept apart so that a plain order
 * stays one cache line; and the heap that finds the GTD orders that expire next.
 *
 * X1  extra_of[order] names the extra of each order with HF_ORDER_EXTRA, and extra.order names it back
 * X2  every extra with expire_ns != 0 is in the heap exactly once, heap[extra.heap_at] == its index;
 *     a parent expires no later than its children (ties: by order id)
 */
#ifndef HF_CORE_EXTRA_H
#define HF_CORE_EXTRA_H

#include "core/state.h"

struct hf_extra {
    uint64_t display; /**< iceberg: size of a full peak; 0: none */
    uint64_t hidden;  /**< iceberg: open quantity behind the peak that shows */
    int64_t stop_price;
    int64_t limit;      /**< stop-limit: its price once triggered; else 0 */
    uint64_t expire_ns; /**< GTD; 0: none */
    uint32_t order;     /**< whose it is; in a free extra: the pool's link */
    uint32_t heap_at;   /**< 1-based position in the heap; 0: not in it */
    uint8_t order_type; /**< of a waiting stop */
    uint8_t time_in_force;
    uint8_t reserved[14];
};

HF_STATIC_ASSERT(sizeof(struct hf_extra) == 64, "an extra is one cache line");

/** The extra of an order; NULL: it has none. */
static inline struct hf_extra *
hf_extra_of(const struct hf_core *core, uint32_t order_index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[order_index];
    if (HF_LIKELY((order->flags & HF_ORDER_EXTRA) == 0)) {
        return NULL;
    }
    return &hf_core_extras(core)[hf_core_extra_of(core)[order_index]];
}

/** What an order has behind its peak. */
static inline uint64_t
hf_extra_hidden(const struct hf_core *core, uint32_t order_index)
{
    const struct hf_extra *extra = hf_extra_of(core, order_index);
    return extra == NULL ? 0 : extra->hidden;
}

/** Give a pool order an extra (all but order and heap_at are the caller's). The pool has room. */
void hf_extra_attach(struct hf_core *core, uint32_t order_index, const struct hf_extra *extra);

/** Take the extra of an order away that has one. */
void hf_extra_drop(struct hf_core *core, uint32_t order_index);

/** Take an order's extra away, if it has one. */
static inline void
hf_extra_detach(struct hf_core *core, uint32_t order_index)
{
    if (HF_UNLIKELY((hf_core_order_pool(core)[order_index].flags & HF_ORDER_EXTRA) != 0)) {
        hf_extra_drop(core, order_index);
    }
}

/** The GTD order that expires first; 0: none. */
uint32_t hf_extra_first_to_expire(const struct hf_core *core);

#endif
