/*
 * book.c - levels come and go as orders enter and leave; best prices follow.
 */
#include "core/state.h"

static void
side_init(struct hf_book_side *side, uint32_t which)
{
    /* Beyond any limit of the other side, so that an empty side needs no test of its own. */
    *side = (struct hf_book_side){.best_price = which == HF_BUY ? INT64_MIN : INT64_MAX};
}

void
hf_book_init(struct hf_book *book)
{
    side_init(hf_book_own(book, HF_BUY), HF_BUY);
    side_init(hf_book_own(book, HF_SELL), HF_SELL);
}

static uint32_t
level_find(const struct hf_core *core, const struct hf_book *book, uint32_t side, uint64_t key)
{
    return hf_ladder_find(hf_core_ladder_space(core), &book->sides[side - 1].ladder, key);
}

bool
hf_book_has_room(const struct hf_core *core, const struct hf_book *book, uint32_t side,
                 int64_t price)
{
    if (HF_LIKELY(hf_pool_room(&core->levels) != 0 &&
                  hf_pool_room(&core->nodes) >= HF_LADDER_INSERT_NODES)) {
        return true;
    }
    return level_find(core, book, side, hf_book_key(book, price)) != 0;
}

static uint32_t
level_create(struct hf_core *core, struct hf_book *book, uint32_t side, uint64_t key, int64_t price)
{
    uint32_t index = hf_pool_next(&core->levels);
    struct hf_level_queue *level = &hf_core_level_pool(core)[index];
    hf_pool_take(&core->levels, &level->instrument);
    *level = (struct hf_level_queue){
        .key = key, .price = price, .instrument = book->id, .side = (uint8_t)side};
    struct hf_book_side *own = hf_book_own(book, side);
    hf_ladder_insert(hf_core_ladder_space(core), &own->ladder, key, index);
    own->levels++;
    if (side == HF_BUY ? price > own->best_price : price < own->best_price) {
        own->best = index;
        own->best_price = price;
    }
    return index;
}

void
hf_book_enter(struct hf_core *core, struct hf_book *book, uint32_t order_index, int64_t price)
{
    struct hf_order *orders = hf_core_order_pool(core);
    uint32_t side = orders[order_index].side;
    uint64_t key = hf_book_key(book, price);
    uint32_t level = level_find(core, book, side, key);
    if (level == 0) {
        level = level_create(core, book, side, key, price);
    }
    hf_level_append(&hf_core_level_pool(core)[level], level, orders, order_index);
    orders[order_index].place = (uint32_t)core->lsn;
}

static void
best_refresh(const struct hf_core *core, struct hf_book_side *own, uint32_t side)
{
    uint32_t best = hf_ladder_end(hf_core_ladder_space(core), &own->ladder, hf_book_best_end(side));
    if (best == 0) {
        side_init(own, side);
        return;
    }
    own->best = best;
    own->best_price = hf_core_level_pool(core)[best].price;
}

static void
level_drop(struct hf_core *core, uint32_t index)
{
    struct hf_level_queue *level = &hf_core_level_pool(core)[index];
    uint32_t side = level->side;
    struct hf_book_side *own = hf_book_own(&hf_core_books(core)[level->instrument], side);
    hf_ladder_remove(hf_core_ladder_space(core), &own->ladder, level->key);
    own->levels--;
    hf_pool_give(&core->levels, index, &level->instrument);
    if (own->best == index) {
        best_refresh(core, own, side);
    }
}

void
hf_book_leave(struct hf_core *core, const struct hf_order *order)
{
    struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    hf_level_unlink(level, hf_core_order_pool(core), order);
    if (level->orders == 0) {
        level_drop(core, order->level);
    }
}

uint32_t
hf_book_next_level(const struct hf_core *core, const struct hf_level_queue *level)
{
    const struct hf_book *book = &hf_core_books(core)[level->instrument];
    return hf_ladder_step(hf_core_ladder_space(core), &book->sides[level->side - 1].ladder,
                          level->key, hf_book_best_end(level->side));
}

bool
hf_book_can_fill(const struct hf_core *core, struct hf_book *book, uint32_t side, int64_t limit,
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
        sum += level->quantity;
        if (sum >= quantity) {
            return true;
        }
        index = hf_book_next_level(core, level);
    }
    return false;
}
