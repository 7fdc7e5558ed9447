/*
 * put.h - fields of a JSON object, in the forms in which this tool prints them.
 */
#ifndef HF_RECOVER_PUT_H
#define HF_RECOVER_PUT_H

#include "cli/report_print.h"

#include <jansson.h>
#include <stdint.h>

static inline void
put(json_t *object, const char *name, uint64_t value)
{
    (void)json_object_set_new(object, name, hf_json_unsigned(value));
}

static inline void
put_price(json_t *object, const char *name, int64_t value)
{
    (void)json_object_set_new(object, name, json_integer((json_int_t)value));
}

/** @param text  NULL: null */
static inline void
put_text(json_t *object, const char *name, const char *text)
{
    (void)json_object_set_new(object, name, text == NULL ? json_null() : json_string(text));
}

#endif
