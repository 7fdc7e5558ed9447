/*
 * play_names.h - names of orders and owners, as the file writes them, and their numbers 1, 2, 3...
 *
 * A name is a string or an integer; "7" and 7 are the same name. It is printed as it was first
 * written.
 */
#ifndef HF_CLI_PLAY_NAMES_H
#define HF_CLI_PLAY_NAMES_H

#include <jansson.h>
#include <stdint.h>

/** A zeroed struct is an empty table. */
struct hf_play_names {
    json_t *numbers; /* object: text to number */
    json_t **values; /* by number - 1 */
    uint32_t count;
    uint32_t capacity;
};

/** The number of a name, a new one when it is new; 0: no memory. @param value string or integer */
uint32_t hf_play_names_number(struct hf_play_names *names, json_t *value);

/** The name of a number; borrowed. JSON null for number 0. */
json_t *hf_play_names_value(const struct hf_play_names *names, uint32_t number);

void hf_play_names_free(struct hf_play_names *names);

#endif
