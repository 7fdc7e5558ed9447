/*
 * load.c - a client that notes what it was told to be durable, as soon as it was told.
 *
 *   power_load SOCKET NOTE SECONDS
 *
 * Bursts of orders and cancels of many lengths, each awaited until it is durable. NOTE is the recorded
 * disk's file of notes (disk.c). Restarts of the daemon are waited for. A halt ends it: what was noted
 * stays noted.
 */
#include <fcntl.h>
#include <holdfast/holdfast.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define PAUSE_NS 3000000 /* some 12,000 records a second: the recorded disk is small */

static uint64_t
now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

/** Sells at prices that nobody buys at, every second one cancelled. */
static uint64_t
submit_burst(struct hf_client *client, unsigned count)
{
    uint64_t last = 0;
    for (unsigned i = 0; i < count; i++) {
        struct hf_session_facts facts;
        hf_facts(client, &facts);
        uint64_t seq = facts.last_submitted + 1;
        struct hf_command command = {.type = HF_COMMAND_NEW,
                                     .slots = 1,
                                     .side = HF_SELL,
                                     .order_type = HF_LIMIT,
                                     .time_in_force = HF_GTC,
                                     .instrument = 1,
                                     .client_order_id = seq,
                                     .price = 100 + (int64_t)(seq % 64),
                                     .quantity = 1};
        if (seq % 2 == 0) {
            command = (struct hf_command){
                .type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = seq - 1};
        }
        if (hf_submit(client, &command, &last) != HF_OK) {
            break;
        }
    }
    return last;
}

/** P2: each once, in order. @param next  number of the report that comes next. @return whether that holds */
static bool
read_reports(struct hf_client *client, uint64_t *next)
{
    const struct hf_report *report;
    while ((report = hf_peek(client)) != NULL) {
        if (report->number != *next) {
            printf("report %llu comes in place of %llu\n", (unsigned long long)report->number,
                   (unsigned long long)*next);
            return false;
        }
        *next += report->slots;
        hf_next(client);
    }
    hf_release(client);
    return true;
}

int
main(int argc, char **argv)
{
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = "power",
                                        .socket_path = argc == 4 ? argv[1] : NULL,
                                        .session = "load"};
    struct hf_client *client;
    int note_fd = argc == 4 ? open(argv[2], O_WRONLY | O_CLOEXEC) : -1;
    if (note_fd < 0 || hf_open(&client, &options) != HF_OK) {
        fprintf(stderr, "power_load: no file of notes, or %s\n", hf_open_error());
        return 1;
    }
    uint64_t until_ns = now_ns() + strtoull(argv[3], NULL, 10) * SECOND_NS;
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    uint64_t next = facts.last_released + 1;
    uint64_t noted = 0;
    int code = HF_OK;
    for (unsigned burst = 1; now_ns() < until_ns && code != HF_E_HALTED; burst++) {
        uint64_t last = submit_burst(client, 1 + burst * 7 % 97);
        code = last == 0 ? hf_maintain(client) : hf_wait(client, last, HF_LEVEL_DURABLE, SECOND_NS);
        uint64_t lsn = hf_durable_lsn(client);
        if (lsn > noted && write(note_fd, &lsn, sizeof(lsn)) != (ssize_t)sizeof(lsn)) {
            perror("power_load: note");
            return 1;
        }
        noted = lsn;
        if (!read_reports(client, &next)) {
            return 1;
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    printf("noted LSN %llu\n", (unsigned long long)noted);
    hf_detach(client);
    return 0;
}
