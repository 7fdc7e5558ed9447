/* connection.c - the client's end of the control connection. */
#include "connection.h"

#include "base/clock.h"
#include "base/name.h"
#include "shm/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_RETRY_NS UINT64_C(1000000)
#define POLL_SLICE_MS                                                                              \
    1000 /* an upper bound only: a deadline may be further away than an int of ms */
#define NS_PER_MS UINT64_C(1000000)
#define PATIENCE_PAUSE_NS UINT64_C(20000000) /* between two tries */

int
hf_connection_path(char path[HF_CONNECTION_PATH_BYTES], const char *instance,
                   const char *socket_path)
{
    int written;
    if (socket_path != NULL) {
        written = snprintf(path, HF_CONNECTION_PATH_BYTES, "%s", socket_path);
    } else if (instance != NULL && hf_name_valid(instance)) {
        written =
            snprintf(path, HF_CONNECTION_PATH_BYTES, "%s/%s.sock", HF_SOCKET_DIRECTORY, instance);
    } else {
        return HF_E_ARGUMENT;
    }
    return written > 0 && (size_t)written < HF_CONNECTION_PATH_BYTES ? HF_OK : HF_E_ARGUMENT;
}

uint64_t
hf_connection_deadline(uint64_t timeout_ns)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    return timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns;
}

bool
hf_connection_again(int result, uint64_t deadline_ns)
{
    if (!hf_error_is_retriable(result) || hf_clock_monotonic_ns() >= deadline_ns) {
        return false;
    }
    hf_clock_sleep_ns(PATIENCE_PAUSE_NS);
    return true;
}

static int
connect_code(int error)
{
    switch (error) {
    case ENOENT:
    case ECONNREFUSED:
    case ENOTSOCK:
    case EPROTOTYPE: /* something listens there, but it is not a holdfastd */
        return HF_E_NO_DAEMON;
    case EACCES:
    case EPERM:
        return HF_E_DENIED;
    default:
        return HF_E_SYSTEM;
    }
}

int
hf_connection_connect(const char *path, uint64_t deadline_ns, int *fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
    *fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0) {
        return HF_E_SYSTEM;
    }
    while (connect(*fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        if (errno == EINTR) {
            continue;
        }
        if (errno != EAGAIN) { /* EAGAIN: the backlog is full */
            int code = connect_code(errno);
            hf_connection_close(fd);
            return code;
        }
        if (hf_clock_monotonic_ns() >= deadline_ns) {
            hf_connection_close(fd);
            return HF_TIMEOUT;
        }
        hf_clock_sleep_ns(CONNECT_RETRY_NS);
    }
    return HF_OK;
}

struct hf_control_request
hf_connection_request(enum hf_control_type type)
{
    return (struct hf_control_request){
        .magic = HF_CONTROL_MAGIC, .version = HF_PROTOCOL_VERSION, .type = (uint32_t)type};
}

static void
close_all(int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        hf_connection_close(&fds[i]);
    }
}

/* A daemon of another version may refuse in its own layout: its version counts before all else. */
static int
answer_check(const struct hf_control_answer *answer, enum hf_control_type type)
{
    if (answer->magic != HF_CONTROL_MAGIC) {
        return HF_E_PROTOCOL;
    }
    if (answer->version != HF_PROTOCOL_VERSION) {
        return HF_E_VERSION;
    }
    bool is_code = answer->code <= HF_OK && answer->code >= HF_LAPPED; /* the last one */
    return answer->type == (uint32_t)type && is_code ? HF_OK : HF_E_PROTOCOL;
}

int
hf_connection_receive(int fd, enum hf_control_type type, struct hf_control_answer *answer, int *fds,
                      unsigned *fd_count)
{
    int received[HF_CONNECTION_FDS_MAX];
    unsigned received_count = HF_CONNECTION_FDS_MAX;
    int result = hf_control_receive(fd, answer, sizeof(*answer), received, &received_count);
    if (result != HF_OK) {
        return result;
    }
    answer->text[HF_CONTROL_TEXT_BYTES - 1] = '\0';
    result = answer_check(answer, type);
    if (result != HF_OK || answer->code != HF_OK || fds == NULL) {
        close_all(received, received_count);
        received_count = 0;
    }
    if (fds != NULL) {
        memcpy(fds, received, received_count * sizeof(received[0]));
        *fd_count = received_count;
    }
    return result;
}

/* Wait until there is something to read. 0, HF_TIMEOUT, HF_E_SYSTEM */
static int
await_input(int fd, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now_ns = hf_clock_monotonic_ns();
        uint64_t left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns) / NS_PER_MS + 1 : 0;
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        int ready = poll(&entry, 1, left_ms < POLL_SLICE_MS ? (int)left_ms : POLL_SLICE_MS);
        if (ready > 0) {
            return HF_OK;
        }
        if (ready < 0 && errno != EINTR) {
            return HF_E_SYSTEM;
        }
        if (left_ms == 0) {
            return HF_TIMEOUT;
        }
    }
}

int
hf_connection_ask(int fd, const struct hf_control_request *request, uint64_t deadline_ns,
                  struct hf_control_answer *answer, int *fds, unsigned *fd_count)
{
    int result = hf_control_send(fd, request, sizeof(*request), NULL, 0);
    while (result == HF_OK) {
        result = await_input(fd, deadline_ns);
        if (result != HF_OK) {
            break;
        }
        result =
            hf_connection_receive(fd, (enum hf_control_type)request->type, answer, fds, fd_count);
        if (result != HF_AGAIN) {
            break;
        }
        result = HF_OK; /* woken for nothing: poll again */
    }
    return result;
}

bool
hf_connection_ended(int fd)
{
    char byte;
    ssize_t received = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    /* The daemon never speaks unasked: a message now is a late answer, and not an end. */
    return received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR);
}

void
hf_connection_close(int *fd)
{
    int error = errno;
    if (*fd >= 0) {
        (void)close(*fd);
    }
    *fd = -1;
    errno = error;
}

void
hf_connection_end(int *fd)
{
    int error = errno;
    if (*fd >= 0) {
        (void)shutdown(*fd, SHUT_RDWR);
    }
    errno = error;
    hf_connection_close(fd);
}
