/*
 * record.h - a sequenced command: the 64-byte unit of the WAL queue, of the log, and of replay.
 *
 *   offset 0     8         16      20        24        32          64
 *          | lsn | time_ns | crc   | session | type... | by type   |
 *
 * For commands of clients, bytes 24 to 63 are those of the command (command.h). The other types are
 * made by the daemon. A message of two slots is two records with consecutive LSNs, the second of type
 * HF_RECORD_MORE.
 */
#ifndef HOLDFAST_RECORD_H
#define HOLDFAST_RECORD_H

#include <holdfast/command.h>

/** Types below 64 are commands of clients (enum hf_command_type). */
enum hf_record_type {
    HF_RECORD_GENESIS = 64,    /**< LSN 1: rules version and capacities (two slots) */
    HF_RECORD_EPOCH = 65,      /**< the daemon has started */
    HF_RECORD_OPEN = 67,       /**< a session is opened; its id is this LSN */
    HF_RECORD_CONNECT = 68,    /**< a client has attached to a session; its user is in `open` */
    HF_RECORD_DISCONNECT = 69, /**< the client is gone, or did not come back after a restart of the
                                    daemon in time; cancel-on-disconnect acts here */
    HF_RECORD_CLOSE = 70,      /**< the session ends; its slot may be used by another */
    HF_RECORD_REFUSED = 71,    /**< a client's command that the engine refused before matching */
    HF_RECORD_DIGEST = 72,     /**< running digest of all outputs so far */
    HF_RECORD_STOP = 73,       /**< a clean stop: everything before it is durable */
    HF_RECORD_TICK = 74,       /**< time has passed: GTD orders expire */
    HF_RECORD_LOST = 75,   /**< reports of a session will never be shown: it gets its open orders */
    HF_RECORD_MORE = 127,  /**< second slot of the record before */
    HF_RECORD_GROUP = 128, /**< closes a flush group; of the log alone, has no LSN of its own */
};

/** Bits of hf_record.open.flags */
enum hf_session_flag {
    HF_SESSION_CANCEL_ON_DISCONNECT = 1, /**< open orders are cancelled when the client is gone */
    HF_SESSION_DURABLE = 2,   /**< the client is shown a report only when its LSN is durable */
    HF_SESSION_OF_DAEMON = 4, /**< the client's user is the daemon's own; in CONNECT too */
};

/** Bits of hf_record.flags of an EPOCH record */
enum hf_epoch_flag {
    HF_EPOCH_HALTS = 1, /**< instruments that are open or pre-open become halted: a tail was lost */
};

#if defined(__clang__) && defined(__cplusplus)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnested-anon-types" /* as in command.h */
#endif

struct hf_record {
    uint64_t lsn;
    uint64_t time_ns;
    uint32_t crc;     /**< filled by the WAL writer; 0 in the queue */
    uint32_t session; /**< session slot; 0 is the daemon itself */
    uint8_t type;     /**< enum hf_command_type or enum hf_record_type */
    uint8_t slots;
    uint8_t side;
    uint8_t order_type;
    uint8_t time_in_force;
    uint8_t flags;
    uint8_t sets;
    uint8_t reserved;
    union {
        __extension__ struct { /* commands of clients */
            union {
                __extension__ struct {
                    uint32_t instrument;
                    uint32_t account;
                };
                uint64_t target_client_order_id;
            };
            uint64_t client_order_id;
            int64_t price;
            uint64_t quantity;
        };
        __extension__ struct { /* second slot of NEW */
            uint64_t display;
            int64_t stop_price;
            uint64_t minimum;
            uint64_t expire_ns;
        } new_more;
        __extension__ struct { /* SESSION_LIMITS, ENTITLE */
            char name[HF_NAME_BYTES];
            uint32_t value;
            uint32_t rate;
        } by_name;
        __extension__ struct { /* BUST */
            uint64_t lsn;
            uint64_t index;
            int64_t price;
            uint64_t quantity;
        } trade;
        __extension__ struct { /* second slot of BUST */
            uint64_t session_id[2];
            uint64_t client_order_id[2];
        } trade_more;
        __extension__ struct {
            uint32_t rules_version;
            uint32_t sessions_max;
            uint32_t instruments_max;
            uint32_t orders_max;
            uint32_t levels_max;
            uint32_t session_orders_max;
            uint64_t hash_seed; /**< keys the id tables, so that no client can craft collisions */
        } genesis;              /**< its second slot: genesis_more */
        struct {
            uint32_t extras_max;
            uint32_t accounts_max;
            uint32_t entitlements_max;
            uint32_t events_max;
            uint64_t reserved[2];
        } genesis_more;
        __extension__ struct {
            uint64_t epoch;   /**< 1, 2, 3... starts of the instance */
            uint64_t history; /**< 1 and one more after every loss of a tail */
            uint64_t boot;    /**< hash of the kernel's boot id */
            uint32_t rules_version;
            uint32_t grace_ms; /**< clients of before this start have so long to come back */
        } epoch;
        __extension__ struct {
            uint32_t id; /**< INSTRUMENT_CHANGE: which; INSTRUMENT_ADD: 0, it gets the next one */
            uint32_t flags; /**< enum hf_instrument_flag bits */
            char symbol[HF_SYMBOL_BYTES];
            int64_t tick;
        } instrument_add; /**< its second slot: instrument_more */
        __extension__ struct {
            uint64_t lot;
            int64_t price_min;
            int64_t price_max;
            uint64_t quantity_max;
        } instrument_more;
        __extension__ struct {
            uint32_t uid;
            uint32_t flags; /**< enum hf_session_flag bits */
            char name[HF_NAME_BYTES];
        } open;
        __extension__ struct {
            uint32_t reason;       /**< enum hf_reason */
            uint32_t command_type; /**< type byte as the client wrote it */
            uint64_t client_order_id;
            uint32_t command_slots; /**< slots of the command ring that it took: 1 or 2 */
            uint32_t reserved;
        } refused;
        __extension__ struct {
            uint64_t digest;
        } digest;
        __extension__ struct {
            uint64_t first; /**< numbers of the reports */
            uint64_t last;
        } lost;
        __extension__ struct {
            uint64_t floor_lsn; /**< durable_lsn as known when this group was written */
            uint64_t epoch;
            uint32_t count;    /**< records in the group */
            uint32_t self_crc; /**< CRC32C of this record without crc and self_crc, not chained:
                                    authentic even beyond a break */
            uint64_t reserved;
        } group;
        uint8_t payload[32];
    };
};

#if defined(__clang__) && defined(__cplusplus)
#pragma clang diagnostic pop
#endif

HF_STATIC_ASSERT(sizeof(struct hf_record) == 64, "record is one slot");
HF_STATIC_ASSERT(offsetof(struct hf_record, lsn) == 0, "lsn moved");
HF_STATIC_ASSERT(offsetof(struct hf_record, time_ns) == 8, "time_ns moved");
HF_STATIC_ASSERT(offsetof(struct hf_record, crc) == 16, "crc moved");
HF_STATIC_ASSERT(offsetof(struct hf_record, session) == 20, "session moved");
HF_STATIC_ASSERT(offsetof(struct hf_record, type) == offsetof(struct hf_command, type), "type");
HF_STATIC_ASSERT(offsetof(struct hf_record, payload) == 32, "payload moved");
HF_STATIC_ASSERT(offsetof(struct hf_record, instrument) == offsetof(struct hf_command, instrument),
                 "a command is logged by copying its bytes 24 to 63");
HF_STATIC_ASSERT(offsetof(struct hf_record, quantity) == offsetof(struct hf_command, quantity),
                 "a command is logged by copying its bytes 24 to 63");

#endif
