/* repair.c - holdfast-recover repair: a copy of a damaged log that a daemon starts on. */
#include "recover/check.h"
#include "recover/copy.h"
#include "recover/options.h"
#include "recover/tool.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct arguments {
    const char *directory;
    const char *to;
    uint64_t cut_lsn; /**< 0: not said */
    bool yes;
};

static const char doc[] =
    "Copy the log in DIRECTORY into NEWDIR, up to the last record that is valid or up to an "
    "earlier one, so that a daemon starts on it. DIRECTORY is not touched.\v"
    "What is behind the cut is given up. Where it is made must be confirmed: by --cut, by --yes "
    "(as far as the log is valid), or by answering on the terminal. A log that is sound is cut "
    "by --cut alone. Behind the cut the copy gets an EPOCH record with a new history, above every "
    "one that was seen, so that clients learn (HF_E_HISTORY) that a tail of the log was lost; and "
    "it halts every instrument (cancels only) until `holdfast admin phase SYMBOL|all open`, "
    "whatever instance.after_loss says.\n\n"
    "What lies behind a snapshot is kept where the damage is before it: the copy then begins with "
    "the first segment from which all is valid up to that snapshot, and is a log that is kept "
    "short. A --cut before the damage keeps the records from LSN 1 on instead. Of a log that is "
    "kept short the snapshots up to the cut go along. To go on: stop the daemon, keep the damaged "
    "directory, move NEWDIR into its place, give it to the daemon's user (chown -R), and, unless "
    "the host was rebooted, start with --abandon-shm.\n\n"
    "Examples:\n"
    "  holdfast-recover repair /var/lib/holdfast/holdfast --to /mended\n"
    "  holdfast-recover repair /copy --to /mended --cut 4711\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
    {"to", 0, "NEWDIR", "Where the copy is made: a new or an empty directory", HF_OPTION_TEXT,
     .at = offsetof(struct arguments, to), .needed = true},
    {"cut", 0, "LSN", "Keep the records up to this one", HF_OPTION_NUMBER,
     .at = offsetof(struct arguments, cut_lsn), .least = 2},
    {"yes", 0, NULL, "Keep all that is valid, and do not ask", HF_OPTION_FLAG,
     .at = offsetof(struct arguments, yes)}};

static const char *
check(const void *context)
{
    const struct arguments *arguments = context;
    return arguments->yes && arguments->cut_lsn != 0 ? "--cut or --yes, not both" : NULL;
}

static const struct hf_recover_usage usage = {.operands = "DIRECTORY --to NEWDIR",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0]),
                                              .check = check};

/** Damage before a snapshot costs the records before it, or, with an earlier cut, those behind it. */
static void
print_beginning(const struct hf_check *check, uint64_t cut_lsn)
{
    if (hf_check_damages(check) == 0 || check->from_lsn == 0 || cut_lsn < check->from_lsn) {
        return;
    }
    (void)printf("left out    segments that are damaged, and those before them: the snapshot of "
                 "LSN %" PRIu64 " stands in for them\n",
                 check->from_lsn);
    if (check->whole_lsn < check->from_lsn && check->whole_lsn > 1) {
        (void)printf("instead     --cut %" PRIu64
                     " keeps the records from LSN 1 on, and gives up what is behind the damage\n",
                     check->whole_lsn);
    }
}

static void
print_proposal(const struct hf_check *check, uint64_t cut_lsn)
{
    const struct hf_survey *survey = &check->survey;
    if (check->verdict == HF_CHECK_DAMAGED) {
        (void)printf("%s\n", check->text);
    }
    (void)printf("valid       up to LSN %" PRIu64 "; known to have been durable: up to LSN %" PRIu64
                 "\n",
                 check->scan.end_lsn, check->scan.floor_lsn);
    (void)printf("cut         behind LSN %" PRIu64 "\n", cut_lsn);
    print_beginning(check, cut_lsn);
    if (survey->last_lsn > cut_lsn) {
        (void)printf("given up    up to LSN %" PRIu64
                     ": records that are authentic, but do not follow from what is valid\n",
                     survey->last_lsn);
    }
}

/** Let the operator type the LSN. */
static bool
ask(uint64_t cut_lsn)
{
    char line[64];
    char expected[64];
    (void)snprintf(expected, sizeof(expected), "%" PRIu64 "\n", cut_lsn);
    (void)printf("Type the LSN of the cut to confirm it: ");
    (void)fflush(stdout);
    return fgets(line, sizeof(line), stdin) != NULL && strcmp(line, expected) == 0;
}

/** A new history costs clients their places, and somebody an evening: not for a log that lacks nothing. */
static bool
is_needless(const struct arguments *arguments, const struct hf_check *check)
{
    return arguments->cut_lsn == 0 && check->verdict == HF_CHECK_SOUND &&
           check->snapshots_refused == 0 && hf_check_damages(check) == 0;
}

static int
confirm(const struct arguments *arguments, const struct hf_check *check, uint64_t cut_lsn)
{
    if (is_needless(arguments, check)) {
        return hf_recover_fail("repair", HF_E_ARGUMENT,
                               "nothing was done: %s is sound up to LSN %" PRIu64
                               ", a daemon starts on it as it is; a copy is made by backup, and "
                               "--cut LSN gives up what is behind it",
                               arguments->directory, check->scan.end_lsn);
    }
    print_proposal(check, cut_lsn);
    if (cut_lsn > check->scan.end_lsn || check->scan.end_lsn == 0) {
        return hf_recover_fail("repair", HF_E_ARGUMENT,
                               "LSN %" PRIu64 " cannot be kept: valid are those up to %" PRIu64,
                               cut_lsn, check->scan.end_lsn);
    }
    if (arguments->yes || arguments->cut_lsn != 0) {
        return EX_OK;
    }
    if (isatty(STDIN_FILENO) && ask(cut_lsn)) {
        return EX_OK;
    }
    return hf_recover_fail(
        "repair", HF_E_ARGUMENT,
        "nothing was done: the cut is not confirmed (--cut %" PRIu64 " or --yes)", cut_lsn);
}

static int
mend(const struct arguments *arguments, uint64_t cut_lsn)
{
    struct hf_copy_facts facts;
    struct hf_rewrite rewrite = {.from = arguments->directory,
                                 .to = arguments->to,
                                 .last_lsn = cut_lsn,
                                 .skips_damage = true,
                                 .new_history = true,
                                 .halts = true};
    int exit_code = hf_recover_copy("repair", &rewrite, &facts);
    if (exit_code == EX_OK) {
        (void)printf("%s: LSN %" PRIu64 " to %" PRIu64 ", then epoch %" PRIu64
                     " with history %" PRIu64 "; digest %016" PRIx64 "\n",
                     rewrite.to, rewrite.first_lsn, rewrite.copied_lsn, rewrite.epoch,
                     rewrite.history, facts.digest);
        hf_recover_say_short(&rewrite);
    }
    return exit_code;
}

int
hf_recover_repair(int argc, char **argv)
{
    struct arguments arguments = {.directory = NULL};
    struct hf_check check;
    hf_recover_parse(&usage, argc, argv, &arguments);
    int exit_code = hf_recover_hold_directory("repair", arguments.directory);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    int code = hf_check(arguments.directory, 0, NULL, &check);
    uint64_t cut_lsn = arguments.cut_lsn != 0 ? arguments.cut_lsn : check.scan.end_lsn;
    exit_code = code == HF_OK ? confirm(&arguments, &check, cut_lsn)
                              : hf_recover_fail("repair", code, "%s", check.text);
    hf_check_free(&check);
    return exit_code == EX_OK ? mend(&arguments, cut_lsn) : exit_code;
}
