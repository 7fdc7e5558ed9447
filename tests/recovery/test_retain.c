/*
 * test_retain.c - which snapshots and segments stay.
 */
#include "recovery/trade_fixture.h"

#include "recovery/checkpoint.h"
#include "recovery/retain.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static struct trade trade;
static struct hf_checkpoint checkpoint;
static struct hf_retain retain;

/** A log of some ten segments, with the last two of its snapshots. */
static void
begin(void)
{
    trade_begin(&trade);
    checkpoint = (struct hf_checkpoint){
        .config = {.directory = trade.log.directory, .every_records = 2000},
        .durable_lsn = &trade.log.words.durable_lsn,
    };
    for (int i = 0; i < 4; i++) {
        trade_orders(&trade, 2100);
        trade_flush(&trade);
        while (hf_checkpoint_do_work(&checkpoint, 1) > 0) {
        }
    }
    retain = (struct hf_retain){.directory = trade.log.directory, .now_wall_ns = UINT64_MAX};
}

static void
end(void)
{
    hf_checkpoint_free(&checkpoint);
    trade_end(&trade);
}

TestSuite(retain, .init = begin, .fini = end);

static void
expect_removed(uint64_t segments, uint64_t snapshots)
{
    cr_expect_eq(hf_retain(&retain), HF_OK, "%s", retain.text);
    cr_expect_eq(retain.segments_removed, segments, "%llu",
                 (unsigned long long)retain.segments_removed);
    cr_expect_eq(retain.snapshots_removed, snapshots, "%llu",
                 (unsigned long long)retain.snapshots_removed);
}

/** Segment in which the log goes on behind the newest but `back` snapshot. */
static uint64_t
segment_of(size_t back)
{
    struct hf_snapshot snapshot;
    uint64_t lsns[8];
    size_t count = trade_snapshots(&trade, lsns);
    cr_assert_eq(hf_snapshot_verify(trade.log.directory, lsns[count - 1 - back], &snapshot), 0);
    return snapshot.header.log_segment;
}

Test(retain, without_a_limit_segments_stay)
{
    expect_removed(0, 0);
    cr_expect_eq(retain.first_segment, 1);
}

Test(retain, a_log_that_is_short_enough_stays)
{
    retain.keep_bytes = 100 * HF_SEGMENT_BYTES_MIN;
    expect_removed(0, 0);
}

Test(retain, by_length_segments_go_up_to_the_one_before_the_older_snapshot)
{
    uint64_t end = segment_of(1) - 1;
    cr_assert_gt(end, 3);
    retain.keep_bytes = 1;
    expect_removed(end - 1, 0);
    cr_expect_eq(retain.first_segment, end);
    expect_removed(0, 0);
}

/** A limit that the log is over by two segments. */
static uint64_t
two_too_many(void)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    cr_assert_eq(hf_segment_list(trade.log.directory, &numbers, &count), 0);
    free(numbers);
    return (count - 2) * HF_SEGMENT_BYTES_MIN;
}

Test(retain, no_more_segments_go_than_must)
{
    retain.keep_bytes = two_too_many();
    expect_removed(2, 0);
}

Test(retain, by_age_segments_go_when_they_were_left_long_ago)
{
    struct hf_segment_header third;
    fixture_read(&trade.log, 3, 0, &third, sizeof(third));
    retain.keep_ns = 1000000000;
    retain.now_wall_ns = third.created_ns + retain.keep_ns; /* the second was left then */
    expect_removed(1, 0);
    retain.now_wall_ns++;
    expect_removed(1, 0);
    cr_expect_eq(retain.first_segment, 3);
}

Test(retain, a_damaged_snapshot_keeps_everything)
{
    uint64_t lsns[8];
    retain.keep_bytes = 1;
    trade_spoil(&trade, 1);
    cr_expect_eq(hf_retain(&retain), HF_E_CORRUPT);
    cr_expect_not_null(strstr(retain.text, "a snapshot is damaged"), "%s", retain.text);
    cr_expect_eq(retain.segments_removed, 0);
    cr_expect_eq(trade_snapshots(&trade, lsns), 2);
}

Test(retain, with_one_snapshot_nothing_goes)
{
    uint64_t lsns[8];
    retain.keep_bytes = 1;
    cr_assert_eq(trade_snapshots(&trade, lsns), 2);
    cr_assert_eq(hf_snapshot_remove(trade.log.directory, lsns[1]), 0);
    expect_removed(0, 0);
}

Test(retain, a_need_that_the_older_snapshot_meets_holds_nothing)
{
    uint64_t lsns[8];
    cr_assert_eq(trade_snapshots(&trade, lsns), 2);
    retain.keep_bytes = 1;
    retain.needed_lsn = lsns[0] + 1;
    expect_removed(segment_of(1) - 2, 0);
    cr_expect_not(retain.overruled);
}

Test(retain, a_need_from_before_the_snapshots_holds_everything_at_first)
{
    uint64_t bytes = 0;
    uint64_t *numbers = NULL;
    size_t count = 0;
    cr_assert_eq(hf_segment_list(trade.log.directory, &numbers, &count), 0);
    free(numbers);
    bytes = count * HF_SEGMENT_BYTES_MIN;
    retain.needed_lsn = 20;
    retain.keep_bytes = bytes - 1;
    expect_removed(0, 0);
    cr_expect_not(retain.overruled);
    retain.keep_bytes = bytes / 2 - 1;
    cr_expect_eq(hf_retain(&retain), HF_OK, "%s", retain.text);
    cr_expect(retain.overruled);
    cr_expect_gt(retain.segments_removed, 0);
}

Test(retain, a_directory_that_is_not_there_is_named)
{
    retain.directory = "/nowhere";
    cr_expect_eq(hf_retain(&retain), HF_E_SYSTEM);
    cr_expect_not_null(strstr(retain.text, "/nowhere"), "%s", retain.text);
}

Test(retain, who_reads_the_log_holds_it_until_it_is_twice_as_long)
{
    int fd = hf_retain_hold(trade.log.directory);
    cr_assert_geq(fd, 0);
    retain.keep_bytes = two_too_many();
    expect_removed(0, 0);
    cr_expect(retain.held);
    cr_expect_not(retain.hold_overruled);
    retain.keep_bytes = HF_SEGMENT_BYTES_MIN;
    cr_expect_eq(hf_retain(&retain), HF_OK);
    cr_expect(retain.hold_overruled, "a reader that never ends does not fill the disk");
    cr_expect_not(retain.held);
    cr_expect_gt(retain.segments_removed, 0);
    close(fd);
}

Test(retain, behind_a_reader_that_was_killed_all_goes_that_may)
{
    int pipe_fds[2];
    char byte;
    cr_assert_eq(pipe(pipe_fds), 0);
    retain.keep_bytes = two_too_many();
    pid_t reader = fork();
    if (reader == 0) {
        (void)!write(pipe_fds[1], hf_retain_hold(trade.log.directory) >= 0 ? "y" : "n", 1);
        (void)pause();
    }
    cr_assert_eq(read(pipe_fds[0], &byte, 1), 1);
    cr_assert_eq(byte, 'y');
    expect_removed(0, 0);
    cr_expect(retain.held);
    kill(reader, SIGKILL);
    cr_assert_eq(waitpid(reader, NULL, 0), reader);
    expect_removed(2, 0);
    cr_expect_not(retain.held);
}

Test(retain, without_a_directory_there_is_nothing_to_hold)
{
    cr_expect_eq(hf_retain_hold("/nowhere"), -ENOENT);
}
