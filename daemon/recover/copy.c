/* copy.c - a log into a new directory (copy.h). */
#include "recover/copy.h"

#include "recover/check.h"
#include "recover/live.h"
#include "recover/tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define PATH_BYTES 4096

static bool
is_empty(const char *directory)
{
    DIR *stream = opendir(directory);
    int entries = 0;
    if (stream == NULL) {
        return false;
    }
    while (readdir(stream) != NULL) {
        entries++;
    }
    (void)closedir(stream);
    return entries <= 2; /* . and .. */
}

/** A directory, or, where it is not there yet, the one above. */
static int
open_nearest(const char *directory)
{
    char path[PATH_BYTES];
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        (void)snprintf(path, sizeof(path), "%s", directory);
        fd = open(dirname(path), O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    return fd;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/** Whether a directory, or one above it up to the root, is the other one. @param fd  is closed */
static bool
is_below(int fd, const struct stat *other)
{
    struct stat here;
    struct stat before = {.st_ino = 0};
    bool found = false;
    while (fd >= 0 && !found && fstat(fd, &here) == 0 && !is_same(&here, &before)) {
        found = is_same(&here, other);
        before = here;
        int above = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        (void)close(fd);
        fd = above;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return found;
}

int
hf_recover_outside(const char *command, const char *directory, const char *to)
{
    struct stat log;
    return stat(directory, &log) == 0 && is_below(open_nearest(to), &log)
               ? hf_recover_fail(command, HF_E_ARGUMENT,
                                 "%s is in the log's own directory, %s: --to must be another one",
                                 to, directory)
               : EX_OK;
}

int
hf_recover_make_directory(const char *command, const char *directory, bool *made)
{
    *made = mkdir(directory, 0700) == 0;
    if (*made || (errno == EEXIST && is_empty(directory))) {
        return EX_OK;
    }
    if (errno == EEXIST) {
        return hf_recover_fail(command, HF_E_FULL, "%s exists and is not empty", directory);
    }
    int code = errno == EACCES || errno == EPERM || errno == EROFS ? HF_E_DENIED : HF_E_SYSTEM;
    return hf_recover_fail(command, code, "%s cannot be made: %s", directory, strerror(errno));
}

/** Replay the copy as a start would. */
static int
check_copy(const char *command, const struct hf_rewrite *rewrite, struct hf_copy_facts *facts)
{
    struct hf_check check;
    int code = hf_check(rewrite->to, rewrite->end_lsn, NULL, &check);
    int exit_code = EX_OK;
    if (code != HF_OK || check.verdict != HF_CHECK_SOUND) {
        exit_code = hf_recover_fail(command, code != HF_OK ? code : HF_E_CORRUPT,
                                    "the copy is not sound: %s", check.text);
    } else {
        *facts = (struct hf_copy_facts){.instance_id = check.scan.instance_id,
                                        .digest = hf_core_digest(check.replay.core),
                                        .end_lsn = check.scan.end_lsn};
    }
    hf_check_free(&check);
    return exit_code;
}

int
hf_recover_copy(const char *command, struct hf_rewrite *rewrite, struct hf_copy_facts *facts)
{
    struct hf_recover_progress progress;
    bool made = false;
    int exit_code = hf_recover_outside(command, rewrite->from, rewrite->to);
    if (exit_code == EX_OK) {
        exit_code = hf_recover_make_directory(command, rewrite->to, &made);
    }
    if (exit_code != EX_OK) {
        return exit_code;
    }
    hf_recover_progress_begin(&progress, command, false);
    rewrite->context = &progress;
    rewrite->progress = hf_recover_progress_draw;
    int code = hf_rewrite(rewrite);
    hf_recover_progress_end(&progress);
    exit_code = code == HF_OK ? check_copy(command, rewrite, facts)
                              : hf_recover_fail(command, code, "%s", rewrite->text);
    if (code != HF_OK && made) {
        (void)rmdir(rewrite->to); /* it is empty again */
    }
    return exit_code;
}

void
hf_recover_say_short(const struct hf_rewrite *rewrite)
{
    if (rewrite->snapshot_lsn != 0) {
        (void)printf("The log is kept short: what was before LSN %" PRIu64
                     " is gone; the copy's oldest snapshot is of LSN %" PRIu64 "\n",
                     rewrite->first_lsn, rewrite->snapshot_lsn);
    }
}

int
hf_recover_lock(const char *command, const char *directory, bool make, int *fd)
{
    char path[PATH_BYTES];
    struct hf_live live;
    *fd = -1;
    hf_live_by_directory(directory, &live);
    (void)snprintf(path, sizeof(path), "%s/LOCK", directory);
    *fd = open(path, (make ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
    bool locked = *fd >= 0 && flock(*fd, (make ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0;
    if (live.running || (*fd >= 0 && !locked)) {
        return hf_recover_fail(command, HF_E_BUSY, "a daemon runs on %s: stop it first", directory);
    }
    if (*fd < 0 && make) {
        return hf_recover_fail(command, errno == EACCES ? HF_E_DENIED : HF_E_SYSTEM, "%s: %s", path,
                               strerror(errno));
    }
    return EX_OK;
}

int
hf_recover_remove_log(const char *command, const char *directory)
{
    DIR *stream = opendir(directory);
    for (const struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        (void)unlinkat(dirfd(stream), entry->d_name,
                       0); /* but . and .., and what keeps rmdir off */
    }
    if (stream != NULL) {
        (void)closedir(stream);
    }
    return rmdir(directory) == 0 ? EX_OK
                                 : hf_recover_fail(command, HF_E_SYSTEM, "%s cannot be removed: %s",
                                                   directory, strerror(errno));
}

int
hf_recover_instance_id(uint64_t *instance_id)
{
    do {
        if (getrandom(instance_id, sizeof(*instance_id), 0) != (ssize_t)sizeof(*instance_id)) {
            return HF_E_SYSTEM;
        }
    } while (*instance_id == 0);
    return HF_OK;
}
