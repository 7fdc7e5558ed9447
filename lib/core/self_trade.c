/*
 * self_trade.c - the five modes of self-trade prevention.
 */
#include "core/self_trade.h"

#include "core/alter.h"
#include "core/emit.h"

static void
cancel_taker(const struct hf_apply *apply, struct hf_order *taker, uint64_t quantity)
{
    struct hf_cancelled cancelled = {
        .order_id = taker->order_id,
        .client_order_id = taker->client_order_id,
        .quantity = quantity,
        .session = taker->session,
        .side = taker->side,
        .reason = HF_REASON_SELF_TRADE,
    };
    taker->open = 0;
    hf_emit_cancelled(apply, &cancelled);
}

static void
report_reduced(const struct hf_apply *apply, const struct hf_order *order, uint32_t instrument,
               uint64_t open)
{
    struct hf_report report = {
        .type = HF_REPORT_REDUCED,
        .side = order->side,
        .instrument = instrument,
        .client_order_id = order->client_order_id,
        .order_id = order->order_id,
        .quantity = open,
    };
    hf_emit(apply, order->session, &report);
}

/** Both lose what the smaller one has; the maker's report first. */
static void
decrement(struct hf_apply *apply, struct hf_order *taker, uint32_t maker_index)
{
    struct hf_core *core = apply->core;
    const struct hf_order *maker = &hf_core_order_pool(core)[maker_index];
    uint32_t instrument = hf_core_level_pool(core)[maker->level].instrument;
    uint64_t whole = maker->open + hf_extra_hidden(core, maker_index);
    uint64_t less = whole < taker->open ? whole : taker->open;
    if (less == whole) {
        hf_alter_cancel(apply, maker_index, HF_REASON_SELF_TRADE, 0);
    } else {
        hf_alter_reduce(apply, maker_index, less);
        report_reduced(apply, maker, instrument, whole - less);
    }
    if (less == taker->open) {
        cancel_taker(apply, taker, less);
    } else {
        taker->open -= less;
        report_reduced(apply, taker, instrument, taker->open);
    }
}

void
hf_self_prevent(struct hf_apply *apply, struct hf_self self, struct hf_order *taker,
                uint32_t maker_index)
{
    switch (self.mode) {
    case HF_SELF_TRADE_CANCEL_NEWEST:
        cancel_taker(apply, taker, taker->open);
        return;
    case HF_SELF_TRADE_CANCEL_OLDEST:
        hf_alter_cancel(apply, maker_index, HF_REASON_SELF_TRADE, 0);
        return;
    case HF_SELF_TRADE_CANCEL_BOTH:
        hf_alter_cancel(apply, maker_index, HF_REASON_SELF_TRADE, 0);
        cancel_taker(apply, taker, taker->open);
        return;
    default:
        decrement(apply, taker, maker_index);
    }
}

/** What a level offers to the taker; `ended` is set when counting ends in it. Peaks that refill go
 *  behind the own order at which it ends, and out of reach, unless they keep their place. */
static uint64_t
level_offers(struct hf_core *core, struct hf_self self, const struct hf_level_queue *level,
             bool *ended)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    uint8_t flags = hf_core_books(core)[level->instrument].flags;
    uint64_t shown = 0;
    uint64_t hidden = 0;
    for (uint32_t index = level->head; index != 0; index = pool[index].next) {
        core->work++;
        if (!hf_self_owns(core, self, &pool[index])) {
            shown += pool[index].open;
            hidden += hf_extra_hidden(core, index);
        } else if (self.mode != HF_SELF_TRADE_CANCEL_OLDEST) {
            *ended = true;
            return (flags & HF_ICEBERG_KEEPS_PLACE) != 0 ? shown + hidden : shown;
        }
    }
    return shown + hidden;
}

bool
hf_self_can_fill(struct hf_core *core, struct hf_self self, struct hf_book *book, uint32_t side,
                 int64_t limit, uint64_t quantity)
{
    const struct hf_book_side *opposite = hf_book_opposite(book, side);
    uint32_t index = opposite->best;
    uint64_t sum = 0;
    bool ended = false;
    while (index != 0 && !ended && sum < quantity) {
        const struct hf_level_queue *level = &hf_core_level_pool(core)[index];
        if (side == HF_BUY ? level->price > limit : level->price < limit) {
            break;
        }
        sum += level_offers(core, self, level, &ended);
        index = hf_book_next_level(core, level);
    }
    return sum >= quantity;
}
