/*
 * archive.c - segments as zstd frames (archive.h).
 */
#include "recovery/archive.h"

#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#define LEVEL 1                       /* a log is half random checksums: more effort gains little */
#define PIECE_BYTES ((size_t)1 << 17) /* a block of zstd */
#define HOLE_BYTES ((size_t)4096)     /* zeros of a segment stay holes in memory */
#define TEMPORARY_SUFFIX ".tmp"

/** Two buffers and where the data goes. */
struct stream {
    int from;
    int to;
    uint64_t written;
    unsigned char *in;
    unsigned char *out;
};

static int
stream_init(struct stream *stream, int from, int to)
{
    *stream = (struct stream){.from = from, .to = to};
    stream->in = malloc(PIECE_BYTES);
    stream->out = malloc(PIECE_BYTES);
    return stream->in != NULL && stream->out != NULL ? 0 : -ENOMEM;
}

static void
stream_free(struct stream *stream)
{
    free(stream->in);
    free(stream->out);
}

/** @return bytes read, 0 at the end, or -errno */
static ssize_t
stream_read(const struct stream *stream)
{
    ssize_t got;
    do {
        got = read(stream->from, stream->in, PIECE_BYTES);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int
hf_archive_path(char *path, size_t path_bytes, const char *directory, uint64_t number)
{
    int result = hf_segment_path(path, path_bytes, directory, number);
    size_t length = result == 0 ? strlen(path) : 0;
    if (result != 0 || length + sizeof(HF_ARCHIVE_SUFFIX) > path_bytes) {
        return -ENAMETOOLONG;
    }
    memcpy(path + length, HF_ARCHIVE_SUFFIX, sizeof(HF_ARCHIVE_SUFFIX));
    return 0;
}

/* ---- reading ---- */

static bool
all_zero(const unsigned char *bytes, size_t len_bytes)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len_bytes - 1) == 0;
}

/** Write what is not zero; the rest stays a hole. */
static int
put_sparse(struct stream *stream, size_t len_bytes)
{
    for (size_t at = 0; at < len_bytes;) {
        size_t piece = len_bytes - at < HOLE_BYTES ? len_bytes - at : HOLE_BYTES;
        if (!all_zero(stream->out + at, piece)) {
            int result =
                hf_segment_write(stream->to, stream->out + at, piece, stream->written + at);
            if (result != 0) {
                return result;
            }
        }
        at += piece;
    }
    stream->written += len_bytes;
    return 0;
}

/** Decompress what has been read. @param left  receives 0 when the frame is complete */
static int
decompress_piece(struct stream *stream, ZSTD_DCtx *context, size_t len_bytes, size_t *left)
{
    ZSTD_inBuffer in = {stream->in, len_bytes, 0};
    bool more = true;
    while (more) {
        ZSTD_outBuffer out = {stream->out, PIECE_BYTES, 0};
        *left = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(*left)) {
            return -EBADMSG;
        }
        int result = out.pos > 0 ? put_sparse(stream, out.pos) : 0;
        if (result != 0) {
            return result;
        }
        /* Behind a complete frame a further call would ask for the next one. */
        more = in.pos < in.size || (out.pos == out.size && *left != 0);
    }
    return 0;
}

static int
decompress(struct stream *stream, ZSTD_DCtx *context)
{
    size_t left = 1; /* an empty file is no frame */
    ssize_t got;
    while ((got = stream_read(stream)) > 0) {
        int result = decompress_piece(stream, context, (size_t)got, &left);
        if (result != 0) {
            return result;
        }
    }
    if (got < 0) {
        return (int)got;
    }
    if (left != 0) {
        return -EBADMSG; /* cut short */
    }
    return ftruncate(stream->to, (off_t)stream->written) == 0 ? 0 : -errno;
}

int
hf_archive_open(const char *path, int *fd)
{
    struct stream stream = {.from = -1};
    ZSTD_DCtx *context = NULL;
    int result = 0;
    *fd = -1;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        return -errno;
    }
    int to = memfd_create("segment", MFD_CLOEXEC);
    if (to < 0) {
        result = -errno;
        goto fail;
    }
    result = stream_init(&stream, from, to);
    context = ZSTD_createDCtx();
    if (context == NULL) {
        result = -ENOMEM;
    }
    if (result == 0) {
        result = decompress(&stream, context);
    }
    (void)ZSTD_freeDCtx(context);
    stream_free(&stream);
fail:
    (void)close(from);
    if (result == 0) {
        *fd = to;
    } else if (to >= 0) {
        (void)close(to);
    }
    return result;
}

/* ---- making ---- */

static int
compress_piece(struct stream *stream, ZSTD_CCtx *context, size_t len_bytes, ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {stream->in, len_bytes, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {stream->out, PIECE_BYTES, 0};
        left = ZSTD_compressStream2(context, &out, &in, end);
        if (ZSTD_isError(left)) {
            return -ENOMEM; /* nothing else can go wrong with these parameters */
        }
        int result = hf_segment_write(stream->to, stream->out, out.pos, stream->written);
        if (result != 0) {
            return result;
        }
        stream->written += out.pos;
    } while (end == ZSTD_e_end ? left != 0 : in.pos < in.size);
    return 0;
}

static int
compress(struct stream *stream, ZSTD_CCtx *context)
{
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    if (lseek(stream->from, 0, SEEK_SET) < 0) {
        return -errno;
    }
    ssize_t got;
    while ((got = stream_read(stream)) > 0) {
        int result = compress_piece(stream, context, (size_t)got, ZSTD_e_continue);
        if (result != 0) {
            return result;
        }
    }
    return got < 0 ? (int)got : compress_piece(stream, context, 0, ZSTD_e_end);
}

/** The whole archive into an open file, durably. */
static int
archive_fill(int segment_fd, int to, uint64_t *archive_bytes)
{
    struct stream stream;
    int result = stream_init(&stream, segment_fd, to);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    if (context == NULL) {
        result = -ENOMEM;
    }
    if (result == 0) {
        result = compress(&stream, context);
    }
    *archive_bytes = stream.written;
    (void)ZSTD_freeCCtx(context);
    stream_free(&stream);
    return result == 0 && fsync(to) != 0 ? -errno : result;
}

int
hf_archive_make(int segment_fd, const char *directory, uint64_t number, uint64_t *archive_bytes)
{
    char path[PATH_MAX];
    char temporary[PATH_MAX + sizeof(TEMPORARY_SUFFIX)];
    int result = hf_archive_path(path, sizeof(path), directory, number);
    if (result != 0) {
        return result;
    }
    if (access(path, F_OK) == 0) {
        return -EEXIST;
    }
    (void)snprintf(temporary, sizeof(temporary), "%s" TEMPORARY_SUFFIX, path);
    int to = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) {
        return -errno;
    }
    result = archive_fill(segment_fd, to, archive_bytes);
    if (close(to) != 0 && result == 0) {
        result = -errno;
    }
    if (result == 0 && rename(temporary, path) != 0) {
        result = -errno;
    }
    if (result != 0) {
        (void)unlink(temporary);
        return result;
    }
    return hf_segment_sync_directory(directory);
}

/* ---- listing ---- */

/** Merge two ascending lists; a number that is in both once. */
static size_t
merge(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count, uint64_t *merged)
{
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < a_count || j < b_count) {
        bool from_a = j == b_count || (i < a_count && a[i] <= b[j]);
        uint64_t number = from_a ? a[i] : b[j];
        i += i < a_count && a[i] == number;
        j += j < b_count && b[j] == number;
        merged[count++] = number;
    }
    return count;
}

int
hf_archive_list(const char *directory, uint64_t **numbers, size_t *count)
{
    uint64_t *archived = NULL;
    size_t archived_count = 0;
    int result = hf_segment_list_suffixed(directory, HF_ARCHIVE_SUFFIX, &archived, &archived_count);
    if (result == 0) {
        result = hf_segment_list(directory, numbers, count);
    }
    if (result != 0 || archived_count == 0) {
        free(archived);
        return result;
    }
    uint64_t *merged = malloc((*count + archived_count) * sizeof(*merged));
    if (merged == NULL) {
        result = -ENOMEM;
    } else {
        archived_count = merge(*numbers, *count, archived, archived_count, merged);
    }
    free(archived);
    free(*numbers);
    *numbers = merged;
    *count = result == 0 ? archived_count : 0;
    return result;
}
