/* tool.c - what all sub-commands need (tool.h). */
#include "recover/tool.h"

#include "base/clock.h"
#include "recovery/files.h"
#include "recovery/retain.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <limits.h>
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

/* Whether there is a log */

/** The first directory below that has a log. @return whether there is one */
static bool
find_below(const char *directory, char path[PATH_MAX])
{
    char name[HF_FILES_NAME_BYTES];
    bool found = false;
    DIR *stream = opendir(directory);
    for (const struct dirent *entry;
         stream != NULL && !found && (entry = readdir(stream)) != NULL;) {
        struct stat status;
        found = entry->d_name[0] != '.' &&
                fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                S_ISDIR(status.st_mode) &&
                snprintf(path, PATH_MAX, "%s/%s", directory, entry->d_name) < PATH_MAX &&
                access(path, R_OK) == 0 && hf_files_judge(path, name) == HF_FILES_LOG;
    }
    if (stream != NULL) {
        (void)closedir(stream);
    }
    return found;
}

static int
expect_log(const char *command, const char *directory)
{
    char name[HF_FILES_NAME_BYTES] = "";
    char below[PATH_MAX];
    switch (hf_files_judge(directory, name)) {
    case HF_FILES_LOG:
        return EX_OK;
    case HF_FILES_SPECIAL:
        return hf_recover_fail(command, HF_E_CORRUPT, "%s/%s is no regular file", directory, name);
    case HF_FILES_NONE:
        break;
    }
    return find_below(directory, below)
               ? hf_recover_fail(command, HF_E_UNKNOWN, "no log in %s, but in %s", directory, below)
               : hf_recover_fail(command, HF_E_UNKNOWN, "no log in %s", directory);
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
    return expect_log(command, directory);
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
