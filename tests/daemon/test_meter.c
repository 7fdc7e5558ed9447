/* test_meter.c - what the engine measures: rounds, waits in rings, loops, sessions, ladders; as a reader sees
 * it. */
#include "daemon/meter.h"

#include "daemon/sampler.h"
#include "desk.h"

#include <sched.h>

static struct hf_trace trace;

struct measured {
    struct desk desk;
    struct hf_region region;
    struct hf_metrics *page;
};

static const struct hf_meter_rows ROWS = {.sessions_max = DESK_LINKS_MAX, .instruments_max = 4};

static void
measured_init(struct measured *m)
{
    desk_init(&m->desk, HF_WAL_GROUP, 4096);
    cr_assert_eq(hf_meter_create(&m->region, m->desk.instance, &ROWS), HF_OK);
    m->page = m->region.base;
    hf_meter_finish(m->page);
    m->desk.sequencer->meter = (struct hf_meter){.page = m->page, .rows = ROWS, .trace = &trace};
}

static void
measured_destroy(struct measured *m)
{
    hf_region_detach(&m->region);
    desk_destroy(&m->desk);
}

Test(meter, a_page_is_made_anew_and_who_has_the_old_one_keeps_it)
{
    struct measured m;
    measured_init(&m);
    m.page->engine.rounds = 77;
    struct hf_region next;
    cr_assert_eq(hf_meter_create(&next, m.desk.instance, &ROWS), HF_OK);
    struct hf_metrics *page = next.base;
    cr_expect_eq(page->magic, 0, "it is not finished");
    hf_meter_finish(page);
    cr_expect_eq(page->magic, HF_METRICS_MAGIC);
    cr_expect_eq(page->engine.rounds, 0);
    cr_expect_eq(page->engine.round_ns.min, UINT64_MAX);
    cr_expect_eq(m.page->engine.rounds, 77);
    hf_region_detach(&next);
    measured_destroy(&m);
}

Test(meter, a_round_is_counted_once_for_each_of_its_commands)
{
    struct measured m;
    struct desk_client client;
    measured_init(&m);
    desk_open(&m.desk, &client, "one", 64, 64);
    desk_settle(&m.desk);
    uint64_t rounds = m.page->engine.rounds;
    cr_assert_eq(desk_flood(&client, 30), 30);
    desk_round(&m.desk);
    cr_expect_eq(m.page->engine.rounds, rounds + 1);
    cr_expect_eq(m.page->engine.round_ns.total, 30);
    cr_expect_eq(m.page->engine.round_commands.total, 1);
    cr_expect_eq(m.page->engine.round_commands.sum, 30);
    cr_expect_eq(trace.samples[trace.head - 1].lsn, desk_last_lsn(&m.desk));
    measured_destroy(&m);
}

Test(meter, the_time_of_a_command_is_counted_and_taken_out)
{
    struct measured m;
    struct desk_client client;
    measured_init(&m);
    desk_open(&m.desk, &client, "one", 256, 256);
    const uint64_t count = 2 * HF_METRICS_WAIT_EVERY;
    for (uint64_t seq = 1; seq <= count; seq++) { /* a client may write what it likes */
        struct hf_command command = desk_order(HF_BUY, seq, 5, 1);
        command.reserved[0] =
            seq == 2 * HF_METRICS_WAIT_EVERY ? UINT64_MAX : hf_clock_monotonic_ns() - 3000000;
        cr_assert(desk_submit(&client, &command, 1));
    }
    desk_settle(&m.desk);
    cr_expect_eq(m.page->engine.ring_wait_ns.total, 1, "of the one that may, and is of the past");
    cr_expect_geq(m.page->engine.ring_wait_ns.max, 3000000);
    for (uint64_t seq = 1; seq <= count; seq++) {
        const struct hf_report *report = desk_report(&client);
        cr_assert_not_null(report);
        bool may = seq % HF_METRICS_WAIT_EVERY == 0;
        cr_expect_eq(report->type, may ? HF_REPORT_ACCEPTED : HF_REPORT_REJECTED,
                     "elsewhere it is what hf_command_check() refuses");
    }
    measured_destroy(&m);
}

Test(meter, loops_are_counted_but_not_over_a_sleep)
{
    struct measured m;
    measured_init(&m);
    struct hf_sequencer *s = m.desk.sequencer;
    (void)hf_sequencer_do_work(s, 1000000000);
    (void)hf_sequencer_do_work(s, 1000000000 + HF_METRICS_LOOP_NS - 1);
    cr_expect_eq(m.page->engine.loop_ns.total, 0, "too short to be told");
    (void)hf_sequencer_do_work(s, 1005000000);
    cr_expect_eq(m.page->engine.loop_ns.total, 1);
    hf_meter_sleep(&s->meter);
    (void)hf_sequencer_do_work(s, 1905000000);
    cr_expect_eq(m.page->engine.loop_ns.total, 1);
    cr_expect_eq(m.page->engine.parks, 1);
    cr_expect_lt(m.page->engine.loop_ns_max, 6000000);
    measured_destroy(&m);
}

Test(meter, sessions_and_ladders_are_what_the_books_say)
{
    struct measured m;
    struct desk_client client;
    struct hf_metrics_session row;
    struct hf_metrics_ladder ladder;
    measured_init(&m);
    desk_open(&m.desk, &client, "maker", 64, 64);
    for (uint64_t i = 0; i < 12; i++) { /* more levels than a ladder has */
        struct hf_command bid = desk_order(HF_BUY, 1 + i, 100 - (int64_t)i, 10 + i);
        cr_assert(desk_submit(&client, &bid, 1));
    }
    struct hf_command ask = desk_order(HF_SELL, 20, 105, 7);
    cr_assert(desk_submit(&client, &ask, 1));
    ask = desk_order(HF_SELL, 21, 99, 4); /* trades at 100 */
    cr_assert(desk_submit(&client, &ask, 1));
    desk_settle(&m.desk);
    for (unsigned i = 0; i < 3; i++) {
        desk_round(&m.desk);
    }
    cr_assert(hf_metrics_ladder(m.page, 1, &ladder));
    cr_expect_eq(ladder.lsn, desk_last_lsn(&m.desk));
    cr_expect_eq(ladder.bid_count, HF_METRICS_LEVELS);
    cr_expect_eq(ladder.bids[0].price, 100);
    cr_expect_eq(ladder.bids[0].quantity, 6);
    cr_expect_eq(ladder.bids[9].price, 91);
    cr_expect_eq(ladder.ask_count, 1);
    cr_expect_eq(ladder.asks[0].orders, 1);
    cr_expect(ladder.has_last);
    cr_expect_eq(ladder.last_price, 100);
    cr_expect_not(hf_metrics_ladder(m.page, 2, &ladder), "there is no such instrument");
    cr_expect_not(hf_metrics_ladder(m.page, 99, &ladder));

    hf_sampler_control(m.page, &m.desk.registry, hf_clock_monotonic_ns());
    cr_assert(hf_metrics_session(m.page, client.link->slot, &row));
    cr_expect_str_eq(row.name, "maker");
    cr_expect_eq(row.engine_session_id, row.session_id);
    cr_expect_eq(row.waiting, 0);
    cr_expect_eq(row.last_seq, 14);
    cr_expect_eq(row.open_orders, 13);
    cr_expect_geq(row.last_report, 14);
    cr_expect_eq(row.unread, row.last_report);
    cr_expect_not(hf_metrics_session(m.page, 8, &row), "nobody has that slot");
    cr_expect_not(hf_metrics_session(m.page, 0, &row));
    measured_destroy(&m);
}

Test(meter, what_others_write_into_the_page_moves_no_row)
{
    struct measured m;
    struct desk_client client;
    struct hf_metrics_session row;
    struct hf_metrics_ladder ladder;
    measured_init(&m);
    const struct hf_metrics sizes = *m.page;
    desk_open(&m.desk, &client, "maker", 64, 64);
    m.page->sessions_offset = UINT64_C(1) << 46;
    m.page->ladders_offset = UINT64_C(1) << 46;
    m.page->sessions_max = UINT32_MAX;
    m.page->ladders_max = 0;
    struct hf_command bid = desk_order(HF_BUY, 1, 100, 10);
    cr_assert(desk_submit(&client, &bid, 1));
    desk_settle(&m.desk);
    desk_round(&m.desk);
    hf_sampler_control(m.page, &m.desk.registry, hf_clock_monotonic_ns());
    m.page->sessions_offset = sizes.sessions_offset;
    m.page->ladders_offset = sizes.ladders_offset;
    m.page->sessions_max = sizes.sessions_max;
    m.page->ladders_max = sizes.ladders_max;
    cr_assert(hf_metrics_session(m.page, client.link->slot, &row));
    cr_expect_eq(row.open_orders, 1);
    cr_expect_str_eq(row.name, "maker");
    cr_assert(hf_metrics_ladder(m.page, 1, &ladder));
    cr_expect_eq(ladder.bid_count, 1);
    measured_destroy(&m);
}

Test(meter, threads_and_the_disk_are_looked_at_once_a_second)
{
    struct measured m;
    measured_init(&m);
    uint64_t now_ns = hf_clock_monotonic_ns();
    hf_sampler_control(m.page, &m.desk.registry, now_ns);
    hf_sampler_prepare(m.page, "/tmp", now_ns);
    const struct hf_metrics_control *control = &m.page->control;
    cr_assert_geq(control->thread_count, 1);
    bool found = false;
    for (uint32_t i = 0; i < control->thread_count; i++) {
        const struct hf_metrics_thread *thread = &control->threads[i];
        found = found || (thread->thread_id == (uint64_t)gettid() && thread->minor_faults > 0 &&
                          thread->name[0] != '\0');
    }
    cr_expect(found, "this thread, and that it has had page faults");
    cr_expect_gt(m.page->prepare.disk_bytes, 0);
    cr_expect_leq(m.page->prepare.disk_free_bytes, m.page->prepare.disk_bytes);
    m.page->control.thread_count = 0;
    hf_sampler_control(m.page, &m.desk.registry, now_ns + HF_SAMPLE_NS - 1);
    cr_expect_eq(control->thread_count, 0, "not again within a second");
    hf_sampler_control(m.page, &m.desk.registry, now_ns + HF_SAMPLE_NS);
    cr_expect_geq(control->thread_count, 1);
    measured_destroy(&m);
}
