/* remains.c - the status page of a daemon that answers no more. */
#include "watch/remains.h"

#include <fcntl.h>
#include <holdfast/units.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 64

/** Anybody may put anything under a name in /dev/shm: it is taken as a daemon leaves it. */
static bool
is_private_file(int fd)
{
    struct stat found;
    return fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 077) == 0;
}

bool
hf_watch_read_remains(const char *instance, struct hf_status *status)
{
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof(path), "/dev/shm/holdfast.%s.status", instance);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    bool whole =
        is_private_file(fd) && pread(fd, status, sizeof(*status), 0) == (ssize_t)sizeof(*status);
    (void)close(fd);
    status->instance[sizeof(status->instance) - 1] = '\0';
    status->halt_text[sizeof(status->halt_text) - 1] = '\0';
    return whole && status->magic == HF_STATUS_MAGIC && status->version == HF_PROTOCOL_VERSION;
}
