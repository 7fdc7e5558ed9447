/*
 * disk.c - a disk that writes down what reaches it: a file system in user space with two files.
 *
 *   power_disk TRACE MEBIBYTES -f MOUNTPOINT
 *
 *   MOUNTPOINT/disk    the disk, for a loop device; every write and every flush goes into TRACE
 *   MOUNTPOINT/note    eight bytes written to it are a note (trace.h)
 *
 * One thread serves all calls, so that the order in TRACE is the order of things: what was noted had been
 * flushed before, and by an entry before it.
 */
#define FUSE_USE_VERSION 31
#include "trace.h"

#include <errno.h>
#include <fuse3/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE *trace;
static unsigned char *disk;
static size_t disk_bytes;

static int
record(uint32_t type, uint64_t offset, const void *data, size_t len_bytes)
{
    const struct trace_entry entry = {
        .type = type, .len_bytes = (uint32_t)len_bytes, .offset = offset};
    bool written = fwrite(&entry, sizeof(entry), 1, trace) == 1 &&
                   (len_bytes == 0 || fwrite(data, len_bytes, 1, trace) == 1);
    return written ? 0 : -EIO;
}

static bool
is_disk(const char *path)
{
    return strcmp(path, "/disk") == 0;
}

static int
disk_getattr(const char *path, struct stat *status, struct fuse_file_info *file)
{
    (void)file;
    memset(status, 0, sizeof(*status));
    status->st_nlink = 1;
    status->st_mode = S_IFREG | 0600;
    if (strcmp(path, "/") == 0) {
        status->st_mode = S_IFDIR | 0700;
    } else if (is_disk(path)) {
        status->st_size = (off_t)disk_bytes;
    } else if (strcmp(path, "/note") != 0) {
        return -ENOENT;
    }
    return 0;
}

/** Nothing is cached in between: a write is here when it has returned. */
static int
disk_open(const char *path, struct fuse_file_info *file)
{
    (void)path;
    file->direct_io = 1;
    return 0;
}

static int
disk_read(const char *path, char *buffer, size_t len_bytes, off_t offset, struct fuse_file_info *f)
{
    (void)f;
    if (!is_disk(path) || (size_t)offset >= disk_bytes) {
        return 0;
    }
    size_t left_bytes = disk_bytes - (size_t)offset;
    size_t read_bytes = len_bytes < left_bytes ? len_bytes : left_bytes;
    memcpy(buffer, disk + offset, read_bytes);
    return (int)read_bytes;
}

static int
note(const char *data, size_t len_bytes)
{
    uint64_t lsn;
    if (len_bytes != sizeof(lsn)) {
        return -EINVAL;
    }
    memcpy(&lsn, data, sizeof(lsn));
    int result = record(TRACE_NOTE, lsn, NULL, 0);
    return result == 0 ? (int)len_bytes : result;
}

static int
disk_write(const char *path, const char *data, size_t len_bytes, off_t offset,
           struct fuse_file_info *file)
{
    (void)file;
    if (!is_disk(path)) {
        return note(data, len_bytes);
    }
    if ((size_t)offset > disk_bytes || len_bytes > disk_bytes - (size_t)offset) {
        return -ENOSPC;
    }
    memcpy(disk + offset, data, len_bytes);
    int result = record(TRACE_WRITE, (uint64_t)offset, data, len_bytes);
    return result == 0 ? (int)len_bytes : result;
}

static int
disk_fsync(const char *path, int data_only, struct fuse_file_info *file)
{
    (void)data_only;
    (void)file;
    return is_disk(path) ? record(TRACE_FLUSH, 0, NULL, 0) : 0;
}

int
main(int argc, char **argv)
{
    static const struct fuse_operations operations = {.getattr = disk_getattr,
                                                      .open = disk_open,
                                                      .read = disk_read,
                                                      .write = disk_write,
                                                      .fsync = disk_fsync};
    if (argc < 4) {
        (void)fprintf(stderr, "usage: power_disk TRACE MEBIBYTES -f MOUNTPOINT\n");
        return 2;
    }
    disk_bytes = strtoull(argv[2], NULL, 10) << 20;
    disk = calloc(1, disk_bytes);
    trace = fopen(argv[1], "we");
    if (disk == NULL || trace == NULL) {
        perror("power_disk");
        return 1;
    }
    char single[] = "-s";
    argv[1] = argv[0];
    argv[2] = single;
    int code = fuse_main(argc - 1, argv + 1, &operations, NULL);
    return fclose(trace) == 0 ? code : 1;
}
