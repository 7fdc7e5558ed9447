/*
 * test_io_direct.c - O_DIRECT through io_uring, on real files.
 */
#include "wal/log_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>

#define BLOCK HF_WAL_BLOCK_BYTES
#define SEGMENT_BYTES ((uint64_t)10 << 20) /* more than 8 pieces of 1 MiB */
#define WINDOW_BYTES ((uint64_t)16 * BLOCK)

static struct fixture fixture;
static struct hf_wal_direct *direct;
static struct hf_wal_file files[2]; /* segments 1 and 2 */
static unsigned char expected[2 * SEGMENT_BYTES];

static void
open_window(uint64_t window_bytes)
{
    cr_assert_eq(hf_wal_direct_create(&direct, window_bytes, 0), 0);
}

/** Two segments whose zeros are laid, next to each other in the log. */
static void
open_files(void)
{
    char path[512];
    for (unsigned i = 0; i < 2; i++) {
        cr_assert_eq(hf_segment_create(fixture.directory, i + 1, SEGMENT_BYTES, NULL, 0), 0);
        fixture_path(&fixture, i + 1, path);
        cr_assert_eq(hf_wal_direct_open(&files[i], path, direct, i * SEGMENT_BYTES), 0);
        cr_assert_eq(files[i].io->zero(&files[i], 0, SEGMENT_BYTES), 0);
    }
}

static void
begin(void)
{
    memset(expected, 0, sizeof(expected));
    fixture_directory(&fixture, "/var/tmp"); /* no tmpfs: a file system over a block device */
}

static void
close_files(void)
{
    hf_wal_file_close(&files[0]);
    hf_wal_file_close(&files[1]);
    hf_wal_direct_destroy(direct);
    direct = NULL;
}

static void
end(void)
{
    close_files();
    fixture_end(&fixture);
}

TestSuite(io_direct, .init = begin, .fini = end);

/** Write bytes that differ from position to position. */
static void
write_at(uint64_t position, size_t len_bytes)
{
    struct hf_wal_file *file = &files[position / SEGMENT_BYTES];
    for (size_t i = 0; i < len_bytes; i++) {
        uint64_t at = position + i;
        expected[at] = (unsigned char)(1 + (at * 7 + at / 251) % 255);
    }
    file->io->write(file, position % SEGMENT_BYTES, expected + position, len_bytes);
    file->io->commit(file);
}

static int
flush_at(uint64_t position, size_t len_bytes)
{
    struct hf_wal_file *file = &files[position / SEGMENT_BYTES];
    return file->io->flush(file, position % SEGMENT_BYTES, len_bytes);
}

/** Through the page cache, as every reader of the log does. */
static void
expect_in_files(void)
{
    static unsigned char found[SEGMENT_BYTES];
    for (unsigned i = 0; i < 2; i++) {
        const unsigned char *wanted = expected + i * SEGMENT_BYTES;
        fixture_read(&fixture, i + 1, 0, found, sizeof(found));
        uint64_t at = 0;
        while (at < SEGMENT_BYTES && found[at] == wanted[at]) {
            at++;
        }
        cr_assert_eq(at, SEGMENT_BYTES, "segment %u differs at offset %u", i + 1, (unsigned)at);
    }
}

Test(io_direct, what_is_flushed_is_in_the_file_whatever_its_ends)
{
    static const size_t lengths[] = {64,   64,   4096 - 128, 4096, 8192,    4096 + 64,
                                     4032, 128,  60000,      64,   30 * 64, 65536,
                                     4096, 4096, 1000 * 64,  4096};
    uint64_t position = SEGMENT_BYTES - 500 * BLOCK;
    cr_assert_eq(hf_wal_direct_create(&direct, WINDOW_BYTES + 9 * BLOCK, position), 0);
    open_files();
    for (unsigned i = 0; position < SEGMENT_BYTES + 500 * BLOCK; i++) {
        size_t len_bytes = lengths[i % (sizeof(lengths) / sizeof(lengths[0]))];
        if (position < SEGMENT_BYTES && position + len_bytes > SEGMENT_BYTES) {
            len_bytes = SEGMENT_BYTES - position;
        }
        write_at(position, len_bytes);
        cr_assert_eq(flush_at(position, len_bytes), 0);
        position += len_bytes;
    }
    expect_in_files();
}

Test(io_direct, a_flush_of_more_pieces_than_go_at_a_time_brings_all)
{
    open_window(2 * SEGMENT_BYTES);
    open_files();
    for (unsigned i = 0; i < 2; i++) {
        write_at(i * SEGMENT_BYTES, SEGMENT_BYTES);
    }
    cr_assert_eq(flush_at(0, SEGMENT_BYTES), 0);
    cr_assert_eq(flush_at(SEGMENT_BYTES, SEGMENT_BYTES), 0);
    expect_in_files();
}

Test(io_direct, nothing_is_in_the_file_before_its_flush)
{
    unsigned char found[64];
    open_window(WINDOW_BYTES);
    open_files();
    write_at(0, 64);
    fixture_read(&fixture, 1, 0, found, sizeof(found));
    cr_expect_eq(found[5], 0);
    cr_assert_eq(flush_at(0, 64), 0);
    fixture_read(&fixture, 1, 0, found, sizeof(found));
    cr_expect_eq(found[5], expected[5]);
    expect_in_files();
}

Test(io_direct, the_rest_of_a_header_page_is_zero_although_the_window_held_a_lap_before)
{
    open_window(WINDOW_BYTES);
    open_files();
    for (uint64_t position = 0; position < SEGMENT_BYTES; position += WINDOW_BYTES / 2) {
        write_at(position, WINDOW_BYTES / 2);
        cr_assert_eq(flush_at(position, WINDOW_BYTES / 2), 0);
    }
    write_at(SEGMENT_BYTES, 128); /* a header, and records behind its page */
    write_at(SEGMENT_BYTES + BLOCK, 640);
    cr_assert_eq(flush_at(SEGMENT_BYTES, BLOCK + 640), 0);
    expect_in_files();
}

Test(io_direct, a_last_block_is_written_again_with_the_same_beginning)
{
    open_window(WINDOW_BYTES);
    open_files();
    for (uint64_t position = 0; position < 3 * BLOCK; position += 64) {
        write_at(position, 64);
        cr_assert_eq(flush_at(position, 64), 0);
        if (position % 1024 == 0) {
            expect_in_files();
        }
    }
    expect_in_files();
}

Test(io_direct, a_block_that_is_not_flushed_is_never_stored_over, .signal = SIGABRT)
{
    open_window(WINDOW_BYTES);
    open_files();
    write_at(0, 64);
    cr_assert_eq(flush_at(0, 64), 0);
    write_at(64, WINDOW_BYTES - 64); /* the window is full: its first block is still needed */
    write_at(WINDOW_BYTES, 64);
}

/* At once, and in pieces of which some are under way when one fails. */
static const size_t flush_lengths[] = {10 * BLOCK, 5 << 20};

Test(io_direct, the_limit_of_a_files_length_fails_the_flush_with_its_error)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    for (unsigned i = 0; i < 2; i++) {
        struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
        open_window(SEGMENT_BYTES);
        open_files();
        limit.rlim_cur = flush_lengths[i] - 2 * BLOCK; /* some of it can be written */
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        write_at(0, flush_lengths[i]);
        cr_expect_eq(flush_at(0, flush_lengths[i]), -EFBIG);
        limit.rlim_cur = RLIM_INFINITY;
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        close_files();
        fixture_end(&fixture);
        begin();
    }
}

/** A segment on a disk that has no room for it any more: its space is given to another file. */
static void
open_on_full_disk(void)
{
    char path[512];
    char other[600];
    open_window(SEGMENT_BYTES);
    cr_assert_eq(hf_segment_create(fixture.directory, 1, SEGMENT_BYTES, NULL, 0), 0);
    fixture_path(&fixture, 1, path);
    cr_assert_eq(hf_wal_direct_open(&files[0], path, direct, 0), 0);
    cr_assert_eq(ftruncate(files[0].fd, BLOCK), 0);
    snprintf(other, sizeof(other), "%s/other", fixture.directory);
    int fd = open(other, O_RDWR | O_CREAT, 0600);
    cr_assert_eq(posix_fallocate(fd, 0, SEGMENT_BYTES + 2 * BLOCK), 0);
    close(fd);
}

Test(io_direct, a_full_disk_fails_the_flush_with_its_error)
{
    for (unsigned i = 0; i < 2; i++) {
        if (mount("tmpfs", fixture.directory, "tmpfs", 0, "size=10256k") != 0) {
            cr_log_warn("skipped: mount needs root");
            return;
        }
        open_on_full_disk();
        write_at(0, flush_lengths[i]);
        cr_expect_eq(flush_at(0, flush_lengths[i]), -ENOSPC);
        umount2(fixture.directory, MNT_DETACH);
        close_files();
    }
}

Test(io_direct, places_that_are_no_blocks_are_an_error_and_not_asked_for_again)
{
    char path[512];
    static struct hf_wal_file odd;
    open_window(WINDOW_BYTES);
    open_files();
    fixture_path(&fixture, 1, path);
    /* As if a segment began in the middle of a sector. */
    cr_assert_eq(hf_wal_direct_open(&odd, path, direct, 100), 0);
    unsigned char bytes[64] = {1};
    odd.io->write(&odd, 0, bytes, sizeof(bytes));
    cr_expect_eq(odd.io->flush(&odd, 0, sizeof(bytes)), -EINVAL);
    hf_wal_file_close(&odd);
}

Test(io_direct, an_open_segment_holds_a_lock_that_who_comes_next_waits_for)
{
    char path[512];
    open_window(WINDOW_BYTES);
    open_files();
    fixture_path(&fixture, 2, path);
    int fd = open(path, O_RDONLY);
    cr_expect_eq(flock(fd, LOCK_EX | LOCK_NB), -1);
    cr_expect_eq(errno, EWOULDBLOCK);
    close_files();
    cr_expect_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
    close(fd);
    cr_expect_eq(hf_segment_await_writes(fixture.directory, path, sizeof(path)), 0);
}

Test(io_direct, a_file_system_without_o_direct_is_refused)
{
    open_window(WINDOW_BYTES);
    cr_expect_eq(hf_wal_direct_open(&files[0], "/proc/self/comm", direct, 0), -ENOTSUP);
    cr_expect_eq(files[0].fd, -1);
}

Test(io_direct, the_stages_write_a_whole_log_of_several_segments)
{
    struct fixture log;
    fixture_begin(&log, "/var/tmp");
    log.config.io = HF_WAL_IO_DIRECT;
    fixture_open(&log);
    cr_expect_str_eq(hf_wal_io_name(log.wal), "direct");
    for (unsigned i = 0; i < 20; i++) {
        fixture_put_mix(&log, FIXTURE_SEGMENT_SLOTS / 3 + i);
        fixture_settle(&log);
        cr_expect_eq(fixture_walk(&log, true).lsn, log.producer.next - 1);
    }
    struct walk walk = fixture_walk(&log, true);
    cr_expect_geq(walk.segments, 7);
    fixture_close(&log);
    cr_expect_eq(fixture_walk(&log, true).lsn, walk.lsn);
    fixture_end(&log);
}

Test(io_direct, a_group_of_a_record_each_fits_into_the_window)
{
    struct fixture log;
    fixture_begin(&log, "/var/tmp");
    log.config.io = HF_WAL_IO_DIRECT;
    fixture_open(&log);
    for (unsigned round = 0; round < 3; round++) { /* the queue full of batches of one record */
        while (fixture_put(&log, 1)) {
            while (hf_wal_writer_do_work(log.wal) == 0) {
                cr_assert_geq(hf_wal_prepare_do_work(log.wal, log.now_ns), 0);
            }
        }
        cr_assert_gt(hf_wal_sync_all(log.wal), 0);
    }
    fixture_settle(&log);
    cr_expect_eq(fixture_walk(&log, false).lsn, log.producer.next - 1);
    fixture_end(&log);
}
