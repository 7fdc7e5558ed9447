/*
 * control.c - messages with descriptors over a SOCK_SEQPACKET socket.
 *
 * Whatever the peer sends, no descriptor leaks: those that the caller did not want, and all of a
 * message that is refused, are closed; those beyond our control buffer the kernel closes.
 */
#include "shm/control.h"

#include "base/panic.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define CONTROL_FDS_MAX 3u

/* Aligned as CMSG_FIRSTHDR wants it. */
union control_buffer {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(CONTROL_FDS_MAX * sizeof(int))];
};

static int
code_of_errno(void)
{
    switch (errno) {
    case EAGAIN:
        return HF_AGAIN;
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
    case ENOTCONN:
        return HF_E_NO_DAEMON;
    default:
        return HF_E_SYSTEM;
    }
}

int
hf_control_send(int socket_fd, const void *message, size_t len_bytes, const int *fds,
                unsigned fd_count)
{
    HF_ASSERT("at most 3 descriptors", fd_count <= CONTROL_FDS_MAX);
    union control_buffer control;
    memset(&control, 0, sizeof(control));
    struct iovec part = {.iov_base = (void *)message, .iov_len = len_bytes};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count > 0) {
        size_t fd_bytes = fd_count * sizeof(int);
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(fd_bytes);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fd_bytes);
        memcpy(CMSG_DATA(rights), fds, fd_bytes);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket_fd, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? code_of_errno() : HF_OK; /* SEQPACKET sends all or nothing */
}

bool
hf_control_unread(int socket_fd)
{
    int unread_bytes =
        0; /* a Unix socket accounts to the sender for what the receiver has not taken */
    return ioctl(socket_fd, SIOCOUTQ, &unread_bytes) == 0 && unread_bytes > 0;
}

/* Keep up to `wanted` descriptors of a received message in `fds`, close the others. Returns how many
 * were kept. */
static unsigned
take_fds(struct msghdr *header, int *fds, unsigned wanted)
{
    unsigned kept = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL;
         part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
            if (kept < wanted) {
                fds[kept++] = fd;
            } else {
                close(fd);
            }
        }
    }
    return kept;
}

int
hf_control_receive(int socket_fd, void *message, size_t len_bytes, int *fds, unsigned *fd_count)
{
    unsigned wanted = fd_count != NULL ? *fd_count : 0;
    HF_ASSERT("at most 3 descriptors", wanted <= CONTROL_FDS_MAX);
    if (fd_count != NULL) {
        *fd_count = 0;
    }
    union control_buffer control;
    struct iovec part = {.iov_base = message, .iov_len = len_bytes};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof(control.bytes)};
    ssize_t received;
    do {
        received = recvmsg(socket_fd, &header, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0) {
        return code_of_errno();
    }
    bool whole = (size_t)received == len_bytes && (header.msg_flags & MSG_TRUNC) == 0;
    unsigned kept = take_fds(&header, fds, whole ? wanted : 0);
    if (!whole) {
        return received == 0 ? HF_E_NO_DAEMON : HF_E_PROTOCOL;
    }
    if (fd_count != NULL) {
        *fd_count = kept;
    }
    return HF_OK;
}
