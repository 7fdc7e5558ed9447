/*
 * leaver.c - clients that go, each in its own way; those that stay do until the input ends.
 *
 *   leaver many SOCKET NAME COUNT        open COUNT sessions, and leave each
 *   leaver crowd SOCKET NAME COUNT       open COUNT sessions, and stay
 *   leaver orphan SOCKET NAME            cancel on disconnect, an order, a child; both stay
 *   leaver heavy SOCKET NAME COUNT       rest ORDERS orders, submit COUNT lists of them, and end
 *   leaver close SOCKET NAME COUNT       the same, and close the session before the end
 *   leaver detach SOCKET NAME            an order, a child that detaches its copy and stays; the parent trades
 *                                        on, leaves, and comes back at once
 */
#include <holdfast/holdfast.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_NS UINT64_C(120000000000)
#define ORDERS 4096 /* one list of open orders has no more */

static struct hf_client *
open_rings(const char *socket, const char *name, uint32_t flags, uint32_t command_slots)
{
    const struct hf_client_options options = {.size = sizeof(options),
                                              .socket_path = socket,
                                              .session = name,
                                              .flags = flags,
                                              .command_slots = command_slots,
                                              .report_slots = 64,
                                              .timeout_ns = PATIENCE_NS};
    struct hf_client *client;
    int code = hf_open(&client, &options);
    if (code != HF_OK) {
        printf("%s: %s\n", hf_error_name(code), hf_open_error());
        exit(1);
    }
    return client;
}

static struct hf_client *
open_session(const char *socket, const char *name, uint32_t flags)
{
    return open_rings(socket, name, flags, 64);
}

static void
enter_order(struct hf_client *client, uint64_t id)
{
    const struct hf_command order = {.type = HF_COMMAND_NEW,
                                     .slots = 1,
                                     .side = HF_BUY,
                                     .order_type = HF_LIMIT,
                                     .time_in_force = HF_GTC,
                                     .instrument = 1,
                                     .client_order_id = id,
                                     .price = 1,
                                     .quantity = 1};
    int code = hf_submit(client, &order, NULL);
    code = code == HF_OK ? hf_wait_report(client, PATIENCE_NS) : code;
    const struct hf_report *report = code == HF_OK ? hf_peek(client) : NULL;
    if (report == NULL || report->type != HF_REPORT_ACCEPTED) {
        printf("an order: %s\n", hf_error_name(code));
        exit(1);
    }
    hf_next(client);
    hf_release(client);
}

static void
say(const char *word)
{
    puts(word);
    (void)fflush(stdout);
}

/** And end without a word to the daemon. */
static _Noreturn void
stay(void)
{
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
    _exit(0);
}

static int
many(const char *socket, const char *prefix, int count, bool stays)
{
    char name[HF_NAME_BYTES];
    for (int i = 0; i < count; i++) {
        (void)snprintf(name, sizeof(name), "%s%d", prefix, i);
        struct hf_client *client = open_session(socket, name, 0);
        if (!stays) {
            hf_detach(client);
        }
    }
    say("there");
    if (stays) {
        stay();
    }
    return 0;
}

static int
orphan(const char *socket, const char *name)
{
    struct hf_client *client = open_session(socket, name, HF_OPEN_CANCEL_ON_DISCONNECT);
    enter_order(client, 1);
    if (fork() == 0) {
        say("there");
    }
    stay();
}

/** Each of these commands makes 8193 slots of reports; nobody reads them. */
static int
heavy(const char *socket, const char *name, int count, bool closes)
{
    struct hf_client *client = open_rings(socket, name, 0, 65536);
    const struct hf_command list = {
        .type = HF_COMMAND_OPEN_ORDERS, .slots = 1, .quantity = HF_OPEN_ORDERS_MAX};
    for (uint64_t id = 1; id <= ORDERS; id++) {
        enter_order(client, id);
    }
    for (int i = 0; i < count; i++) {
        if (hf_submit(client, &list, NULL) != HF_OK) {
            say("the ring is full");
            return 1;
        }
    }
    say("filled");
    if (!closes) {
        _exit(0);
    }
    return hf_close(client) == HF_OK ? 0 : 1;
}

static int
detach(const char *socket, const char *name)
{
    int detached[2];
    char byte = 0;
    struct hf_client *client = open_session(socket, name, 0);
    if (pipe(detached) != 0) {
        return 1;
    }
    if (fork() == 0) {
        hf_detach(client);
        client = open_session(socket, "other", 0); /* whatever it does, it has its own connection */
        (void)!write(detached[1], &byte, 1);
        stay();
    }
    (void)!read(detached[0], &byte, 1);
    enter_order(client, 1);
    if (hf_maintain(client) != HF_OK) {
        say("a child has ended the session of its parent");
        return 1;
    }
    hf_detach(client);
    client = open_session(socket, name, HF_OPEN_NO_CREATE);
    enter_order(client, 2);
    hf_detach(client);
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc == 5 && (strcmp(argv[1], "many") == 0 || strcmp(argv[1], "crowd") == 0)) {
        return many(argv[2], argv[3], atoi(argv[4]), argv[1][0] == 'c');
    }
    if (argc == 5 && (strcmp(argv[1], "heavy") == 0 || strcmp(argv[1], "close") == 0)) {
        return heavy(argv[2], argv[3], atoi(argv[4]), argv[1][0] == 'c');
    }
    if (argc == 4 && strcmp(argv[1], "orphan") == 0) {
        return orphan(argv[2], argv[3]);
    }
    if (argc == 4 && strcmp(argv[1], "detach") == 0) {
        return detach(argv[2], argv[3]);
    }
    (void)fprintf(stderr, "usage: leaver TASK SOCKET NAME [COUNT]\n");
    return 2;
}
