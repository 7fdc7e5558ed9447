/*
 * test_scan_watch.c - what a watch hears, and where it ends a scan; a scan beside the writer.
 */
#include "recovery/scan_log.h"

TestSuite(scan_watch, .init = scan_log_begin, .fini = scan_log_end);

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

Test(scan_watch, a_watch_hears_of_every_segment_slot_and_group)
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

Test(scan_watch, ends_with_the_last_lsn_that_is_wanted_and_never_with_half_a_record)
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

Test(scan_watch, damage_behind_the_last_lsn_that_is_wanted_does_not_matter)
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

Test(scan_watch, a_watch_may_end_it_at_a_segment_or_a_slot)
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

Test(scan_watch, a_writer_that_enters_the_next_segment_meanwhile_leaves_no_break)
{
    scan_beside_writer(200, 1500);
}

Test(scan_watch, a_writer_that_fills_more_of_the_same_segment_meanwhile_leaves_no_break)
{
    fixture.config.segment_bytes = 4u << 20;
    scan_beside_writer(100, 20000);
    cr_expect_gt(result.end_lsn, 20000);
}
