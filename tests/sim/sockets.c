/*
 * sockets.c - the control socket: connections that carry whole messages with descriptors.
 *
 * Wrapped above the bytes: hf_control_send() and hf_control_receive() are the daemon's and the client's
 * only way to speak; what they do with sendmsg(2) is tested elsewhere.
 */
#include "sim/calls.h"

#include "sim/descriptors.h"
#include "sim/schedule.h"
#include "sim/world.h"

#include "base/clock.h"

#include <errno.h>
#include <holdfast/error.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ENDS_MAX 192
#define QUEUE_MAX 3
#define FDS_MAX 3
#define BACKLOG_MAX 16
#define POLL_STEP_NS 1000000u

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

struct message {
    struct hf_control_answer body; /**< the longest of all */
    size_t len_bytes;
    int fds[FDS_MAX]; /**< owned by nobody while they travel */
    unsigned fd_count;
};

struct end {
    struct message queue[QUEUE_MAX]; /**< to be received here */
    unsigned count;
    uint64_t peer_pid;
};

static struct end ends[ENDS_MAX];
static int backlog[BACKLOG_MAX];
static unsigned backlog_count;
static int listener = -1;
static bool node; /**< the socket's name exists */

static struct end *
end_of(int number)
{
    return &ends[number - SIM_FD_FIRST];
}

/** Close a descriptor that belongs to nobody. */
static void
close_travelling(int number)
{
    int current = sim_world.current;
    sim_world.current = SIM_OUTSIDE;
    (void)sim_fd_close(number);
    sim_world.current = current;
}

static void
message_drop(const struct message *message)
{
    for (unsigned i = 0; i < message->fd_count; i++) {
        close_travelling(message->fds[i]);
    }
}

void
sim_socket_closed(int number)
{
    struct sim_fd *fd = sim_fd(number);
    if (number == listener) {
        listener = -1;
        while (backlog_count > 0) {
            close_travelling(backlog[--backlog_count]);
        }
    }
    struct end *end = end_of(number);
    while (end->count > 0) {
        message_drop(&end->queue[--end->count]);
    }
    struct sim_fd *peer = fd->peer < 0 ? NULL : sim_fd(fd->peer);
    if (peer != NULL) {
        peer->peer = -1;
    }
}

void
sim_sockets_reset(void)
{
    for (int i = 0; i < ENDS_MAX; i++) {
        ends[i].count = 0;
    }
    backlog_count = 0;
    listener = -1;
    node = false;
}

bool
sim_socket_node(void)
{
    return node;
}

void
sim_socket_node_remove(void)
{
    node = false;
}

static int
fail(int error)
{
    errno = error;
    return -1;
}

int
__wrap_socket(int domain, int type, int protocol)
{
    (void)domain, (void)type, (void)protocol;
    sim_call();
    return sim_fd_new(FD_SOCKET, NULL);
}

int
__wrap_bind(int number, const struct sockaddr *address, socklen_t len)
{
    (void)number, (void)address, (void)len;
    sim_call();
    if (node) {
        return fail(EADDRINUSE);
    }
    node = true;
    return 0;
}

int
__wrap_listen(int number, int count)
{
    (void)count;
    sim_call();
    sim_fd(number)->kind = FD_LISTENER;
    listener = number;
    return 0;
}

int
__wrap_connect(int number, const struct sockaddr *address, socklen_t len)
{
    (void)address, (void)len;
    sim_call();
    if (listener < 0) {
        return fail(node ? ECONNREFUSED : ENOENT);
    }
    if (backlog_count == BACKLOG_MAX) {
        return fail(EAGAIN);
    }
    int caller = sim_world.current;
    sim_world.current = SIM_OUTSIDE;
    int far = sim_fd_new(FD_SOCKET, NULL);
    sim_world.current = caller;
    sim_fd(far)->peer = number;
    sim_fd(number)->peer = far;
    end_of(far)->peer_pid = sim_world.pid[caller];
    backlog[backlog_count++] = far;
    return 0;
}

int
__wrap_accept4(int number, struct sockaddr *address, socklen_t *len, int flags)
{
    (void)number, (void)address, (void)len, (void)flags;
    sim_call();
    if (backlog_count == 0) {
        return fail(EAGAIN);
    }
    int far = backlog[0];
    memmove(&backlog[0], &backlog[1], --backlog_count * sizeof(backlog[0]));
    sim_fd(far)->owner = sim_world.current;
    return far;
}

int
__wrap_getsockopt(int number, int level, int option, void *value, socklen_t *len)
{
    (void)level;
    if (option == SO_PEERPIDFD) {
        int fd = sim_fd_new(FD_PROCESS, NULL);
        sim_fd(fd)->position = end_of(number)->peer_pid;
        memcpy(value, &fd, sizeof(fd));
        return 0;
    }
    const struct ucred peer = {.pid = (pid_t)end_of(number)->peer_pid};
    memcpy(value, &peer, *len < sizeof(peer) ? *len : sizeof(peer));
    return 0;
}

/** Both sides find it ended; what was sent before can still be received. */
int
__wrap_shutdown(int number, int how)
{
    (void)how;
    sim_call();
    struct sim_fd *fd = sim_fd(number);
    if (fd->peer >= 0) {
        sim_fd(fd->peer)->peer = -1;
        fd->peer = -1;
    }
    return 0;
}

int
__wrap_hf_control_send(int number, const void *message, size_t len_bytes, const int *fds,
                       unsigned fd_count)
{
    sim_call();
    struct sim_fd *fd = sim_fd(number);
    if (fd->peer < 0) {
        return HF_E_NO_DAEMON;
    }
    struct end *end = end_of(fd->peer);
    if (end->count == QUEUE_MAX) {
        return HF_AGAIN;
    }
    struct message *sent = &end->queue[end->count++];
    memcpy(&sent->body, message, len_bytes);
    sent->len_bytes = len_bytes;
    sent->fd_count = fd_count;
    int caller = sim_world.current;
    sim_world.current = SIM_OUTSIDE;
    for (unsigned i = 0; i < fd_count; i++) {
        sent->fds[i] = sim_fd_new(FD_FILE, sim_fd(fds[i])->inode);
    }
    sim_world.current = caller;
    return HF_OK;
}

int
__wrap_hf_control_receive(int number, void *message, size_t len_bytes, int *fds, unsigned *fd_count)
{
    sim_call();
    struct end *end = end_of(number);
    unsigned wanted = fd_count == NULL ? 0 : *fd_count;
    if (end->count == 0) {
        return sim_fd(number)->peer < 0 ? HF_E_NO_DAEMON : HF_AGAIN;
    }
    struct message got = end->queue[0];
    memmove(&end->queue[0], &end->queue[1], --end->count * sizeof(got));
    if (got.len_bytes != len_bytes) {
        message_drop(&got);
        return HF_E_PROTOCOL;
    }
    memcpy(message, &got.body, len_bytes);
    for (unsigned i = 0; i < got.fd_count; i++) {
        if (i < wanted) {
            sim_fd(got.fds[i])->owner = sim_world.current;
            fds[i] = got.fds[i];
        } else {
            close_travelling(got.fds[i]);
        }
    }
    if (fd_count != NULL) {
        *fd_count = got.fd_count < wanted ? got.fd_count : wanted;
    }
    return HF_OK;
}

bool
__wrap_hf_control_unread(int number)
{
    int peer = sim_fd(number)->peer;
    return peer >= 0 && end_of(peer)->count > 0;
}

ssize_t
__wrap_recv(int number, void *buffer, size_t len_bytes, int flags)
{
    (void)buffer, (void)len_bytes, (void)flags; /* a look whether the other side has gone */
    sim_call();
    if (end_of(number)->count > 0) {
        return 1;
    }
    return sim_fd(number)->peer < 0 ? 0 : fail(EAGAIN);
}

static bool
is_ready(int number)
{
    const struct sim_fd *fd = sim_fd(number);
    if (fd->kind == FD_LISTENER) {
        return backlog_count > 0;
    }
    if (fd->kind == FD_EVENT) {
        return fd->position > 0;
    }
    if (fd->kind == FD_PROCESS) {
        return hf_process_start(fd->position) == 0;
    }
    return end_of(number)->count > 0 || fd->peer < 0;
}

static int
look(struct pollfd *fds, nfds_t count)
{
    int ready = 0;
    for (nfds_t i = 0; i < count; i++) {
        bool looks = fds[i].fd >= 0; /* as poll(2): others are passed over */
        fds[i].revents = looks && is_ready(fds[i].fd) ? POLLIN : 0;
        ready += fds[i].revents != 0;
    }
    return ready;
}

int
__wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    sim_call();
    int ready = look(fds, count);
    if (ready == 0 && timeout_ms > 0) {
        sim_call_waits();
        sim_world.now_ns += POLL_STEP_NS;
        ready = look(fds, count); /* as if a signal had come; the caller looks at its deadline */
    }
    return ready;
}
