/*
 * self_trade.c - the five modes of self-trade prevention.
 */
#include "core/self_trade.h"

#include "core/alter.h"
#include "core/emit.h"
#include "core/resting.h"
#include "core/total.h"

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
    hf_total_lessen(apply->core, taker, quantity);
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
        hf_total_lessen(core, taker, less);
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

/** What a taker would trade, counted in the order in which it would meet the makers. */
struct count {
    struct hf_self self;
    uint64_t traded;
    uint64_t left; /**< of the taker */
    bool has_ended;
};

static void
count_trade(struct count *count, uint64_t offered)
{
    uint64_t quantity = offered < count->left ? offered : count->left;
    count->traded += quantity;
    count->left -= quantity;
}

static void
count_own(struct count *count, uint64_t whole)
{
    if (count->self.mode == HF_SELF_TRADE_DECREMENT) {
        count->left -= whole < count->left ? whole : count->left;
    } else {
        count->has_ended = count->self.mode != HF_SELF_TRADE_CANCEL_OLDEST;
    }
}

/** One level. Peaks that refill go behind all that is in it, unless they keep their place. */
static void
count_level(struct hf_core *core, struct count *count, const struct hf_level_queue *level)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    bool keeps_place = (hf_core_books(core)[level->instrument].flags & HF_ICEBERG_KEEPS_PLACE) != 0;
    uint64_t behind = 0;
    for (uint32_t index = level->head; index != 0 && !count->has_ended; index = pool[index].next) {
        uint64_t hidden = hf_extra_hidden(core, index);
        core->work++;
        if (hf_self_owns(core, count->self, &pool[index])) {
            count_own(count, pool[index].open + hidden);
        } else if (keeps_place) {
            count_trade(count, pool[index].open + hidden);
        } else {
            count_trade(count, pool[index].open);
            behind += hidden;
        }
    }
    if (!count->has_ended) {
        count_trade(count, behind);
    }
}

bool
hf_self_can_fill(struct hf_core *core, struct hf_self self, struct hf_book *book,
                 const struct hf_order *taker, int64_t limit, uint64_t quantity)
{
    struct count count = {.self = self, .left = taker->open};
    bool is_buy = taker->side == HF_BUY;
    uint32_t index = hf_book_opposite(book, taker->side)->best;
    while (index != 0 && !count.has_ended && count.traded < quantity &&
           count.traded + count.left >= quantity) {
        const struct hf_level_queue *level = &hf_core_level_pool(core)[index];
        if (is_buy ? level->price > limit : level->price < limit) {
            break;
        }
        count_level(core, &count, level);
        index = hf_book_next_level(core, level);
    }
    return count.traded >= quantity;
}
