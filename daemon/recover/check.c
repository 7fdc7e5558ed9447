/* check.c - judge a log, and find all that is wrong with it (check.h). */
#include "recover/check.h"

#include "recovery/archive.h"
#include "recovery/restore.h"
#include "wal/segment.h"

#include <holdfast/error.h>
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

/** Where retention has removed the first segments, what they held is in a snapshot: a start begins there
 *  too. Without a snapshot that can be used the log lacks its beginning, as the scan will say. */
static int
restore_beginning(struct hf_check *check, struct hf_restore *restore)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int result = hf_archive_list(restore->directory, &numbers, &count);
    uint64_t first = result == 0 && count > 0 ? numbers[0] : 1;
    free(numbers);
    if (first <= 1) {
        return HF_OK;
    }
    int code = hf_restore(restore, &check->replay);
    if (code == HF_OK && restore->position.lsn != 0) {
        check->from_lsn = restore->position.lsn;
        check->first_number = first;
        check->last_type = (uint8_t)restore->position.last_type;
    }
    return code;
}

int
hf_check(const char *directory, uint64_t floor_lsn, struct hf_recover_progress *progress,
         struct hf_check *check)
{
    struct watcher watcher = {.check = check, .progress = progress};
    struct hf_restore restore = {.directory = directory};
    memset(check, 0, sizeof(*check));
    check->replay.sink.report = ignore_report;
    check->replay.numa_node = -1;
    check->text = check->replay.text;
    int code = restore_beginning(check, &restore);
    if (code != HF_OK) {
        return code;
    }
    const struct hf_scan_watch watch = {.context = &watcher,
                                        .record = on_record,
                                        .segment = on_segment,
                                        .ahead = hf_replay_ahead,
                                        .ahead_context = &check->replay,
                                        .progress = on_progress,
                                        .from = hf_restore_from(&restore)};
    code = hf_scan_watched(directory, floor_lsn, &watch, &check->scan);
    check->text = check->replay.text[0] != '\0' ? check->replay.text : check->scan.text;
    check->stopped = check->last_type == HF_RECORD_STOP;
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

void
hf_check_free(struct hf_check *check)
{
    for (size_t i = 0; i < check->place_count; i++) {
        free(check->places[i].file);
    }
    free(check->places);
    hf_replay_free(&check->replay);
}
