/* disk_direct.c - writes past the page cache (disk.h: M6). */
#include "sim/disk.h"

#include "sim/disk_internal.h"
#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR ((size_t)512)
#define DIRECT_MAX 64

struct direct {
    struct inode *inode; /**< NULL: free */
    size_t offset;
    size_t len_bytes;
    bool left; /**< its process was killed */
    unsigned char content[DISK_FILE_BYTES_MAX];
};

static struct direct writes[DIRECT_MAX];

static void
release(struct direct *write)
{
    write->inode->refs--;
    write->inode = NULL;
}

static void
check_place(const struct inode *inode, size_t offset, size_t len_bytes)
{
    if (offset % SECTOR != 0 || len_bytes % SECTOR != 0 || len_bytes == 0 ||
        offset + len_bytes > inode->len_bytes) {
        sim_violation("a direct write of %zu bytes at %zu is not aligned, or behind the end",
                      len_bytes, offset);
    }
    for (const struct direct *write = writes; write < writes + DIRECT_MAX; write++) {
        if (write->inode == inode && !write->left &&
            write->offset / DISK_PAGE <= (offset + len_bytes - 1) / DISK_PAGE &&
            offset / DISK_PAGE <= (write->offset + write->len_bytes - 1) / DISK_PAGE) {
            sim_violation("D2: two direct writes of one block are under way");
        }
    }
}

int
disk_direct_begin(struct inode *inode, size_t offset, const void *data, size_t len_bytes)
{
    check_place(inode, offset, len_bytes);
    struct direct *write = writes;
    while (write < writes + DIRECT_MAX && write->inode != NULL) {
        write++;
    }
    if (write == writes + DIRECT_MAX) {
        abort(); /* the simulator is too small for this run */
    }
    inode->refs++;
    write->inode = inode;
    write->offset = offset;
    write->len_bytes = len_bytes;
    write->left = false;
    memcpy(write->content, data, len_bytes);
    return (int)(write - writes);
}

void
disk_direct_end(int number, const void *data, size_t written)
{
    struct direct *write = &writes[number];
    if (memcmp(write->content, data, write->len_bytes) != 0) {
        sim_violation("D2: memory that a direct write reads was stored into");
    }
    disk_write(write->inode, write->offset, write->content, written);
    release(write);
}

/** Some sectors of it are there; the others are as they were. */
static void
write_some(const struct direct *write, uint32_t percent)
{
    for (size_t at = 0; at < write->len_bytes; at += SECTOR) {
        if (sim_chance(percent)) {
            disk_write(write->inode, write->offset + at, write->content + at, SECTOR);
        }
    }
}

void
disk_direct_fail(int number)
{
    write_some(&writes[number], 50);
    release(&writes[number]);
}

void
disk_directs_leave(void)
{
    for (struct direct *write = writes; write < writes + DIRECT_MAX; write++) {
        write->left = true;
    }
}

void
disk_direct_land(void)
{
    struct direct *write = &writes[sim_below(DIRECT_MAX)];
    if (write->inode != NULL && write->left) {
        disk_write(write->inode, write->offset, write->content, write->len_bytes);
        release(write);
    }
}

bool
disk_direct_await(const struct inode *inode)
{
    bool waits = sim_chance(50);
    for (struct direct *write = writes; write < writes + DIRECT_MAX; write++) {
        if (write->inode != inode || !write->left) {
            continue;
        }
        if (waits) {
            return false;
        }
        disk_write(write->inode, write->offset, write->content, write->len_bytes);
        release(write);
    }
    return true;
}

void
disk_directs_power_cut(uint32_t percent)
{
    for (struct direct *write = writes; write < writes + DIRECT_MAX; write++) {
        if (write->inode != NULL) {
            write_some(write, percent);
            release(write);
        }
    }
}

void
disk_directs_reset(void)
{
    for (struct direct *write = writes; write < writes + DIRECT_MAX; write++) {
        write->inode = NULL;
    }
}
