/*
 * phase.h - trading phases, and the uncross that opens a book which was filled without matching.
 */
#ifndef HF_CORE_PHASE_H
#define HF_CORE_PHASE_H

#include "core/state.h"

/** Put an instrument into a phase. Opening uncrosses a crossed book, and triggers the stops that the last
 *  price meets. */
void hf_phase_set(struct hf_apply *apply, struct hf_book *book, enum hf_phase phase);

#endif
