/*
 * probe.c - one client process, one small task, one exit code; for the integration scripts.
 *
 *   probe open SOCKET SESSION [resume]    prints HF_OK or the error's name and words
 *   probe close SOCKET SESSION            opens, or resumes, and closes it
 *   probe hold SOCKET SESSION [cancel]    opens, enters an order, prints "held", stays until its
 *                                         standard input ends; with cancel on disconnect
 *   probe trip SOCKET SESSION [COUNT]     so many orders entered and cancelled, each answer awaited
 *   probe durable SOCKET SESSION COUNT    enters COUNT orders, waits until they are durable
 *   probe unread SOCKET SESSION COUNT     enters COUNT orders and leaves without reading a report
 *   probe leave SOCKET SESSION COUNT      enters COUNT orders and leaves, whether they are taken or not
 *   probe reports SOCKET SESSION          prints the first and the last unreleased report's number
 *   probe watch SOCKET SESSION RATE       enters and cancels orders; prints each change of what the
 *                                         library says and each kind of reject; ends with its input
 *   probe flood SOCKET SESSION new|cancel enters new orders, or cancels of none, as fast as the ring
 *                                         takes them; ends with its input
 *   probe cancels SOCKET SESSION COUNT    cancels the orders 1 to COUNT one by one, over some seconds
 *   probe facts SOCKET SESSION            prints the session's facts
 *   probe status SOCKET FIELD             prints a field of the status page
 *   probe reach SOCKET COUNT              waits until COUNT more records are sequenced or the daemon has
 *                                         halted; prints state, sequenced LSN and history
 *   probe depth SOCKET INSTRUMENT         prints the book
 *
 * HF_PROBE_SLOTS in the environment: length of both rings of a new session. Exit code: 0, or 1 when
 * something is not as it should be.
 */
#include <holdfast/engine.h>
#include <holdfast/holdfast.h>

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define PATIENCE_NS (60 * SECOND_NS) /* for what comes at once on a quiet host */

static uint64_t
now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static void
pause_ns(uint64_t ns)
{
    struct timespec time = {.tv_sec = (time_t)(ns / SECOND_NS), .tv_nsec = (long)(ns % SECOND_NS)};
    nanosleep(&time, NULL);
}

static int
complain(const char *what, int code)
{
    printf("%s: %s: %s\n", what, hf_error_name(code), hf_strerror(code));
    return 1;
}

static int
open_once(struct hf_client **client, const char *socket, const char *session, uint32_t flags)
{
    struct hf_client_options options = {.size = sizeof(options),
                                        .socket_path = socket,
                                        .session = session,
                                        .flags = flags,
                                        .timeout_ns = PATIENCE_NS};
    const char *slots = getenv("HF_PROBE_SLOTS"); /* of both rings */
    options.command_slots = options.report_slots = slots == NULL ? 0 : (uint32_t)atoi(slots);
    return hf_open(client, &options);
}

/** Sessions of a process that has just ended are still held for a moment. */
static struct hf_client *
open_patiently(const char *socket, const char *session)
{
    struct hf_client *client;
    uint64_t until = now_ns() + PATIENCE_NS;
    int code;
    while ((code = open_once(&client, socket, session, 0)) != HF_OK) {
        if (now_ns() > until) {
            (void)complain(hf_open_error(), code);
            exit(1);
        }
        pause_ns(5000000);
    }
    return client;
}

static struct hf_command
new_order(uint64_t id)
{
    return (struct hf_command){.type = HF_COMMAND_NEW,
                               .slots = 1,
                               .side = HF_BUY,
                               .order_type = HF_LIMIT,
                               .time_in_force = HF_GTC,
                               .instrument = 1,
                               .client_order_id = id,
                               .price = 1,
                               .quantity = 1};
}

static struct hf_command
cancel_order(uint64_t id)
{
    return (struct hf_command){.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = id};
}

static int
submit(struct hf_client *client, const struct hf_command *command, uint64_t *seq)
{
    uint64_t until = now_ns() + PATIENCE_NS;
    int code;
    while ((code = hf_submit(client, command, seq)) == HF_AGAIN && now_ns() < until) {
        pause_ns(100000);
    }
    return code;
}

/** The answer to one command; what came before is read over. */
static int
await_answer(struct hf_client *client, uint64_t seq, uint8_t type)
{
    for (;;) {
        int code = hf_wait_report(client, PATIENCE_NS);
        if (code != HF_OK) {
            return complain("waiting for an answer", code);
        }
        const struct hf_report *report = hf_peek(client);
        bool answer = report->type != HF_REPORT_FILL && report->command_seq == seq;
        uint8_t got = report->type;
        hf_next(client);
        hf_release(client);
        if (answer) {
            return got == type ? 0 : complain("another answer", HF_E_PROTOCOL);
        }
    }
}

static int
ask(struct hf_client *client, const struct hf_command *command, uint8_t type)
{
    uint64_t seq;
    int code = submit(client, command, &seq);
    return code == HF_OK ? await_answer(client, seq, type) : complain("submit", code);
}

static uint64_t
next_id(const struct hf_client *client)
{
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    return facts.last_submitted + 1;
}

/* The tasks */

static int
task_open(int argc, char **argv)
{
    struct hf_client *client;
    int code = open_once(&client, argv[2], argv[3], argc > 4 ? HF_OPEN_NO_CREATE : 0);
    printf("%s %s\n", hf_error_name(code), code == HF_OK ? "" : hf_open_error());
    hf_detach(client);
    return code == HF_OK ? 0 : 1;
}

static bool
input_ended(int timeout_ms)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char byte;
    return poll(&input, 1, timeout_ms) > 0 && read(0, &byte, 1) <= 0;
}

static int
task_hold(int argc, char **argv)
{
    struct hf_client *client;
    int code = open_once(&client, argv[2], argv[3], argc > 4 ? HF_OPEN_CANCEL_ON_DISCONNECT : 0);
    if (code != HF_OK) {
        return complain(hf_open_error(), code);
    }
    struct hf_command order = new_order(next_id(client));
    if (ask(client, &order, HF_REPORT_ACCEPTED) != 0) {
        return 1;
    }
    puts("held");
    fflush(stdout);
    while (!input_ended(20)) {
        (void)hf_maintain(client);
    }
    hf_detach(client);
    return 0;
}

static int
task_trip(int argc, char **argv)
{
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    long count = argc > 4 ? atol(argv[4]) : 20;
    for (long i = 0; i < count; i++) {
        uint64_t id = next_id(client);
        struct hf_command order = new_order(id);
        struct hf_command cancel = cancel_order(id);
        if (ask(client, &order, HF_REPORT_ACCEPTED) != 0 ||
            ask(client, &cancel, HF_REPORT_CANCELLED) != 0) {
            return 1;
        }
    }
    hf_detach(client);
    return 0;
}

static void
read_all(struct hf_client *client)
{
    while (hf_peek(client) != NULL) {
        hf_next(client);
        hf_release(client);
    }
}

static int
enter_orders(struct hf_client *client, long count, bool read, uint64_t *seq)
{
    for (long i = 0; i < count; i++) {
        struct hf_command order = new_order(next_id(client));
        int code = submit(client, &order, seq);
        if (code != HF_OK) {
            return complain("submit", code);
        }
        if (read) {
            read_all(client);
        }
    }
    return 0;
}

static void
print_facts(const struct hf_client *client)
{
    struct hf_session_facts facts;
    hf_facts(client, &facts);
    printf("history=%" PRIu64 " epoch=%" PRIu64 " submitted=%" PRIu64 " logged=%" PRIu64
           " report=%" PRIu64 " released=%" PRIu64 " resumed=%u session=%" PRIu64 "\n",
           facts.history, facts.epoch, facts.last_submitted, facts.last_logged, facts.last_report,
           facts.last_released, facts.resumed, facts.session_id);
}

static int
task_durable(int argc, char **argv)
{
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    uint64_t seq = 0;
    int result = enter_orders(client, argc > 4 ? atol(argv[4]) : 1, true, &seq);
    int code = result == 0 ? hf_wait(client, seq, HF_LEVEL_DURABLE, PATIENCE_NS) : HF_OK;
    read_all(client);
    print_facts(client);
    hf_detach(client);
    return code == HF_OK ? result : complain("waiting for durability", code);
}

static int
task_unread(int argc, char **argv)
{
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    uint64_t seq = 0;
    int result = enter_orders(client, argc > 4 ? atol(argv[4]) : 1, false, &seq);
    if (result == 0 && hf_wait(client, seq, HF_LEVEL_SEQUENCED, PATIENCE_NS) != HF_OK) {
        result = complain("waiting for the last LSN", HF_TIMEOUT);
    }
    print_facts(client);
    hf_detach(client);
    return result;
}

static int
task_leave(int argc, char **argv)
{
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    uint64_t seq;
    int result = enter_orders(client, argc > 4 ? atol(argv[4]) : 1, false, &seq);
    hf_detach(client);
    return result;
}

static int
task_close(int argc, char **argv)
{
    (void)argc;
    int code = hf_close(open_patiently(argv[2], argv[3]));
    return code == HF_OK ? 0 : complain("close", code);
}

static int
task_reports(int argc, char **argv)
{
    (void)argc;
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    uint64_t first = 0;
    uint64_t last = 0;
    const struct hf_report *report;
    while ((report = hf_peek(client)) != NULL) {
        first = first == 0 ? report->number : first;
        last = report->number + report->slots - 1u;
        hf_next(client);
    }
    hf_release(client);
    printf("%" PRIu64 " %" PRIu64 "\n", first, last);
    hf_detach(client);
    return 0;
}

static int
task_facts(int argc, char **argv)
{
    (void)argc;
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    print_facts(client);
    hf_detach(client);
    return 0;
}

struct watch {
    struct hf_client *client;
    int said;
    uint32_t rejected; /**< last reason */
    uint64_t accepted;
    uint64_t cancelled;
};

static void
watch_code(struct watch *watch, const char *what, int code)
{
    if (code != watch->said && code != HF_AGAIN && code != HF_TIMEOUT) {
        printf("%s %s\n", what, hf_error_name(code));
        fflush(stdout);
        watch->said = code;
    }
}

static void
watch_report(struct watch *watch, const struct hf_report *report)
{
    watch->accepted += report->type == HF_REPORT_ACCEPTED;
    watch->cancelled += report->type == HF_REPORT_CANCELLED;
    if (report->type == HF_REPORT_REJECTED && report->reason != watch->rejected) {
        printf("rejected %s\n", hf_reason_name(report->reason));
        fflush(stdout);
        watch->rejected = report->reason;
    }
}

/** Enter an order, cancel the one before it; so that cancels can be seen to go on alone. */
static void
watch_step(struct watch *watch)
{
    uint64_t id = next_id(watch->client);
    struct hf_command commands[2] = {new_order(id), cancel_order(id - 2)};
    if (id == 1) {
        commands[1].client_order_id = 1;
    }
    for (int i = 0; i < 2; i++) {
        watch_code(watch, "submit", hf_submit(watch->client, &commands[i], NULL));
    }
    const struct hf_report *report;
    while ((report = hf_peek(watch->client)) != NULL) {
        watch_report(watch, report);
        hf_next(watch->client);
        hf_release(watch->client);
    }
    watch_code(watch, "maintain", hf_maintain(watch->client));
}

static int
task_watch(int argc, char **argv)
{
    struct watch watch = {.client = open_patiently(argv[2], argv[3])};
    uint64_t rate = argc > 4 ? strtoull(argv[4], NULL, 10) : 1000;
    puts("watching");
    fflush(stdout);
    while (!input_ended(0)) {
        watch_step(&watch);
        pause_ns(2 * SECOND_NS / rate);
    }
    printf("accepted=%" PRIu64 " cancelled=%" PRIu64 "\n", watch.accepted, watch.cancelled);
    print_facts(watch.client);
    hf_detach(watch.client);
    return 0;
}

static int
task_flood(int argc, char **argv)
{
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    bool cancels = argc > 4 && strcmp(argv[4], "cancel") == 0;
    puts("flooding");
    fflush(stdout);
    for (uint64_t count = 1; !input_ended(0); count++) {
        int code = HF_OK;
        for (int i = 0; i < 64 && code == HF_OK; i++) {
            uint64_t id = next_id(client);
            struct hf_command command = cancels ? cancel_order(id) : new_order(id);
            code = hf_submit(client, &command, NULL);
        }
        read_all(client);
        if (code != HF_OK) {
            pause_ns(100000);
        }
    }
    print_facts(client);
    hf_detach(client);
    return 0;
}

static int
task_cancels(int argc, char **argv)
{
    struct hf_client *client = open_patiently(argv[2], argv[3]);
    uint64_t count = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    for (uint64_t id = 1; id <= count; id++) {
        struct hf_command cancel = cancel_order(id);
        if (ask(client, &cancel, HF_REPORT_CANCELLED) != 0) {
            return 1;
        }
        pause_ns(20000000);
    }
    hf_detach(client);
    return 0;
}

static struct hf_observer *
observe(const char *socket)
{
    struct hf_observer *observer;
    int code = hf_observe(&observer, NULL, socket);
    if (code != HF_OK) {
        (void)complain(hf_open_error(), code);
        exit(1);
    }
    return observer;
}

static int
task_status(int argc, char **argv)
{
    if (argc < 4) {
        return 1;
    }
    struct hf_observer *observer = observe(argv[2]);
    struct hf_status status;
    hf_observer_status(observer, &status);
    const struct {
        const char *name;
        uint64_t value;
    } fields[] = {{"state", status.state},
                  {"halt_code", (uint64_t)-status.halt_code},
                  {"disk_low", status.disk_low},
                  {"sequenced", status.sequenced_lsn},
                  {"written", status.written_lsn},
                  {"durable", status.durable_lsn},
                  {"history", status.history},
                  {"epoch", status.epoch},
                  {"sessions", status.sessions_open},
                  {"instruments", status.instruments},
                  {"open_orders", status.open_orders},
                  {"commands", status.commands}};
    int result = 1;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(argv[3], fields[i].name) == 0) {
            printf("%" PRIu64 "\n", fields[i].value);
            result = 0;
        }
    }
    if (strcmp(argv[3], "halt_text") == 0) {
        printf("%.*s\n", (int)sizeof(status.halt_text), status.halt_text);
        result = 0;
    }
    hf_observer_close(observer);
    return result;
}

static int
task_reach(int argc, char **argv)
{
    (void)argc;
    struct hf_observer *observer = observe(argv[2]);
    struct hf_status status;
    hf_observer_status(observer, &status);
    uint64_t wanted = status.sequenced_lsn + strtoull(argv[3], NULL, 10);
    uint64_t until = now_ns() + PATIENCE_NS;
    while (status.sequenced_lsn < wanted && status.state != HF_STATE_HALTED && now_ns() < until) {
        pause_ns(2000000);
        hf_observer_status(observer, &status);
    }
    printf("%u %" PRIu64 " %" PRIu64 "\n", status.state, status.sequenced_lsn, status.history);
    hf_observer_close(observer);
    return status.sequenced_lsn >= wanted || status.state == HF_STATE_HALTED ? 0 : 1;
}

static void
print_side(uint32_t instrument, const char *side, const struct hf_depth_level *levels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("book %u %s %" PRId64 " %" PRIu64 " %u\n", instrument, side, levels[i].price,
               levels[i].quantity, levels[i].orders);
    }
}

static int
task_depth(int argc, char **argv)
{
    struct hf_depth_level bids[64];
    struct hf_depth_level asks[64];
    size_t bid_count;
    size_t ask_count;
    uint64_t lsn;
    uint32_t instrument = argc > 3 ? (uint32_t)atoi(argv[3]) : 1;
    struct hf_observer *observer = observe(argv[2]);
    int code =
        hf_observer_depth(observer, instrument, 64, bids, &bid_count, asks, &ask_count, &lsn);
    hf_observer_close(observer);
    if (code != HF_OK) {
        return complain("depth", code);
    }
    print_side(instrument, "bid", bids, bid_count);
    print_side(instrument, "ask", asks, ask_count);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} TASKS[] = {
    {"open", task_open},       {"hold", task_hold},     {"trip", task_trip},
    {"durable", task_durable}, {"unread", task_unread}, {"reports", task_reports},
    {"leave", task_leave},     {"flood", task_flood},   {"cancels", task_cancels},
    {"watch", task_watch},     {"facts", task_facts},   {"status", task_status},
    {"depth", task_depth},     {"reach", task_reach},   {"close", task_close},
};

int
main(int argc, char **argv)
{
    for (size_t i = 0; argc >= 4 && i < sizeof(TASKS) / sizeof(TASKS[0]); i++) {
        if (strcmp(argv[1], TASKS[i].name) == 0) {
            return TASKS[i].run(argc, argv);
        }
    }
    fprintf(stderr, "usage: probe TASK SOCKET SESSION|FIELD|INSTRUMENT [ARGUMENT]\n");
    return 2;
}
