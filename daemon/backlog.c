/* backlog.c - reports into rings, from the state machine or from the event buffer. */
#include "daemon/backlog.h"

#include "base/planted.h"

/** A position that is overwritten whenever a session's event is not found: positions begin at 1. */
#define POSITION_OVERWRITTEN 1u

/** LSN of an event; of an overwritten one nobody knows more than that it is not before the first. */
static uint64_t
event_lsn(const struct hf_core *core, uint64_t position)
{
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    return hf_core_event_read(core, position, slots) != 0 ? slots[0].lsn : 1;
}

void
hf_backlog_locate(const struct hf_core *core, struct hf_link *link)
{
    const struct hf_core_session *session = hf_core_session(core, link->slot);
    link->behind = 0;
    if (session != NULL && session->last_report >= link->reports.next &&
        !HF_PLANTED(BACKLOG_FORGOTTEN)) {
        uint64_t position = hf_core_event_find(core, link->slot, link->reports.next);
        link->behind = position != 0 ? position : POSITION_OVERWRITTEN;
        link->behind_lsn = event_lsn(core, link->behind);
        HF_ASSERT("L2", position != 0 || hf_core_event_first(core) > POSITION_OVERWRITTEN);
    }
}

static void
touch(struct hf_sequencer *s, struct hf_link *link)
{
    if (!link->touched) {
        link->touched = true;
        s->touched[s->touched_count++] = link;
    }
}

static bool
may_be_seen(const struct hf_sequencer *s, const struct hf_report *report)
{
    /* Pairs with the sync thread's store: it is flushed (W2). Seq_cst for the last look before sleeping. */
    return s->mode != HF_WAL_SYNC || HF_PLANTED(SYNC_MODE_EARLY) ||
           report->lsn <= hf_load_seq_cst(&s->status->durable_lsn);
}

/** Whether a report may enter the ring now. */
static bool
ring_takes(struct hf_sequencer *s, struct hf_link *link, const struct hf_report *report)
{
    if (link->command_object == NULL || link->condemned != HF_OK || !may_be_seen(s, report)) {
        return false; /* K2 */
    }
    int result = hf_ring_claim(&link->reports, report->slots);
    if (result == HF_E_PROTOCOL) {
        hf_link_condemn(link, result);
    }
    return result == HF_OK;
}

static void
publish(struct hf_sequencer *s, struct hf_link *link, const struct hf_report *report)
{
    HF_ASSERT("P2: reports are numbered without a gap", link->reports.next == report->number);
    hf_ring_publish_copy(&link->reports, report, report->slots);
    touch(s, link);
}

void
hf_sequencer_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct hf_sequencer *s = context;
    s->reports += report->slots;
    s->rejects += report->type == HF_REPORT_REJECTED;
    struct hf_link *link = s->links->by_slot[session];
    if (link == NULL || link->behind != 0) {
        return; /* L1; or it is just being made, and will be located */
    }
    if (ring_takes(s, link, report)) {
        publish(s, link, report);
    } else {
        link->behind = hf_core_event_last(s->core) + 1 - report->slots;
        if (link->behind_lsn == 0) { /* else a gap from before is perhaps not fetched yet */
            hf_store_relaxed(&link->behind_lsn, report->lsn);
        }
    }
}

/** Whether the client has released all that is in the ring; its tail may have been read long ago. */
static bool
ring_is_read(struct hf_link *link)
{
    int result = hf_ring_refresh(&link->reports);
    if (result != HF_OK) {
        hf_link_condemn(link, result);
        return false;
    }
    return link->reports.tail_seen == link->reports.next - 1;
}

/** The list of a session's open orders, as far as one page goes, and its end. */
static uint64_t
list_slots(const struct hf_core_session *session)
{
    uint64_t orders = session->open_orders;
    orders = orders < HF_OPEN_ORDERS_MAX ? orders : HF_OPEN_ORDERS_MAX;
    return HF_MESSAGE_SLOTS_MAX * orders + 1;
}

/** Give up reports first to last: the list of open orders follows them. The client loads `lost_last`
 *  (acquire) before `lost_first`: it never takes an old range's beginning with a new one's end.
 *  @return false: the WAL queue has no room now */
static bool
give_up(struct hf_sequencer *s, struct hf_link *link, uint64_t first, uint64_t last)
{
    struct hf_record record = {.type = HF_RECORD_LOST, .session = link->slot};
    record.lost.first = first;
    record.lost.last = last;
    if (hf_sequencer_append(s, &record, NULL) != HF_OK) {
        return false;
    }
    hf_store_release(&link->report_object->lost_first, first);
    hf_store_release(&link->report_object->lost_last, last);
    return true;
}

/** The ring goes on with the next report to be produced. The client learns it from `restart` (release;
 *  it loads with acquire), and nothing is published behind it before. */
static bool
restart(struct hf_sequencer *s, struct hf_link *link)
{
    const struct hf_core_session *session = hf_core_session(s->core, link->slot);
    uint64_t first = link->reports.next;
    uint64_t next = session->last_report + 1;
    uint64_t position = 0;
    if (!ring_is_read(link)) {
        return false;
    }
    if (next - first > hf_load_relaxed(&s->lag_max) + list_slots(session)) { /* reload.h */
        position = hf_core_event_last(s->core) + 1;                          /* of the list */
        if (!give_up(s, link, first, next - 1)) {
            return false;
        }
    }
    hf_ring_restart(&link->reports, next);
    hf_store_release(&link->report_object->restart, next);
    link->behind = position;
    touch(s, link);
    return true;
}

/** Whether what was missing before the ring's last restart has been released: it was fetched then. */
static bool
gap_is_read(const struct hf_link *link, uint64_t tail)
{
    const struct hf_report_object *object = link->report_object;
    return object == NULL || tail + 1 >= hf_load_relaxed(&object->restart); /* engine's own word */
}

uint64_t
hf_backlog_needed_lsn(const struct hf_registry *registry)
{
    uint64_t needed = 0;
    for (uint32_t slot = 1; slot <= registry->sessions_max; slot++) {
        const struct hf_link *link = hf_registry_link(registry, slot);
        uint64_t lsn = link == NULL ? 0 : hf_load_relaxed(&link->behind_lsn); /* a hint */
        if (lsn != 0 && (needed == 0 || lsn < needed)) {
            needed = lsn;
        }
    }
    return needed;
}

int64_t
hf_backlog_drain(struct hf_sequencer *s, struct hf_link *link)
{
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    int64_t moved = 0;
    while (link->behind != 0) {
        if (hf_core_event_read(s->core, link->behind, slots) == 0) {
            if (!restart(s, link)) {
                break;
            }
            moved++;
            continue;
        }
        if (!ring_takes(s, link, slots)) {
            break;
        }
        publish(s, link, slots);
        link->behind = hf_core_event_next(s->core, link->behind);
        moved++;
    }
    if (moved > 0 && link->behind == 0 && gap_is_read(link, link->reports.tail_read)) {
        hf_store_relaxed(&link->behind_lsn, 0);
    }
    return moved;
}

bool
hf_backlog_has_work(const struct hf_sequencer *s, struct hf_link *link)
{
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    if (link->behind == 0) {
        return false;
    }
    if (hf_core_event_read(s->core, link->behind, slots) == 0) {
        return ring_is_read(link);
    }
    return may_be_seen(s, slots) && hf_ring_claim(&link->reports, slots[0].slots) != HF_AGAIN;
}

bool
hf_backlog_blocks(const struct hf_sequencer *s, const struct hf_link *link)
{
    if (link->behind == 0 || link->drain_to != 0) {
        return false;
    }
    uint64_t last = hf_core_session(s->core, link->slot)->last_report;
    uint64_t allowed = s->mode == HF_WAL_SYNC ? link->reports.mask + 1 : 0;
    return last + 1 - link->reports.next > allowed;
}

bool
hf_backlog_waits_for_flush(struct hf_sequencer *s)
{
    if (s->mode != HF_WAL_SYNC) {
        return false;
    }
    struct hf_report slots[HF_MESSAGE_SLOTS_MAX];
    uint64_t first = hf_core_event_first(s->core);
    uint64_t last = hf_core_event_last(s->core);
    s->durable_event = s->durable_event + 1 < first ? first - 1 : s->durable_event;
    while (s->durable_event < last) {
        unsigned count = hf_core_event_read(s->core, s->durable_event + 1, slots);
        if (count != 0 && !may_be_seen(s, slots)) {
            break;
        }
        s->durable_event += count == 0 ? 1 : count; /* 0: half of one that is overwritten */
    }
    return last - s->durable_event > hf_core_limits(s->core)->events_max / 2;
}
