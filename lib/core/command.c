/*
 * command.c - the form of a command, checked before anything else.
 *
 * Order of the checks: type, slots, reserved bytes (with the fields that this type does not use), flags
 * and what is set, enumerations, ids, combinations.
 */
#include <holdfast/command.h>
#include <holdfast/error.h>

#include "core/session.h"

#include <string.h>

/** What a type uses of a command; everything else must be zero. */
struct form {
    uint8_t slots_min; /**< 0: no such type */
    uint8_t slots_max;
    uint8_t flags; /**< bits that it knows */
    uint8_t sets;  /**< the same; at least one of them is needed */
    bool side;
    bool order_type;
    bool time_in_force;
    bool instrument;
    bool account;
    bool client_order_id;
    bool price;
    bool quantity;
    bool free_payload; /**< bytes 32 to 63 are not the fields above */
};

static const struct form FORMS[] = {
    [HF_COMMAND_NEW] = {.slots_min = 1,
                        .slots_max = 2,
                        .flags = HF_POST_ONLY,
                        .side = true,
                        .order_type = true,
                        .time_in_force = true,
                        .instrument = true,
                        .account = true,
                        .client_order_id = true,
                        .price = true,
                        .quantity = true},
    [HF_COMMAND_CANCEL] = {.slots_min = 1,
                           .slots_max = 1,
                           .flags = HF_BY_ORDER_ID,
                           .client_order_id = true},
    [HF_COMMAND_REPLACE] = {.slots_min = 1, .slots_max = 1, .free_payload = true},
    [HF_COMMAND_REDUCE] = {.slots_min = 1,
                           .slots_max = 1,
                           .flags = HF_BY_ORDER_ID,
                           .client_order_id = true,
                           .quantity = true},
    [HF_COMMAND_MASS_CANCEL] =
        {.slots_min = 1, .slots_max = 1, .side = true, .instrument = true, .account = true},
    [HF_COMMAND_OPEN_ORDERS] = {.slots_min = 1,
                                .slots_max = 1,
                                .client_order_id = true,
                                .quantity = true},
    [HF_COMMAND_INSTRUMENT_ADD] = {.slots_min = 2,
                                   .slots_max = 2,
                                   .order_type = true,
                                   .free_payload = true},
    [HF_COMMAND_INSTRUMENT_CHANGE] = {.slots_min = 2,
                                      .slots_max = 2,
                                      .sets = HF_SET_INSTRUMENT,
                                      .free_payload = true},
    [HF_COMMAND_INSTRUMENT_REMOVE] = {.slots_min = 1, .slots_max = 1, .instrument = true},
    [HF_COMMAND_INSTRUMENT_LIMITS] = {.slots_min = 1,
                                      .slots_max = 1,
                                      .sets = HF_SET_INSTRUMENT_LIMITS,
                                      .instrument = true,
                                      .price = true,
                                      .quantity = true},
    [HF_COMMAND_PHASE] = {.slots_min = 1, .slots_max = 1, .order_type = true, .instrument = true},
    [HF_COMMAND_ACCOUNT] = {.slots_min = 1,
                            .slots_max = 1,
                            .flags = HF_ON,
                            .sets = HF_SET_ACCOUNT,
                            .order_type = true,
                            .account = true,
                            .client_order_id = true,
                            .quantity = true},
    [HF_COMMAND_SESSION_LIMITS] = {.slots_min = 1,
                                   .slots_max = 1,
                                   .flags = HF_ON,
                                   .sets = HF_SET_SESSION_LIMITS,
                                   .free_payload = true},
    [HF_COMMAND_ENTITLE] =
        {.slots_min = 1, .slots_max = 1, .flags = HF_ON, .order_type = true, .free_payload = true},
    [HF_COMMAND_SESSION_END] = {.slots_min = 1, .slots_max = 1},
    [HF_COMMAND_BUST] = {.slots_min = 2, .slots_max = 2, .flags = HF_ON, .free_payload = true},
    [HF_COMMAND_REFERENCE] = {.slots_min = 1, .slots_max = 1, .instrument = true, .price = true},
};
#define FORM_COUNT (sizeof(FORMS) / sizeof(FORMS[0]))

static bool
unused_are_zero(const struct form *form, const struct hf_command *command)
{
    if ((command->reserved[0] | command->reserved[1] | command->reserved2) != 0 ||
        (form->sets == 0 && command->sets != 0) || (!form->side && command->side != 0) ||
        (!form->order_type && command->order_type != 0) ||
        (!form->time_in_force && command->time_in_force != 0) ||
        (form->flags == 0 && command->flags != 0)) {
        return false;
    }
    return form->free_payload ||
           ((form->instrument || command->instrument == 0) &&
            (form->account || command->account == 0) &&
            (form->client_order_id || command->client_order_id == 0) &&
            (form->price || command->price == 0) && (form->quantity || command->quantity == 0));
}

static bool
more_is_clean(const struct hf_command_more *more)
{
    unsigned bytes = 0;
    for (size_t i = 0; i < sizeof(more->reserved2); i++) {
        bytes |= more->reserved2[i];
    }
    return (more->reserved[0] | more->reserved[1]) == 0 && bytes == 0;
}

static bool
is_stop(const struct hf_command *command)
{
    return command->order_type == HF_STOP || command->order_type == HF_STOP_LIMIT;
}

static bool
is_immediate(const struct hf_command *command)
{
    return command->time_in_force == HF_IOC || command->time_in_force == HF_FOK;
}

/** Which times in force a type of order takes. */
static bool
time_in_force_fits(const struct hf_command *command)
{
    switch (command->order_type) {
    case HF_MARKET:
        return command->time_in_force == HF_GTC || is_immediate(command);
    case HF_STOP:
    case HF_MARKET_TO_LIMIT:
        return !is_immediate(command);
    default:
        return true;
    }
}

static bool
more_fits(const struct hf_command *command, const struct hf_command_more *more)
{
    bool is_limit = command->order_type == HF_LIMIT;
    if (more->display != 0 && (!is_limit || is_immediate(command))) {
        return false;
    }
    if (more->stop_price != 0 && !is_stop(command)) {
        return false;
    }
    if (more->minimum != 0 && (is_stop(command) || command->time_in_force == HF_FOK ||
                               (command->flags & HF_POST_ONLY) != 0)) {
        return false;
    }
    return (more->expire_ns != 0) == (command->time_in_force == HF_GTD);
}

static uint32_t
check_new(const struct hf_command *command, const struct hf_command_more *more)
{
    if ((command->side != HF_BUY && command->side != HF_SELL) || command->order_type < HF_LIMIT ||
        command->order_type > HF_MARKET_TO_LIMIT || command->time_in_force < HF_GTC ||
        command->time_in_force > HF_GTD) {
        return HF_REASON_MALFORMED_FIELD;
    }
    if (command->client_order_id == 0) {
        return HF_REASON_MALFORMED_ID;
    }
    bool has_price = command->order_type == HF_LIMIT || command->order_type == HF_STOP_LIMIT;
    bool post_only = (command->flags & HF_POST_ONLY) != 0;
    bool needs_more = is_stop(command) || command->time_in_force == HF_GTD;
    if ((!has_price && command->price != 0) || !time_in_force_fits(command) ||
        (post_only && (command->order_type != HF_LIMIT || is_immediate(command))) ||
        (needs_more && more == NULL) || (more != NULL && !more_fits(command, more))) {
        return HF_REASON_MALFORMED_COMBINATION;
    }
    return HF_REASON_NONE;
}

static uint32_t
check_replace(const struct hf_command *command)
{
    bool has_ids = command->client_order_id != 0 && command->target_client_order_id != 0;
    return has_ids ? HF_REASON_NONE : HF_REASON_MALFORMED_ID;
}

/** A command that concerns one instrument. */
static uint32_t
check_instrument(const struct hf_command *command)
{
    return command->instrument != 0 ? HF_REASON_NONE : HF_REASON_MALFORMED_ID;
}

static uint32_t
check_name(const struct hf_command *command)
{
    return hf_session_name_is_valid(command->session_name) ? HF_REASON_NONE
                                                           : HF_REASON_MALFORMED_FIELD;
}

static uint32_t
check_phase(const struct hf_command *command)
{
    bool known = command->order_type >= HF_PHASE_OPEN && command->order_type <= HF_PHASE_CLOSED;
    return known ? HF_REASON_NONE : HF_REASON_MALFORMED_FIELD;
}

static uint32_t
check_add(const struct hf_command *command)
{
    if (command->order_type > HF_PHASE_CLOSED) {
        return HF_REASON_MALFORMED_FIELD;
    }
    return command->instrument != 0 ? HF_REASON_MALFORMED_ID : HF_REASON_NONE;
}

static uint32_t
check_account(const struct hf_command *command)
{
    bool known = command->order_type <= HF_SELF_TRADE_DECREMENT;
    return known && command->client_order_id <= UINT32_MAX ? HF_REASON_NONE
                                                           : HF_REASON_MALFORMED_FIELD;
}

static uint32_t
check_entitle(const struct hf_command *command)
{
    bool known = command->order_type >= HF_ENTITLE_ACCOUNT &&
                 command->order_type <= HF_ENTITLE_USER && command->rate == 0;
    if (!known || (command->order_type == HF_ENTITLE_ADMIN && command->value != 0)) {
        return HF_REASON_MALFORMED_FIELD;
    }
    return check_name(command);
}

static uint32_t
check_bust(const struct hf_command *command)
{
    if (command->trade_index > UINT32_MAX) {
        return HF_REASON_MALFORMED_FIELD;
    }
    bool corrects = (command->flags & HF_ON) != 0;
    bool fits = corrects ? command->trade_quantity != 0
                         : command->trade_quantity == 0 && command->trade_price == 0;
    return fits ? HF_REASON_NONE : HF_REASON_MALFORMED_COMBINATION;
}

static uint32_t
check_limits(const struct hf_command *command)
{
    return command->price < 0 ? HF_REASON_MALFORMED_FIELD : check_instrument(command);
}

static uint32_t
check_price(const struct hf_command *command)
{
    bool fits = command->price > -HF_PRICE_MAX && command->price < HF_PRICE_MAX;
    return fits ? check_instrument(command) : HF_REASON_MALFORMED_FIELD;
}

/** Whether a field that is not set is zero. */
static bool
keeps_to(const struct hf_command *command, uint32_t set, bool is_zero)
{
    return (command->sets & set) != 0 || is_zero;
}

static bool
account_keeps_to_sets(const struct hf_command *command)
{
    return keeps_to(command, HF_SET_KILL, command->flags == 0) &&
           keeps_to(command, HF_SET_NOTIONAL, command->quantity == 0) &&
           keeps_to(command, HF_SET_GROUP, command->client_order_id == 0) &&
           keeps_to(command, HF_SET_SELF_TRADE, command->order_type == 0);
}

static bool
session_keeps_to_sets(const struct hf_command *command)
{
    return keeps_to(command, HF_SET_KILL, command->flags == 0) &&
           keeps_to(command, HF_SET_ORDERS, command->value == 0) &&
           keeps_to(command, HF_SET_RATE, command->rate == 0);
}

static bool
change_keeps_to_sets(const struct hf_command *command)
{
    struct hf_record change; /* the fields of both slots are the record's */
    struct hf_record more;
    memcpy((void *)&change, (const void *)command, sizeof(change));
    memcpy((void *)&more, (const void *)(command + 1), sizeof(more));
    uint32_t flags = change.instrument_add.flags;
    return keeps_to(command, HF_SET_TICK, change.instrument_add.tick == 0) &&
           keeps_to(command, HF_SET_LOT, more.instrument_more.lot == 0) &&
           keeps_to(command, HF_SET_PRICE_MIN, more.instrument_more.price_min == 0) &&
           keeps_to(command, HF_SET_PRICE_MAX, more.instrument_more.price_max == 0) &&
           keeps_to(command, HF_SET_QUANTITY_MAX, more.instrument_more.quantity_max == 0) &&
           keeps_to(command, HF_SET_REPLACE_LOSES_PRIORITY,
                    (flags & HF_REPLACE_LOSES_PRIORITY) == 0) &&
           keeps_to(command, HF_SET_ICEBERG_KEEPS_PLACE, (flags & HF_ICEBERG_KEEPS_PLACE) == 0);
}

/** What a command does not set stays as it is: there is no value for it. */
static bool
keeps_to_sets(const struct hf_command *command)
{
    switch (command->type) {
    case HF_COMMAND_ACCOUNT:
        return account_keeps_to_sets(command);
    case HF_COMMAND_SESSION_LIMITS:
        return session_keeps_to_sets(command);
    case HF_COMMAND_INSTRUMENT_LIMITS:
        return keeps_to(command, HF_SET_NOTIONAL, command->quantity == 0) &&
               keeps_to(command, HF_SET_COLLAR, command->price == 0);
    case HF_COMMAND_INSTRUMENT_CHANGE:
        return change_keeps_to_sets(command);
    default:
        return true;
    }
}

/** Enumerations, ids and combinations of each type. */
static uint32_t
check_fields(const struct hf_command *command, const struct hf_command_more *more)
{
    switch (command->type) {
    case HF_COMMAND_NEW:
        return check_new(command, more);
    case HF_COMMAND_CANCEL:
    case HF_COMMAND_REDUCE:
        return command->client_order_id == 0 ? HF_REASON_MALFORMED_ID : HF_REASON_NONE;
    case HF_COMMAND_REPLACE:
        return check_replace(command);
    case HF_COMMAND_MASS_CANCEL:
        return command->side > HF_SELL ? HF_REASON_MALFORMED_FIELD : HF_REASON_NONE;
    case HF_COMMAND_INSTRUMENT_ADD:
        return check_add(command);
    case HF_COMMAND_INSTRUMENT_CHANGE:
    case HF_COMMAND_INSTRUMENT_REMOVE:
        return check_instrument(command);
    case HF_COMMAND_INSTRUMENT_LIMITS:
        return check_limits(command);
    case HF_COMMAND_PHASE:
        return check_phase(command);
    case HF_COMMAND_ACCOUNT:
        return check_account(command);
    case HF_COMMAND_SESSION_LIMITS:
        return check_name(command);
    case HF_COMMAND_ENTITLE:
        return check_entitle(command);
    case HF_COMMAND_BUST:
        return check_bust(command);
    case HF_COMMAND_REFERENCE:
        return check_price(command);
    default:
        return HF_REASON_NONE;
    }
}

uint32_t
hf_command_check(const struct hf_command *command)
{
    if (command->type >= FORM_COUNT || FORMS[command->type].slots_min == 0) {
        return HF_REASON_MALFORMED_TYPE;
    }
    const struct form *form = &FORMS[command->type];
    if (command->slots < form->slots_min || command->slots > form->slots_max) {
        return HF_REASON_MALFORMED_SLOTS;
    }
    const struct hf_command_more *more =
        command->slots == 2 ? (const struct hf_command_more *)(const void *)(command + 1) : NULL;
    if (more != NULL && (more->type != HF_COMMAND_MORE || more->slots != 1)) {
        return HF_REASON_MALFORMED_SLOTS;
    }
    if (!unused_are_zero(form, command) || (more != NULL && !more_is_clean(more))) {
        return HF_REASON_MALFORMED_RESERVED;
    }
    if ((command->flags & ~form->flags) != 0 || (command->sets & ~form->sets) != 0 ||
        (form->sets != 0 && command->sets == 0)) {
        return HF_REASON_MALFORMED_FIELD;
    }
    uint32_t reason = check_fields(command, more);
    return reason == HF_REASON_NONE && !keeps_to_sets(command) ? HF_REASON_MALFORMED_COMBINATION
                                                               : reason;
}
