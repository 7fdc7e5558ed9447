/*
 * target.h - the options that say which instance a command speaks to, common to all commands.
 */
#ifndef HF_CLI_TARGET_H
#define HF_CLI_TARGET_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#define HF_CLI_INSTANCE_DEFAULT "holdfast"
#define HF_CLI_INSTANCE_VARIABLE "HOLDFAST_INSTANCE"

struct hf_cli_target {
    const char *instance;
    const char *socket_path; /**< NULL: the instance's usual one */
    bool named;              /**< by an option or the environment, and not by default */
    bool optioned;           /**< by an option */
    uint64_t timeout_ns;     /**< for opening a session; 0: the library's */
};

/** A child parser with --instance and --socket; its input is a struct hf_cli_target, which it
 *  initialises (from the environment too). */
extern const struct argp hf_cli_target_argp;

/** Print "holdfast COMMAND: what: words of the library" to stderr. @param what NULL: the words say it
 *  all. @return the exit code that fits */
int hf_cli_fail(const char *command, const char *what, int code);

/** Seconds, with a fraction or without, from `min` to `max`; else argp's error, which ends the program. */
double hf_cli_seconds(struct argp_state *state, const char *option, const char *text, double min,
                      double max);

/** Parse a whole argument; on anything but a number within the bounds, end with a usage error that
 *  gives its name as it was typed: "--tick", or of an operand "account". */
uint64_t hf_cli_unsigned(struct argp_state *state, const char *option, const char *text,
                         uint64_t min, uint64_t max);
int64_t hf_cli_signed(struct argp_state *state, const char *option, const char *text, int64_t min,
                      int64_t max);

struct hf_client;

/** Open or resume a session of the target. The session of a process that has just ended is still held
 *  for a moment: HF_E_BUSY counts when it lasts. @return as hf_open() */
int hf_cli_open(struct hf_client **client, const struct hf_cli_target *target, const char *session);

/** A word that an option takes. */
struct hf_cli_choice {
    const char *name; /**< NULL: the end of a table */
    int value;
};

/** Look a word up; on any other, end with a usage error that names the option and the words. */
int hf_cli_choose(struct argp_state *state, const char *option, const char *text,
                  const struct hf_cli_choice *choices);

#endif
