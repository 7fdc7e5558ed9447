/*
 * link.h - a one-way link of 64-byte messages between two processes, as the benchmark sees each of them.
 *
 * The loops that produce and consume are made once per link (link_loops.h), so that sending is inlined
 * everywhere and no contestant pays for a call through a pointer.
 */
#ifndef HF_BENCH_LINK_H
#define HF_BENCH_LINK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Messages that fit into a link: the default command ring. */
#define LINK_SLOTS 4096u

/** Our ring publishes its head, and gives slots back, once so many messages; others have their ways. */
#define LINK_BATCH 256u

enum link_phase { LINK_WARM = 0, LINK_TIMED = 1, LINK_LAST = 2 };

struct link_message {
    uint64_t number; /**< 1, 2, 3... */
    uint64_t phase;  /**< enum link_phase */
    uint64_t words[5];
    uint64_t check; /**< link_check(number) */
};

/** What must arrive with a number: a torn or repeated message does not have it. */
static inline uint64_t
link_check(uint64_t number)
{
    return number * 0x9e3779b97f4a7c15u;
}

/** What the consuming side saw. In memory of both. */
struct link_outcome {
    uint64_t messages; /**< from the first timed one to the last one */
    uint64_t elapsed_ns;
    uint64_t wrong; /**< out of order, or without its check */
};

struct hf_histogram;

struct link {
    const char *name;
    size_t bytes;                 /**< of the memory that both processes share */
    int (*make)(void *memory);    /**< in zeroed memory, before the processes part; 0: made */
    void (*unmake)(void *memory); /**< NULL: there is nothing but the memory */
    /** Warm up until warm_ns, send until end_ns (monotonic), then one last message. */
    void (*produce)(void *memory, uint64_t warm_ns, uint64_t end_ns);
    void (*consume)(void *memory, struct link_outcome *outcome);
    /** Round trips until end_ns, those after warm_ns into the histogram. @return wrong answers */
    uint64_t (*ping)(void *there, void *back, uint64_t warm_ns, uint64_t end_ns,
                     struct hf_histogram *histogram);
    void (*pong)(void *there, void *back);
};

extern const struct link link_holdfast;
extern const struct link link_unix_socket;
extern const struct link link_rte_ring;
extern const struct link link_ck_ring;
extern const struct link link_boost_spsc;
extern const struct link link_wfcqueue;

#ifdef __cplusplus
}
#endif

#endif
