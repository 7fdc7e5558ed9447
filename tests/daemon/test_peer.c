/* test_peer.c - the process at the other end, and its end. */
#include "daemon/peer.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
is_readable(int fd, int timeout_ms)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    return poll(&entry, 1, timeout_ms) == 1;
}

/** A child that waits for its end, and a socket whose peer this process is. */
static pid_t
start_child(int pair[2])
{
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    cr_assert_gt(child, 0);
    return child;
}

static void
end_child(pid_t child)
{
    cr_assert_eq(kill(child, SIGKILL), 0);
    cr_assert_eq(waitpid(child, NULL, 0), child);
}

Test(peer, the_descriptor_of_a_living_process_is_not_readable)
{
    int pair[2];
    pid_t child = start_child(pair);
    int fd = hf_peer_open(pair[0], (uint64_t)getpid(), hf_process_start((uint64_t)getpid()));
    cr_assert_geq(fd, 0);
    cr_expect_not(is_readable(fd, 0));
    end_child(child);
    cr_expect_not(is_readable(fd, 0), "a child is not who connected");
    close(fd);
}

Test(peer, where_the_socket_does_not_tell_the_process_is_found_by_its_number_and_its_start)
{
    int pair[2];
    pid_t child = start_child(pair);
    int no_socket[2];
    cr_assert_eq(pipe(no_socket), 0);
    uint64_t start = hf_process_start((uint64_t)child);
    cr_expect_eq(hf_peer_open(no_socket[0], (uint64_t)child, start + 1), -1, "another process");
    cr_expect_eq(hf_peer_open(no_socket[0], (uint64_t)child, 0), -1, "nobody knows which");
    int fd = hf_peer_open(no_socket[0], (uint64_t)child, start);
    cr_assert_geq(fd, 0);
    cr_expect_not(is_readable(fd, 0));
    end_child(child);
    cr_expect(is_readable(fd, 10000));
    close(fd);
}

Test(peer, a_process_has_ended_when_its_number_is_nobodys_or_anothers)
{
    int pair[2];
    pid_t child = start_child(pair);
    uint64_t start = hf_process_start((uint64_t)child);
    cr_expect_not(hf_peer_ended((uint64_t)child, start));
    cr_expect(hf_peer_ended((uint64_t)child, start + 1));
    cr_expect_not(hf_peer_ended((uint64_t)child, 0), "its start is not known");
    cr_expect_not(hf_peer_ended(0, 0), "a process of another name space");
    end_child(child);
    cr_expect(hf_peer_ended((uint64_t)child, start));
    cr_expect(hf_peer_ended((uint64_t)child, 0));
}
