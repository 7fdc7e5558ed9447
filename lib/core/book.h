/*
 * book.h - one instrument: its rules, its two sides, and the stops that wait.
 *
 * B1  best is the level at the end of the ladder that trades first, best_price its price; on an empty
 *     side best is 0 and best_price is such that no limit crosses it
 * B2  best bid < best ask after every command, while the instrument is open
 * B3  after every command, while the instrument is open, no stop waits whose condition the last price
 *     meets: so none that is new overtakes an older one
 * B4  tick_is_1 says what tick says
 */
#ifndef HF_CORE_BOOK_H
#define HF_CORE_BOOK_H

#include "core/ladder.h"
#include "core/level.h"

#include <stdbool.h>

struct hf_core;

struct hf_book_side {
    struct hf_ladder ladder;
    uint32_t best;
    int64_t best_price;
    uint32_t levels;
    uint32_t reserved[3];
};

struct hf_book {
    struct hf_book_side sides[HF_QUEUES]; /**< enum hf_queue */
    /* what matching looks at */
    int64_t last_price; /**< of the last trade, or the reference; HF_PRICE_NONE: none yet */
    int64_t tick;
    uint64_t lot;
    uint32_t id;
    uint8_t phase;  /**< enum hf_phase; 0: removed */
    uint8_t flags;  /**< enum hf_instrument_flag bits */
    bool stops_due; /**< since stops were last looked at, the last price moved, or it opened */
    bool tick_is_1; /**< by itself, for a compiler that sees what it saves divides all the same */
    int64_t price_min;
    int64_t price_max;
    /* limits and reference data */
    uint64_t quantity_max;
    uint64_t notional_max; /**< 0: none */
    int64_t collar;        /**< 0: none */
    char symbol[HF_SYMBOL_BYTES];
    uint64_t reserved2[5];
};

HF_STATIC_ASSERT(sizeof(struct hf_book) == 256,
                 "a book is four cache lines, its queues the first two");

/** No trade yet: no valid price is as low. */
#define HF_PRICE_NONE INT64_MIN

/** The limit of a market order that enters now: the end of the collar, as far as there is one. No sum
 *  overflows: prices lie within HF_PRICE_MAX, a collar may be any number. */
static inline int64_t
hf_book_market_limit(const struct hf_book *book, uint32_t side)
{
    int64_t last = book->last_price;
    if (HF_LIKELY(book->collar == 0 || last == HF_PRICE_NONE)) {
        return side == HF_BUY ? HF_PRICE_MAX : -HF_PRICE_MAX;
    }
    int64_t room = HF_PRICE_MAX - (side == HF_BUY ? last : -last);
    int64_t away = book->collar < room ? book->collar : room;
    return side == HF_BUY ? last + away : last - away;
}

static inline struct hf_book_side *
hf_book_opposite(struct hf_book *book, uint32_t side)
{
    return &book->sides[HF_SELL - side];
}

/** Whether an order of this side may trade now, were it not for its price. */
static inline bool
hf_book_is_open(const struct hf_book *book)
{
    return book->phase == HF_PHASE_OPEN;
}

/** Remember a trade: for stops, collars, and the auction's tie-break. */
static inline void
hf_book_note_trade(struct hf_book *book, int64_t price)
{
    book->last_price = price;
    book->stops_due = true;
}

/** Whether an order of this side and limit trades with the best price of `opposite`. */
static inline bool
hf_book_crosses(const struct hf_book_side *opposite, uint32_t side, int64_t limit)
{
    int64_t turn = HF_BUY - (int64_t)side; /* 0, or all ones: turns the order of prices round, */
    return (limit ^ turn) >=
           (opposite->best_price ^ turn); /* without a branch that nobody foresees */
}

/** The end of a queue's ladder that comes first. */
static inline enum hf_ladder_end
hf_book_best_end(uint32_t queue)
{
    return (queue & 1) == 0 ? HF_LADDER_HIGHEST : HF_LADDER_LOWEST;
}

/** The key of a price that is a multiple of the tick. */
static inline uint64_t
hf_book_key(const struct hf_book *book, int64_t price)
{
    int64_t ticks = HF_LIKELY(book->tick_is_1) ? price : price / book->tick;
    return (uint64_t)ticks + HF_LADDER_BIAS;
}

/** Give an instrument its empty sides, and its first phase. */
void hf_book_init(struct hf_book *book, enum hf_phase phase);

/** Whether there is a level at this price of a queue. */
bool hf_book_has_level(const struct hf_core *core, const struct hf_book *book, uint32_t queue,
                       int64_t price);

/** Put an order (open and extra are set) at the back of its price. Needs hf_book_has_room(). */
void hf_book_enter(struct hf_core *core, struct hf_book *book, uint32_t queue, uint32_t order_index,
                   int64_t price);

/** Take an order out of its level; an empty level goes. */
void hf_book_leave(struct hf_core *core, uint32_t order_index);

/** What hf_book_enter() and hf_book_leave() do with levels: make one at a key and price where none is, drop one
 *  without orders. */
uint32_t hf_book_level_create(struct hf_core *core, struct hf_book *book, uint32_t queue,
                              uint64_t key, int64_t price);
void hf_book_level_drop(struct hf_core *core, uint32_t index);

/** Whether at least `quantity` can be had at `limit` or better; what icebergs hide counts. */
bool hf_book_can_fill(struct hf_core *core, struct hf_book *book, uint32_t side, int64_t limit,
                      uint64_t quantity);

/** The level that comes after `level` in its queue; 0: none. */
uint32_t hf_book_next_level(const struct hf_core *core, const struct hf_level_queue *level);

#endif
