/*
 * producer.c - a client process for the integration tests: submits its part of the flow, survives
 * restarts of the daemon, checks that reports are numbered without a gap, and hashes them.
 *
 *   producer SOCKET SESSION INDEX COUNT RATE [DIARY [SLOTS]]
 *
 * RATE in commands/s, 0: as fast as possible; SLOTS: length of a new session's rings.
 *
 * Prints "answered COUNT" when each of its COUNT commands has had its answer; then goes on reading until
 * its standard input ends, and prints "SESSION reports=N hash=H". Exits 1 on any violation. COUNT 0: as
 * many commands as it has submitted when SIGUSR1 comes. With HF_PRODUCER_HALTS in the environment, a halt
 * of the daemon is no violation: it prints "halted", and goes on after the restart.
 *
 * With a DIARY file it can itself be killed at any instruction and started again:
 *
 *   read reports ──► diary: next entry, then its number ──► hf_release       (a mapping survives a kill)
 *
 * So what was released is at the present entry or, after a kill between the two steps, at the one
 * before; then the reports in between must come again, the same ones.
 */
#include "flow.h"

#include <fcntl.h>
#include <holdfast/holdfast.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS UINT64_C(60000000000) /* an audited build is slow to answer */
#define OPEN_PATIENCE_S 360 /* as long as the scripts: starts replay, and may be killed */

struct position {
    uint64_t reports;  /**< slots read */
    uint64_t answered; /**< highest command_seq seen */
    uint64_t hash;     /**< of all of them */
};

struct diary {
    uint64_t number; /**< the present entry is entries[number % 2]; stored after it */
    struct position entries[2];
};

struct producer {
    struct hf_client *client;
    uint32_t index;
    uint64_t count;
    double rate;
    uint64_t submitted;
    struct position at;
    struct position again; /**< what must be reached once more; reports 0: nothing */
    struct diary *diary;   /**< NULL: none is kept */
    uint64_t first_seq;    /**< submitted by earlier lives of this process */
    double started;
    bool halted; /**< and told */
};

static volatile sig_atomic_t enough;
static bool halts_expected;

static void
on_enough(int number)
{
    enough = number;
}

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
    if (answers && report->command_seq != p->at.answered + 1) {
        fail("answer to the wrong command", report->command_seq, p->at.answered + 1);
    }
    p->at.answered += answers;
}

/** Reports that came before the last kill and were not released come again, unchanged. */
static void
check_again(struct producer *p)
{
    if (p->again.reports == 0 || p->at.reports < p->again.reports) {
        return;
    }
    if (memcmp(&p->at, &p->again, sizeof(p->at)) != 0) {
        fail("other reports than before the kill", p->at.reports, p->again.reports);
    }
    p->again.reports = 0;
}

/** A position that still has reports to come again is no news. */
static void
write_diary(struct producer *p)
{
    if (p->diary != NULL && p->again.reports == 0) {
        p->diary->entries[(p->diary->number + 1) % 2] = p->at;
        __atomic_store_n(&p->diary->number, p->diary->number + 1, __ATOMIC_RELEASE);
    }
}

static unsigned
read_reports(struct producer *p)
{
    const struct hf_report *report;
    unsigned count = 0;
    while ((count < 1000 || p->again.reports != 0) && (report = hf_peek(p->client)) != NULL) {
        const struct hf_report_more *more = hf_more(p->client, report);
        if (report->number != p->at.reports + 1) {
            fail("report number, expected", report->number, p->at.reports + 1);
        }
        p->at.hash = flow_hash(p->at.hash, report);
        p->at.reports += report->slots;
        if (more != NULL) {
            p->at.hash = flow_hash(p->at.hash, more);
        }
        check_answer(p, report);
        check_again(p);
        hf_next(p->client);
        count++;
    }
    if (count > 0 && p->again.reports == 0) {
        write_diary(p);
        hf_release(p->client);
    }
    return count;
}

/** Commands that are to be submitted in all, as far as that is known. */
static uint64_t
wanted(const struct producer *p)
{
    uint64_t so_far = enough != 0 ? p->submitted : UINT64_MAX;
    return p->count != 0 ? p->count : so_far;
}

static bool
due(const struct producer *p)
{
    return p->submitted < wanted(p) && (p->rate <= 0 || (double)(p->submitted - p->first_seq) <
                                                            (now_s() - p->started) * p->rate);
}

/** @return whether a halt is what the library says, and expected */
static bool
is_expected_halt(struct producer *p, int code)
{
    if (code != HF_E_HALTED || !halts_expected) {
        p->halted = p->halted && code != HF_OK;
        return false;
    }
    if (!p->halted) {
        puts("halted");
        fflush(stdout);
    }
    p->halted = true;
    return true;
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
        if (code == HF_AGAIN || is_expected_halt(p, code)) {
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
    if (code != HF_OK && code != HF_TIMEOUT && code != HF_E_NO_DAEMON && code != HF_E_STUCK &&
        code != HF_GAP && !is_expected_halt(p, code)) {
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
        if (!told && p->at.answered == wanted(p)) {
            printf("answered %llu\n", (unsigned long long)p->at.answered);
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

static struct diary *
open_diary(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(struct diary)) != 0) {
        fail("cannot open the diary", 0, 0);
    }
    void *base = mmap(NULL, sizeof(struct diary), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (base == MAP_FAILED) {
        fail("cannot map the diary", 0, 0);
    }
    return base;
}

/** Go on where the diary and the session's facts say that our last life ended. */
static void
resume(struct producer *p)
{
    struct hf_session_facts facts;
    hf_facts(p->client, &facts);
    p->submitted = p->first_seq = facts.last_submitted;
    if (p->diary == NULL) {
        return;
    }
    const struct position present = p->diary->entries[p->diary->number % 2];
    const struct position before = p->diary->entries[(p->diary->number + 1) % 2];
    if (facts.last_released == present.reports) {
        p->at = present;
    } else if (facts.last_released == before.reports && before.reports < present.reports) {
        p->at = before;
        p->again = present;
    } else {
        fail("released is neither diary entry", facts.last_released, present.reports);
    }
}

/** A killed client's name is free once the daemon has seen its end; a killed daemon starts again. */
static int
open_session(struct producer *p, const struct hf_client_options *options)
{
    double until = now_s() + OPEN_PATIENCE_S;
    int code;
    while ((code = hf_open(&p->client, options)) != HF_OK && now_s() < until) {
        struct timespec pause = {.tv_nsec = 5000000};
        nanosleep(&pause, NULL);
    }
    return code;
}

int
main(int argc, char **argv)
{
    if (argc < 6 || argc > 8) {
        fprintf(stderr, "usage: producer SOCKET SESSION INDEX COUNT RATE [DIARY [SLOTS]]\n");
        return 2;
    }
    struct producer p = {.index = (uint32_t)atoi(argv[3]),
                         .count = strtoull(argv[4], NULL, 10),
                         .rate = atof(argv[5])};
    uint32_t slots = argc == 8 ? (uint32_t)atoi(argv[7]) : 0;
    struct hf_client_options options = {.size = sizeof(options),
                                        .socket_path = argv[1],
                                        .session = argv[2],
                                        .command_slots = slots,
                                        .report_slots = slots,
                                        .timeout_ns = PATIENCE_NS};
    halts_expected = getenv("HF_PRODUCER_HALTS") != NULL;
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_enough}, NULL);
    p.diary = argc >= 7 ? open_diary(argv[6]) : NULL;
    int code = open_session(&p, &options);
    if (code != HF_OK) {
        fprintf(stderr, "producer: hf_open: %s: %s\n", hf_strerror(code), hf_open_error());
        return 1;
    }
    resume(&p);
    puts("open");
    fflush(stdout);
    run(&p);
    printf("%s reports=%llu hash=%016llx\n", argv[2], (unsigned long long)p.at.reports,
           (unsigned long long)p.at.hash);
    hf_detach(p.client);
    return 0;
}
