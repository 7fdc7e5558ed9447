/*
 * enter.c - NEW: judge, accept, and then to the market, or to wait as a stop.
 */
#include "model/model.h"

#include "base/panic.h"

static struct model_order *
make_order(struct model *model)
{
    const struct hf_command *command = &model->command;
    const struct hf_command_more *more = &model->more;
    HF_ASSERT("there is room for one that takes", model->order_count <= model->limits.orders_max);
    struct model_order *order = &model->orders[model->order_count++];
    *order = (struct model_order){.order_id = model->record_lsn,
                                  .client_order_id = command->client_order_id,
                                  .session = model->session,
                                  .account = command->account,
                                  .instrument = command->instrument,
                                  .state = MODEL_ENTERING,
                                  .side = command->side,
                                  .type = command->order_type,
                                  .time_in_force = command->time_in_force,
                                  .post_only = (command->flags & HF_POST_ONLY) != 0,
                                  .price = command->price,
                                  .stop_price = more->stop_price,
                                  .open = command->quantity,
                                  .display = more->display,
                                  .minimum = more->minimum,
                                  .expire_ns = more->expire_ns};
    return order;
}

static void
accept_stop(struct model *model, struct model_order *order,
            const struct model_instrument *instrument)
{
    order->state = MODEL_WAITING;
    model_tell_accepted(model, order);
    if (instrument->phase == HF_PHASE_OPEN && instrument->has_last &&
        model_stop_is_met(order, instrument->last)) {
        model_trigger(model, order);
    }
}

void
model_new(struct model *model)
{
    uint32_t reason = model_judge_new(model);
    if (reason != HF_REASON_NONE) {
        model_tell_rejected(model, reason);
        return;
    }
    struct model_order *order = make_order(model);
    struct model_instrument *instrument = &model->instruments[order->instrument];
    if (order->type == HF_STOP || order->type == HF_STOP_LIMIT) {
        accept_stop(model, order, instrument);
    } else {
        model_tell_accepted(model, order);
        model_enter(model, order);
    }
    model_run_stops(model, instrument);
}
