/* adopt.c - holdfast-recover adopt: a restored copy becomes an instance of its own. */
#include "recover/copy.h"
#include "recover/options.h"
#include "recover/tool.h"

#include "wal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PATH_BYTES 4096

struct arguments {
    const char *directory;
    const char *to;
    bool in_place;
};

static const char doc[] =
    "Give the log in DIRECTORY a new instance id, so that the copy and its original are never "
    "taken for one another: a start refuses shared memory, segments and clients of the other.\v"
    "The id is in every checksum, so the log is written anew: into NEWDIR, or, with --in-place, "
    "beside DIRECTORY, with which it then changes places in one step; what was there before is "
    "removed. Behind the last record comes an EPOCH record with a new history: the original may "
    "have gone on, and clients that saw it must be told. Books and digest stay the same. What is "
    "written belongs to whoever runs this: where that is root, give it to the daemon's user.\n\n"
    "Example, a backup becomes a second instance:\n"
    "  cp -r /backup/monday /var/lib/holdfast/second\n"
    "  holdfast-recover adopt --in-place /var/lib/holdfast/second\n"
    "  chown -R holdfast:holdfast /var/lib/holdfast/second\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
    {"to", 0, "NEWDIR", "Write the log into this new or empty directory", HF_OPTION_TEXT,
     .at = offsetof(struct arguments, to)},
    {"in-place", 0, NULL, "Replace the log in DIRECTORY", HF_OPTION_FLAG,
     .at = offsetof(struct arguments, in_place)}};

static const char *
check(const void *context)
{
    const struct arguments *arguments = context;
    return (arguments->to != NULL) == arguments->in_place
               ? "either --to NEWDIR or --in-place is needed"
               : NULL;
}

static const struct hf_recover_usage usage = {.operands =
                                                  "DIRECTORY --to NEWDIR\nDIRECTORY --in-place",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0]),
                                              .check = check};

static int
write_anew(const char *from, const char *to)
{
    struct hf_copy_facts facts;
    struct hf_rewrite rewrite = {.from = from, .to = to, .new_history = true};
    if (hf_recover_instance_id(&rewrite.instance_id) != HF_OK) {
        return hf_recover_fail("adopt", HF_E_SYSTEM, "getrandom: %s", strerror(errno));
    }
    int exit_code = hf_recover_copy("adopt", &rewrite, &facts);
    if (exit_code == EX_OK) {
        (void)printf("instance %016" PRIx64 ": LSN %" PRIu64 " to %" PRIu64 ", then epoch %" PRIu64
                     " with history %" PRIu64 "; digest %016" PRIx64 "\n",
                     facts.instance_id, rewrite.first_lsn, rewrite.copied_lsn, rewrite.epoch,
                     rewrite.history, facts.digest);
        hf_recover_say_short(&rewrite);
    }
    return exit_code;
}

static int
fail_errno(const char *what, const char *path)
{
    return hf_recover_fail("adopt", HF_E_SYSTEM, "%s %s: %s", what, path, strerror(errno));
}

/** The exchange must be durable before the old log goes. */
static int
exchange(const char *directory, const char *fresh)
{
    char parent[PATH_BYTES];
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, directory, RENAME_EXCHANGE) != 0) {
        return fail_errno("exchanging", directory);
    }
    (void)snprintf(parent, sizeof(parent), "%s", directory);
    int error = hf_segment_sync_directory(dirname(parent));
    errno = -error;
    return error == 0 ? EX_OK : fail_errno("fsync of the directory above", directory);
}

static int
replace(const struct arguments *arguments)
{
    char directory[PATH_BYTES];
    char fresh[PATH_BYTES + sizeof(".adopt")];
    (void)snprintf(directory, sizeof(directory), "%s", arguments->directory);
    for (size_t length = strlen(directory); length > 1 && directory[length - 1] == '/';) {
        directory[--length] = '\0';
    }
    (void)snprintf(fresh, sizeof(fresh), "%s.adopt", directory);
    int exit_code = write_anew(directory, fresh);
    if (exit_code == EX_OK) {
        exit_code = exchange(directory, fresh);
    }
    return exit_code == EX_OK ? hf_recover_remove_log("adopt", fresh) : exit_code;
}

int
hf_recover_adopt(int argc, char **argv)
{
    struct arguments arguments = {.directory = NULL};
    int fd = -1;
    hf_recover_parse(&usage, argc, argv, &arguments);
    int exit_code = hf_recover_hold_directory("adopt", arguments.directory);
    if (exit_code == EX_OK) {
        exit_code = hf_recover_lock("adopt", arguments.directory, arguments.in_place, &fd);
    }
    if (exit_code == EX_OK) {
        exit_code = arguments.in_place ? replace(&arguments)
                                       : write_anew(arguments.directory, arguments.to);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return exit_code;
}
