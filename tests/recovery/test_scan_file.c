/*
 * test_scan_file.c - what a file in the sequence of segments is, asked of its header alone (D1 to D5, D8). Whole
 * logs with such files are in test_scan.c.
 */
#include "recovery/scan_internal.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <string.h>

#define INSTANCE 77u
#define SEGMENT_BYTES 65536u
#define CHAIN 0xabcdu

static struct hf_scan_result result;
static struct hf_scan_watch watch;
static struct hf_scan_work scan;
static struct hf_segment_header header;

/** Segments up to 4 were followed, up to LSN 100; the file that is open is the next one, and continues them. */
static void
begin(void)
{
    result = (struct hf_scan_result){.segments = 4,
                                     .instance_id = INSTANCE,
                                     .epoch = 2,
                                     .end_lsn = 100,
                                     .end_segment = 4,
                                     .end_chain = CHAIN,
                                     .segment_bytes = SEGMENT_BYTES};
    watch = (struct hf_scan_watch){0};
    scan = (struct hf_scan_work){
        .directory = "/log", .watch = &watch, .result = &result, .stop_what = "zeros"};
    scan.reader.number = 5;
    scan.reader.len_bytes = SEGMENT_BYTES;
    scan.filled = true;
    header = (struct hf_segment_header){.magic = HF_SEGMENT_MAGIC,
                                        .instance_id = INSTANCE,
                                        .number = 5,
                                        .epoch = 2,
                                        .base_lsn = 101,
                                        .segment_bytes = SEGMENT_BYTES,
                                        .chain = CHAIN};
}

TestSuite(scan_file, .init = begin);

static void
expect_damage(int returned, const char *words)
{
    cr_expect_eq(returned, HF_E_CORRUPT, "%s", words);
    cr_expect_eq(result.code, HF_E_CORRUPT);
    cr_expect_not_null(strstr(result.text, words), "'%s' is not in: %s", words, result.text);
}

Test(scan_file, the_header_must_be_of_this_instance_this_name_and_this_length)
{
    cr_expect_eq(hf_scan_header_identify(&scan, &header), 0);
    header.number = 6;
    expect_damage(hf_scan_header_identify(&scan, &header), "another segment number");
    begin();
    header.instance_id++;
    expect_damage(hf_scan_header_identify(&scan, &header), "belongs to another instance");
    begin();
    scan.reader.len_bytes += 64;
    expect_damage(hf_scan_header_identify(&scan, &header), "not as long as its header says");
    begin();
    scan.reader.len_bytes -= 64;
    expect_damage(hf_scan_header_identify(&scan, &header), "not as long as its header says");
}

Test(scan_file, the_first_header_says_which_instance_it_is)
{
    result.segments = 0;
    header.instance_id = INSTANCE + 1;
    cr_expect_eq(hf_scan_header_identify(&scan, &header), 0);
}

Test(scan_file, only_what_begins_where_the_records_end_is_exact)
{
    cr_expect(hf_scan_header_exact(&scan, &header));
    header.base_lsn++;
    cr_expect_not(hf_scan_header_exact(&scan, &header), "an LSN later");
    begin();
    header.chain ^= 1;
    cr_expect_not(hf_scan_header_exact(&scan, &header), "another record before it");
    begin();
    header.number = 6;
    cr_expect_not(hf_scan_header_exact(&scan, &header), "a segment is left out");
    begin();
    scan.broken = true;
    cr_expect_not(hf_scan_header_exact(&scan, &header), "there was a break before");
}

Test(scan_file, behind_a_filled_segment_of_the_epoch_the_next_one_must_continue)
{
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 1);
    header.chain ^= 1;
    expect_damage(hf_scan_header_continues(&scan, &header), "does not continue the one before");
}

Test(scan_file, behind_one_that_is_not_filled_a_segment_of_the_epoch_is_torn)
{
    scan.filled = false;
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 0);
    header.base_lsn += 50;
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 0);
    begin();
    scan.broken = true;
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 0);
    begin();
    header.number = scan.reader.number = 6;
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 0, "not the next one");
    cr_expect_eq(result.code, 0);
}

Test(scan_file, an_earlier_epoch_is_a_stale_file)
{
    header.epoch = 1;
    expect_damage(hf_scan_header_continues(&scan, &header), "a stale segment");
}

Test(scan_file, a_later_epoch_must_begin_exactly_where_the_records_end)
{
    header.epoch = 3;
    scan.filled = false;
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 1);
    header.base_lsn = 100;
    expect_damage(hf_scan_header_continues(&scan, &header), "not where the records before it end");
    begin();
    header.epoch = 3;
    header.base_lsn = 102;
    expect_damage(hf_scan_header_continues(&scan, &header), "begins a new epoch at LSN 102");
    begin();
    header.epoch = 3;
    scan.broken = true;
    expect_damage(hf_scan_header_continues(&scan, &header), "begins a new epoch at LSN 101");
}

Test(scan_file, the_first_segment_begins_with_lsn_1)
{
    result = (struct hf_scan_result){0};
    scan.reader.number = header.number = 1;
    header.base_lsn = 1;
    header.chain = 0;
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 1);
    header.base_lsn = 2;
    expect_damage(hf_scan_header_continues(&scan, &header), "does not begin with LSN 1");
}

Test(scan_file, a_position_before_the_first_record_of_a_segment_is_held_against_its_header)
{
    static struct hf_log_position from;
    from = (struct hf_log_position){.instance_id = INSTANCE,
                                    .epoch = 2,
                                    .lsn = 100,
                                    .segment = 5,
                                    .offset = HF_SEGMENT_HEADER_BYTES,
                                    .segment_bytes = SEGMENT_BYTES,
                                    .chain = CHAIN};
    result = (struct hf_scan_result){.end_segment = 4};
    watch.from = &from;
    cr_expect_eq(hf_scan_header_continues(&scan, &header), 1);
    cr_expect(result.end_lsn == 100 && result.end_chain == CHAIN);
    from.chain ^= 1;
    expect_damage(hf_scan_header_continues(&scan, &header), "not the record behind which");
    from.chain ^= 1;
    header.base_lsn++;
    expect_damage(hf_scan_header_continues(&scan, &header), "not the record behind which");
    header.base_lsn--;
    header.epoch++;
    expect_damage(hf_scan_header_continues(&scan, &header), "not the segment in which");
    header.epoch--;
    from.instance_id++;
    expect_damage(hf_scan_header_continues(&scan, &header), "not the segment in which");
    from.instance_id--;
    from.segment_bytes *= 2;
    expect_damage(hf_scan_header_continues(&scan, &header), "not the segment in which");
}

Test(scan_file, an_lsn_is_possible_up_to_the_slots_that_there_are)
{
    uint64_t slots = hf_segment_slots(SEGMENT_BYTES);
    cr_expect_not(hf_scan_lsn_is_possible(&scan, 0));
    cr_expect_not(hf_scan_lsn_is_possible(&scan, 99));
    cr_expect(hf_scan_lsn_is_possible(&scan, 100), "a group has the LSN of the record before");
    cr_expect(hf_scan_lsn_is_possible(&scan, 100 + 2 * slots), "segments 4 and 5");
    cr_expect_not(hf_scan_lsn_is_possible(&scan, 101 + 2 * slots));
    cr_expect_not(hf_scan_lsn_is_possible(&scan, UINT64_MAX));
}

/** Many slots in use, and nothing of this log in them or in the header. */
static void
make_foreign(void)
{
    header = (struct hf_segment_header){
        .magic = 1, .instance_id = 2, .number = 3, .epoch = 99, .segment_bytes = 4};
    scan.used_slots = 64;
    scan.traces = 0;
}

Test(scan_file, many_slots_without_any_trace_of_this_log_are_somebody_elses)
{
    make_foreign();
    cr_expect(hf_scan_is_foreign(&scan, &header));
    scan.used_slots = 63;
    cr_expect_not(hf_scan_is_foreign(&scan, &header), "so few may be what a crash left");
    make_foreign();
    scan.traces = 1;
    cr_expect_not(hf_scan_is_foreign(&scan, &header), "an LSN that could be there");
}

Test(scan_file, any_field_of_a_header_that_is_right_is_a_trace)
{
    make_foreign();
    header.magic = HF_SEGMENT_MAGIC;
    cr_expect_not(hf_scan_is_foreign(&scan, &header));
    make_foreign();
    header.instance_id = INSTANCE;
    cr_expect_not(hf_scan_is_foreign(&scan, &header));
    make_foreign();
    header.number = 5;
    cr_expect_not(hf_scan_is_foreign(&scan, &header));
    make_foreign();
    header.epoch = 2;
    cr_expect_not(hf_scan_is_foreign(&scan, &header));
    make_foreign();
    header.segment_bytes = SEGMENT_BYTES;
    cr_expect_not(hf_scan_is_foreign(&scan, &header));
}
