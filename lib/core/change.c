/*
 * change.c - cancel, replace and reduce of live orders.
 *
 * Order of the checks of a replace: unknown order, tick, band, zero, lot, maximum, duplicate id,
 * fully executed (the order is cancelled, as the answer), post-only, room. Until all have passed the
 * order is not touched. Room is asked for as if the order were new at its new price, so a replace
 * into a full level pool is refused although its old level might become free.
 *
 * A replace keeps the order's place only when the price stays and the total does not grow; otherwise
 * the order leaves the book, answers REPLACED, trades if it crosses, and rests at the back.
 */
#include "core/change.h"

#include "core/emit.h"
#include "core/match.h"
#include "core/resting.h"
#include "core/rules.h"

static void
cancel(struct hf_apply *apply, uint32_t index, uint32_t reason, uint64_t command_seq)
{
    const struct hf_order *order = &hf_core_order_pool(apply->core)[index];
    struct hf_cancelled cancelled = {
        .order_id = order->order_id,
        .client_order_id = order->client_order_id,
        .quantity = order->open,
        .command_seq = command_seq,
        .session = order->session,
        .side = order->side,
        .reason = reason,
    };
    hf_resting_drop(apply->core, index);
    hf_emit_cancelled(apply, &cancelled);
}

static void
reject(const struct hf_apply *apply, const struct hf_record *record, uint32_t reason)
{
    hf_emit_rejected(apply, record->session, record->type, record->client_order_id, reason);
}

static uint64_t
command_seq(const struct hf_apply *apply, const struct hf_record *record)
{
    return hf_core_sessions(apply->core)[record->session].last_seq;
}

static struct hf_book *
book_of(const struct hf_core *core, const struct hf_order *order)
{
    return &hf_core_books(core)[hf_core_level_pool(core)[order->level].instrument];
}

void
hf_change_cancel(struct hf_apply *apply, const struct hf_record *record)
{
    uint32_t index = hf_resting_find(apply->core, record->session, record->client_order_id);
    if (index == 0) {
        reject(apply, record, HF_REASON_UNKNOWN_ORDER);
        return;
    }
    cancel(apply, index, HF_REASON_REQUESTED, command_seq(apply, record));
}

void
hf_change_cancel_all(struct hf_apply *apply, uint32_t session, uint32_t reason)
{
    const struct hf_core_session *owner = &hf_core_sessions(apply->core)[session];
    while (owner->first_order != 0) {
        cancel(apply, owner->first_order, reason, 0);
    }
}

static void
report_reduced(const struct hf_apply *apply, const struct hf_order *order, uint32_t instrument)
{
    struct hf_report report = {
        .type = HF_REPORT_REDUCED,
        .side = order->side,
        .instrument = instrument,
        .client_order_id = order->client_order_id,
        .order_id = order->order_id,
        .quantity = order->open,
        .command_seq = hf_core_sessions(apply->core)[order->session].last_seq,
    };
    hf_emit(apply, order->session, &report);
}

void
hf_change_reduce(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core *core = apply->core;
    uint32_t index = hf_resting_find(core, record->session, record->client_order_id);
    if (index == 0) {
        reject(apply, record, HF_REASON_UNKNOWN_ORDER);
        return;
    }
    struct hf_order *order = &hf_core_order_pool(core)[index];
    uint32_t reason = hf_rules_lot(book_of(core, order), record->quantity);
    if (reason != HF_REASON_NONE) {
        reject(apply, record, reason);
        return;
    }
    if (record->quantity >= order->open) {
        cancel(apply, index, HF_REASON_REQUESTED, command_seq(apply, record));
        return;
    }
    struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    order->open -= record->quantity;
    level->quantity -= record->quantity;
    report_reduced(apply, order, level->instrument);
}

static uint32_t
judge_replace(const struct hf_core *core, const struct hf_record *record,
              const struct hf_book *book)
{
    uint32_t reason = hf_rules_price(book, record->price);
    if (reason == HF_REASON_NONE) {
        reason = hf_rules_quantity(book, record->quantity);
    }
    if (reason == HF_REASON_NONE && record->client_order_id != record->target_client_order_id &&
        hf_resting_find(core, record->session, record->client_order_id) != 0) {
        reason = HF_REASON_DUPLICATE_ID;
    }
    return reason;
}

/** What may still forbid a replace that moves the order to another price. */
static uint32_t
judge_move(const struct hf_core *core, const struct hf_order *order, struct hf_book *book,
           int64_t price)
{
    if ((order->flags & HF_ORDER_POST_ONLY) != 0 &&
        hf_book_crosses(hf_book_opposite(book, order->side), order->side, price)) {
        return HF_REASON_POST_ONLY;
    }
    return hf_book_has_room(core, book, order->side, price) ? HF_REASON_NONE
                                                            : HF_REASON_LEVELS_FULL;
}

/** Out of the book, answer, trade, and back into the book with what is left. */
static void
move(struct hf_apply *apply, const struct hf_record *record, struct hf_book *book, uint32_t index)
{
    struct hf_core *core = apply->core;
    struct hf_order *order = &hf_core_order_pool(core)[index];
    hf_book_leave(core, order);
    order->open = record->quantity - order->executed;
    hf_emit_replaced(apply, order, book->id, record->price, record->target_client_order_id);
    hf_match(apply, book, order, record->price);
    if (order->open != 0) {
        hf_book_enter(core, book, index, record->price);
    } else {
        hf_resting_drop_unbooked(core, index);
    }
}

static void
shrink(struct hf_apply *apply, const struct hf_record *record, struct hf_book *book, uint32_t index)
{
    struct hf_order *order = &hf_core_order_pool(apply->core)[index];
    struct hf_level_queue *level = &hf_core_level_pool(apply->core)[order->level];
    uint64_t open = record->quantity - order->executed;
    level->quantity -= order->open - open;
    order->open = open;
    hf_emit_replaced(apply, order, book->id, level->price, record->target_client_order_id);
}

void
hf_change_replace(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core *core = apply->core;
    uint32_t index = hf_resting_find(core, record->session, record->target_client_order_id);
    if (index == 0) {
        reject(apply, record, HF_REASON_UNKNOWN_ORDER);
        return;
    }
    struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_book *book = book_of(core, order);
    uint32_t reason = judge_replace(core, record, book);
    if (reason == HF_REASON_NONE && record->quantity <= order->executed) {
        cancel(apply, index, HF_REASON_REPLACED_FULLY_EXECUTED, command_seq(apply, record));
        return;
    }
    bool same_price = record->price == hf_core_level_pool(core)[order->level].price;
    if (reason == HF_REASON_NONE && !same_price) {
        reason = judge_move(core, order, book, record->price);
    }
    if (reason != HF_REASON_NONE) {
        reject(apply, record, reason);
        return;
    }
    if (record->client_order_id != order->client_order_id) {
        hf_resting_rename(core, index, record->client_order_id);
    }
    if (same_price && record->quantity <= order->executed + order->open) {
        shrink(apply, record, book, index);
    } else {
        move(apply, record, book, index);
    }
}
