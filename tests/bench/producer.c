/* producer.c - producers of a load (producer.h). */
#include "producer.h"

#include "wait.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <holdfast/holdfast.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_FLIGHT_MAX 4096u /* the client's ring, so that due times fit */
/* Of a session that waits for flushes: half of the WAL queue, so that one half is flushed while the other fills. */
#define IN_FLIGHT_DURABLE_MAX 32768u
/* Commands between two looks at the reports. Few where time counts; where throughput does, so many that
 * producers who share a CPU do not mostly change places. */
#define BURST_AT_RATE 16u
#define BURST_SATURATED 64u
#define LOOKS 32u /* for an answer, between two at the clock: some 100 ns */
#define ANSWER_NS_MAX 30000000000u
#define MAINTAIN_LOOKS 4096u

/** What a producer and the one who started it share. */
struct shared {
    uint64_t ready;    /**< 1: its session is open; 2: it could not be */
    uint64_t start_ns; /**< 0: wait; stored by the starter */
    uint64_t answered;
    uint64_t answered_measured;
    uint64_t last_ns; /**< of the last answer that counts as measured */
    uint64_t wrong;   /**< reports out of order */
    struct hf_histogram latency;
};

struct producer {
    const struct load *load;
    struct shared *shared;
    struct hf_client *client;
    uint64_t gap_ns; /**< between two commands; 0: none */
    uint64_t start_ns, warm_ns, end_ns;
    uint64_t commands_max;
    uint64_t submitted, answered, reported;
    uint64_t last_due_ns;
    uint64_t due_ns[IN_FLIGHT_DURABLE_MAX];
};

static uint32_t
in_flight_max(const struct load *load)
{
    return load->durable ? IN_FLIGHT_DURABLE_MAX : IN_FLIGHT_MAX;
}

/** Half of the orders rest until their cancel, every eighth sweeps: a book that breathes. */
static void
make_command(struct hf_command *command, uint32_t instruments, uint64_t seq)
{
    memset(command, 0, sizeof(*command));
    command->slots = 1;
    if (seq % 2 == 0) {
        command->type = HF_COMMAND_CANCEL;
        command->client_order_id = seq - 1;
        return;
    }
    uint64_t dice = seq * 0x9e3779b97f4a7c15u;
    int64_t away = 1 + (int64_t)((dice >> 40) % 30);
    command->type = HF_COMMAND_NEW;
    command->side = (dice >> 60) & 1 ? HF_BUY : HF_SELL;
    command->order_type = HF_LIMIT;
    command->time_in_force = HF_GTC;
    command->instrument = 1 + (uint32_t)((dice >> 20) % instruments);
    command->client_order_id = seq;
    command->quantity = 1 + (dice >> 33) % 100;
    command->price = 10000 + (command->side == HF_BUY ? -away : away);
    if ((dice >> 50) % 8 == 0) {
        command->time_in_force = HF_IOC;
        command->price = 10000 + (command->side == HF_BUY ? 5 : -5);
    }
}

/** Every command is answered by exactly one report that is no fill, in order. At saturation nobody asks how long it
 *  took, and the look at the clock would be the producer's dearest part. */
static void
take_answer(struct producer *p, uint64_t seq)
{
    uint64_t due_ns = p->due_ns[seq % IN_FLIGHT_DURABLE_MAX];
    p->shared->wrong += seq != p->answered + 1;
    p->answered = seq;
    if (due_ns < p->warm_ns) {
        return;
    }
    p->shared->answered_measured++;
    if (p->gap_ns != 0) {
        hf_histogram_record(&p->shared->latency, hf_clock_monotonic_ns() - due_ns);
    }
}

static bool
read_reports(struct producer *p)
{
    const struct hf_report *report;
    bool any = false;
    uint64_t measured = p->shared->answered_measured;
    while ((report = hf_peek(p->client)) != NULL) {
        p->shared->wrong += report->number != p->reported + 1;
        p->reported += report->slots;
        /* What IOC leaves is cancelled in a second report, of the same command. */
        if (report->type != HF_REPORT_FILL && report->command_seq > p->answered) {
            take_answer(p, report->command_seq);
        }
        hf_next(p->client);
        any = true;
    }
    if (any) {
        hf_release(p->client);
    }
    if (p->shared->answered_measured != measured) {
        p->shared->last_ns = hf_clock_monotonic_ns();
    }
    return any;
}

/** By time, but not before something was due in the measured part of it. */
static bool
is_over(const struct producer *p, uint64_t now_ns)
{
    return p->commands_max != 0 ? p->submitted >= p->commands_max
                                : now_ns >= p->end_ns && p->last_due_ns >= p->warm_ns;
}

/** Submit what is due. @return whether there is no more to come */
static bool
submit_due(struct producer *p)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    unsigned burst = p->gap_ns == 0 ? BURST_SATURATED : BURST_AT_RATE;
    for (unsigned i = 0; i < burst && !is_over(p, now_ns); i++) {
        uint64_t due_ns = p->gap_ns == 0 ? now_ns : p->start_ns + p->submitted * p->gap_ns;
        if (due_ns > now_ns || p->submitted - p->answered >= in_flight_max(p->load) - 1) {
            break;
        }
        struct hf_command command;
        make_command(&command, p->load->instruments, p->submitted + 1);
        p->due_ns[(p->submitted + 1) % IN_FLIGHT_DURABLE_MAX] = due_ns;
        if (hf_submit(p->client, &command, NULL) != HF_OK) {
            break;
        }
        p->submitted++;
        p->last_due_ns = due_ns;
    }
    return is_over(p, now_ns);
}

/** One who measures the way of his orders to their reports. Durable ones need the CPU for the log's threads. */
static bool
is_timed(const struct producer *p)
{
    return p->gap_ns != 0 && !p->load->durable;
}

/** Producers that share a CPU give it away at once, or they would take each other's turns idly. */
static void
wait_turn(const struct producer *p, uint32_t *looks)
{
    if (p->load->producers > 1) {
        ++*looks;
        sched_yield();
    } else if (!is_timed(p)) {
        bench_wait(looks);
    } else if (++*looks % BENCH_LOOKS_PER_YIELD == 0) { /* no pause: one is due any moment */
        sched_yield();
    }
}

/** Whose way is timed looks for the answer, and at nothing else: a look at the clock and a pause between two looks
 *  would be a fifth of what is found. @return whether there was one */
static bool
await_answer(struct producer *p)
{
    unsigned looks = is_timed(p) && p->answered < p->submitted ? LOOKS : 1;
    while (looks > 0 && !read_reports(p)) {
        looks--;
    }
    return looks > 0;
}

/** A daemon that gets no CPU for a second counts as stuck; that is no reason to give up. */
static bool
is_lost(int code)
{
    return code != HF_OK && code != HF_E_STUCK && code != HF_E_NO_DAEMON;
}

/** @return whether all was answered in time */
static bool
drive(struct producer *p)
{
    uint32_t looks = 0;
    uint64_t answer_ns = hf_clock_monotonic_ns(); /* of the last one */
    for (bool over = false; !over || p->answered < p->submitted;) {
        over = submit_due(p);
        if (await_answer(p)) {
            answer_ns = hf_clock_monotonic_ns();
            continue;
        }
        if (p->load->durable && p->answered < p->submitted) {
            (void)hf_wait_report(p->client, 0); /* asks for a flush; does not wait */
        }
        wait_turn(p, &looks);
        if (looks % MAINTAIN_LOOKS == 0 && is_lost(hf_maintain(p->client))) {
            return false;
        }
        if (p->answered < p->submitted && hf_clock_monotonic_ns() - answer_ns > ANSWER_NS_MAX) {
            return false;
        }
    }
    return true;
}

static bool
open_session(struct producer *p, const struct instance *instance, unsigned number)
{
    const struct load *load = p->load;
    char name[HF_NAME_BYTES];
    struct hf_instrument_info info;
    (void)snprintf(name, sizeof(name), "bench-%u", number);
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = instance->name,
                                        .socket_path = instance->socket,
                                        .session = name,
                                        .flags = load->durable ? HF_OPEN_DURABLE : 0,
                                        .command_slots = in_flight_max(load),
                                        .timeout_ns = ANSWER_NS_MAX};
    if (hf_open(&p->client, &options) != HF_OK) {
        (void)fprintf(stderr, "holdfast-bench: %s\n", hf_open_error());
        return false;
    }
    return hf_instrument(p->client, "B1", &info) == HF_OK && info.id == 1;
}

static int
run_producer(const struct instance *instance, const struct load *load, struct shared *shared,
             unsigned number)
{
    static struct producer p;
    p.load = load;
    p.shared = shared;
    p.gap_ns = load->rate > 0 ? (uint64_t)(1e9 * load->producers / load->rate) : 0;
    p.commands_max = load->commands / load->producers;
    bool open = open_session(&p, instance, number);
    hf_store_release(&shared->ready, open ? 1u : 2u); /* pairs with the acquire in wait_ready() */
    if (!open) {
        return 1;
    }
    while ((p.start_ns = hf_load_acquire(&shared->start_ns)) == 0) { /* start_all()'s release */
        hf_clock_sleep_ns(100000);
    }
    uint64_t length_ns = (uint64_t)(load->seconds * 1e9);
    p.start_ns += p.gap_ns * (number - 1) / load->producers; /* their turns are spread evenly */
    p.warm_ns = p.start_ns + (load->commands != 0 ? 0 : length_ns / 5);
    p.end_ns = p.warm_ns + length_ns;
    bool answered = drive(&p);
    shared->answered = p.answered;
    return hf_close(p.client) == HF_OK && answered ? 0 : 1;
}

static bool
wait_ready(struct shared *shared, unsigned producers)
{
    bool good = true;
    for (unsigned i = 0; i < producers; i++) {
        uint64_t ready;
        while ((ready = hf_load_acquire(&shared[i].ready)) ==
               0) { /* with run_producer()'s release */
            hf_clock_sleep_ns(100000);
        }
        good = good && ready == 1;
    }
    return good;
}

/** The same moment for all, a little ahead. @return it */
static uint64_t
start_all(struct shared *shared, unsigned producers)
{
    uint64_t start_ns = hf_clock_monotonic_ns() + 1000000;
    for (unsigned i = 0; i < producers; i++) {
        hf_store_release(&shared[i].start_ns, start_ns);
    }
    return start_ns;
}

static void
sleep_until(uint64_t when_ns)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    if (now_ns < when_ns) {
        hf_clock_sleep_ns(when_ns - now_ns);
    }
}

static void
watch_cpu(const struct instance *instance, const struct load *load, uint64_t start_ns,
          struct load_outcome *outcome)
{
    uint64_t length_ns = (uint64_t)(load->seconds * 1e9);
    sleep_until(start_ns + length_ns / 5);
    uint64_t from_ns = hf_clock_monotonic_ns();
    uint64_t used_ns = instance_cpu_ns(instance);
    sleep_until(start_ns + length_ns / 5 + length_ns);
    uint64_t to_ns = hf_clock_monotonic_ns();
    if (to_ns > from_ns) {
        outcome->cpu_percent =
            100.0 * (double)(instance_cpu_ns(instance) - used_ns) / (double)(to_ns - from_ns);
    }
}

static void
add_up(struct shared *shared, const struct load *load, uint64_t start_ns,
       struct load_outcome *outcome)
{
    uint64_t measured = 0;
    uint64_t last_ns = 0;
    uint64_t from_ns = start_ns + (load->commands != 0 ? 0 : (uint64_t)(load->seconds * 2e8));
    for (unsigned i = 0; i < load->producers; i++) {
        hf_histogram_merge(&outcome->latency, &shared[i].latency);
        outcome->answered += shared[i].answered;
        measured += shared[i].answered_measured;
        last_ns = shared[i].last_ns > last_ns ? shared[i].last_ns : last_ns;
        if (shared[i].wrong != 0) {
            outcome->wrong = "reports out of order";
        }
    }
    outcome->rate = last_ns > from_ns ? (double)measured * 1e9 / (double)(last_ns - from_ns) : 0;
}

void
load_run(const struct instance *instance, const struct load *load, struct load_outcome *outcome)
{
    size_t bytes = load->producers * sizeof(struct shared);
    struct shared *shared = bench_shared(bytes);
    pid_t children[64];
    memset(outcome, 0, sizeof(*outcome));
    hf_histogram_init(&outcome->latency);
    for (unsigned i = 0; i < load->producers; i++) {
        hf_histogram_init(&shared[i].latency);
        children[i] = bench_fork(load->cpu);
        if (children[i] == 0) {
            _exit(run_producer(instance, load, &shared[i], i + 1));
        }
    }
    bool good = wait_ready(shared, load->producers);
    uint64_t start_ns = start_all(shared, load->producers);
    if (good && load->commands == 0) {
        watch_cpu(instance, load, start_ns, outcome);
    }
    for (unsigned i = 0; i < load->producers; i++) {
        good = bench_join(children[i]) && good;
    }
    add_up(shared, load, start_ns, outcome);
    if (!good) {
        outcome->wrong = "a producer failed";
    }
    bench_unshare(shared, bytes);
}
