/*
 * program.h - a program of commands: the one that the first argument names is run.
 *
 *     PROGRAM COMMAND [OPTIONS...]       hf_program_run() looks COMMAND up in the table and calls its run()
 *
 * A command gets argv[0] = "PROGRAM COMMAND", so that its own argp prints the right usage.
 */
#ifndef HF_CLI_PROGRAM_H
#define HF_CLI_PROGRAM_H

#include <stddef.h>

struct hf_program_command {
    const char *name;
    const char *summary; /**< one line for PROGRAM --help */
    int (*run)(int argc, char **argv);
};

struct hf_program {
    const char *name;
    const char *operands; /**< "COMMAND [OPTION...]" */
    const char *doc;      /**< what it is for \v exit codes */
    const struct hf_program_command *commands;
    size_t command_count;
    int unfit_code; /**< exit code where the processor lacks an instruction */
};

/** Parse the options in front of the command's name, and run it; wrong usage ends the program.
 *  @return an exit code, from a main() */
int hf_program_run(const struct hf_program *program, int argc, char **argv);

#endif
