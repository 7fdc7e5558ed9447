/*
 * pack.h - lay records into the slots of a segment: chain, groups, the end of the segment. Shared by
 * the writer and by recovery, which appends what was left in the queue.
 *
 *   slot 0                                                    slots - 1
 *   | record | record | group | record  more | group | ... | group |
 *
 * K1  the last slot of a segment is a GROUP record
 * K2  the two slots of a message stand next to each other, in one group and one segment: where only
 *     one slot is left before the last, a group of no records fills it
 */
#ifndef HF_WAL_PACK_H
#define HF_WAL_PACK_H

#include "wal/format.h"

struct hf_pack {
    uint64_t instance_id;
    uint64_t number; /**< of the segment */
    uint64_t epoch;
    uint64_t slots;   /**< of the segment */
    uint64_t slot;    /**< next free one */
    uint64_t lsn;     /**< last one packed */
    uint64_t time_ns; /**< of that record */
    uint32_t chain;   /**< crc of the last record or group packed */
    uint32_t key;
    uint32_t count; /**< records since the last group */
};

/** Slots that the message takes that begins with this record. */
static inline unsigned
hf_record_slots(const struct hf_record *record)
{
    return record->slots == 2 && record->type != HF_RECORD_MORE ? 2 : 1;
}

/** Go on with an empty segment; chain, lsn and time stay those of the one before. */
void hf_pack_begin(struct hf_pack *pack, uint64_t number, uint64_t slots);

/** The sealed header of the segment just begun. */
void hf_pack_header(const struct hf_pack *pack, struct hf_segment_header *header,
                    uint64_t segment_bytes, uint64_t created_ns, uint64_t floor_lsn);

/** Whether a message of so many slots fits before the last slot (K1, K2). */
static inline bool
hf_pack_fits(const struct hf_pack *pack, unsigned slots)
{
    return pack->slot + slots < pack->slots;
}

/** Copy the next record into its slot, chained. */
void hf_pack_record(struct hf_pack *pack, const struct hf_record *record, struct hf_record *slot);

/** Close the records since the last group with a GROUP record, in the next slot. */
void hf_pack_group(struct hf_pack *pack, uint64_t floor_lsn, struct hf_record *slot);

#endif
