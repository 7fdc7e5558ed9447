/*
 * gap_control.c - the control thread's side of the gap service: REPORTS requests wait here, each with its
 * connection, until the gap thread has done the ones before.
 */
#include "daemon/control.h"

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

void
hf_control_reports(struct hf_control *control, struct hf_connection *connection,
                   const struct hf_control_request *request, struct hf_control_answer *answer)
{
    struct hf_request found = {.type = HF_REQUEST_FIND};
    if (connection->link == NULL) {
        refuse(answer, HF_E_SESSION, "this connection holds no session");
        return;
    }
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
    }
}

static struct hf_connection *
find_connection(struct hf_control *control, int fd)
{
    for (uint32_t i = 0; i < control->connection_count; i++) {
        if (control->connections[i].fd == fd && control->connections[i].wanted_first != 0) {
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
        /* Who does not read loses the connection at the next poll. */
        (void)hf_control_send(connection->fd, &answer, sizeof(answer), &job->fd, job->fd >= 0);
    }
    if (job->fd >= 0) {
        (void)close(job->fd);
        job->fd = -1;
    }
    control->gap_fd = -1;
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
        .slots_max = (uint64_t)control->daemon->config.session_lag_max,
    };
    control->gap_fd = connection->fd;
    hf_gap_post(gap);
}

void
hf_control_reports_step(struct hf_control *control)
{
    if (control->gap_busy && hf_gap_take(&control->daemon->gap)) {
        control->gap_busy = false;
        answer_reports(control);
    }
    for (uint32_t i = 0; i < control->connection_count && !control->gap_busy; i++) {
        struct hf_connection *connection = &control->connections[i];
        if (connection->wanted_first != 0 && connection->link != NULL) {
            control->gap_busy = true;
            post_reports(control, connection);
        }
    }
}

void
hf_control_reports_drop(struct hf_control *control, const struct hf_connection *connection)
{
    if (control->gap_busy && control->gap_fd == connection->fd) {
        control->gap_fd = -1;
        hf_store_relaxed(&control->daemon->gap.cancel, 1); /* only to end it sooner */
    }
}
