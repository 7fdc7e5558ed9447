/*
 * format.h - the bytes on media. A log is a directory of segment files NNNNNNNNNNNNNNNNNNNN.wal
 * (segment number, 20 decimal digits), each exactly `segment_bytes` long from its first day:
 *
 *   0                 4096      4160      4224                                    segment_bytes
 *   | segment header  | record  | record  | record ... group ... record ... group | zeros      |
 *
 * All integers little-endian. A record is 64 bytes (record.h). Validity, in order:
 *
 * F1  header: magic, version, own CRC, number as in the file's name, instance as everywhere, length
 * F2  a prepared segment that was never used has an all-zero header, and only zeros behind it
 * F3  record: lsn is the expected one (GROUP: the last one before it, it takes no LSN of its own)
 * F4  record: crc == CRC32C over the whole record with crc = 0, seeded with key ^ previous crc, where
 *     key = CRC32C over (instance, segment number, epoch); the first record of a segment takes
 *     header.chain as the previous crc, the first of a log 0
 * F5  a GROUP record is also authentic by itself, beyond a break: self_crc == CRC32C over it with
 *     crc = self_crc = 0, seeded with key
 * F6  segment n + 1 begins at (base_lsn, chain) where n's valid records end. Within one epoch n is
 *     filled to its last slot; a start of the daemon begins a new segment with epoch + 1, after the
 *     rest of the old one has been made zero
 * F7  the last slot of a filled segment is a GROUP; the two slots of a message stand next to each
 *     other, in one group and one segment
 *
 * Who writes: the WAL writer thread everything but the zeros, which the preparer lays ahead of it;
 * recovery, alone, before the threads start. A segment is durable before the first flush of the next.
 */
#ifndef HF_WAL_FORMAT_H
#define HF_WAL_FORMAT_H

#include <holdfast/record.h>
#include <stdbool.h>

#define HF_SEGMENT_MAGIC 0x314d4745534c4648u /* "HFLSEGM1" */
#define HF_SEGMENT_VERSION 1u
#define HF_SEGMENT_HEADER_BYTES 4096u
#define HF_SEGMENT_BYTES_DEFAULT (256u << 20)
#if defined(HF_SIMULATION) || defined(HF_FUZZING)
#define HF_SEGMENT_BYTES_MIN (8u << 10) /* so that a log of a test enters new segments often */
#else
#define HF_SEGMENT_BYTES_MIN (64u << 10)
#endif
#define HF_SEGMENT_NAME_BYTES 25 /* 20 digits, ".wal", NUL */

struct hf_segment_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes;
    uint64_t instance_id;
    uint64_t number; /**< 1, 2, 3... */
    uint64_t epoch;
    uint64_t base_lsn; /**< LSN of the first record */
    uint64_t segment_bytes;
    uint64_t created_ns;
    uint64_t floor_lsn;  /**< durable_lsn as known when the header was written */
    uint32_t chain;      /**< crc of the last record before this segment */
    uint32_t header_crc; /**< CRC32C over the struct with header_crc = 0 */
    uint8_t reserved[48];
};
HF_STATIC_ASSERT(sizeof(struct hf_segment_header) == 128, "segment header struct");
HF_STATIC_ASSERT(offsetof(struct hf_segment_header, header_crc) == 76, "header_crc moved");

/** Slots of a segment of this length. */
static inline uint64_t
hf_segment_slots(uint64_t segment_bytes)
{
    return (segment_bytes - HF_SEGMENT_HEADER_BYTES) / HF_SLOT_BYTES;
}

/** The `key` of F4. */
uint32_t hf_record_key(uint64_t instance_id, uint64_t segment_number, uint64_t epoch);

/** The crc that F4 asks for; record->crc is not looked at. */
uint32_t hf_record_crc(const struct hf_record *record, uint32_t key, uint32_t previous);

/** Make a GROUP record (all but crc). */
void hf_group_make(struct hf_record *group, uint32_t key, uint64_t last_lsn, uint64_t time_ns,
                   uint64_t floor_lsn, uint64_t epoch, uint32_t count);

/** F5. */
bool hf_group_authentic(const struct hf_record *record, uint32_t key);

/** Fill header_crc. */
void hf_segment_header_seal(struct hf_segment_header *header);

enum hf_header_verdict {
    HF_HEADER_GOOD,
    HF_HEADER_UNUSED, /**< F2 */
    HF_HEADER_BAD,
    HF_HEADER_VERSION, /**< another format version */
};

/** F1, F2 for the header page alone. `why` receives a static text for the bad ones. */
enum hf_header_verdict hf_segment_header_check(const void *page, const char **why);

#endif
