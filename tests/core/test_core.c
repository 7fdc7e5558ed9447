/* test_core.c - the block, its limits, and records that must panic. */
#include "script.h"

#include <signal.h>

Test(core, limits_have_ranges)
{
    static const struct {
        size_t offset;
        uint32_t least;
        uint32_t most;
    } cases[] = {
        {offsetof(struct hf_engine_limits, sessions_max), 1, 65535},
        {offsetof(struct hf_engine_limits, instruments_max), 1, 1000000},
        {offsetof(struct hf_engine_limits, levels_max), 1, 1u << 28},
        {offsetof(struct hf_engine_limits, session_orders_max), 1, 64},
        {offsetof(struct hf_engine_limits, extras_max), 1, 64},
        {offsetof(struct hf_engine_limits, accounts_max), 1, 1u << 20},
        {offsetof(struct hf_engine_limits, entitlements_max), 1, 1u << 20},
        {offsetof(struct hf_engine_limits, events_max), 64, 1u << 24},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint32_t values[] = {0, cases[i].least, cases[i].most, cases[i].most + 1};
        for (size_t j = 0; j < 4; j++) {
            struct hf_engine_limits limits = fixture_limits;
            memcpy((char *)&limits + cases[i].offset, &values[j], sizeof(values[j]));
            bool valid = j == 1 || j == 2;
            cr_expect_eq(hf_core_footprint(&limits) != 0, valid, "case %zu value %u", i, values[j]);
        }
    }
    struct hf_engine_limits limits = fixture_limits;
    limits.orders_max = 1u << 30;
    cr_expect_neq(hf_core_footprint(&limits), 0);
    limits.orders_max++;
    cr_expect_eq(hf_core_footprint(&limits), 0);
    limits.orders_max = 0;
    limits.session_orders_max = 0;
    cr_expect_eq(hf_core_footprint(&limits), 0);
    limits = fixture_limits;
    limits.events_max = 96;
    cr_expect_eq(hf_core_footprint(&limits), 0, "no power of two");
}

Test(core, an_order_costs_at_most_112_bytes_with_its_ids)
{
    struct hf_engine_limits few = fixture_limits;
    struct hf_engine_limits many = fixture_limits;
    few.orders_max = 100000;
    many.orders_max = 1100000;
    size_t bytes = hf_core_image_bytes(&many) - hf_core_image_bytes(&few);
    cr_expect_leq(bytes, (size_t)112 * 1000000, "%zu", bytes);
}

Test(core, state_is_position_independent)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 S 100 10\n1 new 2 S 101 10\n1 cancel 2\n2 new 3 B 99 4\n"
                        "0 account 9 notional1000\n0 grant one account 7\n1 new 8 B 50 20 show5\n"
                        "1 new 9 B market 1 stop100\n2 new 7 B 40 1 gtd5000");
    size_t bytes = hf_core_footprint(&fixture_limits);
    struct hf_core *moved = aligned_alloc(64, bytes);
    memcpy(moved, fixture->core, bytes);
    memset(fixture->core, 0xa5, bytes);
    free(fixture->core);
    fixture->core = moved;
    hf_core_audit(moved);
    cr_expect_str_eq(run_script(fixture, "2 replace 3 4 100 7\nbook"),
                     "2 replaced 3>4 100x7 total 7 done 0\n1 maker 1 100x7 left 3\n"
                     "2 taker 4 100x7 left 0\n1 triggered 9 1\n1 maker 1 100x1 left 2\n"
                     "1 taker 9 100x1 left 0\nbook 8@50x5/20 7@40x1 | 1@100x2\n");
    cr_expect_eq(hf_core_next_expiry(moved), 5000);
    fixture_free(fixture);
}

Test(core, epoch_history_and_boot_come_from_the_record)
{
    struct fixture *fixture = fixture_bare(&fixture_limits);
    cr_expect_eq(hf_core_lsn(fixture->core), 2);
    cr_expect_eq(hf_core_epoch(fixture->core), 0);
    struct hf_record epoch = {.type = HF_RECORD_EPOCH};
    epoch.epoch.epoch = 4;
    epoch.epoch.history = 2;
    epoch.epoch.boot = 99;
    epoch.epoch.rules_version = HF_RULES_VERSION;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_eq(hf_core_lsn(fixture->core), 3);
    cr_expect_eq(hf_core_time(fixture->core), 1000);
    cr_expect_eq(hf_core_epoch(fixture->core), 4);
    cr_expect_eq(hf_core_history(fixture->core), 2);
    cr_expect_eq(hf_core_boot(fixture->core), 99);
    cr_expect_eq(hf_core_limits(fixture->core)->orders_max, fixture_limits.orders_max);
    fixture_free(fixture);
}

Test(core, an_epoch_behind_a_loss_halts_what_is_open_or_about_to_open)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record epoch = {.type = HF_RECORD_EPOCH};
    epoch.epoch.epoch = 1;
    epoch.epoch.history = 1;
    epoch.epoch.rules_version = HF_RULES_VERSION;
    run_script(fixture, "events\n0 add C 1 1 1 9 9 closed\n0 add D 1 1 1 9 9\n0 remove i4\n"
                        "1 new 1 B 50 5\n1 new 2 B market 1 stop60\n0 phase pre i2");
    size_t before = fixture->event_count;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_eq(fixture->event_count, before, "without the flag all stays as it is");
    epoch.flags = HF_EPOCH_HALTS;
    epoch.epoch.epoch = 2;
    epoch.epoch.history = 2;
    fixture_apply(fixture, epoch, NULL);
    cr_assert_eq(fixture->event_count, before + 2);
    for (uint32_t id = 1; id <= 2; id++) {
        const struct hf_market_event *event = &fixture->events[before + id - 1];
        cr_expect(event->type == HF_MARKET_PHASE && event->phase == HF_PHASE_HALTED &&
                  event->instrument == id);
    }
    cr_expect_str_eq(run_script(fixture, "1 new 3 B 50 5\n1 new 3 B 9 9 i3\n1 list\n1 cancel 2\n"
                                         "0 phase open\n1 new 3 S 50 5"),
                     "1 rejected 3 PHASE\n1 rejected 3 PHASE\n"
                     "1 order 1 B 50x5 total 5 done 0\n1 order 2 B 0x1 total 1 done 0 stop 60\n"
                     "1 done list 2\n1 cancelled 2 1 REQUESTED\n* phase i1 open\n"
                     "1 accepted 3 S 50x5\n* execute B 1@50x5\n1 maker 1 50x5 left 0\n"
                     "1 taker 3 50x5 left 0\n",
                     "cancels only, until it is released");
    fixture_free(fixture);
}

Test(core, digest_depends_on_every_report)
{
    struct fixture *one = fixture_new(&fixture_limits);
    struct fixture *two = fixture_new(&fixture_limits);
    uint64_t start = hf_core_digest(one->core);
    run_script(one, "1 new 1 B 100 10");
    run_script(two, "1 new 1 B 100 11");
    cr_expect_neq(hf_core_digest(one->core), start);
    cr_expect_neq(hf_core_digest(one->core), hf_core_digest(two->core));
    fixture_free(one);
    fixture_free(two);
}

Test(core, a_sink_is_not_needed)
{
    struct fixture *with = fixture_new(&fixture_limits);
    struct fixture *without = fixture_new(&fixture_limits);
    static const char *const lines[] = {"1 new 1 B 100 10", "2 new 2 S 90 20", "1 new 3 B 70 5",
                                        "1 replace 3 4 71 5"};
    for (size_t i = 0; i < 4; i++) {
        struct hf_record record = line_record(with, lines[i]);
        record.lsn = hf_core_lsn(without->core) + 1;
        record.time_ns = 1000;
        record.slots = 1;
        hf_core_apply(without->core, &record, NULL, NULL);
        run_script(with, lines[i]);
    }
    cr_expect_eq(hf_core_digest(with->core), hf_core_digest(without->core));
    fixture_free(with);
    fixture_free(without);
}

Test(core, an_lsn_out_of_order_is_a_programmers_error, .signal = SIGABRT)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = line_record(fixture, "1 cancel 1");
    record.slots = 1;
    record.lsn = hf_core_lsn(fixture->core) + 2;
    hf_core_apply(fixture->core, &record, NULL, NULL);
}

Test(core, a_command_of_no_session_is_a_programmers_error, .signal = SIGABRT)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = line_record(fixture, "4 cancel 1");
    record.slots = 1;
    record.lsn = hf_core_lsn(fixture->core) + 1;
    hf_core_apply(fixture->core, &record, NULL, NULL);
}

static void
apply_of_session_0(const char *line, uint8_t type)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = line_record(fixture, line);
    record.slots = 1;
    record.session = 0;
    record.type = type;
    record.lsn = hf_core_lsn(fixture->core) + 1;
    hf_core_apply(fixture->core, &record, NULL, NULL);
}

Test(core, a_new_of_nobody_is_a_programmers_error, .signal = SIGABRT)
{
    apply_of_session_0("1 new 1 B 100 5", HF_COMMAND_NEW);
}

Test(core, a_cancel_of_nobody_is_a_programmers_error, .signal = SIGABRT)
{
    apply_of_session_0("1 cancel 1", HF_COMMAND_CANCEL);
}

Test(core, a_reduce_of_nobody_is_a_programmers_error, .signal = SIGABRT)
{
    apply_of_session_0("1 reduce 1 1", HF_COMMAND_REDUCE);
}

Test(core, a_refused_command_of_nobody_is_a_programmers_error, .signal = SIGABRT)
{
    apply_of_session_0("1 cancel 1", HF_RECORD_REFUSED);
}

Test(core, a_second_slot_too_many_is_a_programmers_error, .signal = SIGABRT)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = line_record(fixture, "1 new 1 B 100 5");
    const struct hf_record more = {.type = HF_RECORD_MORE};
    record.slots = 1;
    record.lsn = hf_core_lsn(fixture->core) + 1;
    hf_core_apply(fixture->core, &record, &more, NULL);
}

Test(core, a_missing_second_slot_is_a_programmers_error, .signal = SIGABRT)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = line_record(fixture, "1 new 1 B 50 20 show5");
    record.slots = 2;
    record.lsn = hf_core_lsn(fixture->core) + 1;
    hf_core_apply(fixture->core, &record, NULL, NULL);
}

Test(core, an_unknown_record_of_the_daemon_is_a_programmers_error, .signal = SIGABRT)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = {
        .lsn = hf_core_lsn(fixture->core) + 1, .type = HF_RECORD_GROUP, .slots = 1};
    hf_core_apply(fixture->core, &record, NULL, NULL);
}

Test(core, an_unknown_command_of_the_daemon_is_a_programmers_error, .signal = SIGABRT)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = {.lsn = hf_core_lsn(fixture->core) + 1, .type = 27, .slots = 1};
    hf_core_apply(fixture->core, &record, NULL, NULL);
}
