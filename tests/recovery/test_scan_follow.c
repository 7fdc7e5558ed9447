/*
 * test_scan_follow.c - one segment followed up to where its records end, and what is behind surveyed. Whole logs
 * are in test_scan.c.
 */
#include "recovery/scan_fixture.h"

#include "recovery/scan_internal.h"

#include <holdfast/error.h>

static struct fixture fixture;
static struct hf_scan_result result;
static struct hf_scan_watch watch;
static struct hf_scan_work scan;
static struct visits visits;

static void
begin(void)
{
    fixture_begin(&fixture, "/dev/shm");
    fixture_open(&fixture);
    visits = (struct visits){.mix = true};
    watch = (struct hf_scan_watch){.context = &visits, .record = visit_check};
    result = (struct hf_scan_result){0};
    scan =
        (struct hf_scan_work){.directory = fixture.directory, .watch = &watch, .result = &result};
    cr_assert_eq(hf_reader_init(&scan.reader), 0);
}

static void
end(void)
{
    hf_reader_destroy(&scan.reader);
    fixture_end(&fixture);
}

TestSuite(scan_follow, .init = begin, .fini = end);

static uint32_t
key_of(uint64_t number)
{
    return hf_record_key(FIXTURE_INSTANCE_ID, number, 1);
}

/** Segment 1 is open, nothing of it followed yet. */
static void
open_first(void)
{
    cr_assert_eq(hf_reader_open(&scan.reader, fixture.directory, 1), 0);
    result.segments = 1;
    result.end_segment = 1;
    result.end_offset = HF_SEGMENT_HEADER_BYTES;
    result.end_lsn = 0;
    result.end_chain = 0;
    result.segment_bytes = HF_SEGMENT_BYTES_MIN;
    scan.key = key_of(1);
}

static void
expect_followed(uint64_t end_lsn, const char *why)
{
    open_first();
    cr_expect_eq(hf_scan_follow(&scan), 0, "%s", result.text);
    cr_expect_eq(result.end_lsn, end_lsn, "%d", (int)result.end_lsn);
    cr_expect_eq(visits.lsn, end_lsn);
    cr_expect_not(visits.wrong);
    cr_expect_str_eq(scan.stop_what, why);
    cr_expect_eq(scan.stop_offset, result.end_offset);
    cr_expect_eq(scan.stop_number, 1);
}

#define ZEROS "zeros where a record is expected"

Test(scan_follow, records_are_followed_up_to_the_zeros)
{
    fixture_fill(&fixture, 100, 10);
    const struct walk walk = fixture_walk(&fixture, true);
    expect_followed(walk.lsn, ZEROS);
    cr_expect_eq(result.end_chain, walk.chain);
    cr_expect_eq(result.end_offset, walk.end_offset);
    cr_expect_not(scan.filled);
    cr_expect_not(result.limited);
}

Test(scan_follow, a_filled_segment_is_followed_to_its_last_slot)
{
    fixture_fill(&fixture, 2 * FIXTURE_SEGMENT_SLOTS, 10);
    struct hf_segment_header second;
    fixture_read(&fixture, 2, 0, &second, sizeof(second));
    expect_followed(second.base_lsn - 1, "the next segment does not continue the log");
    cr_expect_eq(result.end_chain, second.chain);
    cr_expect_eq(result.end_offset, HF_SEGMENT_BYTES_MIN);
    cr_expect(scan.filled);
}

/** The slot of a record of segment 1; there are no groups before it. */
static uint64_t
offset_of(uint64_t lsn)
{
    return HF_SEGMENT_HEADER_BYTES + (lsn - 1) * HF_SLOT_BYTES;
}

Test(scan_follow, it_ends_before_the_first_slot_that_is_not_the_expected_one)
{
    struct hf_record record;
    fixture_fill(&fixture, 50, 50);
    fixture_read(&fixture, 1, offset_of(20), &record, sizeof(record));
    cr_assert_eq(record.lsn, 20);
    record.payload[5] ^= 1;
    fixture_write(&fixture, 1, offset_of(20), &record, sizeof(record));
    expect_followed(19, "the checksum of the record does not match");
    record.lsn = 21;
    fixture_write(&fixture, 1, offset_of(20), &record, sizeof(record));
    visits = (struct visits){.mix = true};
    expect_followed(19, "not the record with the next LSN");
    fixture_zero(&fixture, 1, offset_of(20), HF_SLOT_BYTES);
    visits = (struct visits){.mix = true};
    expect_followed(19, ZEROS);
}

Test(scan_follow, a_lone_half_is_no_part_of_the_log)
{
    fixture_fill(&fixture, 50, 50);
    cr_assert(record_is_double(17));
    fixture_zero(&fixture, 1, offset_of(18), HF_SLOT_BYTES);
    expect_followed(16, "a two-slot record whose second slot is missing");
    cr_expect_eq(result.end_offset, offset_of(17));
    struct hf_record before;
    fixture_read(&fixture, 1, offset_of(16), &before, sizeof(before));
    cr_expect_eq(result.end_chain, before.crc);
    cr_expect_not(scan.half_pending);
}

Test(scan_follow, it_ends_with_the_last_lsn_that_is_wanted)
{
    fixture_fill(&fixture, 50, 50);
    watch.last_lsn = 20;
    open_first();
    cr_expect_eq(hf_scan_follow(&scan), 0, "%s", result.text);
    cr_expect_eq(result.end_lsn, 20);
    cr_expect(result.limited);
    cr_expect_null(scan.stop_what, "nothing is wrong there");
}

Test(scan_follow, a_limit_is_passed_with_its_record_and_not_with_half_of_it)
{
    result.end_lsn = 20;
    cr_expect_not(hf_scan_limit_passed(&scan), "there is none");
    watch.last_lsn = 21;
    cr_expect_not(hf_scan_limit_passed(&scan));
    watch.last_lsn = 20;
    cr_expect(hf_scan_limit_passed(&scan));
    scan.half_pending = true;
    cr_expect_not(hf_scan_limit_passed(&scan));
}

Test(scan_follow, the_floor_only_rises)
{
    hf_scan_floor_raise(&scan, 7);
    cr_expect_eq(result.floor_lsn, 7);
    hf_scan_floor_raise(&scan, 5);
    cr_expect_eq(result.floor_lsn, 7);
    hf_scan_floor_raise(&scan, 8);
    cr_expect_eq(result.floor_lsn, 8);
}

Test(scan_follow, the_first_break_is_the_one_that_is_told)
{
    scan.reader.number = 3;
    hf_scan_stop(&scan, 640, "one");
    scan.broken = true;
    scan.reader.number = 4;
    hf_scan_stop(&scan, 704, "two");
    cr_expect_str_eq(scan.stop_what, "one");
    cr_expect(scan.stop_number == 3 && scan.stop_offset == 640);
}

static int
refuse(void *context, const struct hf_segment_header *header, const char *file)
{
    struct hf_scan_result *own_words = context;
    (void)header, (void)file;
    if (own_words != NULL) {
        (void)snprintf(own_words->text, sizeof(own_words->text), "its own words");
    }
    return HF_E_DENIED;
}

Test(scan_follow, what_a_watch_refuses_ends_it_with_its_code_and_its_words_if_it_has_some)
{
    const struct hf_segment_header header = {.base_lsn = 12};
    cr_expect_eq(hf_scan_tell_segment(&scan, &header), 0, "nobody listens");
    watch = (struct hf_scan_watch){.segment = refuse};
    cr_expect_eq(hf_scan_tell_segment(&scan, &header), HF_E_DENIED);
    cr_expect_eq(result.code, HF_E_DENIED);
    cr_expect_not_null(strstr(result.text, "LSN 12: refused by the reader"), "%s", result.text);
    watch.context = &result;
    cr_expect_eq(hf_scan_tell_segment(&scan, &header), HF_E_DENIED);
    cr_expect_str_eq(result.text, "its own words");
}

/** The file that was open is open again, at whatever it held. */
static void
expect_growth(int grown, uint64_t number)
{
    cr_assert_eq(hf_reader_open(&scan.reader, fixture.directory, number), 0);
    scan.broken = true;
    cr_expect_eq(hf_scan_follow_growth(&scan), grown, "%s", result.text);
    cr_expect_eq(scan.reader.number, number);
    cr_expect_eq(scan.broken, grown == 0, "a break that is one stays");
}

Test(scan_follow, growth_is_followed_on_from_where_it_stopped)
{
    fixture_fill(&fixture, 50, 50);
    expect_followed(fixture.producer.next - 1, ZEROS);
    expect_growth(0, 1);
    expect_growth(0, 2);
    fixture_fill(&fixture, 50, 50);
    expect_growth(1, 2);
    cr_expect_eq(result.end_lsn, fixture.producer.next - 1);
    fixture_fill(&fixture, 50, 50);
    expect_growth(1, 1);
    cr_expect_eq(result.end_lsn, fixture.producer.next - 1);
    cr_expect_eq(visits.lsn, result.end_lsn);
    cr_expect_not(visits.wrong);
}

/** Bytes that are not zero from an offset to the end of segment 1, counted one by one; and slots in use. */
static uint64_t
count_bytes(uint64_t offset, uint64_t *slots)
{
    unsigned char *bytes = malloc(HF_SEGMENT_BYTES_MIN);
    uint64_t count = 0;
    *slots = 0;
    fixture_read(&fixture, 1, 0, bytes, HF_SEGMENT_BYTES_MIN);
    for (; offset < HF_SEGMENT_BYTES_MIN; offset += HF_SLOT_BYTES) {
        uint64_t before = count;
        for (uint64_t i = 0; i < HF_SLOT_BYTES; i++) {
            count += bytes[offset + i] != 0;
        }
        *slots += count != before;
    }
    free(bytes);
    return count;
}

Test(scan_follow, a_survey_counts_what_is_not_zero)
{
    const struct hf_scan_keys keys = {{key_of(1)}, 1};
    uint64_t found = 0;
    uint64_t slots = 0;
    fixture_fill(&fixture, 50, 50);
    open_first();
    for (uint64_t lsn = 1; lsn < 60; lsn += 29) {
        result.torn_bytes = 3;
        scan.used_slots = 0;
        cr_expect_eq(hf_scan_survey(&scan, offset_of(lsn), &keys, &found), 0);
        cr_expect_eq(found, count_bytes(offset_of(lsn), &slots));
        cr_expect_eq(scan.used_slots, slots);
        cr_expect_eq(result.torn_bytes, found + 3);
    }
    cr_expect_eq(found, 0, "behind the last record");
}

Test(scan_follow, a_survey_believes_groups_under_the_segments_key_alone)
{
    const struct hf_scan_keys other = {{key_of(2)}, 1};
    const struct hf_scan_keys keys = {{key_of(2), key_of(1)}, 2};
    uint64_t found = 0;
    fixture_fill(&fixture, 30, 10);
    fixture_settle(&fixture);
    const uint64_t durable = fixture.words.durable_lsn;
    fixture_fill(&fixture, 10, 10);
    open_first();
    cr_expect_eq(hf_scan_survey(&scan, HF_SEGMENT_HEADER_BYTES, &other, &found), 0);
    cr_expect_eq(result.floor_lsn, 0);
    cr_expect_eq(scan.traces, scan.used_slots, "all have LSNs that could be there");
    cr_expect_eq(hf_scan_survey(&scan, HF_SEGMENT_HEADER_BYTES, &keys, &found), 0);
    cr_expect_gt(durable, 0);
    cr_expect_eq(result.floor_lsn, durable);
}
