/*
 * io.c - map a segment file and choose the way to the medium (io.h).
 */
#include "wal/io.h"

#include "base/panic.h"
#include "wal/io_internal.h"
#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <libpmem.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int
file_map(struct hf_wal_file *file, const char *path, enum hf_wal_io_kind kind)
{
    size_t len_bytes = 0;
    int is_pmem = 0;
    file->base = pmem_map_file(path, 0, 0, 0, &len_bytes, &is_pmem);
    if (file->base == NULL) {
        return errno != 0 ? -errno : -EINVAL;
    }
    file->len_bytes = len_bytes;
    bool as_pmem = is_pmem != 0 && kind != HF_WAL_IO_MMAP;
    file->io = as_pmem ? &hf_wal_io_pmem : &hf_wal_io_mmap;
    return kind == HF_WAL_IO_PMEM && !as_pmem ? -ENOTSUP : 0;
}

int
hf_wal_file_open(struct hf_wal_file *file, const char *path, enum hf_wal_io_kind kind)
{
    HF_ASSERT("a mapping", kind != HF_WAL_IO_DIRECT);
    memset(file, 0, sizeof(*file));
    file->fd = open(path, O_RDWR | O_CLOEXEC);
    if (file->fd < 0) {
        return -errno;
    }
    int result = file_map(file, path, kind);
    if (result != 0) {
        hf_wal_file_close(file);
    }
    return result;
}

void
hf_wal_file_close(struct hf_wal_file *file)
{
    if (file->base != NULL) {
        (void)pmem_unmap(file->base, file->len_bytes);
    }
    if (file->fd >= 0) {
        (void)close(file->fd);
    }
    memset(file, 0, sizeof(*file));
    file->fd = -1;
}

int
hf_wal_file_zero(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes)
{
    return hf_segment_zero(file->fd, offset, len_bytes);
}

void
hf_wal_file_populate(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes)
{
#ifdef MADV_POPULATE_WRITE
    (void)madvise(file->base + offset, len_bytes, MADV_POPULATE_WRITE);
#else
    (void)file, (void)offset, (void)len_bytes;
#endif
}
