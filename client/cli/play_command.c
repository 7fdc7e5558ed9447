/*
 * play_command.c - commands of a case in Holdfast's words.
 *
 * A case's quantities in changes are open ones, Holdfast's replace takes totals: what has been executed
 * is added. A change that leaves nothing open is a cancel. A new order's numbers are passed on as they are:
 * two's complement makes a negative quantity larger than any that there can be, which the engine refuses.
 * Changes have none that are negative, but for a delta (play_parse_command.c).
 */
#include "cli/play.h"

#include <string.h>

static bool
is_live(const struct hf_play_order *order, uint32_t id)
{
    return order != NULL && order->live && order->id == id;
}

static enum hf_play_entry
make_new(const struct hf_play_command *command, uint32_t instrument,
         struct hf_command slots[HF_MESSAGE_SLOTS_MAX])
{
    slots[0].type = HF_COMMAND_NEW;
    slots[0].side = command->side;
    slots[0].order_type = command->order_type;
    slots[0].time_in_force = command->time_in_force;
    slots[0].flags = command->post_only ? HF_POST_ONLY : 0;
    slots[0].instrument = instrument;
    slots[0].account = command->owner;
    slots[0].client_order_id = command->id;
    slots[0].price = command->price;
    slots[0].quantity = (uint64_t)command->quantity;
    struct hf_command_more more = {
        .type = HF_COMMAND_MORE,
        .slots = 1,
        .display = (uint64_t)command->display,
        .stop_price = command->stop_price,
        .minimum = (uint64_t)command->minimum,
        .expire_ns = (uint64_t)command->time,
    };
    bool is_stop = command->order_type == HF_STOP || command->order_type == HF_STOP_LIMIT;
    if (is_stop || command->display != 0 || command->stop_price != 0 || command->minimum != 0 ||
        command->time_in_force == HF_GTD) {
        slots[0].slots = 2;
        memcpy(&slots[1], &more, sizeof more);
    }
    return HF_PLAY_SUBMIT;
}

static enum hf_play_entry
make_named(uint8_t type, uint32_t id, uint64_t quantity,
           struct hf_command slots[HF_MESSAGE_SLOTS_MAX])
{
    slots[0].type = type;
    slots[0].client_order_id = id;
    slots[0].quantity = quantity;
    return HF_PLAY_SUBMIT;
}

/** What a replace leaves open. Sums of what a file may hold are less than 2^64: more than there can be, and
 *  for the engine to refuse. */
static uint64_t
open_after(const struct hf_play_command *command, const struct hf_play_order *order)
{
    uint64_t open = order == NULL ? 0 : order->open;
    uint64_t change = (uint64_t)command->quantity;
    if (!command->has_quantity) {
        return open;
    }
    if (!command->is_delta) {
        return change;
    }
    if (command->quantity >= 0) {
        return open + change;
    }
    return open > 0 - change ? open - (0 - change) : 0;
}

static enum hf_play_entry
make_replace(const struct hf_play_state *state, const struct hf_play_command *command,
             struct hf_command slots[HF_MESSAGE_SLOTS_MAX])
{
    const struct hf_play_order *order = hf_play_state_find(state, command->id);
    bool live = is_live(order, command->id);
    uint64_t open = open_after(command, live ? order : NULL);
    if (live && open == 0) {
        return make_named(HF_COMMAND_CANCEL, command->id, 0, slots);
    }
    slots[0].type = HF_COMMAND_REPLACE;
    slots[0].target_client_order_id = command->id;
    slots[0].client_order_id = command->new_id != 0 ? command->new_id : command->id;
    slots[0].price = command->has_price ? command->price : live ? order->price : 0;
    slots[0].quantity = open + (live ? order->executed : 0);
    return HF_PLAY_SUBMIT;
}

static enum hf_play_entry
make_resize(const struct hf_play_state *state, const struct hf_play_command *command,
            struct hf_command slots[HF_MESSAGE_SLOTS_MAX])
{
    const struct hf_play_order *order = hf_play_state_find(state, command->id);
    if (!is_live(order, command->id) || (uint64_t)command->quantity >= order->open) {
        return HF_PLAY_NOTHING;
    }
    if (command->quantity == 0) {
        return make_named(HF_COMMAND_CANCEL, command->id, 0, slots);
    }
    return make_named(HF_COMMAND_REDUCE, command->id, order->open - (uint64_t)command->quantity,
                      slots);
}

/** ACCOUNT, LIMITS, SESSION: what is not given stays as it is, and is 0. */
static enum hf_play_entry
make_limits(const struct hf_play_command *command, uint32_t instrument, struct hf_command *slot)
{
    slot->sets = command->sets;
    slot->flags = command->kill ? HF_ON : 0;
    if (command->op == HF_PLAY_SESSION) {
        slot->type = HF_COMMAND_SESSION_LIMITS;
        memcpy(slot->session_name, HF_PLAY_SESSION_NAME, sizeof HF_PLAY_SESSION_NAME);
        slot->value = (uint32_t)command->quantity;
        return HF_PLAY_SUBMIT_ADMIN;
    }
    slot->quantity = (uint64_t)command->quantity;
    if (command->op == HF_PLAY_ACCOUNT) {
        slot->type = HF_COMMAND_ACCOUNT;
        slot->account = command->owner;
    } else {
        slot->type = HF_COMMAND_INSTRUMENT_LIMITS;
        slot->instrument = instrument;
        slot->price = command->price;
    }
    return HF_PLAY_SUBMIT_ADMIN;
}

static enum hf_play_entry
make_admin(const struct hf_play_command *command, uint32_t instrument, struct hf_command *slot)
{
    switch (command->op) {
    case HF_PLAY_SET_LAST:
        slot->type = HF_COMMAND_REFERENCE;
        slot->instrument = instrument;
        slot->price = command->price;
        break;
    case HF_PLAY_PHASE:
        slot->type = HF_COMMAND_PHASE;
        slot->instrument = instrument;
        slot->order_type = command->phase;
        break;
    case HF_PLAY_GROUP:
        slot->type = HF_COMMAND_ACCOUNT;
        slot->sets = HF_SET_GROUP | HF_SET_SELF_TRADE;
        slot->account = command->owner;
        slot->client_order_id = (uint64_t)command->group;
        slot->order_type = command->self_trade;
        break;
    default:
        slot->type = HF_COMMAND_SESSION_END;
        break;
    }
    return HF_PLAY_SUBMIT_ADMIN;
}

enum hf_play_entry
hf_play_command_make(const struct hf_play_state *state, uint32_t instrument,
                     const struct hf_play_command *command,
                     struct hf_command slots[HF_MESSAGE_SLOTS_MAX])
{
    memset(slots, 0, HF_MESSAGE_SLOTS_MAX * sizeof slots[0]);
    slots[0].slots = 1;
    switch (command->op) {
    case HF_PLAY_NEW:
        return make_new(command, instrument, slots);
    case HF_PLAY_CANCEL:
        return make_named(HF_COMMAND_CANCEL, command->id, 0, slots);
    case HF_PLAY_REPLACE:
        return make_replace(state, command, slots);
    case HF_PLAY_REDUCE:
        return make_named(HF_COMMAND_REDUCE, command->id, (uint64_t)command->quantity, slots);
    case HF_PLAY_RESIZE:
        return make_resize(state, command, slots);
    case HF_PLAY_MASS_CANCEL:
        slots[0].type = HF_COMMAND_MASS_CANCEL;
        slots[0].side = command->side;
        slots[0].instrument = instrument;
        slots[0].account = command->owner;
        return HF_PLAY_SUBMIT;
    case HF_PLAY_ACCOUNT:
    case HF_PLAY_LIMITS:
    case HF_PLAY_SESSION:
        return make_limits(command, instrument, &slots[0]);
    case HF_PLAY_TIME:
        return HF_PLAY_TICK;
    default:
        return make_admin(command, instrument, &slots[0]);
    }
}
