/*
 * ahead.h - what records that come soon will look at is fetched into the cache while those before them are
 * applied. The engine cannot do this, for it applies a command when it comes; a replay has them all.
 *
 *   slots ahead   FAR                  LOOK                      NEAR               CLOSE
 *   names order   bucket of the   ───► first order of its   ───► level, neighbours,
 *                 id                   chain, and its links      other id's bucket
 *   new order     buckets, book   ───► level of its price,  ───► order at the   ───► as above, if it trades
 *                                      or the best opposite      level's end
 *
 * Each stage reads what the one before has asked for, and asks for what comes next: none waits for memory.
 * Hints only: nothing of the state is changed, a record may be anything, and by its turn the state may be
 * another. What is followed are the core's own links, which are in range whatever they lead to by then.
 */
#ifndef HF_CORE_AHEAD_H
#define HF_CORE_AHEAD_H

#include "core/core.h"

#define HF_AHEAD_SLOTS 32u /* a power of two, more than FAR */

/** What one slot that comes has led to so far. */
struct hf_ahead_found {
    uint32_t tag;   /**< of the client order id */
    uint32_t order; /**< index; 0: none known */
    uint32_t level; /**< index; 0: none known */
    bool trades;    /**< the level is one that it meets, not its own */
    bool named;     /**< the record names an order */
};

/** Of one replay, of one core; zero it before. */
struct hf_ahead {
    uint32_t turn; /**< slots so far */
    struct hf_ahead_found found[HF_AHEAD_SLOTS];
};

/**
 * Before each slot of a log: fetch.
 *
 * @param slots  the next one to be applied and those behind it, as they stand in the log
 * @param count  how many there are; few are as good as none
 */
void hf_ahead_look(struct hf_ahead *ahead, const struct hf_core *core,
                   const struct hf_record *slots, size_t count);

#endif
