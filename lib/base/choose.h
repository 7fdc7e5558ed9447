/*
 * choose.h - a choice that nobody foresees, made without a branch.
 *
 * A compiler that sees how the choice goes on makes two ways of it again; the empty assembly keeps it from that.
 */
#ifndef HF_BASE_CHOOSE_H
#define HF_BASE_CHOOSE_H

#include "base/panic.h"

#include <stdbool.h>
#include <stdint.h>

static HF_ALWAYS_INLINE uint32_t *
hf_choose(bool first, uint32_t *one, uint32_t *other)
{
    __asm__("" : "+r"(one), "+r"(other)); /* both are known by then */
    uint32_t *chosen = __builtin_expect_with_probability(first, 1, 0.5) ? one : other;
    __asm__("" : "+r"(chosen));
    return chosen;
}

#endif
