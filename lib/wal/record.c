/*
 * record.c - checksums of records and groups (format.h: F4, F5).
 */
#include "base/crc32c.h"
#include "wal/format.h"

#include <string.h>

#define CRC_WORD (offsetof(struct hf_record, crc) / sizeof(uint64_t))
HF_STATIC_ASSERT(offsetof(struct hf_record, crc) % sizeof(uint64_t) == 0,
                 "crc is the lower half of a little-endian word");

uint32_t
hf_record_key(uint64_t instance_id, uint64_t segment_number, uint64_t epoch)
{
    const uint64_t where[3] = {instance_id, segment_number, epoch};
    return hf_crc32c(0, where, sizeof(where));
}

uint32_t
hf_record_crc(const struct hf_record *record, uint32_t key, uint32_t previous)
{
    /* By words, of which one loses its lower half: a narrow store into a copy would hold up the wide load
     * behind it. */
    uint64_t words[sizeof(*record) / sizeof(uint64_t)];
    memcpy(words, record, sizeof(words));
    words[CRC_WORD] &= ~(uint64_t)UINT32_MAX;
    return hf_crc32c(key ^ previous, words, sizeof(words));
}

static uint32_t
group_self_crc(const struct hf_record *group, uint32_t key)
{
    struct hf_record copy = *group;
    copy.crc = 0;
    copy.group.self_crc = 0;
    return hf_crc32c(key, &copy, sizeof(copy));
}

void
hf_group_make(struct hf_record *group, uint32_t key, uint64_t last_lsn, uint64_t time_ns,
              uint64_t floor_lsn, uint64_t epoch, uint32_t count)
{
    memset(group, 0, sizeof(*group));
    group->lsn = last_lsn;
    group->time_ns = time_ns;
    group->type = HF_RECORD_GROUP;
    group->slots = 1;
    group->group.floor_lsn = floor_lsn;
    group->group.epoch = epoch;
    group->group.count = count;
    group->group.self_crc = group_self_crc(group, key);
}

bool
hf_group_authentic(const struct hf_record *record, uint32_t key)
{
    return record->type == HF_RECORD_GROUP && record->group.self_crc == group_self_crc(record, key);
}
