/*
 * alter.h - what may happen to a live order from outside matching: it goes, or it shrinks.
 */
#ifndef HF_CORE_ALTER_H
#define HF_CORE_ALTER_H

#include "core/extra.h"
#include "core/resting.h"

/** Take a live order away: market event, CANCELLED to its session with the whole open quantity.
 *  @return that quantity */
uint64_t hf_alter_cancel(struct hf_apply *apply, uint32_t index, uint32_t reason,
                         uint64_t command_seq);

/** Take `less` (below the whole open quantity) off a live order, the hidden part first; its place
 *  stays. Market event when it shows less; no report. */
void hf_alter_reduce(struct hf_apply *apply, uint32_t index, uint64_t less);

/** The open quantity of a live order, hidden part included. */
uint64_t hf_alter_open(const struct hf_core *core, uint32_t index);

/** The instrument of a live order, resting or waiting. */
struct hf_book *hf_alter_book(const struct hf_core *core, uint32_t index);

#endif
