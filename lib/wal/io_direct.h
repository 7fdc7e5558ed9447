/*
 * io_direct.h - segments on block storage, past the page cache: a window in memory, and a flush that writes
 * it with O_DIRECT, several pieces at a time (io.h).
 *
 *                 flushed (sync)                 written (writer)
 *      block         │     block         block      │  block
 *   ─┬───────────────▼──┬─────────────┬─────────────▼─┬────────────►  position in the log
 *    │ durable │ new    │ new         │ new │ zeros   │
 *   ─┴──────────────────┴─────────────┴───────────────┴
 *    └──────────── one flush writes whole blocks ─────┘              window[position % window_bytes]
 *
 * The window holds what the WAL queue holds un-durable, and the block around its beginning; it is twice as long
 * as the queue and some, whatever the segments are. The file is neither mapped nor in the page cache.
 *
 * A flush waits for all of its writes, then for fdatasync. It grows with what waits: up to 1 MiB is one call of
 * pwritev, more are pieces of up to 1 MiB, 8 under way. A last block that is not full is written with zeros
 * behind the records, out of a copy, because the writer goes on filling the block in the window; the next flush
 * writes that block again. Its durable part is the same bytes then, so that a tear between the two leaves them
 * as they were, exactly as with pages that msync writes again.
 *
 * D1  the writer never stores over a block of the window that is not flushed, nor over the one that `flushed`
 *     lies in
 * D2  nobody stores into memory that a write is reading, and no block has two writes under way
 * D3  when the process is killed, what io_uring has under way goes on; the open file of a segment is locked (flock, shared) and
 *     stays so until the last of them is done. Whoever writes these files next waits for that lock
 *     (hf_segment_await_writes) before it reads them
 *
 * Failure policy: as in sync.c. The first write or fdatasync that fails is final, and -EINVAL, which is bad
 * alignment, is a failure. A short write, -EAGAIN and -EINTR are none: the rest is written again.
 */
#ifndef HF_WAL_IO_DIRECT_H
#define HF_WAL_IO_DIRECT_H

#include "wal/io.h"

#define HF_WAL_BLOCK_BYTES 4096u /* of a page, and of all disks with sectors of 512 or 4096 bytes */

struct hf_wal_direct;

/**
 * Window for a queue of so many slots. Of n records that are not durable each may stand in a batch of its own,
 * with a group: 2 n slots. Each end of a segment among them adds up to two groups that fill it and the next
 * one's header page. And the block around the beginning stays.
 */
static inline uint64_t
hf_wal_direct_window_bytes(uint64_t queue_slots, uint64_t segment_bytes)
{
    const uint64_t border_bytes = HF_WAL_BLOCK_BYTES + 2 * 64;
    uint64_t bytes = 2 * queue_slots * 64;
    uint64_t borders = bytes / (segment_bytes - border_bytes) + 1;
    bytes += borders * border_bytes + HF_WAL_BLOCK_BYTES;
    return (bytes + HF_WAL_BLOCK_BYTES - 1) / HF_WAL_BLOCK_BYTES * HF_WAL_BLOCK_BYTES;
}

/**
 * Ring and window, for all segments of one log.
 *
 * @param window_bytes  multiple of HF_WAL_BLOCK_BYTES
 * @param position      where writer and flushes begin; multiple of HF_WAL_BLOCK_BYTES
 * @return 0 or -errno: -ENOMEM, or that of io_uring_setup (-ENOSYS, -EPERM...)
 */
int hf_wal_direct_create(struct hf_wal_direct **direct, uint64_t window_bytes, uint64_t position);
void hf_wal_direct_destroy(struct hf_wal_direct *direct); /**< NULL: nothing */

/** Open a segment file of full length. @param position  of its first byte in the log. @return 0 or -errno;
 *  -ENOTSUP: the file system does not take such writes */
int hf_wal_direct_open(struct hf_wal_file *file, const char *path, struct hf_wal_direct *direct,
                       uint64_t position);

#endif
