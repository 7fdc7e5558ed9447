/*
 * client.c - the client library before a daemon that says and shows anything.
 *
 *   input: which handle (1 byte): session, observer, market data; then steps and answers as they come (peer.c)
 *
 * Calls end, with a code; what is handed out lies within what was mapped; nothing is left behind.
 */
#include "fuzz/fuzz.h"
#include "fuzz/peer.h"

#include <fcntl.h>
#include <holdfast/client.h>
#include <holdfast/error.h>
#include <holdfast/subscribe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEPS_MAX 64u
#define READ_MAX 200u

enum handle { SESSION, OBSERVER, MARKET, HANDLES };

void
fuzz_target_init(void)
{
    peer_init();
}

static bool
is_code(int64_t code)
{
    return code <= 0 && code > -100;
}

/* A session */

static void
read_reports(struct hf_client *client)
{
    const struct hf_report *report;
    for (unsigned i = 0; i < READ_MAX && (report = hf_peek(client)) != NULL; i++) {
        const struct hf_report_more *more = hf_more(client, report);
        const struct hf_report_copy *copy = hf_copy(client, report);
        FUZZ_CHECK("one kind of second slot", more == NULL || copy == NULL);
        hf_next(client);
        if (i % 2 == 0) {
            hf_release(client);
        }
    }
}

static void
submit(struct hf_client *client, struct fuzz_input *input)
{
    struct hf_command commands[2] = {{.seq = 0}};
    uint64_t seq = 0;
    fuzz_take(input, (char *)commands + offsetof(struct hf_command, type), 16);
    commands[1].type = HF_COMMAND_MORE;
    int code = hf_submit(client, commands, &seq);
    FUZZ_CHECK("a code", is_code(code));
    if (code == HF_OK) {
        FUZZ_CHECK("a code", is_code(hf_wait(client, seq,
                                             fuzz_byte(input) % 2 == 0 ? HF_LEVEL_SEQUENCED
                                                                       : HF_LEVEL_DURABLE,
                                             fuzz_byte(input) * UINT64_C(1000000))));
    }
}

static bool
table_is_settled(void)
{
    const struct hf_status *status = peer_base(PEER_STATUS);
    return status->table_version % 2 == 0; /* else a reader looks a million times */
}

static void
look(struct hf_client *client)
{
    struct hf_session_facts facts;
    struct hf_status status;
    struct hf_instrument_info info;
    hf_facts(client, &facts);
    hf_status(client, &status);
    if (table_is_settled()) {
        FUZZ_CHECK("a code", is_code(hf_instrument(client, "ONE", &info)));
    }
}

static void
session_step(struct hf_client *client, struct fuzz_input *input)
{
    struct hf_session_facts facts;
    switch (fuzz_byte(input) % 10) {
    case 0:
    case 1:
        peer_publish_report();
        read_reports(client);
        return;
    case 2:
        submit(client, input);
        return;
    case 3:
        FUZZ_CHECK("a code", is_code(hf_maintain(client)));
        return;
    case 4:
        look(client);
        return;
    case 5:
        peer_patch(PEER_REPORT);
        return;
    case 6:
        peer_patch(fuzz_byte(input) % PEER_OBJECTS);
        return;
    case 7:
        peer_pass_time(fuzz_byte(input) * UINT64_C(10000000));
        return;
    case 8:
        (void)hf_wait_report(client, fuzz_byte(input) * UINT64_C(1000000));
        return;
    default:
        hf_accept_history(client, &facts);
        return;
    }
}

static void
use_session(struct fuzz_input *input)
{
    unsigned how = fuzz_byte(input);
    const struct hf_client_options options = {.size = sizeof(options),
                                              .socket_path = "/peer",
                                              .session = PEER_SESSION,
                                              .flags = (how & 1) != 0 ? HF_OPEN_DURABLE : 0,
                                              .next_report = how >> 5,
                                              .timeout_ns = 100000000};
    struct hf_client *client;
    peer_patch(PEER_STATUS);
    peer_patch(PEER_REPORT);
    peer_patch(PEER_COMMAND);
    if (hf_open(&client, &options) != HF_OK) {
        FUZZ_CHECK("a failure has words", hf_open_error()[0] != '\0');
        return;
    }
    for (unsigned i = 0; i < STEPS_MAX && input->left > 0; i++) {
        session_step(client, input);
    }
    if ((how & 2) == 0 || hf_close(client) != HF_OK) {
        hf_detach(client);
    }
}

/* An observer */

static void
observer_step(struct hf_observer *observer, struct fuzz_input *input)
{
    struct hf_depth_level bids[HF_DEPTH_LEVELS_MAX];
    struct hf_depth_level asks[HF_DEPTH_LEVELS_MAX];
    static struct hf_session_row sessions[64];
    static struct hf_entitlement_row entitlements[128];
    struct hf_instrument_info instruments[PEER_INSTRUMENTS];
    struct hf_account_row account;
    size_t count = fuzz_byte(input) % 64;
    size_t other = count;
    uint64_t lsn;
    switch (fuzz_byte(input) % 6) {
    case 0:
        (void)hf_observer_depth(observer, 1, count, bids, &count, asks, &other, &lsn);
        FUZZ_CHECK("levels", count <= 64 && other <= 64);
        return;
    case 1:
        (void)hf_observer_sessions(observer, sessions, &count);
        FUZZ_CHECK("rows", count <= 64);
        return;
    case 2:
        (void)hf_observer_entitlements(observer, entitlements, &count);
        FUZZ_CHECK("rows", count <= 128);
        return;
    case 3:
        (void)hf_observer_account(observer, 1, &account);
        return;
    case 4:
        peer_patch(PEER_STATUS);
        return;
    default:
        count = PEER_INSTRUMENTS;
        if (table_is_settled()) {
            hf_observer_instruments(observer, instruments, &count);
            FUZZ_CHECK("rows", count <= PEER_INSTRUMENTS);
        }
        return;
    }
}

static void
use_observer(struct fuzz_input *input)
{
    struct hf_observer *observer;
    peer_patch(PEER_STATUS);
    if (hf_observe(&observer, NULL, "/peer") != HF_OK) {
        return;
    }
    for (unsigned i = 0; i < STEPS_MAX && input->left > 0; i++) {
        observer_step(observer, input);
    }
    hf_observer_close(observer);
}

/* Market data */

static void
check_book(const struct hf_market_book *book)
{
    struct hf_depth_level levels[32];
    struct hf_market_book_facts facts;
    hf_market_book_facts(book, &facts);
    for (enum hf_side side = HF_BUY; side <= HF_SELL; side++) {
        int64_t count = hf_market_book_levels(book, side, levels, 32);
        FUZZ_CHECK("levels", count == HF_AGAIN || (count >= 0 && count <= 32));
        for (int64_t i = 1; i < count; i++) {
            FUZZ_CHECK("best first", side == HF_BUY ? levels[i].price < levels[i - 1].price
                                                    : levels[i].price > levels[i - 1].price);
        }
    }
}

static void
market_step(struct hf_market *market, const struct hf_market_book *book, struct fuzz_input *input)
{
    struct hf_market_event event;
    struct hf_market_facts facts;
    switch (fuzz_byte(input) % 8) {
    case 0:
    case 1:
    case 2:
        peer_publish_event();
        return;
    case 3:
        (void)hf_market_poll(market, NULL, NULL);
        return;
    case 4:
        (void)hf_market_next(market, &event);
        hf_market_facts(market, &facts);
        return;
    case 5:
        peer_patch(fuzz_byte(input) % 2 == 0 ? PEER_MARKET : PEER_STATUS);
        return;
    case 6:
        peer_pass_time(fuzz_byte(input) * UINT64_C(10000000));
        return;
    default:
        (void)hf_market_wait(market, fuzz_byte(input) * UINT64_C(1000000));
        check_book(book);
        return;
    }
}

static void
use_market(struct fuzz_input *input)
{
    struct hf_market *market;
    struct hf_market_book *book;
    unsigned how = fuzz_byte(input);
    peer_patch(PEER_STATUS);
    peer_patch(PEER_MARKET);
    if (hf_market_open(&market, NULL, "/peer", (how & 1) != 0 ? HF_MARKET_DURABLE : 0) != HF_OK) {
        return;
    }
    if (hf_market_book_open(market, 1, &book) == HF_OK) {
        for (unsigned i = 0; i < STEPS_MAX && input->left > 0; i++) {
            market_step(market, book, input);
        }
        check_book(book);
        hf_market_book_close(book);
    }
    hf_market_close(market);
}

static int
free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)close(fd);
    return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct fuzz_input input = {bytes, count};
    int lowest = free_descriptor();
    enum handle handle = fuzz_byte(&input) % HANDLES;
    peer_begin(&input);
    if (handle == SESSION) {
        use_session(&input);
    } else if (handle == OBSERVER) {
        use_observer(&input);
    } else {
        use_market(&input);
    }
    peer_end();
    FUZZ_CHECK("no descriptor is left", free_descriptor() == lowest);
    return 0;
}

/* Seeds: a good start, then each step by itself, with a little of what it reads */

/** @param objects  that may be patched before the handle is opened, and are not */
static void
seed(enum handle handle, unsigned how, unsigned objects, const char *steps, size_t count)
{
    struct fuzz_bytes seed = {.count = 0};
    fuzz_put_byte(&seed, handle);
    if (handle != OBSERVER) {
        fuzz_put_byte(&seed, how);
    }
    for (unsigned i = 0; i < objects; i++) {
        fuzz_put_byte(&seed, 0);
    }
    fuzz_put_byte(&seed, 0); /* the answer that opens it comes as it is */
    if (handle == SESSION) {
        fuzz_put_byte(&seed, 9); /* so many reports were there */
    }
    fuzz_put(&seed, steps, count);
    fuzz_seed(seed.bytes, seed.count);
}

#define SEED(handle, how, objects, steps) seed(handle, how, objects, steps, sizeof(steps) - 1)

void
fuzz_target_seeds(void)
{
    static const char report[] = "\0\1\0\0\0\0\0\0\0\1\1\1\0\1\0\0\0\1\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0";
    seed(SESSION, 0, 3, report, sizeof(report) - 1);
    SEED(SESSION, 2, 3, "\2\1\1\1\1\1\0\0\0\1\0\0\0\0\0\0\0\1\5\3\4\4\4\0\0\0\0");
    SEED(SESSION, 1 << 5, 3, "\3\0\0\0\10\7\1\2\3\4\5\6"); /* reports of before: a gap */
    SEED(SESSION, 1, 3, "\5\1\100\0\10\3\0\0\0\0\0\0\0\3\0\0\1\2\3\4"); /* a restart */
    SEED(SESSION, 0, 3, "\7\5\3\0\7\377\3\3\11\10\1");
    SEED(OBSERVER, 0, 1, "\5\0\0\3\0\3\5\0\0\3\0\7\1\0\3\0\7\2\0\3\1\3\0\1\5\1\1");
    SEED(MARKET, 0, 2, "\3\0\3\144\0\3\144\0\1\1\0\1\5\7\4\0\2\1\2\1\5\7\3\7\1");
    SEED(MARKET, 1, 2, "\0\1\1\0\1\5\7\4\4\6\144\4\5\0\1\20\0\2\1\2\4\3");
}
