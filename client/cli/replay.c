/*
 * replay.c - holdfast replay: the command line of replay.h.
 */
#include "cli/replay.h"
#include "cli/cli.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_BOOK = 256,
    OPTION_FORMAT,
    OPTION_JSON,
    OPTION_KEEP,
    OPTION_LOCAL,
    OPTION_MIN_MAKER,
    OPTION_MIN_ROWS,
    OPTION_PREFIX,
    OPTION_RATE,
    OPTION_SESSIONS,
    OPTION_SOCKET,
    OPTION_SYMBOL,
    OPTION_VIA,
};

static const struct argp_option options_table[] = {
    {"format", OPTION_FORMAT, "FORMAT", 0,
     "lobster (message file), itch (NASDAQ ITCH 5.0) or stream", 0},
    {"book", OPTION_BOOK, "FILE", 0, "Orderbook file: compare the book after every row with it", 0},
    {"local", OPTION_LOCAL, NULL, 0, "Through the in-process engine (default)", 0},
    {"via", OPTION_VIA, "INSTANCE", 0, "Through the daemon of this instance", 0},
    {"socket", OPTION_SOCKET, "PATH", 0, "Control socket of the daemon", 0},
    {"symbol", OPTION_SYMBOL, "SYMBOL", 0,
     "Instrument (default: the file's name up to the first '_'); itch: only this one", 0},
    {"rate", OPTION_RATE, "N", 0, "Commands per second, or max (default)", 0},
    {"sessions", OPTION_SESSIONS, "N", 0,
     "Sessions: one takes, the others hold the resting orders (default 4)", 0},
    {"session-prefix", OPTION_PREFIX, "NAME", 0,
     "Sessions are NAME-1, NAME-2... (default replay), opened anew: those that are there are left "
     "alone, but for replay-1... without open orders",
     0},
    {"keep", OPTION_KEEP, NULL, 0, "Leave sessions and resting orders in the daemon at the end", 0},
    {"min-maker", OPTION_MIN_MAKER, "PERCENT", 0,
     "Fail when fewer visible executions hit the order that the record names", 0},
    {"min-rows", OPTION_MIN_ROWS, "PERCENT", 0, "Fail when fewer rows of the book are equal", 0},
    {"json", OPTION_JSON, NULL, 0, "Print the result as one JSON object", 0},
    {0},
};

static bool
parse_count(const char *text, uint64_t most, uint64_t *value)
{
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 10);
    *value = parsed;
    return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' && parsed >= 1 &&
           parsed <= most;
}

static bool
parse_percent(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value >= 0.0 && *value <= 100.0;
}

static enum hf_replay_format
parse_format(const char *text)
{
    static const char *const names[] = {
        [HF_REPLAY_LOBSTER] = "lobster",
        [HF_REPLAY_ITCH] = "itch",
        [HF_REPLAY_STREAM] = "stream",
    };
    for (unsigned i = HF_REPLAY_LOBSTER; i <= HF_REPLAY_STREAM; i++) {
        if (strcmp(text, names[i]) == 0) {
            return (enum hf_replay_format)i;
        }
    }
    return HF_REPLAY_FORMAT_NONE;
}

/** Options with a number in them. */
static void
parse_number(int key, const char *text, struct argp_state *state)
{
    struct hf_replay_options *options = state->input;
    uint64_t count;
    switch (key) {
    case OPTION_RATE:
        if (strcmp(text, "max") == 0) {
            options->rate = 0;
        } else if (parse_count(text, 1000000000, &options->rate) == false) {
            argp_error(state, "--rate is a number from 1 to 1,000,000,000, or max");
        }
        return;
    case OPTION_SESSIONS:
        if (!parse_count(text, HF_REPLAY_SESSIONS_MAX, &count)) {
            argp_error(state, "--sessions is a number from 1 to %u", HF_REPLAY_SESSIONS_MAX);
        }
        options->sessions = (uint32_t)count;
        return;
    default:
        if (!parse_percent(text,
                           key == OPTION_MIN_ROWS ? &options->min_rows : &options->min_maker)) {
            argp_error(state, "a percentage is a number from 0 to 100");
        }
    }
}

static void
check(struct argp_state *state)
{
    const struct hf_replay_options *options = state->input;
    if (options->file == NULL) {
        argp_error(state, "no FILE given");
    }
    if (options->format == HF_REPLAY_FORMAT_NONE) {
        argp_error(state, "--format is lobster, itch or stream");
    }
    if (options->format == HF_REPLAY_ITCH && options->book != NULL) {
        argp_error(state, "--book belongs to lobster and stream files");
    }
    if (options->min_rows >= 0 && options->book == NULL) {
        argp_error(state, "--min-rows needs --book");
    }
}

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct hf_replay_options *options = state->input;
    switch (key) {
    case OPTION_FORMAT:
        options->format = parse_format(argument);
        return 0;
    case OPTION_BOOK:
        options->book = argument;
        return 0;
    case OPTION_LOCAL:
        options->instance = NULL;
        return 0;
    case OPTION_VIA:
        options->instance = argument;
        return 0;
    case OPTION_SOCKET:
        options->socket_path = argument;
        return 0;
    case OPTION_SYMBOL:
        options->symbol = argument;
        return 0;
    case OPTION_PREFIX:
        options->prefix = argument;
        return 0;
    case OPTION_KEEP:
        options->keep = true;
        return 0;
    case OPTION_JSON:
        options->json = true;
        return 0;
    case OPTION_RATE:
    case OPTION_SESSIONS:
    case OPTION_MIN_MAKER:
    case OPTION_MIN_ROWS:
        parse_number(key, argument, state);
        return 0;
    case ARGP_KEY_ARG:
        if (options->file != NULL) {
            argp_error(state, "one FILE at a time");
        }
        options->file = argument;
        return 0;
    case ARGP_KEY_END:
        check(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = options_table,
    .parser = parse,
    .args_doc = "FILE",
    .doc = "Replay recorded order flow, and compare who trades with whom and every row of the book "
           "with the record.\v"
           "FILE may be plain, .gz or .xz. A submission becomes a resting limit order, a partial "
           "deletion a reduction, a deletion a cancel, an execution an incoming IOC order of the "
           "opposite side. Through a daemon the symbols must exist there and their books be "
           "empty.\n\n" HF_EXIT_CODES_TEXT,
};

int
hf_cli_replay(int argc, char **argv)
{
    struct hf_replay replay = {
        .options = {.sessions = 4,
                    .min_maker = -1,
                    .min_rows = -1,
                    .prefix = HF_REPLAY_PREFIX_DEFAULT},
    };
    if (argp_parse(&parser, argc, argv, 0, NULL, &replay.options) != 0) {
        return HF_EXIT_USAGE;
    }
    int code = hf_replay_run(&replay);
    if (code < 0) {
        fprintf(stderr, "holdfast replay: %s\n", replay.error);
    } else if (replay.options.json) {
        hf_replay_print_json(&replay);
    } else {
        hf_replay_print(&replay);
    }
    bool passed = code == 0 && hf_replay_passed(&replay);
    hf_replay_destroy(&replay);
    return code < 0 ? hf_cli_exit_code(code) : passed ? HF_EXIT_OK : HF_EXIT_FAILED;
}
