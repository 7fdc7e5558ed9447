/*
 * judge.c - may this order come in? Checks in their fixed order; the first that fails is the reason.
 */
#include "model/model.h"

#include <string.h>

__extension__ typedef unsigned __int128 notional; /* |price| x quantity, and sums of them */

struct model_instrument *
model_instrument(struct model *model, uint32_t id)
{
    bool is_there = id >= 1 && id <= model->instrument_count && model->instruments[id].phase != 0;
    return is_there ? &model->instruments[id] : NULL;
}

struct model_account *
model_account(struct model *model, uint32_t account)
{
    for (uint32_t i = 0; i < model->account_count; i++) {
        if (model->accounts[i].account == account) {
            return &model->accounts[i];
        }
    }
    return NULL;
}

static bool
account_is_killed(struct model *model, uint32_t account)
{
    const struct model_account *settings = model_account(model, account);
    return settings != NULL && settings->killed;
}

uint32_t
model_judge_session(const struct model *model)
{
    const struct model_session *session = &model->sessions[model->session];
    const struct model_limits *limits = model_limits(model, session->name);
    if (limits != NULL && limits->killed) {
        return HF_REASON_KILLED_SESSION;
    }
    if (limits != NULL && limits->rate != 0 && session->messages > limits->rate) {
        return HF_REASON_RATE;
    }
    return HF_REASON_NONE;
}

uint32_t
model_judge_price(const struct model_instrument *instrument, int64_t price)
{
    if (price % instrument->tick != 0) {
        return HF_REASON_PRICE_OFF_TICK;
    }
    if (price < instrument->price_min || price > instrument->price_max) {
        return HF_REASON_PRICE_OUT_OF_BAND;
    }
    return HF_REASON_NONE;
}

static uint32_t
judge_quantity(const struct model_instrument *instrument, uint64_t quantity)
{
    if (quantity == 0) {
        return HF_REASON_QUANTITY_ZERO;
    }
    if (quantity % instrument->lot != 0) {
        return HF_REASON_QUANTITY_OFF_LOT;
    }
    if (quantity > instrument->quantity_max) {
        return HF_REASON_QUANTITY_TOO_LARGE;
    }
    return HF_REASON_NONE;
}

static bool
has_limit_price(uint8_t type)
{
    return type == HF_LIMIT || type == HF_STOP_LIMIT;
}

static bool
is_stop(uint8_t type)
{
    return type == HF_STOP || type == HF_STOP_LIMIT;
}

static uint64_t
magnitude(int64_t price)
{
    return price < 0 ? (uint64_t)-price : (uint64_t)price;
}

/** What one lot of a live order counts for: its limit price, or else its stop price. */
static notional
notional_of(const struct model_order *order)
{
    int64_t price = order->type == HF_STOP ? order->stop_price : order->price;
    return (notional)magnitude(price) * order->open;
}

static notional
account_notional(const struct model *model, uint32_t account)
{
    notional sum = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        if (order->state != MODEL_DEAD && order->account == account) {
            sum += notional_of(order);
        }
    }
    return sum;
}

static uint32_t
judge_collar(const struct model_instrument *instrument, int64_t price)
{
    if (instrument->collar == 0 || !instrument->has_last) {
        return HF_REASON_NONE;
    }
    int64_t distance =
        price > instrument->last ? price - instrument->last : instrument->last - price;
    return distance > instrument->collar ? HF_REASON_COLLAR : HF_REASON_NONE;
}

static uint32_t
judge_notional(const struct model_instrument *instrument, int64_t price, uint64_t quantity)
{
    bool is_above = instrument->notional_max != 0 &&
                    (notional)magnitude(price) * quantity > instrument->notional_max;
    return is_above ? HF_REASON_NOTIONAL : HF_REASON_NONE;
}

static uint32_t
judge_account_notional(struct model *model, uint32_t account, notional without, notional own)
{
    const struct model_account *settings = model_account(model, account);
    bool is_above = settings != NULL && settings->notional_max != 0 &&
                    account_notional(model, account) - without + own > settings->notional_max;
    return is_above ? HF_REASON_ACCOUNT_NOTIONAL : HF_REASON_NONE;
}

static bool
phase_takes(const struct model_instrument *instrument, const struct hf_command *command,
            const struct hf_command_more *more)
{
    if (instrument->phase == HF_PHASE_OPEN) {
        return true;
    }
    if (instrument->phase != HF_PHASE_PRE_OPEN) {
        return false;
    }
    bool is_immediate =
        command->time_in_force == HF_IOC || command->time_in_force == HF_FOK || more->minimum != 0;
    return is_stop(command->order_type) || (command->order_type == HF_LIMIT && !is_immediate);
}

static uint32_t
judge_rights(const struct model *model, uint32_t instrument, uint32_t account)
{
    if (!model_is_entitled(model, model->session, HF_ENTITLE_INSTRUMENT, instrument)) {
        return HF_REASON_NOT_ENTITLED_INSTRUMENT;
    }
    return model_is_entitled(model, model->session, HF_ENTITLE_ACCOUNT, account)
               ? HF_REASON_NONE
               : HF_REASON_NOT_ENTITLED_ACCOUNT;
}

/** From the instrument to the phase. */
static uint32_t
judge_permission(struct model *model, const struct model_instrument *instrument)
{
    const struct hf_command *command = &model->command;
    if (instrument == NULL) {
        return HF_REASON_UNKNOWN_INSTRUMENT;
    }
    uint32_t reason = judge_rights(model, command->instrument, command->account);
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    if (account_is_killed(model, command->account)) {
        return HF_REASON_KILLED_ACCOUNT;
    }
    return phase_takes(instrument, command, &model->more) ? HF_REASON_NONE : HF_REASON_PHASE;
}

/** From the price to the minimum quantity. */
static uint32_t
judge_numbers(const struct model_instrument *instrument, const struct hf_command *command,
              const struct hf_command_more *more)
{
    uint32_t reason = HF_REASON_NONE;
    if (has_limit_price(command->order_type)) {
        reason = model_judge_price(instrument, command->price);
    }
    if (reason == HF_REASON_NONE && is_stop(command->order_type)) {
        reason = model_judge_price(instrument, more->stop_price);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_quantity(instrument, command->quantity);
    }
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    if (more->display != 0 &&
        (more->display >= command->quantity || more->display % instrument->lot != 0)) {
        return HF_REASON_DISPLAY;
    }
    if (more->display != 0 && command->quantity > 1000 * more->display) {
        return HF_REASON_PEAKS;
    }
    if (more->minimum > command->quantity || more->minimum % instrument->lot != 0) {
        return HF_REASON_MINIMUM;
    }
    return HF_REASON_NONE;
}

/** Collar and both notionals; what has no price of its own, by the best price that it meets. */
static uint32_t
judge_risk(struct model *model, const struct model_instrument *instrument)
{
    const struct hf_command *command = &model->command;
    const struct model_order *best =
        model_best(model, command->instrument, model_opposite(command->side));
    int64_t price = command->price;
    if (command->order_type == HF_STOP) {
        price = model->more.stop_price;
    } else if (!has_limit_price(command->order_type)) {
        if (best == NULL) {
            return HF_REASON_NONE; /* it neither trades nor rests */
        }
        price = best->price;
    }
    uint32_t reason =
        command->order_type == HF_STOP ? HF_REASON_NONE : judge_collar(instrument, price);
    if (reason == HF_REASON_NONE) {
        reason = judge_notional(instrument, price, command->quantity);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_account_notional(model, command->account, 0,
                                        (notional)magnitude(price) * command->quantity);
    }
    return reason;
}

static uint32_t
extras_count(const struct model *model)
{
    uint32_t count = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        count +=
            order->state != MODEL_DEAD && (order->display != 0 || order->state == MODEL_WAITING ||
                                           order->time_in_force == HF_GTD);
    }
    return count;
}

/** As what and where the new order may come to rest, or wait; false: it will do neither. */
static bool
may_stay(struct model *model, const struct hf_command *command, struct model_order *as)
{
    *as = (struct model_order){.instrument = command->instrument,
                               .side = command->side,
                               .state = MODEL_RESTING,
                               .price = command->price};
    if (is_stop(command->order_type)) {
        as->state = MODEL_WAITING;
        as->stop_price = model->more.stop_price;
        return true;
    }
    if (command->order_type == HF_MARKET_TO_LIMIT) {
        const struct model_order *best =
            model_best(model, command->instrument, model_opposite(command->side));
        as->price = best == NULL ? 0 : best->price;
        return best != NULL;
    }
    return command->order_type == HF_LIMIT && command->time_in_force != HF_IOC &&
           command->time_in_force != HF_FOK;
}

/** Orders, levels, extras, the session's limit: for orders that may rest, and stops, which wait. */
static uint32_t
judge_room(struct model *model)
{
    const struct hf_command *command = &model->command;
    const struct model_session *session = &model->sessions[model->session];
    struct model_order as;
    if (!may_stay(model, command, &as)) {
        return HF_REASON_NONE;
    }
    if (model_open_orders(model, 0) >= model->limits.orders_max) {
        return HF_REASON_ORDERS_FULL;
    }
    if (!model_has_room_for_level(model, &as)) {
        return HF_REASON_LEVELS_FULL;
    }
    bool is_extra = is_stop(command->order_type) || command->time_in_force == HF_GTD ||
                    model->more.display != 0;
    if (is_extra && extras_count(model) >= model->limits.extras_max) {
        return HF_REASON_EXTRAS_FULL;
    }
    const struct model_limits *own = model_limits(model, session->name);
    uint32_t limit =
        own != NULL && own->orders_max != 0 ? own->orders_max : model->limits.session_orders_max;
    return model_open_orders(model, model->session) >= limit ? HF_REASON_SESSION_ORDERS
                                                             : HF_REASON_NONE;
}

static bool
would_take(struct model *model, const struct model_instrument *instrument, uint32_t side,
           int64_t price)
{
    const struct model_order *best = model_best(model, instrument->id, model_opposite(side));
    return instrument->phase == HF_PHASE_OPEN && best != NULL &&
           model_crosses(side, price, best->price);
}

uint32_t
model_judge_new(struct model *model)
{
    const struct hf_command *command = &model->command;
    const struct model_instrument *instrument = model_instrument(model, command->instrument);
    uint32_t reason = model_judge_session(model);
    if (reason == HF_REASON_NONE) {
        reason = judge_permission(model, instrument);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_numbers(instrument, command, &model->more);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_risk(model, instrument);
    }
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    if (command->time_in_force == HF_GTD && model->more.expire_ns <= model->time_ns) {
        return HF_REASON_EXPIRED_ALREADY;
    }
    if (model_find(model, model->session, command->client_order_id) != NULL) {
        return HF_REASON_DUPLICATE_ID;
    }
    if ((command->flags & HF_POST_ONLY) != 0 &&
        would_take(model, instrument, command->side, command->price)) {
        return HF_REASON_POST_ONLY;
    }
    return judge_room(model);
}

/** Price and quantity of a replace; a waiting STOP has no limit price to change. */
static uint32_t
judge_replace_numbers(const struct model_instrument *instrument, const struct model_order *order,
                      const struct hf_command *command)
{
    uint32_t reason = HF_REASON_NONE;
    if (order->type == HF_STOP) {
        reason = command->price == 0 ? HF_REASON_NONE : HF_REASON_MALFORMED_COMBINATION;
    } else {
        reason = model_judge_price(instrument, command->price);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_quantity(instrument, command->quantity);
    }
    bool is_iceberg = order->display != 0;
    return reason == HF_REASON_NONE && is_iceberg && command->quantity > 1000 * order->display
               ? (uint32_t)HF_REASON_PEAKS
               : reason;
}

static uint32_t
judge_replace_risk(struct model *model, const struct model_instrument *instrument,
                   const struct model_order *order)
{
    const struct hf_command *command = &model->command;
    bool keeps_price = order->type == HF_STOP || command->price == order->price;
    if (keeps_price && command->quantity <= order->executed + order->open) {
        return HF_REASON_NONE; /* nobody risks more by it */
    }
    int64_t price = order->type == HF_STOP ? order->stop_price : command->price;
    uint64_t open = command->quantity > order->executed ? command->quantity - order->executed : 0;
    uint32_t reason =
        order->type == HF_STOP ? HF_REASON_NONE : judge_collar(instrument, command->price);
    if (reason == HF_REASON_NONE) {
        reason = judge_notional(instrument, price, command->quantity);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_account_notional(model, order->account, notional_of(order),
                                        (notional)magnitude(price) * open);
    }
    return reason;
}

uint32_t
model_judge_replace(struct model *model, const struct model_order *order)
{
    const struct hf_command *command = &model->command;
    const struct model_instrument *instrument = &model->instruments[order->instrument];
    uint32_t reason = judge_rights(model, order->instrument, order->account);
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    if (account_is_killed(model, order->account)) {
        return HF_REASON_KILLED_ACCOUNT;
    }
    if (instrument->phase != HF_PHASE_OPEN && instrument->phase != HF_PHASE_PRE_OPEN) {
        return HF_REASON_PHASE;
    }
    reason = judge_replace_numbers(instrument, order, command);
    if (reason == HF_REASON_NONE) {
        reason = judge_replace_risk(model, instrument, order);
    }
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    if (command->client_order_id != order->client_order_id &&
        model_find(model, model->session, command->client_order_id) != NULL) {
        return HF_REASON_DUPLICATE_ID;
    }
    if (command->quantity <= order->executed || order->state == MODEL_WAITING) {
        return HF_REASON_NONE;
    }
    if (order->post_only && would_take(model, instrument, order->side, command->price)) {
        return HF_REASON_POST_ONLY;
    }
    struct model_order as = *order;
    as.price = command->price;
    return model_has_room_for_level(model, &as) ? HF_REASON_NONE : HF_REASON_LEVELS_FULL;
}
