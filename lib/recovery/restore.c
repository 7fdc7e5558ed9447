/*
 * restore.c - the newest, or oldest, snapshot that can be used (restore.h).
 */
#include "recovery/restore.h"

#include "base/numa.h"
#include "recovery/scan.h"
#include "wal/segment.h"

#include <errno.h>
#include <holdfast/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
refuse(const struct hf_restore *restore, const char *text)
{
    if (restore->refused != NULL) {
        restore->refused(restore->context, text);
    }
}

/** Whether the log has the record behind which the snapshot stands. @return 1; 0; negative: a code, the log
 *  cannot be read, which is no snapshot's fault, with replay->text */
static int
log_has(const struct hf_restore *restore, struct hf_replay *replay)
{
    const struct hf_log_position *position = &restore->position;
    struct hf_scan_result scan;
    char text[HF_SCAN_TEXT_BYTES + 128];
    const struct hf_scan_watch watch = {.last_lsn = position->lsn, .from = position};
    int code = hf_scan_watched(restore->directory, 0, &watch, &scan);
    if (code == HF_OK) {
        return 1;
    }
    if (code != HF_E_CORRUPT && code != HF_E_VERSION) {
        (void)snprintf(replay->text, sizeof(replay->text), "%s", scan.text);
        return code;
    }
    (void)snprintf(text, sizeof(text), "the snapshot of LSN %llu does not stand in this log: %s",
                   (unsigned long long)position->lsn, scan.text);
    refuse(restore, text);
    return 0;
}

static bool
is_wanted(const struct hf_restore *restore, const struct hf_snapshot *snapshot)
{
    const char *why = "";
    char text[256];
    if (restore->wanted == NULL || restore->wanted(restore->context, snapshot, &why)) {
        return true;
    }
    (void)snprintf(text, sizeof(text), "the snapshot of LSN %llu is passed over: %s",
                   (unsigned long long)snapshot->header.lsn, why);
    refuse(restore, text);
    return false;
}

/** @return 1: used; 0: cannot be; negative: a code that ends the search */
static int
snapshot_try(struct hf_restore *restore, struct hf_replay *replay, uint64_t lsn)
{
    struct hf_snapshot snapshot;
    int code =
        hf_snapshot_read(restore->directory, lsn, replay->numa_node, replay->background, &snapshot);
    if (code == HF_E_MEMORY) {
        (void)snprintf(replay->text, sizeof(replay->text), "%s", snapshot.text);
        return code;
    }
    restore->unreadable = restore->unreadable || code == HF_E_IO;
    if (code != HF_OK) {
        refuse(restore, snapshot.text);
        return 0;
    }
    hf_snapshot_position(&snapshot.header, &restore->position);
    int has = log_has(restore, replay);
    if (has != 1 || !is_wanted(restore, &snapshot)) {
        hf_memory_free(snapshot.core, snapshot.core_bytes);
        return has == 1 ? 0 : has;
    }
    restore->header = snapshot.header;
    replay->core = snapshot.core;
    replay->core_bytes = snapshot.core_bytes;
    return 1;
}

int
hf_restore(struct hf_restore *restore, struct hf_replay *replay)
{
    uint64_t *lsns = NULL;
    size_t count = 0;
    int error = hf_snapshot_list(restore->directory, &lsns, &count);
    if (error != 0) {
        (void)snprintf(replay->text, sizeof(replay->text), "%.256s: cannot be listed: %s",
                       restore->directory, strerror(-error));
        replay->code = hf_segment_error(-error);
        return replay->code;
    }
    int tried = 0;
    for (size_t i = 0; i < count && tried == 0; i++) {
        uint64_t lsn = lsns[restore->oldest ? i : count - 1 - i];
        if (restore->lsn_max == 0 || lsn <= restore->lsn_max) {
            tried = snapshot_try(restore, replay, lsn);
        }
    }
    free(lsns);
    if (tried <= 0) {
        memset(&restore->position, 0, sizeof(restore->position));
        memset(&restore->header, 0, sizeof(restore->header));
    }
    replay->code = tried < 0 ? tried : HF_OK;
    return replay->code;
}
