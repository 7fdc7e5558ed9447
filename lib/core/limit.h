/*
 * limit.h - limits of sessions, by name: open orders, messages per second, kill switch.
 *
 *   rows   dense array, in no order; a name without a row has no limits
 *
 * They belong to the name, as entitlements do: CLOSE leaves them, the next OPEN finds them, and they may be
 * there before the first. An open session has a copy, by which its orders are judged. What a session sent in
 * its last second outlives it as well: closing and opening it gives no second rate.
 *
 * N3  no two rows have the same name, and every row limits something
 * N4  orders_max, rate_max and killed of an open session are those of its name
 */
#ifndef HF_CORE_LIMIT_H
#define HF_CORE_LIMIT_H

#include "core/state.h"

struct hf_limit_entry {
    struct hf_limits_row row;
    uint32_t rate_count; /**< of the session of this name that was closed last */
    uint64_t rate_end_ns;
};

/** As many as there may be entitlements. */
static inline uint32_t
hf_limit_entries(const struct hf_engine_limits *limits)
{
    return limits->entitlements_max;
}

/** The limits of a name; all 0 when it has none. */
struct hf_limits_row hf_limit_of(const struct hf_core *core, const char *name);

/** Give the name in `row` these limits. @return false: it had none, and the table is full */
bool hf_limit_set(struct hf_core *core, const struct hf_limits_row *row);

/** N4, for the open session of this name. */
void hf_limit_refresh(const struct hf_core *core, struct hf_core_session *session);

/** A session is opened or is about to be closed: what its name has sent in this second. */
void hf_limit_enter(const struct hf_core *core, struct hf_core_session *session);
void hf_limit_leave(const struct hf_core *core, const struct hf_core_session *session);

#endif
