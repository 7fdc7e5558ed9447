/*
 * request.h - what the control thread asks of the engine thread, one at a time.
 *
 *   control: fill ──► post (release) ──► sleep on `done`          engine: between two rounds: execute,
 *                                                                  store `done` (release), wake
 *
 * Everything that changes the state machine is logged by the engine like any command; the rest
 * (finding, depth, rows) only reads it.
 */
#ifndef HF_DAEMON_REQUEST_H
#define HF_DAEMON_REQUEST_H

#include "core/core.h"
#include "daemon/link.h"
#include "shm/control.h"

enum hf_request_type {
    HF_REQUEST_FIND = 1,   /**< name, uid → slot (0: none), session, user_sessions, claims */
    HF_REQUEST_OPEN,       /**< name, uid, flags → slot; logs OPEN */
    HF_REQUEST_CONNECT,    /**< slot, client_uid, of_daemon; logs CONNECT */
    HF_REQUEST_DISCONNECT, /**< slot; logs DISCONNECT */
    HF_REQUEST_CLOSE,      /**< slot; logs CLOSE */
    HF_REQUEST_FREEZE, /**< link: read what its command ring holds now, then no more → drained, and
                                first_report when it is; else link->drained tells the end (drain.h) */
    HF_REQUEST_DETACH,   /**< link: never touch its command object again */
    HF_REQUEST_ATTACH,   /**< link: its objects are mapped; take positions and begin to read */
    HF_REQUEST_LOST,     /**< slot, first_report, last_report: not to be had any more; logs LOST */
    HF_REQUEST_DEPTH,    /**< instrument, first (levels) → depth in answer */
    HF_REQUEST_SESSIONS, /**< first → rows in answer */
    HF_REQUEST_ENTITLEMENTS, /**< first → entitlements in answer */
    HF_REQUEST_ACCOUNT,      /**< first (account) → account in answer */
    HF_REQUEST_LIMITS,       /**< first → limits in answer */
    HF_REQUEST_LEVELS,       /**< instrument, side, price, first (levels) → a page in answer */
};

struct hf_request {
    enum hf_request_type type;
    struct hf_link *link;
    uint32_t slot;
    uint32_t instrument;
    uint32_t first;
    uint32_t side;
    int64_t price;
    uint32_t uid;
    uint32_t flags;
    uint32_t client_uid; /**< CONNECT: who comes, */
    bool of_daemon;      /**< and whether he is the daemon's own user */
    char name[HF_NAME_BYTES];
    uint64_t next_report; /**< DETACH: report that the next client wants first; 0: first_report */
    /* results */
    int code;
    bool drained; /**< FREEZE: there was nothing to be read */
    uint64_t session_id;
    uint32_t connected;
    uint64_t last_seq;
    uint64_t last_report;
    uint32_t user_sessions;         /**< FIND: open sessions of the asking user, */
    enum hf_core_claim claim;       /**< what he may expect of the name, */
    enum hf_core_claim owner_claim; /**< and he who has it open, if any */
    uint64_t lsn;                   /**< FIND: of the last record applied */
    bool disk_low;                  /**< FIND: log space is low, */
    uint64_t low_wait_ns;  /**< and so long the session is not to be given back to a client (E7) */
    uint64_t first_report; /**< FREEZE: first report that the client has not released; DETACH: that
                                the next one is shown first out of the ring */
    struct hf_control_answer *answer; /**< DEPTH and all below: filled in place */
    uint32_t done;
};

#endif
