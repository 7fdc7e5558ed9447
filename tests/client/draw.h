/*
 * draw.h - numbers that look random and are the same in every run.
 */
#ifndef HF_TESTS_CLIENT_DRAW_H
#define HF_TESTS_CLIENT_DRAW_H

#include <stdint.h>

/** The next number; `*state` starts as anything but 0. */
static inline uint64_t
draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
