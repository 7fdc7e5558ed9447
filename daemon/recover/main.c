/* main.c - the program holdfast-recover: look the command up and run it. */
#include "recover/tool.h"

#include "base/cpu.h"
#include "base/output.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct hf_recover_command commands[] = {
    {"verify", "check everything, name each damage, say what a start would do", hf_recover_verify},
    {"dump", "print records", hf_recover_dump},
    {"replay", "rebuild the books and print what came of the log", hf_recover_replay},
    {"explain", "tell the life of one order", hf_recover_explain},
    {"diff", "find where two logs part", hf_recover_diff},
    {"backup", "copy a log beside its running daemon", hf_recover_backup},
    {"archive", "compress segments and prove them readable", hf_recover_archive},
    {"repair", "copy a damaged log up to a cut, for a daemon to go on from", hf_recover_repair},
    {"adopt", "make a restored copy an instance of its own", hf_recover_adopt},
    {"checkpoint", "make a snapshot from the log", hf_recover_checkpoint},
};
enum { command_count = sizeof(commands) / sizeof(commands[0]) };

const char *argp_program_version = "holdfast-recover " HF_VERSION;

static const struct hf_recover_command *
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
    const struct hf_recover_command *command;
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
    (void)fputs("Commands (holdfast-recover COMMAND --help says more):\n", stream);
    for (size_t i = 0; i < command_count; i++) {
        (void)fprintf(stream, "  %-10s  %s\n", commands[i].name, commands[i].summary);
    }
    (void)fprintf(stream, "\n%s", text);
    (void)fclose(stream);
    return list; /* argp frees it */
}

static const struct argp parser = {
    .parser = parse,
    .args_doc = "COMMAND [OPTION...] DIRECTORY...",
    .doc =
        "Check, read, copy and mend the log of a Holdfast instance. DIRECTORY is that of the log: "
        "/var/lib/holdfast/NAME, or a copy of it. Logs are read beside a running daemon too, and "
        "whether their segments are archived or not.\v" HF_RECOVER_EXIT_CODES,
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
        (void)fprintf(stderr, "holdfast-recover: %s\n", lacks);
        return EX_SOFTWARE;
    }
    /* In order: options behind the command's name are not ours. */
    if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &choice) != 0) {
        return EX_USAGE;
    }
    (void)snprintf(name, sizeof(name), "holdfast-recover %s", choice.command->name);
    argv[choice.at] = name;
    return choice.command->run(argc - choice.at, argv + choice.at);
}
