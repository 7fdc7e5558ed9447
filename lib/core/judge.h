/*
 * judge.h - whether an order may enter or change: the admission checks, in their documented order.
 */
#ifndef HF_CORE_JUDGE_H
#define HF_CORE_JUDGE_H

#include "core/state.h"

/** The first reason against a NEW, or HF_REASON_NONE. `more` may be NULL. */
uint32_t hf_judge_new(const struct hf_core *core, const struct hf_record *record,
                      const struct hf_record *more);

/** What forbids any NEW or REPLACE of the session, whatever it is about. */
static inline uint32_t
hf_judge_session(const struct hf_core_session *session)
{
    if (session->killed) {
        return HF_REASON_KILLED_SESSION;
    }
    return session->rate_max != 0 && session->rate_count > session->rate_max ? HF_REASON_RATE
                                                                             : HF_REASON_NONE;
}

/** The first reason against a REPLACE of the live order at `index` that does not depend on where it
 *  would go: entitlement to instrument and account, phase, price, quantity, limits, duplicate id. */
uint32_t hf_judge_replace(const struct hf_core *core, const struct hf_record *record,
                          uint32_t index);

#endif
