/* owner.c - whose an object in shared memory is (owner.h). */
#include "daemon/owner.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHM_DIRECTORY "/dev/shm"

/** @return 0 or errno */
static int
look_at(const char *name, struct stat *status)
{
    char path[sizeof(SHM_DIRECTORY) + 256];
    (void)snprintf(path, sizeof(path), "%s%.250s", SHM_DIRECTORY, name);
    return lstat(path, status) == 0 ? 0 : errno; /* of a link: who made the link */
}

void
hf_owner_text(const char *name, char *text, size_t len_bytes)
{
    struct stat status;
    int error = look_at(name, &status);
    if (error != 0) {
        (void)snprintf(text, len_bytes, "cannot be looked at: %s", strerror(error));
        return;
    }
    const struct passwd *user = getpwuid(status.st_uid);
    const char *who = user != NULL ? user->pw_name : "?";
    if (status.st_uid != geteuid()) {
        (void)snprintf(text, len_bytes,
                       "belongs to user '%s' (%u): run as that user if the instance is theirs, "
                       "else have it removed",
                       who, (unsigned)status.st_uid);
    } else {
        (void)snprintf(text, len_bytes,
                       "has mode %04o, so that others may have written it: find out who changed "
                       "that, and chmod it to 0600",
                       (unsigned)(status.st_mode & 07777));
    }
}

bool
hf_owner_is_foreign(const char *name)
{
    struct stat status;
    return look_at(name, &status) == 0 && status.st_uid != geteuid();
}
