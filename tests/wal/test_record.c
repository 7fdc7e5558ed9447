/*
 * test_record.c - checksums of records and groups.
 */
#include "wal/log_fixture.h"

#define KEY 0x1234u
#define PREVIOUS 0x77u

Test(record, a_record_checksum_changes_with_every_bit_but_those_of_the_checksum_itself)
{
    const struct hf_record original = record_make(42, HF_COMMAND_NEW);
    const uint32_t crc = hf_record_crc(&original, KEY, PREVIOUS);
    for (unsigned bit = 0; bit < 8 * sizeof(original); bit++) {
        struct hf_record flipped = original;
        ((unsigned char *)&flipped)[bit / 8] ^= (unsigned char)(1u << bit % 8);
        bool own = bit / 8 >= offsetof(struct hf_record, crc) &&
                   bit / 8 < offsetof(struct hf_record, crc) + sizeof(original.crc);
        cr_expect_eq(hf_record_crc(&flipped, KEY, PREVIOUS) == crc, own, "bit %u", bit);
    }
}

Test(record, a_record_checksum_depends_on_the_record_before_it)
{
    const struct hf_record record = record_make(42, HF_COMMAND_NEW);
    cr_expect_neq(hf_record_crc(&record, KEY, 1), hf_record_crc(&record, KEY, 2));
}

Test(record, the_key_depends_on_instance_segment_and_epoch)
{
    struct {
        uint64_t instance, segment, epoch;
    } cases[] = {{1, 1, 1}, {2, 1, 1}, {1, 2, 1}, {1, 1, 2}, {2, 2, 1}, {2, 1, 2}, {1, 2, 2}};
    size_t count = sizeof(cases) / sizeof(cases[0]);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_expect_neq(hf_record_key(cases[i].instance, cases[i].segment, cases[i].epoch),
                          hf_record_key(cases[j].instance, cases[j].segment, cases[j].epoch),
                          "%zu %zu", i, j);
        }
    }
}

Test(record, a_group_holds_what_it_was_made_with)
{
    struct hf_record group;
    hf_group_make(&group, KEY, 99, 5000, 88, 3, 17);
    cr_expect_eq(group.lsn, 99);
    cr_expect_eq(group.time_ns, 5000);
    cr_expect_eq(group.type, HF_RECORD_GROUP);
    cr_expect_eq(group.slots, 1);
    cr_expect_eq(group.group.floor_lsn, 88);
    cr_expect_eq(group.group.epoch, 3);
    cr_expect_eq(group.group.count, 17);
    cr_expect(hf_group_authentic(&group, KEY));
}

Test(record, a_group_is_authentic_whatever_its_chain_says)
{
    struct hf_record group;
    hf_group_make(&group, KEY, 99, 5000, 88, 3, 17);
    group.crc = 0xdeadbeef;
    cr_expect(hf_group_authentic(&group, KEY));
}

Test(record, a_group_with_any_other_flipped_bit_or_key_is_not_authentic)
{
    struct hf_record group;
    hf_group_make(&group, KEY, 99, 5000, 88, 3, 17);
    cr_expect_not(hf_group_authentic(&group, KEY + 1));
    for (unsigned bit = 0; bit < 8 * sizeof(group); bit++) {
        if (bit / 8 >= 16 && bit / 8 < 20) {
            continue; /* the chained crc */
        }
        struct hf_record flipped = group;
        ((unsigned char *)&flipped)[bit / 8] ^= (unsigned char)(1u << bit % 8);
        cr_expect_not(hf_group_authentic(&flipped, KEY), "bit %u", bit);
    }
}

Test(record, zeros_are_no_group)
{
    struct hf_record zeros;
    memset(&zeros, 0, sizeof(zeros));
    cr_expect_not(hf_group_authentic(&zeros, 0));
}
