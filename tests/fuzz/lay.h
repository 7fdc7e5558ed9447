/*
 * lay.h - an input as a log: a directory in /dev/shm with up to three segments and a LOCK.
 *
 *   input: | how (1) | segments (1) | repaired slots (2) | segment | segment | segment | ...
 *   segment: | header, 80 bytes | entries (1) | entry | entry ...
 *   entry: | repeats (1) | one slot, 64 bytes |
 *
 * A segment is as long as its header says, if that is possible, with zeros behind its slots. Checksums hide
 * everything from a fuzzer; so, as `how` says, they are made right before the files are written.
 */
#ifndef HF_TESTS_FUZZ_LAY_H
#define HF_TESTS_FUZZ_LAY_H

#include "fuzz/fuzz.h"
#include "wal/format.h"

#define LAY_SEGMENTS_MAX 3u
#define LAY_HEADER_BYTES 80u /* of the header that are not reserved */

/** Bits of `how`: what is repaired, what is there. */
enum lay_how {
    LAY_CHECKSUMS = 1, /**< of headers, records, groups, up to the number of slots that is said */
    LAY_LSNS = 2,      /**< count on from the header's */
    LAY_SEGMENTS = 4,  /**< numbers, instance, lengths; each begins where the one before ends */
    LAY_WITNESS = 8,   /**< LOCK is stored: epoch, segment and durable LSN, 3 bytes of the input */
    LAY_LOCK = 16,     /**< LOCK has 64 bytes of the input */
    LAY_BYTES = 64,    /**< what is left of the input lies there as the archive of segment 2; */
    LAY_ARCHIVE =
        96, /**< both bits: segment 1 is there as an archive (which costs, so it is rarer) */
};

extern char lay_directory[64];

/** Make the directory; it is removed at the end of the process. */
void lay_init(void);

/** Write the log that an input describes, in place of the one before. */
void lay_log(struct fuzz_input *input);

/** Describe a log: for seeds. */
void lay_seed_begin(struct fuzz_bytes *seed, unsigned how, unsigned segments);
void lay_seed_segment(struct fuzz_bytes *seed, const struct hf_segment_header *header,
                      unsigned entries);
void lay_seed_slot(struct fuzz_bytes *seed, unsigned repeats, const struct hf_record *slot);

#endif
