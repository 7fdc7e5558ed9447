/* test_rebuild.c - state from what a daemon left at an arbitrary instruction: each test runs a whole
 * daemon without its threads, stops it dead between two steps, does to log and shared memory what a
 * kill, a reboot or a hand can do, and starts the next one. */
#include "daemon/daemon.h"

#include "desk.h"
#include "wal/segment.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define QUEUE_SLOTS 1024u

static uint64_t boot = 1;
static char directory[64];
static char instance[HF_NAME_BYTES];
static struct hf_daemon *daemon_now;
static const char *market_setting = "market.slots=256";
static const char *segment_setting = "wal.segment_kib=1024";
static struct desk_client a;

uint64_t __wrap_hf_boot_hash(void);

uint64_t
__wrap_hf_boot_hash(void)
{
    return boot;
}

static void
configure(struct hf_daemon *daemon)
{
    char text[256];
    static const char *const SETTINGS[] = {
        "limits.orders_max=65536", "limits.session_orders_max=65536",
        "limits.levels_max=1024",  "limits.extras_max=64",
        "limits.accounts_max=16",  "limits.entitlements_max=16",
        "limits.events_max=64",    "memory.lock=no",
        "memory.huge_pages=no",    "wal.queue_slots=1024",
        "wal.flush_records=500",   "session.lag_max=100000",
        "snapshot.at_stop=no",
    };
    cr_assert_eq(hf_config_init(&daemon->config), HF_OK);
    snprintf(text, sizeof(text), "instance.name=%s", instance);
    hf_config_set(&daemon->config, text);
    snprintf(text, sizeof(text), "instance.directory=%s", directory);
    hf_config_set(&daemon->config, text);
    snprintf(text, sizeof(text), "instance.socket=%s/sock", directory);
    hf_config_set(&daemon->config, text);
    for (size_t i = 0; i < sizeof(SETTINGS) / sizeof(SETTINGS[0]); i++) {
        hf_config_set(&daemon->config, SETTINGS[i]);
    }
    hf_config_set(&daemon->config, market_setting);
    hf_config_set(&daemon->config, segment_setting);
    cr_assert(hf_config_check(&daemon->config), "%s", daemon->config.errors);
}

static struct hf_daemon *
daemon_new(void)
{
    struct hf_daemon *daemon = aligned_alloc(128, sizeof(*daemon));
    memset(daemon, 0, sizeof(*daemon));
    configure(daemon);
    daemon->lock_fd = -1;
    daemon->name_fd = -1;
    daemon->numa_node = -1;
    return daemon;
}

static void
start(void)
{
    daemon_now = daemon_new();
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
}

static void
let_go(struct hf_daemon *daemon)
{
    hf_daemon_stop(daemon);
    hf_config_free(&daemon->config);
    free(daemon);
    daemon_now = NULL;
}

/** As by SIGKILL: nothing is written, flushed or said. */
static void
kill_it(void)
{
    hf_store_release(&daemon_now->halt.halted, 1);
    let_go(daemon_now);
}

static void
restart(void)
{
    kill_it();
    start();
}

/** The next start must be refused with these words. */
static void
expect_refusal(int code, const char *part, const char *second_part)
{
    struct hf_daemon *daemon = daemon_new();
    cr_expect_eq(hf_daemon_start(daemon), code, "%s", daemon->text);
    cr_expect_not_null(strstr(daemon->text, part), "'%s' is not in: %s", part, daemon->text);
    cr_expect_not_null(strstr(daemon->text, second_part), "'%s' is not in: %s", second_part,
                       daemon->text);
    let_go(daemon);
}

static void
set_up(void)
{
    snprintf(directory, sizeof(directory), "/tmp/hf_rebuild_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(instance, sizeof(instance), "rb%d", (int)getpid());
    start();
}

static void
forget_shared_memory(void)
{
    char prefix[HF_REGION_NAME_BYTES];
    snprintf(prefix, sizeof(prefix), "/holdfast.%s.", instance);
    (void)hf_region_list(prefix, desk_unlink, NULL);
}

/** Shared memory is gone because the host was: another boot. */
static void
reboot(void)
{
    forget_shared_memory();
    boot++;
}

static void
tear_down(void)
{
    if (daemon_now != NULL) {
        kill_it();
    }
    forget_shared_memory();
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    cr_expect_eq(system(command), 0); /* NOLINT: a directory of our own */
}

TestSuite(rebuild, .init = set_up, .fini = tear_down, .timeout = 280);

/* What a session and its client do */

static void
connect_client(struct hf_link *link)
{
    struct hf_command_object *object = link->command_region.base;
    struct hf_report_object *report = link->report_object;
    a.link = link;
    hf_ring_producer_init(&a.commands, hf_session_slots(object), report->command_slots,
                          &object->command_head, &report->command_tail,
                          hf_ring_published(hf_session_slots(object), report->command_slots,
                                            report->command_tail + 1) +
                              1);
    hf_ring_consumer_init(&a.reports, hf_session_slots(report), report->report_slots,
                          &object->report_tail, object->report_tail + 1);
}

static struct hf_session_spec
spec_of(uint32_t report_slots)
{
    return (struct hf_session_spec){.instance = instance,
                                    .session = "a",
                                    .instance_id = daemon_now->instance_id,
                                    .command_slots = 1024,
                                    .report_slots = report_slots,
                                    .generation = 1,
                                    .first_seq = 1,
                                    .first_report = 1};
}

static void
open_session(uint32_t report_slots)
{
    struct hf_session_spec spec = spec_of(report_slots);
    struct hf_record record = {.type = HF_RECORD_OPEN, .session = 1, .open = {.name = "a"}};
    struct hf_link *link = hf_link_create(1, 0, "a", 1);
    cr_assert_eq(hf_report_object_create(&link->report_region, &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&link->command_region, &spec), HF_OK);
    cr_assert_eq(hf_link_guard(link), HF_OK);
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &record, NULL), HF_OK);
    link->session_id = record.lsn;
    link->report_object = link->report_region.base;
    link->report_object->session_id = record.lsn;
    cr_assert_eq(hf_link_attach(link, 1, 1), HF_OK);
    cr_assert_eq(hf_registry_add(&daemon_now->registry, link), HF_OK);
    connect_client(link);
}

static void
engine(void)
{
    static uint64_t now_ns = 1000000000;
    for (int64_t work = 1; work > 0;) {
        now_ns += 1000;
        work = hf_sequencer_do_work(&daemon_now->sequencer, now_ns);
    }
}

/** The WAL threads: what is sequenced is written; and flushed. */
static void
write_log(bool flush)
{
    uint64_t last = daemon_now->sequencer.queue.next - 1;
    while (hf_load_relaxed(&daemon_now->status->written_lsn) < last) {
        cr_assert_geq(hf_wal_writer_do_work(daemon_now->wal), 0);
        cr_assert_geq(hf_wal_prepare_do_work(daemon_now->wal, hf_clock_monotonic_ns()), 0);
    }
    if (flush) {
        cr_assert_geq(hf_wal_sync_all(daemon_now->wal), 0);
    }
}

/** So many commands, all the way: logged, flushed, answered and read. */
static void
trade(uint64_t count)
{
    while (count > 0) {
        uint64_t done = desk_flood(&a, count < 100 ? count : 100);
        count -= done;
        do {
            engine();
            write_log(true);
        } while (desk_read_all(&a) > 0);
    }
}

static const struct hf_core_session *
session(void)
{
    return hf_core_session(daemon_now->replay.core, 1);
}

static struct hf_link *
link_now(void)
{
    return hf_registry_link(&daemon_now->registry, 1);
}

static void
open_region(struct hf_region *region, const char *part)
{
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.%s", instance, part);
    cr_assert_eq(hf_region_open(region, name, true), HF_OK, "%s", name);
}

static void
unlink_region(const char *part)
{
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.%s", instance, part);
    hf_region_unlink(name);
}

/** After any restart the session must work on, without a gap. */
static void
expect_going_on(uint64_t seq, const char *what)
{
    cr_assert_not_null(session(), "%s", what);
    cr_expect_eq(session()->last_seq, seq, "%s: %llu", what,
                 (unsigned long long)session()->last_seq);
    connect_client(link_now());
    trade(50);
    cr_expect_eq(session()->last_seq, seq + 50, "%s", what);
    cr_expect_eq(a.reports.next - 1, session()->last_report, "%s", what);
}

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

/* Gaps */

/** 300 commands of which the client reads no report: 64 are in its ring, 64 in the event buffer. */
static void
fall_behind(void)
{
    open_session(64);
    desk_flood(&a, 300);
    a.link->drain_to = 300; /* as for a takeover: whatever E4 says */
    for (int i = 0; i < 5; i++) {
        engine();
        write_log(true);
    }
    a.link->drain_to = 0;
    cr_assert_eq(session()->last_report, 300);
    cr_assert_lt(a.link->behind, hf_core_event_first(daemon_now->replay.core));
}

Test(rebuild, a_link_that_has_a_gap_has_it_after_a_restart)
{
    fall_behind();
    restart();
    struct hf_link *link = link_now();
    cr_expect_eq(link->reports.next, 65);
    cr_expect_lt(link->behind, hf_core_event_first(daemon_now->replay.core));
    connect_client(link);
    engine();
    cr_expect_eq(link->report_object->restart, 0, "the ring is not read yet");
    cr_expect_eq(desk_read_all(&a), 64);
    engine();
    cr_expect_eq(link->report_object->restart, 301);
}

Test(rebuild, a_ring_that_has_restarted_goes_on_there)
{
    fall_behind();
    desk_read_all(&a);
    engine();
    cr_assert_eq(a.link->report_object->restart, 301);
    restart();
    cr_expect_eq(link_now()->reports.next, 301, "nothing was published since");
    cr_expect_eq(link_now()->behind, 0);
    a.link = link_now();
    desk_flood(&a, 10);
    engine();
    write_log(true);
    restart();
    struct hf_link *link = link_now();
    cr_expect_eq(link->reports.next, 311);
    cr_expect_eq(link->condemned, HF_OK, "R5: its client's tail is below the restart");
    cr_expect_eq(link->reports.tail_read, 64);
    a.reports.next = 301; /* the client has been shown what is before, */
    cr_expect_eq(desk_read_all(&a), 10, "and goes on in the ring");
    connect_client(link);
    expect_going_on(310, "a restarted ring");
}

/** Let the gap service make reports again. @return the code */
static int
fetch(uint64_t first, uint64_t last, uint64_t slots_max)
{
    struct hf_gap *gap = &daemon_now->gap;
    gap->job = (struct hf_gap_job){.session_id = session()->id,
                                   .session = 1,
                                   .first = first,
                                   .last = last,
                                   .slots_max = slots_max,
                                   .lsn = hf_core_lsn(daemon_now->replay.core)};
    hf_gap_post(gap);
    cr_assert_eq(hf_gap_do_work(gap), 1);
    cr_assert_eq(hf_gap_do_work(gap), 0, "the job is done");
    cr_assert(hf_gap_take(gap));
    cr_assert_not(hf_gap_take(gap));
    return gap->job.code;
}

Test(rebuild, missing_reports_are_made_again_from_the_log)
{
    struct hf_report reports[HF_MESSAGE_SLOTS_MAX * 100];
    fall_behind();
    struct hf_gap *gap = &daemon_now->gap;
    cr_assert_eq(hf_gap_init(gap), HF_OK);
    cr_assert_eq(fetch(101, 150, 1000), HF_OK, "%s", gap->job.text);
    cr_expect_eq(gap->job.got_first, 101);
    cr_expect_eq(gap->job.got_last, 150);
    cr_assert_eq(read(gap->job.fd, reports, sizeof(reports)), 50 * HF_SLOT_BYTES);
    for (uint64_t i = 0; i < 50; i++) {
        cr_expect_eq(reports[i].number, 101 + i);
        cr_expect_eq(reports[i].client_order_id, 101 + i);
    }
    cr_expect_lt(write(gap->job.fd, reports, 1), 0, "it can only be read");
    close(gap->job.fd);
    cr_assert_eq(fetch(101, 150, 20), HF_OK);
    cr_expect_eq(gap->job.got_last, 120, "as many as one answer may give");
    close(gap->job.fd);
    gap->job.fd = -1;
}

Test(rebuild, reports_that_cannot_be_made_again_are_an_answer_and_no_halt)
{
    fall_behind();
    struct hf_gap *gap = &daemon_now->gap;
    cr_assert_eq(hf_gap_init(gap), HF_OK);
    cr_expect_eq(fetch(301, 310, 1000), HF_E_CORRUPT, "the log does not give them");
    cr_expect_not_null(strstr(gap->job.text, "301"), "%s", gap->job.text);
    char path[128];
    snprintf(path, sizeof(path), "%s/00000000000000000001.wal", directory);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(pwrite(fd, "damage", 6, 4096 + 20 * HF_SLOT_BYTES), 6);
    close(fd);
    cr_expect_eq(fetch(101, 150, 1000), HF_E_CORRUPT);
    cr_expect_neq(gap->job.text[0], '\0');
    cr_expect_not(hf_halted(&daemon_now->halt));
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

/* The queue's object between two epochs */

/** As a start does before it takes the sealed queue away. */
static void
say_queue_is_spent(void)
{
    struct hf_region status;
    open_region(&status, "status");
    ((struct hf_status *)status.base)->queue_spent = 1;
    hf_region_detach(&status);
}

Test(rebuild, a_queue_whose_stamp_was_never_finished_loses_nothing)
{
    struct hf_region queue;
    open_session(1024);
    trade(200);
    kill_it();
    start(); /* the log is sealed now */
    kill_it();
    open_region(&queue, "queue");
    ((struct hf_queue_object *)queue.base)->magic = 0;
    hf_region_detach(&queue);
    expect_refusal(HF_E_CORRUPT, "the WAL queue", "is damaged");
    say_queue_is_spent();
    start();
    cr_expect_eq(daemon_now->history, 1, "nothing was lost");
    expect_going_on(200, "unstamped queue");
}

Test(rebuild, an_empty_queue_object_is_made_anew)
{
    open_session(1024);
    trade(200);
    restart();
    kill_it();
    char path[128];
    snprintf(path, sizeof(path), "/dev/shm/holdfast.%s.queue", instance);
    cr_assert_eq(truncate(path, 0), 0);
    expect_refusal(HF_E_CORRUPT, "the WAL queue", "is missing or empty");
    say_queue_is_spent();
    start();
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(200, "empty queue");
}

Test(rebuild, another_length_of_the_queue_is_taken_up)
{
    open_session(1024);
    trade(200);
    desk_flood(&a, 50);
    engine();
    kill_it();
    daemon_now = daemon_new();
    hf_config_set(&daemon_now->config, "wal.queue_slots=4096");
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(250, "longer queue");
}

/* Damage and gaps in shared memory */

Test(rebuild, a_flipped_bit_in_the_queue_is_refused)
{
    open_session(1024);
    trade(200);
    uint64_t lsn = daemon_now->sequencer.queue.next - 20;
    hf_ring_slot(&daemon_now->sequencer.queue, lsn)->body[40] ^= 1;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "differs between the log", "WAL queue");
}

Test(rebuild, a_flipped_bit_in_a_report_is_refused)
{
    open_session(1024);
    trade(200);
    hf_ring_slot(&a.link->reports, 150)->body[40] ^= 1;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "session 'a': report 150", "differs");
}

struct ahead_case {
    uint64_t *word;
    uint64_t value;
    const char *text[2];
};

Test(rebuild, memory_that_knows_more_than_the_log_is_refused_with_both_positions)
{
    struct hf_region status;
    struct hf_region report;
    open_session(1024);
    trade(200);
    uint64_t last = daemon_now->sequencer.queue.next - 1;
    kill_it();
    open_region(&status, "status");
    open_region(&report, "s.a.rep");
    struct hf_status *page = status.base;
    struct hf_report_object *object = report.base;
    struct hf_slot *slots = hf_session_slots(object);
    char log_end[32];
    snprintf(log_end, sizeof(log_end), "give %llu", (unsigned long long)last);
    const struct ahead_case CASES[] = {
        {&page->sequenced_lsn, 100000, {"LSN 100000", log_end}},
        {&page->durable_lsn, 100000, {"LSN 100000 was durable", "LSN "}},
        {&slots[201].number, 201, {"has report 201", "give 200"}},
        {&object->command_tail, 777, {"released command 777", "give 200"}},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint64_t before = *CASES[i].word;
        *CASES[i].word = CASES[i].value;
        expect_refusal(HF_E_CORRUPT, CASES[i].text[0], CASES[i].text[1]);
        *CASES[i].word = before;
    }
    hf_region_detach(&status);
    hf_region_detach(&report);
    start();
    expect_going_on(200, "all words as they were");
}

Test(rebuild, a_status_page_that_is_gone_does_not_hide_what_the_queue_holds)
{
    open_session(1024);
    trade(200);
    desk_flood(&a, 50);
    engine();
    kill_it();
    unlink_region("status");
    expect_refusal(HF_E_CORRUPT, "the status page", "--abandon-shm");
    unlink_region("s.a.rep");
    unlink_region("s.a.cmd.1");
    expect_refusal(HF_E_CORRUPT, "status is missing", "did not stop cleanly");
}

Test(rebuild, a_stray_queue_after_a_clean_stop_does_not_hide_what_it_holds)
{
    struct hf_region queue;
    char name[HF_REGION_NAME_BYTES];
    let_go(daemon_now);
    hf_queue_name(name, instance);
    unlink_region("status");
    open_region(&queue, "queue");
    struct hf_queue_object *object = queue.base;
    uint64_t next = hf_queue_published(&queue, object->first_lsn) + 1;
    struct hf_record *slot = (struct hf_record *)hf_queue_record(&queue, next);
    *slot = (struct hf_record){.lsn = next, .type = HF_RECORD_TICK, .slots = 1};
    hf_region_detach(&queue);
    expect_refusal(HF_E_CORRUPT, "the WAL queue has LSN", "--abandon-shm");
}

Test(rebuild, a_queue_that_is_gone_is_missed)
{
    open_session(1024);
    trade(200);
    desk_flood(&a, 50);
    engine();
    kill_it();
    unlink_region("queue");
    expect_refusal(HF_E_CORRUPT, "the WAL queue", "is missing or empty");
}

/* Objects that are not as the last daemon left them, in its own boot */

static void
corrupt(const char *object, size_t offset)
{
    struct hf_region region;
    open_region(&region, object);
    ((unsigned char *)region.base)[offset] ^= 0x40;
    hf_region_detach(&region);
}

Test(rebuild, a_flipped_byte_in_the_header_of_the_queue_is_refused)
{
    static const struct {
        size_t offset;
        const char *how;
    } cases[] = {
        {offsetof(struct hf_queue_object, magic), "is damaged"},
        {offsetof(struct hf_queue_object, version), "is damaged"},
        {offsetof(struct hf_queue_object, slots), "is damaged"},
        {offsetof(struct hf_queue_object, instance_id), "does not continue the log"},
        {offsetof(struct hf_queue_object, boot), "does not continue the log"},
        {offsetof(struct hf_queue_object, epoch), "does not continue the log"},
    };
    open_session(1024);
    trade(50);
    kill_it();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        corrupt("queue", cases[i].offset);
        expect_refusal(HF_E_CORRUPT, "the WAL queue", cases[i].how);
        corrupt("queue", cases[i].offset);
    }
    start();
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(50, "mended");
}

/** The status page as a first start leaves it that is killed before its end. */
static void
corrupt_to_unfinished(void)
{
    struct hf_region region;
    open_region(&region, "status");
    struct hf_status *status = region.base;
    status->magic = 0;
    status->state = HF_STATE_NONE;
    hf_region_detach(&region);
}

Test(rebuild, a_session_without_its_reports_is_refused_by_name)
{
    open_session(1024);
    trade(50);
    desk_flood(&a, 20); /* submitted, and in no log */
    kill_it();
    corrupt("s.a.rep", offsetof(struct hf_report_object, instance_id));
    expect_refusal(HF_E_CORRUPT, "s.a.rep", "did not stop cleanly");
    corrupt("s.a.rep", offsetof(struct hf_report_object, instance_id));
    corrupt("s.a.rep", offsetof(struct hf_report_object, report_slots));
    expect_refusal(HF_E_CORRUPT, "s.a.rep, the reports of session 'a'", "--abandon-shm");
    corrupt("s.a.rep", offsetof(struct hf_report_object, report_slots));
    unlink_region("s.a.rep");
    expect_refusal(HF_E_CORRUPT, "s.a.rep", "--abandon-shm");
    daemon_now = daemon_new();
    daemon_now->abandon_shm = true;
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
    cr_expect_eq(daemon_now->history, 2);
    restart(); /* what was given up is not missed again */
    cr_expect_eq(daemon_now->history, 2);
}

Test(rebuild, reports_that_go_after_a_clean_stop_are_not_missed_again)
{
    open_session(1024);
    trade(50);
    let_go(daemon_now);
    unlink_region("s.a.rep");
    start();
    cr_expect_eq(daemon_now->history, 1);
    cr_expect_null(link_now()->report_object);
    restart();
    cr_expect_eq(session()->last_report, 50);
}

Test(rebuild, a_reboot_is_not_asked_for_objects_at_any_kill)
{
    open_session(1024);
    trade(50);
    kill_it();
    reboot();
    start();
    kill_it();
    corrupt_to_unfinished();
    start(); /* a first start of this boot, killed behind its EPOCH record */
    cr_expect_eq(session()->last_seq, 50);
    restart();
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
    daemon_now = daemon_new();
    daemon_now->abandon_shm = true;
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
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
    daemon_now = daemon_new();
    daemon_now->abandon_shm = true;
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
    cr_expect_eq(daemon_now->history, 2, "twenty commands are lost");
}

/* Takeovers and openings that were not finished */

Test(rebuild, objects_without_a_logged_open_are_removed)
{
    struct hf_session_spec spec = spec_of(64);
    struct hf_region regions[2];
    open_session(1024);
    trade(10);
    spec.session = "never";
    cr_assert_eq(hf_report_object_create(&regions[0], &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&regions[1], &spec), HF_OK);
    restart();
    for (int i = 0; i < 2; i++) {
        struct hf_region region;
        cr_expect_eq(hf_region_open(&region, regions[i].name, true), HF_E_UNKNOWN);
        hf_region_detach(&regions[i]);
    }
    expect_going_on(10, "orphans of others");
}

Test(rebuild, a_session_whose_open_was_logged_but_not_answered_goes_on_with_its_objects)
{
    struct hf_record record = {.type = HF_RECORD_OPEN, .session = 1, .open = {.name = "a"}};
    struct hf_session_spec spec = spec_of(64);
    struct hf_region regions[2];
    cr_assert_eq(hf_report_object_create(&regions[0], &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&regions[1], &spec), HF_OK);
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &record, NULL), HF_OK);
    restart(); /* the session id was never stored in its object */
    cr_assert_not_null(session());
    cr_assert_not_null(link_now()->report_object);
    cr_expect_eq(link_now()->report_object->session_id, session()->id);
    cr_expect_eq(link_now()->report_object->session, 1);
    cr_expect_not_null(link_now()->command_region.base);
    hf_region_detach(&regions[0]);
    hf_region_detach(&regions[1]);
}

Test(rebuild, a_takeover_that_was_not_finished_leaves_the_old_object_in_use)
{
    struct hf_session_spec spec = spec_of(1024);
    struct hf_region region;
    open_session(1024);
    trade(100);
    desk_flood(&a, 20);
    engine();
    spec.generation = 2;
    spec.first_seq = 121;
    spec.first_report = 101;
    cr_assert_eq(hf_command_object_create(&region, &spec),
                 HF_OK); /* the generation is not stored */
    hf_region_detach(&region);
    restart();
    connect_client(link_now());
    const struct hf_report *report = desk_report(&a);
    cr_assert_not_null(report);
    cr_expect_eq(report->number, 101, "what its client released does not come again");
    expect_going_on(120, "half a takeover");
}

Test(rebuild, a_takeover_whose_generation_counts_uses_the_new_object)
{
    struct hf_session_spec spec = spec_of(1024);
    struct hf_region region;
    open_session(1024);
    trade(100);
    desk_flood(&a, 20);
    engine();
    spec.generation = 2;
    spec.first_seq = 121;
    spec.first_report = 101;
    cr_assert_eq(hf_command_object_create(&region, &spec), HF_OK);
    a.link->report_object->generation = 2;
    desk_flood(&a, 20); /* into the old one: nobody reads it any more */
    hf_region_detach(&region);
    restart();
    expect_going_on(120, "a takeover");
    char name[HF_REGION_NAME_BYTES];
    hf_session_command_name(name, instance, "a", 1);
    cr_expect_eq(hf_region_open(&region, name, true), HF_E_UNKNOWN, "the old one is removed");
}

Test(rebuild, without_its_command_object_a_session_keeps_its_reports)
{
    open_session(64);
    trade(500);
    kill_it();
    unlink_region("s.a.cmd.1");
    start();
    struct hf_link *link = link_now();
    cr_assert_not_null(link->report_object);
    cr_expect_null(link->command_region.base);
    cr_expect_eq(link->reports.next, 501);
    cr_expect_eq(link->reports.tail_read, 500 - 64 + 2, "not older than what is whole in the ring");
}

Test(rebuild, a_disconnected_client_is_not_read_after_the_restart)
{
    open_session(1024);
    trade(10);
    struct hf_record record = {.type = HF_RECORD_DISCONNECT, .session = 1};
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &record, NULL), HF_OK);
    desk_flood(&a, 5); /* behind its disconnect */
    restart();
    engine();
    cr_expect_eq(session()->last_seq, 10);
    cr_expect(link_now()->frozen);
    cr_expect_eq(link_now()->grace_until_ns, 0);
}

Test(rebuild, a_hostile_tail_condemns_its_session_and_not_the_start)
{
    open_session(64);
    trade(100);
    a.link->command_object->report_tail = UINT64_MAX;
    restart();
    cr_expect_eq(link_now()->condemned, HF_E_PROTOCOL);
    cr_expect_eq(session()->last_seq, 100);
}

/* The market-data ring */

/** A subscriber's mapping, from before a restart. */
static struct hf_region subscriber;

static struct hf_broadcast_object *
map_ring(void)
{
    hf_region_detach(&subscriber);
    open_region(&subscriber, "md");
    return subscriber.base;
}

/** Every event from `from` to the state machine's last is there, and nothing behind it. */
static void
expect_events(uint64_t from)
{
    struct hf_broadcast_reader reader;
    struct hf_market_event event;
    uint64_t last = hf_core_market_number(daemon_now->replay.core);
    hf_broadcast_reader_init(&reader, &subscriber, from);
    for (uint64_t number = from; number <= last; number++) {
        cr_assert_eq(hf_broadcast_read(&reader, &event), HF_OK, "event %llu",
                     (unsigned long long)number);
        cr_expect_eq(event.number, number);
    }
    cr_expect_eq(hf_broadcast_read(&reader, &event), HF_AGAIN);
}

static uint64_t *
slot_of_event(uint64_t number)
{
    return &daemon_now->market.writer
                .words[(number & daemon_now->market.writer.mask) * HF_BROADCAST_WORDS];
}

static void
trade_and_map(uint64_t count)
{
    open_session(1024);
    trade(count);
    cr_assert_geq(hf_core_market_number(daemon_now->replay.core), count);
    map_ring();
}

Test(rebuild, a_market_ring_goes_on_over_a_kill)
{
    trade_and_map(100);
    expect_events(1);
    restart();
    expect_events(1);
    connect_client(link_now());
    trade(50);
    expect_events(1);
    cr_expect_geq(hf_core_market_number(daemon_now->replay.core), 150);
    hf_region_detach(&subscriber);
}

Test(rebuild, market_events_of_a_record_without_effect_are_published)
{
    trade_and_map(10);
    struct hf_command order = desk_order(HF_BUY, 77, 5, 1);
    struct hf_record record;
    memcpy(&record, &order, sizeof(record));
    record.lsn = daemon_now->sequencer.queue.next;
    record.time_ns = hf_core_time(daemon_now->replay.core);
    record.session = 1;
    record.crc = 0;
    uint64_t number = hf_core_market_number(daemon_now->replay.core) + 1;
    desk_submit(&a, &order, 1);
    hf_ring_publish_copy(&daemon_now->sequencer.queue, &record, 1); /* killed between 2 and 3 */
    *slot_of_event(number) = HF_BROADCAST_WRITING | number; /* or in the middle of its event */
    restart();
    expect_events(1);
    const struct hf_market_event *event = hf_broadcast_slot(&subscriber, number);
    cr_assert_not_null(event);
    cr_expect_eq(event->type, HF_MARKET_ADD);
    cr_expect_eq(event->lsn, record.lsn);
    hf_region_detach(&subscriber);
}

Test(rebuild, a_market_ring_that_has_gone_round_is_compared_as_far_as_it_reaches)
{
    trade_and_map(700);
    restart();
    expect_events(hf_core_market_number(daemon_now->replay.core) - 255);
    hf_region_detach(&subscriber);
}

Test(rebuild, a_market_event_that_differs_is_damage)
{
    trade_and_map(50);
    slot_of_event(20)[5] ^= 1;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "market event 20", "differs from what the log gives");
    hf_region_detach(&subscriber);
}

Test(rebuild, a_market_ring_that_knows_more_than_the_log_is_refused)
{
    trade_and_map(50);
    struct hf_market_event event = {.type = HF_MARKET_ADD};
    hf_broadcast_publish(&daemon_now->market.writer, &event);
    kill_it();
    expect_refusal(HF_E_CORRUPT, "knows more than the log", "market event");
    hf_region_detach(&subscriber);
}

Test(rebuild, a_market_ring_with_a_wrong_number_or_name_is_refused)
{
    trade_and_map(50);
    *slot_of_event(20) = 21;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "market-data ring", "is damaged");
    uint64_t *slots = (uint64_t *)((char *)subscriber.base + HF_BROADCAST_SLOTS_OFFSET);
    slots[20 * HF_BROADCAST_WORDS] = 20;
    struct hf_broadcast_object *object = subscriber.base;
    object->instance_id++;
    expect_refusal(HF_E_CORRUPT, "market-data ring", "is another instance's");
    object->version++;
    expect_refusal(HF_E_VERSION, "market-data ring", "another release");
    hf_region_detach(&subscriber);
}

/** What a start makes anew begins behind the last event; the old object is left as it was. */
static void
expect_new_ring(const char *what)
{
    const struct hf_broadcast_object *old = subscriber.base;
    uint64_t last = hf_core_market_number(daemon_now->replay.core);
    struct hf_region before = subscriber;
    memset(&subscriber, 0, sizeof(subscriber));
    const struct hf_broadcast_object *object = map_ring();
    cr_expect_eq(object->first_number, last + 1, "%s", what);
    cr_expect_neq(object->epoch, old->epoch, "%s", what);
    cr_expect_eq(object->epoch, daemon_now->epoch, "%s", what);
    cr_expect_eq(object->history, daemon_now->history, "%s", what);
    cr_expect_eq(object->slots, daemon_now->market.writer.mask + 1, "%s", what);
    connect_client(link_now());
    trade(20);
    expect_events(last + 1);
    hf_region_detach(&before);
}

Test(rebuild, a_market_ring_is_made_anew_where_there_is_none_of_use)
{
    trade_and_map(50);
    kill_it();
    market_setting = "market.slots=512";
    start();
    expect_new_ring("another length");
    kill_it();
    unlink_region("md");
    start();
    expect_new_ring("no ring");
    struct hf_broadcast_object *object = subscriber.base;
    kill_it();
    object->magic = 0;
    start();
    expect_new_ring("never finished");
    object = subscriber.base;
    kill_it();
    object->boot++;
    start();
    expect_new_ring("of another boot");
    hf_region_detach(&subscriber);
}

Test(rebuild, a_market_ring_without_its_status_page_must_not_know_more)
{
    trade_and_map(50);
    struct hf_market_event event = {.type = HF_MARKET_ADD};
    hf_broadcast_publish(&daemon_now->market.writer, &event);
    let_go(daemon_now);
    unlink_region("status");
    unlink_region("s.a.rep");
    unlink_region("s.a.cmd.1");
    expect_refusal(HF_E_CORRUPT, "knows more than the log", "market event");
    hf_region_detach(&subscriber);
}

/* Snapshots */

/** As the checkpointer would, of all that is durable. */
static void
make_snapshot(void)
{
    cr_assert_eq(hf_checkpoint_finish(&daemon_now->checkpoint, UINT64_MAX), HF_OK);
}

static void
spoil_snapshot(uint64_t lsn)
{
    char path[256];
    cr_assert_eq(hf_snapshot_path(path, sizeof(path), directory, lsn), 0);
    int fd = open(path, O_WRONLY);
    cr_assert_eq(pwrite(fd, "spoilt", 6, HF_SNAPSHOT_HEADER_BYTES + 40), 6);
    close(fd);
}

Test(rebuild, a_start_goes_on_from_a_snapshot_as_from_the_log)
{
    open_session(1024);
    trade(300);
    make_snapshot();
    uint64_t snapshot_lsn = daemon_now->checkpoint.snapshot_lsn;
    trade(200);
    uint64_t lsn = hf_core_lsn(daemon_now->replay.core);
    uint64_t digest = hf_core_digest(daemon_now->replay.core);
    kill_it();
    start();
    cr_expect_eq(daemon_now->snapshot_lsn, snapshot_lsn);
    cr_expect_eq(hf_core_lsn(daemon_now->replay.core), lsn + 1, "and the EPOCH record");
    cr_expect_eq(hf_core_digest(daemon_now->replay.core), digest);
    expect_going_on(500, "from a snapshot");
}

Test(rebuild, a_damaged_snapshot_is_passed_over_for_the_older_one_and_then_the_log)
{
    open_session(1024);
    trade(100);
    make_snapshot();
    uint64_t older = daemon_now->checkpoint.snapshot_lsn;
    trade(100);
    make_snapshot();
    spoil_snapshot(daemon_now->checkpoint.snapshot_lsn);
    restart();
    cr_expect_eq(daemon_now->snapshot_lsn, older);
    expect_going_on(200, "from the older snapshot");
    spoil_snapshot(older);
    restart();
    cr_expect_eq(daemon_now->snapshot_lsn, 0);
    expect_going_on(250, "from the log");
}

Test(rebuild, a_flipped_bit_in_a_report_that_only_the_snapshot_has_is_refused)
{
    open_session(1024);
    trade(300);
    make_snapshot();
    struct hf_report *slots = hf_session_slots(a.link->report_object);
    slots[290].quantity ^= 1; /* within the 64 of the event buffer */
    kill_it();
    expect_refusal(HF_E_CORRUPT, "session 'a': report 290", "differs from what the log");
}

Test(rebuild, a_snapshot_at_a_clean_stop_says_that_nothing_was_lost)
{
    open_session(1024);
    trade(100);
    hf_config_set(&daemon_now->config, "snapshot.at_stop=yes");
    uint64_t history = daemon_now->history;
    let_go(daemon_now);
    reboot();
    start();
    cr_expect_gt(daemon_now->snapshot_lsn, 0);
    cr_expect_eq(daemon_now->snapshot_lsn, daemon_now->scan.end_lsn, "nothing was left to replay");
    cr_expect_eq(daemon_now->history, history);
}

/** What a session without a ring goes on with, from the log and from a snapshot (B6). */
static uint64_t
next_after_reboot(bool with_snapshot)
{
    reboot();
    start();
    cr_expect_eq(daemon_now->snapshot_lsn != 0, with_snapshot);
    return link_now()->reports.next;
}

Test(rebuild, after_a_reboot_a_session_goes_on_with_the_same_report_from_a_snapshot)
{
    open_session(1024);
    trade(100);
    struct hf_record gone = {.type = HF_RECORD_DISCONNECT, .session = 1};
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &gone, NULL), HF_OK);
    engine();
    write_log(true);
    make_snapshot();
    uint64_t lsn = daemon_now->checkpoint.snapshot_lsn;
    kill_it();
    uint64_t next = next_after_reboot(true);
    cr_expect_eq(next, 101);
    kill_it();
    spoil_snapshot(lsn);
    cr_expect_eq(next_after_reboot(false), next);
}

Test(rebuild, a_log_whose_beginning_went_needs_a_snapshot)
{
    kill_it();
    segment_setting = "wal.segment_kib=64";
    start();
    open_session(1024);
    trade(2000); /* more than a segment */
    make_snapshot();
    uint64_t lsn = daemon_now->checkpoint.snapshot_lsn;
    kill_it();
    cr_assert_eq(hf_segment_remove(directory, 1), 0);
    start();
    expect_going_on(2000, "without the first segment");
    kill_it();
    spoil_snapshot(lsn);
    expect_refusal(HF_E_CORRUPT, "begins with segment 2, and there is no snapshot",
                   "checksum of a block");
}

Test(rebuild, a_snapshot_beyond_the_events_of_the_market_ring_is_passed_over)
{
    open_session(1024);
    trade(100);
    make_snapshot();
    uint64_t older = daemon_now->checkpoint.snapshot_lsn;
    uint64_t last = hf_core_market_number(daemon_now->replay.core);
    trade(10);
    make_snapshot();
    /* As if the engine had been stopped between logging and telling: the slots hold an older lap. */
    struct hf_region ring;
    open_region(&ring, "md");
    for (uint64_t number = last + 1; number <= hf_core_market_number(daemon_now->replay.core);
         number++) {
        memset((void *)(uintptr_t)hf_broadcast_slot(&ring, number), 0, HF_SLOT_BYTES);
    }
    hf_region_detach(&ring);
    restart();
    cr_expect_eq(daemon_now->snapshot_lsn, older);
    expect_going_on(110, "from the older snapshot");
}
