/*
 * events.h - the event buffer: the last reports of all sessions, for whoever could not be given them at
 * once.
 *
 *   position   1   2   3  ...  first ────────────────────────── last
 *              └── overwritten ──┘ │ a │ b │ b2 │ a │ c │ a │ b │       2^n slots, each overwritten by
 *                                    └────────────┴───────┘             the one 2^n positions later
 *                                      a session's own events are linked, oldest first
 *
 * Positions count report slots over the life of the instance; a report of two slots takes two. The
 * buffer is part of the state, so that a replay fills it in the same way; it is not in the digest,
 * because the reports are already.
 *
 * V1  a kept event's `next` is 0 or leads to the same session's next event, numbered behind it
 * V2  the newest event of an open session is its last_event, and bears its last_report
 * V3  an event belongs to the session that is open in its slot when it was caused after that was
 *     opened: reports of a closed session are never taken for those of the next one in the slot
 */
#ifndef HF_CORE_EVENTS_H
#define HF_CORE_EVENTS_H

#include "core/state.h"

/** What goes with a slot of the buffer. */
struct hf_event_mark {
    uint32_t next;    /**< positions to the session's next event; 0: none yet, or a second slot */
    uint16_t session; /**< session slot: sessions_max has no more bits */
    uint16_t slots;   /**< of the report; 0: this is the second slot of the one before */
};

HF_STATIC_ASSERT(sizeof(struct hf_event_mark) == 8, "a mark is one word");

static inline uint64_t
hf_events_at(const struct hf_core *core, uint64_t position)
{
    return position & (core->limits.events_max - 1);
}

static inline struct hf_report *
hf_events_slots(const struct hf_core *core)
{
    return hf_core_part(core, core->events_at);
}

static inline struct hf_event_mark *
hf_events_marks(const struct hf_core *core)
{
    return hf_core_part(core, core->event_marks_at);
}

/** As one store: the word is made in a register. */
static inline void
hf_events_mark(const struct hf_core *core, uint64_t at, uint32_t session, uint32_t slots)
{
    uint64_t word = (uint64_t)session << 32 | (uint64_t)slots << 48;
    memcpy(&hf_events_marks(core)[at], &word, sizeof(word));
}

HF_STATIC_ASSERT(offsetof(struct hf_event_mark, session) == 4, "hf_events_mark() puts it there");
HF_STATIC_ASSERT(offsetof(struct hf_event_mark, slots) == 6, "hf_events_mark() puts it there");

static inline void
hf_events_put(const struct hf_core *core, uint64_t position, uint32_t session,
              const struct hf_report *slot, uint32_t slots)
{
    uint64_t at = hf_events_at(core, position);
    hf_events_slots(core)[at] = *slot;
    hf_events_mark(core, at, session, slots);
}

/** Take the next `slots` positions for a report of a session. @return the first */
static inline uint64_t
hf_events_claim(struct hf_core *core, struct hf_core_session *owner, uint32_t slots)
{
    uint64_t position = core->last_event + 1;
    core->last_event += slots;
    /* A session's first event marks position 0, which is nobody's, as long as that is there: it is made anew when
     * its slot is used. */
    if (core->last_event - owner->last_event < core->limits.events_max) {
        struct hf_event_mark *before =
            &hf_events_marks(core)[hf_events_at(core, owner->last_event)];
        before->next = (uint32_t)(position - owner->last_event);
    }
    owner->last_event = position;
    return position;
}

/** Keep a report of one slot. @return where it lies now */
static inline const struct hf_report *
hf_events_keep_words(struct hf_core *core, struct hf_core_session *owner, uint32_t session,
                     struct hf_words words)
{
    uint64_t at = hf_events_at(core, hf_events_claim(core, owner, 1));
    struct hf_report *kept = &hf_events_slots(core)[at];
    hf_words_store(kept, words);
    hf_events_mark(core, at, session, 1);
    return kept;
}

/** Keep a report of report->slots consecutive slots, numbered already. */
static inline void
hf_events_keep(struct hf_core *core, uint32_t session, const struct hf_report *report)
{
    struct hf_core_session *owner = &hf_core_sessions(core)[session];
    uint64_t position = hf_events_claim(core, owner, report->slots);
    for (uint32_t i = 0; i < report->slots; i++) {
        hf_events_put(core, position + i, session, &report[i], i == 0 ? report->slots : 0);
    }
}

#endif
