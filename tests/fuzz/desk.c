/* desk.c - see desk.h. */
#include "fuzz/desk.h"

#include "base/clock.h"
#include "base/futex.h"
#include "base/log.h"
#include "fuzz/fuzz.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUE_SLOTS 1024u
#define MARKET_SLOTS 64u
#define ROUND_NS 1000000u

struct hf_daemon desk_daemon;
struct hf_control desk_control;
static uint64_t now_ns = 1000000000;
static pid_t owner;

int __wrap_hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns);
void __wrap_hf_log(enum hf_log_priority priority, const char *format, ...);

/** The control thread waits for the engine: here it does the engine's work. */
int
__wrap_hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)word;
    (void)expected;
    (void)timeout_ns;
    desk_round();
    return 0;
}

/** What a daemon says of bad clients is not of interest. */
void
__wrap_hf_log(enum hf_log_priority priority, const char *format, ...)
{
    (void)priority;
    (void)format;
}

static void
unlink_object(void *context, const char *name)
{
    (void)context;
    (void)hf_region_unlink(name);
}

static void
remove_all(void)
{
    char prefix[HF_REGION_NAME_BYTES];
    if (getpid() == owner) {
        (void)snprintf(prefix, sizeof(prefix), "/holdfast.%s.", desk_daemon.config.instance_name);
        (void)hf_region_list(prefix, unlink_object, NULL);
        (void)unlink(desk_daemon.config.instance_socket);
    }
}

static void
init_config(void)
{
    struct hf_config *config = &desk_daemon.config;
    HF_ASSERT("there is memory", hf_config_init(config) == HF_OK);
    (void)snprintf(config->instance_name, sizeof(config->instance_name), "fuzz%d", (int)owner);
    (void)snprintf(config->instance_socket, sizeof(config->instance_socket), "/tmp/%s.sock",
                   config->instance_name);
    (void)snprintf(config->instance_allow, sizeof(config->instance_allow), DESK_USERS);
    config->session_slots_max = 256;
    config->session_per_user_max = 2;
}

static void
init_objects(void)
{
    struct hf_daemon *daemon = &desk_daemon;
    const char *instance = daemon->config.instance_name;
    char name[HF_REGION_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "/holdfast.%s.status", instance);
    HF_ASSERT("a status page",
              hf_region_create(&daemon->status_region, name, HF_STATUS_PAGE_BYTES * 2) == HF_OK);
    daemon->status = daemon->status_region.base;
    daemon->status->instruments_max = 4;
    daemon->halt.status = daemon->status;
    HF_ASSERT("a queue", hf_queue_create(&daemon->queue_region, instance, QUEUE_SLOTS) == HF_OK);
    hf_queue_stamp(&daemon->queue_region, DESK_INSTANCE_ID, 1, 1, 1);
    const struct hf_broadcast_spec market = {
        .instance = instance, .first_number = 1, .slots = MARKET_SLOTS};
    HF_ASSERT("a ring", hf_broadcast_create(&daemon->market.region, &market) == HF_OK);
    hf_broadcast_writer_init(&daemon->market.writer, &daemon->market.region, 1);
    /* Descriptors do; so nothing is left of a process that ends in the middle of an input. */
    (void)hf_region_unlink(daemon->status_region.name);
    (void)hf_region_unlink(daemon->queue_region.name);
    (void)hf_region_unlink(daemon->market.region.name);
}

static void
append(struct hf_record record, struct hf_record *more)
{
    HF_ASSERT("the queue has room",
              hf_sequencer_append(&desk_daemon.sequencer, &record, more) == HF_OK);
}

static void
genesis(void)
{
    struct hf_sequencer *sequencer = &desk_daemon.sequencer;
    struct hf_record slots[2] = {
        {.lsn = 1, .time_ns = 1, .type = HF_RECORD_GENESIS, .slots = 2},
        {.lsn = 2, .time_ns = 1, .type = HF_RECORD_MORE, .slots = 1},
    };
    slots[0].genesis.rules_version = HF_RULES_VERSION;
    slots[0].genesis.sessions_max = DESK_SESSIONS_MAX;
    slots[0].genesis.instruments_max = 4;
    slots[0].genesis.orders_max = 64;
    slots[0].genesis.levels_max = 64;
    slots[0].genesis.session_orders_max = 64;
    slots[1].genesis_more.extras_max = 16;
    slots[1].genesis_more.accounts_max = 16;
    slots[1].genesis_more.entitlements_max = 16;
    slots[1].genesis_more.events_max = 64;
    desk_daemon.replay.numa_node = -1;
    HF_ASSERT("genesis is applied",
              hf_replay_record(&desk_daemon.replay, &slots[0], &slots[1], NULL, 0) == HF_OK);
    sequencer->core = desk_daemon.replay.core;
    HF_ASSERT("a sequencer", hf_sequencer_init(sequencer, &desk_daemon.queue_region) == HF_OK);
    hf_ring_publish_copy(&sequencer->queue, slots, 2);
}

static void
first_records(void)
{
    struct hf_record record = {.type = HF_RECORD_EPOCH};
    struct hf_record more = {0};
    record.epoch.epoch = 1;
    record.epoch.history = 1;
    record.epoch.boot = 1;
    record.epoch.rules_version = HF_RULES_VERSION;
    append(record, NULL);
    record = (struct hf_record){.type = HF_COMMAND_INSTRUMENT_ADD};
    memcpy(record.instrument_add.symbol, "ONE", 4);
    record.instrument_add.tick = 1;
    more.instrument_more.lot = 1;
    more.instrument_more.price_min = 1;
    more.instrument_more.price_max = 1000;
    more.instrument_more.quantity_max = 1000;
    append(record, &more);
}

static void
init_stages(void)
{
    struct hf_daemon *daemon = &desk_daemon;
    HF_ASSERT("a registry", hf_registry_init(&daemon->registry, DESK_SESSIONS_MAX) == HF_OK);
    HF_ASSERT("a waker", hf_waker_init(&daemon->waker, &daemon->registry) == HF_OK);
    daemon->sequencer.status = daemon->status;
    daemon->sequencer.halt = &daemon->halt;
    daemon->sequencer.registry = &daemon->registry;
    daemon->sequencer.waker = &daemon->waker;
    daemon->sequencer.market = &daemon->market.writer;
    daemon->sequencer.writer_bell = &daemon->writer_bell;
    daemon->sequencer.sync_bell = &daemon->sync_bell;
    daemon->sequencer.mode = HF_WAL_GROUP;
    daemon->sequencer.burst = 64;
    daemon->sequencer.lag_max = 1024;
    genesis();
    first_records();
    daemon->gap = (struct hf_gap){
        .directory = "/dev/null", .status = daemon->status, .halt = &daemon->halt, .event_fd = -1};
    HF_ASSERT("a gap service", hf_gap_init(&daemon->gap) == HF_OK);
    HF_ASSERT("a control socket", hf_control_listen(daemon) == HF_OK);
    HF_ASSERT("a control stage", hf_control_init(&desk_control, daemon) == HF_OK);
}

void
desk_init(void)
{
    owner = getpid();
    desk_daemon.instance_id = DESK_INSTANCE_ID;
    init_config();
    init_objects();
    (void)atexit(remove_all);
    init_stages();
    desk_round();
}

void
desk_round(void)
{
    struct hf_daemon *daemon = &desk_daemon;
    struct hf_queue_object *queue = daemon->queue_region.base;
    now_ns += ROUND_NS;
    (void)hf_sequencer_do_work(&daemon->sequencer, now_ns);
    (void)hf_waker_do_work(&daemon->waker);
    (void)hf_gap_do_work(&daemon->gap);
    daemon->status->written_lsn = daemon->sequencer.queue.next - 1;
    daemon->status->durable_lsn = daemon->status->written_lsn;
    hf_store_release(&queue->released, daemon->status->durable_lsn);
}

int
desk_connect(uint32_t uid, bool allowed)
{
    int pair[2];
    if (desk_control.connection_count == desk_control.connections_max) {
        return -1;
    }
    HF_ASSERT("a pair of sockets",
              socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    desk_control.connections[desk_control.connection_count++] =
        (struct hf_connection){.fd = pair[0],
                               .process_fd = -1,
                               .uid = uid,
                               .pid = (uint64_t)owner,
                               .pid_start = hf_process_start((uint64_t)owner),
                               .allowed = allowed,
                               .heard_ns = hf_clock_monotonic_ns()};
    return pair[1];
}

void
desk_close_sessions(void)
{
    struct hf_registry *registry = &desk_daemon.registry;
    while (hf_registry_read(registry)->count > 0) {
        struct hf_link *link = hf_registry_read(registry)->dense[0];
        int code = hf_control_close(&desk_control, link, HF_E_SESSION);
        FUZZ_CHECK("a session can be closed", code == HF_OK || code == HF_AGAIN);
        desk_round();
        hf_control_housekeep(&desk_control);
    }
}
