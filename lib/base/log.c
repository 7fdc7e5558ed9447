/*
 * log.c - one line, one write(2), to stderr.
 *
 * A reader that has stopped reading costs lines, never the process: see has_room().
 *
 * A line is cut at LOG_LINE_BYTES and its control characters become '?': whatever text came in from
 * outside, one call is one line, and no terminal is at its mercy.
 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_LINE_BYTES 1024
#define PATIENCE_MS 200

/* One line at a time: between the look for room and the write nobody else may use it up. */
static pthread_mutex_t write_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned lines_dropped;

/* Is stderr the stream that systemd made? JOURNAL_STREAM is "device:inode" of it, and stays set when
 * somebody redirects stderr elsewhere: so compare. */
static bool
stderr_is_journal(void)
{
    const char *text = getenv("JOURNAL_STREAM");
    struct stat status;
    if (text == NULL || fstat(STDERR_FILENO, &status) != 0) {
        return false;
    }
    char *colon;
    uint64_t device = strtoull(text, &colon, 10);
    if (*colon != ':') {
        return false;
    }
    return device == (uint64_t)status.st_dev &&
           strtoull(colon + 1, NULL, 10) == (uint64_t)status.st_ino;
}

static const char *
plain_prefix(enum hf_log_priority priority)
{
    switch (priority) {
    case HF_LOG_ERROR:
        return "error: ";
    case HF_LOG_WARNING:
        return "warning: ";
    case HF_LOG_NOTICE:
    case HF_LOG_INFO:
        break;
    }
    return "";
}

static size_t
format_prefix(char *text, size_t capacity, enum hf_log_priority priority)
{
    int len = stderr_is_journal() ? snprintf(text, capacity, "<%d>", (int)priority)
                                  : snprintf(text, capacity, "%s", plain_prefix(priority));
    return len > 0 ? (size_t)len : 0;
}

/* Whether a line can be written without waiting for a reader for ever: a pipe that is ready has room for
 * PIPE_BUF bytes, which is more than a line. After one that had no room for a while, the next ones do not
 * wait at all until it has room again. */
static bool
has_room(void)
{
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    bool ready = poll(&room, 1, lines_dropped == 0 ? PATIENCE_MS : 0) != 0;
    lines_dropped += !ready;
    return ready;
}

static void
write_whole(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, text, len);
        if (written < 0 && errno != EINTR) {
            return; /* a log that cannot be written has nobody to tell */
        }
        if (written > 0) {
            text += written;
            len -= (size_t)written;
        }
    }
}

static void
tell_dropped(void)
{
    char text[64];
    if (lines_dropped > 0) {
        int len = snprintf(text, sizeof(text), "(%u lines before this were lost: nobody read)\n",
                           lines_dropped);
        write_whole(text, (size_t)len);
        lines_dropped = 0;
    }
}

void
hf_log(enum hf_log_priority priority, const char *format, ...)
{
    int saved_errno = errno; /* callers log first and return errno's meaning after */
    char text[LOG_LINE_BYTES];
    size_t capacity = sizeof(text) - 1; /* the last byte is the newline's */
    size_t start = format_prefix(text, capacity, priority);
    va_list arguments;
    va_start(arguments, format);
    errno = saved_errno; /* for %m */
    int wanted = vsnprintf(text + start, capacity - start, format, arguments);
    va_end(arguments);
    size_t len = start;
    if (wanted > 0) {
        size_t room = capacity - start - 1;
        len += (size_t)wanted < room ? (size_t)wanted : room;
    }
    while (len > start && text[len - 1] == '\n') {
        len--;
    }
    for (size_t i = start; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
            text[i] = '?';
        }
    }
    text[len++] = '\n';
    pthread_mutex_lock(&write_lock);
    if (has_room()) {
        tell_dropped();
        write_whole(text, len);
    }
    pthread_mutex_unlock(&write_lock);
    errno = saved_errno;
}
