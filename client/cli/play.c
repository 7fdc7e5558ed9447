/*
 * play.c - holdfast play: the command line of play.h.
 */
#include "cli/play.h"
#include "cli/cli.h"

#include <argp.h>
#include <stdlib.h>

enum {
    OPTION_ADMIN = 256,
    OPTION_ALL,
    OPTION_CHECK,
    OPTION_KEEPS,
    OPTION_LOCAL,
    OPTION_LOSES,
    OPTION_SESSION,
    OPTION_SOCKET,
    OPTION_SYMBOL,
    OPTION_VERBOSE,
    OPTION_VIA,
};

static const struct argp_option options_table[] = {
    {"check", OPTION_CHECK, NULL, 0, "Compare every expectation of the files", 1},
    {"all", OPTION_ALL, NULL, 0, "Also cases that name rules which Holdfast does not have", 1},
    {"verbose", OPTION_VERBOSE, NULL, 0, "With --check: a line for every case", 1},
    {"local", OPTION_LOCAL, NULL, 0, "Through the in-process engine (default)", 2},
    {"via", OPTION_VIA, "INSTANCE", 0, "Through the daemon of this instance", 2},
    {"socket", OPTION_SOCKET, "PATH", 0, "Control socket of the daemon", 2},
    {"symbol", OPTION_SYMBOL, "SYMBOL", 0,
     "Without --admin-session: instrument of the daemon (default PLAY). Its book must be empty, "
     "and only cases that cannot trade are played, because stops of others may wait in it",
     2},
    {"session", OPTION_SESSION, "NAME", 0,
     "Session, opened anew for every case (default play). One that is there already is left alone, "
     "and nothing is played, unless it is `play` and has no open orders",
     2},
    {"admin-session", OPTION_ADMIN, "NAME", 0,
     "Session with admin rights: every case gets a new instrument. Its number is never used again: "
     "a daemon's log has limits.instruments_max of them for all time",
     2},
    {"replace-loses-priority", OPTION_LOSES, NULL, 0,
     "A replace always goes to the back of its level", 3},
    {"iceberg-keeps-place", OPTION_KEEPS, NULL, 0, "A refilled iceberg stays where it is", 3},
    {0},
};

struct arguments {
    struct hf_play *play;
    char **paths; /* the rest of argv, or NULL */
    size_t count;
};

/** Options with a value. @return whether it is one */
static bool
parse_value(struct hf_play_options *options, int key, const char *argument)
{
    switch (key) {
    case OPTION_VIA:
        options->instance = argument;
        return true;
    case OPTION_SOCKET:
        options->socket_path = argument;
        return true;
    case OPTION_SYMBOL:
        options->symbol = argument;
        return true;
    case OPTION_SESSION:
        options->session = argument;
        return true;
    case OPTION_ADMIN:
        options->admin_session = argument;
        return true;
    default:
        return false;
    }
}

static bool
parse_switch(struct hf_play_options *options, int key)
{
    switch (key) {
    case OPTION_CHECK:
        options->check = true;
        return true;
    case OPTION_ALL:
        options->all = true;
        return true;
    case OPTION_VERBOSE:
        options->verbose = true;
        return true;
    case OPTION_LOCAL:
        options->instance = NULL;
        return true;
    case OPTION_LOSES:
        options->flags |= HF_REPLACE_LOSES_PRIORITY;
        return true;
    case OPTION_KEEPS:
        options->flags |= HF_ICEBERG_KEEPS_PLACE;
        return true;
    default:
        return false;
    }
}

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct hf_play_options *options = &arguments->play->options;
    switch (key) {
    case ARGP_KEY_ARGS: /* all that are no options */
        arguments->paths = state->argv + state->next;
        arguments->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no FILE given");
        return 0;
    case ARGP_KEY_END:
        if (options->instance == NULL &&
            (options->socket_path != NULL || options->admin_session != NULL)) {
            argp_error(state, "--socket and --admin-session belong to --via");
        }
        return 0;
    default:
        return parse_value(options, key, argument) || parse_switch(options, key) ? 0
                                                                                 : ARGP_ERR_UNKNOWN;
    }
}

static const struct argp play_argp = {
    .options = options_table,
    .parser = parse,
    .args_doc = "FILE...",
    .doc = "Play cases of commands and expectations, and compare or print what happens.\v"
           "FILE holds one JSON object a line (plain, .gz or .xz; - is standard input): a header "
           "{\"case\": NAME}, commands {\"op\": ...}, expectations {\"exp\": ...}. Without --check "
           "the outcome is printed in the same format. With --check the first difference of every "
           "case is printed, and a summary.\n\n" HF_EXIT_CODES_TEXT,
};

int
hf_cli_play(int argc, char **argv)
{
    struct hf_play play = {.out = stdout,
                           .options = {.symbol = "PLAY", .session = HF_PLAY_SESSION_DEFAULT}};
    struct arguments arguments = {.play = &play};
    if (argp_parse(&play_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return HF_EXIT_USAGE;
    }
    int code = hf_play_run(&play, arguments.paths, arguments.count);
    if (play.options.check && code >= 0) {
        hf_play_print_summary(&play);
    }
    hf_play_free(&play);
    if (code < 0) {
        (void)fprintf(stderr, "holdfast play: %s\n", play.error);
        return hf_cli_exit_code(code);
    }
    return play.counts.differ == 0 ? HF_EXIT_OK : HF_EXIT_FAILED;
}
