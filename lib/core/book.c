/*
 * book.c - levels come and go as orders enter and leave; best prices follow.
 */
#include "core/account.h"
#include "core/extra.h"

static void
side_init(struct hf_book_side *side, uint32_t queue)
{
    /* Beyond any limit of the other side, so that an empty side needs no test of its own. */
    bool highest_first = hf_book_best_end(queue) == HF_LADDER_HIGHEST;
    *side = (struct hf_book_side){.best_price = highest_first ? INT64_MIN : INT64_MAX};
}

void
hf_book_init(struct hf_book *book, enum hf_phase phase)
{
    for (uint32_t queue = 0; queue < HF_QUEUES; queue++) {
        side_init(&book->sides[queue], queue);
    }
    book->last_price = HF_PRICE_NONE;
    book->phase = (uint8_t)phase;
}

static uint32_t
level_find(const struct hf_core *core, const struct hf_book *book, uint32_t queue, uint64_t key)
{
    return hf_ladder_find(hf_core_ladder_space(core), &book->sides[queue].ladder, key);
}

bool
hf_book_has_room(const struct hf_core *core, const struct hf_book *book, uint32_t queue,
                 int64_t price)
{
    return HF_LIKELY(hf_pool_room(&core->levels) != 0) ||
           level_find(core, book, queue, hf_book_key(book, price)) != 0;
}

static uint32_t
level_create(struct hf_core *core, struct hf_book *book, uint32_t queue, uint64_t key,
             int64_t price)
{
    uint32_t index = hf_pool_next(&core->levels);
    struct hf_level_queue *level = &hf_core_level_pool(core)[index];
    hf_pool_take(&core->levels, &level->instrument);
    *level = (struct hf_level_queue){
        .key = key, .price = price, .instrument = book->id, .queue = (uint8_t)queue};
    struct hf_book_side *own = &book->sides[queue];
    hf_ladder_insert(hf_core_ladder_space(core), &own->ladder, key, index);
    own->levels++;
    if (hf_book_best_end(queue) == HF_LADDER_HIGHEST ? price > own->best_price
                                                     : price < own->best_price) {
        own->best = index;
        own->best_price = price;
    }
    return index;
}

void
hf_book_enter(struct hf_core *core, struct hf_book *book, uint32_t queue, uint32_t order_index,
              int64_t price)
{
    struct hf_order *orders = hf_core_order_pool(core);
    uint64_t key = hf_book_key(book, price);
    uint32_t index = level_find(core, book, queue, key);
    if (index == 0) {
        index = level_create(core, book, queue, key, price);
    }
    struct hf_level_queue *level = &hf_core_level_pool(core)[index];
    hf_level_append(level, index, orders, order_index);
    uint64_t hidden = hf_extra_hidden(core, order_index);
    level->hidden += hidden;
    if (HF_UNLIKELY(core->accounts != 0)) {
        hf_account_add(core, orders[order_index].account, hf_account_price(core, order_index),
                       orders[order_index].open + hidden);
    }
    orders[order_index].place = (uint32_t)core->lsn;
}

static void
best_refresh(const struct hf_core *core, struct hf_book_side *own, uint32_t queue)
{
    uint32_t best =
        hf_ladder_end(hf_core_ladder_space(core), &own->ladder, hf_book_best_end(queue));
    if (best == 0) {
        side_init(own, queue);
        return;
    }
    own->best = best;
    own->best_price = hf_core_level_pool(core)[best].price;
}

static void
level_drop(struct hf_core *core, uint32_t index)
{
    struct hf_level_queue *level = &hf_core_level_pool(core)[index];
    uint32_t queue = level->queue;
    struct hf_book_side *own = &hf_core_books(core)[level->instrument].sides[queue];
    hf_ladder_remove(hf_core_ladder_space(core), &own->ladder, level->key);
    own->levels--;
    hf_pool_give(&core->levels, index, &level->instrument);
    if (own->best == index) {
        best_refresh(core, own, queue);
    }
}

void
hf_book_leave(struct hf_core *core, uint32_t order_index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[order_index];
    struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    uint64_t hidden = hf_extra_hidden(core, order_index);
    if (HF_UNLIKELY(core->accounts != 0)) {
        hf_account_take(core, order->account, hf_account_price(core, order_index),
                        order->open + hidden);
    }
    hf_level_unlink(level, hf_core_order_pool(core), order);
    level->hidden -= hidden;
    if (level->orders == 0) {
        level_drop(core, order->level);
    }
}

uint32_t
hf_book_next_level(const struct hf_core *core, const struct hf_level_queue *level)
{
    const struct hf_book *book = &hf_core_books(core)[level->instrument];
    return hf_ladder_step(hf_core_ladder_space(core), &book->sides[level->queue].ladder, level->key,
                          hf_book_best_end(level->queue));
}

bool
hf_book_can_fill(struct hf_core *core, struct hf_book *book, uint32_t side, int64_t limit,
                 uint64_t quantity)
{
    const struct hf_book_side *opposite = hf_book_opposite(book, side);
    if (!hf_book_crosses(opposite, side, limit)) {
        return false;
    }
    uint32_t index = opposite->best;
    for (uint64_t sum = 0; index != 0;) {
        const struct hf_level_queue *level = &hf_core_level_pool(core)[index];
        if (side == HF_BUY ? level->price > limit : level->price < limit) {
            return false;
        }
        core->work++;
        sum += level->quantity + level->hidden;
        if (sum >= quantity) {
            return true;
        }
        index = hf_book_next_level(core, level);
    }
    return false;
}
