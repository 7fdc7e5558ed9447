/*
 * position.h - a place in the log, just behind a record, from which reading can go on: what comes next
 * can be checked without what was before (wal/format.h: F3, F4).
 */
#ifndef HF_RECOVERY_POSITION_H
#define HF_RECOVERY_POSITION_H

#include <stdint.h>

struct hf_log_position {
    uint64_t instance_id;
    uint64_t epoch; /**< of the segment */
    uint64_t lsn;   /**< of the last record before; 0: the beginning of the log */
    uint64_t segment;
    uint64_t offset; /**< byte behind it, or behind the group that closes it: durable when it is */
    uint64_t segment_bytes;
    uint32_t chain;     /**< crc of the last slot before */
    uint32_t last_type; /**< enum hf_record_type of that record */
};

#endif
