/* test_emit.c - every byte of a report, and the digest over it. */
#include "core/emit.h"

#include "script.h"

Test(emit, reports_are_these_bytes)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    uint64_t lsn = hf_core_lsn(fixture->core) + 1;
    run_script(fixture, "1 new 7 S 100 10\n2 new 8 B 100 4\n1 reduce 7 1\n1 replace 7 9 100 8\n"
                        "1 cancel 9\n1 cancel 9");
    const struct hf_report expected[] = {
        {.number = 1,
         .lsn = lsn,
         .type = HF_REPORT_ACCEPTED,
         .slots = 1,
         .side = HF_SELL,
         .instrument = 1,
         .client_order_id = 7,
         .time_ns = 1000,
         .price = 100,
         .quantity = 10,
         .command_seq = 1},
        {.number = 1,
         .lsn = lsn + 1,
         .type = HF_REPORT_ACCEPTED,
         .slots = 1,
         .side = HF_BUY,
         .instrument = 1,
         .client_order_id = 8,
         .time_ns = 1000,
         .price = 100,
         .quantity = 4,
         .command_seq = 1},
        {.number = 2,
         .lsn = lsn + 1,
         .type = HF_REPORT_FILL,
         .slots = 1,
         .side = HF_SELL,
         .flags = HF_REPORT_MAKER,
         .trade_index = 0,
         .client_order_id = 7,
         .time_ns = 1000,
         .price = 100,
         .quantity = 4,
         .leaves = 6},
        {.number = 2,
         .lsn = lsn + 1,
         .type = HF_REPORT_FILL,
         .slots = 1,
         .side = HF_BUY,
         .trade_index = 0,
         .client_order_id = 8,
         .time_ns = 1000,
         .price = 100,
         .quantity = 4,
         .leaves = 0},
        {.number = 3,
         .lsn = lsn + 2,
         .type = HF_REPORT_REDUCED,
         .slots = 1,
         .side = HF_SELL,
         .instrument = 1,
         .client_order_id = 7,
         .time_ns = 1000,
         .order_id = lsn,
         .quantity = 5,
         .command_seq = 2},
        {.number = 4,
         .lsn = lsn + 3,
         .type = HF_REPORT_REPLACED,
         .slots = 2,
         .side = HF_SELL,
         .instrument = 1,
         .client_order_id = 9,
         .time_ns = 1000,
         .price = 100,
         .quantity = 4,
         .command_seq = 3},
        {.number = 0},
        {.number = 6,
         .lsn = lsn + 4,
         .type = HF_REPORT_CANCELLED,
         .slots = 1,
         .side = HF_SELL,
         .reason = HF_REASON_REQUESTED,
         .client_order_id = 9,
         .time_ns = 1000,
         .order_id = lsn,
         .quantity = 4,
         .command_seq = 4},
        {.number = 7,
         .lsn = lsn + 5,
         .type = HF_REPORT_REJECTED,
         .slots = 1,
         .command_type = HF_COMMAND_CANCEL,
         .reason = HF_REASON_UNKNOWN_ORDER,
         .client_order_id = 9,
         .time_ns = 1000,
         .command_seq = 5},
    };
    const struct hf_report_more more = {.number = 5,
                                        .lsn = lsn + 3,
                                        .type = HF_REPORT_MORE,
                                        .order_id = lsn,
                                        .previous_client_order_id = 7,
                                        .total = 8,
                                        .executed = 4};
    cr_assert_eq(fixture->slots, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < fixture->slots; i++) {
        const void *want = i == 6 ? (const void *)&more : &expected[i];
        cr_expect_arr_eq(&fixture->reports[i], want, 64, "report %zu", i);
    }
    fixture_free(fixture);
}

Test(emit, reports_of_the_rarer_kinds_are_these_bytes)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "2 new 8 B 101 1\n2 new 9 S 101 1"); /* trade 11.0 */
    size_t first = fixture->slots;
    run_script(fixture, "0 grant one admin\n1 new 7 S 95 10 stop100\n1 list\n1 phase halted i2\n"
                        "1 bust 11.0 7.7 0.1 95x2\n2 new 8 B 100 1\n2 new 9 S 100 1");
    static const struct hf_report_more more = {.number = 3,
                                               .lsn = 15,
                                               .type = HF_REPORT_MORE,
                                               .order_id = 13,
                                               .total = 10,
                                               .stop_price = 100};
    static const struct hf_report expected[] = {
        {.number = 2,
         .lsn = 15,
         .type = HF_REPORT_ORDER,
         .slots = 2,
         .side = HF_SELL,
         .instrument = 1,
         .client_order_id = 7,
         .time_ns = 1000,
         .price = 95,
         .quantity = 10},
        {.number = 0},
        {.number = 4,
         .lsn = 15,
         .type = HF_REPORT_DONE,
         .slots = 1,
         .command_type = HF_COMMAND_OPEN_ORDERS,
         .time_ns = 1000,
         .quantity = 1,
         .command_seq = 3},
        {.number = 5,
         .lsn = 16,
         .type = HF_REPORT_DONE,
         .slots = 1,
         .command_type = HF_COMMAND_PHASE,
         .instrument = 2,
         .time_ns = 1000,
         .command_seq = 4},
        {.number = 6,
         .lsn = 17,
         .type = HF_REPORT_BUSTED,
         .slots = 1,
         .trade_index = 0,
         .client_order_id = 7,
         .time_ns = 1000,
         .price = 95,
         .quantity = 2,
         .trade_lsn = 11},
        {.number = 7,
         .lsn = 17,
         .type = HF_REPORT_DONE,
         .slots = 1,
         .command_type = HF_COMMAND_BUST,
         .time_ns = 1000,
         .command_seq = 5},
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const void *want = i == 1 ? (const void *)&more : &expected[i];
        cr_expect_arr_eq(&fixture->reports[first + i + 1], want, 64, "report %zu", i);
    }
    static const struct hf_report triggered = {.number = 8,
                                               .lsn = 20,
                                               .type = HF_REPORT_TRIGGERED,
                                               .slots = 1,
                                               .side = HF_SELL,
                                               .instrument = 1,
                                               .client_order_id = 7,
                                               .time_ns = 1000,
                                               .order_id = 13,
                                               .quantity = 10};
    cr_expect_arr_eq(&fixture->reports[fixture->slots - 1], &triggered, 64);
    fixture_free(fixture);
}
