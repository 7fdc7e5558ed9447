/*
 * cpu.h - whether this processor has the instructions that the build takes for granted.
 */
#ifndef HF_BASE_CPU_H
#define HF_BASE_CPU_H

/** In words what it lacks, and what to do; NULL: nothing. Asked before anything else: what it lacks ends a
 *  process with SIGILL, wherever it comes to it. */
const char *hf_cpu_lacks(void);

#endif
