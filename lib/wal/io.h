/*
 * io.h - the ways to the medium, behind one small interface.
 *
 *            write (writer thread)     commit (writer thread)   flush (sync thread)
 *   mmap     memcpy to the mapping     nothing                  msync of the range
 *   pmem     pmem_memcpy_nodrain       pmem_drain               nothing: it is durable already
 *
 * All of them write the same bytes (format.h) and read each other's files.
 */
#ifndef HF_WAL_IO_H
#define HF_WAL_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hf_wal_io_kind {
    HF_WAL_IO_AUTO, /**< pmem where libpmem says so, else mmap */
    HF_WAL_IO_MMAP,
    HF_WAL_IO_PMEM,
};

struct hf_wal_file;

struct hf_wal_io {
    const char *name;
    void (*write)(struct hf_wal_file *file, uint64_t offset, const void *data, size_t len_bytes);
    void (*commit)(struct hf_wal_file *file);
    int (*flush)(struct hf_wal_file *file, uint64_t offset, size_t len_bytes); /**< 0 or -errno */
};

/** One open segment file. */
struct hf_wal_file {
    const struct hf_wal_io *io;
    unsigned char *base; /**< whole file, mapped */
    uint64_t len_bytes;
    int fd; /**< kept for the preparer's pwrites */
    bool is_pmem;
};

/** Map an existing file of full length through libpmem. @return 0 or -errno; HF_WAL_IO_PMEM on a file
 *  that is no persistent memory is -ENOTSUP */
int hf_wal_file_open(struct hf_wal_file *file, const char *path, enum hf_wal_io_kind kind);
void hf_wal_file_close(struct hf_wal_file *file);

#endif
