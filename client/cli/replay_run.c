/*
 * replay_run.c - a replay from its options to its result.
 */
#include "cli/replay.h"

#include "base/clock.h"
#include "base/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
hf_replay_fail(struct hf_replay *replay, int code, const char *format, ...)
{
    if (replay->code != 0) {
        return replay->code; /* the first error is the cause */
    }
    replay->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(replay->error, sizeof replay->error, format, arguments);
    va_end(arguments);
    return code;
}

int
hf_replay_book_open(struct hf_replay *replay, const char *symbol, struct hf_replay_book **book)
{
    uint32_t instrument;
    int code = replay->driver.instrument(replay, symbol, &instrument);
    if (code < 0) {
        return code;
    }
    *book = hf_replay_book_new(&replay->books, symbol, instrument);
    return *book != NULL ? 0 : hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
}

/** "data/AMZN_2012-06-21_message_1.csv.xz" is a recording of AMZN. */
static void
symbol_of_file(const char *file, char symbol[HF_SYMBOL_BYTES])
{
    const char *slash = strrchr(file, '/');
    const char *base = slash == NULL ? file : slash + 1;
    size_t length = strcspn(base, "_.");
    if (length == 0 || length >= HF_SYMBOL_BYTES) {
        snprintf(symbol, HF_SYMBOL_BYTES, "REPLAY");
        return;
    }
    memcpy(symbol, base, length);
    symbol[length] = '\0';
}

int
hf_replay_book_open_only(struct hf_replay *replay, struct hf_replay_book **book)
{
    char derived[HF_SYMBOL_BYTES];
    const char *symbol = replay->options.symbol;
    if (symbol == NULL) {
        symbol_of_file(replay->options.file, derived);
        symbol = derived;
    }
    int code = hf_replay_book_open(replay, symbol, book);
    if (code == HF_E_UNKNOWN) {
        return hf_replay_fail(replay, code, "the engine has no symbol %s (see --symbol)", symbol);
    }
    return code;
}

static uint32_t
levels_of(const struct hf_replay_book *book, unsigned side)
{
    return book->sides[side].count;
}

static bool
side_equal(const struct hf_replay_book *book, unsigned side, const struct hf_depth_level *levels,
           size_t count, size_t capacity)
{
    size_t expected = levels_of(book, side) < capacity ? levels_of(book, side) : capacity;
    if (count != expected) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct hf_replay_level *own = hf_replay_level_at(book, (uint8_t)(HF_BUY + side), i);
        if (own->price != levels[i].price || own->quantity != levels[i].quantity) {
            return false;
        }
    }
    return true;
}

/** Is the engine's book the one that its reports told of? */
static int
compare_book(struct hf_replay *replay, const struct hf_replay_book *book)
{
    uint32_t deeper = levels_of(book, levels_of(book, 0) < levels_of(book, 1) ? 1 : 0);
    size_t capacity = (size_t)deeper + 1; /* one more, to see a level that should not be there */
    struct hf_depth_level *levels[2];
    size_t count[2];
    levels[0] = calloc(2 * capacity, sizeof *levels[0]);
    if (levels[0] == NULL) {
        return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    levels[1] = levels[0] + capacity;
    int code = replay->driver.depth(replay, book->instrument, &capacity, levels, count);
    if (code == 0 && !(side_equal(book, 0, levels[0], count[0], capacity) &&
                       side_equal(book, 1, levels[1], count[1], capacity))) {
        replay->result.books_differ++;
    }
    free(levels[0]);
    return code;
}

static int
compare_books(struct hf_replay *replay)
{
    for (uint32_t i = 0; i < replay->books.book_count; i++) {
        if (compare_book(replay, replay->books.books[i]) < 0) {
            return replay->code;
        }
    }
    return 0;
}

static void
assert_all_counted(const struct hf_replay_result *result)
{
    uint64_t counted = 0;
#define HF_REPLAY_COUNT_ADD(group, name, key, text)                                                \
    if (HF_##group == HF_APPLIED || HF_##group == HF_LEFT) {                                       \
        counted += result->count[HF_##group##_##name];                                             \
    }
    HF_REPLAY_COUNTS(HF_REPLAY_COUNT_ADD)
#undef HF_REPLAY_COUNT_ADD
    HF_ASSERT("P1", counted == result->messages);
}

static int
replay_file(struct hf_replay *replay)
{
    switch (replay->options.format) {
    case HF_REPLAY_LOBSTER:
        return hf_replay_lobster(replay);
    case HF_REPLAY_ITCH:
        return hf_replay_itch(replay);
    default:
        return hf_replay_stream(replay);
    }
}

int
hf_replay_run(struct hf_replay *replay)
{
    replay->next_taker = HF_REPLAY_TAKER_FIRST;
    replay->next_filler = HF_REPLAY_FILLER_FIRST;
    int code = replay->options.instance == NULL ? hf_replay_local_open(replay)
                                                : hf_replay_via_open(replay);
    if (code < 0 || replay_file(replay) < 0) {
        return replay->code;
    }
    replay->result.end_ns = hf_clock_monotonic_ns();
    assert_all_counted(&replay->result);
    return compare_books(replay);
}

void
hf_replay_destroy(struct hf_replay *replay)
{
    if (replay->driver.self != NULL) {
        replay->driver.close(replay);
    }
    hf_replay_books_free(&replay->books);
    hf_replay_map_free(&replay->gone);
}

/** Is `part` of `whole` at least so many percent? Nothing to judge is not good enough. */
static bool
reaches(uint64_t part, uint64_t whole, double percent)
{
    return percent < 0 || (whole > 0 && (double)part * 100.0 >= percent * (double)whole);
}

bool
hf_replay_passed(const struct hf_replay *replay)
{
    const struct hf_replay_result *result = &replay->result;
    return result->books_differ == 0 &&
           reaches(result->maker_right, result->executions, replay->options.min_maker) &&
           reaches(result->rows_equal, result->rows, replay->options.min_rows);
}
