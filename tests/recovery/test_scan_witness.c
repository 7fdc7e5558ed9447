/*
 * test_scan_witness.c - what LOCK says of how far the log was used.
 */
#include "recovery/scan_log.h"

#include "wal/witness.h"

TestSuite(scan_witness, .init = scan_log_begin, .fini = scan_log_end);

static uint64_t
log_make_durable(void)
{
    fixture_open(&fixture);
    while (fixture.producer.next < 3 * FIXTURE_SEGMENT_SLOTS - 200) {
        fixture_put_mix(&fixture, 100);
        fixture_write_all(&fixture);
        cr_assert_geq(hf_wal_sync_all(fixture.wal), 0);
    }
    uint64_t last = fixture.producer.next - 1;
    fixture_close(&fixture);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_assert_eq(result.end_segment, 3);
    cr_assert(result.witnessed);
    return last;
}

Test(scan_witness, a_last_segment_that_is_gone_or_zeroed_is_named_without_any_other_hint)
{
    char path[512];
    log_make_durable();
    fixture_zero(&fixture, 3, 0, HF_SEGMENT_BYTES_MIN);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    fixture_path(&fixture, 3, path);
    cr_assert_eq(unlink(path), 0);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("damage and no torn tail");
}

Test(scan_witness, an_emptied_directory_is_no_empty_log)
{
    char path[512];
    log_make_durable();
    for (uint64_t number = 1; number <= 3; number++) {
        fixture_path(&fixture, number, path);
        cr_assert_eq(unlink(path), 0);
    }
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("there is no log, but LSN");
}

Test(scan_witness, the_first_segment_of_an_epoch_is_witnessed_before_any_record)
{
    char path[512];
    log_make_durable();
    fixture_next_epoch(&fixture, &result);
    fixture_close(&fixture);
    fixture_path(&fixture, 4, path);
    cr_assert_eq(unlink(path), 0);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("00000000000000000004.wal: was in use");
}

Test(scan_witness, a_witness_that_is_damaged_or_of_another_log_is_refused_and_an_empty_one_is_none)
{
    char path[512];
    uint64_t last = log_make_durable();
    const struct hf_witness foreign = {.instance_id = 1, .segment = 1};
    cr_assert_eq(hf_witness_path(path, sizeof(path), fixture.directory), 0);
    int fd = hf_witness_open(fixture.directory);
    cr_assert_eq(hf_witness_store(fd, &foreign), 0);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("LOCK is of another instance");
    for (off_t at = 8; at < 8192; at += 4096) {
        cr_assert_eq(pwrite(fd, "damage", 6, at), 6);
    }
    close(fd);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("both records of how far the log was used are damaged");
    cr_assert_eq(truncate(path, 0), 0);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.end_lsn, last);
    cr_expect_not(result.witnessed);
}
