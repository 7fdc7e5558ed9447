/*
 * tool.h - holdfast-recover: one program, one function per sub-command.
 *
 *     holdfast-recover COMMAND [OPTION...] DIRECTORY...      main.c looks COMMAND up in its table
 *
 * A command gets argv[0] = "holdfast-recover COMMAND", so that its own usage (options.h) names it, and
 * returns an exit code of sysexits.h. Results go to standard output, progress and errors to standard
 * error. Nothing is written but into a directory that `--to` names, unless the command says otherwise.
 */
#ifndef HF_RECOVER_TOOL_H
#define HF_RECOVER_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/** For the end of every --help text. */
#define HF_RECOVER_EXIT_CODES                                                                      \
    "Exit codes: 0 success; 1 a comparison found a difference; 64 usage; 65 damage, or a foreign " \
    "version; 66 no such log; 69 a daemon runs there; 71 out of memory or a system call failed; "  \
    "73 the target exists already; 74 input/output error or no space; 77 not allowed."

int hf_recover_verify(int argc, char **argv);
int hf_recover_dump(int argc, char **argv);
int hf_recover_replay(int argc, char **argv);
int hf_recover_explain(int argc, char **argv);
int hf_recover_diff(int argc, char **argv);
int hf_recover_backup(int argc, char **argv);
int hf_recover_archive(int argc, char **argv);
int hf_recover_repair(int argc, char **argv);
int hf_recover_adopt(int argc, char **argv);
int hf_recover_checkpoint(int argc, char **argv);

/** The exit code that belongs to a result of a holdfast call. */
int hf_recover_exit_code(int code);

/** Say on standard error why a command ends. @return the exit code of `code` */
int hf_recover_fail(const char *command, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Keep the log of a directory together for as long as this process lives: a daemon that keeps it short removes
 *  nothing meanwhile, but not for ever (recovery/retain.h: R5).
 *  @return 0, or the exit code after having said that there is no such directory, no log in it, or in place of
 *          one of its files something that is no file */
int hf_recover_hold_directory(const char *command, const char *directory);

/** How often what a daemon takes away meanwhile all the same is begun anew. */
#define HF_RECOVER_ATTEMPTS 5

/** Say that it is. */
void hf_recover_say_overtaken(const char *command);

/* A bar on standard error, where that is a terminal and the work takes its time. */

struct hf_recover_progress {
    const char *what;
    uint64_t begin_ns; /**< 0: nobody looks */
    uint64_t drawn_ns;
    bool drawn;
};

/** @param prints  the command prints its results meanwhile: then no bar where these go to a terminal too */
void hf_recover_progress_begin(struct hf_recover_progress *progress, const char *what, bool prints);

/** A hf_scan_watch.progress with a struct hf_recover_progress as context. */
void hf_recover_progress_draw(void *progress, uint64_t done_bytes, uint64_t total_bytes);

/** Take the bar away. */
void hf_recover_progress_end(struct hf_recover_progress *progress);

#endif
