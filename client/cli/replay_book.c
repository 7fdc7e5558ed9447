/* replay_book.c - see replay_book.h. */
#include "cli/replay_book.h"

#include "base/panic.h"

#include <stdlib.h>
#include <string.h>

void
hf_replay_books_free(struct hf_replay_books *books)
{
    for (uint32_t i = 0; i < books->book_count; i++) {
        free(books->books[i]->sides[0].levels);
        free(books->books[i]->sides[1].levels);
        free(books->books[i]);
    }
    free(books->books);
    free(books->orders);
    hf_replay_map_free(&books->by_id);
    *books = (struct hf_replay_books){0};
}

struct hf_replay_book *
hf_replay_book_new(struct hf_replay_books *books, const char *symbol, uint32_t instrument)
{
    if (books->book_count == books->book_capacity) {
        uint32_t capacity = books->book_capacity == 0 ? 16 : books->book_capacity * 2;
        void *grown = realloc(books->books, capacity * sizeof(struct hf_replay_book *));
        if (grown == NULL) {
            return NULL;
        }
        books->books = grown;
        books->book_capacity = capacity;
    }
    struct hf_replay_book *book = calloc(1, sizeof *book);
    if (book == NULL) {
        return NULL;
    }
    book->instrument = instrument;
    book->index = books->book_count;
    memcpy(book->symbol, symbol, strnlen(symbol, sizeof book->symbol - 1));
    books->books[books->book_count++] = book;
    return book;
}

struct hf_replay_order *
hf_replay_order_find(const struct hf_replay_books *books, uint64_t id)
{
    uint32_t number = hf_replay_map_get(&books->by_id, id);
    return number == 0 ? NULL : &books->orders[number];
}

struct hf_replay_order *
hf_replay_order_next(const struct hf_replay_books *books, const struct hf_replay_order *order)
{
    return order->next == 0 ? NULL : &books->orders[order->next];
}

struct hf_replay_order *
hf_replay_order_first(const struct hf_replay_books *books, const struct hf_replay_level *level)
{
    return &books->orders[level->first];
}

/** Is price `a` worse than price `b`, for an order resting on this side? */
static bool
worse(uint8_t side, int64_t a, int64_t b)
{
    return side == HF_BUY ? a < b : a > b;
}

static struct hf_replay_side *
side_of(struct hf_replay_book *book, uint8_t side)
{
    HF_ASSERT("side", side == HF_BUY || side == HF_SELL);
    return &book->sides[side - HF_BUY];
}

/** Index of the first level that is not worse than `price`: the level itself if it is there. */
static uint32_t
lower_bound(const struct hf_replay_side *levels, uint8_t side, int64_t price)
{
    uint32_t low = 0;
    uint32_t high = levels->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (worse(side, levels->levels[middle].price, price)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct hf_replay_level *
find_level(struct hf_replay_side *levels, uint8_t side, int64_t price)
{
    uint32_t at = lower_bound(levels, side, price);
    bool there = at < levels->count && levels->levels[at].price == price;
    return there ? &levels->levels[at] : NULL;
}

static bool
side_grow(struct hf_replay_side *levels)
{
    if (levels->count < levels->capacity) {
        return true;
    }
    uint32_t capacity = levels->capacity == 0 ? 64 : levels->capacity * 2;
    void *grown = realloc(levels->levels, capacity * sizeof *levels->levels);
    if (grown == NULL) {
        return false;
    }
    levels->levels = grown;
    levels->capacity = capacity;
    return true;
}

/** The level at a price, made if it is not there; NULL: no memory. */
static struct hf_replay_level *
make_level(struct hf_replay_side *levels, uint8_t side, int64_t price)
{
    struct hf_replay_level *level = find_level(levels, side, price);
    if (level != NULL || !side_grow(levels)) {
        return level;
    }
    uint32_t at = lower_bound(levels, side, price);
    level = &levels->levels[at];
    memmove(level + 1, level, (levels->count - at) * sizeof *level);
    *level = (struct hf_replay_level){.price = price};
    levels->count++;
    return level;
}

static void
drop_level(struct hf_replay_side *levels, struct hf_replay_level *level)
{
    size_t behind = (size_t)(levels->levels + levels->count - (level + 1));
    memmove(level, level + 1, behind * sizeof *level);
    levels->count--;
}

/** A number for a new order: one that is free, or the next; 0: no memory. */
static uint32_t
number_take(struct hf_replay_books *books)
{
    uint32_t number = books->free_order;
    if (number != 0) {
        books->free_order = books->orders[number].next;
        return number;
    }
    if (books->order_count + 1 >= books->order_capacity) {
        uint32_t capacity = books->order_capacity == 0 ? 1024 : books->order_capacity * 2;
        void *grown = realloc(books->orders, capacity * sizeof *books->orders);
        if (grown == NULL) {
            return 0;
        }
        books->orders = grown;
        books->order_capacity = capacity;
    }
    return ++books->order_count;
}

static void
number_give(struct hf_replay_books *books, uint32_t number)
{
    books->orders[number].next = books->free_order;
    books->free_order = number;
}

bool
hf_replay_order_add(struct hf_replay_books *books, const struct hf_replay_order *order)
{
    HF_ASSERT("B1", order->open > 0);
    HF_ASSERT("B2", hf_replay_map_get(&books->by_id, order->id) == 0);
    uint32_t number = number_take(books);
    if (number == 0) {
        return false;
    }
    if (!hf_replay_map_put(&books->by_id, order->id, number)) {
        number_give(books, number);
        return false;
    }
    struct hf_replay_side *levels = side_of(books->books[order->book], order->side);
    struct hf_replay_level *level = make_level(levels, order->side, order->price);
    if (level == NULL) {
        hf_replay_map_remove(&books->by_id, order->id);
        number_give(books, number);
        return false;
    }
    books->orders[number] = *order;
    books->orders[number].next = 0;
    books->orders[number].previous = level->last;
    if (level->last != 0) {
        books->orders[level->last].next = number;
    } else {
        level->first = number;
    }
    level->last = number;
    level->quantity += order->open;
    return true;
}

static void
unlink_order(struct hf_replay_books *books, struct hf_replay_order *order,
             struct hf_replay_level *level)
{
    if (order->previous != 0) {
        books->orders[order->previous].next = order->next;
    } else {
        level->first = order->next;
    }
    if (order->next != 0) {
        books->orders[order->next].previous = order->previous;
    } else {
        level->last = order->previous;
    }
    hf_replay_map_remove(&books->by_id, order->id);
    number_give(books, (uint32_t)(order - books->orders));
}

void
hf_replay_order_take(struct hf_replay_books *books, struct hf_replay_order *order,
                     uint64_t quantity)
{
    HF_ASSERT("B1", quantity <= order->open);
    struct hf_replay_side *levels = side_of(books->books[order->book], order->side);
    struct hf_replay_level *level = find_level(levels, order->side, order->price);
    HF_ASSERT("B1", level != NULL && level->quantity >= quantity);
    order->open -= quantity;
    level->quantity -= quantity;
    if (order->open == 0) {
        unlink_order(books, order, level);
    }
    if (level->first == 0) {
        HF_ASSERT("B1", level->quantity == 0);
        drop_level(levels, level);
    }
}

const struct hf_replay_level *
hf_replay_level_at(const struct hf_replay_book *book, uint8_t side, uint32_t rank)
{
    const struct hf_replay_side *levels = side_of((struct hf_replay_book *)book, side);
    return rank < levels->count ? &levels->levels[levels->count - 1 - rank] : NULL;
}

const struct hf_replay_level *
hf_replay_best(const struct hf_replay_book *book, uint8_t side)
{
    return hf_replay_level_at(book, side, 0);
}

const struct hf_replay_level *
hf_replay_level_find(const struct hf_replay_book *book, uint8_t side, int64_t price)
{
    return find_level(side_of((struct hf_replay_book *)book, side), side, price);
}

bool
hf_replay_crosses(const struct hf_replay_book *book, uint8_t side, int64_t price)
{
    uint8_t other = side == HF_BUY ? HF_SELL : HF_BUY;
    const struct hf_replay_level *best = hf_replay_best(book, other);
    return best != NULL && !worse(other, best->price, price);
}
