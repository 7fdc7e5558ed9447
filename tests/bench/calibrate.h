/*
 * calibrate.h - what this host can do at this moment: the measures that all figures are related to.
 *
 * Times on a virtual machine drift by a factor of two and more with the placement of its processors.
 * Each run of each benchmark is calibrated anew (B1).
 */
#ifndef HF_BENCH_CALIBRATE_H
#define HF_BENCH_CALIBRATE_H

#include "bench.h"

struct bench_calibration {
    double
        ping_pong_ns; /**< one cache line from a process on one CPU to one on the other, and back */
    double flush_ns; /**< pwrite of 4 KiB into a file that is allocated and zeroed, and fdatasync */
};

/** Measure both, and add them to the series of the group. */
struct bench_calibration bench_calibrate(const struct bench_options *options,
                                         struct bench_results *results, const char *group);

/** Raw writes and flushes of one page each, in a file of 4 MiB that is allocated and zeroed. */
struct bench_raw {
    int fd;
    uint64_t flushes;
};

/** Make the file DIRECTORY/raw. Like the flush, ends the program on error. */
void bench_raw_open(struct bench_raw *raw, const char *directory);
/** One of them. @return how long it took, in ns */
uint64_t bench_raw_flush(struct bench_raw *raw);
void bench_raw_close(struct bench_raw *raw);

#endif
