/*
 * e2e.c - throughput and round trip through separate processes: N producers → daemon → reports.
 *
 *   bench_e2e SOCKET SYMBOL [PRODUCERS [RATE [SECONDS [durable]]]]
 *
 * RATE is the offered rate of all producers together in commands/s, 0: as fast as possible. Latency
 * counts from the moment a command was due, not from when it could be sent (no coordinated omission).
 * `durable` opens durable sessions: a report is seen only when its command is on the medium.
 */
#include "base/clock.h"
#include "base/histogram.h"
#include "base/idle.h"

#include <holdfast/holdfast.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_FLIGHT_MAX 4096u /* the client's ring, so that due times fit */

struct shared {
    struct hf_histogram latency;
    uint64_t answered;
    uint64_t elapsed_ns;
    int failed;
};

struct producer {
    struct hf_client *client;
    struct shared *shared;
    uint32_t instrument;
    uint64_t gap_ns; /**< between two commands; 0: none */
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t submitted;
    uint64_t answered;
    uint64_t due_ns[IN_FLIGHT_MAX];
};

/** Half of the orders rest until their cancel, every eighth sweeps: a book that breathes. */
static void
make_command(struct hf_command *command, uint32_t instrument, uint64_t seq)
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
    command->instrument = instrument;
    command->client_order_id = seq;
    command->quantity = 1 + (dice >> 33) % 100;
    command->price = 10000 + (command->side == HF_BUY ? -away : away);
    if ((dice >> 50) % 8 == 0) {
        command->time_in_force = HF_IOC;
        command->price = 10000 + (command->side == HF_BUY ? 5 : -5);
    }
}

static void
read_reports(struct producer *p)
{
    const struct hf_report *report;
    bool any = false;
    while ((report = hf_peek(p->client)) != NULL) {
        if (report->type != HF_REPORT_FILL && report->command_seq > p->answered) {
            uint64_t now = hf_clock_monotonic_ns();
            p->answered = report->command_seq;
            hf_histogram_record(&p->shared->latency, now - p->due_ns[p->answered % IN_FLIGHT_MAX]);
        }
        hf_next(p->client);
        any = true;
    }
    if (any) {
        hf_release(p->client);
    }
}

/** Submit what is due. @return whether the time is over */
static bool
submit_due(struct producer *p)
{
    uint64_t now = hf_clock_monotonic_ns();
    for (unsigned i = 0; i < 16 && now < p->end_ns; i++) {
        uint64_t due = p->gap_ns == 0 ? now : p->start_ns + p->submitted * p->gap_ns;
        if (due > now || p->submitted - p->answered >= IN_FLIGHT_MAX - 1) {
            break;
        }
        struct hf_command command;
        make_command(&command, p->instrument, p->submitted + 1);
        p->due_ns[(p->submitted + 1) % IN_FLIGHT_MAX] = due;
        if (hf_submit(p->client, &command, NULL) != HF_OK) {
            break;
        }
        p->submitted++;
    }
    return now >= p->end_ns;
}

static int
run_producer(struct producer *p, const struct hf_client_options *options, const char *symbol,
             uint64_t seconds)
{
    struct hf_instrument_info info;
    int code = hf_open(&p->client, options);
    if (code != HF_OK || hf_instrument(p->client, symbol, &info) != HF_OK) {
        fprintf(stderr, "bench_e2e: %s: %s\n", hf_strerror(code), hf_open_error());
        return 1;
    }
    bool durable = (options->flags & HF_OPEN_DURABLE) != 0;
    p->instrument = info.id;
    p->start_ns = hf_clock_monotonic_ns();
    p->end_ns = p->start_ns + seconds * 1000000000u;
    for (bool over = false; !over || p->answered < p->submitted;) {
        over = submit_due(p);
        read_reports(p);
        if (durable && p->answered < p->submitted) {
            (void)hf_wait_report(p->client, 0);
        }
    }
    p->shared->answered = p->answered;
    p->shared->elapsed_ns = hf_clock_monotonic_ns() - p->start_ns;
    return hf_close(p->client) == HF_OK ? 0 : 1;
}

static void
print_result(struct shared *shared, unsigned producers)
{
    static struct hf_histogram all;
    double rate = 0;
    hf_histogram_init(&all);
    for (unsigned i = 0; i < producers; i++) {
        hf_histogram_merge(&all, &shared[i].latency);
        rate += (double)shared[i].answered / (double)shared[i].elapsed_ns * 1e9;
    }
    printf("%.0f orders/s; round trip us p50 %.2f p90 %.2f p99 %.2f p99.9 %.2f max %.1f (%llu)\n",
           rate, (double)hf_histogram_percentile(&all, 50) / 1e3,
           (double)hf_histogram_percentile(&all, 90) / 1e3,
           (double)hf_histogram_percentile(&all, 99) / 1e3,
           (double)hf_histogram_percentile(&all, 99.9) / 1e3, (double)all.max / 1e3,
           (unsigned long long)all.total);
}

int
main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench_e2e SOCKET SYMBOL [PRODUCERS [RATE [SECONDS [durable]]]]\n");
        return 2;
    }
    unsigned producers = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
    double rate = argc > 4 ? atof(argv[4]) : 0;
    uint64_t seconds = argc > 5 ? strtoull(argv[5], NULL, 10) : 3;
    bool durable = argc > 6 && strcmp(argv[6], "durable") == 0;
    struct shared *shared = mmap(NULL, producers * sizeof(*shared), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return 1;
    }
    for (unsigned i = 0; i < producers; i++) {
        hf_histogram_init(&shared[i].latency);
        if (fork() == 0) {
            static struct producer p;
            char name[HF_NAME_BYTES];
            snprintf(name, sizeof(name), "bench-%u", i + 1);
            struct hf_client_options options = {.size = sizeof(options),
                                                .socket_path = argv[1],
                                                .session = name,
                                                .flags = durable ? HF_OPEN_DURABLE : 0};
            p.shared = &shared[i];
            p.gap_ns = rate > 0 ? (uint64_t)(1e9 * producers / rate) : 0;
            _exit(run_producer(&p, &options, argv[2], seconds));
        }
    }
    int failed = 0;
    for (int status; wait(&status) > 0;) {
        failed |= status;
    }
    print_result(shared, producers);
    return failed != 0;
}
