/*
 * instance.c - the locks of an instance, and its status page.
 *
 * Two locks: LOCK in the directory (one daemon per log) and an object of no content in shared memory (one
 * per name). The second is no object that any client receives: who holds a descriptor of it, though only
 * for reading, could lock it, and no daemon would ever start again.
 *
 * The status page witnesses that the other objects are worth something: it is made first, finished (magic)
 * when the first start is, and removed last. Without a finished one there can be no session; so when there
 * are objects of sessions all the same, somebody has removed or damaged it, and what they hold is not
 * given up without being asked.
 *
 * Memory that is given up leaves its page behind under another name, "abandoned", until the next page is
 * finished, and so the history that follows durable in the log. A log may be empty, or end in a clean stop: then nothing but this page
 * knows that a tail was lost, and whoever is killed in between must find it.
 */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/planted.h"
#include "daemon/owner.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_NS UINT64_C(1000000000)
#define LOCK_NAP_NS UINT64_C(50000000)

int
hf_start_failed(struct hf_daemon *daemon, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(daemon->text, sizeof(daemon->text), format, arguments);
    va_end(arguments);
    return code;
}

const char *
hf_words_of(int code)
{
    return code == HF_E_SYSTEM ? strerror(errno) : hf_strerror(code);
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

static void
object_name(const struct hf_daemon *daemon, const char *object, char name[HF_REGION_NAME_BYTES])
{
    snprintf(name, HF_REGION_NAME_BYTES, "/holdfast.%.23s.%s", daemon->config.instance_name,
             object);
}

/** A killed daemon holds its locks until the kernel has torn it down, with all of its memory, and who starts
 *  the next one at once may be faster. @return 0, or -1 with errno: EWOULDBLOCK, somebody really holds it */
static int
lock_file(int fd)
{
    uint64_t until_ns = hf_clock_monotonic_ns() + LOCK_WAIT_NS;
    int result = flock(fd, LOCK_EX | LOCK_NB);
    while (result != 0 && (errno == EWOULDBLOCK || errno == EINTR) &&
           hf_clock_monotonic_ns() < until_ns) {
        hf_clock_sleep_ns(LOCK_NAP_NS);
        result = flock(fd, LOCK_EX | LOCK_NB);
    }
    return result;
}

static int
lock_directory(struct hf_daemon *daemon)
{
    const char *directory = daemon->config.instance_directory;
    char path[HF_CONFIG_STRING_BYTES + 8];
    snprintf(path, sizeof(path), "%s/LOCK", directory);
    daemon->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (daemon->lock_fd < 0) {
        return system_failed(daemon, "cannot open", path);
    }
    if (lock_file(daemon->lock_fd) == 0) {
        return HF_OK;
    }
    if (errno == EWOULDBLOCK) {
        return hf_start_failed(daemon, HF_E_BUSY,
                               "another daemon runs on %s (it holds %s): stop it first", directory,
                               path);
    }
    return system_failed(daemon, "cannot lock", path);
}

static int
not_ours(struct hf_daemon *daemon, const char *name)
{
    char why[HF_OWNER_TEXT_BYTES];
    hf_owner_text(name, why, sizeof(why));
    return hf_start_failed(daemon, HF_E_DENIED, "/dev/shm%s %s", name, why);
}

static int
lock_name(struct hf_daemon *daemon)
{
    char name[HF_REGION_NAME_BYTES];
    struct stat status;
    object_name(daemon, "lock", name);
    daemon->name_fd = shm_open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (daemon->name_fd < 0) {
        return errno == EACCES ? not_ours(daemon, name)
                               : system_failed(daemon, "cannot open shared memory", name);
    }
    if (fstat(daemon->name_fd, &status) != 0) {
        return system_failed(daemon, "cannot look at shared memory", name);
    }
    if (status.st_uid != geteuid() || (status.st_mode & 0066) != 0) {
        return not_ours(daemon, name);
    }
    if (lock_file(daemon->name_fd) == 0) {
        return HF_OK;
    }
    if (errno == EWOULDBLOCK) {
        return hf_start_failed(
            daemon, HF_E_BUSY,
            "another daemon runs as instance '%s' (it holds /dev/shm%s): stop it, "
            "or give this one another instance.name",
            daemon->config.instance_name, name);
    }
    return system_failed(daemon, "cannot lock shared memory", name);
}

/** A daemon that was killed holds no lock any more, but its writes may still be under way. */
static int
await_writes(struct hf_daemon *daemon)
{
    char path[PATH_MAX];
    int result = hf_segment_await_writes(daemon->config.instance_directory, path, sizeof(path));
    if (result == 0) {
        return HF_OK;
    }
    if (result == -EWOULDBLOCK) {
        return hf_start_failed(
            daemon, HF_E_BUSY,
            "%s is locked: writes of a killed daemon are not done after 30 s, or "
            "another program holds the lock",
            path);
    }
    errno = -result;
    return system_failed(daemon, "cannot look for writes under way to", path);
}

int
hf_instance_lock(struct hf_daemon *daemon)
{
    int result = make_directories(daemon, daemon->config.instance_directory);
    if (result == HF_OK) {
        result = lock_directory(daemon);
    }
    if (result == HF_OK) {
        result = lock_name(daemon);
    }
    if (result == HF_OK) {
        result = await_writes(daemon);
    }
    daemon->boot = hf_boot_hash();
    return result;
}

/* Status page */

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
            "instance '%s' kept its log in another directory than %s is now: device %llu, inode "
            "%llu "
            "then, device %llu, inode %llu now (a restored copy has another inode under the same "
            "name). Start it there, or --abandon-shm",
            daemon->config.instance_name, daemon->config.instance_directory,
            (unsigned long long)status->directory_device,
            (unsigned long long)status->directory_inode, (unsigned long long)directory.st_dev,
            (unsigned long long)directory.st_ino);
    }
    return HF_OK;
}

/** What is there beside the status page. */
struct census {
    const struct hf_daemon *daemon;
    unsigned sessions;
    unsigned others;
    char example[HF_REGION_NAME_BYTES];
};

static bool
is_object(const struct hf_daemon *daemon, const char *name, const char *object)
{
    char full[HF_REGION_NAME_BYTES];
    object_name(daemon, object, full);
    return strcmp(full, name) == 0;
}

/** The lock is held, and what was given up before is not forgotten yet. */
static bool
stays(const struct hf_daemon *daemon, const char *name)
{
    return is_object(daemon, name, "lock") || is_object(daemon, name, "abandoned");
}

static void
count_object(void *context, const char *name)
{
    struct census *census = context;
    char sessions[HF_REGION_NAME_BYTES];
    if (stays(census->daemon, name) || is_object(census->daemon, name, "status") ||
        hf_owner_is_foreign(name)) {
        return; /* anybody may put anything under a name */
    }
    object_name(census->daemon, "s.", sessions);
    bool session = strncmp(name, sessions, strlen(sessions)) == 0;
    census->sessions += session;
    census->others += !session;
    snprintf(census->example, sizeof(census->example), "%s", name);
}

static struct census
take_census(const struct hf_daemon *daemon)
{
    struct census census = {.daemon = daemon};
    char prefix[HF_REGION_NAME_BYTES];
    object_name(daemon, "", prefix);
    (void)hf_region_list(prefix, count_object, &census);
    return census;
}

static int
page_missing(struct hf_daemon *daemon, const char *name, const char *what,
             const struct census *census)
{
    return hf_start_failed(daemon, HF_E_CORRUPT,
                           "the status page /dev/shm%s %s, but there are other objects of the "
                           "instance (/dev/shm%s): what they hold beyond the log would be lost. "
                           "Copy them, then --abandon-shm removes them and goes on from the log "
                           "alone",
                           name, what, census->example);
}

/** @param context  the daemon, whose status page stays */
static void
unlink_object(void *context, const char *name)
{
    const struct hf_daemon *daemon = context;
    if ((is_object(daemon, name, "status") && !HF_PLANTED(STATUS_GONE_FIRST)) ||
        stays(daemon, name)) {
        return;
    }
    hf_log(HF_LOG_WARNING, "abandoning /dev/shm%s", name);
    hf_region_unlink(name);
}

static int
unlink_objects(struct hf_daemon *daemon)
{
    char prefix[HF_REGION_NAME_BYTES];
    object_name(daemon, "", prefix);
    return hf_region_list(prefix, unlink_object, daemon);
}

static bool
is_finished(const struct hf_region *region)
{
    const struct hf_status *page = region->base;
    return region->len_bytes >= HF_STATUS_PAGE_BYTES && page->magic == HF_STATUS_MAGIC;
}

/** Memory was given up, and no new history is durable yet: give up again whatever has been made since. */
static void
recall_abandoned(struct hf_daemon *daemon)
{
    struct hf_region region;
    char name[HF_REGION_NAME_BYTES];
    object_name(daemon, "abandoned", name);
    if (hf_region_open(&region, name, false) != HF_OK) {
        return; /* there is none of ours */
    }
    const struct hf_status *page = region.base;
    if (is_finished(&region)) {
        daemon->abandon_shm = daemon->abandoned_before = true;
        daemon->abandoned_history = page->history;
        daemon->abandoned_epoch = page->epoch;
    }
    hf_region_detach(&region);
}

/** A first start died before anybody could connect. Its page stays, unfinished, and is finished by this
 *  start: it is what tells a third one that nothing is missing. */
static int
go_on_unfinished(struct hf_daemon *daemon)
{
    daemon->status = NULL;
    daemon->unfinished_shm = true;
    hf_region_detach(&daemon->status_region);
    return unlink_objects(daemon);
}

/** The page is mapped. */
static int
judge_status(struct hf_daemon *daemon, const struct census *census)
{
    const struct hf_status *status = daemon->status;
    bool whole = daemon->status_region.len_bytes >= HF_STATUS_PAGE_BYTES;
    if (whole && status->magic == 0 && status->state != HF_STATE_RUNNING && census->sessions == 0) {
        return go_on_unfinished(daemon);
    }
    if (whole && status->magic == HF_STATUS_MAGIC && status->state == HF_STATE_ABANDONED) {
        daemon->abandon_shm = true; /* whoever was asked to did not finish it */
        return hf_instance_abandon(daemon);
    }
    int result = check_status(daemon);
    daemon->resumed_shm = result == HF_OK;
    return result;
}

int
hf_instance_open_status(struct hf_daemon *daemon)
{
    char name[HF_REGION_NAME_BYTES];
    object_name(daemon, "status", name);
    int result = hf_region_open(&daemon->status_region, name, true);
    if (result == HF_OK && is_finished(&daemon->status_region)) {
        hf_instance_forget_abandoned(daemon);
    } else {
        recall_abandoned(daemon);
    }
    struct census census = take_census(daemon);
    if (result == HF_E_UNKNOWN) { /* a queue alone is looked at: it may hold nothing new */
        return census.sessions == 0 ? HF_OK : page_missing(daemon, name, "is missing", &census);
    }
    if (result == HF_E_CORRUPT) {
        return census.sessions + census.others == 0
                   ? go_on_unfinished(daemon)
                   : page_missing(daemon, name, "is empty", &census);
    }
    if (result == HF_E_DENIED) {
        return not_ours(daemon, name);
    }
    if (result != HF_OK) {
        return system_failed(daemon, "cannot open shared memory", name);
    }
    daemon->status = daemon->status_region.base;
    return judge_status(daemon, &census);
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
        object_name(daemon, "status", name);
        size_t bytes = HF_STATUS_PAGE_BYTES + hf_core_limits(daemon->replay.core)->instruments_max *
                                                  sizeof(struct hf_instrument_info);
        int result = daemon->unfinished_shm ? hf_region_finish(&daemon->status_region, name, bytes)
                                            : hf_region_create(&daemon->status_region, name, bytes);
        if (result != HF_OK) {
            return hf_start_failed(daemon, result, "cannot make /dev/shm%s (%zu bytes): %s", name,
                                   bytes, hf_words_of(result));
        }
        daemon->status = daemon->status_region.base;
    }
    return fill_status(daemon);
}

/** The page of memory that is given up: marked for clients, read for us. @return whether it told us */
static bool
read_abandoned(struct hf_daemon *daemon)
{
    struct hf_status *page = daemon->status;
    if (page == NULL || page->magic != HF_STATUS_MAGIC) {
        return false;
    }
    if (!HF_PLANTED(ABANDONED_UNTOLD)) {
        hf_store_release(&page->state, HF_STATE_ABANDONED); /* clients look at it */
    }
    if (page->history >= daemon->abandoned_history) {
        daemon->abandoned_history = page->history;
        daemon->abandoned_epoch = page->epoch;
    }
    return true;
}

int
hf_instance_abandon(struct hf_daemon *daemon)
{
    char status[HF_REGION_NAME_BYTES];
    char kept[HF_REGION_NAME_BYTES];
    object_name(daemon, "status", status);
    object_name(daemon, "abandoned", kept);
    bool told = read_abandoned(daemon);
    daemon->status = NULL;
    daemon->resumed_shm = daemon->unfinished_shm = false;
    hf_region_detach(&daemon->status_region);
    if (unlink_objects(daemon) != HF_OK) {
        return system_failed(daemon, "cannot list shared memory", status);
    }
    /* Last: who is killed before finds it again, and in it that the others are worth nothing. */
    int code = told ? hf_region_rename(status, kept) : hf_region_unlink(status);
    return code == HF_OK ? code : system_failed(daemon, "cannot give up", status);
}

void
hf_instance_forget_abandoned(const struct hf_daemon *daemon)
{
    char name[HF_REGION_NAME_BYTES];
    object_name(daemon, "abandoned", name);
    (void)hf_region_unlink(name); /* another's is none of ours, and says nothing to us */
}

void
hf_instance_release(struct hf_daemon *daemon)
{
    hf_region_detach(&daemon->status_region);
    daemon->status = NULL;
    if (daemon->name_fd >= 0) {
        close(daemon->name_fd);
        daemon->name_fd = -1;
    }
    if (daemon->lock_fd >= 0) {
        close(daemon->lock_fd);
        daemon->lock_fd = -1;
    }
}
