/* fields.c - see fields.h. */
#include "cli/fields.h"

#include <string.h>

void
hf_fields_start(struct hf_fields *fields, const char *line, size_t length)
{
    fields->at = line;
    fields->end = line + length;
}

bool
hf_fields_next(struct hf_fields *fields, struct hf_field *field)
{
    if (fields->at == NULL) {
        return false;
    }
    size_t left = (size_t)(fields->end - fields->at);
    const char *comma = left == 0 ? NULL : memchr(fields->at, ',', left);
    field->text = fields->at;
    field->length = comma == NULL ? left : (size_t)(comma - fields->at);
    fields->at = comma == NULL ? NULL : comma + 1;
    return true;
}

bool
hf_field_unsigned(const struct hf_field *field, uint64_t *value)
{
    uint64_t sum = 0;
    if (field->length == 0) {
        return false;
    }
    for (size_t i = 0; i < field->length; i++) {
        unsigned digit = (unsigned)(unsigned char)field->text[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(sum, 10u, &sum) ||
            __builtin_add_overflow(sum, digit, &sum)) {
            return false;
        }
    }
    *value = sum;
    return true;
}

bool
hf_fields_unsigned(struct hf_fields *fields, uint64_t *value)
{
    struct hf_field field;
    return hf_fields_next(fields, &field) && hf_field_unsigned(&field, value);
}

bool
hf_fields_signed(struct hf_fields *fields, int64_t *value)
{
    struct hf_field field;
    uint64_t magnitude;
    if (!hf_fields_next(fields, &field)) {
        return false;
    }
    bool negative = field.length > 0 && field.text[0] == '-';
    if (negative) {
        field.text++;
        field.length--;
    }
    if (!hf_field_unsigned(&field, &magnitude) || magnitude > INT64_MAX) {
        return false;
    }
    *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

/** Decimals of a second as nanoseconds; what is finer is cut off. */
static bool
parse_fraction(const struct hf_field *decimals, uint64_t *ns)
{
    if (decimals->length == 0) {
        return false;
    }
    *ns = 0;
    for (size_t i = 0; i < decimals->length || i < 9; i++) {
        unsigned digit =
            i < decimals->length ? (unsigned)(unsigned char)decimals->text[i] - '0' : 0;
        if (digit > 9) {
            return false;
        }
        *ns = i < 9 ? *ns * 10 + digit : *ns;
    }
    return true;
}

bool
hf_field_seconds(const struct hf_field *field, uint64_t *ns)
{
    const char *point = field->length == 0 ? NULL : memchr(field->text, '.', field->length);
    struct hf_field whole = *field;
    uint64_t seconds;
    uint64_t fraction = 0;
    if (point != NULL) {
        whole.length = (size_t)(point - field->text);
        struct hf_field decimals = {point + 1, field->length - whole.length - 1};
        if (!parse_fraction(&decimals, &fraction)) {
            return false;
        }
    }
    return hf_field_unsigned(&whole, &seconds) &&
           !__builtin_mul_overflow(seconds, (uint64_t)1000000000, &seconds) &&
           !__builtin_add_overflow(seconds, fraction, ns);
}
