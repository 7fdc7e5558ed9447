/*
 * rebuild_fixture.h - state from what a daemon left at an arbitrary instruction: each test runs a whole
 * daemon without its threads, stops it dead between two steps, does to log and shared memory what a
 * kill, a reboot or a hand can do, and starts the next one.
 *
 * A program that includes it is linked with --wrap=hf_boot_hash.
 */
#ifndef HF_TESTS_DAEMON_REBUILD_FIXTURE_H
#define HF_TESTS_DAEMON_REBUILD_FIXTURE_H

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

static inline void
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

static inline struct hf_daemon *
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

static inline void
start(void)
{
    daemon_now = daemon_new();
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
}

static inline void
let_go(struct hf_daemon *daemon)
{
    hf_daemon_stop(daemon);
    hf_config_free(&daemon->config);
    free(daemon);
    daemon_now = NULL;
}

/** As by SIGKILL: nothing is written, flushed or said. */
static inline void
kill_it(void)
{
    hf_store_release(&daemon_now->halt.halted, 1);
    let_go(daemon_now);
    memset(&a, 0, sizeof(a)); /* what it pointed to was mapped by the daemon: connect_client() */
}

static inline void
restart(void)
{
    kill_it();
    start();
}

/** The next start must be refused with these words. */
static inline void
expect_refusal(int code, const char *part, const char *second_part)
{
    struct hf_daemon *daemon = daemon_new();
    cr_expect_eq(hf_daemon_start(daemon), code, "%s", daemon->text);
    cr_expect_not_null(strstr(daemon->text, part), "'%s' is not in: %s", part, daemon->text);
    cr_expect_not_null(strstr(daemon->text, second_part), "'%s' is not in: %s", second_part,
                       daemon->text);
    let_go(daemon);
}

static inline void
set_up(void)
{
    snprintf(directory, sizeof(directory), "/tmp/hf_rebuild_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(instance, sizeof(instance), "rb%d", (int)getpid());
    start();
}

static inline void
forget_shared_memory(void)
{
    char prefix[HF_REGION_NAME_BYTES];
    snprintf(prefix, sizeof(prefix), "/holdfast.%s.", instance);
    (void)hf_region_list(prefix, desk_unlink, NULL);
}

/** Shared memory is gone because the host was: another boot. */
static inline void
reboot(void)
{
    forget_shared_memory();
    boot++;
}

static inline void
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

/* What a session and its client do */

static inline void
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

static inline struct hf_session_spec
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

static inline void
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

static inline void
engine(void)
{
    static uint64_t now_ns = 1000000000;
    for (int64_t work = 1; work > 0;) {
        now_ns += 1000;
        work = hf_sequencer_do_work(&daemon_now->sequencer, now_ns);
    }
}

/** The WAL threads: what is sequenced is written; and flushed. */
static inline void
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
static inline void
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

static inline const struct hf_core_session *
session(void)
{
    return hf_core_session(daemon_now->replay.core, 1);
}

static inline struct hf_link *
link_now(void)
{
    return hf_registry_link(&daemon_now->registry, 1);
}

static inline void
open_region(struct hf_region *region, const char *part)
{
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.%s", instance, part);
    cr_assert_eq(hf_region_open(region, name, true), HF_OK, "%s", name);
}

static inline void
unlink_region(const char *part)
{
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.%s", instance, part);
    hf_region_unlink(name);
}

/** After any restart the session must work on, without a gap. */
static inline void
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

#endif
