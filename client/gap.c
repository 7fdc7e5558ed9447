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
 * hf_peek() never waits: the fetch is begun and ended by hf_maintain(). What came is copied, because the
 * daemon takes its memory back when it needs it, and kept until all of it is released.
 */
#include "gap.h"

#include "base/clock.h"
#include "base/planted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY_NS UINT64_C(1000000000) /* a log that is damaged now is damaged in a moment, too */

void
hf_client_gap_init(struct hf_client *client, uint64_t next_report)
{
    struct hf_client_gap *gap = &client->gap;
    free(gap->slots);
    *gap = (struct hf_client_gap){.end = client->reports.next};
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
    free(client->gap.slots);
    client->gap.slots = NULL;
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
        if (HF_PLANTED(GAP_SKIPPED)) {
            client->reports.next = gap->end;
        }
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
    return gap->slots != NULL && number >= gap->first && number <= gap->last;
}

const struct hf_report *
hf_client_gap_report(const struct hf_client *client)
{
    const struct hf_report *slots = client->gap.slots;
    uint64_t number = client->reports.next;
    return is_fetched(client, number) ? &slots[number - client->gap.first] : NULL;
}

bool
hf_client_gap_holds(const struct hf_client *client, const struct hf_report *report)
{
    const struct hf_report *slots = client->gap.slots;
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
    if (gap->slots != NULL && client->released >= gap->last) {
        hf_client_gap_destroy(client);
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

/** Whether it holds the report that comes next, or begins with its first slot. */
static bool
fits(const struct hf_client *client, const struct hf_control_answer *answer)
{
    uint64_t next = client->reports.next;
    uint64_t count = answer->last_report - answer->first_report + 1;
    return answer->first_report <= next && answer->first_report + 1 >= next &&
           answer->last_report >= next && answer->last_report < client->gap.end &&
           answer->report_bytes == count * HF_SLOT_BYTES;
}

/** @return 0; HF_AGAIN: the daemon has taken them back meanwhile; HF_E_SYSTEM */
static int
read_slots(int fd, struct hf_report *slots, size_t len_bytes)
{
    for (size_t at = 0; at < len_bytes;) {
        ssize_t got = pread(fd, (unsigned char *)slots + at, len_bytes - at, (off_t)at);
        if (got == 0) {
            return HF_AGAIN;
        }
        if (got < 0 && errno != EINTR) {
            return HF_E_SYSTEM;
        }
        at += got < 0 ? 0 : (size_t)got;
    }
    /* What is read while it is emptied reads as zeros: its length goes first, and tells. */
    struct stat status;
    bool whole = fstat(fd, &status) == 0 && (uint64_t)status.st_size >= len_bytes;
    return whole ? HF_OK : HF_AGAIN;
}

static int
keep_reports(struct hf_client *client, const struct hf_control_answer *answer, int fd)
{
    struct hf_client_gap *gap = &client->gap;
    if (!fits(client, answer)) {
        return HF_E_PROTOCOL;
    }
    gap->slots = aligned_alloc(HF_SLOT_BYTES, answer->report_bytes);
    int code = gap->slots == NULL ? HF_E_MEMORY : read_slots(fd, gap->slots, answer->report_bytes);
    if (code != HF_OK) {
        hf_client_gap_destroy(client);
        return code;
    }
    gap->first = answer->first_report;
    gap->last = answer->last_report;
    if (gap->first < client->reports.next) {
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
    code = count == 1 ? keep_reports(client, &answer, fds[0]) : HF_E_PROTOCOL;
    for (unsigned i = 0; i < count; i++) {
        hf_connection_close(&fds[i]);
    }
    if (code == HF_AGAIN) {
        return ask(client);
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
    return gap->slots == NULL ? ask(client) : HF_GAP; /* else: release the reports before */
}
