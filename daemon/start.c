/*
 * start.c - from nothing, or from what the last daemon left, to a running instance; and back.
 *
 * Order of a start, each step complete before the next (a crash between any two is recovered):
 *   1 lock, and listen for callers (who are told to try again)    2 rebuild state    3 seal the log (durable)    4 stamp the emptied queue with epoch + 1,
 *     and publish the market events that the ring lacks
 *   5 first segment of the new epoch (durable)    6 log EPOCH, which halts all trading where a tail was
 *     lost (before it, in a new boot, DISCONNECT of every client of the old one; before that a new log's genesis, administrators and instruments)
 *   7 take over the rings    8 running
 */
#include "daemon/daemon.h"
#include "daemon/greeter.h"
#include "daemon/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/numa.h"
#include "base/planted.h"
#include "config/difference.h"
#include "core/instrument.h"
#include "recovery/archive.h"
#include "recovery/files.h"
#include "shm/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/** The preparer lays zeros at a measured pace: "nothing now" may become something soon. */
#define PREPARE_NAP_NS 1000000u

/** What a clean stop replays at most for its snapshot: about a second. */
#define AT_STOP_RECORDS_MAX 5000000u
#define SECOND_NS UINT64_C(1000000000)

/** Differences from the configuration that a start tells: more would bury the rest. */
#define DIFFERENCES_TOLD 20u

/* Step 4 */

static int
create_queue(struct hf_daemon *daemon)
{
    char name[HF_REGION_NAME_BYTES];
    uint32_t slots = (uint32_t)daemon->config.wal_queue_slots;
    const struct hf_queue_object *queue = daemon->queue_region.base;
    if (queue != NULL && hf_queue_check(&daemon->queue_region) == HF_OK && queue->slots == slots) {
        return HF_OK;
    }
    hf_queue_name(name, daemon->config.instance_name);
    hf_region_detach(&daemon->queue_region);
    hf_region_unlink(name);
    int code = hf_queue_create(&daemon->queue_region, daemon->config.instance_name, slots);
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "cannot make /dev/shm%s (%u records): %s", name, slots,
                               hf_words_of(code));
    }
    return HF_OK;
}

static void
warn_placement(const char *what, int code)
{
    if (code != 0) {
        hf_log(HF_LOG_WARNING, "%s: %s (slower, not less safe)", what, strerror(-code));
    }
}

static void
lock_memory(const struct hf_daemon *daemon)
{
    const struct hf_region *queue = &daemon->queue_region;
    const struct hf_region *market = &daemon->market.region;
    const struct hf_region *metrics = &daemon->metrics_region;
    if (strcmp(daemon->config.memory_lock, "yes") == 0) {
        warn_placement("cannot lock the WAL queue in memory",
                       hf_memory_lock(queue->base, queue->len_bytes));
        warn_placement("cannot lock the metrics in memory",
                       hf_memory_lock(metrics->base, metrics->len_bytes));
        warn_placement("cannot lock the market-data ring in memory",
                       hf_memory_lock(market->base, market->len_bytes));
        warn_placement("cannot lock the books in memory",
                       hf_memory_lock(daemon->replay.core, daemon->replay.core_bytes));
    }
}

static int
stamp_queue(struct hf_daemon *daemon)
{
    /* Seq_cst: who finds the queue missing or half-stamped finds this first. */
    hf_store_seq_cst(&daemon->status->queue_spent, 1);
    int code = create_queue(daemon);
    if (code == HF_OK) {
        code = hf_market_ring_start(daemon);
    }
    if (code == HF_OK) {
        lock_memory(daemon);
        hf_queue_stamp(&daemon->queue_region, daemon->instance_id, daemon->boot, daemon->epoch,
                       daemon->scan.end_lsn + 1);
        hf_store_seq_cst(&daemon->status->queue_spent, 0);
    }
    return code;
}

/* Step 5 */

static enum hf_wal_mode
parse_mode(const char *mode)
{
    return strcmp(mode, "sync") == 0     ? HF_WAL_SYNC
           : strcmp(mode, "memory") == 0 ? HF_WAL_MEMORY
                                         : HF_WAL_GROUP;
}

static enum hf_wal_io_kind
parse_io(const char *io)
{
    return strcmp(io, "mmap") == 0     ? HF_WAL_IO_MMAP
           : strcmp(io, "pmem") == 0   ? HF_WAL_IO_PMEM
           : strcmp(io, "direct") == 0 ? HF_WAL_IO_DIRECT
                                       : HF_WAL_IO_AUTO;
}

static int
open_wal(struct hf_daemon *daemon)
{
    const struct hf_config *config = &daemon->config;
    struct hf_status *status = daemon->status;
    const struct hf_wal_config wal = {
        .directory = config->instance_directory,
        .instance_id = daemon->instance_id,
        .segment_bytes = (uint64_t)config->wal_segment_kib << 10,
        .io = parse_io(config->wal_io),
        .mode = parse_mode(config->wal_mode),
        .flush_interval_ns = (uint64_t)config->wal_flush_interval_us * 1000,
        .flush_records = (uint64_t)config->wal_flush_records,
        .reserve_segments = (uint32_t)config->wal_reserve_segments,
    };
    const struct hf_wal_start start = {
        .epoch = daemon->epoch,
        .segment = daemon->scan.end_segment + 1,
        .base_lsn = daemon->scan.end_lsn + 1,
        .chain = daemon->scan.end_chain,
        .durable_lsn = daemon->scan.end_lsn,
    };
    const struct hf_watermarks watermarks = {
        .sequenced_lsn = &status->sequenced_lsn,
        .written_lsn = &status->written_lsn,
        .written_position = &status->written_position,
        .durable_lsn = &status->durable_lsn,
        .groups = &status->groups,
        .flushes = &status->flushes,
        .flush_ns_sum = &status->flush_ns_sum,
        .flush_ns_max = &status->flush_ns_max,
        .durable_wanted = &daemon->sequencer.durable_wanted,
        .metrics = daemon->metrics_region.base,
        .trace = &daemon->trace,
    };
    char text[HF_HALT_TEXT_BYTES * 4] = "";
    int code = hf_wal_open(&daemon->wal, &wal, &start, &daemon->queue_region, &watermarks, text,
                           sizeof(text));
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "%s", text);
    }
    daemon->gap.from_flushed = wal.mode == HF_WAL_SYNC || hf_wal_flush_stores(daemon->wal);
    snprintf(status->io, sizeof(status->io), "%s", hf_wal_io_name(daemon->wal));
    return HF_OK;
}

/* Step 6 */

static int
make_genesis(struct hf_daemon *daemon, struct hf_record slots[2])
{
    const struct hf_config *config = &daemon->config;
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return hf_start_failed(daemon, HF_E_SYSTEM, "getrandom: %s", strerror(errno));
    }
    uint64_t now = hf_clock_wall_ns();
    slots[0] = (struct hf_record){.lsn = 1, .time_ns = now, .type = HF_RECORD_GENESIS, .slots = 2};
    slots[0].genesis.rules_version = HF_RULES_VERSION;
    slots[0].genesis.sessions_max = (uint32_t)config->limits_sessions_max;
    slots[0].genesis.instruments_max = (uint32_t)config->limits_instruments_max;
    slots[0].genesis.orders_max = (uint32_t)config->limits_orders_max;
    slots[0].genesis.levels_max = (uint32_t)config->limits_levels_max;
    slots[0].genesis.session_orders_max = (uint32_t)config->limits_session_orders_max;
    slots[0].genesis.hash_seed = seed;
    slots[1] = (struct hf_record){.lsn = 2, .time_ns = now, .type = HF_RECORD_MORE, .slots = 1};
    slots[1].genesis_more.extras_max = (uint32_t)config->limits_extras_max;
    slots[1].genesis_more.accounts_max = (uint32_t)config->limits_accounts_max;
    slots[1].genesis_more.entitlements_max = (uint32_t)config->limits_entitlements_max;
    slots[1].genesis_more.events_max = (uint32_t)config->limits_events_max;
    return HF_OK;
}

/** An empty log: the books are made from the genesis record, as every later replay will do. */
static int
begin_log(struct hf_daemon *daemon, struct hf_record slots[2])
{
    int code = make_genesis(daemon, slots);
    if (code != HF_OK) {
        return code;
    }
    daemon->replay.text[0] = '\0';
    code = hf_replay_record(&daemon->replay, &slots[0], &slots[1], NULL, 0);
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "%s", daemon->replay.text);
    }
    code = hf_registry_init(&daemon->registry, slots[0].genesis.sessions_max);
    return code == HF_OK ? code : hf_start_failed(daemon, code, "out of memory");
}

/** Write what has been appended: there are no threads yet, or no longer. Where the writer waits, the
 *  preparer may have to make room, and the sync stage to give segments back first. */
static int64_t
write_all(struct hf_daemon *daemon)
{
    uint64_t last = daemon->sequencer.queue.next - 1;
    while (hf_load_relaxed(&daemon->status->written_lsn) < last) {
        int64_t result = hf_wal_writer_do_work(daemon->wal);
        if (result == 0) {
            result = hf_wal_prepare_do_work(daemon->wal, hf_clock_monotonic_ns());
        }
        if (result == 0) {
            result = hf_wal_sync_all(daemon->wal);
            hf_clock_sleep_ns(PREPARE_NAP_NS);
        }
        if (result < 0) {
            return result;
        }
    }
    return hf_wal_sync_all(daemon->wal);
}

static int
flush_now(struct hf_daemon *daemon)
{
    int64_t result = write_all(daemon);
    if (result < 0) {
        return hf_start_failed(daemon, (int)result, "%s", hf_wal_error_text(daemon->wal));
    }
    return HF_OK;
}

static int
append(struct hf_daemon *daemon, struct hf_record *record, struct hf_record *more)
{
    int code = hf_sequencer_append(&daemon->sequencer, record, more);
    if (code == HF_AGAIN) {
        code = flush_now(daemon);
        if (code == HF_OK) {
            code = hf_sequencer_append(&daemon->sequencer, record, more);
        }
    }
    return code;
}

static int
append_instrument(struct hf_daemon *daemon, const struct hf_instrument_info *info)
{
    struct hf_record record = {.type = HF_COMMAND_INSTRUMENT_ADD};
    struct hf_record more = {.type = HF_RECORD_MORE};
    record.instrument_add.flags = info->flags;
    memcpy(record.instrument_add.symbol, info->symbol, sizeof(info->symbol));
    record.instrument_add.tick = info->tick;
    more.instrument_more.lot = info->lot;
    more.instrument_more.price_min = info->price_min;
    more.instrument_more.price_max = info->price_max;
    more.instrument_more.quantity_max = info->quantity_max;
    return append(daemon, &record, &more);
}

/** A tail was lost, or a log that was once there: what clients knew of the books may be void. Until the
 *  EPOCH that says so is logged, every start finds the same. */
static bool
begins_behind_a_loss(const struct hf_daemon *daemon)
{
    return daemon->history > 1 && daemon->history != hf_core_history(daemon->replay.core);
}

static int
append_epoch(struct hf_daemon *daemon)
{
    struct hf_record record = {.type = HF_RECORD_EPOCH};
    bool halts =
        strcmp(daemon->config.instance_after_loss, "halted") == 0 && !HF_PLANTED(LOSS_UNHALTED);
    record.flags = halts && begins_behind_a_loss(daemon) ? HF_EPOCH_HALTS : 0;
    record.epoch.epoch = daemon->epoch;
    record.epoch.history = daemon->history;
    record.epoch.boot = daemon->boot;
    record.epoch.rules_version = HF_RULES_VERSION;
    record.epoch.grace_ms = (uint32_t)daemon->config.session_reconnect_grace_ms;
    return append(daemon, &record, NULL);
}

/** A new boot has ended every client of the one before: log that first, because EPOCH makes the new boot
 *  the known one. Who asked for it gets its orders cancelled here. */
static int
append_disconnects(struct hf_daemon *daemon)
{
    const struct hf_core *core = daemon->replay.core;
    int code = HF_OK;
    for (uint32_t slot = 1; slot <= daemon->registry.sessions_max && code == HF_OK; slot++) {
        const struct hf_core_session *session = hf_core_session(core, slot);
        if (session != NULL && session->connected && hf_core_boot(core) != daemon->boot) {
            struct hf_record record = {.type = HF_RECORD_DISCONNECT, .session = slot};
            code = append(daemon, &record, NULL);
        }
    }
    return code;
}

static bool
logged_instrument(void *context, const char *symbol, struct hf_instrument_info *info)
{
    const struct hf_core *core = context;
    return hf_core_instrument(core, hf_instrument_find(core, symbol), info);
}

static bool
logged_admin(void *context, const char *name)
{
    return hf_core_is_admin(context, name);
}

static bool
warn_of_difference(void *context, const struct hf_difference *difference)
{
    char text[HF_START_TEXT_BYTES];
    uint32_t *count = context;
    (*count)++;
    hf_difference_text(difference, text, sizeof(text));
    hf_log(HF_LOG_WARNING, "%s, other than the configuration says", text);
    return *count < DIFFERENCES_TOLD;
}

/** Capacities are in the log's first record for good. */
static void
warn_of_limits(const struct hf_daemon *daemon)
{
    const struct hf_config *config = &daemon->config;
    const struct hf_engine_limits *logged = hf_core_limits(daemon->replay.core);
    const struct {
        const char *name;
        int64_t wanted;
        uint64_t logged;
    } limits[] = {
        {"sessions_max", config->limits_sessions_max, logged->sessions_max},
        {"instruments_max", config->limits_instruments_max, logged->instruments_max},
        {"orders_max", config->limits_orders_max, logged->orders_max},
        {"levels_max", config->limits_levels_max, logged->levels_max},
        {"session_orders_max", config->limits_session_orders_max, logged->session_orders_max},
        {"extras_max", config->limits_extras_max, logged->extras_max},
        {"accounts_max", config->limits_accounts_max, logged->accounts_max},
        {"entitlements_max", config->limits_entitlements_max, logged->entitlements_max},
        {"events_max", config->limits_events_max, logged->events_max},
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if ((uint64_t)limits[i].wanted != limits[i].logged) {
            hf_log(
                HF_LOG_WARNING,
                "limits.%s is %lld in the configuration; the log was begun with %llu, which stays",
                limits[i].name, (long long)limits[i].wanted, (unsigned long long)limits[i].logged);
        }
    }
}

/** The log wins over the configuration; say where they differ. */
static void
warn_of_differences(const struct hf_daemon *daemon)
{
    uint32_t count = 0;
    const struct hf_config_log log = {
        .context = daemon->replay.core, .instrument = logged_instrument, .is_admin = logged_admin};
    hf_config_compare(&daemon->config, &log, warn_of_difference, &count);
    if (count > 0) {
        hf_log(HF_LOG_WARNING,
               "the log wins over the configuration, which seeds an empty log only; "
               "'holdfast admin apply --config FILE' logs what differs");
    }
}

/** Those that an earlier first start has not logged already. */
static int
append_instruments(struct hf_daemon *daemon)
{
    const struct hf_config *config = &daemon->config;
    int code = HF_OK;
    for (size_t i = 0; i < config->instrument_count && code == HF_OK; i++) {
        if (hf_instrument_find(daemon->replay.core, config->instruments[i].symbol) == 0) {
            code = append_instrument(daemon, &config->instruments[i]);
        }
    }
    return code;
}

/** Sessions that the configuration names as administrators. */
static int
append_admins(struct hf_daemon *daemon)
{
    const char *rest = daemon->config.instance_admin;
    char name[HF_NAME_BYTES];
    int code = HF_OK;
    while (code == HF_OK && hf_config_next_admin(&rest, name) > 0) {
        struct hf_record record = {.type = HF_COMMAND_ENTITLE, .flags = HF_ON};
        record.order_type = HF_ENTITLE_ADMIN;
        memcpy(record.by_name.name, name, sizeof(name));
        code = append(daemon, &record, NULL);
    }
    return code;
}

static bool
somebody_administrates(const struct hf_core *core)
{
    struct hf_entitlement_row row;
    for (uint32_t place = 0; hf_core_entitlement(core, place, &row); place++) {
        if (row.kind == HF_ENTITLE_ADMIN) {
            return true;
        }
    }
    return false;
}

/** The first EPOCH says that all the configuration has for an empty log is in it: a crash before that
 *  leaves a log that is seeded further. */
static int
seed(struct hf_daemon *daemon, bool begun)
{
    if (begun) {
        hf_log(HF_LOG_NOTICE, "an earlier first start ended with %u of %zu instruments in the log",
               hf_core_instruments(daemon->replay.core), daemon->config.instrument_count);
    }
    int code = append_admins(daemon);
    return code == HF_OK ? append_instruments(daemon) : code;
}

/** Also where an earlier start halted them: nobody may have read what that one said. */
static void
warn_of_halted(const struct hf_daemon *daemon)
{
    const struct hf_core *core = daemon->replay.core;
    struct hf_instrument_info info;
    uint32_t halted = 0;
    for (uint32_t id = 1; hf_core_instrument(core, id, &info); id++) {
        halted += info.phase == HF_PHASE_HALTED;
    }
    if (halted != 0) {
        hf_log(HF_LOG_WARNING,
               "%u of %u instruments are halted and take cancels only: 'holdfast admin phase "
               "SYMBOL|all open' opens them",
               halted, hf_core_instruments(core));
    }
}

static int
append_first_records(struct hf_daemon *daemon, const struct hf_record *genesis)
{
    const struct hf_core *core = daemon->replay.core;
    bool seeding = hf_core_epoch(core) == 0;
    int code = HF_OK;
    if (genesis != NULL) {
        hf_ring_publish_copy(&daemon->sequencer.queue, genesis, 2); /* it is applied already */
    }
    if (seeding) {
        code = seed(daemon, genesis == NULL);
    } else if (!somebody_administrates(core)) {
        code = append_admins(daemon); /* or nobody could ever give rights to anybody */
    }
    if (code == HF_OK) {
        code = append_disconnects(daemon);
    }
    if (code == HF_OK) {
        code = append_epoch(daemon);
    }
    if (genesis == NULL) { /* there was a log, be it one that was not yet seeded whole */
        warn_of_limits(daemon);
        warn_of_differences(daemon);
    }
    return code == HF_OK ? flush_now(daemon) : code;
}

/* Step 7 */

/** The logged deadline on the monotonic clock, which nobody sets; the wall clock may have been set back
 *  since, and gives nobody more than the grace time. */
static uint64_t
grace_deadline(const struct hf_daemon *daemon, const struct hf_core_session *session)
{
    uint64_t grace_ns = (uint64_t)daemon->config.session_reconnect_grace_ms * 1000000;
    uint64_t wall_ns = hf_clock_wall_ns();
    uint64_t left_ns = session->grace_until_ns > wall_ns ? session->grace_until_ns - wall_ns : 0;
    return hf_clock_monotonic_ns() + (left_ns < grace_ns ? left_ns : grace_ns);
}

static void
take_over_rings(struct hf_daemon *daemon)
{
    const struct hf_link_table *table = hf_registry_read(&daemon->registry);
    for (uint32_t i = 0; i < table->count; i++) {
        struct hf_link *link = table->dense[i];
        const struct hf_core_session *session = hf_core_session(daemon->replay.core, link->slot);
        if (session->grace_until_ns != 0) { /* who does not come back is disconnected then */
            link->grace_until_ns = grace_deadline(daemon, session);
        }
        if (link->report_object == NULL || link->command_region.base == NULL) {
            continue; /* a client that resumes gets new objects */
        }
        uint64_t next_seq = session->last_seq + 1;
        if (HF_PLANTED(SEQUENCE_NOT_RESTORED)) {
            next_seq = link->report_object->command_tail + 1;
        }
        (void)hf_link_attach(link, next_seq, link->reports.next); /* or it is condemned: expelled */
        hf_store_relaxed(&link->report_object->sequenced_lsn, session->last_lsn);
        hf_ring_release(&link->commands);
        link->frozen = !session->connected; /* its disconnect is logged: until somebody resumes */
    }
}

struct orphans {
    const struct hf_link_table *table;
};

/** Objects that no open session names: their making was never finished, or they were left by a close. */
static void
unlink_orphan(void *context, const char *name)
{
    const struct orphans *orphans = context;
    for (uint32_t i = 0; i < orphans->table->count; i++) {
        const struct hf_link *link = orphans->table->dense[i];
        bool reports =
            link->report_region.base != NULL && strcmp(link->report_region.name, name) == 0;
        bool commands =
            link->command_region.base != NULL && strcmp(link->command_region.name, name) == 0;
        if (reports || commands) {
            return;
        }
    }
    hf_region_unlink(name);
}

static void
unlink_orphans(struct hf_daemon *daemon)
{
    char prefix[HF_REGION_NAME_BYTES];
    struct orphans orphans = {.table = hf_registry_read(&daemon->registry)};
    snprintf(prefix, sizeof(prefix), "/holdfast.%.23s.s.", daemon->config.instance_name);
    (void)hf_region_list(prefix, unlink_orphan, &orphans);
}

/* All together */

/** Segments that must find room before a snapshot may take it: those that are prepared ahead, and one. */
static uint64_t
log_reserve_bytes(const struct hf_config *config)
{
    return ((uint64_t)config->wal_reserve_segments + 1) * ((uint64_t)config->wal_segment_kib << 10);
}

static void
set_up_checkpointer(struct hf_daemon *daemon)
{
    const struct hf_config *config = &daemon->config;
    daemon->checkpoint = (struct hf_checkpoint){
        .config =
            {
                .directory = config->instance_directory,
                .reserve_bytes = log_reserve_bytes(config),
            },
        .durable_lsn = HF_PLANTED(SNAPSHOT_AHEAD) ? &daemon->status->written_lsn
                                                  : &daemon->status->durable_lsn,
        .needed_lsn = &daemon->needed_lsn,
    };
}

static int
set_up_stages(struct hf_daemon *daemon)
{
    struct hf_sequencer *s = &daemon->sequencer;
    daemon->halt.status = daemon->status;
    hf_halt_watch_faults(&daemon->halt);
    int code = hf_waker_init(&daemon->waker, &daemon->registry);
    if (code != HF_OK) {
        return code;
    }
    s->core = daemon->replay.core;
    s->status = daemon->status;
    s->halt = &daemon->halt;
    s->registry = &daemon->registry;
    s->waker = &daemon->waker;
    s->market = &daemon->market.writer;
    s->writer_bell = &daemon->writer_bell;
    s->sync_bell = &daemon->sync_bell;
    s->mode = parse_mode(daemon->config.wal_mode);
    daemon->gap = (struct hf_gap){.directory = daemon->config.instance_directory,
                                  .status = daemon->status,
                                  .halt = &daemon->halt,
                                  .event_fd = -1,
                                  .job = {.fd = -1, .memory_fd = -1}};
    set_up_checkpointer(daemon);
    hf_tune(daemon);
    return hf_sequencer_init(s, &daemon->queue_region);
}

static void
reset_counters(struct hf_daemon *daemon)
{
    struct hf_status *status = daemon->status;
    /* Release pairs with hf_client_void() of clients that kept their mapping: before any watermark. */
    hf_store_release(&status->epoch, daemon->epoch);
    hf_store_release(&status->history, daemon->history);
    hf_store_relaxed(&status->mode, (uint32_t)parse_mode(daemon->config.wal_mode));
    if (!daemon->resumed_shm ||
        daemon->objects_lost) { /* who comes back from now on gets objects */
        status->objects_lsn = hf_core_lsn(daemon->replay.core);
    }
    status->halt_code = HF_OK;
    status->halt_text[0] = '\0';
    status->disk_low = 0;
    status->parked = 0;
    status->commands = status->reports = status->trades = status->rejects = 0;
    status->batches = status->path_ns_sum = status->path_ns_max = status->wal_waits = 0;
    status->snapshot_lsn = status->snapshots = status->snapshot_failures = 0;
    status->groups = status->flushes = status->flush_ns_sum = status->flush_ns_max = 0;
    status->heartbeat_ns = hf_clock_monotonic_ns();
}

/** Whether the log can be read without a snapshot. */
static bool
begins_with_first_segment(const struct hf_daemon *daemon)
{
    uint64_t *numbers = NULL;
    size_t count = 0;
    int error = hf_archive_list(daemon->config.instance_directory, &numbers, &count);
    bool first = error == 0 && (count == 0 || numbers[0] == 1);
    free(numbers);
    return first;
}

/** Before shared memory is given up for it: whether the log is whole. Of a log that begins behind a snapshot
 *  only the rebuild can tell. */
static int
check_log(struct hf_daemon *daemon)
{
    if (!begins_with_first_segment(daemon)) {
        return HF_OK;
    }
    int code = hf_scan(daemon->config.instance_directory, 0, NULL, NULL, &daemon->scan);
    return code == HF_OK ? code
                         : hf_start_failed(daemon, code, "%s. Shared memory was not touched",
                                           daemon->scan.text);
}

static int
check_files(struct hf_daemon *daemon)
{
    char name[HF_FILES_NAME_BYTES];
    return hf_files_judge(daemon->config.instance_directory, name) == HF_FILES_SPECIAL
               ? hf_start_failed(daemon, HF_E_CORRUPT,
                                 "%s/%s is no regular file: this log has not made it, move it away",
                                 daemon->config.instance_directory, name)
               : HF_OK;
}

static int
open_instance(struct hf_daemon *daemon)
{
    int code = hf_guard_install();
    hf_guard_on_fatal(hf_halt_on_fault);
    if (code == HF_OK) {
        code = hf_instance_lock(daemon);
    }
    if (code == HF_OK) {
        code = check_files(daemon);
    }
    if (code != HF_OK) {
        return code;
    }
    code = hf_instance_open_status(daemon);
    if (daemon->abandon_shm && (code == HF_OK || code == HF_E_CORRUPT || code == HF_E_VERSION)) {
        daemon->text[0] = '\0';
        code = check_log(daemon);
        code = code == HF_OK ? hf_instance_abandon(daemon) : code;
    }
    if (code == HF_OK) {
        code = hf_control_listen(daemon); /* N5 */
    }
    if (code == HF_OK && daemon->status != NULL) {
        hf_store_release(&daemon->status->state, HF_STATE_RECOVERING);
    }
    return code;
}

static int
open_epoch(struct hf_daemon *daemon, const struct hf_record *genesis)
{
    int code = hf_instance_create_status(daemon);
    if (code == HF_OK) {
        reset_counters(daemon);
        code = hf_measure_start(daemon);
    }
    if (code == HF_OK) {
        code = stamp_queue(daemon);
    }
    if (code == HF_OK) {
        code = set_up_stages(daemon);
    }
    if (code == HF_OK) {
        code = open_wal(daemon);
    }
    return code == HF_OK ? append_first_records(daemon, genesis) : code;
}

static int
recover(struct hf_daemon *daemon)
{
    struct hf_record genesis[2];
    int code = hf_rebuild(daemon);
    bool empty = code == HF_OK && daemon->replay.core == NULL;
    if (empty) {
        hf_log(HF_LOG_NOTICE, "there is no log in %s: a new one is begun",
               daemon->config.instance_directory);
        code = begin_log(daemon, genesis);
    } else if (code == HF_OK && !daemon->scan.witnessed) {
        hf_log(HF_LOG_WARNING,
               "%s/LOCK does not say how far the log was used, as in a copy: if its last segments "
               "are missing, nothing tells",
               daemon->config.instance_directory);
    }
    if (code == HF_OK) {
        code = open_epoch(daemon, empty ? genesis : NULL);
    }
    if (code != HF_OK) {
        return code;
    }
    take_over_rings(daemon);
    unlink_orphans(daemon);
    warn_of_halted(daemon);
    hf_sequencer_publish_books(&daemon->sequencer);
    hf_store_release(&daemon->status->sequenced_lsn, daemon->sequencer.queue.next - 1);
    hf_store_release(&daemon->status->magic, HF_STATUS_MAGIC);
    hf_instance_forget_abandoned(daemon); /* behind the magic: a page without it is no witness */
    hf_store_release(&daemon->status->state, HF_STATE_RUNNING);
    hf_log(
        HF_LOG_NOTICE, "instance '%s' epoch %llu history %llu: running at LSN %llu, log in %s (%s)",
        daemon->config.instance_name, (unsigned long long)daemon->epoch,
        (unsigned long long)daemon->history, (unsigned long long)daemon->sequencer.queue.next - 1,
        daemon->config.instance_directory, hf_wal_io_name(daemon->wal));
    return HF_OK;
}

int
hf_daemon_start(struct hf_daemon *daemon)
{
    struct hf_greeter greeter = {0};
    int code = open_instance(daemon);
    if (code == HF_OK && daemon->greets) {
        code = hf_greeter_start(&greeter, daemon);
    }
    if (code == HF_OK) {
        code = recover(daemon);
    }
    hf_greeter_stop(&greeter);
    return code;
}

/** Everything before it is durable, then STOP is: the next start knows that nothing was lost. */
static void
stop_cleanly(struct hf_daemon *daemon)
{
    struct hf_record record = {.type = HF_RECORD_STOP};
    int code = hf_wal_check_files(daemon->wal);
    code = code == HF_OK ? flush_now(daemon)
                         : hf_start_failed(daemon, code, "%s", hf_wal_error_text(daemon->wal));
    if (code == HF_OK) {
        code = append(daemon, &record, NULL);
    }
    if (code == HF_OK) {
        code = flush_now(daemon);
    }
    if (code != HF_OK) {
        hf_halt(&daemon->halt, code, "%s", daemon->text);
        return;
    }
    hf_store_release(&daemon->status->sequenced_lsn, daemon->sequencer.queue.next - 1);
    hf_store_release(&daemon->status->state, HF_STATE_STOPPED);
    hf_log(HF_LOG_NOTICE, "stopped at LSN %llu, all of it durable",
           (unsigned long long)daemon->sequencer.queue.next - 1);
}

/** The next start has then nothing to replay. A failure is told, and costs it only that. */
static void
leave_snapshot(struct hf_daemon *daemon)
{
    if (strcmp(daemon->config.snapshot_at_stop, "yes") == 0 && !hf_halted(&daemon->halt)) {
        daemon->checkpoint.cancel = NULL;
        if (hf_checkpoint_finish(&daemon->checkpoint, AT_STOP_RECORDS_MAX) == HF_AGAIN) {
            hf_log(HF_LOG_NOTICE, "no snapshot at this stop: the checkpointer is too far behind");
        }
    }
}

void
hf_daemon_stop(struct hf_daemon *daemon)
{
    hf_control_unlisten(daemon);
    if (daemon->wal != NULL) {
        if (!hf_halted(&daemon->halt)) {
            stop_cleanly(daemon);
            leave_snapshot(daemon);
        }
        hf_wal_close(daemon->wal);
        daemon->wal = NULL;
    }
    hf_gap_destroy(&daemon->gap);
    hf_checkpoint_free(&daemon->checkpoint);
    hf_halt_watch_faults(NULL); /* its page is let go */
    hf_sequencer_destroy(&daemon->sequencer);
    hf_waker_destroy(&daemon->waker);
    hf_registry_destroy(&daemon->registry);
    hf_replay_free(&daemon->replay);
    hf_region_detach(&daemon->queue_region);
    hf_region_detach(&daemon->metrics_region);
    hf_market_ring_release(&daemon->market);
    hf_instance_release(daemon);
}
