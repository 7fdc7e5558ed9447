/* instance.c - the locks of an instance, and its status page. */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/planted.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNFINISHED_NS 100000000u /* many times what giving an object its size takes */

int
hf_start_failed(struct hf_daemon *daemon, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(daemon->text, sizeof(daemon->text), format, arguments);
    va_end(arguments);
    return code;
}

static int
system_failed(struct hf_daemon *daemon, const char *what, const char *path)
{
    int code = errno == ENOSPC                                       ? HF_E_NO_SPACE
               : errno == EACCES || errno == EPERM || errno == EROFS ? HF_E_DENIED
                                                                     : HF_E_SYSTEM;
    return hf_start_failed(daemon, code, "%s %s: %s", what, path, strerror(errno));
}

/** The directory's own name must outlive a power cut, or all that is durable in it is lost with it. Also
 *  of one that was there: who made it may have died before this. What we may not read we did not make. */
static int
sync_parent(struct hf_daemon *daemon, const char *path)
{
    char parent[HF_CONFIG_STRING_BYTES];
    snprintf(parent, sizeof(parent), "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == NULL) {
        snprintf(parent, sizeof(parent), ".");
    } else {
        slash[slash == parent] = '\0';
    }
    int error = HF_PLANTED(PARENT_UNSYNCED) ? 0 : -hf_segment_sync_directory(parent);
    bool others = error == EACCES || error == EROFS || error == EINVAL;
    errno = error;
    return error == 0 || others ? HF_OK : system_failed(daemon, "cannot sync directory", parent);
}

static int
make_directories(struct hf_daemon *daemon, const char *directory)
{
    char path[HF_CONFIG_STRING_BYTES];
    snprintf(path, sizeof(path), "%s", directory);
    for (char *at = path + 1;; at++) {
        if (*at != '/' && *at != '\0') {
            continue;
        }
        char end = *at;
        *at = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            return system_failed(daemon, "cannot make directory", path);
        }
        int result = sync_parent(daemon, path);
        if (result != HF_OK) {
            return result;
        }
        if (end == '\0') {
            return HF_OK;
        }
        *at = end;
    }
}

int
hf_instance_lock(struct hf_daemon *daemon)
{
    const char *directory = daemon->config.instance_directory;
    int result = make_directories(daemon, directory);
    if (result != HF_OK) {
        return result;
    }
    char path[HF_CONFIG_STRING_BYTES + 8];
    snprintf(path, sizeof(path), "%s/LOCK", directory);
    daemon->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (daemon->lock_fd < 0) {
        return system_failed(daemon, "cannot open", path);
    }
    if (flock(daemon->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return hf_start_failed(daemon, HF_E_BUSY,
                                   "another daemon runs on %s (it holds %s): stop it first",
                                   directory, path);
        }
        return system_failed(daemon, "cannot lock", path);
    }
    daemon->boot = hf_boot_hash();
    return HF_OK;
}

static void
status_name(const struct hf_daemon *daemon, char name[HF_REGION_NAME_BYTES])
{
    snprintf(name, HF_REGION_NAME_BYTES, "/holdfast.%.23s.status", daemon->config.instance_name);
}

static int
lock_status(struct hf_daemon *daemon)
{
    if (flock(daemon->status_region.fd, LOCK_EX | LOCK_NB) == 0) {
        return HF_OK;
    }
    return hf_start_failed(
        daemon, HF_E_BUSY,
        "another daemon runs as instance '%s' (it holds /dev/shm%s): stop it, or "
        "give this one another instance.name",
        daemon->config.instance_name, daemon->status_region.name);
}

static int
check_status(struct hf_daemon *daemon)
{
    const struct hf_status *status = daemon->status;
    struct stat directory;
    if (daemon->status_region.len_bytes < HF_STATUS_PAGE_BYTES ||
        status->magic != HF_STATUS_MAGIC || status->bytes > daemon->status_region.len_bytes) {
        return hf_start_failed(daemon, HF_E_CORRUPT,
                               "/dev/shm%s is no status page, or was never finished; "
                               "--abandon-shm removes it and goes on from the log alone",
                               daemon->status_region.name);
    }
    if (status->version != HF_PROTOCOL_VERSION) {
        return hf_start_failed(
            daemon, HF_E_VERSION,
            "/dev/shm%s was made by protocol version %u, this binary has %u: use "
            "that version's binary, or --abandon-shm after a clean stop",
            daemon->status_region.name, status->version, HF_PROTOCOL_VERSION);
    }
    if (stat(daemon->config.instance_directory, &directory) != 0) {
        return system_failed(daemon, "cannot stat", daemon->config.instance_directory);
    }
    if (status->directory_device != directory.st_dev ||
        status->directory_inode != directory.st_ino) {
        return hf_start_failed(
            daemon, HF_E_CORRUPT,
            "instance '%s' kept its log in another directory than %s (device %llu, "
            "inode %llu); start it there, or --abandon-shm",
            daemon->config.instance_name, daemon->config.instance_directory,
            (unsigned long long)status->directory_device,
            (unsigned long long)status->directory_inode);
    }
    return HF_OK;
}

int
hf_instance_open_status(struct hf_daemon *daemon)
{
    char name[HF_REGION_NAME_BYTES];
    status_name(daemon, name);
    int result = hf_region_open(&daemon->status_region, name, true);
    if (result == HF_E_CORRUPT) { /* empty: its maker is at it right now, or died */
        hf_clock_sleep_ns(UNFINISHED_NS);
        result = hf_region_open(&daemon->status_region, name, true);
    }
    if (result == HF_E_CORRUPT) {
        return hf_instance_abandon(daemon);
    }
    if (result == HF_E_UNKNOWN) {
        return HF_OK;
    }
    if (result == HF_E_DENIED) {
        return hf_start_failed(daemon, result,
                               "/dev/shm%s was made by another user, or others may write it: find "
                               "out who did, and remove it",
                               name);
    }
    if (result != HF_OK) {
        return system_failed(daemon, "cannot open shared memory", name);
    }
    daemon->status = daemon->status_region.base;
    result = lock_status(daemon);
    if (result == HF_OK && daemon->status_region.len_bytes >= HF_STATUS_PAGE_BYTES &&
        daemon->status->magic == 0) {
        return hf_instance_abandon(daemon); /* a first start died before anybody could connect */
    }
    if (result == HF_OK) {
        result = check_status(daemon);
    }
    daemon->resumed_shm = result == HF_OK;
    return result;
}

/** The page is ours: say who we are. Watermarks stay as they are until recovery has checked them. */
static int
fill_status(struct hf_daemon *daemon)
{
    struct hf_status *status = daemon->status;
    struct stat directory;
    if (stat(daemon->config.instance_directory, &directory) != 0) {
        return system_failed(daemon, "cannot stat", daemon->config.instance_directory);
    }
    status->version = HF_PROTOCOL_VERSION;
    status->instruments_max = hf_core_limits(daemon->replay.core)->instruments_max;
    status->bytes = daemon->status_region.len_bytes;
    status->instance_id = daemon->instance_id;
    status->directory_device = directory.st_dev;
    status->directory_inode = directory.st_ino;
    status->boot = daemon->boot;
    status->pid = (uint64_t)getpid();
    status->pid_start = hf_process_start(status->pid);
    memcpy(status->instance, daemon->config.instance_name, sizeof(status->instance));
    return HF_OK;
}

int
hf_instance_create_status(struct hf_daemon *daemon)
{
    if (daemon->status == NULL) {
        char name[HF_REGION_NAME_BYTES];
        status_name(daemon, name);
        size_t bytes = HF_STATUS_PAGE_BYTES + hf_core_limits(daemon->replay.core)->instruments_max *
                                                  sizeof(struct hf_instrument_info);
        int result = hf_region_create(&daemon->status_region, name, bytes);
        if (result != HF_OK) {
            return hf_start_failed(daemon, result, "cannot make /dev/shm%s (%zu bytes): %s", name,
                                   bytes, hf_strerror(result));
        }
        daemon->status = daemon->status_region.base;
        result = lock_status(daemon);
        if (result != HF_OK) {
            return result;
        }
    }
    return fill_status(daemon);
}

/** @param context  name of the object that stays for now */
static void
unlink_object(void *context, const char *name)
{
    if (strcmp(name, context) == 0 && !HF_PLANTED(STATUS_GONE_FIRST)) {
        return;
    }
    hf_log(HF_LOG_WARNING, "abandoning /dev/shm%s", name);
    hf_region_unlink(name);
}

int
hf_instance_abandon(struct hf_daemon *daemon)
{
    if (daemon->status != NULL) {
        if (daemon->status->magic == HF_STATUS_MAGIC) {
            hf_store_release(&daemon->status->state, HF_STATE_ABANDONED); /* clients look at it */
            daemon->abandoned_history = daemon->status->history;
            daemon->abandoned_epoch = daemon->status->epoch;
        }
        daemon->status = NULL;
        hf_region_detach(&daemon->status_region);
    }
    daemon->resumed_shm = false;
    char prefix[HF_REGION_NAME_BYTES];
    char status[HF_REGION_NAME_BYTES];
    status_name(daemon, status);
    snprintf(prefix, sizeof(prefix), "/holdfast.%.23s.", daemon->config.instance_name);
    int code = hf_region_list(prefix, unlink_object, status);
    /* Last: who is killed before finds it again, and in it that the others are worth nothing. */
    return code == HF_OK ? hf_region_unlink(status) : code;
}

void
hf_instance_release(struct hf_daemon *daemon)
{
    hf_region_detach(&daemon->status_region);
    daemon->status = NULL;
    if (daemon->lock_fd >= 0) {
        close(daemon->lock_fd);
        daemon->lock_fd = -1;
    }
}
