/* archive.c - holdfast-recover archive: segments compressed, and proved readable. */
#include "recover/copy.h"
#include "recover/options.h"
#include "recover/tool.h"

#include "recovery/archive.h"
#include "recovery/beginning.h"
#include "recovery/carry.h"
#include "recovery/reader.h"
#include "recovery/restore.h"
#include "recovery/scan.h"
#include "wal/segment.h"

#include <errno.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct arguments {
    const char *directory;
    const char *to;
    bool all;
    bool remove;
};

static const char doc[] =
    "Compress the segments of the log in DIRECTORY into DIRECTORY2 (zstd, level 1), each as "
    "NUMBER.wal.zst, and prove each by decompressing and comparing it. What is archived already is "
    "compared again. The daemon may run.\v"
    "Sealed segments are archived: all but the last one that has records. With --all that one too, "
    "and no daemon may run. verify, dump, replay, diff, repair, adopt and backup read archives "
    "like segments. Of a log that is kept short what is there is archived, and, unless the archive "
    "goes further back, the snapshots that stand in for what is gone: archive often enough, and "
    "the archive has the whole log.\n\n"
    "--remove takes the segments away when the archive is proved to be the whole log, up to its "
    "last record: no daemon starts on DIRECTORY afterwards. Single segments are never removed, "
    "because a start reads the log from its first record on. It implies --all. To start on an "
    "archive: `holdfast-recover backup DIRECTORY2 --to NEWDIR`, and give NEWDIR to the daemon's "
    "user (chown -R).\n\n"
    "Example:\n"
    "  holdfast-recover archive /var/lib/holdfast/holdfast --to "
    "/archive/2026\n\n" HF_RECOVER_EXIT_CODES;

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct arguments, directory), .needed = true},
    {"to", 0, "DIRECTORY2", "Where the archive is, or is to be", HF_OPTION_TEXT,
     .at = offsetof(struct arguments, to), .needed = true},
    {"all", 0, NULL, "The last segment too", HF_OPTION_FLAG, .at = offsetof(struct arguments, all)},
    {"remove", 0, NULL, "Then remove the log from DIRECTORY", HF_OPTION_FLAG,
     .at = offsetof(struct arguments, remove)}};

static const struct hf_recover_usage usage = {.operands = "DIRECTORY --to DIRECTORY2",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0])};

struct work {
    const struct arguments *arguments;
    struct hf_beginning beginning; /**< of the log, */
    struct hf_scan_result log;     /**< and what DIRECTORY holds from there on */
    uint64_t
        snapshot_lsn; /**< of the snapshot with which an archive begins that does not go back to LSN 1;
                                0: it has none */
    struct hf_reader segment;
    struct hf_reader archived;
    uint64_t last; /**< highest number to archive */
    uint64_t bytes;
    uint64_t archive_bytes;
    uint64_t fresh; /**< archives made now */
};

static int
fail_file(const char *path, int error)
{
    int code = error == -EBADMSG ? HF_E_CORRUPT : hf_segment_error(-error);
    return hf_recover_fail("archive", code, "%s: %s", path,
                           error == -EBADMSG ? "does not decompress" : strerror(-error));
}

/** Both files, byte for byte. @return 1: equal; 0: not; negative: -errno */
static int
same_bytes(struct hf_reader *a, struct hf_reader *b)
{
    if (a->len_bytes != b->len_bytes) {
        return 0;
    }
    for (uint64_t offset = 0; offset < a->len_bytes;) {
        const unsigned char *data[2];
        size_t available[2];
        int result = hf_reader_at(a, offset, &data[0], &available[0]);
        if (result == 0) {
            result = hf_reader_at(b, offset, &data[1], &available[1]);
        }
        size_t length = available[0] < available[1] ? available[0] : available[1];
        if (result != 0 || length == 0) {
            return result;
        }
        if (memcmp(data[0], data[1], length) != 0) {
            return 0;
        }
        offset += length;
    }
    return 1;
}

/** Decompress what is there, and compare. */
static int
prove(struct work *work, uint64_t number)
{
    int result = hf_reader_open(&work->archived, work->arguments->to, number);
    if (result == 0) {
        result = same_bytes(&work->segment, &work->archived);
    }
    if (result < 0) {
        return fail_file(work->archived.path, result);
    }
    return result == 1 ? EX_OK
                       : hf_recover_fail("archive", HF_E_CORRUPT,
                                         "%s is there already, and is not an archive of %s",
                                         work->archived.path, work->segment.path);
}

static int
archive_segment(struct work *work, uint64_t number)
{
    uint64_t archive_bytes = 0;
    int result = hf_reader_open(&work->segment, work->arguments->directory, number);
    if (result != 0) {
        return fail_file(work->segment.path, result);
    }
    result = hf_archive_make(work->segment.fd, work->arguments->to, number, &archive_bytes);
    if (result != 0 && result != -EEXIST) {
        return fail_file(work->arguments->to, result);
    }
    work->fresh += result == 0;
    work->bytes += result == 0 ? work->segment.len_bytes : 0;
    work->archive_bytes += archive_bytes;
    return prove(work, number);
}

static int
archive_segments(struct work *work)
{
    struct hf_recover_progress progress;
    hf_recover_progress_begin(&progress, "archive", false);
    int exit_code = EX_OK;
    for (uint64_t number = work->beginning.segment; number <= work->last && exit_code == EX_OK;
         number++) {
        exit_code = archive_segment(work, number);
        hf_recover_progress_draw(&progress, number, work->last);
    }
    hf_recover_progress_end(&progress);
    return exit_code;
}

/** What was archived earlier must reach up to where the log begins. */
static int
check_joins(const struct work *work)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int result = hf_archive_list(work->arguments->to, &numbers, &count);
    uint64_t end = result == 0 && count > 0 ? numbers[count - 1] + 1 : work->beginning.segment;
    free(numbers);
    if (result != 0) {
        return fail_file(work->arguments->to, result);
    }
    return end >= work->beginning.segment
               ? EX_OK
               : hf_recover_fail("archive", HF_E_FULL,
                                 "%s ends with segment %" PRIu64
                                 ", and the log begins with segment %" PRIu64
                                 ": what was between is gone. Archive into another directory",
                                 work->arguments->to, end - 1, work->beginning.segment);
}

/** An archive that does not go back to LSN 1 cannot be replayed without a snapshot. */
static int
archive_snapshots(struct work *work, uint64_t end_lsn)
{
    struct hf_restore restore = {.directory = work->arguments->to, .oldest = true};
    struct hf_replay replay = {.numa_node = -1, .background = true};
    struct hf_carry carry = {
        .from = work->arguments->directory, .to = work->arguments->to, .lsn_max = end_lsn};
    int code = hf_restore(&restore, &replay);
    hf_replay_free(&replay);
    if (code != HF_OK) {
        return hf_recover_fail("archive", code, "%s", replay.text);
    }
    work->snapshot_lsn = restore.position.lsn;
    if (work->snapshot_lsn != 0) {
        return EX_OK;
    }
    code = hf_carry(&carry);
    if (code != HF_OK) {
        return hf_recover_fail("archive", code, "%s", carry.text);
    }
    work->snapshot_lsn = carry.first_lsn;
    return EX_OK;
}

static int
print_archive(const struct work *work, const struct hf_beginning *beginning,
              const struct hf_scan_result *archive, bool whole)
{
    bool from_first = beginning->position.lsn == 0;
    (void)printf("%s: segments %" PRIu64 " to %" PRIu64 ", LSN %" PRIu64 " to %" PRIu64
                 "%s; %" PRIu64 " are new, %" PRIu64 " bytes in place of %" PRIu64
                 "; all decompressed and compared\n",
                 work->arguments->to, beginning->segment, archive->end_segment,
                 beginning->position.lsn + 1, archive->end_lsn,
                 !whole       ? ""
                 : from_first ? ", the whole log"
                              : ", all that there is of the log",
                 work->fresh, work->archive_bytes, work->bytes);
    if (from_first) {
        return EX_OK;
    }
    if (work->snapshot_lsn != 0) {
        (void)printf("What was before LSN %" PRIu64
                     " is gone; the archive's oldest snapshot is of LSN %" PRIu64 "\n",
                     beginning->position.lsn + 1, work->snapshot_lsn);
        return EX_OK;
    }
    (void)printf("What was before LSN %" PRIu64
                 " is gone, and no snapshot is of what is archived so far: until one is, it can be "
                 "read, but not replayed\n",
                 beginning->position.lsn + 1);
    return work->arguments->all
               ? hf_recover_fail("archive", HF_E_CORRUPT, "the log has no snapshot to begin with")
               : EX_OK;
}

/** The archive as a log of its own: whole, if all was archived. */
static int
prove_log(struct work *work)
{
    struct hf_scan_result archive;
    struct hf_beginning beginning;
    int code = hf_beginning(work->arguments->to, &beginning);
    if (code != HF_OK) {
        return hf_recover_fail("archive", code, "%s", beginning.text);
    }
    const struct hf_scan_watch watch = {.from = hf_beginning_from(&beginning)};
    code = hf_scan_watched(work->arguments->to, 0, &watch, &archive);
    if (code != HF_OK) {
        return hf_recover_fail("archive", code, "the archive is no sound log: %s", archive.text);
    }
    bool whole = archive.end_lsn == work->log.end_lsn && archive.end_chain == work->log.end_chain;
    if (archive.instance_id != work->log.instance_id || archive.end_segment != work->last ||
        (work->arguments->all && !whole)) {
        return hf_recover_fail("archive", HF_E_CORRUPT,
                               "the archive is not that of this log: it ends with segment %" PRIu64
                               ", LSN %" PRIu64,
                               archive.end_segment, archive.end_lsn);
    }
    int exit_code = EX_OK;
    if (watch.from != NULL) {
        exit_code = archive_snapshots(work, archive.end_lsn);
    }
    return exit_code == EX_OK ? print_archive(work, &beginning, &archive, whole) : exit_code;
}

/** The first one first: what is left, should this be interrupted, is no log on which a daemon starts. */
static int
remove_segments(const struct arguments *arguments)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int result = hf_segment_list(arguments->directory, &numbers, &count);
    for (size_t i = 0; i < count && result == 0; i++) {
        result = hf_segment_remove(arguments->directory, numbers[i]);
    }
    if (result == 0) {
        result = hf_segment_sync_directory(arguments->directory);
    }
    free(numbers);
    if (result != 0) {
        return fail_file(arguments->directory, result);
    }
    (void)printf("%s: %zu segments removed\n", arguments->directory, count);
    return EX_OK;
}

/** What DIRECTORY holds. */
static int
scan_log(struct work *work)
{
    const char *directory = work->arguments->directory;
    int code = hf_beginning(directory, &work->beginning);
    if (code != HF_OK) {
        return hf_recover_fail("archive", code, "%s", work->beginning.text);
    }
    const struct hf_scan_watch watch = {.from = hf_beginning_from(&work->beginning)};
    code = hf_scan_watched(directory, 0, &watch, &work->log);
    return code == HF_OK ? EX_OK : hf_recover_fail("archive", code, "%s", work->log.text);
}

static int
archive(struct work *work)
{
    const struct arguments *arguments = work->arguments;
    bool made = false;
    int exit_code = scan_log(work);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    work->last = work->log.end_segment - (arguments->all || work->log.end_segment == 0 ? 0 : 1);
    if (work->last == 0 || work->last < work->beginning.segment) {
        (void)printf("%s: there is no sealed segment\n", arguments->directory);
        return EX_OK;
    }
    exit_code = access(arguments->to, F_OK) == 0
                    ? check_joins(work)
                    : hf_recover_make_directory("archive", arguments->to, &made);
    if (exit_code == EX_OK) {
        exit_code = archive_segments(work);
    }
    if (exit_code == EX_OK) {
        exit_code = prove_log(work);
    }
    return exit_code == EX_OK && arguments->remove ? remove_segments(arguments) : exit_code;
}

/** Whether segments that were to be archived have gone meanwhile. */
static bool
is_overtaken(const struct work *work)
{
    struct hf_beginning now;
    return work->beginning.segment != 0 &&
           hf_beginning(work->arguments->directory, &now) == HF_OK &&
           now.segment > work->beginning.segment;
}

/** As backup does. What is archived already stays, and is compared no more when its segment is gone. */
static int
archive_again(struct work *work)
{
    int exit_code = archive(work);
    for (int i = 1; i < HF_RECOVER_ATTEMPTS && exit_code != EX_OK && is_overtaken(work); i++) {
        hf_recover_say_overtaken("archive");
        exit_code = archive(work);
    }
    return exit_code;
}

int
hf_recover_archive(int argc, char **argv)
{
    struct arguments arguments = {.directory = NULL};
    struct work work = {.arguments = &arguments};
    int fd = -1;
    hf_recover_parse(&usage, argc, argv, &arguments);
    arguments.all = arguments.all || arguments.remove;
    int exit_code = hf_recover_hold_directory("archive", arguments.directory);
    if (exit_code == EX_OK) {
        exit_code = hf_recover_outside("archive", arguments.directory, arguments.to);
    }
    if (exit_code == EX_OK && arguments.all) {
        exit_code = hf_recover_lock("archive", arguments.directory, arguments.remove, &fd);
    }
    if (exit_code == EX_OK) {
        exit_code = hf_reader_init(&work.segment) == 0 && hf_reader_init(&work.archived) == 0
                        ? archive_again(&work)
                        : hf_recover_fail("archive", HF_E_MEMORY, "out of memory");
        hf_reader_destroy(&work.segment);
        hf_reader_destroy(&work.archived);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return exit_code;
}
