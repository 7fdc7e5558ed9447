/* test_futex.c - sleepers and wakers in different processes, with mappings of their own. */
#include "base/futex.h"

#include "base/atomic.h"
#include "base/child.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define SHORT_NS 2000000u
#define LONG_NS 50000000000u
#define WORDS 512

/* One object, mapped once for writing and once for reading, at two addresses. */
static uint32_t *writable;
static const uint32_t *readable;

static void
map_words(void)
{
    int fd = memfd_create("words", MFD_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(ftruncate(fd, 4096), 0);
    writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    readable = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    cr_assert(writable != MAP_FAILED && readable != MAP_FAILED);
    close(fd);
}

TestSuite(futex, .init = map_words);

static uint32_t *
unreadable_word(void)
{
    return mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

Test(futex, wait_returns_at_once_when_the_word_has_changed)
{
    writable[0] = 1;
    cr_assert_eq(hf_futex_wait(&readable[0], 0, LONG_NS), HF_OK);
}

Test(futex, wait_times_out_while_the_word_stays)
{
    cr_assert_eq(hf_futex_wait(&readable[0], 0, 0), HF_TIMEOUT);
    cr_assert_eq(hf_futex_wait(&readable[0], 0, SHORT_NS), HF_TIMEOUT);
    cr_assert_eq(hf_futex_wait(&writable[0], 0, SHORT_NS), HF_TIMEOUT);
}

Test(futex, an_unreadable_word_counts_as_changed)
{
    cr_assert_eq(hf_futex_wait(unreadable_word(), 0, LONG_NS), HF_OK);
    struct hf_futex_word words[2] = {{&readable[0], 0}, {unreadable_word(), 0}};
    cr_assert_eq(hf_futex_wait_any(words, 2, LONG_NS), HF_OK);
}

Test(futex, waking_nobody_or_an_unreadable_word_does_nothing)
{
    hf_futex_wake(&readable[0]);
    hf_futex_wake(unreadable_word());
}

/* Word 511 tells that the child is about to sleep; from then on 'S' is its sleep on the futex. */
static int
sleep_on_word(void *context)
{
    const uint32_t *word = context;
    hf_store_release(&writable[WORDS - 1], 1u);
    return hf_futex_wait(word, 0, LONG_NS) == HF_OK && hf_load_acquire(&readable[0]) == 7 ? 0 : 1;
}

static void
wait_until_asleep(pid_t pid)
{
    while (hf_load_acquire(&readable[WORDS - 1]) == 0) {
        usleep(1000);
    }
    wait_for_state(pid, 'S');
}

Test(futex, wakes_across_processes_whatever_the_mappings_allow)
{
    const uint32_t *const sleeper_words[] = {&readable[0], &writable[0]};
    const uint32_t *const waker_words[] = {&readable[0], &writable[0]};
    for (size_t i = 0; i < 4; i++) {
        writable[0] = 0;
        writable[WORDS - 1] = 0;
        pid_t pid = child_start(sleep_on_word, (void *)sleeper_words[i % 2]);
        wait_until_asleep(pid);
        hf_store_release(&writable[0], 7u);
        hf_futex_wake(waker_words[i / 2]);
        cr_assert_eq(child_end(pid), 0, "mappings %zu", i);
    }
}

Test(futex, wake_wakes_all_sleepers)
{
    pid_t pids[3];
    for (size_t i = 0; i < 3; i++) {
        pids[i] = child_start(sleep_on_word, (void *)&readable[0]);
    }
    for (size_t i = 0; i < 3; i++) {
        wait_until_asleep(pids[i]);
    }
    usleep(20000); /* the flag is common to all: let the last one get to its sleep */
    for (size_t i = 0; i < 3; i++) {
        wait_for_state(pids[i], 'S');
    }
    hf_store_release(&writable[0], 7u);
    hf_futex_wake(&readable[0]);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(child_end(pids[i]), 0);
    }
}

static void
fill_words(struct hf_futex_word *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        words[i] = (struct hf_futex_word){&readable[i], 0};
    }
}

/* The cases that must hold with and without futex_waitv; runs in children, so no assertions. */
static int
wait_any_cases(void *context)
{
    (void)context;
    struct hf_futex_word words[HF_FUTEX_WAIT_MAX];
    const unsigned counts[] = {1, 2, HF_FUTEX_WAIT_MAX};
    for (size_t i = 0; i < 3; i++) {
        unsigned count = counts[i];
        fill_words(words, count);
        if (hf_futex_wait_any(words, count, 0) != HF_TIMEOUT) {
            return 1;
        }
        for (unsigned changed = 0; changed < count; changed++) {
            hf_store_release(&writable[changed], 1u);
            if (hf_futex_wait_any(words, count, LONG_NS) != HF_OK ||
                hf_futex_wait_any(words, count, 0) != HF_OK) {
                return 2;
            }
            hf_store_release(&writable[changed], 0u);
        }
    }
    return 0;
}

static int
sleep_on_many(void *context)
{
    (void)context;
    struct hf_futex_word words[3];
    fill_words(words, 3);
    hf_store_release(&writable[WORDS - 1], 1u);
    while (hf_load_acquire(&readable[2]) == 0) {
        if (hf_futex_wait_any(words, 3, LONG_NS) != HF_OK) {
            return 1;
        }
    }
    return 0;
}

/* Take futex_waitv from this process, as a kernel before 5.16 does, then run a case. */
static int
without_waitv(void *context)
{
    child_body body = *(child_body *)context;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 449, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        return 100;
    }
    return body(NULL);
}

Test(futex, wait_any_notices_each_word_and_times_out)
{
    cr_assert_eq(child_run(wait_any_cases, NULL), 0);
}

Test(futex, wait_any_does_so_on_an_old_kernel_too)
{
    child_body body = wait_any_cases;
    cr_assert_eq(child_run(without_waitv, &body), 0);
}

Test(futex, wait_any_times_out_after_a_while_and_survives_the_largest_timeout)
{
    struct hf_futex_word words[3];
    fill_words(words, 3);
    cr_assert_eq(hf_futex_wait_any(words, 3, SHORT_NS), HF_TIMEOUT);
    writable[1] = 1;
    cr_assert_eq(hf_futex_wait_any(words, 3, UINT64_MAX), HF_OK);
    cr_assert_eq(hf_futex_wait(&readable[1], 0, UINT64_MAX), HF_OK);
}

Test(futex, wait_any_wakes_by_a_word_that_is_not_the_first)
{
    pid_t pid = child_start(sleep_on_many, NULL);
    wait_until_asleep(pid);
    hf_store_release(&writable[2], 1u);
    hf_futex_wake(&readable[2]);
    cr_assert_eq(child_end(pid), 0);
}

Test(futex, wait_any_on_an_old_kernel_notices_a_word_that_is_not_the_first)
{
    child_body body = sleep_on_many;
    pid_t pid = child_start(without_waitv, &body);
    while (hf_load_acquire(&readable[WORDS - 1]) == 0) {
        usleep(1000);
    }
    hf_store_release(&writable[2], 1u);
    cr_assert_eq(child_end(pid), 0);
}

static int
wait_any_of_none(void *context)
{
    return hf_futex_wait_any(context, 0, 0);
}

Test(futex, wait_any_of_no_words_is_a_programmer_error)
{
    char text[512];
    struct hf_futex_word word = {&readable[0], 0};
    cr_assert_eq(child_run_stderr(wait_any_of_none, &word, text, sizeof(text)),
                 CHILD_SIGNAL + SIGABRT);
}
