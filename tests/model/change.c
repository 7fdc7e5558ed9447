/*
 * change.c - commands about live orders: cancel, reduce, replace, mass cancel, list.
 */
#include "model/model.h"

/** The order that a CANCEL or REDUCE means, by either id; NULL: none that this session may touch.
 *  Only an administrator's CANCEL may reach into other sessions. */
static struct model_order *
order_meant(struct model *model)
{
    const struct hf_command *command = &model->command;
    if ((command->flags & HF_BY_ORDER_ID) == 0) {
        return model_find(model, model->session, command->client_order_id);
    }
    struct model_order *order = model_find_id(model, command->client_order_id);
    bool reaches_all = command->type == HF_COMMAND_CANCEL && model_is_admin(model, model->session);
    bool may_touch = order != NULL && (order->session == model->session || reaches_all);
    return may_touch ? order : NULL;
}

static bool
is_closed(const struct model *model, const struct model_order *order)
{
    return model->instruments[order->instrument].phase == HF_PHASE_CLOSED;
}

void
model_command_cancel(struct model *model)
{
    struct model_order *order = order_meant(model);
    if (order == NULL) {
        model_tell_rejected(model, HF_REASON_UNKNOWN_ORDER);
    } else if (is_closed(model, order)) {
        model_tell_rejected(model, HF_REASON_PHASE);
    } else if (order->session == model->session) {
        model_cancel(model, order, HF_REASON_REQUESTED, model->seq);
    } else {
        uint64_t quantity = order->open;
        model_cancel(model, order, HF_REASON_REQUESTED, 0);
        model_tell_done(model, quantity, 0);
    }
}

static uint32_t
judge_reduce(const struct model *model, const struct model_order *order)
{
    uint64_t quantity = model->command.quantity;
    if (order == NULL) {
        return HF_REASON_UNKNOWN_ORDER;
    }
    if (is_closed(model, order)) {
        return HF_REASON_PHASE;
    }
    if (quantity == 0) {
        return HF_REASON_QUANTITY_ZERO;
    }
    bool is_off_lot = quantity % model->instruments[order->instrument].lot != 0;
    return is_off_lot ? HF_REASON_QUANTITY_OFF_LOT : HF_REASON_NONE;
}

void
model_command_reduce(struct model *model)
{
    struct model_order *order = order_meant(model);
    uint32_t reason = judge_reduce(model, order);
    if (reason != HF_REASON_NONE) {
        model_tell_rejected(model, reason);
        return;
    }
    if (model->command.quantity >= order->open) {
        model_cancel(model, order, HF_REASON_REQUESTED, model->seq);
    } else {
        model_shrink(model, order, model->command.quantity);
        model_tell_reduced(model, order, model->seq);
    }
}

/** Only a shrink at the same price keeps the place, and not even that where the venue says so. */
static bool
keeps_place(const struct model *model, const struct model_order *order, uint64_t open)
{
    bool never = (model->instruments[order->instrument].flags & HF_REPLACE_LOSES_PRIORITY) != 0;
    return !never && model->command.price == order->price && open <= order->open;
}

static void
move(struct model *model, struct model_order *order, uint64_t open, uint64_t previous)
{
    model_tell_market_order(model, HF_MARKET_CANCEL, order, order->shown, HF_MARKET_GONE);
    order->state = MODEL_ENTERING;
    order->price = model->command.price;
    order->open = open;
    model_tell_replaced(model, order, previous);
    model_enter(model, order);
    model_run_stops(model, &model->instruments[order->instrument]);
}

static void
replace(struct model *model, struct model_order *order)
{
    uint64_t previous = order->client_order_id;
    uint64_t open = model->command.quantity - order->executed;
    order->client_order_id = model->command.client_order_id;
    if (order->state == MODEL_WAITING) {
        order->price = model->command.price;
        order->open = open;
        model_tell_replaced(model, order, previous);
    } else if (keeps_place(model, order, open)) {
        model_shrink(model, order, order->open - open);
        model_tell_replaced(model, order, previous);
    } else {
        move(model, order, open, previous);
    }
}

void
model_command_replace(struct model *model)
{
    uint32_t reason = model_judge_session(model);
    struct model_order *order =
        model_find(model, model->session, model->command.target_client_order_id);
    if (reason == HF_REASON_NONE) {
        reason =
            order == NULL ? (uint32_t)HF_REASON_UNKNOWN_ORDER : model_judge_replace(model, order);
    }
    if (reason != HF_REASON_NONE) {
        model_tell_rejected(model, reason);
    } else if (model->command.quantity <= order->executed) {
        model_cancel(model, order, HF_REASON_REPLACED_FULLY_EXECUTED, model->seq);
    } else {
        replace(model, order);
    }
}

void
model_command_mass_cancel(struct model *model)
{
    const struct hf_command *command = &model->command;
    uint64_t count = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        struct model_order *order = &model->orders[i];
        bool matches = order->session == model->session &&
                       (command->instrument == 0 || command->instrument == order->instrument) &&
                       (command->account == 0 || command->account == order->account) &&
                       (command->side == 0 || command->side == order->side);
        if (matches && !is_closed(model, order)) {
            model_cancel(model, order, HF_REASON_MASS_CANCELLED, 0);
            count++;
        }
    }
    model_tell_done(model, count, 0);
}

static void
list_page(struct model *model, uint64_t after, uint64_t most)
{
    struct hf_report done = {
        .type = HF_REPORT_DONE, .command_type = model->record.type, .command_seq = model->seq};
    uint64_t left_out = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        if (order->session != model->session || order->order_id <= after) {
            continue;
        }
        if (done.quantity == most) {
            left_out++;
            continue;
        }
        model_tell_order(model, order);
        last = order->order_id;
        done.quantity++;
    }
    if (left_out != 0) {
        done.order_id = last;
    }
    model_tell_report(model, model->session, &done, NULL);
}

void
model_command_open_orders(struct model *model)
{
    uint64_t most = model->command.quantity;
    if (most == 0 || most > HF_OPEN_ORDERS_MAX) {
        most = HF_OPEN_ORDERS_MAX;
    }
    list_page(model, model->command.client_order_id, most);
}

void
model_lost(struct model *model)
{
    list_page(model, 0, HF_OPEN_ORDERS_MAX);
}
