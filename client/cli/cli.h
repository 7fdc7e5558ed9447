/*
 * cli.h - the holdfast tool: one program, one function per sub-command.
 *
 *     holdfast COMMAND [OPTIONS...]      program.h: COMMAND is one of the table in main.c
 *
 * A command gets argv[0] = "holdfast COMMAND", so that its own argp prints the right usage, and
 * returns one of the exit codes below (argp itself exits with HF_EXIT_USAGE).
 */
#ifndef HF_CLI_CLI_H
#define HF_CLI_CLI_H

#include <stdbool.h>

/** What a shell script sees; numbers above 63 are those of sysexits.h. */
enum hf_exit {
    HF_EXIT_OK = 0,
    HF_EXIT_FAILED = 1,       /**< a check failed, or a command was rejected */
    HF_EXIT_USAGE = 64,       /**< wrong options or arguments */
    HF_EXIT_DATA = 65,        /**< a file is damaged or has the wrong format */
    HF_EXIT_NO_INPUT = 66,    /**< a file cannot be read */
    HF_EXIT_UNAVAILABLE = 69, /**< no daemon answers, it recovers, has halted, or has no place */
    HF_EXIT_SYSTEM = 71,      /**< out of memory, a system call failed */
    HF_EXIT_OUTPUT = 74,      /**< standard output takes no more */
    HF_EXIT_DENIED = 77,      /**< this user may not do that */
    HF_EXIT_CONFIG = 78,      /**< a mistake in a configuration */
};

/** For the end of every --help text. */
#define HF_EXIT_CODES_TEXT                                                                         \
    "Exit codes: 0 success; 1 a check failed or a command was rejected; 64 usage; 65 damaged or "  \
    "malformed file; 66 unreadable file; 69 daemon unavailable or halted; 71 system error; 74 "    \
    "output; 77 not allowed; 78 mistake in a configuration."

int hf_cli_status(int argc, char **argv);
int hf_cli_top(int argc, char **argv);
int hf_cli_submit(int argc, char **argv);
int hf_cli_admin(int argc, char **argv);
int hf_cli_book(int argc, char **argv);
int hf_cli_md(int argc, char **argv);
int hf_cli_replay(int argc, char **argv);
int hf_cli_play(int argc, char **argv);
int hf_cli_doctor(int argc, char **argv);

/** The exit code that belongs to a negative result of a holdfast call. */
int hf_cli_exit_code(int code);

#endif
