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

/** An event whose other fields are set. As hf_emit_words(), out of whole words. */
static HF_ALWAYS_INLINE void
hf_market_emit(const struct hf_apply *apply, const struct hf_market_event *event)
{
    struct hf_core *core = apply->core;
    uint64_t what = (uint64_t)event->type | (uint64_t)event->side << 8 |
                    (uint64_t)event->phase << 16 | (uint64_t)event->flags << 24 |
                    (uint64_t)event->instrument << 32;
    struct hf_words words = {{{++core->market_number, apply->lsn},
                              {what, event->order_id},
                              {(uint64_t)event->price, event->quantity},
                              {apply->time_ns, event->trade_index}}};
    core->work++;
    hf_digest_fold(&core->digest, HF_MARKET_SESSION, words);
    if (apply->sink != NULL && apply->sink->market != NULL) {
        _Alignas(hf_pair) struct hf_market_event whole;
        hf_words_store(&whole, words);
        apply->sink->market(apply->sink->context, &whole);
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

/** A NEW rests as it came, none of it traded. */
static inline void
hf_market_added(const struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_market_event event = {
        .type = HF_MARKET_ADD,
        .side = record->side,
        .instrument = record->instrument,
        .order_id = record->lsn,
        .price = record->price,
        .quantity = record->quantity,
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
