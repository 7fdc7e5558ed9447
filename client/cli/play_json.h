/*
 * play_json.h - read the fields of one JSON object, each checked for type and range.
 *
 * The first error is kept in words, later reads then return zeros: a parser reads all its fields and
 * asks once, at the end.
 */
#ifndef HF_CLI_PLAY_JSON_H
#define HF_CLI_PLAY_JSON_H

#include "cli/play_names.h"
#include "cli/play_rows.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct hf_play_fields {
    json_t *object;
    int code; /**< the first error, 0: none */
    char error[256];
};

/** Note an error, unless there is one. @return its code */
int hf_play_fields_fail(struct hf_play_fields *fields, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Every key must be one of the words in `allowed`, separated by spaces. */
void hf_play_fields_only(struct hf_play_fields *fields, const char *allowed);

bool hf_play_fields_has(const struct hf_play_fields *fields, const char *key);

/** An integer. @param required its absence is an error, else 0 */
int64_t hf_play_fields_integer(struct hf_play_fields *fields, const char *key, bool required);

/** An integer of at least 0. */
int64_t hf_play_fields_natural(struct hf_play_fields *fields, const char *key, bool required);

/** true or false; false when absent. */
bool hf_play_fields_flag(struct hf_play_fields *fields, const char *key);

/** A string, borrowed; NULL when absent. */
const char *hf_play_fields_string(struct hf_play_fields *fields, const char *key, bool required);

struct hf_play_word {
    const char *text;
    uint8_t value; /**< not 0 */
};

/** One of some words, the last of which has a NULL text; 0 when absent. */
uint8_t hf_play_fields_word(struct hf_play_fields *fields, const char *key, bool required,
                            const struct hf_play_word *words);

/** A name of an order or owner; 0 when absent. */
uint32_t hf_play_fields_name(struct hf_play_fields *fields, const char *key, bool required,
                             struct hf_play_names *names);

/** How one entry of a list becomes a row: each letter is one element, 'n' a name, 'i' an integer, 'I' an
 *  integer that may be missing at the end (then 0). They fill the row from v[first]. */
struct hf_play_shape {
    const char *elements;
    unsigned first;
};

/** A list of lists, appended to `rows` (of which v[0] is set to `side` first). */
void hf_play_fields_rows(struct hf_play_fields *fields, json_t *list, const char *what,
                         struct hf_play_shape shape, struct hf_play_names *names, int64_t side,
                         struct hf_play_rows *rows);

#endif
