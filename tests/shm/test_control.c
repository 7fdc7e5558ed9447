/* test_control.c - messages arrive whole or are refused, and no descriptor is ever leaked. */
#include "shm/control.h"

#include "base/child.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

static int here;
static int there;

static void
make_pair(void)
{
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    here = ends[0];
    there = ends[1];
}

static void
close_pair(void)
{
    close(here);
    close(there);
}

TestSuite(control, .init = make_pair, .fini = close_pair);

static unsigned
open_fds(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

/* Descriptors that can be told apart: pipes, by their inodes. */
static void
make_fds(int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        int ends[2];
        cr_assert_eq(pipe(ends), 0);
        fds[i] = ends[0];
        close(ends[1]);
    }
}

static void
close_fds(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        close(fds[i]);
    }
}

static bool
same_file(int a, int b)
{
    struct stat first;
    struct stat second;
    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_ino == second.st_ino;
}

/* Send any number of descriptors, as no honest peer would. */
static void
send_raw(const void *message, size_t len, const int *fds, unsigned count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(32 * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = (void *)message, .iov_len = len};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    memset(&control, 0, sizeof(control));
    if (count > 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
    }
    cr_assert_eq(sendmsg(here, &header, 0), (ssize_t)len);
}

Test(control, a_request_and_a_full_answer_arrive_as_they_were_sent)
{
    struct hf_control_request request = {.magic = HF_CONTROL_MAGIC, .type = HF_CONTROL_OPEN};
    struct hf_control_request got;
    cr_assert_eq(hf_control_send(here, &request, sizeof(request), NULL, 0), HF_OK);
    cr_assert_eq(hf_control_receive(there, &got, sizeof(got), NULL, NULL), HF_OK);
    cr_assert_eq(memcmp(&got, &request, sizeof(got)), 0);
    static struct hf_control_answer answer;
    static struct hf_control_answer got_answer;
    memset(&answer, 0x5a, sizeof(answer));
    cr_assert_eq(hf_control_send(there, &answer, sizeof(answer), NULL, 0), HF_OK);
    cr_assert_eq(hf_control_receive(here, &got_answer, sizeof(got_answer), NULL, NULL), HF_OK);
    cr_assert_eq(memcmp(&got_answer, &answer, sizeof(answer)), 0);
}

Test(control, descriptors_come_in_order_close_on_exec_and_only_those_wanted)
{
    int sent[3];
    make_fds(sent, 3);
    for (unsigned count = 0; count <= 3; count++) {
        for (unsigned wanted = 0; wanted <= 3; wanted++) {
            unsigned before = open_fds();
            int fds[3] = {-1, -1, -1};
            unsigned got = wanted;
            uint64_t message = 1;
            cr_assert_eq(hf_control_send(here, &message, sizeof(message), sent, count), HF_OK);
            cr_assert_eq(hf_control_receive(there, &message, sizeof(message), fds, &got), HF_OK);
            cr_assert_eq(got, count < wanted ? count : wanted);
            for (unsigned i = 0; i < got; i++) {
                cr_assert(same_file(fds[i], sent[i]));
                cr_assert_neq(fcntl(fds[i], F_GETFD) & FD_CLOEXEC, 0);
            }
            cr_assert_eq(open_fds(), before + got, "sent %u wanted %u", count, wanted);
            close_fds(fds, got);
        }
    }
    close_fds(sent, 3);
}

Test(control, a_flood_of_descriptors_leaks_none)
{
    int sent[32];
    make_fds(sent, 32);
    unsigned before = open_fds();
    const unsigned counts[] = {4, 5, 32};
    for (size_t i = 0; i < 3; i++) {
        int fds[3];
        unsigned got = 3;
        uint64_t message = 1;
        send_raw(&message, sizeof(message), sent, counts[i]);
        cr_assert_eq(hf_control_receive(there, &message, sizeof(message), fds, &got), HF_OK);
        cr_assert_eq(got, 3);
        close_fds(fds, got);
        cr_assert_eq(open_fds(), before);
    }
    close_fds(sent, 32);
}

Test(control, a_message_of_the_wrong_length_is_refused_with_its_descriptors)
{
    char bytes[64] = {0};
    int sent[2];
    make_fds(sent, 2);
    unsigned before = open_fds();
    const size_t lengths[] = {1, 31, 33, 64};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        int fds[3];
        unsigned got = 3;
        char message[32];
        send_raw(bytes, lengths[i], sent, 2);
        cr_assert_eq(hf_control_receive(there, message, 32, fds, &got), HF_E_PROTOCOL, "%zu bytes",
                     lengths[i]);
        cr_assert_eq(got, 0);
        cr_assert_eq(open_fds(), before);
    }
    /* the connection goes on, message boundaries hold */
    char message[32];
    send_raw(bytes, 32, NULL, 0);
    cr_assert_eq(hf_control_receive(there, message, 32, NULL, NULL), HF_OK);
    close_fds(sent, 2);
}

Test(control, a_peer_that_left_is_no_daemon)
{
    uint64_t message = 1;
    signal(SIGPIPE, SIG_DFL); /* which a process that uses the library has */
    close(there);
    cr_assert_eq(hf_control_send(here, &message, sizeof(message), NULL, 0), HF_E_NO_DAEMON);
    cr_assert_eq(hf_control_receive(here, &message, sizeof(message), NULL, NULL), HF_E_NO_DAEMON);
    there = fcntl(here, F_DUPFD_CLOEXEC, 0); /* for close_pair() */
}

Test(control, what_was_sent_before_the_peer_left_still_arrives)
{
    uint64_t message = 77;
    cr_assert_eq(hf_control_send(there, &message, sizeof(message), NULL, 0), HF_OK);
    close(there);
    message = 0;
    cr_assert_eq(hf_control_receive(here, &message, sizeof(message), NULL, NULL), HF_OK);
    cr_assert_eq(message, 77);
    cr_assert_eq(hf_control_receive(here, &message, sizeof(message), NULL, NULL), HF_E_NO_DAEMON);
    there = fcntl(here, F_DUPFD_CLOEXEC, 0);
}

Test(control, nothing_there_and_no_room_are_again_on_a_non_blocking_socket)
{
    uint64_t message = 1;
    cr_assert_eq(fcntl(here, F_SETFL, O_NONBLOCK), 0);
    cr_assert_eq(hf_control_receive(here, &message, sizeof(message), NULL, NULL), HF_AGAIN);
    int result = HF_OK;
    for (int i = 0; i < 1000000 && result == HF_OK; i++) {
        result = hf_control_send(here, &message, sizeof(message), NULL, 0);
    }
    cr_assert_eq(result, HF_AGAIN);
}

Test(control, what_is_no_socket_is_a_system_error)
{
    uint64_t message = 1;
    int fds[3];
    make_fds(fds, 1);
    const int bad[] = {-1, fds[0]};
    for (size_t i = 0; i < 2; i++) {
        unsigned got = 3;
        cr_assert_eq(hf_control_send(bad[i], &message, sizeof(message), NULL, 0), HF_E_SYSTEM);
        cr_assert_eq(hf_control_receive(bad[i], &message, sizeof(message), fds + 1, &got),
                     HF_E_SYSTEM);
        cr_assert_eq(got, 0);
    }
    close(fds[0]);
}

static void
ignore_alarm(int signal_number)
{
    (void)signal_number;
}

static int
receive_under_signals(void *context)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = ignore_alarm; /* no SA_RESTART: recvmsg returns EINTR */
    sigaction(SIGALRM, &action, NULL);
    struct itimerval every = {.it_interval = {0, 2000}, .it_value = {0, 2000}};
    setitimer(ITIMER_REAL, &every, NULL);
    uint64_t message;
    return hf_control_receive(*(int *)context, &message, sizeof(message), NULL, NULL) == HF_OK &&
                   message == 5
               ? 0
               : 1;
}

Test(control, a_signal_does_not_end_a_wait)
{
    pid_t pid = child_start(receive_under_signals, &there);
    usleep(30000);
    uint64_t message = 5;
    cr_assert_eq(hf_control_send(here, &message, sizeof(message), NULL, 0), HF_OK);
    cr_assert_eq(child_end(pid), 0);
}

static int
send_four(void *context)
{
    int fds[4] = {0, 0, 0, 0};
    return hf_control_send(*(int *)context, fds, sizeof(fds), fds, 4);
}

Test(control, more_than_three_descriptors_to_send_is_a_programmer_error)
{
    char text[512];
    cr_assert_eq(child_run_stderr(send_four, &here, text, sizeof(text)), CHILD_SIGNAL + SIGABRT);
}

Test(control, what_the_peer_has_not_received_is_unread)
{
    uint64_t message = 5;
    cr_expect_not(hf_control_unread(here));
    cr_assert_eq(hf_control_send(here, &message, sizeof(message), NULL, 0), HF_OK);
    cr_expect(hf_control_unread(here));
    cr_expect_not(hf_control_unread(there), "it has sent nothing");
    cr_assert_eq(hf_control_receive(there, &message, sizeof(message), NULL, NULL), HF_OK);
    cr_expect_not(hf_control_unread(here));
}
