/*
 * client.h - the client library: open or resume a session, submit commands, read reports.
 *
 *     hf_open ──► hf_submit ──► (command ring) ──► engine ──► (report ring) ──► hf_peek, hf_release
 *                     └──────────── hf_wait(seq, HF_LEVEL_DURABLE) ─────────────┘
 *
 * The loop of a client that reacts (client/examples/market_maker.c is a whole one):
 *
 *     for (;;) {
 *         int code = hf_wait_report(client, 100000000);
 *         if (code == HF_LOST) {
 *             ...                            hf_facts() has the range; the open orders follow as reports
 *         } else if (code == HF_E_HISTORY) {
 *             hf_accept_history(client, &facts);   submit again what went behind facts.last_submitted
 *         } else if (code != HF_OK && !hf_error_is_retriable(code)) {
 *             break;                         HF_E_SESSION: hf_open() again; HF_E_HALTED: ask the operator
 *         }
 *         for (const struct hf_report *report; (report = hf_peek(client)) != NULL; hf_next(client)) {
 *             act(report, hf_more(client, report));
 *         }
 *         hf_release(client);                now they will not come again
 *     }
 *
 * Thread-safety: a handle belongs to one thread at a time; calls on different handles are
 * independent. There is no global state and no hidden thread. hf_submit, hf_submit_many, hf_peek,
 * hf_more and hf_release make no system call unless the other side sleeps.
 *
 * A restart of the daemon is no disconnect: hf_submit goes on into the ring until that is full, and
 * hf_maintain (called by every wait) renews the control connection. A disconnect is
 *   - the end of the control connection while the daemon runs: the process has ended or died, or called
 *     hf_detach(). It counts at once, forked children or not; what was submitted before is processed first
 *   - a client that did not come back within session.reconnect_grace_ms after a restart of the daemon
 *   - a reboot of the host: of every client that was connected
 *
 * A handle belongs to the process that opened it, and does not come along over fork(): the session lives
 * and ends with the parent, whatever copies of its socket its children have. A child calls nothing on such
 * a handle but hf_detach(), which frees the child's copy alone, and opens a session of its own. A program
 * that makes itself a daemon opens its session behind its last fork().
 *
 * A client that does not read falls behind: first its ring is full, and it is not read from; later the
 * daemon has overwritten what the ring had no room for. Nothing is lost by that: the missing reports are
 * made again from the log, hf_maintain (or hf_wait_report) fetches them, and hf_peek shows them in their
 * turn before those in the ring. Meanwhile hf_peek returns NULL and hf_maintain HF_GAP.
 *
 * Only who falls further behind than session.lag_max reports, or stays away until the log of what it has
 * missed was removed (log.keep_mib, log.keep_hours), loses some: hf_wait_report or hf_maintain returns
 * HF_LOST once (hf_facts has the range), and among the reports that follow are one HF_REPORT_ORDER for
 * each order of the session that was open then, with what it has executed, and HF_REPORT_DONE with
 * command_type 75 (HF_RECORD_LOST of record.h). From there on all is as ever. These are the oldest
 * HF_OPEN_ORDERS_MAX orders; where there are more, DONE has an order id with which OPEN_ORDERS asks on.
 */
#ifndef HOLDFAST_CLIENT_H
#define HOLDFAST_CLIENT_H

#include <holdfast/command.h>
#include <holdfast/error.h>
#include <holdfast/report.h>
#include <holdfast/status.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The release that these headers are of; hf_version() tells that of the library. */
#define HF_VERSION_MAJOR 0
#define HF_VERSION_MINOR 1
#define HF_VERSION_PATCH 0

/** "0.1.0" of the library that the program runs with. Lives as long as it. Thread: any */
const char *hf_version(void);

struct hf_client;

/** Bits of hf_client_options.flags */
enum hf_open_flag {
    HF_OPEN_CANCEL_ON_DISCONNECT = 1, /**< open orders are cancelled by a disconnect (see above) */
    HF_OPEN_DURABLE = 2,              /**< hf_peek shows a report only when its LSN is durable */
    HF_OPEN_NO_CREATE = 4, /**< resume only: HF_E_UNKNOWN when there is no such session */
};

struct hf_client_options {
    size_t size; /**< sizeof(struct hf_client_options): fields that came after this program are 0 */
    const char *instance; /**< name of the instance; its socket is HF_SOCKET_DIRECTORY/NAME.sock */
    const char *socket_path; /**< instead of that: then `instance` may be NULL; or NULL itself */
    const char *session;     /**< name of the session */
    uint32_t flags; /**< enum hf_open_flag; those of an existing session stay as they are */
    /** Length of the rings: powers of two from 64 to session.slots_max. 0: 4096 and 16384, or the
     *  longest that session.slots_max allows where that is less. They count where rings are made: for a
     *  new session, and for the first open after a reboot; else those of the session stay as they are. */
    uint32_t command_slots;
    uint32_t report_slots;
    uint32_t reserved;
    uint64_t timeout_ns; /**< for the control connection; 0: 5 s */
    /** Number of the report to be shown first; 0: the first one that was not released. Any number from 1
     *  to the next one that the session will get: those below are passed over for ever, and those that
     *  were released are shown again, out of the log where the ring no longer has them. */
    uint64_t next_report;
    /** How long to try again while the answer is HF_E_NO_DAEMON, HF_AGAIN, HF_E_BUSY or HF_TIMEOUT, for one
     *  that is being restarted, or has not yet noticed that the last client died; 0: once. No signal ends it:
     *  who is to be stopped meanwhile opens with little patience, and looks between (hf_error_is_retriable()). */
    uint64_t patience_ns;
};

#define HF_SOCKET_DIRECTORY "/run/holdfast"

HF_STATIC_ASSERT(offsetof(struct hf_client_options, patience_ns) == 64,
                 "fields are added at the end: programs of before end here");

/** What both sides know of a session; all values are positions (0: none yet). */
struct hf_session_facts {
    uint64_t session_id; /**< LSN that opened it; never used again for another */
    uint32_t session;    /**< slot number; a closed session's slot is used again */
    uint32_t resumed;    /**< 1: the session was there before this hf_open */
    uint64_t history;    /**< history id now; 1 and one more for every lost tail */
    uint64_t epoch;
    uint64_t last_submitted;  /**< seq of the last slot in the ring: of a command of two slots, the
                                   second's, though reports answer the first's (hf_is_last_command) */
    uint64_t last_logged;     /**< seq of the last command that has its LSN */
    uint64_t last_logged_lsn; /**< at least the LSN of that command */
    uint64_t last_report;     /**< number of the last report that the engine published */
    uint64_t last_released; /**< number of the last report that was released; behind next_report - 1
                                   nothing counts as released */
    uint64_t lost_first;    /**< reports that the last HF_LOST was about; 0: there was none */
    uint64_t lost_last;
};

/**
 * Open a session, or resume it where the last client of that name left off.
 *
 * On resume, reports that were not released come again, and commands submitted before are processed;
 * facts.last_submitted tells which were. A name is held by one live client at a time.
 *
 * @param client   receives the handle; free with hf_detach() or hf_close()
 * @param options  borrowed for the call
 * @return 0, HF_E_ARGUMENT, HF_E_NO_DAEMON, HF_E_VERSION, HF_E_DENIED (user not in the allow-list, the
 *         name is not his (command.h: HF_ENTITLE_USER; session.names), or
 *         the session is another user's), HF_E_BUSY (held by a live client), HF_E_FULL (no session
 *         slot), HF_E_UNKNOWN (HF_OPEN_NO_CREATE), HF_E_HALTED, HF_TIMEOUT, HF_E_MEMORY, HF_E_SYSTEM,
 *         HF_AGAIN (not now: the daemon recovers; or it still processes what the session's last client
 *         submitted, which may take long where that was dear; or log space is low and the session has
 *         come back with full rings too often; the words say how long), HF_E_NO_SPACE (log space is low: no new
 *         session is opened for ordinary users),
 *         HF_E_PROTOCOL (the answer or its objects make no sense). hf_open_error() has the words. A
 *         session that shows durable reports only is HF_E_ARGUMENT on an instance in memory mode, and so
 *         is a next_report beyond the next one
 */
int hf_open(struct hf_client **client, const struct hf_client_options *options);

/** The daemon's or the library's words about the last hf_open() or hf_observe() of this thread that
 *  failed, or about why a restarted daemon did not take the session back. */
const char *hf_open_error(void);

/** Leave the session open and free the handle: a disconnect (but not in a forked child). The next hf_open() of the name resumes it.
 *  NULL: ok */
void hf_detach(struct hf_client *client);

/**
 * End the session: what was submitted is processed, then its open orders are cancelled and its name is
 * free for a new session. Reports of the cancels can no longer be read. Frees the handle when it returns 0.
 *
 * @return 0, HF_E_NO_DAEMON, HF_TIMEOUT (nothing was freed; try again or hf_detach: the close goes on)
 */
int hf_close(struct hf_client *client);

/**
 * Submit one command. Once this returned 0, the daemon processes the command exactly once, although
 * it is killed and restarted. Never blocks. (An engine that sleeps is woken; while more than 127 clients are
 * connected it looks by itself instead, and may take up to 10 ms to.)
 *
 * @param command  `command->slots` consecutive slots, borrowed for the call; `seq` is ignored
 * @param seq      receives the command's sequence number; may be NULL. A command of two slots takes
 *                 two numbers
 * @return 0, HF_AGAIN (ring full: read reports, or wait), HF_E_HALTED, HF_E_SESSION, HF_E_HISTORY,
 *         HF_E_ARGUMENT (`slots` says 2, and the second is no HF_COMMAND_MORE)
 */
int hf_submit(struct hf_client *client, const struct hf_command *command, uint64_t *seq);

/**
 * Submit many commands, in order, as far as there is room.
 *
 * @param count      slots in the array; a command of two slots takes two entries
 * @param first_seq  receives the first one's sequence number; may be NULL
 * @return slots submitted (the first so many of the array, whole commands), HF_AGAIN when none,
 *         HF_E_ARGUMENT when the first is only half a command, or as hf_submit()
 */
int64_t hf_submit_many(struct hf_client *client, const struct hf_command *commands, size_t count,
                       uint64_t *first_seq);

/**
 * Look at the next report, in place.
 *
 * @return the report in shared memory, valid until hf_release() reaches it; NULL: none now, or it is
 *         being fetched. A report that was peeked but not released comes again after a crash of this
 *         client.
 */
const struct hf_report *hf_peek(struct hf_client *client);

/** The second slot of the report that hf_peek() returned; NULL when it has one slot, or is a copy. */
const struct hf_report_more *hf_more(const struct hf_client *client,
                                     const struct hf_report *report);

/** Of a report of another session (HF_ENTITLE_DROP_COPY), whose, which one, and what its second slot says;
 *  NULL when the report is this session's own. Copies come among the session's own reports, numbered and
 *  kept like these; only this tells them apart. */
const struct hf_report_copy *hf_copy(const struct hf_client *client,
                                     const struct hf_report *report);

/** Step over the report that hf_peek() returned; the next hf_peek() shows the one after. Its slots
 *  stay this client's until hf_release(). */
void hf_next(struct hf_client *client);

/**
 * Copy the next reports and step over them: hf_peek() and hf_next() as often as there is something and it
 * fits. For callers to whom a call is dear, and for those who want an array.
 *
 * @param slots     array of `capacity` slots; receives whole reports, so that the second slot of a report
 *                  stands behind its first. Of two slots whose second has the type HF_REPORT_COPY, the
 *                  report is a copy as hf_copy() means it
 * @param capacity  at least HF_MESSAGE_SLOTS_MAX, or a report of two slots never fits
 * @return slots copied; 0: none now. hf_release() gives the reports back
 */
size_t hf_read_many(struct hf_client *client, struct hf_report *slots, size_t capacity);

/** Give back all reports stepped over: they will not come again. */
void hf_release(struct hf_client *client);

/**
 * Wait until hf_peek() has something; reports that are missing are fetched meanwhile.
 *
 * @param timeout_ns  0: do not wait
 * @return 0, HF_TIMEOUT, HF_E_NO_DAEMON (it died and did not come back in the time given),
 *         HF_E_STUCK (it was stuck when the time ended), HF_E_HALTED, HF_E_SESSION, HF_E_HISTORY,
 *         HF_LOST (once: reports before the next one are lost); or why
 *         missing reports cannot be fetched (hf_open_error() has the words; it is tried again every
 *         second): HF_E_CORRUPT, HF_E_IO, HF_E_MEMORY, HF_E_SYSTEM, HF_E_VERSION
 */
int hf_wait_report(struct hf_client *client, uint64_t timeout_ns);

/**
 * Wait until the command `seq` has reached a level.
 *
 * @param seq         a sequence number that hf_submit() gave, of this or an earlier client
 * @param level       HF_LEVEL_SEQUENCED or HF_LEVEL_DURABLE; the latter asks the daemon to flush at
 *                    once
 * @param timeout_ns  0: do not wait
 * @return 0; HF_E_ARGUMENT: seq was never submitted, or the instance runs in memory mode, where
 *         nothing becomes durable; else as hf_wait_report(). What was reached before the daemon halted
 *         or died is 0.
 */
int hf_wait(struct hf_client *client, uint64_t seq, enum hf_level level, uint64_t timeout_ns);

/** As hf_wait() to HF_LEVEL_DURABLE, for an LSN (of a report or a market event, say) in place of a seq. One
 *  that there is not yet (above hf_status.sequenced_lsn) is HF_E_ARGUMENT at once. */
int hf_wait_durable_lsn(struct hf_client *client, uint64_t lsn, uint64_t timeout_ns);

/** durable_lsn now: one load. */
uint64_t hf_durable_lsn(const struct hf_client *client);

/**
 * Housekeeping without waiting: notices a restarted, halted or dead daemon and renews the control
 * connection; fetches reports that are missing. Waits do it; a client that only spins on hf_peek() calls
 * it now and then (every few milliseconds), or it is taken for gone when the grace time after a restart
 * is over. Where more is missing than one fetch gives (session.lag_max
 * reports), the next one begins when the reports of the last are released.
 *
 * @return 0, HF_GAP (reports are missing, and on their way), HF_LOST (once), HF_E_NO_DAEMON, HF_E_STUCK, HF_E_HALTED,
 *         HF_E_SESSION, HF_E_HISTORY, or why a fetch failed, as hf_wait_report()
 */
int hf_maintain(struct hf_client *client);

/** Read the facts of the session now. */
void hf_facts(const struct hf_client *client, struct hf_session_facts *facts);

/**
 * Whether no command follows the one that `seq` names, so that who has the answer to it has the answers to all.
 * The last command's seq is facts.last_submitted, or one less where it takes two slots.
 *
 * @param seq  the greatest command_seq of the session's own reports, all of which were read up to here; 0: none
 *             answered a command yet
 * Thread: as the handle; no system call
 */
bool hf_is_last_command(const struct hf_client *client, uint64_t seq);

/** Accept the new history after HF_E_HISTORY: reads the facts under it and goes on from there. The
 *  application submits again what it submitted behind facts.last_submitted. (A daemon that has given up
 *  the shared memory ends the session for this handle: HF_E_SESSION; hf_open() again gives the facts.) */
void hf_accept_history(struct hf_client *client, struct hf_session_facts *facts);

/** Look up an instrument by symbol. @return 0 or HF_E_UNKNOWN (none, or it was removed) */
int hf_instrument(const struct hf_client *client, const char *symbol,
                  struct hf_instrument_info *info);

/** Copy the status page. Thread: any */
void hf_status(const struct hf_client *client, struct hf_status *status);

/* Without a session: for tools. */

struct hf_observer;

/** Connect to an instance to look at it. @return as hf_open() */
int hf_observe(struct hf_observer **observer, const char *instance, const char *socket_path);

/** The same, tried again for so long as hf_client_options.patience_ns says. */
int hf_observe_patiently(struct hf_observer **observer, const char *instance,
                         const char *socket_path, uint64_t patience_ns);
void hf_observer_close(struct hf_observer *observer); /**< NULL: ok */
void hf_observer_status(const struct hf_observer *observer, struct hf_status *status);
int hf_observer_instrument(const struct hf_observer *observer, const char *symbol,
                           struct hf_instrument_info *info);

struct hf_metrics;

/**
 * What the daemon measures of itself (metrics.h): mapped at the first call, and again after a restart of the
 * daemon. Also of a daemon that has ended since: its last figures.
 *
 * @param metrics  receives a mapping to read, valid until the next call with this observer; NULL on failure
 * @return 0, HF_E_NO_DAEMON, HF_TIMEOUT, HF_E_DENIED, HF_E_VERSION, HF_E_PROTOCOL, HF_E_SYSTEM
 */
int hf_observer_metrics(struct hf_observer *observer, const struct hf_metrics **metrics);

struct hf_depth_level;

/** Levels a side in one answer. */
#define HF_DEPTH_LEVELS_MAX 64u

/** Read the book: up to `capacity` levels a side (the daemon gives at most HF_DEPTH_LEVELS_MAX), best
 *  first, both sides and `lsn` as of one moment. @return 0 or HF_E_UNKNOWN, HF_E_NO_DAEMON, HF_TIMEOUT */
int hf_observer_depth(struct hf_observer *observer, uint32_t instrument, size_t capacity,
                      struct hf_depth_level *bids, size_t *bid_count, struct hf_depth_level *asks,
                      size_t *ask_count, uint64_t *lsn);

/** One row of the session list. */
struct hf_session_row {
    uint64_t session_id;
    uint32_t session;
    uint32_t connected;
    uint32_t uid;
    uint32_t flags;
    uint64_t last_seq;    /**< commands sequenced */
    uint64_t last_report; /**< reports produced */
    uint64_t unread;      /**< of these not yet released by the client */
    uint32_t open_orders;
    uint32_t orders_max; /**< open orders that it may have; 0: the instance's limit */
    uint32_t rate_max;   /**< messages per second; 0: no limit */
    uint8_t killed;      /**< 1: its kill switch is on */
    uint8_t admin;       /**< 1: it may use the admin commands */
    uint8_t reserved[2];
    char name[HF_NAME_BYTES];
};

/** List the open sessions. @param count in: capacity of rows; out: rows written
 *  @return 0 or HF_E_NO_DAEMON, HF_TIMEOUT */
int hf_observer_sessions(struct hf_observer *observer, struct hf_session_row *rows, size_t *count);

/** List the instruments that were not removed, by id, with their phases and limits: from the status
 *  page, without asking. @param count in: capacity of rows (instruments_max of the status is enough);
 *  out: rows written */
void hf_observer_instruments(const struct hf_observer *observer, struct hf_instrument_info *rows,
                             size_t *count);

/** List the entitlements, of open sessions and of names that have none; as hf_observer_sessions(). */
int hf_observer_entitlements(struct hf_observer *observer, struct hf_entitlement_row *rows,
                             size_t *count);

/** List the names that have limits of their own, whether or not a session of theirs is open; as
 *  hf_observer_sessions(). */
int hf_observer_limits(struct hf_observer *observer, struct hf_limits_row *rows, size_t *count);

/** Read the settings of an account. @return 0, HF_E_UNKNOWN (it has none), HF_E_NO_DAEMON, HF_TIMEOUT */
int hf_observer_account(struct hf_observer *observer, uint32_t account, struct hf_account_row *row);

#ifdef __cplusplus
}
#endif

#endif
