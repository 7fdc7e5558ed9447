/*
 * io.h - the ways to the medium, behind one small interface.
 *
 *            write (writer thread)     commit (writer thread)   flush (sync thread)
 *   mmap     memcpy to the mapping     nothing                  msync of the range
 *   pmem     pmem_memcpy_nodrain       pmem_drain               nothing: it is durable already
 *   direct   memcpy to a window        nothing                  O_DIRECT by io_uring, fdatasync (io_direct.h)
 *
 * All of them write the same bytes (format.h) and read each other's files. What `direct` has written is in
 * the file only once it is flushed; until then the WAL queue alone outlives the process.
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
    HF_WAL_IO_DIRECT,
};

struct hf_wal_file;
struct hf_wal_direct; /* io_direct.h */

struct hf_wal_io {
    const char *name;
    bool commit_is_durable; /**< nothing is left for the flush to do */
    bool flush_stores; /**< a reader of the file finds what was written only behind its flush */
    void (*write)(struct hf_wal_file *file, uint64_t offset, const void *data, size_t len_bytes);
    void (*commit)(struct hf_wal_file *file);
    int (*flush)(struct hf_wal_file *file, uint64_t offset, size_t len_bytes); /**< 0 or -errno */
    /** Lay zeros, ahead of the writer; multiples of 4096. Preparer thread. 0 or -errno */
    int (*zero)(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes);
    /** Get page-table entries ready; advice. Preparer thread, behind the zeros; sync thread, behind a flush, for
     *  the page that records go on in */
    void (*populate)(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes);
};

/** One open segment file. */
struct hf_wal_file {
    const struct hf_wal_io *io;
    unsigned char *base; /**< whole file, mapped; NULL with `direct` */
    uint64_t len_bytes;
    int fd; /**< kept for the preparer's pwrites; with `direct` for all of them */
    struct hf_wal_direct *direct; /**< of the log, borrowed; NULL: another way */
    uint64_t position;            /**< `direct`: of its first byte, counted as in wal_internal.h */
};

/** Map an existing file of full length through libpmem. @param kind  any but HF_WAL_IO_DIRECT, which has a
 *  call of its own (io_direct.h). @return 0 or -errno; HF_WAL_IO_PMEM on a file that is no persistent memory
 *  is -ENOTSUP */
int hf_wal_file_open(struct hf_wal_file *file, const char *path, enum hf_wal_io_kind kind);
/** Whatever way it was opened. */
void hf_wal_file_close(struct hf_wal_file *file);

#endif
