/*
 * levels.h - the level book of one instrument out of pages of a snapshot and market events. Pure: what
 * asks for pages and reads events is market.c.
 *
 *   best ◄────────────── covered ───────────────► not covered
 *   | page 1 as of N1 | page 2 as of N2 | page 3 as of N3 |
 *
 * Pages come best first, each as of the market number at which the engine answered it, while events go on.
 *
 * K1  an event about a price of page k changes the book if its number is above Nk; else page k has it
 * K2  an event about a price that is not covered is passed over: it was read before the page that will
 *     cover it was asked for, so that this page is as of at least its number
 * K3  when both sides are covered and every event up to the largest Nk has been read, the book is the
 *     engine's as of the last event that was read, and stays so; it is then called whole
 *
 * Prices are ranked so that better is larger on both sides: a bid's price, an ask's complement.
 */
#ifndef HF_CLIENT_LEVELS_H
#define HF_CLIENT_LEVELS_H

#include <holdfast/engine.h>
#include <holdfast/market.h>

struct hf_levels_page {
    int64_t bound; /**< rank of its last price */
    uint64_t number;
};

struct hf_levels_side {
    struct hf_depth_level *room; /**< entries start .. start + count - 1 are used, worst first */
    size_t capacity;
    size_t
        start; /**< free entries before, for what is worse; the rest is behind, for what is better */
    size_t count;
    struct hf_levels_page *pages;
    size_t page_count;
    size_t page_capacity;
    bool covered; /**< to the end of the book */
};

struct hf_levels {
    struct hf_levels_side sides[2]; /**< by side - 1 */
    uint64_t newest;                /**< the largest number of a page */
};

/** Empty, nothing covered. The struct is zeroed, or was used before. */
void hf_levels_reset(struct hf_levels *levels);
void hf_levels_free(struct hf_levels *levels);

/** The page that is to come next. @return false: both sides are covered */
bool hf_levels_wants(const struct hf_levels *levels, enum hf_side *side, int64_t *price);

/**
 * Add the page that was wanted.
 *
 * @param page    `count` levels, best first, all worse than the price that was asked for
 * @param ends    there are no levels behind it
 * @param number  the market number as of which it holds
 * @return 0, HF_E_MEMORY, HF_E_PROTOCOL (levels out of order or empty, numbers running back): the book is
 *         good for nothing until it is reset
 */
int hf_levels_add_page(struct hf_levels *levels, enum hf_side side,
                       const struct hf_depth_level *page, size_t count, bool ends, uint64_t number);

/** Apply an event of this instrument (K1, K2). @return 0, HF_E_MEMORY, HF_E_PROTOCOL (it does not fit the
 *  book), as above */
int hf_levels_apply(struct hf_levels *levels, const struct hf_market_event *event);

/** K3, when every event up to `read` has been applied. */
bool hf_levels_whole(const struct hf_levels *levels, uint64_t read);

/** Copy the best levels, best first. @return how many */
size_t hf_levels_copy(const struct hf_levels *levels, enum hf_side side, struct hf_depth_level *to,
                      size_t capacity);

#endif
