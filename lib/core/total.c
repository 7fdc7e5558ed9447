/*
 * total.c - the totals of Q1, in builds that keep them.
 */
#include "core/total.h"

#ifdef HF_EXPENSIVE_CHECKS

size_t
hf_total_bytes(const struct hf_engine_limits *limits)
{
    return (((size_t)limits->orders_max + 1) * sizeof(uint64_t) + 63) & ~(size_t)63;
}

static uint64_t *
totals_of(const struct hf_core *core)
{
    return hf_core_part(core, hf_core_image_bytes(&core->limits));
}

/** Pool index of an order; 0: it is not in the pool. */
static uint32_t
index_of(const struct hf_core *core, const struct hf_order *order)
{
    uintptr_t pool = (uintptr_t)hf_core_order_pool(core);
    uintptr_t at = (uintptr_t)order;
    uintptr_t end = pool + ((size_t)core->limits.orders_max + 1) * sizeof(*order);
    return at < pool || at >= end ? 0 : (uint32_t)((at - pool) / sizeof(*order));
}

void
hf_total_set(struct hf_core *core, const struct hf_order *order, uint64_t total)
{
    totals_of(core)[index_of(core, order)] = total;
}

void
hf_total_lessen(struct hf_core *core, const struct hf_order *order, uint64_t less)
{
    uint64_t *total = &totals_of(core)[index_of(core, order)];
    HF_ASSERT("Q1", less <= *total);
    *total -= less;
}

void
hf_total_settle(struct hf_core *core, uint32_t index)
{
    totals_of(core)[index] = totals_of(core)[0];
}

void
hf_total_check(const struct hf_core *core, const struct hf_order *order)
{
    uint32_t index = index_of(core, order);
    uint64_t hidden = index == 0 ? 0 : hf_extra_hidden(core, index);
    HF_ASSERT("Q1", order->open + hidden + order->executed == totals_of(core)[index]);
}

void
hf_total_restore(struct hf_core *core)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    for (uint32_t index = 1; index <= core->orders.high; index++) {
        bool is_sound = hf_core_extra_of(core)[index] <= core->limits.extras_max;
        uint64_t hidden = is_sound ? hf_extra_hidden(core, index) : 0;
        bool is_live = pool[index].order_id != 0;
        totals_of(core)[index] = is_live ? pool[index].open + hidden + pool[index].executed : 0;
    }
}

#endif
