/*
 * test_writer.c - the WAL writer's stage.
 */
#include "wal/log_fixture.h"

static struct fixture fixture;

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

TestSuite(writer, .init = begin, .fini = end);

Test(writer, an_empty_queue_is_no_work)
{
    fixture_open(&fixture);
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), 0);
    cr_expect_eq(fixture.words.written_lsn, 0);
    cr_expect_eq(fixture.words.groups, 0);
}

Test(writer, a_batch_is_closed_by_one_group_and_then_published)
{
    fixture_open(&fixture);
    fixture_put_mix(&fixture, 10);
    uint64_t last = fixture.producer.next - 1;
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), (int64_t)last);
    cr_expect_eq(fixture.words.written_lsn, last);
    cr_expect_eq(fixture.words.written_position, HF_SEGMENT_HEADER_BYTES + (last + 1) * 64);
    cr_expect_eq(fixture.words.groups, 1);
    cr_expect_eq(fixture.words.durable_lsn, 0, "nothing is durable yet");
    struct walk walk = fixture_walk(&fixture, true);
    cr_expect_eq(walk.lsn, last);
    cr_expect_eq(walk.groups, 1);
}

Test(writer, the_position_counts_from_the_start_of_segment_1)
{
    fixture.start =
        (struct hf_wal_start){.epoch = 3, .segment = 5, .base_lsn = 100, .durable_lsn = 99};
    fixture_open(&fixture);
    cr_expect_eq(fixture.words.written_position, 4 * HF_SEGMENT_BYTES_MIN + 4096);
    fixture_put(&fixture, 1);
    hf_wal_writer_do_work(fixture.wal);
    cr_expect_eq(fixture.words.written_position, 4 * HF_SEGMENT_BYTES_MIN + 4096 + 128);
}

Test(writer, a_call_takes_no_more_than_the_batch)
{
    static const struct {
        uint64_t flush_records;
        int64_t expected;
    } cases[] = {{1, 2}, {2, 2}, {10, 10}, {500, 500}, {5000, 959}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture other;
        fixture_begin(&other, "/dev/shm");
        other.config.flush_records = cases[i].flush_records;
        fixture_open(&other);
        for (unsigned n = 0; n < 3000; n++) {
            fixture_put(&other, 1);
        }
        cr_expect_eq(hf_wal_writer_do_work(other.wal), cases[i].expected, "case %zu", i);
        fixture_end(&other);
    }
}

Test(writer, every_group_carries_the_floor_known_when_it_was_written)
{
    fixture_open(&fixture);
    for (unsigned round = 0; round < 4; round++) {
        uint64_t floor = fixture.words.durable_lsn;
        uint64_t first = fixture.words.written_position;
        struct hf_record group;
        fixture_put(&fixture, 1);
        hf_wal_writer_do_work(fixture.wal);
        fixture_read(&fixture, 1, first + 64, &group, sizeof(group));
        cr_expect_eq(group.type, HF_RECORD_GROUP);
        cr_expect_eq(group.group.floor_lsn, floor);
        cr_expect_eq(group.group.count, 1);
        cr_expect_gt(hf_wal_sync_all(fixture.wal), 0);
    }
}

/** K2 in the first two segments: behind each head of two slots stands its second slot. */
static bool
pairs_stand_together(const struct fixture *log)
{
    static struct hf_record slots[FIXTURE_SEGMENT_SLOTS];
    unsigned heads = 0;
    unsigned pairs = 0;
    for (uint64_t number = 1; number <= 2; number++) {
        char path[512];
        fixture_path(log, number, path);
        if (access(path, F_OK) != 0) {
            break;
        }
        fixture_read(log, number, HF_SEGMENT_HEADER_BYTES, slots, sizeof(slots));
        for (unsigned i = 0; i < FIXTURE_SEGMENT_SLOTS; i++) {
            heads += slots[i].type == HF_COMMAND_INSTRUMENT_ADD;
            pairs += i > 0 && slots[i].type == HF_RECORD_MORE &&
                     slots[i - 1].type == HF_COMMAND_INSTRUMENT_ADD;
        }
    }
    return heads > 0 && heads == pairs;
}

/* Each start parks the end of the segment at another distance, so that one- and two-slot messages
 * meet every position before the last slot. */
Test(writer, messages_of_two_slots_are_never_parted_at_the_end_of_a_segment)
{
    for (unsigned lead = FIXTURE_SEGMENT_SLOTS - 6; lead <= FIXTURE_SEGMENT_SLOTS; lead++) {
        for (unsigned batch = 1; batch <= 3; batch++) {
            struct fixture other;
            fixture_begin(&other, "/dev/shm");
            fixture_open(&other);
            for (unsigned i = 0; i < lead; i++) {
                fixture_put(&other, 1);
            }
            if (batch > 1) {
                fixture_write_all(&other);
            }
            for (unsigned i = 0; i < 3 * batch; i++) {
                fixture_put(&other, 2);
                if (i % batch == 0) {
                    fixture_write_all(&other);
                }
            }
            fixture_write_all(&other);
            cr_expect_eq(other.words.written_lsn, lead + 6 * batch);
            cr_expect(pairs_stand_together(&other), "lead %u batch %u", lead, batch);
            fixture_end(&other);
        }
    }
}

Test(writer, a_log_of_many_segments_reads_back_record_by_record)
{
    fixture_open(&fixture);
    srand(1);
    while (fixture.producer.next < 6 * FIXTURE_SEGMENT_SLOTS) {
        fixture_put_mix(&fixture, (uint64_t)(rand() % 300));
        fixture_settle(&fixture);
    }
    struct walk walk = fixture_walk(&fixture, true);
    cr_expect_eq(walk.lsn, fixture.producer.next - 1);
    cr_expect_geq(walk.segments, 6);
    cr_expect_eq(fixture.words.written_position,
                 (walk.segments - 1) * HF_SEGMENT_BYTES_MIN + walk.end_offset);
}

Test(writer, it_waits_for_a_segment_that_is_not_ready)
{
    fixture_open(&fixture);
    for (unsigned i = 0; i < 2000; i++) {
        fixture_put(&fixture, 1);
    }
    int64_t done;
    while ((done = hf_wal_writer_do_work(fixture.wal)) > 0) {
    }
    cr_expect_eq(done, 0);
    cr_expect_eq(fixture.words.written_lsn, FIXTURE_SEGMENT_SLOTS - 1);
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), 0);
    hf_wal_prepare_do_work(fixture.wal, fixture.now_ns); /* makes it */
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), 0, "made, but there are no zeros yet");
    hf_wal_prepare_do_work(fixture.wal, fixture.now_ns); /* zeros */
    cr_expect_gt(hf_wal_writer_do_work(fixture.wal), 0);
    cr_expect_eq(fixture_walk(&fixture, false).lsn, fixture.words.written_lsn);
}

Test(writer, it_never_writes_where_no_zeros_are_laid)
{
    fixture_open(&fixture);
    struct hf_wal_segment *segment = hf_wal_segment_at(fixture.wal, 0);
    hf_store_release(&segment->zeroed_bytes, HF_SEGMENT_HEADER_BYTES);
    for (unsigned i = 0; i < 300; i++) {
        fixture_put(&fixture, 1);
    }
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), 0);
    hf_store_release(&segment->zeroed_bytes, HF_SEGMENT_HEADER_BYTES + 4096);
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), 63, "and a group");
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), 0);
    hf_store_release(&segment->zeroed_bytes, HF_SEGMENT_HEADER_BYTES + 8192);
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), 63);
}

Test(writer, no_space_for_the_segment_it_needs_is_final)
{
    fixture_open(&fixture);
    hf_store_relaxed(&fixture.wal->no_space, 1);
    for (unsigned i = 0; i < FIXTURE_SEGMENT_SLOTS - 1; i++) {
        fixture_put(&fixture, 1);
    }
    while (hf_wal_writer_do_work(fixture.wal) > 0) {
    }
    cr_expect_str_empty(hf_wal_error_text(fixture.wal), "the current segment was enough");
    fixture_put(&fixture, 1);
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), HF_E_NO_SPACE);
    cr_expect_eq(hf_wal_writer_do_work(fixture.wal), HF_E_NO_SPACE);
    cr_expect_not_null(strstr(hf_wal_error_text(fixture.wal), "segment 2"));
    cr_expect_eq(fixture.words.written_lsn, FIXTURE_SEGMENT_SLOTS - 1);
    cr_expect_gt(hf_wal_sync_all(fixture.wal), 0, "what is written can still be made durable");
}

Test(writer, pmem_writes_the_same_log)
{
    fixture_force_pmem();
    fixture_open(&fixture);
    cr_assert_str_eq(hf_wal_io_name(fixture.wal), "pmem");
    while (fixture.producer.next < 3 * FIXTURE_SEGMENT_SLOTS) {
        fixture_put_mix(&fixture, 100);
        fixture_settle(&fixture);
    }
    cr_expect_eq(fixture_walk(&fixture, true).lsn, fixture.producer.next - 1);
}
