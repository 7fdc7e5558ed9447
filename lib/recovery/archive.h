/*
 * archive.h - a segment as an archive: NUMBER.wal.zst, one zstd frame (level 1, with its checksum) that
 * decompresses to the segment file, byte for byte.
 *
 * hf_scan() reads archives where it finds no segment file of that number; so a directory may hold some
 * segments as they were and some as archives. What is read lies decompressed in memory, one segment at
 * a time.
 *
 * All calls return 0 or -errno; -EBADMSG: the archive is damaged.
 */
#ifndef HF_RECOVERY_ARCHIVE_H
#define HF_RECOVERY_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#define HF_ARCHIVE_SUFFIX ".zst"

/** DIRECTORY/NUMBER.wal.zst; -ENAMETOOLONG when `path` is too short. */
int hf_archive_path(char *path, size_t path_bytes, const char *directory, uint64_t number);

/** Open an archive. @param fd  receives a descriptor of the segment in memory, the caller's */
int hf_archive_open(const char *path, int *fd);

/**
 * Make the archive of an open segment file in a directory, durably, complete before it has its name.
 *
 * @param archive_bytes  receives its length
 * -EEXIST when there is one of that number. Failure leaves nothing behind.
 */
int hf_archive_make(int segment_fd, const char *directory, uint64_t number,
                    uint64_t *archive_bytes);

/** Numbers of all segments, archived or not, ascending, each once; as hf_segment_list(). */
int hf_archive_list(const char *directory, uint64_t **numbers, size_t *count);

#endif
