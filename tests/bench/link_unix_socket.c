/* link_unix_socket.c - a Unix domain socket pair of packets: what a link costs that asks the kernel. */
#include "link.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK link_unix_socket
#define LINK_TITLE "Unix socket"
#define LINK_BYTES (sizeof(struct link_memory))
#define LINK_UNMAKE link_unmake

struct link_memory {
    int fds[2]; /**< both processes have both descriptors, and use one each */
};

struct link_end {
    int fd;
};

static int
link_make(void *memory)
{
    struct link_memory *shared = memory;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, shared->fds);
}

static void
link_unmake(void *memory)
{
    struct link_memory *shared = memory;
    (void)close(shared->fds[0]);
    (void)close(shared->fds[1]);
}

static inline void
link_open_sender(struct link_end *end, void *memory)
{
    end->fd = ((struct link_memory *)memory)->fds[0];
}

static inline void
link_open_receiver(struct link_end *end, void *memory)
{
    end->fd = ((struct link_memory *)memory)->fds[1];
}

/* Both block: the kernel waits better than we could. */
static inline bool
link_send(struct link_end *end, const struct link_message *message)
{
    return send(end->fd, message, sizeof(*message), MSG_NOSIGNAL) == (ssize_t)sizeof(*message);
}

static inline bool
link_receive(struct link_end *end, struct link_message *message)
{
    return recv(end->fd, message, sizeof(*message), 0) == (ssize_t)sizeof(*message);
}

static inline void
link_flush(struct link_end *end)
{
    (void)end;
}

static inline void
link_release(struct link_end *end)
{
    (void)end;
}

#include "link_loops.h"
