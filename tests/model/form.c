/*
 * form.c - whether a command is well-formed, without asking which of its faults comes first.
 */
#include "model/model.h"

#include <string.h>

bool
model_name_is_valid(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t length = strnlen(name, HF_NAME_BYTES);
    return length > 0 && length < HF_NAME_BYTES && strspn(name, allowed) == length;
}

static bool
is_zero(const void *bytes, size_t count)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < count; i++) {
        if (byte[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool
may_rest(uint8_t time_in_force)
{
    return time_in_force == HF_GTC || time_in_force == HF_DAY || time_in_force == HF_GTD;
}

static bool
time_in_force_fits(const struct hf_command *command)
{
    switch (command->order_type) {
    case HF_MARKET:
        return command->time_in_force == HF_GTC || command->time_in_force == HF_IOC ||
               command->time_in_force == HF_FOK;
    case HF_STOP:
    case HF_MARKET_TO_LIMIT:
        return may_rest(command->time_in_force);
    default:
        return true;
    }
}

static bool
new_fits(const struct hf_command *command, const struct hf_command_more *more)
{
    bool is_stop = command->order_type == HF_STOP || command->order_type == HF_STOP_LIMIT;
    bool is_limit = command->order_type == HF_LIMIT || command->order_type == HF_STOP_LIMIT;
    bool is_resting_limit = command->order_type == HF_LIMIT && may_rest(command->time_in_force);
    if (!time_in_force_fits(command) || (!is_limit && command->price != 0)) {
        return false;
    }
    if (((command->flags & HF_POST_ONLY) != 0 || more->display != 0) && !is_resting_limit) {
        return false;
    }
    bool has_its_own_rule =
        command->time_in_force == HF_FOK || (command->flags & HF_POST_ONLY) != 0;
    if (more->minimum != 0 && (is_stop || has_its_own_rule)) {
        return false;
    }
    if ((more->expire_ns != 0) != (command->time_in_force == HF_GTD)) {
        return false;
    }
    return is_stop ? command->slots == 2 : more->stop_price == 0;
}

static bool
new_is_well_formed(const struct hf_command *command, const struct hf_command_more *more)
{
    return (command->side == HF_BUY || command->side == HF_SELL) &&
           command->order_type >= HF_LIMIT && command->order_type <= HF_MARKET_TO_LIMIT &&
           command->time_in_force >= HF_GTC && command->time_in_force <= HF_GTD &&
           (command->flags & ~HF_POST_ONLY) == 0 && command->sets == 0 &&
           command->client_order_id != 0 && new_fits(command, more);
}

/** What a type may use of side, order_type, time_in_force and flags: the largest value of each. */
struct usage {
    uint8_t type;
    uint8_t slots;
    uint8_t side;
    uint8_t order_type_first;
    uint8_t order_type_last;
    uint8_t flags;
    uint8_t sets; /**< what it may set, all together; 0: nothing of this kind */
    bool instrument;
    bool needs_instrument; /**< 0 is no instrument */
    bool account;
    bool id;         /**< client_order_id or, for REPLACE, both ids; never 0 */
    bool id_or_none; /**< client_order_id, or 0 */
    bool price;
    bool quantity;
    bool free_form; /**< the payload has a layout of its own */
};

static const struct usage usages[] = {
    {.type = HF_COMMAND_CANCEL, .slots = 1, .flags = HF_BY_ORDER_ID, .id = true},
    {.type = HF_COMMAND_REPLACE, .slots = 1, .free_form = true, .id = true},
    {.type = HF_COMMAND_REDUCE, .slots = 1, .flags = HF_BY_ORDER_ID, .id = true, .quantity = true},
    {.type = HF_COMMAND_MASS_CANCEL, .slots = 1, .side = 2, .instrument = true, .account = true},
    {.type = HF_COMMAND_OPEN_ORDERS, .slots = 1, .id_or_none = true, .quantity = true},
    {.type = HF_COMMAND_INSTRUMENT_ADD,
     .slots = 2,
     .order_type_last = HF_PHASE_CLOSED, /* 0: it does not say */
     .free_form = true},
    {.type = HF_COMMAND_INSTRUMENT_CHANGE, .slots = 2, .sets = 127, .free_form = true},
    {.type = HF_COMMAND_INSTRUMENT_REMOVE,
     .slots = 1,
     .instrument = true,
     .needs_instrument = true},
    {.type = HF_COMMAND_INSTRUMENT_LIMITS,
     .slots = 1,
     .sets = HF_SET_NOTIONAL | HF_SET_COLLAR,
     .instrument = true,
     .needs_instrument = true,
     .price = true,
     .quantity = true},
    {.type = HF_COMMAND_PHASE,
     .slots = 1,
     .order_type_first = HF_PHASE_OPEN,
     .order_type_last = HF_PHASE_CLOSED,
     .instrument = true},
    {.type = HF_COMMAND_ACCOUNT,
     .slots = 1,
     .order_type_last = HF_SELF_TRADE_DECREMENT,
     .flags = HF_ON,
     .sets = HF_SET_KILL | HF_SET_NOTIONAL | HF_SET_GROUP | HF_SET_SELF_TRADE,
     .free_form = true},
    {.type = HF_COMMAND_SESSION_LIMITS,
     .slots = 1,
     .flags = HF_ON,
     .sets = HF_SET_KILL | HF_SET_ORDERS | HF_SET_RATE,
     .free_form = true},
    {.type = HF_COMMAND_ENTITLE,
     .slots = 1,
     .order_type_first = HF_ENTITLE_ACCOUNT,
     .order_type_last = HF_ENTITLE_USER,
     .flags = HF_ON,
     .free_form = true},
    {.type = HF_COMMAND_SESSION_END, .slots = 1},
    {.type = HF_COMMAND_BUST, .slots = 2, .flags = HF_ON, .free_form = true},
    {.type = HF_COMMAND_REFERENCE,
     .slots = 1,
     .instrument = true,
     .needs_instrument = true,
     .price = true},
};

/** Values that say nothing, because the command does not set them, are zero. */
static bool
says_only_what_it_sets(const struct hf_command *command, const struct hf_command_more *more)
{
    struct hf_record first;
    struct hf_record second;
    memcpy(&first, command, sizeof(first));
    memcpy(&second, more, sizeof(second));
    const struct {
        uint8_t type;
        uint8_t set;
        bool is_zero;
    } values[] = {
        {HF_COMMAND_ACCOUNT, HF_SET_KILL, command->flags == 0},
        {HF_COMMAND_ACCOUNT, HF_SET_NOTIONAL, command->quantity == 0},
        {HF_COMMAND_ACCOUNT, HF_SET_GROUP, command->client_order_id == 0},
        {HF_COMMAND_ACCOUNT, HF_SET_SELF_TRADE, command->order_type == 0},
        {HF_COMMAND_SESSION_LIMITS, HF_SET_KILL, command->flags == 0},
        {HF_COMMAND_SESSION_LIMITS, HF_SET_ORDERS, command->value == 0},
        {HF_COMMAND_SESSION_LIMITS, HF_SET_RATE, command->rate == 0},
        {HF_COMMAND_INSTRUMENT_LIMITS, HF_SET_NOTIONAL, command->quantity == 0},
        {HF_COMMAND_INSTRUMENT_LIMITS, HF_SET_COLLAR, command->price == 0},
        {HF_COMMAND_INSTRUMENT_CHANGE, HF_SET_TICK, first.instrument_add.tick == 0},
        {HF_COMMAND_INSTRUMENT_CHANGE, HF_SET_LOT, second.instrument_more.lot == 0},
        {HF_COMMAND_INSTRUMENT_CHANGE, HF_SET_PRICE_MIN, second.instrument_more.price_min == 0},
        {HF_COMMAND_INSTRUMENT_CHANGE, HF_SET_PRICE_MAX, second.instrument_more.price_max == 0},
        {HF_COMMAND_INSTRUMENT_CHANGE, HF_SET_QUANTITY_MAX,
         second.instrument_more.quantity_max == 0},
        {HF_COMMAND_INSTRUMENT_CHANGE, HF_SET_REPLACE_LOSES_PRIORITY,
         (first.instrument_add.flags & HF_REPLACE_LOSES_PRIORITY) == 0},
        {HF_COMMAND_INSTRUMENT_CHANGE, HF_SET_ICEBERG_KEEPS_PLACE,
         (first.instrument_add.flags & HF_ICEBERG_KEEPS_PLACE) == 0},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (command->type == values[i].type && (command->sets & values[i].set) == 0 &&
            !values[i].is_zero) {
            return false;
        }
    }
    return true;
}

/** Whether a number can be a price at all. */
static bool
is_price(int64_t price)
{
    return price > -HF_PRICE_MAX && price < HF_PRICE_MAX;
}

/** The payloads with a layout of their own. */
static bool
free_form_is_well_formed(const struct hf_command *command)
{
    switch (command->type) {
    case HF_COMMAND_REPLACE:
        return command->target_client_order_id != 0;
    case HF_COMMAND_INSTRUMENT_ADD:
        return command->instrument == 0; /* where the record has its id */
    case HF_COMMAND_INSTRUMENT_CHANGE:
        return command->instrument != 0;
    case HF_COMMAND_ACCOUNT:
        return command->instrument == 0 && command->price == 0 &&
               command->client_order_id <= UINT32_MAX; /* the group */
    case HF_COMMAND_SESSION_LIMITS:
        return model_name_is_valid(command->session_name);
    case HF_COMMAND_ENTITLE:
        return model_name_is_valid(command->session_name) && command->rate == 0 &&
               (command->order_type != HF_ENTITLE_ADMIN || command->value == 0);
    case HF_COMMAND_BUST:
        return command->trade_index <= UINT32_MAX &&
               ((command->flags & HF_ON) != 0
                    ? command->trade_quantity != 0
                    : command->trade_price == 0 && command->trade_quantity == 0);
    default:
        return true;
    }
}

static bool
uses_only(const struct hf_command *command, const struct usage *usage)
{
    if (command->side > usage->side || command->order_type < usage->order_type_first ||
        command->order_type > usage->order_type_last || command->time_in_force != 0 ||
        (command->flags & ~usage->flags) != 0 || (command->sets & ~usage->sets) != 0 ||
        (usage->sets != 0 && command->sets == 0) || (usage->id && command->client_order_id == 0)) {
        return false;
    }
    if (usage->free_form) {
        return free_form_is_well_formed(command);
    }
    if (usage->needs_instrument && command->instrument == 0) {
        return false;
    }
    if ((command->type == HF_COMMAND_REFERENCE && !is_price(command->price)) ||
        (command->type == HF_COMMAND_INSTRUMENT_LIMITS && command->price < 0)) {
        return false;
    }
    return (usage->instrument || command->instrument == 0) &&
           (usage->account || command->account == 0) &&
           (usage->id || usage->id_or_none || command->client_order_id == 0) &&
           (usage->price || command->price == 0) && (usage->quantity || command->quantity == 0);
}

static const struct usage *
find_usage(uint8_t type)
{
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        if (usages[i].type == type) {
            return &usages[i];
        }
    }
    return NULL;
}

bool
model_well_formed(const struct hf_command *command, const struct hf_command_more *more)
{
    static const struct hf_command_more none;
    const struct usage *usage = find_usage(command->type);
    bool slots_fit =
        usage != NULL ? command->slots == usage->slots : command->slots == 1 || command->slots == 2;
    if (!slots_fit || !is_zero(command->reserved, sizeof(command->reserved)) ||
        command->reserved2 != 0) {
        return false;
    }
    if (command->slots == 2 && (more->type != HF_COMMAND_MORE || more->slots != 1 ||
                                !is_zero(more->reserved, sizeof(more->reserved)) ||
                                !is_zero(more->reserved2, sizeof(more->reserved2)))) {
        return false;
    }
    if (command->type == HF_COMMAND_NEW) {
        return new_is_well_formed(command, command->slots == 2 ? more : &none);
    }
    return usage != NULL && uses_only(command, usage) && says_only_what_it_sets(command, more);
}
