/*
 * replay_window.h - keep a book the same as a window of N levels that a recording shows.
 *
 * The file holds no message about an order while its level is outside the window, so such orders are
 * not kept: a level that leaves is cancelled, a level that enters is entered anew, with the orders
 * that later messages tell of (replay_seed.h) and a filler for the rest. This much is allowed for:
 *
 *   leaves   the worst level of a side with more than N levels
 *   enters   a level worse than all of a side with fewer than N levels
 *
 * Then book and row must be equal. A row that is not is counted as unequal, and the book is set right
 * so that one fault is counted once.
 */
#ifndef HF_CLI_REPLAY_WINDOW_H
#define HF_CLI_REPLAY_WINDOW_H

#include "cli/replay_rows.h"
#include "cli/replay_seed.h"

struct hf_replay_window {
    struct hf_replay *replay;
    struct hf_replay_book *book;
    struct hf_replay_seed *seed;
    struct hf_replay_planned *planned; /**< room for any plan */
};

/** Bring the book to the state before the file's first message: the first row, with that undone. */
int hf_replay_window_begin(struct hf_replay_window *window, const struct hf_replay_rows *rows,
                           const struct hf_lobster_message *first);

/** After a message: let levels leave and enter, compare with the row, note the outcome. */
int hf_replay_window_follow(struct hf_replay_window *window, const struct hf_replay_rows *rows);

#endif
