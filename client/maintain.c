/*
 * maintain.c - housekeeping: has the daemon halted, died, stuck, come back, forgotten us?
 *
 *                    end of file                 sent            answer: 0
 *   UP ◄─┐      UP ─────────────► DOWN ─► connect ────► ASKED ──────────────► UP
 *        └ alive                   ▲ every 20 ms          │ no answer, not now
 *                                  └──────────────────────┘
 *
 * Nothing here waits: each call takes at most one step. An answer that says the session is gone sets
 * `lost` (H3).
 *
 * Dead or stuck? The kernel closes a dead daemon's sockets, so that the end of the connection tells,
 * across containers too, where a pid would not. A stuck one keeps them: then the heartbeat tells. We
 * never hang up by ourselves: to the daemon that would be a disconnect.
 */
#include "gap.h"
#include "handle.h"

#include "base/clock.h"

#include <string.h>

#define LOOK_NS UINT64_C(2000000)     /* between two looks for the connection's end */
#define TRY_NS UINT64_C(20000000)     /* between two attempts to connect */
#define STUCK_NS UINT64_C(1000000000) /* a running engine beats at least ten times in that */

bool
hf_client_void(const struct hf_client *client)
{
    /* Both acquire: what a caller loaded before (a watermark, a tail) was of the old history, because
       a daemon stores the history before it moves any watermark of it. */
    return hf_load_acquire(&client->status->history) != client->history ||
           hf_load_acquire(&client->status->state) == HF_STATE_ABANDONED;
}

int
hf_client_verdict(const struct hf_client *client)
{
    if (HF_UNLIKELY(client->lost != HF_OK)) {
        return client->lost;
    }
    /* Acquire pairs with the control thread's release: halt_text and close_code come before. */
    uint32_t state = hf_load_acquire(&client->status->state);
    if (HF_UNLIKELY(state == HF_STATE_ABANDONED)) {
        return HF_E_SESSION;
    }
    if (HF_UNLIKELY(hf_load_acquire(&client->status->history) != client->history)) {
        return HF_E_HISTORY;
    }
    if (HF_UNLIKELY(hf_load_acquire(&client->report_object->state) == HF_SESSION_CLOSED)) {
        return HF_E_SESSION;
    }
    return HF_LIKELY(state != HF_STATE_HALTED) ? HF_OK : HF_E_HALTED;
}

/* Engine's last heartbeat older than STUCK_NS, though it should be running. */
static bool
heartbeat_stopped(const struct hf_client *client, uint64_t now_ns)
{
    uint64_t beat_ns =
        hf_load_relaxed(&client->status->heartbeat_ns); /* age only, orders nothing */
    return hf_load_acquire(&client->status->state) == HF_STATE_RUNNING && now_ns > beat_ns &&
           now_ns - beat_ns > STUCK_NS;
}

static void
contact_drop(struct hf_client *client)
{
    hf_connection_end(&client->socket_fd);
    client->contact = HF_CONTACT_DOWN;
    client->gap.asked = false; /* the next daemon is asked again */
}

static void
contact_look(struct hf_client *client, uint64_t now_ns)
{
    if (now_ns - client->contact_ns < LOOK_NS) {
        return;
    }
    client->contact_ns = now_ns;
    if (hf_connection_ended(client->socket_fd)) {
        contact_drop(client);
        client->contact_ns = now_ns - TRY_NS; /* try at once */
    }
}

static void
contact_try(struct hf_client *client, uint64_t now_ns)
{
    if (now_ns - client->contact_ns < TRY_NS) {
        return;
    }
    client->contact_ns = now_ns;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_REATTACH);
    request.session_id = client->session_id;
    request.generation = client->generation;
    memcpy(request.session, client->name, sizeof(request.session));
    if (hf_connection_connect(client->path, 0, &client->socket_fd) != HF_OK) {
        return;
    }
    client->contact = HF_CONTACT_ASKED;
    if (hf_control_send(client->socket_fd, &request, sizeof(request), NULL, 0) != HF_OK) {
        contact_drop(client);
    }
}

/* What the answer to REATTACH means for us. */
static void
contact_answered(struct hf_client *client, const struct hf_control_answer *answer)
{
    switch (answer->code) {
    case HF_OK:
        if (answer->session_id == client->session_id) {
            client->contact = HF_CONTACT_UP;
            return;
        }
        client->lost = HF_E_SESSION;
        break;
    case HF_AGAIN: /* not ready yet, or it has not yet seen our last connection end: ask again */
    case HF_TIMEOUT:
    case HF_E_BUSY:
    case HF_E_NO_DAEMON:
    case HF_E_HALTED:
    case HF_E_HISTORY:
        break;
    default:
        hf_open_error_set("%s", answer->text);
        client->lost = HF_E_SESSION;
        break;
    }
    contact_drop(client);
}

static void
contact_await(struct hf_client *client, uint64_t now_ns)
{
    struct hf_control_answer answer;
    int result = hf_connection_receive(client->socket_fd, HF_CONTROL_REATTACH, &answer, NULL, NULL);
    if (result == HF_OK) {
        contact_answered(client, &answer);
    } else if (result == HF_E_VERSION) { /* upgraded beyond what this library speaks */
        client->lost = HF_E_SESSION;
        contact_drop(client);
    } else if (result != HF_AGAIN || now_ns - client->contact_ns > client->timeout_ns) {
        contact_drop(client);
    }
}

static void
contact_step(struct hf_client *client, uint64_t now_ns)
{
    switch (client->contact) {
    case HF_CONTACT_UP:
        contact_look(client, now_ns);
        break;
    case HF_CONTACT_ASKED:
        contact_await(client, now_ns);
        break;
    case HF_CONTACT_DOWN:
        break;
    }
    if (client->contact == HF_CONTACT_DOWN) {
        contact_try(client, now_ns);
    }
}

/* Reports that are missing, while there is somebody to ask. */
static int
gap_step(struct hf_client *client, uint64_t now_ns)
{
    int result = hf_client_gap_step(client, now_ns);
    if (result == HF_E_NO_DAEMON) {
        contact_drop(client);
    }
    return result;
}

int
hf_client_maintain(struct hf_client *client)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    int gap = HF_OK;
    if (client->lost == HF_OK) {
        contact_step(client, now_ns);
        gap = client->contact == HF_CONTACT_UP ? gap_step(client, now_ns) : HF_OK;
    }
    int verdict = hf_client_verdict(client);
    if (verdict != HF_OK) {
        return verdict;
    }
    if (client->contact != HF_CONTACT_UP) {
        return HF_E_NO_DAEMON;
    }
    return heartbeat_stopped(client, now_ns) ? HF_E_STUCK : gap;
}

int
hf_maintain(struct hf_client *client)
{
    int result = hf_client_maintain(client);
    if (result == HF_LOST) {
        hf_client_gap_pass_lost(client);
    }
    return result;
}
