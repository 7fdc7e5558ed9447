/*
 * snapshot.h - the state machine at one LSN, as a file: LLLLLLLLLLLLLLLLLLLL.snap (the LSN, 20 decimal
 * digits) in the directory of the log.
 *
 *   0              4096                                                      length - 32
 *   | header page  | block | block | block ...                              | footer |
 *                  block = 16 bytes: index, bytes that follow, flags, crc; then these bytes
 *
 * The state is one block of memory without pointers (core/state.h). It is cut into pieces of block_bytes,
 * the last one perhaps shorter; pieces that are all zero are left out, the others stand in ascending order
 * of their index, each as it is or as one zstd frame, whichever is shorter. All integers little-endian.
 *
 * S1  header: magic, version, own CRC, the rest of its page zero, LSN as in the file's name
 * S2  block: crc == CRC32C over index, bytes, flags and what follows, seeded with the header's CRC: a block
 *     belongs to its place and to its snapshot
 * S3  footer: magic, own CRC seeded with the header's; number of blocks and their bytes, which with header
 *     and footer are the file's length; CRC over the CRCs of all blocks in their order
 * S4  the rules version and the layout are the reader's own (HF_E_VERSION if not): another binary's block
 *     cannot be used, the log can
 * S5  the memory that results is a core with the header's capacities (hf_core_load()), and its LSN,
 *     time, digest, epoch, history, boot and market number are those of the header
 *
 * Only what was durable is in a snapshot: its LSN is a floor of the log (scan.h). The position in the log
 * lies behind the record of that LSN; reading goes on there. A snapshot appears under its name when it is
 * durable: written as LSN.snap.tmp, fsync, rename, fsync of the directory. Temporary files are nobody's.
 */
#ifndef HF_RECOVERY_SNAPSHOT_H
#define HF_RECOVERY_SNAPSHOT_H

#include "core/core.h"
#include "recovery/position.h"

#define HF_SNAPSHOT_MAGIC 0x31504e53464c4648u        /* "HFLFSNP1" */
#define HF_SNAPSHOT_FOOTER_MAGIC 0x31444e53464c4648u /* "HFLFSND1" */
#define HF_SNAPSHOT_VERSION 1u
#define HF_SNAPSHOT_HEADER_BYTES 4096u
#define HF_SNAPSHOT_BLOCK_BYTES 65536u
#define HF_SNAPSHOT_ZSTD 1u /* block.flags: the bytes are one zstd frame */
#define HF_SNAPSHOT_KEPT 2u /* the newest ones */
#define HF_SNAPSHOT_TEXT_BYTES 512

struct hf_snapshot_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes;
    uint32_t rules_version;
    uint32_t block_bytes;
    uint64_t layout; /**< hf_core_layout() */
    uint64_t instance_id;
    uint64_t history;
    uint64_t epoch;
    uint64_t boot;
    uint64_t lsn; /**< of the last record applied */
    uint64_t time_ns;
    uint64_t digest;
    uint64_t market_number;
    uint64_t core_bytes; /**< hf_core_image_bytes() */
    uint64_t created_ns; /**< wall clock */
    uint64_t log_segment;
    uint64_t log_offset;
    uint64_t log_epoch;
    uint64_t log_segment_bytes;
    uint32_t log_chain;
    uint32_t last_type; /**< enum hf_record_type of the record with this LSN */
    uint64_t hash_seed;
    uint32_t sessions_max;
    uint32_t instruments_max;
    uint32_t orders_max;
    uint32_t levels_max;
    uint32_t session_orders_max;
    uint32_t extras_max;
    uint32_t accounts_max;
    uint32_t entitlements_max;
    uint32_t events_max;
    uint32_t header_crc; /**< CRC32C over the struct with header_crc = 0 */
    uint8_t reserved[56];
};
HF_STATIC_ASSERT(sizeof(struct hf_snapshot_header) == 256, "snapshot header");
HF_STATIC_ASSERT(offsetof(struct hf_snapshot_header, lsn) == 64, "lsn moved");
HF_STATIC_ASSERT(offsetof(struct hf_snapshot_header, header_crc) == 196, "header_crc moved");

struct hf_snapshot_block {
    uint32_t index;
    uint32_t stored_bytes; /**< that follow */
    uint32_t flags;
    uint32_t crc;
};
HF_STATIC_ASSERT(sizeof(struct hf_snapshot_block) == 16, "snapshot block");

struct hf_snapshot_footer {
    uint64_t magic;
    uint64_t blocks;
    uint64_t stored_bytes; /**< of all blocks, with what stands before each */
    uint32_t blocks_crc;
    uint32_t footer_crc; /**< CRC32C over the struct with footer_crc = 0 */
};
HF_STATIC_ASSERT(sizeof(struct hf_snapshot_footer) == 32, "snapshot footer");

/** A snapshot that was read. */
struct hf_snapshot {
    struct hf_snapshot_header header;
    struct hf_core *core; /**< the caller's; hf_memory_free(core, core_bytes) */
    size_t core_bytes;
    uint64_t file_bytes;
    char text[HF_SNAPSHOT_TEXT_BYTES]; /**< of a failure: file, offset, what */
};

/** What is asked of a writer. */
struct hf_snapshot_order {
    const char *directory;
    const struct hf_core *core;
    const struct hf_log_position *position; /**< behind the core's last record */
    uint64_t reserve_bytes; /**< space on the medium that must be left for the log */
    const uint32_t *cancel; /**< non-zero: give up; may be NULL */
    bool owned_as_log; /**< by the owner of the directory's LOCK, or of the directory without one */
};

/** DIRECTORY/LSN.snap. @return 0 or -ENAMETOOLONG */
int hf_snapshot_path(char *path, size_t path_bytes, const char *directory, uint64_t lsn);

/** The LSN that a file name says; 0: no name of a snapshot. */
uint64_t hf_snapshot_name_lsn(const char *name);

/**
 * Write a snapshot, durably.
 *
 * @param text  HF_SNAPSHOT_TEXT_BYTES bytes; of a failure: file, offset, what
 * @return 0; HF_AGAIN: cancelled; HF_E_DENIED: it may not be given to the log's owner; HF_E_NO_SPACE, HF_E_IO,
 *         HF_E_MEMORY, HF_E_SYSTEM. Failure leaves nothing behind
 */
int hf_snapshot_write(const struct hf_snapshot_order *order, char *text);

/**
 * Read a snapshot into memory of its own.
 *
 * @param numa_node   for that memory, as for hf_memory_alloc()
 * @param background  memory that is neither resident before it is used nor locked
 * @return 0; HF_E_CORRUPT (S1 to S3, S5), HF_E_VERSION (S1, S4), HF_E_UNKNOWN (no such file), HF_E_MEMORY,
 *         HF_E_IO, HF_E_SYSTEM, with snapshot->text
 */
int hf_snapshot_read(const char *directory, uint64_t lsn, int numa_node, bool background,
                     struct hf_snapshot *snapshot);

/** Check S1 to S3 without the memory: of any layout. @return as hf_snapshot_read(); core stays NULL */
int hf_snapshot_verify(const char *directory, uint64_t lsn, struct hf_snapshot *snapshot);

/** Where reading the log goes on. */
void hf_snapshot_position(const struct hf_snapshot_header *header,
                          struct hf_log_position *position);

/** The capacities. */
void hf_snapshot_limits(const struct hf_snapshot_header *header, struct hf_engine_limits *limits);

/** LSNs of all snapshots of a directory, ascending. @param lsns  malloc'ed, the caller's; NULL when none.
 *  @return 0 or -errno */
int hf_snapshot_list(const char *directory, uint64_t **lsns, size_t *count);

/** Unlink, without any fsync. @return 0 or -errno */
int hf_snapshot_remove(const char *directory, uint64_t lsn);

/** Remove what interrupted writers left. @return 0 or -errno */
int hf_snapshot_remove_temporary(const char *directory);

#endif
