/*
 * reports.c - reading the report ring in place, and what was fetched because the ring has it no more.
 *
 *      released        reports.next         engine's head
 *         │                 │                    │
 *   ──────┼── stepped over ─┼── to be peeked ────┼──
 *         └─ hf_release ──► │ ◄─ hf_next
 */
#include "gap.h"
#include "handle.h"

#include "base/planted.h"

static unsigned
report_slots_of(const struct hf_report *report)
{
    return report->slots == HF_MESSAGE_SLOTS_MAX ? HF_MESSAGE_SLOTS_MAX : 1;
}

static const struct hf_report *
next_report(struct hf_client *client)
{
    if (HF_LIKELY(client->reports.next >= client->gap.end)) {
        const struct hf_slot *slot = hf_ring_peek(&client->reports);
        if (HF_LIKELY(slot != NULL) || !hf_client_gap_opens(client)) {
            return (const struct hf_report *)(const void *)slot;
        }
    }
    return hf_client_gap_report(client);
}

/** Reports that the application did not want to be shown count as read. */
static const struct hf_report *
pass_over(struct hf_client *client)
{
    const struct hf_report *report = next_report(client);
    while (report != NULL && report->number + report_slots_of(report) <= client->gap.shown_from) {
        hf_ring_advance(&client->reports, report_slots_of(report));
        hf_release(client);
        report = next_report(client);
    }
    if (report != NULL) {
        client->gap.shown_from = 0;
    }
    return report;
}

const struct hf_report *
hf_client_next_report(struct hf_client *client)
{
    return HF_LIKELY(client->gap.shown_from == 0) ? next_report(client) : pass_over(client);
}

bool
hf_client_shows(struct hf_client *client, const struct hf_report *report)
{
    if (!client->durable || HF_PLANTED(CLIENT_SHOWS_EARLY)) {
        return true;
    }
    if (hf_client_void(client)) {
        return false;
    }
    if (report->lsn <= client->durable_seen) {
        return true;
    }
    client->durable_seen = hf_durable_lsn(client);
    return report->lsn <= client->durable_seen;
}

const struct hf_report *
hf_peek(struct hf_client *client)
{
    const struct hf_report *report = hf_client_next_report(client);
    return report != NULL && hf_client_shows(client, report) ? report : NULL;
}

/** The second slot of a report that was peeked; NULL: it has one. */
static const struct hf_report *
second_slot(const struct hf_client *client, const struct hf_report *report)
{
    if (report_slots_of(report) != HF_MESSAGE_SLOTS_MAX) {
        return NULL;
    }
    if (HF_UNLIKELY(hf_client_gap_holds(client, report))) {
        return report + 1;
    }
    /* Published before the first slot (R3); the acquire of the peek covers it. */
    const struct hf_slot *slot =
        &client->reports.slots[(report->number + 1) & client->reports.mask];
    return (const struct hf_report *)(const void *)slot;
}

const struct hf_report_more *
hf_more(const struct hf_client *client, const struct hf_report *report)
{
    const struct hf_report *second = second_slot(client, report);
    bool is_own = second != NULL && second->type == HF_REPORT_MORE;
    return is_own ? (const struct hf_report_more *)(const void *)second : NULL;
}

const struct hf_report_copy *
hf_copy(const struct hf_client *client, const struct hf_report *report)
{
    const struct hf_report *second = second_slot(client, report);
    bool is_copy = second != NULL && second->type == HF_REPORT_COPY;
    return is_copy ? (const struct hf_report_copy *)(const void *)second : NULL;
}

void
hf_next(struct hf_client *client)
{
    const struct hf_report *report = hf_client_next_report(client);
    HF_ASSERT("hf_next follows a hf_peek that showed a report", report != NULL);
    hf_ring_advance(&client->reports, report_slots_of(report));
}

size_t
hf_read_many(struct hf_client *client, struct hf_report *slots, size_t capacity)
{
    size_t count = 0;
    for (const struct hf_report *report; (report = hf_peek(client)) != NULL; hf_next(client)) {
        const struct hf_report *second = second_slot(client, report);
        if (count + (second != NULL ? 2 : 1) > capacity) {
            break;
        }
        slots[count++] = *report;
        if (second != NULL) {
            slots[count++] = *second;
        }
    }
    return count;
}

/*
 * The engine stops reading a session whose report ring is full, and may then park. Partners: it
 * announces its head and stores parked = 1 before it looks at our tail a last time; we store the tail
 * before we look at its head and at parked. Half a ring is far from full and yet rare to be owed.
 */
void
hf_release(struct hf_client *client)
{
    uint64_t before = client->released;
    uint64_t now = client->reports.next - 1;
    if (now == before) {
        return;
    }
    HF_ASSERT("H2", now > before);
    client->released = now;
    if (now <= client->tail) {
        return; /* it was released by a client before us, and is shown again */
    }
    hf_store_seq_cst(client->reports.tail, now);
    client->tail = now;
    if (hf_load_seq_cst(&client->report_object->report_head) - before > client->report_slots / 2) {
        hf_client_ring_doorbell(client);
    }
}
