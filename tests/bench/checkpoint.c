/*
 * checkpoint.c - what a checkpoint costs the engine that it runs beside: how long the engine has a command
 * in hand, with the checkpointer at work and with it at rest, by turns in one daemon.
 *
 *   CPU B   engine, spinning; one command a round, each round timed where it is called
 *   CPU A   producer: a burst of commands into its ring, then asleep │ WAL writer, sync thread
 *           checkpointer: replays the log, writes snapshots; or is held at its next step
 *
 * Three cores would be needed for a producer, an engine and a checkpointer that never meet. So the
 * producer does not time anything, and sleeps while the checkpointer works: it fills its ring ahead, and
 * what is measured is the engine's own time, from its look at the ring to the record in the WAL queue and
 * the reports in their ring. The stages are the daemon's, in one process, as in the daemon; the linker puts
 * two functions of ours around them (--wrap, as in tests/sim): the engine's round is timed, and the
 * checkpointer's step can be held.
 *
 * The checkpointer runs at ordinary priority here, not at the daemon's lowest: on a core of its own that
 * would be the same, on a shared one it would never get on.
 *
 * A round counts for the side whose state the checkpointer had all through it: in a step, or at rest.
 */
#include "bench.h"
#include "calibrate.h"
#include "instance.h"
#include "ticks.h"

#include "base/atomic.h"
#include "base/numa.h"
#include "daemon/daemon.h"

#include <holdfast/client.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define GROUP "checkpoint"
#define SEGMENT_KIB_FULL 65536.0
#define RESTING_FULL 200000.0
#define BURST 256u /* about 50 us of the engine's time */
#define BURST_EVERY_NS 1000000u
#define SNAPSHOT_RECORDS 250000.0
#define TURNS 8u /* of each side, in one run */
#define TURN_ROUNDS_MIN 500u
#define TURN_NS_MAX 5000000000u
#define LOOK_NS 1000000u
#define READY_NS_MAX 60000000000u

enum side { AT_REST, AT_WORK };
#define SIDES 2u

/** What the processes share. */
struct shared {
    struct hf_histogram path[SIDES];
    uint64_t snapshots; /**< written while rounds were timed */
    int stop;           /**< of the daemon */
    uint32_t ready;     /**< 1: the book is built; 2: the producer failed */
    uint32_t done;      /**< the producer may end */
};

/* The daemon's process */

static struct {
    struct shared *shared;
    int checkpoint_cpu;
    /* taker of turns */
    uint32_t measuring;
    uint32_t held; /**< the checkpointer is to rest at its next step */
    /* checkpointer */
    uint32_t in_step __attribute__((aligned(128)));
    /* engine */
    uint64_t rounds[SIDES] __attribute__((aligned(128)));
} work;

int64_t __real_hf_sequencer_do_work(struct hf_sequencer *sequencer, uint64_t now_ns);
int64_t __wrap_hf_sequencer_do_work(struct hf_sequencer *sequencer, uint64_t now_ns);
int64_t __real_hf_checkpoint_do_work(struct hf_checkpoint *checkpoint, uint64_t now_ns);
int64_t __wrap_hf_checkpoint_do_work(struct hf_checkpoint *checkpoint, uint64_t now_ns);

/** The engine's round. Relaxed loads: a round at the border of two states counts for neither, or, once in
 *  thousands, for the wrong one. */
int64_t
__wrap_hf_sequencer_do_work(struct hf_sequencer *sequencer, uint64_t now_ns)
{
    uint64_t commands = sequencer->commands;
    uint32_t in_step = hf_load_relaxed(&work.in_step);
    uint64_t start = bench_ticks();
    int64_t done = __real_hf_sequencer_do_work(sequencer, now_ns);
    uint64_t ticks = bench_ticks() - start;
    bool still =
        hf_load_relaxed(&work.in_step) == in_step && hf_load_relaxed(&work.held) == (in_step == 0);
    if (sequencer->commands == commands + 1 && still && hf_load_relaxed(&work.measuring) != 0) {
        enum side side = in_step != 0 ? AT_WORK : AT_REST;
        hf_histogram_record(&work.shared->path[side], bench_ticks_to_ns(ticks));
        hf_store_relaxed(&work.rounds[side], work.rounds[side] + 1); /* a count */
    }
    return done;
}

/** A core of its own is not in the configuration, and the lowest priority would have it wait for everybody
 *  with whom it shares this one. */
static void
place_checkpointer(void)
{
    const struct sched_param none = {.sched_priority = 0};
    bench_pin(work.checkpoint_cpu);
    (void)pthread_setschedparam(pthread_self(), SCHED_OTHER, &none);
}

/** One step of the checkpointer, unless it is held. */
int64_t
__wrap_hf_checkpoint_do_work(struct hf_checkpoint *checkpoint, uint64_t now_ns)
{
    static bool placed;
    if (!placed) {
        place_checkpointer();
        placed = true;
    }
    if (hf_load_acquire(&work.held) != 0) {
        return 0;
    }
    hf_store_release(&work.in_step, 1);
    int64_t done = __real_hf_checkpoint_do_work(checkpoint, now_ns);
    hf_store_release(&work.in_step, 0);
    return done;
}

static void
wait_for_rest(void)
{
    while (hf_load_acquire(&work.in_step) != 0) {
        hf_clock_sleep_ns(LOOK_NS);
    }
}

struct turns {
    struct hf_daemon *daemon;
    double seconds; /**< of one turn */
};

/** For the length of a turn, and until there are rounds enough. */
static void
measure_turn(const struct turns *turns, enum side side)
{
    uint64_t start_ns = hf_clock_monotonic_ns();
    uint64_t wanted = hf_load_relaxed(&work.rounds[side]) + TURN_ROUNDS_MIN;
    uint64_t elapsed_ns;
    hf_store_release(&work.measuring, 1);
    do {
        hf_clock_sleep_ns(LOOK_NS);
        elapsed_ns = hf_clock_monotonic_ns() - start_ns;
    } while ((double)elapsed_ns < turns->seconds * 1e9 ||
             (hf_load_relaxed(&work.rounds[side]) < wanted && elapsed_ns < TURN_NS_MAX));
    hf_store_release(&work.measuring, 0);
}

/** Sides by turns. Between two, nothing is measured until the checkpointer is where it should be. */
static void *
take_turns(void *context)
{
    const struct turns *turns = context;
    struct shared *shared = work.shared;
    while (hf_load_acquire(&shared->ready) == 0) {
        hf_clock_sleep_ns(LOOK_NS);
    }
    uint64_t before = hf_load_relaxed(&turns->daemon->status->snapshots);
    for (unsigned i = 0; i < SIDES * TURNS && hf_load_acquire(&shared->ready) == 1; i++) {
        enum side side = i % SIDES;
        hf_store_release(&work.held, side == AT_REST);
        if (side == AT_REST) {
            wait_for_rest();
        } else {
            hf_bell_ring(&turns->daemon->checkpoint_bell, 1);
        }
        measure_turn(turns, side);
    }
    shared->snapshots = hf_load_relaxed(&turns->daemon->status->snapshots) - before;
    hf_store_release(&shared->done, 1);
    return NULL;
}

/** @return whether it ran, and stopped cleanly */
static bool
run_daemon(struct hf_daemon *daemon, struct shared *shared, double seconds)
{
    pthread_t thread;
    struct turns turns = {.daemon = daemon, .seconds = seconds};
    int code = hf_daemon_start(daemon);
    bool threads = code == HF_OK && pthread_create(&thread, NULL, take_turns, &turns) == 0;
    if (threads) {
        code = hf_daemon_run(daemon, &shared->stop);
        (void)pthread_join(thread, NULL);
    }
    hf_daemon_stop(daemon);
    if (code != HF_OK) {
        (void)fprintf(stderr, "%s\n", daemon->text);
    }
    return threads && code == HF_OK && !hf_halted(&daemon->halt);
}

/** What holdfastd's main() does, with the configuration of the instance. Never returns. */
_Noreturn static void
daemon_process(const struct instance *instance, struct shared *shared, double seconds)
{
    static struct hf_daemon daemon = {.lock_fd = -1, .name_fd = -1, .numa_node = -1};
    char path[BENCH_PATH_BYTES + 16];
    (void)snprintf(path, sizeof(path), "%s/out", instance->directory);
    if (freopen(path, "w", stderr) == NULL || hf_config_init(&daemon.config) != HF_OK) {
        _exit(1);
    }
    (void)snprintf(path, sizeof(path), "%s/conf", instance->directory);
    hf_config_load(&daemon.config, path);
    if (!hf_config_check(&daemon.config)) {
        (void)fputs(daemon.config.errors, stderr);
        _exit(1);
    }
    daemon.stop = &shared->stop;
    work.shared = shared;
    (void)bench_tick_ns(); /* measured before it is asked for */
    bool good = run_daemon(&daemon, shared, seconds);
    (void)fflush(stderr);
    _exit(!good);
}

/* The producer's process */

struct producer {
    struct hf_client *client;
    uint64_t next_id;
    uint64_t oldest_id; /**< not cancelled yet */
    uint64_t resting;
};

static struct hf_command
new_order(struct producer *producer)
{
    uint64_t dice = producer->next_id * 0x9e3779b97f4a7c15u;
    int64_t away = 1 + (int64_t)((dice >> 40) % 500);
    bool buys = (dice >> 60) % 2 == 0;
    bool takes = (dice >> 50) % 16 == 0;
    return (struct hf_command){
        .type = HF_COMMAND_NEW,
        .slots = 1,
        .side = buys ? HF_BUY : HF_SELL,
        .order_type = HF_LIMIT,
        .time_in_force = takes ? HF_IOC : HF_GTC,
        .instrument = 1,
        .client_order_id = producer->next_id++,
        .quantity = 1 + (dice >> 33) % 100,
        .price = 10000 + (buys == takes ? away : -away),
    };
}

/** A book of about so many orders: the oldest goes for each that comes. */
static struct hf_command
next_command(struct producer *producer)
{
    if (producer->next_id - producer->oldest_id < producer->resting) {
        return new_order(producer);
    }
    return (struct hf_command){
        .type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = producer->oldest_id++};
}

static void
take_reports(const struct producer *producer)
{
    while (hf_peek(producer->client) != NULL) {
        hf_next(producer->client);
    }
    hf_release(producer->client);
}

/** As many as there is room for, at most a burst. */
static bool
send_burst(struct producer *producer)
{
    struct hf_command commands[BURST];
    struct producer ahead = *producer;
    for (unsigned i = 0; i < BURST; i++) {
        commands[i] = next_command(&ahead);
    }
    int64_t sent = hf_submit_many(producer->client, commands, BURST, NULL);
    for (int64_t i = 0; i < sent; i++) {
        (void)next_command(producer);
    }
    return sent > 0 || sent == HF_AGAIN;
}

static bool
open_session(struct producer *producer, const struct instance *instance)
{
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = instance->name,
                                        .socket_path = instance->socket,
                                        .session = "bench",
                                        .timeout_ns = READY_NS_MAX};
    uint64_t give_up_ns = hf_clock_monotonic_ns() + READY_NS_MAX;
    int code;
    while ((code = hf_open(&producer->client, &options)) != HF_OK &&
           hf_clock_monotonic_ns() < give_up_ns) {
        hf_clock_sleep_ns(10000000); /* the daemon is on its way */
    }
    return code == HF_OK;
}

/** @return the exit code */
static int
producer_process(const struct instance *instance, struct shared *shared, uint64_t resting)
{
    struct producer producer = {.next_id = 1, .oldest_id = 1, .resting = resting};
    bool good = open_session(&producer, instance);
    while (good && producer.oldest_id == 1) { /* the book is built: as fast as it goes */
        good = send_burst(&producer);
        take_reports(&producer);
    }
    hf_store_release(&shared->ready, good ? 1u : 2u);
    while (good && hf_load_acquire(&shared->done) == 0) {
        good = send_burst(&producer);
        hf_clock_sleep_ns(BURST_EVERY_NS);
        take_reports(&producer);
    }
    return good && hf_close(producer.client) == HF_OK ? 0 : 1;
}

/* The run */

struct context {
    const struct bench_options *options;
    struct bench_results *results;
    struct bench_calibration calibration;
};

static uint64_t
scaled(const struct context *context, double count)
{
    return bench_scaled(context->options, count, 64);
}

static void
add_outcome(const struct context *context, const struct shared *shared)
{
    static const char *const names[SIDES] = {"engine's time of a command, checkpointer at rest",
                                             "engine's time of a command, checkpointer at work"};
    double p999[SIDES];
    for (unsigned side = 0; side < SIDES; side++) {
        bench_add_percentiles(context->results, GROUP, names[side], &shared->path[side],
                              BENCH_PING_PONG, context->calibration.ping_pong_ns);
        p999[side] = (double)hf_histogram_percentile(&shared->path[side], 99.9);
    }
    bench_add(context->results, GROUP, "p99.9 at work over p99.9 at rest", BENCH_PERCENT,
              100 * p999[AT_WORK] / p999[AT_REST], NULL, 0);
    bench_add(context->results, GROUP, "snapshots written meanwhile", BENCH_COUNT,
              (double)shared->snapshots, NULL, 0);
}

/** B2. @return NULL, or what was wrong */
static const char *
run_processes(const struct context *context, const struct instance *instance, struct shared *shared)
{
    const struct bench_options *options = context->options;
    pid_t daemon = bench_fork(-1);
    if (daemon == 0) {
        work.checkpoint_cpu = options->cpus[0];
        daemon_process(instance, shared, options->seconds / 4);
    }
    pid_t producer = bench_fork(options->cpus[0]);
    if (producer == 0) {
        _exit(producer_process(instance, shared, scaled(context, RESTING_FULL)));
    }
    bool produced = bench_join(producer);
    hf_store_release(&shared->stop, 1);
    if (!bench_join(daemon)) {
        return "the daemon did not run, or did not stop cleanly";
    }
    if (!produced) {
        return "the producer failed";
    }
    bool both = shared->path[AT_REST].total > 0 && shared->path[AT_WORK].total > 0;
    return both && shared->snapshots > 0 ? NULL : "no snapshot was written beside the engine";
}

static void
measure(const struct context *context)
{
    char more[256];
    struct instance instance;
    struct shared *shared = bench_shared(sizeof(*shared));
    (void)snprintf(more, sizeof(more),
                   "[session]\nburst = 1\n[snapshot]\nevery_records = %llu\nat_stop = no\n",
                   (unsigned long long)scaled(context, SNAPSHOT_RECORDS));
    const struct instance_setup setup = {
        .mode = "group",
        .wait = "spin",
        .instruments = 1,
        .sessions_max = 1,
        .segment_kib = (uint32_t)scaled(context, SEGMENT_KIB_FULL) & ~3u,
        .cpus = context->options->cpus,
        .small = context->options->scale < 1,
        .more = more,
    };
    hf_histogram_init(&shared->path[AT_REST]);
    hf_histogram_init(&shared->path[AT_WORK]);
    instance_make(&instance, context->options, &setup);
    const char *wrong = run_processes(context, &instance, shared);
    if (wrong != NULL) {
        instance_tell(&instance);
        bench_fail(context->results, "checkpoint: %s", wrong);
    } else {
        add_outcome(context, shared);
    }
    instance_close(&instance);
    bench_unshare(shared, sizeof(*shared));
}

void
bench_checkpoint(const struct bench_options *options, struct bench_results *results)
{
    if (!bench_wanted(options, "checkpoint")) {
        return;
    }
    for (unsigned run = 0; run < options->runs; run++) {
        const struct context context = {options, results, bench_calibrate(options, results, GROUP)};
        bench_pin(-1);
        measure(&context);
    }
}

int
bench_checkpoint_main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = bench_parse,
        .doc =
            "What a checkpoint costs the engine beside which it runs: the engine's own time of a "
            "command, with the checkpointer replaying and writing snapshots and with it at rest, "
            "by turns in one daemon.\v"
            "The engine spins on the second of --cpus. Checkpointer, WAL writer, sync thread and a "
            "producer that fills its ring in bursts and sleeps in between share the first: the "
            "producer's own times would say how they share it, so they are not taken. The daemon "
            "is in this program, its engine takes one command a round (session.burst = 1).",
        .children = bench_children};
    return bench_main(argc, argv, &argp, bench_checkpoint);
}
