/*
 * resume.c - a producer that survives kill -9, of itself and of the daemon.
 *
 *     example_resume COUNT [SOCKET [FIRST_REPORT]]
 *
 * It submits the orders 1 to COUNT, each exactly once, whatever happens in between: kill it and start
 * it again; kill the daemon and start it again. The trick is that there is none: order n is command n
 * of the session, and the session knows which was the last (facts.last_submitted). No file is kept.
 *
 * Odd orders buy, even ones sell what the one before bought. So every pair makes four reports, and a
 * run that has gone well ends with report 2 * COUNT. Run it again after that and it has nothing to do,
 * but with FIRST_REPORT it reads its reports once more, from that one on, however old they are.
 */
#define _POSIX_C_SOURCE 200809L /* nanosleep: with -std=c17 */
#include <errno.h>
#include <holdfast/holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
#define OPEN_TRIES_MAX 600

struct producer {
    struct hf_client *client;
    struct hf_instrument_info instrument;
    uint64_t count;    /* orders to submit */
    uint64_t read;     /* reports in this run */
    uint64_t rejected; /* of them */
};

static struct hf_command
order_number(uint64_t n, const struct hf_instrument_info *instrument)
{
    return (struct hf_command){.type = HF_COMMAND_NEW,
                               .slots = 1,
                               .side = n % 2 == 1 ? HF_BUY : HF_SELL,
                               .order_type = HF_LIMIT,
                               .time_in_force = n % 2 == 1 ? HF_GTC : HF_IOC,
                               .instrument = instrument->id,
                               .client_order_id = n,
                               .price = 100 * instrument->tick,
                               .quantity = instrument->lot};
}

/* Act on every report that is there, then give them back. A crash before hf_release() brings them
 * again: who must not act twice compares report->number with the last one that it acted upon. */
static void
read_reports(struct producer *producer)
{
    struct hf_client *client = producer->client;
    for (const struct hf_report *report; (report = hf_peek(client)) != NULL; hf_next(client)) {
        producer->read++;
        producer->rejected += report->type == HF_REPORT_REJECTED;
    }
    hf_release(client);
}

/* What a wait said: go on, or give up? */
static int
judge(struct hf_client *client, int result)
{
    struct hf_session_facts facts;
    switch (result) {
    case HF_E_NO_DAEMON: /* it will be started again; the ring keeps what we submitted */
    case HF_E_STUCK:
    case HF_TIMEOUT:
        return HF_OK;
    case HF_E_HISTORY: /* a tail of the log was lost: the facts say from where to go on */
        hf_accept_history(client, &facts);
        printf("history is now %" PRIu64 ", going on behind order %" PRIu64 "\n", facts.history,
               facts.last_submitted);
        return HF_OK;
    case HF_LOST: /* we did not read for too long; our open orders follow as reports */
        hf_facts(client, &facts);
        printf("reports %" PRIu64 " to %" PRIu64 " are lost\n", facts.lost_first, facts.lost_last);
        return HF_OK;
    default:
        return result;
    }
}

static int
produce(struct producer *producer)
{
    struct hf_client *client = producer->client;
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    while (facts.last_submitted < producer->count) {
        struct hf_command order = order_number(facts.last_submitted + 1, &producer->instrument);
        int result = hf_submit(client, &order, NULL);
        if (result == HF_AGAIN) { /* the ring is full: reports make room, sooner or later */
            read_reports(producer);
            result = hf_wait_report(client, SECOND_NS);
        }
        result = judge(client, result);
        if (result != HF_OK) {
            return result;
        }
        hf_facts(client, &facts);
    }
    return HF_OK;
}

static int
await_durable(struct producer *producer)
{
    int result;
    do {
        result = hf_wait(producer->client, producer->count, HF_LEVEL_DURABLE, SECOND_NS);
        read_reports(producer);
    } while (result != HF_OK && judge(producer->client, result) == HF_OK);
    while (result == HF_OK &&
           hf_maintain(producer->client) == HF_GAP) { /* old ones are on their way */
        (void)hf_wait_report(producer->client, SECOND_NS);
        read_reports(producer);
    }
    return result;
}

static int
run(struct producer *producer)
{
    struct hf_session_facts facts;
    int result = hf_instrument(producer->client, "DEMO", &producer->instrument);
    if (result != HF_OK) {
        return result;
    }
    hf_facts(producer->client, &facts);
    printf("%s session %" PRIu64 ": %" PRIu64 " orders were submitted before\n",
           facts.resumed != 0 ? "resumed" : "opened", facts.session_id, facts.last_submitted);
    result = produce(producer);
    if (result == HF_OK) {
        result = await_durable(producer);
    }
    hf_facts(producer->client, &facts);
    printf("last order %" PRIu64 ", last report %" PRIu64 " (%s), %" PRIu64 " read and %" PRIu64
           " rejected in this run\n",
           facts.last_logged, facts.last_released,
           facts.last_released == 2 * producer->count ? "as it must be" : "not all", producer->read,
           producer->rejected);
    return result;
}

/* The daemon may be down at this very moment, or only about to notice that our predecessor died. */
static int
open_patiently(struct hf_client **client, const struct hf_client_options *options)
{
    const struct timespec pause = {.tv_nsec = 50000000};
    int result = hf_open(client, options);
    for (int i = 0; i < OPEN_TRIES_MAX &&
                    (result == HF_E_NO_DAEMON || result == HF_E_BUSY || result == HF_AGAIN);
         i++) {
        nanosleep(&pause, NULL);
        result = hf_open(client, options);
    }
    return result;
}

/* A whole number and nothing else: strtoull() by itself takes -5 for 2^64 - 5, and 5x for 5. */
static bool
parse(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

int
main(int argc, char **argv)
{
    struct producer producer = {.count = 0};
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = "holdfast",
                                        .socket_path = argc > 2 ? argv[2] : NULL,
                                        .session = "resume"};
    if (argc < 2 || !parse(argv[1], &producer.count) || producer.count < 2 ||
        (argc > 3 && !parse(argv[3], &options.next_report))) {
        fprintf(stderr, "usage: %s COUNT [SOCKET [FIRST_REPORT]], COUNT 2 or more\n", argv[0]);
        return 64;
    }
    producer.count = producer.count / 2 * 2;
    int result = open_patiently(&producer.client, &options);
    if (result != HF_OK) {
        fprintf(stderr, "resume: %s\n", hf_open_error());
        return 1;
    }
    result = run(&producer);
    if (result != HF_OK) {
        fprintf(stderr, "resume: %s\n", hf_strerror(result));
    }
    hf_detach(producer.client);
    return result == HF_OK ? 0 : 1;
}
