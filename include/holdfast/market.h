/*
 * market.h - market data: what happened in the books, order by order and anonymous, as 64-byte events
 * of one broadcast ring.
 *
 * Events are numbered 1, 2, 3... over the life of the instance. A subscriber that applies every event
 * has what the engine's book shows after each command; one that has missed some begins anew from a
 * snapshot (subscribe.h does both).
 *
 *   ADD        an order joins the back of its level; or its front, with HF_MARKET_FRONT
 *   EXECUTE    a resting order trades `quantity` of what it shows
 *   REDUCE     a resting order shows `quantity` less, and keeps its place; it never shows nothing then
 *   CANCEL     a resting order is gone, with the `quantity` that it showed
 *   PHASE      an instrument changes its phase
 *   UNCROSS    an opening auction is over: `quantity` traded at `price` (which one: enum hf_phase)
 *   BUST       trade (order_id, trade_index) is void, or corrected to `quantity` at `price`
 *   INSTRUMENT an instrument was added, changed or removed: read its reference data again
 *   REFERENCE  an operator gave `price` as the last one, as if it had traded there; what stops it triggers
 *              follows. Nothing was traded
 *
 * `price` of ADD, EXECUTE, REDUCE and CANCEL is the resting order's own: where its level is. Levels need
 * no orders: ADD puts `quantity` and one order there; the others take `quantity` off, and one order when
 * HF_MARKET_GONE is set.
 *
 * Trades. An EXECUTE without HF_MARKET_AUCTION is one trade, (lsn, trade_index), of `quantity` at `price`;
 * `side` rested, the other side took. A trade of an auction is two EXECUTEs with the same (lsn,
 * trade_index), one a side; it traded at the price of the UNCROSS that follows with the same lsn.
 *
 * What may surprise:
 * - An iceberg that has traded all that it showed is gone (GONE), and its next peak an ADD of the same
 *   order_id that follows at once, if anything is hidden. What is hidden is never seen.
 * - A replace that loses priority is CANCEL and ADD of the same order_id, with its trades in between.
 * - Orders that trade on entry are not seen, only the makers; what rests of them is an ADD. Self-trade
 *   prevention shows as CANCEL or REDUCE. A stop is seen when it has been triggered and rests.
 * - A halt is a PHASE, the orders stay; so is that of all instruments after a loss of the log's tail.
 *   Removing an instrument is CANCELs of all of its orders, then
 *   INSTRUMENT.
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
    HF_MARKET_REFERENCE = 9,
};

/** Bits of hf_market_event.flags */
enum hf_market_flag {
    HF_MARKET_AUCTION = 1, /**< EXECUTE: in an opening auction */
    HF_MARKET_GONE = 2,    /**< EXECUTE, CANCEL: the order shows nothing any more */
    HF_MARKET_FRONT = 4,   /**< ADD: at the front (a refilled iceberg that keeps its place) */
};

#ifdef __cplusplus
extern "C" {
#endif

/** "add", "execute"... of an event's type; "?" for what is none. Lifetime and threads as hf_side_name(). */
const char *hf_market_type_name(uint32_t type);

#ifdef __cplusplus
}
#endif

struct hf_market_event {
    uint64_t number;     /**< 1, 2, 3... over the instance */
    uint64_t lsn;        /**< of the command that caused it; compare with durable_lsn */
    uint8_t type;        /**< enum hf_market_type */
    uint8_t side;        /**< enum hf_side of the resting order; 0 where none is concerned */
    uint8_t phase;       /**< PHASE: enum hf_phase */
    uint8_t flags;       /**< enum hf_market_flag bits */
    uint32_t instrument; /**< 0: BUST */
    uint64_t order_id;   /**< BUST: lsn of the trade */
    int64_t price;       /**< of the resting order; UNCROSS, BUST: of the trade; REFERENCE */
    uint64_t
        quantity; /**< ADD: shown; EXECUTE, REDUCE: taken off what is shown; CANCEL: what was shown */
    uint64_t time_ns;
    union {
        uint64_t
            trade_index; /**< EXECUTE, BUST: with the trade's lsn its id: 0, 1... in a command */
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
