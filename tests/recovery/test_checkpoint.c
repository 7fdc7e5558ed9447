/*
 * test_checkpoint.c - the checkpointer beside a log that grows.
 */
#include "recovery/trade_fixture.h"

#include "base/child.h"
#include "recovery/checkpoint.h"

static struct trade trade;
static struct hf_checkpoint checkpoint;
static uint64_t now_ns;

static void
begin(void)
{
    trade_begin(&trade);
    checkpoint = (struct hf_checkpoint){
        .config = {.directory = trade.log.directory, .every_records = 500},
        .durable_lsn = &trade.log.words.durable_lsn,
    };
    now_ns = 1;
}

static void
end(void)
{
    hf_checkpoint_free(&checkpoint);
    trade_end(&trade);
}

TestSuite(checkpoint, .init = begin, .fini = end);

/** Steps until nothing is left to do. */
static void
settle(void)
{
    while (hf_checkpoint_do_work(&checkpoint, now_ns) > 0) {
    }
}

/** What a start would have: the newest snapshot, and the log behind it. */
static uint64_t
expect_start_is_the_state(void)
{
    struct hf_replay replay = {.numa_node = -1, .background = true};
    struct hf_restore restore = {.directory = trade.log.directory};
    struct hf_scan_result scan;
    cr_assert_eq(hf_restore(&restore, &replay), HF_OK, "%s", replay.text);
    const struct hf_scan_watch watch = {
        .context = &replay, .record = hf_replay_record, .from = hf_restore_from(&restore)};
    cr_assert_eq(hf_scan_watched(trade.log.directory, 0, &watch, &scan), HF_OK, "%s %s", scan.text,
                 replay.text);
    trade_expect_same(replay.core, trade.replay.core);
    hf_replay_free(&replay);
    return restore.position.lsn;
}

Test(checkpoint, follows_a_growing_log_over_segment_ends_and_epochs)
{
    for (int epoch = 1; epoch <= 3; epoch++) {
        for (int i = 0; i < 10; i++) {
            trade_orders(&trade, 300);
            trade_flush(&trade);
            settle();
            cr_assert_eq(checkpoint.position.lsn, trade_lsn(&trade));
            trade_expect_same(checkpoint.replay.core, trade.replay.core);
        }
        trade_next_epoch(&trade);
    }
    settle();
    cr_expect_eq(checkpoint.failures, 0);
    cr_expect_geq(checkpoint.snapshots, 8);
    cr_expect_geq(checkpoint.position.segment, 6);
    cr_expect_gt(expect_start_is_the_state(), 0);
}

Test(checkpoint, two_snapshots_are_kept)
{
    uint64_t lsns[8];
    for (int i = 0; i < 6; i++) {
        trade_orders(&trade, 600);
        trade_flush(&trade);
        settle();
    }
    cr_expect_eq(trade_snapshots(&trade, lsns), 2);
    cr_expect_eq(lsns[1], checkpoint.snapshot_lsn);
    cr_expect_eq(checkpoint.snapshots, 6);
}

Test(checkpoint, what_is_not_durable_is_not_read)
{
    uint64_t durable = trade.log.words.durable_lsn;
    settle();
    cr_expect_eq(checkpoint.position.lsn, durable);
    trade_orders(&trade, 2000); /* written, not flushed */
    settle();
    cr_expect_eq(checkpoint.position.lsn, durable);
    cr_expect_eq(checkpoint.snapshots, 0);
}

/** Slots of segment 1 that are not written. */
static uint64_t
room(void)
{
    return (HF_SEGMENT_BYTES_MIN - trade.log.words.written_position) / HF_SLOT_BYTES;
}

/** Write and flush until `slots` are left of segment 1. */
static void
fill_but(uint64_t slots)
{
    while (room() > 200) {
        trade_orders(&trade, 50);
        trade_flush(&trade);
    }
    for (uint64_t orders = room() - slots - 1; orders > 0; orders--) {
        trade_order(&trade);
    }
    trade_flush(&trade); /* one batch, and the group that closes it */
    cr_assert_eq(room(), slots);
}

Test(checkpoint, a_snapshot_stands_before_what_fills_its_segment_up_and_is_not_durable)
{
    const uint64_t end = HF_SEGMENT_BYTES_MIN - 2 * HF_SLOT_BYTES;
    const uint64_t nothing = 0;
    struct hf_scan_result scan;
    checkpoint.config.every_records = 1;
    fill_but(2);
    uint64_t durable = trade_lsn(&trade);
    trade_instrument(&trade); /* two slots: they do not fit, and two groups fill the segment up */
    fixture_write_all(&trade.log);
    settle();
    cr_assert_eq(checkpoint.snapshot_lsn, durable);
    cr_expect_eq(checkpoint.position.segment, 1);
    cr_expect_eq(checkpoint.position.offset, end);
    fixture_close(&trade.log);

    /* A power cut: of the first of those groups a word is missing, of the next segment everything. */
    fixture_write(&trade.log, 1, end, &nothing, sizeof(nothing));
    fixture_zero(&trade.log, 2, 0, HF_SEGMENT_BYTES_MIN);
    struct hf_replay replay = {.numa_node = -1, .background = true};
    struct hf_restore restore = {.directory = trade.log.directory};
    cr_assert_eq(hf_restore(&restore, &replay), HF_OK, "%s", replay.text);
    cr_assert_eq(restore.position.lsn, durable);
    hf_replay_free(&replay);
    const struct hf_scan_watch watch = {.from = &restore.position};
    cr_assert_eq(hf_scan_watched(trade.log.directory, 0, &watch, &scan), 0, "%s", scan.text);
    cr_expect_eq(scan.end_lsn, durable);
    cr_expect_gt(scan.torn_bytes, 0);
    cr_assert_eq(hf_scan_seal(trade.log.directory, NULL, 0, &scan), 0, "%s", scan.text);

    /* The next epoch begins behind it, and whoever reads from the first record on comes there, too. */
    trade.log.start = (struct hf_wal_start){.epoch = scan.epoch + 1,
                                            .segment = scan.end_segment + 1,
                                            .base_lsn = scan.end_lsn + 1,
                                            .chain = scan.end_chain,
                                            .durable_lsn = scan.end_lsn};
    fixture_open(&trade.log);
    cr_assert(fixture_put(&trade.log, 1));
    fixture_settle(&trade.log);
    cr_expect_eq(hf_scan(trade.log.directory, 0, NULL, NULL, &scan), 0, "%s", scan.text);
    cr_expect_eq(scan.end_lsn, durable + 1);
}

Test(checkpoint, time_alone_makes_a_snapshot_when_something_was_logged)
{
    checkpoint.config.every_records = 0;
    checkpoint.config.every_ns = 1000;
    trade_orders(&trade, 5000);
    trade_flush(&trade);
    settle();
    cr_expect_eq(checkpoint.snapshots, 0);
    now_ns += 1000;
    settle();
    cr_expect_eq(checkpoint.snapshots, 1);
    now_ns += 5000;
    settle();
    cr_expect_eq(checkpoint.snapshots, 1, "nothing was logged");
    trade_orders(&trade, 1);
    trade_flush(&trade);
    settle();
    cr_expect_eq(checkpoint.snapshots, 2);
    cr_expect_eq(expect_start_is_the_state(), trade_lsn(&trade));
}

Test(checkpoint, without_records_or_time_nothing_is_written)
{
    checkpoint.config.every_records = 0;
    trade_orders(&trade, 2000);
    trade_flush(&trade);
    settle();
    now_ns += UINT64_C(1) << 60;
    settle();
    cr_expect_eq(checkpoint.snapshots, 0);
    cr_expect_eq(checkpoint.position.lsn, trade_lsn(&trade));
}

Test(checkpoint, begins_with_the_newest_snapshot_that_is_whole)
{
    for (int i = 0; i < 3; i++) {
        trade_orders(&trade, 600);
        trade_flush(&trade);
        settle();
    }
    uint64_t lsns[8];
    cr_assert_eq(trade_snapshots(&trade, lsns), 2);
    hf_checkpoint_free(&checkpoint);
    cr_expect_eq(hf_checkpoint_do_work(&checkpoint, now_ns), 1);
    cr_expect_eq(checkpoint.position.lsn, lsns[1]);
    trade_spoil(&trade, 0);
    hf_checkpoint_free(&checkpoint);
    cr_expect_eq(hf_checkpoint_do_work(&checkpoint, now_ns), 1);
    cr_expect_eq(checkpoint.position.lsn, lsns[0]);
    trade_spoil(&trade, 1);
    hf_checkpoint_free(&checkpoint);
    cr_expect_eq(hf_checkpoint_do_work(&checkpoint, now_ns), 1);
    cr_expect_eq(checkpoint.position.lsn, 0);
    settle();
    trade_expect_same(checkpoint.replay.core, trade.replay.core);
    cr_expect_eq(checkpoint.failures, 0);
}

Test(checkpoint, damage_of_the_log_costs_snapshots_and_is_looked_at_again_later)
{
    unsigned char byte = 0;
    trade_orders(&trade, 300);
    trade_flush(&trade);
    fixture_read(&trade.log, 1, 5000, &byte, 1);
    byte ^= 1;
    fixture_write(&trade.log, 1, 5000, &byte, 1);
    settle();
    cr_expect_eq(checkpoint.failures, 1);
    cr_expect_null(checkpoint.replay.core);
    settle();
    cr_expect_eq(checkpoint.failures, 1, "not at once");
    now_ns += HF_CHECKPOINT_RETRY_NS;
    settle();
    cr_expect_eq(checkpoint.failures, 2);
    byte ^= 1;
    fixture_write(&trade.log, 1, 5000, &byte, 1);
    now_ns += HF_CHECKPOINT_RETRY_NS;
    settle();
    cr_expect_eq(checkpoint.failures, 2);
    trade_expect_same(checkpoint.replay.core, trade.replay.core);
}

Test(checkpoint, without_space_there_is_no_snapshot_until_there_is)
{
    checkpoint.config.reserve_bytes = UINT64_MAX;
    trade_orders(&trade, 600);
    trade_flush(&trade);
    settle();
    cr_expect_eq(checkpoint.failures, 1);
    cr_expect_eq(checkpoint.snapshots, 0);
    checkpoint.config.reserve_bytes = 0;
    now_ns += HF_CHECKPOINT_RETRY_NS;
    settle();
    cr_expect_eq(checkpoint.snapshots, 1);
}

Test(checkpoint, one_that_is_cancelled_is_no_failure)
{
    uint32_t cancel = 0;
    checkpoint.cancel = &cancel;
    trade_orders(&trade, 600);
    trade_flush(&trade);
    while (checkpoint.position.lsn < trade_lsn(&trade)) {
        cr_assert_gt(hf_checkpoint_do_work(&checkpoint, now_ns), 0);
    }
    cancel = 1;
    settle();
    cr_expect(checkpoint.snapshots == 0 && checkpoint.failures == 0);
    cancel = 0;
    settle();
    cr_expect_eq(checkpoint.snapshots, 1);
}

Test(checkpoint, a_clean_stop_leaves_a_snapshot_at_the_tip)
{
    trade_orders(&trade, 100);
    trade_flush(&trade);
    cr_expect_eq(hf_checkpoint_finish(&checkpoint, 50), HF_AGAIN, "too many records");
    cr_expect_eq(checkpoint.snapshots, 0);
    cr_expect_eq(hf_checkpoint_finish(&checkpoint, 1000), HF_OK);
    cr_expect_eq(checkpoint.snapshots, 1);
    cr_expect_eq(hf_checkpoint_finish(&checkpoint, 1000), HF_OK);
    cr_expect_eq(checkpoint.snapshots, 1, "there is one already");
    cr_expect_eq(expect_start_is_the_state(), trade_lsn(&trade));
}

Test(checkpoint, leftovers_of_an_interrupted_one_are_removed)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/00000000000000000009.snap.tmp", trade.log.directory);
    close(open(path, O_WRONLY | O_CREAT, 0600));
    settle();
    cr_expect_neq(access(path, F_OK), 0);
}

Test(checkpoint, a_snapshot_beyond_what_is_durable_is_not_used)
{
    trade_orders(&trade, 600);
    trade_flush(&trade);
    settle();
    cr_assert_eq(checkpoint.snapshots, 1);
    hf_checkpoint_free(&checkpoint);
    trade.log.words.durable_lsn = checkpoint.snapshot_lsn - 1;
    cr_expect_eq(hf_checkpoint_do_work(&checkpoint, now_ns), 1);
    cr_expect_eq(checkpoint.position.lsn, 0);
    trade.log.words.durable_lsn = trade_lsn(&trade);
}

/* Retention */

static size_t
segments(uint64_t *first)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    cr_assert_eq(hf_segment_list(trade.log.directory, &numbers, &count), 0);
    *first = count > 0 ? numbers[0] : 0;
    free(numbers);
    return count;
}

Test(checkpoint, segments_below_the_older_snapshot_go_when_the_log_is_long)
{
    uint64_t first = 0;
    checkpoint.config.keep_bytes = 3 * HF_SEGMENT_BYTES_MIN;
    for (int i = 0; i < 30; i++) {
        trade_orders(&trade, 300);
        trade_flush(&trade);
        settle();
        uint64_t lsns[8];
        cr_assert_leq(trade_snapshots(&trade, lsns), 2);
        (void)expect_start_is_the_state();
    }
    cr_expect_eq(checkpoint.failures, 0);
    cr_expect_lt(segments(&first), 7);
    cr_expect_gt(first, 4);
    /* The older snapshot alone must do, too. */
    trade_spoil(&trade, 0);
    (void)expect_start_is_the_state();
}

Test(checkpoint, what_a_session_needs_is_held_until_the_log_is_twice_as_long)
{
    uint64_t first = 0;
    uint64_t lsns[8];
    uint64_t needed_lsn = 0;
    checkpoint.needed_lsn = &needed_lsn;
    checkpoint.config.keep_bytes = 4 * HF_SEGMENT_BYTES_MIN;
    for (int i = 0; i < 3; i++) {
        trade_orders(&trade, 600);
        trade_flush(&trade);
        settle();
    }
    cr_assert_eq(trade_snapshots(&trade, lsns), 2);
    uint64_t held = lsns[0];
    needed_lsn = held + 1;
    for (int i = 0; i < 4; i++) {
        trade_orders(&trade, 600);
        trade_flush(&trade);
        settle();
    }
    cr_expect_eq(trade_snapshots(&trade, lsns), 3);
    cr_expect_eq(lsns[0], held);
    for (int i = 0; i < 20; i++) {
        trade_orders(&trade, 600);
        trade_flush(&trade);
        settle();
    }
    cr_expect_eq(trade_snapshots(&trade, lsns), 2);
    cr_expect_lt(segments(&first), 9);
    (void)expect_start_is_the_state();
}

/** As many snapshots, while a session needs the log from an LSN on; 0: none does. */
static void
trade_while_needed(uint64_t needed_lsn, int snapshots)
{
    checkpoint.needed_lsn = &needed_lsn;
    for (int i = 0; i < snapshots; i++) {
        trade_orders(&trade, 600);
        trade_flush(&trade);
        settle();
    }
    checkpoint.needed_lsn = NULL;
}

static int
overrule_sessions(void *context)
{
    (void)context;
    checkpoint.config.keep_bytes = HF_SEGMENT_BYTES_MIN;
    trade_while_needed(1, 16);
    trade_while_needed(2, 8);
    trade_while_needed(0, 2);
    trade_while_needed(2, 8);
    return 0;
}

static unsigned
count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part)) {
        count++;
    }
    return count;
}

Test(checkpoint, that_a_session_is_overruled_is_said_once_until_it_ends)
{
    char text[65536];
    cr_assert_eq(child_run_stderr(overrule_sessions, NULL, text, sizeof(text)), 0, "%s", text);
    cr_expect_eq(count_of(text, "needs the log from LSN 1 on"), 1, "%s", text);
    cr_expect_eq(count_of(text, "needs the log from LSN 2 on"), 2, "%s", text);
}
