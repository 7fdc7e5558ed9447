/* play_names.c - names and their numbers; the hash table is jansson's. */
#include "cli/play_names.h"

#include "base/panic.h"

#include <stdio.h>
#include <stdlib.h>

static const char *
text_of(const json_t *value, char buffer[24])
{
    if (json_is_string(value)) {
        return json_string_value(value);
    }
    (void)snprintf(buffer, 24, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return buffer;
}

static uint32_t
add(struct hf_play_names *names, const char *text, json_t *value)
{
    if (names->count == names->capacity) {
        uint32_t capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
        json_t **grown = reallocarray(names->values, capacity, sizeof(json_t *));
        if (grown == NULL) {
            return 0;
        }
        names->values = grown;
        names->capacity = capacity;
    }
    if (json_object_set_new(names->numbers, text, json_integer(names->count + 1)) < 0) {
        return 0;
    }
    names->values[names->count++] = json_incref(value);
    return names->count;
}

uint32_t
hf_play_names_number(struct hf_play_names *names, json_t *value)
{
    char buffer[24];
    HF_ASSERT("name is text or number", json_is_string(value) || json_is_integer(value));
    const char *text = text_of(value, buffer);
    if (names->numbers == NULL && (names->numbers = json_object()) == NULL) {
        return 0;
    }
    const json_t *number = json_object_get(names->numbers, text);
    return number != NULL ? (uint32_t)json_integer_value(number) : add(names, text, value);
}

json_t *
hf_play_names_value(const struct hf_play_names *names, uint32_t number)
{
    HF_ASSERT("name is known", number <= names->count);
    return number == 0 ? json_null() : names->values[number - 1];
}

void
hf_play_names_free(struct hf_play_names *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        json_decref(names->values[i]);
    }
    free(names->values);
    json_decref(names->numbers);
    *names = (struct hf_play_names){0};
}
