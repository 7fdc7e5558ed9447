/*
 * test_rewrite.c - copy a log up to a record, as it is or as another instance's.
 */
#include "recovery/scan_fixture.h"

#include "recovery/rewrite.h"

#define OTHER_INSTANCE 0x99u

static struct fixture fixture;
static struct fixture copy; /* its directory alone is used */
static struct hf_scan_result result;
static struct hf_rewrite rewrite;

static void
begin(void)
{
    fixture_begin(&fixture, "/dev/shm");
    fixture_open(&fixture);
    fixture_fill(&fixture, 1200, 100);
    fixture_settle(&fixture);
    fixture_fill(&fixture, 50, 50); /* its group bears witness that all before it is durable */
    fixture_settle(&fixture);
    fixture_close(&fixture);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_assert_eq(result.segments, 2);
    fixture_begin(&copy, "/dev/shm");
    rewrite = (struct hf_rewrite){.from = fixture.directory, .to = copy.directory};
}

static void
clear_copy(void)
{
    for (uint64_t number = 1; number <= 4; number++) {
        (void)hf_segment_remove(copy.directory, number);
    }
}

static void
end(void)
{
    fixture_end(&copy);
    fixture_end(&fixture);
}

TestSuite(rewrite, .init = begin, .fini = end);

static bool
segments_equal(uint64_t number)
{
    unsigned char *bytes[2] = {malloc(HF_SEGMENT_BYTES_MIN), malloc(HF_SEGMENT_BYTES_MIN)};
    fixture_read(&fixture, number, 0, bytes[0], HF_SEGMENT_BYTES_MIN);
    fixture_read(&copy, number, 0, bytes[1], HF_SEGMENT_BYTES_MIN);
    bool equal = memcmp(bytes[0], bytes[1], HF_SEGMENT_BYTES_MIN) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return equal;
}

Test(rewrite, a_copy_of_all_has_the_same_bytes)
{
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect(segments_equal(1));
    cr_expect(segments_equal(2));
    cr_expect_eq(rewrite.copied_lsn, result.end_lsn);
    cr_expect_eq(rewrite.end_lsn, result.end_lsn);
}

Test(rewrite, a_copy_may_end_with_any_record_and_never_with_half_of_one)
{
    struct hf_scan_result copied;
    for (uint64_t last = 2; last <= result.end_lsn; last += last > 20 && last < 900 ? 41 : 1) {
        rewrite.last_lsn = last;
        cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
        cr_assert_eq(fixture_scan(&copy, 0, true, &copied), 0, "%s", copied.text);
        cr_assert_eq(copied.end_lsn, last - record_is_double(last));
        cr_assert_eq(rewrite.copied_lsn, copied.end_lsn);
        cr_assert_eq(copied.torn_bytes, 0);
        clear_copy();
    }
}

Test(rewrite, under_another_instance_the_records_are_the_same)
{
    struct hf_scan_result copied;
    rewrite.instance_id = OTHER_INSTANCE;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_assert_eq(fixture_scan(&copy, 0, true, &copied), 0, "%s", copied.text);
    cr_expect_eq(copied.instance_id, OTHER_INSTANCE);
    cr_expect_eq(copied.end_lsn, result.end_lsn);
    cr_expect_eq(copied.end_offset, result.end_offset);
    cr_expect_eq(copied.floor_lsn, result.floor_lsn);
    cr_expect_neq(copied.end_chain, result.end_chain);
}

/** The record at the end of the copy, in its last segment. */
static struct hf_record
last_record(uint64_t number)
{
    struct hf_record record;
    fixture_read(&copy, number, HF_SEGMENT_HEADER_BYTES, &record, sizeof(record));
    return record;
}

Test(rewrite, a_new_history_begins_a_new_epoch_behind_the_copied_records)
{
    struct hf_scan_result copied;
    rewrite.last_lsn = 500;
    rewrite.new_history = true;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(hf_scan(copy.directory, 0, NULL, NULL, &copied), 0, "%s", copied.text);
    struct hf_record record = last_record(2);
    cr_expect_eq(copied.end_lsn, rewrite.copied_lsn + 2);
    cr_expect_eq(copied.end_lsn, rewrite.end_lsn);
    cr_expect_eq(copied.epoch, result.epoch + 1);
    cr_expect_eq(copied.floor_lsn, rewrite.copied_lsn, "what is copied is durable");
    cr_expect_eq(record.type, HF_RECORD_EPOCH);
    cr_expect_eq(record.epoch.epoch, rewrite.epoch);
    cr_expect_eq(record.epoch.history, rewrite.history);
    cr_expect_eq(record.flags, 0);
}

Test(rewrite, where_a_tail_is_given_up_the_new_epoch_halts)
{
    rewrite.last_lsn = 500;
    rewrite.new_history = true;
    rewrite.halts = true;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(last_record(2).flags, HF_EPOCH_HALTS);
}

Test(rewrite, the_new_epoch_is_above_one_that_is_only_seen_behind_the_cut)
{
    fixture_next_epoch(&fixture, &result);
    fixture_put_mix(&fixture, 50);
    fixture_settle(&fixture);
    fixture_close(&fixture);
    fixture_zero(&fixture, 1, HF_SEGMENT_HEADER_BYTES + 300 * HF_SLOT_BYTES, HF_SLOT_BYTES);
    rewrite.last_lsn = 100;
    rewrite.new_history = true;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(rewrite.epoch, 3);
}

Test(rewrite, a_clean_stop_at_the_end_can_be_left_out)
{
    struct hf_scan_result copied;
    struct hf_record stop = {
        .lsn = result.end_lsn + 1, .time_ns = 9000000, .type = HF_RECORD_STOP, .slots = 1};
    cr_assert_eq(hf_scan_seal(fixture.directory, &stop, 1, &result), 0);
    cr_assert_eq(hf_rewrite(&rewrite), 0);
    cr_expect_eq(rewrite.end_lsn, stop.lsn);
    clear_copy();
    rewrite.without_stop = true;
    cr_assert_eq(hf_rewrite(&rewrite), 0);
    cr_expect_eq(rewrite.end_lsn, stop.lsn - 1);
    cr_expect_eq(fixture_scan(&copy, 0, true, &copied), 0, "%s", copied.text);
    cr_expect_eq(copied.end_lsn, stop.lsn - 1);
    cr_expect_eq(copied.torn_bytes, 0);
}

Test(rewrite, what_cannot_be_copied_leaves_nothing_behind)
{
    uint64_t *numbers;
    size_t count;
    fixture_zero(&fixture, 1, HF_SEGMENT_HEADER_BYTES + 300 * HF_SLOT_BYTES, HF_SLOT_BYTES);
    cr_expect_eq(hf_rewrite(&rewrite), HF_E_CORRUPT);
    cr_expect_not_null(strstr(rewrite.text, "00001.wal: offset"));
    cr_assert_eq(hf_segment_list(copy.directory, &numbers, &count), 0);
    cr_expect_eq(count, 0);
    free(numbers);
}

Test(rewrite, never_into_a_directory_with_a_log)
{
    cr_expect_eq(hf_rewrite(&rewrite), 0);
    cr_expect_eq(hf_rewrite(&rewrite), HF_E_FULL);
    rewrite.to = "/nonexistent";
    cr_expect_eq(hf_rewrite(&rewrite), HF_E_SYSTEM);
}

Test(rewrite, there_must_be_records)
{
    struct hf_rewrite empty = {.from = copy.directory, .to = copy.directory};
    cr_expect_eq(hf_rewrite(&empty), HF_E_UNKNOWN);
}
