/*
 * ladder.c - growing, collapsing and walking the bitmap trie of ladder.h.
 */
#include "core/ladder.h"

static uint32_t *
node_link(struct hf_ladder_space space, uint32_t node)
{
    return &space.nodes[node].child[0];
}

static uint32_t
node_take(struct hf_ladder_space space)
{
    uint32_t node = hf_pool_next(space.pool);
    hf_pool_take(space.pool, node_link(space, node));
    return node;
}

static void
node_give(struct hf_ladder_space space, uint32_t node)
{
    hf_pool_give(space.pool, node, node_link(space, node));
}

static void
child_set(struct hf_ladder_node *node, uint32_t digit, uint32_t child)
{
    node->bitmap |= (uint64_t)1 << digit;
    node->child[digit] = child;
}

static void
child_clear(struct hf_ladder_node *node, uint32_t digit)
{
    node->bitmap &= ~((uint64_t)1 << digit);
    node->child[digit] = 0;
}

static uint32_t
lowest_bit(uint64_t bitmap)
{
    return (uint32_t)__builtin_ctzll(bitmap);
}

static uint32_t
highest_bit(uint64_t bitmap)
{
    return 63u - (uint32_t)__builtin_clzll(bitmap);
}

static void
grow_to_cover(struct hf_ladder_space space, struct hf_ladder *ladder, uint64_t key)
{
    if (ladder->root == 0) {
        ladder->root = node_take(space);
        ladder->height = 0;
        ladder->prefix = hf_ladder_prefix(key, 0);
    }
    while (hf_ladder_prefix(key, ladder->height) != ladder->prefix) {
        uint32_t root = node_take(space);
        child_set(&space.nodes[root], (uint32_t)ladder->prefix & 63u, ladder->root);
        ladder->root = root;
        ladder->prefix >>= 6;
        ladder->height++;
    }
}

void
hf_ladder_insert(struct hf_ladder_space space, struct hf_ladder *ladder, uint64_t key,
                 uint32_t value)
{
    grow_to_cover(space, ladder, key);
    uint32_t node = ladder->root;
    for (uint32_t height = ladder->height; height > 0; height--) {
        uint32_t digit = hf_ladder_digit(key, height);
        uint32_t child = space.nodes[node].child[digit];
        if (child == 0) {
            child = node_take(space);
            child_set(&space.nodes[node], digit, child);
        }
        node = child;
    }
    child_set(&space.nodes[node], hf_ladder_digit(key, 0), value);
}

static void
collapse(struct hf_ladder_space space, struct hf_ladder *ladder)
{
    for (;;) {
        struct hf_ladder_node *root = &space.nodes[ladder->root];
        if (ladder->height == 0 || (root->bitmap & (root->bitmap - 1)) != 0) {
            return;
        }
        uint32_t digit = lowest_bit(root->bitmap);
        uint32_t child = root->child[digit];
        child_clear(root, digit);
        node_give(space, ladder->root);
        ladder->root = child;
        ladder->prefix = (ladder->prefix << 6) | digit;
        ladder->height--;
    }
}

/** Fill path[height] with the nodes from the root down to the leaf of a key that is there. */
static void
path_to(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key, uint32_t *path)
{
    uint32_t node = ladder->root;
    for (uint32_t height = ladder->height; height > 0; height--) {
        path[height] = node;
        node = space.nodes[node].child[hf_ladder_digit(key, height)];
    }
    path[0] = node;
}

void
hf_ladder_remove(struct hf_ladder_space space, struct hf_ladder *ladder, uint64_t key)
{
    uint32_t path[HF_LADDER_HEIGHT_MAX + 1];
    path_to(space, ladder, key, path);
    for (uint32_t height = 0;; height++) {
        struct hf_ladder_node *node = &space.nodes[path[height]];
        child_clear(node, hf_ladder_digit(key, height));
        if (node->bitmap != 0) {
            break;
        }
        node_give(space, path[height]);
        if (height == ladder->height) {
            *ladder = (struct hf_ladder){0};
            return;
        }
    }
    collapse(space, ladder);
}

static uint32_t
descend(struct hf_ladder_space space, uint32_t node, uint32_t height, enum hf_ladder_end end)
{
    for (;; height--) {
        const struct hf_ladder_node *here = &space.nodes[node];
        uint32_t digit =
            end == HF_LADDER_LOWEST ? lowest_bit(here->bitmap) : highest_bit(here->bitmap);
        node = here->child[digit];
        if (height == 0) {
            return node;
        }
    }
}

uint32_t
hf_ladder_end(struct hf_ladder_space space, const struct hf_ladder *ladder, enum hf_ladder_end end)
{
    return ladder->root == 0 ? 0 : descend(space, ladder->root, ladder->height, end);
}

/** The bits of a bitmap that lie beyond a digit, going away from `from`. */
static uint64_t
bits_beyond(uint64_t bitmap, uint32_t digit, enum hf_ladder_end from)
{
    uint64_t bit = (uint64_t)1 << digit;
    return from == HF_LADDER_LOWEST ? bitmap & ~(bit | (bit - 1)) : bitmap & (bit - 1);
}

uint32_t
hf_ladder_step(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key,
               enum hf_ladder_end from)
{
    uint32_t path[HF_LADDER_HEIGHT_MAX + 1];
    path_to(space, ladder, key, path);
    for (uint32_t height = 0; height <= ladder->height; height++) {
        const struct hf_ladder_node *node = &space.nodes[path[height]];
        uint64_t beyond = bits_beyond(node->bitmap, hf_ladder_digit(key, height), from);
        if (beyond != 0) {
            uint32_t digit = from == HF_LADDER_LOWEST ? lowest_bit(beyond) : highest_bit(beyond);
            uint32_t child = node->child[digit];
            return height == 0 ? child : descend(space, child, height - 1, from);
        }
    }
    return 0;
}

uint32_t
hf_ladder_beyond(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key,
                 enum hf_ladder_end from)
{
    uint64_t prefix = hf_ladder_prefix(key, ladder->height);
    if (prefix != ladder->prefix) { /* all keys lie on one side of it */
        bool are_above = ladder->prefix > prefix;
        return are_above == (from == HF_LADDER_LOWEST) ? hf_ladder_end(space, ladder, from) : 0;
    }
    uint32_t turn = 0; /* the child at the last place where the way to the key can be left */
    uint32_t turn_height = 0;
    uint32_t node = ladder->root;
    for (uint32_t height = ladder->height; node != 0; height--) {
        const struct hf_ladder_node *here = &space.nodes[node];
        uint64_t beyond = bits_beyond(here->bitmap, hf_ladder_digit(key, height), from);
        if (beyond != 0) {
            turn = here->child[from == HF_LADDER_LOWEST ? lowest_bit(beyond) : highest_bit(beyond)];
            turn_height = height;
        }
        node = height == 0 ? 0 : here->child[hf_ladder_digit(key, height)];
    }
    return turn == 0 || turn_height == 0 ? turn : descend(space, turn, turn_height - 1, from);
}

struct audit {
    struct hf_ladder_space space;
    void (*visit)(void *context, uint64_t key, uint32_t value);
    void *context;
    uint32_t nodes;
};

static void
audit_node(struct audit *audit, uint32_t index, uint32_t height, uint64_t prefix)
{
    HF_ASSERT("P1", index != 0 && index <= audit->space.pool->high);
    const struct hf_ladder_node *node = &audit->space.nodes[index];
    HF_ASSERT("T1", node->bitmap != 0);
    audit->nodes++;
    for (uint32_t digit = 0; digit < 64; digit++) {
        bool is_set = (node->bitmap >> digit & 1) != 0;
        HF_ASSERT("T2", is_set == (node->child[digit] != 0));
        if (!is_set) {
            continue;
        }
        if (height == 0) {
            audit->visit(audit->context, prefix << 6 | digit, node->child[digit]);
        } else {
            audit_node(audit, node->child[digit], height - 1, prefix << 6 | digit);
        }
    }
}

uint32_t
hf_ladder_audit(struct hf_ladder_space space, const struct hf_ladder *ladder,
                void (*visit)(void *context, uint64_t key, uint32_t value), void *context)
{
    struct audit audit = {space, visit, context, 0};
    if (ladder->root == 0) {
        return 0;
    }
    uint64_t bitmap = space.nodes[ladder->root].bitmap;
    HF_ASSERT("T1", ladder->height == 0 || (bitmap & (bitmap - 1)) != 0);
    HF_ASSERT("T1", ladder->height <= HF_LADDER_HEIGHT_MAX);
    audit_node(&audit, ladder->root, ladder->height, ladder->prefix);
    return audit.nodes;
}
