/*
 * answer.h - one command by hand: submitted, waited for, and every report printed until its answer.
 *
 *   hf_submit ─► hf_wait(level) ─► reports, in words or as JSON lines ─► what the level is reached by
 */
#ifndef HF_CLI_ANSWER_H
#define HF_CLI_ANSWER_H

#include <holdfast/client.h>

struct hf_cli_answer {
    const char *command; /**< name of the sub-command, for messages */
    struct hf_client *client;
    bool json;
    bool only_sequenced; /**< wait for no more than that; else for durable, where that comes */
    uint64_t timeout_ns;
    const struct hf_command *slots; /**< the last command; borrowed while it is answered */
    /* results, of that */
    uint64_t seq;
    uint64_t lsn;    /**< of the first report that answers it; 0: not answered */
    uint32_t reason; /**< enum hf_reason: why it was rejected; 0: it was not */
};

/** `level` of the answer's instance: nothing becomes durable in memory mode. */
enum hf_level hf_cli_answer_level(const struct hf_cli_answer *answer);

/** Submit command->slots slots and print what comes of them.
 *  @return an exit code: success, HF_EXIT_FAILED (rejected: `reason`), or what stood in the way, which
 *          has been said on stderr */
int hf_cli_answer(struct hf_cli_answer *answer, const struct hf_command *command);

#endif
