/*
 * io_internal.h - the two implementations behind io.h.
 */
#ifndef HF_WAL_IO_INTERNAL_H
#define HF_WAL_IO_INTERNAL_H

#include "wal/io.h"

extern const struct hf_wal_io hf_wal_io_mmap;
extern const struct hf_wal_io hf_wal_io_pmem;

#endif
