/*
 * test_io.c - the ways to the medium.
 */
#include "wal/log_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#define PAGE ((size_t)4096)

static struct fixture fixture;
static char path[512];

static void
begin(void)
{
    fixture_directory(&fixture, "/dev/shm");
    cr_assert_eq(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, NULL, 0), 0);
    fixture_path(&fixture, 1, path);
}

static void
end(void)
{
    fixture_end(&fixture);
}

TestSuite(io, .init = begin, .fini = end);

Test(io, a_plain_file_is_mapped_and_flushed_by_msync)
{
    struct hf_wal_file file;
    cr_assert_eq(hf_wal_file_open(&file, path, HF_WAL_IO_AUTO), 0);
    cr_expect_str_eq(file.io->name, "mmap");
    cr_expect_eq(file.len_bytes, HF_SEGMENT_BYTES_MIN);
    cr_expect_not(file.io->commit_is_durable);
    hf_wal_file_close(&file);
    cr_expect_null(file.base);
    cr_expect_eq(file.fd, -1);
}

Test(io, a_plain_file_is_refused_when_pmem_is_asked_for)
{
    struct hf_wal_file file;
    cr_expect_eq(hf_wal_file_open(&file, path, HF_WAL_IO_PMEM), -ENOTSUP);
    cr_expect_null(file.base);
}

Test(io, persistent_memory_is_taken_by_itself_and_can_be_declined)
{
    static const struct {
        enum hf_wal_io_kind kind;
        const char *name;
    } cases[] = {{HF_WAL_IO_AUTO, "pmem"}, {HF_WAL_IO_PMEM, "pmem"}, {HF_WAL_IO_MMAP, "mmap"}};
    fixture_force_pmem();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_wal_file file;
        cr_assert_eq(hf_wal_file_open(&file, path, cases[i].kind), 0);
        cr_expect_str_eq(file.io->name, cases[i].name);
        cr_expect_eq(file.io->commit_is_durable, strcmp(cases[i].name, "pmem") == 0);
        hf_wal_file_close(&file);
    }
}

static void
write_and_read_back(const char *name)
{
    struct hf_wal_file file;
    unsigned char bytes[200];
    unsigned char back[200];
    static const uint64_t offsets[] = {0, 64, 4096 - 64, 5000, HF_SEGMENT_BYTES_MIN - 200};
    cr_assert_eq(hf_wal_file_open(&file, path, HF_WAL_IO_AUTO), 0);
    cr_assert_str_eq(file.io->name, name);
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        memset(bytes, (int)(0x11 * (i + 1)), sizeof(bytes));
        file.io->write(&file, offsets[i], bytes, sizeof(bytes));
        file.io->commit(&file);
        cr_expect_eq(file.io->flush(&file, offsets[i], sizeof(bytes)), 0);
        fixture_read(&fixture, 1, offsets[i], back, sizeof(back));
        cr_expect_arr_eq(bytes, back, sizeof(bytes), "offset %zu", (size_t)offsets[i]);
    }
    hf_wal_file_close(&file);
}

Test(io, what_mmap_writes_is_in_the_file)
{
    write_and_read_back("mmap");
}

Test(io, what_pmem_writes_is_in_the_file)
{
    fixture_force_pmem();
    write_and_read_back("pmem");
}

/** Whether this process maps the page at an address. */
static bool
is_mapped(const void *address)
{
    uint64_t entry = 0;
    int fd = open("/proc/self/pagemap", O_RDONLY);
    off_t at = (off_t)((uintptr_t)address / PAGE * sizeof(entry));
    cr_assert_eq(pread(fd, &entry, sizeof(entry), at), (ssize_t)sizeof(entry));
    cr_assert_eq(close(fd), 0);
    return entry >> 63 != 0;
}

Test(io, a_flush_finds_pages_that_nobody_maps_and_leaves_their_bytes)
{
    struct hf_wal_file file;
    unsigned char bytes[3 * PAGE];
    memset(bytes, 0x5a, sizeof(bytes));
    cr_assert_eq(hf_wal_file_open(&file, path, HF_WAL_IO_MMAP), 0);
    file.io->write(&file, PAGE + 100, bytes, sizeof(bytes));
    cr_expect(is_mapped(file.base + PAGE));
    cr_assert_eq(file.io->flush(&file, PAGE + 100, sizeof(bytes)), 0);
    for (unsigned page = 1; page <= 4; page++) {
        cr_expect_not(is_mapped(file.base + (size_t)page * PAGE), "page %u", page);
    }
    file.io->write(&file, 4 * PAGE + 100, "more", 4); /* into the last one again */
    cr_assert_eq(file.io->flush(&file, 4 * PAGE + 100, 4), 0);
    cr_expect(is_mapped(file.base + (size_t)4 * PAGE), "a single page stays");
    cr_expect_eq(memcmp(file.base + PAGE + 100, bytes, sizeof(bytes)), 0);
    cr_expect_eq(memcmp(file.base + 4 * PAGE + 100, "more", 4), 0);
    hf_wal_file_close(&file);
}

Test(io, a_flush_that_fails_says_why)
{
    struct hf_wal_file file;
    cr_assert_eq(hf_wal_file_open(&file, path, HF_WAL_IO_MMAP), 0);
    cr_assert_eq(munmap(file.base + 8192, 4096), 0);
    cr_expect_eq(file.io->flush(&file, 4096, 12288), -ENOMEM);
    hf_wal_file_close(&file);
}

Test(io, a_missing_file_is_an_error)
{
    struct hf_wal_file file;
    cr_expect_eq(hf_wal_file_open(&file, "/nonexistent", HF_WAL_IO_AUTO), -ENOENT);
}
