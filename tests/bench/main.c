/* main.c - the program holdfast-bench: its subcommands. */
#include "bench.h"

#include "cli/program.h"

static const struct hf_program_command commands[] = {
    {"ring", "messages between two processes: our ring and others", bench_ring_main},
    {"core", "the state machine alone, on streams whose end state is known", bench_core_main},
    {"wal", "records made durable: our log and other stores", bench_wal_main},
    {"e2e", "producers, daemon and reports, each a process of its own", bench_e2e_main},
    {"recovery", "a log read back: verified, replayed, by a daemon that starts",
     bench_recovery_main},
    {"checkpoint", "what it costs the engine that it runs beside", bench_checkpoint_main},
    {"watch", "what it costs to be watched by exporter and top", bench_watch_main},
    {"report", "all of them, as a page with tables and plots", bench_report_main},
};

const char *argp_program_version = "holdfast-bench " HF_VERSION;

static const struct hf_program program = {
    .name = "holdfast-bench",
    .operands = "COMMAND [OPTION...]",
    .doc = "Measures Holdfast and, in the same run, its peers and the limits of the host.\v"
           "Exit codes: 0 measured; 1 a wrong end state; 64 usage; 71 nothing could be measured.",
    .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]),
    .unfit_code = 71,
};

int
main(int argc, char **argv)
{
    return hf_program_run(&program, argc, argv);
}
