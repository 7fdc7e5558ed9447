/*
 * md_symbol.h - which instrument a symbol is, followed: numbers are never used again, so a symbol whose
 * instrument was removed, and that was added anew, is another number, and nothing happens under the old one.
 *
 *   INSTRUMENT event of a higher number ──► is it ours? ── yes ──► followed from this event on
 *   all events are read, now and then   ──► look up again ─ other ──► followed (the event was missed)
 *                                                          └ none ──► said once; it may come back
 *
 * Y1  events of the number before are ours up to the INSTRUMENT event of the next: while events are behind,
 *     the table of instruments, which is as of now, does not count
 */
#ifndef HF_CLI_MD_SYMBOL_H
#define HF_CLI_MD_SYMBOL_H

#include <holdfast/subscribe.h>

struct hf_md_symbol {
    const char *name;               /**< NULL: all instruments; then none of this does anything */
    struct hf_instrument_info info; /**< its instrument; of one that was removed, the last */
    bool is_removed;
    uint64_t looked_ns;
};

enum hf_md_symbol_news {
    HF_MD_SYMBOL_SAME,
    HF_MD_SYMBOL_OTHER,   /**< another number: `info` is of that */
    HF_MD_SYMBOL_REMOVED, /**< told once */
};

/** Look the symbol up for the first time. @return 0 or HF_E_UNKNOWN */
int hf_md_symbol_find(struct hf_md_symbol *symbol, const struct hf_market *market);

/** An event was read, and is not yet printed. May wait a moment for the table of instruments. */
enum hf_md_symbol_news hf_md_symbol_event(struct hf_md_symbol *symbol,
                                          const struct hf_market *market,
                                          const struct hf_market_event *event);

/** Look again, at most every few milliseconds; it counts if the daemon is there and all events were read. */
enum hf_md_symbol_news hf_md_symbol_look(struct hf_md_symbol *symbol, struct hf_market *market);

#endif
