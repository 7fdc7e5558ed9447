/* play_parse_command.c - {"op": ...}: fields and words of every command. */
#include "cli/play_parse.h"

#include <holdfast/command.h>
#include <holdfast/error.h>
#include <holdfast/units.h>

/** AON has no number in units.h: it parses, but nothing can enter it. */
#define TIME_IN_FORCE_AON 255u

static const struct hf_play_word op_words[] = {
    {"new", HF_PLAY_NEW},
    {"cancel", HF_PLAY_CANCEL},
    {"replace", HF_PLAY_REPLACE},
    {"reduce", HF_PLAY_REDUCE},
    {"resize", HF_PLAY_RESIZE},
    {"mass_cancel", HF_PLAY_MASS_CANCEL},
    {"set_last", HF_PLAY_SET_LAST},
    {"phase", HF_PLAY_PHASE},
    {"group", HF_PLAY_GROUP},
    {"session_end", HF_PLAY_SESSION_END},
    {"account", HF_PLAY_ACCOUNT},
    {"limits", HF_PLAY_LIMITS},
    {"session", HF_PLAY_SESSION},
    {"time", HF_PLAY_TIME},
    {NULL, 0},
};

static const struct hf_play_word side_words[] = {{"B", HF_BUY}, {"S", HF_SELL}, {NULL, 0}};

static const struct hf_play_word type_words[] = {
    {"limit", HF_LIMIT},
    {"market", HF_MARKET},
    {"stop", HF_STOP},
    {"stop_limit", HF_STOP_LIMIT},
    {"market_to_limit", HF_MARKET_TO_LIMIT},
    {NULL, 0},
};

static const struct hf_play_word tif_words[] = {
    {"GTC", HF_GTC}, {"IOC", HF_IOC}, {"FOK", HF_FOK},
    {"DAY", HF_DAY}, {"GTD", HF_GTD}, {"AON", TIME_IN_FORCE_AON},
    {NULL, 0},
};

static const struct hf_play_word phase_words[] = {
    {"open", HF_PHASE_OPEN},
    {"pre_open", HF_PHASE_PRE_OPEN},
    {"halted", HF_PHASE_HALTED},
    {"closed", HF_PHASE_CLOSED},
    {NULL, 0},
};

static const struct hf_play_word self_trade_words[] = {
    {"cancel_newest", HF_SELF_TRADE_CANCEL_NEWEST},
    {"cancel_oldest", HF_SELF_TRADE_CANCEL_OLDEST},
    {"cancel_both", HF_SELF_TRADE_CANCEL_BOTH},
    {"decrement", HF_SELF_TRADE_DECREMENT},
    {NULL, 0},
};

static const struct hf_play_word quantity_words[] = {{"open", 1}, {NULL, 0}};

static void
parse_new(struct hf_play_fields *fields, struct hf_play_case *play_case,
          struct hf_play_command *command)
{
    hf_play_fields_only(fields,
                        "op id owner side type tif px qty stop_px display min_qty post_only "
                        "expires");
    command->owner = hf_play_fields_name(fields, "owner", false, &play_case->owners);
    command->side = hf_play_fields_word(fields, "side", true, side_words);
    command->order_type = hf_play_fields_word(fields, "type", true, type_words);
    command->time_in_force = hf_play_fields_word(fields, "tif", true, tif_words);
    bool has_limit = command->order_type == HF_LIMIT || command->order_type == HF_STOP_LIMIT;
    bool is_stop = command->order_type == HF_STOP || command->order_type == HF_STOP_LIMIT;
    command->price = hf_play_fields_integer(fields, "px", has_limit);
    command->quantity = hf_play_fields_integer(fields, "qty", true);
    command->stop_price = hf_play_fields_integer(fields, "stop_px", is_stop);
    command->display = hf_play_fields_integer(fields, "display", false);
    command->minimum = hf_play_fields_integer(fields, "min_qty", false);
    command->post_only = hf_play_fields_flag(fields, "post_only");
    command->time = hf_play_fields_natural(fields, "expires", command->time_in_force == HF_GTD);
    play_case->needs_clock |= command->time_in_force == HF_GTD;
    play_case->has_buys |= command->side == HF_BUY;
    play_case->has_sells |= command->side == HF_SELL;
    play_case->needs_fresh |= is_stop || (play_case->has_buys && play_case->has_sells);
    play_case->new_count++;
    if (command->time_in_force == TIME_IN_FORCE_AON) {
        play_case->inexpressible = "AON";
    }
}

static void
parse_replace(struct hf_play_fields *fields, struct hf_play_case *play_case,
              struct hf_play_command *command)
{
    hf_play_fields_only(fields, "op id new_id px qty qty_is qty_delta");
    play_case->has_replace = true;
    command->new_id = hf_play_fields_name(fields, "new_id", false, &play_case->ids);
    command->has_price = hf_play_fields_has(fields, "px");
    command->price = hf_play_fields_integer(fields, "px", false);
    command->is_delta = hf_play_fields_has(fields, "qty_delta");
    command->has_quantity = command->is_delta || hf_play_fields_has(fields, "qty");
    command->quantity = command->is_delta ? hf_play_fields_integer(fields, "qty_delta", false)
                                          : hf_play_fields_natural(fields, "qty", false);
    hf_play_fields_word(fields, "qty_is", false, quantity_words);
    if (command->is_delta && hf_play_fields_has(fields, "qty")) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'qty' and 'qty_delta' exclude each other");
    }
}

/** A limit or switch that may be given; the others stay as they are. */
static void
parse_limit(struct hf_play_fields *fields, struct hf_play_command *command, const char *key,
            enum hf_set set, int64_t *value)
{
    if (hf_play_fields_has(fields, key)) {
        command->sets |= (uint8_t)set;
        *value = hf_play_fields_natural(fields, key, true);
    }
}

static void
parse_kill(struct hf_play_fields *fields, struct hf_play_command *command)
{
    if (hf_play_fields_has(fields, "kill")) {
        command->sets |= HF_SET_KILL;
        command->kill = hf_play_fields_flag(fields, "kill");
    }
}

/** What an admin may limit. */
static void
parse_limits(struct hf_play_fields *fields, struct hf_play_case *play_case,
             struct hf_play_command *command)
{
    if (command->op == HF_PLAY_ACCOUNT) {
        hf_play_fields_only(fields, "op owner notional kill");
        command->owner = hf_play_fields_name(fields, "owner", true, &play_case->owners);
        parse_limit(fields, command, "notional", HF_SET_NOTIONAL, &command->quantity);
        parse_kill(fields, command);
    } else if (command->op == HF_PLAY_SESSION) {
        hf_play_fields_only(fields, "op orders kill");
        parse_limit(fields, command, "orders", HF_SET_ORDERS, &command->quantity);
        parse_kill(fields, command);
    } else {
        hf_play_fields_only(fields, "op collar notional");
        parse_limit(fields, command, "collar", HF_SET_COLLAR, &command->price);
        parse_limit(fields, command, "notional", HF_SET_NOTIONAL, &command->quantity);
    }
    if (command->op == HF_PLAY_SESSION && command->quantity > UINT32_MAX) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'orders' is more than %u", UINT32_MAX);
    }
    if (command->sets == 0) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "no limit is given");
    }
    play_case->needs_fresh |= command->op == HF_PLAY_LIMITS;
    play_case->needs_alone |= command->op != HF_PLAY_LIMITS;
}

/** Commands of an admin, the mass cancel, and the clock. */
static void
parse_other(struct hf_play_fields *fields, struct hf_play_case *play_case,
            struct hf_play_command *command)
{
    if (command->op == HF_PLAY_MASS_CANCEL) {
        hf_play_fields_only(fields, "op side owner");
        command->side = hf_play_fields_word(fields, "side", false, side_words);
        command->owner = hf_play_fields_name(fields, "owner", false, &play_case->owners);
        return;
    }
    if (command->op == HF_PLAY_TIME) {
        hf_play_fields_only(fields, "op to");
        command->time = hf_play_fields_natural(fields, "to", true);
        play_case->needs_clock = true;
        return;
    }
    play_case->needs_admin = true;
    if (command->op == HF_PLAY_SET_LAST) {
        hf_play_fields_only(fields, "op px");
        command->price = hf_play_fields_integer(fields, "px", true);
        play_case->needs_fresh = true;
    } else if (command->op == HF_PLAY_PHASE) {
        hf_play_fields_only(fields, "op phase");
        command->phase = hf_play_fields_word(fields, "phase", true, phase_words);
        play_case->needs_fresh = true;
    } else if (command->op == HF_PLAY_GROUP) {
        hf_play_fields_only(fields, "op owner group self_trade");
        command->owner = hf_play_fields_name(fields, "owner", true, &play_case->owners);
        command->group = hf_play_fields_natural(fields, "group", true);
        command->self_trade = hf_play_fields_word(fields, "self_trade", false, self_trade_words);
        play_case->needs_alone = true;
    } else if (command->op == HF_PLAY_SESSION_END) {
        hf_play_fields_only(fields, "op");
        play_case->needs_alone = true;
    } else {
        parse_limits(fields, play_case, command);
    }
}

void
hf_play_parse_command(struct hf_play_fields *fields, struct hf_play_case *play_case,
                      struct hf_play_command *command)
{
    command->op = hf_play_fields_word(fields, "op", true, op_words);
    if (fields->code != 0) {
        return;
    }
    if (command->op >= HF_PLAY_MASS_CANCEL) {
        parse_other(fields, play_case, command);
        return;
    }
    command->id = hf_play_fields_name(fields, "id", true, &play_case->ids);
    if (command->op == HF_PLAY_NEW) {
        parse_new(fields, play_case, command);
    } else if (command->op == HF_PLAY_REPLACE) {
        parse_replace(fields, play_case, command);
    } else if (command->op == HF_PLAY_CANCEL) {
        hf_play_fields_only(fields, "op id");
    } else {
        hf_play_fields_only(fields, "op id qty");
        command->quantity = hf_play_fields_natural(fields, "qty", true);
    }
}
