/* idle.c - a lone client of an idle log (idle.h). */
#include "idle.h"

#include "calibrate.h"

#include "base/clock.h"

#include <holdfast/holdfast.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ORDERS_MIN 8u
#define WARM_ORDERS 3u
#define REST_NS 1000000u
#define ANSWER_NS_MAX 30000000000u

/** What the client and the one who started it share. */
struct shared {
    struct hf_histogram durable;
    struct hf_histogram raw;
    uint64_t answered;
    uint64_t wrong;
};

static bool
open_session(struct hf_client **client, const struct instance *instance)
{
    const struct hf_client_options options = {.size = sizeof(options),
                                              .instance = instance->name,
                                              .socket_path = instance->socket,
                                              .session = "bench-idle",
                                              .flags = HF_OPEN_DURABLE,
                                              .timeout_ns = ANSWER_NS_MAX};
    if (hf_open(client, &options) != HF_OK) {
        (void)fprintf(stderr, "holdfast-bench: %s\n", hf_open_error());
        return false;
    }
    return true;
}

/** An order that rests, or the cancel of the one before: each is answered by exactly one report. */
static void
make_command(struct hf_command *command, uint64_t seq)
{
    memset(command, 0, sizeof(*command));
    command->slots = 1;
    command->client_order_id = seq;
    if (seq % 2 == 0) {
        command->type = HF_COMMAND_CANCEL;
        command->client_order_id = seq - 1;
        return;
    }
    command->type = HF_COMMAND_NEW;
    command->side = HF_BUY;
    command->order_type = HF_LIMIT;
    command->time_in_force = HF_GTC;
    command->instrument = 1;
    command->quantity = 1;
    command->price = 10000;
}

/** One durable round trip. @return ns; 0: no answer, or a wrong one */
static uint64_t
round_trip(struct hf_client *client, uint64_t seq)
{
    struct hf_command command;
    make_command(&command, seq);
    uint64_t start_ns = hf_clock_monotonic_ns();
    if (hf_submit(client, &command, NULL) != HF_OK ||
        hf_wait_report(client, ANSWER_NS_MAX) != HF_OK) {
        return 0;
    }
    uint64_t elapsed_ns = hf_clock_monotonic_ns() - start_ns;
    const struct hf_report *report = hf_peek(client);
    if (report == NULL || report->command_seq != seq || report->number != seq) {
        return 0;
    }
    hf_next(client);
    hf_release(client);
    return elapsed_ns;
}

static int
run_client(const struct instance *instance, const struct bench_options *options,
           struct shared *shared)
{
    struct hf_client *client;
    struct bench_raw raw;
    if (!open_session(&client, instance)) {
        return 1;
    }
    bench_raw_open(&raw, instance->directory);
    uint64_t end_ns = hf_clock_monotonic_ns() + (uint64_t)(options->seconds * 1e9);
    for (uint64_t seq = 1; seq <= ORDERS_MIN || hf_clock_monotonic_ns() < end_ns; seq++) {
        uint64_t durable_ns = round_trip(client, seq);
        if (durable_ns == 0) {
            shared->wrong++;
            break;
        }
        shared->answered = seq;
        uint64_t raw_ns = bench_raw_flush(&raw);
        if (seq > WARM_ORDERS) {
            hf_histogram_record(&shared->durable, durable_ns);
            hf_histogram_record(&shared->raw, raw_ns);
        }
        hf_clock_sleep_ns(REST_NS);
    }
    bench_raw_close(&raw);
    return hf_close(client) == HF_OK ? 0 : 1;
}

void
idle_run(const struct instance *instance, const struct bench_options *options,
         struct idle_outcome *outcome)
{
    struct shared *shared = bench_shared(sizeof(*shared));
    hf_histogram_init(&shared->durable);
    hf_histogram_init(&shared->raw);
    pid_t child = bench_fork(options->cpus[0]);
    if (child == 0) {
        _exit(run_client(instance, options, shared));
    }
    bool good = bench_join(child);
    outcome->durable = shared->durable;
    outcome->raw = shared->raw;
    outcome->answered = shared->answered;
    outcome->wrong = shared->wrong != 0 ? "an order was not answered, or not as it should be"
                     : good             ? NULL
                                        : "the client failed";
    bench_unshare(shared, sizeof(*shared));
}
