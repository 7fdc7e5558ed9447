/*
 * test_archive.c - segments as zstd frames, read like the segments.
 */
#include "recovery/scan_fixture.h"

#include "recovery/archive.h"
#include "recovery/reader.h"

#include <errno.h>
#include <sys/mman.h>

static struct fixture fixture;
static struct hf_scan_result result;

static void
begin(void)
{
    fixture_begin(&fixture, "/dev/shm");
    fixture_open(&fixture);
    fixture_fill(&fixture, 3000, 100);
    fixture_settle(&fixture);
    fixture_close(&fixture);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_assert_geq(result.segments, 3);
}

static void
end(void)
{
    fixture_end(&fixture);
}

TestSuite(archive, .init = begin, .fini = end);

/** Make the archive of a segment beside it. @return its length */
static uint64_t
archive(uint64_t number)
{
    char path[512];
    uint64_t bytes = 0;
    fixture_path(&fixture, number, path);
    int fd = open(path, O_RDONLY);
    cr_assert_geq(fd, 0);
    cr_assert_eq(hf_archive_make(fd, fixture.directory, number, &bytes), 0);
    close(fd);
    return bytes;
}

static void
archive_path(uint64_t number, char path[512])
{
    cr_assert_eq(hf_archive_path(path, 512, fixture.directory, number), 0);
}

Test(archive, a_log_of_archives_is_the_same_log)
{
    struct hf_scan_result archived;
    uint64_t last = result.end_segment;
    for (uint64_t number = 1; number <= last; number++) {
        cr_expect_lt(archive(number), HF_SEGMENT_BYTES_MIN);
        cr_assert_eq(hf_segment_remove(fixture.directory, number), 0);
    }
    cr_assert_eq(fixture_scan(&fixture, 0, true, &archived), 0);
    cr_expect(results_equal(&result, &archived));
}

Test(archive, segments_and_archives_may_be_mixed_and_the_segment_is_read_where_both_are)
{
    struct hf_scan_result mixed;
    char path[512];
    uint64_t *numbers;
    size_t count;
    archive(1);
    archive(2);
    cr_assert_eq(hf_segment_remove(fixture.directory, 2), 0);
    archive_path(1, path);
    cr_assert_eq(truncate(path, 10), 0); /* nobody looks at it */
    cr_assert_eq(fixture_scan(&fixture, 0, true, &mixed), 0);
    cr_expect(results_equal(&result, &mixed));
    cr_assert_eq(hf_archive_list(fixture.directory, &numbers, &count), 0);
    cr_expect_eq(count, result.last_number);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(numbers[i], i + 1);
    }
    free(numbers);
}

Test(archive, decompresses_to_the_segment_byte_for_byte)
{
    struct hf_reader reader;
    const unsigned char *data;
    size_t available;
    unsigned char *bytes = malloc(HF_SEGMENT_BYTES_MIN);
    fixture_read(&fixture, 2, 0, bytes, HF_SEGMENT_BYTES_MIN);
    archive(2);
    cr_assert_eq(hf_segment_remove(fixture.directory, 2), 0);
    cr_assert_eq(hf_reader_init(&reader), 0);
    cr_assert_eq(hf_reader_open(&reader, fixture.directory, 2), 0);
    cr_expect_not_null(strstr(reader.path, ".wal.zst"));
    cr_expect_eq(reader.len_bytes, HF_SEGMENT_BYTES_MIN);
    cr_assert_eq(hf_reader_at(&reader, 0, &data, &available), 0);
    cr_expect_eq(available, HF_SEGMENT_BYTES_MIN);
    cr_expect_eq(memcmp(data, bytes, HF_SEGMENT_BYTES_MIN), 0);
    hf_reader_destroy(&reader);
    free(bytes);
}

Test(archive, an_archive_that_is_there_is_not_overwritten)
{
    char path[512];
    uint64_t bytes;
    archive(1);
    fixture_path(&fixture, 1, path);
    int fd = open(path, O_RDONLY);
    cr_expect_eq(hf_archive_make(fd, fixture.directory, 1, &bytes), -EEXIST);
    close(fd);
}

Test(archive, every_length_that_is_cut_and_flipped_bytes_all_over_are_damage)
{
    char path[512];
    unsigned char byte;
    uint64_t length = archive(1);
    cr_assert_eq(hf_segment_remove(fixture.directory, 1), 0);
    archive_path(1, path);
    for (uint64_t offset = 0; offset < length; offset += 41) {
        int fd = open(path, O_RDWR);
        cr_assert_eq(pread(fd, &byte, 1, (off_t)offset), 1);
        byte ^= 0x10;
        cr_assert_eq(pwrite(fd, &byte, 1, (off_t)offset), 1);
        cr_assert_neq(hf_scan(fixture.directory, 0, NULL, NULL, &result), 0, "offset %d",
                      (int)offset);
        cr_assert_not_null(strstr(result.text, path));
        byte ^= 0x10;
        cr_assert_eq(pwrite(fd, &byte, 1, (off_t)offset), 1);
        close(fd);
    }
    cr_assert_eq(hf_scan(fixture.directory, 0, NULL, NULL, &result), 0);
    while (length > 0) {
        length -= length < 53 ? length : 53;
        cr_assert_eq(truncate(path, (off_t)length), 0);
        cr_assert_eq(hf_scan(fixture.directory, 0, NULL, NULL, &result), HF_E_CORRUPT);
    }
}

/** Zeros behind a few records, as in the last segment of an epoch. */
static void
make_sparse(int fd, size_t len_bytes, unsigned records)
{
    unsigned char record[HF_SLOT_BYTES];
    cr_assert_eq(ftruncate(fd, 0), 0);
    cr_assert_eq(ftruncate(fd, (off_t)len_bytes), 0);
    for (unsigned i = 0; i < records; i++) {
        for (unsigned k = 0; k < sizeof(record); k++) {
            record[k] = (unsigned char)(i * 131 + k * k * 7 + (i >> 8));
        }
        cr_assert_eq(pwrite(fd, record, sizeof(record), (off_t)(i * sizeof(record))),
                     (ssize_t)sizeof(record));
    }
}

Test(archive, a_segment_ends_with_a_piece_or_not_and_is_read_again)
{
    static const size_t lengths[] = {65536, 131072, 262144, 1048576, 1048576 + 4096};
    static const unsigned records[] = {0, 1, 2, 20, 64, 100, 150, 1000, 1024};
    char path[512];
    int fd = memfd_create("made", 0);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (size_t k = 0; k < sizeof(records) / sizeof(records[0]); k++) {
            uint64_t bytes;
            int opened;
            uint64_t number = 1000 + i * 100 + k;
            make_sparse(fd, lengths[i], records[k]);
            cr_assert_eq(hf_archive_make(fd, fixture.directory, number, &bytes), 0);
            archive_path(number, path);
            cr_assert_eq(hf_archive_open(path, &opened), 0, "%zu bytes, %u records", lengths[i],
                         records[k]);
            cr_expect_eq(lseek(opened, 0, SEEK_END), (off_t)lengths[i]);
            close(opened);
        }
    }
    close(fd);
}
