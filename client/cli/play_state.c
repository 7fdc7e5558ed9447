/* play_state.c - reports in, orders and trades and events out. */
#include "cli/play_state.h"

#include "base/panic.h"

#include <holdfast/error.h>

#include <stdlib.h>
#include <string.h>

bool
hf_play_state_init(struct hf_play_state *state, const struct hf_play_case *play_case,
                   uint32_t flags)
{
    *state = (struct hf_play_state){.play_case = play_case, .flags = flags, .order_count = 1};
    state->order_capacity = play_case->new_count + 1;
    state->orders = calloc(state->order_capacity, sizeof *state->orders);
    state->live = calloc(state->order_capacity, sizeof *state->live);
    state->by_id = calloc((size_t)play_case->ids.count + 1, sizeof *state->by_id);
    return state->orders != NULL && state->live != NULL && state->by_id != NULL;
}

void
hf_play_state_free(struct hf_play_state *state)
{
    free(state->orders);
    free(state->live);
    free(state->by_id);
    free(state->events);
    hf_play_rows_free(&state->trades);
    hf_play_rows_free(&state->owner_trades);
    *state = (struct hf_play_state){0};
}

const struct hf_play_order *
hf_play_state_find(const struct hf_play_state *state, uint32_t id)
{
    uint32_t number = state->by_id[id];
    return number == 0 ? NULL : &state->orders[number];
}

void
hf_play_state_forget_events(struct hf_play_state *state)
{
    state->event_count = 0;
}

void
hf_play_state_forget_trades(struct hf_play_state *state)
{
    hf_play_rows_clear(&state->trades);
    hf_play_rows_clear(&state->owner_trades);
}

static void
broken(struct hf_play_state *state, const char *what)
{
    if (state->broken == NULL) {
        state->broken = what;
    }
}

/** The live order that a report is about; NULL (and broken) when there is none. */
static struct hf_play_order *
order_of(struct hf_play_state *state, uint64_t client_order_id)
{
    if (client_order_id <= state->play_case->ids.count) {
        uint32_t number = state->by_id[client_order_id];
        if (number != 0 && state->orders[number].live &&
            state->orders[number].id == client_order_id) {
            return &state->orders[number];
        }
    }
    broken(state, "a report about an order that is not live");
    return NULL;
}

static void
add_event(struct hf_play_state *state, struct hf_play_event event)
{
    if (state->event_count == state->event_capacity) {
        size_t capacity = state->event_capacity == 0 ? 64 : 2 * state->event_capacity;
        struct hf_play_event *grown = reallocarray(state->events, capacity, sizeof *grown);
        if (grown == NULL) {
            state->no_memory = true;
            return;
        }
        state->events = grown;
        state->event_capacity = capacity;
    }
    state->events[state->event_count++] = event;
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/** All that a fresh order, or a refilled peak, shows. */
static uint64_t
full_peak(const struct hf_play_order *order)
{
    return order->display == 0 ? order->open : smaller(order->display, order->open);
}

/** A fresh entry for the order of the command under way; NULL: there cannot be one. */
static struct hf_play_order *
add_order(struct hf_play_state *state)
{
    const struct hf_play_command *command = state->command;
    if (command->op != HF_PLAY_NEW || state->order_count == state->order_capacity) {
        broken(state, "a report that enters an order without a command to do so");
        return NULL;
    }
    HF_ASSERT("S3", state->orders != NULL);
    uint32_t number = (uint32_t)state->order_count++;
    struct hf_play_order *order = &state->orders[number];
    *order = (struct hf_play_order){
        .id = command->id,
        .owner = command->owner,
        .side = command->side,
        .order_type = command->order_type,
        .price = command->price,
        .stop_price = command->stop_price,
        .open = (uint64_t)command->quantity,
        .display = (uint64_t)command->display,
    };
    state->by_id[command->id] = number;
    return order;
}

/** The best price on the other side of an order; 0: nobody is there. */
static int64_t
best_opposite(const struct hf_play_state *state, uint8_t side)
{
    int64_t best = 0;
    for (size_t i = 0; i < state->live_count; i++) {
        const struct hf_play_order *other = &state->orders[state->live[i]];
        bool better = best == 0 || (side == HF_BUY ? other->price < best : other->price > best);
        if (other->side != side && !other->waiting && better) {
            best = other->price;
        }
    }
    return best;
}

static bool
is_stop(const struct hf_play_order *order)
{
    return order->order_type == HF_STOP || order->order_type == HF_STOP_LIMIT;
}

static void
accepted(struct hf_play_state *state, const struct hf_report *report)
{
    uint64_t id = report->client_order_id;
    if (state->command->op == HF_PLAY_NEW && state->command->id != id) {
        broken(state, "an acceptance of another order than the one entered");
        return;
    }
    const struct hf_play_order *before = hf_play_state_find(state, state->command->id);
    if (before != NULL && before->live && before->id == id) {
        broken(state, "an acceptance of an order whose name is that of a live one");
        return;
    }
    struct hf_play_order *order = add_order(state);
    if (order == NULL) {
        return;
    }
    if (order->order_type == HF_MARKET_TO_LIMIT) {
        /* Its limit from now on: no report says it, unless it trades. */
        order->price = best_opposite(state, order->side);
    }
    order->live = true;
    order->live_at = (uint32_t)state->live_count;
    state->live[state->live_count++] = (uint32_t)(order - state->orders);
    order->waiting = is_stop(order);
    order->shown = full_peak(order);
    order->place = state->next_place++;
    add_event(state, (struct hf_play_event){.type = HF_PLAY_ACCEPTED,
                                            .id = order->id,
                                            .quantity = order->open,
                                            .is_stop = order->waiting});
}

static void
ends(struct hf_play_state *state, struct hf_play_order *order)
{
    uint32_t last = state->live[--state->live_count];
    state->live[order->live_at] = last;
    state->orders[last].live_at = order->live_at;
    order->live = false;
}

static enum hf_play_event_type
rejection_of(unsigned command_type)
{
    switch (command_type) {
    case HF_COMMAND_NEW:
        return HF_PLAY_REJECTED;
    case HF_COMMAND_REPLACE:
        return HF_PLAY_REPLACE_REJECTED;
    case HF_COMMAND_REDUCE:
        return HF_PLAY_REDUCE_REJECTED;
    default:
        return HF_PLAY_CANCEL_REJECTED;
    }
}

static void
rejected(struct hf_play_state *state, const struct hf_report *report)
{
    const struct hf_play_command *command = state->command;
    const struct hf_play_order *before = hf_play_state_find(state, command->id);
    if (command->op == HF_PLAY_NEW && (before == NULL || !before->live)) {
        add_order(state); /* never live, but what was asked for is known */
    }
    /* A replace or resize that leaves nothing is entered as a cancel; it is answered as itself. */
    enum hf_play_event_type type = command->op == HF_PLAY_REPLACE
                                       ? HF_PLAY_REPLACE_REJECTED
                                       : rejection_of(report->command_type);
    add_event(state, (struct hf_play_event){.type = type,
                                            .id = command->id,
                                            .reason = report->reason,
                                            .quantity = (uint64_t)command->quantity,
                                            .is_refusal = report->reason == HF_REASON_POST_ONLY});
}

static int64_t
number_of(uint64_t value)
{
    return (int64_t)value; /* prices and quantities of the engine are below 2^60 */
}

static void
add_trade(struct hf_play_state *state, const struct hf_report *buy, const struct hf_report *sell)
{
    struct hf_play_row row = {.v = {number_of(buy->client_order_id),
                                    number_of(sell->client_order_id), buy->price,
                                    number_of(buy->quantity)}};
    struct hf_play_row owners = row;
    owners.v[0] = state->orders[state->by_id[buy->client_order_id]].owner;
    owners.v[1] = state->orders[state->by_id[sell->client_order_id]].owner;
    if (!hf_play_rows_add(&state->trades, row) || !hf_play_rows_add(&state->owner_trades, owners)) {
        state->no_memory = true;
    }
    state->has_last_price = true;
    state->last_price = buy->price;
}

/** S2: the first side waits for the second. */
static void
pair(struct hf_play_state *state, const struct hf_report *report)
{
    struct hf_report *half = &state->half;
    if (half->number == 0) {
        *half = *report;
        half->number = 1; /* the engine as a library may not count them */
        return;
    }
    if (half->lsn != report->lsn || half->trade_index != report->trade_index ||
        half->price != report->price || half->quantity != report->quantity ||
        half->side == report->side) {
        broken(state, "a fill without its other side");
        return;
    }
    const struct hf_report *buy = report->side == HF_BUY ? report : half;
    add_trade(state, buy, buy == report ? half : report);
    half->number = 0;
}

static void
traded_while_resting(struct hf_play_state *state, struct hf_play_order *order, uint64_t quantity)
{
    order->shown -= smaller(order->shown, quantity);
    if (order->shown == 0 && order->open > 0) {
        order->shown = full_peak(order);
        if ((state->flags & HF_ICEBERG_KEEPS_PLACE) == 0) {
            order->place = state->next_place++;
        }
    }
}

static void
filled(struct hf_play_state *state, const struct hf_report *report)
{
    struct hf_play_order *order = order_of(state, report->client_order_id);
    if (order == NULL) {
        return;
    }
    if (report->quantity > order->open || report->leaves != order->open - report->quantity ||
        report->side != order->side) {
        broken(state, "a fill that does not fit what is open of its order");
        return;
    }
    order->open = report->leaves;
    order->executed += report->quantity;
    if ((report->flags & (HF_REPORT_MAKER | HF_REPORT_AUCTION)) != 0) {
        traded_while_resting(state, order, report->quantity);
    } else {
        order->shown = full_peak(order);
    }
    pair(state, report);
    if (order->open == 0) {
        ends(state, order);
    }
}

/** Cancels that are no one's wish, but in the nature of the order. */
static bool
is_refusal(const struct hf_play_order *order, uint32_t reason)
{
    return order->executed == 0 &&
           (reason == HF_REASON_IOC_REMAINDER || reason == HF_REASON_FOK_UNFILLED ||
            reason == HF_REASON_MARKET_REMAINDER || reason == HF_REASON_NO_LIQUIDITY ||
            reason == HF_REASON_MINIMUM_UNFILLED);
}

static void
cancelled(struct hf_play_state *state, const struct hf_report *report)
{
    struct hf_play_order *order = order_of(state, report->client_order_id);
    if (order == NULL) {
        return;
    }
    if (report->quantity != order->open) {
        broken(state, "a cancel of another quantity than what is open");
        return;
    }
    add_event(state,
              (struct hf_play_event){.type = HF_PLAY_CANCELLED,
                                     .id = order->id,
                                     .reason = report->reason,
                                     .quantity = report->quantity,
                                     .is_refusal = is_refusal(order, report->reason),
                                     .answers_replace = state->command->op == HF_PLAY_REPLACE &&
                                                        state->command->id == order->id});
    ends(state, order);
}

static void
replaced(struct hf_play_state *state, const struct hf_report *report)
{
    const struct hf_report_more *more = (const struct hf_report_more *)(report + 1);
    struct hf_play_order *order = order_of(state, more->previous_client_order_id);
    if (order == NULL || report->client_order_id > state->play_case->ids.count) {
        broken(state, "a replace of an order that is not live");
        return;
    }
    if (more->executed != order->executed || more->total - more->executed != report->quantity) {
        broken(state, "a replace whose quantities contradict the fills");
        return;
    }
    bool keeps =
        order->waiting || (report->price == order->price && report->quantity <= order->open &&
                           (state->flags & HF_REPLACE_LOSES_PRIORITY) == 0);
    order->price = report->price;
    order->open = report->quantity;
    order->shown = keeps ? smaller(order->shown, order->open) : full_peak(order);
    if (!keeps) {
        order->place = state->next_place++;
    }
    order->id = (uint32_t)report->client_order_id;
    state->by_id[order->id] = (uint32_t)(order - state->orders);
    add_event(state, (struct hf_play_event){
                         .type = HF_PLAY_REPLACED, .id = order->id, .quantity = order->open});
}

static void
reduced(struct hf_play_state *state, const struct hf_report *report)
{
    struct hf_play_order *order = order_of(state, report->client_order_id);
    if (order != NULL) {
        order->open = report->quantity;
        order->shown = smaller(order->shown, order->open);
        add_event(state, (struct hf_play_event){
                             .type = HF_PLAY_REDUCED, .id = order->id, .quantity = order->open});
    }
}

static void
triggered(struct hf_play_state *state, const struct hf_report *report)
{
    struct hf_play_order *order = order_of(state, report->client_order_id);
    if (order != NULL) {
        order->waiting = false;
        order->shown = full_peak(order); /* a replace may have changed it while it waited */
        order->place = state->next_place++;
        add_event(state, (struct hf_play_event){
                             .type = HF_PLAY_TRIGGERED, .id = order->id, .quantity = order->open});
    }
}

void
hf_play_state_report(struct hf_play_state *state, const struct hf_report *report)
{
    if (report->type != HF_REPORT_FILL && state->half.number != 0) {
        broken(state, "a fill without its other side");
    }
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
        accepted(state, report);
        return;
    case HF_REPORT_REJECTED:
        rejected(state, report);
        return;
    case HF_REPORT_FILL:
        filled(state, report);
        return;
    case HF_REPORT_CANCELLED:
        cancelled(state, report);
        return;
    case HF_REPORT_REPLACED:
        replaced(state, report);
        return;
    case HF_REPORT_REDUCED:
        reduced(state, report);
        return;
    case HF_REPORT_TRIGGERED:
        triggered(state, report);
        return;
    default:
        return; /* DONE and the like say nothing of an order */
    }
}
