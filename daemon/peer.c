/* peer.c - descriptors of processes that have connected. */
#include "daemon/peer.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; asm-generic, as on x86-64 and arm64 */
#endif

/** By its number, which another process may have had until now: that one's start time differs. */
static int
open_by_number(uint64_t pid, uint64_t start)
{
    int fd = start == 0 ? -1 : (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (fd >= 0 && hf_process_start(pid) != start) {
        close(fd);
        return -1;
    }
    return fd;
}

int
hf_peer_open(int socket_fd, uint64_t pid, uint64_t start)
{
    int fd = -1;
    socklen_t len = sizeof(fd);
    if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) == 0) {
        return fd; /* of the very process that connected */
    }
    return open_by_number(pid, start);
}

bool
hf_peer_ended(uint64_t pid, uint64_t start)
{
    uint64_t now =
        pid == 0 ? 0 : hf_process_start(pid); /* 0: not readable, for want of a descriptor */
    if (now != 0 && start != 0) {
        return now != start;
    }
    return pid != 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}
