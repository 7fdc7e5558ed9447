/*
 * replay_stream.c - a command stream, and after each row the whole book against the orderbook file.
 */
#include "cli/replay.h"

#include "cli/input.h"
#include "cli/replay_rows.h"
#include "cli/stream.h"

#include <string.h>

struct run {
    struct hf_replay *replay;
    struct hf_replay_book *book;
    struct hf_input *input;
    struct hf_replay_rows rows;
};

static int
take(struct run *run, const struct hf_stream_operation *operation)
{
    struct hf_replay *replay = run->replay;
    if (hf_replay_take(replay, run->book, operation->side, operation->price, operation->quantity) <
        0) {
        return replay->code;
    }
    if (replay->flight.reason != HF_REASON_NONE) {
        replay->result.count[HF_LEFT_REFUSED]++;
        return 0;
    }
    replay->result.count[HF_APPLIED_EXECUTE]++;
    hf_replay_judge_maker(replay, operation->row, operation->maker, operation->quantity);
    return 0;
}

static int
apply(struct run *run, const struct hf_stream_operation *operation)
{
    struct hf_replay *replay = run->replay;
    hf_replay_note_message(replay, (unsigned char)operation->operation);
    replay->result.count[HF_BOOKKEEPING_SYNC] += operation->sync;
    switch (operation->operation) {
    case 'N':
        return hf_replay_apply_submit(replay, run->book, operation->id, operation->side,
                                      operation->price, operation->quantity);
    case 'R':
        return hf_replay_apply_reduce(replay, operation->id, operation->quantity,
                                      HF_APPLIED_REDUCE);
    case 'O':
        return hf_replay_apply_reduce(replay, operation->id, operation->quantity,
                                      HF_APPLIED_UNEXPLAINED);
    case 'C':
        return hf_replay_apply_cancel(replay, operation->id);
    case 'X':
        return take(run, operation);
    case 'U':
        return hf_replay_apply_replace(replay, operation->id, operation->maker, operation->price,
                                       operation->quantity);
    default:
        replay->result.count[HF_LEFT_HALT]++;
        return 0;
    }
}

/** Compare the book with all rows of the orderbook file up to this one. */
static int
compare_rows(struct run *run, uint64_t last)
{
    while (run->rows.input != NULL && run->rows.number < last) {
        int code = hf_replay_rows_next(run->replay, &run->rows);
        if (code == 0) {
            return hf_replay_fail(run->replay, HF_E_CORRUPT, "%s ends at row %llu of %llu",
                                  run->replay->options.book, (unsigned long long)run->rows.number,
                                  (unsigned long long)last);
        }
        if (code < 0) {
            return code;
        }
        hf_replay_note_row(run->replay, run->rows.number,
                           hf_replay_rows_equal(&run->rows, run->book));
    }
    return 0;
}

/** The last row that has operations, and those behind it, whose book must be the same still. */
static int
compare_rest(struct run *run, uint64_t last)
{
    int code = compare_rows(run, last) < 0 ? run->replay->code : run->rows.input != NULL;
    while (code == 1) {
        code = hf_replay_rows_next(run->replay, &run->rows);
        if (code == 1) {
            hf_replay_note_row(run->replay, run->rows.number,
                               hf_replay_rows_equal(&run->rows, run->book));
        }
    }
    return code;
}

static int
next_operation(struct run *run, struct hf_stream_operation *operation)
{
    const char *line;
    size_t length;
    int code = hf_input_line(run->input, &line, &length);
    if (code == 1 && hf_input_line_number(run->input) == 1) {
        if (strcmp(line, HF_STREAM_HEADER) != 0) {
            code = hf_input_reject(run->input, "header is not " HF_STREAM_HEADER);
        } else {
            code = hf_input_line(run->input, &line, &length);
        }
    }
    if (code == 1) {
        const char *wrong = hf_stream_parse(line, length, operation);
        code = wrong == NULL ? 1 : hf_input_reject(run->input, wrong);
    }
    return code < 0 ? hf_replay_fail(run->replay, code, "%s", hf_input_error(run->input)) : code;
}

static int
replay_all(struct run *run)
{
    struct hf_stream_operation operation = {0};
    uint64_t row = 0;
    int code;
    while ((code = next_operation(run, &operation)) == 1) {
        if (operation.row < row) {
            hf_input_reject(run->input, "rows run backwards");
            return hf_replay_fail(run->replay, HF_E_CORRUPT, "%s", hf_input_error(run->input));
        }
        row = operation.row;
        if ((row > 0 && compare_rows(run, row - 1) < 0) || apply(run, &operation) < 0) {
            return run->replay->code;
        }
    }
    return code < 0 ? code : compare_rest(run, row);
}

int
hf_replay_stream(struct hf_replay *replay)
{
    struct run run = {.replay = replay};
    int code = hf_input_open(&run.input, replay->options.file);
    if (code < 0) {
        hf_replay_fail(replay, code, "%s",
                       run.input == NULL ? hf_strerror(code) : hf_input_error(run.input));
    } else if (hf_replay_rows_open(replay, &run.rows) == 0 &&
               hf_replay_book_open_only(replay, &run.book) == 0) {
        replay_all(&run);
    }
    hf_replay_rows_close(&run.rows);
    hf_input_close(run.input);
    return replay->code;
}
