/*
 * page.h - reading the status object: check it once when it was mapped, then copy fields.
 */
#ifndef HF_CLIENT_PAGE_H
#define HF_CLIENT_PAGE_H

#include "shm/region.h"

#include <holdfast/status.h>

/** Check magic, version and sizes against the mapping. @return 0, HF_E_PROTOCOL, HF_E_VERSION */
int hf_page_check(const struct hf_region *region);

/** Copy the page word by word, from its end to its beginning: durable_lsn is read before written_lsn
 *  and that before sequenced_lsn, so that in the copy they stand in order too. */
void hf_page_copy(const struct hf_status *page, struct hf_status *copy);

/** Find an instrument that was not removed, by symbol, in the table behind a checked page. @return 0 or HF_E_UNKNOWN */
int hf_page_instrument(const struct hf_region *region, const char *symbol,
                       struct hf_instrument_info *info);

/** Copy the instruments that were not removed, by id. @return how many */
size_t hf_page_instruments(const struct hf_region *region, struct hf_instrument_info *rows,
                           size_t capacity);

#endif
