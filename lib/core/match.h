/*
 * match.h - price, then time: an incoming order against the other side of a book.
 */
#ifndef HF_CORE_MATCH_H
#define HF_CORE_MATCH_H

#include "core/extra.h"

/** An order on its way into a book: a new one, a triggered stop, or a replaced one. */
struct hf_incoming {
    struct hf_order
        *order;     /**< ids, side, session, account, executed set; open is the whole quantity */
    uint32_t index; /**< its place in the pool when it is live already; 0: not yet */
    uint8_t order_type; /**< HF_LIMIT, HF_MARKET or HF_MARKET_TO_LIMIT */
    uint8_t time_in_force;
    bool triggered; /**< a stop: room was kept for it to wait, not to rest at its limit */
    int64_t limit;
    uint64_t display; /**< 0: shows all */
    uint64_t minimum;
    uint64_t expire_ns;
};

/** Trade it as far as it may, then let it rest, or cancel what is left. In phases that do not match it
 *  only rests. There is room for it to rest, if it may and was not triggered. */
void hf_match_enter(struct hf_apply *apply, struct hf_book *book,
                    const struct hf_incoming *incoming);

/** The same for a plain order (plain.h) that trades at once: it crosses, and the book is open. */
void hf_match_plain(struct hf_apply *apply, struct hf_book *book, const struct hf_record *record);

/** One trade at `price` between two orders in the book, `quantity` at most what each shows, in the
 *  opening auction. */
void hf_match_auction(struct hf_apply *apply, struct hf_book *book, int64_t price,
                      uint64_t quantity);

#endif
