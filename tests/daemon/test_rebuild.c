/* test_rebuild.c - log, queue and rings into state: after kills at any step, reboots, and memory that
 * was given up. */
#include "rebuild_fixture.h"

TestSuite(rebuild, .init = set_up, .fini = tear_down, .timeout = 280);

/* A kill at any step */

Test(rebuild, a_clean_stop_and_start_lose_nothing)
{
    open_session(1024);
    trade(300);
    let_go(daemon_now);
    start();
    cr_expect_eq(daemon_now->history, 1);
    cr_expect_eq(daemon_now->epoch, 2);
    expect_going_on(300, "clean");
}

Test(rebuild, records_that_are_only_in_the_queue_are_replayed)
{
    open_session(1024);
    trade(300);
    desk_flood(&a, 100);
    engine(); /* sequenced, applied, answered; never written */
    restart();
    cr_expect_eq(daemon_now->history, 1);
    cr_expect_geq(daemon_now->status->durable_lsn, daemon_now->status->sequenced_lsn);
    expect_going_on(400, "queue");
}

Test(rebuild, a_record_that_was_logged_but_not_applied_gets_its_effect_and_report)
{
    open_session(1024);
    trade(10);
    struct hf_command order = desk_order(HF_BUY, 77, 5, 1);
    struct hf_record record;
    memcpy(&record, &order, sizeof(record));
    record.lsn = daemon_now->sequencer.queue.next;
    record.time_ns = hf_core_time(daemon_now->replay.core);
    record.session = 1;
    record.crc = 0;
    desk_submit(&a, &order, 1);
    hf_ring_publish_copy(&daemon_now->sequencer.queue, &record, 1); /* killed between 2 and 3 */
    restart();
    cr_expect_eq(session()->last_seq, 11, "taken once, although its slot was never released");
    connect_client(link_now());
    engine();
    const struct hf_report *report = desk_report(&a);
    cr_assert_not_null(report);
    cr_expect_eq(report->number, 11);
    cr_expect_eq(report->client_order_id, 77);
    cr_expect_null(desk_report(&a));
    expect_going_on(11, "between log and effect");
}

Test(rebuild, half_a_record_of_two_slots_in_the_queue_is_cut)
{
    open_session(1024);
    trade(10);
    struct hf_ring_producer *queue = &daemon_now->sequencer.queue;
    uint64_t lsn = queue->next;
    memset(hf_ring_slot(queue, lsn + 1), 0x55, HF_SLOT_BYTES);
    hf_store_release(&hf_ring_slot(queue, lsn + 1)->number, lsn + 1); /* R3: the second one first */
    restart();
    expect_going_on(10, "half a record");
}

Test(rebuild, slots_that_were_being_filled_are_no_damage)
{
    open_session(64);
    trade(QUEUE_SLOTS + 300); /* queue and report ring have gone round */
    struct hf_ring_producer *queue = &daemon_now->sequencer.queue;
    struct hf_ring_producer *ring = &a.link->reports;
    for (unsigned i = 0; i < HF_MESSAGE_SLOTS_MAX; i++) {
        memset(hf_ring_slot(queue, queue->next + i)->body, 0x77, 30);
        memset(hf_ring_slot(ring, ring->next + i)->body, 0x77, 30);
    }
    restart();
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(QUEUE_SLOTS + 300, "torn slots");
}

Test(rebuild, a_head_that_is_laps_behind_misleads_nobody)
{
    open_session(64);
    trade(500);
    a.link->report_object->report_head -= 300; /* as announced before a long round */
    restart();
    expect_going_on(500, "stale head");
}

Test(rebuild, reports_that_were_not_released_come_again_and_those_that_were_do_not)
{
    open_session(1024);
    trade(100);
    desk_flood(&a, 30);
    engine();
    for (int i = 0; i < 10; i++) {
        desk_report(&a);
    }
    hf_ring_release(&a.reports);
    restart();
    connect_client(link_now());
    const struct hf_report *report = desk_report(&a);
    cr_assert_not_null(report);
    cr_expect_eq(report->number, 111);
    expect_going_on(130, "unreleased reports");
}

Test(rebuild, reports_that_found_no_room_are_made_again)
{
    open_session(64);
    trade(10);
    desk_flood(&a, 200);
    engine();
    cr_expect_neq(a.link->behind, 0);
    restart();
    connect_client(link_now());
    for (uint64_t number = 11; number <= 60; number++) {
        const struct hf_report *report = desk_report(&a);
        cr_assert_not_null(report);
        cr_assert_eq(report->number, number);
    }
    for (int i = 0; i < 20; i++) {
        desk_read_all(&a);
        engine();
    }
    cr_expect_eq(a.reports.next - 1, 210);
    expect_going_on(210, "behind");
}

Test(rebuild, killed_again_and_again_it_ends_the_same)
{
    open_session(1024);
    trade(200);
    desk_flood(&a, 100);
    engine();
    for (int i = 0; i < 5; i++) {
        restart();
        cr_expect_eq(daemon_now->history, 1);
    }
    expect_going_on(300, "restarts");
}

Test(rebuild, a_signal_ends_recovery_and_nothing_has_changed)
{
    static int stop = 1;
    open_session(1024);
    trade(200);
    desk_flood(&a, 20); /* in the queue alone */
    engine();
    kill_it();
    struct hf_daemon *daemon = daemon_new();
    daemon->stop = &stop;
    cr_expect_eq(hf_daemon_start(daemon), HF_AGAIN, "%s", daemon->text);
    cr_expect_not_null(strstr(daemon->text, "nothing was changed"), "%s", daemon->text);
    let_go(daemon);
    start();
    cr_expect_eq(daemon_now->epoch, 2);
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(220, "a recovery that was ended");
}

/* Reboots and abandoned memory */

Test(rebuild, after_a_reboot_durable_commands_are_there_under_a_new_history)
{
    open_session(1024);
    trade(200);
    kill_it();
    reboot();
    start();
    cr_expect_eq(daemon_now->history, 2);
    cr_expect_eq(session()->last_seq, 200);
    cr_expect_eq(session()->last_report, 200);
    cr_expect_null(link_now()->report_object);
    cr_expect_eq(session()->connected, 0, "a new boot has ended every client of the one before");
}

Test(rebuild, after_a_clean_stop_and_a_reboot_the_history_is_the_same)
{
    open_session(1024);
    trade(200);
    let_go(daemon_now);
    reboot();
    start();
    cr_expect_eq(daemon_now->history, 1);
    cr_expect_eq(session()->last_seq, 200);
}

/** Fresh rings for a session that goes on, as a resume after a reboot makes them. */
static void
resume_with_fresh_rings(uint32_t report_slots)
{
    struct hf_session_spec spec = spec_of(report_slots);
    struct hf_link *link = link_now();
    spec.first_seq = session()->last_seq + 1;
    spec.first_report = link->reports.next;
    cr_assert_eq(hf_report_object_create(&link->report_region, &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&link->command_region, &spec), HF_OK);
    cr_assert_eq(hf_link_guard(link), HF_OK);
    link->report_object = link->report_region.base;
    link->report_object->session_id = link->session_id;
    cr_assert_eq(hf_link_attach(link, spec.first_seq, spec.first_report), HF_OK);
    struct hf_record record = {.type = HF_RECORD_CONNECT, .session = 1};
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &record, NULL), HF_OK);
    connect_client(link);
}

Test(rebuild, rings_made_after_a_reboot_are_not_asked_for_reports_of_before)
{
    open_session(1024);
    trade(200);
    kill_it();
    reboot();
    start();
    resume_with_fresh_rings(1024);
    trade(10);
    restart();
    cr_expect_eq(daemon_now->history, 2);
    expect_going_on(210, "a kill after a reboot");
}

/** As in a copy: nothing tells how far the log was used. */
static void
forget_witness(void)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/LOCK", directory);
    cr_assert_eq(truncate(path, 0), 0);
}

static void
start_abandoning(void)
{
    daemon_now = daemon_new();
    daemon_now->abandon_shm = true;
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
}

Test(rebuild, abandoned_memory_gives_no_history_and_no_epoch_twice)
{
    open_session(1024);
    trade(200);
    kill_it();
    reboot();
    start(); /* history 2, epoch 2 */
    kill_it();
    char path[128];
    snprintf(path, sizeof(path), "%s/00000000000000000002.wal", directory);
    cr_assert_eq(unlink(path), 0); /* and with it the record of both */
    forget_witness();
    expect_refusal(HF_E_CORRUPT, "LSN", "durable");
    start_abandoning();
    cr_expect_eq(daemon_now->history, 3);
    cr_expect_eq(daemon_now->epoch, 3);
    cr_expect_eq(session()->last_seq, 200);
}

Test(rebuild, a_clean_stop_does_not_hide_what_is_abandoned)
{
    open_session(1024);
    trade(200);
    let_go(daemon_now);
    start();
    cr_expect_eq(daemon_now->history, 1);
    connect_client(link_now());
    trade(20);
    kill_it();
    char path[128];
    snprintf(path, sizeof(path), "%s/00000000000000000002.wal", directory);
    cr_assert_eq(unlink(path), 0); /* the log ends with STOP now */
    forget_witness();
    start_abandoning();
    cr_expect_eq(daemon_now->history, 2, "twenty commands are lost");
}

/** Every file of the log, and not the directory. */
static void
remove_log(void)
{
    char path[sizeof(directory) + NAME_MAX + 2];
    DIR *entries = opendir(directory);
    cr_assert_not_null(entries);
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        cr_assert(entry->d_name[0] == '.' || unlink(path) == 0);
    }
    closedir(entries);
}

Test(rebuild, memory_that_is_abandoned_over_an_empty_log_begins_a_new_history)
{
    open_session(1024);
    trade(20);
    let_go(daemon_now);
    remove_log();
    expect_refusal(HF_E_CORRUPT, "there is no log", "durable");
    expect_refusal(HF_E_CORRUPT, "from a copy, or give up what it held with --abandon-shm",
                   "durable");
    start_abandoning();
    cr_expect_eq(daemon_now->history, 2);
    cr_expect_eq(daemon_now->epoch, 2);
    restart();
    cr_expect_eq(daemon_now->history, 2, "nothing is abandoned twice");
}

Test(rebuild, who_dies_after_abandoning_does_not_leave_the_old_history_to_the_next)
{
    open_session(1024);
    trade(20);
    let_go(daemon_now);
    remove_log();
    struct hf_daemon *dies = daemon_new();
    cr_assert_eq(hf_instance_lock(dies), HF_OK);
    cr_assert_eq(hf_instance_open_status(dies), HF_OK);
    cr_assert_eq(hf_instance_abandon(dies), HF_OK);
    hf_instance_release(dies);
    hf_config_free(&dies->config);
    free(dies);
    start(); /* is not asked again */
    cr_expect_eq(daemon_now->history, 2);
    restart();
    cr_expect_eq(daemon_now->history, 2);
}

Test(rebuild, who_dies_with_the_new_history_durable_does_not_begin_one_more)
{
    open_session(1024);
    trade(20);
    let_go(daemon_now);
    remove_log();
    static unsigned char page[HF_STATUS_PAGE_BYTES];
    struct hf_region region;
    open_region(&region, "status");
    memcpy(page, region.base, sizeof(page));
    hf_region_detach(&region);
    start_abandoning();
    hf_store_release(&daemon_now->status->magic, 0); /* one step before its page is finished */
    hf_store_release(&daemon_now->status->state, HF_STATE_NONE);
    kill_it();
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.abandoned", instance);
    cr_assert_eq(hf_region_create(&region, name, sizeof(page)), HF_OK);
    memcpy(region.base, page, sizeof(page));
    hf_region_detach(&region);
    start();
    cr_expect_eq(daemon_now->history, 2);
    cr_expect_eq(hf_region_open(&region, name, false), HF_E_UNKNOWN, "nothing is left of it");
}
