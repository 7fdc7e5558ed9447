/* calls_file.c - what the log's code asks of the file system, answered by the simulated disk. */
#include "sim/calls.h"

#include "sim/descriptors.h"
#include "sim/schedule.h"
#include "sim/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpmem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define SELF_FD "/proc/self/fd/"
#define SHM_DIRECTORY "/dev/shm/"

static int
fail(int error)
{
    errno = error;
    return -1;
}

/** The name behind the log's directory; NULL: the path lies elsewhere. */
static const char *
log_name(const char *path)
{
    const size_t len = sizeof(SIM_DIRECTORY) - 1;
    return strncmp(path, SIM_DIRECTORY "/", len + 1) == 0 ? path + len + 1 : NULL;
}

/** A place without the directory that it lies in. */
static struct inode *
log_find(const char *path)
{
    const char *name = log_name(path);
    if (name == NULL) {
        sim_violation("a path outside of the simulated world: %s", path);
    }
    return disk_find(DISK_LOG, name);
}

/* Names */

static int
open_file(enum disk_place place, const char *name, int flags)
{
    struct inode *inode = disk_find(place, name);
    if (inode == NULL && (flags & O_CREAT) == 0) {
        return fail(ENOENT);
    }
    if (inode != NULL && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
        return fail(EEXIST);
    }
    if (inode == NULL) {
        inode = disk_create(place, name);
    } else if ((flags & O_TRUNC) != 0) {
        (void)disk_set_length(inode, 0);
    }
    return sim_fd_new(FD_FILE, inode);
}

int
__wrap_open(const char *path, int flags, ...)
{
    sim_call();
    if (strncmp(path, SELF_FD, sizeof(SELF_FD) - 1) == 0) {
        return sim_fd_new(FD_FILE, sim_fd(atoi(path + sizeof(SELF_FD) - 1))->inode);
    }
    if (strcmp(path, SIM_PARENT) == 0 || strcmp(path, "/") == 0) {
        return sim_fd_new(FD_PARENT, NULL);
    }
    if (strcmp(path, "/dev/null") == 0) {
        return sim_fd_new(FD_SPARE, NULL);
    }
    if (!disk_directory_exists()) {
        return fail(ENOENT);
    }
    if (strcmp(path, SIM_DIRECTORY) == 0) {
        return sim_fd_new(FD_LOG_DIRECTORY, NULL);
    }
    if (sim_call_fails()) {
        return fail(EIO);
    }
    (void)log_find(path);
    return open_file(DISK_LOG, log_name(path), flags);
}

int
__wrap_shm_open(const char *name, int flags, mode_t mode)
{
    (void)mode;
    sim_call();
    return open_file(DISK_SHM, name + 1, flags);
}

int
__wrap_shm_unlink(const char *name)
{
    sim_call();
    return disk_unlink(DISK_SHM, name + 1) ? 0 : fail(ENOENT);
}

int
__wrap_close(int number)
{
    if (sim_fd(number) == NULL) {
        return __real_close(number);
    }
    return sim_fd_close(number);
}

int
__wrap_dup(int number)
{
    return sim_fd_new(FD_FILE, sim_fd(number)->inode);
}

int
__wrap_memfd_create(const char *name, unsigned flags)
{
    (void)name, (void)flags;
    sim_call();
    return sim_fd_new(FD_FILE, disk_create_unnamed());
}

int
__wrap_fcntl(int number, int command, ...)
{
    (void)number, (void)command; /* seals: nobody here would break them */
    return 0;
}

int
__wrap_eventfd(unsigned count, int flags)
{
    (void)count, (void)flags;
    return sim_fd_new(FD_EVENT, NULL);
}

ssize_t
__wrap_read(int number, void *data, size_t len_bytes)
{
    struct sim_fd *fd = sim_fd(number);
    if (fd == NULL || fd->kind != FD_EVENT || fd->position == 0) {
        return fail(EAGAIN);
    }
    memcpy(data, &fd->position, len_bytes);
    fd->position = 0;
    return (ssize_t)len_bytes;
}

ssize_t
__wrap_write(int number, const void *data, size_t len_bytes)
{
    struct sim_fd *fd = sim_fd(number);
    sim_call();
    if (fd->kind == FD_EVENT) {
        fd->position++;
        return (ssize_t)len_bytes;
    }
    if (!disk_set_length(fd->inode, fd->position + len_bytes)) {
        return fail(ENOSPC);
    }
    disk_write(fd->inode, fd->position, data, len_bytes);
    fd->position += len_bytes;
    return (ssize_t)len_bytes;
}

int
__wrap_access(const char *path, int mode)
{
    (void)mode;
    return log_find(path) != NULL ? 0 : fail(ENOENT);
}

int
__wrap_unlink(const char *path)
{
    sim_call();
    if (strcmp(path, SIM_SOCKET) == 0) {
        sim_socket_node_remove();
        return 0;
    }
    (void)log_find(path);
    return disk_unlink(DISK_LOG, log_name(path)) ? 0 : fail(ENOENT);
}

int
__wrap_rename(const char *from, const char *to)
{
    const size_t shm = strlen(SHM_DIRECTORY);
    sim_call();
    if (strncmp(from, SHM_DIRECTORY, shm) == 0 && strncmp(to, SHM_DIRECTORY, shm) == 0) {
        return disk_rename(DISK_SHM, from + shm, to + shm) ? 0 : fail(ENOENT);
    }
    if (sim_call_fails()) {
        return fail(EIO);
    }
    (void)log_find(from);
    (void)log_find(to);
    return disk_rename(DISK_LOG, log_name(from), log_name(to)) ? 0 : fail(ENOENT);
}

/** Of its flags RENAME_NOREPLACE alone is used. */
int
__wrap_renameat2(int from_directory, const char *from, int to_directory, const char *to,
                 unsigned flags)
{
    (void)from_directory, (void)to_directory, (void)flags;
    if (log_find(to) != NULL) {
        return fail(EEXIST);
    }
    return __wrap_rename(from, to);
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
    (void)mode;
    sim_call();
    if (strcmp(path, SIM_DIRECTORY) == 0 && !disk_directory_exists()) {
        disk_make_directory();
        return 0;
    }
    return fail(EEXIST);
}

int
__wrap_chmod(const char *path, mode_t mode)
{
    (void)path, (void)mode;
    return 0;
}

int
__wrap_flock(int number, int operation)
{
    (void)operation; /* none of theirs waits */
    sim_call();
    struct sim_fd *fd = sim_fd(number);
    if (fd->kind == FD_LOG_DIRECTORY) {
        return 0; /* nobody else reads the log here */
    }
    if ((fd->inode->locker >= 0 && !fd->locks) || !disk_direct_await(fd->inode)) {
        return fail(EWOULDBLOCK);
    }
    fd->inode->locker = sim_world.current;
    fd->locks = true;
    return 0;
}

/* What a file is */

static void
fill_stat(struct stat *status, const struct inode *inode)
{
    memset(status, 0, sizeof(*status));
    status->st_mode = S_IFREG | 0600;
    status->st_nlink = 1;
    status->st_ino = inode == NULL ? 1 : inode->number;
    status->st_size = inode == NULL ? 0 : (off_t)inode->len_bytes;
    status->st_uid = geteuid();
}

int
__wrap_fstat(int number, struct stat *status)
{
    if (sim_fd(number) == NULL) {
        return __real_fstat(number, status);
    }
    fill_stat(status, sim_fd(number)->inode);
    return 0;
}

int
__wrap_stat(const char *path, struct stat *status)
{
    if (strcmp(path, SIM_DIRECTORY) == 0) {
        fill_stat(status, NULL);
        return disk_directory_exists() ? 0 : fail(ENOENT);
    }
    const struct inode *inode = log_find(path);
    if (inode == NULL) {
        return fail(ENOENT);
    }
    fill_stat(status, inode);
    return 0;
}

int
__wrap_fstatvfs(int number, struct statvfs *status)
{
    (void)number;
    memset(status, 0, sizeof(*status));
    status->f_frsize = 1;
    status->f_bavail = sim_call_fails() ? 0 : UINT32_MAX;
    return 0;
}

int
__wrap_lstat(const char *path, struct stat *status)
{
    (void)path; /* the control socket's */
    fill_stat(status, NULL);
    status->st_mode = S_IFSOCK | 0666;
    return sim_socket_node() ? 0 : fail(ENOENT);
}

off_t
__wrap_lseek(int number, off_t offset, int whence)
{
    (void)whence; /* SEEK_DATA: pages of zeros may be holes */
    static const unsigned char zeros[DISK_PAGE];
    const struct inode *inode = sim_fd(number)->inode;
    size_t at = (size_t)offset;
    while (at < inode->len_bytes) {
        size_t page = at / DISK_PAGE * DISK_PAGE;
        if (memcmp(inode->cache + page, zeros, DISK_PAGE) != 0) {
            return (off_t)at;
        }
        at = page + DISK_PAGE;
    }
    return fail(ENXIO);
}

/* Content */

ssize_t
__wrap_pread(int number, void *data, size_t len_bytes, off_t offset)
{
    sim_call();
    if (sim_call_fails()) {
        return fail(EIO);
    }
    const struct inode *inode = sim_fd(number)->inode;
    size_t at = (size_t)offset;
    if (at >= inode->len_bytes) {
        return 0;
    }
    len_bytes = len_bytes < inode->len_bytes - at ? len_bytes : inode->len_bytes - at;
    memcpy(data, inode->cache + at, len_bytes);
    return (ssize_t)len_bytes;
}

/** What a failed flush left in doubt is written anew: the moment at which not to know of it would show. */
static void
write_over_doubt(const struct inode *inode)
{
    if (inode->lost != 0 && sim_chance(60)) {
        sim_crash_soon();
    }
}

ssize_t
__wrap_pwrite(int number, const void *data, size_t len_bytes, off_t offset)
{
    sim_call();
    struct inode *inode = sim_fd(number)->inode;
    if (sim_call_fails()) {
        return fail(sim_chance(50) ? EIO : ENOSPC);
    }
    if ((size_t)offset + len_bytes > inode->len_bytes &&
        !disk_set_length(inode, (size_t)offset + len_bytes)) {
        return fail(ENOSPC);
    }
    write_over_doubt(inode);
    disk_write(inode, (size_t)offset, data, len_bytes);
    return (ssize_t)len_bytes;
}

int
__wrap_ftruncate(int number, off_t len_bytes)
{
    sim_call();
    return disk_set_length(sim_fd(number)->inode, (size_t)len_bytes) ? 0 : fail(ENOSPC);
}

int
__wrap_posix_fallocate(int number, off_t offset, off_t len_bytes)
{
    sim_call();
    struct inode *inode = sim_fd(number)->inode;
    if (sim_call_fails()) {
        return ENOSPC;
    }
    size_t end = (size_t)(offset + len_bytes);
    return end <= inode->len_bytes || disk_set_length(inode, end) ? 0 : ENOSPC;
}

int
__wrap_fallocate(int number, int mode, off_t offset, off_t len_bytes)
{
    (void)mode; /* a hole is punched */
    sim_call();
    if (sim_call_fails()) {
        return fail(EIO);
    }
    disk_zero(sim_fd(number)->inode, (size_t)offset, (size_t)len_bytes);
    return 0;
}

int
__wrap_posix_fadvise(int number, off_t offset, off_t len_bytes, int advice)
{
    (void)number, (void)offset, (void)len_bytes, (void)advice;
    return 0;
}

int
__wrap_sync_file_range(int number, off_t offset, off_t len_bytes, unsigned flags)
{
    (void)number, (void)offset, (void)len_bytes, (void)flags; /* a hint, M2 covers it */
    return 0;
}

/* Flushes */

static int
flush(struct inode *inode, size_t offset, size_t len_bytes)
{
    struct disk_flush way;
    disk_flush_begin(&way, inode, offset, len_bytes);
    sim_call_takes_long();
    if (sim_call_fails()) {
        disk_flush_fail(&way);
        return fail(EIO);
    }
    disk_flush_end(&way);
    return 0;
}

int
__wrap_fsync(int number)
{
    sim_call();
    struct sim_fd *fd = sim_fd(number);
    if (fd->kind == FD_FILE) {
        size_t len_bytes = fd->inode->len_bytes;
        int result = flush(fd->inode, 0, len_bytes);
        fd->inode->durable_len_bytes = result == 0 ? len_bytes : fd->inode->durable_len_bytes;
        return result;
    }
    if (sim_call_fails()) {
        return fail(EIO);
    }
    if (fd->kind == FD_PARENT) {
        disk_sync_parent();
    } else {
        disk_sync_names();
    }
    return 0;
}

int
__wrap_fdatasync(int number)
{
    return __wrap_fsync(number);
}

void *
__wrap_pmem_map_file(const char *path, size_t len_bytes, int flags, mode_t mode, size_t *mapped,
                     int *is_pmem)
{
    (void)len_bytes, (void)flags, (void)mode;
    sim_call();
    struct inode *inode = log_find(path);
    if (inode == NULL) {
        errno = ENOENT;
        return NULL;
    }
    *mapped = inode->len_bytes;
    *is_pmem = sim_world.params.pmem;
    return sim_map(inode);
}

int
__wrap_pmem_unmap(void *base, size_t len_bytes)
{
    (void)len_bytes;
    return sim_unmap(base) ? 0 : fail(EINVAL);
}

int
__wrap_pmem_msync(const void *base, size_t len_bytes)
{
    sim_call();
    size_t offset = 0;
    struct inode *inode = sim_mapping_at(base, &offset);
    if (inode == NULL) {
        return fail(ENOMEM); /* unmapped already */
    }
    return flush(inode, offset, len_bytes);
}

/** What was stored without a drain: its drain makes it durable. One thread stores. */
static struct inode *undrained;
static size_t undrained_offset;
static size_t undrained_bytes;

void *
__wrap_pmem_memcpy_nodrain(void *to, const void *from, size_t len_bytes)
{
    sim_call();
    memcpy(to, from, len_bytes);
    undrained = sim_mapping_at(to, &undrained_offset);
    undrained_bytes = len_bytes;
    return to;
}

void
__wrap_pmem_drain(void)
{
    sim_call();
    memcpy(undrained->medium + undrained_offset, undrained->cache + undrained_offset,
           undrained_bytes);
}

/* Lists of names */

/** As of the opening: what is unlinked while it is read is no reason to miss another. Nobody reads two
 *  directories at a time. */
static struct {
    char name[DISK_NAMES_MAX][DISK_NAME_BYTES];
    size_t count;
    size_t next;
} listing;

DIR *
__wrap_opendir(const char *path)
{
    sim_call();
    enum disk_place place = strcmp(path, SIM_DIRECTORY) == 0 ? DISK_LOG : DISK_SHM;
    if (place == DISK_LOG && !disk_directory_exists()) {
        errno = ENOENT;
        return NULL;
    }
    listing.count = 0;
    listing.next = 0;
    for (const char *name; (name = disk_name(place, listing.count)) != NULL; listing.count++) {
        strcpy(listing.name[listing.count], name);
    }
    return (DIR *)(void *)&listing;
}

struct dirent *
__wrap_readdir(DIR *directory)
{
    (void)directory;
    static struct dirent entry;
    if (listing.next == listing.count) {
        return NULL;
    }
    strcpy(entry.d_name, listing.name[listing.next++]);
    return &entry;
}

int
__wrap_closedir(DIR *directory)
{
    (void)directory;
    return 0;
}
