/* main.c - the program holdfast-recover: its commands. */
#include "cli/program.h"
#include "recover/tool.h"

#include <argp.h>
#include <sysexits.h>

static const struct hf_program_command commands[] = {
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

const char *argp_program_version = "holdfast-recover " HF_VERSION;

static const struct hf_program program = {
    .name = "holdfast-recover",
    .operands = "COMMAND [OPTION...] DIRECTORY...",
    .doc =
        "Check, read, copy and mend the log of a Holdfast instance. DIRECTORY is that of the log: "
        "/var/lib/holdfast/NAME, or a copy of it. Logs are read beside a running daemon too, and "
        "whether their segments are archived or not.\v" HF_RECOVER_EXIT_CODES,
    .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]),
    .unfit_code = EX_SOFTWARE,
};

int
main(int argc, char **argv)
{
    return hf_program_run(&program, argc, argv);
}
