/*
 * report.h - what the engine answers: one or two 64-byte slots of a session's report ring.
 *
 *   offset 0        8     16        20       24                32        40      48        56    64
 *          | number | lsn | type... | detail | client_order_id | time_ns | price | quantity | leaves |
 *
 * Reports of a session are numbered 1, 2, 3... without a gap, over crashes and restarts; a report of
 * two slots takes two numbers. The daemon stores `number` last: a slot is published by that one store.
 *
 * An order's id is the LSN of the command that entered it, and stays through every replace. A trade's
 * id is the pair (lsn, trade_index), unique over the life of the instance and the same on both sides.
 *
 * A FILL names its order by client order id alone: instrument and order id stand in its ACCEPTED.
 *
 * What no report tells, so that a client that may lose its state keeps it itself: an order's account,
 * display, minimum, time in force and expiry (ORDER, the list of open orders, has its side, price, open,
 * total and executed quantity, and stop price). And the limit of a MARKET_TO_LIMIT order: its ACCEPTED has
 * price 0, its FILLs have the price at which the rest lies in the book; where nothing was filled, ORDER has
 * it.
 */
#ifndef HOLDFAST_REPORT_H
#define HOLDFAST_REPORT_H

#include <holdfast/units.h>

#include <stdbool.h>

enum hf_report_type {
    HF_REPORT_ACCEPTED = 1,  /**< an order was entered; its order id is `lsn` */
    HF_REPORT_REJECTED = 2,  /**< a command had no effect; `reason` says why */
    HF_REPORT_FILL = 3,      /**< an order traded `quantity` at `price`; `leaves` is still open */
    HF_REPORT_CANCELLED = 4, /**< the open rest (`quantity`) of order `order_id` is gone */
    HF_REPORT_REPLACED = 5,  /**< two slots: price and quantity changed, see hf_report_more */
    HF_REPORT_REDUCED = 6,   /**< order `order_id` now has `quantity` open, priority kept */
    HF_REPORT_TRIGGERED =
        7, /**< stop order `order_id` has been triggered and enters the book now */
    HF_REPORT_ORDER =
        8, /**< two slots: one open order, as the answer to OPEN_ORDERS; `quantity` open */
    HF_REPORT_DONE = 9,    /**< a command that is no order was carried out: MASS_CANCEL, OPEN_ORDERS
                              (`quantity` orders concerned) or one of the admin's; after reports
                              were lost, HF_RECORD_LOST (75): `quantity` orders were listed.
                              `order_id` of a list: 0 when that was all, else the last order that
                              was listed: OPEN_ORDERS goes on behind it */
    HF_REPORT_BUSTED = 10, /**< trade (trade_lsn, trade_index) is void (`quantity` 0), or counts at
                                `price` and `quantity` instead */
    HF_REPORT_COPY = 254,  /**< not a report: the second slot of a copy, see hf_report_copy */
    HF_REPORT_MORE = 255,  /**< not a report: the second slot of the one before */
};

/** Bits of hf_report.flags */
enum hf_report_flag {
    HF_REPORT_MAKER = 1,   /**< FILL: this order was resting (otherwise it took) */
    HF_REPORT_AUCTION = 2, /**< FILL: of the opening uncross; neither side took */
};

struct hf_report {
    uint64_t number; /**< 1, 2, 3... per session */
    uint64_t lsn;    /**< of the command that caused it; compare with durable_lsn */
    uint8_t type;    /**< enum hf_report_type */
    uint8_t slots;   /**< slots this report takes */
    uint8_t side;    /**< the order's enum hf_side; 0 when no order is concerned */
    union {
        uint8_t flags;        /**< FILL: enum hf_report_flag bits */
        uint8_t command_type; /**< REJECTED, DONE: type byte of the command */
    };
    union {
        uint32_t instrument;  /**< ACCEPTED, REPLACED, REDUCED, TRIGGERED, ORDER; DONE of admin
                               commands on one instrument (INSTRUMENT_ADD: its new id) */
        uint32_t trade_index; /**< FILL, BUSTED: 0, 1, 2... within the command */
        uint32_t reason;      /**< REJECTED, CANCELLED: enum hf_reason */
    };
    uint64_t client_order_id;
    uint64_t time_ns; /**< when the command was sequenced */
    union {
        int64_t price;     /**< ACCEPTED, REPLACED, ORDER: limit price; FILL: price of the trade */
        uint64_t order_id; /**< CANCELLED, REDUCED, TRIGGERED; DONE of a list: see there; else 0 */
    };
    uint64_t quantity; /**< ACCEPTED: total; FILL: traded now; CANCELLED: cancelled now;
                            REPLACED, REDUCED, TRIGGERED: open from now on */
    union {
        uint64_t leaves;      /**< FILL: open after this trade */
        uint64_t trade_lsn;   /**< BUSTED */
        uint64_t command_seq; /**< else: seq of the session's command that this answers, 0 when the
                                   report answers none (a cancel that nobody asked for) */
    };
};

/** The second slot of HF_REPORT_REPLACED and HF_REPORT_ORDER. */
struct hf_report_more {
    uint64_t number; /**< one above its first slot's */
    uint64_t lsn;    /**< same as its first slot's */
    uint8_t type;    /**< HF_REPORT_MORE */
    uint8_t reserved[7];
    uint64_t order_id;
    uint64_t previous_client_order_id; /**< REPLACED; else 0 */
    uint64_t total;                    /**< total quantity from now on */
    uint64_t executed;                 /**< traded so far */
    int64_t stop_price;                /**< of a stop order that still waits; else 0 */
};

/** The second slot of a copy of another session's report (drop copy). The first one is the report as its
 *  session got it, but for `number` and `slots`; a copy always has two slots. */
struct hf_report_copy {
    uint64_t number;          /**< one above its first slot's */
    uint64_t original_number; /**< that of the report in its own session */
    uint8_t type;             /**< HF_REPORT_COPY */
    uint8_t reserved[3];
    uint32_t session;  /**< slot of its own session */
    uint64_t order_id; /**< from here on as hf_report_more; 0 where the original has one slot */
    uint64_t previous_client_order_id;
    uint64_t total;
    uint64_t executed;
    int64_t stop_price;
};

#ifdef __cplusplus
extern "C" {
#endif

/** Whether a slot is the second one of a report. (Inline, and a symbol of the library as well.) */
inline bool
hf_report_is_second(const struct hf_report *slot)
{
    return slot->type == HF_REPORT_MORE || slot->type == HF_REPORT_COPY;
}

/** "accepted", "fill"... of a report's type; "?" for what is none. Lifetime and threads as hf_side_name(). */
const char *hf_report_type_name(uint32_t type);

#ifdef __cplusplus
}
#endif

HF_STATIC_ASSERT(sizeof(struct hf_report) == 64, "report is one slot");
HF_STATIC_ASSERT(offsetof(struct hf_report, number) == 0, "number moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, lsn) == 8, "lsn moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, type) == 16, "type moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, slots) == 17, "slots moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, side) == 18, "side moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, flags) == 19, "flags moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, instrument) == 20, "detail moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, client_order_id) == 24, "client_order_id moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, time_ns) == 32, "time_ns moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, price) == 40, "price moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, quantity) == 48, "quantity moved");
HF_STATIC_ASSERT(offsetof(struct hf_report, leaves) == 56, "leaves moved");
HF_STATIC_ASSERT(sizeof(struct hf_report_more) == 64, "second slot is one slot");
HF_STATIC_ASSERT(offsetof(struct hf_report_more, order_id) == 24, "order_id moved");
HF_STATIC_ASSERT(offsetof(struct hf_report_more, executed) == 48, "executed moved");
HF_STATIC_ASSERT(sizeof(struct hf_report_copy) == 64, "second slot is one slot");
HF_STATIC_ASSERT(offsetof(struct hf_report_copy, type) == 16, "type moved");
HF_STATIC_ASSERT(offsetof(struct hf_report_copy, order_id) == 24, "order_id moved");

#endif
