/* replay_rows.c - see replay_rows.h. */
#include "cli/replay_rows.h"

int
hf_replay_rows_open(struct hf_replay *replay, struct hf_replay_rows *rows)
{
    rows->number = 0;
    rows->input = NULL;
    if (replay->options.book == NULL) {
        return 0;
    }
    int code = hf_input_open(&rows->input, replay->options.book);
    if (code < 0) {
        const char *why = rows->input == NULL ? hf_strerror(code) : hf_input_error(rows->input);
        return hf_replay_fail(replay, code, "%s", why);
    }
    return 0;
}

void
hf_replay_rows_close(struct hf_replay_rows *rows)
{
    hf_input_close(rows->input);
    rows->input = NULL;
}

int
hf_replay_rows_next(struct hf_replay *replay, struct hf_replay_rows *rows)
{
    const char *line;
    size_t length;
    uint32_t window = rows->row.window;
    int code = hf_input_line(rows->input, &line, &length);
    if (code == 1) {
        const char *wrong = hf_lobster_parse_row(line, length, &rows->row);
        if (wrong == NULL && rows->number > 0 && rows->row.window != window) {
            wrong = "row has not as many levels as the one before";
        }
        code = wrong == NULL ? 1 : hf_input_reject(rows->input, wrong);
    }
    if (code < 0) {
        return hf_replay_fail(replay, code, "%s", hf_input_error(rows->input));
    }
    rows->number += (uint64_t)code;
    return code;
}

bool
hf_replay_rows_equal(const struct hf_replay_rows *rows, const struct hf_replay_book *book)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct hf_lobster_level *levels = rows->row.levels[side];
        if (book->sides[side].count != rows->row.count[side]) {
            return false;
        }
        for (uint32_t i = 0; i < rows->row.count[side]; i++) {
            const struct hf_replay_level *own =
                hf_replay_level_at(book, (uint8_t)(HF_BUY + side), i);
            if (own->price != levels[i].price || own->quantity != levels[i].quantity) {
                return false;
            }
        }
    }
    return true;
}
