/*
 * market.h - market events on their way out: numbered over the instance, stamped, folded into the
 * digest, handed to the sink.
 *
 * An event comes before the reports of what it tells. Stops that wait, and what icebergs hide, are
 * never seen.
 */
#ifndef HF_CORE_MARKET_H
#define HF_CORE_MARKET_H

#include "core/digest.h"
#include "core/extra.h"

#include <holdfast/market.h>

/** In the digest market data counts as a session of its own; no session has this slot. */
#define HF_MARKET_SESSION UINT32_MAX

static inline void
hf_market_emit(const struct hf_apply *apply, struct hf_market_event *event)
{
    struct hf_core *core = apply->core;
    event->number = ++core->market_number;
    core->work++;
    event->lsn = apply->lsn;
    event->time_ns = apply->time_ns;
    core->digest = hf_digest_fold(core->digest, HF_MARKET_SESSION, event);
    if (apply->sink != NULL && apply->sink->market != NULL) {
        apply->sink->market(apply->sink->context, event);
    }
}

/** A resting order came, went or shrank: `quantity` of what it shows. */
static inline void
hf_market_order(const struct hf_apply *apply, enum hf_market_type type,
                const struct hf_order *order, uint64_t quantity, uint8_t flags)
{
    const struct hf_level_queue *level = &hf_core_level_pool(apply->core)[order->level];
    struct hf_market_event event = {
        .type = (uint8_t)type,
        .side = order->side,
        .flags = flags,
        .instrument = level->instrument,
        .order_id = order->order_id,
        .price = level->price,
        .quantity = quantity,
    };
    hf_market_emit(apply, &event);
}

/** A resting order is about to leave the book. */
static inline void
hf_market_cancel(const struct hf_apply *apply, const struct hf_order *order)
{
    hf_market_order(apply, HF_MARKET_CANCEL, order, order->open, HF_MARKET_GONE);
}

/** A resting order has traded: `quantity` is off what it shows. */
static inline void
hf_market_execute(const struct hf_apply *apply, const struct hf_order *order, uint64_t quantity,
                  uint8_t flags)
{
    const struct hf_level_queue *level = &hf_core_level_pool(apply->core)[order->level];
    struct hf_market_event event = {
        .type = HF_MARKET_EXECUTE,
        .side = order->side,
        .flags = (uint8_t)(order->open == 0 ? flags | HF_MARKET_GONE : flags),
        .instrument = level->instrument,
        .order_id = order->order_id,
        .price = level->price,
        .quantity = quantity,
        .trade_index = apply->trade_index,
    };
    hf_market_emit(apply, &event);
}

#endif
