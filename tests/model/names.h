/*
 * names.h - commands, reports and market events in words.
 */
#ifndef HF_TESTS_MODEL_NAMES_H
#define HF_TESTS_MODEL_NAMES_H

#include "model/rig.h"

#include <stdio.h>

const char *name_of_command(uint8_t type); /**< of records, too */
const char *name_of_report(uint8_t type);
const char *name_of_event(uint8_t type);

/** One line each. */
void print_step(FILE *file, const struct step *step, size_t number);
void print_limits(FILE *file, const struct hf_engine_limits *limits);
void print_slots(FILE *file, const struct model_slot *slots, size_t count);
void print_events(FILE *file, const struct hf_market_event *events, size_t count);

#endif
