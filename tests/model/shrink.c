/*
 * shrink.c - delta debugging on the list of steps: leave out halves, quarters... single steps, as long
 * as what is left fails in the same way.
 */
#include "model/shrink.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define HF_UNDER_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HF_UNDER_SANITIZER
#endif
#endif

/** Longer than any honest command of a small book takes, even under a sanitizer. */
#define HANG_SECONDS 20u

/** How much of a failure's text must stay: enough to tell kinds apart, without their numbers. */
#define KIND_BYTES 20u

static sigjmp_buf rescue;
static volatile sig_atomic_t can_rescue;

static void
on_signal(int number)
{
    if (can_rescue) {
        can_rescue = 0;
        siglongjmp(rescue, number);
    }
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void
catch_signals(void)
{
    static bool is_done;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_NODEFER};
    (void)sigemptyset(&action.sa_mask);
    if (!is_done) {
        is_done = true;
        (void)sigaction(SIGABRT, &action, NULL);
        (void)sigaction(SIGFPE, &action, NULL);
        (void)sigaction(SIGALRM, &action, NULL);
#ifndef HF_UNDER_SANITIZER /* which has more to say about it */
        (void)sigaction(SIGSEGV, &action, NULL);
#endif
    }
}

bool
shrink_apply(struct rig *rig, const struct stream *stream, size_t number, bool *was_applied)
{
    catch_signals();
    int caught = sigsetjmp(rescue, 0);
    if (caught != 0) {
        rig_fail(rig, "signal %d (%s) in the core", caught,
                 caught == SIGALRM ? "it does not end" : "it panics");
        if (was_applied != NULL) {
            *was_applied = true;
        }
        return false;
    }
    can_rescue = 1;
    bool is_equal = rig_apply(rig, stream, number, was_applied);
    can_rescue = 0;
    return is_equal;
}

bool
shrink_run(struct rig *rig, const struct stream *stream)
{
    bool is_equal = true;
    rig_start(rig, &stream->limits);
    (void)alarm(HANG_SECONDS);
    for (size_t i = 0; i < stream->count && is_equal; i++) {
        is_equal = shrink_apply(rig, stream, i, NULL);
    }
    (void)alarm(0);
    return is_equal;
}

/** Whether the stream still fails as it did. */
static bool
still_fails(struct rig *rig, const struct stream *stream, const char *kind)
{
    return !shrink_run(rig, stream) && strncmp(rig->failure, kind, KIND_BYTES) == 0;
}

/** Try to leave out the steps from `first` on, `size` of them; true when they were not needed. */
static bool
try_without(struct rig *rig, struct stream *stream, size_t first, size_t size, const char *kind)
{
    bool before[STREAM_STEPS_MAX];
    size_t end = first + size < stream->count ? first + size : stream->count;
    memcpy(before, stream->is_left_out, sizeof(before));
    bool is_any = false;
    for (size_t i = first; i < end; i++) {
        is_any |= !stream->is_left_out[i];
        stream->is_left_out[i] = true;
    }
    if (is_any && still_fails(rig, stream, kind)) {
        return true;
    }
    memcpy(stream->is_left_out, before, sizeof(before));
    return false;
}

/** The panics of the runs to come are of no interest. Returns the real standard error. */
static int
silence(void)
{
    int saved = dup(STDERR_FILENO);
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, STDERR_FILENO);
        (void)close(nothing);
    }
    return saved;
}

static void
unsilence(int saved)
{
    if (saved >= 0) {
        (void)dup2(saved, STDERR_FILENO);
        (void)close(saved);
    }
}

void
shrink(struct rig *rig, struct stream *stream)
{
    char kind[RIG_FAILURE_BYTES];
    (void)snprintf(kind, sizeof(kind), "%s", rig->failure);
    (void)fflush(stderr);
    int saved = silence();
    bool is_shorter = true;
    rig->audits_always = true;
    for (size_t size = stream->count / 2; size > 0; size = is_shorter && size == 1 ? 1 : size / 2) {
        is_shorter = false;
        for (size_t first = 0; first < stream->count; first += size) {
            is_shorter |= try_without(rig, stream, first, size, kind);
        }
    }
    (void)shrink_run(rig, stream); /* so that the rig shows the failure once more */
    rig->audits_always = false;
    unsilence(saved);
}
