/*
 * io_internal.h - the three implementations behind io.h.
 */
#ifndef HF_WAL_IO_INTERNAL_H
#define HF_WAL_IO_INTERNAL_H

#include "wal/io.h"

extern const struct hf_wal_io hf_wal_io_mmap;
extern const struct hf_wal_io hf_wal_io_pmem;
extern const struct hf_wal_io hf_wal_io_direct;

/** Zeros through the page cache, a page at a time, as mmap and pmem lay them. */
int hf_wal_file_zero(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes);
/** Make entries of the mapping writable. Where the kernel knows no such advice (before 5.14) the writer meets
 *  the page faults itself. */
void hf_wal_file_populate(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes);

#endif
