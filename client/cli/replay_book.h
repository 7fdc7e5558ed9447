/*
 * replay_book.h - the books of a replay as its reports tell them, independent of the engine's.
 *
 *   books ──► book (one per instrument) ──► side ──► levels, worst price first, best last
 *        └──► id map ──► order ◄── first ... last, a list per level in priority order
 *
 * An array with the best price at its end makes the changes near the best, which are nearly all,
 * cheap; a level is found by binary search.
 *
 * B1: a level's quantity is the sum of its orders' open quantities, and neither is ever 0.
 * B2: order ids are unique over all books of a replay.
 */
#ifndef HF_CLI_REPLAY_BOOK_H
#define HF_CLI_REPLAY_BOOK_H

#include "cli/replay_map.h"

#include <holdfast/units.h>

struct hf_replay_order {
    uint64_t id; /**< client order id */
    int64_t price;
    uint64_t open;
    uint64_t executed;
    uint32_t book; /**< index of its book */
    uint32_t session;
    uint32_t next, previous; /**< order numbers; 0: none */
    uint8_t side;            /**< enum hf_side */
};

struct hf_replay_level {
    int64_t price;
    uint64_t quantity;
    uint32_t first, last; /**< order numbers */
};

struct hf_replay_side {
    struct hf_replay_level *levels; /**< worst first, best last */
    uint32_t count, capacity;
};

struct hf_replay_book {
    uint32_t instrument; /**< the engine's number of it */
    uint32_t index;      /**< its place among the books */
    char symbol[HF_SYMBOL_BYTES];
    struct hf_replay_side sides[2]; /**< [0] bids, [1] asks */
};

struct hf_replay_books {
    struct hf_replay_book **books;
    uint32_t book_count, book_capacity;
    struct hf_replay_order *orders; /**< by number; number 0 is not used */
    uint32_t order_capacity, order_count, free_order;
    struct hf_replay_map by_id;
};

/** An empty set of books is a zeroed struct. */
void hf_replay_books_free(struct hf_replay_books *books);

/** Add an empty book. @return NULL: no memory. The book stays where it is until books_free. */
struct hf_replay_book *hf_replay_book_new(struct hf_replay_books *books, const char *symbol,
                                          uint32_t instrument);

/** The order with this id, or NULL. Valid until the next order is added. */
struct hf_replay_order *hf_replay_order_find(const struct hf_replay_books *books, uint64_t id);

/** The order behind this one in its level, or NULL. */
struct hf_replay_order *hf_replay_order_next(const struct hf_replay_books *books,
                                             const struct hf_replay_order *order);

/** Put an order (id, price, open > 0, executed, book, session, side) at the back of its level.
 *  @return false: no memory */
bool hf_replay_order_add(struct hf_replay_books *books, const struct hf_replay_order *order);

/** Take `quantity` (at most what is open) off an order; at 0 the order is gone. */
void hf_replay_order_take(struct hf_replay_books *books, struct hf_replay_order *order,
                          uint64_t quantity);

/** The best level of a side, or NULL when the side is empty. */
const struct hf_replay_level *hf_replay_best(const struct hf_replay_book *book, uint8_t side);

/** The level at a price, or NULL. */
const struct hf_replay_level *hf_replay_level_find(const struct hf_replay_book *book, uint8_t side,
                                                   int64_t price);

/** The level with this rank, 0 being the best, or NULL. */
const struct hf_replay_level *hf_replay_level_at(const struct hf_replay_book *book, uint8_t side,
                                                 uint32_t rank);

/** The order that an incoming order would hit first, or NULL. */
struct hf_replay_order *hf_replay_order_first(const struct hf_replay_books *books,
                                              const struct hf_replay_level *level);

/** Would an incoming order of `side` at `price` trade? */
bool hf_replay_crosses(const struct hf_replay_book *book, uint8_t side, int64_t price);

#endif
