/*
 * ladder.h - the ordered set of occupied prices of one side of a book: a 64-ary bitmap trie.
 *
 *   key (64 bits) = prefix | digit of the root | ... | digit of the leaf        6 bits a digit
 *
 *   root, height 1    bitmap 0000..0110..   child[k]: node of height 0
 *                              │
 *   leaf, height 0    bitmap 0100..0001..   child[k]: value (a level's index)
 *
 * The root is only as high as the keys in use demand: it grows when a key lies outside its prefix and
 * collapses when it is left with one child, so that a narrow book costs two steps wherever it is and
 * however far it has wandered. Eleven digits cover any key.
 *
 * T1  a node has at least one child; a root above height 0 has at least two
 * T2  child[k] != 0 exactly where bit k of the bitmap is set (free nodes: all zero but the link)
 */
#ifndef HF_CORE_LADDER_H
#define HF_CORE_LADDER_H

#include "core/pool.h"

#include <stdbool.h>

#define HF_LADDER_HEIGHT_MAX 10u

/** No insertion takes more: at worst the root grows ten times and ten nodes lead down again. */
#define HF_LADDER_INSERT_NODES 21u

/** Added to a signed number of ticks to make a key: every digit of 0 is in the middle of its node, so
 *  that books around 0 do not straddle the top of the trie. Ticks are below 2^60 either way. */
#define HF_LADDER_BIAS 0x8820820820820820u

struct hf_ladder_node {
    uint64_t bitmap;    /**< bit k: child[k] is there */
    uint32_t child[64]; /**< in a free node: child[0] is the pool's link */
};

struct hf_ladder {
    uint64_t prefix; /**< what all keys have in common above the root's digit */
    uint32_t root;   /**< 0: empty */
    uint32_t height;
};

/** Where the nodes come from. */
struct hf_ladder_space {
    struct hf_pool *pool;
    struct hf_ladder_node *nodes;
};

enum hf_ladder_end { HF_LADDER_LOWEST, HF_LADDER_HIGHEST };

/** The bits of `key` above the digit of a root of this height. */
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
    uint32_t node = ladder->root;
    if (hf_ladder_prefix(key, ladder->height) != ladder->prefix) {
        return 0;
    }
    for (uint32_t height = ladder->height; node != 0; height--) {
        node = space.nodes[node].child[hf_ladder_digit(key, height)];
        if (height == 0) {
            break;
        }
    }
    return node;
}

/** Add a key that is not there; value != 0. The pool must have room for HF_LADDER_INSERT_NODES. */
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

/** Panic unless T1 and T2 hold; returns the number of nodes. `visit` sees each (key, value), keys
 *  ascending. */
uint32_t hf_ladder_audit(struct hf_ladder_space space, const struct hf_ladder *ladder,
                         void (*visit)(void *context, uint64_t key, uint32_t value), void *context);

#endif
