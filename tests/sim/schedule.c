/* schedule.c - points, turns and crashes (schedule.h). */
#include "sim/schedule.h"

#include "sim/accident.h"
#include "sim/descriptors.h"
#include "sim/disk.h"
#include "sim/hostile.h"
#include "sim/life.h"
#include "sim/oracle.h"
#include "sim/trader.h"
#include "sim/world.h"

#include "base/atomic.h"

#include <limits.h>

#define PERIOD 12 /* points between two questions to the scheduler, at most */
#define DEPTH_MAX 4
#define STAGE_BIT(stage) (1u << (stage))
#define CLIENT_BITS (~(STAGE_BIT(STAGE_CLIENTS) - 1))
#define LIFE_CALM 8u   /* calls fail so much more seldom in a start or stop */
#define SOON_POINTS 20 /* from a write to the end of its flush, about */
#define WAIT_NS 200000u
#define HOLD_UP_NS 50000000u /* a pause of the whole world, at most */

long hf_sim_countdown = 1;
static long asked_after; /**< the countdown began with it */
static long crash_in;    /**< points to the next crash */

static const char *const STAGE_NAMES[] = {"engine", "writer",   "sync",    "prepare",
                                          "waker",  "control",  "gap",     "checkpoint",
                                          "life",   "client 1", "client 2"};

/* The stack */

bool
sim_enter(int process, unsigned stage, void (*code)(void *context), void *context)
{
    struct sim_frame frame = {.process = process, .stage = stage, .below = sim_world.top};
    const unsigned stages = sim_world.stages;
    const unsigned depth = sim_world.depth;
    volatile bool finished = false;
    sim_trace("%s", STAGE_NAMES[stage]);
    if (setjmp(frame.jump) == 0) {
        sim_world.top = &frame;
        sim_world.current = process;
        sim_world.stages |= STAGE_BIT(stage);
        sim_world.depth++;
        code(context);
        finished = true;
    }
    sim_world.top = frame.below;
    sim_world.current = frame.below == NULL ? SIM_OUTSIDE : frame.below->process;
    sim_world.stages = stages;
    sim_world.depth = depth;
    return finished;
}

static bool
daemon_is_on_stack(void)
{
    return (sim_world.stages & ~CLIENT_BITS) != 0;
}

/* Crashes */

void
sim_draw_crash(void)
{
    static const uint64_t within[] = {40, 150, 500, 2000, 40, 150, 500, 2000, 8000};
    static const uint64_t hoards[] = {250, 4000}; /* a start passes some 150 points, or more then */
    crash_in =
        1 + (long)sim_below(sim_world.params.hoards ? hoards[sim_below(2)] : within[sim_below(9)]);
}

void
sim_schedule_reset(void)
{
    hf_sim_countdown = asked_after = 1;
    sim_draw_crash();
}

/** The running process is killed where it is (X1). */
static _Noreturn void
kill_here(void)
{
    struct sim_frame *frame = sim_world.top;
    int process = frame->process;
    while (frame->below != NULL && frame->below->process == process) {
        frame = frame->below;
    }
    oracle_observe();
    if (process == SIM_DAEMON) {
        sim_trace("kill -9 of the daemon");
        sim_world.counts.kills++;
        disk_flushes_abandon();
        disk_directs_leave();
        sim_daemon_forget();
        sim_draw_crash();
    } else {
        sim_trace("kill -9 of a client");
        sim_world.counts.client_kills++;
        trader_killed(process);
    }
    sim_process_end(process);
    longjmp(frame->jump, 1);
}

void
sim_client_dies(void)
{
    kill_here();
}

static _Noreturn void
cut_power(void)
{
    oracle_observe();
    sim_trace("power cut");
    sim_world.counts.power_cuts++;
    disk_power_cut();
    sim_descriptors_reset();
    sim_daemon_forget();
    for (int process = 0; process < SIM_PROCESSES; process++) {
        sim_world.alive[process] = false;
        sim_arena_reset(process);
    }
    sim_compressors_drop();
    sim_world.top = NULL;
    sim_world.current = SIM_OUTSIDE;
    sim_world.stages = 0;
    sim_world.depth = 0;
    sim_world.boot += 1 + sim_below(1000);
    sim_world.wall_base_ns += sim_below(2000000000) - 1000000000; /* it may step back */
    accident_power_cut();
    trader_power_cut();
    oracle_power_cut();
    sim_draw_crash();
    longjmp(sim_world.power, 1);
}

static _Noreturn void
crash_here(void)
{
    if (sim_world.current == SIM_DAEMON && !sim_chance(sim_world.params.power_per_100)) {
        kill_here();
    }
    cut_power();
}

static void
die(void *context)
{
    (void)context;
    kill_here();
}

void
sim_crash_now(void)
{
    if (!sim_world.alive[SIM_DAEMON] || sim_chance(sim_world.params.power_per_100)) {
        cut_power();
    }
    (void)sim_enter(SIM_DAEMON, STAGE_LIFE, die, NULL);
}

/* Turns */

static void
stage_code(void *context)
{
    sim_stage_run(*(const enum sim_stage *)context);
}

/** X2 */
static bool
waits_for_others(enum sim_stage stage)
{
    return stage == STAGE_CONTROL || stage == STAGE_GAP;
}

static bool
run_stage(enum sim_stage stage)
{
    bool busy = (sim_world.stages & STAGE_BIT(stage)) != 0;
    bool above =
        sim_world.current != SIM_DAEMON && daemon_is_on_stack(); /* it could not die (X1) */
    if ((stage == STAGE_PREPARE && !sim_chance(sim_world.params.prepare_per_100)) ||
        (stage == STAGE_CHECKPOINT && sim_world.params.snapshot_every == 0)) {
        return false;
    }
    if (busy || above || !sim_daemon_runs() || (waits_for_others(stage) && daemon_is_on_stack())) {
        return false;
    }
    oracle_observe();
    (void)sim_enter(SIM_DAEMON, stage, stage_code, &stage);
    return true;
}

static bool
run_client(int process)
{
    unsigned stage = STAGE_CLIENTS + (unsigned)process - 1;
    if ((sim_world.stages & CLIENT_BITS) != 0) {
        return false; /* one at a time: what they share is the daemon's */
    }
    oracle_observe();
    struct trader_turn turn = {.process = process, .may_wait = !daemon_is_on_stack()};
    (void)sim_enter(process, stage, trader_step, &turn);
    return true;
}

static const unsigned char TURNS[] = {
    STAGE_ENGINE,      STAGE_ENGINE,  STAGE_ENGINE,      STAGE_ENGINE,      STAGE_WRITER,
    STAGE_WRITER,      STAGE_WRITER,  STAGE_SYNC,        STAGE_SYNC,        STAGE_PREPARE,
    STAGE_PREPARE,     STAGE_WAKER,   STAGE_CONTROL,     STAGE_CONTROL,     STAGE_GAP,
    STAGE_CLIENTS,     STAGE_CLIENTS, STAGE_CLIENTS,     STAGE_CLIENTS + 1, STAGE_CLIENTS + 1,
    STAGE_CLIENTS + 1, STAGE_CLIENTS, STAGE_CLIENTS + 1, STAGE_CHECKPOINT,
};

bool
sim_step(void)
{
    unsigned stage = TURNS[sim_below(sizeof(TURNS))];
    if (sim_below(16) == 0) {
        sim_world.now_ns += sim_below(HOLD_UP_NS);
    }
    return stage < STAGE_CLIENTS ? run_stage((enum sim_stage)stage)
                                 : run_client((int)(stage - STAGE_CLIENTS) + 1);
}

/* Points */

static void
ask_again(void)
{
    asked_after = 1 + (long)sim_below(PERIOD);
    if (crash_in > 0 && asked_after > crash_in) {
        asked_after = crash_in;
    }
    hf_sim_countdown = asked_after;
}

void
hf_sim_point(void)
{
    if (sim_world.calm || sim_world.current == SIM_OUTSIDE) {
        hf_sim_countdown = sim_world.calm ? LONG_MAX : 1;
        asked_after = hf_sim_countdown;
        return;
    }
    sim_world.counts.points += (uint64_t)asked_after;
    crash_in -= asked_after;
    if (crash_in <= 0) {
        ask_again();
        crash_here();
    }
    ask_again();
    if (sim_world.params.hostile) {
        hostile_scribble();
    }
    uint64_t what = sim_below(100);
    if (what < 30 && sim_world.depth < DEPTH_MAX) {
        (void)sim_step();
    } else if (what < 45) {
        disk_write_back();
        disk_direct_land();
    } else if (what < 46 && sim_world.current != SIM_DAEMON) {
        kill_here();
    }
}

void
sim_crash_soon(void)
{
    long soon = 1 + (long)sim_below(SOON_POINTS);
    if (soon < crash_in) {
        crash_in = soon;
        hf_sim_countdown = hf_sim_countdown < soon ? hf_sim_countdown : soon;
        asked_after = hf_sim_countdown;
    }
}

void
sim_call(void)
{
    HF_SIM_POINT();
}

/** A start makes so many calls that at the rate of the others hardly any would come to its end. */
static bool
fault_is_drawn(void)
{
    uint32_t calm = sim_world.top->stage == STAGE_LIFE ? LIFE_CALM : 1;
    return sim_below(1000 * calm) < sim_world.params.fault_per_1000;
}

bool
sim_call_fails(void)
{
    if (sim_world.calm || sim_world.current == SIM_OUTSIDE || !fault_is_drawn()) {
        return false;
    }
    sim_world.faulty = true;
    sim_world.counts.faults++;
    sim_trace("this call fails");
    return true;
}

void
sim_call_takes_long(void)
{
    oracle_observe();
    if (sim_world.calm) {
        return;
    }
    for (uint64_t turns = sim_below(4); turns > 0 && sim_world.depth < DEPTH_MAX; turns--) {
        (void)sim_step();
    }
}

void
sim_call_waits(void)
{
    sim_world.now_ns += WAIT_NS;
    if (sim_world.current == SIM_DAEMON && sim_below(2) == 0) {
        (void)run_stage(STAGE_ENGINE); /* it is nearly always the engine that is asked */
        return;
    }
    (void)sim_step();
}
