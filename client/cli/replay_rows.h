/*
 * replay_rows.h - the rows of an orderbook file, and whether a book equals one.
 */
#ifndef HF_CLI_REPLAY_ROWS_H
#define HF_CLI_REPLAY_ROWS_H

#include "cli/input.h"
#include "cli/lobster.h"
#include "cli/replay.h"

struct hf_replay_rows {
    struct hf_input *input; /**< NULL: no orderbook file was given */
    uint64_t number;        /**< of `row`: 1, 2, 3... */
    struct hf_lobster_row row;
};

/** Open options.book, if there is one. @return 0 or negative after hf_replay_fail() */
int hf_replay_rows_open(struct hf_replay *replay, struct hf_replay_rows *rows);
void hf_replay_rows_close(struct hf_replay_rows *rows);

/** Read the next row. @return 1, 0 at the end, or negative after hf_replay_fail() */
int hf_replay_rows_next(struct hf_replay *replay, struct hf_replay_rows *rows);

/** Does the whole book equal the row: the same levels, prices and quantities on both sides? */
bool hf_replay_rows_equal(const struct hf_replay_rows *rows, const struct hf_replay_book *book);

#endif
