/*
 * test_survey.c - every bit flipped, every length cut: found by the scan, and named by the survey.
 */
#include "recovery/scan_fixture.h"

#include "recovery/survey.h"

#define RECORDS 40u
#define SEGMENTS 2u
#ifdef HF_EXPENSIVE_CHECKS
#define BIT_STEP                                                                                   \
    11u /* a build that checks more is slow; odd, so that every place in a byte has its turn */
#else
#define BIT_STEP 1u
#endif

static struct fixture fixture;
static struct hf_scan_result result;
static unsigned char image[SEGMENTS][HF_SEGMENT_BYTES_MIN];

/** Two epochs, a segment each, of a few groups; closed cleanly. */
static void
begin(void)
{
    fixture_begin(&fixture, "/dev/shm");
    fixture_open(&fixture);
    for (uint64_t i = 0; i < 4; i++) {
        fixture_put_mix(&fixture, RECORDS / 4);
        fixture_settle(&fixture);
    }
    fixture_close(&fixture);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    fixture_next_epoch(&fixture, &result);
    for (uint64_t i = 0; i < 4; i++) {
        fixture_put_mix(&fixture, RECORDS / 4);
        fixture_settle(&fixture);
    }
    fixture_close(&fixture);
    for (uint64_t number = 1; number <= SEGMENTS; number++) {
        fixture_read(&fixture, number, 0, image[number - 1], HF_SEGMENT_BYTES_MIN);
    }
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_assert_eq(result.segments, SEGMENTS);
}

static void
end(void)
{
    fixture_end(&fixture);
}

TestSuite(survey, .init = begin, .fini = end);

struct seen {
    uint64_t count;
    struct hf_survey_finding first;
    char file[512];
    bool names; /**< every finding has a file and a text */
};

static void
on_finding(void *context, const struct hf_survey_finding *finding)
{
    struct seen *seen = context;
    if (seen->count++ == 0) {
        seen->first = *finding;
        snprintf(seen->file, sizeof(seen->file), "%s", finding->file);
    }
    seen->names &= strstr(finding->file, ".wal") != NULL && finding->what[0] != '\0';
}

static struct hf_survey survey;

static struct seen
look(void)
{
    struct seen seen = {.names = true};
    survey = (struct hf_survey){.context = &seen, .found = on_finding};
    cr_assert_eq(hf_survey(fixture.directory, &survey), 0);
    cr_expect_eq(seen.count, survey.findings);
    cr_expect(seen.names);
    return seen;
}

/** The highest floor that is left when any one group is lost. */
static uint64_t
second_floor(void)
{
    uint64_t highest[2] = {0, 0};
    const unsigned char *bytes = image[SEGMENTS - 1];
    for (size_t at = HF_SEGMENT_HEADER_BYTES; at < HF_SEGMENT_BYTES_MIN; at += HF_SLOT_BYTES) {
        struct hf_record slot;
        memcpy(&slot, bytes + at, sizeof(slot));
        if (slot.type != HF_RECORD_GROUP) {
            continue;
        }
        if (slot.group.floor_lsn >= highest[0]) {
            highest[1] = highest[0];
            highest[0] = slot.group.floor_lsn;
        } else if (slot.group.floor_lsn > highest[1]) {
            highest[1] = slot.group.floor_lsn;
        }
    }
    return highest[1];
}

/** The LSN of a slot of the last segment; that of the end behind it. */
static uint64_t
lsn_at(uint64_t offset)
{
    struct hf_record slot;
    memcpy(&slot, image[SEGMENTS - 1] + offset / HF_SLOT_BYTES * HF_SLOT_BYTES, sizeof(slot));
    return slot.lsn != 0 ? slot.lsn : UINT64_MAX;
}

/** The survey names the place: the slot, or for a header its page or the whole file. */
static void
expect_named(uint64_t number, uint64_t offset)
{
    char path[512];
    struct seen seen = look();
    uint64_t slot = offset / HF_SLOT_BYTES * HF_SLOT_BYTES;
    fixture_path(&fixture, number, path);
    cr_assert_gt(seen.count, 0, "segment %d offset %d: nothing is found", (int)number, (int)offset);
    cr_assert_str_eq(seen.file, path);
    if (offset < HF_SEGMENT_HEADER_BYTES) {
        cr_assert_lt(seen.first.offset, HF_SEGMENT_HEADER_BYTES);
    } else {
        cr_assert_leq(seen.first.offset, slot, "segment %d offset %d is named as %d", (int)number,
                      (int)offset, (int)seen.first.offset);
        cr_assert_geq(seen.first.offset + seen.first.len_bytes, slot + HF_SLOT_BYTES);
    }
}

/** A flipped bit is refused, or cut as a tail that nothing calls durable. */
static void
expect_found(uint64_t number, uint64_t offset, uint64_t floor)
{
    int code = fixture_scan(&fixture, 0, true, &result);
    if (code != 0) {
        cr_assert(code == HF_E_CORRUPT || code == HF_E_VERSION);
        cr_assert_not_null(strstr(result.text, "offset"));
    } else {
        cr_assert_gt(result.torn_bytes, 0, "segment %d offset %d: not seen", (int)number,
                     (int)offset);
        cr_assert_eq(number, SEGMENTS, "what a later epoch witnesses is never cut");
        cr_assert_geq(result.end_lsn, floor);
        cr_assert_gt(lsn_at(offset), floor, "offset %d: a durable record is cut", (int)offset);
    }
    expect_named(number, offset);
}

static void
flip(uint64_t number, uint64_t offset, unsigned bit, uint64_t floor)
{
    unsigned char byte = image[number - 1][offset] ^ (unsigned char)(1u << bit);
    fixture_write(&fixture, number, offset, &byte, 1);
    expect_found(number, offset, floor);
    fixture_write(&fixture, number, offset, &image[number - 1][offset], 1);
}

/** Every bit of header and records; of the zeros behind them one bit in every slot and a half. */
static void
flip_all(uint64_t number)
{
    uint64_t floor = second_floor();
    uint64_t used = HF_SEGMENT_BYTES_MIN;
    while (image[number - 1][used - 1] == 0) {
        used--;
    }
    cr_assert_gt(used, HF_SEGMENT_HEADER_BYTES + RECORDS * HF_SLOT_BYTES);
    cr_assert_gt(floor, RECORDS);
    for (uint64_t bit = 0; bit < used * 8; bit += BIT_STEP) {
        flip(number, bit / 8, bit % 8, floor);
    }
    for (uint64_t offset = used; offset < HF_SEGMENT_BYTES_MIN; offset += 97) {
        flip(number, offset, (unsigned)(offset % 8), floor);
    }
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_assert_eq(look().count, 0);
}

Test(survey, every_flipped_bit_of_an_ended_epoch_is_refused_and_named)
{
    flip_all(1);
}

Test(survey, every_flipped_bit_of_the_last_segment_is_found_and_no_durable_record_is_cut)
{
    flip_all(2);
}

Test(survey, every_shorter_length_of_a_segment_is_refused_and_named)
{
    for (uint64_t number = SEGMENTS; number >= 1; number--) {
        char path[512];
        fixture_path(&fixture, number, path);
        for (uint64_t length = HF_SEGMENT_BYTES_MIN - 1; length < HF_SEGMENT_BYTES_MIN;
             length -= BIT_STEP) {
            cr_assert_eq(truncate(path, (off_t)length), 0);
            cr_assert_eq(hf_scan(fixture.directory, 0, NULL, NULL, &result), HF_E_CORRUPT);
            cr_assert_not_null(strstr(result.text, path));
            if (length % 16 < BIT_STEP && length % 64 < 32) {
                struct seen seen = look();
                cr_assert_geq(seen.count, 1);
                cr_assert_str_eq(seen.file, path);
            }
        }
        fixture_write(&fixture, number, 0, image[number - 1], HF_SEGMENT_BYTES_MIN);
    }
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
}

Test(survey, a_sound_log_has_no_finding_and_all_its_records)
{
    struct seen seen = look();
    cr_expect_eq(seen.count, 0);
    cr_expect_eq(survey.records, result.end_lsn);
    cr_expect_eq(survey.last_lsn, result.end_lsn);
    cr_expect_eq(survey.floor_lsn, result.floor_lsn);
    cr_expect_eq(survey.segments, SEGMENTS);
    cr_expect_eq(survey.epoch, 2);
    cr_expect_eq(survey.prepared + survey.segments, result.last_number);
}

Test(survey, goes_on_behind_a_damage_and_names_the_next)
{
    unsigned char byte = 1;
    fixture_write(&fixture, 1, HF_SEGMENT_HEADER_BYTES + 5 * HF_SLOT_BYTES + 33, &byte, 1);
    fixture_zero(&fixture, 1, HF_SEGMENT_HEADER_BYTES + 20 * HF_SLOT_BYTES, HF_SLOT_BYTES);
    fixture_write(&fixture, 2, HF_SEGMENT_HEADER_BYTES + 9 * HF_SLOT_BYTES + 33, &byte, 1);
    struct seen seen = look();
    cr_expect_eq(seen.count, 3);
    cr_expect_eq(seen.first.offset, HF_SEGMENT_HEADER_BYTES + 5 * HF_SLOT_BYTES);
    cr_expect_eq(seen.first.len_bytes, HF_SLOT_BYTES);
    cr_expect_eq(survey.last_lsn, result.end_lsn);
    cr_expect_eq(survey.floor_lsn, result.floor_lsn);
}

Test(survey, a_missing_segment_is_named)
{
    cr_assert_eq(hf_segment_remove(fixture.directory, 1), 0);
    struct seen seen = look();
    cr_expect_eq(seen.count, 1);
    cr_expect_not_null(strstr(seen.first.what, "missing"));
}

Test(survey, a_segment_of_another_instance_is_named)
{
    struct hf_segment_header header;
    memcpy(&header, image[1], sizeof(header));
    header.instance_id++;
    hf_segment_header_seal(&header);
    fixture_write(&fixture, 2, 0, &header, sizeof(header));
    struct seen seen = look();
    cr_expect_geq(seen.count, 1);
    cr_expect_not_null(strstr(seen.first.what, "another instance"));
}

Test(survey, a_directory_that_is_not_there_is_an_error)
{
    cr_expect_eq(hf_survey("/nonexistent/log", &survey), HF_E_SYSTEM);
}
