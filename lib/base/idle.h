/*
 * idle.h - what a thread does when its do_work found nothing: the wait strategies.
 *
 *   spin      pause instructions: lowest latency, burns a core
 *   yield     sched_yield: for more threads than cores
 *   park      sleep at once (the caller's park function), wake by futex
 *   adaptive  spin a little, yield a little, then park
 */
#ifndef HF_BASE_IDLE_H
#define HF_BASE_IDLE_H

#include <stdbool.h>
#include <stdint.h>

enum hf_idle_strategy { HF_IDLE_SPIN, HF_IDLE_YIELD, HF_IDLE_PARK, HF_IDLE_ADAPTIVE };

struct hf_idle {
    enum hf_idle_strategy strategy;
    uint32_t spins_max;  /**< adaptive: pauses before the first yield */
    uint32_t yields_max; /**< adaptive: yields before it says park */
    uint32_t idle_rounds;
};

void hf_idle_init(struct hf_idle *idle, enum hf_idle_strategy strategy);

/** Parse "spin", "yield", "park", "adaptive"; false: none of these. */
bool hf_idle_parse(const char *text, enum hf_idle_strategy *strategy);

/** Work was found: start over. */
static inline void
hf_idle_reset(struct hf_idle *idle)
{
    idle->idle_rounds = 0;
}

/** Something that takes about as long as a pause found nothing either. */
static inline void
hf_idle_looked(struct hf_idle *idle)
{
    idle->idle_rounds += idle->idle_rounds < idle->spins_max;
}

/** Nothing was found: pause or yield, or return true: the caller should park now. */
bool hf_idle_wait(struct hf_idle *idle);

/** One pause instruction. */
static inline void
hf_cpu_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

#endif
