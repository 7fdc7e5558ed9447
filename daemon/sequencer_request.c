/* sequencer_request.c - requests of the control thread, executed between rounds. */
#include "daemon/sequencer_request.h"

#include "base/futex.h"
#include "daemon/backlog.h"
#include "daemon/drain.h"

#include <stdio.h>
#include <string.h>

#define ASK_SLICE_NS 20000000u

static void
complete(struct hf_sequencer *s, struct hf_request *request, int code)
{
    request->code = code;
    hf_store_relaxed(&s->request, NULL); /* before done: the control thread may post the next one */
    hf_store_release(&request->done, 1); /* pairs with the acquire in hf_sequencer_ask() */
    hf_futex_wake(&request->done);
}

static void
fill_session(const struct hf_sequencer *s, struct hf_request *request)
{
    const struct hf_core_session *session = hf_core_session(s->core, request->slot);
    if (session != NULL) {
        request->session_id = session->id;
        request->last_seq = session->last_seq;
        request->last_report = session->last_report;
        request->connected = session->connected;
        request->uid = session->uid;
        request->flags = session->flags;
    }
}

static uint32_t
count_sessions(const struct hf_sequencer *s, uint32_t uid)
{
    uint32_t count = 0;
    for (uint32_t slot = 1; slot <= s->registry->sessions_max; slot++) {
        const struct hf_core_session *session = hf_core_session(s->core, slot);
        count += session != NULL && session->uid == uid;
    }
    return count;
}

static int
find(struct hf_sequencer *s, struct hf_request *request)
{
    request->user_sessions = count_sessions(s, request->uid);
    request->slot = hf_core_session_find(s->core, request->name);
    request->claim = hf_core_claim(s->core, request->name, request->uid);
    request->lsn = hf_core_lsn(s->core);
    request->disk_low = s->disk_low;
    const struct hf_link *link = s->links->by_slot[request->slot];
    request->low_wait_ns = link == NULL ? 0 : hf_sequencer_low_wait_ns(s, link);
    fill_session(s, request);
    request->owner_claim = hf_core_claim(s->core, request->name, request->uid);
    return request->slot == 0 ? HF_E_UNKNOWN : HF_OK;
}

static int
open_session(struct hf_sequencer *s, struct hf_request *request)
{
    uint32_t slot = hf_core_session_free(s->core);
    if (slot == 0) {
        return HF_E_FULL;
    }
    struct hf_record record = {.type = HF_RECORD_OPEN, .session = slot};
    record.open.uid = request->uid;
    record.open.flags = request->flags;
    memcpy(record.open.name, request->name, sizeof(record.open.name));
    int result = hf_sequencer_append(s, &record, NULL);
    request->slot = slot;
    fill_session(s, request);
    return result;
}

static int
log_session_record(struct hf_sequencer *s, const struct hf_request *request,
                   enum hf_record_type type)
{
    if (hf_core_session(s->core, request->slot) == NULL) {
        return HF_E_UNKNOWN;
    }
    struct hf_record record = {.type = (uint8_t)type, .session = request->slot};
    if (type == HF_RECORD_CONNECT) {
        record.open.uid = request->client_uid;
        record.open.flags = request->of_daemon ? HF_SESSION_OF_DAEMON : 0;
    }
    int code = hf_sequencer_append(s, &record, NULL);
    if (code == HF_OK && s->links->by_slot[request->slot] != NULL) {
        hf_sequencer_charge_low(s, s->links->by_slot[request->slot]);
    }
    return code;
}

/** The log goes back no further: what the client gets in place of these reports is a list. */
static int
lose(struct hf_sequencer *s, const struct hf_request *request)
{
    struct hf_record record = {.type = HF_RECORD_LOST, .session = request->slot};
    record.lost.first = request->first_report;
    record.lost.last = request->last_report;
    return hf_sequencer_append(s, &record, NULL);
}

/** From here on there is no session: the link, which is about to be removed, is never served again. */
static int
close_session(struct hf_sequencer *s, const struct hf_request *request)
{
    int code = log_session_record(s, request, HF_RECORD_CLOSE);
    if (code == HF_OK && s->links->by_slot[request->slot] != NULL) {
        s->links->by_slot[request->slot]->command_object = NULL;
    }
    return code;
}

static int
freeze(struct hf_request *request)
{
    struct hf_link *link = request->link;
    hf_drain_begin(link);
    request->drained = hf_drain_is_over(link);
    if (request->drained) {
        hf_drain_end(link);
    }
    request->first_report = link->reports.tail_read + 1;
    return HF_OK;
}

static bool
is_second_slot(const struct hf_report_object *object, uint64_t number)
{
    const struct hf_report *slots = hf_session_slots((struct hf_report_object *)object);
    return hf_report_is_second(&slots[number & (object->report_slots - 1)]);
}

/** A client that wants reports again which it has released: as long as they are still in the ring, it
 *  gets them there. Nothing is published any more before the new client's tail is known. */
static void
detach(struct hf_request *request)
{
    struct hf_link *link = request->link;
    link->command_object = NULL;
    if (link->report_object == NULL || request->next_report == 0) {
        return;
    }
    uint64_t wanted = request->next_report;
    uint64_t oldest = hf_link_oldest_report(link->report_object, link->reports.next);
    if (wanted >= oldest && wanted < request->first_report) {
        request->first_report = wanted - (is_second_slot(link->report_object, wanted) ? 1 : 0);
    }
}

static int
attach(const struct hf_sequencer *s, struct hf_request *request)
{
    struct hf_link *link = request->link;
    int code = hf_link_attach(link, request->last_seq + 1, link->reports.next);
    hf_backlog_locate(s->core, link);
    return code;
}

static int
depth(const struct hf_sequencer *s, const struct hf_request *request)
{
    struct hf_instrument_info info;
    struct hf_control_answer *answer = request->answer;
    if (!hf_core_instrument(s->core, request->instrument, &info)) {
        return HF_E_UNKNOWN;
    }
    size_t levels = request->first < HF_DEPTH_LEVELS_MAX ? request->first : HF_DEPTH_LEVELS_MAX;
    answer->bid_count =
        (uint32_t)hf_core_depth(s->core, request->instrument, HF_BUY, answer->bids, levels);
    answer->ask_count =
        (uint32_t)hf_core_depth(s->core, request->instrument, HF_SELL, answer->asks, levels);
    answer->lsn = hf_core_lsn(s->core);
    return HF_OK;
}

/** One page; the next one may be of another moment. */
static int
levels(const struct hf_sequencer *s, const struct hf_request *request)
{
    struct hf_instrument_info info;
    struct hf_control_answer *answer = request->answer;
    if (request->side != HF_BUY && request->side != HF_SELL) {
        return HF_E_ARGUMENT;
    }
    if (!hf_core_instrument(s->core, request->instrument, &info)) {
        return HF_E_UNKNOWN;
    }
    size_t wanted = request->first < HF_DEPTH_LEVELS_MAX ? request->first : HF_DEPTH_LEVELS_MAX;
    answer->level_count =
        (uint32_t)hf_core_depth_behind(s->core, request->instrument, (enum hf_side)request->side,
                                       request->price, answer->levels, wanted);
    answer->has_last = hf_core_last_price(s->core, request->instrument, &answer->last_price);
    answer->phase = info.phase;
    answer->market_number = hf_core_market_number(s->core);
    answer->lsn = hf_core_lsn(s->core);
    return HF_OK;
}

static void
fill_row(const struct hf_sequencer *s, uint32_t slot, struct hf_session_row *row)
{
    const struct hf_core_session *session = hf_core_session(s->core, slot);
    struct hf_link *link = s->links->by_slot[slot];
    if (link != NULL && link->command_object != NULL) {
        (void)hf_ring_refresh(&link->reports); /* an impossible tail leaves the last good one */
    }
    memset(row, 0, sizeof(*row));
    row->session_id = session->id;
    row->session = slot;
    row->connected = session->connected;
    row->uid = session->uid;
    row->flags = session->flags;
    row->last_seq = session->last_seq;
    row->last_report = session->last_report;
    row->unread = link == NULL ? 0 : session->last_report - link->reports.tail_read;
    row->open_orders = session->open_orders;
    row->orders_max = session->orders_max;
    row->rate_max = session->rate_max;
    row->killed = session->killed;
    row->admin = session->admin;
    memcpy(row->name, session->name, sizeof(row->name));
}

static int
list_sessions(const struct hf_sequencer *s, const struct hf_request *request)
{
    struct hf_control_answer *answer = request->answer;
    uint32_t slot = request->first == 0 ? 1 : request->first;
    for (; slot <= s->registry->sessions_max; slot++) {
        if (hf_core_session(s->core, slot) == NULL) {
            continue;
        }
        if (answer->row_count == HF_SESSION_ROWS_MAX) {
            answer->next_slot = slot;
            return HF_OK;
        }
        fill_row(s, slot, &answer->rows[answer->row_count++]);
    }
    return HF_OK;
}

static int
list_entitlements(const struct hf_sequencer *s, const struct hf_request *request)
{
    struct hf_control_answer *answer = request->answer;
    struct hf_entitlement_row row;
    for (uint32_t place = request->first; hf_core_entitlement(s->core, place, &row); place++) {
        if (answer->row_count == HF_ENTITLEMENT_ROWS_MAX) {
            answer->next_slot = place;
            return HF_OK;
        }
        answer->entitlements[answer->row_count++] = row;
    }
    return HF_OK;
}

static int
list_limits(const struct hf_sequencer *s, const struct hf_request *request)
{
    struct hf_control_answer *answer = request->answer;
    struct hf_limits_row row;
    for (uint32_t place = request->first; hf_core_limits_row(s->core, place, &row); place++) {
        if (answer->row_count == HF_LIMITS_ROWS_MAX) {
            answer->next_slot = place;
            return HF_OK;
        }
        answer->limits[answer->row_count++] = row;
    }
    return HF_OK;
}

static int
read_account(const struct hf_sequencer *s, const struct hf_request *request)
{
    return hf_core_account(s->core, request->first, &request->answer->account) ? HF_OK
                                                                               : HF_E_UNKNOWN;
}

static int
execute(struct hf_sequencer *s, struct hf_request *request)
{
    switch (request->type) {
    case HF_REQUEST_FIND:
        return find(s, request);
    case HF_REQUEST_OPEN:
        return open_session(s, request);
    case HF_REQUEST_CONNECT:
        return log_session_record(s, request, HF_RECORD_CONNECT);
    case HF_REQUEST_DISCONNECT:
        return log_session_record(s, request, HF_RECORD_DISCONNECT);
    case HF_REQUEST_CLOSE:
        return close_session(s, request);
    case HF_REQUEST_FREEZE:
        return freeze(request);
    case HF_REQUEST_DETACH:
        detach(request);
        return HF_OK;
    case HF_REQUEST_ATTACH:
        return attach(s, request);
    case HF_REQUEST_LOST:
        return lose(s, request);
    case HF_REQUEST_DEPTH:
        return depth(s, request);
    case HF_REQUEST_SESSIONS:
        return list_sessions(s, request);
    case HF_REQUEST_LEVELS:
        return levels(s, request);
    case HF_REQUEST_ENTITLEMENTS:
        return list_entitlements(s, request);
    case HF_REQUEST_ACCOUNT:
        return read_account(s, request);
    case HF_REQUEST_LIMITS:
        return list_limits(s, request);
    }
    return HF_E_ARGUMENT;
}

int64_t
hf_sequencer_serve_request(struct hf_sequencer *s)
{
    struct hf_request *request = hf_load_acquire(&s->request); /* pairs with hf_sequencer_ask() */
    if (request == NULL) {
        return 0;
    }
    int code = execute(s, request);
    if (code == HF_AGAIN) {
        return 0; /* the WAL queue is full: again in the next round */
    }
    complete(s, request, code);
    return 1;
}

static bool
changes_nothing(enum hf_request_type type)
{
    switch (type) {
    case HF_REQUEST_FIND:
    case HF_REQUEST_DETACH:
    case HF_REQUEST_DEPTH:
    case HF_REQUEST_SESSIONS:
    case HF_REQUEST_ENTITLEMENTS:
    case HF_REQUEST_ACCOUNT:
    case HF_REQUEST_LIMITS:
    case HF_REQUEST_LEVELS:
        return true;
    default:
        return false;
    }
}

int64_t
hf_sequencer_refuse_request(struct hf_sequencer *s)
{
    struct hf_request *request = hf_load_acquire(&s->request);
    if (request == NULL) {
        return 0;
    }
    complete(s, request, changes_nothing(request->type) ? execute(s, request) : HF_E_HALTED);
    return 1;
}

int
hf_sequencer_ask(struct hf_sequencer *s, struct hf_request *request)
{
    request->done = 0;
    hf_store_seq_cst(&s->request, request); /* then ring: T1 */
    hf_bell_ring(&s->bell, 1);
    while (hf_load_acquire(&request->done) == 0) {
        (void)hf_futex_wait(&request->done, 0, ASK_SLICE_NS);
    }
    return request->code;
}
