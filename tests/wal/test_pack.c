/*
 * test_pack.c - records into slots: chain, groups, the end of a segment.
 */
#include "wal/log_fixture.h"

#include "wal/pack.h"

static struct hf_pack
pack_make(uint64_t slots)
{
    struct hf_pack pack = {.instance_id = 7, .epoch = 2, .lsn = 10, .chain = 99};
    hf_pack_begin(&pack, 3, slots);
    return pack;
}

Test(pack, each_record_chains_on_the_one_before)
{
    struct hf_pack pack = pack_make(100);
    uint32_t key = hf_record_key(7, 3, 2);
    uint32_t chain = 99;
    for (uint64_t lsn = 11; lsn < 20; lsn++) {
        struct hf_record record = record_make(lsn, HF_COMMAND_NEW);
        struct hf_record slot;
        hf_pack_record(&pack, &record, &slot);
        cr_expect_eq(slot.crc, hf_record_crc(&record, key, chain));
        chain = slot.crc;
    }
    struct hf_record group;
    hf_pack_group(&pack, 5, &group);
    cr_expect_eq(group.crc, hf_record_crc(&group, key, chain));
    cr_expect(hf_group_authentic(&group, key));
    cr_expect_eq(group.lsn, 19);
    cr_expect_eq(group.group.count, 9);
    cr_expect_eq(group.group.floor_lsn, 5);
    cr_expect_eq(pack.slot, 10);
    cr_expect_eq(pack.count, 0);
}

Test(pack, the_last_slot_is_kept_for_a_group_and_messages_are_not_parted)
{
    static const struct {
        uint64_t slot;
        unsigned message;
        bool fits;
    } cases[] = {
        {0, 1, true},  {0, 2, true},  {7, 2, true},  {8, 1, true},
        {8, 2, false}, {9, 1, false}, {9, 2, false}, {10, 1, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_pack pack = pack_make(10);
        pack.slot = cases[i].slot;
        cr_expect_eq(hf_pack_fits(&pack, cases[i].message), cases[i].fits, "case %zu", i);
    }
}

Test(pack, the_header_continues_lsn_and_chain_of_the_segment_before)
{
    struct hf_pack pack = pack_make(100);
    struct hf_record slot;
    struct hf_record record = record_make(11, HF_COMMAND_NEW);
    unsigned char page[HF_SEGMENT_HEADER_BYTES] = {0};
    struct hf_segment_header *header = (struct hf_segment_header *)page;
    const char *why;
    hf_pack_record(&pack, &record, &slot);
    hf_pack_group(&pack, 0, &slot);
    hf_pack_begin(&pack, 4, 100);
    hf_pack_header(&pack, header, HF_SEGMENT_BYTES_MIN, 1, 9);
    cr_expect_eq(hf_segment_header_check(page, &why), HF_HEADER_GOOD);
    cr_expect_eq(header->number, 4);
    cr_expect_eq(header->base_lsn, 12);
    cr_expect_eq(header->chain, slot.crc);
    cr_expect_eq(header->floor_lsn, 9);
    cr_expect_eq(pack.key, hf_record_key(7, 4, 2));
}

Test(pack, only_a_head_of_two_slots_counts_as_two)
{
    struct hf_record head = record_make(1, HF_COMMAND_INSTRUMENT_ADD);
    struct hf_record more = record_make(2, HF_RECORD_MORE);
    struct hf_record single = record_make(3, HF_COMMAND_CANCEL);
    cr_expect_eq(hf_record_slots(&head), 2);
    cr_expect_eq(hf_record_slots(&single), 1);
    cr_expect_eq(hf_record_slots(&more), 1);
    more.slots = 2;
    cr_expect_eq(hf_record_slots(&more), 1);
}
