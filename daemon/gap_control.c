/*
 * gap_control.c - the control thread's side of the gap service: REPORTS requests wait here, each with its
 * connection, for their turn. Users take turns, and the sessions of a user: a replay may take long, and who
 * asks again at once must not keep out the others.
 */
#include "daemon/control.h"

#include "base/clock.h"
#include "base/panic.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void __attribute__((format(printf, 3, 4)))
refuse(struct hf_control_answer *answer, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(answer->text, sizeof(answer->text), format, arguments);
    va_end(arguments);
    answer->code = code;
}

/* G4 */

/** How long an answer stays for its client to read it, when there is no room for the next one. */
#define HOLD_NS UINT64_C(2000000000)

static void
take_back(struct hf_control *control, uint32_t index)
{
    struct hf_gap_answer *answer = &control->answers[index];
    (void)!ftruncate(answer->memory_fd, 0); /* whoever has it open or mapped: the memory is free */
    (void)close(answer->memory_fd);
    *answer = control->answers[--control->answer_count];
}

static void
take_back_from(struct hf_control *control, int connection_fd)
{
    for (uint32_t i = control->answer_count; i-- > 0;) {
        if (control->answers[i].connection_fd == connection_fd) {
            take_back(control, i);
        }
    }
}

static bool
has_room(const struct hf_control *control)
{
    uint64_t slots = HF_GAP_ANSWER_SLOTS_MAX;
    for (uint32_t i = 0; i < control->answer_count; i++) {
        slots += control->answers[i].slots;
    }
    return slots <= HF_GAP_SLOTS_MAX && control->answer_count < HF_GAP_ANSWERS_MAX;
}

static uint32_t
oldest(const struct hf_control *control)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < control->answer_count; i++) {
        found = control->answers[i].made_ns < control->answers[found].made_ns ? i : found;
    }
    return found;
}

/** The oldest answers go for the next one, when they have had their time. @return whether there is room */
static bool
make_room(struct hf_control *control)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    while (!has_room(control)) {
        uint32_t index = oldest(control);
        if (now_ns - control->answers[index].made_ns < HOLD_NS) {
            return false;
        }
        take_back(control, index);
    }
    return true;
}

static void
remember(struct hf_control *control, const struct hf_gap_job *job, int connection_fd)
{
    HF_ASSERT("G4", has_room(control)); /* it was made before the job was posted */
    control->answers[control->answer_count++] =
        (struct hf_gap_answer){.memory_fd = job->memory_fd,
                               .connection_fd = connection_fd,
                               .slots = job->got_last + 1 - job->got_first,
                               .made_ns = hf_clock_monotonic_ns()};
}

void
hf_control_reports_free(struct hf_control *control)
{
    for (uint32_t i = 0; i < control->answer_count; i++) { /* clients may go on reading them */
        (void)close(control->answers[i].memory_fd);
    }
    control->answer_count = 0;
}

/* Requests */

void
hf_control_reports(struct hf_control *control, struct hf_connection *connection,
                   const struct hf_control_request *request, struct hf_control_answer *answer)
{
    struct hf_request found = {.type = HF_REQUEST_FIND};
    if (connection->link == NULL) {
        refuse(answer, HF_E_SESSION, "this connection holds no session");
        return;
    }
    take_back_from(control, connection->fd); /* it has read that answer, or never will */
    memcpy(found.name, connection->link->name, sizeof(found.name));
    answer->code = hf_sequencer_ask(&control->daemon->sequencer, &found);
    if (answer->code != HF_OK) {
        refuse(answer, answer->code, "%s", hf_strerror(answer->code));
    } else if (request->first_report == 0 || request->first_report > request->last_report ||
               request->last_report > found.last_report) {
        refuse(answer, HF_E_ARGUMENT,
               "reports %" PRIu64 " to %" PRIu64 " are wanted, the session has 1 to %" PRIu64,
               request->first_report, request->last_report, found.last_report);
    } else {
        connection->wanted_first = request->first_report;
        connection->wanted_last = request->last_report;
        connection->wanted_lsn = found.lsn;
        connection->wanted_turn = ++control->gap_count;
    }
}

static struct hf_connection *
find_connection(struct hf_control *control, int fd)
{
    for (uint32_t i = 0; i < control->connection_count; i++) {
        if (control->connections[i].fd == fd && control->connections[i].wanted_first != 0 &&
            control->connections[i].link != NULL) { /* else its session was closed meanwhile */
            return &control->connections[i];
        }
    }
    return NULL;
}

/** Of what is wanted the log is gone. @return what the client is told: HF_LOST once its open orders are on
 *  their way to it, or why they are not */
static int
lose(struct hf_control *control, const struct hf_connection *connection)
{
    struct hf_request request = {.type = HF_REQUEST_LOST,
                                 .slot = connection->link->slot,
                                 .first_report = connection->wanted_first,
                                 .last_report = connection->wanted_last};
    int code = hf_sequencer_ask(&control->daemon->sequencer, &request);
    return code == HF_OK ? HF_LOST : code;
}

/** The finished job's answer, to whoever waits for it. */
static void
answer_reports(struct hf_control *control)
{
    struct hf_gap_job *job = &control->daemon->gap.job;
    struct hf_connection *connection = find_connection(control, control->gap_fd);
    if (connection != NULL) {
        struct hf_control_answer answer;
        memset(&answer, 0, sizeof(answer));
        answer.magic = HF_CONTROL_MAGIC;
        answer.version = HF_PROTOCOL_VERSION;
        answer.type = HF_CONTROL_REPORTS;
        answer.code = job->code == HF_LOST ? lose(control, connection) : job->code;
        memcpy(answer.text, job->text, sizeof(answer.text));
        if (job->code == HF_OK) {
            answer.first_report = job->got_first;
            answer.last_report = job->got_last;
            answer.report_bytes = (job->got_last + 1 - job->got_first) * HF_SLOT_BYTES;
        }
        connection->wanted_first = 0;
        connection->answered_ns = hf_clock_monotonic_ns();
        connection->ended = hf_control_send(connection->fd, &answer, sizeof(answer), &job->fd,
                                            job->fd >= 0) != HF_OK;
    }
    if (job->fd >= 0) {
        (void)close(job->fd);
        remember(control, job, control->gap_fd);
    }
    if (job->fd >= 0 && connection == NULL) {
        take_back_from(control, control->gap_fd);
    }
    job->fd = job->memory_fd = -1;
    control->gap_fd = -1;
}

/* Turns */

/** Those who may connect are few, and each has his place from his first turn on. */
static struct hf_gap_turn *
turn_of(struct hf_control *control, uint32_t uid)
{
    for (uint32_t i = 0; i < control->turn_count; i++) {
        if (control->turns[i].uid == uid) {
            return &control->turns[i];
        }
    }
    HF_ASSERT("who has a session may connect", control->turn_count < control->turns_max);
    control->turns[control->turn_count] = (struct hf_gap_turn){.uid = uid};
    return &control->turns[control->turn_count++];
}

static bool
comes_before(struct hf_control *control, const struct hf_connection *a,
             const struct hf_connection *b)
{
    uint64_t a_served = turn_of(control, a->uid)->served;
    uint64_t b_served = turn_of(control, b->uid)->served;
    return a_served != b_served ? a_served < b_served : a->wanted_turn < b->wanted_turn;
}

static struct hf_connection *
next_in_turn(struct hf_control *control)
{
    struct hf_connection *next = NULL;
    for (uint32_t i = 0; i < control->connection_count; i++) {
        struct hf_connection *connection = &control->connections[i];
        bool waits = connection->wanted_first != 0 && connection->link != NULL;
        if (waits && (next == NULL || comes_before(control, connection, next))) {
            next = connection;
        }
    }
    return next;
}

static void
post_reports(struct hf_control *control, const struct hf_connection *connection)
{
    struct hf_gap *gap = &control->daemon->gap;
    gap->job = (struct hf_gap_job){
        .session_id = connection->link->session_id,
        .session = connection->link->slot,
        .first = connection->wanted_first,
        .last = connection->wanted_last,
        .lsn = connection->wanted_lsn,
        .slots_max = HF_GAP_ANSWER_SLOTS_MAX,
    };
    control->gap_fd = connection->fd;
    control->gap_busy = true;
    turn_of(control, connection->uid)->served = ++control->gap_count;
    hf_gap_post(gap);
}

void
hf_control_reports_step(struct hf_control *control)
{
    if (control->gap_busy && hf_gap_take(&control->daemon->gap)) {
        control->gap_busy = false;
        answer_reports(control);
    }
    const struct hf_connection *next = control->gap_busy ? NULL : next_in_turn(control);
    if (next != NULL && make_room(control)) {
        post_reports(control, next);
    }
}

void
hf_control_reports_drop(struct hf_control *control, const struct hf_connection *connection)
{
    take_back_from(control, connection->fd);
    if (control->gap_busy && control->gap_fd == connection->fd) {
        control->gap_fd = -1;
        hf_store_relaxed(&control->daemon->gap.cancel, 1); /* only to end it sooner */
    }
}
