/*
 * wait.h - wait for a partner on another CPU: pause, and now and then give the CPU away, so that a
 * host with fewer free CPUs than the benchmark has processes still gets to its end.
 */
#ifndef HF_BENCH_WAIT_H
#define HF_BENCH_WAIT_H

#include "base/idle.h"

#include <sched.h>
#include <stdint.h>

/* 4,096 pauses are 40 to 180 us: much longer than any partner that runs makes us wait. */
#define BENCH_LOOKS_PER_YIELD 4096u

static inline void
bench_wait(uint32_t *looks)
{
    hf_cpu_pause();
    if (++*looks % BENCH_LOOKS_PER_YIELD == 0) {
        sched_yield();
    }
}

#endif
