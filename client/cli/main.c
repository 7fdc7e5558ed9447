/*
 * main.c - the holdfast tool: its commands.
 */
#include "cli/cli.h"
#include "cli/program.h"

#include <argp.h>

static const struct hf_program_command commands[] = {
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

const char *argp_program_version = "holdfast " HF_VERSION;

static const struct hf_program program = {
    .name = "holdfast",
    .operands = "COMMAND [OPTION...]",
    .doc = "Look at and use an instance of Holdfast, the order-matching service.\v" //
    HF_EXIT_CODES_TEXT,
    .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]),
    .unfit_code = HF_EXIT_SYSTEM,
};

int
main(int argc, char **argv)
{
    return hf_program_run(&program, argc, argv);
}
