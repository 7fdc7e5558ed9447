/*
 * ladder.h - the ordered set of occupied prices of one side of a book: a path-compressed 64-ary bitmap
 * trie.
 *
 *   key (64 bits) = prefix of the node | digit of the node | ...    6 bits a digit, height 0 the last
 *
 *   branch, height h  bitmap 0000..0110..   child[k]: node of any lesser height
 *                              │
 *   leaf, height 0    bitmap 0100..0001..   child[k]: value (a level's index)
 *
 * A branch stands only where keys part: a key is found in two steps in a narrow book, wherever that is and
 * however far it has wandered, and in one more for each further height at which keys far away part from it;
 * in eleven at most, which is the number of digits.
 *
 * T1  a leaf has at least one child, a branch at least two: n keys never take more than 2n - 1 nodes,
 *     however far they lie apart
 * T2  child[k] != 0 exactly where bit k of the bitmap is set (free nodes: all zero but the link)
 * T3  the keys below a node have its prefix; the heights fall on the way down
 */
#ifndef HF_CORE_LADDER_H
#define HF_CORE_LADDER_H

#include "core/pool.h"

#include <stdbool.h>

#define HF_LADDER_HEIGHT_MAX 10u

/** Added to a signed number of ticks to make a key: every digit of 0 is in the middle of its node, so
 *  that books around 0 do not straddle the top of the trie. Ticks are below 2^60 either way. */
#define HF_LADDER_BIAS 0x8820820820820820u

struct hf_ladder_node {
    uint64_t bitmap; /**< bit k: child[k] is there */
    uint64_t prefix; /**< what all keys below have in common above the digit */
    uint32_t height;
    uint32_t child[64]; /**< in a free node: child[0] is the pool's link */
};

struct hf_ladder {
    uint32_t root; /**< 0: empty */
};

/** Where the nodes come from. */
struct hf_ladder_space {
    struct hf_pool *pool;
    struct hf_ladder_node *nodes;
};

enum hf_ladder_end { HF_LADDER_LOWEST, HF_LADDER_HIGHEST };

/** The bits of `key` above the digit of a node of this height. */
static inline uint64_t
hf_ladder_prefix(uint64_t key, uint32_t height)
{
    return height >= HF_LADDER_HEIGHT_MAX ? 0 : key >> (6u * (height + 1));
}

static inline uint32_t
hf_ladder_digit(uint64_t key, uint32_t height)
{
    return (uint32_t)(key >> (6u * height)) & 63u;
}

/** The value at a key; 0: none. */
static inline uint32_t
hf_ladder_find(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key)
{
    /* Prefixes wait for the leaf: a wrong turn above ends in a leaf of other keys, or nowhere. Node 0 is
     * a leaf without children. */
    const struct hf_ladder_node *node = &space.nodes[ladder->root];
    while (node->height != 0) {
        node = &space.nodes[node->child[hf_ladder_digit(key, node->height)]];
    }
    return node->prefix == hf_ladder_prefix(key, 0) ? node->child[hf_ladder_digit(key, 0)] : 0;
}

/** The leaf that hf_ladder_find() looks at, found without looking at it where its branch has height 1. */
static inline const struct hf_ladder_node *
hf_ladder_leaf(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key)
{
    const struct hf_ladder_node *node = &space.nodes[ladder->root];
    while (node->height > 1) {
        node = &space.nodes[node->child[hf_ladder_digit(key, node->height)]];
    }
    return node->height == 0 ? node : &space.nodes[node->child[hf_ladder_digit(key, 1)]];
}

/** Add a key that is not there; value != 0. It takes two nodes at most: a leaf, and the branch where that parts
 *  from what was there. A pool of two nodes for each key always has them (T1). */
void hf_ladder_insert(struct hf_ladder_space space, struct hf_ladder *ladder, uint64_t key,
                      uint32_t value);

/** Remove a key that is there. */
void hf_ladder_remove(struct hf_ladder_space space, struct hf_ladder *ladder, uint64_t key);

/** The value at the lowest or highest key; 0 when empty. */
uint32_t hf_ladder_end(struct hf_ladder_space space, const struct hf_ladder *ladder,
                       enum hf_ladder_end end);

/** The value next to a key that is there, going away from `from`; 0 when it is the last. */
uint32_t hf_ladder_step(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key,
                        enum hf_ladder_end from);

/** As hf_ladder_step(), for any key, there or not; 0 when the ladder is empty. */
uint32_t hf_ladder_beyond(struct hf_ladder_space space, const struct hf_ladder *ladder,
                          uint64_t key, enum hf_ladder_end from);

/** Panic unless T1, T2 and T3 hold; returns the number of nodes. `visit` sees each (key, value), keys
 *  ascending. */
uint32_t hf_ladder_audit(struct hf_ladder_space space, const struct hf_ladder *ladder,
                         void (*visit)(void *context, uint64_t key, uint32_t value), void *context);

#endif
