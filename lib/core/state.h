/*
 * state.h - the inside of struct hf_core: one block, found by offsets, so that it can be moved,
 * copied and saved as it is.
 *
 *   | struct hf_core | sessions | books | symbols | orders | levels | nodes | client ids | order ids |
 *   | links of both | extra of order | extras | heap | accounts | entitlements and their index | limits of names |
 *   | events and marks |    ...and behind this image, in builds that keep them, totals (total.h)
 *
 * Arrays of things with numbers (sessions, books, orders, levels, nodes) have an entry 0 that is
 * never used: 0 means "none".
 */
#ifndef HF_CORE_STATE_H
#define HF_CORE_STATE_H

#include "core/book.h"
#include "core/core.h"
#include "core/digest.h"
#include "core/ids.h"

struct hf_extra;

HF_STATIC_ASSERT(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
                 "several bytes are looked at, and made, as one word");

/** One more whenever what the block holds, or what it means, changes in a way that no size shows: a
 *  snapshot is such a block, and another layout's is refused (load.c). */
#define HF_CORE_LAYOUT_VERSION 7u

struct hf_core {
    uint64_t lsn;
    uint64_t time_ns;
    uint64_t trades;
    uint64_t work; /**< hf_core_work() */
    struct hf_digest digest;
    struct hf_ids ids;
    struct hf_pool orders;
    struct hf_pool levels;
    struct hf_pool nodes;
    struct hf_pool extras;
    uint32_t heap_count;    /**< GTD orders in the heap */
    uint32_t accounts;      /**< accounts that have settings */
    uint32_t entitlements;  /**< entries in the table */
    uint32_t limited_names; /**< the same, of names with limits */
    uint32_t instruments;
    uint32_t sessions_high; /**< no slot above was ever open */
    uint32_t first_copier; /**< session slot: chain of those that get drop copies; 0: nobody does */
    size_t sessions_at;
    size_t books_at;
    size_t symbols_at;
    size_t orders_at;
    size_t levels_at;
    size_t nodes_at;
    size_t client_ids_at;
    size_t order_ids_at;
    size_t id_links_at;
    size_t extra_of_at;
    size_t extras_at;
    size_t heap_at;
    size_t accounts_at;
    size_t entitlements_at;
    size_t entitlement_index_at;
    size_t limits_at;
    size_t events_at;
    size_t event_marks_at;
    uint64_t last_event;    /**< position of the newest slot in the event buffer */
    uint64_t market_number; /**< of the last market event */
    struct hf_engine_limits limits;
    uint64_t epoch;
    uint64_t history;
    uint64_t boot;
    uint64_t claims_changed; /**< hf_core_claims_changed() */
};

/** What one record needs on its way through: made anew for each. */
struct hf_apply {
    struct hf_core *core;
    const struct hf_core_sink *sink; /**< NULL: nobody listens */
    struct hf_core_session *own;     /**< whose command it is; slot 0: the daemon's */
    uint64_t lsn;
    uint64_t time_ns;
    uint64_t command_seq; /**< of the session's command at work; 0: none */
    uint32_t trade_index;
};

/** Fill in where everything lies; returns the bytes of all. The limits are valid. */
size_t hf_core_lay_out(struct hf_core *core, const struct hf_engine_limits *limits);

/** Nodes of all ladders together, for so many levels. */
uint32_t hf_core_nodes_for(uint32_t levels_max);

static inline void *
hf_core_part(const struct hf_core *core, size_t offset)
{
    return (char *)core + offset;
}

static inline struct hf_core_session *
hf_core_sessions(const struct hf_core *core)
{
    return hf_core_part(core, core->sessions_at);
}

static inline struct hf_book *
hf_core_books(const struct hf_core *core)
{
    return hf_core_part(core, core->books_at);
}

/** Hash table of instrument numbers by symbol, 2 * instruments_max entries; 0: empty. */
static inline uint32_t *
hf_core_symbols(const struct hf_core *core)
{
    return hf_core_part(core, core->symbols_at);
}

static inline struct hf_order *
hf_core_order_pool(const struct hf_core *core)
{
    return hf_core_part(core, core->orders_at);
}

static inline struct hf_level_queue *
hf_core_level_pool(const struct hf_core *core)
{
    return hf_core_part(core, core->levels_at);
}

static inline struct hf_id_links *
hf_core_id_links(const struct hf_core *core)
{
    return hf_core_part(core, core->id_links_at);
}

static inline struct hf_id_table
hf_core_client_ids(const struct hf_core *core)
{
    return (struct hf_id_table){&core->ids, hf_core_part(core, core->client_ids_at),
                                &hf_core_id_links(core)->client};
}

static inline struct hf_id_table
hf_core_order_ids(const struct hf_core *core)
{
    return (struct hf_id_table){&core->ids, hf_core_part(core, core->order_ids_at),
                                &hf_core_id_links(core)->order};
}

/** Index of each order's extra, by order index; see extra.h. */
static inline uint32_t *
hf_core_extra_of(const struct hf_core *core)
{
    return hf_core_part(core, core->extra_of_at);
}

static inline struct hf_extra *
hf_core_extras(const struct hf_core *core)
{
    return hf_core_part(core, core->extras_at);
}

/** Indices of extras, from position 1 on; see extra.h. */
static inline uint32_t *
hf_core_heap(const struct hf_core *core)
{
    return hf_core_part(core, core->heap_at);
}

/** Whether an order at this price of a queue would find a level, or room for a new one. */
static inline bool
hf_book_has_room(const struct hf_core *core, const struct hf_book *book, uint32_t queue,
                 int64_t price)
{
    return HF_LIKELY(hf_pool_room(&core->levels) != 0) ||
           hf_book_has_level(core, book, queue, price);
}

static inline struct hf_ladder_space
hf_core_ladder_space(const struct hf_core *core)
{
    return (struct hf_ladder_space){(struct hf_pool *)&core->nodes,
                                    hf_core_part(core, core->nodes_at)};
}

#endif
