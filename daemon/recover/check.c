/* check.c - judge a log, and find all that is wrong with it (check.h). */
#include "recover/check.h"

#include "recovery/archive.h"
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
    check->survey = (struct hf_survey){.context = check, .found = on_finding};
    return hf_survey(directory, &check->survey);
}

static bool
is_damage(int code)
{
    return code == HF_E_CORRUPT || code == HF_E_VERSION;
}

int
hf_check(const char *directory, uint64_t floor_lsn, struct hf_recover_progress *progress,
         struct hf_check *check)
{
    struct watcher watcher = {.check = check, .progress = progress};
    const struct hf_scan_watch watch = {
        .context = &watcher, .record = on_record, .segment = on_segment, .progress = on_progress};
    memset(check, 0, sizeof(*check));
    check->replay.sink.report = ignore_report;
    check->replay.numa_node = -1;
    int code = hf_scan_watched(directory, floor_lsn, &watch, &check->scan);
    check->text = check->replay.text[0] != '\0' ? check->replay.text : check->scan.text;
    check->stopped = check->last_type == HF_RECORD_STOP;
    if (code != HF_OK && !is_damage(code)) {
        return code;
    }
    check->verdict = code != HF_OK                 ? HF_CHECK_DAMAGED
                     : check->scan.torn_bytes != 0 ? HF_CHECK_TORN
                                                   : HF_CHECK_SOUND;
    return check->verdict == HF_CHECK_SOUND ? HF_OK : survey(directory, check);
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
