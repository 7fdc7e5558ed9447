/*
 * clock.c - time from the vDSO, the boot and process identities from /proc.
 *
 * A pid alone names nobody, because pids are used again. Boot hash, pid and start time together
 * name one process for ever.
 */
#include "base/clock.h"

#include "base/panic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000u
#define PROC_FILE_BYTES 1024 /* a stat line has at most 52 numbers of 20 digits; we need 22 */

static uint64_t
clock_ns(clockid_t clock)
{
    struct timespec now;
    int result = clock_gettime(clock, &now);
    HF_ASSERT("clock exists", result == 0);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t
hf_clock_monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t
hf_clock_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

void
hf_clock_sleep_ns(uint64_t duration_ns)
{
    struct timespec rest = {.tv_sec = (time_t)(duration_ns / NS_PER_S),
                            .tv_nsec = (long)(duration_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR) {
        /* sleep the rest that the signal left */
    }
}

/* Read a small /proc file whole, NUL-terminated. Returns false when it is not there. */
static bool
read_proc_file(const char *path, char text[PROC_FILE_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t len;
    do {
        len = read(fd, text, PROC_FILE_BYTES - 1);
    } while (len < 0 && errno == EINTR);
    close(fd);
    if (len <= 0) {
        return false; /* ESRCH: the process went between open and read */
    }
    text[len] = '\0';
    return true;
}

uint64_t
hf_boot_hash(void)
{
    char text[PROC_FILE_BYTES];
    /* Guessing would either join two boots or part one: both lose orders. */
    if (!read_proc_file("/proc/sys/kernel/random/boot_id", text)) {
        HF_PANIC("cannot read /proc/sys/kernel/random/boot_id: %s", strerror(errno));
    }
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (const char *c = text; *c != '\0' && *c != '\n'; c++) {
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    }
    return hash != 0 ? hash : 1;
}

/* The n-th blank-separated word of a text (0: the first), or NULL. */
static const char *
word_at(const char *text, unsigned n)
{
    for (; n > 0; n--) {
        text = strchr(text, ' ');
        if (text == NULL) {
            return NULL;
        }
        text++;
    }
    return text;
}

uint64_t
hf_process_start(uint64_t pid)
{
    char path[64];
    char text[PROC_FILE_BYTES];
    (void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
    if (pid == 0 || !read_proc_file(path, text)) {
        return 0;
    }
    /* Field 2 is the program's name in brackets and may hold anything, brackets and blanks too. */
    const char *state = strrchr(text, ')');
    if (state == NULL || state[1] != ' ') {
        return 0;
    }
    state += 2;                               /* field 3 */
    const char *threads = word_at(state, 17); /* field 20 */
    const char *start = word_at(state, 19);   /* field 22 */
    if (threads == NULL || start == NULL) {
        return 0;
    }
    /* A zombie is gone, it only waits for its parent; but a process whose first thread has left is
     * shown as one too, with its other threads counted. */
    bool ended = *state == 'Z' || *state == 'X';
    return ended && strtoull(threads, NULL, 10) <= 1 ? 0 : strtoull(start, NULL, 10);
}
