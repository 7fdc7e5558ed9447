/*
 * io_mmap.c - segments on block storage: stores into the mapping, msync by range (io.h).
 *
 * The flush is by range on purpose: a flush of the whole file would write and write-protect again the
 * pages that the preparer has just made ready ahead of the writer.
 */
#include "wal/io_direct.h"
#include "wal/io_internal.h"

#include "base/planted.h"

#include <errno.h>
#include <fcntl.h>
#include <libpmem.h>
#include <string.h>
#include <sys/mman.h>

static void
mmap_write(struct hf_wal_file *file, uint64_t offset, const void *data, size_t len_bytes)
{
    memcpy(file->base + offset, data, len_bytes);
}

static void
mmap_commit(struct hf_wal_file *file)
{
    (void)file;
}

/* A flush takes the right to write from every page that it cleans, and the kernel tells so, page by page, every
 * processor on which a thread of this process runs: the engine's, too, is interrupted. So the pages are unmapped
 * before, which is told once; the writer's next store maps the last of them again. A hint: what is in them
 * stays dirty in the page cache, and is flushed as ever. */
static void
unmap_pages(const struct hf_wal_file *file, uint64_t offset, size_t len_bytes)
{
    uint64_t from = offset & ~(uint64_t)(HF_WAL_BLOCK_BYTES - 1);
    uint64_t end = offset + len_bytes;
    if (end - from > HF_WAL_BLOCK_BYTES) { /* of a single page it is told once anyway */
        (void)madvise(file->base + from, end - from, MADV_DONTNEED);
    }
}

/* pmem_msync() widens the range to whole pages and is msync(MS_SYNC). */
static int
mmap_flush(struct hf_wal_file *file, uint64_t offset, size_t len_bytes)
{
    if (HF_PLANTED(FLUSH_MISSING)) {
        return 0;
    }
    unmap_pages(file, offset, len_bytes);
    return pmem_msync(file->base + offset, len_bytes) == 0 ? 0 : -errno;
}

/* The write-back begins at once: the flushes shall not find it still to do. A hint: its errors are reported by
 * the flush of the range. */
static int
mmap_zero(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes)
{
    int result = hf_wal_file_zero(file, offset, len_bytes);
    if (result == 0) {
        (void)sync_file_range(file->fd, (off_t)offset, (off_t)len_bytes, SYNC_FILE_RANGE_WRITE);
    }
    return result;
}

const struct hf_wal_io hf_wal_io_mmap = {
    .name = "mmap",
    .write = mmap_write,
    .commit = mmap_commit,
    .flush = mmap_flush,
    .zero = mmap_zero,
    .populate = hf_wal_file_populate,
};
