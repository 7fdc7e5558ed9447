/*
 * short_fixture.h - a log that is kept short: some eight segments, of which retention has removed the first
 * ones, and the last two of its snapshots.
 */
#ifndef HF_TESTS_RECOVERY_SHORT_FIXTURE_H
#define HF_TESTS_RECOVERY_SHORT_FIXTURE_H

#include "recovery/trade_fixture.h"

#include "recovery/checkpoint.h"
#include "recovery/retain.h"

struct short_log {
    struct trade trade;
    struct hf_checkpoint checkpoint;
    uint64_t first; /**< segment */
    uint64_t lsns[8];
};

static inline void
short_begin(struct short_log *log)
{
    struct trade *trade = &log->trade;
    trade_begin(trade);
    log->checkpoint = (struct hf_checkpoint){
        .config = {.directory = trade->log.directory, .every_records = 2000, .keep_bytes = 1},
        .durable_lsn = &trade->log.words.durable_lsn,
    };
    for (int i = 0; i < 3; i++) {
        trade_orders(trade, 2100);
        trade_flush(trade);
        while (hf_checkpoint_do_work(&log->checkpoint, 1) > 0) {
        }
    }
    trade_orders(trade, 100);
    trade_flush(trade);
    fixture_close(&trade->log);
    cr_assert_eq(trade_snapshots(trade, log->lsns), 2);
    uint64_t *numbers = NULL;
    size_t count = 0;
    cr_assert_eq(hf_segment_list(trade->log.directory, &numbers, &count), 0);
    log->first = numbers[0];
    free(numbers);
    cr_assert_gt(log->first, 3);
}

static inline void
short_end(struct short_log *log)
{
    hf_checkpoint_free(&log->checkpoint);
    trade_end(&log->trade);
}

/** The position of the newest snapshot but `back`. */
static inline struct hf_log_position
short_position(const struct short_log *log, size_t back)
{
    struct hf_snapshot snapshot;
    struct hf_log_position position;
    cr_assert_eq(hf_snapshot_verify(log->trade.log.directory, log->lsns[1 - back], &snapshot), 0);
    hf_snapshot_position(&snapshot.header, &position);
    return position;
}

/** The digest that a replay of a log from its newest snapshot up to `lsn_max` on gives. */
static inline uint64_t
short_digest(const char *directory, uint64_t lsn_max, uint64_t *end_lsn)
{
    struct hf_replay replay = {.numa_node = -1, .background = true};
    struct hf_restore restore = {.directory = directory, .lsn_max = lsn_max};
    struct hf_scan_result scan;
    cr_assert_eq(hf_restore(&restore, &replay), 0, "%s", replay.text);
    cr_assert_neq(restore.position.lsn, 0, "no snapshot can be used");
    const struct hf_scan_watch watch = {
        .context = &replay, .record = hf_replay_record, .from = &restore.position};
    cr_assert_eq(hf_scan_watched(directory, 0, &watch, &scan), 0, "%s%s", scan.text, replay.text);
    uint64_t digest = hf_core_digest(replay.core);
    *end_lsn = scan.end_lsn;
    hf_replay_free(&replay);
    return digest;
}

#endif
