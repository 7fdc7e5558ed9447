/*
 * ladder.c - splitting, joining and walking the bitmap trie of ladder.h.
 */
#include "core/ladder.h"

static uint32_t *
node_link(struct hf_ladder_space space, uint32_t node)
{
    return &space.nodes[node].child[0];
}

static uint32_t
node_take(struct hf_ladder_space space, uint64_t key, uint32_t height)
{
    uint32_t node = hf_pool_next(space.pool);
    hf_pool_take(space.pool, node_link(space, node));
    space.nodes[node].prefix = hf_ladder_prefix(key, height);
    space.nodes[node].height = height;
    return node;
}

static void
node_give(struct hf_ladder_space space, uint32_t node)
{
    space.nodes[node].prefix = 0;
    space.nodes[node].height = 0;
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

static uint32_t
leaf_create(struct hf_ladder_space space, uint64_t key, uint32_t value)
{
    uint32_t leaf = node_take(space, key, 0);
    child_set(&space.nodes[leaf], hf_ladder_digit(key, 0), value);
    return leaf;
}

static bool
is_below(const struct hf_ladder_node *node, uint64_t key)
{
    return hf_ladder_prefix(key, node->height) == node->prefix;
}

/** A key with the prefix of a node, and zeros below: good for any question about digits above its height. */
static uint64_t
key_below(const struct hf_ladder_node *node)
{
    return node->height >= HF_LADDER_HEIGHT_MAX ? 0 : node->prefix << (6u * (node->height + 1));
}

/** The height of the highest digit in which two keys differ. */
static uint32_t
parting_height(uint64_t key, uint64_t other)
{
    return (63u - (uint32_t)__builtin_clzll(key ^ other)) / 6u;
}

/** A branch with two children: a node that is there, and a new leaf for a key that is not below it. */
static uint32_t
branch_create(struct hf_ladder_space space, uint32_t node, uint64_t key, uint32_t value)
{
    uint64_t there = key_below(&space.nodes[node]);
    uint32_t height = parting_height(key, there);
    uint32_t branch = node_take(space, key, height);
    child_set(&space.nodes[branch], hf_ladder_digit(there, height), node);
    child_set(&space.nodes[branch], hf_ladder_digit(key, height), leaf_create(space, key, value));
    return branch;
}

void
hf_ladder_insert(struct hf_ladder_space space, struct hf_ladder *ladder, uint64_t key,
                 uint32_t value)
{
    if (ladder->root == 0) {
        ladder->root = leaf_create(space, key, value);
        return;
    }
    uint32_t *link = &ladder->root;
    struct hf_ladder_node *node = &space.nodes[*link];
    while (is_below(node, key)) {
        uint32_t digit = hf_ladder_digit(key, node->height);
        if (node->child[digit] == 0) {
            child_set(node, digit, node->height == 0 ? value : leaf_create(space, key, value));
            return;
        }
        link = &node->child[digit];
        node = &space.nodes[*link];
    }
    *link = branch_create(space, *link, key, value);
}

/** The nodes from the root down to the leaf of a key that is there. */
struct path {
    uint32_t nodes[HF_LADDER_HEIGHT_MAX + 1];
    uint32_t count;
};

static void
path_to(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key,
        struct path *path)
{
    uint32_t node = ladder->root;
    path->count = 0;
    for (;;) {
        path->nodes[path->count++] = node;
        const struct hf_ladder_node *here = &space.nodes[node];
        if (here->height == 0) {
            return;
        }
        node = here->child[hf_ladder_digit(key, here->height)];
    }
}

/** A branch that is left with one child is replaced by it. */
static void
join(struct hf_ladder_space space, uint32_t *link)
{
    uint32_t branch = *link;
    struct hf_ladder_node *node = &space.nodes[branch];
    if ((node->bitmap & (node->bitmap - 1)) != 0) {
        return;
    }
    uint32_t digit = lowest_bit(node->bitmap);
    *link = node->child[digit];
    child_clear(node, digit);
    node_give(space, branch);
}

/** Where the node at a place of the path hangs. */
static uint32_t *
link_of(struct hf_ladder_space space, struct hf_ladder *ladder, const struct path *path,
        uint32_t at, uint64_t key)
{
    if (at == 0) {
        return &ladder->root;
    }
    struct hf_ladder_node *parent = &space.nodes[path->nodes[at - 1]];
    return &parent->child[hf_ladder_digit(key, parent->height)];
}

void
hf_ladder_remove(struct hf_ladder_space space, struct hf_ladder *ladder, uint64_t key)
{
    struct path path;
    path_to(space, ladder, key, &path);
    uint32_t at = path.count - 1;
    struct hf_ladder_node *leaf = &space.nodes[path.nodes[at]];
    child_clear(leaf, hf_ladder_digit(key, 0));
    if (leaf->bitmap != 0) {
        return;
    }
    node_give(space, path.nodes[at]);
    if (at == 0) {
        ladder->root = 0;
        return;
    }
    struct hf_ladder_node *parent = &space.nodes[path.nodes[at - 1]];
    child_clear(parent, hf_ladder_digit(key, parent->height));
    join(space, link_of(space, ladder, &path, at - 1, key));
}

/** The value at an end of what is below a node. */
static uint32_t
descend(struct hf_ladder_space space, uint32_t node, enum hf_ladder_end end)
{
    for (;;) {
        const struct hf_ladder_node *here = &space.nodes[node];
        uint32_t digit =
            end == HF_LADDER_LOWEST ? lowest_bit(here->bitmap) : highest_bit(here->bitmap);
        node = here->child[digit];
        if (here->height == 0) {
            return node;
        }
    }
}

uint32_t
hf_ladder_end(struct hf_ladder_space space, const struct hf_ladder *ladder, enum hf_ladder_end end)
{
    return ladder->root == 0 ? 0 : descend(space, ladder->root, end);
}

/** The bits of a bitmap that lie beyond a digit, going away from `from`. */
static uint64_t
bits_beyond(uint64_t bitmap, uint32_t digit, enum hf_ladder_end from)
{
    uint64_t bit = (uint64_t)1 << digit;
    return from == HF_LADDER_LOWEST ? bitmap & ~(bit | (bit - 1)) : bitmap & (bit - 1);
}

/** The value beyond a digit of a node, going away from `from`; 0: none. */
static uint32_t
value_beyond(struct hf_ladder_space space, const struct hf_ladder_node *node, uint32_t digit,
             enum hf_ladder_end from)
{
    uint64_t beyond = bits_beyond(node->bitmap, digit, from);
    if (beyond == 0) {
        return 0;
    }
    uint32_t child =
        node->child[from == HF_LADDER_LOWEST ? lowest_bit(beyond) : highest_bit(beyond)];
    return node->height == 0 ? child : descend(space, child, from);
}

uint32_t
hf_ladder_step(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key,
               enum hf_ladder_end from)
{
    struct path path;
    path_to(space, ladder, key, &path);
    uint32_t value = 0;
    while (value == 0 && path.count != 0) {
        const struct hf_ladder_node *node = &space.nodes[path.nodes[--path.count]];
        value = value_beyond(space, node, hf_ladder_digit(key, node->height), from);
    }
    return value;
}

uint32_t
hf_ladder_beyond(struct hf_ladder_space space, const struct hf_ladder *ladder, uint64_t key,
                 enum hf_ladder_end from)
{
    uint32_t turn = 0; /* the last node where the way to the key can be left */
    uint32_t node = ladder->root;
    while (node != 0) {
        const struct hf_ladder_node *here = &space.nodes[node];
        if (!is_below(here, key)) { /* all that is below it lies on one side of the key */
            if ((here->prefix > hf_ladder_prefix(key, here->height)) ==
                (from == HF_LADDER_LOWEST)) {
                return descend(space, node, from);
            }
            break;
        }
        uint32_t digit = hf_ladder_digit(key, here->height);
        if (bits_beyond(here->bitmap, digit, from) != 0) {
            turn = node;
        }
        node = here->height == 0 ? 0 : here->child[digit];
    }
    const struct hf_ladder_node *last = &space.nodes[turn];
    return turn == 0 ? 0 : value_beyond(space, last, hf_ladder_digit(key, last->height), from);
}

struct audit {
    struct hf_ladder_space space;
    void (*visit)(void *context, uint64_t key, uint32_t value);
    void *context;
    uint32_t nodes;
};

static void
audit_node(struct audit *audit, uint32_t index)
{
    HF_ASSERT("P1", index != 0 && index <= audit->space.pool->high);
    const struct hf_ladder_node *node = &audit->space.nodes[index];
    HF_ASSERT("T1", node->bitmap != 0);
    HF_ASSERT("T1", node->height == 0 || (node->bitmap & (node->bitmap - 1)) != 0);
    audit->nodes++;
    uint64_t first = key_below(node);
    for (uint32_t digit = 0; digit < 64; digit++) {
        bool is_set = (node->bitmap >> digit & 1) != 0;
        HF_ASSERT("T2", is_set == (node->child[digit] != 0));
        if (!is_set) {
            continue;
        }
        if (node->height == 0) {
            audit->visit(audit->context, first | digit, node->child[digit]);
            continue;
        }
        const struct hf_ladder_node *child = &audit->space.nodes[node->child[digit]];
        uint64_t there = key_below(child);
        HF_ASSERT("T3", child->height < node->height && is_below(node, there) &&
                            hf_ladder_digit(there, node->height) == digit);
        audit_node(audit, node->child[digit]);
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
    HF_ASSERT("T3", space.nodes[ladder->root].height <= HF_LADDER_HEIGHT_MAX);
    audit_node(&audit, ladder->root);
    return audit.nodes;
}
