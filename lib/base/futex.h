/*
 * futex.h - sleep until a 32-bit word in shared memory changes; wake those who sleep on it.
 *
 * The words may live in mappings of other processes, read-only for the sleeper or the waker.
 */
#ifndef HF_BASE_FUTEX_H
#define HF_BASE_FUTEX_H

#include <stdint.h>

#define HF_FUTEX_WAIT_MAX 128 /* of futex_waitv(2) */

struct hf_futex_word {
    const uint32_t *word;
    uint32_t expected;
};

/** Sleep while *word == expected, at most timeout_ns. Returns 0 (woken or changed) or HF_TIMEOUT. */
int hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns);

/** Sleep until any of up to HF_FUTEX_WAIT_MAX words changes. Where the kernel has no futex_waitv
 *  (before 5.16) it sleeps on the first word, at most 1 ms. An unreadable word counts as changed. */
int hf_futex_wait_any(const struct hf_futex_word *words, unsigned count, uint64_t timeout_ns);

/** Wake all who sleep on the word. */
void hf_futex_wake(const uint32_t *word);

#endif
