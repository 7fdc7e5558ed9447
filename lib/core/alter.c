/*
 * alter.c - cancelling and reducing live orders.
 */
#include "core/alter.h"

#include "core/account.h"
#include "core/total.h"

uint64_t
hf_alter_cancel(struct hf_apply *apply, uint32_t index, uint32_t reason, uint64_t command_seq)
{
    struct hf_core *core = apply->core;
    return hf_alter_cancel_of(apply, hf_hot_owner(core, index),
                              hf_ids_head_of(hf_core_client_ids(core), index), index, reason,
                              command_seq);
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
