/*
 * region.c - named shared-memory objects over shm_open(3).
 *
 * A failed create leaves no name behind: after ENOSPC a tmpfs may refuse even small requests until
 * the half-made object is gone.
 */
#include "shm/region.h"

#include "base/panic.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHM_DIRECTORY "/dev/shm" /* where glibc keeps shm_open's names */

static void
region_clear(struct hf_region *region, const char *name)
{
    size_t len = strlen(name);
    HF_ASSERT("object names fit", len < HF_REGION_NAME_BYTES);
    region->base = NULL;
    region->len_bytes = 0;
    region->fd = -1;
    memcpy(region->name, name, len + 1);
}

/* Maps fd, which stays the caller's. */
static int
region_map(struct hf_region *region, int fd, size_t len_bytes, bool writable)
{
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *base = mmap(NULL, len_bytes, protection, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) {
        return errno == ENOMEM ? HF_E_MEMORY : HF_E_SYSTEM;
    }
    region->base = base;
    region->len_bytes = len_bytes;
    return HF_OK;
}

static void
close_keeping_errno(int fd)
{
    int saved_errno = errno;
    close(fd);
    errno = saved_errno;
}

/* Give the object its size and all its memory. */
static int
allocate(int fd, size_t len_bytes)
{
    int result;
    do {
        result = posix_fallocate(fd, 0, (off_t)len_bytes);
    } while (result == EINTR);
    errno = result;
    switch (result) {
    case 0:
        return HF_OK;
    case ENOSPC:
        return HF_E_NO_SPACE;
    case ENOMEM:
        return HF_E_MEMORY;
    default:
        return HF_E_SYSTEM;
    }
}

static size_t
whole_pages(size_t len_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    HF_ASSERT("an object has a size", len_bytes > 0 && len_bytes <= (size_t)INT64_MAX - page);
    return (len_bytes + page - 1) & ~(page - 1);
}

int
hf_region_create(struct hf_region *region, const char *name, size_t len_bytes)
{
    len_bytes = whole_pages(len_bytes);
    region_clear(region, name);
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno == EEXIST ? HF_E_BUSY : HF_E_SYSTEM;
    }
    int result = allocate(fd, len_bytes);
    if (result == HF_OK) {
        result = region_map(region, fd, len_bytes, true);
    }
    if (result != HF_OK) {
        int saved_errno = errno;
        shm_unlink(name);
        errno = saved_errno;
        close_keeping_errno(fd);
        return result;
    }
    region->fd = fd;
    return HF_OK;
}

/* A descriptor of an object that is ours. */
static int
open_own(const char *name, bool writable, int *fd, struct stat *status)
{
    *fd = shm_open(name, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC, 0);
    if (*fd < 0) {
        int others = errno == EACCES ? HF_E_DENIED : HF_E_SYSTEM;
        return errno == ENOENT ? HF_E_UNKNOWN : others;
    }
    int result = fstat(*fd, status) == 0 ? HF_OK : HF_E_SYSTEM;
    if (result == HF_OK && (status->st_uid != geteuid() || (status->st_mode & 0022) != 0)) {
        errno = EPERM; /* anybody may put anything under a name in /dev/shm */
        result = HF_E_DENIED;
    }
    if (result != HF_OK) {
        close_keeping_errno(*fd);
    }
    return result;
}

int
hf_region_finish(struct hf_region *region, const char *name, size_t len_bytes)
{
    struct stat status;
    int fd;
    len_bytes = whole_pages(len_bytes);
    region_clear(region, name);
    int result = open_own(name, true, &fd, &status);
    if (result != HF_OK) {
        return result;
    }
    result = allocate(fd, len_bytes);
    if (result == HF_OK) {
        result = region_map(region, fd, len_bytes, true);
    }
    if (result != HF_OK) {
        close_keeping_errno(fd);
        return result;
    }
    memset(region->base, 0, len_bytes);
    region->fd = fd;
    return HF_OK;
}

int
hf_region_open(struct hf_region *region, const char *name, bool writable)
{
    return hf_region_open_part(region, name, 0, writable);
}

/* 0: all that there is. */
int
hf_region_open_part(struct hf_region *region, const char *name, size_t len_bytes, bool writable)
{
    struct stat status;
    int fd;
    region_clear(region, name);
    int result = open_own(name, writable, &fd, &status);
    if (result != HF_OK) {
        return result;
    }
    if (status.st_size <= 0 || (uint64_t)status.st_size < len_bytes) {
        result = HF_E_CORRUPT; /* its maker died before it had a size, or it was cut short */
    }
    if (result == HF_OK) {
        size_t mapped = len_bytes == 0 ? (size_t)status.st_size : len_bytes;
        result = region_map(region, fd, mapped, writable);
    }
    if (result != HF_OK) {
        close_keeping_errno(fd);
        return result;
    }
    region->fd = fd;
    return HF_OK;
}

int
hf_region_map_fd(struct hf_region *region, int fd, size_t len_bytes, bool writable)
{
    region_clear(region, "");
    struct stat status;
    int result = fstat(fd, &status) == 0 ? HF_OK : HF_E_SYSTEM;
    if (result == HF_OK && (len_bytes == 0 || (uint64_t)status.st_size < len_bytes)) {
        result = HF_E_CORRUPT; /* touching what is not there would be a SIGBUS */
    }
    if (result == HF_OK) {
        result = region_map(region, fd, len_bytes, writable);
    }
    close_keeping_errno(fd); /* the mapping keeps the object */
    return result;
}

int
hf_region_reader_fd(const struct hf_region *region)
{
    if (region->base == NULL) {
        errno = EBADF;
        return -1;
    }
    if (region->fd >= 0) {
        /* A descriptor made by dup() would stay writable; opening anew does not. It also finds the
         * object when its name is gone or given to another. */
        char path[64];
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", region->fd);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            return fd;
        }
    }
    return shm_open(region->name, O_RDONLY | O_CLOEXEC, 0); /* no /proc here */
}

void
hf_region_detach(struct hf_region *region)
{
    if (region->base == NULL) {
        return; /* nothing mapped, no descriptor kept: a zeroed region has fd 0, not ours */
    }
    munmap(region->base, region->len_bytes);
    if (region->fd >= 0) {
        close(region->fd);
    }
    region->base = NULL;
    region->len_bytes = 0;
    region->fd = -1;
}

int
hf_region_unlink(const char *name)
{
    return shm_unlink(name) == 0 || errno == ENOENT ? HF_OK : HF_E_SYSTEM;
}

int
hf_region_rename(const char *name, const char *new_name)
{
    char from[sizeof(SHM_DIRECTORY) + NAME_MAX + 1];
    char to[sizeof(SHM_DIRECTORY) + NAME_MAX + 1];
    (void)snprintf(from, sizeof(from), SHM_DIRECTORY "%s", name);
    (void)snprintf(to, sizeof(to), SHM_DIRECTORY "%s", new_name);
    if (rename(from, to) == 0) {
        return HF_OK;
    }
    return errno == ENOENT ? HF_E_UNKNOWN : HF_E_SYSTEM;
}

static void
visit_entry(const char *prefix, const char *entry, void (*visit)(void *context, const char *name),
            void *context)
{
    char name[NAME_MAX + 2];
    (void)snprintf(name, sizeof(name), "/%s", entry);
    if (strncmp(name, prefix, strlen(prefix)) == 0) {
        visit(context, name);
    }
}

int
hf_region_list(const char *prefix, void (*visit)(void *context, const char *name), void *context)
{
    DIR *directory = opendir(SHM_DIRECTORY);
    if (directory == NULL) {
        return HF_E_SYSTEM;
    }
    for (;;) {
        errno = 0; /* readdir tells its end from an error only by it */
        const struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            break;
        }
        visit_entry(prefix, entry->d_name, visit, context);
    }
    int saved_errno = errno;
    closedir(directory);
    errno = saved_errno;
    return saved_errno == 0 ? HF_OK : HF_E_SYSTEM;
}
