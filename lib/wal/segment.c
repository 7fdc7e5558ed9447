/*
 * segment.c - segment files in their directory (segment.h).
 */
#include "wal/segment.h"

#include "base/clock.h"
#include "base/planted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TEMPORARY_SUFFIX ".tmp"
#define NUMBER_DIGITS 20
#define ZERO_PAGE_BYTES 4096u
/* A write that a disk has not done within this time will hardly be done at all. */
#define AWAIT_NS UINT64_C(30000000000)
#define AWAIT_NAP_NS 1000000u

int
hf_segment_error(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return HF_E_NO_SPACE;
    case ENOMEM:
        return HF_E_MEMORY;
    case ENOTSUP: /* wal.io */
        return HF_E_ARGUMENT;
    case EIO:
        return HF_E_IO;
    case EACCES:
    case EPERM:
    case EROFS:
        return HF_E_DENIED;
    default:
        return HF_E_SYSTEM;
    }
}

static int
path_format(char *path, size_t path_bytes, const char *directory, uint64_t number,
            const char *suffix)
{
    int length = snprintf(path, path_bytes, "%s/%0*" PRIu64 ".wal%s", directory, NUMBER_DIGITS,
                          number, suffix);
    return length > 0 && (size_t)length < path_bytes ? 0 : -ENAMETOOLONG;
}

int
hf_segment_path(char *path, size_t path_bytes, const char *directory, uint64_t number)
{
    return path_format(path, path_bytes, directory, number, "");
}

int
hf_segment_write(int fd, const void *data, size_t len_bytes, uint64_t offset)
{
    const unsigned char *bytes = (const unsigned char *)data;
    while (len_bytes > 0) {
        ssize_t written = pwrite(fd, bytes, len_bytes, (off_t)offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? -errno : -EIO;
        }
        bytes += written;
        offset += (uint64_t)written;
        len_bytes -= (size_t)written;
    }
    return 0;
}

/* A page per call: one large write would build the page cache of large folios, and every msync then
 * write-protects whole folios, pages ahead of the flush included, under the writer's feet. */
int
hf_segment_zero(int fd, uint64_t offset, uint64_t len_bytes)
{
    static const unsigned char zeros[ZERO_PAGE_BYTES];
    int result = 0;
    for (uint64_t done = 0; done < len_bytes && result == 0; done += ZERO_PAGE_BYTES) {
        result = hf_segment_write(fd, zeros, ZERO_PAGE_BYTES, offset + done);
    }
    return result;
}

/** Allocated to full length, then filled with the head, then durable. */
static int
segment_fill(int fd, uint64_t segment_bytes, const void *head, size_t head_bytes)
{
    int error;
    do {
        error = posix_fallocate(fd, 0, (off_t)segment_bytes);
    } while (error == EINTR);
    if (error != 0) {
        return -error;
    }
    int result = hf_segment_write(fd, head, head_bytes, 0);
    if (result == 0 && !HF_PLANTED(SEGMENT_UNSYNCED) && fsync(fd) != 0) {
        result = -errno;
    }
    return result;
}

static int
temporary_make(const char *path, uint64_t segment_bytes, const void *head, size_t head_bytes)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    int result = segment_fill(fd, segment_bytes, head, head_bytes);
    if (close(fd) != 0 && result == 0) {
        result = -errno;
    }
    return result;
}

/** What has got the name since we looked is not replaced; on file systems that cannot promise that, what
 *  has got it since just now is. */
static int
rename_to_new(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -errno;
    }
    if (access(path, F_OK) == 0) {
        return -EEXIST;
    }
    return rename(temporary, path) == 0 ? 0 : -errno;
}

int
hf_segment_create(const char *directory, uint64_t number, uint64_t segment_bytes, const void *head,
                  size_t head_bytes)
{
    char path[PATH_MAX];
    char temporary[PATH_MAX];
    int result = path_format(path, sizeof(path), directory, number, "");
    if (result == 0) {
        result = path_format(temporary, sizeof(temporary), directory, number, TEMPORARY_SUFFIX);
    }
    if (result != 0) {
        return result;
    }
    if (access(path, F_OK) == 0) {
        return -EEXIST;
    }
    result = temporary_make(temporary, segment_bytes, head, head_bytes);
    if (result == 0) {
        result = rename_to_new(temporary, path);
    }
    if (result != 0) {
        (void)unlink(temporary); /* also frees the space that a failed allocation holds */
        return result;
    }
    result = hf_segment_sync_directory(directory);
    if (result != 0) {
        (void)unlink(path);
    }
    return result;
}

int
hf_segment_remove(const char *directory, uint64_t number)
{
    char path[PATH_MAX];
    int result = hf_segment_path(path, sizeof(path), directory, number);
    if (result == 0 && unlink(path) != 0) {
        result = -errno;
    }
    return result;
}

int
hf_segment_sync_directory(const char *directory)
{
    if (HF_PLANTED(DIRECTORY_UNSYNCED)) {
        return 0;
    }
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int result = fsync(fd) == 0 ? 0 : -errno;
    (void)close(fd);
    return result;
}

/** The number in "NNNNNNNNNNNNNNNNNNNN.wal" + suffix; 0: another name. */
static uint64_t
name_parse(const char *name, const char *suffix)
{
    uint64_t number = 0;
    for (int i = 0; i < NUMBER_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return 0;
        }
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(name[i] - '0'), &number)) {
            return 0;
        }
    }
    if (strncmp(name + NUMBER_DIGITS, ".wal", 4) != 0) {
        return 0;
    }
    return strcmp(name + NUMBER_DIGITS + 4, suffix) == 0 ? number : 0;
}

static int
by_number(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

struct number_list {
    uint64_t *numbers;
    size_t count;
    size_t capacity;
};

static int
list_append(struct number_list *list, uint64_t number)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        uint64_t *grown = realloc(list->numbers, capacity * sizeof(*grown));
        if (grown == NULL) {
            return -ENOMEM;
        }
        list->numbers = grown;
        list->capacity = capacity;
    }
    list->numbers[list->count++] = number;
    return 0;
}

/** All names of the directory with this suffix, unordered. */
static int
list_read(const char *directory, const char *suffix, struct number_list *list)
{
    DIR *stream = opendir(directory);
    if (stream == NULL) {
        return -errno;
    }
    int result = 0;
    while (result == 0) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            result = -errno;
            break;
        }
        uint64_t number = name_parse(entry->d_name, suffix);
        if (number != 0) {
            result = list_append(list, number);
        }
    }
    (void)closedir(stream);
    return result;
}

int
hf_segment_list(const char *directory, uint64_t **numbers, size_t *count)
{
    return hf_segment_list_suffixed(directory, "", numbers, count);
}

int
hf_segment_list_suffixed(const char *directory, const char *suffix, uint64_t **numbers,
                         size_t *count)
{
    struct number_list list = {NULL, 0, 0};
    int result = list_read(directory, suffix, &list);
    if (result != 0) {
        free(list.numbers);
        list = (struct number_list){NULL, 0, 0};
    } else if (list.count > 1) {
        qsort(list.numbers, list.count, sizeof(*list.numbers), by_number);
    }
    *numbers = list.numbers;
    *count = list.count;
    return result;
}

const char *
hf_segment_obstacle(int error)
{
    switch (error) {
    case EEXIST:
        return "; a file of that name is there, but this log has not made it: move it away";
    case EISDIR:
        return "; what has its temporary name (.wal.tmp) was not made by this log: move it away";
    default:
        return "";
    }
}

int
hf_segment_remove_temporary(const char *directory, char *path, size_t path_bytes)
{
    struct number_list list = {NULL, 0, 0};
    int result = list_read(directory, TEMPORARY_SUFFIX, &list);
    (void)snprintf(path, path_bytes, "%s", directory);
    for (size_t i = 0; i < list.count && result == 0; i++) {
        result = path_format(path, path_bytes, directory, list.numbers[i], TEMPORARY_SUFFIX);
        if (result == 0 && unlink(path) != 0) {
            result = -errno;
        }
    }
    free(list.numbers);
    return result;
}

/** The lock of a file lasts until the last write of whoever had it open is done. */
static int
await_file(const char *path)
{
    int result;
    /* A pipe of that name does not hold us: what it is, the scan says. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    uint64_t until_ns = hf_clock_monotonic_ns() + AWAIT_NS;
    do {
        result = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
        if (result == -EWOULDBLOCK) {
            hf_clock_sleep_ns(AWAIT_NAP_NS);
        }
    } while (result == -EINTR || (result == -EWOULDBLOCK && hf_clock_monotonic_ns() < until_ns));
    (void)close(fd);
    return result;
}

int
hf_segment_await_writes(const char *directory, char *path, size_t path_bytes)
{
    uint64_t *numbers;
    size_t count;
    (void)snprintf(path, path_bytes, "%s", directory);
    int result = hf_segment_list(directory, &numbers, &count);
    for (size_t i = 0; i < count && result == 0 && !HF_PLANTED(WRITES_NOT_AWAITED); i++) {
        result = hf_segment_path(path, path_bytes, directory, numbers[i]);
        result = result == 0 ? await_file(path) : result;
    }
    free(numbers);
    return result;
}
