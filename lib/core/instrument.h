/*
 * instrument.h - instruments are added, changed and removed by logged commands, numbered 1, 2, 3...
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

/** Add an instrument under the next number, in the phase that the record names. @return the number */
uint32_t hf_instrument_add(struct hf_core *core, const struct hf_record *add,
                           const struct hf_record *more);

/** Take reference data from a record's two slots; limits, phase and orders stay. */
void hf_instrument_set(struct hf_book *book, const struct hf_record *add,
                       const struct hf_record *more);

/** No live order, resting or waiting. */
bool hf_instrument_is_empty(const struct hf_book *book);

/** The symbol is free again, the number never. The instrument is empty. */
void hf_instrument_remove(struct hf_core *core, struct hf_book *book);

#endif
