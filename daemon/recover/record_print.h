/*
 * record_print.h - a record of the log, as one JSON object or as one line of words; and the pieces that
 * other output shares with it.
 */
#ifndef HF_RECOVER_RECORD_PRINT_H
#define HF_RECOVER_RECORD_PRINT_H

#include "core/core.h"

#include <jansson.h>
#include <stdio.h>

#define HF_TIME_TEXT_BYTES 40

/** "2026-01-31T09:00:00.123456789Z" */
void hf_time_text(uint64_t time_ns, char text[HF_TIME_TEXT_BYTES]);

/** Words for enumerations; "?" for values outside. */
const char *hf_record_type_name(unsigned type); /**< those of commands too, and "group" */
const char *hf_order_type_name(unsigned order_type);
const char *hf_time_in_force_name(unsigned time_in_force);
const char *hf_phase_name(unsigned phase);
const char *hf_self_trade_name(unsigned rule);
const char *hf_entitlement_name(unsigned kind);

/**
 * A record, or a GROUP.
 *
 * @param more    second slot; NULL: none
 * @param core    the state before the record, for the names of sessions and instruments and for the
 *                order that it is about; NULL: none yet
 * @return the caller's object; NULL: out of memory
 */
json_t *hf_record_json(const struct hf_record *record, const struct hf_record *more,
                       const struct hf_core *core);

/** "17  2026-01-31T09:00:00.123456789Z  new  session=me instrument=DEMO ...": frees the object. */
void hf_record_print_words(FILE *file, json_t *object);

#endif
