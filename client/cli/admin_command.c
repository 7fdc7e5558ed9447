/*
 * admin_command.c - verbs that are one command.
 *
 * INSTRUMENT_CHANGE, _LIMITS, ACCOUNT and SESSION_LIMITS say what they set: exactly what was given. What
 * was not given is not in the command, so that somebody else may set it at the same time.
 */
#include "cli/admin.h"

#include "cli/cli.h"
#include "cli/own_session.h"

#include "base/name.h"
#include "config/config.h"

#include <holdfast/record.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG_BYTES 64u

static bool
given(const struct hf_admin *admin, enum hf_admin_option option)
{
    return (admin->request->given & (uint32_t)option) != 0;
}

/** The bit of what is set by an option, if it was given. */
static uint8_t
set_if(const struct hf_admin *admin, enum hf_admin_option option, uint8_t set)
{
    return given(admin, option) ? set : 0;
}

/* Instruments */

static int
find_instrument(const struct hf_admin *admin, const char *symbol, struct hf_instrument_info *info)
{
    int code = hf_observer_instrument(admin->observer, symbol, info);
    return code == HF_OK ? HF_EXIT_OK : hf_cli_fail("admin", symbol, code);
}

int
hf_admin_submit_instrument(struct hf_admin *admin, const struct hf_instrument_info *info,
                           uint8_t sets)
{
    /* The fields of both slots are the record's (record.h): a command is logged by copying it. */
    struct hf_record slots[HF_MESSAGE_SLOTS_MAX] = {
        {.type = info->id == 0 ? HF_COMMAND_INSTRUMENT_ADD : HF_COMMAND_INSTRUMENT_CHANGE,
         .slots = HF_MESSAGE_SLOTS_MAX,
         .order_type = (uint8_t)(info->id == 0 ? info->phase : 0), /* a change leaves it */
         .sets = sets,
         .instrument_add = {.id = info->id, .flags = info->flags, .tick = info->tick}},
        {.type = HF_COMMAND_MORE,
         .slots = 1,
         .instrument_more = {.lot = info->lot,
                             .price_min = info->price_min,
                             .price_max = info->price_max,
                             .quantity_max = info->quantity_max}}};
    memcpy(slots[0].instrument_add.symbol, info->symbol, sizeof(info->symbol));
    struct hf_command command[HF_MESSAGE_SLOTS_MAX];
    memcpy((void *)command, (const void *)slots, sizeof(command));
    return hf_admin_submit(admin, command);
}

static void
set_flag(uint32_t *flags, enum hf_instrument_flag flag, bool on)
{
    *flags = on ? *flags | (uint32_t)flag : *flags & ~(uint32_t)flag;
}

/** Over what an instrument has, what was given. */
static void
overlay(const struct hf_admin *admin, struct hf_instrument_info *info)
{
    const struct hf_admin_request *request = admin->request;
    info->tick = given(admin, HF_ADMIN_TICK) ? request->tick : info->tick;
    info->lot = given(admin, HF_ADMIN_LOT) ? request->lot : info->lot;
    info->price_min = given(admin, HF_ADMIN_PRICE_MIN) ? request->price_min : info->price_min;
    info->price_max = given(admin, HF_ADMIN_PRICE_MAX) ? request->price_max : info->price_max;
    info->quantity_max =
        given(admin, HF_ADMIN_QUANTITY_MAX) ? request->quantity_max : info->quantity_max;
    if (given(admin, HF_ADMIN_LOSES_PRIORITY)) {
        set_flag(&info->flags, HF_REPLACE_LOSES_PRIORITY, request->loses_priority);
    }
    if (given(admin, HF_ADMIN_KEEPS_PLACE)) {
        set_flag(&info->flags, HF_ICEBERG_KEEPS_PLACE, request->keeps_place);
    }
}

/** Say what is wrong with a new symbol: the engine's answer would be about the instrument as a whole.
 *  @return whether it is good */
static bool
judge_symbol(const char *symbol, char wrong[WRONG_BYTES])
{
    size_t length = strlen(symbol);
    size_t good = 0;
    while (good < length && symbol[good] > ' ' && symbol[good] <= '~') {
        good++;
    }
    if (length == 0) {
        (void)snprintf(wrong, WRONG_BYTES, "it is empty");
    } else if (length >= HF_SYMBOL_BYTES) {
        (void)snprintf(wrong, WRONG_BYTES, "it has %zu bytes, and may have at most %u", length,
                       HF_SYMBOL_BYTES - 1);
    } else if (good < length && symbol[good] == ' ') {
        (void)snprintf(wrong, WRONG_BYTES, "it has a blank in it");
    } else if (good < length) {
        (void)snprintf(wrong, WRONG_BYTES, "byte %zu (0x%02x) is not printable ASCII", good + 1,
                       (unsigned char)symbol[good]);
    }
    return length > 0 && length < HF_SYMBOL_BYTES && good == length;
}

/** The engine takes an instrument in which no order can be valid, and says that it is done. Told of what was given,
 *  so that the rest of one that is so already can be changed. @return HF_EXIT_OK, or it has said what is wrong */
static int
judge_values(const struct hf_admin *admin, const struct hf_instrument_info *info)
{
    const uint32_t prices = HF_ADMIN_TICK | HF_ADMIN_PRICE_MIN | HF_ADMIN_PRICE_MAX;
    const uint32_t quantities = HF_ADMIN_LOT | HF_ADMIN_QUANTITY_MAX;
    if ((admin->request->given & quantities) != 0 && !hf_config_has_quantity(info)) {
        (void)fprintf(stderr,
                      "holdfast admin: no order could be entered: quantity-max %" PRIu64
                      " is less than lot %" PRIu64 "\n",
                      info->quantity_max, info->lot);
        return HF_EXIT_USAGE;
    }
    if ((admin->request->given & prices) != 0 && !hf_config_has_price(info)) {
        (void)fprintf(stderr,
                      "holdfast admin: no order could be entered: no multiple of tick %" PRId64
                      " lies in price-min %" PRId64 " to price-max %" PRId64 "\n",
                      info->tick, info->price_min, info->price_max);
        return HF_EXIT_USAGE;
    }
    return HF_EXIT_OK;
}

int
hf_admin_instrument_add(struct hf_admin *admin)
{
    const char *symbol = admin->request->words[0];
    char wrong[WRONG_BYTES];
    struct hf_instrument_info info = {.tick = 1,
                                      .lot = 1,
                                      .price_min = 1,
                                      .price_max = HF_PRICE_MAX - 1,
                                      .quantity_max = HF_QUANTITY_MAX,
                                      .phase = admin->request->phase};
    if (!judge_symbol(symbol, wrong)) {
        (void)fprintf(stderr, "holdfast admin: symbol '%s': %s\n", symbol, wrong);
        return HF_EXIT_USAGE;
    }
    memcpy(info.symbol, symbol, strlen(symbol));
    overlay(admin, &info);
    int exit_code = judge_values(admin, &info);
    return exit_code == HF_EXIT_OK ? hf_admin_submit_instrument(admin, &info, 0) : exit_code;
}

int
hf_admin_instrument_change(struct hf_admin *admin)
{
    struct hf_instrument_info found = {0};
    int exit_code = find_instrument(admin, admin->request->words[0], &found);
    if (exit_code != HF_EXIT_OK) {
        return exit_code;
    }
    struct hf_instrument_info becomes = found;
    overlay(admin, &becomes);
    exit_code = judge_values(admin, &becomes);
    if (exit_code != HF_EXIT_OK) {
        return exit_code;
    }
    struct hf_instrument_info info = {.id = found.id};
    memcpy(info.symbol, found.symbol, sizeof(info.symbol));
    overlay(admin, &info);
    uint8_t sets = set_if(admin, HF_ADMIN_TICK, HF_SET_TICK) |
                   set_if(admin, HF_ADMIN_LOT, HF_SET_LOT) |
                   set_if(admin, HF_ADMIN_PRICE_MIN, HF_SET_PRICE_MIN) |
                   set_if(admin, HF_ADMIN_PRICE_MAX, HF_SET_PRICE_MAX) |
                   set_if(admin, HF_ADMIN_QUANTITY_MAX, HF_SET_QUANTITY_MAX) |
                   set_if(admin, HF_ADMIN_LOSES_PRIORITY, HF_SET_REPLACE_LOSES_PRIORITY) |
                   set_if(admin, HF_ADMIN_KEEPS_PLACE, HF_SET_ICEBERG_KEEPS_PLACE);
    return hf_admin_submit_instrument(admin, &info, sets);
}

int
hf_admin_instrument_remove(struct hf_admin *admin)
{
    struct hf_instrument_info info = {0};
    int exit_code = find_instrument(admin, admin->request->words[0], &info);
    struct hf_command command = {.type = HF_COMMAND_INSTRUMENT_REMOVE, .slots = 1};
    command.instrument = info.id;
    return exit_code == HF_EXIT_OK ? hf_admin_submit(admin, &command) : exit_code;
}

int
hf_admin_instrument_limits(struct hf_admin *admin)
{
    struct hf_instrument_info info = {0};
    int exit_code = find_instrument(admin, admin->request->words[0], &info);
    if (exit_code != HF_EXIT_OK) {
        return exit_code;
    }
    struct hf_command command = {.type = HF_COMMAND_INSTRUMENT_LIMITS, .slots = 1};
    command.instrument = info.id;
    command.sets = set_if(admin, HF_ADMIN_COLLAR, HF_SET_COLLAR) |
                   set_if(admin, HF_ADMIN_NOTIONAL, HF_SET_NOTIONAL);
    command.price = admin->request->collar;
    command.quantity = admin->request->notional;
    return hf_admin_submit(admin, &command);
}

int
hf_admin_phase(struct hf_admin *admin)
{
    const char *symbol = admin->request->words[0];
    struct hf_instrument_info info = {0}; /* id 0: of all */
    int exit_code = strcmp(symbol, "all") == 0 ? HF_EXIT_OK : find_instrument(admin, symbol, &info);
    struct hf_command command = {
        .type = HF_COMMAND_PHASE, .slots = 1, .order_type = (uint8_t)admin->request->number};
    command.instrument = info.id;
    return exit_code == HF_EXIT_OK ? hf_admin_submit(admin, &command) : exit_code;
}

int
hf_admin_reference(struct hf_admin *admin)
{
    struct hf_instrument_info info = {0};
    int exit_code = find_instrument(admin, admin->request->words[0], &info);
    struct hf_command command = {.type = HF_COMMAND_REFERENCE, .slots = 1};
    command.instrument = info.id;
    command.price = admin->request->price;
    return exit_code == HF_EXIT_OK ? hf_admin_submit(admin, &command) : exit_code;
}

/* Accounts and sessions */

/** The engine's answer would not say what a name may have. @return HF_EXIT_OK, or it has said what is wrong */
static int
judge_name(const char *name)
{
    if (hf_name_valid(name)) {
        return HF_EXIT_OK;
    }
    (void)fprintf(
        stderr, "holdfast admin: '%s' can be no session's name: 1 to 23 bytes of [A-Za-z0-9_.-]\n",
        name);
    return HF_EXIT_USAGE;
}

static int
show_account(const struct hf_admin *admin)
{
    struct hf_account_row row = {.account = admin->request->number};
    int code = hf_observer_account(admin->observer, row.account, &row);
    if (code != HF_OK && code != HF_E_UNKNOWN) { /* unknown: it has no settings so far */
        return hf_cli_fail("admin", "account", code);
    }
    return hf_admin_show_account(admin, &row);
}

int
hf_admin_account(struct hf_admin *admin)
{
    const struct hf_admin_request *request = admin->request;
    if (request->given == 0) {
        return show_account(admin);
    }
    struct hf_command command = {.type = HF_COMMAND_ACCOUNT, .slots = 1};
    command.sets = set_if(admin, HF_ADMIN_KILL, HF_SET_KILL) |
                   set_if(admin, HF_ADMIN_SELF_TRADE, HF_SET_SELF_TRADE) |
                   set_if(admin, HF_ADMIN_GROUP, HF_SET_GROUP) |
                   set_if(admin, HF_ADMIN_NOTIONAL, HF_SET_NOTIONAL);
    command.flags = request->kill ? HF_ON : 0;
    command.order_type = (uint8_t)request->self_trade;
    command.account = request->number;
    command.client_order_id = request->group;
    command.quantity = request->notional;
    return hf_admin_submit(admin, &command);
}

static int
find_session(struct hf_admin *admin, const char *name, struct hf_session_row *row)
{
    int code = hf_cli_find_session(admin->observer, name, row);
    return code == HF_OK ? HF_EXIT_OK : hf_cli_fail("admin", name, code);
}

/** A session that is open; else what its name has. */
static int
show_session(struct hf_admin *admin, const char *name)
{
    struct hf_session_row row = {0};
    size_t count;
    int exit_code = HF_EXIT_OK;
    int code = hf_cli_find_session(admin->observer, name, &row);
    if (code != HF_E_UNKNOWN) {
        return code == HF_OK ? hf_admin_show_session(admin, &row)
                             : hf_cli_fail("admin", name, code);
    }
    struct hf_limits_row *rows =
        exit_code == HF_EXIT_OK ? hf_admin_limits(admin, &count, &exit_code) : NULL;
    for (size_t i = 0; rows != NULL && i < count; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            row.orders_max = rows[i].orders_max;
            row.rate_max = rows[i].rate_max;
            row.killed = rows[i].killed != 0;
        }
    }
    free(rows);
    (void)snprintf(row.name, sizeof(row.name), "%s", name);
    return exit_code == HF_EXIT_OK ? hf_admin_show_session(admin, &row) : exit_code;
}

/** Limits may be there before the session is. But if its name was meant to be another one, a kill switch has
 *  stopped nobody: say so, last of all. They are set by now, whatever this finds. */
static void
warn_without_session(struct hf_admin *admin, const char *name)
{
    struct hf_session_row row;
    int code = hf_cli_find_session(admin->observer, name, &row);
    if (code == HF_E_UNKNOWN) {
        (void)fprintf(stderr,
                      "holdfast admin: warning: '%s': no session of this name is open or "
                      "disconnected; the limit waits for one\n",
                      name);
    } else if (code != HF_OK) {
        (void)hf_cli_fail("admin", "whether a session of this name is open", code);
    }
}

int
hf_admin_session(struct hf_admin *admin)
{
    const struct hf_admin_request *request = admin->request;
    const char *name = request->words[0];
    struct hf_command command = {.type = HF_COMMAND_SESSION_LIMITS, .slots = 1};
    if (request->given == 0) {
        return show_session(admin, name);
    }
    int exit_code = judge_name(name);
    if (exit_code != HF_EXIT_OK) {
        return exit_code;
    }
    command.sets = set_if(admin, HF_ADMIN_KILL, HF_SET_KILL) |
                   set_if(admin, HF_ADMIN_ORDERS, HF_SET_ORDERS) |
                   set_if(admin, HF_ADMIN_RATE, HF_SET_RATE);
    command.flags = request->kill ? HF_ON : 0;
    memcpy(command.session_name, name, strlen(name));
    command.value = request->orders;
    command.rate = request->rate;
    exit_code = hf_admin_submit(admin, &command);
    if (exit_code == HF_EXIT_OK) {
        warn_without_session(admin, name);
    }
    return exit_code;
}

/* Entitlements */

static int
submit_entitlement(struct hf_admin *admin, const char *name, uint32_t kind, uint32_t id, bool on)
{
    struct hf_command command = {.type = HF_COMMAND_ENTITLE, .slots = 1};
    command.flags = on ? HF_ON : 0;
    command.order_type = (uint8_t)kind;
    memcpy(command.session_name, name, strlen(name));
    command.value = id;
    return hf_admin_submit(admin, &command);
}

/** A revoke of what is not there changes nothing, and the engine says no more than that it is done: whoever
 *  has named another session or account than he meant is told here. */
static int
find_entitlement(struct hf_admin *admin, const char *name, uint32_t kind, uint32_t id)
{
    size_t count;
    int exit_code = HF_EXIT_OK;
    struct hf_entitlement_row *rows = hf_admin_entitlements(admin, &count, &exit_code);
    if (rows == NULL) {
        return exit_code;
    }
    size_t at = 0;
    while (at < count &&
           (rows[at].kind != kind || rows[at].id != id || strcmp(rows[at].name, name) != 0)) {
        at++;
    }
    free(rows);
    if (at < count) {
        return HF_EXIT_OK;
    }
    (void)fprintf(stderr,
                  "holdfast admin: there was none: '%s' has no such entitlement (`holdfast admin "
                  "entitlements %s` lists what it has)\n",
                  name, name);
    return HF_EXIT_FAILED;
}

static int
change_entitlement(struct hf_admin *admin, bool on)
{
    const struct hf_admin_request *request = admin->request;
    const char *name = request->words[0];
    uint32_t id = request->entitled;
    if (request->number == HF_ENTITLE_INSTRUMENT) {
        struct hf_instrument_info info = {0};
        int exit_code = find_instrument(admin, request->words[2], &info);
        if (exit_code != HF_EXIT_OK) {
            return exit_code;
        }
        id = info.id;
    }
    int exit_code = on ? judge_name(name) : find_entitlement(admin, name, request->number, id);
    return exit_code == HF_EXIT_OK ? submit_entitlement(admin, name, request->number, id, on)
                                   : exit_code;
}

int
hf_admin_entitle(struct hf_admin *admin)
{
    return change_entitlement(admin, true);
}

int
hf_admin_revoke(struct hf_admin *admin)
{
    return change_entitlement(admin, false);
}

int
hf_admin_submit_rights(struct hf_admin *admin, const char *name)
{
    return submit_entitlement(admin, name, HF_ENTITLE_ADMIN, 0, true);
}

/* The day, and its trades */

int
hf_admin_end_of_day(struct hf_admin *admin)
{
    const struct hf_command command = {.type = HF_COMMAND_SESSION_END, .slots = 1};
    return hf_admin_submit(admin, &command);
}

int
hf_admin_bust(struct hf_admin *admin)
{
    const struct hf_admin_request *request = admin->request;
    struct hf_command command[HF_MESSAGE_SLOTS_MAX] = {
        {.type = HF_COMMAND_BUST, .slots = HF_MESSAGE_SLOTS_MAX}};
    struct hf_command_more more = {.type = HF_COMMAND_MORE, .slots = 1};
    command[0].flags = given(admin, HF_ADMIN_QUANTITY) ? HF_ON : 0; /* a correction */
    command[0].trade_lsn = request->trade_lsn;
    command[0].trade_index = request->trade_index;
    command[0].trade_price = request->price;
    command[0].trade_quantity = request->quantity;
    for (uint32_t i = 0; i < request->side_count; i++) {
        struct hf_session_row row = {0};
        bool is_gone = request->sides[i].session[0] == '\0';
        int exit_code = is_gone ? HF_EXIT_OK : find_session(admin, request->sides[i].session, &row);
        if (exit_code != HF_EXIT_OK) {
            return exit_code;
        }
        more.session_id[i] = row.session_id;
        more.trade_client_id[i] = request->sides[i].client_order_id;
    }
    memcpy((void *)&command[1], (const void *)&more, sizeof(more));
    return hf_admin_submit(admin, command);
}
