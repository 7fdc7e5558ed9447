/* facts.c - what a state machine holds, as JSON (facts.h). */
#include "recover/facts.h"

#include "recover/look.h"
#include "recover/put.h"
#include "recover/record_print.h"

#include "core/account.h"
#include "core/extra.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOTIONAL_DIGITS 40 /* of 2^128 */

static void
put_flag(json_t *object, const char *name, bool value)
{
    (void)json_object_set_new(object, name, json_boolean(value));
}

static void
put_time(json_t *object, const char *name, uint64_t time_ns)
{
    char text[HF_TIME_TEXT_BYTES];
    hf_time_text(time_ns, text);
    put_text(object, name, text);
}

static void
put_hash(json_t *object, const char *name, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%016" PRIx64, value);
    put_text(object, name, text);
}

static void
put_capacities(json_t *object, const struct hf_engine_limits *limits)
{
    put(object, "sessions_max", limits->sessions_max);
    put(object, "instruments_max", limits->instruments_max);
    put(object, "orders_max", limits->orders_max);
    put(object, "levels_max", limits->levels_max);
    put(object, "session_orders_max", limits->session_orders_max);
    put(object, "extras_max", limits->extras_max);
    put(object, "accounts_max", limits->accounts_max);
    put(object, "entitlements_max", limits->entitlements_max);
    put(object, "events_max", limits->events_max);
}

json_t *
hf_facts_state(const struct hf_core *core)
{
    json_t *object = json_object();
    put(object, "lsn", hf_core_lsn(core));
    put_time(object, "time", hf_core_time(core));
    put(object, "epoch", hf_core_epoch(core));
    put(object, "history", hf_core_history(core));
    put_hash(object, "boot", hf_core_boot(core));
    put_hash(object, "digest", hf_core_digest(core));
    put(object, "trades", hf_core_trades(core));
    put(object, "market_events", hf_core_market_number(core));
    put(object, "events", hf_core_event_last(core));
    put(object, "open_orders", hf_core_open_orders(core));
    put_capacities(object, hf_core_limits(core));
    return object;
}

json_t *
hf_facts_instrument(const struct hf_core *core, uint32_t id)
{
    struct hf_instrument_info info;
    int64_t last = 0;
    if (!hf_core_instrument(core, id, &info)) {
        return NULL;
    }
    json_t *object = json_object();
    put_text(object, "symbol", info.symbol);
    put_text(object, "phase", hf_phase_name(info.phase));
    put(object, "flags", info.flags);
    put_price(object, "tick", info.tick);
    put(object, "lot", info.lot);
    put_price(object, "price_min", info.price_min);
    put_price(object, "price_max", info.price_max);
    put(object, "quantity_max", info.quantity_max);
    put_price(object, "collar", info.collar);
    put(object, "notional_max", info.notional_max);
    if (hf_core_last_price(core, id, &last)) {
        put_price(object, "last_price", last);
    } else {
        (void)json_object_set_new(object, "last_price", json_null());
    }
    return object;
}

json_t *
hf_facts_session(const struct hf_core *core, uint32_t slot)
{
    const struct hf_core_session *session = hf_core_session(core, slot);
    if (session == NULL) {
        return NULL;
    }
    json_t *object = json_object();
    put(object, "slot", slot);
    put(object, "id", session->id);
    put_flag(object, "connected", session->connected != 0);
    put(object, "commands", session->last_seq);
    put(object, "last_lsn", session->last_lsn);
    put(object, "reports", session->last_report);
    put(object, "open_orders", session->open_orders);
    put(object, "orders_max", session->orders_max);
    put(object, "rate_max", session->rate_max);
    put(object, "rate_count", session->rate_count);
    put_flag(object, "killed", session->killed != 0);
    put_flag(object, "admin", session->admin != 0);
    put_flag(object, "accounts_listed", session->accounts_listed != 0);
    put_flag(object, "instruments_listed", session->instruments_listed != 0);
    put(object, "uid", session->uid);
    put(object, "flags", session->flags);
    put(object, "client_uid", session->client_uid);
    put(object, "client_lsn", session->client_lsn);
    put(object, "grace_until_ns", session->grace_until_ns);
    return object;
}

/** More digits than JSON's integers hold. */
static void
put_notional(json_t *object, const char *name, hf_notional value)
{
    char digits[NOTIONAL_DIGITS + 1];
    char *at = &digits[NOTIONAL_DIGITS];
    *at = '\0';
    do {
        *--at = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    put_text(object, name, at);
}

json_t *
hf_facts_account(const struct hf_core *core, uint32_t account)
{
    const struct hf_account *entry = hf_account_find(core, account);
    if (entry == NULL) {
        return NULL;
    }
    json_t *object = json_object();
    put(object, "group", entry->group);
    put_text(object, "self_trade", hf_self_trade_name(entry->mode));
    put_flag(object, "killed", entry->killed != 0);
    put(object, "notional_max", entry->notional_max);
    put_notional(object, "open_notional", entry->open_notional);
    return object;
}

json_t *
hf_facts_limits(const struct hf_limits_row *row)
{
    json_t *object = json_object();
    put(object, "orders_max", row->orders_max);
    put(object, "rate_max", row->rate_max);
    put_flag(object, "killed", row->killed != 0);
    return object;
}

json_t *
hf_facts_level(const struct hf_depth_level *level)
{
    json_t *object = json_object();
    put(object, "quantity", level->quantity);
    put(object, "orders", level->orders);
    return object;
}

/** What only icebergs, waiting stops and GTD orders have. */
static void
put_extra(json_t *object, const struct hf_extra *extra)
{
    put(object, "display", extra->display);
    put(object, "hidden", extra->hidden);
    put_price(object, "stop_price", extra->stop_price);
    put_price(object, "limit", extra->limit);
    put(object, "expire_ns", extra->expire_ns);
}

json_t *
hf_facts_order(const struct hf_core *core, uint64_t order_id)
{
    const struct hf_order *orders = hf_core_order_pool(core);
    char symbol[HF_SYMBOL_BYTES];
    uint32_t index = hf_look_order_index(core, order_id);
    if (index == 0) {
        return NULL;
    }
    const struct hf_order *order = &orders[index];
    const struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    const struct hf_extra *extra = hf_extra_of(core, index);
    json_t *object = json_object();
    (void)hf_look_symbol(core, level->instrument, symbol);
    put_text(object, "instrument", symbol);
    put_text(object, "side", hf_side_name(order->side));
    put(object, "open", order->open);
    put_price(object, "price", level->price);
    put(object, "executed", order->executed);
    put_text(object, "session", hf_look_session(core, order->session));
    put(object, "client_order_id", order->client_order_id);
    put(object, "account", order->account);
    put_flag(object, "waits", (order->flags & HF_ORDER_STOP) != 0);
    put_flag(object, "post_only", (order->flags & HF_ORDER_POST_ONLY) != 0);
    put_flag(object, "day", (order->flags & HF_ORDER_DAY) != 0);
    put(object, "behind_order", order->prev == 0 ? 0 : orders[order->prev].order_id);
    if (extra != NULL) {
        put_extra(object, extra);
    }
    return object;
}
