/*
 * test_sync.c - the sync stage: when it flushes, what it publishes, how it fails.
 */
#include "wal/io_internal.h"
#include "wal/log_fixture.h"

#include <errno.h>

#define INTERVAL_NS 10000000u

static struct fixture fixture;

/* A medium that notes what is asked of it and fails on demand. */
static struct {
    unsigned calls;
    int result;
    const struct hf_wal_file *fail_file; /* -ENOSPC for this one */
    uint64_t offset[64];
    size_t len_bytes[64];
    const struct hf_wal_file *file[64];
    unsigned populated;
    uint64_t populated_offset;
    uint64_t populated_bytes;
} medium;

static void
fake_write(struct hf_wal_file *file, uint64_t offset, const void *data, size_t len_bytes)
{
    memcpy(file->base + offset, data, len_bytes);
}

static void
fake_commit(struct hf_wal_file *file)
{
    (void)file;
}

static int
fake_flush(struct hf_wal_file *file, uint64_t offset, size_t len_bytes)
{
    unsigned call = medium.calls++ % 64;
    medium.offset[call] = offset;
    medium.len_bytes[call] = len_bytes;
    medium.file[call] = file;
    return file == medium.fail_file ? -ENOSPC : medium.result;
}

static void
fake_populate(struct hf_wal_file *file, uint64_t offset, uint64_t len_bytes)
{
    (void)file;
    medium.populated++;
    medium.populated_offset = offset;
    medium.populated_bytes = len_bytes;
}

static const struct hf_wal_io fake_io = {
    .name = "fake",
    .write = fake_write,
    .commit = fake_commit,
    .flush = fake_flush,
    .zero = hf_wal_file_zero,
    .populate = fake_populate,
};

static void
open_with_fake_medium(void)
{
    fixture_open(&fixture);
    for (unsigned i = 0; i < 10; i++) {
        hf_wal_prepare_do_work(fixture.wal, 0);
    }
    for (uint64_t i = 0; i < fixture.wal->prepare.made; i++) {
        hf_wal_segment_at(fixture.wal, i)->file.io = &fake_io;
    }
}

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

TestSuite(sync, .init = begin, .fini = end);

static void
write_records(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        cr_assert(fixture_put(&fixture, 1));
    }
    while (hf_wal_writer_do_work(fixture.wal) > 0) {
    }
}

static uint64_t
released(void)
{
    return ((struct hf_queue_object *)fixture.queue.base)->released;
}

Test(sync, nothing_written_is_nothing_due)
{
    open_with_fake_medium();
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, UINT64_MAX), 0);
    cr_expect_eq(hf_wal_sync_due_ns(fixture.wal), UINT64_MAX);
    cr_expect_eq(medium.calls, 0);
}

Test(sync, the_page_that_records_go_on_in_is_made_ready_when_there_is_nothing_else_to_do)
{
    fixture.config.mode = HF_WAL_SYNC;
    open_with_fake_medium();
    medium.populated = 0;
    write_records(1);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 0), 1);
    write_records(1);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 0), 1);
    cr_expect_eq(medium.populated, 0, "who waits for the flush is told first");
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 0), 0);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 0), 0);
    cr_expect_eq(medium.populated, 1, "once behind a flush");
    cr_expect_eq(medium.populated_offset, HF_SEGMENT_HEADER_BYTES);
    cr_expect_eq(medium.populated_bytes, 4096);
}

Test(sync, the_policy_decides_when_a_flush_is_due)
{
    static const struct {
        const char *what;
        enum hf_wal_mode mode;
        unsigned records;
        uint64_t wanted;
        uint64_t wait_ns; /* since the records were first seen */
        bool due;
    } cases[] = {
        {"few and young", HF_WAL_GROUP, 5, 0, 0, false},
        {"just before the interval", HF_WAL_GROUP, 5, 0, INTERVAL_NS - 1, false},
        {"the interval has passed", HF_WAL_GROUP, 5, 0, INTERVAL_NS, true},
        {"one below the batch", HF_WAL_GROUP, 99, 0, 0, false},
        {"the batch is full", HF_WAL_GROUP, 100, 0, 0, true},
        {"somebody waits", HF_WAL_GROUP, 1, 1, 0, true},
        {"somebody waits for more than is written", HF_WAL_GROUP, 1, 50, 0, true},
        {"sync mode", HF_WAL_SYNC, 1, 0, 0, true},
        {"memory mode never flushes", HF_WAL_MEMORY, 500, 1, INTERVAL_NS, false},
    };
    end();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        fixture.config.mode = cases[i].mode;
        fixture.config.flush_records = 100;
        open_with_fake_medium();
        medium.calls = 0;
        if (cases[i].wait_ns > 0) {
            write_records(1);
            cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 777) > 0, cases[i].mode != HF_WAL_GROUP,
                         "%s: seen, not due", cases[i].what);
            write_records(cases[i].records - 1);
        } else {
            write_records(cases[i].records);
        }
        fixture.words.durable_wanted = cases[i].wanted;
        int64_t done = hf_wal_sync_do_work(fixture.wal, 777 + cases[i].wait_ns);
        if (cases[i].mode != HF_WAL_MEMORY) {
            cr_expect_eq(done, cases[i].due ? cases[i].records : 0, "%s", cases[i].what);
        }
        cr_expect_eq(medium.calls, cases[i].due ? 1 : 0, "%s", cases[i].what);
        cr_expect_eq(fixture.words.durable_lsn, cases[i].due ? cases[i].records : 0, "%s",
                     cases[i].what);
        if (i + 1 < sizeof(cases) / sizeof(cases[0])) {
            end();
        }
    }
}

Test(sync, a_flush_is_due_when_half_of_the_queue_waits_for_it)
{
    fixture.config.flush_records = 2 * FIXTURE_SLOTS;
    open_with_fake_medium();
    cr_expect_eq(hf_wal_flush_records(fixture.wal), FIXTURE_SLOTS / 2);
    for (unsigned i = 0; i + 1 < FIXTURE_SLOTS / 2; i++) {
        cr_assert(fixture_put(&fixture, 1));
    }
    fixture_write_all(&fixture);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), 0);
    cr_assert(fixture_put(&fixture, 1));
    fixture_write_all(&fixture);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), FIXTURE_SLOTS / 2);
    cr_expect_eq(released(), FIXTURE_SLOTS / 2);
}

Test(sync, a_wish_that_is_fulfilled_hurries_nothing)
{
    open_with_fake_medium();
    write_records(1);
    fixture.words.durable_wanted = 1;
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), 1);
    write_records(1);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), 0);
}

Test(sync, the_due_time_is_told_from_when_the_oldest_record_was_seen)
{
    open_with_fake_medium();
    write_records(1);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 5000), 0);
    cr_expect_eq(hf_wal_sync_due_ns(fixture.wal), 5000 + INTERVAL_NS);
    write_records(1);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 6000), 0);
    cr_expect_eq(hf_wal_sync_due_ns(fixture.wal), 5000 + INTERVAL_NS);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 5000 + INTERVAL_NS), 2);
    cr_expect_eq(hf_wal_sync_due_ns(fixture.wal), UINT64_MAX);
}

Test(sync, a_flush_covers_exactly_what_was_written_since_the_last)
{
    open_with_fake_medium();
    write_records(10);
    cr_expect_eq(hf_wal_sync_all(fixture.wal), 10);
    write_records(5);
    cr_expect_eq(hf_wal_sync_all(fixture.wal), 5);
    cr_expect_eq(medium.calls, 2);
    cr_expect_eq(medium.offset[0], 4096);
    cr_expect_eq(medium.len_bytes[0], 11 * 64);
    cr_expect_eq(medium.offset[1], 4096 + 11 * 64);
    cr_expect_eq(medium.len_bytes[1], 6 * 64);
    cr_expect_eq(fixture.words.flushes, 2);
    cr_expect_leq(fixture.words.flush_ns_max, fixture.words.flush_ns_sum);
}

Test(sync, the_rest_of_an_old_segment_is_flushed_before_the_header_of_the_next)
{
    open_with_fake_medium();
    write_records(1000);
    cr_expect_eq(hf_wal_sync_all(fixture.wal), 1000);
    cr_expect_eq(medium.calls, 2);
    cr_expect_eq(medium.file[0], &hf_wal_segment_at(fixture.wal, 0)->file);
    cr_expect_eq(medium.offset[0] + medium.len_bytes[0], HF_SEGMENT_BYTES_MIN);
    cr_expect_eq(medium.file[1], &hf_wal_segment_at(fixture.wal, 1)->file);
    cr_expect_eq(medium.offset[1], 0, "with its header");
}

Test(sync, queue_slots_are_released_only_when_durable)
{
    open_with_fake_medium();
    write_records(20);
    hf_wal_sync_do_work(fixture.wal, 1);
    cr_expect_eq(released(), 0);
    hf_wal_sync_do_work(fixture.wal, 1 + INTERVAL_NS);
    cr_expect_eq(released(), 20);
}

Test(sync, memory_mode_releases_what_is_written_and_calls_nothing_durable)
{
    fixture.config.mode = HF_WAL_MEMORY;
    open_with_fake_medium();
    write_records(20);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), 20);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), 0);
    cr_expect_eq(released(), 20);
    cr_expect_eq(fixture.words.durable_lsn, 0);
    cr_expect_eq(medium.calls, 0);
    cr_expect_eq(hf_wal_sync_due_ns(fixture.wal), UINT64_MAX);
}

Test(sync, memory_mode_is_made_durable_as_a_whole_at_a_clean_stop)
{
    fixture.config.mode = HF_WAL_MEMORY;
    fixture_open(&fixture);
    for (unsigned i = 0; i < 40; i++) {
        fixture_put_mix(&fixture, 100);
        fixture_write_all(&fixture);
        cr_expect_gt(hf_wal_sync_do_work(fixture.wal, 1), 0);
    }
    uint64_t last = fixture.producer.next - 1;
    cr_expect_gt(fixture.wal->prepare.freed, 2, "old segments are unmapped meanwhile");
    cr_expect_eq(fixture.words.durable_lsn, 0);
    cr_expect_eq(hf_wal_sync_all(fixture.wal), (int64_t)last);
    cr_expect_eq(fixture.words.durable_lsn, last);
    cr_expect_eq(fixture_walk(&fixture, true).lsn, last);
}

Test(sync, a_failed_flush_is_final_and_named)
{
    open_with_fake_medium();
    write_records(10);
    cr_expect_eq(hf_wal_sync_all(fixture.wal), 10);
    write_records(5);
    medium.result = -EIO;
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), 0);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1 + INTERVAL_NS), HF_E_IO);
    medium.result = 0; /* as the kernel would say */
    unsigned calls = medium.calls;
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1 + 2 * INTERVAL_NS), HF_E_IO);
    cr_expect_eq(hf_wal_sync_all(fixture.wal), HF_E_IO);
    cr_expect_eq(medium.calls, calls, "never flushed again");
    cr_expect_eq(fixture.words.durable_lsn, 10);
    cr_expect_eq(released(), 10);
    const char *text = hf_wal_error_text(fixture.wal);
    cr_expect_not_null(strstr(text, "00000000000000000001.wal"), "%s", text);
    cr_expect_not_null(strstr(text, "offset 4800"), "%s", text);
    cr_expect_not_null(strstr(text, "errno 5"), "%s", text);
    cr_expect_eq(fixture.wal->error_errno, EIO);
}

Test(sync, a_flush_that_fails_in_the_second_segment_publishes_nothing_of_the_first)
{
    open_with_fake_medium();
    write_records(1000);
    medium.fail_file = &hf_wal_segment_at(fixture.wal, 1)->file;
    cr_expect_eq(hf_wal_sync_all(fixture.wal), HF_E_NO_SPACE);
    cr_expect_eq(medium.calls, 2);
    cr_expect_eq(fixture.words.durable_lsn, 0);
    cr_expect_eq(released(), 0);
}

Test(sync, records_that_arrive_during_a_flush_wait_for_the_next)
{
    open_with_fake_medium();
    write_records(10);
    hf_wal_sync_do_work(fixture.wal, 1);
    write_records(3);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1 + INTERVAL_NS), 13);
    write_records(2);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 2 + INTERVAL_NS), 0);
    cr_expect_eq(fixture.words.durable_lsn, 13);
}

Test(sync, pmem_is_durable_at_once)
{
    fixture_force_pmem();
    fixture_open(&fixture);
    write_records(3);
    cr_expect_eq(hf_wal_sync_do_work(fixture.wal, 1), 3);
    cr_expect_eq(fixture.words.durable_lsn, 3);
}

Test(sync, segments_left_behind_are_retired_once_durable)
{
    fixture_open(&fixture);
    while (fixture.producer.next < 4 * FIXTURE_SEGMENT_SLOTS) {
        fixture_put_mix(&fixture, 200);
        fixture_write_all(&fixture);
    }
    cr_expect_eq(fixture.wal->prepare.freed, 0, "not before they are durable");
    cr_expect_gt(hf_wal_sync_all(fixture.wal), 0);
    fixture_write_all(&fixture);
    cr_expect_eq(fixture.wal->prepare.freed, fixture.wal->writer.index);
}

Test(sync, a_segment_filled_to_its_end_is_the_writers_until_it_enters_the_next)
{
    fixture_open(&fixture);
    write_records(FIXTURE_SEGMENT_SLOTS - 1);
    cr_assert_eq(fixture.words.written_position, HF_SEGMENT_BYTES_MIN);
    cr_expect_gt(hf_wal_sync_all(fixture.wal), 0);
    cr_expect_eq(fixture.wal->retired, 0);
    fixture_put(&fixture, 1);
    fixture_settle(&fixture);
    cr_expect_eq(fixture.wal->retired, 1);
}
