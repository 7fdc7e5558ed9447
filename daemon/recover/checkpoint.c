/* checkpoint.c - holdfast-recover checkpoint: a snapshot made from the log. */
#include "recover/live.h"
#include "recover/options.h"
#include "recover/tool.h"

#include "recovery/restore.h"
#include "recovery/scan.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

static const char doc[] =
    "Make a snapshot of the log in DIRECTORY, in that directory, so that the next start has less "
    "to replay. It is made of what is durable: beside a running daemon of what that calls so, else "
    "of what the log itself says was; and begins with the newest snapshot that is there. It "
    "belongs to the user to whom the log does. Nothing else is changed: older snapshots go when "
    "the daemon makes its next one.\v"
    "Example:  holdfast-recover checkpoint /var/lib/holdfast/holdfast\n\n" HF_RECOVER_EXIT_CODES;

struct work {
    const char *directory;
    struct hf_replay replay;
    struct hf_restore restore;
    struct hf_recover_progress progress;
    uint32_t last_type;
};

static const struct hf_recover_option options[] = {
    {.argument = "DIRECTORY", .at = offsetof(struct work, directory), .needed = true}};

static const struct hf_recover_usage usage = {.operands = "DIRECTORY",
                                              .doc = doc,
                                              .options = options,
                                              .count = sizeof(options) / sizeof(options[0])};

static void
on_refused(void *context, const char *text)
{
    (void)context;
    (void)fprintf(stderr, "holdfast-recover checkpoint: %s\n", text);
}

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct work *work = context;
    work->last_type = record->type;
    return hf_replay_record(&work->replay, record, more, file, offset);
}

static void
on_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    struct work *work = context;
    hf_recover_progress_draw(&work->progress, done_bytes, total_bytes);
}

/** What is durable: nothing beyond it may be in a snapshot. */
static int
find_durable(const struct work *work, uint64_t *lsn)
{
    struct hf_live live;
    struct hf_scan_result scan;
    hf_live_by_directory(work->directory, &live);
    if (live.running) {
        *lsn = live.status.durable_lsn;
        return EX_OK;
    }
    const struct hf_scan_watch watch = {.from = hf_restore_from(&work->restore)};
    int code = hf_scan_watched(work->directory, 0, &watch, &scan);
    *lsn = scan.floor_lsn;
    return code == HF_OK ? EX_OK : hf_recover_fail("checkpoint", code, "%s", scan.text);
}

static int
replay_to(struct work *work, uint64_t lsn, struct hf_log_position *position)
{
    struct hf_scan_result scan;
    const struct hf_scan_watch watch = {.context = work,
                                        .record = on_record,
                                        .progress = on_progress,
                                        .ahead = hf_replay_ahead,
                                        .ahead_context = &work->replay,
                                        .last_lsn = lsn,
                                        .from = hf_restore_from(&work->restore)};
    hf_recover_progress_begin(&work->progress, "checkpoint", false);
    int code = hf_scan_watched(work->directory, lsn, &watch, &scan);
    hf_recover_progress_end(&work->progress);
    hf_scan_position(&scan, work->last_type, position);
    const char *text = work->replay.code != HF_OK ? work->replay.text : scan.text;
    return code == HF_OK ? EX_OK : hf_recover_fail("checkpoint", code, "%s", text);
}

static int
write_snapshot(struct work *work, const struct hf_log_position *position)
{
    char text[HF_SNAPSHOT_TEXT_BYTES];
    const struct hf_snapshot_order order = {.directory = work->directory,
                                            .core = work->replay.core,
                                            .position = position,
                                            .owned_as_log = true};
    int code = hf_snapshot_write(&order, text);
    if (code != HF_OK) {
        return hf_recover_fail("checkpoint", code, "%s", text);
    }
    (void)printf("snapshot of LSN %" PRIu64 ", %" PRIu64 " records replayed\n", position->lsn,
                 position->lsn - work->restore.position.lsn);
    return EX_OK;
}

static int
make(struct work *work)
{
    uint64_t durable = 0;
    struct hf_log_position position;
    int code = hf_restore(&work->restore, &work->replay);
    if (code != HF_OK) {
        return hf_recover_fail("checkpoint", code, "%s", work->replay.text);
    }
    work->last_type = work->restore.position.last_type;
    int exit_code = find_durable(work, &durable);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    if (durable <= work->restore.position.lsn) {
        (void)printf("nothing is durable behind LSN %" PRIu64 ": no snapshot is made\n",
                     work->restore.position.lsn);
        return EX_OK;
    }
    exit_code = replay_to(work, durable, &position);
    return exit_code == EX_OK ? write_snapshot(work, &position) : exit_code;
}

int
hf_recover_checkpoint(int argc, char **argv)
{
    struct work work = {.replay = {.numa_node = -1, .background = true}};
    hf_recover_parse(&usage, argc, argv, &work);
    int exit_code = hf_recover_hold_directory("checkpoint", work.directory);
    if (exit_code == EX_OK) {
        work.restore = (struct hf_restore){.directory = work.directory, .refused = on_refused};
        exit_code = make(&work);
    }
    hf_replay_free(&work.replay);
    return exit_code;
}
