/*
 * md_print.h - market data in words: an event as a line, a book with its last trades as a page.
 */
#ifndef HF_CLI_MD_PRINT_H
#define HF_CLI_MD_PRINT_H

#include <holdfast/client.h>
#include <holdfast/subscribe.h>
#include <stdio.h>

#define HF_MD_TRADES 16u

/** A trade, as a newspaper would print it. */
struct hf_md_trade {
    uint64_t number;
    uint64_t lsn;
    uint64_t trade_index;
    uint64_t time_ns;
    int64_t price;
    uint64_t quantity;
    uint32_t instrument;
    uint8_t taker; /**< enum hf_side of the order that took; 0: an auction */
};

/** What there is to show of one instrument. */
struct hf_md_view {
    struct hf_instrument_info info;
    bool is_removed; /**< `info` is of what was the last instrument of this symbol */
    struct hf_status status;
    struct hf_market_facts facts;
    struct hf_market_book_facts book;
    struct hf_depth_level bids[HF_DEPTH_LEVELS_MAX];
    struct hf_depth_level asks[HF_DEPTH_LEVELS_MAX];
    size_t bid_count;
    size_t ask_count;
    struct hf_md_trade trades[HF_MD_TRADES]; /**< newest first */
    size_t trade_count;
};

/** Whether an event prints a trade: an EXECUTE, or an auction as a whole. */
bool hf_md_trade_of(const struct hf_market_event *event, struct hf_md_trade *trade);

/** Remember a trade; the oldest is forgotten. */
void hf_md_remember(struct hf_md_view *view, const struct hf_md_trade *trade);

/** One line. `symbol` may be NULL: the instrument's number. */
void hf_md_print_event(FILE *file, const struct hf_market_event *event, const char *symbol);
void hf_md_print_event_json(FILE *file, const struct hf_market_event *event, const char *symbol);

/** One line of time and sales; `symbol` as above. */
void hf_md_print_trade(FILE *file, const struct hf_md_trade *trade, const char *symbol);

/** The ladder with what is to be known about it. @param trades  how many of the last; @param end  ends
 *  each line */
void hf_md_print_view(FILE *file, const struct hf_md_view *view, size_t trades, const char *end);
void hf_md_print_view_json(FILE *file, const struct hf_md_view *view);

/** Events were missed: a line that says so. */
void hf_md_print_lapped(FILE *file, uint64_t missed, bool json);

#endif
