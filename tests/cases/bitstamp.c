/*
 * bitstamp.c - bitstamp STREAM TRADES LOG: five hours of BTC/USD through the in-process engine.
 *
 * STREAM holds what clients did (N, C), TRADES what the venue says has traded, LOG the venue's messages,
 * with snapshots of its book. The venue's matching is not ours to the letter (messages are late and out
 * of order, other order types are at work), so agreement is a soft oracle: a plain price-time engine
 * gives 559 trades, of which 434 are equal in price and quantity to a logged one, and the best prices of
 * 3,712 of 5,011 snapshots. Fewer is a failure.
 *
 * A row of STREAM is a line of LOG: a snapshot at line n is compared after all rows up to n.
 */
#include "cli/input.h"
#include "cli/play_rows.h"
#include "cli/stream.h"

#include <holdfast/engine.h>

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRADES = 559, TRADES_EQUAL = 434, SNAPSHOTS_EQUAL = 3712 };

struct flow {
    struct hf_engine *engine;
    uint32_t session;
    uint32_t instrument;
    struct hf_input *stream;
    struct hf_stream_operation next; /* read, not yet applied */
    bool more;
    struct hf_play_rows trades; /* price, quantity */
    uint64_t commands, rejects;
};

static _Noreturn void
die(const char *what, const char *words)
{
    fprintf(stderr, "bitstamp: %s: %s\n", what, words);
    exit(2);
}

static struct hf_input *
open_input(const char *path)
{
    struct hf_input *input;
    if (hf_input_open(&input, path) < 0) {
        die(path, input == NULL ? "out of memory" : hf_input_error(input));
    }
    return input;
}

/** The next line; false at the end. */
static bool
next_line(struct hf_input *input, const char **line, size_t *length)
{
    int code = hf_input_line(input, line, length);
    if (code < 0) {
        die("input", hf_input_error(input));
    }
    return code == 1;
}

static void
read_operation(struct flow *flow)
{
    const char *line;
    size_t length;
    flow->more = next_line(flow->stream, &line, &length);
    if (flow->more) {
        const char *wrong = hf_stream_parse(line, length, &flow->next);
        if (wrong != NULL) {
            die(line, wrong);
        }
    }
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct flow *flow = context;
    (void)session;
    flow->rejects += report->type == HF_REPORT_REJECTED;
    if (report->type == HF_REPORT_FILL && (report->flags & HF_REPORT_MAKER) == 0) {
        struct hf_play_row row = {.v = {report->price, (int64_t)report->quantity}};
        if (!hf_play_rows_add(&flow->trades, row)) {
            die("trades", "out of memory");
        }
    }
}

static void
apply(struct flow *flow)
{
    const struct hf_stream_operation *operation = &flow->next;
    struct hf_command command = {
        .slots = 1,
        .client_order_id = operation->id,
    };
    if (operation->operation == 'N') {
        command.type = HF_COMMAND_NEW;
        command.side = operation->side;
        command.order_type = HF_LIMIT;
        command.time_in_force = HF_GTC;
        command.instrument = flow->instrument;
        command.price = operation->price;
        command.quantity = operation->quantity;
    } else if (operation->operation == 'C') {
        command.type = HF_COMMAND_CANCEL;
    } else {
        die("stream", "an operation that is neither N nor C");
    }
    flow->commands++;
    if (hf_engine_apply(flow->engine, flow->session, &command, flow->commands, on_report, flow) <
        0) {
        die("engine", "no such session");
    }
}

static void
start(struct flow *flow, const char *path)
{
    struct hf_engine_limits limits = HF_ENGINE_LIMITS_DEFAULT;
    struct hf_instrument_info info = {
        .symbol = "BTCUSD",
        .tick = 1,
        .lot = 1,
        .price_min = 1,
        .price_max = HF_PRICE_MAX - 1,
        .quantity_max = HF_QUANTITY_MAX,
    };
    const char *line;
    size_t length;
    if (hf_engine_create(&flow->engine, &limits) < 0 ||
        hf_engine_add_instrument(flow->engine, &info, &flow->instrument) < 0) {
        die("engine", "cannot be made");
    }
    flow->session = hf_engine_open_session(flow->engine, "flow");
    flow->stream = open_input(path);
    if (!next_line(flow->stream, &line, &length) || strcmp(line, HF_STREAM_HEADER) != 0) {
        die(path, "header is not " HF_STREAM_HEADER);
    }
    read_operation(flow);
}

/** Apply all rows up to this one. */
static void
advance(struct flow *flow, uint64_t row)
{
    while (flow->more && flow->next.row <= row) {
        apply(flow);
        read_operation(flow);
    }
}

/** "236.47" in cents. */
static int64_t
cents(const char *text)
{
    char *end;
    long long whole = text == NULL ? -1 : strtoll(text, &end, 10);
    if (whole < 0 || *end != '.' || strlen(end) != 3) {
        die(text == NULL ? "snapshot" : text, "is no price");
    }
    return whole * 100 + 10LL * (end[1] - '0') + (end[2] - '0');
}

static bool
best_is(const struct flow *flow, enum hf_side side, const json_t *list)
{
    struct hf_depth_level best;
    size_t count = hf_engine_depth(flow->engine, flow->instrument, side, &best, 1);
    if (json_array_size(list) == 0) {
        return count == 0;
    }
    const json_t *level = json_array_get(list, 0);
    return count == 1 && best.price == cents(json_string_value(json_array_get(level, 0)));
}

/** @return 1 equal, 0 not, -1 not a snapshot */
static int
compare_snapshot(const struct flow *flow, const char *line)
{
    const char *body = strstr(line, " order_book ");
    if (body == NULL) {
        return -1;
    }
    json_error_t error;
    json_t *book = json_loads(body + strlen(" order_book "), 0, &error);
    if (book == NULL) {
        die("snapshot", error.text);
    }
    bool equal = best_is(flow, HF_BUY, json_object_get(book, "bids")) &&
                 best_is(flow, HF_SELL, json_object_get(book, "asks"));
    json_decref(book);
    return equal;
}

/** How many of the logged trades the engine has made too, each counted once. */
static size_t
equal_trades(struct flow *flow, const char *path, size_t *logged)
{
    struct hf_input *input = open_input(path);
    struct hf_play_rows rows = {0};
    const char *line;
    size_t length;
    while (next_line(input, &line, &length)) {
        struct hf_play_row row = {0};
        if (hf_input_line_number(input) == 1) {
            continue; /* event,ms,price_cents,qty_1e8,trade_id */
        }
        if (sscanf(line, "%*d,%*d,%" SCNd64 ",%" SCNd64, &row.v[0], &row.v[1]) != 2 ||
            !hf_play_rows_add(&rows, row)) {
            die(line, "is no trade");
        }
    }
    *logged = rows.count;
    hf_play_rows_subtract(&rows, &flow->trades);
    size_t equal = *logged - rows.count;
    hf_play_rows_free(&rows);
    hf_input_close(input);
    return equal;
}

int
main(int argc, char **argv)
{
    struct flow flow = {0};
    const char *line;
    size_t length;
    uint64_t snapshots[2] = {0}; /* different, equal */
    size_t logged;
    if (argc != 4) {
        die("usage", "bitstamp STREAM TRADES LOG");
    }
    start(&flow, argv[1]);
    struct hf_input *log = open_input(argv[3]);
    while (next_line(log, &line, &length)) {
        advance(&flow, hf_input_line_number(log));
        int equal = compare_snapshot(&flow, line);
        if (equal >= 0) {
            snapshots[equal]++;
        }
    }
    advance(&flow, UINT64_MAX);
    size_t trades = flow.trades.count;
    size_t equal = equal_trades(&flow, argv[2], &logged);
    printf("%" PRIu64 " commands, %" PRIu64
           " rejected; %zu trades, %zu of them equal to one of the "
           "%zu logged ones; best prices equal at %" PRIu64 " of %" PRIu64 " snapshots\n",
           flow.commands, flow.rejects, trades, equal, logged, snapshots[1],
           snapshots[0] + snapshots[1]);
    hf_input_close(log);
    hf_input_close(flow.stream);
    hf_play_rows_free(&flow.trades);
    hf_engine_destroy(flow.engine);
    bool good = trades == TRADES && equal >= TRADES_EQUAL && snapshots[1] >= SNAPSHOTS_EQUAL;
    return good ? 0 : 1;
}
