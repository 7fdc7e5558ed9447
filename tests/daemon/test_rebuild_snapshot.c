/* test_rebuild_snapshot.c - starts that begin with a snapshot. */
#include "rebuild_fixture.h"

TestSuite(rebuild_snapshot, .init = set_up, .fini = tear_down, .timeout = 280);

/* Snapshots */

/** As the checkpointer would, of all that is durable. */
static void
make_snapshot(void)
{
    cr_assert_eq(hf_checkpoint_finish(&daemon_now->checkpoint, UINT64_MAX), HF_OK);
}

static void
spoil_snapshot(uint64_t lsn)
{
    char path[256];
    cr_assert_eq(hf_snapshot_path(path, sizeof(path), directory, lsn), 0);
    int fd = open(path, O_WRONLY);
    cr_assert_eq(pwrite(fd, "spoilt", 6, HF_SNAPSHOT_HEADER_BYTES + 40), 6);
    close(fd);
}

Test(rebuild_snapshot, a_start_goes_on_from_a_snapshot_as_from_the_log)
{
    open_session(1024);
    trade(300);
    make_snapshot();
    uint64_t snapshot_lsn = daemon_now->checkpoint.snapshot_lsn;
    trade(200);
    uint64_t lsn = hf_core_lsn(daemon_now->replay.core);
    uint64_t digest = hf_core_digest(daemon_now->replay.core);
    kill_it();
    start();
    cr_expect_eq(daemon_now->snapshot_lsn, snapshot_lsn);
    cr_expect_eq(hf_core_lsn(daemon_now->replay.core), lsn + 1, "and the EPOCH record");
    cr_expect_eq(hf_core_digest(daemon_now->replay.core), digest);
    expect_going_on(500, "from a snapshot");
}

Test(rebuild_snapshot, a_damaged_snapshot_is_passed_over_for_the_older_one_and_then_the_log)
{
    open_session(1024);
    trade(100);
    make_snapshot();
    uint64_t older = daemon_now->checkpoint.snapshot_lsn;
    trade(100);
    make_snapshot();
    spoil_snapshot(daemon_now->checkpoint.snapshot_lsn);
    restart();
    cr_expect_eq(daemon_now->snapshot_lsn, older);
    expect_going_on(200, "from the older snapshot");
    spoil_snapshot(older);
    restart();
    cr_expect_eq(daemon_now->snapshot_lsn, 0);
    expect_going_on(250, "from the log");
}

Test(rebuild_snapshot, a_flipped_bit_in_a_report_that_only_the_snapshot_has_is_refused)
{
    open_session(1024);
    trade(300);
    make_snapshot();
    struct hf_report *slots = hf_session_slots(a.link->report_object);
    slots[290].quantity ^= 1; /* within the 64 of the event buffer */
    kill_it();
    expect_refusal(HF_E_CORRUPT, "session 'a': report 290", "differs from what the log");
}

Test(rebuild_snapshot, a_snapshot_at_a_clean_stop_says_that_nothing_was_lost)
{
    open_session(1024);
    trade(100);
    hf_config_set(&daemon_now->config, "snapshot.at_stop=yes");
    uint64_t history = daemon_now->history;
    let_go(daemon_now);
    reboot();
    start();
    cr_expect_gt(daemon_now->snapshot_lsn, 0);
    cr_expect_eq(daemon_now->snapshot_lsn, daemon_now->scan.end_lsn, "nothing was left to replay");
    cr_expect_eq(daemon_now->history, history);
}

/** What a session without a ring goes on with, from the log and from a snapshot (B6). */
static uint64_t
next_after_reboot(bool with_snapshot)
{
    reboot();
    start();
    cr_expect_eq(daemon_now->snapshot_lsn != 0, with_snapshot);
    return link_now()->reports.next;
}

Test(rebuild_snapshot, after_a_reboot_a_session_goes_on_with_the_same_report_from_a_snapshot)
{
    open_session(1024);
    trade(100);
    struct hf_record gone = {.type = HF_RECORD_DISCONNECT, .session = 1};
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &gone, NULL), HF_OK);
    engine();
    write_log(true);
    make_snapshot();
    uint64_t lsn = daemon_now->checkpoint.snapshot_lsn;
    kill_it();
    uint64_t next = next_after_reboot(true);
    cr_expect_eq(next, 101);
    kill_it();
    spoil_snapshot(lsn);
    cr_expect_eq(next_after_reboot(false), next);
}

Test(rebuild_snapshot, a_log_whose_beginning_went_needs_a_snapshot)
{
    kill_it();
    segment_setting = "wal.segment_kib=64";
    start();
    open_session(1024);
    trade(2000); /* more than a segment */
    make_snapshot();
    uint64_t lsn = daemon_now->checkpoint.snapshot_lsn;
    kill_it();
    cr_assert_eq(hf_segment_remove(directory, 1), 0);
    start();
    expect_going_on(2000, "without the first segment");
    kill_it();
    spoil_snapshot(lsn);
    expect_refusal(HF_E_CORRUPT, "begins with segment 2, and there is no snapshot",
                   "checksum of a block");
}

Test(rebuild_snapshot, a_snapshot_beyond_the_events_of_the_market_ring_is_passed_over)
{
    open_session(1024);
    trade(100);
    make_snapshot();
    uint64_t older = daemon_now->checkpoint.snapshot_lsn;
    uint64_t last = hf_core_market_number(daemon_now->replay.core);
    trade(10);
    make_snapshot();
    /* As if the engine had been stopped between logging and telling: the slots hold an older lap. */
    struct hf_region ring;
    open_region(&ring, "md");
    for (uint64_t number = last + 1; number <= hf_core_market_number(daemon_now->replay.core);
         number++) {
        memset((void *)(uintptr_t)hf_broadcast_slot(&ring, number), 0, HF_SLOT_BYTES);
    }
    hf_region_detach(&ring);
    restart();
    cr_expect_eq(daemon_now->snapshot_lsn, older);
    expect_going_on(110, "from the older snapshot");
}
