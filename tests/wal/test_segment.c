/*
 * test_segment.c - segment files in their directory.
 */
#include "wal/log_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* Over those of the C library: note in which order what is made durable. */
static char events[16];

static void
event(char what)
{
    size_t length = strlen(events);
    if (length + 1 < sizeof(events)) {
        events[length] = what;
    }
}

int
fsync(int fd)
{
    struct stat status;
    event(fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) ? 'd' : 'f');
    return (int)syscall(SYS_fsync, fd);
}

int
rename(const char *from, const char *to)
{
    event('r');
    return (int)syscall(SYS_rename, from, to);
}

static bool old_file_system; /* which cannot rename without replacing */
static char squat[512];      /* somebody makes this file while we make ours */

int
renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
    if (squat[0] != '\0') {
        close(open(squat, O_CREAT | O_WRONLY, 0600));
    }
    if (old_file_system) {
        errno = EINVAL;
        return -1;
    }
    event('r');
    return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

static struct fixture fixture;

static void
begin(void)
{
    fixture_directory(&fixture, "/tmp");
}

static void
end(void)
{
    fixture_end(&fixture);
}

TestSuite(segment, .init = begin, .fini = end);

static size_t
directory_entries(void)
{
    size_t count = 0;
    DIR *stream = opendir(fixture.directory);
    while (readdir(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count - 2; /* . and .. */
}

Test(segment, the_name_is_the_number_in_20_digits)
{
    char path[512];
    cr_expect_eq(hf_segment_path(path, sizeof(path), "/d", 17), 0);
    cr_expect_str_eq(path, "/d/00000000000000000017.wal");
    cr_expect_eq(strlen(path) - strlen("/d/") + 1, HF_SEGMENT_NAME_BYTES);
    cr_expect_eq(hf_segment_path(path, 20, "/d", 17), -ENAMETOOLONG);
}

Test(segment, a_new_segment_has_full_length_its_head_and_zeros)
{
    unsigned char bytes[HF_SEGMENT_BYTES_MIN];
    struct stat status;
    char path[512];
    cr_assert_eq(hf_segment_create(fixture.directory, 1, sizeof(bytes), "head", 4), 0);
    fixture_path(&fixture, 1, path);
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_size, HF_SEGMENT_BYTES_MIN);
    cr_expect_geq(status.st_blocks * 512, HF_SEGMENT_BYTES_MIN, "space is allocated");
    fixture_read(&fixture, 1, 0, bytes, sizeof(bytes));
    cr_expect_eq(memcmp(bytes, "head", 4), 0);
    for (size_t i = 4; i < sizeof(bytes); i++) {
        cr_assert_eq(bytes[i], 0);
    }
    cr_expect_eq(directory_entries(), 1, "no temporary file is left");
}

Test(segment, the_file_is_durable_before_its_name_and_its_name_before_the_end)
{
    cr_assert_eq(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, "head", 4), 0);
    cr_expect_str_eq(events, "frd");
}

Test(segment, a_file_system_that_cannot_keep_what_is_there_is_asked_to_rename_all_the_same)
{
    old_file_system = true;
    cr_assert_eq(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, "head", 4), 0);
    cr_expect_str_eq(events, "frd");
}

Test(segment, a_file_that_got_the_name_meanwhile_is_not_replaced)
{
    struct stat status;
    char path[512];
    fixture_path(&fixture, 1, path);
    memcpy(squat, path, sizeof(squat));
    for (int i = 0; i < 2; i++) {
        old_file_system = i == 1;
        cr_expect_eq(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, "head", 4),
                     -EEXIST);
        cr_assert_eq(stat(path, &status), 0);
        cr_expect_eq(status.st_size, 0, "it is the other's");
        cr_expect_eq(directory_entries(), 1);
        cr_assert_eq(unlink(path), 0);
    }
}

Test(segment, an_existing_segment_is_never_replaced)
{
    char head[4];
    cr_assert_eq(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, "one", 4), 0);
    cr_expect_eq(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, "two", 4), -EEXIST);
    fixture_read(&fixture, 1, 0, head, 4);
    cr_expect_str_eq(head, "one");
}

Test(segment, a_failed_creation_leaves_nothing_behind)
{
    struct rlimit limit = {16384, 16384};
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_lt(hf_segment_create(fixture.directory, 1, HF_SEGMENT_BYTES_MIN, "x", 1), 0);
    cr_expect_eq(directory_entries(), 0);
}

Test(segment, a_full_disk_leaves_nothing_behind_and_room_for_small_files)
{
    if (mount("tmpfs", fixture.directory, "tmpfs", 0, "size=256k") != 0) {
        cr_log_warn("skipped: mount needs root");
        return;
    }
    int result = hf_segment_create(fixture.directory, 1, 512u << 10, NULL, 0);
    size_t entries = directory_entries();
    int small = hf_segment_create(fixture.directory, 2, HF_SEGMENT_BYTES_MIN, NULL, 0);
    umount2(fixture.directory, MNT_DETACH);
    cr_expect_eq(result, -ENOSPC);
    cr_expect_eq(hf_segment_error(-result), HF_E_NO_SPACE);
    cr_expect_eq(entries, 0);
    cr_expect_eq(small, 0);
}

Test(segment, a_missing_directory_is_an_error)
{
    uint64_t *numbers;
    size_t count;
    cr_expect_eq(hf_segment_create("/nonexistent/x", 1, HF_SEGMENT_BYTES_MIN, NULL, 0), -ENOENT);
    cr_expect_eq(hf_segment_list("/nonexistent/x", &numbers, &count), -ENOENT);
    cr_expect_eq(hf_segment_sync_directory("/nonexistent/x"), -ENOENT);
}

static void
touch(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", fixture.directory, name);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    cr_assert_geq(fd, 0);
    close(fd);
}

Test(segment, the_list_is_sorted_and_takes_segment_names_only)
{
    static const char *const names[] = {
        "00000000000000000010.wal",     "00000000000000000002.wal",
        "00000000000000000001.wal",     "lock",
        "00000000000000000003.wal.tmp", "0000000000000000004.wal",
        "00000000000000000000.wal",     "0000000000000000000a.wal",
        "99999999999999999999.wal",     "00000000000000000005.log",
        "00000000000000000006.wal2",    "18446744073709551615.wal",
    };
    static const uint64_t expected[] = {1, 2, 10, UINT64_MAX};
    uint64_t *numbers = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        touch(names[i]);
    }
    cr_assert_eq(hf_segment_list(fixture.directory, &numbers, &count), 0);
    cr_assert_eq(count, 4);
    cr_expect_arr_eq(numbers, expected, sizeof(expected));
    free(numbers);
}

Test(segment, a_list_may_be_long)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    for (unsigned i = 300; i > 0; i--) {
        char name[64];
        snprintf(name, sizeof(name), "%020u.wal", i);
        touch(name);
    }
    cr_assert_eq(hf_segment_list(fixture.directory, &numbers, &count), 0);
    cr_assert_eq(count, 300);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(numbers[i], i + 1);
    }
    free(numbers);
}

Test(segment, an_empty_list_is_no_error)
{
    uint64_t *numbers = NULL;
    size_t count = 1;
    cr_expect_eq(hf_segment_list(fixture.directory, &numbers, &count), 0);
    cr_expect_eq(count, 0);
    cr_expect_null(numbers);
}

Test(segment, temporary_files_are_removed_and_nothing_else)
{
    touch("00000000000000000003.wal.tmp");
    touch("00000000000000000004.wal.tmp");
    touch("00000000000000000003.wal");
    touch("notes.tmp");
    char path[512];
    cr_expect_eq(hf_segment_remove_temporary(fixture.directory, path, sizeof(path)), 0);
    cr_expect_eq(directory_entries(), 2);
    cr_expect_eq(hf_segment_remove(fixture.directory, 3), 0);
    cr_expect_eq(hf_segment_remove(fixture.directory, 3), -ENOENT);
}

Test(segment, a_directory_in_place_of_a_temporary_file_is_named_and_left)
{
    char directory[512];
    char path[512] = "";
    snprintf(directory, sizeof(directory), "%s/00000000000000000003.wal.tmp", fixture.directory);
    cr_assert_eq(mkdir(directory, 0700), 0);
    cr_expect_eq(hf_segment_remove_temporary(fixture.directory, path, sizeof(path)), -EISDIR);
    cr_expect_str_eq(path, directory);
    cr_expect_eq(hf_segment_create(fixture.directory, 3, HF_SEGMENT_BYTES_MIN, NULL, 0), -EISDIR);
    cr_expect_neq(hf_segment_obstacle(EISDIR)[0], '\0');
    cr_expect_neq(hf_segment_obstacle(EEXIST)[0], '\0');
    cr_expect_str_eq(hf_segment_obstacle(ENOSPC), "");
    cr_expect_eq(rmdir(directory), 0, "it is still there");
}

Test(segment, zeros_cover_their_range_and_no_more)
{
    unsigned char bytes[HF_SEGMENT_BYTES_MIN];
    char path[512];
    memset(bytes, 0xff, sizeof(bytes));
    cr_assert_eq(hf_segment_create(fixture.directory, 1, sizeof(bytes), bytes, sizeof(bytes)), 0);
    fixture_path(&fixture, 1, path);
    int fd = open(path, O_RDWR);
    cr_expect_eq(hf_segment_zero(fd, 8192, 12288), 0);
    close(fd);
    fixture_read(&fixture, 1, 0, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bool inside = i >= 8192 && i < 8192 + 12288;
        cr_assert_eq(bytes[i], inside ? 0 : 0xff, "byte %zu", i);
    }
}

Test(segment, errors_become_the_codes_of_the_failure_policy)
{
    static const struct {
        int error, code;
    } cases[] = {{ENOSPC, HF_E_NO_SPACE}, {EDQUOT, HF_E_NO_SPACE}, {ENOMEM, HF_E_MEMORY},
                 {EIO, HF_E_IO},          {EROFS, HF_E_DENIED},    {EACCES, HF_E_DENIED},
                 {EPERM, HF_E_DENIED},    {EFBIG, HF_E_SYSTEM}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(hf_segment_error(cases[i].error), cases[i].code);
    }
}
