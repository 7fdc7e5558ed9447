/* io_direct.c - a window in memory, flushed with O_DIRECT (io_direct.h). */
#include "wal/io_direct.h"

#include "base/atomic.h"
#include "base/numa.h"
#include "base/panic.h"
#include "base/planted.h"
#include "wal/direct_ring.h"
#include "wal/io_internal.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define BLOCK ((uint64_t)HF_WAL_BLOCK_BYTES)
#define LINE 128

struct hf_wal_direct {
    unsigned char *window;
    unsigned char *tail; /**< one block behind the window: copy of a last block that is not full */
    uint64_t window_bytes;
    alignas(LINE) uint64_t written; /**< writer: end of what it has stored */
    alignas(LINE) uint64_t flushed; /**< sync → writer: end of what is durable */
    struct hf_direct_ring ring;     /**< sync */
};

/** What of one file is still to be written by this flush. */
struct flush {
    struct hf_wal_direct *direct;
    uint64_t start; /**< position of the file */
    uint64_t at;    /**< block's beginning */
    uint64_t end;
};

static uint64_t
block_down(uint64_t position)
{
    return position - position % BLOCK;
}

int
hf_wal_direct_create(struct hf_wal_direct **direct, uint64_t window_bytes, uint64_t position)
{
    HF_ASSERT("whole blocks", window_bytes % BLOCK == 0 && position % BLOCK == 0);
    *direct = NULL;
    struct hf_wal_direct *made = aligned_alloc(alignof(struct hf_wal_direct), sizeof(*made));
    if (made == NULL) {
        return -ENOMEM;
    }
    memset(made, 0, sizeof(*made));
    made->window_bytes = window_bytes;
    made->written = position;
    made->flushed = position;
    made->window = hf_memory_alloc(window_bytes + BLOCK, -1);
    int result = made->window != NULL ? hf_direct_ring_open(&made->ring) : -ENOMEM;
    if (result != 0) {
        if (made->window != NULL) {
            hf_memory_free(made->window, window_bytes + BLOCK);
        }
        free(made);
        return result;
    }
    made->tail = made->window + window_bytes;
    *direct = made;
    return 0;
}

void
hf_wal_direct_destroy(struct hf_wal_direct *direct)
{
    if (direct != NULL) {
        hf_direct_ring_close(&direct->ring);
        hf_memory_free(direct->window, direct->window_bytes + BLOCK);
        free(direct);
    }
}

/** Whether the file system says that it takes blocks of ours. Older kernels say nothing: then the zeros of the
 *  first segment are the test. */
static bool
takes_blocks(int fd)
{
#ifdef STATX_DIOALIGN
    struct statx status;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) == 0 &&
        (status.stx_mask & STATX_DIOALIGN) != 0) {
        return status.stx_dio_mem_align != 0 && status.stx_dio_mem_align <= BLOCK &&
               status.stx_dio_offset_align <= BLOCK;
    }
#else
    (void)fd;
#endif
    return true;
}

static int
file_check(struct hf_wal_file *file)
{
    struct stat status;
    if (!takes_blocks(file->fd)) {
        return -ENOTSUP;
    }
    if (flock(file->fd, LOCK_SH | LOCK_NB) != 0 || fstat(file->fd, &status) != 0) { /* D3 */
        return -errno;
    }
    file->len_bytes = (uint64_t)status.st_size;
    return 0;
}

int
hf_wal_direct_open(struct hf_wal_file *file, const char *path, struct hf_wal_direct *direct,
                   uint64_t position)
{
    memset(file, 0, sizeof(*file));
    file->io = &hf_wal_io_direct;
    file->direct = direct;
    file->position = position;
    file->fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    if (file->fd < 0) {
        return errno == EINVAL ? -ENOTSUP : -errno;
    }
    int result = file_check(file);
    if (result != 0) {
        hf_wal_file_close(file);
    }
    return result;
}

/* Writer */

/** Set or copy into the window, around its end. @param data  NULL: zeros */
static void
window_store(struct hf_wal_direct *direct, uint64_t position, const unsigned char *data,
             uint64_t len_bytes)
{
    while (len_bytes > 0) {
        uint64_t at = position % direct->window_bytes;
        uint64_t piece = direct->window_bytes - at;
        piece = piece < len_bytes ? piece : len_bytes;
        if (data == NULL) {
            memset(direct->window + at, 0, piece);
        } else {
            memcpy(direct->window + at, data, piece);
            data += piece;
        }
        position += piece;
        len_bytes -= piece;
    }
}

static void
direct_write(struct hf_wal_file *file, uint64_t offset, const void *data, size_t len_bytes)
{
    struct hf_wal_direct *direct = file->direct;
    uint64_t position = file->position + offset;
    /* Acquire pairs with the release in direct_flush(): its reads of the window are done. */
    uint64_t kept = block_down(hf_load_acquire(&direct->flushed));
    HF_ASSERT("D1",
              position >= direct->written && position + len_bytes <= kept + direct->window_bytes);
    if (!HF_PLANTED(LAP_LEFT_IN_HEADER)) {
        window_store(direct, direct->written, NULL,
                     position - direct->written); /* its page's rest */
    }
    window_store(direct, position, data, len_bytes);
    direct->written = position + len_bytes;
}

static void
direct_commit(struct hf_wal_file *file)
{
    (void)file;
}

/* Sync */

/** The last block, filled up with zeros. */
static struct hf_direct_piece
tail_piece(const struct flush *flush)
{
    const struct hf_wal_direct *direct = flush->direct;
    size_t len_bytes = (size_t)(flush->end - flush->at);
    memcpy(direct->tail, direct->window + flush->at % direct->window_bytes, len_bytes);
    memset(direct->tail + len_bytes, 0, BLOCK - len_bytes);
    return (struct hf_direct_piece){direct->tail, BLOCK, flush->at - flush->start};
}

/** As many whole blocks as lie next to each other. */
static struct hf_direct_piece
whole_piece(const struct flush *flush)
{
    const struct hf_wal_direct *direct = flush->direct;
    uint64_t at = flush->at % direct->window_bytes;
    uint64_t len_bytes = block_down(flush->end) - flush->at;
    if (len_bytes > direct->window_bytes - at) {
        len_bytes = direct->window_bytes - at;
    }
    if (len_bytes > HF_DIRECT_PIECE_BYTES) {
        len_bytes = HF_DIRECT_PIECE_BYTES;
    }
    return (struct hf_direct_piece){direct->window + at, (size_t)len_bytes,
                                    flush->at - flush->start};
}

static bool
next_piece(void *context, struct hf_direct_piece *piece)
{
    struct flush *flush = context;
    if (flush->at >= flush->end) {
        return false;
    }
    *piece = flush->end - flush->at < BLOCK ? tail_piece(flush) : whole_piece(flush);
    flush->at += piece->len_bytes;
    return true;
}

/**
 * What is no longer than a piece needs no ring: one call by this thread. The kernel would hand a request to
 * another thread when the file needs a new time of modification, which is so at the first in every few ms.
 *
 * @return 1: written; 0: not all of it, or not yet; -errno
 */
static int
write_at_once(const struct flush *flush, int fd)
{
    struct flush rest = *flush;
    struct hf_direct_piece piece;
    struct iovec parts[3]; /* up to the window's end, from its beginning, and the tail */
    int count = 0;
    size_t len_bytes = 0;
    while (next_piece(&rest, &piece)) {
        HF_ASSERT("three parts", count < 3);
        parts[count++] = (struct iovec){.iov_base = piece.data, .iov_len = piece.len_bytes};
        len_bytes += piece.len_bytes;
    }
    ssize_t written = pwritev(fd, parts, count, (off_t)(flush->at - flush->start));
    if (written < 0) {
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    }
    return (size_t)written == len_bytes;
}

/** All blocks of the flush, by the way that is quicker. @return 0 or -errno */
static int
write_blocks(struct flush *flush, int fd)
{
    if (flush->end - flush->at <= HF_DIRECT_PIECE_BYTES) {
        int result = write_at_once(flush, fd);
        if (result != 0) {
            return result < 0 ? result : 0;
        }
    }
    return hf_direct_ring_write(&flush->direct->ring, fd, next_piece, flush);
}

static int
direct_flush(struct hf_wal_file *file, uint64_t offset, size_t len_bytes)
{
    struct hf_wal_direct *direct = file->direct;
    struct flush flush = {.direct = direct,
                          .start = file->position,
                          .at = block_down(file->position + offset),
                          .end = file->position + offset + len_bytes};
    HF_ASSERT("D1", flush.end - flush.at <= direct->window_bytes);
    int result = write_blocks(&flush, file->fd);
    if (result == 0 && !HF_PLANTED(FLUSH_MISSING) && fdatasync(file->fd) != 0) {
        result = -errno;
    }
    if (result == 0) {
        /* Pairs with the acquire in direct_write(). */
        hf_store_release(&direct->flushed, file->position + offset + len_bytes);
    }
    return result;
}

/* Preparer */

/** Past the page cache as well, or the flush would find dirty pages where it is going to write. */
static int
direct_zero(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes)
{
    static alignas(HF_WAL_BLOCK_BYTES) unsigned char zeros[(size_t)1 << 20]; /* never stored into */
    int result = 0;
    for (uint64_t done = 0; done < len_bytes && result == 0; done += sizeof(zeros)) {
        uint64_t piece = len_bytes - done < sizeof(zeros) ? len_bytes - done : sizeof(zeros);
        result = hf_segment_write(file->fd, zeros, (size_t)piece, offset + done);
    }
    return result == -EINVAL ? -ENOTSUP : result;
}

static void
direct_populate(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes)
{
    (void)file, (void)offset, (void)len_bytes; /* nothing is mapped, and the window is there */
}

const struct hf_wal_io hf_wal_io_direct = {
    .name = "direct",
    .flush_stores = true,
    .write = direct_write,
    .commit = direct_commit,
    .flush = direct_flush,
    .zero = direct_zero,
    .populate = direct_populate,
};
