/*
 * calls_uring.c - writes past the page cache: pwritev, and io_uring as liburing shows it, whose inline functions
 * work on these arrays as they would on those of the kernel.
 */
#include "sim/calls.h"

#include "sim/descriptors.h"
#include "sim/schedule.h"
#include "sim/world.h"

#include <errno.h>
#include <string.h>

#define ENTRIES_MAX 16u
_Static_assert(sizeof(struct io_uring_cqe) == 16, "two words");

/** Of the one ring that there is: the daemon's. */
static struct {
    unsigned sq_head, sq_tail, cq_head, cq_tail;
    struct io_uring_sqe entries[ENTRIES_MAX];
    uint64_t ended[2 * ENTRIES_MAX][2]; /**< struct io_uring_cqe, which has no length of its own */
    struct {
        bool used;
        struct io_uring_sqe entry;
        int number; /**< of the disk's */
    } under_way[2 * ENTRIES_MAX];
    unsigned count; /**< under way */
} kernel;

int
__wrap_io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    sim_call();
    memset(&kernel, 0, sizeof(kernel));
    memset(ring, 0, sizeof(*ring));
    ring->flags = flags;
    ring->sq.khead = &kernel.sq_head;
    ring->sq.ktail = &kernel.sq_tail;
    ring->sq.sqes = kernel.entries;
    ring->sq.ring_entries = entries;
    ring->sq.ring_mask = entries - 1;
    ring->cq.khead = &kernel.cq_head;
    ring->cq.ktail = &kernel.cq_tail;
    ring->cq.cqes = (struct io_uring_cqe *)(void *)kernel.ended;
    ring->cq.ring_entries = 2 * entries;
    ring->cq.ring_mask = 2 * entries - 1;
    return 0;
}

void
__wrap_io_uring_queue_exit(struct io_uring *ring)
{
    (void)ring;
    if (kernel.count != 0) {
        sim_violation("D2: a ring is closed while its writes are under way");
    }
}

static void
entry_begin(const struct io_uring_sqe *entry)
{
    unsigned place = 0;
    while (kernel.under_way[place].used) {
        place++;
    }
    kernel.under_way[place].used = true;
    kernel.under_way[place].entry = *entry;
    kernel.under_way[place].number = disk_direct_begin(
        sim_fd(entry->fd)->inode, entry->off, (const void *)(uintptr_t)entry->addr, entry->len);
    kernel.count++;
}

/** Mostly all of it; else some sectors, nothing for now, or an error. */
static int
entry_end(const struct io_uring_sqe *entry, int number)
{
    const void *data = (const void *)(uintptr_t)entry->addr;
    if (sim_call_fails()) {
        disk_direct_fail(number);
        return sim_chance(50) ? -EIO : -ENOSPC;
    }
    if (!sim_world.calm && sim_below(50) == 0) {
        disk_direct_end(number, data, 0);
        return sim_chance(50) ? -EAGAIN : -EINTR;
    }
    size_t written = entry->len;
    if (!sim_world.calm && written > 512 && sim_below(20) == 0) {
        written = 512 * (1 + sim_below(written / 512 - 1));
    }
    disk_direct_end(number, data, written);
    return (int)written;
}

/** One of those under way, by chance. */
static void
some_end(const struct io_uring *ring)
{
    unsigned place = (unsigned)sim_below(2 * ENTRIES_MAX);
    while (!kernel.under_way[place].used) {
        place = (place + 1) % (2 * ENTRIES_MAX);
    }
    struct io_uring_sqe entry = kernel.under_way[place].entry;
    kernel.under_way[place].used = false;
    kernel.count--;
    struct io_uring_cqe *ended = (void *)kernel.ended[kernel.cq_tail & ring->cq.ring_mask];
    ended->user_data = entry.user_data;
    ended->res = entry_end(&entry, kernel.under_way[place].number);
    kernel.cq_tail++;
}

int
__wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned wait_count)
{
    int submitted = 0;
    sim_call();
    for (; kernel.sq_head != ring->sq.sqe_tail; kernel.sq_head++, submitted++) {
        entry_begin(&kernel.entries[kernel.sq_head & ring->sq.ring_mask]);
    }
    if (!sim_world.calm && sim_below(50) == 0) {
        return -EINTR;
    }
    for (unsigned ended = 0; kernel.count > 0 && (ended < wait_count || sim_chance(50)); ended++) {
        sim_call_takes_long();
        some_end(ring);
    }
    return submitted;
}

static size_t
gather(unsigned char *content, const struct iovec *parts, int count)
{
    size_t len_bytes = 0;
    for (int i = 0; i < count; i++) {
        memcpy(content + len_bytes, parts[i].iov_base, parts[i].iov_len);
        len_bytes += parts[i].iov_len;
    }
    return len_bytes;
}

ssize_t
__wrap_pwritev(int number, const struct iovec *parts, int count, off_t offset)
{
    static unsigned char content[DISK_FILE_BYTES_MAX];
    sim_call();
    size_t len_bytes = gather(content, parts, count);
    int write = disk_direct_begin(sim_fd(number)->inode, (size_t)offset, content, len_bytes);
    sim_call_takes_long();
    (void)gather(content, parts, count);
    int result = entry_end(
        &(struct io_uring_sqe){.addr = (uintptr_t)content, .len = (uint32_t)len_bytes}, write);
    if (result < 0) {
        errno = -result;
    }
    return result < 0 ? -1 : result;
}
