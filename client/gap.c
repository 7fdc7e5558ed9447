/*
 * gap.c - reports that the ring does not hold: fetched over the control connection, shown in order.
 *
 *     next          gap_end
 *   ───┼── fetched ───┼── in the ring ──►        gap_end: first number that the ring holds
 *
 * There are two reasons. The ring restarted while we were slow: `restart` in the report object tells
 * where. Or the application asked to be shown reports again (next_report) that the ring no longer has:
 * then it ends where the last client had stopped.
 *
 * Or reports are lost (HF_LOST), because the engine has given them up or the log of them is gone: they are
 * stepped over once the application was told.
 *
 * hf_peek() never waits: the fetch is begun and ended by hf_maintain(). The mapping is kept until all in
 * it is released.
 */
#include "gap.h"

#include "base/clock.h"

#include <string.h>

#define RETRY_NS UINT64_C(1000000000) /* a log that is damaged now is damaged in a moment, too */

void
hf_client_gap_init(struct hf_client *client, uint64_t next_report)
{
    struct hf_client_gap *gap = &client->gap;
    hf_region_detach(&gap->region);
    *gap = (struct hf_client_gap){.region = {.fd = -1}, .end = client->reports.next};
    if (next_report == 0) {
        return;
    }
    gap->shown_from = next_report;
    if (next_report < client->reports.next) {
        client->reports.next = next_report;
        client->released = next_report - 1;
    }
}

void
hf_client_gap_destroy(struct hf_client *client)
{
    hf_region_detach(&client->gap.region);
}

/** Where the gap ends that begins with `next`: at the restart, or where reports are lost. */
static uint64_t
find_end(struct hf_client *client, uint64_t next, uint64_t restart)
{
    const struct hf_report_object *object = client->report_object;
    /* In this order: pairs with the engine's releases. */
    uint64_t lost_last = hf_load_acquire(&object->lost_last);
    uint64_t lost_first = hf_load_acquire(&object->lost_first);
    if (next < lost_first) {
        return lost_first < restart ? lost_first : restart;
    }
    if (next > lost_last) {
        return restart;
    }
    client->gap.lost_to = lost_last;
    return lost_last + 1;
}

bool
hf_client_gap_opens(struct hf_client *client)
{
    struct hf_client_gap *gap = &client->gap;
    uint64_t next = client->reports.next;
    if (next >= gap->end) {
        /* Acquire pairs with the engine's release: it publishes nothing behind the restart before. */
        uint64_t restart = hf_load_acquire(&client->report_object->restart);
        if (restart <= next) {
            return false;
        }
        gap->end = find_end(client, next, restart);
    }
    if (gap->shown_from > next) { /* what is to be passed over is neither fetched nor lost */
        client->reports.next = gap->shown_from < gap->end ? gap->shown_from : gap->end;
        gap->lost_to = gap->lost_to >= client->reports.next ? gap->lost_to : 0;
    }
    return client->reports.next < gap->end;
}

void
hf_client_gap_pass_lost(struct hf_client *client)
{
    struct hf_client_gap *gap = &client->gap;
    HF_ASSERT("what is lost begins with the next report", gap->lost_to >= client->reports.next);
    gap->lost_first = client->reports.next;
    gap->lost_last = gap->lost_to;
    gap->lost_to = 0;
    client->reports.next = gap->lost_last + 1;
}

static bool
is_fetched(const struct hf_client *client, uint64_t number)
{
    const struct hf_client_gap *gap = &client->gap;
    return gap->region.base != NULL && number >= gap->first && number <= gap->last;
}

const struct hf_report *
hf_client_gap_report(const struct hf_client *client)
{
    const struct hf_report *slots = client->gap.region.base;
    uint64_t number = client->reports.next;
    return is_fetched(client, number) ? &slots[number - client->gap.first] : NULL;
}

bool
hf_client_gap_holds(const struct hf_client *client, const struct hf_report *report)
{
    const struct hf_report *slots = client->gap.region.base;
    return slots != NULL && report >= slots &&
           report <= &slots[client->gap.last - client->gap.first];
}

bool
hf_client_gap_pending(const struct hf_client *client)
{
    return client->reports.next < client->gap.end && !is_fetched(client, client->reports.next);
}

static void
let_go_of_released(struct hf_client *client)
{
    struct hf_client_gap *gap = &client->gap;
    if (gap->region.base != NULL && client->released >= gap->last) {
        hf_region_detach(&gap->region);
    }
}

static int
ask(struct hf_client *client)
{
    struct hf_control_request request = hf_connection_request(HF_CONTROL_REPORTS);
    request.session_id = client->session_id;
    request.first_report = client->reports.next;
    request.last_report = client->gap.end - 1;
    int code = hf_control_send(client->socket_fd, &request, sizeof(request), NULL, 0);
    client->gap.asked = code == HF_OK;
    return code == HF_OK ? HF_GAP : HF_E_NO_DAEMON;
}

/** The answer's object: it must hold the report that comes next, or begin with its first slot. */
static int
map_reports(struct hf_client *client, const struct hf_control_answer *answer, int fd)
{
    struct hf_client_gap *gap = &client->gap;
    uint64_t next = client->reports.next;
    uint64_t count = answer->last_report - answer->first_report + 1;
    bool fits = answer->first_report <= next && answer->first_report + 1 >= next &&
                answer->last_report >= next && answer->last_report < gap->end &&
                answer->report_bytes == count * HF_SLOT_BYTES;
    int code = hf_region_map_fd(&gap->region, fd, answer->report_bytes, false); /* takes fd over */
    if (code == HF_OK && !fits) {
        hf_region_detach(&gap->region);
        code = HF_E_PROTOCOL;
    }
    if (code != HF_OK) {
        return code;
    }
    gap->first = answer->first_report;
    gap->last = answer->last_report;
    if (gap->first < next) {
        client->reports.next = gap->first;
        client->released = gap->first - 1;
    }
    return HF_OK;
}

static int
failed(struct hf_client *client, int code, uint64_t now_ns)
{
    client->gap.code = code;
    client->gap.retry_ns = now_ns + RETRY_NS;
    return code;
}

static int
refused(struct hf_client *client, int code, uint64_t now_ns)
{
    if (code == HF_LOST) {
        client->gap.lost_to = client->gap.end - 1; /* all that we had asked for */
        return code;
    }
    return failed(client, code, now_ns);
}

static int
receive(struct hf_client *client, uint64_t now_ns)
{
    struct hf_control_answer answer;
    int fds[HF_CONNECTION_FDS_MAX];
    unsigned count = 0;
    int code = hf_connection_receive(client->socket_fd, HF_CONTROL_REPORTS, &answer, fds, &count);
    if (code == HF_AGAIN) {
        return HF_GAP;
    }
    client->gap.asked = false;
    if (code != HF_OK) {
        return HF_E_NO_DAEMON; /* it died, or does not speak our language: connect again */
    }
    if (answer.code != HF_OK) {
        hf_open_error_set("%s", answer.text);
        return refused(client, answer.code, now_ns);
    }
    code = count == 1 ? map_reports(client, &answer, fds[0]) : HF_E_PROTOCOL;
    for (unsigned i = count == 1 ? 1 : 0; i < count; i++) {
        hf_connection_close(&fds[i]);
    }
    return code == HF_OK ? HF_OK : failed(client, code, now_ns);
}

int
hf_client_gap_step(struct hf_client *client, uint64_t now_ns)
{
    struct hf_client_gap *gap = &client->gap;
    let_go_of_released(client);
    if (gap->asked) {
        return receive(client, now_ns);
    }
    if (!hf_client_gap_opens(client) || is_fetched(client, client->reports.next)) {
        return HF_OK;
    }
    if (gap->lost_to != 0) {
        return HF_LOST;
    }
    if (now_ns < gap->retry_ns) {
        return gap->code;
    }
    return gap->region.base == NULL ? ask(client) : HF_GAP; /* else: release the reports before */
}
