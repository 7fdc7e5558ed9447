/* test_ladder.c - the ordered set of prices, against a plain array. */
#include "core/ladder.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

#define NODES 4096u
#define KEYS_MAX 128u

struct rig {
    struct hf_pool pool;
    struct hf_ladder ladder;
    struct hf_ladder_space space;
    uint64_t keys[KEYS_MAX]; /* ascending */
    size_t count;
    size_t seen;
};

static struct rig *
rig_new(void)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    hf_pool_init(&rig->pool, NODES);
    rig->space.pool = &rig->pool;
    rig->space.nodes = calloc(NODES + 1, sizeof(*rig->space.nodes));
    return rig;
}

static void
rig_free(struct rig *rig)
{
    free(rig->space.nodes);
    free(rig);
}

/** A value that tells its key, never 0. */
static uint32_t
value_of(uint64_t key)
{
    return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32) | 1;
}

static void
visit(void *context, uint64_t key, uint32_t value)
{
    struct rig *rig = context;
    cr_assert_lt(rig->seen, rig->count);
    cr_assert_eq(key, rig->keys[rig->seen]);
    cr_assert_eq(value, value_of(key));
    rig->seen++;
}

/** From a key that may be there or not. */
static void
expect_beyond(const struct rig *rig, uint64_t key)
{
    uint32_t above = 0;
    uint32_t below = 0;
    for (size_t i = rig->count; i-- > 0 && rig->keys[i] > key;) {
        above = value_of(rig->keys[i]);
    }
    for (size_t i = 0; i < rig->count && rig->keys[i] < key; i++) {
        below = value_of(rig->keys[i]);
    }
    cr_assert_eq(hf_ladder_beyond(rig->space, &rig->ladder, key, HF_LADDER_LOWEST), above);
    cr_assert_eq(hf_ladder_beyond(rig->space, &rig->ladder, key, HF_LADDER_HIGHEST), below);
}

static void
expect_consistent(struct rig *rig)
{
    rig->seen = 0;
    cr_assert_eq(hf_ladder_audit(rig->space, &rig->ladder, visit, rig), rig->pool.used);
    cr_assert_lt(rig->pool.used, 2 * rig->count + 1);
    cr_assert_eq(rig->seen, rig->count);
    uint32_t lowest = rig->count == 0 ? 0 : value_of(rig->keys[0]);
    uint32_t highest = rig->count == 0 ? 0 : value_of(rig->keys[rig->count - 1]);
    cr_assert_eq(hf_ladder_end(rig->space, &rig->ladder, HF_LADDER_LOWEST), lowest);
    cr_assert_eq(hf_ladder_end(rig->space, &rig->ladder, HF_LADDER_HIGHEST), highest);
    for (size_t i = 0; i < rig->count; i++) {
        uint32_t above = i + 1 == rig->count ? 0 : value_of(rig->keys[i + 1]);
        uint32_t below = i == 0 ? 0 : value_of(rig->keys[i - 1]);
        uint64_t key = rig->keys[i];
        cr_assert_eq(hf_ladder_find(rig->space, &rig->ladder, key), value_of(key));
        cr_assert_eq(hf_ladder_step(rig->space, &rig->ladder, key, HF_LADDER_LOWEST), above);
        cr_assert_eq(hf_ladder_step(rig->space, &rig->ladder, key, HF_LADDER_HIGHEST), below);
        expect_beyond(rig, key);
        expect_beyond(rig, key + 1);
        expect_beyond(rig, key - 1);
        expect_beyond(rig, key ^ 0x1000);
        expect_beyond(rig, ~key);
    }
    expect_beyond(rig, 0);
    expect_beyond(rig, HF_LADDER_BIAS);
    expect_beyond(rig, UINT64_MAX);
}

static size_t
position(const struct rig *rig, uint64_t key)
{
    size_t at = 0;
    while (at < rig->count && rig->keys[at] < key) {
        at++;
    }
    return at;
}

static bool
has(const struct rig *rig, uint64_t key)
{
    size_t at = position(rig, key);
    return at < rig->count && rig->keys[at] == key;
}

static void
add(struct rig *rig, uint64_t key)
{
    uint32_t before = rig->pool.used;
    hf_ladder_insert(rig->space, &rig->ladder, key, value_of(key));
    cr_assert_leq(rig->pool.used - before, 2u);
    size_t at = position(rig, key);
    for (size_t i = rig->count++; i > at; i--) {
        rig->keys[i] = rig->keys[i - 1];
    }
    rig->keys[at] = key;
}

static void
take(struct rig *rig, uint64_t key)
{
    hf_ladder_remove(rig->space, &rig->ladder, key);
    rig->count--;
    for (size_t i = position(rig, key); i < rig->count; i++) {
        rig->keys[i] = rig->keys[i + 1];
    }
}

Test(ladder, an_empty_one_holds_nothing_and_no_node)
{
    struct rig *rig = rig_new();
    expect_consistent(rig);
    cr_expect_eq(hf_ladder_find(rig->space, &rig->ladder, 0), 0);
    cr_expect_eq(hf_ladder_find(rig->space, &rig->ladder, UINT64_MAX), 0);
    rig_free(rig);
}

static uint32_t
root_height(const struct rig *rig)
{
    return rig->space.nodes[rig->ladder.root].height;
}

Test(ladder, a_branch_stands_where_its_keys_part_and_goes_with_one_of_them)
{
    static const struct {
        uint64_t apart;
        uint32_t height;
        uint32_t nodes;
    } cases[] = {
        {1, 0, 1},
        {63, 0, 1},
        {64, 1, 3},
        {4095, 1, 3},
        {4096, 2, 3},
        {(uint64_t)1 << 30, 5, 3},
        {(uint64_t)1 << 59, 9, 3},
        {(uint64_t)1 << 60, 10, 3},
        {UINT64_MAX, 10, 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rig *rig = rig_new();
        add(rig, 0);
        add(rig, cases[i].apart);
        expect_consistent(rig);
        cr_expect_eq(root_height(rig), cases[i].height, "case %zu", i);
        cr_expect_eq(rig->pool.used, cases[i].nodes, "case %zu: %u", i, rig->pool.used);
        take(rig, i % 2 == 0 ? 0 : cases[i].apart);
        expect_consistent(rig);
        cr_expect_eq(root_height(rig), 0);
        cr_expect_eq(rig->pool.used, 1);
        take(rig, rig->keys[0]);
        expect_consistent(rig);
        cr_expect_eq(rig->pool.used, 0);
        rig_free(rig);
    }
}

Test(ladder, keys_far_apart_take_two_nodes_each_at_most)
{
    struct rig *rig = rig_new();
    for (uint64_t i = 0; i < 16; i++) { /* each parts from the others at a height of its own */
        add(rig, i < 8 ? (uint64_t)1 << (6 * i + 6) : ((uint64_t)1 << (6 * i - 42)) + (i << 58));
        expect_consistent(rig);
        cr_expect_lt(rig->pool.used, 2 * rig->count);
    }
    rig_free(rig);
}

Test(ladder, a_book_around_zero_stays_flat)
{
    struct rig *rig = rig_new();
    for (int64_t ticks = -31; ticks <= 31; ticks++) {
        add(rig, (uint64_t)ticks + HF_LADDER_BIAS);
    }
    expect_consistent(rig);
    cr_expect_eq(root_height(rig), 0);
    rig_free(rig);
}

Test(ladder, signed_ticks_keep_their_order)
{
    static const int64_t ticks[] = {
        -(((int64_t)1 << 60) - 1), -4097, -64, -33, -32, -1, 0, 1, 31, 32, 63, 64, 4096,
        (((int64_t)1 << 60) - 1)};
    struct rig *rig = rig_new();
    for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++) {
        add(rig, (uint64_t)ticks[i] + HF_LADDER_BIAS);
        cr_expect_eq(rig->keys[i], (uint64_t)ticks[i] + HF_LADDER_BIAS);
    }
    expect_consistent(rig);
    rig_free(rig);
}

Test(ladder, random_insertions_and_removals_over_all_distances)
{
    uint64_t state = 12345;
    for (unsigned bits = 3; bits <= 64; bits += 6) {
        struct rig *rig = rig_new();
        for (unsigned i = 0; i < 1500; i++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            uint64_t key = HF_LADDER_BIAS + (state >> (64 - bits));
            if (has(rig, key)) {
                take(rig, key);
            } else if (rig->count < KEYS_MAX - 1) {
                add(rig, key);
            } else {
                take(rig, rig->keys[state % rig->count]);
            }
            if (i % 8 == 0) {
                expect_consistent(rig);
            }
        }
        while (rig->count != 0) {
            take(rig, rig->keys[rig->count / 2]);
            expect_consistent(rig);
        }
        cr_expect_eq(rig->pool.used, 0);
        rig_free(rig);
    }
}

/** Two leaves below a branch, and one of its words changed: the audit must not take it. */
static void
audit_changed(void (*change)(struct hf_ladder_node *root, struct hf_ladder_node *leaf))
{
    struct rig *rig = rig_new();
    add(rig, 5);
    add(rig, 9);
    add(rig, 4096);
    struct hf_ladder_node *root = &rig->space.nodes[rig->ladder.root];
    change(root, &rig->space.nodes[root->child[0]]);
    rig->seen = 0;
    hf_ladder_audit(rig->space, &rig->ladder, visit, rig);
}

static void
lose_bit(struct hf_ladder_node *root, struct hf_ladder_node *leaf)
{
    (void)root;
    leaf->bitmap &= ~((uint64_t)1 << 9);
}

static void
change_prefix(struct hf_ladder_node *root, struct hf_ladder_node *leaf)
{
    (void)root;
    leaf->prefix ^= (uint64_t)1 << 12;
}

static void
rise_too_high(struct hf_ladder_node *root, struct hf_ladder_node *leaf)
{
    (void)leaf;
    root->height = HF_LADDER_HEIGHT_MAX + 1;
}

static void
leave_one(struct hf_ladder_node *root, struct hf_ladder_node *leaf)
{
    (void)leaf;
    root->bitmap &= 1;
    root->child[1] = 0;
}

#define AUDIT_SEES(CHANGE)                                                                         \
    Test(ladder, the_audit_sees_##CHANGE, .signal = SIGABRT)                                       \
    {                                                                                              \
        audit_changed(CHANGE);                                                                     \
    }

AUDIT_SEES(lose_bit)
AUDIT_SEES(change_prefix)
AUDIT_SEES(rise_too_high)
AUDIT_SEES(leave_one)
