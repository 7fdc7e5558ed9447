/*
 * pack.c - lay records into the slots of a segment (pack.h).
 */
#include "wal/pack.h"

#include "base/panic.h"

#include <string.h>

void
hf_pack_begin(struct hf_pack *pack, uint64_t number, uint64_t slots)
{
    HF_ASSERT("K2", pack->count == 0); /* a segment ends with a group */
    pack->number = number;
    pack->slots = slots;
    pack->slot = 0;
    pack->key = hf_record_key(pack->instance_id, number, pack->epoch);
}

void
hf_pack_header(const struct hf_pack *pack, struct hf_segment_header *header, uint64_t segment_bytes,
               uint64_t created_ns, uint64_t floor_lsn)
{
    memset(header, 0, sizeof(*header));
    header->magic = HF_SEGMENT_MAGIC;
    header->version = HF_SEGMENT_VERSION;
    header->header_bytes = HF_SEGMENT_HEADER_BYTES;
    header->instance_id = pack->instance_id;
    header->number = pack->number;
    header->epoch = pack->epoch;
    header->base_lsn = pack->lsn + 1;
    header->segment_bytes = segment_bytes;
    header->created_ns = created_ns;
    header->floor_lsn = floor_lsn;
    header->chain = pack->chain;
    hf_segment_header_seal(header);
}

void
hf_pack_record(struct hf_pack *pack, const struct hf_record *record, struct hf_record *slot)
{
    HF_ASSERT("K1", pack->slot + 1 < pack->slots);
    HF_ASSERT("F3", record->lsn == pack->lsn + 1);
    *slot = *record;
    slot->crc = hf_record_crc(slot, pack->key, pack->chain);
    pack->chain = slot->crc;
    pack->lsn = slot->lsn;
    pack->time_ns = slot->time_ns;
    pack->slot++;
    pack->count++;
}

void
hf_pack_group(struct hf_pack *pack, uint64_t floor_lsn, struct hf_record *slot)
{
    HF_ASSERT("K1", pack->slot < pack->slots);
    hf_group_make(slot, pack->key, pack->lsn, pack->time_ns, floor_lsn, pack->epoch, pack->count);
    slot->crc = hf_record_crc(slot, pack->key, pack->chain);
    pack->chain = slot->crc;
    pack->slot++;
    pack->count = 0;
}
