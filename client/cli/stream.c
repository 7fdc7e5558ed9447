/* stream.c - see stream.h. */
#include "cli/stream.h"

#include "cli/fields.h"

#include <holdfast/units.h>

#include <string.h>

/** An id, which may be left out where the operation has none. */
static bool
parse_id(struct hf_fields *fields, bool required, uint64_t *id)
{
    struct hf_field field;
    if (!hf_fields_next(fields, &field)) {
        return false;
    }
    if (field.length == 0 && !required) {
        *id = 0;
        return true;
    }
    return hf_field_unsigned(&field, id);
}

static bool
parse_letter(struct hf_fields *fields, const char *letters, char *letter)
{
    struct hf_field field;
    if (!hf_fields_next(fields, &field) || field.length != 1 || field.text[0] == '\0') {
        return false;
    }
    *letter = field.text[0];
    return strchr(letters, *letter) != NULL;
}

/** Can the field be left out? Then it is empty, and the operation does not need it. */
static bool
skip_empty(struct hf_fields *fields, bool optional)
{
    struct hf_fields rest = *fields;
    struct hf_field field;
    if (!optional || !hf_fields_next(&rest, &field) || field.length != 0) {
        return false;
    }
    *fields = rest;
    return true;
}

/** Side, price and quantity; a cancel or halt can do without any of them. */
static const char *
parse_amount(struct hf_fields *fields, struct hf_stream_operation *operation)
{
    bool optional = strchr("CH", operation->operation) != NULL;
    char side = 'B';
    operation->price = 0;
    operation->quantity = 0;
    if (!skip_empty(fields, optional) && !parse_letter(fields, "BS", &side)) {
        return "side is not B or S";
    }
    operation->side = side == 'B' ? HF_BUY : HF_SELL;
    if (!skip_empty(fields, optional) && !hf_fields_signed(fields, &operation->price)) {
        return "price is not a number";
    }
    if (!skip_empty(fields, optional) && (!hf_fields_unsigned(fields, &operation->quantity) ||
                                          operation->quantity > HF_QUANTITY_MAX)) {
        return "qty is not a number up to 2^43";
    }
    return NULL;
}

const char *
hf_stream_parse(const char *line, size_t length, struct hf_stream_operation *operation)
{
    struct hf_fields fields;
    uint64_t sync;
    hf_fields_start(&fields, line, length);
    if (!hf_fields_unsigned(&fields, &operation->row)) {
        return "row is not a number";
    }
    if (!parse_letter(&fields, "NRCXOUH", &operation->operation)) {
        return "op is not one of N R C X O U H";
    }
    if (!parse_id(&fields, strchr("XH", operation->operation) == NULL, &operation->id)) {
        return "id is not a number";
    }
    const char *wrong = parse_amount(&fields, operation);
    if (wrong != NULL) {
        return wrong;
    }
    if (!parse_id(&fields, strchr("XU", operation->operation) != NULL, &operation->maker)) {
        return "maker is not a number";
    }
    if (!hf_fields_unsigned(&fields, &sync) || sync > 1) {
        return "sync is not 0 or 1";
    }
    operation->sync = sync == 1;
    return fields.at == NULL ? NULL : "more than eight fields";
}
