/* test_engine.c - the state machine as a library call. */
#include "holdfast/engine.h"
#include "holdfast/record.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct hf_engine_limits limits = {.sessions_max = 2,
                                               .instruments_max = 2,
                                               .orders_max = 100,
                                               .levels_max = 50,
                                               .session_orders_max = 100,
                                               .extras_max = 100,
                                               .accounts_max = 4,
                                               .entitlements_max = 4,
                                               .events_max = 64};

static const struct hf_instrument_info amzn = {.symbol = "AMZN",
                                               .tick = 100,
                                               .lot = 1,
                                               .price_min = 100,
                                               .price_max = 100000000,
                                               .quantity_max = 1000000};

static struct hf_engine *
engine_new(void)
{
    struct hf_engine *engine = NULL;
    uint32_t id = 0;
    cr_assert_eq(hf_engine_create(&engine, &limits), 0);
    cr_assert_eq(hf_engine_add_instrument(engine, &amzn, &id), 0);
    cr_assert_eq(id, 1);
    cr_assert_eq(hf_engine_open_session(engine, "one"), 1);
    cr_assert_eq(hf_engine_open_session(engine, "two"), 2);
    return engine;
}

static struct hf_command
limit_order(uint64_t id, uint8_t side, int64_t price, uint64_t quantity)
{
    return (struct hf_command){.type = HF_COMMAND_NEW,
                               .slots = 1,
                               .side = side,
                               .order_type = HF_LIMIT,
                               .time_in_force = HF_GTC,
                               .instrument = 1,
                               .client_order_id = id,
                               .price = price,
                               .quantity = quantity};
}

Test(engine, creates_within_limits_and_destroys_null)
{
    struct hf_engine *engine = NULL;
    struct hf_engine_limits bad = limits;
    bad.orders_max = 0;
    cr_expect_eq(hf_engine_create(&engine, &bad), HF_E_ARGUMENT);
    cr_expect_null(engine);
    hf_engine_destroy(NULL);
    struct hf_engine_limits usual = HF_ENGINE_LIMITS_DEFAULT;
    cr_assert_eq(hf_engine_create(&engine, &usual), 0);
    hf_engine_destroy(engine);
}

Test(engine, instruments_are_checked)
{
    struct hf_engine *engine = engine_new();
    struct hf_instrument_info info = amzn;
    uint32_t id = 0;
    cr_expect_eq(hf_engine_add_instrument(engine, &info, &id), HF_E_BUSY);
    info.tick = 0;
    cr_expect_eq(hf_engine_add_instrument(engine, &info, &id), HF_E_ARGUMENT);
    info.tick = 1;
    memcpy(info.symbol, "INTC", 5);
    cr_expect_eq(hf_engine_add_instrument(engine, &info, &id), 0);
    cr_expect_eq(id, 2);
    memcpy(info.symbol, "MSFT", 5);
    cr_expect_eq(hf_engine_add_instrument(engine, &info, &id), HF_E_FULL);
    memset(info.symbol, 'x', sizeof(info.symbol));
    cr_expect_eq(hf_engine_add_instrument(engine, &info, &id), HF_E_ARGUMENT);
    hf_engine_destroy(engine);
}

Test(engine, session_names_are_checked_and_slots_run_out)
{
    struct hf_engine *engine = NULL;
    cr_assert_eq(hf_engine_create(&engine, &limits), 0);
    cr_expect_eq(hf_engine_open_session(engine, ""), 0);
    cr_expect_eq(hf_engine_open_session(engine, "a b"), 0);
    cr_expect_eq(hf_engine_open_session(engine, "123456789012345678901234"), 0);
    cr_expect_eq(hf_engine_open_session(engine, "12345678901234567890123"), 1);
    cr_expect_eq(hf_engine_open_session(engine, "12345678901234567890123"), 0);
    cr_expect_eq(hf_engine_open_session(engine, "b"), 2);
    cr_expect_eq(hf_engine_open_session(engine, "c"), 0);
    hf_engine_destroy(engine);
}

struct seen {
    unsigned count;
    uint32_t last_session;
    struct hf_report last;
};

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct seen *seen = context;
    seen->count++;
    seen->last_session = session;
    seen->last = *report;
}

Test(engine, apply_reports_through_the_callback)
{
    struct hf_engine *engine = engine_new();
    struct seen seen = {0};
    struct hf_command command = limit_order(1, HF_SELL, 2000, 10);
    cr_expect_eq(hf_engine_apply(engine, 1, &command, 50, on_report, &seen), 0);
    cr_expect_eq(seen.count, 1);
    cr_expect_eq(seen.last.type, HF_REPORT_ACCEPTED);
    cr_expect_eq(seen.last.time_ns, 50);
    command = limit_order(1, HF_BUY, 2100, 4);
    cr_expect_eq(hf_engine_apply(engine, 2, &command, 40, on_report, &seen), 0);
    cr_expect_eq(seen.count, 4);
    cr_expect_eq(seen.last_session, 2);
    cr_expect_eq(seen.last.type, HF_REPORT_FILL);
    cr_expect_eq(seen.last.price, 2000);
    cr_expect_eq(seen.last.time_ns, 50, "time never runs backwards");
    cr_expect_eq(hf_engine_apply(engine, 0, &command, 60, on_report, &seen), HF_E_ARGUMENT);
    cr_expect_eq(hf_engine_apply(engine, 3, &command, 60, on_report, &seen), HF_E_ARGUMENT);
    cr_expect_eq(seen.count, 4);
    cr_expect_eq(hf_engine_apply(engine, 1, &command, 60, NULL, NULL), 0);
    struct hf_depth_level level;
    struct hf_book_order order;
    cr_assert_eq(hf_engine_depth(engine, 1, HF_SELL, &level, 1), 1);
    cr_expect_eq(level.quantity, 6);
    cr_assert_eq(hf_engine_orders(engine, 1, HF_SELL, &order, 1), 1);
    cr_expect_eq(order.session, 1);
    hf_engine_destroy(engine);
}

Test(engine, a_malformed_command_is_answered_and_counted)
{
    struct hf_engine *engine = engine_new();
    struct seen seen = {0};
    struct hf_command command = limit_order(9, 3, 2000, 10);
    cr_expect_eq(hf_engine_apply(engine, 1, &command, 1, on_report, &seen), 0);
    cr_expect_eq(seen.last.type, HF_REPORT_REJECTED);
    cr_expect_eq(seen.last.reason, HF_REASON_MALFORMED_FIELD);
    cr_expect_eq(seen.last.command_type, HF_COMMAND_NEW);
    cr_expect_eq(seen.last.client_order_id, 9);
    cr_expect_eq(seen.last.command_seq, 1);
    command = limit_order(9, HF_BUY, 2000, 10);
    command.seq = 4711; /* ignored */
    hf_engine_apply(engine, 1, &command, 1, on_report, &seen);
    cr_expect_eq(seen.last.command_seq, 2);
    hf_engine_destroy(engine);
}

Test(engine, apply_to_array_counts_beyond_its_capacity)
{
    struct hf_engine *engine = engine_new();
    struct hf_report reports[4];
    uint32_t sessions[4];
    struct hf_command command = limit_order(1, HF_SELL, 2000, 10);
    cr_expect_eq(hf_engine_apply_to_array(engine, 1, &command, 1, sessions, reports, 4), 1);
    command = limit_order(1, HF_SELL, 2100, 10);
    command.client_order_id = 2;
    cr_expect_eq(hf_engine_apply_to_array(engine, 1, &command, 1, NULL, reports, 0), 1);
    command.client_order_id = 4;
    command.price = 2200;
    cr_expect_eq(hf_engine_apply_to_array(engine, 1, &command, 1, NULL, reports, 4), 1);
    cr_expect_eq(reports[0].client_order_id, 4);
    command = limit_order(3, HF_BUY, 2100, 20);
    memset(&reports[3], 0xa5, sizeof(reports[3]));
    cr_expect_eq(hf_engine_apply_to_array(engine, 2, &command, 1, sessions, reports, 3), 5);
    cr_expect_eq(reports[0].type, HF_REPORT_ACCEPTED);
    cr_expect_eq(reports[2].type, HF_REPORT_FILL);
    cr_expect_eq(sessions[1], 1);
    cr_expect_eq(sessions[2], 2);
    cr_expect_eq(reports[3].type, 0xa5);
    cr_expect_eq(hf_engine_apply_to_array(engine, 9, &command, 1, sessions, reports, 3),
                 HF_E_ARGUMENT);
    hf_engine_destroy(engine);
}

Test(engine, a_replaced_report_takes_two_slots_of_the_array)
{
    struct hf_engine *engine = engine_new();
    struct hf_report reports[4];
    uint32_t sessions[4];
    struct hf_command command = limit_order(1, HF_SELL, 2000, 10);
    hf_engine_apply(engine, 1, &command, 1, NULL, NULL);
    command = (struct hf_command){.type = HF_COMMAND_REPLACE,
                                  .slots = 1,
                                  .target_client_order_id = 1,
                                  .client_order_id = 2,
                                  .price = 2100,
                                  .quantity = 5};
    cr_assert_eq(hf_engine_apply_to_array(engine, 1, &command, 1, sessions, reports, 4), 2);
    struct hf_report_more more;
    memcpy(&more, &reports[1], sizeof(more));
    cr_expect_eq(reports[0].slots, 2);
    cr_expect_eq(more.type, HF_REPORT_MORE);
    cr_expect_eq(more.number, reports[0].number + 1);
    cr_expect_eq(more.previous_client_order_id, 1);
    cr_expect_eq(more.total, 5);
    cr_expect_eq(sessions[1], 1);
    hf_engine_destroy(engine);
}

Test(engine, two_engines_are_independent_and_equal)
{
    struct hf_engine *one = engine_new();
    struct hf_engine *two = engine_new();
    for (uint64_t id = 1; id <= 50; id++) {
        struct hf_command command =
            limit_order(id, id % 3 ? HF_BUY : HF_SELL, 2000 + 100 * (int64_t)(id % 7), id);
        hf_engine_apply(one, 1 + id % 2, &command, id, NULL, NULL);
        hf_engine_apply(two, 1 + id % 2, &command, id, NULL, NULL);
        cr_expect_eq(hf_engine_digest(one), hf_engine_digest(two));
    }
    struct hf_command command = limit_order(99, HF_BUY, 2000, 1);
    hf_engine_apply(one, 1, &command, 99, NULL, NULL);
    cr_expect_neq(hf_engine_digest(one), hf_engine_digest(two));
    hf_engine_destroy(one);
    hf_engine_destroy(two);
}

/** A command and its second slot, as they lie in memory. */
struct pair {
    struct hf_command command;
    struct hf_command_more more;
};

static struct pair
iceberg(uint64_t id, uint64_t display)
{
    struct pair pair = {.command = limit_order(id, HF_SELL, 2000, 10),
                        .more = {.type = HF_COMMAND_MORE, .slots = 1, .display = display}};
    pair.command.slots = 2;
    return pair;
}

Test(engine, commands_of_two_slots_take_two_sequence_numbers)
{
    struct hf_engine *engine = engine_new();
    struct seen seen = {0};
    struct pair pair = iceberg(1, 3);
    struct hf_book_order order;
    cr_expect_eq(hf_engine_apply(engine, 1, &pair.command, 1, on_report, &seen), 0);
    cr_expect_eq(seen.last.type, HF_REPORT_ACCEPTED);
    cr_expect_eq(seen.last.command_seq, 1);
    cr_assert_eq(hf_engine_orders(engine, 1, HF_SELL, &order, 1), 1);
    cr_expect_eq(order.quantity, 10);
    cr_expect_eq(order.shown, 3);
    pair.more.reserved2[0] = 1;
    cr_expect_eq(hf_engine_apply(engine, 1, &pair.command, 1, on_report, &seen), 0);
    cr_expect_eq(seen.last.reason, HF_REASON_MALFORMED_RESERVED);
    cr_expect_eq(seen.last.command_seq, 3);
    struct hf_command command = limit_order(2, HF_SELL, 2000, 10);
    cr_expect_eq(hf_engine_apply(engine, 1, &command, 1, on_report, &seen), 0);
    cr_expect_eq(seen.last.command_seq, 5);
    command.slots = 3;
    cr_expect_eq(hf_engine_apply(engine, 1, &command, 1, on_report, &seen), 0);
    cr_expect_eq(seen.last.reason, HF_REASON_MALFORMED_SLOTS);
    cr_expect_eq(seen.last.command_seq, 6);
    command = limit_order(3, HF_SELL, 2000, 10);
    cr_expect_eq(hf_engine_apply(engine, 1, &command, 1, on_report, &seen), 0);
    cr_expect_eq(seen.last.command_seq, 7, "what claims three slots is one");
    hf_engine_destroy(engine);
}

static void
on_market(void *context, const struct hf_market_event *event)
{
    struct hf_market_event *last = context;
    *last = *event;
}

Test(engine, market_data_goes_to_whoever_listens)
{
    struct hf_engine *engine = engine_new();
    struct hf_market_event last = {0};
    struct hf_command command = limit_order(1, HF_SELL, 2000, 10);
    hf_engine_apply(engine, 1, &command, 1, NULL, NULL);
    hf_engine_listen(engine, on_market, &last);
    command = limit_order(2, HF_SELL, 2100, 4);
    hf_engine_apply(engine, 1, &command, 1, NULL, NULL);
    cr_expect_eq(last.number, 3, "the instrument, and the order that nobody heard of");
    cr_expect_eq(last.type, HF_MARKET_ADD);
    cr_expect_eq(last.price, 2100);
    hf_engine_listen(engine, NULL, NULL);
    command = limit_order(3, HF_SELL, 2200, 4);
    hf_engine_apply(engine, 1, &command, 1, NULL, NULL);
    cr_expect_eq(last.number, 3);
    hf_engine_destroy(engine);
}

/* The last number that was heard; each must follow the one before. */
static void
on_numbered(void *context, const struct hf_market_event *event)
{
    uint64_t *number = context;
    cr_expect_eq(event->number, *number + 1, "a gap behind event %lu", (unsigned long)*number);
    *number = event->number;
}

Test(engine, market_data_has_no_gaps_whatever_call_makes_it)
{
    struct hf_engine *engine = NULL;
    uint64_t number = 0;
    uint32_t id = 0;
    cr_assert_eq(hf_engine_create(&engine, &limits), 0);
    hf_engine_listen(engine, on_numbered, &number);
    cr_assert_eq(hf_engine_add_instrument(engine, &amzn, &id), 0);
    cr_expect_eq(number, 1, "an instrument is announced");
    cr_assert_eq(hf_engine_open_session(engine, "one"), 1);
    struct hf_command command = limit_order(1, HF_SELL, 2000, 10);
    hf_engine_apply(engine, 1, &command, 1, NULL, NULL);
    cr_expect_eq(number, 2);
    struct hf_instrument_info other = amzn;
    memcpy(other.symbol, "OTHER", sizeof("OTHER"));
    cr_assert_eq(hf_engine_add_instrument(engine, &other, &id), 0);
    command = limit_order(2, HF_SELL, 2100, 4);
    hf_engine_apply(engine, 1, &command, 1, NULL, NULL);
    cr_expect_eq(number, 4, "the second instrument too, between two orders");
    hf_engine_destroy(engine);
}

Test(engine, the_operator_administrates_without_reports_of_its_own)
{
    struct hf_engine *engine = engine_new();
    struct seen seen = {0};
    struct hf_instrument_info info;
    struct hf_command command = limit_order(1, HF_SELL, 2000, 10);
    hf_engine_apply(engine, 1, &command, 10, NULL, NULL);
    struct hf_command phase = {
        .type = HF_COMMAND_PHASE, .slots = 1, .order_type = HF_PHASE_HALTED, .instrument = 1};
    cr_expect_eq(hf_engine_admin(engine, &phase, 20, on_report, &seen), 0);
    cr_expect_eq(seen.count, 0);
    cr_assert(hf_engine_instrument(engine, 1, &info));
    cr_expect_eq(info.phase, HF_PHASE_HALTED);
    cr_expect_not(hf_engine_instrument(engine, 2, &info));
    struct hf_command remove = {.type = HF_COMMAND_INSTRUMENT_REMOVE, .slots = 1, .instrument = 1};
    cr_expect_eq(hf_engine_admin(engine, &remove, 15, on_report, &seen), 0);
    cr_expect_eq(seen.count, 1);
    cr_expect_eq(seen.last.reason, HF_REASON_REMOVED);
    cr_expect_eq(seen.last.time_ns, 20, "time never runs backwards");
    phase.order_type = 77;
    cr_expect_eq(hf_engine_admin(engine, &phase, 30, NULL, NULL), HF_E_ARGUMENT);
    cr_expect_eq(hf_engine_admin(engine, &command, 30, NULL, NULL), HF_E_ARGUMENT);
    phase.type = HF_COMMAND_REFERENCE + 1;
    cr_expect_eq(hf_engine_admin(engine, &phase, 30, NULL, NULL), HF_E_ARGUMENT);
    hf_engine_destroy(engine);
}

Test(engine, instruments_may_be_added_by_command_too)
{
    struct hf_engine *engine = engine_new();
    struct hf_record add = {.type = HF_COMMAND_INSTRUMENT_ADD,
                            .slots = 2,
                            .instrument_add = {.symbol = "INTC", .tick = 1}};
    struct hf_record more = {.type = HF_RECORD_MORE,
                             .slots = 1,
                             .instrument_more = {.lot = 1, .price_max = 9, .quantity_max = 9}};
    struct hf_command slots[2];
    struct hf_instrument_info info;
    memcpy(&slots[0], &add, sizeof(add));
    memcpy(&slots[1], &more, sizeof(more));
    cr_expect_eq(hf_engine_admin(engine, slots, 1, NULL, NULL), 0);
    cr_assert(hf_engine_instrument(engine, 2, &info));
    cr_expect_str_eq(info.symbol, "INTC");
    hf_engine_destroy(engine);
}

Test(engine, a_tick_lets_orders_expire)
{
    struct hf_engine *engine = engine_new();
    struct seen seen = {0};
    struct pair pair = iceberg(1, 3);
    pair.command.time_in_force = HF_GTD;
    pair.more.expire_ns = 500;
    hf_engine_apply(engine, 1, &pair.command, 100, NULL, NULL);
    hf_engine_tick(engine, 499, on_report, &seen);
    cr_expect_eq(seen.count, 0);
    hf_engine_tick(engine, 500, on_report, &seen);
    cr_expect_eq(seen.count, 1);
    cr_expect_eq(seen.last.reason, HF_REASON_EXPIRED);
    cr_expect_eq(seen.last.quantity, 10);
    hf_engine_tick(engine, 300, NULL, NULL);
    struct hf_command command = limit_order(2, HF_SELL, 2000, 10);
    hf_engine_apply(engine, 1, &command, 100, on_report, &seen);
    cr_expect_eq(seen.last.time_ns, 500, "time never runs backwards");
    hf_engine_destroy(engine);
}
