/*
 * depth.c - the book as others see it: levels and orders of one side, best first.
 */
#include "core/extra.h"

/** NULL: no such instrument or side. */
static const struct hf_book *
book_of(const struct hf_core *core, uint32_t instrument, enum hf_side side)
{
    bool known = instrument != 0 && instrument <= core->instruments;
    return known && (side == HF_BUY || side == HF_SELL) ? &hf_core_books(core)[instrument] : NULL;
}

/** The level that trades first on a side; 0: none, or no such instrument or side. */
static uint32_t
best_level(const struct hf_core *core, uint32_t instrument, enum hf_side side)
{
    const struct hf_book *book = book_of(core, instrument, side);
    return book == NULL ? 0 : book->sides[side - 1].best;
}

/** The key such that the levels worse than a price are those beyond it, in ticks towards the price. */
static uint64_t
key_towards(const struct hf_book *book, enum hf_side side, int64_t price)
{
    int64_t ticks = price / book->tick;
    int64_t rest = price % book->tick;
    ticks += side == HF_BUY ? rest > 0 : -(rest < 0);
    return (uint64_t)ticks + HF_LADDER_BIAS;
}

/** The best of the levels that are worse than a price; 0: none. */
static uint32_t
level_behind(const struct hf_core *core, uint32_t instrument, enum hf_side side, int64_t price)
{
    const struct hf_book *book = book_of(core, instrument, side);
    bool is_better_than_all = side == HF_BUY ? price >= HF_PRICE_MAX : price <= -HF_PRICE_MAX;
    bool is_worse_than_all = side == HF_BUY ? price <= -HF_PRICE_MAX : price >= HF_PRICE_MAX;
    if (book == NULL || is_worse_than_all) {
        return 0;
    }
    const struct hf_book_side *queue = &book->sides[side - 1];
    return is_better_than_all
               ? queue->best
               : hf_ladder_beyond(hf_core_ladder_space(core), &queue->ladder,
                                  key_towards(book, side, price), hf_book_best_end(side - 1));
}

static size_t
copy_levels(const struct hf_core *core, uint32_t index, struct hf_depth_level *levels,
            size_t capacity)
{
    size_t count = 0;
    for (; index != 0 && count < capacity; count++) {
        const struct hf_level_queue *level = &hf_core_level_pool(core)[index];
        levels[count] = (struct hf_depth_level){
            .price = level->price, .quantity = level->quantity, .orders = level->orders};
        index = hf_book_next_level(core, level);
    }
    return count;
}

size_t
hf_core_depth(const struct hf_core *core, uint32_t instrument, enum hf_side side,
              struct hf_depth_level *levels, size_t capacity)
{
    return copy_levels(core, best_level(core, instrument, side), levels, capacity);
}

size_t
hf_core_depth_behind(const struct hf_core *core, uint32_t instrument, enum hf_side side,
                     int64_t price, struct hf_depth_level *levels, size_t capacity)
{
    return copy_levels(core, level_behind(core, instrument, side, price), levels, capacity);
}

bool
hf_core_last_price(const struct hf_core *core, uint32_t instrument, int64_t *price)
{
    const struct hf_book *book = book_of(core, instrument, HF_BUY);
    *price = book == NULL || book->last_price == HF_PRICE_NONE ? 0 : book->last_price;
    return book != NULL && book->last_price != HF_PRICE_NONE;
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
