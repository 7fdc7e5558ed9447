/*
 * test_rewrite_short.c - copies of a log that is kept short take the snapshots along (R4; carry.h, N1 to N3).
 */
#include "recovery/short_fixture.h"

#include "recovery/carry.h"
#include "recovery/rewrite.h"

#define OTHER_INSTANCE 0x99u

static struct short_log log_;
static struct trade copy; /* its directory alone is used */
static struct hf_rewrite rewrite;

static void
begin(void)
{
    short_begin(&log_);
    fixture_begin(&copy.log, "/dev/shm");
    rewrite = (struct hf_rewrite){.from = log_.trade.log.directory, .to = copy.log.directory};
}

static void
clear_copy(void)
{
    uint64_t lsns[8];
    for (size_t i = trade_snapshots(&copy, lsns); i > 0; i--) {
        (void)hf_snapshot_remove(copy.log.directory, lsns[i - 1]);
    }
    uint64_t *numbers = NULL;
    size_t count = 0;
    cr_assert_eq(hf_segment_list(copy.log.directory, &numbers, &count), 0);
    for (size_t i = 0; i < count; i++) {
        (void)hf_segment_remove(copy.log.directory, numbers[i]);
    }
    free(numbers);
}

static void
end(void)
{
    clear_copy();
    fixture_end(&copy.log);
    short_end(&log_);
}

TestSuite(rewrite_short, .init = begin, .fini = end);

/** What a daemon would start with is the same. */
static void
expect_replays(uint64_t lsn_max)
{
    uint64_t last[2];
    uint64_t digest = short_digest(rewrite.from, 0, &last[0]);
    cr_expect_eq(short_digest(rewrite.to, lsn_max, &last[1]), digest);
    cr_expect_eq(last[1], last[0]);
}

Test(rewrite_short, all_snapshots_that_can_be_used_go_along)
{
    uint64_t lsns[8];
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(rewrite.snapshot_lsn, log_.lsns[0]);
    cr_expect_eq(rewrite.copied_lsn, trade_lsn(&log_.trade));
    cr_expect(rewrite.first_lsn > 1 && rewrite.first_lsn < log_.lsns[0]);
    cr_assert_eq(trade_snapshots(&copy, lsns), 2);
    expect_replays(0);
    expect_replays(log_.lsns[0]);
}

Test(rewrite_short, one_that_is_damaged_does_not)
{
    uint64_t lsns[8];
    trade_spoil(&log_.trade, 1);
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(rewrite.snapshot_lsn, log_.lsns[1]);
    cr_assert_eq(trade_snapshots(&copy, lsns), 1);
    expect_replays(0);
}

Test(rewrite_short, another_instances_copy_has_them_as_its_own)
{
    struct hf_snapshot snapshot;
    rewrite.instance_id = OTHER_INSTANCE;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    expect_replays(0);
    expect_replays(log_.lsns[0]);
    cr_assert_eq(hf_snapshot_verify(rewrite.to, log_.lsns[0], &snapshot), 0);
    cr_expect_eq(snapshot.header.instance_id, OTHER_INSTANCE);
}

Test(rewrite_short, none_is_behind_the_cut)
{
    uint64_t lsns[8];
    rewrite.last_lsn = log_.lsns[1] - 1;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_assert_eq(trade_snapshots(&copy, lsns), 1);
    cr_expect_eq(lsns[0], log_.lsns[0]);
    clear_copy();
    rewrite.instance_id = OTHER_INSTANCE;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_assert_eq(trade_snapshots(&copy, lsns), 1);
    cr_expect_eq(lsns[0], log_.lsns[0]);
}

static void
expect_nothing(int code, const char *text)
{
    uint64_t lsns[8];
    uint64_t *numbers = NULL;
    size_t count = 0;
    cr_expect_eq(hf_rewrite(&rewrite), code, "%s", rewrite.text);
    cr_expect_not_null(strstr(rewrite.text, text), "'%s' is not in: %s", text, rewrite.text);
    cr_expect_eq(trade_snapshots(&copy, lsns), 0);
    cr_assert_eq(hf_segment_list(copy.log.directory, &numbers, &count), 0);
    cr_expect_eq(count, 0);
    free(numbers);
}

Test(rewrite_short, without_a_snapshot_up_to_the_cut_nothing_is_copied)
{
    rewrite.last_lsn = log_.lsns[0] - 1;
    expect_nothing(HF_E_CORRUPT, "and there is no snapshot up to LSN");
    rewrite.instance_id = OTHER_INSTANCE;
    expect_nothing(HF_E_CORRUPT, "and there is no snapshot up to LSN");
    rewrite.instance_id = 0;
    rewrite.last_lsn = 0;
    trade_spoil(&log_.trade, 0);
    trade_spoil(&log_.trade, 1);
    expect_nothing(HF_E_CORRUPT, "to begin with: ");
}

Test(rewrite_short, a_snapshot_of_the_stop_that_is_left_out_is_left_out_too)
{
    uint64_t lsns[8];
    struct hf_scan_result scan;
    struct hf_log_position position = short_position(&log_, 0);
    char text[HF_SNAPSHOT_TEXT_BYTES];
    const struct hf_scan_watch watch = {.from = &position};
    cr_assert_eq(hf_scan_watched(rewrite.from, 0, &watch, &scan), 0, "%s", scan.text);
    struct hf_record stop = {
        .lsn = scan.end_lsn + 1, .time_ns = 9000000, .type = HF_RECORD_STOP, .slots = 1};
    cr_assert_eq(hf_scan_seal(rewrite.from, &stop, 1, &scan), 0, "%s", scan.text);
    cr_assert_eq(hf_replay_record(&log_.trade.replay, &stop, NULL, NULL, 0), 0);
    hf_scan_position(&scan, HF_RECORD_STOP, &position);
    const struct hf_snapshot_order order = {
        .directory = rewrite.from, .core = log_.trade.replay.core, .position = &position};
    cr_assert_eq(hf_snapshot_write(&order, text), 0, "%s", text);
    rewrite.without_stop = true;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(rewrite.copied_lsn, stop.lsn - 1);
    cr_assert_eq(trade_snapshots(&copy, lsns), 2);
    cr_expect_eq(lsns[1], log_.lsns[1]);
    uint64_t last;
    cr_expect_eq(short_digest(rewrite.to, 0, &last), hf_core_digest(log_.trade.replay.core));
    cr_expect_eq(last, stop.lsn - 1);
}

Test(rewrite_short, the_new_history_is_above_one_that_only_a_snapshot_knows)
{
    uint64_t last;
    struct hf_record epoch = {.type = HF_RECORD_EPOCH, .slots = 1};
    struct hf_log_position position = short_position(&log_, 0);
    char text[HF_SNAPSHOT_TEXT_BYTES];
    epoch.lsn = trade_lsn(&log_.trade) + 1;
    epoch.time_ns = 1000 + epoch.lsn;
    epoch.epoch.epoch = 7;
    epoch.epoch.history = 17;
    epoch.epoch.boot = 5;
    epoch.epoch.rules_version = HF_RULES_VERSION;
    cr_assert_eq(hf_replay_record(&log_.trade.replay, &epoch, NULL, NULL, 0), 0);
    position.lsn = epoch.lsn; /* behind the end of the log: what is damaged there was seen by it */
    const struct hf_snapshot_order order = {
        .directory = rewrite.from, .core = log_.trade.replay.core, .position = &position};
    cr_assert_eq(hf_snapshot_write(&order, text), 0, "%s", text);
    rewrite.new_history = true;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(rewrite.epoch, 8);
    cr_expect_eq(rewrite.history, 18);
    (void)short_digest(rewrite.to, 0, &last);
    cr_expect_eq(last, rewrite.end_lsn);
}

Test(rewrite_short, damage_at_the_beginning_is_left_out_only_where_that_is_asked_for)
{
    fixture_write(&log_.trade.log, log_.first, 20000, "spoilt", 6);
    expect_nothing(HF_E_CORRUPT, "offset");
    rewrite.skips_damage = true;
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(rewrite.snapshot_lsn, log_.lsns[0]);
    expect_replays(log_.lsns[0]);
    clear_copy();
    const struct hf_log_position oldest = short_position(&log_, 1);
    fixture_write(&log_.trade.log, oldest.segment, oldest.offset - 500, "spoilt", 6);
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    cr_expect_eq(rewrite.snapshot_lsn, log_.lsns[1], "the older one stands in what is left out");
    expect_replays(0);
}

Test(rewrite_short, a_log_that_is_shortened_meanwhile_can_be_copied_once_more)
{
    static const char *const gone = "00000000000000000000";
    char path[PATH_MAX];
    hf_segment_path(path, sizeof(path), rewrite.from, log_.first + 1);
    cr_assert_eq(unlink(path), 0); /* as one does that was listed and is not there any more */
    cr_assert_eq(symlink(gone, path), 0);
    expect_nothing(HF_E_SYSTEM, "cannot be read");
    cr_expect_not(rewrite.overtaken, "it begins where it began");
    hf_segment_path(path, sizeof(path), rewrite.from, log_.first);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink(gone, path), 0);
    expect_nothing(HF_E_SYSTEM, "No such file");
}

Test(rewrite_short, never_into_a_directory_with_a_snapshot)
{
    struct hf_carry carry = {.from = rewrite.from, .to = rewrite.to};
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    cr_expect_eq(carry.count, 2);
    cr_expect_eq(hf_rewrite(&rewrite), HF_E_FULL);
}

Test(rewrite_short, snapshots_that_cannot_be_written_are_named)
{
    struct hf_carry carry = {.from = rewrite.from, .to = "/nowhere"};
    cr_expect_neq(hf_carry(&carry), 0);
    cr_expect_not_null(strstr(carry.text, "/nowhere"), "%s", carry.text);
    cr_expect_neq(hf_carry_cut(&carry, 1), 0);
    carry.to = rewrite.to; /* without segments: there is nothing to read the checksum from */
    carry.instance_id = OTHER_INSTANCE;
    cr_expect_eq(hf_carry(&carry), HF_E_SYSTEM);
    cr_expect_not_null(strstr(carry.text, ".wal: "), "%s", carry.text);
    carry.from = "/nowhere";
    cr_expect_neq(hf_carry(&carry), 0);
}
