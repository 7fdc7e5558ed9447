/*
 * book.c - live orders: how to find them, who is next, how they come to rest and how they go.
 */
#include "model/model.h"

#include "base/panic.h"

struct model_order *
model_find(struct model *model, uint32_t session, uint64_t client_order_id)
{
    for (size_t i = 0; i < model->order_count; i++) {
        struct model_order *order = &model->orders[i];
        if (order->state != MODEL_DEAD && order->session == session &&
            order->client_order_id == client_order_id) {
            return order;
        }
    }
    return NULL;
}

struct model_order *
model_find_id(struct model *model, uint64_t order_id)
{
    for (size_t i = 0; i < model->order_count; i++) {
        if (model->orders[i].state != MODEL_DEAD && model->orders[i].order_id == order_id) {
            return &model->orders[i];
        }
    }
    return NULL;
}

uint32_t
model_opposite(uint32_t side)
{
    return side == HF_BUY ? HF_SELL : HF_BUY;
}

bool
model_crosses(uint32_t side, int64_t limit, int64_t price)
{
    return side == HF_BUY ? price <= limit : price >= limit;
}

/** Price, then time. */
static bool
is_before(const struct model_order *a, const struct model_order *b)
{
    if (a->price != b->price) {
        return a->side == HF_BUY ? a->price > b->price : a->price < b->price;
    }
    return a->place < b->place;
}

static bool
rests_on(const struct model_order *order, uint32_t instrument, uint32_t side)
{
    return order->state == MODEL_RESTING && order->instrument == instrument && order->side == side;
}

struct model_order *
model_best(struct model *model, uint32_t instrument, uint32_t side)
{
    struct model_order *best = NULL;
    for (size_t i = 0; i < model->order_count; i++) {
        struct model_order *order = &model->orders[i];
        if (rests_on(order, instrument, side) && (best == NULL || is_before(order, best))) {
            best = order;
        }
    }
    return best;
}

size_t
model_sorted(const struct model *model, uint32_t instrument, uint32_t side,
             const struct model_order **sorted, size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        if (!rests_on(order, instrument, side)) {
            continue;
        }
        HF_ASSERT("the test's arrays are large enough", count < capacity);
        size_t at = count++;
        for (; at > 0 && is_before(order, sorted[at - 1]); at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = order;
    }
    return count;
}

static uint64_t
peak(const struct model_order *order)
{
    return order->display != 0 && order->display < order->open ? order->display : order->open;
}

void
model_rest(struct model *model, struct model_order *order)
{
    order->state = MODEL_RESTING;
    order->triggered = false;
    order->shown = peak(order);
    order->place = ++model->places;
    model_tell_market_order(model, HF_MARKET_ADD, order, order->shown, 0);
}

void
model_after_fill(struct model *model, struct model_order *order)
{
    const struct model_instrument *instrument = &model->instruments[order->instrument];
    if (order->open == 0) {
        order->state = MODEL_DEAD;
    } else if (order->state == MODEL_RESTING && order->shown == 0) {
        bool keeps_place = (instrument->flags & HF_ICEBERG_KEEPS_PLACE) != 0;
        order->shown = peak(order);
        if (!keeps_place) {
            order->place = ++model->places;
        }
        model_tell_market_order(model, HF_MARKET_ADD, order, order->shown,
                                keeps_place ? HF_MARKET_FRONT : 0);
    }
}

void
model_cancel(struct model *model, struct model_order *order, uint32_t reason, uint64_t command_seq)
{
    if (order->state == MODEL_RESTING) {
        model_tell_market_order(model, HF_MARKET_CANCEL, order, order->shown, HF_MARKET_GONE);
    }
    order->state = MODEL_DEAD;
    model_tell_cancelled(model, order, order->open, reason, command_seq);
}

void
model_shrink(struct model *model, struct model_order *order, uint64_t quantity)
{
    order->open -= quantity;
    if (order->state == MODEL_RESTING && order->shown > order->open) {
        uint64_t less = order->shown - order->open;
        order->shown = order->open;
        model_tell_market_order(model, HF_MARKET_REDUCE, order, less, 0);
    }
}

/** Whether two orders share a level: a price at which orders rest, or at which stops wait. */
static bool
share_level(const struct model_order *a, const struct model_order *b)
{
    int64_t a_price = a->state == MODEL_WAITING ? a->stop_price : a->price;
    int64_t b_price = b->state == MODEL_WAITING ? b->stop_price : b->price;
    return a->state == b->state && a->instrument == b->instrument && a->side == b->side &&
           a_price == b_price;
}

/** A stop that has been set off has left the others, though its turn to enter may be still to come. */
static bool
has_level(const struct model_order *order)
{
    return order->state == MODEL_RESTING || (order->state == MODEL_WAITING && !order->triggered);
}

bool
model_has_room_for_level(const struct model *model, const struct model_order *order)
{
    uint32_t count = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *other = &model->orders[i];
        bool is_new = has_level(other);
        if (is_new && share_level(order, other)) {
            return true;
        }
        for (size_t j = 0; j < i && is_new; j++) {
            is_new = !has_level(&model->orders[j]) || !share_level(other, &model->orders[j]);
        }
        count += is_new;
    }
    return count < model->limits.levels_max;
}

uint64_t
model_cancel_fitting(struct model *model, uint32_t session, uint32_t instrument,
                     uint8_t time_in_force, uint32_t reason)
{
    uint64_t count = 0;
    for (uint32_t slot = 1; slot <= model->limits.sessions_max; slot++) {
        for (size_t i = 0; i < model->order_count; i++) {
            struct model_order *order = &model->orders[i];
            if (order->session == slot && (session == 0 || session == slot) &&
                (instrument == 0 || order->instrument == instrument) &&
                (time_in_force == 0 || order->time_in_force == time_in_force)) {
                model_cancel(model, order, reason, 0);
                count++;
            }
        }
    }
    return count;
}

uint64_t
model_cancel_account(struct model *model, uint32_t account)
{
    uint64_t count = 0;
    for (uint32_t slot = 1; slot <= model->limits.sessions_max; slot++) {
        for (size_t i = 0; i < model->order_count; i++) {
            struct model_order *order = &model->orders[i];
            if (order->session == slot && order->account == account) {
                model_cancel(model, order, HF_REASON_KILLED, 0);
                count++;
            }
        }
    }
    return count;
}
