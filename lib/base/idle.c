/*
 * idle.c - the wait strategies, and how long "a little" is.
 */
#include "base/idle.h"

#include "base/atomic.h"

#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/*
 * Waking a sleeper on another core costs 40 to 90 us. Spinning about as long as that before sleeping
 * is never worse than twice the best choice made with hindsight. A pause takes 10 to 45 ns: 1000 of
 * them are 10 to 45 us. The yields after it give the core away where there are more threads than
 * cores, and cost under 1 us each where there are not.
 */
#define SPINS_DEFAULT 1000
#define YIELDS_DEFAULT 20

static const char *const strategy_names[] = {
    [HF_IDLE_SPIN] = "spin",
    [HF_IDLE_YIELD] = "yield",
    [HF_IDLE_PARK] = "park",
    [HF_IDLE_ADAPTIVE] = "adaptive",
};

/** On one processor nobody can make work for us while we spin. The C library reads a file to know how many there
 *  are: it is asked once, for a client waits thousands of times a second. */
static uint32_t
spins_max(void)
{
    /* 0: not asked yet. Any thread may be the first: all store the same. */
    static uint32_t processors;
    uint32_t known = hf_load_relaxed(&processors);
    if (known == 0) {
        known = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1; /* 2: or more */
        hf_store_relaxed(&processors, known);
    }
    return known > 1 ? SPINS_DEFAULT : 0;
}

void
hf_idle_init(struct hf_idle *idle, enum hf_idle_strategy strategy)
{
    idle->strategy = strategy;
    idle->spins_max = spins_max();
    idle->yields_max = YIELDS_DEFAULT;
    idle->idle_rounds = 0;
}

bool
hf_idle_parse(const char *text, enum hf_idle_strategy *strategy)
{
    for (size_t i = 0; i < sizeof(strategy_names) / sizeof(strategy_names[0]); i++) {
        if (strcmp(text, strategy_names[i]) == 0) {
            *strategy = (enum hf_idle_strategy)i;
            return true;
        }
    }
    return false;
}

/* The round counter stops at the bound, so that a thread that never parks does not wrap it. */
static bool
wait_adaptive(struct hf_idle *idle)
{
    if (idle->idle_rounds < idle->spins_max) {
        idle->idle_rounds++;
        hf_cpu_pause();
        return false;
    }
    if (idle->idle_rounds - idle->spins_max < idle->yields_max) {
        idle->idle_rounds++;
        sched_yield();
        return false;
    }
    return true;
}

bool
hf_idle_wait(struct hf_idle *idle)
{
    switch (idle->strategy) {
    case HF_IDLE_SPIN:
        hf_cpu_pause();
        return false;
    case HF_IDLE_YIELD:
        sched_yield();
        return false;
    case HF_IDLE_PARK:
        return true;
    case HF_IDLE_ADAPTIVE:
        break;
    }
    return wait_adaptive(idle);
}
