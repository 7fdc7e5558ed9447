/*
 * reader.h - read a segment file through one buffer.
 *
 * Read calls and not a mapping: a sector that cannot be read is then an error with a name and not a
 * SIGBUS.
 */
#ifndef HF_RECOVERY_READER_H
#define HF_RECOVERY_READER_H

#include "wal/format.h"

#include <limits.h>

/** A multiple of the header page and of a slot. */
#ifdef HF_FUZZING
#define HF_READER_BUFFER_BYTES ((size_t)1 << 12) /* the smallest segment takes two */
#else
#define HF_READER_BUFFER_BYTES ((size_t)1 << 20)
#endif

struct hf_reader {
    int fd; /**< -1: nothing open */
    uint64_t number;
    uint64_t len_bytes; /**< of the file */
    uint64_t begin;     /**< what the buffer holds: [begin, end) of the file */
    uint64_t end;
    unsigned char *buffer; /**< kept over files */
    char path[PATH_MAX];
};

/** Allocate the buffer. @return 0 or -ENOMEM */
int hf_reader_init(struct hf_reader *reader);
void hf_reader_destroy(struct hf_reader *reader);

/** Open a segment file, or its archive (archive.h), closing the one before. @return 0 or -errno;
 *  -EBADMSG: a damaged archive */
int hf_reader_open(struct hf_reader *reader, const char *directory, uint64_t number);

/**
 * The bytes from an offset on.
 *
 * @param data       receives a pointer into the buffer, valid until the next call
 * @param available  receives how many bytes are there: whole slots, at least one; 0 at the end
 * @return 0 or -errno
 */
int hf_reader_at(struct hf_reader *reader, uint64_t offset, const unsigned char **data,
                 size_t *available);

/** The first slot at or behind an offset that may be other than zero: skips holes and extents that
 *  were never written; the length of the file when there is none. */
uint64_t hf_reader_data_after(const struct hf_reader *reader, uint64_t offset);

#endif
