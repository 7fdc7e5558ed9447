/*
 * ahead.h - what records that come soon will look at is fetched into the cache while those before them are
 * applied: by a replay, which has them all, and by an engine behind which commands wait.
 *
 *   slots ahead   names an order                     new order
 *   FAR           bucket of the id                   buckets, book
 *   WAY                                              who has its id's tag; root of its side
 *   LOOK          first order of its chain           leaf of its price
 *   NEXT          the second, if the first is not    level of its price, or the best opposite
 *                 the one
 *   NEAR          level, neighbours, other bucket    order at the level's end
 *   CLOSE         what stands before it there        as NEAR of an order that is named, if it trades
 *
 * Each stage reads what the one before has asked for, and asks for what comes next: hardly any waits for memory.
 * With fewer live orders than HF_AHEAD_ORDERS all that is looked at is in the processor's caches anyway, and
 * hints would only cost: there are none.
 *
 * Hints only: nothing of the state is changed, a record may be anything, and by its turn the state may be
 * another. What is followed are the core's own links, which are in range whatever they lead to by then.
 */
#ifndef HF_CORE_AHEAD_H
#define HF_CORE_AHEAD_H

#include "core/core.h"

#define HF_AHEAD_FAR 26u
#define HF_AHEAD_NEXT 14u
#define HF_AHEAD_SLOTS 32u /* a power of two, more than HF_AHEAD_FAR */

/** Some 3 MB of them: with 30,000 hints gain nothing, with 100,000 they save half. */
#define HF_AHEAD_ORDERS 32768u

/** What one slot that comes has led to so far, and what of it is looked at again. */
struct hf_ahead_found {
    uint64_t position;
    int64_t price;
    uint32_t tag; /**< of the client order id */
    uint32_t instrument;
    uint32_t order; /**< index; 0: none known */
    uint32_t level; /**< index; 0: none known */
    uint8_t side;
    bool is_new; /**< an order for a book that there is */
    bool named;  /**< it names an order */
    bool trades; /**< the level is one that it meets, not its own */
};

/** Of one sequence of slots, for one core; zero it before. */
struct hf_ahead {
    struct hf_ahead_found found[HF_AHEAD_SLOTS];
};

/**
 * Before the slot at `position` is applied: fetch what those behind it will need.
 *
 * @param position  counts the slots of the sequence, from 1 on
 * @param far       the slot HF_AHEAD_FAR behind it, a copy where others may write to it; NULL: none is there
 */
void hf_ahead_look(struct hf_ahead *ahead, const struct hf_core *core, uint64_t position,
                   const struct hf_record *far);

#endif
