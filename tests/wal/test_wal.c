/*
 * test_wal.c - opening and closing the log.
 */
#include "wal/log_fixture.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/resource.h>

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

TestSuite(wal, .init = begin, .fini = end);

static int
try_open(void)
{
    fixture.error[0] = '\0';
    return hf_wal_open(&fixture.wal, &fixture.config, &fixture.start, &fixture.queue,
                       &fixture.marks, fixture.error, sizeof(fixture.error));
}

Test(wal, opening_makes_the_first_segment_with_its_header)
{
    unsigned char page[HF_SEGMENT_HEADER_BYTES];
    struct hf_segment_header header;
    const char *why;
    fixture.start = (struct hf_wal_start){
        .epoch = 4, .segment = 9, .base_lsn = 501, .chain = 77, .durable_lsn = 500};
    fixture_open(&fixture);
    fixture_read(&fixture, 9, 0, page, sizeof(page));
    cr_assert_eq(hf_segment_header_check(page, &why), HF_HEADER_GOOD);
    memcpy(&header, page, sizeof(header));
    cr_expect_eq(header.instance_id, FIXTURE_INSTANCE_ID);
    cr_expect_eq(header.number, 9);
    cr_expect_eq(header.epoch, 4);
    cr_expect_eq(header.base_lsn, 501);
    cr_expect_eq(header.chain, 77);
    cr_expect_eq(header.floor_lsn, 500);
    cr_expect_eq(header.segment_bytes, HF_SEGMENT_BYTES_MIN);
    cr_expect_eq(fixture.words.written_lsn, 500);
    cr_expect_eq(fixture.words.durable_lsn, 500);
}

Test(wal, impossible_configurations_are_refused_with_a_text)
{
    struct hf_wal_config config = fixture.config;
    struct hf_wal_start start = fixture.start;
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        fixture.config = config;                                                                   \
        fixture.start = start;                                                                     \
        change;                                                                                    \
        cr_expect_eq(try_open(), HF_E_ARGUMENT, #change);                                          \
        cr_expect(strlen(fixture.error) > 0, #change);                                             \
        cr_expect_null(fixture.wal, #change);                                                      \
    } while (0)
    REFUSED(fixture.config.segment_bytes = 8192);
    REFUSED(fixture.config.segment_bytes += 64);
    REFUSED(fixture.config.reserve_segments = 0);
    REFUSED(fixture.config.reserve_segments = 17);
    REFUSED(fixture.config.flush_records = 0);
    REFUSED(fixture.config.directory = NULL);
    REFUSED((fixture.config.io = HF_WAL_IO_DIRECT, fixture.config.mode = HF_WAL_MEMORY));
    REFUSED(fixture.start.epoch = 0);
    REFUSED(fixture.start.segment = 0);
    REFUSED(fixture.start.base_lsn = 0);
    REFUSED(fixture.start.durable_lsn = 5);
    struct hf_queue_object *object = fixture.queue.base;
    REFUSED(object->slots = 3);
}

Test(wal, a_missing_directory_is_named)
{
    fixture.config.directory = "/nonexistent/log";
    cr_expect_eq(try_open(), HF_E_SYSTEM);
    cr_expect_not_null(strstr(fixture.error, "/nonexistent/log"));
}

Test(wal, a_segment_that_exists_already_is_never_replaced)
{
    cr_assert_eq(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, "mine", 4), 0);
    char head[4];
    cr_expect_eq(try_open(), HF_E_SYSTEM);
    fixture_read(&fixture, 1, 0, head, 4);
    cr_expect_eq(memcmp(head, "mine", 4), 0);
}

Test(wal, pmem_on_a_plain_file_is_refused_and_leaves_nothing)
{
    char path[512];
    fixture.config.io = HF_WAL_IO_PMEM;
    cr_expect_eq(try_open(), HF_E_ARGUMENT);
    fixture_path(&fixture, 1, path);
    cr_expect_neq(access(path, F_OK), 0);
}

Test(wal, direct_without_descriptors_for_its_ring_is_refused_and_leaves_nothing)
{
    char path[512];
    struct rlimit none = {.rlim_cur = 0, .rlim_max = 1024};
    fixture.config.io = HF_WAL_IO_DIRECT;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    cr_expect_eq(try_open(), HF_E_ARGUMENT);
    none.rlim_cur = 1024;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    cr_expect_not_null(strstr(fixture.error, "io_uring"), "%s", fixture.error);
    fixture_path(&fixture, 1, path);
    cr_expect_neq(access(path, F_OK), 0);
}

Test(wal, a_full_disk_at_open_is_no_space)
{
    if (mount("tmpfs", fixture.directory, "tmpfs", 0, "size=32k") != 0) {
        cr_log_warn("skipped: mount needs root");
        return;
    }
    cr_expect_eq(try_open(), HF_E_NO_SPACE);
    cr_expect_not_null(strstr(fixture.error, "; a segment takes 64 KiB, 32 KiB are free: make room "
                                             "for 32 KiB more"),
                       "%s", fixture.error);
    umount2(fixture.directory, MNT_DETACH);
}

Test(wal, closing_removes_prepared_segments_and_keeps_used_ones)
{
    uint64_t *numbers;
    size_t count;
    fixture_open(&fixture);
    fixture_put_mix(&fixture, FIXTURE_SEGMENT_SLOTS + 100);
    fixture_settle(&fixture);
    fixture_close(&fixture);
    cr_assert_eq(hf_segment_list(fixture.directory, &numbers, &count), 0);
    cr_expect_eq(count, 2);
    free(numbers);
    hf_wal_close(NULL);
}

Test(wal, only_the_first_error_keeps_its_text)
{
    fixture_open(&fixture);
    cr_expect_str_empty(hf_wal_error_text(fixture.wal));
    cr_expect_eq(hf_wal_fail(fixture.wal, HF_E_IO, EIO, "first %d", 1), HF_E_IO);
    cr_expect_eq(hf_wal_fail(fixture.wal, HF_E_SYSTEM, EBADF, "second"), HF_E_SYSTEM);
    cr_expect_str_eq(hf_wal_error_text(fixture.wal), "first 1");
    cr_expect_eq(fixture.wal->error_errno, EIO);
}

Test(wal, the_next_epoch_goes_on_where_the_last_ended)
{
    fixture_open(&fixture);
    fixture_put_mix(&fixture, 100);
    fixture_settle(&fixture);
    struct walk walk = fixture_walk(&fixture, true);
    fixture_close(&fixture);
    fixture.start = (struct hf_wal_start){.epoch = 2,
                                          .segment = 2,
                                          .base_lsn = walk.lsn + 1,
                                          .chain = walk.chain,
                                          .durable_lsn = walk.lsn};
    fixture_open(&fixture);
    fixture_put_mix(&fixture, 100);
    fixture_settle(&fixture);
    cr_expect_eq(fixture_walk(&fixture, true).lsn, fixture.producer.next - 1);
}
