/* market_book.c - level books of a market-data handle: opened, followed, built from pages. */
#include "market.h"

#include <stdlib.h>
#include <string.h>

static void
reset(struct hf_market_book *book)
{
    hf_levels_reset(&book->levels);
    book->page_lsn = 0;
    book->unknown = false;
}

void
hf_market_books_reset(struct hf_market *market)
{
    for (struct hf_market_book *book = market->books; book != NULL; book = book->next) {
        reset(book);
    }
}

int
hf_market_book_open(struct hf_market *market, uint32_t instrument, struct hf_market_book **book)
{
    *book = NULL;
    if (instrument == 0 || instrument > market->instruments_max) {
        return HF_E_UNKNOWN;
    }
    if (market->by_instrument[instrument] != NULL) {
        return HF_E_BUSY;
    }
    struct hf_market_book *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return HF_E_MEMORY;
    }
    made->market = market;
    made->instrument = instrument;
    made->next = market->books;
    market->books = made;
    market->by_instrument[instrument] = made;
    *book = made;
    return HF_OK;
}

static void
destroy(struct hf_market_book *book)
{
    hf_levels_free(&book->levels);
    free(book);
}

void
hf_market_book_close(struct hf_market_book *book)
{
    if (book == NULL) {
        return;
    }
    struct hf_market_book **at = &book->market->books;
    while (*at != book) {
        at = &(*at)->next;
    }
    *at = book->next;
    book->market->by_instrument[book->instrument] = NULL;
    destroy(book);
}

void
hf_market_books_free(struct hf_market *market)
{
    struct hf_market_book *next;
    for (struct hf_market_book *book = market->books; book != NULL; book = next) {
        next = book->next;
        destroy(book);
    }
    market->books = NULL;
}

/* Following */

static void
follow_price(struct hf_market_book *book, const struct hf_market_event *event)
{
    bool is_trade = (event->type == HF_MARKET_EXECUTE && (event->flags & HF_MARKET_AUCTION) == 0) ||
                    event->type == HF_MARKET_UNCROSS;
    if (is_trade || event->type == HF_MARKET_REFERENCE) {
        book->last_price = event->price;
        book->last_quantity = event->quantity; /* a reference has none */
        book->has_last = 1;
    }
}

void
hf_market_books_apply(struct hf_market *market, const struct hf_market_event *event)
{
    struct hf_market_book *book = event->instrument <= market->instruments_max
                                      ? market->by_instrument[event->instrument]
                                      : NULL;
    if (book == NULL) {
        return;
    }
    bool is_news = event->number > book->levels.newest; /* else a page was as of later */
    if (is_news) {
        follow_price(book, event);
        book->phase = event->type == HF_MARKET_PHASE ? event->phase : book->phase;
    }
    /* Reference data has changed, or the event does not fit: the engine knows better than we. */
    if ((is_news && event->type == HF_MARKET_INSTRUMENT) ||
        hf_levels_apply(&book->levels, event) != HF_OK) {
        reset(book);
    }
}

/* Building */

static int
add_page(struct hf_market_book *book, enum hf_side side, const struct hf_control_answer *answer)
{
    if (answer->level_count > HF_DEPTH_LEVELS_MAX) {
        return HF_E_PROTOCOL;
    }
    bool ends = answer->level_count < HF_DEPTH_LEVELS_MAX;
    int code = hf_levels_add_page(&book->levels, side, answer->levels, answer->level_count, ends,
                                  answer->market_number);
    if (code != HF_OK) {
        reset(book);
        return code;
    }
    if (book->has_last != answer->has_last || book->last_price != answer->last_price) {
        book->last_quantity = 0; /* it traded while we were away */
    }
    book->has_last = answer->has_last;
    book->last_price = answer->last_price;
    book->phase = answer->phase;
    book->page_lsn = answer->lsn;
    book->joins += book->levels.sides[0].covered && book->levels.sides[1].covered;
    return 1;
}

static int
fetch_page(struct hf_market_book *book, enum hf_side side, int64_t price)
{
    struct hf_control_answer answer;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_LEVELS);
    request.instrument = book->instrument;
    request.side = (uint32_t)side;
    request.price = price;
    request.first = HF_DEPTH_LEVELS_MAX;
    int code = hf_market_ask(book->market, &request, &answer);
    return code == HF_OK ? add_page(book, side, &answer) : code;
}

int
hf_market_books_fetch(struct hf_market *market)
{
    enum hf_side side = HF_BUY;
    int64_t price = 0;
    int refused = 0;
    for (struct hf_market_book *book = market->books; book != NULL; book = book->next) {
        if (book->unknown || !hf_levels_wants(&book->levels, &side, &price)) {
            refused = book->unknown ? HF_E_UNKNOWN : refused;
            continue;
        }
        int code = fetch_page(book, side, price);
        if (code != HF_E_UNKNOWN) {
            return code;
        }
        book->unknown = true; /* until it is announced; the others need not wait for that */
        refused = code;
    }
    return refused;
}

/* Reading */

/** K3, and what its pages know is durable, where that matters. */
static bool
is_whole(const struct hf_market_book *book)
{
    const struct hf_market *market = book->market;
    const struct hf_status *status = market->status_region.base;
    return hf_levels_whole(&book->levels, market->read) &&
           (!market->durable || book->page_lsn <= hf_load_acquire(&status->durable_lsn));
}

int64_t
hf_market_book_levels(const struct hf_market_book *book, enum hf_side side,
                      struct hf_depth_level *levels, size_t capacity)
{
    if (side != HF_BUY && side != HF_SELL) {
        return HF_E_ARGUMENT;
    }
    return is_whole(book) ? (int64_t)hf_levels_copy(&book->levels, side, levels, capacity)
                          : HF_AGAIN;
}

void
hf_market_book_facts(const struct hf_market_book *book, struct hf_market_book_facts *facts)
{
    const struct hf_market *market = book->market;
    *facts = (struct hf_market_book_facts){
        .number = market->read,
        .lsn = market->read_lsn > book->page_lsn ? market->read_lsn : book->page_lsn,
        .last_price = book->last_price,
        .last_quantity = book->last_quantity,
        .joins = book->joins,
        .has_last = book->has_last,
        .phase = book->phase,
        .whole = is_whole(book),
        .instrument = book->instrument,
    };
}
