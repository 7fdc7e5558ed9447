/* test_greeter.c - who asks while the daemon recovers is told how far it is. */
#include "daemon/greeter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct hf_daemon *daemon_now;
static struct hf_greeter greeter;
static char directory[64];

static struct hf_daemon *
daemon_new(void)
{
    char text[128];
    struct hf_daemon *daemon = aligned_alloc(128, sizeof(*daemon));
    memset(daemon, 0, sizeof(*daemon));
    cr_assert_eq(hf_config_init(&daemon->config), HF_OK);
    (void)snprintf(text, sizeof(text), "instance.socket=%s/run/sock", directory);
    hf_config_set(&daemon->config, text);
    cr_assert(hf_config_check(&daemon->config), "%s", daemon->config.errors);
    return daemon;
}

static void
daemon_free(struct hf_daemon *daemon)
{
    hf_control_unlisten(daemon);
    hf_config_free(&daemon->config);
    free(daemon);
}

static void
set_up(void)
{
    (void)snprintf(directory, sizeof(directory), "/tmp/hf_greeter_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    daemon_now = daemon_new();
    cr_assert_eq(hf_control_listen(daemon_now), HF_OK, "%s", daemon_now->text);
    cr_assert_eq(hf_greeter_start(&greeter, daemon_now), HF_OK, "%s", daemon_now->text);
}

static void
tear_down(void)
{
    char path[128];
    hf_greeter_stop(&greeter);
    daemon_free(daemon_now);
    (void)snprintf(path, sizeof(path), "%s/run", directory);
    cr_expect_eq(rmdir(path), 0, "the socket's name is gone");
    cr_expect_eq(rmdir(directory), 0);
}

TestSuite(greeter, .init = set_up, .fini = tear_down, .timeout = 60);

/** @return a blocking connection; -1: nobody listens */
static int
connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static struct hf_control_answer
ask_over(int fd, uint32_t type, uint32_t version)
{
    const struct hf_control_request request = {
        .magic = HF_CONTROL_MAGIC, .version = version, .type = type};
    struct hf_control_answer answer;
    unsigned none = 0;
    cr_assert_eq(hf_control_send(fd, &request, sizeof(request), NULL, 0), HF_OK);
    cr_assert_eq(hf_control_receive(fd, &answer, sizeof(answer), NULL, &none), HF_OK);
    cr_assert_eq(answer.type, type);
    return answer;
}

static struct hf_control_answer
ask(uint32_t type, uint32_t version)
{
    int fd = connect_to(daemon_now->config.instance_socket);
    cr_assert_geq(fd, 0);
    struct hf_control_answer answer = ask_over(fd, type, version);
    close(fd);
    return answer;
}

Test(greeter, every_request_is_answered_with_how_far_recovery_is)
{
    for (uint32_t type = HF_CONTROL_HELLO; type <= HF_CONTROL_REPORTS; type++) {
        struct hf_control_answer answer = ask(type, HF_PROTOCOL_VERSION);
        cr_expect_eq(answer.code, HF_AGAIN, "request %u", type);
        cr_expect_not_null(strstr(answer.text, "begins to read the log; try again"), "%s",
                           answer.text);
    }
    hf_store_relaxed(&daemon_now->progress.done_bytes, UINT64_C(3) << 20);
    hf_store_relaxed(&daemon_now->progress.total_bytes, UINT64_C(70) << 20);
    hf_store_relaxed(&daemon_now->progress.lsn, 4711);
    struct hf_control_answer answer = ask(HF_CONTROL_HELLO, HF_PROTOCOL_VERSION);
    cr_expect_eq(answer.code, HF_AGAIN);
    cr_expect_str_eq(answer.text, "the daemon recovers: 3 of 70 MiB of the log read, up to LSN "
                                  "4711; try again");
}

Test(greeter, one_connection_may_ask_again)
{
    int fd = connect_to(daemon_now->config.instance_socket);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(ask_over(fd, HF_CONTROL_REATTACH, HF_PROTOCOL_VERSION).code, HF_AGAIN);
    }
    close(fd);
}

Test(greeter, another_version_is_told_so)
{
    cr_expect_eq(ask(HF_CONTROL_OPEN, HF_PROTOCOL_VERSION + 1).code, HF_E_VERSION);
}

Test(greeter, those_who_say_nothing_keep_nobody_out)
{
    int silent[80];
    for (int i = 0; i < 80; i++) {
        silent[i] = connect_to(daemon_now->config.instance_socket);
        cr_assert_geq(silent[i], 0);
    }
    cr_expect_eq(ask(HF_CONTROL_HELLO, HF_PROTOCOL_VERSION).code, HF_AGAIN);
    for (int i = 0; i < 80; i++) {
        close(silent[i]);
    }
}

Test(greeter, who_connects_behind_its_end_waits_for_the_next_who_answers)
{
    hf_greeter_stop(&greeter);
    int fd = connect_to(daemon_now->config.instance_socket);
    cr_assert_geq(fd, 0, "the daemon goes on listening");
    const struct hf_control_request request = {
        .magic = HF_CONTROL_MAGIC, .version = HF_PROTOCOL_VERSION, .type = HF_CONTROL_HELLO};
    cr_assert_eq(hf_control_send(fd, &request, sizeof(request), NULL, 0), HF_OK);
    cr_assert_eq(hf_greeter_start(&greeter, daemon_now), HF_OK);
    struct hf_control_answer answer;
    unsigned none = 0;
    cr_assert_eq(hf_control_receive(fd, &answer, sizeof(answer), NULL, &none), HF_OK);
    cr_expect_eq(answer.code, HF_AGAIN);
    close(fd);
}

Test(greeter, nobody_else_takes_the_path_from_the_start_on)
{
    struct hf_daemon *other = daemon_new();
    cr_expect_eq(hf_control_listen(other), HF_E_BUSY);
    cr_expect_not_null(strstr(other->text, "Address already in use"), "%s", other->text);
    daemon_free(other);
    cr_expect_eq(ask(HF_CONTROL_HELLO, HF_PROTOCOL_VERSION).code, HF_AGAIN, "it is still there");
}

Test(greeter, the_socket_of_a_dead_daemon_is_replaced)
{
    hf_greeter_stop(&greeter);
    close(daemon_now->listen_fd);
    daemon_now->listening = false;
    cr_expect_lt(connect_to(daemon_now->config.instance_socket), 0);
    cr_assert_eq(hf_control_listen(daemon_now), HF_OK, "%s", daemon_now->text);
    cr_assert_eq(hf_greeter_start(&greeter, daemon_now), HF_OK);
    cr_expect_eq(ask(HF_CONTROL_HELLO, HF_PROTOCOL_VERSION).code, HF_AGAIN);
}
