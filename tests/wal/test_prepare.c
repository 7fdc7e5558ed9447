/*
 * test_prepare.c - the preparer's stage.
 */
#include "wal/log_fixture.h"

#include <sys/mount.h>

#define SECOND_NS 1000000000u

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

TestSuite(prepare, .init = begin, .fini = end);

static bool
segment_exists(uint64_t number)
{
    char path[512];
    fixture_path(&fixture, number, path);
    return access(path, F_OK) == 0;
}

Test(prepare, the_reserve_is_made_zeroed_and_then_there_is_nothing_to_do)
{
    fixture.config.reserve_segments = 3;
    fixture_open(&fixture);
    fixture_write_all(&fixture);
    cr_expect_eq(fixture.wal->prepare.made, 4);
    cr_expect(segment_exists(4));
    cr_expect_not(segment_exists(5));
    for (uint64_t i = 0; i < 4; i++) {
        cr_expect_eq(hf_wal_segment_at(fixture.wal, i)->zeroed_bytes, HF_SEGMENT_BYTES_MIN);
    }
    cr_expect_eq(hf_wal_prepare_do_work(fixture.wal, 0), 0);
    cr_expect_not(hf_wal_low(fixture.wal));
}

Test(prepare, the_reserve_moves_with_the_writer)
{
    fixture_open(&fixture);
    while (fixture.producer.next < 3 * FIXTURE_SEGMENT_SLOTS) {
        fixture_put_mix(&fixture, 100);
        fixture_settle(&fixture);
        cr_expect_eq(fixture.wal->prepare.made, fixture.wal->writer.index + 3);
    }
}

Test(prepare, opening_lays_only_the_first_zeros)
{
    fixture.config.segment_bytes = 64u << 20;
    fixture_open(&fixture);
    cr_expect_eq(hf_wal_segment_at(fixture.wal, 0)->zeroed_bytes,
                 HF_WAL_AHEAD_BYTES + HF_SEGMENT_HEADER_BYTES);
    hf_wal_prepare_do_work(fixture.wal, 0);
    cr_expect_eq(hf_wal_segment_at(fixture.wal, 0)->zeroed_bytes,
                 HF_WAL_AHEAD_BYTES + HF_SEGMENT_HEADER_BYTES + HF_WAL_STEP_BYTES);
}

Test(prepare, pages_are_made_ready_a_few_mib_ahead_of_the_writer_and_no_more)
{
    fixture.config.segment_bytes = 64u << 20;
    fixture_open(&fixture);
    for (unsigned i = 0; i < 30; i++) {
        hf_wal_prepare_do_work(fixture.wal, 0);
    }
    cr_expect_geq(fixture.wal->prepare.populated, HF_WAL_AHEAD_BYTES);
    cr_expect_leq(fixture.wal->prepare.populated, HF_WAL_AHEAD_BYTES + 2 * HF_WAL_STEP_BYTES);
}

Test(prepare, zeros_never_hit_a_record)
{
    fixture_open(&fixture);
    srand(7);
    while (fixture.producer.next < 5 * FIXTURE_SEGMENT_SLOTS) {
        fixture_put_mix(&fixture, (uint64_t)(rand() % 90));
        if (rand() % 3 == 0) {
            hf_wal_prepare_do_work(fixture.wal, 0);
        }
        hf_wal_writer_do_work(fixture.wal);
        if (rand() % 2 == 0) {
            hf_wal_sync_all(fixture.wal);
        }
    }
    fixture_settle(&fixture);
    cr_expect_eq(fixture_walk(&fixture, true).lsn, fixture.producer.next - 1);
}

Test(prepare, a_foreign_file_in_the_way_is_a_final_error)
{
    fixture_open(&fixture);
    cr_assert_eq(hf_segment_create(fixture.directory, 2, HF_SEGMENT_BYTES_MIN, "x", 1), 0);
    cr_expect_eq(hf_wal_prepare_do_work(fixture.wal, 0), HF_E_SYSTEM);
    cr_expect_eq(hf_wal_prepare_do_work(fixture.wal, 0), HF_E_SYSTEM);
    cr_expect_not_null(strstr(hf_wal_error_text(fixture.wal), "00000000000000000002.wal"));
    cr_expect_not_null(strstr(hf_wal_error_text(fixture.wal), "move it away"));
}

Test(prepare, a_full_disk_is_low_then_final_for_the_writer_and_the_log_stays_clean)
{
    if (mount("tmpfs", fixture.directory, "tmpfs", 0, "size=512k") != 0) {
        cr_log_warn("skipped: mount needs root");
        return;
    }
    fixture.config.reserve_segments = 3;
    fixture_open(&fixture);
    int64_t written = 0;
    bool low_before_end = false;
    while (written >= 0) {
        while (fixture_put(&fixture, 1)) {
        }
        written = hf_wal_writer_do_work(fixture.wal);
        hf_wal_prepare_do_work(fixture.wal, fixture.now_ns += SECOND_NS);
        hf_wal_sync_all(fixture.wal);
        low_before_end |= hf_wal_low(fixture.wal) && written > 0;
    }
    cr_expect(low_before_end);
    cr_expect_eq(written, HF_E_NO_SPACE);
    uint64_t last = fixture.words.durable_lsn;
    cr_expect_eq(last, fixture.words.written_lsn);
    struct walk walk = fixture_walk(&fixture, false);
    cr_expect_eq(walk.lsn, last);
    cr_expect_geq(walk.segments, 6);
    fixture_close(&fixture);
    umount2(fixture.directory, MNT_DETACH);
}

Test(prepare, after_a_shortage_it_tries_again_every_second_until_there_is_space)
{
    char ballast[512];
    if (mount("tmpfs", fixture.directory, "tmpfs", 0, "size=512k") != 0) {
        cr_log_warn("skipped: mount needs root");
        return;
    }
    cr_assert_eq(hf_segment_create(fixture.directory, 99, 384u << 10, NULL, 0), 0);
    fixture_path(&fixture, 99, ballast);
    fixture_open(&fixture);
    for (unsigned i = 0; i < 5; i++) {
        cr_expect_geq(hf_wal_prepare_do_work(fixture.wal, SECOND_NS), 0);
    }
    cr_expect(hf_wal_low(fixture.wal));
    cr_assert_eq(unlink(ballast), 0);
    hf_wal_prepare_do_work(fixture.wal, 2 * SECOND_NS - 1);
    cr_expect(hf_wal_low(fixture.wal), "not before a second has passed");
    hf_wal_prepare_do_work(fixture.wal, 2 * SECOND_NS);
    cr_expect_not(hf_wal_low(fixture.wal));
    fixture_close(&fixture);
    umount2(fixture.directory, MNT_DETACH);
}

/** An open log with records in its first segment. */
static void
write_first(char path[512])
{
    fixture_open(&fixture);
    fixture_put_mix(&fixture, 10);
    fixture_write_all(&fixture);
    cr_assert_eq(hf_wal_check_files(fixture.wal), 0);
    fixture_path(&fixture, 1, path);
}

static void
expect_ended_with_its_name(void)
{
    cr_expect_lt(hf_wal_prepare_do_work(fixture.wal, 100 * (uint64_t)SECOND_NS), 0);
    cr_expect_not_null(strstr(hf_wal_error_text(fixture.wal), "00000000000000000001.wal"));
    cr_expect_not_null(strstr(hf_wal_error_text(fixture.wal), "was removed or moved"));
    cr_expect_lt(hf_wal_check_files(fixture.wal), 0);
}

Test(prepare, a_file_that_was_removed_under_the_writer_ends_the_log_with_its_name)
{
    char path[512];
    write_first(path);
    cr_assert_eq(unlink(path), 0);
    expect_ended_with_its_name();
}

Test(prepare, a_file_that_was_moved_under_the_writer_ends_the_log_with_its_name)
{
    char path[512];
    char aside[600];
    write_first(path);
    (void)snprintf(aside, sizeof(aside), "%s.aside", path);
    cr_assert_eq(rename(path, aside), 0);
    expect_ended_with_its_name();
}

Test(prepare, a_copy_in_the_place_of_the_file_ends_the_log_with_its_name)
{
    char path[512];
    char aside[600];
    char first[4096];
    write_first(path);
    fixture_read(&fixture, 1, 0, first, sizeof(first));
    (void)snprintf(aside, sizeof(aside), "%s.aside", path);
    cr_assert_eq(link(path, aside), 0);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(
        hf_segment_create(fixture.directory, 1, fixture.config.segment_bytes, first, sizeof(first)),
        0);
    expect_ended_with_its_name();
}

Test(prepare, the_name_of_a_segment_that_is_retired_may_go)
{
    char path[512];
    write_first(path);
    hf_store_release(&fixture.wal->retired, 1);
    cr_assert_eq(unlink(path), 0);
    cr_expect_eq(hf_wal_check_files(fixture.wal), 0);
}
