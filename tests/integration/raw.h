/*
 * raw.h - a client without the library: the control socket's messages and the session's objects as
 * they are, so that tests can break every rule of the protocol.
 */
#ifndef HF_TEST_RAW_H
#define HF_TEST_RAW_H

#include "base/futex.h"
#include "shm/control.h"
#include "shm/region.h"
#include "shm/ring.h"
#include "shm/session.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 60000 /* for what comes at once on a quiet host */
#define PATIENCE_NS (UINT64_C(1000000) * PATIENCE_MS)

struct raw {
    int socket_fd;
    int command_fd; /**< writable, as the daemon passed it */
    unsigned char *command_base;
    size_t command_bytes;
    struct hf_command_object *commands;
    const struct hf_report_object *reports;
    struct hf_ring_producer ring;
};

static inline void
raw_fail(const char *what, int code)
{
    printf("%s: %s\n", what, code == 0 ? "" : hf_error_name(code));
    exit(1);
}

static inline void
raw_pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/** @return a blocking descriptor, -1 when nobody listens */
static inline int
raw_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static inline struct hf_control_request
raw_request(uint32_t type, const char *session)
{
    struct hf_control_request request = {.magic = HF_CONTROL_MAGIC,
                                         .version = HF_PROTOCOL_VERSION,
                                         .type = type,
                                         .command_slots = 1024,
                                         .report_slots = 1024};
    snprintf(request.session, sizeof(request.session), "%s", session);
    return request;
}

/** One request, one answer. @return the transport's code; the daemon's is in the answer */
static inline int
raw_ask(int fd, const void *request, size_t bytes, struct hf_control_answer *answer, int fds[3])
{
    unsigned count = 3;
    struct pollfd input = {.fd = fd, .events = POLLIN};
    int code = hf_control_send(fd, request, bytes, NULL, 0);
    if (code != HF_OK) {
        return code;
    }
    if (poll(&input, 1, PATIENCE_MS) != 1) {
        return HF_TIMEOUT;
    }
    return hf_control_receive(fd, answer, sizeof(*answer), fds, &count);
}

static inline void *
raw_map(int fd, size_t bytes, int protection)
{
    void *base = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) {
        raw_fail("mmap", 0);
    }
    return base;
}

/** Open or resume a session, trying again while it is held. */
static inline void
raw_open(struct raw *raw, const char *path, const char *session, uint32_t command_slots,
         uint32_t report_slots)
{
    struct hf_control_request request = raw_request(HF_CONTROL_OPEN, session);
    struct hf_control_answer answer = {.code = HF_E_BUSY};
    int fds[3] = {-1, -1, -1};
    request.command_slots = command_slots;
    request.report_slots = report_slots;
    for (int i = 0; i < PATIENCE_MS / 10 && answer.code == HF_E_BUSY; i++) {
        raw->socket_fd = raw_connect(path);
        int code = raw_ask(raw->socket_fd, &request, sizeof(request), &answer, fds);
        if (code != HF_OK) {
            raw_fail("OPEN", code);
        }
        if (answer.code != HF_OK) {
            close(raw->socket_fd);
            raw_pause_ms(10);
        }
    }
    if (answer.code != HF_OK) {
        raw_fail(answer.text, answer.code);
    }
    raw->command_fd = fds[2];
    raw->command_bytes = answer.command_bytes;
    raw->reports = raw_map(fds[1], answer.report_bytes, PROT_READ);
    raw->command_base = raw_map(fds[2], answer.command_bytes, PROT_READ | PROT_WRITE);
    raw->commands = (struct hf_command_object *)(void *)raw->command_base;
    close(fds[0]);
    close(fds[1]);
    uint64_t first = raw->commands->first_seq;
    hf_ring_producer_init(&raw->ring, hf_session_slots(raw->commands), raw->reports->command_slots,
                          &raw->commands->command_head, &raw->reports->command_tail, first);
}

static inline void
raw_doorbell(struct raw *raw)
{
    hf_ring_announce(&raw->ring);
    hf_fetch_add_seq_cst(&raw->commands->doorbell, 1);
    hf_futex_wake(&raw->commands->doorbell);
}

/** Publish slots as they are, waiting for room at most 5 s. @return whether there was room */
static inline bool
raw_publish(struct raw *raw, const void *slots, unsigned count)
{
    for (int i = 0; i < 500; i++) {
        if (hf_ring_claim(&raw->ring, count) == HF_OK) {
            hf_ring_publish_copy(&raw->ring, slots, count);
            return true;
        }
        raw_doorbell(raw);
        raw_pause_ms(10);
    }
    return false;
}

#endif
