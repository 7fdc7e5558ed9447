/*
 * disk.h - the simulated disk: files as the page cache shows them and as the medium holds them, and
 * the names of one directory.
 *
 *   store, pwrite ──► cache ── flush, or write-back at any moment ──► medium
 *
 * M1  a flush that returns success has brought its range, as it was when the flush began, to the medium
 * M2  a page that no completed flush covers reaches the medium granule by granule (8, 64, 512 or 4096
 *     bytes) whenever it likes, or never; 8-byte words are never torn
 * M3  after a flush that failed, each granule may or may not be on the medium, and its pages count as
 *     clean: they are not written again until they are changed; when nobody has them mapped the cache
 *     may drop them, and then shows what the medium holds
 * M4  a change of a name (create, rename, unlink) is durable after an fsync of the directory; without
 *     one it happens or not, those of one name in their order
 * M5  a length is durable after an fsync of the file
 * M6  a direct write is as if stored (M2) from its end on, or in part when it fails. When its process is
 *     killed while it is under way it ends later all the same, unless its file's lock is waited for
 *
 * Shared memory objects are files without a medium.
 */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_PAGE ((size_t)4096)
#define DISK_FILE_BYTES_MAX ((size_t)64 << 10)
#define DISK_MEMORY_BYTES_MAX ((size_t)512 << 10) /* all reports that a client can miss */
#define DISK_NAME_BYTES 96
#define DISK_NAMES_MAX 128 /* of one directory */

struct inode {
    unsigned char *cache;
    unsigned char *medium; /**< NULL for shared memory */
    unsigned char *seen;   /**< pages of a failed flush as they were then (M3) */
    size_t len_bytes;
    size_t durable_len_bytes;
    uint64_t number;
    uint32_t lost;   /**< bitmap of pages: clean by M3, but perhaps not on the medium */
    unsigned refs;   /**< descriptors and mappings */
    unsigned mapped; /**< the mappings among them */
    bool used;
    bool settled; /**< medium == cache for certain */
    int locker;   /**< process that holds its lock, -1: none */
};

enum disk_place { DISK_LOG, DISK_SHM, DISK_PLACES };

void disk_reset(void);
void disk_power_cut(void);
/** The daemon died: pages of M3 that it had mapped may be dropped. */
void disk_drop_lost_pages(void);

struct inode *disk_find(enum disk_place place, const char *name);
struct inode *disk_create(enum disk_place place, const char *name);
struct inode *disk_create_unnamed(void); /**< memory that lives as long as it is open or mapped */
bool disk_unlink(enum disk_place place, const char *name);
bool disk_rename(enum disk_place place, const char *from, const char *to);
const char *disk_name(enum disk_place place, size_t i); /**< NULL: there are no more */
void disk_sync_names(void);                             /**< M4 */
bool disk_directory_exists(void);
void disk_make_directory(void);
void disk_sync_parent(void);

bool disk_set_length(struct inode *inode, size_t len_bytes); /**< false: too long */
void disk_write(struct inode *inode, size_t offset, const void *data, size_t len_bytes);
void disk_zero(struct inode *inode, size_t offset, size_t len_bytes);
void disk_map(struct inode *inode); /**< from now on stores are not seen */
void disk_unmap(struct inode *inode);
/** M2: some granule that has changed goes to the medium now. */
void disk_write_back(void);

/** One direct write; others may run between begin and end (M6). @return its number */
int disk_direct_begin(struct inode *inode, size_t offset, const void *data, size_t len_bytes);
/** @param data     the same memory as before, with the same content
 *  @param written  sectors, from the first one on */
void disk_direct_end(int number, const void *data, size_t written);
void disk_direct_fail(int number);
void disk_directs_leave(void); /**< whoever began them was killed */
void disk_direct_land(void);   /**< perhaps one of those ends */
/** @return false: some are still under way */
bool disk_direct_await(const struct inode *inode);

/** One flush, from its begin to its end; others may run in between. Lives on the caller's stack. */
struct disk_flush {
    struct inode *inode;
    size_t begin;
    size_t end; /**< whole pages */
    struct disk_flush *below;
    unsigned char content[DISK_FILE_BYTES_MAX];
};
void disk_flush_begin(struct disk_flush *flush, struct inode *inode, size_t offset, size_t len);
void disk_flush_end(struct disk_flush *flush);
void disk_flush_fail(struct disk_flush *flush);
/** Whoever called them was killed: each granule of theirs is written or not. */
void disk_flushes_abandon(void);

#endif
