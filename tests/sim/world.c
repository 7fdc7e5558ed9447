/* world.c - processes come and go; what a violation does (world.h). */
#include "sim/world.h"

#include "sim/descriptors.h"
#include "sim/disk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PID_FIRST 100
#define START_NS 1000000000u
#define WALL_NS 1700000000000000000u

struct sim_world sim_world = {.current = SIM_OUTSIDE};

void
sim_world_reset(uint64_t seed)
{
    struct sim_counts counts = sim_world.counts;
    bool verbose = sim_world.verbose;
    sim_seed(seed);
    memset(&sim_world, 0, sizeof(sim_world));
    sim_world.counts = counts;
    sim_world.verbose = verbose;
    sim_world.seed = seed;
    sim_world.current = SIM_OUTSIDE;
    sim_world.next_pid = PID_FIRST;
    sim_world.boot = 1 + sim_random() / 2;
    sim_world.now_ns = START_NS;
    sim_world.wall_base_ns = WALL_NS;
    disk_reset();
    sim_descriptors_reset();
    for (int process = 0; process < SIM_PROCESSES; process++) {
        sim_arena_reset(process);
    }
}

void
sim_process_begin(int process)
{
    sim_world.alive[process] = true;
    sim_world.pid[process] = sim_world.next_pid++;
}

void
sim_process_end(int process)
{
    sim_world.alive[process] = false;
    sim_descriptors_drop(process);
    sim_arena_reset(process);
    if (process == SIM_DAEMON) {
        sim_compressors_drop();
        disk_drop_lost_pages();
    }
}

void
sim_violation(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sim_world.violation, sizeof(sim_world.violation), format, arguments);
    va_end(arguments);
    longjmp(sim_world.failure, 1);
}

void
sim_trace(const char *format, ...)
{
    if (!sim_world.verbose) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)printf("%*s", 2 * (int)sim_world.depth, "");
    (void)vprintf(format, arguments);
    (void)putchar('\n');
    va_end(arguments);
}
