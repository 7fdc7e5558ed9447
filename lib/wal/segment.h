/*
 * segment.h - segment files in their directory: names, making, removing, listing.
 *
 * A segment file appears under its name only when its length and what it was made with are durable:
 * made as NUMBER.wal.tmp, allocated, filled, fsync, rename, fsync of the directory. So a crash leaves
 * a whole file or a temporary one, which nobody reads and the next recovery removes.
 *
 * All calls return 0 or -errno unless they say otherwise.
 */
#ifndef HF_WAL_SEGMENT_H
#define HF_WAL_SEGMENT_H

#include "wal/format.h"

/** Turn an errno into the code of the failure policy: HF_E_NO_SPACE, HF_E_MEMORY, HF_E_IO,
 *  HF_E_DENIED, HF_E_SYSTEM. */
int hf_segment_error(int error);

/** DIRECTORY/NUMBER.wal; -ENAMETOOLONG when `path` (path_bytes long) is too short. */
int hf_segment_path(char *path, size_t path_bytes, const char *directory, uint64_t number);

/**
 * Make a segment file of full length; -EEXIST when there is one of that number.
 *
 * @param head        first bytes of the file (header and perhaps records); NULL: a prepared segment
 * @param head_bytes  at most segment_bytes
 * Failure leaves nothing behind.
 */
int hf_segment_create(const char *directory, uint64_t number, uint64_t segment_bytes,
                      const void *head, size_t head_bytes);

/** Write zeros over [offset, offset + len_bytes), both multiples of 4096, a page at a time. */
int hf_segment_zero(int fd, uint64_t offset, uint64_t len_bytes);

/** Write all of it, over short writes and interruptions. */
int hf_segment_write(int fd, const void *data, size_t len_bytes, uint64_t offset);

/** Unlink, without any fsync. */
int hf_segment_remove(const char *directory, uint64_t number);

/** What to do about an errno of hf_segment_create() where somebody else has one of its names: words that go
 *  behind others, or "". */
const char *hf_segment_obstacle(int error);

/** Remove what an interrupted hf_segment_create() left. @param path  receives the name of what could not be
 *  removed */
int hf_segment_remove_temporary(const char *directory, char *path, size_t path_bytes);

/**
 * Wait until no write of a killed process is under way to any segment (io_direct.h: D3), before they are read
 * or written again.
 *
 * @param path  receives the name of the file that was looked at last
 * @return 0; -EWOULDBLOCK: after 30 s there still was one; -errno
 */
int hf_segment_await_writes(const char *directory, char *path, size_t path_bytes);

/** fsync of the directory: what was made, renamed or removed in it is so durably. */
int hf_segment_sync_directory(const char *directory);

/** Numbers of all segment files, ascending. @param numbers  malloc'ed, the caller's; NULL when none */
int hf_segment_list(const char *directory, uint64_t **numbers, size_t *count);

/** As hf_segment_list(), of files NUMBER.wal + suffix. */
int hf_segment_list_suffixed(const char *directory, const char *suffix, uint64_t **numbers,
                             size_t *count);

#endif
