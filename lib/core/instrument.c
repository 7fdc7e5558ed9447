/*
 * instrument.c - reference data of instruments and the table of their symbols.
 */
#include "core/instrument.h"

#include <string.h>

static bool
symbol_is_valid(const char *symbol)
{
    size_t length = strnlen(symbol, HF_SYMBOL_BYTES);
    if (length == 0 || length == HF_SYMBOL_BYTES) {
        return false;
    }
    for (size_t i = 0; i < HF_SYMBOL_BYTES; i++) {
        if (i < length ? symbol[i] <= ' ' || symbol[i] > '~' : symbol[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool
is_price(int64_t price)
{
    return price > -HF_PRICE_MAX && price < HF_PRICE_MAX;
}

const char *
hf_instrument_judge(const struct hf_core *core, const struct hf_record *add,
                    const struct hf_record *more)
{
    if (!symbol_is_valid(add->instrument_add.symbol)) {
        return "symbol is not 1 to 15 printable bytes padded with NUL";
    }
    if (add->instrument_add.tick <= 0 || !is_price(add->instrument_add.tick)) {
        return "tick is out of its range";
    }
    const uint32_t known = HF_REPLACE_LOSES_PRIORITY | HF_ICEBERG_KEEPS_PLACE;
    if ((add->instrument_add.flags & ~known) != 0) {
        return "unknown instrument flags";
    }
    if (more->instrument_more.lot == 0) {
        return "lot is zero";
    }
    if (!is_price(more->instrument_more.price_min) || !is_price(more->instrument_more.price_max) ||
        more->instrument_more.price_min > more->instrument_more.price_max) {
        return "price band is out of its range";
    }
    uint64_t quantity_max = more->instrument_more.quantity_max;
    if (quantity_max == 0 || quantity_max > HF_QUANTITY_MAX ||
        quantity_max > UINT64_MAX / core->limits.orders_max) {
        return "largest quantity is out of its range";
    }
    return NULL;
}

/** The entry of a symbol in the table, or the empty one where it would stand. */
static uint32_t *
symbol_entry(const struct hf_core *core, const char *symbol)
{
    const struct hf_book *books = hf_core_books(core);
    uint32_t *entries = hf_core_symbols(core);
    uint32_t count = 2 * core->limits.instruments_max;
    uint64_t word[2];
    memcpy(word, symbol, sizeof(word));
    uint64_t hash = hf_mix(word[0] ^ core->ids.key[0], word[1] ^ core->ids.key[1]);
    uint32_t at = (uint32_t)((hash >> 32) * count >> 32);
    while (entries[at] != 0 && memcmp(books[entries[at]].symbol, symbol, HF_SYMBOL_BYTES) != 0) {
        at = at + 1 == count ? 0 : at + 1;
    }
    return &entries[at];
}

uint32_t
hf_instrument_find(const struct hf_core *core, const char *symbol)
{
    return *symbol_entry(core, symbol);
}

void
hf_instrument_set(struct hf_book *book, const struct hf_record *add, const struct hf_record *more)
{
    book->tick = add->instrument_add.tick;
    book->tick_is_1 = book->tick == 1;
    book->flags = (uint8_t)add->instrument_add.flags;
    book->price_min = more->instrument_more.price_min;
    book->price_max = more->instrument_more.price_max;
    book->lot = more->instrument_more.lot;
    book->quantity_max = more->instrument_more.quantity_max;
}

uint32_t
hf_instrument_add(struct hf_core *core, const struct hf_record *add, const struct hf_record *more)
{
    uint32_t id = core->instruments + 1;
    struct hf_book *book = &hf_core_books(core)[id];
    hf_instrument_set(book, add, more);
    book->id = id;
    memcpy(book->symbol, add->instrument_add.symbol, HF_SYMBOL_BYTES);
    hf_book_init(book, add->order_type == 0 ? HF_PHASE_OPEN : (enum hf_phase)add->order_type);
    *symbol_entry(core, book->symbol) = id;
    core->instruments = id;
    return id;
}

bool
hf_instrument_is_empty(const struct hf_book *book)
{
    uint32_t levels = 0;
    for (uint32_t queue = 0; queue < HF_QUEUES; queue++) {
        levels += book->sides[queue].levels;
    }
    return levels == 0;
}

/** Removal leaves no tombstone: all that is left is entered anew. */
static void
rebuild_symbols(struct hf_core *core)
{
    memset(hf_core_symbols(core), 0, 2 * (size_t)core->limits.instruments_max * sizeof(uint32_t));
    for (uint32_t id = 1; id <= core->instruments; id++) {
        const struct hf_book *book = &hf_core_books(core)[id];
        if (book->phase != 0) {
            *symbol_entry(core, book->symbol) = id;
        }
    }
}

void
hf_instrument_remove(struct hf_core *core, struct hf_book *book)
{
    HF_ASSERT("an instrument is removed empty", hf_instrument_is_empty(book));
    book->phase = 0;
    rebuild_symbols(core);
}

bool
hf_core_instrument(const struct hf_core *core, uint32_t id, struct hf_instrument_info *info)
{
    if (id == 0 || id > core->instruments) {
        return false;
    }
    const struct hf_book *book = &hf_core_books(core)[id];
    *info = (struct hf_instrument_info){
        .id = id,
        .tick = book->tick,
        .lot = book->lot,
        .price_min = book->price_min,
        .price_max = book->price_max,
        .quantity_max = book->quantity_max,
        .flags = book->flags,
        .collar = book->collar,
        .notional_max = book->notional_max,
        .phase = book->phase,
    };
    memcpy(info->symbol, book->symbol, HF_SYMBOL_BYTES);
    return true;
}
