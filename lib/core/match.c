/*
 * match.c - a new order's way: judge, accept, trade, then rest or be cancelled.
 *
 *   NEW ─► judge ─► REJECTED
 *            └────► ACCEPTED ─► trades (FILL maker, FILL taker)* ─► rests | CANCELLED | is filled
 *
 * Order of the checks: instrument, tick, band, zero, lot, maximum, duplicate id, post-only, room
 * (order pool, level pool, session's limit). Only an order that may rest (LIMIT with GTC) needs room,
 * and needs it on entry, whatever it would trade: IOC, FOK and market orders get through at full
 * pools.
 *
 * M1  a trade prints at the maker's price; makers come in order of price, then of their place in the
 *     level
 */
#include "core/match.h"

#include "core/emit.h"
#include "core/resting.h"
#include "core/rules.h"

static void
report_fill(const struct hf_apply *apply, const struct hf_order *order, uint8_t flags,
            int64_t price, uint64_t quantity)
{
    struct hf_report report = {
        .type = HF_REPORT_FILL,
        .side = order->side,
        .flags = flags,
        .trade_index = apply->trade_index,
        .client_order_id = order->client_order_id,
        .price = price,
        .quantity = quantity,
        .leaves = order->open,
    };
    hf_emit(apply, order->session, &report);
}

static void
trade(struct hf_apply *apply, struct hf_order *taker, uint32_t level_index)
{
    struct hf_core *core = apply->core;
    struct hf_level_queue *level = &hf_core_level_pool(core)[level_index];
    uint32_t maker_index = level->head;
    struct hf_order *maker = &hf_core_order_pool(core)[maker_index];
    uint64_t quantity = maker->open < taker->open ? maker->open : taker->open;
    maker->open -= quantity;
    maker->executed += quantity;
    taker->open -= quantity;
    taker->executed += quantity;
    level->quantity -= quantity;
    core->trades++;
    report_fill(apply, maker, HF_REPORT_MAKER, level->price, quantity);
    report_fill(apply, taker, 0, level->price, quantity);
    apply->trade_index++;
    if (maker->open == 0) {
        hf_resting_drop(core, maker_index);
    }
}

void
hf_match(struct hf_apply *apply, struct hf_book *book, struct hf_order *taker, int64_t limit)
{
    const struct hf_book_side *opposite = hf_book_opposite(book, taker->side);
    while (taker->open != 0 && hf_book_crosses(opposite, taker->side, limit)) {
        trade(apply, taker, opposite->best);
    }
}

static bool
may_rest(const struct hf_record *record)
{
    return record->order_type == HF_LIMIT && record->time_in_force == HF_GTC;
}

static int64_t
limit_of(const struct hf_record *record)
{
    return record->order_type == HF_MARKET ? hf_book_any_price(record->side) : record->price;
}

static uint32_t
judge_room(const struct hf_core *core, const struct hf_book *book, const struct hf_record *record)
{
    if (hf_pool_room(&core->orders) == 0) {
        return HF_REASON_ORDERS_FULL;
    }
    if (!hf_book_has_room(core, book, record->side, record->price)) {
        return HF_REASON_LEVELS_FULL;
    }
    const struct hf_core_session *session = &hf_core_sessions(core)[record->session];
    return session->open_orders >= core->limits.session_orders_max ? HF_REASON_SESSION_ORDERS
                                                                   : HF_REASON_NONE;
}

static uint32_t
judge_new(const struct hf_core *core, const struct hf_record *record)
{
    if (record->instrument == 0 || record->instrument > core->instruments) {
        return HF_REASON_UNKNOWN_INSTRUMENT;
    }
    struct hf_book *book = &hf_core_books(core)[record->instrument];
    uint32_t reason =
        record->order_type == HF_LIMIT ? hf_rules_price(book, record->price) : HF_REASON_NONE;
    if (reason == HF_REASON_NONE) {
        reason = hf_rules_quantity(book, record->quantity);
    }
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    if (hf_resting_find(core, record->session, record->client_order_id) != 0) {
        return HF_REASON_DUPLICATE_ID;
    }
    if ((record->flags & HF_POST_ONLY) != 0 &&
        hf_book_crosses(hf_book_opposite(book, record->side), record->side, record->price)) {
        return HF_REASON_POST_ONLY;
    }
    return may_rest(record) ? judge_room(core, book, record) : HF_REASON_NONE;
}

static void
report_accepted(const struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_report report = {
        .type = HF_REPORT_ACCEPTED,
        .side = record->side,
        .instrument = record->instrument,
        .client_order_id = record->client_order_id,
        .price = record->price,
        .quantity = record->quantity,
        .command_seq = hf_core_sessions(apply->core)[record->session].last_seq,
    };
    hf_emit(apply, record->session, &report);
}

static void
cancel_remainder(const struct hf_apply *apply, const struct hf_order *order, uint32_t reason)
{
    struct hf_cancelled cancelled = {
        .order_id = order->order_id,
        .client_order_id = order->client_order_id,
        .quantity = order->open,
        .session = order->session,
        .side = order->side,
        .reason = reason,
    };
    hf_emit_cancelled(apply, &cancelled);
}

/** What becomes of an accepted order that is not filled after it has traded. */
static void
settle(struct hf_apply *apply, const struct hf_record *record, struct hf_book *book,
       const struct hf_order *order)
{
    if (record->order_type == HF_MARKET) {
        cancel_remainder(apply, order, HF_REASON_MARKET_REMAINDER);
    } else if (record->time_in_force == HF_IOC) {
        cancel_remainder(apply, order, HF_REASON_IOC_REMAINDER);
    } else {
        hf_resting_add(apply->core, order, book, record->price);
    }
}

void
hf_match_new(struct hf_apply *apply, const struct hf_record *record)
{
    uint32_t reason = judge_new(apply->core, record);
    if (reason != HF_REASON_NONE) {
        hf_emit_rejected(apply, record->session, record->type, record->client_order_id, reason);
        return;
    }
    struct hf_book *book = &hf_core_books(apply->core)[record->instrument];
    struct hf_order order = {
        .order_id = record->lsn,
        .client_order_id = record->client_order_id,
        .open = record->quantity,
        .account = record->account,
        .session = (uint16_t)record->session,
        .side = record->side,
        .flags = (record->flags & HF_POST_ONLY) != 0 ? HF_ORDER_POST_ONLY : 0,
    };
    int64_t limit = limit_of(record);
    report_accepted(apply, record);
    if (record->time_in_force == HF_FOK &&
        !hf_book_can_fill(apply->core, book, record->side, limit, record->quantity)) {
        cancel_remainder(apply, &order, HF_REASON_FOK_UNFILLED);
        return;
    }
    hf_match(apply, book, &order, limit);
    if (order.open != 0) {
        settle(apply, record, book, &order);
    }
}
