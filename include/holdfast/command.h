/*
 * command.h - what a client asks: one 64-byte slot of its command ring.
 *
 *   offset 0        8                  24            32        40        48        56     64
 *          | seq    | reserved (zero)  | type...     | by type | by type | by type | by type |
 *
 * The client library fills `seq` and stores it last: a slot is published by that one store. Bytes
 * 8 to 23 are zero in the ring; the engine's log record (record.h) keeps its time, checksum and
 * session there, so that a command is logged by copying one cache line.
 *
 * Ring position is the session sequence number: the first command of a session's life has seq 1.
 */
#ifndef HOLDFAST_COMMAND_H
#define HOLDFAST_COMMAND_H

#include <holdfast/units.h>

enum hf_command_type {
    HF_COMMAND_NEW = 1,     /**< enter an order */
    HF_COMMAND_CANCEL = 2,  /**< cancel the open rest of an order */
    HF_COMMAND_REPLACE = 3, /**< change price and total quantity (executed + open) of an order */
    HF_COMMAND_REDUCE = 4,  /**< take `quantity` off the open quantity; priority is kept */
};

/** Bits of hf_command.flags */
enum hf_command_flag {
    HF_POST_ONLY = 1, /**< NEW: reject rather than take liquidity (LIMIT with GTC only) */
};

#if defined(__clang__) && defined(__cplusplus)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnested-anon-types" /* C11 has them, and so has every compiler */
#endif

struct hf_command {
    uint64_t seq;          /**< written by the library; what the caller puts here is ignored */
    uint64_t reserved[2];  /**< zero */
    uint8_t type;          /**< enum hf_command_type */
    uint8_t slots;         /**< slots this command takes; 1 for all types above */
    uint8_t side;          /**< NEW: enum hf_side; else 0 */
    uint8_t order_type;    /**< NEW: enum hf_order_type; else 0 */
    uint8_t time_in_force; /**< NEW: enum hf_time_in_force; else 0 */
    uint8_t flags;         /**< NEW: enum hf_command_flag bits; else 0 */
    uint8_t reserved2[2];  /**< zero */
    union {
        __extension__ struct {
            uint32_t instrument; /**< NEW: instrument number; CANCEL, REDUCE: 0 */
            uint32_t account;    /**< NEW: whose order; CANCEL, REDUCE: 0 */
        };
        uint64_t target_client_order_id; /**< REPLACE: the live order to change */
    };
    uint64_t client_order_id; /**< NEW: a new id; REPLACE: the order's id from now on, may equal the
                                   target; CANCEL, REDUCE: the live order's id. Never 0. */
    int64_t price;            /**< NEW LIMIT, REPLACE: limit price; else 0 */
    uint64_t quantity;        /**< NEW: total; REPLACE: new total (executed + open);
                                   REDUCE: how much less; CANCEL: 0 */
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
HF_STATIC_ASSERT(offsetof(struct hf_command, reserved2) == 30, "reserved2 moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, instrument) == 32, "instrument moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, account) == 36, "account moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, target_client_order_id) == 32, "target moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, client_order_id) == 40, "client_order_id moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, price) == 48, "price moved");
HF_STATIC_ASSERT(offsetof(struct hf_command, quantity) == 56, "quantity moved");

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Check the form of a command: type, enumerations, combinations, reserved bytes. What depends on the
 * books (instrument, tick, ids in use) is the engine's to judge.
 *
 * @param command  borrowed for the call; `seq` is not looked at
 * @return HF_REASON_NONE, or the HF_REASON_MALFORMED_* with which the engine would reject it
 * Thread: any, no state
 */
uint32_t hf_command_check(const struct hf_command *command);

#ifdef __cplusplus
}
#endif

#endif
