/* test_region.c - real objects in /dev/shm: made whole or not at all, read-only where they say so. */
#include "shm/region.h"

#include "base/child.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static char name[HF_REGION_NAME_BYTES];
static struct hf_region region;

static void
make_name(void)
{
    snprintf(name, sizeof(name), "/holdfast.test.%d.region", (int)getpid());
}

static void
remove_name(void)
{
    hf_region_detach(&region);
    hf_region_unlink(name);
}

TestSuite(region, .init = make_name, .fini = remove_name);

static bool
name_exists(const char *object)
{
    int fd = shm_open(object, O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool
all_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

Test(region, a_new_object_is_zeroed_private_allocated_and_a_whole_number_of_pages)
{
    const size_t sizes[] = {1, 4095, 4096, 4097, 1000000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        cr_assert_eq(hf_region_create(&region, name, sizes[i]), HF_OK);
        cr_assert_str_eq(region.name, name);
        cr_assert_eq(region.len_bytes, (sizes[i] + 4095) / 4096 * 4096);
        cr_assert(all_zero(region.base, region.len_bytes));
        memset(region.base, 1, region.len_bytes);
        struct stat status;
        cr_assert_eq(fstat(region.fd, &status), 0);
        cr_assert_eq(status.st_mode & 0777, 0600);
        cr_assert_eq((size_t)status.st_size, region.len_bytes);
        cr_assert_eq((size_t)status.st_blocks * 512, region.len_bytes, "memory is there already");
        cr_assert_neq(fcntl(region.fd, F_GETFD) & FD_CLOEXEC, 0);
        hf_region_detach(&region);
        cr_assert_eq(hf_region_unlink(name), HF_OK);
    }
}

Test(region, a_name_is_made_once)
{
    struct hf_region second;
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK);
    *(char *)region.base = 'x';
    cr_assert_eq(hf_region_create(&second, name, 4096), HF_E_BUSY);
    cr_assert_null(second.base);
    cr_assert_eq(second.fd, -1);
    cr_assert_eq(*(char *)region.base, 'x');
    cr_assert(name_exists(name), "a failed create must not remove what another made");
}

Test(region, more_than_the_file_system_holds_is_no_space_and_leaves_no_name)
{
    struct statvfs fs;
    cr_assert_eq(statvfs("/dev/shm", &fs), 0);
    if (fs.f_blocks == 0) {
        return; /* mounted without a limit */
    }
    size_t too_much = ((size_t)fs.f_blocks + 1) * fs.f_frsize;
    cr_assert_eq(hf_region_create(&region, name, too_much), HF_E_NO_SPACE);
    cr_assert_eq(errno, ENOSPC);
    cr_assert_null(region.base);
    cr_assert_not(name_exists(name));
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK, "the name is free again");
}

static int
create_above_file_limit(void *context)
{
    (void)context;
    struct rlimit limit = {8192, 8192};
    struct hf_region own;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 1;
    }
    if (hf_region_create(&own, name, 1 << 20) != HF_E_SYSTEM || errno != EFBIG) {
        return 2;
    }
    return own.base != NULL || own.fd != -1 || name_exists(name) ? 3 : 0;
}

Test(region, a_create_that_the_system_forbids_leaves_no_name_and_tells_errno)
{
    cr_assert_eq(child_run(create_above_file_limit, NULL), 0);
}

static int
create_above_address_limit(void *context)
{
    (void)context;
    struct rlimit limit = {1 << 20, 1 << 20};
    struct hf_region own;
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        return 1;
    }
    int result = hf_region_create(&own, name, 8 << 20);
    return result != HF_E_MEMORY || own.base != NULL || name_exists(name) ? 2 : 0;
}

Test(region, no_address_space_is_memory_and_leaves_no_name)
{
    cr_assert_eq(child_run(create_above_address_limit, NULL), 0);
}

Test(region, open_finds_what_another_wrote_and_sees_it_change)
{
    struct hf_region other;
    cr_assert_eq(hf_region_create(&region, name, 5000), HF_OK);
    unsigned char *bytes = region.base;
    bytes[8191] = 7;
    cr_assert_eq(hf_region_open(&other, name, false), HF_OK);
    cr_assert_eq(other.len_bytes, 8192);
    const volatile unsigned char *seen = other.base;
    cr_assert_eq(seen[8191], 7);
    bytes[0] = 9;
    cr_assert_eq(seen[0], 9);
    hf_region_detach(&other);
    cr_assert_eq(hf_region_open(&other, name, true), HF_OK);
    ((unsigned char *)other.base)[1] = 3;
    cr_assert_eq(bytes[1], 3);
    hf_region_detach(&other);
}

Test(region, open_of_no_name_is_unknown_and_of_an_empty_object_corrupt)
{
    cr_assert_eq(hf_region_open(&region, name, false), HF_E_UNKNOWN);
    cr_assert_null(region.base);
    close(shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    cr_assert_eq(hf_region_open(&region, name, true), HF_E_CORRUPT);
    cr_assert_null(region.base);
    cr_assert_eq(region.fd, -1);
}

static int
write_to_region(void *context)
{
    *(volatile unsigned char *)((struct hf_region *)context)->base = 1;
    return 0;
}

static int
write_to_region_unwatched(void *context)
{
    signal(SIGSEGV, SIG_DFL); /* also where a sanitizer would report it */
    return write_to_region(context);
}

Test(region, a_read_only_mapping_cannot_be_written)
{
    struct hf_region other;
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK);
    cr_assert_eq(hf_region_open(&other, name, false), HF_OK);
    cr_assert_eq(child_run(write_to_region_unwatched, &other), CHILD_SIGNAL + SIGSEGV);
    cr_assert_eq(child_run(write_to_region, &region), 0);
    hf_region_detach(&other);
}

Test(region, map_fd_takes_the_descriptor_whatever_happens)
{
    const struct {
        size_t len;
        bool read_only_fd;
        bool writable;
        int result;
    } cases[] = {
        {8192, false, true, HF_OK},
        {8192, true, false, HF_OK},
        {100, false, false, HF_OK},
        {8193, false, false, HF_E_CORRUPT},
        {SIZE_MAX, true, false, HF_E_CORRUPT},
        {0, false, false, HF_E_CORRUPT},
        {8192, true, true, HF_E_SYSTEM},
    };
    cr_assert_eq(hf_region_create(&region, name, 8192), HF_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_region other;
        int fd = cases[i].read_only_fd ? hf_region_reader_fd(&region)
                                       : fcntl(region.fd, F_DUPFD_CLOEXEC, 0);
        cr_assert_geq(fd, 0);
        cr_assert_eq(hf_region_map_fd(&other, fd, cases[i].len, cases[i].writable), cases[i].result,
                     "case %zu", i);
        cr_assert_eq(fcntl(fd, F_GETFD), -1, "case %zu: the descriptor is closed", i);
        cr_assert_eq(other.base != NULL, cases[i].result == HF_OK);
        hf_region_detach(&other);
    }
    struct hf_region other;
    cr_assert_eq(hf_region_map_fd(&other, -1, 4096, false), HF_E_SYSTEM);
}

static void
assert_only_readable(int fd)
{
    cr_assert_geq(fd, 0);
    cr_assert_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    cr_assert_neq(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    cr_assert_lt(write(fd, "x", 1), 0);
    cr_assert_lt(ftruncate(fd, 0), 0);
    cr_assert_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    const unsigned char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    cr_assert_neq(map, MAP_FAILED);
    cr_assert_eq(map[5], 55);
    munmap((void *)map, 4096);
    close(fd);
}

Test(region, a_reader_descriptor_can_only_read_even_when_the_name_is_gone)
{
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK);
    ((unsigned char *)region.base)[5] = 55;
    assert_only_readable(hf_region_reader_fd(&region));
    struct hf_region no_fd = region;
    no_fd.fd = -1; /* then it goes by the name */
    assert_only_readable(hf_region_reader_fd(&no_fd));
    cr_assert_eq(hf_region_unlink(name), HF_OK);
    assert_only_readable(hf_region_reader_fd(&region));
    cr_assert_eq(hf_region_reader_fd(&no_fd), -1);
    hf_region_detach(&region);
    cr_assert_eq(hf_region_reader_fd(&region), -1);
}

Test(region, detach_is_safe_on_detached_and_zeroed_regions)
{
    struct hf_region zeroed;
    memset(&zeroed, 0, sizeof(zeroed));
    hf_region_detach(&zeroed);
    cr_assert_neq(fcntl(0, F_GETFD), -1, "descriptor 0 is not ours");
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK);
    int fd = region.fd;
    hf_region_detach(&region);
    cr_assert_eq(fcntl(fd, F_GETFD), -1);
    int other = open("/dev/null", O_RDONLY | O_CLOEXEC); /* gets the same number */
    hf_region_detach(&region);
    cr_assert_neq(fcntl(other, F_GETFD), -1);
    close(other);
    cr_assert(name_exists(name), "the object itself stays");
}

Test(region, unlink_of_no_name_is_no_error)
{
    cr_assert_eq(hf_region_unlink(name), HF_OK);
}

Test(region, a_renamed_object_keeps_what_it_holds_and_replaces_another)
{
    char other[HF_REGION_NAME_BYTES];
    struct hf_region replaced;
    snprintf(other, sizeof(other), "/holdfast.test.%d.other", (int)getpid());
    cr_expect_eq(hf_region_rename(name, other), HF_E_UNKNOWN);
    cr_assert_eq(hf_region_create(&replaced, other, 4096), HF_OK);
    hf_region_detach(&replaced);
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK);
    memcpy(region.base, "kept", 5);
    cr_assert_eq(hf_region_rename(name, other), HF_OK);
    hf_region_detach(&region);
    cr_expect_not(name_exists(name));
    cr_assert_eq(hf_region_open(&region, other, false), HF_OK);
    cr_expect_str_eq(region.base, "kept");
    hf_region_unlink(other);
}

struct visits {
    unsigned count;
    unsigned mask;
    bool unlink;
};

static void
count_visit(void *context, const char *object)
{
    struct visits *visits = context;
    visits->count++;
    visits->mask |= 1u << (object[strlen(object) - 1] - '0');
    if (visits->unlink) {
        hf_region_unlink(object);
    }
}

Test(region, list_visits_each_name_with_the_prefix_once_and_may_remove_it)
{
    char prefix[64];
    char object[HF_REGION_NAME_BYTES];
    snprintf(prefix, sizeof(prefix), "/holdfast.test.%d.list.", (int)getpid());
    for (int i = 0; i < 8; i++) {
        struct hf_region one;
        snprintf(object, sizeof(object), "%s%d", prefix, i);
        cr_assert_eq(hf_region_create(&one, object, 4096), HF_OK);
        hf_region_detach(&one);
    }
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK);
    struct visits visits = {0};
    cr_assert_eq(hf_region_list(prefix, count_visit, &visits), HF_OK);
    cr_assert_eq(visits.count, 8);
    cr_assert_eq(visits.mask, 0xff);
    visits = (struct visits){.unlink = true};
    cr_assert_eq(hf_region_list(prefix, count_visit, &visits), HF_OK);
    cr_assert_eq(visits.mask, 0xff);
    visits = (struct visits){0};
    cr_assert_eq(hf_region_list(prefix, count_visit, &visits), HF_OK);
    cr_assert_eq(visits.count, 0);
    cr_assert(name_exists(name));
}
