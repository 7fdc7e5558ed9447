/*
 * test_scan.c - read a log: what is there, from its first record to its last.
 */
#include "recovery/scan_log.h"

TestSuite(scan, .init = scan_log_begin, .fini = scan_log_end);

Test(scan, an_empty_directory_is_an_empty_log)
{
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.end_lsn, 0);
    cr_expect_eq(result.instance_id, 0);
    cr_expect_eq(result.segments, 0);
    cr_expect_eq(result.end_segment, 0);
    cr_expect_eq(result.last_number, 0);
}

Test(scan, an_empty_log_whose_records_were_durable_is_damage)
{
    cr_expect_eq(fixture_scan(&fixture, 5, true, &result), HF_E_CORRUPT);
    expect_text(fixture.directory);
}

Test(scan, a_missing_directory_is_an_error_with_its_name)
{
    cr_expect_eq(hf_scan("/nonexistent/log", 0, NULL, NULL, &result), HF_E_SYSTEM);
    expect_text("/nonexistent/log");
}

Test(scan, a_log_without_records_has_an_epoch)
{
    fixture_open(&fixture);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.segments, 1);
    cr_expect_eq(result.instance_id, FIXTURE_INSTANCE_ID);
    cr_expect_eq(result.epoch, 1);
    cr_expect_eq(result.end_lsn, 0);
    cr_expect_eq(result.end_segment, 1);
    cr_expect_eq(result.end_offset, HF_SEGMENT_HEADER_BYTES);
    cr_expect_eq(result.segment_bytes, HF_SEGMENT_BYTES_MIN);
}

Test(scan, a_log_of_many_segments_is_read_record_by_record)
{
    fixture_open(&fixture);
    srand(3);
    while (fixture.producer.next < 5 * FIXTURE_SEGMENT_SLOTS) {
        fixture_put_mix(&fixture, (uint64_t)(rand() % 200));
        fixture_settle(&fixture);
    }
    uint64_t last = fixture.producer.next - 1;
    struct walk walk = fixture_walk(&fixture, true);
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), 0);
    cr_expect_eq(result.end_lsn, last);
    cr_expect_eq(result.end_chain, walk.chain);
    cr_expect_eq(result.end_offset, walk.end_offset);
    cr_expect_eq(result.segments, walk.segments);
    cr_expect_eq(result.end_segment, walk.segments);
    cr_expect_eq(result.last_number, walk.segments + fixture.config.reserve_segments);
    cr_expect_eq(result.torn_bytes, 0);
}

Test(scan, what_pmem_wrote_is_read_like_any_other_log)
{
    fixture_force_pmem();
    fixture_open(&fixture);
    cr_assert_str_eq(hf_wal_io_name(fixture.wal), "pmem");
    fixture_fill(&fixture, 2500, 100);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.end_lsn, fixture.producer.next - 1);
    cr_expect_eq(result.segments, 3);
}

Test(scan, the_floor_is_the_highest_of_groups_headers_and_hint)
{
    fixture_open(&fixture);
    fixture_fill(&fixture, 30, 10);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.floor_lsn, 0, "nothing was flushed");
    cr_expect_eq(fixture_scan(&fixture, 7, true, &result), 0);
    cr_expect_eq(result.floor_lsn, 7);
    hf_wal_sync_all(fixture.wal);
    uint64_t floor = fixture.words.durable_lsn;
    fixture_fill(&fixture, 10, 10);
    cr_expect_eq(fixture_scan(&fixture, 7, true, &result), 0);
    cr_expect_eq(result.floor_lsn, floor);
}

static int
stop_at_5(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    (void)context, (void)more, (void)file, (void)offset;
    return record->lsn == 5 ? HF_E_VERSION : 0;
}

Test(scan, the_visitor_can_end_it)
{
    log_make(100, 10);
    cr_expect_eq(hf_scan(fixture.directory, 0, stop_at_5, NULL, &result), HF_E_VERSION);
    cr_expect_eq(result.code, HF_E_VERSION);
    expect_text("LSN 5");
}
