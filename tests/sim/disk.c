/* disk.c - files: cache, medium, and what passes between them (disk.h). */
#include "sim/disk.h"

#include "sim/accident.h"
#include "sim/disk_internal.h"
#include "sim/world.h"

#include <string.h>

static struct disk_flush *flushes; /**< under way, the innermost first */

/* Granules */

/** The page as a flush would find it: is there anything to write (M3)? */
static bool
page_is_dirty(struct inode *inode, size_t page)
{
    size_t at = page * DISK_PAGE;
    uint32_t bit = (uint32_t)1 << page;
    if ((inode->lost & bit) != 0) {
        if (memcmp(inode->cache + at, inode->seen + at, DISK_PAGE) == 0) {
            return false;
        }
        inode->lost &= ~bit; /* somebody has stored into it since */
    }
    return memcmp(inode->cache + at, inode->medium + at, DISK_PAGE) != 0;
}

/** Write one granule whole, or its first words only: as it was at an earlier moment. */
static void
granule_write(unsigned char *to, const unsigned char *from, size_t len_bytes, bool torn)
{
    memcpy(to, from, torn ? (size_t)sim_below(len_bytes / 8) * 8 : len_bytes);
}

/** Each granule of the range that differs is written with this chance. */
static void
range_scatter(unsigned char *medium, const unsigned char *from, size_t len_bytes, uint32_t percent)
{
    size_t granule = sim_world.params.granule;
    for (size_t at = 0; at < len_bytes; at += granule) {
        if (memcmp(medium + at, from + at, granule) != 0 && sim_chance(percent)) {
            granule_write(medium + at, from + at, granule, sim_chance(20));
        }
    }
}

static size_t
pages_of_bytes(size_t len_bytes)
{
    return (len_bytes + DISK_PAGE - 1) / DISK_PAGE;
}

static size_t
pages_of(const struct inode *inode)
{
    return pages_of_bytes(inode->len_bytes);
}

static void
scatter(struct inode *inode, uint32_t percent)
{
    for (size_t page = 0; page < pages_of(inode); page++) {
        if (page_is_dirty(inode, page)) {
            range_scatter(inode->medium + page * DISK_PAGE, inode->cache + page * DISK_PAGE,
                          DISK_PAGE, percent);
        }
    }
}

/* Stores */

static void
touch(struct inode *inode, size_t offset, size_t len_bytes)
{
    if (inode->medium == NULL) {
        return;
    }
    inode->settled = false;
    for (size_t page = offset / DISK_PAGE; len_bytes > 0 && page * DISK_PAGE < offset + len_bytes;
         page++) {
        inode->lost &= ~((uint32_t)1 << page); /* written anew, also where the bytes are the same */
    }
}

bool
disk_set_length(struct inode *inode, size_t len_bytes)
{
    if (len_bytes > (inode->medium != NULL ? DISK_FILE_BYTES_MAX : DISK_MEMORY_BYTES_MAX)) {
        return false;
    }
    if (len_bytes > inode->len_bytes) {
        /* Whole pages: what lies in the last one behind the end is compared and written like the rest of it, and
         * must not be what an earlier world left in this memory. */
        size_t grown = pages_of_bytes(len_bytes) * DISK_PAGE - inode->len_bytes;
        memset(inode->cache + inode->len_bytes, 0, grown);
        if (inode->medium != NULL) { /* allocated, not written: reads as zeros on the medium too */
            memset(inode->medium + inode->len_bytes, 0, grown);
        }
    }
    inode->len_bytes = len_bytes;
    return true;
}

void
disk_write(struct inode *inode, size_t offset, const void *data, size_t len_bytes)
{
    memcpy(inode->cache + offset, data, len_bytes);
    touch(inode, offset, len_bytes);
}

void
disk_zero(struct inode *inode, size_t offset, size_t len_bytes)
{
    memset(inode->cache + offset, 0, len_bytes);
    touch(inode, offset, len_bytes);
}

void
disk_map(struct inode *inode)
{
    inode->settled = false;
    inode->mapped++;
    inode->refs++;
}

void
disk_unmap(struct inode *inode)
{
    inode->mapped--;
    inode->refs--;
}

/* Flushes */

static bool
is_being_flushed(const struct inode *inode)
{
    const struct disk_flush *flush = flushes;
    while (flush != NULL && flush->inode != inode) {
        flush = flush->below;
    }
    return flush != NULL;
}

void
disk_write_back(void)
{
    struct inode *inode = disk_any_log_file();
    /* A page that is under write-back is not written a second time until that is done. */
    if (inode != NULL && !inode->settled && !is_being_flushed(inode)) {
        scatter(inode, (uint32_t)sim_below(101));
    }
}

void
disk_flush_begin(struct disk_flush *flush, struct inode *inode, size_t offset, size_t len)
{
    flush->inode = inode;
    flush->begin = offset / DISK_PAGE * DISK_PAGE;
    flush->end = (offset + len + DISK_PAGE - 1) / DISK_PAGE * DISK_PAGE;
    if (inode->settled) {
        flush->end = flush->begin; /* nothing to do */
    }
    memcpy(flush->content + flush->begin, inode->cache + flush->begin, flush->end - flush->begin);
    flush->below = flushes;
    flushes = flush;
}

static void
flush_pop(const struct disk_flush *flush)
{
    flushes = flush->below;
}

/** A page that was clean when the flush began is not written by it. */
static bool
flush_covers(struct disk_flush *flush, size_t page)
{
    size_t at = page * DISK_PAGE;
    struct inode *inode = flush->inode;
    return (inode->lost & ((uint32_t)1 << page)) == 0 ||
           memcmp(flush->content + at, inode->seen + at, DISK_PAGE) != 0;
}

void
disk_flush_end(struct disk_flush *flush)
{
    struct inode *inode = flush->inode;
    for (size_t page = flush->begin / DISK_PAGE; page * DISK_PAGE < flush->end; page++) {
        if (flush_covers(flush, page)) {
            memcpy(inode->medium + page * DISK_PAGE, flush->content + page * DISK_PAGE, DISK_PAGE);
        }
    }
    if (flush->begin == 0 && flush->end >= inode->len_bytes && inode->lost == 0) {
        inode->settled =
            inode->mapped == 0 && memcmp(inode->cache, inode->medium, inode->len_bytes) == 0;
    }
    flush_pop(flush);
}

void
disk_flush_fail(struct disk_flush *flush)
{
    struct inode *inode = flush->inode;
    for (size_t page = flush->begin / DISK_PAGE; page * DISK_PAGE < flush->end; page++) {
        size_t at = page * DISK_PAGE;
        if (!flush_covers(flush, page)) {
            continue;
        }
        range_scatter(inode->medium + at, flush->content + at, DISK_PAGE, 50);
        memcpy(inode->seen + at, flush->content + at, DISK_PAGE);
        inode->lost |= (uint32_t)1 << page;
    }
    flush_pop(flush);
}

void
disk_flushes_abandon(void)
{
    for (; flushes != NULL; flushes = flushes->below) {
        unsigned char *medium = flushes->inode->medium;
        for (size_t page = flushes->begin / DISK_PAGE; page * DISK_PAGE < flushes->end; page++) {
            if (flush_covers(flushes, page)) {
                range_scatter(medium + page * DISK_PAGE, flushes->content + page * DISK_PAGE,
                              DISK_PAGE, 50);
            }
        }
    }
}

/* Crashes */

void
disk_inode_drop_lost(struct inode *inode)
{
    for (size_t page = 0; inode->lost != 0 && page < pages_of(inode); page++) {
        size_t at = page * DISK_PAGE;
        if ((inode->lost & ((uint32_t)1 << page)) != 0 && !page_is_dirty(inode, page) &&
            (inode->lost & ((uint32_t)1 << page)) != 0 && sim_chance(50)) {
            memcpy(inode->cache + at, inode->medium + at, DISK_PAGE);
            inode->lost &= ~((uint32_t)1 << page);
            accident_pages_dropped();
        }
    }
}

void
disk_inode_power_cut(struct inode *inode, uint32_t percent)
{
    if (!inode->settled) {
        scatter(inode, percent);
    }
    if (inode->len_bytes != inode->durable_len_bytes && sim_chance(50)) {
        inode->len_bytes = inode->durable_len_bytes; /* M5 */
    }
    memcpy(inode->cache, inode->medium, inode->len_bytes);
    inode->durable_len_bytes = inode->len_bytes;
    inode->lost = 0;
    inode->settled = true;
}

void
disk_files_reset(void)
{
    flushes = NULL;
}
