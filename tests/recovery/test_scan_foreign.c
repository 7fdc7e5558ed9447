/*
 * test_scan_foreign.c - segments that are stale, foreign, copied, of another version or in the wrong place.
 */
#include "recovery/scan_log.h"

TestSuite(scan_foreign, .init = scan_log_begin, .fini = scan_log_end);

Test(scan_foreign, foreign_and_stale_segments_are_damage)
{
    static const struct {
        const char *what;
        uint64_t instance_id, number, epoch;
        const char *text;
    } cases[] = {
        {"another instance", 99, 2, 1, "another instance"},
        {"another number", FIXTURE_INSTANCE_ID, 3, 1, "another segment number"},
        {"an earlier epoch", FIXTURE_INSTANCE_ID, 2, 4, "stale"},
        {"a later epoch", FIXTURE_INSTANCE_ID, 2, 6, "new epoch"},
        {"not continuing", FIXTURE_INSTANCE_ID, 2, 5, "does not continue"},
    };
    fixture.start.epoch = 5;
    log_make(FIXTURE_SEGMENT_SLOTS + 100, 50);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_segment_header header;
        struct hf_segment_header original;
        fixture_read(&fixture, 2, 0, &original, sizeof(original));
        header = original;
        header.instance_id = cases[i].instance_id;
        header.number = cases[i].number;
        header.epoch = cases[i].epoch;
        header.chain ^= 1;
        hf_segment_header_seal(&header);
        fixture_write(&fixture, 2, 0, &header, sizeof(header));
        cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT, "%s", cases[i].what);
        expect_text(cases[i].text);
        fixture_write(&fixture, 2, 0, &original, sizeof(original));
    }
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
}

Test(scan_foreign, damage_below_a_later_epoch_is_named_where_it_is)
{
    struct hf_segment_header header;
    unsigned char byte;
    const uint64_t at = HF_SEGMENT_HEADER_BYTES + 64 * 14 + 40;
    fixture.start.epoch = 5;
    log_make(FIXTURE_SEGMENT_SLOTS + 100, 50);
    fixture_read(&fixture, 2, 0, &header, sizeof(header));
    header.epoch = 6;
    hf_segment_header_seal(&header);
    fixture_write(&fixture, 2, 0, &header, sizeof(header));
    fixture_read(&fixture, 1, at, &byte, 1);
    byte ^= 4;
    fixture_write(&fixture, 1, at, &byte, 1);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("00000000000000000001.wal: offset 4992, LSN 15: ");
    expect_text("segment 2 begins a new epoch");
}

Test(scan_foreign, a_copied_segment_file_is_found)
{
    log_make(2 * FIXTURE_SEGMENT_SLOTS + 100, 50);
    file_copy(1, 2);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("00000000000000000002.wal");
}

Test(scan_foreign, records_of_another_segment_instance_or_epoch_do_not_chain)
{
    unsigned char bytes[64 * 8];
    uint64_t last = log_make(FIXTURE_SEGMENT_SLOTS + 300, 50);
    fixture_read(&fixture, 1, HF_SEGMENT_HEADER_BYTES, bytes, sizeof(bytes));
    fixture_write(&fixture, 2, HF_SEGMENT_HEADER_BYTES + 64 * 50, bytes, sizeof(bytes));
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), HF_E_CORRUPT);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_lt(result.end_lsn, last);
}

Test(scan_foreign, another_format_version_is_refused_and_not_cut)
{
    uint32_t version = HF_SEGMENT_VERSION + 1;
    log_make(FIXTURE_SEGMENT_SLOTS + 300, 50);
    fixture_write(&fixture, 2, offsetof(struct hf_segment_header, version), &version, 4);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_VERSION);
    expect_text("00000000000000000002.wal");
    expect_text("version 2");
}

Test(scan_foreign, a_first_segment_without_its_header_is_damage)
{
    log_make(20, 5);
    fixture_zero(&fixture, 1, 0, HF_SEGMENT_HEADER_BYTES);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    fixture_zero(&fixture, 1, 0, HF_SEGMENT_BYTES_MIN);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
}
