/*
 * instrument.h - instruments are added by logged records and numbered 1, 2, 3...
 *
 * quantity_max times orders_max must fit in 64 bits: no sum of open quantities can overflow.
 */
#ifndef HF_CORE_INSTRUMENT_H
#define HF_CORE_INSTRUMENT_H

#include "core/state.h"

/** What is wrong with the fields of an instrument record's two slots; NULL: nothing. */
const char *hf_instrument_judge(const struct hf_core *core, const struct hf_record *add,
                                const struct hf_record *more);

/** The number of a symbol (HF_SYMBOL_BYTES, NUL-terminated); 0: unknown. */
uint32_t hf_instrument_find(const struct hf_core *core, const char *symbol);

void hf_instrument_add(struct hf_core *core, const struct hf_record *add,
                       const struct hf_record *more);

#endif
