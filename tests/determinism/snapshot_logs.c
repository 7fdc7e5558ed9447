/*
 * snapshot_logs.c - logs replayed from snapshots come to the same state as from their first record.
 *
 *   snapshot_logs DIRECTORY...     each log: at places all over it, a snapshot and the rest of the log, and
 *                                  the state compared byte for byte: books, sessions, events, digest
 */
#include "recovery/replay.h"
#include "recovery/scan.h"
#include "recovery/snapshot.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PLACES 12u

/** Replay up to an LSN (0: the end). @param from  may be NULL; `position` receives where it ended */
static int
replay_to(const char *directory, struct hf_replay *replay, uint64_t lsn,
          const struct hf_log_position *from, struct hf_log_position *position)
{
    struct hf_scan_result scan;
    const struct hf_scan_watch watch = {
        .context = replay, .record = hf_replay_record, .last_lsn = lsn, .from = from};
    int code = hf_scan_watched(directory, 0, &watch, &scan);
    if (code != HF_OK) {
        printf("%s: %s %s\n", directory, replay->text, scan.text);
    }
    hf_scan_position(&scan, HF_RECORD_DIGEST, position);
    return code;
}

/** Write a snapshot of the state at an LSN. @return its LSN; 0: failed */
static uint64_t
make_snapshot(const char *directory, uint64_t lsn)
{
    struct hf_replay replay = {.numa_node = -1, .background = true};
    struct hf_log_position position;
    char text[HF_SNAPSHOT_TEXT_BYTES] = "";
    int code = replay_to(directory, &replay, lsn, NULL, &position);
    const struct hf_snapshot_order order = {
        .directory = directory, .core = replay.core, .position = &position};
    code = code == HF_OK ? hf_snapshot_write(&order, text) : code;
    hf_replay_free(&replay);
    if (code != HF_OK) {
        printf("%s\n", text);
    }
    return code == HF_OK ? position.lsn : 0;
}

/** Snapshot at an LSN, and the rest. @return whether it comes to the same */
static bool
agrees_from(const char *directory, uint64_t lsn, const struct hf_replay *whole)
{
    struct hf_snapshot snapshot;
    struct hf_log_position position;
    struct hf_log_position end;
    uint64_t at = make_snapshot(directory, lsn);
    if (at == 0 || hf_snapshot_read(directory, at, -1, true, &snapshot) != HF_OK) {
        return false;
    }
    struct hf_replay rest = {.core = snapshot.core, .core_bytes = snapshot.core_bytes};
    hf_core_audit(rest.core);
    hf_snapshot_position(&snapshot.header, &position);
    bool same = replay_to(directory, &rest, 0, &position, &end) == HF_OK &&
                rest.core_bytes == whole->core_bytes &&
                memcmp(rest.core, whole->core, whole->core_bytes) == 0;
    if (!same) {
        printf("%s: another state from the snapshot of LSN %" PRIu64 "\n", directory, at);
    }
    hf_core_audit(rest.core);
    hf_replay_free(&rest);
    return hf_snapshot_remove(directory, at) == 0 && same;
}

static bool
log_agrees(const char *directory)
{
    struct hf_replay whole = {.numa_node = -1, .background = true};
    struct hf_log_position end;
    bool same = replay_to(directory, &whole, 0, NULL, &end) == HF_OK;
    uint64_t step = end.lsn / PLACES;
    for (uint64_t place = 0; place < PLACES && same; place++) {
        uint64_t lsn = 3 + place * step + (end.chain + place * 7919) % step; /* any place in it */
        same = agrees_from(directory, lsn, &whole);
    }
    hf_replay_free(&whole);
    return same;
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!log_agrees(argv[i])) {
            return 1;
        }
    }
    printf("snapshot_logs: %d logs, %u snapshots each: the same state\n", argc - 1, PLACES);
    return argc > 1 ? 0 : 2;
}
