/*
 * total.h - what the quantities of each order must sum up to: kept in builds with HF_EXPENSIVE_CHECKS only, in
 * an array behind the image of the state (core.h), by pool index; entry 0 is that of the order that enters,
 * which has no index yet.
 *
 * Q1  open + hidden + executed of an order == its total, after every record, and where it ends. The total is
 *     set on entry and by a replace, and lessened by a reduce and by self-trade prevention: by nothing else,
 *     so that no lot comes or goes unseen
 */
#ifndef HF_CORE_TOTAL_H
#define HF_CORE_TOTAL_H

#include "core/extra.h"

#ifdef HF_EXPENSIVE_CHECKS

/** Bytes of the array. */
size_t hf_total_bytes(const struct hf_engine_limits *limits);

/** An order enters, or is replaced. It is in the pool, or the one that enters. */
void hf_total_set(struct hf_core *core, const struct hf_order *order, uint64_t total);

/** It loses lots that nobody traded. */
void hf_total_lessen(struct hf_core *core, const struct hf_order *order, uint64_t less);

/** What entered is at `index` in the pool from now on. */
void hf_total_settle(struct hf_core *core, uint32_t index);

/** Panic unless Q1 holds of an order. */
void hf_total_check(const struct hf_core *core, const struct hf_order *order);

/** Make the array of a block of which only the image was copied: all totals are what Q1 says. Links may be
 *  anything: whether they are sound is the audit's question. */
void hf_total_restore(struct hf_core *core);

#else

static inline size_t
hf_total_bytes(const struct hf_engine_limits *limits)
{
    (void)limits;
    return 0;
}

static inline void
hf_total_set(struct hf_core *core, const struct hf_order *order, uint64_t total)
{
    (void)core;
    (void)order;
    (void)total;
}

static inline void
hf_total_lessen(struct hf_core *core, const struct hf_order *order, uint64_t less)
{
    (void)core;
    (void)order;
    (void)less;
}

static inline void
hf_total_settle(struct hf_core *core, uint32_t index)
{
    (void)core;
    (void)index;
}

static inline void
hf_total_check(const struct hf_core *core, const struct hf_order *order)
{
    (void)core;
    (void)order;
}

static inline void
hf_total_restore(struct hf_core *core)
{
    (void)core;
}

#endif

#endif
