/*
 * io_pmem.c - segments on persistent memory: streaming stores and one fence per batch, by the thread
 * that stores (io.h). What is committed is durable; there is nothing left for the sync thread.
 */
#include "wal/io_internal.h"

#include <libpmem.h>

static void
pmem_write(struct hf_wal_file *file, uint64_t offset, const void *data, size_t len_bytes)
{
    (void)pmem_memcpy_nodrain(file->base + offset, data, len_bytes);
}

static void
pmem_commit(struct hf_wal_file *file)
{
    (void)file;
    pmem_drain();
}

static int
pmem_flush_nothing(struct hf_wal_file *file, uint64_t offset, size_t len_bytes)
{
    (void)file;
    (void)offset;
    (void)len_bytes;
    return 0;
}

const struct hf_wal_io hf_wal_io_pmem = {
    .name = "pmem",
    .commit_is_durable = true,
    .write = pmem_write,
    .commit = pmem_commit,
    .flush = pmem_flush_nothing,
    .zero = hf_wal_file_zero,
    .populate = hf_wal_file_populate,
};
