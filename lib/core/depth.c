/*
 * depth.c - the book as others see it: levels and orders of one side, best first.
 */
#include "core/extra.h"

/** The level that trades first on a side; 0: none, or no such instrument or side. */
static uint32_t
best_level(const struct hf_core *core, uint32_t instrument, enum hf_side side)
{
    if (instrument == 0 || instrument > core->instruments || (side != HF_BUY && side != HF_SELL)) {
        return 0;
    }
    return hf_core_books(core)[instrument].sides[side - 1].best;
}

size_t
hf_core_depth(const struct hf_core *core, uint32_t instrument, enum hf_side side,
              struct hf_depth_level *levels, size_t capacity)
{
    size_t count = 0;
    uint32_t index = best_level(core, instrument, side);
    for (; index != 0 && count < capacity; count++) {
        const struct hf_level_queue *level = &hf_core_level_pool(core)[index];
        levels[count] = (struct hf_depth_level){
            .price = level->price, .quantity = level->quantity, .orders = level->orders};
        index = hf_book_next_level(core, level);
    }
    return count;
}

size_t
hf_core_orders(const struct hf_core *core, uint32_t instrument, enum hf_side side,
               struct hf_book_order *orders, size_t capacity)
{
    size_t count = 0;
    uint32_t index = best_level(core, instrument, side);
    while (index != 0) {
        const struct hf_level_queue *level = &hf_core_level_pool(core)[index];
        for (uint32_t at = level->head; at != 0; at = hf_core_order_pool(core)[at].next) {
            const struct hf_order *order = &hf_core_order_pool(core)[at];
            uint64_t hidden = hf_extra_hidden(core, at);
            if (count == capacity) {
                return count;
            }
            orders[count++] = (struct hf_book_order){.order_id = order->order_id,
                                                     .client_order_id = order->client_order_id,
                                                     .price = level->price,
                                                     .quantity = order->open + hidden,
                                                     .shown = order->open,
                                                     .session = order->session,
                                                     .account = order->account};
        }
        index = hf_book_next_level(core, level);
    }
    return count;
}
