/*
 * status.h - the status page: one shared object per instance, written by the daemon alone, read by
 * clients and tools. It outlives the daemon; the next daemon of the instance goes on writing it.
 *
 *   0     128     256         384       512       640      768        896     4096
 *   | who | state | sequenced | written | durable | parked | snapshot | spare | instruments...
 *
 * Readers copy it with hf_status(); they never act on a field twice without reading it once. `parked`
 * has a block of its own: every submit reads it, and must not wait for the line that the engine
 * writes all the time.
 */
#ifndef HOLDFAST_STATUS_H
#define HOLDFAST_STATUS_H

#include <holdfast/units.h>

#define HF_STATUS_MAGIC 0x3154415453464c48u /* "HLFSTAT1" */
#define HF_STATUS_PAGE_BYTES 4096u
#define HF_HALT_TEXT_BYTES 96u

enum hf_state {
    HF_STATE_NONE = 0,
    HF_STATE_RECOVERING = 1, /**< replaying; rings may be written, nothing is read yet */
    HF_STATE_RUNNING = 2,
    HF_STATE_HALTED = 3,    /**< fail-stop: nothing is accepted; halt_text says why */
    HF_STATE_STOPPED = 4,   /**< clean stop: all is durable */
    HF_STATE_ABANDONED = 5, /**< this memory no longer belongs to the instance */
};

/** When the log is flushed (wal.mode). */
enum hf_mode {
    HF_MODE_GROUP = 0,  /**< group by group; reports do not wait for it */
    HF_MODE_SYNC = 1,   /**< as group, and nothing is shown to anybody that is not durable */
    HF_MODE_MEMORY = 2, /**< never: nothing becomes durable */
};

struct hf_status {
    /* written once per start of the daemon */
    uint64_t magic;   /**< stored last */
    uint32_t version; /**< HF_PROTOCOL_VERSION */
    uint32_t instruments_max;
    uint64_t bytes;       /**< of the whole object */
    uint64_t instance_id; /**< random, made with the first log segment */
    uint64_t directory_device;
    uint64_t directory_inode;
    uint64_t boot; /**< hash of the kernel's boot id */
    uint64_t epoch;
    uint64_t history;
    uint64_t pid;
    uint64_t pid_start; /**< start time of the process, from /proc; pid alone proves nothing */
    uint32_t mode;      /**< enum hf_mode */
    uint32_t
        queue_spent; /**< 1: the daemon is making its WAL queue anew, all of the last is logged */
    char instance[HF_NAME_BYTES];
    uint64_t objects_lsn; /**< sessions opened or resumed behind this LSN have their objects */
    /* 128: rarely, and by more than one thread. state, halt_code, halt_text: at start and stop, and by
     * whichever thread halts; disk_low: the preparer; sessions_open: the control thread */
    uint32_t state;    /**< enum hf_state; stored last of the three */
    int32_t halt_code; /**< enum hf_error */
    char halt_text[HF_HALT_TEXT_BYTES];
    uint32_t disk_low; /**< 1: new orders are refused, cancels are not */
    uint32_t sessions_open;
    char io[8]; /**< way to the medium, since the start: "mmap", "pmem", "direct" */
    uint8_t pad1[8];
    /* 256: engine thread */
    uint64_t sequenced_lsn; /**< in the WAL queue */
    uint64_t heartbeat_ns;  /**< CLOCK_MONOTONIC of the engine's last round */
    uint32_t
        table_version; /**< of the table below; odd while it changes: read it again then, and when
                                 this is another after reading than before */
    uint32_t instruments; /**< entries of the table below that are valid */
    uint64_t commands;    /**< taken since start */
    uint64_t reports;     /**< published since start */
    uint64_t trades;      /**< since start */
    uint64_t rejects;     /**< since start */
    uint64_t batches;     /**< rounds in which at least one command was taken */
    /* Over batches: from the first look at the rings to all records in the WAL queue and all reports
     * published. Over commands too, because each is taken in a batch: path_ns_sum / commands is one's. */
    uint64_t path_ns_sum;
    uint64_t path_ns_max; /**< of a batch */
    uint64_t open_orders;
    uint64_t wal_waits; /**< times that the engine found the WAL queue full, and had to wait */
    uint8_t pad2[32];
    /* 384: WAL writer thread */
    uint64_t written_lsn;
    uint64_t written_position; /**< bytes since the start of the log, headers included */
    uint64_t groups;
    uint8_t pad3[104];
    /* 512: sync thread */
    uint64_t durable_lsn;
    uint64_t flushes;
    uint64_t flush_ns_sum;
    uint64_t flush_ns_max;
    uint8_t pad4[96];
    /* 640: engine thread, when it goes to sleep and when it wakes */
    uint32_t parked; /**< 1: the engine sleeps; ring the doorbell */
    uint8_t pad5[124];
    /* 768: checkpointer */
    uint64_t snapshot_lsn; /**< of the newest snapshot that it knows; 0: none */
    uint64_t snapshots;    /**< written since start */
    uint64_t snapshot_failures;
    uint8_t pad6[104];
};

/** Reference data of one instrument, at 4096 + (id - 1) * 128 in the status object. */
struct hf_instrument_info {
    uint32_t id;
    uint32_t flags; /**< enum hf_instrument_flag bits */
    char symbol[HF_SYMBOL_BYTES];
    int64_t tick;
    uint64_t lot;
    int64_t price_min;
    int64_t price_max;
    uint64_t quantity_max;
    int64_t collar;        /**< 0: none */
    uint64_t notional_max; /**< 0: none */
    uint32_t phase;        /**< enum hf_phase; 0: removed */
    uint32_t reserved;
    uint8_t pad[40];
};

/* Settings of admin commands, as they are read back. */

/** One entitlement: what a session of this name may do. */
struct hf_entitlement_row {
    char name[HF_NAME_BYTES];
    uint32_t kind; /**< enum hf_entitlement */
    uint32_t id;   /**< of the account, instrument...; 0 where the kind has none */
};

/** Limits of sessions of one name, whether or not one is open. */
struct hf_limits_row {
    char name[HF_NAME_BYTES];
    uint32_t orders_max; /**< open orders; 0: the instance's limit */
    uint32_t rate_max;   /**< messages per second; 0: no limit */
    uint32_t killed;     /**< 1: the kill switch is on */
    uint32_t reserved;   /**< zero */
};

/** Settings of one account. */
struct hf_account_row {
    uint32_t account;
    uint32_t group;        /**< self-trade prevention; 0: none, the account alone */
    uint32_t self_trade;   /**< enum hf_self_trade */
    uint32_t killed;       /**< 1: its kill switch is on */
    uint64_t notional_max; /**< greatest open notional; 0: no limit */
};

HF_STATIC_ASSERT(offsetof(struct hf_status, state) == 128, "control line moved");
HF_STATIC_ASSERT(offsetof(struct hf_status, sequenced_lsn) == 256, "engine line moved");
HF_STATIC_ASSERT(offsetof(struct hf_status, heartbeat_ns) == 264, "heartbeat moved");
HF_STATIC_ASSERT(offsetof(struct hf_status, written_lsn) == 384, "writer line moved");
HF_STATIC_ASSERT(offsetof(struct hf_status, durable_lsn) == 512, "sync line moved");
HF_STATIC_ASSERT(offsetof(struct hf_status, parked) == 640, "parked line moved");
HF_STATIC_ASSERT(offsetof(struct hf_status, snapshot_lsn) == 768, "checkpointer line moved");
HF_STATIC_ASSERT(sizeof(struct hf_status) == 896, "status grew");
HF_STATIC_ASSERT(sizeof(struct hf_instrument_info) == 128, "instrument entry is two lines");

#endif
