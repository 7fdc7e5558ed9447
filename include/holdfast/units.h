/*
 * units.h - the constants and small integers that every other public header uses.
 *
 * Prices      signed 64-bit integers in the instrument's price unit; a valid price is a multiple of
 *             the instrument's tick.
 * Quantities  unsigned 64-bit integers in the instrument's quantity unit; a valid quantity is a
 *             multiple of the instrument's lot.
 * Times       unsigned 64-bit nanoseconds since the Unix epoch (CLOCK_REALTIME, clamped so that it
 *             never runs backwards within one log), unless a name says otherwise.
 * LSN         log sequence number: 1, 2, 3... over the life of an instance; one per 64-byte record.
 */
#ifndef HOLDFAST_UNITS_H
#define HOLDFAST_UNITS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HF_STATIC_ASSERT(condition, message) static_assert(condition, message)
#else
#include <assert.h>
#define HF_STATIC_ASSERT(condition, message) static_assert(condition, message)
#endif

/** Version of the shared-memory layout and of the control socket; a mismatch is HF_E_VERSION. */
#define HF_PROTOCOL_VERSION 2u

/** Version of the matching rules; a log written under another version needs that version's binary. One more
 *  with every change by which some log would give other reports than before. */
#define HF_RULES_VERSION 5u

/** Every command, report and log record takes one or two slots of this size, 64-byte aligned. */
#define HF_SLOT_BYTES 64u

/** A command or report takes at most this many slots. */
#define HF_MESSAGE_SLOTS_MAX 2u

/** Names of instances and sessions: at most 23 bytes of [A-Za-z0-9_.-] and a NUL. */
#define HF_NAME_BYTES 24u

/** Symbols of instruments: at most 15 printable bytes without space and a NUL. */
#define HF_SYMBOL_BYTES 16u

/** Largest quantity of one order. An instrument's own bound is such that as many orders as the instance
 *  can hold (limits.orders_max) keep their sum inside 64 bits; it is refused otherwise. */
#define HF_QUANTITY_MAX ((uint64_t)1 << 43)

/** Peaks of one iceberg: its total is at most so many times what it displays. Each peak is a trade of
 *  its own, so that this bounds what one command can set off. */
#define HF_ICEBERG_PEAKS_MAX 1000u

/** Prices lie strictly between minus and plus this, so that differences never overflow. */
#define HF_PRICE_MAX ((int64_t)1 << 60)

enum hf_side {
    HF_SIDE_NONE = 0,
    HF_BUY = 1,
    HF_SELL = 2,
};

enum hf_order_type {
    HF_LIMIT = 1,      /**< rests at its price what does not trade at once */
    HF_MARKET = 2,     /**< trades at any price, or no further than the instrument's collar
                                 reaches from the last price; never rests; its price must be 0 */
    HF_STOP = 3,       /**< waits until a command leaves the last price (that of its last trade,
                                 or a REFERENCE) at or through stop_price while the instrument is
                                 open, or it opens so; then a market order. What a command trades
                                 before its last trade triggers nothing */
    HF_STOP_LIMIT = 4, /**< the same, then a limit order */
    HF_MARKET_TO_LIMIT = 5, /**< trades at the best opposite price only; the rest is a limit order
                                 at that price; its price must be 0 */
};

enum hf_time_in_force {
    HF_GTC = 1, /**< good till cancelled */
    HF_IOC = 2, /**< immediate or cancel: trades what crosses, the rest is cancelled */
    HF_FOK = 3, /**< fill or kill: trades all of it at once, or nothing */
    HF_DAY = 4, /**< expires with the session-end command */
    HF_GTD = 5, /**< expires with the first timer tick at or after expire_ns */
};

/** Phase of an instrument. When it opens while bids and asks cross, they trade at one price before anything else
 *  happens: the uncross. Of all limit prices from the best ask to the best bid it is the one at which
 *    1 most trades, hidden quantities counted;
 *    2 of these, what bids there or better and what asks there or better differ least;
 *    3 of these, if bids prevail at all of them, the highest; if asks do, the lowest;
 *    4 else the one nearest the last price, if there is one;
 *    5 of two as near, or without a last price, the lowest.
 *  Orders trade by price, then time, icebergs peak by peak. There is no self-trade prevention in it, because
 *  neither side came to the other. Then stops enter that the last price meets. */
enum hf_phase {
    HF_PHASE_OPEN = 1,     /**< everything is accepted and matched */
    HF_PHASE_PRE_OPEN = 2, /**< enter, change and cancel; nothing is matched until it opens */
    HF_PHASE_HALTED = 3,   /**< cancels and reductions only */
    HF_PHASE_CLOSED = 4,   /**< nothing at all */
};

/** Self-trade prevention, a mode of each account: what happens instead when an order of it comes in and would
 *  trade with one of its account group or, if it has no group (0), of the account itself. The resting order's
 *  account has no say. FOK and minimum quantity count what would trade with others. */
enum hf_self_trade {
    HF_SELF_TRADE_ALLOW = 0,
    HF_SELF_TRADE_CANCEL_NEWEST = 1, /**< the incoming order's rest is cancelled */
    HF_SELF_TRADE_CANCEL_OLDEST = 2, /**< the resting order is cancelled, matching goes on */
    HF_SELF_TRADE_CANCEL_BOTH = 3,
    HF_SELF_TRADE_DECREMENT = 4, /**< both lose the smaller one's open quantity without a trade */
};

/** Rule variants of an instrument (bits). */
enum hf_instrument_flag {
    HF_REPLACE_LOSES_PRIORITY = 1, /**< a replace always goes to the back of its level */
    HF_ICEBERG_KEEPS_PLACE = 2,    /**< a refilled iceberg stays where it is in its level */
};

#ifdef __cplusplus
extern "C" {
#endif

/** "buy", "sell"; "?" for what is neither. Of these names: static, never NULL, any thread. */
const char *hf_side_name(uint32_t side);

#ifdef __cplusplus
}
#endif

/** What an acknowledgement survives. */
enum hf_level {
    HF_LEVEL_SEQUENCED = 1, /**< has its LSN in shared memory: survives the death of the daemon */
    HF_LEVEL_DURABLE = 2,   /**< flushed to the medium: survives loss of power */
};

#endif
