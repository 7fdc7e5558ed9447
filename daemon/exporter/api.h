/*
 * api.h - a view as JSON: what the page reads, and scripts may.
 *
 *   /api           the last look: state, watermarks, rates, stages, threads, sessions, tops of books
 *   /api/history   ten minutes, a column of numbers for each figure; ?from=N: only what the caller has
 *                  not: N is the `next` of the answer before, and `first` of this one, unless the exporter was
 *                  started anew or the caller was away for long
 *   /api/book?instrument=SYMBOL    ten levels a side
 *   /api/about     what each stage and value means
 *
 * Prices and quantities are whole numbers in the instrument's units; JavaScript keeps them exactly up to 2^53.
 */
#ifndef HF_EXPORTER_API_H
#define HF_EXPORTER_API_H

#include "exporter/state.h"

#include <jansson.h>

/** Tops of books in one answer. */
#define HF_API_TOPS_MAX 256u

/* New references. */
json_t *hf_api_view(const struct hf_watch_view *view);
/** @param from  the first point that is wanted, counted since the exporter's start: clocks may be set back */
json_t *hf_api_history(const struct hf_exporter_state *state, uint64_t from);
/** @return NULL: there is no such instrument */
json_t *hf_api_book(const struct hf_watch_view *view, const char *symbol);
json_t *hf_api_about(void);

#endif
