/*
 * command.c - the form of a command, checked before anything else.
 *
 * Order of the checks: type, slots, reserved bytes (with the fields that this type does not use),
 * enumerations, ids, combinations.
 */
#include <holdfast/command.h>
#include <holdfast/error.h>

#include <stdbool.h>

static bool
reserved_are_zero(const struct hf_command *command)
{
    return (command->reserved[0] | command->reserved[1] | command->reserved2[0] |
            command->reserved2[1]) == 0;
}

/** The fields that only NEW uses. */
static bool
new_fields_are_zero(const struct hf_command *command)
{
    return (command->side | command->order_type | command->time_in_force | command->flags) == 0;
}

static uint32_t
check_new(const struct hf_command *command)
{
    if ((command->side != HF_BUY && command->side != HF_SELL) ||
        (command->order_type != HF_LIMIT && command->order_type != HF_MARKET) ||
        command->time_in_force < HF_GTC || command->time_in_force > HF_FOK ||
        (command->flags & ~(unsigned)HF_POST_ONLY) != 0) {
        return HF_REASON_MALFORMED_FIELD;
    }
    if (command->client_order_id == 0) {
        return HF_REASON_MALFORMED_ID;
    }
    bool is_market = command->order_type == HF_MARKET;
    if (is_market && command->price != 0) {
        return HF_REASON_MALFORMED_COMBINATION;
    }
    if ((command->flags & HF_POST_ONLY) != 0 && (is_market || command->time_in_force != HF_GTC)) {
        return HF_REASON_MALFORMED_COMBINATION;
    }
    return HF_REASON_NONE;
}

/** CANCEL and REDUCE: the order is named by client_order_id alone. */
static uint32_t
check_named(const struct hf_command *command, bool has_quantity)
{
    if (!new_fields_are_zero(command) || command->instrument != 0 || command->account != 0 ||
        command->price != 0 || (!has_quantity && command->quantity != 0)) {
        return HF_REASON_MALFORMED_RESERVED;
    }
    return command->client_order_id == 0 ? HF_REASON_MALFORMED_ID : HF_REASON_NONE;
}

static uint32_t
check_replace(const struct hf_command *command)
{
    if (!new_fields_are_zero(command)) {
        return HF_REASON_MALFORMED_RESERVED;
    }
    bool has_ids = command->client_order_id != 0 && command->target_client_order_id != 0;
    return has_ids ? HF_REASON_NONE : HF_REASON_MALFORMED_ID;
}

uint32_t
hf_command_check(const struct hf_command *command)
{
    if (command->type < HF_COMMAND_NEW || command->type > HF_COMMAND_REDUCE) {
        return HF_REASON_MALFORMED_TYPE;
    }
    if (command->slots != 1) {
        return HF_REASON_MALFORMED_SLOTS;
    }
    if (!reserved_are_zero(command)) {
        return HF_REASON_MALFORMED_RESERVED;
    }
    switch (command->type) {
    case HF_COMMAND_NEW:
        return check_new(command);
    case HF_COMMAND_REPLACE:
        return check_replace(command);
    default:
        return check_named(command, command->type == HF_COMMAND_REDUCE);
    }
}
