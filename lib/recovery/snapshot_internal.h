/*
 * snapshot_internal.h - what writer and reader of snapshots share.
 */
#ifndef HF_RECOVERY_SNAPSHOT_INTERNAL_H
#define HF_RECOVERY_SNAPSHOT_INTERNAL_H

#include "recovery/snapshot.h"

#define HF_SNAPSHOT_TEMPORARY ".tmp"

/** The header's CRC; header_crc is not looked at. */
uint32_t hf_snapshot_header_crc(const struct hf_snapshot_header *header);

/** S2; block->crc is not looked at. */
uint32_t hf_snapshot_block_crc(const struct hf_snapshot_block *block, const void *stored,
                               uint32_t header_crc);

/** S3; footer_crc is not looked at. */
uint32_t hf_snapshot_footer_crc(const struct hf_snapshot_footer *footer, uint32_t header_crc);

/** The bytes that piece `index` has in memory. */
static inline size_t
hf_snapshot_piece_bytes(uint64_t core_bytes, uint64_t index)
{
    uint64_t left = core_bytes - index * HF_SNAPSHOT_BLOCK_BYTES;
    return left < HF_SNAPSHOT_BLOCK_BYTES ? (size_t)left : HF_SNAPSHOT_BLOCK_BYTES;
}

static inline uint64_t
hf_snapshot_pieces(uint64_t core_bytes)
{
    return (core_bytes + HF_SNAPSHOT_BLOCK_BYTES - 1) / HF_SNAPSHOT_BLOCK_BYTES;
}

/** As hf_snapshot_path(), with something behind the name. */
int hf_snapshot_path_suffixed(char *path, size_t path_bytes, const char *directory, uint64_t lsn,
                              const char *suffix);

#endif
