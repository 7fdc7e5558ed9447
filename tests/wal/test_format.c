/*
 * test_format.c - the header of a segment.
 */
#include "wal/log_fixture.h"

static unsigned char page[HF_SEGMENT_HEADER_BYTES];

static struct hf_segment_header *
header_make(void)
{
    struct hf_segment_header *header = (struct hf_segment_header *)page;
    memset(page, 0, sizeof(page));
    header->magic = HF_SEGMENT_MAGIC;
    header->version = HF_SEGMENT_VERSION;
    header->header_bytes = HF_SEGMENT_HEADER_BYTES;
    header->instance_id = 7;
    header->number = 3;
    header->epoch = 2;
    header->base_lsn = 1000;
    header->segment_bytes = HF_SEGMENT_BYTES_MIN;
    header->chain = 5;
    return header;
}

static enum hf_header_verdict
check(void)
{
    const char *why;
    enum hf_header_verdict verdict = hf_segment_header_check(page, &why);
    bool bad = verdict == HF_HEADER_BAD || verdict == HF_HEADER_VERSION;
    cr_expect_eq(why != NULL, bad, "a bad header has a reason, and only a bad one");
    return verdict;
}

Test(format, a_sealed_header_is_good)
{
    hf_segment_header_seal(header_make());
    cr_expect_eq(check(), HF_HEADER_GOOD);
}

Test(format, a_page_of_zeros_is_a_prepared_segment)
{
    memset(page, 0, sizeof(page));
    cr_expect_eq(check(), HF_HEADER_UNUSED);
}

Test(format, every_flipped_bit_of_the_header_page_is_found)
{
    hf_segment_header_seal(header_make());
    for (unsigned bit = 0; bit < 8 * sizeof(page); bit++) {
        page[bit / 8] ^= (unsigned char)(1u << bit % 8);
        enum hf_header_verdict verdict = check();
        cr_expect(verdict == HF_HEADER_BAD || verdict == HF_HEADER_VERSION, "bit %u", bit);
        page[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

Test(format, another_version_is_told_from_damage_even_without_a_checksum)
{
    struct hf_segment_header *header = header_make();
    header->version = HF_SEGMENT_VERSION + 1;
    cr_expect_eq(check(), HF_HEADER_VERSION);
    hf_segment_header_seal(header);
    cr_expect_eq(check(), HF_HEADER_VERSION);
}

Test(format, a_torn_header_is_of_no_other_version)
{
    static unsigned char whole[sizeof(page)];
    hf_segment_header_seal(header_make());
    memcpy(whole, page, sizeof(page));
    for (size_t words = 1; words < sizeof(struct hf_segment_header) / 8; words++) {
        memset(page + words * 8, 0, sizeof(page) - words * 8); /* no more of it was on the medium */
        enum hf_header_verdict verdict = check();
        bool reserved = words >= offsetof(struct hf_segment_header, reserved) / 8; /* zeros */
        cr_expect_eq(verdict, reserved ? HF_HEADER_GOOD : HF_HEADER_BAD, "%zu words", words);
        memcpy(page, whole, sizeof(page));
    }
}

Test(format, a_whole_header_with_impossible_values_is_bad)
{
    static const struct {
        const char *what;
        size_t offset;
        uint64_t value;
    } cases[] = {
        {"number", offsetof(struct hf_segment_header, number), 0},
        {"epoch", offsetof(struct hf_segment_header, epoch), 0},
        {"base_lsn", offsetof(struct hf_segment_header, base_lsn), 0},
        {"too short", offsetof(struct hf_segment_header, segment_bytes), 8192},
        {"no pages", offsetof(struct hf_segment_header, segment_bytes), HF_SEGMENT_BYTES_MIN + 64},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_segment_header *header = header_make();
        memcpy(page + cases[i].offset, &cases[i].value, sizeof(cases[i].value));
        hf_segment_header_seal(header);
        cr_expect_eq(check(), HF_HEADER_BAD, "%s", cases[i].what);
    }
    struct hf_segment_header *header = header_make();
    header->header_bytes = 512;
    hf_segment_header_seal(header);
    cr_expect_eq(check(), HF_HEADER_BAD, "header_bytes");
}
