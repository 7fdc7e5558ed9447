/*
 * control.h - the messages of the control socket (Unix domain, SOCK_SEQPACKET), one request and one
 * answer at a time. The daemon knows the peer's user and process by SO_PEERCRED.
 *
 * HELLO and METRICS are for users in instance.watch too, all others for those in instance.allow alone.
 *
 *   HELLO       answer carries the status object (r/o)
 *   OPEN        answer carries status (r/o), report object (r/o), command object (r/w), in this order
 *   REATTACH    after a restart of the daemon: the same session, the same objects; no descriptors
 *   CLOSE       ends the session that this connection holds, answered when what it submitted is processed
 *   DEPTH       levels of one book
 *   SESSIONS    rows of the session table, from request.first on
 *   ENTITLEMENTS  rows of the table of entitlements, from request.first on
 *   ACCOUNT     settings of the account request.first
 *   LIMITS      rows of the limits of session names, from request.first on
 *   MARKET      answer carries the status object (r/o) and the market-data ring (r/o)
 *   LEVELS      a page of the levels of one side of a book, best first, from behind a price on
 *   METRICS     answer carries the status object (r/o) and the metrics (r/o, holdfast/metrics.h)
 *   REPORTS     reports of the session that this connection holds, first_report to last_report, made
 *               again from the log: an object (r/o) of report slots. It may hold fewer, and it begins
 *               one slot earlier where first_report is a second slot. The answer takes its time; the
 *               client sends nothing else before it has come. The memory stays the daemon's, which
 *               empties it when this connection asks again or ends, or when others need the room: copy
 *               it out at once with pread(2), and ask again if it is short
 *
 * Each page of LEVELS holds as of its own market number: the engine answers a page at a time between two
 * rounds, so that no book is too big to be read. Who wants the whole book of one moment reads the pages
 * from the best level on, and applies to the prices that a page covers (from the one that was asked for
 * down to its last level, or to the end when it has fewer levels than were wanted) the market events
 * behind its number. An event about a price that is not covered yet is in the page that will cover it.
 *
 * OPEN and REATTACH of a session whose last client's commands are still being processed wait for that, up to
 * 3 s; then the answer is HF_AGAIN.
 *
 * A connection that ends while it holds a session is a disconnect of that session. Who leaves an answer
 * unread gets no other, and loses the connection after HF_CONTROL_UNREAD_NS.
 */
#ifndef HF_SHM_CONTROL_H
#define HF_SHM_CONTROL_H

#include <holdfast/client.h>
#include <holdfast/engine.h>

#include <stdbool.h>

#define HF_CONTROL_MAGIC 0x314c5443u /* "CTL1" */
#define HF_CONTROL_TEXT_BYTES 200
#define HF_CONTROL_UNREAD_NS UINT64_C(30000000000)
#define HF_SESSION_ROWS_MAX 32
#define HF_ENTITLEMENT_ROWS_MAX 64
#define HF_LIMITS_ROWS_MAX 64

enum hf_control_type {
    HF_CONTROL_HELLO = 1,
    HF_CONTROL_OPEN = 2,
    HF_CONTROL_REATTACH = 3,
    HF_CONTROL_CLOSE = 4,
    HF_CONTROL_DEPTH = 5,
    HF_CONTROL_SESSIONS = 6,
    HF_CONTROL_ENTITLEMENTS = 7,
    HF_CONTROL_ACCOUNT = 8,
    HF_CONTROL_MARKET = 9,
    HF_CONTROL_LEVELS = 10,
    HF_CONTROL_REPORTS = 11,
    HF_CONTROL_LIMITS = 12,
    HF_CONTROL_METRICS = 13,
};

struct hf_control_request {
    uint32_t magic;
    uint32_t version;       /**< HF_PROTOCOL_VERSION */
    uint32_t type;          /**< enum hf_control_type */
    uint32_t flags;         /**< OPEN: enum hf_open_flag */
    uint32_t command_slots; /**< OPEN: of a new session's rings; 0: the daemon's choice */
    uint32_t report_slots;  /**< OPEN: the same */
    uint32_t instrument;    /**< DEPTH, LEVELS */
    uint32_t first;         /**< DEPTH: levels wanted; SESSIONS: first slot; ENTITLEMENTS,
                                      LIMITS: first entry; ACCOUNT: which; LEVELS: levels wanted */
    int64_t price;          /**< LEVELS: only levels that are worse than this */
    uint32_t side;          /**< LEVELS: enum hf_side */
    uint32_t reserved;
    uint64_t session_id;         /**< REATTACH */
    uint64_t generation;         /**< REATTACH: of the command object that the client has mapped */
    char session[HF_NAME_BYTES]; /**< OPEN, REATTACH */
    uint64_t first_report;       /**< REPORTS; OPEN: the one wanted first, 0: not yet released */
    uint64_t last_report;        /**< REPORTS */
};

struct hf_control_answer {
    uint32_t magic;
    uint32_t version;
    uint32_t type;                    /**< of the request */
    int32_t code;                     /**< enum hf_error */
    char text[HF_CONTROL_TEXT_BYTES]; /**< for code != 0: what, and what to do */
    uint64_t status_bytes;            /**< sizes of the objects passed */
    uint64_t report_bytes;
    uint64_t command_bytes;
    uint64_t market_bytes; /**< METRICS: of the metrics */
    uint64_t session_id;
    uint32_t session;
    uint32_t resumed;
    uint64_t first_report;  /**< REPORTS: of the slots in the object */
    uint64_t last_report;   /**< the same; OPEN: number of the last one that was produced */
    uint64_t lsn;           /**< DEPTH, LEVELS: state as of this LSN, */
    uint64_t market_number; /**< LEVELS: and this market event */
    int64_t last_price;     /**< LEVELS: of the last trade, or the reference; */
    uint32_t has_last;      /**< 0: there is none */
    uint32_t phase;         /**< LEVELS: enum hf_phase; 0: the instrument was removed */
    uint32_t level_count;   /**< LEVELS */
    uint32_t bid_count;     /**< DEPTH */
    uint32_t ask_count;
    uint32_t row_count; /**< SESSIONS, ENTITLEMENTS, LIMITS */
    uint32_t next_slot; /**< the same: where to go on; 0: that was all */
    union {
        struct {
            struct hf_depth_level bids[HF_DEPTH_LEVELS_MAX];
            struct hf_depth_level asks[HF_DEPTH_LEVELS_MAX];
        };
        struct hf_depth_level levels[HF_DEPTH_LEVELS_MAX];
        struct hf_session_row rows[HF_SESSION_ROWS_MAX];
        struct hf_entitlement_row entitlements[HF_ENTITLEMENT_ROWS_MAX];
        struct hf_limits_row limits[HF_LIMITS_ROWS_MAX];
        struct hf_account_row account;
    };
};

/** Send one message with up to 3 descriptors. @return 0, HF_AGAIN (non-blocking, the peer does not
 *  read), HF_E_NO_DAEMON (peer gone), HF_E_SYSTEM */
int hf_control_send(int socket_fd, const void *message, size_t len_bytes, const int *fds,
                    unsigned fd_count);

/** Whether the peer has not yet received all that was sent to it. */
bool hf_control_unread(int socket_fd);

/** Receive one message of exactly len_bytes and up to 3 descriptors (the rest are closed).
 *  @param fds  receives descriptors, close-on-exec, the caller's; @param fd_count in: wanted, out: got
 *  @return 0, HF_AGAIN (non-blocking, nothing there), HF_E_NO_DAEMON (end of file), HF_E_PROTOCOL
 *          (wrong length), HF_E_SYSTEM */
int hf_control_receive(int socket_fd, void *message, size_t len_bytes, int *fds,
                       unsigned *fd_count);

#endif
