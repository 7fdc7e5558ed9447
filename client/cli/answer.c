/* answer.c - one command by hand, and its reports until it is answered. */
#include "cli/answer.h"

#include "cli/cli.h"
#include "cli/report_print.h"
#include "cli/target.h"

#include <inttypes.h>

/* The reports of one command may become visible one after the other: a last look after this long. */
#define SETTLE_NS UINT64_C(2000000)

static json_t *
report_json(const struct hf_cli_answer *answer, const struct hf_report *report,
            const struct hf_report_copy *copy, bool accepts)
{
    return copy != NULL ? hf_report_copy_json(report, copy)
           : accepts    ? hf_report_accepted_json(report, answer->slots)
                        : hf_report_json(report, hf_more(answer->client, report));
}

static void
print_report(const struct hf_cli_answer *answer, const struct hf_report *report,
             const struct hf_report_copy *copy)
{
    bool accepts = copy == NULL && report->type == HF_REPORT_ACCEPTED &&
                   report->command_seq == answer->seq && answer->slots->type == HF_COMMAND_NEW;
    if (answer->json) {
        hf_json_print_line(stdout, report_json(answer, report, copy, accepts));
    } else if (copy != NULL) {
        hf_report_print_copy(stdout, report, copy);
    } else if (accepts) {
        hf_report_print_accepted(stdout, report, answer->slots);
    } else {
        hf_report_print(stdout, report, hf_more(answer->client, report));
    }
}

static void
take_report(struct hf_cli_answer *answer, const struct hf_report *report)
{
    const struct hf_report_copy *copy = hf_copy(answer->client, report);
    print_report(answer, report, copy);
    /* The first answer counts: a fill or the cancel of a rest may follow it. */
    bool answers = copy == NULL && report->type != HF_REPORT_FILL &&
                   report->type != HF_REPORT_BUSTED && report->command_seq == answer->seq;
    if (answers && answer->lsn == 0) {
        answer->lsn = report->lsn;
        answer->reason =
            report->type == HF_REPORT_REJECTED ? report->reason : (uint32_t)HF_REASON_NONE;
    }
    hf_next(answer->client);
}

/** What is printed is done with; flushed first, so that a crash or a full disk here prints it again.
 *  @return HF_OK, HF_E_NO_SPACE: the output takes no more */
static int
take_reports(struct hf_cli_answer *answer)
{
    const struct hf_report *report;
    while ((report = hf_peek(answer->client)) != NULL) {
        take_report(answer, report);
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return HF_E_NO_SPACE;
    }
    hf_release(answer->client);
    return HF_OK;
}

static int
await_answer(struct hf_cli_answer *answer)
{
    int code = take_reports(answer);
    while (code == HF_OK && answer->lsn == 0) {
        int waited = hf_wait_report(answer->client, answer->timeout_ns);
        code = take_reports(answer);
        code = code == HF_OK ? waited : code;
    }
    while (code == HF_OK && hf_wait_report(answer->client, SETTLE_NS) == HF_OK) {
        code = take_reports(answer);
    }
    return code;
}

/* Admin commands are known by no client id. */
static bool
has_client_id(const struct hf_command *command)
{
    return command->type < HF_COMMAND_INSTRUMENT_ADD;
}

static json_t *
submitted_json(const struct hf_cli_answer *answer, const struct hf_command *command)
{
    json_t *object = json_pack("{s:s, s:s, s:I}", "type", "submitted", "command",
                               hf_command_type_name(command->type), "seq", (json_int_t)answer->seq);
    if (has_client_id(command)) {
        (void)json_object_set_new(object, "client_order_id",
                                  hf_json_unsigned(command->client_order_id));
    }
    return object;
}

static void
print_submitted(const struct hf_cli_answer *answer, const struct hf_command *command)
{
    if (answer->json) {
        hf_json_print_line(stdout, submitted_json(answer, command));
    } else {
        (void)printf("submitted %s as command %" PRIu64, hf_command_type_name(command->type),
                     answer->seq);
        if (has_client_id(command)) {
            (void)printf(", client id %" PRIu64, command->client_order_id);
        }
        (void)putchar('\n');
    }
    (void)fflush(stdout);
}

static void
print_level(const struct hf_cli_answer *answer)
{
    const char *name = hf_cli_answer_level(answer) == HF_LEVEL_DURABLE ? "durable" : "sequenced";
    if (answer->json) {
        hf_json_print_line(stdout,
                           json_pack("{s:s, s:I, s:I}", "type", name, "seq",
                                     (json_int_t)answer->seq, "lsn", (json_int_t)answer->lsn));
    } else {
        (void)printf("%s: command %" PRIu64 ", LSN %" PRIu64 "\n", name, answer->seq, answer->lsn);
    }
}

enum hf_level
hf_cli_answer_level(const struct hf_cli_answer *answer)
{
    struct hf_status status;
    hf_status(answer->client, &status);
    bool never_durable = status.mode == HF_MODE_MEMORY;
    return answer->only_sequenced || never_durable ? HF_LEVEL_SEQUENCED : HF_LEVEL_DURABLE;
}

int
hf_cli_answer(struct hf_cli_answer *answer, const struct hf_command *command)
{
    answer->slots = command;
    answer->lsn = 0;
    answer->reason = HF_REASON_NONE;
    int code = hf_submit(answer->client, command, &answer->seq);
    if (code != HF_OK) {
        return hf_cli_fail(answer->command, "not submitted", code);
    }
    print_submitted(answer, command);
    code = hf_wait(answer->client, answer->seq, hf_cli_answer_level(answer), answer->timeout_ns);
    if (code == HF_OK) {
        code = await_answer(answer);
    }
    if (code == HF_E_NO_SPACE) {
        (void)fprintf(stderr, "holdfast %s: cannot write the reports; they come again\n",
                      answer->command);
        return HF_EXIT_OUTPUT;
    }
    if (code != HF_OK) {
        return hf_cli_fail(answer->command, "submitted, but waiting for it failed", code);
    }
    print_level(answer);
    return answer->reason == HF_REASON_NONE ? HF_EXIT_OK : HF_EXIT_FAILED;
}
