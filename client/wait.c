/*
 * wait.c - waiting for a report, for a command's LSN, for durability: spin, yield, then sleep on the
 * word that will change.
 *
 *   W1  parked = 1 is stored, then the word is read, then the condition is looked at a last time, then
 *       we sleep on the word as read. The daemon moves the word, then looks at parked. So either we see
 *       the move, or it sees us and wakes us after it.
 *   W2  a sleep lasts at most a slice; between slices hf_maintain() looks after the daemon.
 *   W3  a history that changed goes before any condition: it was met by positions that are void.
 */
#include "gap.h"
#include "handle.h"
#include "page.h"

#include "base/clock.h"
#include "base/futex.h"
#include "base/idle.h"

/* A wake can come a moment too early: the report head moves before the command tail that we may wait
 * for. So slices begin short and double. */
#define SLICE_NS_FIRST UINT64_C(1000000)
#define SLICE_NS_LAST UINT64_C(100000000)

/* Reading the clock costs about as much as a look at the rings. */
#define LOOKS_PER_CLOCK 32u

#define NO_WAIT 0 /* a deadline: look once */

enum goal { GOAL_REPORT, GOAL_SEQUENCED, GOAL_DURABLE };

struct wait {
    enum goal goal;
    uint64_t position;    /* GOAL_SEQUENCED: seq; GOAL_DURABLE: LSN */
    const uint64_t *word; /* what changes when there is news; as of the last look */
};

/* Ask for a flush up to an LSN, once. Sequentially consistent: pairs with the engine's store of its
 * parked flag before it looks at the wishes a last time. */
static void
wish_durable(struct hf_client *client, uint64_t lsn)
{
    struct hf_command_object *object = client->command_object;
    if (hf_load_relaxed(&object->durable_wish) >= lsn) { /* our own side's word */
        return;
    }
    hf_store_seq_cst(&object->durable_wish, lsn);
    hf_client_ring_doorbell(client);
}

/* Nothing becomes durable in memory mode, however long one waits. */
static bool
never_durable(const struct hf_client *client)
{
    return hf_load_relaxed(&client->status->mode) == HF_MODE_MEMORY;
}

static int
look_report(struct hf_client *client, struct wait *wait)
{
    const struct hf_report *report = hf_client_next_report(client);
    if (report == NULL) {
        wait->word = &client->report_object->report_head;
        return HF_AGAIN;
    }
    if (hf_client_shows(client, report)) {
        return HF_OK;
    }
    if (never_durable(client)) { /* restarted in another mode */
        return HF_E_ARGUMENT;
    }
    wish_durable(client, report->lsn);
    wait->word = &client->status->durable_lsn;
    return HF_AGAIN;
}

static int
look_goal(struct hf_client *client, struct wait *wait)
{
    switch (wait->goal) {
    case GOAL_SEQUENCED:
        wait->word = &client->report_object->report_head; /* every command yields a report */
        /* Pairs with the engine's release; the LSN was stored before. */
        return hf_load_acquire(&client->report_object->command_tail) >= wait->position ? HF_OK
                                                                                       : HF_AGAIN;
    case GOAL_DURABLE:
        wait->word = &client->status->durable_lsn;
        return hf_durable_lsn(client) >= wait->position ? HF_OK : HF_AGAIN;
    case GOAL_REPORT:
    default:
        return look_report(client, wait);
    }
}

static int
look(struct hf_client *client, struct wait *wait)
{
    int result = look_goal(client, wait);
    if (HF_UNLIKELY(hf_client_void(client))) { /* W3 */
        return hf_client_verdict(client);
    }
    if (result != HF_AGAIN) {
        return result;
    }
    int verdict = hf_client_verdict(client);
    return verdict != HF_OK ? verdict : HF_AGAIN;
}

static const uint32_t *
low_half(const uint64_t *word)
{
    const uint32_t *halves = (const uint32_t *)(const void *)word;
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? halves : halves + 1;
}

static void
sleep_on_news(struct hf_client *client, struct wait *wait, uint64_t slice_ns)
{
    const uint64_t *word = wait->word;
    hf_store_seq_cst(&client->command_object->parked, 1); /* W1 */
    uint32_t seen = (uint32_t)hf_load_seq_cst(word);
    if (look(client, wait) == HF_AGAIN && wait->word == word) {
        (void)hf_futex_wait(low_half(word), seen, slice_ns);
    }
    hf_store_relaxed(&client->command_object->parked, 0); /* late: one needless wake at most */
}

/* Of the reports, and no trouble of the wait's. */
static bool
is_news_only(int code)
{
    return code == HF_OK || code == HF_GAP || code == HF_LOST;
}

static bool
may_come_back(int code)
{
    return is_news_only(code) || code == HF_E_NO_DAEMON || code == HF_E_STUCK;
}

static uint64_t
slice_length(const struct hf_client *client, uint64_t slice_ns, uint64_t left_ns)
{
    bool busy = client->contact != HF_CONTACT_UP || hf_client_gap_pending(client);
    if (busy && slice_ns > HF_CONTACT_PAUSE_NS) {
        slice_ns =
            HF_CONTACT_PAUSE_NS; /* there is a connection to be renewed, or an answer to come */
    }
    return slice_ns < left_ns ? slice_ns : left_ns;
}

/* Sleep slice by slice. */
static int
wait_parked(struct hf_client *client, struct wait *wait, uint64_t deadline_ns)
{
    uint64_t slice_ns = SLICE_NS_FIRST;
    for (;;) {
        int trouble = hf_client_maintain(client);
        if (trouble == HF_LOST && wait->goal == GOAL_REPORT) {
            hf_client_gap_pass_lost(client);
            return HF_LOST;
        }
        int result = look(client, wait);
        if (result != HF_AGAIN) {
            return result;
        }
        uint64_t now_ns = hf_clock_monotonic_ns();
        if (!may_come_back(trouble) || now_ns >= deadline_ns) {
            return is_news_only(trouble) ? HF_TIMEOUT : trouble;
        }
        sleep_on_news(client, wait, slice_length(client, slice_ns, deadline_ns - now_ns));
        slice_ns = slice_ns * 2 < SLICE_NS_LAST ? slice_ns * 2 : SLICE_NS_LAST;
    }
}

static int
wait_until(struct hf_client *client, struct wait *wait, uint64_t deadline_ns)
{
    struct hf_idle idle;
    hf_idle_init(&idle, HF_IDLE_ADAPTIVE);
    for (uint32_t looks = 1;; looks++) {
        int result = look(client, wait);
        if (result != HF_AGAIN) {
            return result;
        }
        bool late = deadline_ns == NO_WAIT ||
                    (looks % LOOKS_PER_CLOCK == 0 && hf_clock_monotonic_ns() >= deadline_ns);
        if (late || hf_idle_wait(&idle)) {
            return wait_parked(client, wait, deadline_ns);
        }
    }
}

static uint64_t
deadline_of(uint64_t timeout_ns)
{
    return timeout_ns == 0 ? NO_WAIT : hf_connection_deadline(timeout_ns);
}

int
hf_wait_report(struct hf_client *client, uint64_t timeout_ns)
{
    struct wait wait = {.goal = GOAL_REPORT};
    return wait_until(client, &wait, deadline_of(timeout_ns));
}

static int
wait_durable(struct hf_client *client, uint64_t lsn, uint64_t deadline_ns)
{
    struct wait wait = {.goal = GOAL_DURABLE, .position = lsn};
    if (hf_durable_lsn(client) < lsn) {
        wish_durable(client, lsn);
    }
    return wait_until(client, &wait, deadline_ns);
}

int
hf_wait_durable_lsn(struct hf_client *client, uint64_t lsn, uint64_t timeout_ns)
{
    if (never_durable(client)) {
        return HF_E_ARGUMENT;
    }
    /* Acquire pairs with the engine's release, which comes before anything that bears the LSN; and W3:
     * who sees the mark of another history sees that history in the verdict. */
    if (lsn > hf_load_acquire(&client->status->sequenced_lsn)) {
        int verdict = hf_client_verdict(client);
        return verdict != HF_OK ? verdict : HF_E_ARGUMENT;
    }
    return wait_durable(client, lsn, deadline_of(timeout_ns));
}

int
hf_wait(struct hf_client *client, uint64_t seq, enum hf_level level, uint64_t timeout_ns)
{
    struct wait wait = {.goal = GOAL_SEQUENCED, .position = seq};
    bool known =
        level == HF_LEVEL_SEQUENCED || (level == HF_LEVEL_DURABLE && !never_durable(client));
    if (seq == 0 || seq >= client->commands.next || !known) {
        return HF_E_ARGUMENT;
    }
    uint64_t deadline_ns = deadline_of(timeout_ns);
    int result = wait_until(client, &wait, deadline_ns);
    if (result != HF_OK || level == HF_LEVEL_SEQUENCED) {
        return result;
    }
    /* Read after the tail: at least the LSN of seq. */
    uint64_t lsn = hf_load_acquire(&client->report_object->sequenced_lsn);
    return wait_durable(client, lsn, deadline_ns);
}
