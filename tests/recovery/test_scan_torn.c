/*
 * test_scan_torn.c - what a power loss can leave of a tail, and what it cannot.
 */
#include "recovery/scan_log.h"

TestSuite(scan_torn, .init = scan_log_begin, .fini = scan_log_end);

/* What a power loss can leave of a tail over several segments, none of it ever durable. */
Test(scan_torn, a_torn_tail_may_spread_over_segments)
{
    static const struct {
        const char *what;
        uint64_t number; /* of the segment that is damaged */
        uint64_t offset;
        uint64_t len_bytes;
        uint64_t end_segment;
    } cases[] = {
        {"the end of 2 is missing, 3 is there", 2, 32768, 32768, 2},
        {"the last slot of 2 is missing", 2, HF_SEGMENT_BYTES_MIN - 64, 64, 2},
        {"3 is there without its header page", 3, 0, 4096, 2},
        {"3 has half of its header", 3, 32, 64, 2},
        {"3 is not there at all, 4 is", 3, 0, HF_SEGMENT_BYTES_MIN, 2},
        {"3 has a header and no records", 3, 4096, HF_SEGMENT_BYTES_MIN - 4096, 3},
        {"the first record of 3 is missing", 3, 4096, 64, 3},
    };
    fixture_open(&fixture);
    fixture_fill(&fixture, 900, 100);
    hf_wal_sync_all(fixture.wal);
    uint64_t floor = fixture.words.durable_lsn;
    fixture_fill(&fixture, 3 * FIXTURE_SEGMENT_SLOTS, 100);
    uint64_t last = fixture.producer.next - 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char *bytes = malloc(cases[i].len_bytes);
        fixture_read(&fixture, cases[i].number, cases[i].offset, bytes, cases[i].len_bytes);
        fixture_zero(&fixture, cases[i].number, cases[i].offset, cases[i].len_bytes);
        cr_expect_eq(fixture_scan(&fixture, floor, true, &result), 0, "%s: %s", cases[i].what,
                     result.text);
        cr_expect_eq(result.end_segment, cases[i].end_segment, "%s", cases[i].what);
        cr_expect_lt(result.end_lsn, last, "%s", cases[i].what);
        cr_expect_geq(result.end_lsn, floor, "%s", cases[i].what);
        cr_expect_gt(result.torn_bytes, 1000, "%s", cases[i].what);
        cr_expect_eq(fixture_scan(&fixture, last, true, &result), HF_E_CORRUPT, "%s",
                     cases[i].what);
        fixture_write(&fixture, cases[i].number, cases[i].offset, bytes, cases[i].len_bytes);
        free(bytes);
    }
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), 0);
}

/** Make a file with the name of a segment, with so many lines of text in it. */
static void
put_foreign(const char *path, unsigned lines, uint64_t length)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    cr_assert_geq(fd, 0);
    for (unsigned i = 0; i < lines; i++) {
        cr_assert_gt(dprintf(fd, "%063u\n", i), 0);
    }
    cr_assert_eq(ftruncate(fd, (off_t)length), 0);
    close(fd);
}

Test(scan_torn, a_file_that_no_crash_can_have_left_is_no_torn_tail)
{
    static const struct {
        const char *what;
        unsigned lines;
        uint64_t length;
        const char *text;
    } cases[] = {
        {"empty", 0, 0, "it is empty"},
        {"a short text", 1, 64, "shorter than a segment's header"},
        {"a longer text", 100, 6400, "its length is not that of a segment"},
        {"zeros of another length", 0, 3 * HF_SEGMENT_BYTES_MIN, "its length is not that of"},
        {"a text in a file of that length", 64, HF_SEGMENT_BYTES_MIN,
         "neither records nor a header"},
        {"a file full of it", 1024, HF_SEGMENT_BYTES_MIN, "neither records nor a header"},
    };
    char path[512];
    log_make(30, 30);
    fixture_path(&fixture, 2, path);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stat status;
        put_foreign(path, cases[i].lines, cases[i].length);
        cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT, "%s", cases[i].what);
        expect_text(cases[i].text);
        expect_text(path);
        expect_text("move this file away");
        cr_expect_neq(hf_scan_seal(fixture.directory, NULL, 0, &result), 0, "%s", cases[i].what);
        cr_expect_eq(stat(path, &status), 0, "%s was removed", cases[i].what);
    }
}

Test(scan_torn, what_of_a_segment_without_header_a_crash_can_leave_is_a_torn_tail)
{
    static const struct {
        const char *what;
        uint64_t keep; /* of segment 2, all else is zeros */
        uint64_t len_bytes;
    } cases[] = {
        {"half of a header", 0, 64},
        {"the other half", 32, 64},
        {"one record", 4096, 64},
        {"a record in the middle", 4096 + 100 * 64, 64},
        {"a sector", 8192, 512},
        {"a page", 8192, 4096},
        {"a word of a record that is not its LSN", 8192 + 24, 8},
    };
    unsigned char bytes[HF_SEGMENT_BYTES_MIN];
    unsigned char zeros[HF_SEGMENT_BYTES_MIN] = {0};
    log_make(FIXTURE_SEGMENT_SLOTS + 400, 100);
    fixture_read(&fixture, 2, 0, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_write(&fixture, 2, 0, zeros, sizeof(zeros));
        fixture_write(&fixture, 2, cases[i].keep, bytes + cases[i].keep, cases[i].len_bytes);
        cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0, "%s: %s", cases[i].what,
                     result.text);
        cr_expect_eq(result.end_segment, 1, "%s", cases[i].what);
        cr_expect_gt(result.torn_bytes, 0, "%s", cases[i].what);
    }
}

Test(scan_torn, a_lone_half_at_the_end_is_cut)
{
    struct hf_record record;
    log_make(30, 30);
    uint64_t offset = HF_SEGMENT_HEADER_BYTES;
    do {
        offset += 64;
        fixture_read(&fixture, 1, offset, &record, sizeof(record));
    } while (record.type != HF_COMMAND_INSTRUMENT_ADD || record.lsn < 20);
    fixture_zero(&fixture, 1, offset + 64, HF_SEGMENT_BYTES_MIN - offset - 64);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.end_lsn, record.lsn - 1);
    cr_expect_eq(result.end_offset, offset);
    cr_expect_gt(result.torn_bytes, 0, "the half itself");
    cr_expect_eq(fixture_scan(&fixture, record.lsn, true, &result), HF_E_CORRUPT);
    expect_text("two-slot");
}

/** Append packed records by hand: what no writer would write. */
