/*
 * test_scan_epoch.c - records and epochs in their order.
 */
#include "recovery/scan_log.h"

TestSuite(scan_epoch, .init = scan_log_begin, .fini = scan_log_end);

static void
log_forge(const uint8_t *types, size_t count)
{
    struct hf_pack pack = {.instance_id = FIXTURE_INSTANCE_ID, .epoch = 1};
    uint64_t lsn = 1;
    log_make(0, 1);
    hf_pack_begin(&pack, 1, FIXTURE_SEGMENT_SLOTS);
    for (size_t i = 0; i < count; i++) {
        struct hf_record slot;
        uint64_t offset = HF_SEGMENT_HEADER_BYTES + pack.slot * 64;
        if (types[i] == HF_RECORD_GROUP) {
            hf_pack_group(&pack, 0, &slot);
        } else {
            struct hf_record record = record_make(lsn++, types[i]);
            hf_pack_record(&pack, &record, &slot);
        }
        fixture_write(&fixture, 1, offset, &slot, sizeof(slot));
    }
}

Test(scan_epoch, authentic_records_in_the_wrong_place_are_damage)
{
    static const struct {
        const char *what;
        uint8_t types[4];
        int code;
    } cases[] = {
        {"a second slot without a first", {HF_COMMAND_NEW, HF_RECORD_MORE, HF_RECORD_GROUP}, -1},
        {"a first slot without a second", {HF_COMMAND_INSTRUMENT_ADD, HF_COMMAND_NEW}, -1},
        {"a group in between", {HF_COMMAND_INSTRUMENT_ADD, HF_RECORD_GROUP, HF_RECORD_MORE}, -1},
        {"two first slots",
         {HF_COMMAND_INSTRUMENT_ADD, HF_COMMAND_INSTRUMENT_ADD, HF_RECORD_MORE},
         -1},
        {"all right",
         {HF_COMMAND_INSTRUMENT_ADD, HF_RECORD_MORE, HF_RECORD_GROUP, HF_COMMAND_NEW},
         0},
    };
    scan_log_end();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t count = 0;
        while (count < 4 && cases[i].types[count] != 0) {
            count++;
        }
        scan_log_begin();
        log_forge(cases[i].types, count);
        cr_expect_eq(hf_scan(fixture.directory, 0, NULL, NULL, &result),
                     cases[i].code == 0 ? 0 : HF_E_CORRUPT, "%s", cases[i].what);
        if (i + 1 < sizeof(cases) / sizeof(cases[0])) {
            scan_log_end();
        }
    }
}

Test(scan_epoch, epochs_follow_each_other_with_zeros_between)
{
    log_make(100, 10);
    for (unsigned epoch = 2; epoch <= 4; epoch++) {
        cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
        fixture_next_epoch(&fixture, &result);
        if (epoch != 3) { /* one epoch ends without a record */
            fixture_fill(&fixture, 50, 10);
        }
        fixture_close(&fixture);
    }
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), 0);
    cr_expect_eq(result.epoch, 4);
    cr_expect_eq(result.segments, 4);
    cr_expect_geq(result.end_lsn, 200);
    cr_expect_geq(result.floor_lsn, 100, "the header of an epoch witnesses all before it");
}

Test(scan_epoch, bytes_behind_the_end_of_an_epoch_are_damage)
{
    log_make(100, 10);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    fixture_next_epoch(&fixture, &result);
    fixture_close(&fixture);
    fixture_write(&fixture, 1, 60000, "x", 1);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
    expect_text("epoch");
}

Test(scan_epoch, a_tail_lost_before_a_new_epoch_is_damage)
{
    log_make(100, 10);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    fixture_next_epoch(&fixture, &result);
    fixture_close(&fixture);
    fixture_zero(&fixture, 1, result.end_offset - 64 * 3, 64 * 3);
    cr_expect_eq(fixture_scan(&fixture, 0, true, &result), HF_E_CORRUPT);
}

Test(scan_epoch, a_log_whose_tail_vanished_below_the_floor_is_damage)
{
    uint64_t last = log_make(100, 10);
    cr_assert_eq(fixture_scan(&fixture, 0, true, &result), 0);
    fixture_zero(&fixture, 1, result.end_offset - 64 * 11, 64 * 11);
    cr_expect_eq(fixture_scan(&fixture, last, true, &result), HF_E_CORRUPT);
    expect_text("zeros where a record is expected");
    cr_expect_eq(fixture_scan(&fixture, last - 20, true, &result), 0);
    cr_expect_eq(result.torn_bytes, 0);
}
