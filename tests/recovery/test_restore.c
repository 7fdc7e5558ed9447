/*
 * test_restore.c - the newest snapshot that can be used.
 */
#include "recovery/trade_fixture.h"

#include "recovery/checkpoint.h"

static struct trade trade;
static struct hf_checkpoint checkpoint;
static struct hf_replay replay;
static struct hf_restore restore;
static uint64_t lsns[8];
static char refusals[2048];
static const char *unwanted;
static uint64_t wanted_below;

static void
on_refused(void *context, const char *text)
{
    size_t used = strlen(refusals);
    (void)context;
    snprintf(refusals + used, sizeof(refusals) - used, "%s\n", text);
}

static bool
wanted(void *context, const struct hf_snapshot *snapshot, const char **why)
{
    (void)context;
    *why = unwanted;
    return snapshot->header.lsn < wanted_below;
}

/** A log with two snapshots, and something behind them. */
static void
begin(void)
{
    trade_begin(&trade);
    checkpoint = (struct hf_checkpoint){
        .config = {.directory = trade.log.directory, .every_records = 500},
        .durable_lsn = &trade.log.words.durable_lsn,
    };
    for (int i = 0; i < 2; i++) {
        trade_orders(&trade, 1000);
        trade_flush(&trade);
        while (hf_checkpoint_do_work(&checkpoint, 1) > 0) {
        }
    }
    trade_orders(&trade, 100);
    trade_flush(&trade);
    cr_assert_eq(trade_snapshots(&trade, lsns), 2);
    replay = (struct hf_replay){.numa_node = -1, .background = true};
    restore = (struct hf_restore){.directory = trade.log.directory, .refused = on_refused};
    refusals[0] = '\0';
}

static void
end(void)
{
    hf_replay_free(&replay);
    hf_checkpoint_free(&checkpoint);
    trade_end(&trade);
}

TestSuite(restore, .init = begin, .fini = end);

/** @param lsn  0: none */
static void
expect_from(uint64_t lsn, const char *refusal)
{
    cr_expect_eq(hf_restore(&restore, &replay), HF_OK, "%s", replay.text);
    cr_expect_eq(restore.position.lsn, lsn);
    cr_expect_eq(restore.header.lsn, lsn);
    cr_expect_eq(replay.core != NULL, lsn != 0);
    cr_expect_eq(hf_restore_from(&restore) != NULL, lsn != 0);
    cr_expect_not_null(strstr(refusals, refusal), "'%s' is not in: %s", refusal, refusals);
    cr_expect(*refusal != '\0' || refusals[0] == '\0', "%s", refusals);
}

Test(restore, the_newest_one_is_taken)
{
    expect_from(lsns[1], "");
    cr_expect_eq(hf_core_lsn(replay.core), lsns[1]);
    hf_core_audit(replay.core);
}

Test(restore, one_that_is_damaged_is_named_and_the_older_one_taken)
{
    trade_spoil(&trade, 0);
    expect_from(lsns[0], "checksum of a block");
}

Test(restore, with_all_damaged_the_log_is_begun_with)
{
    trade_spoil(&trade, 0);
    trade_spoil(&trade, 1);
    expect_from(0, "checksum of a block");
}

Test(restore, those_beyond_a_bound_are_passed_over_silently)
{
    restore.lsn_max = lsns[1] - 1;
    expect_from(lsns[0], "");
}

Test(restore, the_oldest_one_is_taken_where_that_is_asked_for)
{
    restore.oldest = true;
    expect_from(lsns[0], "");
}

Test(restore, if_the_oldest_one_is_damaged_it_is_named_and_the_next_one_taken)
{
    restore.oldest = true;
    trade_spoil(&trade, 1);
    expect_from(lsns[1], "checksum of a block");
}

Test(restore, one_that_is_not_wanted_is_named)
{
    restore.wanted = wanted;
    unwanted = "of no use today";
    wanted_below = lsns[1];
    expect_from(lsns[0], "is passed over: of no use today");
}

Test(restore, one_whose_record_the_log_has_not_is_not_used)
{
    struct hf_log_position position = checkpoint.position;
    unsigned char byte = 0;
    cr_assert_eq(hf_restore(&restore, &replay), HF_OK);
    position = restore.position;
    hf_replay_free(&replay);
    fixture_read(&trade.log, position.segment, position.offset - 48, &byte, 1); /* its crc */
    byte ^= 1;
    fixture_write(&trade.log, position.segment, position.offset - 48, &byte, 1);
    expect_from(lsns[0], "does not stand in this log: ");
}

Test(restore, a_snapshot_of_another_instance_is_not_used)
{
    struct hf_log_position position = checkpoint.position;
    char text[HF_SNAPSHOT_TEXT_BYTES];
    position.instance_id++;
    const struct hf_snapshot_order order = {
        .directory = trade.log.directory, .core = checkpoint.replay.core, .position = &position};
    cr_assert_eq(position.lsn, lsns[1]);
    cr_assert_eq(hf_snapshot_write(&order, text), HF_OK, "%s", text);
    expect_from(lsns[0], "does not stand in this log: ");
}

Test(restore, a_directory_that_is_not_there_is_an_error)
{
    restore.directory = "/nowhere";
    cr_expect_eq(hf_restore(&restore, &replay), HF_E_SYSTEM);
    cr_expect_not_null(strstr(replay.text, "/nowhere"), "%s", replay.text);
}
