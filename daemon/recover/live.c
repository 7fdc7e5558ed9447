/*
 * live.c - the status page of a log's instance (live.h).
 *
 * The page has the device and inode of the directory, not its path: a path may be another one in
 * another name space. The way back is the daemon's open LOCK file.
 */
#include "recover/live.h"

#include "base/clock.h"
#include "shm/region.h"

#include <dirent.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "/holdfast."
#define SUFFIX ".status"
#define LOCK_NAME "/LOCK"

struct lookup {
    const char *instance; /**< wanted; NULL: that of the directory */
    struct stat directory;
    struct hf_live *live;
};

static bool
has_suffix(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t suffix_length = strlen(suffix);
    return length >= suffix_length && strcmp(text + length - suffix_length, suffix) == 0;
}

static bool
wanted(const struct lookup *lookup, const struct hf_status *status)
{
    if (status->magic != HF_STATUS_MAGIC || status->version != HF_PROTOCOL_VERSION ||
        status->boot != hf_boot_hash()) {
        return false;
    }
    if (lookup->instance != NULL) {
        return strncmp(status->instance, lookup->instance, sizeof(status->instance)) == 0;
    }
    return status->directory_device == lookup->directory.st_dev &&
           status->directory_inode == lookup->directory.st_ino;
}

static void
look_at(void *context, const char *name)
{
    struct lookup *lookup = context;
    struct hf_region region = {.fd = -1};
    struct hf_status status;
    if (!has_suffix(name, SUFFIX) || hf_region_open(&region, name, false) != HF_OK) {
        return;
    }
    if (region.len_bytes >= HF_STATUS_PAGE_BYTES) {
        memcpy(&status, region.base, sizeof(status));
        status.instance[sizeof(status.instance) - 1] = '\0';
        if (wanted(lookup, &status)) {
            lookup->live->found = true;
            lookup->live->running = status.state != HF_STATE_STOPPED && status.pid_start != 0 &&
                                    hf_process_start(status.pid) == status.pid_start;
            lookup->live->status = status;
        }
    }
    hf_region_detach(&region);
}

void
hf_live_by_directory(const char *directory, struct hf_live *live)
{
    struct lookup lookup = {.live = live};
    memset(live, 0, sizeof(*live));
    if (stat(directory, &lookup.directory) == 0) {
        (void)hf_region_list(PREFIX, look_at, &lookup);
    }
}

/** Whether a path is LOCK in the directory that the page names; cuts the name off. */
static bool
is_lock(char *path, const struct hf_status *status)
{
    struct stat directory;
    if (!has_suffix(path, LOCK_NAME)) {
        return false;
    }
    path[strlen(path) - strlen(LOCK_NAME)] = '\0';
    return stat(path, &directory) == 0 && directory.st_dev == status->directory_device &&
           directory.st_ino == status->directory_inode;
}

static bool
find_lock(const struct hf_status *status, char *path, size_t path_bytes)
{
    char descriptors[64];
    (void)snprintf(descriptors, sizeof(descriptors), "/proc/%" PRIu64 "/fd", status->pid);
    DIR *stream = opendir(descriptors);
    bool found = false;
    for (const struct dirent *entry; stream != NULL && !found && (entry = readdir(stream));) {
        ssize_t length = readlinkat(dirfd(stream), entry->d_name, path, path_bytes - 1);
        if (length > 0) {
            path[length] = '\0';
            found = is_lock(path, status);
        }
    }
    if (stream != NULL) {
        (void)closedir(stream);
    }
    return found;
}

int
hf_live_directory(const char *instance, char *directory, size_t directory_bytes)
{
    struct hf_live live = {.found = false};
    struct lookup lookup = {.instance = instance, .live = &live};
    (void)hf_region_list(PREFIX, look_at, &lookup);
    return live.running && find_lock(&live.status, directory, directory_bytes) ? HF_OK
                                                                               : HF_E_NO_DAEMON;
}
