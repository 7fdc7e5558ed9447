/*
 * doctor.h - holdfast doctor: what on this host costs latency or safety, what that costs, and how to mend it.
 *
 *   subject (configuration, running daemon) ─┐
 *   /proc and /sys below a root ─────────────┼─► checks ─► findings ─► doctor_print.c
 *   measurements (doctor_measure.c) ─────────┘
 *
 * A check is a function of these three alone: tests hand it made-up hosts and measurements. Each makes one
 * finding, or none where the host has nothing of the kind.
 */
#ifndef HF_CLI_DOCTOR_H
#define HF_CLI_DOCTOR_H

#include "cli/doctor_host.h"

#include "config/config.h"

#include <holdfast/metrics.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define HF_DOCTOR_FINDINGS_MAX 40
#define HF_DOCTOR_TEXT_BYTES 512
#define HF_DOCTOR_THREADS 3

enum hf_verdict {
    HF_VERDICT_FINE,
    HF_VERDICT_NOTE,    /**< worth knowing; costs nothing by itself */
    HF_VERDICT_UNKNOWN, /**< could not be looked at, or was not measured */
    HF_VERDICT_SLOW,    /**< costs latency */
    HF_VERDICT_UNSAFE,  /**< endangers what was acknowledged, or that orders are taken */
};

struct hf_finding {
    const char *check;
    enum hf_verdict verdict;
    char what[HF_DOCTOR_TEXT_BYTES];   /**< how it is */
    char effect[HF_DOCTOR_TEXT_BYTES]; /**< what that costs, measured where it can be; "" */
    char mend[HF_DOCTOR_TEXT_BYTES];   /**< a command, or what to write where; "" */
};

/** Threads that can be pinned. */
enum hf_doctor_thread { HF_DOCTOR_ENGINE, HF_DOCTOR_WRITER, HF_DOCTOR_SYNC };

/** What is looked at beside the host: an instance, or how one would be by default. */
struct hf_subject {
    char name[HF_NAME_BYTES + 1]; /**< "": no instance was asked for */
    uint64_t pid;                 /**< of its daemon, when that is what is looked at; or 0 */
    bool runs;                    /**< a daemon of it does */
    char directory[PATH_MAX];     /**< of the log; "": not known */
    int cpus[HF_DOCTOR_THREADS];  /**< -1: any */
    bool configured;              /**< the following are known */
    bool locks;
    bool huge_pages;
    char mode[HF_CONFIG_CHOICE_BYTES]; /**< "group", "sync", "memory"; known in any case */
    char io[HF_CONFIG_CHOICE_BYTES];
    uint64_t segment_bytes; /**< 0: not known */
    uint64_t reserve_segments;
};

/** What was measured here and now. */
struct hf_measured {
    bool noise; /**< the next are valid */
    int noise_cpu;
    uint64_t noise_ns; /**< spun for so long */
    uint64_t longest_ns;
    uint64_t lost_ns;    /**< in pauses of more than a microsecond */
    uint64_t pauses;     /**< of more than 10 us */
    uint64_t interrupts; /**< that the CPU took meanwhile */
    uint64_t stolen_ms;  /**< by the hypervisor, of all CPUs */
    bool clock;
    double clock_ns; /**< a reading */
    bool pages;
    double small_ns; /**< a look at a random place in 64 MiB of small pages */
    double huge_ns;  /**< of huge pages, if the kernel gave some */
    bool flush;
    bool flush_of_daemon; /**< measured by the daemon, since its start */
    uint64_t flushes;
    uint64_t flush_p50_ns;
    uint64_t flush_p99_ns;
    uint64_t flush_max_ns;
    char why_not[HF_DOCTOR_TEXT_BYTES]; /**< no flush was measured */
};

struct hf_doctor {
    struct hf_host host;
    struct hf_subject subject;
    struct hf_measured measured;
    struct hf_finding findings[HF_DOCTOR_FINDINGS_MAX];
    unsigned finding_count;
};

/** Begin a finding; the texts are empty. */
struct hf_finding *hf_doctor_find(struct hf_doctor *doctor, const char *check,
                                  enum hf_verdict verdict);

/** Fill one of its texts. */
void hf_doctor_say(char text[HF_DOCTOR_TEXT_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** "engine on CPU 2, sync on CPU 3", or "" when no thread is pinned. */
void hf_doctor_pinned_text(const struct hf_subject *subject, char text[HF_DOCTOR_TEXT_BYTES]);
/** Its unit: "holdfastd", or "holdfastd@NAME". */
void hf_doctor_unit(const struct hf_subject *subject, char text[HF_DOCTOR_TEXT_BYTES]);
/** @return the CPUs that threads are pinned to */
struct hf_cpus hf_doctor_pinned(const struct hf_subject *subject);

/* All checks, by what they look at; in the order in which they are told. */
void hf_doctor_check_disk(struct hf_doctor *doctor);
void hf_doctor_check_memory(struct hf_doctor *doctor);
void hf_doctor_check_cpu(struct hf_doctor *doctor);
void hf_doctor_check_placement(struct hf_doctor *doctor);

/* doctor_subject.c */

/** How an instance of this configuration would run. */
void hf_subject_of_config(struct hf_subject *subject, const struct hf_config *config);
/** How the daemon of this status page runs: what /proc tells of it. */
void hf_subject_of_daemon(struct hf_subject *subject, const struct hf_host *host,
                          const struct hf_status *status);
/** What its metrics tell of its log. */
void hf_subject_take_metrics(struct hf_subject *subject, const struct hf_metrics *metrics);

/* doctor_measure.c */

/** What disturbs nobody: the clock, pages. */
void hf_doctor_measure_memory(struct hf_measured *measured);
/** Spin for a second on the engine's CPU, or where we are. */
void hf_doctor_measure_noise(struct hf_measured *measured, int cpu);
/** What the daemon has measured of its flushes. */
void hf_doctor_take_flushes(struct hf_measured *measured, const struct hf_histogram *flushes);
/** Flush small writes in the log's directory, or the nearest one. */
void hf_doctor_measure_flush(struct hf_measured *measured, const char *directory);

/** Shorten a path to the nearest directory above it that there is: where it will be made. */
void hf_doctor_nearest(char path[PATH_MAX]);
/** Where a path leads, of this host: without symbolic links, also of one that is yet to be made. */
void hf_doctor_resolve(const char *path, char resolved[PATH_MAX]);

/* doctor_print.c */
void hf_doctor_print(const struct hf_doctor *doctor, FILE *out);
void hf_doctor_print_json(const struct hf_doctor *doctor, FILE *out);

/** The worst verdict of all. */
enum hf_verdict hf_doctor_worst(const struct hf_doctor *doctor);

#endif
