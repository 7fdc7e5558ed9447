/* tool.c - what all sub-commands need (tool.h). */
#include "recover/tool.h"

#include "base/clock.h"
#include "recovery/retain.h"

#include <errno.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define PROGRESS_AFTER_NS 500000000u /* what is over sooner needs no bar */
#define PROGRESS_EVERY_NS 100000000u
#define PROGRESS_WIDTH 40u

int
hf_recover_exit_code(int code)
{
    switch (code) {
    case HF_OK:
        return EX_OK;
    case HF_E_ARGUMENT:
        return EX_USAGE;
    case HF_E_CORRUPT:
    case HF_E_VERSION:
        return EX_DATAERR;
    case HF_E_UNKNOWN:
        return EX_NOINPUT;
    case HF_E_BUSY:
        return EX_UNAVAILABLE;
    case HF_E_FULL:
        return EX_CANTCREAT;
    case HF_E_IO:
    case HF_E_NO_SPACE:
        return EX_IOERR;
    case HF_E_DENIED:
        return EX_NOPERM;
    default:
        return EX_OSERR;
    }
}

int
hf_recover_fail(const char *command, int code, const char *format, ...)
{
    va_list arguments;
    (void)fprintf(stderr, "holdfast-recover %s: ", command);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    return hf_recover_exit_code(code);
}

int
hf_recover_hold_directory(const char *command, const char *directory)
{
    struct stat status;
    if (stat(directory, &status) != 0) {
        int code = errno == EACCES ? HF_E_DENIED : HF_E_UNKNOWN;
        return hf_recover_fail(command, code, "%s: %s", directory, strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return hf_recover_fail(command, HF_E_UNKNOWN,
                               "%s is no directory; a log is a directory of .wal files", directory);
    }
    (void)hf_retain_hold(directory); /* where that cannot be, the log may be shortened meanwhile */
    return EX_OK;
}

void
hf_recover_say_overtaken(const char *command)
{
    (void)fprintf(stderr,
                  "holdfast-recover %s: the daemon has shortened the log meanwhile: once more\n",
                  command);
}

void
hf_recover_progress_begin(struct hf_recover_progress *progress, const char *what, bool prints)
{
    *progress = (struct hf_recover_progress){.what = what};
    if (isatty(STDERR_FILENO) && !(prints && isatty(STDOUT_FILENO))) {
        progress->begin_ns = hf_clock_monotonic_ns();
    }
}

void
hf_recover_progress_draw(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    static const char bar[] = "########################################";
    struct hf_recover_progress *progress = context;
    if (progress->begin_ns == 0 || total_bytes == 0) {
        return;
    }
    uint64_t now = hf_clock_monotonic_ns();
    if (now - progress->begin_ns < PROGRESS_AFTER_NS ||
        now - progress->drawn_ns < PROGRESS_EVERY_NS) {
        return;
    }
    double part = (double)done_bytes / (double)total_bytes;
    (void)fprintf(stderr, "\r%s [%-*.*s] %3u %%", progress->what, (int)PROGRESS_WIDTH,
                  (int)(part * PROGRESS_WIDTH), bar, (unsigned)(part * 100));
    progress->drawn_ns = now;
    progress->drawn = true;
}

void
hf_recover_progress_end(struct hf_recover_progress *progress)
{
    if (progress->drawn) {
        (void)fputs("\r\033[K", stderr);
    }
    progress->begin_ns = 0;
}
