/*
 * copy.h - drop copy: reports of one session, shown to others as well.
 *
 *   report of S ──► S            a copy is a report of D like any other: numbered, folded into the digest,
 *        └────────► D, D'        kept, handed to the sink; so it is logged by consequence, and recovered
 *
 * D gets copies of S when one of D's DROP_COPY entitlements names a group that S has a GROUP entitlement
 * for; one copy, however many groups they share. Copies follow the original, in order of slots.
 *
 * D1  nobody gets copies of its own reports, and copies are never copied
 * D2  the chain from first_copier on is exactly the open sessions that have a DROP_COPY entitlement which is
 *     their client's (entitle.h), in order of slots; the chain from a session's copy_entry on is exactly these entitlements
 */
#ifndef HF_CORE_COPY_H
#define HF_CORE_COPY_H

#include "core/state.h"

/** Copy a report of `session`, of report->slots consecutive slots, to whoever gets its copies. */
void hf_copy_report(const struct hf_apply *apply, uint32_t session, const struct hf_report *report);

/** Set up D2 afresh: a session came or went, or an entitlement. Also brings the entitlement flags of the
 *  sessions up to date whose entries may have moved. */
void hf_copy_refresh(struct hf_core *core);

/** Whether anybody may get copies of a session's reports: cheap, and nearly always false. */
static inline bool
hf_copy_is_wanted(const struct hf_core *core, const struct hf_core_session *session)
{
    return core->first_copier != 0 && session->grouped != 0;
}

#endif
