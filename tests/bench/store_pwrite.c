/* store_pwrite.c - pwrite and fdatasync into a file that is allocated and zeroed, round and round. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_RECORDS (256u * 1024u) /* 16 MiB */
#define CHUNK_RECORDS 64u

struct file {
    int fd;
    uint64_t count;
};

static int
lay_zeros(int fd)
{
    static const struct store_record zeros[CHUNK_RECORDS];
    for (unsigned i = 0; i < FILE_RECORDS; i += CHUNK_RECORDS) {
        if (pwrite(fd, zeros, sizeof(zeros), (off_t)i * (off_t)STORE_RECORD_BYTES) !=
            (ssize_t)sizeof(zeros)) {
            return -1;
        }
    }
    return fsync(fd);
}

static void *
open_file(const char *directory, char *why)
{
    char path[1024];
    struct file *file = calloc(1, sizeof(*file));
    (void)snprintf(path, sizeof(path), "%s/records", directory);
    if (file != NULL) {
        file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    }
    if (file == NULL || file->fd < 0 || lay_zeros(file->fd) != 0) {
        (void)snprintf(why, 256, "%s", strerror(errno));
        free(file);
        return NULL;
    }
    return file;
}

static int
append(void *store, const struct store_record *records, unsigned count)
{
    struct file *file = store;
    if (file->count % FILE_RECORDS + count > FILE_RECORDS) {
        file->count += FILE_RECORDS - file->count % FILE_RECORDS; /* from the front again */
    }
    off_t at = (off_t)(file->count % FILE_RECORDS * STORE_RECORD_BYTES);
    ssize_t bytes = (ssize_t)(count * STORE_RECORD_BYTES);
    if (pwrite(file->fd, records, (size_t)bytes, at) != bytes || fdatasync(file->fd) != 0) {
        return -1;
    }
    file->count += count;
    return 0;
}

/** Only the last ones are still there: the number of the last record. */
static uint64_t
close_and_count(void *store)
{
    struct file *file = store;
    struct store_record last = {0};
    off_t at = (off_t)((file->count - 1) % FILE_RECORDS * STORE_RECORD_BYTES);
    if (pread(file->fd, &last, sizeof(last), at) != (ssize_t)sizeof(last)) {
        last.number = 0;
    }
    (void)close(file->fd);
    free(file);
    return last.number;
}

const struct store store_pwrite = {"pwrite + fdatasync", open_file, append, close_and_count};
