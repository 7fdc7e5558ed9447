/*
 * alter.h - what may happen to a live order from outside matching: it goes, or it shrinks.
 */
#ifndef HF_CORE_ALTER_H
#define HF_CORE_ALTER_H

#include "core/emit.h"
#include "core/hot.h"
#include "core/market.h"

/** The open quantity of a live order, hidden part included. */
static inline uint64_t
hf_alter_open(const struct hf_core *core, uint32_t index)
{
    return hf_core_order_pool(core)[index].open + hf_extra_hidden(core, index);
}

/** The instrument of a live order, resting or waiting. */
static inline struct hf_book *
hf_alter_book(const struct hf_core *core, uint32_t index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    return &hf_core_books(core)[hf_core_level_pool(core)[order->level].instrument];
}

/** As hf_alter_cancel(), of an order of session `owner`, whose client order id is in the chain that begins at
 *  `head`. */
static HF_ALWAYS_INLINE uint64_t
hf_alter_cancel_of(struct hf_apply *apply, struct hf_core_session *owner, uint32_t *head,
                   uint32_t index, uint32_t reason, uint64_t command_seq)
{
    const struct hf_order *order = &hf_core_order_pool(apply->core)[index];
    struct hf_cancelled cancelled = {
        .order_id = order->order_id,
        .client_order_id = order->client_order_id,
        .quantity = hf_alter_open(apply->core, index),
        .command_seq = command_seq,
        .session = order->session,
        .side = order->side,
        .reason = reason,
    };
    if ((order->flags & HF_ORDER_STOP) == 0) {
        hf_market_cancel(apply, order);
    }
    hf_hot_leave(apply->core, index);
    hf_hot_drop_unbooked_at(apply->core, owner, head, index);
    hf_emit_cancelled_to(apply, owner, &cancelled);
    return cancelled.quantity;
}

/** Take a live order away: market event, CANCELLED to its session with the whole open quantity.
 *  @return that quantity */
uint64_t hf_alter_cancel(struct hf_apply *apply, uint32_t index, uint32_t reason,
                         uint64_t command_seq);

/** Take `less` (below the whole open quantity) off a live order, the hidden part first; its place
 *  stays. Market event when it shows less; no report. */
void hf_alter_reduce(struct hf_apply *apply, uint32_t index, uint64_t less);

#endif
