/* test_numa.c - memory is aligned, zeroed, resident; refusals come back as codes. */
#include "base/numa.h"

#include "base/child.h"

#include <criterion/criterion.h>
#include <numaif.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>

#define HUGE_BYTES ((size_t)2 << 20)

/* AddressSanitizer turns mlock into a call that does nothing and succeeds. */
#if defined(__SANITIZE_ADDRESS__)
#define MLOCK_IS_REAL false
#elif defined(__has_feature)
#define MLOCK_IS_REAL (!__has_feature(address_sanitizer))
#else
#define MLOCK_IS_REAL true
#endif

static bool
all_resident(void *base, size_t len)
{
    size_t pages = (len + 4095) / 4096;
    unsigned char *vector = malloc(pages);
    bool resident = vector != NULL && mincore(base, len, vector) == 0;
    for (size_t i = 0; resident && i < pages; i++) {
        resident = (vector[i] & 1) != 0;
    }
    free(vector);
    return resident;
}

Test(memory, is_aligned_zeroed_resident_and_writable_at_every_size)
{
    const size_t sizes[] = {1, 64, 4096, 4097, HUGE_BYTES - 1, HUGE_BYTES, HUGE_BYTES + 1, 5 << 20};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *base = hf_memory_alloc(sizes[i], -1);
        cr_assert_not_null(base);
        cr_assert_eq((uintptr_t)base % HUGE_BYTES, 0);
        cr_assert(all_resident(base, sizes[i]));
        for (size_t at = 0; at < sizes[i]; at++) {
            cr_assert_eq(base[at], 0);
            base[at] = 0xff;
        }
        hf_memory_free(base, sizes[i]);
    }
}

Test(memory, is_given_back_whole)
{
    unsigned char vector;
    unsigned char *base = hf_memory_alloc(3 * HUGE_BYTES + 1, -1);
    cr_assert_not_null(base);
    /* nothing may be left of the room that the alignment took */
    unsigned char *after = base + 3 * HUGE_BYTES + 4096;
    cr_assert(mincore(after, 4096, &vector) != 0 && errno == ENOMEM);
    hf_memory_free(base, 3 * HUGE_BYTES + 1);
    cr_assert(mincore(base, 4096, &vector) != 0 && errno == ENOMEM);
    cr_assert(mincore(after - 4096, 4096, &vector) != 0 && errno == ENOMEM);
    hf_memory_free(NULL, 1);
}

Test(memory, that_cannot_be_had_is_null)
{
    cr_assert_null(hf_memory_alloc(SIZE_MAX, -1));
    cr_assert_null(hf_memory_alloc(SIZE_MAX / 2, -1));
    cr_assert_null(hf_memory_alloc(SIZE_MAX / 4, 0));
}

static int
alloc_without_locked_memory(void *context)
{
    (void)context;
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || setgid(65534) != 0 || setuid(65534) != 0) {
        return 0; /* not root: the limit was whatever it was */
    }
    unsigned char *base = hf_memory_alloc(8192, 0);
    if (base == NULL || (MLOCK_IS_REAL && hf_memory_lock(base, 8192) >= 0)) {
        return 1;
    }
    base[8191] = 1;
    return 0;
}

Test(memory, comes_unlocked_where_locking_is_forbidden)
{
    cr_assert_eq(child_run(alloc_without_locked_memory, NULL), 0);
}

Test(numa, memory_bound_to_a_node_lies_on_it)
{
    unsigned char *base = hf_memory_alloc(HUGE_BYTES, 0);
    cr_assert_not_null(base);
    int node = hf_numa_node_of_page(base);
    cr_assert(node == 0 || node == -ENOSYS, "node %d", node);
    hf_memory_free(base, HUGE_BYTES);
}

Test(numa, a_node_that_does_not_exist_is_refused_but_memory_still_comes)
{
    const int nodes[] = {-1, 1023, 1024, 1 << 30};
    unsigned char *page = hf_memory_alloc(4096, -1);
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        cr_assert_lt(hf_numa_bind(page, 4096, nodes[i]), 0, "node %d", nodes[i]);
    }
    hf_memory_free(page, 4096);
    page = hf_memory_alloc(4096, 1023);
    cr_assert_not_null(page);
    hf_memory_free(page, 4096);
}

/** The policy of a page that has none of its own: the thread's. */
static int
prefer_node_0(void *context)
{
    (void)context;
    int mode = -1;
    unsigned long nodes[1024 / (8 * sizeof(unsigned long))] = {0};
    if (hf_numa_prefer(0) != 0 || get_mempolicy(&mode, nodes, 1025, NULL, 0) != 0) {
        return 1;
    }
    return mode == MPOL_PREFERRED && nodes[0] == 1 ? 0 : 2;
}

Test(numa, a_thread_gets_its_memory_where_it_prefers)
{
    cr_assert_eq(child_run(prefer_node_0, NULL), 0);
}

Test(numa, a_node_that_cannot_be_is_not_preferred)
{
    const int nodes[] = {-1, 1023, 1024, 1 << 30};
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        cr_assert_eq(hf_numa_prefer(nodes[i]), -EINVAL, "node %d", nodes[i]);
    }
}

Test(numa, the_node_of_an_unmapped_page_is_an_error)
{
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page, 4096);
    cr_assert_lt(hf_numa_node_of_page(page), 0);
}

static int
pin_to_each_cpu(void *context)
{
    (void)context;
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
        return 1;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && (hf_numa_pin_thread(cpu) != 0 || sched_getcpu() != cpu)) {
            return 2;
        }
    }
    return 0;
}

Test(numa, a_pinned_thread_runs_where_it_was_pinned)
{
    cr_assert_eq(child_run(pin_to_each_cpu, NULL), 0);
}

Test(numa, a_cpu_that_does_not_exist_is_refused)
{
    const int cpus[] = {-1, CPU_SETSIZE - 1, CPU_SETSIZE, 1 << 30};
    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
        cr_assert_eq(hf_numa_pin_thread(cpus[i]), -EINVAL);
        cr_assert_eq(hf_numa_node_of_cpu(cpus[i]), -1);
    }
    cr_assert_geq(hf_numa_node_of_cpu(0), -1);
}

Test(memory, wishes_on_unmapped_memory_return_codes)
{
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page, 4096);
    cr_assert(!MLOCK_IS_REAL || hf_memory_lock(page, 4096) < 0);
    cr_assert_lt(hf_memory_huge(page, 4096), 0);
}

Test(memory, reserved_memory_is_zero_and_resident_only_where_it_was_touched)
{
    const size_t pages = 1024;
    unsigned char *base = hf_memory_reserve(pages * 4096);
    unsigned char resident[1024];
    size_t count = 0;
    cr_assert_not_null(base);
    base[5 * 4096] = 1;
    cr_expect_eq(base[4096], 0);
    cr_assert_eq(mincore(base, pages * 4096, resident), 0);
    for (size_t i = 0; i < pages; i++) {
        count += resident[i] & 1;
    }
    /* The one page, or the huge page around it where the host makes these unasked. */
    cr_expect(count >= 1 && count <= 512, "%zu", count);
    hf_memory_free(base, pages * 4096);
    cr_assert_null(hf_memory_reserve(SIZE_MAX));
}

/** Whether the kernel has this flag ("lo", "hg", "nh") on the mapping of an address. */
static bool
has_flag(const void *base, const char *flag)
{
    char line[512];
    char wanted[8];
    bool inside = false;
    bool found = false;
    FILE *file = fopen("/proc/self/smaps", "re");
    cr_assert_not_null(file);
    snprintf(wanted, sizeof(wanted), " %s", flag);
    while (fgets(line, sizeof(line), file) != NULL) {
        unsigned long from;
        unsigned long to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
            inside = (uintptr_t)base >= from && (uintptr_t)base < to;
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            found = strstr(line, wanted) != NULL;
        }
    }
    fclose(file);
    return found;
}

/* AddressSanitizer replaces mlock() by nothing. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MLOCK_IS_INERT true
#endif
#endif
#ifndef MLOCK_IS_INERT
#define MLOCK_IS_INERT false
#endif

Test(memory, is_locked_and_huge_as_wished)
{
    for (int wish = 0; wish < 4; wish++) {
        bool lock = (wish & 1) != 0;
        bool huge = (wish & 2) != 0;
        hf_memory_wish(lock, huge);
        unsigned char *base = hf_memory_alloc(2 * HUGE_BYTES, -1);
        cr_assert_not_null(base);
        cr_expect(has_flag(base, "lo") == lock || MLOCK_IS_INERT, "wish %d", wish);
        cr_expect_eq(has_flag(base, "hg"), huge, "wish %d", wish);
        cr_expect_eq(has_flag(base, "nh"), !huge, "wish %d", wish);
        hf_memory_free(base, 2 * HUGE_BYTES);
    }
}
