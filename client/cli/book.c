/* book.c - holdfast book SYMBOL: the depth of one instrument as a two-sided ladder. */
#include "cli/cli.h"
#include "cli/ladder.h"
#include "cli/report_print.h"
#include "cli/target.h"

#include <holdfast/client.h>
#include <holdfast/engine.h>
#include <inttypes.h>

#define LEVELS_DEFAULT 10

struct arguments {
    struct hf_cli_target target;
    const char *symbol;
    size_t levels;
    bool json;
};

struct depth {
    struct hf_instrument_info info;
    struct hf_depth_level bids[HF_DEPTH_LEVELS_MAX];
    struct hf_depth_level asks[HF_DEPTH_LEVELS_MAX];
    size_t bid_count;
    size_t ask_count;
    uint64_t lsn;
};

static const char doc[] =
    "Show the order book of SYMBOL: the best price levels of both sides, as of one moment.\v"
    "Prices are whole numbers in the instrument's price unit, quantities in its quantity unit; "
    "each level shows the sum of the open quantities and how many orders make it "
    "up.\n\n" HF_EXIT_CODES_TEXT;

static const struct argp_option options[] = {
    {"levels", 'n', "N", 0, "Levels a side, 1 to 64 (default 10)", 0},
    {"json", 'j', NULL, 0, "One JSON object in place of the ladder", 0},
    {0}};

static const struct argp_child children[] = {{&hf_cli_target_argp, 0, "Which daemon:", 9}, {0}};

static error_t
parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->target;
        return 0;
    case 'n':
        arguments->levels = hf_cli_unsigned(state, "--levels", argument, 1, HF_DEPTH_LEVELS_MAX);
        return 0;
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0) {
            argp_error(state, "one SYMBOL only");
        }
        arguments->symbol = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a SYMBOL is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp book_argp = {
    .options = options, .parser = parse, .args_doc = "SYMBOL", .doc = doc, .children = children};

static struct hf_cli_side
bids_of(const struct depth *depth)
{
    return (struct hf_cli_side){depth->bids, depth->bid_count};
}

static struct hf_cli_side
asks_of(const struct depth *depth)
{
    return (struct hf_cli_side){depth->asks, depth->ask_count};
}

static void
print_ladder(const struct depth *depth)
{
    (void)printf("%s (instrument %" PRIu32 ", tick %" PRId64 ", lot %" PRIu64 ") as of LSN %" PRIu64
                 "\n\n",
                 depth->info.symbol, depth->info.id, depth->info.tick, depth->info.lot, depth->lsn);
    hf_cli_ladder_print(stdout, bids_of(depth), asks_of(depth), "\n");
}

static void
print_json(const struct depth *depth)
{
    hf_json_print_line(
        stdout,
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:o}", "symbol", depth->info.symbol, "instrument",
                  (json_int_t)depth->info.id, "tick", (json_int_t)depth->info.tick, "lot",
                  (json_int_t)depth->info.lot, "lsn", (json_int_t)depth->lsn, "bids",
                  hf_cli_ladder_json(bids_of(depth)), "asks", hf_cli_ladder_json(asks_of(depth))));
}

static int
read_depth(struct hf_observer *observer, const struct arguments *arguments, struct depth *depth)
{
    int code = hf_observer_instrument(observer, arguments->symbol, &depth->info);
    if (code != HF_OK) {
        return hf_cli_fail("book", arguments->symbol, code);
    }
    code = hf_observer_depth(observer, depth->info.id, arguments->levels, depth->bids,
                             &depth->bid_count, depth->asks, &depth->ask_count, &depth->lsn);
    return code == HF_OK ? HF_EXIT_OK : hf_cli_fail("book", arguments->symbol, code);
}

int
hf_cli_book(int argc, char **argv)
{
    struct arguments arguments = {.levels = LEVELS_DEFAULT};
    struct hf_observer *observer = NULL;
    struct depth depth = {.bid_count = 0};
    if (argp_parse(&book_argp, argc, argv, 0, NULL, &arguments) != 0) {
        return HF_EXIT_USAGE;
    }
    int code = hf_observe(&observer, arguments.target.instance, arguments.target.socket_path);
    if (code != HF_OK) {
        return hf_cli_fail("book", NULL, code);
    }
    int exit_code = read_depth(observer, &arguments, &depth);
    if (exit_code == HF_EXIT_OK && arguments.json) {
        print_json(&depth);
    } else if (exit_code == HF_EXIT_OK) {
        print_ladder(&depth);
    }
    hf_observer_close(observer);
    return exit_code;
}
