/*
 * producer.c - a client process for the integration tests: submits its part of the flow, survives
 * restarts of the daemon, checks that reports are numbered without a gap, and hashes them.
 *
 *   producer SOCKET SESSION INDEX COUNT RATE      RATE in commands/s, 0: as fast as possible
 *
 * Prints "answered" when each of its COUNT commands has had its answer; then goes on reading until
 * its standard input ends, and prints "SESSION reports=N hash=H". Exits 1 on any violation.
 */
#include "flow.h"

#include <holdfast/holdfast.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct producer {
    struct hf_client *client;
    uint32_t index;
    uint64_t count;
    double rate;
    uint64_t submitted;
    uint64_t answered; /**< highest command_seq seen */
    uint64_t reports;  /**< slots read */
    uint64_t hash;
    double started;
};

static double
now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void
fail(const char *what, uint64_t a, uint64_t b)
{
    fprintf(stderr, "producer: %s: %llu, %llu\n", what, (unsigned long long)a,
            (unsigned long long)b);
    exit(1);
}

static void
check_answer(struct producer *p, const struct hf_report *report)
{
    bool answers = report->type != HF_REPORT_FILL && report->command_seq != 0;
    if (answers && report->command_seq != p->answered + 1) {
        fail("answer to the wrong command", report->command_seq, p->answered + 1);
    }
    p->answered += answers;
}

static unsigned
read_reports(struct producer *p)
{
    const struct hf_report *report;
    unsigned count = 0;
    while (count < 1000 && (report = hf_peek(p->client)) != NULL) {
        const struct hf_report_more *more = hf_more(p->client, report);
        if (report->number != p->reports + 1) {
            fail("report number, expected", report->number, p->reports + 1);
        }
        p->hash = flow_hash(p->hash, report);
        p->reports += report->slots;
        if (more != NULL) {
            p->hash = flow_hash(p->hash, more);
        }
        check_answer(p, report);
        hf_next(p->client);
        count++;
    }
    if (count > 0) {
        hf_release(p->client);
    }
    return count;
}

static bool
due(const struct producer *p)
{
    return p->submitted < p->count &&
           (p->rate <= 0 || (double)p->submitted < (now_s() - p->started) * p->rate);
}

static unsigned
submit_commands(struct producer *p)
{
    unsigned count = 0;
    while (count < 256 && due(p)) {
        struct hf_command command;
        uint64_t seq;
        flow_command(&command, p->index, p->submitted + 1);
        int code = hf_submit(p->client, &command, &seq);
        if (code == HF_AGAIN) {
            break;
        }
        if (code != HF_OK) {
            fail(hf_strerror(code), (uint64_t)-code, p->submitted);
        }
        if (seq != p->submitted + 1) {
            fail("sequence number", seq, p->submitted + 1);
        }
        p->submitted = seq;
        count++;
    }
    return count;
}

static void
idle(struct producer *p)
{
    int code = hf_wait_report(p->client, 1000000);
    if (code != HF_OK && code != HF_TIMEOUT && code != HF_E_NO_DAEMON && code != HF_E_STUCK) {
        fail(hf_strerror(code), (uint64_t)-code, p->submitted);
    }
}

static bool
input_ended(void)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char byte;
    return poll(&input, 1, 0) > 0 && read(0, &byte, 1) <= 0;
}

static void
run(struct producer *p)
{
    bool told = false;
    p->started = now_s();
    for (;;) {
        unsigned work = submit_commands(p) + read_reports(p);
        if (p->answered == p->count && !told) {
            puts("answered");
            fflush(stdout);
            told = true;
        }
        if (work == 0 && told && input_ended()) {
            return;
        }
        if (work == 0) {
            idle(p);
        }
    }
}

int
main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: producer SOCKET SESSION INDEX COUNT RATE\n");
        return 2;
    }
    struct producer p = {.index = (uint32_t)atoi(argv[3]),
                         .count = strtoull(argv[4], NULL, 10),
                         .rate = atof(argv[5])};
    struct hf_client_options options = {
        .size = sizeof(options), .socket_path = argv[1], .session = argv[2]};
    int code = hf_open(&p.client, &options);
    if (code != HF_OK) {
        fprintf(stderr, "producer: hf_open: %s: %s\n", hf_strerror(code), hf_open_error());
        return 1;
    }
    run(&p);
    printf("%s reports=%llu hash=%016llx\n", argv[2], (unsigned long long)p.reports,
           (unsigned long long)p.hash);
    hf_detach(p.client);
    return 0;
}
