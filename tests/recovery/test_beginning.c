/*
 * test_beginning.c - where the log that is there begins.
 */
#include "recovery/short_fixture.h"

#include "recovery/archive.h"
#include "recovery/beginning.h"

static struct short_log log_;
static struct hf_beginning beginning;
static const char *directory;

static void
begin(void)
{
    short_begin(&log_);
    directory = log_.trade.log.directory;
}

static void
end(void)
{
    short_end(&log_);
}

TestSuite(beginning, .init = begin, .fini = end);

/** How many records a scan of all that is there sees. */
static int
count(void *context, const struct hf_record *record, const struct hf_record *more, const char *file,
      uint64_t offset)
{
    uint64_t *lsn = context;
    (void)file;
    (void)offset;
    cr_assert_eq(record->lsn, *lsn + 1);
    *lsn += more == NULL ? 1 : 2;
    return 0;
}

Test(beginning, a_log_that_is_kept_short_is_read_from_its_first_segment_on)
{
    struct hf_scan_result scan;
    cr_assert_eq(hf_beginning(directory, &beginning), 0, "%s", beginning.text);
    cr_expect_eq(beginning.segment, log_.first);
    cr_expect_eq(beginning.position.segment, log_.first);
    uint64_t lsn = beginning.position.lsn;
    cr_expect(lsn > 1 && lsn < log_.lsns[0]);
    const struct hf_scan_watch watch = {
        .context = &lsn, .record = count, .from = hf_beginning_from(&beginning)};
    cr_assert_eq(hf_scan_watched(directory, 0, &watch, &scan), 0, "%s", scan.text);
    cr_expect_eq(lsn, trade_lsn(&log_.trade));
    cr_expect_eq(scan.end_lsn, lsn);
}

Test(beginning, an_archived_segment_is_a_beginning_too)
{
    struct hf_beginning before;
    uint64_t bytes = 0;
    char path[PATH_MAX];
    cr_assert_eq(hf_beginning(directory, &before), 0);
    cr_assert_eq(hf_segment_path(path, sizeof(path), directory, log_.first), 0);
    int fd = open(path, O_RDONLY);
    cr_assert_eq(hf_archive_make(fd, directory, log_.first, &bytes), 0);
    close(fd);
    cr_assert_eq(hf_segment_remove(directory, log_.first), 0);
    cr_assert_eq(hf_beginning(directory, &beginning), 0, "%s", beginning.text);
    cr_expect_eq(memcmp(&beginning.position, &before.position, sizeof(before.position)), 0);
    cr_assert_eq(hf_archive_path(path, sizeof(path), directory, log_.first), 0);
    cr_assert_eq(truncate(path, 100), 0);
    cr_expect_eq(hf_beginning(directory, &beginning), HF_E_CORRUPT);
    cr_expect_not_null(strstr(beginning.text, "archive is damaged"), "%s", beginning.text);
    unlink(path);
}

Test(beginning, without_any_segment_there_is_none)
{
    char empty[] = "/dev/shm/hf-test-XXXXXX";
    cr_assert_not_null(mkdtemp(empty));
    cr_expect_eq(hf_beginning(empty, &beginning), 0);
    cr_expect_eq(beginning.segment, 0);
    cr_expect_null(hf_beginning_from(&beginning));
    rmdir(empty);
    cr_expect_eq(hf_beginning(empty, &beginning), HF_E_SYSTEM);
    cr_expect_not_null(strstr(beginning.text, empty));
}

Test(beginning, with_segment_1_a_log_is_whole_whatever_that_one_holds)
{
    fixture_write(&log_.trade.log, log_.first, 20000, "spoilt", 6);
    char from[PATH_MAX];
    char to[PATH_MAX];
    hf_segment_path(from, sizeof(from), directory, log_.first);
    hf_segment_path(to, sizeof(to), directory, 1);
    cr_assert_eq(rename(from, to), 0);
    cr_expect_eq(hf_beginning(directory, &beginning), 0);
    cr_expect_eq(beginning.segment, 1);
    cr_expect_null(hf_beginning_from(&beginning));
    unlink(to);
}

Test(beginning, first_segments_that_are_gone_may_have_held_no_record)
{
    struct fixture log;
    struct hf_scan_result scan;
    fixture_begin(&log, "/dev/shm");
    fixture_open(&log); /* a first start, which dies */
    fixture_close(&log);
    cr_assert_eq(hf_scan(log.directory, 0, NULL, NULL, &scan), 0, "%s", scan.text);
    cr_assert_eq(scan.end_lsn, 0);
    cr_assert_eq(hf_scan_seal(log.directory, NULL, 0, &scan), 0, "%s", scan.text);
    log.start = (struct hf_wal_start){
        .epoch = scan.epoch + 1, .segment = scan.end_segment + 1, .base_lsn = 1};
    fixture_open(&log);
    fixture_put_mix(&log, 100);
    fixture_settle(&log);
    uint64_t last = log.producer.next - 1;
    fixture_close(&log);
    cr_assert_eq(hf_segment_remove(log.directory, 1), 0);
    cr_assert_eq(hf_beginning(log.directory, &beginning), 0, "%s", beginning.text);
    cr_expect(hf_beginning_is_short(&beginning));
    cr_expect_eq(beginning.segment, 2);
    cr_expect_eq(beginning.position.lsn, 0);
    uint64_t lsn = 0;
    const struct hf_scan_watch watch = {
        .context = &lsn, .record = count, .from = hf_beginning_from(&beginning)};
    cr_expect_eq(hf_scan_watched(log.directory, 0, &watch, &scan), 0, "%s", scan.text);
    cr_expect_eq(lsn, last);
    fixture_end(&log);
}

Test(beginning, a_first_segment_whose_header_is_not_whole_is_named)
{
    static const struct {
        uint64_t offset;
        int code;
    } cases[] = {{16, HF_E_CORRUPT}, {8, HF_E_VERSION}};
    struct hf_segment_header header;
    fixture_read(&log_.trade.log, log_.first, 0, &header, sizeof(header));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_write(&log_.trade.log, log_.first, cases[i].offset, "\x77", 1);
        cr_expect_eq(hf_beginning(directory, &beginning), cases[i].code, "%d", beginning.text[0]);
        cr_expect_not_null(strstr(beginning.text, ".wal: "), "%s", beginning.text);
        cr_expect_null(hf_beginning_from(&beginning));
        fixture_write(&log_.trade.log, log_.first, 0, &header, sizeof(header));
    }
    fixture_zero(&log_.trade.log, log_.first, 0, HF_SEGMENT_HEADER_BYTES);
    cr_expect_eq(hf_beginning(directory, &beginning), HF_E_CORRUPT);
    cr_expect_not_null(strstr(beginning.text, "has lost its header"), "%s", beginning.text);
}

Test(beginning, a_first_segment_under_another_name_or_too_short_is_refused)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    hf_segment_path(from, sizeof(from), directory, log_.first);
    hf_segment_path(to, sizeof(to), directory, log_.first - 1);
    cr_assert_eq(rename(from, to), 0);
    cr_expect_eq(hf_beginning(directory, &beginning), HF_E_CORRUPT);
    cr_expect_not_null(strstr(beginning.text, "with this number"), "%s", beginning.text);
    cr_assert_eq(truncate(to, 64), 0);
    cr_expect_eq(hf_beginning(directory, &beginning), HF_E_CORRUPT);
    cr_expect_not_null(strstr(beginning.text, "shorter than"), "%s", beginning.text);
    unlink(to);
}

Test(beginning, first_segments_that_are_damaged_are_passed_over_as_far_as_a_snapshot_stands)
{
    const struct hf_log_position newest = short_position(&log_, 0);
    const struct hf_log_position oldest = short_position(&log_, 1);
    cr_assert_lt(oldest.segment, newest.segment);
    cr_expect_eq(hf_beginning_sound(directory, &newest, &beginning), 0);
    cr_expect_eq(beginning.segment, log_.first, "nothing is damaged");
    fixture_write(&log_.trade.log, log_.first, 20000, "spoilt", 6);
    cr_expect_eq(hf_beginning_sound(directory, &oldest, &beginning), 0);
    cr_expect_eq(beginning.segment, log_.first + 1);
    cr_expect_lt(beginning.position.lsn, oldest.lsn);
    fixture_write(&log_.trade.log, oldest.segment, oldest.offset - 500, "spoilt", 6);
    cr_expect_eq(hf_beginning_sound(directory, &newest, &beginning), 0);
    cr_expect_eq(beginning.segment, oldest.segment + 1);
    cr_expect_eq(hf_beginning_sound(directory, &oldest, &beginning), 0);
    cr_expect_eq(beginning.segment, log_.first, "none will do");
}
