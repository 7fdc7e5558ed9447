/*
 * replay_itch.c - a NASDAQ ITCH 5.0 file: many symbols, each a book of its own.
 *
 * E executes at the order's price: an incoming IOC. C executes at another price, which no order book
 * with price-time priority can do: a reduction, named. U always loses its place in the queue. What
 * happens outside the visible book (P, Q) is left out and counted, as is every message about an order
 * that is not there, with the reason why it is not.
 */
#include "cli/replay.h"

#include "cli/input.h"
#include "cli/itch.h"

#include <stdlib.h>
#include <string.h>

/** What is known of a symbol, in the map and by stock locate code. Other values are book indexes + 1. */
enum {
    LOCATE_UNSEEN = 0,
    LOCATE_OURS = 1,
    LOCATE_OTHER = 2,
    LOCATE_UNKNOWN = 3,
};

struct run {
    struct hf_replay *replay;
    struct hf_itch_reader reader;
    struct hf_replay_map symbols; /* eight bytes of the symbol: book index + 1, or UINT32_MAX */
    uint8_t locates[65536];
};

static uint64_t
symbol_key(const char symbol[9])
{
    uint64_t key = 0;
    for (size_t i = 0; i < 8 && symbol[i] != '\0'; i++) {
        key = key << 8 | (unsigned char)symbol[i];
    }
    return key;
}

/** Ask the engine for a symbol that is met for the first time. */
static int
meet_symbol(struct run *run, const char symbol[9], uint32_t *value)
{
    struct hf_replay *replay = run->replay;
    struct hf_replay_book *book;
    int code = hf_replay_book_open(replay, symbol, &book);
    if (code < 0 && code != HF_E_UNKNOWN) {
        return code;
    }
    *value = code == 0 ? book->index + 1 : UINT32_MAX;
    if (!hf_replay_map_put(&run->symbols, symbol_key(symbol), *value)) {
        return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    return 0;
}

/** The book of a message that names its symbol; NULL when its messages are to be left out. */
static int
book_of(struct run *run, const struct hf_itch_message *message, struct hf_replay_book **book)
{
    const char *only = run->replay->options.symbol;
    uint8_t *locate = &run->locates[message->locate];
    *book = NULL;
    if (only != NULL && strcmp(only, message->symbol) != 0) {
        *locate = LOCATE_OTHER;
        return 0;
    }
    uint32_t value = hf_replay_map_get(&run->symbols, symbol_key(message->symbol));
    if (value == 0 && meet_symbol(run, message->symbol, &value) < 0) {
        return run->replay->code;
    }
    *locate = value == UINT32_MAX ? LOCATE_UNKNOWN : LOCATE_OURS;
    if (value != UINT32_MAX) {
        *book = run->replay->books.books[value - 1];
    }
    return 0;
}

/** Count a message that is left out because of its symbol. */
static void
leave_symbol(struct run *run, uint16_t locate)
{
    bool other = run->locates[locate] == LOCATE_OTHER;
    run->replay->result.count[other ? HF_LEFT_OTHER_SYMBOL : HF_LEFT_UNKNOWN_SYMBOL]++;
}

static int
add(struct run *run, const struct hf_itch_message *message)
{
    struct hf_replay_book *book;
    if (book_of(run, message, &book) < 0) {
        return run->replay->code;
    }
    if (book == NULL) {
        leave_symbol(run, message->locate);
        return 0;
    }
    return hf_replay_apply_submit(run->replay, book, message->reference, message->side,
                                  message->price, message->shares);
}

/** E, C, X, D, U: messages that name an order only. */
static int
change(struct run *run, const struct hf_itch_message *message)
{
    struct hf_replay *replay = run->replay;
    uint8_t locate = run->locates[message->locate];
    if ((locate == LOCATE_OTHER || locate == LOCATE_UNKNOWN) &&
        hf_replay_order_find(&replay->books, message->reference) == NULL) {
        leave_symbol(run, message->locate);
        return 0;
    }
    switch (message->type) {
    case 'E':
        return hf_replay_apply_execute(replay, message->reference, message->shares,
                                       replay->result.messages);
    case 'C':
        return hf_replay_apply_reduce(replay, message->reference, message->shares,
                                      HF_APPLIED_OTHER_PRICE);
    case 'X':
        return hf_replay_apply_reduce(replay, message->reference, message->shares,
                                      HF_APPLIED_REDUCE);
    case 'U':
        return hf_replay_apply_replace(replay, message->reference, message->new_reference,
                                       message->price, message->shares);
    default:
        return hf_replay_apply_cancel(replay, message->reference);
    }
}

/** R, the stock directory: the symbol gets its book before its first order comes. */
static int
directory(struct run *run, const struct hf_itch_message *message)
{
    struct hf_replay_book *book;
    run->replay->result.count[HF_LEFT_ADMIN]++;
    return book_of(run, message, &book);
}

static int
apply(struct run *run, const struct hf_itch_message *message)
{
    uint64_t *count = run->replay->result.count;
    if (!message->known) {
        count[HF_LEFT_UNKNOWN_TYPE]++;
        return 0;
    }
    switch (message->type) {
    case 'A':
    case 'F':
        return add(run, message);
    case 'E':
    case 'C':
    case 'X':
    case 'D':
    case 'U':
        return change(run, message);
    case 'R':
        return directory(run, message);
    case 'P':
        count[HF_LEFT_TRADE]++;
        return 0;
    case 'Q':
        count[HF_LEFT_CROSS]++;
        return 0;
    case 'B':
        count[HF_LEFT_BROKEN]++;
        return 0;
    default:
        count[HF_LEFT_ADMIN]++;
        return 0;
    }
}

static int
replay_all(struct run *run)
{
    struct hf_replay *replay = run->replay;
    struct hf_itch_message message;
    int code;
    while ((code = hf_itch_next(&run->reader, &message)) == 1) {
        hf_replay_note_message(replay, (unsigned char)message.type);
        if (message.known) {
            replay->time_ns = message.time_ns;
        }
        if (apply(run, &message) < 0) {
            return replay->code;
        }
    }
    return code == 0 ? 0 : hf_replay_fail(replay, code, "%s", hf_input_error(run->reader.input));
}

int
hf_replay_itch(struct hf_replay *replay)
{
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    run->replay = replay;
    int code = hf_input_open(&run->reader.input, replay->options.file);
    if (code == 0) {
        replay_all(run);
    } else {
        const struct hf_input *input = run->reader.input;
        hf_replay_fail(replay, code, "%s",
                       input == NULL ? hf_strerror(code) : hf_input_error(input));
    }
    hf_input_close(run->reader.input);
    hf_replay_map_free(&run->symbols);
    free(run);
    return replay->code;
}
