/*
 * link_loops.h - the loops of link.h for one contestant, whose file has defined before it
 *
 *   LINK                           name of its `struct link`
 *   LINK_TITLE, LINK_BYTES         as in link.h
 *   link_make(memory), and LINK_UNMAKE where that takes more than memory
 *   struct link_end                private state of one end, and link_open_sender(), link_open_receiver()
 *   link_send(), link_receive()    false: full, empty
 *   link_flush()                   what was sent must become visible now
 *   link_release()                 what was received may be overwritten now
 *
 * C and C++.
 */
#ifdef __cplusplus
extern "C" { /* these are C alone */
#endif
#include "link.h"
#include "ticks.h"
#include "wait.h"

#include "base/histogram.h"
#ifdef __cplusplus
}
#endif

#ifndef LINK_UNMAKE
#define LINK_UNMAKE NULL
#endif

#ifdef __cplusplus
#define LINK_EXTERN extern "C"
#else
#define LINK_EXTERN
#endif

/* The clock costs about as much as a message: look at it that often. */
#define LINK_MESSAGES_PER_LOOK 256u

static inline void
send_message(struct link_end *end, uint64_t number, enum link_phase phase)
{
    struct link_message message;
    uint32_t looks = 0;
    message.number = number;
    message.phase = phase;
    for (unsigned i = 0; i < 5; i++) {
        message.words[i] = number + i;
    }
    message.check = link_check(number);
    while (!link_send(end, &message)) {
        if (looks == 0) {
            link_flush(end);
        }
        bench_wait(&looks);
    }
}

static inline void
receive_message(struct link_end *end, struct link_message *message)
{
    uint32_t looks = 0;
    while (!link_receive(end, message)) {
        if (looks == 0) {
            link_release(end);
        }
        bench_wait(&looks);
    }
}

static inline uint64_t
is_wrong(const struct link_message *message, uint64_t expected)
{
    return message->number != expected || message->check != link_check(expected);
}

static void
loop_produce(void *memory, uint64_t warm_ns, uint64_t end_ns)
{
    struct link_end end;
    uint64_t number = 0;
    enum link_phase phase = LINK_WARM;
    link_open_sender(&end, memory);
    for (uint64_t now = 0; now < end_ns || phase == LINK_WARM;) {
        phase = now < warm_ns ? LINK_WARM : LINK_TIMED;
        for (unsigned i = 0; i < LINK_MESSAGES_PER_LOOK; i++) {
            send_message(&end, ++number, phase);
        }
        now = hf_clock_monotonic_ns();
    }
    send_message(&end, ++number, LINK_LAST);
    link_flush(&end);
}

static void
loop_consume(void *memory, struct link_outcome *outcome)
{
    struct link_end end;
    struct link_message message;
    uint64_t number = 0;
    uint64_t wrong = 0;
    uint64_t first = 0;
    uint64_t start_ns = 0;
    link_open_receiver(&end, memory);
    do {
        receive_message(&end, &message);
        wrong += is_wrong(&message, ++number);
        if (first == 0 && message.phase != LINK_WARM) {
            first = number;
            start_ns = hf_clock_monotonic_ns();
        }
    } while (message.phase != LINK_LAST);
    link_release(&end);
    outcome->messages = number - first;
    outcome->elapsed_ns = hf_clock_monotonic_ns() - start_ns;
    outcome->wrong = wrong;
}

static uint64_t
loop_ping(void *there, void *back, uint64_t warm_ns, uint64_t end_ns,
          struct hf_histogram *histogram)
{
    struct link_end sender;
    struct link_end receiver;
    struct link_message message;
    uint64_t number = 0;
    uint64_t wrong = 0;
    link_open_sender(&sender, there);
    link_open_receiver(&receiver, back);
    for (uint64_t now = 0; now < end_ns || histogram->total == 0; now = hf_clock_monotonic_ns()) {
        uint64_t start = bench_ticks();
        send_message(&sender, ++number, LINK_TIMED);
        link_flush(&sender);
        receive_message(&receiver, &message);
        link_release(&receiver);
        uint64_t ticks = bench_ticks() - start;
        wrong += is_wrong(&message, number);
        if (now >= warm_ns) {
            hf_histogram_record(histogram, bench_ticks_to_ns(ticks));
        }
    }
    send_message(&sender, ++number, LINK_LAST);
    link_flush(&sender);
    return wrong;
}

static void
loop_pong(void *there, void *back)
{
    struct link_end sender;
    struct link_end receiver;
    struct link_message message;
    link_open_sender(&sender, back);
    link_open_receiver(&receiver, there);
    for (;;) {
        receive_message(&receiver, &message);
        link_release(&receiver);
        if (message.phase == LINK_LAST) {
            return;
        }
        send_message(&sender, message.number, LINK_TIMED);
        link_flush(&sender);
    }
}

LINK_EXTERN const struct link LINK = {LINK_TITLE,   LINK_BYTES,   link_make, LINK_UNMAKE,
                                      loop_produce, loop_consume, loop_ping, loop_pong};
