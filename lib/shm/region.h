/*
 * region.h - one named POSIX shared-memory object: create, open, map, destroy.
 *
 * Life of an object: hf_region_create (O_EXCL, mode 0600, memory allocated up front so that a full
 * tmpfs is an error here and no SIGBUS later) → owner fills it → owner stores its magic last, with
 * release → others map it → hf_region_detach → hf_region_unlink.
 */
#ifndef HF_SHM_REGION_H
#define HF_SHM_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HF_REGION_NAME_BYTES 96

struct hf_region {
    void *base; /**< NULL when not mapped */
    size_t len_bytes;
    int fd; /**< -1 when none is kept */
    char name[HF_REGION_NAME_BYTES];
};

/** Make a new object of len_bytes (rounded up to a page), zeroed, mapped for writing, fd kept.
 *  @return 0, HF_E_BUSY (the name exists), HF_E_NO_SPACE, HF_E_MEMORY, HF_E_SYSTEM (errno) */
int hf_region_create(struct hf_region *region, const char *name, size_t len_bytes);

/** Give an object whose maker died before it was finished len_bytes of zeros, and map it as if it had just
 *  been created: it never lacks its name. @return as hf_region_create(); HF_E_UNKNOWN, HF_E_DENIED as
 *  hf_region_open() */
int hf_region_finish(struct hf_region *region, const char *name, size_t len_bytes);

/** Map an existing object whole. @return 0, HF_E_UNKNOWN (no such name), HF_E_DENIED (another user made
 *  it, or others may write it: what it says is worth nothing), HF_E_CORRUPT (empty: its maker died
 *  before it had a size), HF_E_MEMORY, HF_E_SYSTEM (errno) */
int hf_region_open(struct hf_region *region, const char *name, bool writable);

/** Map the first len_bytes of an existing object, whatever its maker's peer made of its length since.
 *  @return as hf_region_open(); HF_E_CORRUPT also when it is shorter */
int hf_region_open_part(struct hf_region *region, const char *name, size_t len_bytes,
                        bool writable);

/** Map an object received as a descriptor; takes over `fd`, also on failure. `len_bytes` is what the
 *  peer said: HF_E_CORRUPT when the object is smaller. */
int hf_region_map_fd(struct hf_region *region, int fd, size_t len_bytes, bool writable);

/** A read-only descriptor of a mapped object, for passing on; -1 with errno. */
int hf_region_reader_fd(const struct hf_region *region);

/** Unmap and close; the object itself stays. Safe on a zeroed or detached region. */
void hf_region_detach(struct hf_region *region);

/** Remove a name; a missing one is no error. */
int hf_region_unlink(const char *name);

/** Give an object another name, in one step; an object of that name is replaced. What is mapped stays mapped.
 *  @return 0, HF_E_UNKNOWN (no such object), HF_E_SYSTEM (errno) */
int hf_region_rename(const char *name, const char *new_name);

/** Call `visit` with the name ("/x") of every object whose name begins with `prefix` ("/x..."). */
int hf_region_list(const char *prefix, void (*visit)(void *context, const char *name),
                   void *context);

#endif
