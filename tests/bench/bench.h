/*
 * bench.h - what the subcommands of holdfast-bench share: options, processes, the clock of the CPU.
 *
 *   main ──► ring, core, wal, e2e, recovery, checkpoint, watch ──► results (one value a run) ──► text, JSON, .hgrm
 *               │        ▲                                                      ▲
 *               │        └ calibrate: line ping-pong, raw write + flush         │
 *               └────────────────────────── report: all of them ────────────────┘
 *
 * B1  every value of a series was measured in the run of the calibration that its ratio refers to
 * B2  a wrong end state is a failure: it is named, and the exit code is 1
 */
#ifndef HF_BENCH_BENCH_H
#define HF_BENCH_BENCH_H

#include "results.h"

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_PATH_BYTES 512u

struct bench_options {
    unsigned runs;
    double seconds;        /**< of one measurement that is bounded by time */
    double scale;          /**< of streams and counts; 1: what is published */
    int cpus[2];           /**< [0] measures or produces, [1] is its partner; -1: any */
    const char *directory; /**< where logs and stores are made, each in a directory of its own */
    const char *only;      /**< measure only what has one of these texts in its name; NULL: all */
    const char *hdr;       /**< file for the percentile tables; NULL: none */
    bool json;
    bool growth;      /**< core, e2e: also how figures grow with sizes */
    const char *data; /**< core: recorded order flow */
    const char
        *daemon; /**< e2e, recovery: the daemon's program; NULL: the one beside this program */
    uint64_t
        log_records; /**< e2e: longest log whose recovery is timed; recovery: log that is replayed */
    const char *output; /**< report: directory */
};

/** Defaults: 5 runs of 1 s at full size on the first two CPUs that this process may use. */
void bench_options_init(struct bench_options *options);

/** Keys of the options that some subcommands have: each lists its own, in its own words. */
enum bench_own_option {
    BENCH_OPTION_DAEMON = 512, /**< a program */
    BENCH_OPTION_DATA,         /**< a directory */
    BENCH_OPTION_GROWTH,
    BENCH_OPTION_LOG_RECORDS, /**< a whole number of 1 and more */
    BENCH_OPTION_OUTPUT       /**< a directory */
};

/** The parser of a subcommand, and its children: the options that all have. The input is a struct bench_options. */
error_t bench_parse(int key, char *argument, struct argp_state *state);
extern const struct argp_child bench_children[];

/** Parse, measure, print. @return the exit code */
int bench_main(int argc, char **argv, const struct argp *argp,
               void (*measure)(const struct bench_options *, struct bench_results *));

int bench_ring_main(int argc, char **argv);
int bench_core_main(int argc, char **argv);
int bench_wal_main(int argc, char **argv);
int bench_e2e_main(int argc, char **argv);
int bench_recovery_main(int argc, char **argv);
int bench_checkpoint_main(int argc, char **argv);
int bench_watch_main(int argc, char **argv);
int bench_report_main(int argc, char **argv);

void bench_ring(const struct bench_options *options, struct bench_results *results);
void bench_core(const struct bench_options *options, struct bench_results *results);
void bench_wal(const struct bench_options *options, struct bench_results *results);
void bench_e2e(const struct bench_options *options, struct bench_results *results);
void bench_recovery(const struct bench_options *options, struct bench_results *results);
void bench_checkpoint(const struct bench_options *options, struct bench_results *results);
void bench_watch(const struct bench_options *options, struct bench_results *results);

/** Whether `--only` (texts parted by bars) lets this name through. */
bool bench_wanted(const struct bench_options *options, const char *name);

/** A count of the published size, scaled; at least `least`. */
uint64_t bench_scaled(const struct bench_options *options, double count, uint64_t least);

/* Processes and memory */

void bench_pin(int cpu);          /**< -1: nothing; a host that forbids it is told of once */
void *bench_shared(size_t bytes); /**< zeroed, pre-faulted, shared with children; ends on error */
void bench_unshare(void *memory, size_t bytes);
pid_t bench_fork(int cpu);    /**< a child that dies with its parent, pinned; ends on error */
bool bench_join(pid_t child); /**< whether it ended with 0 */

/** Make an empty directory of an own name below options->directory. Ends the program on error. */
void bench_directory_make(const struct bench_options *options, char path[BENCH_PATH_BYTES]);
/** Remove it with all in it. */
void bench_directory_remove(const char *path);

/** Ends the program with a message and exit code 70 or 71: nothing could be measured. */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
