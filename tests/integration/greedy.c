/*
 * greedy.c - a client that asks the gap service for more than its share.
 *
 *   greedy WHAT SOCKET SESSION COUNT
 *
 *   again    asks for its first report COUNT times, each time as soon as it was answered; 0: until killed
 *   unread   asks COUNT times and reads no answer, until the daemon ends the connection; then prints how many
 *            answers were there, and the bytes that their objects still hold
 *   hoard    asks COUNT times, with a new connection for every third, and keeps what it gets open; then
 *            prints how many objects still hold something
 *
 * Exit code 0: it was done, and what is promised to an honest client held.
 */
#include "raw.h"

#include <errno.h>
#include <string.h>

static struct raw raw;
static const char *path;
static const char *session;

/** A session that has a report. */
static void
open_with_report(void)
{
    raw_open(&raw, path, session, 64, 64);
    struct hf_command command = {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 1};
    if (!raw_publish(&raw, &command, 1)) {
        raw_fail("publish", HF_AGAIN);
    }
    raw_doorbell(&raw);
}

static struct hf_control_request
first_report(void)
{
    struct hf_control_request request = raw_request(HF_CONTROL_REPORTS, "");
    request.first_report = request.last_report = 1;
    return request;
}

/** Ask, and wait for the answer, again while there is no report yet. @return the object */
static int
ask(void)
{
    static struct hf_control_answer answer;
    const struct hf_control_request request = first_report();
    for (int i = 0; i < PATIENCE_MS / 10; i++) {
        int fds[3] = {-1, -1, -1};
        int code = raw_ask(raw.socket_fd, &request, sizeof(request), &answer, fds);
        if (code != HF_OK) {
            raw_fail("REPORTS", code);
        }
        if (answer.code == HF_OK) {
            return fds[0];
        }
        if (answer.code != HF_E_ARGUMENT) {
            raw_fail(answer.text, answer.code);
        }
        raw_pause_ms(10);
    }
    raw_fail("no report", HF_TIMEOUT);
    return -1;
}

/** What the object holds; it must be all or nothing. */
static size_t
held_bytes(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size % HF_SLOT_BYTES != 0) {
        raw_fail("an object that is neither whole nor empty", 0);
    }
    return (size_t)status.st_size;
}

static void
do_again(long count)
{
    open_with_report();
    for (long i = 0; count == 0 || i < count; i++) {
        int fd = ask();
        if (held_bytes(fd) == 0) {
            raw_fail("an answer was taken back before it could be read", 0);
        }
        close(fd);
        printf("served %ld\n", i + 1);
    }
}

static void
await_end(void)
{
    struct pollfd end = {.fd = raw.socket_fd};
    while (poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
}

static void
do_unread(long count)
{
    static struct hf_control_answer answer;
    const struct hf_control_request request = first_report();
    open_with_report();
    close(ask());
    for (long i = 0; i < count; i++) {
        (void)hf_control_send(raw.socket_fd, &request, sizeof(request), NULL, 0);
    }
    await_end();
    unsigned got = 0;
    size_t bytes = 0;
    for (int i = 0; i < 4;
         i++) { /* the first one may say ECONNRESET, for what nobody took from us */
        int fds[3] = {-1, -1, -1};
        unsigned fd_count = 3;
        if (hf_control_receive(raw.socket_fd, &answer, sizeof(answer), fds, &fd_count) == HF_OK) {
            got++;
            bytes += held_bytes(fds[0]);
        }
    }
    printf("answers %u bytes %zu\n", got, bytes);
}

static void
do_hoard(long count)
{
    int *fds = calloc((size_t)count, sizeof(*fds));
    unsigned full = 0;
    for (long i = 0; i < count; i++) {
        if (i % 3 == 0) {
            if (i != 0) {
                close(raw.socket_fd);
            }
            open_with_report();
        }
        fds[i] = ask();
    }
    for (long i = 0; i < count; i++) {
        full += held_bytes(fds[i]) != 0;
    }
    printf("objects %ld full %u\n", count, full);
    free(fds);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(long count);
    } tasks[] = {{"again", do_again}, {"unread", do_unread}, {"hoard", do_hoard}};
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc == 5 && i < sizeof(tasks) / sizeof(tasks[0]); i++) {
        if (strcmp(argv[1], tasks[i].name) == 0) {
            path = argv[2];
            session = argv[3];
            tasks[i].run(strtol(argv[4], NULL, 10));
            return 0;
        }
    }
    fprintf(stderr, "usage: greedy again|unread|hoard SOCKET SESSION COUNT\n");
    return 2;
}
