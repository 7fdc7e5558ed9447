/*
 * alter.c - cancelling and reducing live orders.
 */
#include "core/alter.h"

#include "core/account.h"
#include "core/emit.h"
#include "core/hot.h"
#include "core/market.h"
#include "core/total.h"

uint64_t
hf_alter_open(const struct hf_core *core, uint32_t index)
{
    return hf_core_order_pool(core)[index].open + hf_extra_hidden(core, index);
}

struct hf_book *
hf_alter_book(const struct hf_core *core, uint32_t index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    return &hf_core_books(core)[hf_core_level_pool(core)[order->level].instrument];
}

uint64_t
hf_alter_cancel(struct hf_apply *apply, uint32_t index, uint32_t reason, uint64_t command_seq)
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
    hf_hot_drop(apply->core, index);
    hf_emit_cancelled_inline(apply, &cancelled);
    return cancelled.quantity;
}

void
hf_alter_reduce(struct hf_apply *apply, uint32_t index, uint64_t less)
{
    struct hf_core *core = apply->core;
    struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    struct hf_extra *extra = hf_extra_of(core, index);
    hf_account_take(core, order->account, hf_account_price(core, index), less);
    hf_total_lessen(core, order, less);
    if (extra != NULL && extra->hidden != 0) {
        uint64_t of_hidden = extra->hidden < less ? extra->hidden : less;
        extra->hidden -= of_hidden;
        level->hidden -= of_hidden;
        less -= of_hidden;
    }
    HF_ASSERT("O1", less < order->open);
    if (less == 0) {
        return;
    }
    order->open -= less;
    level->quantity -= less;
    if ((order->flags & HF_ORDER_STOP) == 0) {
        hf_market_order(apply, HF_MARKET_REDUCE, order, less, 0);
    }
}
