/*
 * stop.c - stops wait until a command leaves the last price at or through their price, by a trade or by
 * being told, then enter in order of acceptance. What was traded on the way there does not count. Of an
 * instrument that is not open they wait until it opens.
 */
#include "model/model.h"

#include "base/panic.h"

bool
model_stop_is_met(const struct model_order *order, int64_t last)
{
    return order->side == HF_BUY ? last >= order->stop_price : last <= order->stop_price;
}

void
model_trigger(struct model *model, struct model_order *order)
{
    order->state = MODEL_ENTERING;
    order->triggered = true;
    order->type = order->type == HF_STOP ? HF_MARKET : HF_LIMIT;
    model_tell_triggered(model, order);
    model_enter(model, order);
}

/** Append the stops that the last price meets, in order of acceptance. */
static size_t
collect(struct model *model, const struct model_instrument *instrument, struct model_order **queue,
        size_t count)
{
    for (size_t i = 0; i < model->order_count && instrument->stops_may_go; i++) {
        struct model_order *order = &model->orders[i];
        if (order->state == MODEL_WAITING && !order->triggered &&
            order->instrument == instrument->id && model_stop_is_met(order, instrument->last)) {
            HF_ASSERT("the test's arrays are large enough", count < MODEL_ORDERS_MAX);
            order->triggered = true;
            queue[count++] = order;
        }
    }
    return count;
}

void
model_run_stops(struct model *model, struct model_instrument *instrument)
{
    struct model_order *queue[MODEL_ORDERS_MAX];
    size_t count = collect(model, instrument, queue, 0);
    for (size_t next = 0; next < count; next++) {
        model_trigger(model, queue[next]);
        count = collect(model, instrument, queue, count);
    }
}
