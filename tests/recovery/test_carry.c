/*
 * test_carry.c - snapshots that go along with a copied log (N1 to N3). What a copy with them is good for is in
 * test_rewrite_short.c.
 */
#include "recovery/short_fixture.h"

#include "recovery/carry.h"
#include "recovery/rewrite.h"

#define OTHER_INSTANCE 0x99u

static struct short_log log_;
static struct trade copy; /* its directory alone is used */
static struct hf_carry carry;

static void
begin(void)
{
    short_begin(&log_);
    fixture_begin(&copy.log, "/dev/shm");
    carry = (struct hf_carry){.from = log_.trade.log.directory, .to = copy.log.directory};
}

static void
end(void)
{
    fixture_end(&copy.log);
    short_end(&log_);
}

TestSuite(carry, .init = begin, .fini = end);

/** Those that are in the copy. */
static void
expect_carried(size_t count, const uint64_t *lsns)
{
    uint64_t there[8];
    cr_assert_eq(trade_snapshots(&copy, there), count);
    cr_expect_eq(carry.count, count);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(there[i], lsns[i]);
    }
}

static struct hf_log_position
carried_position(uint64_t lsn)
{
    struct hf_snapshot snapshot;
    struct hf_log_position position;
    cr_assert_eq(hf_snapshot_verify(carry.to, lsn, &snapshot), 0, "%s", snapshot.text);
    hf_snapshot_position(&snapshot.header, &position);
    return position;
}

Test(carry, all_that_can_be_used_are_carried_to_the_same_place)
{
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(2, log_.lsns);
    cr_expect_eq(carry.first_lsn, log_.lsns[0]);
    cr_expect_eq(carry.boot, 77);
    cr_expect_str_eq(carry.text, "");
    for (size_t back = 0; back < 2; back++) {
        const struct hf_log_position from = short_position(&log_, back);
        const struct hf_log_position to = carried_position(from.lsn);
        cr_expect(to.instance_id == from.instance_id && to.epoch == from.epoch);
        cr_expect(to.segment == from.segment && to.offset == from.offset);
        cr_expect(to.chain == from.chain && to.last_type == from.last_type);
    }
}

Test(carry, one_that_is_damaged_is_not_carried_and_named)
{
    trade_spoil(&log_.trade, 0);
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(1, &log_.lsns[0]);
    cr_expect_not_null(strstr(carry.text, "checksum of a block"), "%s", carry.text);
    cr_expect_eq(carry.first_lsn, log_.lsns[0]);
}

Test(carry, with_none_that_can_be_used_there_is_none_and_no_error)
{
    trade_spoil(&log_.trade, 0);
    trade_spoil(&log_.trade, 1);
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(0, NULL);
    cr_expect_eq(carry.first_lsn, 0);
}

Test(carry, none_is_of_a_record_behind_the_bound)
{
    carry.lsn_max = log_.lsns[1] - 1;
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(1, &log_.lsns[0]);
    carry.lsn_max = log_.lsns[1];
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(2, log_.lsns);
}

Test(carry, none_stands_before_the_copys_first_segment)
{
    const struct hf_log_position older = short_position(&log_, 1);
    const struct hf_log_position newer = short_position(&log_, 0);
    cr_assert_lt(older.segment, newer.segment);
    carry.first_segment = newer.segment + 1;
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(0, NULL);
    carry.first_segment = older.segment + 1;
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(1, &log_.lsns[1]);
    cr_expect_eq(carry.first_lsn, log_.lsns[1]);
}

/** Segments of a copy under another instance, without its snapshots. */
static void
copy_segments(void)
{
    struct hf_rewrite rewrite = {.from = carry.from, .to = carry.to, .instance_id = OTHER_INSTANCE};
    cr_assert_eq(hf_rewrite(&rewrite), 0, "%s", rewrite.text);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(hf_snapshot_remove(carry.to, log_.lsns[i]), 0);
    }
}

Test(carry, for_another_instance_the_checksum_is_the_one_in_the_copy)
{
    copy_segments();
    carry.instance_id = OTHER_INSTANCE;
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    expect_carried(2, log_.lsns);
    for (size_t back = 0; back < 2; back++) {
        const struct hf_log_position from = short_position(&log_, back);
        const struct hf_log_position to = carried_position(from.lsn);
        struct hf_record record;
        fixture_read(&copy.log, to.segment, to.offset - HF_SLOT_BYTES, &record, sizeof(record));
        cr_expect_eq(to.instance_id, OTHER_INSTANCE);
        cr_expect_eq(to.chain, record.crc);
        cr_expect_neq(to.chain, from.chain);
        cr_expect(to.segment == from.segment && to.offset == from.offset);
    }
}

Test(carry, for_another_instance_the_copys_segments_must_be_there)
{
    carry.instance_id = OTHER_INSTANCE;
    cr_expect_eq(hf_carry(&carry), HF_E_SYSTEM);
    cr_expect_not_null(strstr(carry.text, copy.log.directory), "%s", carry.text);
    expect_carried(0, NULL);
}

Test(carry, what_cannot_be_read_or_written_is_named)
{
    carry.to = "/nowhere";
    cr_expect_neq(hf_carry(&carry), 0);
    cr_expect_not_null(strstr(carry.text, "/nowhere"), "%s", carry.text);
    cr_expect_eq(carry.count, 0);
    carry.from = "/nothing";
    cr_expect_eq(hf_carry(&carry), HF_E_SYSTEM);
    cr_expect_not_null(strstr(carry.text, "/nothing"), "%s", carry.text);
}

Test(carry, a_cut_takes_those_behind_a_record_away)
{
    cr_assert_eq(hf_carry(&carry), 0, "%s", carry.text);
    cr_expect_eq(hf_carry_cut(&carry, log_.lsns[1]), 0, "%s", carry.text);
    expect_carried(2, log_.lsns);
    cr_expect_eq(hf_carry_cut(&carry, log_.lsns[1] - 1), 0, "%s", carry.text);
    expect_carried(1, &log_.lsns[0]);
    cr_expect_eq(hf_carry_cut(&carry, 0), 0, "%s", carry.text);
    expect_carried(0, NULL);
    carry.to = "/nowhere";
    cr_expect_eq(hf_carry_cut(&carry, 0), HF_E_SYSTEM);
    cr_expect_not_null(strstr(carry.text, "/nowhere"), "%s", carry.text);
}
