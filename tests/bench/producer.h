/*
 * producer.h - clients of a daemon under test, each a process: commands at a constant offered rate, and
 * how long after the moment at which it was due each is answered.
 *
 * Latency counts from the intended time, so a stall is felt by every command that was due during it (no
 * coordinated omission). At rate 0 a command is due when it can be sent: that measures throughput.
 */
#ifndef HF_BENCH_PRODUCER_H
#define HF_BENCH_PRODUCER_H

#include "instance.h"

#include "base/histogram.h"

struct load {
    unsigned producers;
    double rate;       /**< commands per second of all producers together; 0: as fast as can be */
    double seconds;    /**< measured; a fifth of it before that is not */
    uint64_t commands; /**< instead of seconds, of all together; 0: by time */
    bool durable;      /**< sessions that see durable reports only */
    uint32_t instruments;
    int cpu; /**< of the producers */
};

struct load_outcome {
    struct hf_histogram latency; /**< of what was due in the measured time */
    uint64_t answered;           /**< in all */
    double rate;                 /**< answered per second of measured time */
    double cpu_percent;          /**< of one CPU, used by the daemon in the measured time */
    const char *wrong;           /**< B2: NULL: every command was answered, reports had no gap */
};

/** Run the load. */
void load_run(const struct instance *instance, const struct load *load,
              struct load_outcome *outcome);

#endif
