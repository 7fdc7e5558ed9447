/*
 * market.h - market data: what happened in the books, order by order and anonymous, as 64-byte events
 * of one broadcast ring.
 *
 * Events are numbered 1, 2, 3... over the life of the instance. A subscriber that applies every event
 * has the engine's book after each; one that has missed some rejoins by a snapshot (an order-by-order
 * picture as of one number).
 *
 *   ADD       an order (or the refilled part of an iceberg) joins the back of its level
 *   EXECUTE   a resting order trades `quantity` of what it shows; gone when nothing is left
 *   REDUCE    a resting order shows `quantity` less, its place is kept; gone when nothing is left
 *   CANCEL    a resting order is gone
 *   PHASE     an instrument changes its phase
 *   UNCROSS   a trade of the opening auction between two resting orders is two EXECUTEs; this sums
 *             them up: `quantity` at `price`
 *   BUST      trade (trade_lsn, trade_index) is void or corrected
 *   INSTRUMENT an instrument was added, changed or removed: read its reference data again
 */
#ifndef HOLDFAST_MARKET_H
#define HOLDFAST_MARKET_H

#include <holdfast/units.h>

enum hf_market_type {
    HF_MARKET_ADD = 1,
    HF_MARKET_EXECUTE = 2,
    HF_MARKET_REDUCE = 3,
    HF_MARKET_CANCEL = 4,
    HF_MARKET_PHASE = 5,
    HF_MARKET_UNCROSS = 6,
    HF_MARKET_BUST = 7,
    HF_MARKET_INSTRUMENT = 8,
};

struct hf_market_event {
    uint64_t number; /**< 1, 2, 3... over the instance */
    uint64_t lsn;    /**< of the command that caused it; compare with durable_lsn */
    uint8_t type;    /**< enum hf_market_type */
    uint8_t side;    /**< enum hf_side of the resting order; 0 where none is concerned */
    uint8_t phase;   /**< PHASE: enum hf_phase */
    uint8_t flags;   /**< EXECUTE: 1: of an auction; ADD: 1: at the front of its level (a refilled
                          iceberg that keeps its place) */
    uint32_t instrument;
    uint64_t order_id;
    int64_t price;
    uint64_t
        quantity; /**< ADD: shown; EXECUTE, REDUCE: taken off what is shown; CANCEL: what was shown */
    uint64_t time_ns;
    union {
        uint64_t trade_index; /**< EXECUTE, BUST: with the trade's lsn its id */
        uint64_t reserved;
    };
};

HF_STATIC_ASSERT(sizeof(struct hf_market_event) == 64, "event is one slot");
HF_STATIC_ASSERT(offsetof(struct hf_market_event, number) == 0, "number moved");
HF_STATIC_ASSERT(offsetof(struct hf_market_event, type) == 16, "type moved");
HF_STATIC_ASSERT(offsetof(struct hf_market_event, instrument) == 20, "instrument moved");
HF_STATIC_ASSERT(offsetof(struct hf_market_event, order_id) == 24, "order_id moved");
HF_STATIC_ASSERT(offsetof(struct hf_market_event, trade_index) == 56, "trade_index moved");

#endif
