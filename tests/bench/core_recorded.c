/*
 * core_recorded.c - recorded days as streams of commands. What the record says of an order that was not
 * seen to be submitted is left out; an execution is an order of a taker, at that price and quantity. So
 * the flow is the recorded one, while the books need not be (holdfast replay compares those).
 */
#include "bench.h"
#include "core_stream.h"

#include "cli/input.h"
#include "cli/itch.h"
#include "cli/lobster.h"
#include "cli/replay_map.h"

#include <holdfast/error.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRICE_MAX ((int64_t)1 << 40)
#define INSTRUMENTS_MAX 1000u

/** The orders that were submitted, by the record's number for them. */
struct recorder {
    struct core_maker maker;
    struct hf_replay_map ids;     /**< to our ids */
    struct hf_replay_map symbols; /**< ITCH: locate + 1 to instruments */
    struct side {
        uint32_t instrument;
        enum hf_side side;
        int64_t price;
    } * orders; /**< by our id */
    size_t capacity;
};

static void
recorder_open(struct recorder *recorder, struct core_stream *stream, const char *kind,
              const char *path, uint32_t instruments)
{
    char copy[512];
    memset(recorder, 0, sizeof(*recorder));
    (void)snprintf(copy, sizeof(copy), "%s", path);
    core_stream_init(stream, instruments, 1u << 20, "%s %.50s", kind, basename(copy));
    stream->price_max = PRICE_MAX;
    core_maker_init(&recorder->maker, stream, 8);
    core_maker_start(&recorder->maker);
}

static void
recorder_close(struct recorder *recorder)
{
    core_maker_finish(&recorder->maker);
    hf_replay_map_free(&recorder->ids);
    hf_replay_map_free(&recorder->symbols);
    free(recorder->orders);
}

static void
submit(struct recorder *recorder, uint64_t record_id, uint32_t instrument, enum hf_side side,
       int64_t price, uint64_t quantity)
{
    uint64_t id = core_make_new(&recorder->maker, instrument, side, price, quantity, HF_GTC);
    if (id >= recorder->capacity) {
        recorder->capacity = id * 2 + 1024;
        recorder->orders =
            realloc(recorder->orders, recorder->capacity * sizeof(*recorder->orders));
    }
    if (recorder->orders == NULL || !hf_replay_map_put(&recorder->ids, record_id, (uint32_t)id)) {
        bench_die("no memory for a recording");
    }
    recorder->orders[id] = (struct side){instrument, side, price};
}

/** Our id of a recorded order; 0 when it does not live here. */
static uint64_t
find(const struct recorder *recorder, uint64_t record_id)
{
    uint64_t id = hf_replay_map_get(&recorder->ids, record_id);
    return core_is_live(&recorder->maker, id) ? id : 0;
}

static void
execute(struct recorder *recorder, uint64_t id, uint64_t quantity)
{
    struct side order = recorder->orders[id];
    (void)core_make_new(&recorder->maker, order.instrument, order.side == HF_BUY ? HF_SELL : HF_BUY,
                        order.price, quantity, HF_IOC);
}

static void
take_lobster(struct recorder *recorder, const struct hf_lobster_message *message)
{
    uint64_t id = find(recorder, message->order_id);
    if (message->type == HF_LOBSTER_SUBMIT) {
        submit(recorder, message->order_id, 1, message->side, message->price, message->quantity);
    } else if (id == 0) {
        return;
    } else if (message->type == HF_LOBSTER_REDUCE) {
        core_make_reduce(&recorder->maker, id, message->quantity);
    } else if (message->type == HF_LOBSTER_DELETE) {
        core_make_cancel(&recorder->maker, id);
    } else if (message->type == HF_LOBSTER_EXECUTE) {
        execute(recorder, id, message->quantity);
    }
}

static const char *
read_lobster(struct recorder *recorder, struct hf_input *input)
{
    const char *line;
    size_t length;
    int got;
    while ((got = hf_input_line(input, &line, &length)) == 1) {
        struct hf_lobster_message message;
        if (hf_lobster_parse_message(line, length, &message) != NULL) {
            return "a line that is no LOBSTER message";
        }
        take_lobster(recorder, &message);
    }
    return got == 0 ? NULL : "unreadable";
}

const char *
core_make_lobster(struct core_stream *stream, const char *path)
{
    struct recorder recorder;
    struct hf_input *input = NULL;
    recorder_open(&recorder, stream, "LOBSTER", path, 1);
    const char *wrong =
        hf_input_open(&input, path) == HF_OK ? read_lobster(&recorder, input) : "unreadable";
    hf_input_close(input);
    recorder_close(&recorder);
    return wrong;
}

static uint32_t
instrument_of(struct recorder *recorder, uint16_t locate)
{
    uint32_t instrument = hf_replay_map_get(&recorder->symbols, locate + 1u);
    if (instrument == 0) {
        instrument = (uint32_t)recorder->symbols.count % INSTRUMENTS_MAX + 1;
        if (!hf_replay_map_put(&recorder->symbols, locate + 1u, instrument)) {
            bench_die("no memory for a recording");
        }
    }
    return instrument;
}

static void
take_itch_change(struct recorder *recorder, const struct hf_itch_message *message)
{
    uint64_t id = find(recorder, message->reference);
    if (id == 0) {
        return;
    }
    struct side order = recorder->orders[id];
    switch (message->type) {
    case 'E':
    case 'C':
        execute(recorder, id, message->shares);
        break;
    case 'X':
        core_make_reduce(&recorder->maker, id, message->shares);
        break;
    case 'D':
        core_make_cancel(&recorder->maker, id);
        break;
    case 'U': /* a new number, and to the back of the queue */
        core_make_cancel(&recorder->maker, id);
        submit(recorder, message->new_reference, order.instrument, order.side, message->price,
               message->shares);
        break;
    default:
        break;
    }
}

static void
take_itch(struct recorder *recorder, const struct hf_itch_message *message)
{
    if (message->type == 'A' || message->type == 'F') {
        submit(recorder, message->reference, instrument_of(recorder, message->locate),
               message->side, message->price, message->shares);
    } else {
        take_itch_change(recorder, message);
    }
}

const char *
core_make_itch(struct core_stream *stream, const char *path)
{
    struct recorder recorder;
    struct hf_input *input = NULL;
    struct hf_itch_message message;
    int got = HF_E_IO;
    recorder_open(&recorder, stream, "ITCH", path, INSTRUMENTS_MAX);
    if (hf_input_open(&input, path) == HF_OK) {
        struct hf_itch_reader reader = {.input = input};
        while ((got = hf_itch_next(&reader, &message)) == 1) {
            take_itch(&recorder, &message);
        }
    }
    hf_input_close(input);
    recorder_close(&recorder);
    return got == 0 ? NULL : "unreadable";
}
