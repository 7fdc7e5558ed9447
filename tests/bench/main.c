/* main.c - the program holdfast-bench: find the subcommand and run it. */
#include "bench.h"

#include "base/output.h"

#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"ring", bench_ring_main},         {"core", bench_core_main},
    {"wal", bench_wal_main},           {"e2e", bench_e2e_main},
    {"recovery", bench_recovery_main}, {"checkpoint", bench_checkpoint_main},
    {"watch", bench_watch_main},       {"report", bench_report_main},
};

const char *argp_program_version = "holdfast-bench " HF_VERSION;

static const char DOC[] =
    "Measures Holdfast and, in the same run, its peers and the limits of the host.\v"
    "Commands (holdfast-bench COMMAND --help says more):\n"
    "  ring        messages between two processes: our ring and others\n"
    "  core        the state machine alone, on streams whose end state is known\n"
    "  wal         records made durable: our log and other stores\n"
    "  e2e         producers, daemon and reports, each a process of its own\n"
    "  recovery    a log read back: verified, replayed, by a daemon that starts\n"
    "  checkpoint  what it costs the engine that it runs beside\n"
    "  watch       what it costs to be watched by exporter and top\n"
    "  report      all of them, as a page with tables and plots\n\n"
    "Exit codes: 0 measured; 1 a wrong end state; 64 usage; 71 nothing could be measured.";

struct choice {
    const struct command *command;
    int at; /**< index of its name in argv */
};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
            if (strcmp(commands[i].name, argument) == 0) {
                choice->command = &commands[i];
            }
        }
        if (choice->command == NULL) {
            argp_error(state, "there is no command '%s'", argument);
        }
        choice->at = state->next - 1;
        state->next = state->argc; /* what follows is the command's own */
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no command given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {.parser = parse, .args_doc = "COMMAND [OPTION...]", .doc = DOC};

int
main(int argc, char **argv)
{
    struct choice choice = {0};
    char name[64];
    argp_err_exit_status = 64;
    hf_output_guard();
    if (argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, &choice) != 0) {
        return 64;
    }
    (void)snprintf(name, sizeof(name), "holdfast-bench %s", choice.command->name);
    argv[choice.at] = name;
    return choice.command->run(argc - choice.at, argv + choice.at);
}
