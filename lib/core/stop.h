/*
 * stop.h - stop orders: they wait by stop price and are triggered by trades, by a reference price, and when
 * their instrument opens.
 *
 *   command ──last price, opening──► collect, by order id ──► queue ──► enter one ──► its trades ──┐
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

/** hf_stop_run() where stops wait. */
void hf_stop_run_due(struct hf_apply *apply, struct hf_book *book);

/** Let all stops of the open book enter that the last price triggers as this command leaves it, then those
 *  that the trades of each of them trigger (B3). Called at the end of every command after which some may be
 *  due: those that trade, set the last price, or open the book. */
static inline void
hf_stop_run(struct hf_apply *apply, struct hf_book *book)
{
    if ((book->sides[HF_QUEUE_BUY_STOPS].best | book->sides[HF_QUEUE_SELL_STOPS].best) == 0) {
        book->stops_due = false;
    } else if (book->stops_due) {
        hf_stop_run_due(apply, book);
    }
}

#endif
