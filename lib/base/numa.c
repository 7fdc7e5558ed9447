/*
 * numa.c - memory near the thread that uses it, resident before it is needed.
 *
 * hf_memory_alloc() goes: address space, huge pages wished, node bound, every page touched, locked.
 * Bind comes before touch because a page is placed when it is first touched. All but the address
 * space and the pages themselves are wishes: a host that refuses them makes us slower, not wrong.
 */
#include "base/numa.h"

#include "base/panic.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define NODES_MAX 1024 /* the kernel's own limit, CONFIG_NODES_SHIFT 10 */
#define BITS_PER_LONG (8 * sizeof(unsigned long))

int
hf_numa_node_of_cpu(int cpu)
{
    if (cpu < 0 || numa_available() < 0) {
        return -1;
    }
    return numa_node_of_cpu(cpu);
}

int
hf_numa_pin_thread(int cpu)
{
    if (cpu < 0 || cpu >= CPU_SETSIZE) {
        return -EINVAL;
    }
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set) == 0 ? 0 : -errno;
}

struct node_mask {
    unsigned long bits[NODES_MAX / BITS_PER_LONG];
};

#define MASK_BITS (NODES_MAX + 1) /* the kernel looks at one bit less than it is told */

/** The mask of one node. Returns false when no such node can be. */
static bool
mask_of(int node, struct node_mask *mask)
{
    if (node < 0 || node >= NODES_MAX) {
        return false;
    }
    *mask = (struct node_mask){.bits = {0}};
    mask->bits[(size_t)node / BITS_PER_LONG] = 1UL << ((size_t)node % BITS_PER_LONG);
    return true;
}

int
hf_numa_prefer(int node)
{
    struct node_mask mask;
    if (!mask_of(node, &mask)) {
        return -EINVAL;
    }
    return set_mempolicy(MPOL_PREFERRED, mask.bits, MASK_BITS) == 0 ? 0 : -errno;
}

int
hf_numa_bind(void *base, size_t len_bytes, int node)
{
    struct node_mask mask;
    if (!mask_of(node, &mask)) {
        return -EINVAL;
    }
    return mbind(base, len_bytes, MPOL_BIND, mask.bits, MASK_BITS, 0) == 0 ? 0 : -errno;
}

int
hf_numa_node_of_page(const void *page)
{
    int node = -1;
    void *address = (void *)page; /* libnuma's prototype lacks the const */
    return get_mempolicy(&node, NULL, 0, address, MPOL_F_NODE | MPOL_F_ADDR) == 0 ? node : -errno;
}

int
hf_memory_lock(void *base, size_t len_bytes)
{
    return mlock(base, len_bytes) == 0 ? 0 : -errno;
}

int
hf_memory_huge(void *base, size_t len_bytes)
{
    return madvise(base, len_bytes, MADV_HUGEPAGE) == 0 ? 0 : -errno;
}

static size_t
page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t
round_up(size_t value, size_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

/* Address space of `len` bytes that begins at a huge page: map one more, give back what is over. */
static unsigned char *
map_aligned(size_t len)
{
    size_t whole = len + HUGE_PAGE_BYTES;
    unsigned char *map =
        mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        return NULL;
    }
    size_t before = round_up((uintptr_t)map, HUGE_PAGE_BYTES) - (uintptr_t)map;
    size_t after = HUGE_PAGE_BYTES - before;
    if (before > 0) {
        munmap(map, before);
    }
    if (after > 0) {
        munmap(map + before + len, after);
    }
    return map + before;
}

/* Touch every page. Returns 0 or a negative errno (out of memory). */
static int
prefault(unsigned char *base, size_t len)
{
    int result;
    do {
        result = madvise(base, len, MADV_POPULATE_WRITE);
    } while (result != 0 && errno == EINTR);
    if (result == 0) {
        return 0;
    }
    if (errno != EINVAL) {
        return -errno;
    }
    volatile unsigned char *bytes = base; /* a kernel before 5.14; volatile: keep the stores */
    for (size_t i = 0; i < len; i += page_bytes()) {
        bytes[i] = 0;
    }
    return 0;
}

static struct {
    bool lock;
    bool huge;
} wish = {true, true};

void
hf_memory_wish(bool lock, bool huge)
{
    wish.lock = lock;
    wish.huge = huge;
}

void *
hf_memory_alloc(size_t len_bytes, int node)
{
    HF_ASSERT("memory has a size", len_bytes > 0);
    if (len_bytes > SIZE_MAX / 2) {
        return NULL;
    }
    size_t len = round_up(len_bytes, page_bytes());
    unsigned char *base = map_aligned(len);
    if (base == NULL) {
        return NULL;
    }
    if (wish.huge) {
        (void)hf_memory_huge(base, len);
    } else {
        (void)madvise(base, len, MADV_NOHUGEPAGE);
    }
    if (node >= 0) {
        (void)hf_numa_bind(base, len, node);
    }
    if (prefault(base, len) != 0) {
        munmap(base, len);
        return NULL;
    }
    if (wish.lock) {
        (void)hf_memory_lock(base, len);
    }
    return base;
}

void *
hf_memory_reserve(size_t len_bytes)
{
    HF_ASSERT("memory has a size", len_bytes > 0);
    return len_bytes > SIZE_MAX / 2 ? NULL : map_aligned(round_up(len_bytes, page_bytes()));
}

void
hf_memory_free(void *base, size_t len_bytes)
{
    if (base != NULL) {
        munmap(base, round_up(len_bytes, page_bytes()));
    }
}
