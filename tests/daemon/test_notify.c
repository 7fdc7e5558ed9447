/* test_notify.c - what the service manager is told, on a socket of the test's own. */
#include "daemon/daemon.h"
#include "daemon/notify.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)

static int manager = -1;
static char text[1024]; /* the last message */
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static void
set_up(void)
{
    char pid[16];
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/hf_notify_%d", (int)getpid());
    cr_assert_eq(bind(manager, (struct sockaddr *)&address, sizeof(address)), 0);
    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    setenv("WATCHDOG_USEC", "4000000", 1);
    setenv("WATCHDOG_PID", pid, 1);
}

static void
tear_down(void)
{
    close(manager);
    unlink(address.sun_path);
}

TestSuite(notify, .init = set_up, .fini = tear_down, .timeout = 60);

/** The next message; false: there is none. */
static bool
told(void)
{
    ssize_t len = recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT);
    text[len < 0 ? 0 : len] = '\0';
    return len >= 0;
}

Test(notify, the_watchdog_is_fed_only_when_the_heart_has_beaten)
{
    struct hf_watchdog watchdog;
    struct hf_status status = {.state = HF_STATE_RUNNING, .heartbeat_ns = 5};
    hf_watchdog_init(&watchdog);
    cr_expect_eq(hf_watchdog_do_work(&watchdog, &status, SECOND_NS), 1);
    cr_expect(told());
    cr_expect_str_eq(text, "WATCHDOG=1");
    for (uint64_t second = 2; second < 100; second++) {
        cr_expect_eq(hf_watchdog_do_work(&watchdog, &status, second * SECOND_NS), 0, "second %d",
                     (int)second);
    }
    cr_expect_not(told(), "'%s' for a heart that stands still", text);
    status.heartbeat_ns = 6;
    cr_expect_eq(hf_watchdog_do_work(&watchdog, &status, 100 * SECOND_NS), 1);
    cr_expect(told());
}

Test(notify, pings_come_four_times_in_the_watchdogs_time_and_not_with_each_round)
{
    struct hf_watchdog watchdog;
    struct hf_status status = {.state = HF_STATE_RUNNING};
    int pings = 0;
    hf_watchdog_init(&watchdog);
    for (uint64_t now = SECOND_NS; now < 5 * SECOND_NS; now += SECOND_NS / 10) {
        status.heartbeat_ns = now;
        pings += hf_watchdog_do_work(&watchdog, &status, now);
    }
    cr_expect_eq(pings, 4, "%d in 4 s", pings);
}

Test(notify, a_watchdog_of_another_process_is_not_fed)
{
    struct hf_watchdog watchdog;
    struct hf_status status = {.state = HF_STATE_RUNNING, .heartbeat_ns = 5};
    setenv("WATCHDOG_PID", "1", 1);
    hf_watchdog_init(&watchdog);
    cr_expect_eq(hf_watchdog_do_work(&watchdog, &status, SECOND_NS), 0);
    cr_expect_not(told());
}

Test(notify, a_halt_is_told_once_with_its_reason_and_does_not_end_the_pings)
{
    struct hf_watchdog watchdog;
    struct hf_status status = {
        .state = HF_STATE_HALTED, .heartbeat_ns = 5, .halt_text = "the disk is full"};
    hf_watchdog_init(&watchdog);
    cr_expect_eq(hf_watchdog_do_work(&watchdog, &status, SECOND_NS), 1);
    cr_expect(told());
    cr_expect_str_eq(text, "STATUS=HALTED, nothing is accepted: the disk is full");
    cr_expect(told());
    cr_expect_str_eq(text, "WATCHDOG=1");
    status.heartbeat_ns = 6;
    cr_expect_eq(hf_watchdog_do_work(&watchdog, &status, 3 * SECOND_NS), 1);
    cr_expect(told());
    cr_expect_str_eq(text, "WATCHDOG=1");
    cr_expect_not(told());
}

Test(notify, a_recovery_asks_for_time_with_each_step_forward_and_not_at_a_standstill)
{
    struct hf_notify_recovery recovery = {0};
    struct hf_daemon *daemon = aligned_alloc(128, sizeof(*daemon));
    memset(daemon, 0, sizeof(*daemon));
    hf_notify_recovering(&recovery, daemon);
    cr_expect_not(told(), "nothing is known yet");
    daemon->progress =
        (struct hf_progress){.done_bytes = 3u << 20, .total_bytes = 10u << 20, .lsn = 77};
    hf_notify_recovering(&recovery, daemon);
    cr_expect(told());
    cr_expect_str_eq(text, "EXTEND_TIMEOUT_USEC=120000000\n"
                           "STATUS=recovering: LSN 77, 3 of 10 MiB");
    hf_notify_recovering(&recovery, daemon);
    cr_expect_not(told(), "no step forward");
    free(daemon);
}

Test(notify, without_a_service_manager_nothing_is_told)
{
    struct hf_watchdog watchdog;
    struct hf_status status = {.state = HF_STATE_HALTED, .heartbeat_ns = 5};
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    hf_watchdog_init(&watchdog);
    hf_notify_stopping();
    cr_expect_eq(hf_watchdog_do_work(&watchdog, &status, SECOND_NS), 0);
    cr_expect_not(told());
}

Test(notify, a_reload_ends_ready_and_leaves_the_status_as_it_was)
{
    hf_notify_reloading();
    cr_expect(told());
    cr_expect_str_eq(text, "RELOADING=1");
    hf_notify_reloaded();
    cr_expect(told());
    cr_expect_str_eq(text, "READY=1");
}
