/*
 * stop.h - stop orders: they wait by stop price and are triggered by trades.
 *
 *   command's trades ──last price──► collect, by order id ──► queue ──► enter one ──► its trades ──┐
 *                                         ▲                                                         │
 *                                         └──────── collect again, behind the others ◄──────────────┘
 *
 * Triggered orders are live but in no level until they have entered; the queue is linked through
 * hf_order.next.
 */
#ifndef HF_CORE_STOP_H
#define HF_CORE_STOP_H

#include "core/match.h"

/** Whether the last trade price already meets a stop's condition. */
static inline bool
hf_stop_is_met(const struct hf_book *book, uint32_t side, int64_t stop_price)
{
    if (book->last_price == HF_PRICE_NONE) {
        return false;
    }
    return side == HF_BUY ? book->last_price >= stop_price : book->last_price <= stop_price;
}

/** TRIGGERED to the order's session. */
void hf_stop_report(const struct hf_apply *apply, const struct hf_order *order, uint32_t instrument,
                    uint64_t open);

/** Let all stops of the book enter that the last price of this command's trades triggers, then those
 *  that the trades of each of them trigger. Called at the end of every command that may have traded. */
void hf_stop_run(struct hf_apply *apply, struct hf_book *book);

#endif
