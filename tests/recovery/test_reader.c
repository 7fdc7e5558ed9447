/*
 * test_reader.c - read a segment file through one buffer.
 */
#include "wal/log_fixture.h"

#include "recovery/reader.h"

#include <errno.h>

static struct fixture fixture;
static struct hf_reader reader;

static void
begin(void)
{
    fixture_directory(&fixture, "/tmp");
    cr_assert_eq(hf_reader_init(&reader), 0);
}

static void
end(void)
{
    hf_reader_destroy(&reader);
    fixture_end(&fixture);
}

TestSuite(reader, .init = begin, .fini = end);

#define FILE_BYTES (HF_READER_BUFFER_BYTES + 8192)

static void
file_make(void)
{
    unsigned char *bytes = malloc(FILE_BYTES);
    for (size_t i = 0; i < FILE_BYTES; i++) {
        bytes[i] = (unsigned char)(i / 64 * 17 + 1);
    }
    cr_assert_eq(hf_segment_create(fixture.directory, 1, FILE_BYTES, bytes, FILE_BYTES), 0);
    free(bytes);
    cr_assert_eq(hf_reader_open(&reader, fixture.directory, 1), 0);
}

Test(reader, all_bytes_come_in_order_over_buffer_borders)
{
    uint64_t offset = 0;
    file_make();
    while (offset < FILE_BYTES) {
        const unsigned char *data = NULL;
        size_t available = 0;
        cr_assert_eq(hf_reader_at(&reader, offset, &data, &available), 0);
        cr_assert_gt(available, 0);
        cr_assert_eq(available % HF_SLOT_BYTES, 0);
        for (size_t i = 0; i < available; i++) {
            cr_assert_eq(data[i], (unsigned char)((offset + i) / 64 * 17 + 1));
        }
        offset += available;
    }
    cr_expect_eq(offset, FILE_BYTES);
}

Test(reader, the_end_is_nothing_available_and_a_part_of_a_slot_is_left_out)
{
    const unsigned char *data;
    size_t available = 1;
    char path[512];
    file_make();
    fixture_path(&fixture, 1, path);
    cr_assert_eq(truncate(path, 4096 + 100), 0);
    cr_assert_eq(hf_reader_open(&reader, fixture.directory, 1), 0);
    cr_expect_eq(hf_reader_at(&reader, 4096, &data, &available), 0);
    cr_expect_eq(available, 64);
    cr_expect_eq(hf_reader_at(&reader, 4160, &data, &available), 0);
    cr_expect_eq(available, 0);
}

Test(reader, a_file_that_shrinks_while_it_is_read_is_an_error)
{
    const unsigned char *data;
    size_t available;
    char path[512];
    file_make();
    fixture_path(&fixture, 1, path);
    cr_assert_eq(truncate(path, 4096), 0);
    cr_expect_eq(hf_reader_at(&reader, 0, &data, &available), -EIO);
}

Test(reader, holes_are_skipped_and_data_is_found)
{
    struct hf_record record = record_make(1, HF_COMMAND_NEW);
    cr_assert_eq(hf_segment_create(fixture.directory, 1, FILE_BYTES, NULL, 0), 0);
    fixture_write(&fixture, 1, 512 * 1024 + 64, &record, sizeof(record));
    cr_assert_eq(hf_reader_open(&reader, fixture.directory, 1), 0);
    uint64_t found = hf_reader_data_after(&reader, 0);
    cr_expect_leq(found, 512 * 1024 + 64);
    cr_expect_eq(found % HF_SLOT_BYTES, 0);
    cr_expect_leq(hf_reader_data_after(&reader, 768 * 1024), FILE_BYTES);
}

Test(reader, a_missing_file_is_an_error)
{
    cr_expect_eq(hf_reader_open(&reader, fixture.directory, 1), -ENOENT);
}
