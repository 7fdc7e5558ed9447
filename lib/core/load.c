/*
 * load.c - a block that was copied, in memory or through a snapshot: may it be used as a core?
 */
#include "core/account.h"
#include "core/entitle.h"
#include "core/events.h"
#include "core/extra.h"
#include "core/limit.h"
#include "core/total.h"

#include <string.h>

#define FOLD_START 0xcbf29ce484222325u /* FNV-1a, 64 bits, over words */
#define FOLD_PRIME 0x100000001b3u

/** The sizes of all that the block is made of, and places that move when a field comes or goes. */
static const uint64_t SHAPE[] = {
    HF_CORE_LAYOUT_VERSION,
    sizeof(struct hf_core),
    sizeof(struct hf_core_session),
    sizeof(struct hf_book),
    sizeof(struct hf_book_side),
    sizeof(struct hf_order),
    sizeof(struct hf_level_queue),
    sizeof(struct hf_ladder_node),
    sizeof(struct hf_ladder),
    sizeof(struct hf_id_links),
    sizeof(struct hf_ids),
    sizeof(struct hf_pool),
    sizeof(struct hf_extra),
    sizeof(struct hf_account),
    sizeof(struct hf_entitlement_entry),
    sizeof(struct hf_limit_entry),
    sizeof(struct hf_report),
    sizeof(struct hf_event_mark),
    sizeof(struct hf_engine_limits),
    offsetof(struct hf_core, digest),
    offsetof(struct hf_core, orders),
    offsetof(struct hf_core, heap_count),
    offsetof(struct hf_core, sessions_high),
    offsetof(struct hf_core, sessions_at),
    offsetof(struct hf_core, event_marks_at),
    offsetof(struct hf_core, last_event),
    offsetof(struct hf_core, limits),
    offsetof(struct hf_core, boot),
    offsetof(struct hf_core_session, last_event),
    offsetof(struct hf_core_session, rate_end_ns),
    offsetof(struct hf_core_session, connected),
    offsetof(struct hf_core_session, name),
    offsetof(struct hf_book, last_price),
    offsetof(struct hf_book, price_min),
    offsetof(struct hf_book, symbol),
    offsetof(struct hf_level_queue, quantity),
    offsetof(struct hf_account, number),
    offsetof(struct hf_entitlement_entry, id),
    offsetof(struct hf_limit_entry, rate_count),
    offsetof(struct hf_event_mark, session),
};

uint64_t
hf_core_layout(void)
{
    uint64_t fold = FOLD_START;
    for (size_t i = 0; i < sizeof(SHAPE) / sizeof(SHAPE[0]); i++) {
        fold = (fold ^ SHAPE[i]) * FOLD_PRIME;
    }
    return fold;
}

static bool
limits_are_equal(const struct hf_engine_limits *a, const struct hf_engine_limits *b)
{
    return a->sessions_max == b->sessions_max && a->instruments_max == b->instruments_max &&
           a->orders_max == b->orders_max && a->levels_max == b->levels_max &&
           a->session_orders_max == b->session_orders_max && a->hash_seed == b->hash_seed &&
           a->extras_max == b->extras_max && a->accounts_max == b->accounts_max &&
           a->entitlements_max == b->entitlements_max && a->events_max == b->events_max;
}

/** Offsets lie side by side: sessions_at is the first of them, event_marks_at the last. */
static bool
offsets_are_right(const struct hf_core *core)
{
    struct hf_core right;
    size_t first = offsetof(struct hf_core, sessions_at);
    size_t end = offsetof(struct hf_core, event_marks_at) + sizeof(right.event_marks_at);
    (void)hf_core_lay_out(&right, &core->limits);
    return memcmp((const char *)core + first, (const char *)&right + first, end - first) == 0;
}

static bool
pool_is_right(const struct hf_pool *pool, uint32_t capacity)
{
    return pool->capacity == capacity && pool->high <= capacity && pool->used <= pool->high &&
           pool->free_head <= pool->high;
}

static bool
pools_are_right(const struct hf_core *core)
{
    const struct hf_engine_limits *limits = &core->limits;
    return pool_is_right(&core->orders, limits->orders_max) &&
           pool_is_right(&core->levels, limits->levels_max) &&
           pool_is_right(&core->nodes, hf_core_nodes_for(limits->levels_max)) &&
           pool_is_right(&core->extras, limits->extras_max);
}

static bool
ids_are_right(const struct hf_core *core)
{
    const struct hf_ids *ids = &core->ids;
    struct hf_ids fresh;
    hf_ids_init(&fresh, core->limits.orders_max, core->limits.hash_seed);
    return ids->buckets_max == fresh.buckets_max && ids->buckets >= fresh.buckets &&
           ids->buckets <= ids->buckets_max && ids->used <= core->limits.orders_max &&
           ids->mask == UINT32_MAX >> __builtin_clz(ids->buckets - 1) &&
           memcmp(ids->key, fresh.key, sizeof(fresh.key)) == 0;
}

static bool
counts_are_right(const struct hf_core *core)
{
    const struct hf_engine_limits *limits = &core->limits;
    return core->heap_count <= limits->extras_max && core->accounts <= limits->accounts_max &&
           core->entitlements <= limits->entitlements_max &&
           core->limited_names <= hf_limit_entries(limits) &&
           core->instruments <= limits->instruments_max &&
           core->sessions_high <= limits->sessions_max;
}

const char *
hf_core_load(struct hf_core *core, const struct hf_engine_limits *limits)
{
    if (!limits_are_equal(&core->limits, limits)) {
        return "the state has other capacities";
    }
    if (!offsets_are_right(core)) {
        return "the parts of the state lie elsewhere";
    }
    if (!pools_are_right(core)) {
        return "the pools of the state do not fit its capacities";
    }
    if (!ids_are_right(core)) {
        return "the id tables of the state do not fit its capacities";
    }
    if (!counts_are_right(core)) {
        return "the counts of the state exceed its capacities";
    }
    hf_total_restore(core);
    return NULL;
}
