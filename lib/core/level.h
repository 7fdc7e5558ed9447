/*
 * level.h - one price of one queue of one book: a first-in first-out list of orders.
 *
 *   head (first to trade) ─ next ─► ... ─ next ─► tail (newest)
 *
 * L1  a level that exists holds at least one order
 * L2  quantity == sum of the open (shown) quantities, hidden == sum of what icebergs hide behind them,
 *     orders == their number
 */
#ifndef HF_CORE_LEVEL_H
#define HF_CORE_LEVEL_H

#include "core/order.h"

/** The four price-ordered queues of a book. A stop waits in the queue that is ordered like the side
 *  whose prices trigger it: buy stops lowest first, sell stops highest first. */
enum hf_queue {
    HF_QUEUE_BIDS = 0,
    HF_QUEUE_ASKS = 1,
    HF_QUEUE_SELL_STOPS = 2, /**< by stop price, highest first */
    HF_QUEUE_BUY_STOPS = 3,  /**< by stop price, lowest first */
    HF_QUEUES = 4,
};

/** The queue in which orders of a side rest. */
static inline uint32_t
hf_queue_of_side(uint32_t side)
{
    return side - HF_BUY;
}

/** The queue in which stops of a side wait. */
static inline uint32_t
hf_queue_of_stops(uint32_t side)
{
    return side == HF_BUY ? HF_QUEUE_BUY_STOPS : HF_QUEUE_SELL_STOPS;
}

struct hf_level_queue {
    uint64_t key; /**< position of the price in the ladder */
    int64_t price;
    uint64_t quantity;
    uint32_t orders;
    uint32_t head;
    uint32_t tail;
    uint32_t instrument; /**< in a free level: the pool's link */
    uint64_t hidden;
    uint8_t queue; /**< enum hf_queue */
    uint8_t reserved[15];
};

HF_STATIC_ASSERT(sizeof(struct hf_level_queue) == 64, "a level is one cache line");

/** Put an order at the back. `index` is that of the level. */
static inline void
hf_level_append(struct hf_level_queue *level, uint32_t index, struct hf_order *orders,
                uint32_t order_index)
{
    struct hf_order *order = &orders[order_index];
    order->level = index;
    order->prev = level->tail;
    order->next = 0;
    uint32_t *forth = level->tail != 0 ? &orders[level->tail].next : &level->head;
    *forth = order_index;
    level->tail = order_index;
    level->quantity += order->open;
    level->orders++;
}

/** Take an order out of the queue. */
static inline void
hf_level_unlink(struct hf_level_queue *level, struct hf_order *orders, const struct hf_order *order)
{
    /* Where in the queue it stands nobody foresees: no branches. */
    uint32_t *forth = order->prev != 0 ? &orders[order->prev].next : &level->head;
    uint32_t *back = order->next != 0 ? &orders[order->next].prev : &level->tail;
    *forth = order->next;
    *back = order->prev;
    level->quantity -= order->open;
    level->orders--;
}

#endif
