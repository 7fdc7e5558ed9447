/* record_print.c - a record as JSON, and that as words (record_print.h). */
#include "recover/record_print.h"

#include "recover/look.h"
#include "recover/put.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000u

void
hf_time_text(uint64_t time_ns, char text[HF_TIME_TEXT_BYTES])
{
    time_t seconds = (time_t)(time_ns / SECOND_NS);
    struct tm parts;
    char date[24] = "?";
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
    }
    (void)snprintf(text, HF_TIME_TEXT_BYTES, "%s.%09uZ", date, (unsigned)(time_ns % SECOND_NS));
}

static const char *
name_in(const char *const *names, size_t count, unsigned index)
{
    return index < count && names[index] != NULL ? names[index] : "?";
}

const char *
hf_record_type_name(unsigned type)
{
    static const char *const names[] = {[HF_RECORD_GENESIS - HF_RECORD_GENESIS] = "genesis",
                                        [HF_RECORD_EPOCH - HF_RECORD_GENESIS] = "epoch",
                                        [HF_RECORD_OPEN - HF_RECORD_GENESIS] = "open",
                                        [HF_RECORD_CONNECT - HF_RECORD_GENESIS] = "connect",
                                        [HF_RECORD_DISCONNECT - HF_RECORD_GENESIS] = "disconnect",
                                        [HF_RECORD_CLOSE - HF_RECORD_GENESIS] = "close",
                                        [HF_RECORD_REFUSED - HF_RECORD_GENESIS] = "refused",
                                        [HF_RECORD_DIGEST - HF_RECORD_GENESIS] = "digest",
                                        [HF_RECORD_STOP - HF_RECORD_GENESIS] = "stop",
                                        [HF_RECORD_TICK - HF_RECORD_GENESIS] = "tick",
                                        [HF_RECORD_MORE - HF_RECORD_GENESIS] = "more",
                                        [HF_RECORD_GROUP - HF_RECORD_GENESIS] = "group"};
    return type < HF_RECORD_GENESIS
               ? hf_command_type_name(type)
               : name_in(names, sizeof(names) / sizeof(names[0]), type - HF_RECORD_GENESIS);
}

const char *
hf_order_type_name(unsigned order_type)
{
    static const char *const names[] = {[HF_LIMIT] = "limit",
                                        [HF_MARKET] = "market",
                                        [HF_STOP] = "stop",
                                        [HF_STOP_LIMIT] = "stop-limit",
                                        [HF_MARKET_TO_LIMIT] = "market-to-limit"};
    return name_in(names, sizeof(names) / sizeof(names[0]), order_type);
}

const char *
hf_time_in_force_name(unsigned time_in_force)
{
    static const char *const names[] = {
        [HF_GTC] = "gtc", [HF_IOC] = "ioc", [HF_FOK] = "fok", [HF_DAY] = "day", [HF_GTD] = "gtd"};
    return name_in(names, sizeof(names) / sizeof(names[0]), time_in_force);
}

const char *
hf_phase_name(unsigned phase)
{
    static const char *const names[] = {[0] = "removed",
                                        [HF_PHASE_OPEN] = "open",
                                        [HF_PHASE_PRE_OPEN] = "pre-open",
                                        [HF_PHASE_HALTED] = "halted",
                                        [HF_PHASE_CLOSED] = "closed"};
    return name_in(names, sizeof(names) / sizeof(names[0]), phase);
}

const char *
hf_self_trade_name(unsigned rule)
{
    static const char *const names[] = {[HF_SELF_TRADE_ALLOW] = "allow",
                                        [HF_SELF_TRADE_CANCEL_NEWEST] = "cancel newest",
                                        [HF_SELF_TRADE_CANCEL_OLDEST] = "cancel oldest",
                                        [HF_SELF_TRADE_CANCEL_BOTH] = "cancel both",
                                        [HF_SELF_TRADE_DECREMENT] = "decrement"};
    return name_in(names, sizeof(names) / sizeof(names[0]), rule);
}

const char *
hf_entitlement_name(unsigned kind)
{
    static const char *const names[] = {
        [HF_ENTITLE_ACCOUNT] = "account", [HF_ENTITLE_INSTRUMENT] = "instrument",
        [HF_ENTITLE_ADMIN] = "admin",     [HF_ENTITLE_DROP_COPY] = "drop copy",
        [HF_ENTITLE_GROUP] = "group",     [HF_ENTITLE_USER] = "user"};
    return name_in(names, sizeof(names) / sizeof(names[0]), kind);
}

/* Fields */

/** Only where it says something. */
static void
set_given(json_t *object, const char *key, uint64_t value)
{
    if (value != 0) {
        put(object, key, value);
    }
}

/** A name of a record: fixed length, and perhaps not ended by a NUL. */
static void
set_name(json_t *object, const char *key, const char *name, size_t bytes)
{
    char text[HF_NAME_BYTES + 1] = "";
    memcpy(text, name, bytes);
    put_text(object, key, text);
}

static void
set_hex(json_t *object, const char *key, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%016" PRIx64, value);
    put_text(object, key, text);
}

static void
set_instrument(json_t *object, const struct hf_core *core, uint32_t id)
{
    char symbol[HF_SYMBOL_BYTES];
    set_given(object, "instrument", id);
    if (hf_look_symbol(core, id, symbol)) {
        set_name(object, "symbol", symbol, sizeof(symbol));
    }
}

static void
set_flag(json_t *object, const char *key, bool set)
{
    if (set) {
        (void)json_object_set_new(object, key, json_true());
    }
}

/** Where off says something as well. */
static void
set_switch(json_t *object, const char *key, bool on)
{
    put_text(object, key, on ? "on" : "off");
}

/* Types */

static void
set_new(json_t *object, const struct hf_record *record, const struct hf_record *more,
        const struct hf_core *core)
{
    set_instrument(object, core, record->instrument);
    put_text(object, "side", hf_side_name(record->side));
    put(object, "quantity", record->quantity);
    put_price(object, "price", record->price);
    put_text(object, "order_type", hf_order_type_name(record->order_type));
    put_text(object, "time_in_force", hf_time_in_force_name(record->time_in_force));
    set_flag(object, "post_only", (record->flags & HF_POST_ONLY) != 0);
    put(object, "client_order_id", record->client_order_id);
    put(object, "account", record->account);
    if (more != NULL) {
        set_given(object, "display", more->new_more.display);
        if (more->new_more.stop_price != 0) {
            put_price(object, "stop_price", more->new_more.stop_price);
        }
        set_given(object, "minimum", more->new_more.minimum);
        set_given(object, "expire_ns", more->new_more.expire_ns);
    }
}

static void
set_change(json_t *object, const struct hf_record *record)
{
    if (record->type == HF_COMMAND_REPLACE) {
        put(object, "target_client_order_id", record->target_client_order_id);
        put_price(object, "price", record->price);
    }
    bool by_order_id = (record->flags & HF_BY_ORDER_ID) != 0;
    if (!by_order_id) { /* else it is "order" */
        put(object, "client_order_id", record->client_order_id);
    }
    if (record->type != HF_COMMAND_CANCEL) {
        put(object, "quantity", record->quantity);
    }
}

static void
set_many(json_t *object, const struct hf_record *record, const struct hf_core *core)
{
    set_instrument(object, core, record->instrument);
    set_given(object, "account", record->account);
    if (record->side != HF_SIDE_NONE) {
        put_text(object, "side", hf_side_name(record->side));
    }
}

/** Whether a command that need not set everything sets this. */
static bool
sets(const struct hf_record *record, uint32_t bit)
{
    return record->type == HF_COMMAND_INSTRUMENT_ADD || (record->sets & bit) != 0;
}

static void
set_instrument_more(json_t *object, const struct hf_record *record, const struct hf_record *more)
{
    if (sets(record, HF_SET_LOT)) {
        put(object, "lot", more->instrument_more.lot);
    }
    if (sets(record, HF_SET_PRICE_MIN)) {
        put_price(object, "price_min", more->instrument_more.price_min);
    }
    if (sets(record, HF_SET_PRICE_MAX)) {
        put_price(object, "price_max", more->instrument_more.price_max);
    }
    if (sets(record, HF_SET_QUANTITY_MAX)) {
        put(object, "quantity_max", more->instrument_more.quantity_max);
    }
}

static void
set_instrument_flags(json_t *object, const struct hf_record *record)
{
    uint32_t flags = record->instrument_add.flags;
    if (sets(record, HF_SET_REPLACE_LOSES_PRIORITY)) {
        set_switch(object, "replace_loses_priority", (flags & HF_REPLACE_LOSES_PRIORITY) != 0);
    }
    if (sets(record, HF_SET_ICEBERG_KEEPS_PLACE)) {
        set_switch(object, "iceberg_keeps_place", (flags & HF_ICEBERG_KEEPS_PLACE) != 0);
    }
}

static void
set_instrument_data(json_t *object, const struct hf_record *record, const struct hf_record *more)
{
    set_given(object, "instrument", record->instrument_add.id);
    set_name(object, "symbol", record->instrument_add.symbol, HF_SYMBOL_BYTES);
    if (sets(record, HF_SET_TICK)) {
        put_price(object, "tick", record->instrument_add.tick);
    }
    if (record->order_type != 0) {
        put_text(object, "phase", hf_phase_name(record->order_type));
    }
    set_instrument_flags(object, record);
    if (more != NULL) {
        set_instrument_more(object, record, more);
    }
}

static void
set_instrument_limits(json_t *object, const struct hf_record *record)
{
    if (sets(record, HF_SET_COLLAR)) {
        put_price(object, "collar", record->price);
    }
    if (sets(record, HF_SET_NOTIONAL)) {
        put(object, "notional_max", record->quantity);
    }
}

static void
set_session_limits(json_t *object, const struct hf_record *record)
{
    if (sets(record, HF_SET_ORDERS)) {
        put(object, "orders_max", record->by_name.value);
    }
    if (sets(record, HF_SET_RATE)) {
        put(object, "rate", record->by_name.rate);
    }
    if (sets(record, HF_SET_KILL)) {
        set_switch(object, "kill", (record->flags & HF_ON) != 0);
    }
}

static void
set_by_name(json_t *object, const struct hf_record *record)
{
    set_name(object, "name", record->by_name.name, HF_NAME_BYTES);
    if (record->type == HF_COMMAND_ENTITLE) {
        put_text(object, "entitlement", hf_entitlement_name(record->order_type));
        set_given(object, "id", record->by_name.value);
        put_text(object, "right", (record->flags & HF_ON) != 0 ? "granted" : "revoked");
    } else {
        set_session_limits(object, record);
    }
}

static void
set_account(json_t *object, const struct hf_record *record)
{
    put(object, "account", record->account);
    if (sets(record, HF_SET_GROUP)) {
        put(object, "group", record->client_order_id);
    }
    if (sets(record, HF_SET_SELF_TRADE)) {
        put_text(object, "self_trade", hf_self_trade_name(record->order_type));
    }
    if (sets(record, HF_SET_NOTIONAL)) {
        put(object, "notional_max", record->quantity);
    }
    if (sets(record, HF_SET_KILL)) {
        set_switch(object, "kill", (record->flags & HF_ON) != 0);
    }
}

static void
set_bust(json_t *object, const struct hf_record *record)
{
    put(object, "trade_lsn", record->trade.lsn);
    put(object, "trade_index", record->trade.index);
    if ((record->flags & HF_ON) != 0) {
        put_price(object, "price", record->trade.price);
        put(object, "quantity", record->trade.quantity);
    }
}

static void
set_genesis(json_t *object, const struct hf_record *record, const struct hf_record *more)
{
    put(object, "rules_version", record->genesis.rules_version);
    put(object, "sessions_max", record->genesis.sessions_max);
    put(object, "instruments_max", record->genesis.instruments_max);
    put(object, "orders_max", record->genesis.orders_max);
    put(object, "levels_max", record->genesis.levels_max);
    put(object, "session_orders_max", record->genesis.session_orders_max);
    if (more != NULL) {
        put(object, "extras_max", more->genesis_more.extras_max);
        put(object, "accounts_max", more->genesis_more.accounts_max);
        put(object, "entitlements_max", more->genesis_more.entitlements_max);
        put(object, "events_max", more->genesis_more.events_max);
    }
}

static void
set_command(json_t *object, const struct hf_record *record, const struct hf_record *more,
            const struct hf_core *core)
{
    switch (record->type) {
    case HF_COMMAND_NEW:
        set_new(object, record, more, core);
        break;
    case HF_COMMAND_CANCEL:
    case HF_COMMAND_REPLACE:
    case HF_COMMAND_REDUCE:
        set_change(object, record);
        break;
    case HF_COMMAND_OPEN_ORDERS:
        set_given(object, "behind_order_id", record->client_order_id);
        set_given(object, "quantity", record->quantity);
        break;
    case HF_COMMAND_MASS_CANCEL:
    case HF_COMMAND_INSTRUMENT_REMOVE:
        set_many(object, record, core);
        break;
    case HF_COMMAND_INSTRUMENT_ADD:
    case HF_COMMAND_INSTRUMENT_CHANGE:
        set_instrument_data(object, record, more);
        break;
    case HF_COMMAND_INSTRUMENT_LIMITS:
        set_instrument(object, core, record->instrument);
        set_instrument_limits(object, record);
        break;
    case HF_COMMAND_PHASE:
        set_instrument(object, core, record->instrument);
        put_text(object, "phase", hf_phase_name(record->order_type));
        break;
    case HF_COMMAND_ACCOUNT:
        set_account(object, record);
        break;
    case HF_COMMAND_SESSION_LIMITS:
    case HF_COMMAND_ENTITLE:
        set_by_name(object, record);
        break;
    case HF_COMMAND_BUST:
        set_bust(object, record);
        break;
    case HF_COMMAND_REFERENCE:
        set_instrument(object, core, record->instrument);
        put_price(object, "price", record->price);
        break;
    default: /* SESSION_END has nothing */
        break;
    }
}

static void
set_refused(json_t *object, const struct hf_record *record)
{
    put_text(object, "reason", hf_reason_name(record->refused.reason));
    put(object, "command_type", record->refused.command_type);
    put(object, "client_order_id", record->refused.client_order_id);
}

static void
set_daemon(json_t *object, const struct hf_record *record, const struct hf_record *more)
{
    switch (record->type) {
    case HF_RECORD_GENESIS:
        set_genesis(object, record, more);
        break;
    case HF_RECORD_EPOCH:
        put(object, "epoch", record->epoch.epoch);
        put(object, "history", record->epoch.history);
        set_hex(object, "boot", record->epoch.boot);
        put(object, "rules_version", record->epoch.rules_version);
        set_flag(object, "halts", (record->flags & HF_EPOCH_HALTS) != 0);
        break;
    case HF_RECORD_CONNECT:
        put(object, "uid", record->open.uid);
        set_given(object, "flags", record->open.flags);
        break;
    case HF_RECORD_OPEN:
        set_name(object, "name", record->open.name, HF_NAME_BYTES);
        put(object, "uid", record->open.uid);
        set_given(object, "flags", record->open.flags);
        break;
    case HF_RECORD_REFUSED:
        set_refused(object, record);
        break;
    case HF_RECORD_DIGEST:
        set_hex(object, "digest", record->digest.digest);
        break;
    case HF_RECORD_GROUP:
        put(object, "count", record->group.count);
        put(object, "floor_lsn", record->group.floor_lsn);
        put(object, "epoch", record->group.epoch);
        break;
    default: /* CONNECT, DISCONNECT, CLOSE, STOP, TICK: who and when is all */
        break;
    }
}

json_t *
hf_record_json(const struct hf_record *record, const struct hf_record *more,
               const struct hf_core *core)
{
    char time[HF_TIME_TEXT_BYTES];
    json_t *object = json_object();
    if (object == NULL) {
        return NULL;
    }
    hf_time_text(record->time_ns, time);
    put(object, "lsn", record->lsn);
    put_text(object, "time", time);
    put_text(object, "type", hf_record_type_name(record->type));
    if (record->session != 0) {
        const char *name =
            record->type == HF_RECORD_OPEN ? "" : hf_look_session(core, record->session);
        put(object, "slot", record->session);
        if (name[0] != '\0') {
            put_text(object, "session", name);
        }
    }
    set_given(object, "order", hf_look_target(core, record));
    if (record->type < HF_RECORD_GENESIS) {
        set_command(object, record, more, core);
    } else {
        set_daemon(object, record, more);
    }
    return object;
}

static void
print_value(FILE *file, const json_t *value)
{
    if (json_is_string(value)) {
        (void)fputs(json_string_value(value), file);
    } else if (json_is_true(value)) {
        (void)fputs("yes", file);
    } else {
        (void)fprintf(file, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
}

void
hf_record_print_words(FILE *file, json_t *object)
{
    const char *key;
    json_t *value;
    if (object == NULL) {
        return;
    }
    (void)fprintf(file, "%-10" JSON_INTEGER_FORMAT "  %s  %-11s",
                  json_integer_value(json_object_get(object, "lsn")),
                  json_string_value(json_object_get(object, "time")),
                  json_string_value(json_object_get(object, "type")));
    json_object_foreach(object, key, value)
    { /* in the order in which they were set */
        if (strcmp(key, "lsn") != 0 && strcmp(key, "time") != 0 && strcmp(key, "type") != 0) {
            (void)fprintf(file, " %s=", key);
            print_value(file, value);
        }
    }
    (void)fputc('\n', file);
    json_decref(object);
}
