/*
 * command.h - what a client asks: one 64-byte slot of its command ring.
 *
 *   offset 0        8                  24            32        40        48        56     64
 *          | seq    | reserved (zero)  | type...     | by type | by type | by type | by type |
 *
 * The client library fills `seq` and stores it last: a slot is published by that one store. Bytes
 * 8 to 23 are zero in the ring, but that of one command in HF_METRICS_WAIT_EVERY (metrics.h) the library
 * puts into bytes 8 to 15 when it was submitted (CLOCK_MONOTONIC, ns): the engine counts how long it has
 * waited, and takes that out. Its log record (record.h) keeps time, checksum and session there, so that a
 * command is logged by copying one cache line.
 *
 * Ring position is the session sequence number: the first command of a session's life has seq 1.
 */
#ifndef HOLDFAST_COMMAND_H
#define HOLDFAST_COMMAND_H

#include <holdfast/units.h>

enum hf_command_type {
    HF_COMMAND_NEW = 1,     /**< enter an order; two slots when it needs struct hf_command_more */
    HF_COMMAND_CANCEL = 2,  /**< cancel the open rest of an order */
    HF_COMMAND_REPLACE = 3, /**< change price and total quantity (executed + open) of an order */
    HF_COMMAND_REDUCE = 4,  /**< take `quantity` off the open quantity; priority is kept */
    HF_COMMAND_MASS_CANCEL = 5, /**< cancel all orders of the session that match the filters */
    HF_COMMAND_OPEN_ORDERS =
        6, /**< ask for a list of the session's open orders, oldest first, page by
                                    page: of at most `quantity` (0, or more than HF_OPEN_ORDERS_MAX:
                                    that many) behind order `client_order_id` */
    /* Of sessions with admin rights: */
    HF_COMMAND_INSTRUMENT_ADD = 16,    /**< two slots; record.h: instrument_add, instrument_more; in
                                            phase `order_type` */
    HF_COMMAND_INSTRUMENT_CHANGE = 17, /**< two slots; as above, but for what it does not set
                                            (hf_command.sets); open orders stay as they are */
    HF_COMMAND_INSTRUMENT_REMOVE = 18, /**< cancels its orders; the id is never used again */
    HF_COMMAND_INSTRUMENT_LIMITS = 19, /**< collar and notional of one instrument. They judge new
                                            orders, and replaces, but for those that leave the price
                                            as it is and do not raise the total */
    HF_COMMAND_PHASE = 20,             /**< of one instrument, or (0) of all */
    HF_COMMAND_ACCOUNT = 21,           /**< group, self-trade prevention, limit, kill switch. Where
                                            accounts of one group meet, the mode of the incoming
                                            order's account decides: prevention that is to hold
                                            whoever comes is set for each account of the group. An
                                            account without a group (0) is kept from itself */
    HF_COMMAND_SESSION_LIMITS = 22,    /**< rate, open orders, kill switch of a session's name: in
                                            this and all later lives, also before the first */
    HF_COMMAND_ENTITLE = 23,           /**< what a session's name may do, and who may use it */
    HF_COMMAND_SESSION_END = 24,       /**< DAY orders expire */
    HF_COMMAND_BUST = 25,              /**< two slots: a trade is void, or corrected */
    HF_COMMAND_REFERENCE =
        26, /**< last price of one instrument, as if it had traded there, until a trade
                                    or a later REFERENCE replaces it. Stops that it meets are
                                    triggered if the instrument is open; else, when it opens, those
                                    that the last price meets then, which is that of the uncross if
                                    it trades */
    HF_COMMAND_MORE =
        127, /**< not a command: the second slot of the one before (= HF_RECORD_MORE) */
};

/** Orders that one OPEN_ORDERS, or the list after lost reports, shows at most. */
#define HF_OPEN_ORDERS_MAX 4096u

/** Bits of hf_command.flags */
enum hf_command_flag {
    HF_POST_ONLY = 1,   /**< NEW: reject rather than take liquidity (LIMIT with GTC, DAY or GTD) */
    HF_BY_ORDER_ID = 2, /**< CANCEL, REDUCE: client_order_id holds an order id of this session */
    HF_ON = 4,          /**< ACCOUNT, SESSION_LIMITS: the kill switch is on; ENTITLE: grant (else
                             revoke); BUST: a correction (else void) */
};

/** Bits of hf_command.sets: what ACCOUNT, SESSION_LIMITS and INSTRUMENT_LIMITS set. All else stays as it
 *  is, and is 0 in the command: of two administrators at once, none undoes what the other has done. */
enum hf_set {
    HF_SET_KILL = 1,       /**< ACCOUNT, SESSION_LIMITS: the kill switch (HF_ON: on) */
    HF_SET_NOTIONAL = 2,   /**< ACCOUNT, INSTRUMENT_LIMITS: quantity */
    HF_SET_GROUP = 4,      /**< ACCOUNT: client_order_id */
    HF_SET_SELF_TRADE = 8, /**< ACCOUNT: order_type */
    HF_SET_ORDERS = 16,    /**< SESSION_LIMITS: value */
    HF_SET_RATE = 32,      /**< SESSION_LIMITS: rate */
    HF_SET_COLLAR = 64,    /**< INSTRUMENT_LIMITS: price */
    HF_SET_ACCOUNT = HF_SET_KILL | HF_SET_NOTIONAL | HF_SET_GROUP | HF_SET_SELF_TRADE, /**< all */
    HF_SET_SESSION_LIMITS = HF_SET_KILL | HF_SET_ORDERS | HF_SET_RATE,
    HF_SET_INSTRUMENT_LIMITS = HF_SET_NOTIONAL | HF_SET_COLLAR,
};

/** The same for INSTRUMENT_CHANGE: fields of record.h, instrument_add and instrument_more. */
enum hf_set_instrument {
    HF_SET_TICK = 1,
    HF_SET_LOT = 2,
    HF_SET_PRICE_MIN = 4,
    HF_SET_PRICE_MAX = 8,
    HF_SET_QUANTITY_MAX = 16,
    HF_SET_REPLACE_LOSES_PRIORITY = 32, /**< the bit of this name in the flags */
    HF_SET_ICEBERG_KEEPS_PLACE = 64,    /**< the same */
    HF_SET_INSTRUMENT = 127,            /**< all */
};

/** What hf_command.order_type means in ENTITLE. */
enum hf_entitlement {
    HF_ENTITLE_ACCOUNT = 1,    /**< with one such entry, only the accounts with entries are allowed;
                                    without any, all are: so too when the last one is revoked */
    HF_ENTITLE_INSTRUMENT = 2, /**< the same for instruments */
    HF_ENTITLE_ADMIN = 3,      /**< may use the admin commands */
    HF_ENTITLE_DROP_COPY = 4,  /**< gets copies of the reports of a group's sessions */
    HF_ENTITLE_GROUP = 5,      /**< belongs to a group; to as many as there are entries */
    HF_ENTITLE_USER = 6, /**< with one such entry, only the users (uid) with entries may open it;
                                    without any, all may, unless it has ADMIN or DROP_COPY. Root and the
                                    daemon's own user always may. ADMIN and DROP_COPY count in sessions of
                                    users with an entry, of root, and of the daemon's own user alone */
};

#if defined(__clang__) && defined(__cplusplus)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnested-anon-types" /* C11 has them, and so has every compiler */
#endif

struct hf_command {
    uint64_t seq; /**< written by the library; what the caller puts here is ignored */
    uint64_t reserved
        [2]; /**< zero. In one of HF_METRICS_WAIT_EVERY slots of a ring the library writes the time
                               into the first word, and the engine takes it out again */
    uint8_t type;       /**< enum hf_command_type */
    uint8_t slots;      /**< slots this command takes: 1 or 2. Who writes rings without the library:
                               where the second is no MORE, each of the two is rejected by itself */
    uint8_t side;       /**< NEW: enum hf_side; MASS_CANCEL: side, or 0 for both; else 0 */
    uint8_t order_type; /**< NEW: enum hf_order_type; PHASE: enum hf_phase; INSTRUMENT_ADD: enum
                               hf_phase in which it begins (0: open); ACCOUNT: enum
                               hf_self_trade; ENTITLE: enum hf_entitlement; else 0 */
    uint8_t time_in_force; /**< NEW: enum hf_time_in_force; else 0 */
    uint8_t flags;         /**< enum hf_command_flag bits that the type knows; else 0 */
    uint8_t sets;          /**< ACCOUNT, SESSION_LIMITS, INSTRUMENT_LIMITS: enum hf_set bits;
                               INSTRUMENT_CHANGE: enum hf_set_instrument bits; never 0 in these; else 0 */
    uint8_t reserved2;     /**< zero */
    union {
        __extension__ struct { /* NEW and all types that are not named below; what is unused is 0 */
            union {
                __extension__ struct {
                    uint32_t instrument; /**< NEW: instrument number; MASS_CANCEL: or 0 for all;
                                              INSTRUMENT_REMOVE, _LIMITS, PHASE (0: all) */
                    uint32_t account; /**< NEW: whose order; MASS_CANCEL: or 0 for all; ACCOUNT */
                };
                uint64_t target_client_order_id; /**< REPLACE: the live order to change */
            };
            uint64_t client_order_id; /**< NEW: a new id; REPLACE: the order's id from now on, may
                                           equal the target; CANCEL, REDUCE: the live order's id.
                                           Never 0 in these. ACCOUNT: group (0: none). OPEN_ORDERS: the
                                           order id that the last page's DONE bore (0: from the
                                           oldest order on); that order may be gone meanwhile */
            int64_t price;            /**< NEW LIMIT, STOP_LIMIT, REPLACE: limit price; REFERENCE;
                                           INSTRUMENT_LIMITS: collar, the greatest distance from the last
                                           price of a limit price, and of the prices at which a market
                                           order, or a stop that has become one, may trade (0: none): the
                                           rest of it is cancelled. A market or market-to-limit order
                                           whose best opposite price is further away is rejected; else 0 */
            uint64_t quantity;        /**< NEW: total; REPLACE: new total (executed + open);
                                           REDUCE: how much less; OPEN_ORDERS: see there;
                                           INSTRUMENT_LIMITS: greatest price x quantity of one order;
                                           ACCOUNT: greatest open notional (0: none in both). Both judge a
                                           STOP at its stop price, and a market or market-to-limit order
                                           at the best opposite price of that moment, though it may trade
                                           beyond it: how far, the collar says. Else 0 */
        };
        __extension__ struct { /* SESSION_LIMITS, ENTITLE */
            char session_name[HF_NAME_BYTES];
            uint32_t value; /**< SESSION_LIMITS: greatest number of open orders (0: the instance's);
                                 ENTITLE: account, instrument, group or uid */
            uint32_t rate;  /**< SESSION_LIMITS: messages per second (0: no limit) */
        };
        __extension__ struct
        { /* BUST: the trade (lsn, index), and its price and quantity from now on. An LSN that is not yet
             used, or an index beyond the number of all trades so far, is UNKNOWN_TRADE */
            uint64_t trade_lsn;
            uint64_t trade_index;
            int64_t trade_price;
            uint64_t trade_quantity;
        };
    };
};

/** The second slot of NEW (as far as a field is unused, it is 0) and of BUST. */
struct hf_command_more {
    uint64_t seq;         /**< written by the library */
    uint64_t reserved[2]; /**< zero */
    uint8_t type;         /**< HF_COMMAND_MORE */
    uint8_t slots;        /**< 1 */
    uint8_t reserved2[6]; /**< zero */
    union {
        __extension__ struct {
            uint64_t display;   /**< iceberg: lots that are shown; below the total, and at least its
                                     HF_ICEBERG_PEAKS_MAX-th part */
            int64_t stop_price; /**< STOP, STOP_LIMIT */
            uint64_t minimum;   /**< least quantity that must trade on entry, or it is cancelled. In
                                     self-trade prevention's mode decrement own orders are passed by,
                                     and less of it is left to trade by all that they have */
            uint64_t expire_ns; /**< GTD */
        };
        __extension__ struct {
            uint64_t session_id[2]; /**< BUST: the two sides of the trade; 0: its session is gone,
                                              and nobody is told; else open since before the trade */
            uint64_t trade_client_id[2]; /**< their client order ids */
        };
    };
};

#if defined(__clang__) && defined(__cplusplus)
#pragma clang diagnostic pop
#endif

HF_STATIC_ASSERT(sizeof(struct hf_command) == 64, "command is one slot");
HF_STATIC_ASSERT(offsetof(struct hf_command, seq) == 0, "seq moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, reserved) == 8, "reserved moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, type) == 24, "type moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, slots) == 25, "slots moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, side) == 26, "side moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, order_type) == 27, "order_type moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, time_in_force) == 28, "time_in_force moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, flags) == 29, "flags moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, sets) == 30, "sets moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, reserved2) == 31, "reserved2 moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, instrument) == 32, "instrument moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, account) == 36, "account moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, target_client_order_id) == 32, "target moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, client_order_id) == 40, "client_order_id moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, price) == 48, "price moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, quantity) == 56, "quantity moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, session_name) == 32, "session_name moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, rate) == 60, "rate moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, trade_lsn) == 32, "trade_lsn moved");
HF_STATIC_ASSERT(sizeof(struct hf_command_more) == 64, "second slot is one slot");
HF_STATIC_ASSERT(offsetof(struct hf_command_more, display) == 32, "display moved");
HF_STATIC_ASSERT(offsetof(struct hf_command_more, expire_ns) == 56, "expire_ns moved");

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Check the form of a command (of the first slot, and of the second where `slots` says 2): type, enumerations, combinations, reserved bytes. What depends on the
 * books (instrument, tick, ids in use) is the engine's to judge.
 *
 * @param command  `command->slots` consecutive slots (one when that is neither 1 nor 2); borrowed for
 *                 the call; `seq` is not looked at
 * @return HF_REASON_NONE, or the HF_REASON_MALFORMED_* with which the engine would reject it
 * Thread: any, no state
 */
uint32_t hf_command_check(const struct hf_command *command);

/** "new", "mass cancel", "open orders"... of a command's type, as it also stands in REJECTED and DONE; "?" for
 *  what is none. Lifetime and threads as hf_side_name(). */
const char *hf_command_type_name(uint32_t type);

#ifdef __cplusplus
}
#endif

#endif
