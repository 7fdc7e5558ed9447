/*
 * pool.h - counts of a fixed array of structs: which indices are taken, which are free.
 *
 *   index   0      1 ........ high        high + 1 ...... capacity
 *         | none | taken or free-listed | never used, all zero    |
 *
 * P1  index 0 is never handed out: it means "none" in every link
 * P2  used + length of the free list == high <= capacity
 *
 * The array belongs to the caller. A free item keeps the index of the next free one in a 32-bit link
 * inside itself; last in, first out, so that what is handed out next was touched last.
 */
#ifndef HF_CORE_POOL_H
#define HF_CORE_POOL_H

#include "base/panic.h"

#include <stdint.h>

struct hf_pool {
    uint32_t capacity;
    uint32_t high;      /**< highest index handed out so far */
    uint32_t free_head; /**< first of the free list; 0: empty */
    uint32_t used;
};

static inline void
hf_pool_init(struct hf_pool *pool, uint32_t capacity)
{
    *pool = (struct hf_pool){.capacity = capacity};
}

static inline uint32_t
hf_pool_room(const struct hf_pool *pool)
{
    return pool->capacity - pool->used;
}

/** The index that hf_pool_take() would hand out next. The pool must have room. */
static inline uint32_t
hf_pool_next(const struct hf_pool *pool)
{
    return pool->free_head != 0 ? pool->free_head : pool->high + 1;
}

/** Take hf_pool_next(); `link` is the link word of that item. */
static inline void
hf_pool_take(struct hf_pool *pool, uint32_t *link)
{
    HF_ASSERT("P2", pool->used < pool->capacity);
    if (pool->free_head != 0) {
        pool->free_head = *link;
        *link = 0;
    } else {
        pool->high++;
    }
    pool->used++;
}

/** Give item `index` back; `link` is its link word. */
static inline void
hf_pool_give(struct hf_pool *pool, uint32_t index, uint32_t *link)
{
    HF_ASSERT("P1", index != 0 && index <= pool->high && pool->used != 0);
    *link = pool->free_head;
    pool->free_head = index;
    pool->used--;
}

#endif
