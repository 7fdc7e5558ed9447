/*
 * test_scan_from.c - scans that go on from the middle of a log.
 */
#include "recovery/scan_fixture.h"

static struct fixture fixture;
static struct hf_scan_result whole;
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

TestSuite(scan_from, .init = begin, .fini = end);

/** Where a scan that ends with this LSN, or just before it, ends. */
static struct hf_log_position
position_of(uint64_t lsn)
{
    const struct hf_scan_watch watch = {.last_lsn = lsn};
    struct hf_log_position position;
    cr_assert_eq(hf_scan_watched(fixture.directory, 0, &watch, &result), 0, "%s", result.text);
    hf_scan_position(&result, HF_COMMAND_NEW, &position);
    return position;
}

/** Scan from there, and check that the visitor sees exactly what follows. */
static int
scan_from(const struct hf_log_position *position, uint64_t floor_hint)
{
    struct visits visits = {position->lsn, 0, true, false};
    const struct hf_scan_watch watch = {
        .context = &visits, .record = visit_check, .from = position};
    int code = hf_scan_watched(fixture.directory, floor_hint, &watch, &result);
    cr_expect_not(visits.wrong, "a wrong record was visited");
    cr_expect_eq(code != 0, result.text[0] != '\0', "%d: %s", code, result.text);
    if (code == 0) {
        cr_expect_eq(visits.lsn, result.end_lsn);
    }
    return code;
}

static void
expect_damage(const struct hf_log_position *position, const char *part)
{
    cr_expect_eq(scan_from(position, 0), HF_E_CORRUPT, "%s", part);
    cr_expect_not_null(strstr(result.text, part), "'%s' is not in: %s", part, result.text);
}

/** Three epochs, of some segments each, all of it durable. @return last LSN */
static uint64_t
log_make(void)
{
    fixture_open(&fixture);
    for (int epoch = 1; epoch <= 3; epoch++) {
        fixture_fill(&fixture, 1500, 100);
        cr_assert_geq(hf_wal_sync_all(fixture.wal), 0);
        fixture_close(&fixture);
        cr_assert_eq(fixture_scan(&fixture, 0, true, &whole), 0, "%s", whole.text);
        if (epoch < 3) {
            cr_assert_eq(hf_scan_seal(fixture.directory, NULL, 0, &whole), 0, "%s", whole.text);
            fixture_next_epoch(&fixture, &whole);
        }
    }
    return whole.end_lsn;
}

static void
expect_same_end(const struct hf_log_position *position)
{
    uint64_t floor = whole.floor_lsn > position->lsn ? whole.floor_lsn : position->lsn;
    cr_expect_eq(result.floor_lsn, floor);
    result.floor_lsn = whole.floor_lsn;
    result.segments = whole.segments; /* only those that were read are counted */
    cr_expect(results_equal(&result, &whole), "end %llu in segment %llu at %llu",
              (unsigned long long)result.end_lsn, (unsigned long long)result.end_segment,
              (unsigned long long)result.end_offset);
}

static void
remove_below(uint64_t number)
{
    for (uint64_t i = 1; i < number; i++) {
        (void)hf_segment_remove(fixture.directory, i);
    }
}

static void
flip(uint64_t number, uint64_t offset)
{
    unsigned char byte;
    fixture_read(&fixture, number, offset, &byte, 1);
    byte ^= 0x40;
    char path[512];
    fixture_path(&fixture, number, path);
    int fd = open(path, O_WRONLY);
    cr_assert_eq(pwrite(fd, &byte, 1, (off_t)offset), 1);
    close(fd);
}

Test(scan_from, any_position_leads_to_the_same_end)
{
    uint64_t last = log_make();
    for (uint64_t lsn = 1; lsn <= last; lsn += lsn % 13 + 1) {
        struct hf_log_position position = position_of(lsn);
        cr_assert(position.lsn == lsn || position.lsn == lsn - 1);
        cr_assert_eq(scan_from(&position, 0), 0, "%s", result.text);
        expect_same_end(&position);
    }
}

Test(scan_from, segments_before_the_position_need_not_be_there)
{
    uint64_t last = log_make();
    struct hf_log_position position = position_of(last / 2);
    cr_assert_gt(position.segment, 2);
    remove_below(position.segment);
    cr_expect_eq(scan_from(&position, 0), 0, "%s", result.text);
    expect_same_end(&position);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT,
                 "without it the log is cut");
}

Test(scan_from, sealing_needs_no_more_than_the_scan)
{
    uint64_t last = log_make();
    struct hf_log_position position = position_of(last);
    remove_below(position.segment);
    cr_assert_eq(scan_from(&position, 0), 0, "%s", result.text);
    cr_expect_eq(hf_scan_seal(fixture.directory, NULL, 0, &result), 0, "%s", result.text);
    cr_expect_eq(scan_from(&position, 0), 0, "%s", result.text);
    cr_expect_eq(result.end_lsn, last);
}

Test(scan_from, what_is_before_the_position_is_trusted)
{
    uint64_t last = log_make();
    struct hf_log_position position = position_of(last / 2);
    flip(1, 5000);
    flip(position.segment, HF_SEGMENT_HEADER_BYTES + 70);
    cr_expect_eq(scan_from(&position, 0), 0, "%s", result.text);
    expect_same_end(&position);
}

Test(scan_from, the_segment_of_the_position_must_be_there)
{
    uint64_t last = log_make();
    struct hf_log_position position = position_of(last / 2);
    remove_below(position.segment + 1);
    expect_damage(&position, "the segment before this one is missing");
    remove_below(UINT16_MAX);
    expect_damage(&position, "there is no log");
}

Test(scan_from, the_record_of_the_position_must_be_there)
{
    uint64_t last = log_make();
    struct hf_log_position position = position_of(last / 2);
    struct hf_log_position other = position;
    other.chain++;
    expect_damage(&other, "not the record behind which");
    other = position;
    other.offset += HF_SLOT_BYTES;
    expect_damage(&other, "not the record behind which");
    other = position;
    other.offset = position.segment_bytes + HF_SLOT_BYTES;
    expect_damage(&other, "not the record behind which");
    flip(position.segment, position.offset - HF_SLOT_BYTES + 16); /* its crc */
    expect_damage(&position, "not the record behind which");
}

Test(scan_from, a_position_of_another_log_is_damage)
{
    uint64_t last = log_make();
    struct hf_log_position position = position_of(last / 2);
    struct hf_log_position other = position;
    other.instance_id++;
    expect_damage(&other, "not the segment in which");
    other = position;
    other.epoch++;
    expect_damage(&other, "not the segment in which");
    other = position;
    other.segment_bytes += 4096;
    expect_damage(&other, "not the segment in which");
}

Test(scan_from, damage_behind_the_position_and_below_the_floor_is_found)
{
    uint64_t last = log_make();
    struct hf_log_position position = position_of(last / 2);
    flip(position.segment, position.offset + 3 * HF_SLOT_BYTES);
    cr_expect_eq(scan_from(&position, last), HF_E_CORRUPT);
    cr_expect_not_null(strstr(result.text, ".wal: offset "), "%s", result.text);
}

Test(scan_from, the_position_itself_is_a_floor)
{
    fixture_open(&fixture);
    fixture_fill(&fixture, 100, 10); /* nothing was flushed: no group carries a floor */
    struct hf_log_position position = position_of(fixture.producer.next - 1);
    fixture_fill(&fixture, 50, 10);
    flip(1, position.offset);
    cr_expect_eq(scan_from(&position, 0), 0, "a torn tail behind it: %s", result.text);
    cr_expect_eq(result.end_lsn, position.lsn);
    cr_expect_eq(result.floor_lsn, position.lsn);
    cr_expect_gt(result.torn_bytes, 0);
    cr_expect_eq(scan_from(&position, position.lsn + 1), HF_E_CORRUPT);
}

Test(scan_from, a_header_without_a_record_is_a_position_too)
{
    (void)log_make();
    cr_assert_eq(hf_scan_seal(fixture.directory, NULL, 0, &whole), 0, "%s", whole.text);
    fixture_next_epoch(&fixture, &whole);
    struct hf_log_position position = position_of(0);
    cr_expect_eq(position.offset, HF_SEGMENT_HEADER_BYTES);
    fixture_fill(&fixture, 30, 10);
    cr_expect_eq(scan_from(&position, 0), 0, "%s", result.text);
    cr_expect_eq(result.end_lsn, fixture.producer.next - 1);
    position.chain++;
    expect_damage(&position, "not the record behind which");
}

Test(scan_from, a_log_is_followed_as_it_grows_over_segment_ends)
{
    struct hf_log_position position = {0};
    struct visits visits = {0, 0, true, false};
    fixture_open(&fixture);
    srand(7);
    while (fixture.producer.next < 5 * FIXTURE_SEGMENT_SLOTS) {
        fixture_fill(&fixture, (uint64_t)(rand() % 150), 40);
        if (rand() % 3 == 0) {
            cr_assert_geq(hf_wal_sync_all(fixture.wal), 0);
        }
        uint64_t durable = fixture.words.durable_lsn;
        if (durable == position.lsn) {
            continue;
        }
        const struct hf_scan_watch watch = {.context = &visits,
                                            .record = visit_check,
                                            .last_lsn = durable,
                                            .from = position.lsn == 0 ? NULL : &position};
        cr_assert_eq(hf_scan_watched(fixture.directory, durable, &watch, &result), 0, "%s",
                     result.text);
        cr_assert(result.limited && result.end_lsn == durable);
        hf_scan_position(&result, HF_COMMAND_NEW, &position);
    }
    cr_expect_not(visits.wrong);
    cr_expect_eq(visits.lsn, position.lsn);
    cr_expect_gt(position.segment, 4);
}
