/*
 * traders.c - two trader processes, their latencies and throughput, and what they saw in all.
 *
 *   traders SOCKET SYMBOL RATE STEADY FLOOD CRASH      orders/s of both together; the rest in seconds
 *
 *   warm up ──► steady: RATE, latencies ──► flood: as fast as they can ──► crash: the same, while
 *                                                                          somebody kills the daemon
 *
 * A latency counts from the moment when a command was due, not from when it could be sent, to the moment
 * when its answer was seen (sequenced) or durable_lsn had reached it (durable). Each trader checks that
 * reports are numbered without a gap and answers come in order, and hashes all that it submits and sees:
 * check_log finds the same hashes in the log. Lines of output begin with what they belong to; "crash"
 * alone says that the last phase begins.
 */
#include "traders.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "base/histogram.h"

#include <holdfast/holdfast.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRADERS 2u
#define SECOND_NS UINT64_C(1000000000)
#define IN_FLIGHT_MAX 4095u /* what the session's command ring holds; fewer than TRADER_ORDERS */
#define IN_FLIGHT_FLOOD 1024u
#define UNDURABLE_MAX 65536u /* the WAL queue holds no more records that are not durable */

enum phase { PHASE_WARM_UP, PHASE_STEADY, PHASE_FLOOD, PHASE_CRASH, PHASE_OVER, PHASES };

/** What a trader and the parent share; the trader writes. */
struct result {
    uint32_t opened;
    uint32_t steady_done; /**< 1: every command of the phase is in the histograms */
    uint32_t flood_done;
    uint32_t answered_all;
    struct hf_histogram sequenced;
    struct hf_histogram durable;
    uint64_t flood_answered;
    uint64_t flood_ns;
    uint64_t commands;
    uint64_t command_hash;
    uint64_t reports;
    uint64_t report_hash;
};

struct plan {
    const char *socket;
    const char *symbol;
    uint64_t gap_ns;           /**< between two commands of one trader */
    uint64_t begin_ns[PHASES]; /**< written by the parent when all traders are there */
    uint32_t set;              /**< 1: begin_ns is complete */
    struct result results[TRADERS];
};

struct undurable {
    uint64_t lsn;
    uint64_t due_ns;
};

struct process {
    struct hf_client *client;
    struct plan *plan;
    struct result *result;
    char name[HF_NAME_BYTES];
    uint32_t instrument;
    enum phase phase;
    struct trader trader;
    struct hf_command next; /**< decided, not yet submitted; type 0: none */
    bool farewell;          /**< the last command is submitted */
    uint64_t submitted;
    uint64_t answered;
    uint64_t steady_first; /**< commands of the steady phase: first .. last */
    uint64_t steady_last;
    uint64_t flood_first; /**< answered when the flood began */
    uint64_t due_ns[IN_FLIGHT_MAX + 1];
    struct undurable undurable[UNDURABLE_MAX];
    uint64_t undurable_head;
    uint64_t undurable_tail;
};

static void
fail(const struct process *p, const char *what, uint64_t is, uint64_t should_be)
{
    printf("violation: %s: %s: %llu, not %llu\n", p->name, what, (unsigned long long)is,
           (unsigned long long)should_be);
    fflush(stdout);
    _exit(1);
}

/* Submit */

/** @return false: the ring is full (its slots come free a little after their answers); try again */
static bool
submit_one(struct process *p, uint64_t due_ns)
{
    uint64_t seq;
    if (p->next.type == 0) {
        trader_decide(&p->trader, &p->next, p->instrument, due_ns);
    }
    int code = hf_submit(p->client, &p->next, &seq);
    if (code == HF_AGAIN) {
        return false;
    }
    if (code != HF_OK) {
        fail(p, hf_strerror(code), (uint64_t)-code, 0);
    }
    if (seq != ++p->submitted) {
        fail(p, "sequence number", seq, p->submitted);
    }
    p->next.seq = seq;
    p->result->command_hash = flow_hash(p->result->command_hash, &p->next);
    p->next.type = 0;
    p->due_ns[seq % (IN_FLIGHT_MAX + 1)] = due_ns;
    return true;
}

static unsigned
submit_due(struct process *p, uint64_t now_ns)
{
    const uint64_t *begin_ns = p->plan->begin_ns;
    bool paced = p->phase <= PHASE_STEADY;
    uint64_t window = p->phase == PHASE_FLOOD ? IN_FLIGHT_FLOOD : IN_FLIGHT_MAX;
    unsigned count = 0;
    while (count < 16 && p->phase != PHASE_OVER && p->submitted - p->answered < window) {
        uint64_t due_ns = paced ? begin_ns[0] + p->submitted * p->plan->gap_ns : now_ns;
        if (due_ns > now_ns || !submit_one(p, due_ns)) {
            break;
        }
        count++;
    }
    return count;
}

/* Read */

static void
note_answer(struct process *p, const struct hf_report *report)
{
    uint64_t seq = ++p->answered;
    uint64_t due_ns = p->due_ns[seq % (IN_FLIGHT_MAX + 1)];
    if (report->command_seq != seq) {
        fail(p, "answer to the wrong command", report->command_seq, seq);
    }
    if (seq < p->steady_first || seq > p->steady_last) {
        return;
    }
    hf_histogram_record(&p->result->sequenced, hf_clock_monotonic_ns() - due_ns);
    if (p->undurable_head - p->undurable_tail == UNDURABLE_MAX) {
        fail(p, "more records are not durable than fit into the WAL queue", UNDURABLE_MAX, 0);
    }
    p->undurable[p->undurable_head++ % UNDURABLE_MAX] = (struct undurable){report->lsn, due_ns};
}

static unsigned
read_reports(struct process *p)
{
    const struct hf_report *report;
    unsigned count = 0;
    while (count < 256 && (report = hf_peek(p->client)) != NULL) {
        if (report->number != p->result->reports + 1) {
            fail(p, "report number", report->number, p->result->reports + 1);
        }
        p->result->report_hash = flow_hash(p->result->report_hash, report);
        p->result->reports += report->slots;
        const struct hf_report_more *more = hf_more(p->client, report);
        if (more != NULL) {
            p->result->report_hash = flow_hash(p->result->report_hash, more);
        }
        trader_learn(&p->trader, report);
        if (report->type != HF_REPORT_FILL && report->command_seq != 0) {
            note_answer(p, report);
        }
        hf_next(p->client);
        count++;
    }
    if (count > 0) {
        hf_release(p->client);
    }
    return count;
}

static void
watch_durable(struct process *p)
{
    uint64_t durable_lsn = hf_durable_lsn(p->client);
    while (p->undurable_tail < p->undurable_head) {
        const struct undurable *oldest = &p->undurable[p->undurable_tail % UNDURABLE_MAX];
        if (oldest->lsn > durable_lsn) {
            break;
        }
        hf_histogram_record(&p->result->durable, hf_clock_monotonic_ns() - oldest->due_ns);
        p->undurable_tail++;
    }
    if (p->answered >= p->steady_last && p->undurable_tail == p->undurable_head) {
        hf_store_release(&p->result->steady_done, 1); /* pairs with the parent's acquire */
    }
}

/* Phases */

static void
enter_phase(struct process *p, uint64_t now_ns)
{
    switch (++p->phase) {
    case PHASE_STEADY:
        p->steady_first = p->submitted + 1;
        break;
    case PHASE_FLOOD:
        p->steady_last = p->submitted;
        p->flood_first = p->answered;
        break;
    case PHASE_CRASH:
        p->result->flood_answered = p->answered - p->flood_first;
        p->result->flood_ns = now_ns - p->plan->begin_ns[PHASE_FLOOD];
        hf_store_release(&p->result->flood_done, 1); /* pairs with the parent's acquire */
        break;
    default:
        break;
    }
}

/** Nothing to do: let others run; when the daemon may be dead, sleep until it speaks. */
static void
rest(struct process *p)
{
    if (p->phase < PHASE_CRASH) {
        sched_yield();
        return;
    }
    int code = hf_wait_report(p->client, SECOND_NS / 1000);
    if (code != HF_OK && code != HF_TIMEOUT && code != HF_E_NO_DAEMON && code != HF_E_STUCK) {
        fail(p, hf_strerror(code), (uint64_t)-code, 0);
    }
}

/**
 * Orders of ours may trade as long as another trader has commands under way. So each waits until all of
 * all are answered, then sends a last command that concerns nobody: its answer comes after every other
 * report. @return whether that is there
 */
static bool
take_leave(struct process *p)
{
    if (p->phase != PHASE_OVER || p->answered < p->submitted || p->farewell) {
        return p->farewell && p->answered == p->submitted;
    }
    hf_store_release(&p->result->answered_all, 1); /* pairs with the other's acquire */
    for (unsigned i = 0; i < TRADERS; i++) {
        if (hf_load_acquire(&p->plan->results[i].answered_all) == 0) {
            return false;
        }
    }
    p->next = (struct hf_command){
        .type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 1}; /* which nobody ever used */
    p->farewell = submit_one(p, hf_clock_monotonic_ns());
    return false;
}

static void
trade(struct process *p)
{
    p->steady_first = p->steady_last = UINT64_MAX;
    while (!take_leave(p)) {
        uint64_t now_ns = hf_clock_monotonic_ns();
        if (p->phase < PHASE_OVER && now_ns >= p->plan->begin_ns[p->phase + 1]) {
            enter_phase(p, now_ns);
        }
        unsigned work = submit_due(p, now_ns) + read_reports(p);
        watch_durable(p);
        if (work == 0) {
            rest(p);
        }
    }
    p->result->commands = p->submitted;
    if (hf_wait(p->client, p->submitted, HF_LEVEL_DURABLE, 10 * SECOND_NS) != HF_OK) {
        fail(p, "durable", hf_durable_lsn(p->client), 0);
    }
}

static int
run_trader(struct plan *plan, unsigned index)
{
    static struct process p;
    p.plan = plan;
    p.result = &plan->results[index];
    p.trader.seed = flow_mix(index + 1);
    snprintf(p.name, sizeof(p.name), "trader-%u", index + 1);
    struct hf_client_options options = {
        .size = sizeof(options), .socket_path = plan->socket, .session = p.name};
    struct hf_instrument_info info;
    int code = hf_open(&p.client, &options);
    if (code != HF_OK || (code = hf_instrument(p.client, plan->symbol, &info)) != HF_OK) {
        fprintf(stderr, "traders: %s: %s: %s\n", p.name, hf_strerror(code), hf_open_error());
        return 1;
    }
    p.instrument = info.id;
    hf_store_release(&p.result->opened, 1);
    while (hf_load_acquire(&plan->set) == 0) { /* pairs with the parent's release: begin_ns */
        hf_clock_sleep_ns(SECOND_NS / 1000);
    }
    trade(&p);
    hf_detach(p.client);
    return 0;
}

/* The parent */

/** Wait until every trader has set a word; @return false when one of them ended before. */
static bool
await_all(const struct plan *plan, size_t word_offset)
{
    for (unsigned i = 0; i < TRADERS; i++) {
        const uint32_t *word =
            (const uint32_t *)(const void *)((const char *)&plan->results[i] + word_offset);
        while (hf_load_acquire(word) == 0) { /* pairs with the trader's release */
            siginfo_t ended = {0};
            if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) {
                return false;
            }
            hf_clock_sleep_ns(SECOND_NS / 1000);
        }
    }
    return true;
}

static void
print_duration(uint64_t ns)
{
    if (ns < 1000000) {
        printf(" %9.2f us", (double)ns / 1e3);
    } else {
        printf(" %9.2f ms", (double)ns / 1e6);
    }
}

static void
print_latency(const struct plan *plan, const char *name, size_t histogram_offset)
{
    static const double percentiles[] = {50, 90, 99, 99.9};
    static struct hf_histogram all;
    hf_histogram_init(&all);
    for (unsigned i = 0; i < TRADERS; i++) {
        hf_histogram_merge(
            &all, (const struct hf_histogram *)(const void *)((const char *)&plan->results[i] +
                                                              histogram_offset));
    }
    printf("steady %-10s", name);
    for (unsigned i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
        print_duration(hf_histogram_percentile(&all, percentiles[i]));
    }
    print_duration(all.max);
    printf("   of %llu orders\n", (unsigned long long)all.total);
}

static void
print_steady(const struct plan *plan)
{
    printf("steady %-10s %12s %12s %12s %12s %12s\n", "", "p50", "p90", "p99", "p99.9", "max");
    print_latency(plan, "sequenced", offsetof(struct result, sequenced));
    print_latency(plan, "durable", offsetof(struct result, durable));
    fflush(stdout);
}

static void
print_flood(const struct plan *plan)
{
    double rate = 0;
    for (unsigned i = 0; i < TRADERS; i++) {
        rate += (double)plan->results[i].flood_answered / (double)plan->results[i].flood_ns * 1e9;
    }
    printf("flood %.0f orders/s\ncrash\n", rate);
    fflush(stdout);
}

static bool
observe(struct plan *plan, const double seconds[PHASES])
{
    if (!await_all(plan, offsetof(struct result, opened))) {
        return false;
    }
    plan->begin_ns[0] = hf_clock_monotonic_ns() + SECOND_NS / 10;
    for (unsigned i = 1; i < PHASES; i++) {
        plan->begin_ns[i] = plan->begin_ns[i - 1] + (uint64_t)(seconds[i - 1] * 1e9);
    }
    hf_store_release(&plan->set, 1);
    if (!await_all(plan, offsetof(struct result, steady_done))) {
        return false;
    }
    print_steady(plan);
    if (!await_all(plan, offsetof(struct result, flood_done))) {
        return false;
    }
    print_flood(plan);
    return true;
}

static struct plan *
make_plan(char **argv)
{
    struct plan *plan =
        mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (plan == MAP_FAILED) {
        perror("traders: mmap");
        exit(1);
    }
    plan->socket = argv[1];
    plan->symbol = argv[2];
    plan->gap_ns = (uint64_t)(1e9 * TRADERS / atof(argv[3]));
    for (unsigned i = 0; i < TRADERS; i++) {
        hf_histogram_init(&plan->results[i].sequenced);
        hf_histogram_init(&plan->results[i].durable);
    }
    return plan;
}

int
main(int argc, char **argv)
{
    if (argc != 7 || atof(argv[3]) <= 0) {
        fprintf(stderr, "usage: traders SOCKET SYMBOL RATE STEADY FLOOD CRASH\n");
        return 2;
    }
    struct plan *plan = make_plan(argv);
    const double seconds[PHASES] = {0.5, atof(argv[4]), atof(argv[5]), atof(argv[6]), 0};
    for (unsigned i = 0; i < TRADERS; i++) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(run_trader(plan, i));
        }
    }
    bool good = observe(plan, seconds);
    int status;
    while (wait(&status) > 0) {
        good = good && status == 0;
    }
    for (unsigned i = 0; good && i < TRADERS; i++) {
        const struct result *result = &plan->results[i];
        printf("trader-%u commands=%llu hash=%016llx reports=%llu hash=%016llx\n", i + 1,
               (unsigned long long)result->commands, (unsigned long long)result->command_hash,
               (unsigned long long)result->reports, (unsigned long long)result->report_hash);
    }
    return good ? 0 : 1;
}
