/*
 * book.c - levels come and go as orders enter and leave; best prices follow.
 */
#include "core/hot.h"

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

bool
hf_book_has_level(const struct hf_core *core, const struct hf_book *book, uint32_t queue,
                  int64_t price)
{
    return hf_ladder_find(hf_core_ladder_space(core), &book->sides[queue].ladder,
                          hf_book_key(book, price)) != 0;
}

uint32_t
hf_book_level_create(struct hf_core *core, struct hf_book *book, uint32_t queue, uint64_t key,
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
    hf_hot_enter(core, book, queue, order_index, price);
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

void
hf_book_level_drop(struct hf_core *core, uint32_t index)
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
    hf_hot_leave(core, order_index);
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
