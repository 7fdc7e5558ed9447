/* control.c - the control socket. */
#include "daemon/control.h"

#include "base/clock.h"
#include "base/log.h"
#include "config/table.h"
#include "daemon/peer.h"

#include <errno.h>
#include <holdfast/error.h>
#include <poll.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS_EXTRA 64         /* beside one per session: tools, and clients that try */
#define POLLED_FIXED 2               /* listening socket, event */
#define POLLED_EACH 2                /* of a connection: socket, process */
#define LOOK_NS UINT64_C(1000000000) /* between two looks at processes that cannot be polled */
#define FULL_SAY_NS UINT64_C(60000000000)
#define ACCEPTS_MAX 16 /* of one round: who has connected must be heard before he is evicted */

/* The socket */

/** Whether a socket may be made there. @return 0, ENOENT (nothing is there), or errno */
static int
look_at_path(int fd, const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0) {
        return errno;
    }
    if (!S_ISSOCK(status.st_mode)) {
        return EEXIST;
    }
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN) {
        return EADDRINUSE; /* another instance with the same path */
    }
    return 0;
}

/** Remove a dead daemon's socket, but nothing else: the path is the operator's choice.
 *  @return 0 or errno */
static int
clear_path(int fd, const struct sockaddr_un *address)
{
    int error = look_at_path(fd, address);
    if (error == ENOENT) {
        return 0;
    }
    return error == 0 && unlink(address->sun_path) != 0 ? errno : error;
}

/** @return 0 or errno */
static int
bind_and_listen(int fd, const struct sockaddr_un *address)
{
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        return errno;
    }
    /* Anybody may connect; the daemon looks who it is, and answers with a reason. */
    if (chmod(address->sun_path, 0666) != 0 /* NOLINT: see above */ || listen(fd, 64) != 0) {
        return errno;
    }
    return 0;
}

/** @return 0 or errno */
static int
fill_address(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address->sun_path)) {
        return ENAMETOOLONG;
    }
    memcpy(address->sun_path, path, strlen(path) + 1);
    return 0;
}

/** @return 0 or errno */
static int
make_socket(struct hf_daemon *daemon)
{
    const int type = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;
    struct sockaddr_un address;
    int error = fill_address(&address, daemon->config.instance_socket);
    if (error != 0) {
        return error;
    }
    int probe = socket(AF_UNIX, type, 0);
    error = probe < 0 ? errno : clear_path(probe, &address);
    if (probe >= 0) {
        close(probe);
    }
    if (error != 0) {
        return error;
    }
    int fd = socket(AF_UNIX, type, 0);
    error = fd < 0 ? errno : bind_and_listen(fd, &address);
    if (error != 0 && fd >= 0) {
        close(fd);
    } else if (error == 0) {
        daemon->listen_fd = fd;
        daemon->listening = true;
    }
    return error;
}

static int
socket_failed(struct hf_daemon *daemon, int error)
{
    int busy_or_not = error == EADDRINUSE ? HF_E_BUSY : HF_E_SYSTEM;
    return hf_start_failed(daemon, error == EACCES ? HF_E_DENIED : busy_or_not,
                           "cannot make the control socket %s: %s", daemon->config.instance_socket,
                           strerror(error));
}

int
hf_control_check(struct hf_config *config, struct hf_allow *allow)
{
    struct sockaddr_un address;
    int code = hf_allow_read(allow, config);
    if (code != HF_E_MEMORY && fill_address(&address, config->instance_socket) != 0) {
        hf_config_complain_of(config, HF_PARAM_instance_socket,
                              "instance.socket '%s' is longer than %zu bytes",
                              config->instance_socket, sizeof(address.sun_path) - 1);
        code = HF_E_ARGUMENT;
    }
    return code;
}

int
hf_control_listen(struct hf_daemon *daemon)
{
    char directory[HF_CONFIG_STRING_BYTES];
    snprintf(directory, sizeof(directory), "%s", daemon->config.instance_socket);
    char *slash = strrchr(directory, '/');
    if (slash != NULL && slash != directory) {
        *slash = '\0';
        (void)mkdir(directory, 0755); /* bind tells when it is not there */
    }
    int error = make_socket(daemon);
    return error == 0 ? HF_OK : socket_failed(daemon, error);
}

void
hf_control_unlisten(struct hf_daemon *daemon)
{
    if (daemon->listening) {
        close(daemon->listen_fd);
        unlink(daemon->config.instance_socket);
        daemon->listening = false;
    }
}

int
hf_control_init(struct hf_control *control, struct hf_daemon *daemon)
{
    HF_ASSERT("N5", daemon->listening);
    *control =
        (struct hf_control){.daemon = daemon, .event_fd = daemon->gap.event_fd, .gap_fd = -1};
    control->claims_seen = UINT64_MAX; /* none: the sessions of before have to be looked at */
    control->connections_max = daemon->registry.sessions_max + CONNECTIONS_EXTRA;
    control->connections = calloc(control->connections_max, sizeof(*control->connections));
    size_t polled = (size_t)control->connections_max * POLLED_EACH + POLLED_FIXED;
    control->polled = calloc(polled, sizeof(*control->polled));
    if (control->connections == NULL || control->polled == NULL) {
        return hf_start_failed(daemon, HF_E_MEMORY, "out of memory");
    }
    daemon->sequencer.control_fd = control->event_fd;
    (void)hf_spare_hold(&control->spare);
    struct hf_allow allow;
    int code = hf_allow_read(&allow, &daemon->config);
    if (code == HF_OK) {
        code = hf_control_allow(control, &allow);
    }
    hf_allow_free(&allow);
    return code == HF_OK ? HF_OK
                         : hf_start_failed(daemon, code, "instance.allow: %s", hf_strerror(code));
}

int
hf_control_allow(struct hf_control *control, struct hf_allow *allow)
{
    /* Who was served, who is connected, and who may connect from now on. */
    uint32_t turns_max =
        control->turn_count + control->connection_count + allow->count + HF_ALLOW_ALWAYS;
    struct hf_gap_turn *turns = reallocarray(control->turns, turns_max, sizeof(*turns));
    if (turns == NULL) {
        return HF_E_MEMORY;
    }
    const struct hf_allow before = control->allow;
    control->turns = turns;
    control->turns_max = turns_max;
    control->allow = *allow;
    *allow = before;
    return HF_OK;
}

uint32_t
hf_control_outsiders(const struct hf_control *control)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < control->connection_count; i++) {
        const struct hf_connection *connection = &control->connections[i];
        bool may = hf_allow_has(&control->allow, connection->uid);
        bool watches = hf_allow_watches(&control->allow, connection->uid);
        count += (connection->allowed && !may) || (connection->watches && !watches && !may);
    }
    return count;
}

static void
close_connection(const struct hf_connection *connection)
{
    if (connection->process_fd >= 0) {
        close(connection->process_fd);
    }
    close(connection->fd);
}

void
hf_control_destroy(struct hf_control *control)
{
    for (uint32_t i = 0; i < control->connection_count; i++) {
        close_connection(&control->connections[i]);
    }
    hf_control_reports_free(control);
    hf_spare_lend(&control->spare);
    free(control->turns);
    free(control->connections);
    free(control->polled);
    hf_allow_free(&control->allow);
    memset(control, 0, sizeof(*control));
}

/* Connections */

static void
drop_connection(struct hf_control *control, uint32_t index)
{
    struct hf_connection *connection = &control->connections[index];
    struct hf_link *link = connection->link;
    hf_control_reports_drop(control, connection);
    close_connection(connection);
    *connection = control->connections[--control->connection_count];
    if (link != NULL) {
        hf_control_disconnect(control, link); /* N3 */
    }
}

/** Which of two connections without a session goes first: strangers, then the silent. */
static bool
goes_before(const struct hf_connection *a, const struct hf_connection *b)
{
    bool known_a = a->allowed || a->watches;
    bool known_b = b->allowed || b->watches;
    return known_a != known_b ? known_b : a->heard_ns < b->heard_ns;
}

static void
make_room(struct hf_control *control)
{
    uint32_t victim = UINT32_MAX;
    for (uint32_t i = 0; i < control->connection_count; i++) {
        const struct hf_connection *connection = &control->connections[i];
        if (connection->link == NULL &&
            (victim == UINT32_MAX || goes_before(connection, &control->connections[victim]))) {
            victim = i;
        }
    }
    /* There are more connections than sessions. */
    HF_ASSERT("a connection without a session exists", victim != UINT32_MAX);
    drop_connection(control, victim);
}

static void
say_full(struct hf_control *control)
{
    uint64_t now = hf_clock_monotonic_ns();
    if (control->full_said_ns == 0 || now - control->full_said_ns >= FULL_SAY_NS) {
        control->full_said_ns = now;
        hf_log(HF_LOG_WARNING,
               "no file descriptor is left: new connections are closed, and no session "
               "is opened. Raise LimitNOFILE (ulimit -n)");
    }
}

/** Take the next caller's connection from the queue and end it: it would be reported for ever. */
static void
turn_away(struct hf_control *control)
{
    say_full(control);
    hf_spare_lend(&control->spare);
    int fd = accept4(control->daemon->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        close(fd);
    }
    (void)hf_spare_hold(&control->spare);
}

/** @return false: there is no more to accept, or no descriptor for it */
static bool
accept_one(struct hf_control *control)
{
    int fd = accept4(control->daemon->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            turn_away(control);
        }
        return false;
    }
    struct ucred peer;
    socklen_t len = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0) {
        close(fd);
        return true;
    }
    if (control->connection_count == control->connections_max) {
        make_room(control);
    }
    uint64_t pid = (uint64_t)peer.pid;
    uint64_t start = hf_process_start(pid);
    control->connections[control->connection_count++] = (struct hf_connection){
        .fd = fd,
        .process_fd = hf_peer_open(fd, pid, start),
        .uid = peer.uid,
        .pid = pid,
        .pid_start = start,
        .allowed = hf_allow_has(&control->allow, peer.uid),
        .watches = hf_allow_watches(&control->allow, peer.uid),
        .heard_ns = hf_clock_monotonic_ns(),
    };
    return true;
}

/* Requests */

static void
ask_engine(struct hf_control *control, struct hf_request *request, struct hf_control_answer *answer)
{
    request->answer = answer;
    answer->code = hf_sequencer_ask(&control->daemon->sequencer, request);
    if (answer->code != HF_OK) {
        snprintf(answer->text, sizeof(answer->text), "%s", hf_strerror(answer->code));
    }
}

/** One that has waited finds its session gone when it is closed. */
static void
close_session(struct hf_control *control, struct hf_connection *connection,
              const struct hf_control_request *request, struct hf_control_answer *answer)
{
    if (connection->link == NULL) {
        answer->code = connection->waits_since_ns != 0 ? HF_OK : HF_E_SESSION;
    } else {
        answer->code = hf_control_close(control, connection->link, HF_E_SESSION);
    }
    if (answer->code == HF_AGAIN) {
        hf_control_wait(control, connection, request, answer);
    } else if (answer->code != HF_OK) {
        snprintf(answer->text, sizeof(answer->text), "%s", hf_strerror(answer->code));
    }
}

static void
dispatch(struct hf_control *control, struct hf_connection *connection,
         const struct hf_control_request *request, struct hf_control_answer *answer, int fds[3])
{
    struct hf_request engine = {.instrument = request->instrument,
                                .first = request->first,
                                .side = request->side,
                                .price = request->price};
    switch (request->type) {
    case HF_CONTROL_HELLO:
        answer->status_bytes = control->daemon->status_region.len_bytes;
        fds[0] = hf_region_reader_fd(&control->daemon->status_region);
        return;
    case HF_CONTROL_METRICS:
        answer->status_bytes = control->daemon->status_region.len_bytes;
        answer->market_bytes = control->daemon->metrics_region.len_bytes;
        fds[0] = hf_region_reader_fd(&control->daemon->status_region);
        fds[1] = hf_region_reader_fd(&control->daemon->metrics_region);
        return;
    case HF_CONTROL_MARKET:
        answer->status_bytes = control->daemon->status_region.len_bytes;
        answer->market_bytes = control->daemon->market.region.len_bytes;
        fds[0] = hf_region_reader_fd(&control->daemon->status_region);
        fds[1] = hf_region_reader_fd(&control->daemon->market.region);
        return;
    case HF_CONTROL_OPEN:
        hf_control_open(control, connection, request, answer, fds);
        return;
    case HF_CONTROL_REATTACH:
        hf_control_reattach(control, connection, request, answer);
        return;
    case HF_CONTROL_CLOSE:
        close_session(control, connection, request, answer);
        return;
    case HF_CONTROL_DEPTH:
        engine.type = HF_REQUEST_DEPTH;
        ask_engine(control, &engine, answer);
        return;
    case HF_CONTROL_SESSIONS:
        engine.type = HF_REQUEST_SESSIONS;
        ask_engine(control, &engine, answer);
        return;
    case HF_CONTROL_LEVELS:
        engine.type = HF_REQUEST_LEVELS;
        ask_engine(control, &engine, answer);
        return;
    case HF_CONTROL_ENTITLEMENTS:
        engine.type = HF_REQUEST_ENTITLEMENTS;
        ask_engine(control, &engine, answer);
        return;
    case HF_CONTROL_ACCOUNT:
        engine.type = HF_REQUEST_ACCOUNT;
        ask_engine(control, &engine, answer);
        return;
    case HF_CONTROL_LIMITS:
        engine.type = HF_REQUEST_LIMITS;
        ask_engine(control, &engine, answer);
        return;
    case HF_CONTROL_REPORTS:
        hf_control_reports(control, connection, request, answer);
        return;
    default:
        answer->code = HF_E_PROTOCOL;
        snprintf(answer->text, sizeof(answer->text), "unknown request type %u", request->type);
    }
}

/** What asks nothing of anybody, and shows nobody's orders. */
static bool
is_watching(uint32_t type)
{
    return type == HF_CONTROL_HELLO || type == HF_CONTROL_METRICS;
}

static bool
greet(const struct hf_connection *connection, const struct hf_control_request *request,
      struct hf_control_answer *answer)
{
    if (request->magic != HF_CONTROL_MAGIC) {
        answer->code = HF_E_PROTOCOL;
        snprintf(answer->text, sizeof(answer->text), "this is the control socket of holdfastd");
    } else if (request->version != HF_PROTOCOL_VERSION) {
        answer->code = HF_E_VERSION;
        snprintf(
            answer->text, sizeof(answer->text),
            "you speak protocol version %u, this daemon speaks %u: use the library of the same "
            "release",
            request->version, HF_PROTOCOL_VERSION);
    } else if (connection->watches && !connection->allowed && !is_watching(request->type)) {
        answer->code = HF_E_DENIED;
        snprintf(answer->text, sizeof(answer->text),
                 "user %u may only look (instance.watch); who does more is in instance.allow",
                 connection->uid);
    } else if (!connection->allowed && !connection->watches) {
        answer->code = HF_E_DENIED;
        snprintf(answer->text, sizeof(answer->text),
                 "user %u is neither in instance.watch (who may look) nor in instance.allow (who "
                 "may trade) of this daemon's configuration",
                 connection->uid);
    } else {
        return true;
    }
    return false;
}

static int
send_answer(int fd, const struct hf_control_answer *answer, int fds[3])
{
    unsigned count = 0;
    while (count < 3 && fds[count] >= 0) {
        count++;
    }
    int code = hf_control_send(fd, answer, sizeof(*answer), fds, count);
    for (unsigned i = 0; i < 3; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    return code;
}

static bool
passes_descriptors(uint32_t request_type)
{
    return request_type == HF_CONTROL_HELLO || request_type == HF_CONTROL_MARKET ||
           request_type == HF_CONTROL_METRICS || request_type == HF_CONTROL_OPEN;
}

/** What needs descriptors is refused before anything is done, when they are not there. */
static void
dispatch_sparingly(struct hf_control *control, struct hf_connection *connection,
                   const struct hf_control_request *request, struct hf_control_answer *answer,
                   int fds[3])
{
    if (!passes_descriptors(request->type)) {
        dispatch(control, connection, request, answer, fds);
    } else if (hf_spare_hold(&control->spare)) {
        hf_spare_lend(&control->spare);
        dispatch(control, connection, request, answer, fds);
    } else {
        say_full(control);
        answer->code = HF_E_FULL;
        snprintf(answer->text, sizeof(answer->text),
                 "the daemon has no file descriptor left (LimitNOFILE, ulimit -n)");
    }
}

/** N5. */
static void
answer_recovering(const struct hf_control *control, struct hf_control_answer *answer)
{
    /* Relaxed: for a reader's eyes; they need not be of one moment. */
    const struct hf_progress *progress = &control->daemon->progress;
    uint64_t total = hf_load_relaxed(&progress->total_bytes);
    uint64_t done = hf_load_relaxed(&progress->done_bytes);
    answer->code = HF_AGAIN;
    if (total == 0) {
        snprintf(answer->text, sizeof(answer->text),
                 "the daemon recovers: it begins to read the log; try again");
        return;
    }
    snprintf(answer->text, sizeof(answer->text),
             "the daemon recovers: %llu of %llu MiB of the log read, up to LSN %llu; try again",
             (unsigned long long)(done >> 20), (unsigned long long)(total >> 20),
             (unsigned long long)hf_load_relaxed(&progress->lsn));
}

static void
begin_answer(struct hf_control_answer *answer, uint32_t type)
{
    memset(answer, 0, sizeof(*answer));
    answer->magic = HF_CONTROL_MAGIC;
    answer->version = HF_PROTOCOL_VERSION;
    answer->type = type;
}

/** Another release may have longer requests. */
static void
refuse_length(const struct hf_connection *connection)
{
    struct hf_control_answer answer;
    int fds[3] = {-1, -1, -1};
    begin_answer(&answer, 0);
    answer.code = HF_E_PROTOCOL;
    snprintf(answer.text, sizeof(answer.text), "a request of version %u has %zu bytes",
             HF_PROTOCOL_VERSION, sizeof(struct hf_control_request));
    (void)send_answer(connection->fd, &answer, fds);
}

/** Also of a request that has waited. @return false: the connection is to be dropped */
static bool
answer_request(struct hf_control *control, struct hf_connection *connection,
               const struct hf_control_request *request)
{
    struct hf_control_answer answer;
    int fds[3] = {-1, -1, -1};
    int code = HF_OK;
    begin_answer(&answer, request->type);
    bool good = greet(connection, request, &answer);
    if (good && control->recovering) {
        answer_recovering(control, &answer);
    } else if (good) {
        dispatch_sparingly(control, connection, request, &answer, fds);
    }
    /* Else the gap service answers, or we do when a drain is over. */
    if (connection->wanted_first == 0 && connection->waiting.type == 0) {
        code = send_answer(connection->fd, &answer, fds);
        connection->answered_ns = hf_clock_monotonic_ns();
    }
    (void)hf_spare_hold(&control->spare);
    return code == HF_OK && good;
}

/** @return false: the connection is to be dropped */
static bool
serve(struct hf_control *control, struct hf_connection *connection)
{
    struct hf_control_request request;
    unsigned none = 0;
    connection->muted = hf_control_unread(connection->fd);
    if (connection->muted) {
        return true; /* it gets no other before it has read its answer */
    }
    int code = hf_control_receive(connection->fd, &request, sizeof(request), NULL, &none);
    if (code == HF_AGAIN) {
        return true;
    }
    if (code == HF_E_PROTOCOL) {
        refuse_length(connection);
    }
    if (code != HF_OK) {
        return false;
    }
    connection->heard_ns = hf_clock_monotonic_ns();
    connection->waits_since_ns = 0;
    return answer_request(control, connection, &request);
}

/** Whether a request that waits is to be looked at again. */
static bool
has_waited(const struct hf_connection *connection, bool drains_ended, uint64_t now_ns)
{
    return connection->waiting.type != 0 &&
           (drains_ended || now_ns - connection->waits_since_ns >= HF_CONTROL_DRAIN_WAIT_NS);
}

static void
serve_waiting(struct hf_control *control)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    bool drains_ended = control->drains_ended || hf_halted(&control->daemon->halt);
    control->drains_ended = false;
    for (uint32_t i = control->connection_count; i-- > 0;) {
        struct hf_connection *connection = &control->connections[i];
        if (has_waited(connection, drains_ended, now_ns)) {
            struct hf_control_request request = connection->waiting;
            connection->waiting.type = 0;
            if (!answer_request(control, connection, &request)) {
                drop_connection(control, i);
            }
        }
    }
}

/** Neither its requests are looked at nor its doings waited for: only its end. */
static bool
is_only_watched(struct hf_connection *connection)
{
    connection->muted = connection->muted && hf_control_unread(connection->fd);
    return connection->muted || connection->wanted_first != 0 || connection->waiting.type != 0;
}

static bool
is_overdue(struct hf_connection *connection, uint64_t now_ns)
{
    if (connection->answered_ns == 0) {
        return false;
    }
    if (!hf_control_unread(connection->fd)) {
        connection->answered_ns = 0;
        return false;
    }
    return now_ns - connection->answered_ns > HF_CONTROL_UNREAD_NS;
}

/** Who does not read what he asked for. */
static void
drop_overdue(struct hf_control *control)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    for (uint32_t i = control->connection_count; i-- > 0;) {
        struct hf_connection *connection = &control->connections[i];
        if (connection->ended || is_overdue(connection, now_ns)) {
            hf_log(HF_LOG_WARNING,
                   "process %llu does not read its answers: its connection is closed",
                   (unsigned long long)connection->pid);
            drop_connection(control, i);
        }
    }
}

/** Whose process has ended, and no descriptor told it. */
static void
drop_dead(struct hf_control *control)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    if (now_ns - control->looked_ns < LOOK_NS) {
        return;
    }
    control->looked_ns = now_ns;
    for (uint32_t i = control->connection_count; i-- > 0;) {
        const struct hf_connection *connection = &control->connections[i];
        if (connection->process_fd < 0 && hf_peer_ended(connection->pid, connection->pid_start)) {
            drop_connection(control, i);
        }
    }
}

/** Fill the table of poll(2). */
static void
watch(struct hf_control *control)
{
    struct pollfd *polled = control->polled;
    polled[0] = (struct pollfd){.fd = control->daemon->listen_fd, .events = POLLIN};
    polled[1] = (struct pollfd){.fd = control->event_fd, .events = POLLIN};
    polled += POLLED_FIXED;
    for (uint32_t i = 0; i < control->connection_count; i++, polled += POLLED_EACH) {
        struct hf_connection *connection = &control->connections[i];
        bool watched = is_only_watched(connection);
        polled[0] = (struct pollfd){.fd = connection->fd, .events = watched ? 0 : POLLIN};
        polled[1] = (struct pollfd){.fd = connection->process_fd, .events = POLLIN};
    }
}

/** What has come of one connection; the last request of a process that has ended since is heard.
 *  @return whether something has */
static bool
attend(struct hf_control *control, uint32_t index, const struct pollfd polled[POLLED_EACH])
{
    bool ended = polled[1].revents != 0;
    if (polled[0].revents != 0) { /* of one that is only watched: POLLHUP */
        bool over = polled[0].events == 0 || !serve(control, &control->connections[index]);
        ended = ended || over;
    }
    if (ended) {
        drop_connection(control, index);
    }
    return ended || polled[0].revents != 0;
}

int64_t
hf_control_do_work(struct hf_control *control, int timeout_ms)
{
    struct pollfd *polled = control->polled;
    uint32_t count = control->connection_count;
    int64_t handled = 0;
    watch(control);
    if (poll(polled, POLLED_FIXED + count * POLLED_EACH, timeout_ms) > 0) {
        for (uint32_t i = count; i-- > 0;) { /* downwards: a dropped one is replaced by the last */
            handled += attend(control, i, &polled[POLLED_FIXED + i * POLLED_EACH]);
        }
        if (polled[1].revents != 0) {
            uint64_t events;
            (void)!read(control->event_fd, &events,
                        sizeof(events)); /* what they are is looked at below */
        }
        for (int i = 0; polled[0].revents != 0 && i < ACCEPTS_MAX && accept_one(control); i++) {
        }
    }
    if (!control->recovering) {
        hf_control_reports_step(control);
        hf_control_housekeep(control);
        serve_waiting(control);
    }
    drop_overdue(control);
    drop_dead(control);
    return handled;
}
