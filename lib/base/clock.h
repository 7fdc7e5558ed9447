/*
 * clock.h - the two clocks of the project, in nanoseconds, and who this boot and process are.
 */
#ifndef HF_BASE_CLOCK_H
#define HF_BASE_CLOCK_H

#include <stdint.h>

uint64_t hf_clock_monotonic_ns(void); /**< for waits, ages and latencies; equal across processes */
uint64_t hf_clock_wall_ns(void);      /**< for record times; may step */
void hf_clock_sleep_ns(uint64_t duration_ns);

/** Hash of /proc/sys/kernel/random/boot_id: equal exactly within one boot. Never 0. */
uint64_t hf_boot_hash(void);

/** Start time of a process in clock ticks since boot (/proc/PID/stat field 22); 0: no such process. */
uint64_t hf_process_start(uint64_t pid);

#endif
