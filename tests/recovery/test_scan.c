/*
 * test_scan.c - read a log and judge its tail.
 */
#include "recovery/scan_fixture.h"

#include "wal/witness.h"

#include <errno.h>

static struct fixture fixture;
static struct hf_scan_result result;

static void
begin(void)
{
    fixture_begin(&fixture, "/dev/shm");
}

static void
end(void)
{
    fixture_end(&fixture);
}

TestSuite(scan, .init = begin, .fini = end);

/** So many records, settled; closed like by a clean stop. @return last LSN */
static uint64_t
log_make(uint64_t lsns, uint64_t batch)
{
    fixture_open(&fixture);
    fixture_fill(&fixture, lsns, batch);
    uint64_t last = fixture.producer.next - 1;
    fixture_close(&fixture);
    return last;
}

static void
file_copy(uint64_t from, uint64_t to)
{
    unsigned char *bytes = malloc(HF_SEGMENT_BYTES_MIN);
    char path[512];
    fixture_path(&fixture, to, path);
    fixture_read(&fixture, from, 0, bytes, HF_SEGMENT_BYTES_MIN);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_eq(write(fd, bytes, HF_SEGMENT_BYTES_MIN), HF_SEGMENT_BYTES_MIN);
    close(fd);
    free(bytes);
}

static void
expect_text(const char *part)
{
    cr_expect_not_null(strstr(result.text, part), "'%s' is not in: %s", part, result.text);
}

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

/* ---- damage and torn tails ---- */

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

Test(scan, every_flipped_bit_of_a_durable_log_is_found)
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

Test(scan, flipped_bits_are_found_in_every_segment)
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
Test(scan, later_groups_and_headers_witness_that_a_damaged_record_was_durable)
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
Test(scan, a_header_alone_witnesses_what_was_durable_before_it)
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

Test(scan, a_break_above_the_floor_is_cut_and_one_at_or_below_it_is_refused)
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

Test(scan, every_truncation_of_a_used_file_is_damage)
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

Test(scan, a_file_that_grew_is_damage)
{
    char path[512];
    log_make(20, 5);
    fixture_path(&fixture, 1, path);
    cr_assert_eq(truncate(path, HF_SEGMENT_BYTES_MIN + 4096), 0);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
}

Test(scan, a_missing_segment_is_damage)
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

Test(scan, prepared_segments_are_ignored_but_a_gap_before_one_is_damage)
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

/** A log of three segments that were all flushed. */
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

Test(scan, a_last_segment_that_is_gone_or_zeroed_is_named_without_any_other_hint)
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

Test(scan, an_emptied_directory_is_no_empty_log)
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

Test(scan, the_first_segment_of_an_epoch_is_witnessed_before_any_record)
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

Test(scan, a_witness_that_is_damaged_or_of_another_log_is_refused_and_an_empty_one_is_none)
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

Test(scan, foreign_and_stale_segments_are_damage)
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

Test(scan, damage_below_a_later_epoch_is_named_where_it_is)
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

Test(scan, a_copied_segment_file_is_found)
{
    log_make(2 * FIXTURE_SEGMENT_SLOTS + 100, 50);
    file_copy(1, 2);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("00000000000000000002.wal");
}

Test(scan, records_of_another_segment_instance_or_epoch_do_not_chain)
{
    unsigned char bytes[64 * 8];
    uint64_t last = log_make(FIXTURE_SEGMENT_SLOTS + 300, 50);
    fixture_read(&fixture, 1, HF_SEGMENT_HEADER_BYTES, bytes, sizeof(bytes));
    fixture_write(&fixture, 2, HF_SEGMENT_HEADER_BYTES + 64 * 50, bytes, sizeof(bytes));
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), HF_E_CORRUPT);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_lt(result.end_lsn, last);
}

Test(scan, another_format_version_is_refused_and_not_cut)
{
    uint32_t version = HF_SEGMENT_VERSION + 1;
    log_make(FIXTURE_SEGMENT_SLOTS + 300, 50);
    fixture_write(&fixture, 2, offsetof(struct hf_segment_header, version), &version, 4);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_VERSION);
    expect_text("00000000000000000002.wal");
    expect_text("version 2");
}

Test(scan, a_first_segment_without_its_header_is_damage)
{
    log_make(20, 5);
    fixture_zero(&fixture, 1, 0, HF_SEGMENT_HEADER_BYTES);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    fixture_zero(&fixture, 1, 0, HF_SEGMENT_BYTES_MIN);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
}

/* What a power loss can leave of a tail over several segments, none of it ever durable. */
Test(scan, a_torn_tail_may_spread_over_segments)
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

Test(scan, a_file_that_no_crash_can_have_left_is_no_torn_tail)
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

Test(scan, what_of_a_segment_without_header_a_crash_can_leave_is_a_torn_tail)
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

Test(scan, a_lone_half_at_the_end_is_cut)
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
static void
log_forge(const uint8_t *types, size_t count)
{
    struct hf_pack pack = {.instance_id = FIXTURE_INSTANCE_ID, .epoch = 1};
    uint64_t lsn = 1;
    log_make(0, 1);
    hf_pack_begin(&pack, 1, FIXTURE_SEGMENT_SLOTS);
    for (size_t i = 0; i < count; i++) {
        struct hf_record slot;
        uint64_t offset = HF_SEGMENT_HEADER_BYTES + pack.slot * 64;
        if (types[i] == HF_RECORD_GROUP) {
            hf_pack_group(&pack, 0, &slot);
        } else {
            struct hf_record record = record_make(lsn++, types[i]);
            hf_pack_record(&pack, &record, &slot);
        }
        fixture_write(&fixture, 1, offset, &slot, sizeof(slot));
    }
}

Test(scan, authentic_records_in_the_wrong_place_are_damage)
{
    static const struct {
        const char *what;
        uint8_t types[4];
        int code;
    } cases[] = {
        {"a second slot without a first", {HF_COMMAND_NEW, HF_RECORD_MORE, HF_RECORD_GROUP}, -1},
        {"a first slot without a second", {HF_COMMAND_INSTRUMENT_ADD, HF_COMMAND_NEW}, -1},
        {"a group in between", {HF_COMMAND_INSTRUMENT_ADD, HF_RECORD_GROUP, HF_RECORD_MORE}, -1},
        {"two first slots",
         {HF_COMMAND_INSTRUMENT_ADD, HF_COMMAND_INSTRUMENT_ADD, HF_RECORD_MORE},
         -1},
        {"all right",
         {HF_COMMAND_INSTRUMENT_ADD, HF_RECORD_MORE, HF_RECORD_GROUP, HF_COMMAND_NEW},
         0},
    };
    end();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t count = 0;
        while (count < 4 && cases[i].types[count] != 0) {
            count++;
        }
        begin();
        log_forge(cases[i].types, count);
        cr_expect_eq(hf_scan(fixture.directory, 0, NULL, NULL, &result),
                     cases[i].code == 0 ? 0 : HF_E_CORRUPT, "%s", cases[i].what);
        if (i + 1 < sizeof(cases) / sizeof(cases[0])) {
            end();
        }
    }
}

Test(scan, epochs_follow_each_other_with_zeros_between)
{
    log_make(100, 10);
    for (unsigned epoch = 2; epoch <= 4; epoch++) {
        cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
        fixture_next_epoch(&fixture, &result);
        if (epoch != 3) { /* one epoch ends without a record */
            fixture_fill(&fixture, 50, 10);
        }
        fixture_close(&fixture);
    }
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.epoch, 4);
    cr_expect_eq(result.segments, 4);
    cr_expect_geq(result.end_lsn, 200);
    cr_expect_geq(result.floor_lsn, 100, "the header of an epoch witnesses all before it");
}

Test(scan, bytes_behind_the_end_of_an_epoch_are_damage)
{
    log_make(100, 10);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    fixture_next_epoch(&fixture, &result);
    fixture_close(&fixture);
    fixture_write(&fixture, 1, 60000, "x", 1);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("epoch");
}

Test(scan, a_tail_lost_before_a_new_epoch_is_damage)
{
    log_make(100, 10);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    fixture_next_epoch(&fixture, &result);
    fixture_close(&fixture);
    fixture_zero(&fixture, 1, result.end_offset - 64 * 3, 64 * 3);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
}

Test(scan, a_log_whose_tail_vanished_below_the_floor_is_damage)
{
    uint64_t last = log_make(100, 10);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    fixture_zero(&fixture, 1, result.end_offset - 64 * 11, 64 * 11);
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), HF_E_CORRUPT);
    expect_text("zeros where a record is expected");
    cr_expect_eq(fixture_scan(&fixture, last - 20, true, &result), 0);
    cr_expect_eq(result.torn_bytes, 0);
}

/* What a watch hears, and where it ends. */

struct heard {
    uint64_t segments;
    uint64_t slots;
    uint64_t groups;
    uint64_t done_bytes;
    uint64_t total_bytes;
    struct visits visits;
};

static int
hear_segment(void *context, const struct hf_segment_header *header, const char *file)
{
    struct heard *heard = context;
    heard->segments++;
    cr_expect_eq(header->number, heard->segments);
    cr_expect_not_null(strstr(file, ".wal"));
    return 0;
}

static int
hear_slot(void *context, const struct hf_record *slot, const char *file, uint64_t offset)
{
    struct heard *heard = context;
    (void)file;
    (void)offset;
    heard->slots++;
    heard->groups += slot->type == HF_RECORD_GROUP;
    return 0;
}

static int
hear_record(void *context, const struct hf_record *record, const struct hf_record *more,
            const char *file, uint64_t offset)
{
    struct heard *heard = context;
    return visit_check(&heard->visits, record, more, file, offset);
}

static void
hear_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    struct heard *heard = context;
    cr_expect_geq(done_bytes, heard->done_bytes);
    cr_expect_leq(done_bytes, total_bytes);
    heard->done_bytes = done_bytes;
    heard->total_bytes = total_bytes;
}

static struct hf_scan_watch
watch_all(struct heard *heard, uint64_t last_lsn)
{
    memset(heard, 0, sizeof(*heard));
    heard->visits.mix = true;
    return (struct hf_scan_watch){.context = heard,
                                  .record = hear_record,
                                  .segment = hear_segment,
                                  .slot = hear_slot,
                                  .progress = hear_progress,
                                  .last_lsn = last_lsn};
}

Test(scan, a_watch_hears_of_every_segment_slot_and_group)
{
    struct heard heard;
    uint64_t last = log_make(2500, 100);
    struct walk walk = fixture_walk(&fixture, true);
    struct hf_scan_watch watch = watch_all(&heard, 0);
    cr_assert_eq(hf_scan_watched(fixture.directory, 0, &watch, &result), 0);
    cr_expect_eq(heard.segments, walk.segments);
    cr_expect_eq(heard.groups, walk.groups);
    cr_expect_eq(heard.slots, last + walk.groups);
    cr_expect_eq(heard.visits.lsn, last);
    cr_expect_not(heard.visits.wrong);
    cr_expect_eq(heard.done_bytes, heard.total_bytes);
    cr_expect_eq(heard.total_bytes, result.last_number * HF_SEGMENT_BYTES_MIN);
    cr_expect_not(result.limited);
}

Test(scan, ends_with_the_last_lsn_that_is_wanted_and_never_with_half_a_record)
{
    struct heard heard;
    uint64_t last = log_make(2500, 100);
    for (uint64_t to = 1; to <= last + 2; to += to < 20 || to > 900 ? 1 : 37) {
        struct hf_scan_watch watch = watch_all(&heard, to);
        uint64_t end_lsn = to > last ? last : to - record_is_double(to);
        cr_assert_eq(hf_scan_watched(fixture.directory, 0, &watch, &result), 0);
        cr_assert_eq(result.end_lsn, end_lsn, "to %d", (int)to);
        cr_assert_eq(heard.visits.lsn, end_lsn);
        cr_assert_not(heard.visits.wrong);
        cr_assert(to >= last || result.limited);
    }
}

Test(scan, damage_behind_the_last_lsn_that_is_wanted_does_not_matter)
{
    struct heard heard;
    fixture_open(&fixture);
    fixture_fill(&fixture, 2500, 100);
    fixture_settle(&fixture);
    fixture_fill(&fixture, 100, 100); /* its group bears witness that all before it is durable */
    fixture_settle(&fixture);
    fixture_close(&fixture);
    fixture_zero(&fixture, 2, HF_SEGMENT_HEADER_BYTES, HF_SLOT_BYTES);
    struct hf_scan_watch watch = watch_all(&heard, 501);
    cr_expect_eq(hf_scan_watched(fixture.directory, 0, &watch, &result), 0);
    cr_expect_eq(result.end_lsn, 501);
    cr_expect_eq(hf_scan(fixture.directory, 0, NULL, NULL, &result), HF_E_CORRUPT);
}

static int
refuse_segment_2(void *context, const struct hf_segment_header *header, const char *file)
{
    (void)context;
    (void)file;
    return header->number == 2 ? HF_E_DENIED : 0;
}

static int
refuse_group(void *context, const struct hf_record *slot, const char *file, uint64_t offset)
{
    (void)context;
    (void)file;
    (void)offset;
    return slot->type == HF_RECORD_GROUP ? HF_E_DENIED : 0;
}

Test(scan, a_watch_may_end_it_at_a_segment_or_a_slot)
{
    struct hf_scan_watch watch = {.segment = refuse_segment_2};
    log_make(2500, 100);
    cr_expect_eq(hf_scan_watched(fixture.directory, 0, &watch, &result), HF_E_DENIED);
    expect_text("00002.wal: offset 0");
    watch = (struct hf_scan_watch){.slot = refuse_group};
    cr_expect_eq(hf_scan_watched(fixture.directory, 0, &watch, &result), HF_E_DENIED);
    expect_text("00001.wal: offset");
}

/* Beside a writer: it writes just when the scan has read what it will soon compare. */

struct writing {
    uint64_t at_lsn;
    uint64_t lsns;
    struct visits visits;
};

static int
write_on(void *context, const struct hf_record *record, const struct hf_record *more,
         const char *file, uint64_t offset)
{
    struct writing *writing = context;
    while (record->lsn >= writing->at_lsn && writing->lsns > 0) {
        fixture_fill(&fixture, 500, 50);
        fixture_settle(&fixture);
        writing->lsns -= 500;
    }
    return visit_check(&writing->visits, record, more, file, offset);
}

static void
scan_beside_writer(uint64_t first, uint64_t then)
{
    struct writing writing = {.at_lsn = first / 2, .lsns = then, .visits = {.mix = true}};
    fixture_open(&fixture);
    fixture_fill(&fixture, first, 50);
    fixture_settle(&fixture);
    cr_expect_eq(hf_scan(fixture.directory, 0, write_on, &writing, &result), 0, "%s", result.text);
    cr_expect_eq(writing.lsns, 0);
    cr_expect_not(writing.visits.wrong);
    cr_expect_geq(result.end_lsn, first);
    cr_expect_geq(result.end_lsn, result.floor_lsn);
    cr_expect_eq(result.torn_bytes, 0);
}

Test(scan, a_writer_that_enters_the_next_segment_meanwhile_leaves_no_break)
{
    scan_beside_writer(200, 1500);
}

Test(scan, a_writer_that_fills_more_of_the_same_segment_meanwhile_leaves_no_break)
{
    fixture.config.segment_bytes = 4u << 20;
    scan_beside_writer(100, 20000);
    cr_expect_gt(result.end_lsn, 20000);
}
