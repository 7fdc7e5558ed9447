/*
 * match.h - price, then time: an incoming order against the other side of a book.
 */
#ifndef HF_CORE_MATCH_H
#define HF_CORE_MATCH_H

#include "core/state.h"

/** Trade `taker` (side, open, executed, ids and session are set; it is in no book) until it is filled
 *  or nothing crosses `limit`. Each trade reports to the maker, then to the taker. */
void hf_match(struct hf_apply *apply, struct hf_book *book, struct hf_order *taker, int64_t limit);

/** HF_COMMAND_NEW: judge, accept, match, rest or cancel the remainder. */
void hf_match_new(struct hf_apply *apply, const struct hf_record *record);

#endif
