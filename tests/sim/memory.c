/*
 * memory.c - private memory: each process allocates from an arena of its own, which dies with it.
 *
 *   | header | block | header | block ... | free |
 *
 * Blocks are stacked; a block that is freed is given back when all above it are.
 */
#include "sim/calls.h"

#include "sim/descriptors.h"
#include "sim/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define LINE ((size_t)128) /* as the log's handle wants it */

struct header {
    struct header *below;
    size_t len_bytes;
    bool freed;
};

struct arena {
    unsigned char *base;
    size_t used;
    struct header *last;
};

static struct arena arenas[SIM_PROCESSES];

static unsigned char *
arena_base(struct arena *arena)
{
    if (arena->base == NULL) {
        arena->base = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (arena->base == MAP_FAILED) {
            abort();
        }
    }
    return arena->base;
}

void
sim_arena_reset(int process)
{
    arenas[process].used = 0;
    arenas[process].last = NULL;
}

static void *
arena_alloc(struct arena *arena, size_t len_bytes)
{
    size_t whole = LINE + ((len_bytes + LINE - 1) & ~(LINE - 1));
    if (whole > ARENA_BYTES - arena->used) {
        sim_violation("process %d uses more than %zu bytes of memory", sim_world.current,
                      ARENA_BYTES);
    }
    struct header *header = (struct header *)(void *)(arena_base(arena) + arena->used);
    *header = (struct header){.below = arena->last, .len_bytes = len_bytes};
    arena->last = header;
    arena->used += whole;
    return (unsigned char *)header + LINE;
}

static struct header *
header_of(void *block)
{
    return (struct header *)(void *)((unsigned char *)block - LINE);
}

static void
arena_free(struct arena *arena, void *block)
{
    header_of(block)->freed = true;
    while (arena->last != NULL && arena->last->freed) {
        arena->used = (size_t)((unsigned char *)arena->last - arena->base);
        arena->last = arena->last->below;
    }
}

static struct arena *
arena_of(const void *block)
{
    for (int i = 0; i < SIM_PROCESSES; i++) {
        const unsigned char *base = arenas[i].base;
        if (base != NULL && (const unsigned char *)block >= base &&
            (const unsigned char *)block < base + ARENA_BYTES) {
            return &arenas[i];
        }
    }
    return NULL;
}

void *
__wrap_malloc(size_t len_bytes)
{
    return sim_world.current == SIM_OUTSIDE ? __real_malloc(len_bytes)
                                            : arena_alloc(&arenas[sim_world.current], len_bytes);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    if (sim_world.current == SIM_OUTSIDE) {
        return __real_calloc(count, size);
    }
    return memset(arena_alloc(&arenas[sim_world.current], count * size), 0, count * size);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t len_bytes)
{
    if (alignment > LINE) {
        abort();
    }
    return __wrap_malloc(len_bytes);
}

void
__wrap_free(void *block)
{
    struct arena *arena = block == NULL ? NULL : arena_of(block);
    if (arena == NULL) {
        __real_free(block);
    } else {
        arena_free(arena, block);
    }
}

void *
__wrap_reallocarray(void *block, size_t count, size_t len_bytes)
{
    return __wrap_realloc(block, count * len_bytes);
}

void *
__wrap_realloc(void *block, size_t len_bytes)
{
    if (sim_world.current == SIM_OUTSIDE) {
        return __real_realloc(block, len_bytes);
    }
    void *grown = __wrap_malloc(len_bytes);
    if (block != NULL) {
        size_t before = header_of(block)->len_bytes;
        memcpy(grown, block, before < len_bytes ? before : len_bytes);
        __wrap_free(block);
    }
    return grown;
}

void *
__wrap_hf_memory_alloc(size_t len_bytes, int node)
{
    (void)node;
    return __wrap_calloc(1, len_bytes);
}

void *
__wrap_hf_memory_reserve(size_t len_bytes)
{
    return __wrap_calloc(1, len_bytes);
}

void
__wrap_hf_memory_free(void *base, size_t len_bytes)
{
    (void)len_bytes;
    __wrap_free(base);
}

/* Shared memory and mapped files */

void *
__wrap_mmap(void *base, size_t len_bytes, int protection, int flags, int fd, off_t offset)
{
    struct sim_fd *file = sim_fd(fd);
    if (file == NULL) {
        return __real_mmap(base, len_bytes, protection, flags, fd, offset);
    }
    return sim_map(file->inode);
}

int
__wrap_munmap(void *base, size_t len_bytes)
{
    return sim_unmap(base) ? 0 : __real_munmap(base, len_bytes);
}

int
__wrap_madvise(void *base, size_t len_bytes, int advice)
{
    (void)base, (void)len_bytes, (void)advice;
    return 0;
}
