/* test_clock.c - time goes on, and processes are told apart. */
#include "base/clock.h"

#include "base/child.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

Test(clock, monotonic_never_runs_backwards)
{
    uint64_t last = hf_clock_monotonic_ns();
    for (int i = 0; i < 100000; i++) {
        uint64_t now = hf_clock_monotonic_ns();
        cr_assert_geq(now, last);
        last = now;
    }
}

Test(clock, wall_time_is_that_of_time)
{
    time_t before = time(NULL);
    uint64_t wall_ns = hf_clock_wall_ns();
    time_t after = time(NULL);
    /* time() is coarse: it may lag a tick behind */
    cr_assert_geq(wall_ns / 1000000000u, (uint64_t)before);
    cr_assert_leq(wall_ns / 1000000000u, (uint64_t)after + 1);
}

Test(clock, sleep_lasts_at_least_as_long_as_told)
{
    const uint64_t durations_ns[] = {0, 1, 1000, 3000000};
    for (size_t i = 0; i < sizeof(durations_ns) / sizeof(durations_ns[0]); i++) {
        uint64_t start_ns = hf_clock_monotonic_ns();
        hf_clock_sleep_ns(durations_ns[i]);
        cr_assert_geq(hf_clock_monotonic_ns() - start_ns, durations_ns[i]);
    }
}

static volatile sig_atomic_t alarms;

static void
count_alarm(int signal_number)
{
    (void)signal_number;
    alarms++;
}

static int
sleep_under_signals(void *context)
{
    (void)context;
    signal(SIGALRM, count_alarm);
    struct itimerval every = {.it_interval = {0, 2000}, .it_value = {0, 2000}};
    setitimer(ITIMER_REAL, &every, NULL);
    uint64_t start_ns = hf_clock_monotonic_ns();
    hf_clock_sleep_ns(30000000);
    return hf_clock_monotonic_ns() - start_ns >= 30000000 && alarms > 0 ? 0 : 1;
}

Test(clock, sleep_goes_on_after_a_signal)
{
    cr_assert_eq(child_run(sleep_under_signals, NULL), 0);
}

static int
boot_hash_equals(void *context)
{
    return hf_boot_hash() == *(uint64_t *)context ? 0 : 1;
}

Test(clock, boot_hash_is_the_same_in_every_process)
{
    uint64_t hash = hf_boot_hash();
    cr_assert_neq(hash, 0);
    cr_assert_eq(child_run(boot_hash_equals, &hash), 0);
}

static int
sleep_for_ever(void *context)
{
    while (context == NULL) {
        pause();
    }
    return 0;
}

Test(process_start, stays_and_is_gone_with_the_process)
{
    pid_t pid = child_start(sleep_for_ever, NULL);
    uint64_t start = hf_process_start((uint64_t)pid);
    cr_assert_neq(start, 0);
    cr_assert_geq(start, hf_process_start((uint64_t)getpid()));
    cr_assert_eq(hf_process_start((uint64_t)pid), start);
    kill(pid, SIGKILL);
    wait_for_state(pid, 'Z');
    cr_assert_eq(hf_process_start((uint64_t)pid), 0, "a zombie is no process any more");
    child_end(pid);
    cr_assert_eq(hf_process_start((uint64_t)pid), 0);
}

Test(process_start, of_no_process_is_zero)
{
    const uint64_t nobody[] = {0, 1u << 30, (uint64_t)1 << 40, UINT64_MAX};
    for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        cr_assert_eq(hf_process_start(nobody[i]), 0);
    }
}

Test(process_start, does_not_believe_the_program_name)
{
    const char *const names[] = {") Z 1 2 3", "((((", "a b c d", ") R 0 0 0 0 0 0"};
    uint64_t start = hf_process_start((uint64_t)getpid());
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        prctl(PR_SET_NAME, names[i]);
        cr_assert_eq(hf_process_start((uint64_t)getpid()), start, "name %s", names[i]);
    }
}

static void *
end_with_pipe(void *context)
{
    char byte;
    ssize_t got = read(*(int *)context, &byte, 1);
    _exit(got == 0 ? 0 : 1);
}

static int
leave_a_thread_behind(void *context)
{
    pthread_t thread;
    int *ends = context;
    close(ends[1]);
    if (pthread_create(&thread, NULL, end_with_pipe, ends) == 0) {
        syscall(SYS_exit, 0); /* this thread only */
    }
    return 1;
}

Test(process_start, of_a_process_whose_first_thread_has_left_is_still_there)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    pid_t pid = child_start(leave_a_thread_behind, ends);
    close(ends[0]);
    wait_for_state(pid, 'Z');
    cr_expect_neq(hf_process_start((uint64_t)pid), 0);
    close(ends[1]);
    cr_assert_eq(child_end(pid), 0);
}
