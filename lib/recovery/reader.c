/*
 * reader.c - read a segment file through one buffer (reader.h).
 */
#include "recovery/reader.h"

#include "recovery/archive.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
hf_reader_init(struct hf_reader *reader)
{
    *reader = (struct hf_reader){.fd = -1};
    reader->buffer = malloc(HF_READER_BUFFER_BYTES);
    return reader->buffer != NULL ? 0 : -ENOMEM;
}

static void
reader_close(struct hf_reader *reader)
{
    if (reader->fd >= 0) {
        (void)close(reader->fd);
    }
    reader->fd = -1;
}

void
hf_reader_destroy(struct hf_reader *reader)
{
    reader_close(reader);
    free(reader->buffer);
    reader->buffer = NULL;
}

/** The segment is not there as it is; as an archive? */
static int
archive_open(struct hf_reader *reader, const char *directory)
{
    char path[PATH_MAX];
    int result = hf_archive_path(path, sizeof(path), directory, reader->number);
    if (result != 0) {
        return result;
    }
    result = hf_archive_open(path, &reader->fd);
    if (result != -ENOENT) {
        memcpy(reader->path, path, sizeof(path)); /* what is missing is named as the segment */
    }
    return result;
}

int
hf_reader_open(struct hf_reader *reader, const char *directory, uint64_t number)
{
    struct stat status;
    reader_close(reader);
    reader->begin = 0;
    reader->end = 0;
    reader->number = number;
    int result = hf_segment_path(reader->path, sizeof(reader->path), directory, number);
    if (result != 0) {
        return result;
    }
    reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0 && errno == ENOENT) {
        result = archive_open(reader, directory);
    } else if (reader->fd < 0) {
        result = -errno;
    }
    if (result != 0) {
        return result;
    }
    if (fstat(reader->fd, &status) != 0) {
        return -errno;
    }
    reader->len_bytes = (uint64_t)status.st_size;
    (void)posix_fadvise(reader->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice only */
    return 0;
}

/** Fill the buffer from an offset on, as far as buffer and file reach. */
static int
reader_fill(struct hf_reader *reader, uint64_t offset)
{
    uint64_t want = reader->len_bytes - offset;
    if (want > HF_READER_BUFFER_BYTES) {
        want = HF_READER_BUFFER_BYTES;
    }
    reader->begin = offset;
    reader->end = offset;
    while (reader->end < offset + want) {
        ssize_t got = pread(reader->fd, reader->buffer + (reader->end - offset),
                            (size_t)(offset + want - reader->end), (off_t)reader->end);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : -EIO; /* it shrank under our hands */
        }
        reader->end += (uint64_t)got;
    }
    return 0;
}

int
hf_reader_at(struct hf_reader *reader, uint64_t offset, const unsigned char **data,
             size_t *available)
{
    uint64_t slots_end = reader->len_bytes - reader->len_bytes % HF_SLOT_BYTES;
    *available = 0;
    if (offset >= slots_end) {
        return 0;
    }
    if (offset < reader->begin || offset + HF_SLOT_BYTES > reader->end) {
        int result = reader_fill(reader, offset);
        if (result != 0) {
            return result;
        }
    }
    uint64_t end = reader->end < slots_end ? reader->end : slots_end;
    *data = reader->buffer + (offset - reader->begin);
    *available = (size_t)((end - offset) / HF_SLOT_BYTES * HF_SLOT_BYTES);
    return 0;
}

uint64_t
hf_reader_data_after(const struct hf_reader *reader, uint64_t offset)
{
    off_t found = lseek(reader->fd, (off_t)offset, SEEK_DATA);
    if (found < 0) {
        return errno == ENXIO ? reader->len_bytes : offset;
    }
    return (uint64_t)found / HF_SLOT_BYTES * HF_SLOT_BYTES;
}
