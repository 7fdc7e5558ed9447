/*
 * change.c - cancel, replace and reduce of live orders.
 *
 * Order of the checks of a replace: killed session, rate, unknown order, then judge.h (entitlements,
 * phase, price, quantity, limits, duplicate id), fully executed (the order is cancelled, as the answer), post-only,
 * room. Until all have passed the order is not touched. Room is asked for as if the
 * order were new at its new price, so a replace into a full level pool is refused although its old
 * level might become free.
 *
 * A replace keeps the order's place only when the price stays and the total does not grow (and the
 * instrument lets it); otherwise the order leaves the book, answers REPLACED, trades if it crosses, and
 * rests at the back. A waiting stop keeps its place whatever changes.
 */
#include "core/change.h"

#include "core/account.h"
#include "core/alter.h"
#include "core/emit.h"
#include "core/judge.h"
#include "core/market.h"
#include "core/resting.h"
#include "core/rules.h"
#include "core/stop.h"
#include "core/total.h"

static void
reject(const struct hf_apply *apply, const struct hf_record *record, uint32_t reason)
{
    hf_emit_rejected(apply, record->session, record->type, record->client_order_id, reason);
}

/** The order that a CANCEL or REDUCE names; 0: none that this session may touch. */
static uint32_t
find_named(const struct hf_core *core, const struct hf_record *record)
{
    if ((record->flags & HF_BY_ORDER_ID) == 0) {
        return hf_resting_find(core, record->session, record->client_order_id);
    }
    uint32_t index = hf_resting_find_order_id(core, record->client_order_id);
    bool own = hf_core_order_pool(core)[index].session == record->session;
    bool may =
        own || (record->type == HF_COMMAND_CANCEL && hf_core_sessions(core)[record->session].admin);
    return may ? index : 0;
}

/** The named order, or 0 after a reject. */
static uint32_t
find_or_reject(const struct hf_apply *apply, const struct hf_record *record)
{
    uint32_t index = find_named(apply->core, record);
    if (index == 0) {
        reject(apply, record, HF_REASON_UNKNOWN_ORDER);
    } else if (hf_alter_book(apply->core, index)->phase == HF_PHASE_CLOSED) {
        reject(apply, record, HF_REASON_PHASE);
        index = 0;
    }
    return index;
}

void
hf_change_cancel(struct hf_apply *apply, const struct hf_record *record)
{
    uint32_t index = find_or_reject(apply, record);
    if (index == 0) {
        return;
    }
    if (hf_core_order_pool(apply->core)[index].session == record->session) {
        hf_alter_cancel(apply, index, HF_REASON_REQUESTED, apply->command_seq);
    } else {
        uint64_t quantity = hf_alter_cancel(apply, index, HF_REASON_REQUESTED, 0);
        hf_emit_done(apply, record, 0, quantity);
    }
}

static void
report_reduced(const struct hf_apply *apply, uint32_t index)
{
    const struct hf_core *core = apply->core;
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_report report = {
        .type = HF_REPORT_REDUCED,
        .side = order->side,
        .instrument = hf_alter_book(core, index)->id,
        .client_order_id = order->client_order_id,
        .order_id = order->order_id,
        .quantity = hf_alter_open(core, index),
        .command_seq = apply->command_seq,
    };
    hf_emit(apply, order->session, &report);
}

void
hf_change_reduce(struct hf_apply *apply, const struct hf_record *record)
{
    uint32_t index = find_or_reject(apply, record);
    if (index == 0) {
        return;
    }
    uint32_t reason = hf_rules_lot(hf_alter_book(apply->core, index), record->quantity);
    if (reason != HF_REASON_NONE) {
        reject(apply, record, reason);
    } else if (record->quantity >= hf_alter_open(apply->core, index)) {
        hf_alter_cancel(apply, index, HF_REASON_REQUESTED, apply->command_seq);
    } else {
        hf_alter_reduce(apply, index, record->quantity);
        report_reduced(apply, index);
    }
}

/** The order at `index` is as it is from now on, but may be in no level. */
static void
report_replaced(const struct hf_apply *apply, const struct hf_record *record,
                const struct hf_book *book, uint32_t index)
{
    const struct hf_core *core = apply->core;
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    const struct hf_extra *extra = hf_extra_of(core, index);
    bool waits = (order->flags & HF_ORDER_STOP) != 0;
    uint64_t open = hf_alter_open(core, index);
    struct hf_report_pair pair = {
        .report = {.type = HF_REPORT_REPLACED,
                   .side = order->side,
                   .instrument = book->id,
                   .client_order_id = order->client_order_id,
                   .price = record->price,
                   .quantity = open,
                   .command_seq = apply->command_seq},
        .more = {.order_id = order->order_id,
                 .previous_client_order_id = record->target_client_order_id,
                 .total = order->executed + open,
                 .executed = order->executed,
                 .stop_price = waits ? extra->stop_price : 0},
    };
    hf_emit_pair(apply, order->session, &pair);
}

/** What may still forbid a replace that takes the order out of its place. */
static uint32_t
judge_move(const struct hf_core *core, const struct hf_order *order, struct hf_book *book,
           int64_t price)
{
    if ((order->flags & HF_ORDER_POST_ONLY) != 0 && hf_book_is_open(book) &&
        hf_book_crosses(hf_book_opposite(book, order->side), order->side, price)) {
        return HF_REASON_POST_ONLY;
    }
    return hf_book_has_room(core, book, hf_queue_of_side(order->side), price)
               ? HF_REASON_NONE
               : HF_REASON_LEVELS_FULL;
}

/** Out of the book, answer, trade, and back into the book with what is left. */
static void
move(struct hf_apply *apply, const struct hf_record *record, struct hf_book *book, uint32_t index)
{
    struct hf_core *core = apply->core;
    struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_extra *extra = hf_extra_of(core, index);
    struct hf_incoming incoming = {.order = order,
                                   .index = index,
                                   .order_type = HF_LIMIT,
                                   .time_in_force = HF_GTC,
                                   .limit = record->price};
    hf_market_cancel(apply, order);
    hf_book_leave(core, index);
    if (extra != NULL) {
        incoming.display = extra->display;
        incoming.expire_ns = extra->expire_ns;
        extra->hidden = 0;
    }
    order->open = record->quantity - order->executed;
    hf_total_set(core, order, record->quantity);
    report_replaced(apply, record, book, index);
    hf_match_enter(apply, book, &incoming);
    hf_stop_run(apply, book);
}

/** The price stays and the total does not grow. */
static void
shrink(struct hf_apply *apply, const struct hf_record *record, struct hf_book *book, uint32_t index)
{
    struct hf_core *core = apply->core;
    uint64_t open = record->quantity - hf_core_order_pool(core)[index].executed;
    uint64_t before = hf_alter_open(core, index);
    if (open < before) {
        hf_alter_reduce(apply, index, before - open);
    }
    report_replaced(apply, record, book, index);
}

/** A waiting stop: new limit, new quantity, same place. */
static void
change_stop(struct hf_apply *apply, const struct hf_record *record, struct hf_book *book,
            uint32_t index)
{
    struct hf_core *core = apply->core;
    struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_extra *extra = hf_extra_of(core, index);
    hf_account_take(core, order->account, hf_account_price(core, index), order->open);
    hf_core_level_pool(core)[order->level].quantity += record->quantity - order->open;
    order->open = record->quantity;
    hf_total_set(core, order, record->quantity);
    if (extra->order_type == HF_STOP_LIMIT) {
        extra->limit = record->price;
    }
    hf_account_add(core, order->account, hf_account_price(core, index), order->open);
    report_replaced(apply, record, book, index);
}

static void
replace(struct hf_apply *apply, const struct hf_record *record, uint32_t index)
{
    struct hf_core *core = apply->core;
    struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_book *book = hf_alter_book(core, index);
    bool waits = (order->flags & HF_ORDER_STOP) != 0;
    bool stays = record->price == hf_core_level_pool(core)[order->level].price &&
                 record->quantity <= order->executed + hf_alter_open(core, index) &&
                 (book->flags & HF_REPLACE_LOSES_PRIORITY) == 0;
    uint32_t reason =
        waits || stays ? HF_REASON_NONE : judge_move(core, order, book, record->price);
    if (reason != HF_REASON_NONE) {
        reject(apply, record, reason);
        return;
    }
    if (record->client_order_id != order->client_order_id) {
        hf_resting_rename(core, index, record->client_order_id);
    }
    if (waits) {
        change_stop(apply, record, book, index);
    } else if (stays) {
        shrink(apply, record, book, index);
    } else {
        move(apply, record, book, index);
    }
}

void
hf_change_replace(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core *core = apply->core;
    uint32_t reason = hf_judge_session(apply->own);
    uint32_t index = 0;
    if (reason == HF_REASON_NONE) {
        index = hf_resting_find(core, record->session, record->target_client_order_id);
        reason = index == 0 ? HF_REASON_UNKNOWN_ORDER : hf_judge_replace(core, record, index);
    }
    if (reason != HF_REASON_NONE) {
        reject(apply, record, reason);
    } else if (record->quantity <= hf_core_order_pool(core)[index].executed) {
        hf_alter_cancel(apply, index, HF_REASON_REPLACED_FULLY_EXECUTED, apply->command_seq);
    } else {
        replace(apply, record, index);
    }
}
