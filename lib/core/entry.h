/*
 * entry.h - HF_COMMAND_NEW.
 *
 *   judge ─► REJECTED
 *     └────► ACCEPTED ─► waits as a stop
 *                    └─► [TRIGGERED] ─► enters (match.h) ─► stops that its trades trigger (stop.h)
 */
#ifndef HF_CORE_ENTRY_H
#define HF_CORE_ENTRY_H

#include "core/state.h"

/** `more` is NULL for commands of one slot. */
void hf_entry_new(struct hf_apply *apply, const struct hf_record *record,
                  const struct hf_record *more);

#endif
