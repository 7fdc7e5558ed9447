/* life.c - start, stages and stop of the daemon (life.h). */
#include "sim/life.h"

#include "sim/accident.h"
#include "sim/oracle.h"
#include "sim/world.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "client/page.h"
#include "config/config.h"
#include "daemon/backlog.h"

#include <stdio.h>
#include <string.h>

static const char *const MODES[] = {
    [HF_WAL_GROUP] = "group", [HF_WAL_SYNC] = "sync", [HF_WAL_MEMORY] = "memory"};

struct hf_daemon sim_daemon;
static struct hf_control control;
static struct hf_config config; /**< of every start */
static bool runs;
static int start_code;

static void
set_config(void)
{
    const struct sim_params *params = &sim_world.params;
    if (config.instruments == NULL) {
        int current = sim_world.current;
        sim_world.current = SIM_OUTSIDE; /* it outlives every process */
        (void)hf_config_init(&config);
        sim_world.current = current;
    }
    (void)snprintf(config.instance_name, sizeof(config.instance_name), "sim");
    (void)snprintf(config.instance_directory, sizeof(config.instance_directory), SIM_DIRECTORY);
    (void)snprintf(config.instance_socket, sizeof(config.instance_socket), SIM_SOCKET);
    config.limits_sessions_max = SIM_CLIENTS + 1;
    config.limits_instruments_max = 2;
    config.limits_orders_max = 64;
    config.limits_levels_max = 32;
    config.limits_session_orders_max = 48;
    config.limits_extras_max = 16;
    config.limits_accounts_max = 4;
    config.limits_entitlements_max = 4;
    config.limits_events_max = params->events_max;
    config.market_slots = 256;
    config.session_lag_max = params->lag_max;
    config.session_burst = params->burst;
    config.session_reconnect_grace_ms = 50;
    config.wal_segment_kib = params->segment_bytes >> 10;
    config.wal_flush_records = params->flush_records;
    config.wal_flush_interval_us = params->flush_interval_us;
    config.wal_queue_slots = params->queue_slots;
    (void)snprintf(config.wal_mode, sizeof(config.wal_mode), "%s", MODES[params->mode]);
    (void)snprintf(config.wal_io, sizeof(config.wal_io), params->direct ? "direct" : "auto");
    (void)snprintf(config.instance_admin, sizeof(config.instance_admin), "a");
    (void)snprintf(config.instance_after_loss, sizeof(config.instance_after_loss), "%s",
                   params->after_loss_open ? "open" : "halted");
    (void)snprintf(config.memory_lock, sizeof(config.memory_lock), "no");
    config.snapshot_every_records = params->snapshot_every;
    (void)snprintf(config.snapshot_at_stop, sizeof(config.snapshot_at_stop), "%s",
                   params->snapshot_every != 0 ? "yes" : "no");
}

static void
start(void *context)
{
    (void)context;
    memset(&sim_daemon, 0, sizeof(sim_daemon));
    set_config();
    sim_daemon.config = config;
    sim_daemon.lock_fd = -1;
    sim_daemon.name_fd = -1;
    sim_daemon.numa_node = -1;
    sim_daemon.abandon_shm = accident_abandons();
    start_code = hf_daemon_start(&sim_daemon);
    /* The parameter counts in MiB: a segment here is 8 KiB. */
    sim_daemon.checkpoint.config.keep_bytes = sim_world.params.keep_bytes;
    if (start_code == HF_OK) {
        sim_world.counts.snapshot_starts += sim_daemon.snapshot_lsn != 0;
        oracle_started();
        accident_is_over();
        start_code = hf_gap_init(&sim_daemon.gap);
    }
    if (start_code == HF_OK) {
        start_code = hf_control_init(&control, &sim_daemon);
        if (start_code != HF_OK) {
            hf_control_destroy(&control);
        }
    }
    if (start_code != HF_OK) {
        sim_trace("refused: %s", sim_daemon.text);
        hf_daemon_stop(&sim_daemon);
    }
}

/** Only a call that failed is a reason not to start, or memory that is missing. */
static void
check_refusal(void)
{
    bool excused = sim_world.faulty && (start_code == HF_E_IO || start_code == HF_E_NO_SPACE ||
                                        start_code == HF_E_SYSTEM);
    if (!excused && !accident_excuses(start_code)) {
        sim_violation("P1, P3: the daemon does not start again (%s): %s", hf_error_name(start_code),
                      sim_daemon.text);
    }
}

bool
sim_daemon_start(void)
{
    sim_world.counts.starts++;
    sim_world.faulty = false;
    sim_world.flush_failed = false;
    sim_process_begin(SIM_DAEMON);
    oracle_start_begins();
    sim_trace("start, epoch after %llu", (unsigned long long)oracle_last());
    if (!sim_enter(SIM_DAEMON, STAGE_LIFE, start, NULL)) {
        return false;
    }
    if (start_code != HF_OK) {
        check_refusal();
        sim_process_end(SIM_DAEMON);
        return false;
    }
    sim_world.counts.starts_finished++;
    runs = true;
    return true;
}

static void
stop(void *context)
{
    (void)context;
    hf_control_destroy(&control);
    hf_daemon_stop(&sim_daemon);
    oracle_observe();
}

bool
sim_daemon_stop(void)
{
    sim_trace("stop");
    runs = false;
    if (!sim_enter(SIM_DAEMON, STAGE_LIFE, stop, NULL)) {
        return false;
    }
    sim_process_end(SIM_DAEMON);
    return true;
}

bool
sim_daemon_runs(void)
{
    return runs;
}

void
sim_daemon_forget(void)
{
    runs = false;
}

/* Stages */

/** A thread of the log has failed for good: as threads.c does. */
static void
halt(int64_t code)
{
    sim_world.counts.halts++;
    sim_trace("halt: %s", hf_wal_error_text(sim_daemon.wal));
    if (!sim_world.faulty) {
        sim_violation("P6: halted, and nothing had failed: %s", hf_wal_error_text(sim_daemon.wal));
    }
    hf_halt(&sim_daemon.halt, (int)code, "%s", hf_wal_error_text(sim_daemon.wal));
}

static void
run_log_stage(int64_t (*do_work)(struct hf_wal *wal))
{
    if (hf_halted(&sim_daemon.halt)) {
        return; /* the thread has ended */
    }
    int64_t work = do_work(sim_daemon.wal);
    if (work < 0) {
        halt(work);
    }
}

static int64_t
sync_do_work(struct hf_wal *wal)
{
    int64_t work = hf_wal_sync_do_work(wal, hf_clock_monotonic_ns());
    if (work < 0) {
        oracle_flush_failed();
    }
    return work;
}

static int64_t
prepare_do_work(struct hf_wal *wal)
{
    int64_t work = hf_wal_prepare_do_work(wal, hf_clock_monotonic_ns());
    sim_daemon.status->disk_low = hf_wal_low(wal);
    return work;
}

static void
checkpoint_do_work(void)
{
    if (!hf_halted(&sim_daemon.halt)) {
        uint64_t before = sim_daemon.checkpoint.snapshots;
        (void)hf_checkpoint_do_work(&sim_daemon.checkpoint, hf_clock_monotonic_ns());
        oracle_checkpointed(&sim_daemon.checkpoint.position);
        sim_world.counts.snapshots += sim_daemon.checkpoint.snapshots - before;
    }
}

void
sim_stage_run(enum sim_stage stage)
{
    switch (stage) {
    case STAGE_ENGINE:
        (void)hf_sequencer_do_work(&sim_daemon.sequencer, hf_clock_monotonic_ns());
        return;
    case STAGE_WRITER:
        run_log_stage(hf_wal_writer_do_work);
        return;
    case STAGE_SYNC:
        run_log_stage(sync_do_work);
        return;
    case STAGE_PREPARE:
        run_log_stage(prepare_do_work);
        return;
    case STAGE_WAKER:
        (void)hf_waker_do_work(&sim_daemon.waker);
        return;
    case STAGE_CONTROL:
        (void)hf_control_do_work(&control, 0);
        hf_store_relaxed(&sim_daemon.needed_lsn, hf_backlog_needed_lsn(&sim_daemon.registry));
        return;
    case STAGE_GAP:
        (void)hf_gap_do_work(&sim_daemon.gap);
        return;
    case STAGE_CHECKPOINT:
        checkpoint_do_work();
        return;
    case STAGE_LIFE:
    case STAGE_CLIENTS:
        break;
    }
}
