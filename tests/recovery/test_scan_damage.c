/*
 * test_scan_damage.c - what was durable and is not as it was: flipped, cut, grown, gone.
 */
#include "recovery/scan_log.h"

TestSuite(scan_damage, .init = scan_log_begin, .fini = scan_log_end);

/** One flipped bit somewhere; above everything is known to be durable. */
static void
expect_flip_found(uint64_t number, uint64_t offset, unsigned bit, uint64_t last,
                  uint64_t end_offset)
{
    unsigned char byte;
    fixture_read(&fixture, number, offset, &byte, 1);
    unsigned char flipped = byte ^ (unsigned char)(1u << bit);
    fixture_write(&fixture, number, offset, &flipped, 1);
    int code = fixture_scan(&fixture, last, true, &result);
    if (code == 0) {
        /* Behind the last record: its group, which nothing later witnesses, or the zeros. */
        cr_expect_eq(result.end_lsn, last);
        cr_expect_geq(offset + 64, end_offset);
        cr_expect_gt(result.torn_bytes, 0, "and it is told");
    } else {
        cr_expect(code == HF_E_CORRUPT || code == HF_E_VERSION,
                  "segment %d offset %d bit %u: code %d end %d", (int)number, (int)offset, bit,
                  code, (int)result.end_lsn);
        expect_text(".wal");
        expect_text("offset");
    }
    fixture_write(&fixture, number, offset, &byte, 1);
}

Test(scan_damage, every_flipped_bit_of_a_durable_log_is_found)
{
    uint64_t last = log_make(20, 5);
    cr_assert_eq(fixture_scan(&fixture, last, true, &result), 0);
    uint64_t end_offset = result.end_offset;
    for (uint64_t offset = 0; offset < end_offset + 128; offset++) {
        if (offset >= 160 && offset < 4090) {
            continue; /* zeros of the header page: some of them suffice */
        }
        for (unsigned bit = 0; bit < 8; bit++) {
            expect_flip_found(1, offset, bit, last, end_offset);
        }
    }
    expect_flip_found(1, 2000, 3, last, end_offset);
    expect_flip_found(1, HF_SEGMENT_BYTES_MIN - 1, 7, last, end_offset);
}

Test(scan_damage, flipped_bits_are_found_in_every_segment)
{
    uint64_t last = log_make(4 * FIXTURE_SEGMENT_SLOTS, 50);
    cr_assert_eq(fixture_scan(&fixture, last, true, &result), 0);
    uint64_t end_offset = result.end_offset;
    uint64_t segments = result.segments;
    for (uint64_t number = 1; number <= segments; number++) {
        uint64_t bytes = number == segments ? end_offset : HF_SEGMENT_BYTES_MIN;
        for (uint64_t offset = number; offset < bytes; offset += 997) {
            expect_flip_found(number, offset, offset % 8, last, end_offset);
        }
    }
}

/* Without a hint: the groups and headers themselves are the witnesses. */
Test(scan_damage, later_groups_and_headers_witness_that_a_damaged_record_was_durable)
{
    fixture_open(&fixture);
    while (fixture.producer.next < 2 * FIXTURE_SEGMENT_SLOTS) {
        fixture_put_mix(&fixture, 20);
        fixture_settle(&fixture);
    }
    fixture_close(&fixture);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    uint64_t floor = result.floor_lsn;
    cr_assert_gt(result.segments, 2);
    for (uint64_t number = 1; number <= result.segments; number++) {
        for (uint64_t offset = 0; offset < HF_SEGMENT_BYTES_MIN; offset += 64 * 31) {
            struct hf_record record;
            fixture_read(&fixture, number, offset, &record, sizeof(record));
            if (offset > 128 && (offset < 4096 || record.lsn >= floor || record.lsn == 0)) {
                continue;
            }
            unsigned char garbage = ((unsigned char *)&record)[9] ^ 0x10;
            fixture_write(&fixture, number, offset + 9, &garbage, 1);
            cr_expect_neq(fixture_scan(&fixture, 0, true, &result), 0, "segment %d offset %d",
                          (int)number, (int)offset);
            fixture_write(&fixture, number, offset, &record, sizeof(record));
        }
        cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    }
}

/* The last batch of segment 1 was durable before segment 2 was entered; nothing but its header says so. */
Test(scan_damage, a_header_alone_witnesses_what_was_durable_before_it)
{
    fixture_open(&fixture);
    for (unsigned i = 0; i < FIXTURE_SEGMENT_SLOTS - 1; i++) {
        fixture_put(&fixture, 1);
    }
    fixture_settle(&fixture);
    fixture_put(&fixture, 1);
    fixture_write_all(&fixture);
    fixture_close(&fixture);
    fixture_zero(&fixture, 2, HF_SEGMENT_HEADER_BYTES, 128);
    cr_expect_eq(fixture_scan(&fixture, 0, false, &result), 0);
    cr_expect_eq(result.end_lsn, FIXTURE_SEGMENT_SLOTS - 1);
    fixture_zero(&fixture, 1, HF_SEGMENT_BYTES_MIN - 256, 256);
    cr_expect_eq(fixture_scan(&fixture, 0, false, &result), HF_E_CORRUPT);
    expect_text("00000000000000000001.wal");
}

Test(scan_damage, a_break_above_the_floor_is_cut_and_one_at_or_below_it_is_refused)
{
    uint64_t last = log_make(60, 10);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    for (uint64_t lsn = 1; lsn <= last; lsn++) {
        /* find the slot of this LSN */
        struct hf_record record;
        uint64_t offset = HF_SEGMENT_HEADER_BYTES;
        for (;; offset += 64) {
            fixture_read(&fixture, 1, offset, &record, sizeof(record));
            if (record.lsn == lsn && record.type != HF_RECORD_GROUP) {
                break;
            }
        }
        fixture_zero(&fixture, 1, offset, 64);
        uint64_t end_lsn = record.type == HF_RECORD_MORE ? lsn - 2 : lsn - 1;
        cr_expect_eq(fixture_scan(&fixture, end_lsn, true, &result), 0, "lsn %d", (int)lsn);
        cr_expect_eq(result.end_lsn, end_lsn);
        cr_expect_gt(result.torn_bytes, 0);
        cr_expect_eq(fixture_scan(&fixture, end_lsn + 1, true, &result), HF_E_CORRUPT);
        expect_text("00000000000000000001.wal");
        fixture_write(&fixture, 1, offset, &record, sizeof(record));
    }
}

Test(scan_damage, every_truncation_of_a_used_file_is_damage)
{
    char path[512];
    log_make(20, 5);
    fixture_path(&fixture, 1, path);
    for (uint64_t bytes = HF_SEGMENT_BYTES_MIN; bytes-- > 0;) {
        cr_assert_eq(truncate(path, (off_t)bytes), 0);
        if (bytes > 8192 && bytes % 251 != 0) {
            continue; /* far behind the end: some lengths suffice */
        }
        cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT, "%d bytes",
                     (int)bytes);
    }
}

Test(scan_damage, a_file_that_grew_is_damage)
{
    char path[512];
    log_make(20, 5);
    fixture_path(&fixture, 1, path);
    cr_assert_eq(truncate(path, HF_SEGMENT_BYTES_MIN + 4096), 0);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
}

Test(scan_damage, a_missing_segment_is_damage)
{
    log_make(3 * FIXTURE_SEGMENT_SLOTS, 100);
    for (uint64_t number = 1; number <= 3; number++) {
        char path[512];
        char aside[600];
        fixture_path(&fixture, number, path);
        snprintf(aside, sizeof(aside), "%s.aside", path);
        cr_assert_eq(rename(path, aside), 0);
        cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT, "%d", (int)number);
        cr_assert_eq(rename(aside, path), 0);
    }
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
}

Test(scan_damage, prepared_segments_are_ignored_but_a_gap_before_one_is_damage)
{
    uint64_t last = log_make(20, 5);
    cr_assert_eq(hf_segment_create(fixture.directory, 2, HF_SEGMENT_BYTES_MIN, NULL, 0), 0);
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), 0);
    cr_expect_eq(result.segments, 1);
    cr_expect_eq(result.last_number, 2);
    cr_expect_eq(result.torn_bytes, 0);
    cr_assert_eq(hf_segment_create(fixture.directory, 4, HF_SEGMENT_BYTES_MIN, NULL, 0), 0);
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), HF_E_CORRUPT);
    expect_text("00000000000000000004.wal: offset 0");
    expect_text("the segment before this one is missing");
}
