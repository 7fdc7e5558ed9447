/*
 * ticks.h - the cheapest clock there is: the time stamp counter where there is one, else the monotonic
 * clock. For intervals within one thread; a tick is turned into nanoseconds once, when it is recorded.
 */
#ifndef HF_BENCH_TICKS_H
#define HF_BENCH_TICKS_H

#include "base/clock.h"

#include <stdint.h>

/** The fences keep the work measured between its two readings. */
static inline uint64_t
bench_ticks(void)
{
#if defined(__x86_64__)
    __builtin_ia32_lfence();
    uint64_t ticks = __builtin_ia32_rdtsc();
    __builtin_ia32_lfence();
    return ticks;
#else
    return hf_clock_monotonic_ns();
#endif
}

/** Measured against the monotonic clock when first asked for (20 ms). Thread: main */
double bench_tick_ns(void);

/** For histograms. */
static inline uint64_t
bench_ticks_to_ns(uint64_t ticks)
{
    return (uint64_t)((double)ticks * bench_tick_ns() + 0.5);
}

#endif
