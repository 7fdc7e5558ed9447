/*
 * futex.c - futex(2) and futex_waitv(2), by system call because glibc wraps neither.
 *
 * All waits are of the shared kind: the kernel finds the word by file and offset, so a sleeper and a
 * waker meet although each has its own mapping. It only reads the word; read-only mappings will do.
 *
 * Every return is a hint to look again: wake-ups may be spurious (a signal, too). So whatever is not
 * a timeout counts as "changed", also a word that cannot be read (EFAULT, the peer truncated its
 * object): the caller's next look finds out what happened.
 */
#include "base/futex.h"

#include "base/atomic.h"
#include "base/clock.h"
#include "base/panic.h"

#include <errno.h>
#include <holdfast/error.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449 /* the same on every architecture */
#endif

#define NS_PER_S 1000000000u
#define FALLBACK_SLEEP_NS                                                                          \
    1000000u /* 1 ms: how late we may notice the words that we do not sleep on */

/* struct futex_waitv of linux/futex.h, which older headers lack. */
struct waiter {
    uint64_t value;
    uint64_t address;
    uint32_t flags;
    uint32_t reserved;
};
#define WAITER_32_BITS 2u /* FUTEX_32; without FUTEX_PRIVATE_FLAG: shared */

static struct timespec
timespec_of_ns(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

int
hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    struct timespec timeout = timespec_of_ns(timeout_ns); /* relative */
    long result = syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, NULL, 0);
    return result < 0 && errno == ETIMEDOUT ? HF_TIMEOUT : HF_OK;
}

/* Without futex_waitv: look at all, sleep on the first, and come back soon to look again. */
static int
wait_on_first(const struct hf_futex_word *words, unsigned count, uint64_t timeout_ns)
{
    for (unsigned i = 1; i < count; i++) {
        /* Acquire pairs with the store that its writer makes before hf_futex_wake(). */
        if (hf_load_acquire(words[i].word) != words[i].expected) {
            return HF_OK;
        }
    }
    if (timeout_ns <= FALLBACK_SLEEP_NS) {
        return hf_futex_wait(words[0].word, words[0].expected, timeout_ns);
    }
    (void)hf_futex_wait(words[0].word, words[0].expected, FALLBACK_SLEEP_NS);
    return HF_OK; /* time is left: another word may have changed */
}

int
hf_futex_wait_any(const struct hf_futex_word *words, unsigned count, uint64_t timeout_ns)
{
    HF_ASSERT("1 to HF_FUTEX_WAIT_MAX words", count >= 1 && count <= HF_FUTEX_WAIT_MAX);
    struct waiter waiters[HF_FUTEX_WAIT_MAX];
    for (unsigned i = 0; i < count; i++) {
        waiters[i] = (struct waiter){.value = words[i].expected,
                                     .address = (uint64_t)(uintptr_t)words[i].word,
                                     .flags = WAITER_32_BITS};
    }
    uint64_t now_ns = hf_clock_monotonic_ns();
    uint64_t until_ns = timeout_ns < UINT64_MAX - now_ns ? now_ns + timeout_ns : UINT64_MAX;
    struct timespec until = timespec_of_ns(until_ns); /* absolute, unlike FUTEX_WAIT's */
    long result = syscall(SYS_futex_waitv, waiters, count, 0, &until, CLOCK_MONOTONIC);
    if (result >= 0) {
        return HF_OK;
    }
    if (errno == ENOSYS || errno == EPERM) { /* EPERM: a sandbox that does not know the call */
        return wait_on_first(words, count, timeout_ns);
    }
    return errno == ETIMEDOUT ? HF_TIMEOUT : HF_OK;
}

void
hf_futex_wake(const uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
