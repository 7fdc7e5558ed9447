/*
 * sampler.h - what the kernel knows of the daemon, once a second, on threads that have the time:
 * page faults and waits of each thread, session rows (control); room for the log (preparer, whose business
 * the disk is: the control thread must answer although that hangs).
 */
#ifndef HF_DAEMON_SAMPLER_H
#define HF_DAEMON_SAMPLER_H

#include "daemon/registry.h"

#include <holdfast/metrics.h>

#define HF_SAMPLE_NS UINT64_C(1000000000)

/** Threads and sessions, if a second has passed. @param metrics  NULL: nothing is measured.
 *  Thread: control */
void hf_sampler_control(struct hf_metrics *metrics, const struct hf_registry *registry,
                        uint64_t now_ns);

/** The log's disk, if a second has passed. Thread: preparer */
void hf_sampler_prepare(struct hf_metrics *metrics, const char *directory, uint64_t now_ns);

#endif
