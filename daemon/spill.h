/*
 * spill.h - reports of one session that cannot go into its ring yet: the ring is full, or (sync mode)
 * they are not durable. A queue in private memory that grows on demand up to a bound.
 *
 * L1  once one report has spilled, all later ones of the session follow until the spill is empty, so
 *     that the ring stays in order
 *
 * It is lost in a crash and made again by replay.
 */
#ifndef HF_DAEMON_SPILL_H
#define HF_DAEMON_SPILL_H

#include <holdfast/report.h>
#include <stdbool.h>

struct hf_spill {
    struct hf_report *slots; /**< ring of `capacity` slots, a power of two; NULL at first */
    uint64_t capacity;
    uint64_t first; /**< free-running */
    uint64_t end;
};

static inline uint64_t
hf_spill_count(const struct hf_spill *spill)
{
    return spill->end - spill->first;
}

/** Append a report of one or two slots. @return false: over `count_max` slots, or out of memory */
bool hf_spill_push(struct hf_spill *spill, const struct hf_report *report, uint64_t count_max);

/** The oldest report's slots, copied out. @return false when empty */
bool hf_spill_front(const struct hf_spill *spill, struct hf_report slots[HF_MESSAGE_SLOTS_MAX]);

void hf_spill_pop(struct hf_spill *spill, unsigned slots);
void hf_spill_free(struct hf_spill *spill);

#endif
