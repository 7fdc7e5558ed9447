/* play_json.c - typed access to the fields of one JSON object. */
#include "cli/play_json.h"

#include <holdfast/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
hf_play_fields_fail(struct hf_play_fields *fields, int code, const char *format, ...)
{
    if (fields->code != 0) {
        return fields->code; /* the first error is the cause */
    }
    fields->code = code;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(fields->error, sizeof fields->error, format, arguments);
    va_end(arguments);
    return code;
}

static bool
is_listed(const char *key, const char *words)
{
    size_t length = strlen(key);
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word == length && memcmp(at, key, length) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}

void
hf_play_fields_only(struct hf_play_fields *fields, const char *allowed)
{
    const char *key;
    json_t *value;
    json_object_foreach(fields->object, key, value)
    {
        if (!is_listed(key, allowed)) {
            hf_play_fields_fail(fields, HF_E_CORRUPT, "'%.64s' is no field of this (allowed: %s)",
                                key, allowed);
        }
    }
}

bool
hf_play_fields_has(const struct hf_play_fields *fields, const char *key)
{
    return json_object_get(fields->object, key) != NULL;
}

/** The value of a key; NULL when it is absent, which may be an error. */
static json_t *
get(struct hf_play_fields *fields, const char *key, bool required)
{
    json_t *value = json_object_get(fields->object, key);
    if (value == NULL && required) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s' is missing", key);
    }
    return fields->code == 0 ? value : NULL;
}

int64_t
hf_play_fields_integer(struct hf_play_fields *fields, const char *key, bool required)
{
    const json_t *value = get(fields, key, required);
    if (value != NULL && !json_is_integer(value)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s' is not an integer", key);
    }
    return json_integer_value(value); /* 0 for all else */
}

int64_t
hf_play_fields_natural(struct hf_play_fields *fields, const char *key, bool required)
{
    int64_t value = hf_play_fields_integer(fields, key, required);
    if (value < 0) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s' is less than 0", key);
    }
    return value;
}

bool
hf_play_fields_flag(struct hf_play_fields *fields, const char *key)
{
    const json_t *value = get(fields, key, false);
    if (value != NULL && !json_is_boolean(value)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s' is neither true nor false", key);
    }
    return json_is_true(value);
}

const char *
hf_play_fields_string(struct hf_play_fields *fields, const char *key, bool required)
{
    const json_t *value = get(fields, key, required);
    if (value != NULL && !json_is_string(value)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s' is not a string", key);
    }
    return json_string_value(value); /* NULL for all else */
}

uint8_t
hf_play_fields_word(struct hf_play_fields *fields, const char *key, bool required,
                    const struct hf_play_word *words)
{
    const char *text = hf_play_fields_string(fields, key, required);
    if (text == NULL) {
        return 0;
    }
    for (const struct hf_play_word *word = words; word->text != NULL; word++) {
        if (strcmp(word->text, text) == 0) {
            return word->value;
        }
    }
    hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s' cannot be '%.64s'", key, text);
    return 0;
}

static uint32_t
name_of(struct hf_play_fields *fields, const char *what, json_t *value, struct hf_play_names *names)
{
    if (!json_is_string(value) && !json_is_integer(value)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "%s: a name is a string or an integer", what);
        return 0;
    }
    uint32_t number = hf_play_names_number(names, value);
    if (number == 0) {
        hf_play_fields_fail(fields, HF_E_MEMORY, "out of memory");
    }
    return number;
}

uint32_t
hf_play_fields_name(struct hf_play_fields *fields, const char *key, bool required,
                    struct hf_play_names *names)
{
    json_t *value = get(fields, key, required);
    return value == NULL ? 0 : name_of(fields, key, value, names);
}

/** Read one entry; what is wrong with its length says the caller. */
static void
read_row(struct hf_play_fields *fields, const json_t *entry, const char *what,
         struct hf_play_shape shape, struct hf_play_names *names, struct hf_play_row *row)
{
    for (size_t i = 0; i < json_array_size(entry); i++) {
        json_t *element = json_array_get(entry, i);
        if (shape.elements[i] == 'n') {
            row->v[shape.first + i] = name_of(fields, what, element, names);
        } else if (json_is_integer(element)) {
            row->v[shape.first + i] = json_integer_value(element);
        } else {
            hf_play_fields_fail(fields, HF_E_CORRUPT, "%s: a price or quantity is no integer",
                                what);
        }
    }
}

static bool
has_length(const json_t *entry, const char *elements)
{
    size_t most = strlen(elements);
    size_t least = elements[most - 1] == 'I' ? most - 1 : most;
    size_t length = json_array_size(entry); /* 0 for what is no array */
    return length >= least && length <= most;
}

void
hf_play_fields_rows(struct hf_play_fields *fields, json_t *list, const char *what,
                    struct hf_play_shape shape, struct hf_play_names *names, int64_t side,
                    struct hf_play_rows *rows)
{
    size_t i;
    json_t *entry;
    if (!json_is_array(list)) {
        hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s' is not a list", what);
        return;
    }
    json_array_foreach(list, i, entry)
    {
        struct hf_play_row row = {.v = {side}};
        if (!has_length(entry, shape.elements)) {
            hf_play_fields_fail(fields, HF_E_CORRUPT, "'%s': an entry is no list of %zu elements",
                                what, strlen(shape.elements));
            return;
        }
        read_row(fields, entry, what, shape, names, &row);
        if (!hf_play_rows_add(rows, row)) {
            hf_play_fields_fail(fields, HF_E_MEMORY, "out of memory");
        }
        if (fields->code != 0) {
            return;
        }
    }
}
