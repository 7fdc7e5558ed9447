/*
 * match.c - an order comes to the market: price, then time; self-trade prevention; what is left.
 */
#include "model/model.h"

#include "base/panic.h"

static uint64_t
smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void
model_note_trade(struct model *model, struct model_instrument *instrument, int64_t price)
{
    instrument->stops_may_go = true;
    instrument->last = price;
    instrument->has_last = true;
    model->trade_index++;
    model->trades++;
}

/** How the taker's account treats trades with this maker: within its group or, if it has none, with itself.
 *  ALLOW when they have nothing to do with each other. */
static uint8_t
prevention(struct model *model, const struct model_order *taker, const struct model_order *maker)
{
    const struct model_account *ours = model_account(model, taker->account);
    const struct model_account *theirs = model_account(model, maker->account);
    if (ours == NULL) {
        return HF_SELF_TRADE_ALLOW;
    }
    bool is_own = ours->group == 0 ? maker->account == taker->account
                                   : theirs != NULL && theirs->group == ours->group;
    return is_own ? ours->mode : HF_SELF_TRADE_ALLOW;
}

/** The one of these copies of makers that a taker meets next; NULL: none within its limit. They are in order of
 *  price, then time, but for peaks that were refilled. */
static struct model_order *
next_of(struct model_order *makers, size_t count, uint32_t side, int64_t limit)
{
    struct model_order *next = NULL;
    for (size_t i = 0; i < count; i++) {
        bool is_there =
            makers[i].state != MODEL_DEAD && model_crosses(side, limit, makers[i].price);
        bool is_worse = next != NULL && makers[i].price != next->price;
        if (is_there && !is_worse && (next == NULL || makers[i].place < next->place)) {
            next = &makers[i];
        }
    }
    return next;
}

/** A trade as it would be. */
static void
pretend_trade(struct model_order *maker, uint64_t quantity, bool keeps_place, uint64_t *places)
{
    maker->open -= quantity;
    maker->shown -= quantity;
    if (maker->open == 0) {
        maker->state = MODEL_DEAD;
    } else if (maker->shown == 0) {
        maker->shown = smaller(maker->display, maker->open);
        maker->place = keeps_place ? maker->place : ++*places;
    }
}

/** How much a taker would trade if it came now: all is done as it will be, on copies. */
static uint64_t
would_trade(struct model *model, const struct model_order *taker, int64_t limit)
{
    const struct model_order *sorted[MODEL_ORDERS_MAX];
    struct model_order makers[MODEL_ORDERS_MAX];
    bool keeps_place = (model->instruments[taker->instrument].flags & HF_ICEBERG_KEEPS_PLACE) != 0;
    uint64_t places = model->places;
    uint64_t left = taker->open;
    uint64_t sum = 0;
    size_t count = model_sorted(model, taker->instrument, model_opposite(taker->side), sorted,
                                MODEL_ORDERS_MAX);
    for (size_t i = 0; i < count; i++) {
        makers[i] = *sorted[i];
    }
    while (left > 0) {
        struct model_order *maker = next_of(makers, count, taker->side, limit);
        uint8_t mode =
            maker == NULL ? HF_SELF_TRADE_CANCEL_NEWEST : prevention(model, taker, maker);
        if (mode == HF_SELF_TRADE_CANCEL_NEWEST || mode == HF_SELF_TRADE_CANCEL_BOTH) {
            break;
        }
        uint64_t quantity = smaller(left, mode == HF_SELF_TRADE_ALLOW ? maker->shown : maker->open);
        if (mode == HF_SELF_TRADE_ALLOW) {
            sum += quantity;
            pretend_trade(maker, quantity, keeps_place, &places);
        } else {
            maker->state = MODEL_DEAD;
        }
        left -= mode == HF_SELF_TRADE_CANCEL_OLDEST ? 0 : quantity;
    }
    return sum;
}

static void
trade(struct model *model, struct model_order *taker, struct model_order *maker)
{
    uint64_t quantity = smaller(taker->open, maker->shown);
    model_tell_execute(model, maker, quantity, 0);
    maker->open -= quantity;
    maker->shown -= quantity;
    maker->executed += quantity;
    taker->open -= quantity;
    taker->executed += quantity;
    model_tell_fill(model, maker, quantity, maker->price, HF_REPORT_MAKER);
    model_tell_fill(model, taker, quantity, maker->price, 0);
    model_note_trade(model, &model->instruments[maker->instrument], maker->price);
    model_after_fill(model, maker);
    model_after_fill(model, taker);
}

/** One of two orders that decrement each other: what it lost is gone without a trade. */
static void
lose(struct model *model, struct model_order *order, uint64_t quantity)
{
    if (quantity == order->open) {
        model_cancel(model, order, HF_REASON_SELF_TRADE, 0);
    } else {
        model_shrink(model, order, quantity);
        model_tell_reduced(model, order, 0);
    }
}

static void
prevent(struct model *model, uint8_t mode, struct model_order *taker, struct model_order *maker)
{
    uint64_t quantity = smaller(taker->open, maker->open);
    switch (mode) {
    case HF_SELF_TRADE_CANCEL_NEWEST:
        model_cancel(model, taker, HF_REASON_SELF_TRADE, 0);
        break;
    case HF_SELF_TRADE_CANCEL_OLDEST:
        model_cancel(model, maker, HF_REASON_SELF_TRADE, 0);
        break;
    case HF_SELF_TRADE_CANCEL_BOTH:
        model_cancel(model, maker, HF_REASON_SELF_TRADE, 0);
        model_cancel(model, taker, HF_REASON_SELF_TRADE, 0);
        break;
    case HF_SELF_TRADE_DECREMENT:
        lose(model, maker, quantity);
        lose(model, taker, quantity);
        break;
    default:
        HF_PANIC("self-trade prevention mode %u", mode);
    }
}

static void
take(struct model *model, struct model_order *taker, int64_t limit)
{
    while (taker->state != MODEL_DEAD) {
        struct model_order *maker =
            model_best(model, taker->instrument, model_opposite(taker->side));
        if (maker == NULL || !model_crosses(taker->side, limit, maker->price)) {
            return;
        }
        uint8_t mode = prevention(model, taker, maker);
        if (mode == HF_SELF_TRADE_ALLOW) {
            trade(model, taker, maker);
        } else {
            prevent(model, mode, taker, maker);
        }
    }
}

/** A market order takes any price, but none that is further from the last one than the collar. */
static int64_t
market_limit(const struct model_instrument *instrument, uint32_t side)
{
    int64_t away = 2 * HF_PRICE_MAX; /* beyond all prices, from any of them */
    if (instrument->collar != 0 && instrument->has_last && instrument->collar < away) {
        away = instrument->collar;
    }
    int64_t last = instrument->has_last ? instrument->last : 0;
    return side == HF_BUY ? last + away : last - away;
}

/** The limit within which an order takes; false: there is nothing that it could take its limit from. */
static bool
find_limit(struct model *model, struct model_order *order, int64_t *limit)
{
    if (order->type == HF_MARKET) {
        *limit = market_limit(&model->instruments[order->instrument], order->side);
        return true;
    }
    if (order->type == HF_MARKET_TO_LIMIT) {
        const struct model_order *best =
            model_best(model, order->instrument, model_opposite(order->side));
        if (best == NULL) {
            return false;
        }
        order->type = HF_LIMIT;
        order->price = best->price;
    }
    *limit = order->price;
    return true;
}

/** The rest of an order that has traded what it could. */
static void
settle_rest(struct model *model, struct model_order *order)
{
    struct model_order as = *order;
    as.state = MODEL_RESTING;
    if (order->state == MODEL_DEAD) {
        return;
    }
    if (order->type == HF_MARKET) {
        model_cancel(model, order, HF_REASON_MARKET_REMAINDER, 0);
    } else if (order->time_in_force == HF_IOC) {
        model_cancel(model, order, HF_REASON_IOC_REMAINDER, 0);
    } else if (order->triggered && !model_has_room_for_level(model, &as)) {
        model_cancel(model, order, HF_REASON_REFUSED_AFTER_TRIGGER, 0);
    } else {
        model_rest(model, order);
    }
}

void
model_enter(struct model *model, struct model_order *order)
{
    int64_t limit;
    if (model->instruments[order->instrument].phase != HF_PHASE_OPEN) {
        model_rest(model, order);
        return;
    }
    if (!find_limit(model, order, &limit)) {
        model_cancel(model, order, HF_REASON_NO_LIQUIDITY, 0);
        return;
    }
    bool all_or_none = order->time_in_force == HF_FOK;
    uint64_t least = all_or_none ? order->open : order->minimum;
    order->minimum = 0;
    if (least > 0 && least > would_trade(model, order, limit)) {
        model_cancel(model, order,
                     all_or_none ? HF_REASON_FOK_UNFILLED : HF_REASON_MINIMUM_UNFILLED, 0);
        return;
    }
    take(model, order, limit);
    settle_rest(model, order);
}
