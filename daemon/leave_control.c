/*
 * leave_control.c - the endings of sessions. Each begins with a drain (drain.h), for which nobody waits but
 * who has asked for that session.
 *
 *   STAYS ── leave() ──► leaving ── the engine has drained it ──► finish() ──► STAYS, or gone
 *
 * What a session leaves for may grow meanwhile (a disconnect becomes a close), the drain stays the same.
 */
#include "daemon/control.h"

#include "base/clock.h"
#include "base/futex.h"
#include "base/log.h"

static int
ask(struct hf_control *control, struct hf_request *request, enum hf_request_type type)
{
    request->type = type;
    return hf_sequencer_ask(&control->daemon->sequencer, request);
}

/** Nobody has come for it in time, or he comes in a moment: what the last client has published is known,
 *  and its object is nobody's any more. Its name stays until the next generation counts (N4). */
static int
retire(struct hf_control *control, struct hf_link *link)
{
    struct hf_request request = {.link = link};
    int code = ask(control, &request, HF_REQUEST_DETACH);
    if (code == HF_OK) {
        hf_link_unmap_command_object(link);
    }
    return code;
}

void
hf_control_forget(struct hf_control *control, const struct hf_link *link)
{
    for (uint32_t i = 0; i < control->connection_count; i++) {
        if (control->connections[i].link == link) {
            control->connections[i].link = NULL;
        }
    }
}

/** Tell the client, whatever it is doing: its state word, and a wake. */
void
hf_control_mark_closed(struct hf_link *link, int close_code)
{
    if (link->report_object != NULL) {
        link->report_object->close_code = close_code;
        hf_store_release(&link->report_object->state, HF_SESSION_CLOSED);
        hf_futex_wake((const uint32_t *)&link->report_object->report_head);
    }
}

/** The name of an object that was retired, and has had no successor. */
static void
unlink_retired(const struct hf_control *control, const struct hf_link *link)
{
    char name[HF_REGION_NAME_BYTES];
    if (link->command_region.base == NULL && link->report_object != NULL) {
        hf_session_command_name(name, control->daemon->config.instance_name, link->name,
                                link->report_object->generation);
        hf_region_unlink(name);
    }
}

static int
end_session(struct hf_control *control, struct hf_link *link)
{
    struct hf_request request = {.link = link, .slot = link->slot};
    int code = ask(control, &request, HF_REQUEST_CLOSE);
    if (code != HF_OK) {
        return code;
    }
    hf_control_mark_closed(link, link->close_code);
    hf_control_forget(control, link);
    code = hf_registry_remove(&control->daemon->registry, link);
    if (code == HF_OK) {
        unlink_retired(control, link);
        hf_link_drop_objects(link);
        hf_link_destroy(link);
    }
    return code;
}

/** It is drained. The link may be gone behind this. */
static int
finish(struct hf_control *control, struct hf_link *link)
{
    struct hf_request request = {.slot = link->slot};
    enum hf_leaving how = link->leaving;
    link->leaving = HF_STAYS;
    control->drains_ended = true;
    switch (how) {
    case HF_STAYS:
        break;
    case HF_LEAVES_TO_NEXT:
        return retire(control, link);
    case HF_LEAVES_OPEN:
        return ask(control, &request, HF_REQUEST_DISCONNECT);
    case HF_LEAVES_FOR_GOOD:
        return end_session(control, link);
    }
    return HF_OK;
}

/** Drain a session, and then do what it leaves for. @return 0: that is done (FOR_GOOD: the link is no more);
 *  HF_AGAIN: it will be; or a code */
static int
leave(struct hf_control *control, struct hf_link *link, enum hf_leaving how)
{
    if (link->leaving != HF_STAYS) {
        link->leaving = how > link->leaving ? how : link->leaving;
        return HF_AGAIN;
    }
    struct hf_request request = {.link = link};
    int code = ask(control, &request, HF_REQUEST_FREEZE);
    if (code != HF_OK) {
        return code;
    }
    link->leaving = how;
    return request.drained ? finish(control, link) : HF_AGAIN;
}

bool
hf_control_look_after(struct hf_control *control, struct hf_link *link)
{
    if (link->leaving == HF_STAYS) {
        return false;
    }
    if (hf_load_acquire(&link->drained) != 0) { /* pairs with hf_drain_end() */
        int code = finish(control, link);
        if (code != HF_OK) { /* halted: the next start sees to it */
            hf_log(HF_LOG_WARNING, "a session that was left: %s", hf_strerror(code));
        }
    }
    return true;
}

void
hf_control_disconnect(struct hf_control *control, struct hf_link *link)
{
    link->connection_fd = -1;
    link->grace_until_ns = 0;
    if (link->report_object != NULL) {
        link->report_object->holder_pid = 0;
    }
    (void)leave(control, link, HF_LEAVES_OPEN);
}

int
hf_control_close(struct hf_control *control, struct hf_link *link, int close_code)
{
    link->close_code = close_code;
    return leave(control, link, HF_LEAVES_FOR_GOOD);
}

void
hf_control_wait(struct hf_control *control, struct hf_connection *connection,
                const struct hf_control_request *request, struct hf_control_answer *answer)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    connection->waits_since_ns =
        connection->waits_since_ns != 0 ? connection->waits_since_ns : now_ns;
    if (hf_halted(&control->daemon->halt)) { /* it will never be drained */
        answer->code = HF_E_HALTED;
        snprintf(answer->text, sizeof(answer->text), "the daemon has halted: %s",
                 control->daemon->status->halt_text);
    } else if (request->type != HF_CONTROL_CLOSE &&
               now_ns - connection->waits_since_ns >= HF_CONTROL_DRAIN_WAIT_NS) {
        answer->code = HF_AGAIN;
        snprintf(
            answer->text, sizeof(answer->text),
            "what the last client of session '%.*s' submitted is still being processed: try again",
            HF_NAME_BYTES, request->session);
    } else {
        connection->waiting = *request;
    }
}
