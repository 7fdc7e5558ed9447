/*
 * gap.c - clients that do not read for long, and what they see when they do; for gap.sh.
 *
 *   gap rest SOCKET SESSION QUANTITY [ORDERS]  rests so many sell orders of QUANTITY lots; reads the answers
 *   gap take SOCKET SESSION COUNT              buys COUNT times one lot, at once or not at all, and reads on
 *   gap read SOCKET SESSION [OPTION...]        reads until the reports end; prints what it saw
 *      from=N       hf_client_options.next_report
 *      stop=N       dies (SIGKILL) when it has released that many
 *      durable      as a session that is shown durable reports only
 *
 * `read` checks that numbers follow each other without a gap, but for what HF_LOST tells; it goes on
 * over restarts of the daemon. It prints
 *      first=N last=N hash=H lost=FIRST-LAST orders=O copies=C
 * where hash is that of flow.h over all slots, orders counts HF_REPORT_ORDER, and copies drop copies.
 */
#include "flow.h"

#include <holdfast/holdfast.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
#define PATIENCE_S 120
#define PRICE 100
#define READ_AT_ONCE 256
#define RING_SLOTS 1024 /* of every session's reports */

static time_t
now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static void __attribute__((noreturn)) fail(const char *what, int code)
{
    printf("violation: %s: %s (%s)\n", what, hf_error_name(code), hf_open_error());
    exit(1);
}

/** The daemon may be restarting, or a client that was killed may still hold the session. */
static struct hf_client *
open_session(const struct hf_client_options *options)
{
    struct hf_client *client;
    const struct timespec pause = {.tv_nsec = 5000000};
    time_t until = now_s() + PATIENCE_S;
    int code;
    while ((code = hf_open(&client, options)) != HF_OK) {
        if (now_s() > until || code == HF_E_ARGUMENT) {
            fail("hf_open", code);
        }
        nanosleep(&pause, NULL);
    }
    return client;
}

static bool
is_passing(int code)
{
    return code == HF_OK || code == HF_TIMEOUT || code == HF_E_NO_DAEMON || code == HF_E_STUCK;
}

/** Read over what is there. @return answers to commands among them */
static uint64_t
read_over(struct hf_client *client)
{
    uint64_t answers = 0;
    const struct hf_report *report;
    while ((report = hf_peek(client)) != NULL) {
        answers += report->type == HF_REPORT_ACCEPTED || report->type == HF_REPORT_REJECTED;
        hf_next(client);
    }
    hf_release(client);
    return answers;
}

static void
submit_all(struct hf_client *client, const struct hf_command *like, uint64_t count)
{
    uint64_t answers = 0;
    for (uint64_t sent = 0; answers < count;) {
        struct hf_command command = *like;
        struct hf_session_facts facts;
        hf_facts(client, &facts);
        command.client_order_id = facts.last_submitted + 1;
        int code = sent < count ? hf_submit(client, &command, NULL) : HF_AGAIN;
        if (code == HF_OK) {
            sent++;
        } else if (code != HF_AGAIN) {
            fail("hf_submit", code);
        }
        uint64_t seen = sent % READ_AT_ONCE == 0 || code == HF_AGAIN ? read_over(client) : 0;
        answers += seen;
        if (code == HF_AGAIN && seen == 0) {
            code = hf_wait_report(client, SECOND_NS);
            if (!is_passing(code)) {
                fail("hf_wait_report", code);
            }
        }
    }
}

static int
task_submit(int argc, char **argv, enum hf_side side)
{
    struct hf_client_options options = {.size = sizeof(options),
                                        .socket_path = argv[2],
                                        .session = argv[3],
                                        .report_slots = RING_SLOTS};
    struct hf_client *client = open_session(&options);
    bool rests = side == HF_SELL;
    uint64_t number = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    uint64_t orders = argc > 5 ? strtoull(argv[5], NULL, 10) : 1;
    struct hf_command command = {.type = HF_COMMAND_NEW,
                                 .slots = 1,
                                 .side = (uint8_t)side,
                                 .order_type = HF_LIMIT,
                                 .time_in_force = rests ? HF_GTC : HF_IOC,
                                 .instrument = 1,
                                 .price = PRICE,
                                 .quantity = rests ? number : 1};
    submit_all(client, &command, rests ? orders : number);
    hf_detach(client);
    return 0;
}

struct reader {
    struct hf_client *client;
    uint64_t first;
    uint64_t last; /**< number of the last slot that was seen */
    uint64_t hash;
    uint64_t orders;
    uint64_t copies;
    uint64_t stop;
    uint64_t lost_first;
    uint64_t lost_last;
};

static void
see(struct reader *reader, const struct hf_report *report)
{
    const struct hf_report_more *more = hf_more(reader->client, report);
    const struct hf_report_copy *copy = hf_copy(reader->client, report);
    if (reader->last != 0 && report->number != reader->last + 1) {
        printf("violation: report %" PRIu64 " follows %" PRIu64 "\n", report->number, reader->last);
        exit(1);
    }
    reader->first = reader->first == 0 ? report->number : reader->first;
    reader->last = report->number + report->slots - 1;
    reader->hash = flow_hash(reader->hash, report);
    reader->orders += report->type == HF_REPORT_ORDER;
    if (more != NULL) {
        reader->hash = flow_hash(reader->hash, more);
    }
    if (copy != NULL) {
        reader->hash = flow_hash(reader->hash, copy);
        reader->copies++;
    }
}

static void
read_some(struct reader *reader)
{
    const struct hf_report *report;
    for (int i = 0; i < READ_AT_ONCE && (report = hf_peek(reader->client)) != NULL; i++) {
        see(reader, report);
        hf_next(reader->client);
        if (reader->stop != 0 && reader->last >= reader->stop) {
            hf_release(reader->client);
            raise(SIGKILL);
        }
    }
    hf_release(reader->client);
}

static void
note_lost(struct reader *reader)
{
    struct hf_session_facts facts;
    hf_facts(reader->client, &facts);
    if (reader->last != 0 && facts.lost_first != reader->last + 1) {
        fail("what was lost does not follow what was seen", HF_LOST);
    }
    reader->lost_first = facts.lost_first;
    reader->lost_last = reader->last = facts.lost_last;
}

/** The next of the reports, or their end: nothing is on its way, and nothing came for a while. */
static bool
goes_on(struct reader *reader)
{
    int code = hf_wait_report(reader->client, SECOND_NS / 2);
    if (code == HF_LOST) {
        note_lost(reader);
    } else if (!is_passing(code)) {
        fail("hf_wait_report", code);
    }
    if (code != HF_TIMEOUT) {
        return true;
    }
    return hf_maintain(reader->client) != HF_OK;
}

static int
task_read(int argc, char **argv)
{
    struct reader reader = {.first = 0};
    struct hf_client_options options = {.size = sizeof(options),
                                        .socket_path = argv[2],
                                        .session = argv[3],
                                        .report_slots = RING_SLOTS};
    for (int i = 4; i < argc; i++) {
        if (strncmp(argv[i], "from=", 5) == 0) {
            options.next_report = strtoull(argv[i] + 5, NULL, 10);
        } else if (strncmp(argv[i], "stop=", 5) == 0) {
            reader.stop = strtoull(argv[i] + 5, NULL, 10);
        } else if (strcmp(argv[i], "durable") == 0) {
            options.flags = HF_OPEN_DURABLE;
        }
    }
    reader.client = open_session(&options);
    time_t until = now_s() + PATIENCE_S;
    while (goes_on(&reader)) {
        read_some(&reader);
        if (now_s() > until) {
            fail("reading takes too long", HF_TIMEOUT);
        }
    }
    printf("first=%" PRIu64 " last=%" PRIu64 " hash=%016" PRIx64 " lost=%" PRIu64 "-%" PRIu64
           " orders=%" PRIu64 " copies=%" PRIu64 "\n",
           reader.first, reader.last, reader.hash, reader.lost_first, reader.lost_last,
           reader.orders, reader.copies);
    hf_detach(reader.client);
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "rest") == 0) {
        return task_submit(argc, argv, HF_SELL);
    }
    if (argc >= 4 && strcmp(argv[1], "take") == 0) {
        return task_submit(argc, argv, HF_BUY);
    }
    if (argc >= 4 && strcmp(argv[1], "read") == 0) {
        return task_read(argc, argv);
    }
    fprintf(stderr, "usage: gap rest|take|read SOCKET SESSION ...\n");
    return 2;
}
