/* calls_other.c - time, identity, waiting and last words. */
#include "sim/calls.h"

#include "sim/disk.h"
#include "sim/hostile.h"
#include "sim/life.h"
#include "sim/schedule.h"
#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S 1000000000u
#define LOOK_NS 200u      /* time passes at every look at the clock */
#define WAITS_MAX 100000u /* then whoever waits, waits for ever */
#define USER 1000u        /* of all processes */

int
__wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    sim_world.now_ns += LOOK_NS;
    uint64_t ns = sim_world.now_ns + (clock == CLOCK_REALTIME ? sim_world.wall_base_ns : 0);
    *now = (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
    return 0;
}

int
__wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *rest,
                       struct timespec *left)
{
    (void)clock, (void)flags, (void)left;
    if (sim_daemon_runs()) {
        sim_call_waits();
    }
    sim_world.now_ns += (uint64_t)rest->tv_sec * NS_PER_S + (uint64_t)rest->tv_nsec;
    return 0;
}

/* The same host everywhere, so that a seed is the same run. */
long
__wrap_sysconf(int name)
{
    switch (name) {
    case _SC_NPROCESSORS_ONLN:
        return 2;
    case _SC_PAGESIZE:
        return DISK_PAGE;
    default:
        return __real_sysconf(name); /* a sanitizer's, before there is a world */
    }
}

ssize_t
__wrap_getrandom(void *buffer, size_t len_bytes, unsigned flags)
{
    (void)flags;
    uint64_t word = sim_random();
    memcpy(buffer, &word, len_bytes < sizeof(word) ? len_bytes : sizeof(word));
    return (ssize_t)len_bytes;
}

pid_t
__wrap_getpid(void)
{
    return (pid_t)sim_world.pid[sim_world.current];
}

uid_t
__wrap_geteuid(void)
{
    return USER;
}

uint64_t
__wrap_hf_boot_hash(void)
{
    return sim_world.boot;
}

uint64_t
__wrap_hf_process_start(uint64_t pid)
{
    for (int process = 0; process < SIM_PROCESSES; process++) {
        if (sim_world.alive[process] && sim_world.pid[process] == pid) {
            return pid; /* no pid is used twice here */
        }
    }
    return 0;
}

/** What is measured is of no account for what is promised, and no recovery reads it: nothing is. */
int
__wrap_hf_measure_start(struct hf_daemon *daemon)
{
    (void)daemon;
    return HF_OK;
}

/* No client of this world touches what is not there: tests/shm/test_guard.c has those that do. */

int
__wrap_hf_guard_install(void)
{
    return 0;
}

int
__wrap_hf_guard_add(void *base, size_t len_bytes)
{
    (void)base, (void)len_bytes;
    return 0;
}

void
__wrap_hf_guard_remove(int index)
{
    (void)index;
}

/* Waiting */

int
__wrap_hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)timeout_ns;
    for (unsigned waits = 0; __atomic_load_n(word, __ATOMIC_ACQUIRE) == expected; waits++) {
        if (waits == WAITS_MAX) {
            sim_violation("process %d waits for ever", sim_world.current);
        }
        sim_call_waits();
    }
    return 0;
}

void
__wrap_hf_futex_wake(const uint32_t *word)
{
    (void)word; /* sleepers are looked after by the scheduler */
}

/* Words */

void
__wrap_hf_log(enum hf_log_priority priority, const char *format, ...)
{
    if (!sim_world.verbose) {
        return;
    }
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sim_trace("log %d: %s", (int)priority, text);
}

void
__wrap_hf_panic(const char *file, int line, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (hostile_is(sim_world.current)) {
        sim_trace("panic of the hostile client: %s", text);
        sim_client_dies();
    }
    sim_violation("panic at %s:%d: %s", file, line, text);
}
