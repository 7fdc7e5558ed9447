/*
 * main.c - the holdfast tool: look the command up and run it.
 */
#include "cli/cli.h"

#include "base/cpu.h"
#include "base/output.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

static const struct hf_cli_command commands[] = {
    {"status", "state, watermarks, rates and sessions of an instance", hf_cli_status},
    {"top", "an instance live: rates, watermarks, latencies, books, sessions", hf_cli_top},
    {"submit", "submit one order or change by hand and print its reports", hf_cli_submit},
    {"admin", "instruments, phases, limits, kill switches, rights, busts", hf_cli_admin},
    {"book", "depth of a symbol's book", hf_cli_book},
    {"md", "market data: a live ladder, events, time and sales", hf_cli_md},
    {"replay", "replay recorded order flow and compare with the record", hf_cli_replay},
    {"play", "play cases of commands and expectations, and compare", hf_cli_play},
    {"doctor", "what on this host costs latency or safety, and how to mend it", hf_cli_doctor},
};
enum { command_count = sizeof commands / sizeof commands[0] };

const char *argp_program_version = "holdfast " HF_VERSION;

static const struct hf_cli_command *
find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

struct choice {
    const struct hf_cli_command *command;
    int at; /* index of its name in argv */
};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        choice->command = find(argument);
        choice->at = state->next - 1;
        if (choice->command == NULL) {
            argp_error(state, "there is no command '%s'", argument);
        }
        state->next = state->argc; /* what follows is the command's own */
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no command given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/** The table of commands, below the options in --help. */
static char *
help_filter(int key, const char *text, void *input)
{
    (void)input;
    char *list = NULL;
    size_t size;
    if (key != ARGP_KEY_HELP_POST_DOC) {
        return (char *)text;
    }
    FILE *stream = open_memstream(&list, &size);
    if (stream == NULL) {
        return (char *)text;
    }
    fputs("Commands (holdfast COMMAND --help says more):\n", stream);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(stream, "  %-8s  %s\n", commands[i].name, commands[i].summary);
    }
    fprintf(stream, "\n%s", text);
    fclose(stream);
    return list; /* argp frees it */
}

static const struct argp parser = {
    .parser = parse,
    .args_doc = "COMMAND [OPTION...]",
    .doc = "Look at and use an instance of Holdfast, the order-matching service.\v" //
    HF_EXIT_CODES_TEXT,
    .help_filter = help_filter,
};

int
main(int argc, char **argv)
{
    struct choice choice = {0};
    char name[64];
    const char *lacks = hf_cpu_lacks();
    hf_output_guard();
    if (lacks != NULL) {
        fprintf(stderr, "holdfast: %s\n", lacks);
        return HF_EXIT_SYSTEM;
    }
    /* In order: options behind the command's name are not ours. */
    if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &choice) != 0) {
        return HF_EXIT_USAGE;
    }
    snprintf(name, sizeof name, "holdfast %s", choice.command->name);
    argv[choice.at] = name;
    return choice.command->run(argc - choice.at, argv + choice.at);
}
