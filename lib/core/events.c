/*
 * events.c - reading the event buffer.
 */
#include "core/events.h"

uint64_t
hf_core_event_last(const struct hf_core *core)
{
    return core->last_event;
}

uint64_t
hf_core_event_first(const struct hf_core *core)
{
    uint64_t capacity = core->limits.events_max;
    return core->last_event > capacity ? core->last_event - capacity + 1 : 1;
}

static bool
is_kept(const struct hf_core *core, uint64_t position)
{
    return position >= hf_core_event_first(core) && position <= core->last_event;
}

unsigned
hf_core_event_read(const struct hf_core *core, uint64_t position,
                   struct hf_report slots[HF_MESSAGE_SLOTS_MAX])
{
    if (!is_kept(core, position)) {
        return 0;
    }
    unsigned count = hf_events_marks(core)[hf_events_at(core, position)].slots;
    for (unsigned i = 0; i < count; i++) {
        slots[i] = hf_events_slots(core)[hf_events_at(core, position + i)];
    }
    return count;
}

uint64_t
hf_core_event_next(const struct hf_core *core, uint64_t position)
{
    uint32_t next =
        is_kept(core, position) ? hf_events_marks(core)[hf_events_at(core, position)].next : 0;
    return next != 0 ? position + next : 0;
}

/** V3. */
static bool
is_of_session(const struct hf_core *core, uint64_t position, uint32_t session)
{
    uint64_t at = hf_events_at(core, position);
    const struct hf_event_mark *mark = &hf_events_marks(core)[at];
    return mark->session == session && mark->slots != 0 &&
           hf_events_slots(core)[at].lsn > hf_core_sessions(core)[session].id;
}

uint64_t
hf_core_event_oldest(const struct hf_core *core, uint32_t session)
{
    if (hf_core_session(core, session) == NULL) {
        return 0;
    }
    uint64_t position = hf_core_event_first(core);
    while (position <= core->last_event && !is_of_session(core, position, session)) {
        position++;
    }
    return position <= core->last_event ? position : 0;
}

uint64_t
hf_core_event_find(const struct hf_core *core, uint32_t session, uint64_t number)
{
    uint64_t position = hf_core_event_oldest(core, session);
    while (position != 0 && hf_events_slots(core)[hf_events_at(core, position)].number < number) {
        position = hf_core_event_next(core, position);
    }
    bool found =
        position != 0 && hf_events_slots(core)[hf_events_at(core, position)].number == number;
    return found ? position : 0;
}
