/* backup.c - holdfast-recover backup: a consistent copy of a log, beside its running daemon. */
#include "recover/copy.h"
#include "recover/live.h"
#include "recover/options.h"
#include "recover/tool.h"

#include "cli/report_print.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#define PATH_BYTES 4096

struct arguments {
    const char *source;
    const char *to;
    bool json;
};

static const char doc[] =
    "Copy the log of INSTANCE, or the log in DIRECTORY, into DIRECTORY2, as far as it is durable, "
    "and prove the copy by replaying it. The daemon goes on meanwhile, and is not slowed but by "
    "the disk.\v"
    "The copy is a log like any other, of the same instance, and ends with the last LSN that was "
    "durable when the backup began. (A clean stop at the end is left out, so that whoever starts "
    "on a copy begins a new history.) Of a log that is kept short what is there is copied, and the "
    "snapshots that stand in for what was before; its daemon removes nothing until the copy is "
    "made (unless the log becomes twice as long or old as it is to be kept: then the copy is begun "
    "anew). To restore it: copy it back, give it to the daemon's user (chown -R), and start the "
    "daemon (with --abandon-shm, unless the host was rebooted), if the original is lost; if the "
    "original lives on, or may, `holdfast-recover adopt` first.\n\n"
    "Examples:\n"
    "  holdfast-recover backup holdfast --to /backup/monday\n"
    "  holdfast-recover backup /var/lib/holdfast/holdfast --to "
    "/backup/monday\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "INSTANCE or DIRECTORY", .at = offsetof(struct arguments, source), .needed = true},
    {"to", 0, "DIRECTORY2", "Where the copy is made: a new or an empty directory", HF_OPTION_TEXT,
     .at = offsetof(struct arguments, to), .needed = true},
    {"json", 'j', NULL, "One JSON object", HF_OPTION_FLAG, .at = offsetof(struct arguments, json)}};

static const struct hf_recover_usage usage = {.operands = "INSTANCE|DIRECTORY --to DIRECTORY2",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0])};

/** A directory, or the name of an instance whose daemon runs. */
static int
find_source(const char *source, char directory[PATH_BYTES])
{
    struct stat status;
    if (stat(source, &status) == 0 || strchr(source, '/') != NULL) {
        (void)snprintf(directory, PATH_BYTES, "%s", source);
        return hf_recover_hold_directory("backup", source);
    }
    if (hf_live_directory(source, directory, PATH_BYTES) != HF_OK) {
        return hf_recover_fail(
            "backup", HF_E_UNKNOWN,
            "there is no directory '%s', and no daemon of that instance runs that this user may "
            "look at; give the directory of its log",
            source);
    }
    return hf_recover_hold_directory("backup", directory);
}

static void
print_words(const struct hf_rewrite *rewrite, const struct hf_copy_facts *facts)
{
    (void)printf("%s: instance %016" PRIx64 ", LSN %" PRIu64 " to %" PRIu64 ", epoch %" PRIu64
                 ", digest %016" PRIx64 "; replayed from the copy\n",
                 rewrite->to, facts->instance_id, rewrite->first_lsn, facts->end_lsn,
                 rewrite->epoch, facts->digest);
    hf_recover_say_short(rewrite);
}

static void
print_json(const struct hf_rewrite *rewrite, const struct hf_copy_facts *facts)
{
    char instance[24];
    char digest[24];
    (void)snprintf(instance, sizeof(instance), "%016" PRIx64, facts->instance_id);
    (void)snprintf(digest, sizeof(digest), "%016" PRIx64, facts->digest);
    hf_json_print_line(stdout,
                       json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "directory", rewrite->to,
                                 "instance_id", instance, "digest", digest, "first_lsn",
                                 (json_int_t)rewrite->first_lsn, "snapshot_lsn",
                                 (json_int_t)rewrite->snapshot_lsn, "last_lsn",
                                 (json_int_t)facts->end_lsn, "epoch", (json_int_t)rewrite->epoch));
}

static int
copy(const char *directory, struct hf_rewrite *rewrite, struct hf_copy_facts *facts)
{
    struct hf_live live;
    hf_live_by_directory(directory, &live);
    if (live.running && live.status.mode != HF_MODE_MEMORY) {
        rewrite->last_lsn = live.status.durable_lsn;
        if (rewrite->last_lsn == 0) {
            return hf_recover_fail("backup", HF_E_UNKNOWN, "%s: nothing is durable yet", directory);
        }
    }
    return hf_recover_copy("backup", rewrite, facts);
}

/** A daemon that keeps its log short waits for us, but not for ever: then it takes away what is still to be
 *  copied. */
static int
copy_again(const char *directory, struct hf_rewrite *rewrite, struct hf_copy_facts *facts)
{
    int exit_code = copy(directory, rewrite, facts);
    for (int i = 1; i < HF_RECOVER_ATTEMPTS && exit_code != EX_OK && rewrite->overtaken; i++) {
        hf_recover_say_overtaken("backup");
        exit_code = copy(directory, rewrite, facts);
    }
    return exit_code;
}

int
hf_recover_backup(int argc, char **argv)
{
    struct arguments arguments = {.source = NULL};
    char directory[PATH_BYTES];
    struct hf_copy_facts facts = {.instance_id = 0};
    hf_recover_parse(&usage, argc, argv, &arguments);
    int exit_code = find_source(arguments.source, directory);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    struct hf_rewrite rewrite = {.from = directory, .to = arguments.to, .without_stop = true};
    exit_code = copy_again(directory, &rewrite, &facts);
    if (exit_code == EX_OK && arguments.json) {
        print_json(&rewrite, &facts);
    } else if (exit_code == EX_OK) {
        print_words(&rewrite, &facts);
    }
    return exit_code;
}
