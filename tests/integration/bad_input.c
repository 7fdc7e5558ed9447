/*
 * bad_input.c - every mistake that a client can make in a command or on the control socket has its
 * own answer, and none disturbs what comes after it.
 *
 *   bad_input SOCKET     instance with DEMO (1) and GRID (2: tick 5, lot 10, 100 to 200, at most 1000)
 *
 * Prints each case that is not answered as it should be; exit code 1 when there is any.
 */
#include "raw.h"

#include <holdfast/holdfast.h>
#include <string.h>

static unsigned failures;

/* Commands */

struct bad_command {
    const char *what;
    struct hf_command command;
    uint32_t reason; /**< enum hf_reason; HF_REASON_NONE: must be accepted */
};

#define GRID_ORDER                                                                                 \
    .type = HF_COMMAND_NEW, .slots = 1, .order_type = HF_LIMIT, .time_in_force = HF_GTC,           \
    .instrument = 2

static const struct bad_command BAD_COMMANDS[] = {
    {"a good order",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 1, .price = 150, .quantity = 100},
     HF_REASON_NONE},
    {"unknown instrument",
     {.type = HF_COMMAND_NEW,
      .slots = 1,
      .side = HF_BUY,
      .order_type = HF_LIMIT,
      .time_in_force = HF_GTC,
      .instrument = 3,
      .client_order_id = 2,
      .price = 150,
      .quantity = 100},
     HF_REASON_UNKNOWN_INSTRUMENT},
    {"instrument 0",
     {.type = HF_COMMAND_NEW,
      .slots = 1,
      .side = HF_BUY,
      .order_type = HF_LIMIT,
      .time_in_force = HF_GTC,
      .client_order_id = 2,
      .price = 150,
      .quantity = 100},
     HF_REASON_UNKNOWN_INSTRUMENT},
    {"price off tick",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 2, .price = 151, .quantity = 100},
     HF_REASON_PRICE_OFF_TICK},
    {"price below the band",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 2, .price = 95, .quantity = 100},
     HF_REASON_PRICE_OUT_OF_BAND},
    {"price above the band",
     {GRID_ORDER, .side = HF_SELL, .client_order_id = 2, .price = 205, .quantity = 100},
     HF_REASON_PRICE_OUT_OF_BAND},
    {"price at the end of the world",
     {GRID_ORDER, .side = HF_SELL, .client_order_id = 2, .price = INT64_MIN / 5 * 5,
      .quantity = 100},
     HF_REASON_PRICE_OUT_OF_BAND},
    {"zero quantity",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 2, .price = 150, .quantity = 0},
     HF_REASON_QUANTITY_ZERO},
    {"quantity off lot",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 2, .price = 150, .quantity = 15},
     HF_REASON_QUANTITY_OFF_LOT},
    {"overlarge quantity",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 2, .price = 150, .quantity = 1010},
     HF_REASON_QUANTITY_TOO_LARGE},
    {"largest number as quantity",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 2, .price = 150,
      .quantity = UINT64_MAX / 10 * 10},
     HF_REASON_QUANTITY_TOO_LARGE},
    {"duplicate client order id",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 1, .price = 150, .quantity = 100},
     HF_REASON_DUPLICATE_ID},
    {"client order id 0",
     {GRID_ORDER, .side = HF_BUY, .client_order_id = 0, .price = 150, .quantity = 100},
     HF_REASON_MALFORMED_ID},
    {"no side",
     {GRID_ORDER, .client_order_id = 2, .price = 150, .quantity = 100},
     HF_REASON_MALFORMED_FIELD},
    {"unknown side",
     {GRID_ORDER, .side = 3, .client_order_id = 2, .price = 150, .quantity = 100},
     HF_REASON_MALFORMED_FIELD},
    {"unknown order type",
     {.type = HF_COMMAND_NEW,
      .slots = 1,
      .side = HF_BUY,
      .order_type = 99,
      .time_in_force = HF_GTC,
      .instrument = 2,
      .client_order_id = 2,
      .price = 150,
      .quantity = 100},
     HF_REASON_MALFORMED_FIELD},
    {"unknown time in force",
     {.type = HF_COMMAND_NEW,
      .slots = 1,
      .side = HF_BUY,
      .order_type = HF_LIMIT,
      .time_in_force = 77,
      .instrument = 2,
      .client_order_id = 2,
      .price = 150,
      .quantity = 100},
     HF_REASON_MALFORMED_FIELD},
    {"unknown flag",
     {GRID_ORDER, .side = HF_BUY, .flags = 128, .client_order_id = 2, .price = 150,
      .quantity = 100},
     HF_REASON_MALFORMED_FIELD},
    {"reserved byte in front",
     {GRID_ORDER, .side = HF_BUY, .reserved = {0, 1}, .client_order_id = 2, .price = 150,
      .quantity = 100},
     HF_REASON_MALFORMED_RESERVED},
    {"reserved byte in the middle",
     {GRID_ORDER, .side = HF_BUY, .reserved2 = 1, .client_order_id = 2, .price = 150,
      .quantity = 100},
     HF_REASON_MALFORMED_RESERVED},
    {"market order with a price",
     {.type = HF_COMMAND_NEW,
      .slots = 1,
      .side = HF_BUY,
      .order_type = HF_MARKET,
      .time_in_force = HF_IOC,
      .instrument = 2,
      .client_order_id = 2,
      .price = 150,
      .quantity = 100},
     HF_REASON_MALFORMED_COMBINATION},
    {"post-only that is immediate or cancel",
     {.type = HF_COMMAND_NEW,
      .slots = 1,
      .side = HF_BUY,
      .order_type = HF_LIMIT,
      .time_in_force = HF_IOC,
      .flags = HF_POST_ONLY,
      .instrument = 2,
      .client_order_id = 2,
      .price = 150,
      .quantity = 100},
     HF_REASON_MALFORMED_COMBINATION},
    {"unknown command type", {.type = 99, .slots = 1}, HF_REASON_MALFORMED_TYPE},
    {"command type 0", {.type = 0, .slots = 1}, HF_REASON_MALFORMED_TYPE},
    {"a type of the log", {.type = 67, .slots = 1, .client_order_id = 5}, HF_REASON_MALFORMED_TYPE},
    {"second slot without a first",
     {.type = HF_COMMAND_MORE, .slots = 1},
     HF_REASON_MALFORMED_TYPE},
    {"no slots", {.type = HF_COMMAND_CANCEL, .client_order_id = 1}, HF_REASON_MALFORMED_SLOTS},
    {"too many slots",
     {.type = HF_COMMAND_CANCEL, .slots = 200, .client_order_id = 1},
     HF_REASON_MALFORMED_SLOTS},
    {"cancel of an unknown order",
     {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 4711},
     HF_REASON_UNKNOWN_ORDER},
    {"cancel with a price",
     {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 1, .price = 150},
     HF_REASON_MALFORMED_RESERVED},
    {"reduce of an unknown order",
     {.type = HF_COMMAND_REDUCE, .slots = 1, .client_order_id = 4711, .quantity = 10},
     HF_REASON_UNKNOWN_ORDER},
    {"replace of an unknown order",
     {.type = HF_COMMAND_REPLACE,
      .slots = 1,
      .target_client_order_id = 4711,
      .client_order_id = 4712,
      .price = 150,
      .quantity = 10},
     HF_REASON_UNKNOWN_ORDER},
    {"admin command without the right",
     {.type = HF_COMMAND_PHASE, .slots = 1, .order_type = HF_PHASE_HALTED, .instrument = 2},
     HF_REASON_NOT_ADMIN},
    {"a good cancel",
     {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 1},
     HF_REASON_NONE},
};

static void
wrong(const char *what, const char *should, const char *is)
{
    printf("%s: should be %s, is %s\n", what, should, is);
    failures++;
}

static void
check_report(const char *what, const struct hf_report *report, uint64_t seq, uint32_t reason)
{
    bool rejected = report->type == HF_REPORT_REJECTED;
    uint32_t got = rejected ? report->reason : (uint32_t)HF_REASON_NONE;
    if (report->command_seq != seq) {
        wrong(what, "an answer to this command", "one to another");
    }
    if (got != reason) {
        wrong(what, hf_reason_name(reason), rejected ? hf_reason_name(got) : "not rejected");
    }
}

static void
check_command(struct hf_client *client, const struct bad_command *bad)
{
    /* What claims two slots or more and is not well-formed enters the ring as it is. */
    uint64_t seq;
    int code = hf_submit(client, &bad->command, &seq);
    if (code == HF_OK) {
        code = hf_wait_report(client, PATIENCE_NS);
    }
    if (code != HF_OK) {
        wrong(bad->what, "answered", hf_error_name(code));
        return;
    }
    check_report(bad->what, hf_peek(client), seq, bad->reason);
    hf_next(client);
    hf_release(client);
}

static void
check_commands(const char *path)
{
    struct hf_client *client;
    struct hf_client_options options = {
        .size = sizeof(options), .socket_path = path, .session = "bad", .timeout_ns = PATIENCE_NS};
    int code = hf_open(&client, &options);
    if (code != HF_OK) {
        raw_fail(hf_open_error(), code);
    }
    for (size_t i = 0; i < sizeof(BAD_COMMANDS) / sizeof(BAD_COMMANDS[0]); i++) {
        check_command(client, &BAD_COMMANDS[i]);
    }
    hf_detach(client);
}

/* Slots, as no library would write them */

struct bad_slots {
    const char *what;
    unsigned count;
    struct hf_command slots[2];
    uint32_t reasons[2]; /**< of the reports, in order; 0: no further one */
};

static const struct bad_slots BAD_SLOTS[] = {
    {"two slots, the second is another command",
     2,
     {{.type = HF_COMMAND_NEW, .slots = 2, .client_order_id = 7},
      {.type = HF_COMMAND_CANCEL, .slots = 1, .client_order_id = 4711}},
     {HF_REASON_MALFORMED_SLOTS, HF_REASON_UNKNOWN_ORDER}},
    {"two slots for a command of one",
     2,
     {{.type = HF_COMMAND_CANCEL, .slots = 2, .client_order_id = 7},
      {.type = HF_COMMAND_MORE, .slots = 1}},
     {HF_REASON_MALFORMED_SLOTS, 0}},
    {"two slots, reserved bytes in the second",
     2,
     {{GRID_ORDER, .side = HF_BUY, .client_order_id = 7, .price = 150, .quantity = 100},
      {.type = HF_COMMAND_MORE, .slots = 1, .reserved = {0, 1}}},
     {0, 0}},
};

/** Reports come in order; read the next one. */
static const struct hf_report *
next_report(struct raw *raw, uint64_t *number)
{
    const struct hf_slot *slots = hf_session_slots((void *)raw->reports);
    const struct hf_slot *slot = &slots[*number & (raw->reports->report_slots - 1)];
    for (int i = 0; i < 500; i++) {
        if (hf_load_acquire(&slot->number) == *number) {
            ++*number;
            return (const struct hf_report *)(const void *)slot;
        }
        raw_pause_ms(10);
    }
    return NULL;
}

static void
check_slots(struct raw *raw, const struct bad_slots *bad, uint64_t *number)
{
    struct hf_command slots[2] = {bad->slots[0], bad->slots[1]};
    if (bad->reasons[0] == 0) { /* the table cannot say this with one macro */
        slots[0].slots = 2;
    }
    if (!raw_publish(raw, slots, bad->count)) {
        wrong(bad->what, "room", "none");
        return;
    }
    raw_doorbell(raw);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t reason = bad->reasons[i];
        if (i > 0 && reason == 0) {
            break;
        }
        reason = reason == 0 ? (uint32_t)HF_REASON_MALFORMED_RESERVED : reason;
        const struct hf_report *report = next_report(raw, number);
        if (report == NULL) {
            wrong(bad->what, "answered", "not");
        } else if (report->type != HF_REPORT_REJECTED || report->reason != reason) {
            wrong(bad->what, hf_reason_name(reason), hf_reason_name(report->reason));
        }
    }
    hf_store_release(&raw->commands->report_tail, *number - 1);
}

static void
check_raw_slots(const char *path)
{
    struct raw raw;
    uint64_t number = 1;
    raw_open(&raw, path, "badslots", 1024, 1024);
    for (size_t i = 0; i < sizeof(BAD_SLOTS) / sizeof(BAD_SLOTS[0]); i++) {
        check_slots(&raw, &BAD_SLOTS[i], &number);
    }
    close(raw.socket_fd);
}

/* The control socket */

struct bad_request {
    const char *what;
    struct hf_control_request request;
    size_t bytes; /**< 0: all */
    int code;
};

#define GOOD .magic = HF_CONTROL_MAGIC, .version = HF_PROTOCOL_VERSION
#define RINGS .command_slots = 1024, .report_slots = 1024

static const struct bad_request BAD_REQUESTS[] = {
    {"greeting", {GOOD, .type = HF_CONTROL_HELLO}, 0, HF_OK},
    {"wrong version", {.magic = HF_CONTROL_MAGIC, .version = 99, .type = 1}, 0, HF_E_VERSION},
    {"version 0", {.magic = HF_CONTROL_MAGIC, .type = 1}, 0, HF_E_VERSION},
    {"wrong magic", {.magic = 0x47455420, .version = HF_PROTOCOL_VERSION}, 0, HF_E_PROTOCOL},
    {"half a request", {GOOD, .type = HF_CONTROL_HELLO}, 20, HF_E_PROTOCOL},
    {"one byte", {GOOD, .type = HF_CONTROL_HELLO}, 1, HF_E_PROTOCOL},
    {"unknown request", {GOOD, .type = 1000}, 0, HF_E_PROTOCOL},
    {"request 0", {GOOD}, 0, HF_E_PROTOCOL},
    {"open without a name", {GOOD, .type = HF_CONTROL_OPEN, RINGS}, 0, HF_E_ARGUMENT},
    {"open with a path for a name",
     {GOOD, .type = HF_CONTROL_OPEN, RINGS, .session = "../etc/passwd"},
     0,
     HF_E_ARGUMENT},
    {"open with a name that does not end",
     {GOOD, .type = HF_CONTROL_OPEN, RINGS, .session = "aaaaaaaaaaaaaaaaaaaaaaaa"},
     0,
     HF_E_ARGUMENT},
    {"open with one ring of an odd size",
     {GOOD, .type = HF_CONTROL_OPEN, .report_slots = 100, .session = "x"},
     0,
     HF_E_ARGUMENT},
    {"open with rings of an odd size",
     {GOOD, .type = HF_CONTROL_OPEN, .command_slots = 100, .report_slots = 100, .session = "x"},
     0,
     HF_E_ARGUMENT},
    {"open with rings that are too large",
     {GOOD, .type = HF_CONTROL_OPEN, .command_slots = 1u << 31, .report_slots = 1u << 31,
      .session = "x"},
     0,
     HF_E_ARGUMENT},
    {"resume of what is not there",
     {GOOD, .type = HF_CONTROL_OPEN, RINGS, .flags = HF_OPEN_NO_CREATE, .session = "nosuch"},
     0,
     HF_E_UNKNOWN},
    {"reattach of what is not there",
     {GOOD, .type = HF_CONTROL_REATTACH, .session_id = 4711, .generation = 1, .session = "x"},
     0,
     HF_E_SESSION},
    {"close without a session", {GOOD, .type = HF_CONTROL_CLOSE}, 0, HF_E_SESSION},
    {"depth of an unknown instrument",
     {GOOD, .type = HF_CONTROL_DEPTH, .instrument = 77, .first = 5},
     0,
     HF_E_UNKNOWN},
    {"depth of everything",
     {GOOD, .type = HF_CONTROL_DEPTH, .instrument = 1, .first = UINT32_MAX},
     0,
     HF_OK},
    {"sessions from behind the last",
     {GOOD, .type = HF_CONTROL_SESSIONS, .first = UINT32_MAX},
     0,
     HF_OK},
};

static void
close_fds(int fds[3])
{
    for (int i = 0; i < 3; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

static void
check_request(const char *path, const struct bad_request *bad)
{
    static struct hf_control_answer answer;
    int fds[3] = {-1, -1, -1};
    int fd = raw_connect(path);
    size_t bytes = bad->bytes == 0 ? sizeof(bad->request) : bad->bytes;
    int code = raw_ask(fd, &bad->request, bytes, &answer, fds);
    if (code != HF_OK) {
        wrong(bad->what, "answered", hf_error_name(code));
    } else if (answer.code != bad->code || answer.version != HF_PROTOCOL_VERSION) {
        wrong(bad->what, hf_error_name(bad->code), hf_error_name(answer.code));
    } else if (answer.code != HF_OK && answer.text[0] == '\0') {
        wrong(bad->what, "explained", "not");
    }
    close_fds(fds);
    close(fd);
}

static void
check_second_session_of_a_connection(const char *path)
{
    static struct hf_control_answer answer;
    struct hf_control_request request = raw_request(HF_CONTROL_OPEN, "second");
    int fds[3] = {-1, -1, -1};
    struct raw raw;
    raw_open(&raw, path, "first", 64, 64);
    int code = raw_ask(raw.socket_fd, &request, sizeof(request), &answer, fds);
    if (code != HF_OK || answer.code != HF_E_BUSY) {
        wrong("second session of a connection", "HF_E_BUSY", hf_error_name(answer.code));
    }
    close(raw.socket_fd);
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bad_input SOCKET\n");
        return 2;
    }
    check_commands(argv[1]);
    check_raw_slots(argv[1]);
    for (size_t i = 0; i < sizeof(BAD_REQUESTS) / sizeof(BAD_REQUESTS[0]); i++) {
        check_request(argv[1], &BAD_REQUESTS[i]);
    }
    check_second_session_of_a_connection(argv[1]);
    printf("%u answers were wrong\n", failures);
    return failures == 0 ? 0 : 1;
}
