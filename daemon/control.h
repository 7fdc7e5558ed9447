/*
 * control.h - the control thread: the socket on which sessions are opened, resumed and closed, and
 * everything else that is neither hot nor the log's.
 *
 * One request and one answer at a time per connection; all sockets are non-blocking. Until a client has
 * read its answer nothing more is taken from it, and after HF_CONTROL_UNREAD_NS it loses its connection. When all connections are used, the next one
 * takes the place of the one that holds no session and was silent longest: nobody can keep others out
 * by connecting.
 *
 * N1  a session has at most one connection; a name held by a live client is HF_E_BUSY for others
 * N2  objects exist and are complete before OPEN is logged, OPEN is logged before descriptors are passed
 * N3  the end of a connection, or of the process that made it (a forked child may have a copy of the socket),
 *     is a disconnect, at once: what the client had published is sequenced first, then DISCONNECT is logged.
 *     The end of the daemon is none: clients have until their logged deadline to come back, then the same
 *     happens. A drain takes its time, and nobody waits for it (drain.h) but a CLOSE of that session, and
 *     those who ask for it: they for a while, then they are told to try again
 * N4  takeover: the old command object is drained and detached before the new one exists; the new
 *     generation is stored in the report object last, and then the old object's name is removed
 * N6  a name is opened, resumed and reattached by users alone who may have it: root, the daemon's own user,
 *     those with a USER entry; where it has none, anybody, unless it has rights (ADMIN, DROP_COPY or
 *     instance.admin) or session.names is `listed`. When that changes, the sessions of others are closed
 * N5  the socket is there before recovery begins: who asks meanwhile is told how far it is, and to try
 *     again (HF_AGAIN), and nobody else can take the path
 */
#ifndef HF_DAEMON_CONTROL_H
#define HF_DAEMON_CONTROL_H

#include "daemon/allow.h"
#include "daemon/daemon.h"
#include "daemon/spare.h"

#include <poll.h>

/** How long a request may wait for a drain, within the 5 s that the library waits for an answer. */
#define HF_CONTROL_DRAIN_WAIT_NS UINT64_C(3000000000)

struct hf_connection {
    int fd;
    int process_fd; /**< of the process that connected (peer.h); -1: there is none */
    uint32_t uid;
    uint64_t pid;
    uint64_t pid_start;
    bool allowed;          /**< its user was in instance.allow when it came; */
    bool watches;          /**< in instance.watch */
    uint64_t heard_ns;     /**< monotonic: its last request, or its connect */
    struct hf_link *link;  /**< the session that it holds, or NULL */
    uint64_t wanted_first; /**< REPORTS that it waits for: nothing is read from it; 0: none */
    uint64_t wanted_last;
    uint64_t wanted_lsn;  /**< all of them have been caused up to here */
    uint64_t wanted_turn; /**< when it was asked, in the gap service's count */
    uint64_t answered_ns; /**< monotonic: of an answer that may not have been read; 0: none */
    struct hf_control_request waiting; /**< for the end of a drain; type 0: none */
    uint64_t waits_since_ns; /**< monotonic: of a request that has waited, or does; 0: it has not */
    bool muted;              /**< it sent a request before it had read its answer */
    bool ended;              /**< it could not be answered: to be dropped */
};

/** Whose turn it is at the gap service. */
struct hf_gap_turn {
    uint32_t uid;
    uint64_t served; /**< when last, in the service's count; 0: not yet */
};

/** G4: an answer whose memory was not taken back yet. */
struct hf_gap_answer {
    int memory_fd;
    int connection_fd;
    uint64_t slots;
    uint64_t made_ns; /**< monotonic */
};

struct hf_control {
    struct hf_daemon *daemon;
    int event_fd;         /**< becomes readable when there is something to do beside connections */
    bool recovering;      /**< there is no engine yet: every request is answered with that (N5) */
    uint64_t claims_seen; /**< N6 holds as of this hf_core_claims_changed() */
    struct hf_connection *connections;
    uint32_t connection_count;
    uint32_t connections_max;
    struct pollfd *polled;     /**< [0] listens, [1] is event_fd, then socket and process of each */
    uint64_t looked_ns;        /**< monotonic: of the last look at processes without a descriptor */
    bool drains_ended;         /**< those who wait may look again */
    bool gap_busy;             /**< a job is with the gap thread */
    int gap_fd;                /**< of the connection that waits for it; -1: it is gone */
    uint64_t gap_count;        /**< requests and jobs of the gap service, to tell their order */
    struct hf_gap_turn *turns; /**< of each user who has been served */
    uint32_t turn_count;
    uint32_t turns_max; /**< those who may connect, or could */
    struct hf_gap_answer answers[HF_GAP_ANSWERS_MAX];
    uint32_t answer_count;
    struct hf_spare spare;
    uint64_t full_said_ns; /**< monotonic: when it was logged last that no descriptor is left */
    struct hf_allow allow;
};

/** What can be told from the configuration alone: users exist, the socket's path fits; else these are
 *  mistakes of it. @param allow  receives who may connect; hf_allow_free() is due in any case
 *  @return 0, HF_E_ARGUMENT, HF_E_MEMORY */
int hf_control_check(struct hf_config *config, struct hf_allow *allow);
/** Make the socket (mode 0666: SO_PEERCRED and the allow-list decide), before anything is logged, and in
 *  place of a dead daemon's alone. Who connects waits until somebody does hf_control_do_work().
 *  @return 0, or a code with daemon->text */
int hf_control_listen(struct hf_daemon *daemon);
/** End that, and remove the socket's name. Safe when it was never begun. */
void hf_control_unlisten(struct hf_daemon *daemon);

/** Set up over a daemon that listens. @return 0, or a code with daemon->text; destroy it then too */
int hf_control_init(struct hf_control *control, struct hf_daemon *daemon);
/** From now on these may connect; who is connected stays. @param allow  exchanged for the list of before
 *  @return 0 or HF_E_MEMORY: everything is as it was. Thread: control */
int hf_control_allow(struct hf_control *control, struct hf_allow *allow);
/** Connections that were allowed more when they came than their users are now. Thread: control */
uint32_t hf_control_outsiders(const struct hf_control *control);
/** End all connections. The daemon goes on listening. */
void hf_control_destroy(struct hf_control *control);

/** Wait at most timeout_ms for something, and handle it; then housekeeping (grace times, condemned
 *  sessions). @return requests handled. Thread: control, registered as no QSBR reader */
int64_t hf_control_do_work(struct hf_control *control, int timeout_ms);

/* session_control.c: what requests do to sessions; each fills answer->code and ->text. */

/** Answer OPEN; on success fds[] are status, report, command descriptors, the caller's to close. */
void hf_control_open(struct hf_control *control, struct hf_connection *connection,
                     const struct hf_control_request *request, struct hf_control_answer *answer,
                     int fds[3]);
void hf_control_reattach(struct hf_control *control, struct hf_connection *connection,
                         const struct hf_control_request *request,
                         struct hf_control_answer *answer);
/** Drains that have ended, grace times that have passed, and sessions that the engine has condemned. */
void hf_control_housekeep(struct hf_control *control);

/* leave_control.c: endings. */

/** Whether a session is leaving; see whether it has been drained, and do what it leaves for. The link may be
 *  gone behind this. */
bool hf_control_look_after(struct hf_control *control, struct hf_link *link);
/** End a session: drain, log CLOSE, free its memory. @return 0: that is done, and the link is no more;
 *  HF_AGAIN: it will be; or a code */
int hf_control_close(struct hf_control *control, struct hf_link *link, int close_code);
/** N3. */
void hf_control_disconnect(struct hf_control *control, struct hf_link *link);
/** No connection holds it any more. */
void hf_control_forget(struct hf_control *control, const struct hf_link *link);
/** Tell the client, whatever it is doing. */
void hf_control_mark_closed(struct hf_link *link, int close_code);
/** A request about a session that is leaving: it is dispatched again when a drain has ended, or refused in the
 *  answer when it has waited for long, or would for ever. */
void hf_control_wait(struct hf_control *control, struct hf_connection *connection,
                     const struct hf_control_request *request, struct hf_control_answer *answer);

/* gap_control.c */

/** Note what is wanted, or refuse it in the answer. What was given to this connection before is taken back. */
void hf_control_reports(struct hf_control *control, struct hf_connection *connection,
                        const struct hf_control_request *request, struct hf_control_answer *answer);
/** Answer what is done, begin the next: the user's who was served longest ago, and of his connections the
 *  one that waits longest. */
void hf_control_reports_step(struct hf_control *control);
/** This connection ends. */
void hf_control_reports_drop(struct hf_control *control, const struct hf_connection *connection);
/** Descriptors of answers that are left at the end. */
void hf_control_reports_free(struct hf_control *control);

#endif
