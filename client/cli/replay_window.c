/* replay_window.c - see replay_window.h. All functions return 0, or negative after hf_replay_fail(). */
#include "cli/replay_window.h"

#include <string.h>

static const uint8_t both_sides[2] = {HF_BUY, HF_SELL};

static uint32_t
level_count(const struct hf_replay_book *book, uint8_t side)
{
    return book->sides[side - HF_BUY].count;
}

static int
drop_level(struct hf_replay_window *window, uint8_t side, int64_t price)
{
    struct hf_replay *replay = window->replay;
    const struct hf_replay_level *level;
    while ((level = hf_replay_level_find(window->book, side, price)) != NULL) {
        const struct hf_replay_order *order = hf_replay_order_first(&replay->books, level);
        if (hf_replay_cancel(replay, order) < 0) {
            return replay->code;
        }
        if (replay->flight.reason != HF_REASON_NONE) {
            return hf_replay_fail(replay, HF_E_PROTOCOL, "the cancel of resting order %llu: %s",
                                  (unsigned long long)replay->flight.id,
                                  hf_reason_text(replay->flight.reason));
        }
        replay->result.count[HF_BOOKKEEPING_DROPPED]++;
    }
    return 0;
}

static int
seed_level(struct hf_replay_window *window, uint8_t side, const struct hf_lobster_level *level,
           uint64_t row)
{
    struct hf_replay *replay = window->replay;
    uint32_t count;
    uint64_t rest = hf_replay_seed_plan(window->seed, side, level->price, level->quantity, row,
                                        window->planned, &count);
    for (uint32_t i = 0; i < count; i++) {
        const struct hf_replay_planned *planned = &window->planned[i];
        if (hf_replay_enter(replay, window->book, planned->id, side, level->price,
                            planned->quantity) < 0) {
            return replay->code;
        }
        replay->result.count[HF_BOOKKEEPING_SEEDED]++;
    }
    if (rest > 0) {
        uint64_t id = replay->next_filler++;
        if (hf_replay_enter(replay, window->book, id, side, level->price, rest) < 0) {
            return replay->code;
        }
        replay->result.count[HF_BOOKKEEPING_FILLERS]++;
    }
    return 0;
}

static int
let_leave(struct hf_replay_window *window, uint8_t side, uint32_t shown)
{
    while (level_count(window->book, side) > shown) {
        uint32_t worst = level_count(window->book, side) - 1;
        int64_t price = hf_replay_level_at(window->book, side, worst)->price;
        if (drop_level(window, side, price) < 0) {
            return window->replay->code;
        }
        window->replay->result.count[HF_BOOKKEEPING_LEVELS_LEFT]++;
    }
    return 0;
}

/** Is a price worse than all levels of the side? */
static bool
behind_all(const struct hf_replay_book *book, uint8_t side, int64_t price)
{
    uint32_t count = level_count(book, side);
    if (count == 0) {
        return true;
    }
    int64_t worst = hf_replay_level_at(book, side, count - 1)->price;
    return side == HF_BUY ? price < worst : price > worst;
}

static int
let_enter(struct hf_replay_window *window, uint8_t side, const struct hf_replay_rows *rows)
{
    const struct hf_lobster_level *levels = rows->row.levels[side - HF_BUY];
    for (uint32_t i = level_count(window->book, side); i < rows->row.count[side - HF_BUY]; i++) {
        if (!behind_all(window->book, side, levels[i].price) ||
            hf_replay_crosses(window->book, side, levels[i].price)) {
            return 0; /* not from outside the window: the row will be found unequal */
        }
        if (seed_level(window, side, &levels[i], rows->number) < 0) {
            return window->replay->code;
        }
        window->replay->result.count[HF_BOOKKEEPING_LEVELS_ENTERED]++;
    }
    return 0;
}

/** Rank of a price in the row; the number of levels when it is not there. */
static uint32_t
row_find(const struct hf_lobster_row *row, uint8_t side, int64_t price)
{
    uint32_t rank = 0;
    while (rank < row->count[side - HF_BUY] && row->levels[side - HF_BUY][rank].price != price) {
        rank++;
    }
    return rank;
}

static bool
row_has(const struct hf_lobster_row *row, uint8_t side, const struct hf_replay_level *own)
{
    uint32_t rank = row_find(row, side, own->price);
    return rank < row->count[side - HF_BUY] &&
           row->levels[side - HF_BUY][rank].quantity == own->quantity;
}

/** Drop the levels of a side that the row has not, or has with another quantity. */
static int
drop_wrong(struct hf_replay_window *window, uint8_t side, const struct hf_lobster_row *row)
{
    uint32_t rank = 0;
    const struct hf_replay_level *own;
    while ((own = hf_replay_level_at(window->book, side, rank)) != NULL) {
        if (row_has(row, side, own)) {
            rank++;
            continue;
        }
        if (drop_level(window, side, own->price) < 0) {
            return window->replay->code;
        }
        window->replay->result.count[HF_BOOKKEEPING_LEVELS_REPAIRED]++;
    }
    return 0;
}

/** Enter the levels of the row that a side has not. */
static int
enter_missing(struct hf_replay_window *window, uint8_t side, const struct hf_replay_rows *rows)
{
    for (uint32_t i = 0; i < rows->row.count[side - HF_BUY]; i++) {
        const struct hf_lobster_level *level = &rows->row.levels[side - HF_BUY][i];
        if (hf_replay_level_find(window->book, side, level->price) != NULL ||
            hf_replay_crosses(window->book, side, level->price)) {
            continue; /* a crossed row cannot be entered: it stays unequal */
        }
        if (seed_level(window, side, level, rows->number) < 0) {
            return window->replay->code;
        }
        window->replay->result.count[HF_BOOKKEEPING_LEVELS_REPAIRED]++;
    }
    return 0;
}

static int
repair(struct hf_replay_window *window, const struct hf_replay_rows *rows)
{
    for (unsigned i = 0; i < 2; i++) {
        if (drop_wrong(window, both_sides[i], &rows->row) < 0) {
            return window->replay->code;
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        if (enter_missing(window, both_sides[i], rows) < 0) {
            return window->replay->code;
        }
    }
    return 0;
}

int
hf_replay_window_follow(struct hf_replay_window *window, const struct hf_replay_rows *rows)
{
    for (unsigned i = 0; i < 2; i++) {
        if (let_leave(window, both_sides[i], rows->row.window) < 0) {
            return window->replay->code;
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        if (let_enter(window, both_sides[i], rows) < 0) {
            return window->replay->code;
        }
    }
    bool equal = hf_replay_rows_equal(rows, window->book);
    hf_replay_note_row(window->replay, rows->number, equal);
    return equal ? 0 : repair(window, rows);
}

/** Undo the effect of a message on the row that shows the book after it. */
static void
undo(struct hf_lobster_row *row, const struct hf_lobster_message *message)
{
    unsigned side = message->side - HF_BUY;
    uint32_t rank = row_find(row, message->side, message->price);
    struct hf_lobster_level *level = &row->levels[side][rank];
    bool there = rank < row->count[side];
    if (message->type == HF_LOBSTER_SUBMIT && there) {
        uint64_t added = message->quantity;
        level->quantity -= level->quantity < added ? level->quantity : added;
    }
    if (message->type < HF_LOBSTER_REDUCE || message->type > HF_LOBSTER_EXECUTE) {
        return;
    }
    if (there) {
        level->quantity += message->quantity;
    } else if (rank < HF_LOBSTER_LEVELS_MAX) {
        /* Its place among the others does not matter: levels are entered one by one. */
        *level = (struct hf_lobster_level){message->price, message->quantity};
        row->count[side]++;
    }
}

int
hf_replay_window_begin(struct hf_replay_window *window, const struct hf_replay_rows *rows,
                       const struct hf_lobster_message *first)
{
    struct hf_replay_rows before = *rows;
    before.number = 0;
    undo(&before.row, first);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t side = both_sides[i];
        for (uint32_t k = 0; k < before.row.count[i]; k++) {
            const struct hf_lobster_level *level = &before.row.levels[i][k];
            if (level->quantity == 0 || hf_replay_crosses(window->book, side, level->price)) {
                continue;
            }
            if (seed_level(window, side, level, 0) < 0) {
                return window->replay->code;
            }
            window->replay->result.count[HF_BOOKKEEPING_LEVELS_ENTERED]++;
        }
    }
    return 0;
}
