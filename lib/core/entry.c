/*
 * entry.c - a new order from its record to the book.
 */
#include "core/entry.h"

#include "core/emit.h"
#include "core/judge.h"
#include "core/resting.h"
#include "core/stop.h"
#include "core/total.h"

static bool
is_stop(const struct hf_record *record)
{
    return record->order_type == HF_STOP || record->order_type == HF_STOP_LIMIT;
}

/** What stays with the order (enum hf_order_flag). */
static uint8_t
flags_of(const struct hf_record *record)
{
    unsigned flags = ((record->flags & HF_POST_ONLY) != 0 ? HF_ORDER_POST_ONLY : 0) |
                     (record->time_in_force == HF_DAY ? HF_ORDER_DAY : 0);
    return (uint8_t)flags;
}

static bool
must_wait(const struct hf_book *book, const struct hf_record *record, const struct hf_record *more)
{
    return !hf_book_is_open(book) || !hf_stop_is_met(book, record->side, more->new_more.stop_price);
}

static void
wait_as_stop(struct hf_apply *apply, struct hf_book *book, struct hf_order *order,
             const struct hf_record *record, const struct hf_record *more)
{
    struct hf_extra extra = {
        .stop_price = more->new_more.stop_price,
        .limit = record->price,
        .expire_ns = more->new_more.expire_ns,
        .order_type = record->order_type,
        .time_in_force = record->time_in_force,
    };
    order->flags |= HF_ORDER_STOP;
    hf_resting_add(apply->core, order, &extra, book, hf_queue_of_stops(record->side),
                   extra.stop_price);
}

static void
cancel_without_liquidity(const struct hf_apply *apply, const struct hf_order *order)
{
    struct hf_cancelled cancelled = {
        .order_id = order->order_id,
        .client_order_id = order->client_order_id,
        .quantity = order->open,
        .session = order->session,
        .side = order->side,
        .reason = HF_REASON_NO_LIQUIDITY,
    };
    hf_emit_cancelled(apply, &cancelled);
}

/** As what, and at which limit, it enters. @return false: a market-to-limit order finds no price */
static bool
resolve(struct hf_book *book, const struct hf_record *record, struct hf_incoming *incoming)
{
    const struct hf_book_side *opposite = hf_book_opposite(book, record->side);
    bool is_market = record->order_type == HF_MARKET || record->order_type == HF_STOP;
    incoming->triggered = is_stop(record);
    incoming->order_type = is_market ? HF_MARKET : HF_LIMIT;
    incoming->limit = is_market ? hf_book_market_limit(book, record->side) : record->price;
    if (record->order_type == HF_MARKET_TO_LIMIT) {
        incoming->limit = opposite->best_price;
        return opposite->best != 0;
    }
    return true;
}

static void
enter(struct hf_apply *apply, struct hf_book *book, struct hf_order *order,
      const struct hf_record *record, const struct hf_record *more)
{
    struct hf_incoming incoming = {.order = order, .time_in_force = record->time_in_force};
    if (HF_UNLIKELY(more != NULL)) {
        incoming.display = more->new_more.display;
        incoming.minimum = more->new_more.minimum;
        incoming.expire_ns = more->new_more.expire_ns;
    }
    if (!resolve(book, record, &incoming)) {
        cancel_without_liquidity(apply, order);
        return;
    }
    hf_match_enter(apply, book, &incoming);
    hf_stop_run(apply, book);
}

static void
accept(struct hf_apply *apply, const struct hf_record *record, const struct hf_record *more)
{
    struct hf_book *book = &hf_core_books(apply->core)[record->instrument];
    struct hf_order order = hf_order_make(record, flags_of(record));
    hf_total_set(apply->core, &order, record->quantity);
    hf_emit_accepted(apply, record);
    if (is_stop(record) && must_wait(book, record, more)) {
        wait_as_stop(apply, book, &order, record, more);
    } else {
        if (is_stop(record)) {
            hf_stop_report(apply, &order, book->id, order.open);
        }
        enter(apply, book, &order, record, more);
    }
    hf_total_set(apply->core, &order, 0); /* it ended, or has its own in the pool */
}

void
hf_entry_new(struct hf_apply *apply, const struct hf_record *record, const struct hf_record *more)
{
    uint32_t reason = hf_judge_new(apply->core, record, more);
    if (reason != HF_REASON_NONE) {
        hf_emit_rejected(apply, record->session, record->type, record->client_order_id, reason);
    } else {
        accept(apply, record, more);
    }
}
