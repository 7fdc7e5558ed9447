/* check.c - judge a log, and find all that is wrong with it (check.h). */
#include "recover/check.h"

#include "recovery/archive.h"
#include "recovery/restore.h"
#include "wal/segment.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watcher {
    struct hf_check *check;
    struct hf_recover_progress *progress;
};

static int
on_record(void *context, const struct hf_record *record, const struct hf_record *more,
          const char *file, uint64_t offset)
{
    struct hf_check *check = ((struct watcher *)context)->check;
    int code = hf_replay_record(&check->replay, record, more, file, offset);
    if (code == HF_OK) {
        check->digests += record->type == HF_RECORD_DIGEST;
        check->last_type = record->type;
    }
    return code;
}

static int
on_segment(void *context, const struct hf_segment_header *header, const char *file)
{
    const struct watcher *watcher = context;
    size_t length = strlen(file);
    size_t suffix = sizeof(HF_ARCHIVE_SUFFIX) - 1;
    (void)header;
    watcher->check->archives +=
        length > suffix && strcmp(file + length - suffix, HF_ARCHIVE_SUFFIX) == 0;
    return 0;
}

static void
on_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    const struct watcher *watcher = context;
    if (watcher->progress != NULL) {
        hf_recover_progress_draw(watcher->progress, done_bytes, total_bytes);
    }
}

static void
ignore_report(void *context, uint32_t session, const struct hf_report *report)
{
    (void)context;
    (void)session;
    (void)report;
}

/** Above the floor, and behind what is valid: that was never called durable. */
static bool
is_torn(const struct hf_check *check, const struct hf_survey_finding *finding)
{
    const struct hf_scan_result *scan = &check->scan;
    return finding->lsn > scan->floor_lsn && finding->lsn > scan->end_lsn;
}

static void
on_finding(void *context, const struct hf_survey_finding *finding)
{
    struct hf_check *check = context;
    if (check->verdict == HF_CHECK_SOUND && finding->lsn > check->from_lsn) {
        return; /* the scan was there, and a writer may be */
    }
    struct hf_check_place *grown =
        realloc(check->places, (check->place_count + 1) * sizeof(*check->places));
    if (grown == NULL) {
        return; /* they are counted anyway */
    }
    check->places = grown;
    struct hf_check_place *place = &grown[check->place_count];
    *place = (struct hf_check_place){.file = strdup(finding->file), .finding = *finding};
    if (place->file != NULL) {
        place->finding.file = place->file;
        place->torn = is_torn(check, finding);
        check->place_count++;
    }
}

static int
survey(const char *directory, struct hf_check *check)
{
    check->survey = (struct hf_survey){
        .context = check, .found = on_finding, .first_number = check->first_number};
    return hf_survey(directory, &check->survey);
}

static bool
is_damage(int code)
{
    return code == HF_E_CORRUPT || code == HF_E_VERSION;
}

static void
on_refused(void *context, const char *text)
{
    struct hf_check *check = context;
    if (check->snapshots_refused++ == 0) {
        (void)snprintf(check->refusal, sizeof(check->refusal), "%s", text);
    }
}

/** Number of the first segment; 1 when there is none. */
static uint64_t
first_segment(const char *directory)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int result = hf_archive_list(directory, &numbers, &count);
    uint64_t first = result == 0 && count > 0 ? numbers[0] : 1;
    free(numbers);
    return first;
}

static void
forget_replay(struct hf_check *check)
{
    hf_replay_free(&check->replay);
    memset(&check->replay, 0, sizeof(check->replay));
    check->replay.sink.report = ignore_report;
    check->replay.numa_node = -1;
}

/** As a start does. Without a snapshot that can be used a log that is kept short lacks its beginning, as the
 *  scan will say. */
static int
restore_newest(struct hf_check *check, struct hf_restore *restore)
{
    forget_replay(check);
    check->snapshots_refused = 0;
    int code = hf_restore(restore, &check->replay);
    check->start_lsn = restore->position.lsn;
    check->text = check->replay.text;
    return code;
}

/** Read all from a position on, or from the first record on. @return of the scan */
static int
judge(struct watcher *watcher, const char *directory, uint64_t floor_lsn,
      const struct hf_log_position *from)
{
    struct hf_check *check = watcher->check;
    const struct hf_scan_watch watch = {.context = watcher,
                                        .record = on_record,
                                        .segment = on_segment,
                                        .ahead = hf_replay_ahead,
                                        .ahead_context = &check->replay,
                                        .progress = on_progress,
                                        .from = from};
    check->digests = check->archives = 0;
    check->from_lsn = from == NULL ? 0 : from->lsn;
    check->last_type = from == NULL ? 0 : (uint8_t)from->last_type;
    int code = hf_scan_watched(directory, floor_lsn, &watch, &check->scan);
    check->text = check->replay.text[0] != '\0' ? check->replay.text : check->scan.text;
    check->stopped = check->last_type == HF_RECORD_STOP;
    return code;
}

/** @return code of the pass that the verdict is of */
static int
judge_all(struct watcher *watcher, struct hf_restore *restore, uint64_t floor_lsn)
{
    struct hf_check *check = watcher->check;
    bool is_short = check->first_number != 0;
    if (!is_short) {
        forget_replay(check); /* the snapshot's state: the records are to give it once more */
    }
    const struct hf_log_position *start = hf_restore_from(restore);
    int code = judge(watcher, restore->directory, floor_lsn, is_short ? start : NULL);
    check->whole_lsn = check->scan.end_lsn;
    if (!is_damage(code) || is_short || check->start_lsn <= check->scan.end_lsn) {
        return code;
    }
    code = restore_newest(check, restore); /* the damage is before it */
    return code == HF_OK ? judge(watcher, restore->directory, floor_lsn, hf_restore_from(restore))
                         : code;
}

int
hf_check(const char *directory, uint64_t floor_lsn, struct hf_recover_progress *progress,
         struct hf_check *check)
{
    struct watcher watcher = {.check = check, .progress = progress};
    struct hf_restore restore = {.directory = directory, .refused = on_refused, .context = check};
    memset(check, 0, sizeof(*check));
    int code = restore_newest(check, &restore);
    if (code != HF_OK) {
        return code;
    }
    uint64_t first = first_segment(directory);
    check->first_number = first > 1 && check->start_lsn != 0 ? first : 0;
    code = judge_all(&watcher, &restore, floor_lsn);
    if (code != HF_OK && !is_damage(code)) {
        return code;
    }
    check->verdict = code != HF_OK                 ? HF_CHECK_DAMAGED
                     : check->scan.torn_bytes != 0 ? HF_CHECK_TORN
                                                   : HF_CHECK_SOUND;
    /* What is before a snapshot the scan has not seen. */
    bool all_seen = check->verdict == HF_CHECK_SOUND && check->from_lsn == 0;
    return all_seen ? HF_OK : survey(directory, check);
}

size_t
hf_check_damages(const struct hf_check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < check->place_count; i++) {
        count += !check->places[i].torn;
    }
    return count;
}

void
hf_check_free(struct hf_check *check)
{
    for (size_t i = 0; i < check->place_count; i++) {
        free(check->places[i].file);
    }
    free(check->places);
    hf_replay_free(&check->replay);
}
