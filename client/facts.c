/* facts.c - what a handle can say without asking anybody. */
#include "handle.h"
#include "page.h"

const char *
hf_version(void)
{
    return HF_VERSION;
}

uint64_t
hf_durable_lsn(const struct hf_client *client)
{
    /* Pairs with the sync thread's release, after the flush returned. */
    return hf_load_acquire(&client->status->durable_lsn);
}

/* The engine announces its head once per batch; the run of published slots may reach further. */
static uint64_t
last_published_report(const struct hf_client *client)
{
    uint64_t head = hf_load_acquire(&client->report_object->report_head);
    uint64_t stepped = client->reports.next - 1;
    return hf_ring_published(client->reports.slots, client->report_slots,
                             (head > stepped ? head : stepped) + 1);
}

void
hf_facts(const struct hf_client *client, struct hf_session_facts *facts)
{
    *facts = (struct hf_session_facts){
        .session_id = client->session_id,
        .session = client->session,
        .resumed = client->resumed,
        .history = hf_load_acquire(&client->status->history),
        .epoch = hf_load_acquire(&client->status->epoch),
        .last_submitted = client->commands.next - 1,
        /* Pairs with the engine's release of the tail; the LSN was stored before it. */
        .last_logged = hf_load_acquire(&client->report_object->command_tail),
        .last_report = last_published_report(client),
        .last_released = client->released,
        .lost_first = client->gap.lost_first,
        .lost_last = client->gap.lost_last,
    };
    facts->last_logged_lsn = hf_load_acquire(&client->report_object->sequenced_lsn);
}

/** The last slot of the ring is the second one of a command. */
static bool
last_is_second(const struct hf_client *client, uint64_t last)
{
    const struct hf_slot *slots = hf_session_slots(client->command_object);
    const struct hf_slot *slot = &slots[last & (client->command_slots - 1)];
    if (hf_load_relaxed(&slot->number) == last) { /* this side wrote it */
        return ((const struct hf_command *)(const void *)slot)->type == HF_COMMAND_MORE;
    }
    /* The ring is younger than that command, and what it held was in the log: with the reports of that time all
     * read, what none of them answers was the second half of what the last one did. */
    return client->reports.next > client->reports_at_open;
}

bool
hf_is_last_command(const struct hf_client *client, uint64_t seq)
{
    uint64_t last = client->commands.next - 1;
    return seq == last || (last > 0 && seq + 1 == last && last_is_second(client, last));
}

void
hf_accept_history(struct hf_client *client, struct hf_session_facts *facts)
{
    client->history = hf_load_acquire(&client->status->history);
    client->durable_seen = 0;
    hf_client_rings_init(client, 0);
    hf_facts(client, facts);
}

int
hf_instrument(const struct hf_client *client, const char *symbol, struct hf_instrument_info *info)
{
    return hf_page_instrument(&client->status_region, symbol, info);
}

void
hf_status(const struct hf_client *client, struct hf_status *status)
{
    hf_page_copy(client->status, status);
}
