/*
 * replay_lobster.c - a LOBSTER message file, and after each message the book against the orderbook
 * file.
 *
 * Without an orderbook file there is nothing to enter the earlier orders from: messages about them
 * are left out and counted, and no row is compared.
 */
#include "cli/replay.h"

#include "cli/input.h"
#include "cli/lobster.h"
#include "cli/replay_rows.h"
#include "cli/replay_seed.h"
#include "cli/replay_window.h"

#include <stdlib.h>

struct run {
    struct hf_replay *replay;
    struct hf_replay_book *book;
    struct hf_lobster_message *messages;
    uint32_t count, capacity;
    struct hf_replay_seed seed;
    struct hf_replay_rows rows;
    struct hf_replay_window window;
};

static int
out_of_memory(struct hf_replay *replay)
{
    return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
}

static struct hf_lobster_message *
room_for_message(struct run *run)
{
    if (run->count == run->capacity) {
        uint32_t capacity = run->capacity == 0 ? 4096 : run->capacity * 2;
        void *grown = capacity < run->capacity
                          ? NULL
                          : realloc(run->messages, capacity * sizeof *run->messages);
        if (grown == NULL) {
            return NULL;
        }
        run->messages = grown;
        run->capacity = capacity;
    }
    return &run->messages[run->count];
}

static int
load_line(struct run *run, struct hf_input *input, const char *line, size_t length)
{
    struct hf_lobster_message *message = room_for_message(run);
    if (message == NULL) {
        return out_of_memory(run->replay);
    }
    const char *wrong = hf_lobster_parse_message(line, length, message);
    if (wrong == NULL && message->order_id >= HF_REPLAY_FILLER_FIRST) {
        wrong = "order id is above 9000000000000000";
    }
    if (wrong != NULL) {
        return hf_input_reject(input, wrong);
    }
    run->count++;
    return 1;
}

/** The whole message file: who rests in a level that enters, later messages tell. */
static int
load(struct run *run)
{
    struct hf_input *input;
    const char *line;
    size_t length;
    int code = hf_input_open(&input, run->replay->options.file);
    if (input == NULL) {
        return out_of_memory(run->replay);
    }
    if (code == 0) {
        while ((code = hf_input_line(input, &line, &length)) == 1) {
            code = load_line(run, input, line, length);
            if (code < 0) {
                break;
            }
        }
    }
    if (code < 0) {
        hf_replay_fail(run->replay, code, "%s", hf_input_error(input));
    }
    hf_input_close(input);
    return run->replay->code;
}

/** The filler at a price: it stands for the orders that nothing told of. */
static const struct hf_replay_order *
filler_at(const struct run *run, uint8_t side, int64_t price)
{
    const struct hf_replay_level *level = hf_replay_level_find(run->book, side, price);
    const struct hf_replay_order *order =
        level == NULL ? NULL : hf_replay_order_first(&run->replay->books, level);
    while (order != NULL && order->id < HF_REPLAY_FILLER_FIRST) {
        order = hf_replay_order_next(&run->replay->books, order);
    }
    return order;
}

/** A message about an order that does not rest under its id. */
static int
apply_to_filler(struct run *run, const struct hf_lobster_message *message)
{
    struct hf_replay *replay = run->replay;
    const struct hf_replay_order *filler = filler_at(run, message->side, message->price);
    if (filler == NULL) {
        hf_replay_leave_unknown(replay, message->order_id);
        return 0;
    }
    if (message->type != HF_LOBSTER_EXECUTE) {
        bool whole = message->type == HF_LOBSTER_DELETE;
        return hf_replay_apply_reduce(replay, filler->id, message->quantity,
                                      whole ? HF_APPLIED_CANCEL : HF_APPLIED_REDUCE);
    }
    replay->result.executions++;
    replay->result.count[HF_DIFFERS_UNKNOWN_MAKER]++;
    return hf_replay_apply_reduce(replay, filler->id, message->quantity, HF_APPLIED_EXECUTE);
}

static int
apply(struct run *run, const struct hf_lobster_message *message, uint64_t row)
{
    struct hf_replay *replay = run->replay;
    switch (message->type) {
    case HF_LOBSTER_SUBMIT:
        return hf_replay_apply_submit(replay, run->book, message->order_id, message->side,
                                      message->price, message->quantity);
    case HF_LOBSTER_HIDDEN:
        replay->result.count[HF_LEFT_HIDDEN]++;
        return 0;
    case HF_LOBSTER_CROSS:
        replay->result.count[HF_LEFT_CROSS]++;
        return 0;
    case HF_LOBSTER_HALT:
        replay->result.count[HF_LEFT_HALT]++;
        return 0;
    default:
        break;
    }
    if (hf_replay_order_find(&replay->books, message->order_id) == NULL) {
        return apply_to_filler(run, message);
    }
    if (message->type == HF_LOBSTER_REDUCE) {
        return hf_replay_apply_reduce(replay, message->order_id, message->quantity,
                                      HF_APPLIED_REDUCE);
    }
    if (message->type == HF_LOBSTER_DELETE) {
        return hf_replay_apply_cancel(replay, message->order_id);
    }
    return hf_replay_apply_execute(replay, message->order_id, message->quantity, row);
}

static int
follow_row(struct run *run)
{
    return run->rows.input == NULL ? 0 : hf_replay_window_follow(&run->window, &run->rows);
}

/** Read the row after this message; before the first message, make the book that it found. */
static int
read_row(struct run *run, uint32_t index)
{
    if (run->rows.input == NULL) {
        return 0;
    }
    int code = hf_replay_rows_next(run->replay, &run->rows);
    if (code < 0) {
        return code;
    }
    if (code == 0) {
        return hf_replay_fail(run->replay, HF_E_CORRUPT, "%s ends after %u of %u rows",
                              run->replay->options.book, index, run->count);
    }
    return index > 0 ? 0 : hf_replay_window_begin(&run->window, &run->rows, &run->messages[0]);
}

static int
replay_all(struct run *run)
{
    struct hf_replay *replay = run->replay;
    for (uint32_t i = 0; i < run->count; i++) {
        const struct hf_lobster_message *message = &run->messages[i];
        replay->time_ns = message->time_ns;
        if (read_row(run, i) < 0) {
            return replay->code;
        }
        hf_replay_note_message(replay, (unsigned char)('0' + message->type));
        hf_replay_seed_pass(&run->seed, message);
        if (apply(run, message, (uint64_t)i + 1) < 0 || follow_row(run) < 0) {
            return replay->code;
        }
    }
    if (run->rows.input != NULL && hf_replay_rows_next(replay, &run->rows) == 1) {
        return hf_replay_fail(replay, HF_E_CORRUPT, "%s has more rows than %s has messages",
                              replay->options.book, replay->options.file);
    }
    return replay->code;
}

static int
prepare(struct run *run)
{
    struct hf_replay *replay = run->replay;
    if (load(run) < 0) {
        return replay->code;
    }
    if (!hf_replay_seed_build(&run->seed, run->messages, run->count)) {
        return out_of_memory(replay);
    }
    size_t room = (size_t)hf_replay_seed_room(&run->seed) + 1;
    run->window.planned = calloc(room, sizeof *run->window.planned);
    if (run->window.planned == NULL) {
        return out_of_memory(replay);
    }
    if (hf_replay_rows_open(replay, &run->rows) < 0) {
        return replay->code;
    }
    return hf_replay_book_open_only(replay, &run->book);
}

int
hf_replay_lobster(struct hf_replay *replay)
{
    struct run run = {.replay = replay};
    if (prepare(&run) == 0) {
        run.window.replay = replay;
        run.window.book = run.book;
        run.window.seed = &run.seed;
        replay_all(&run);
    }
    hf_replay_rows_close(&run.rows);
    hf_replay_seed_free(&run.seed);
    free(run.window.planned);
    free(run.messages);
    return replay->code;
}
