/* program.c - look a command up and run it (program.h). */
#include "cli/program.h"

#include "base/cpu.h"
#include "base/output.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct choice {
    const struct hf_program *program;
    const struct hf_program_command *command;
    int at; /* index of its name in argv */
};

static const struct hf_program_command *
find(const struct hf_program *program, const char *name)
{
    for (size_t i = 0; i < program->command_count; i++) {
        if (strcmp(program->commands[i].name, name) == 0) {
            return &program->commands[i];
        }
    }
    return NULL;
}

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        choice->command = find(choice->program, argument);
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
    const struct choice *choice = input;
    char *list = NULL;
    size_t size;
    if (key != ARGP_KEY_HELP_POST_DOC || choice == NULL) {
        return (char *)text;
    }
    FILE *stream = open_memstream(&list, &size);
    if (stream == NULL) {
        return (char *)text;
    }
    const struct hf_program *program = choice->program;
    (void)fprintf(stream, "Commands (%s COMMAND --help says more):\n", program->name);
    for (size_t i = 0; i < program->command_count; i++) {
        const struct hf_program_command *command = &program->commands[i];
        (void)fprintf(stream, "  %-10s  %s\n", command->name, command->summary);
    }
    (void)fprintf(stream, "\n%s", text);
    (void)fclose(stream);
    return list; /* argp frees it */
}

int
hf_program_run(const struct hf_program *program, int argc, char **argv)
{
    const struct argp parser = {.parser = parse,
                                .args_doc = program->operands,
                                .doc = program->doc,
                                .help_filter = help_filter};
    struct choice choice = {.program = program};
    char name[64];
    const char *lacks = hf_cpu_lacks();
    hf_output_guard();
    if (lacks != NULL) {
        (void)fprintf(stderr, "%s: %s\n", program->name, lacks);
        return program->unfit_code;
    }
    /* In order: options behind the command's name are not ours. */
    if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &choice) != 0) {
        return EX_USAGE;
    }
    (void)snprintf(name, sizeof(name), "%s %s", program->name, choice.command->name);
    argv[choice.at] = name;
    return choice.command->run(argc - choice.at, argv + choice.at);
}
