/*
 * fetch.h - a hint: a line of memory will be needed soon, mostly to be stored to. Any address will do.
 *
 * Never a call, and an effect in the compiler's eyes: gcc takes functions that do nothing but hint for idle, and
 * drops the calls (tests/check_hints.sh).
 */
#ifndef HF_BASE_FETCH_H
#define HF_BASE_FETCH_H

#include "base/panic.h"

static HF_ALWAYS_INLINE void
hf_fetch(const void *line)
{
    __builtin_prefetch(line, 1);
    __asm__ volatile("");
}

#endif
