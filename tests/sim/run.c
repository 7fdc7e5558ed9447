/*
 * run.c - the life of one world.
 *
 *   ┌─► start ─► steps of everybody ─► crash ─┐      ... then calm: start, all reports are read, all
 *   └─────────────────────────────────────────┘      commands done, clean stop, power cut, start
 */
#include "sim/run.h"

#include "sim/accident.h"
#include "sim/life.h"
#include "sim/oracle.h"
#include "sim/trader.h"
#include "sim/world.h"

#include "daemon/halt.h"

#define CALM_STEPS_MAX 20000
#define LAG_FAR 1048576 /* further than any client falls behind here */

#define DRAW(...)                                                                                  \
    ((const uint32_t[]){                                                                           \
        __VA_ARGS__}[sim_below(sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))])

uint64_t
sim_crash_points(void)
{
    return sim_world.counts.kills + sim_world.counts.power_cuts;
}

/** Much that is written and not durable: several segments of torn tail, a queue that has come round. */
static void
draw_hoard(struct sim_params *params)
{
    params->hoards = true;
    params->segment_bytes = 8192;
    params->mode = HF_WAL_GROUP;
    params->flush_records = 1000;
    params->flush_interval_us = 2000000;
    params->queue_slots = DRAW(64, 256, 256);
    params->submit_max = 20;
    params->wish_per_1000 = 3;
    params->prepare_per_100 = 100;
    params->lazy_per_100 = 0;
    params->crashes = 6;
}

static void
draw_params(uint32_t granule)
{
    struct sim_params *params = &sim_world.params;
    *params = (struct sim_params){
        .granule = DRAW(8, 64, 512, 4096),
        .segment_bytes = DRAW(8192, 8192, 12288, 16384),
        .mode = DRAW(HF_WAL_GROUP, HF_WAL_GROUP, HF_WAL_GROUP, HF_WAL_GROUP, HF_WAL_GROUP,
                     HF_WAL_SYNC, HF_WAL_SYNC, HF_WAL_MEMORY),
        .pmem = sim_chance(10),
        .fault_per_1000 = DRAW(0, 0, 3, 15, 60),
        .crashes = DRAW(4, 8, 12, 16),
        .power_per_100 = DRAW(20, 50, 50, 90),
        .flush_records = DRAW(2, 8, 1000),
        .flush_interval_us = DRAW(1000, 10000, 2000000),
        .queue_slots = DRAW(64, 64, 256),
        .events_max = DRAW(64, 1024),
        .submit_max = DRAW(3, 3, 20),
        .wish_per_1000 = DRAW(100, 100, 3),
        .prepare_per_100 = DRAW(100, 100, 10, 5),
        .burst = DRAW(1, 4, 16),
        .after_loss_open = sim_chance(50),
        .lazy_per_100 = DRAW(0, 0, 50, 90),
        .asleep = sim_chance(15),
        .lag_max = DRAW(LAG_FAR, LAG_FAR, LAG_FAR, 40),
        .hostile = sim_chance(20),
        .accident_per_100 = DRAW(0, 0, 0, 20),
    };
    /* In memory mode nothing becomes durable before the stop: a session would wait for that. */
    params->durable_sessions = params->mode != HF_WAL_MEMORY && sim_chance(25);
    params->direct = params->mode != HF_WAL_MEMORY && sim_chance(33);
    if (sim_chance(15)) {
        draw_hoard(params);
    }
    if (sim_chance(30)) {
        params->snapshot_every = DRAW(5, 20, 60);
        params->keep_bytes = DRAW(0, 1, 40000);
    }
    if (granule != 0) {
        params->granule = granule;
    }
    if (params->pmem) {
        params->granule = 8; /* a word is all that such a medium promises */
    }
    sim_trace("granule %u, segments of %u bytes, mode %u, pmem %d, direct %d, faults %u",
              params->granule, params->segment_bytes, params->mode, params->pmem, params->direct,
              params->fault_per_1000);
}

static bool
is_halted(void)
{
    return sim_daemon_runs() && hf_halted(&sim_daemon.halt);
}

/** One step of the world, from outside. */
static void
one_step(void)
{
    if (!sim_daemon_runs()) {
        accident_may_happen();
        if (sim_below(4) == 0) {
            (void)sim_step(); /* clients go on without it */
        } else {
            (void)sim_daemon_start();
        }
    } else if (sim_below(is_halted() ? 10 : 1000) == 0) {
        (void)sim_daemon_stop();
    } else if (sim_below(300) == 0) {
        sim_crash_now();
    } else {
        (void)sim_step();
    }
}

static void
storm(void)
{
    volatile uint64_t until = sim_crash_points() + sim_world.params.crashes;
    (void)setjmp(sim_world.power); /* a power cut comes back to here */
    while (sim_crash_points() < until) {
        one_step();
    }
}

static bool
at_rest(void)
{
    bool rest = oracle_is_at_rest();
    for (int process = 1; process <= SIM_CLIENTS && rest; process++) {
        rest = trader_is_content(process);
    }
    return rest;
}

static void
start_calmly(void)
{
    /* Once more, where the first says that memory was destroyed before the calm. */
    if (!sim_daemon_start() && !sim_daemon_start()) {
        sim_violation("P1: nothing fails any more, but the daemon does not start");
    }
}

static void
come_to_rest(void)
{
    sim_world.calm = true;
    if (is_halted()) {
        (void)sim_daemon_stop();
    }
    if (!sim_daemon_runs()) {
        start_calmly();
    }
    for (unsigned steps = 0; !at_rest(); steps++) {
        if (steps == CALM_STEPS_MAX) {
            sim_violation("P1, P2: nothing fails any more, but commands or reports are missing");
        }
        (void)sim_step();
        oracle_observe();
    }
}

/** What a clean stop left is all there, power or not. */
static void
stop_for_good(void)
{
    if (!sim_daemon_stop()) {
        sim_violation("a clean stop in calm failed");
    }
    if (setjmp(sim_world.power) == 0) {
        sim_crash_now();
    }
    uint64_t before = oracle_last();
    start_calmly();
    if (oracle_last() < before) {
        sim_violation("P3: a clean stop lost records");
    }
    (void)sim_daemon_stop();
    oracle_check_log();
}

bool
sim_run(uint64_t seed, uint32_t granule)
{
    sim_world_reset(seed);
    accident_reset();
    oracle_reset();
    trader_reset();
    sim_daemon_forget();
    if (setjmp(sim_world.failure) != 0) {
        return false;
    }
    draw_params(granule);
    sim_schedule_reset();
    storm();
    come_to_rest();
    stop_for_good();
    return true;
}
