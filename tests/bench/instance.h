/*
 * instance.h - one daemon under test: an instance of its own name, in a directory of its own.
 *
 * A janitor process outlives the benchmark, however that ends, for as long as it takes to kill the daemon
 * and remove its directory and its objects in shared memory.
 */
#ifndef HF_BENCH_INSTANCE_H
#define HF_BENCH_INSTANCE_H

#include "bench.h"

#include <holdfast/status.h>

struct instance_setup {
    const char *mode;     /**< group, sync, memory */
    const char *wait;     /**< of the engine: spin, yield, park, adaptive */
    uint32_t instruments; /**< B1, B2... with ids 1, 2... */
    uint32_t sessions_max;
    uint32_t segment_kib;
    const int *cpus;  /**< [1] the engine's, [0] of writer and sync */
    bool small;       /**< tables of a size that is there at once */
    const char *more; /**< lines of the configuration; NULL: none */
};

struct instance {
    char directory[BENCH_PATH_BYTES];
    char socket[BENCH_PATH_BYTES + 16];
    char name[HF_NAME_BYTES];
    char program[BENCH_PATH_BYTES];
    pid_t daemon; /**< 0: none runs */
    pid_t janitor;
    int janitor_fd; /**< its end of file tells the janitor that we are gone */
};

/** Make directory and configuration. The log will be in DIRECTORY/log. */
void instance_make(struct instance *instance, const struct bench_options *options,
                   const struct instance_setup *setup);

/** As instance_make(), and start the daemon; ends the program when it does not run within a minute. */
void instance_open(struct instance *instance, const struct bench_options *options,
                   const struct instance_setup *setup);

/** Start the daemon again and wait until it runs. @return nanoseconds from its start to running */
uint64_t instance_start(struct instance *instance);

/** SIGTERM and wait. @return whether it stopped cleanly */
bool instance_stop(struct instance *instance);

/** SIGKILL and wait. */
void instance_kill(struct instance *instance);

/** Its status page now. */
void instance_status(const struct instance *instance, struct hf_status *status);

/** Wait until it has prepared its segments: that takes a processor for seconds, and an instance that has run for a
 *  while has it behind it. Ten seconds at most. */
void instance_settle(const struct instance *instance);

/** CPU time that the daemon has used so far, in ns. */
uint64_t instance_cpu_ns(const struct instance *instance);

/** What its daemons have said, to standard error. */
void instance_tell(const struct instance *instance);

/** Kill what runs, and let the janitor clean up. */
void instance_close(struct instance *instance);

#endif
