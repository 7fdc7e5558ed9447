/* lobster.c - see lobster.h. */
#include "cli/lobster.h"

#include "cli/fields.h"

#include <holdfast/units.h>

#include <string.h>

const char *
hf_lobster_parse_message(const char *line, size_t length, struct hf_lobster_message *message)
{
    struct hf_fields fields;
    struct hf_field time;
    uint64_t type;
    int64_t direction;
    if (length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) { /* some copies begin with a BOM */
        line += 3;
        length -= 3;
    }
    hf_fields_start(&fields, line, length);
    if (!hf_fields_next(&fields, &time) || !hf_field_seconds(&time, &message->time_ns)) {
        return "time is not in seconds";
    }
    if (!hf_fields_unsigned(&fields, &type) || type < HF_LOBSTER_SUBMIT || type > HF_LOBSTER_HALT) {
        return "type is not 1 to 7";
    }
    if (!hf_fields_unsigned(&fields, &message->order_id)) {
        return "order id is not a number";
    }
    if (!hf_fields_unsigned(&fields, &message->quantity) || message->quantity > HF_QUANTITY_MAX) {
        return "size is not a number up to 2^43";
    }
    if (!hf_fields_signed(&fields, &message->price)) {
        return "price is not a number";
    }
    if (!hf_fields_signed(&fields, &direction) || (direction != 1 && direction != -1)) {
        return "direction is not 1 or -1";
    }
    if (fields.at != NULL) {
        return "more than six fields";
    }
    message->type = (uint8_t)type;
    message->side = direction == 1 ? HF_BUY : HF_SELL;
    return NULL;
}

/** One price and size of a row; levels that are not there must come last. */
static const char *
parse_level(struct hf_fields *fields, struct hf_lobster_row *row, unsigned side)
{
    struct hf_lobster_level level;
    if (!hf_fields_signed(fields, &level.price)) {
        return "price is not a number";
    }
    if (!hf_fields_unsigned(fields, &level.quantity) || level.quantity > HF_QUANTITY_MAX) {
        return "size is not a number up to 2^43";
    }
    if (level.quantity == 0) {
        return NULL;
    }
    uint32_t count = row->count[side];
    if (count + 1 != row->window) {
        return "a level follows one that is not there";
    }
    if (count > 0) {
        int64_t better = row->levels[side][count - 1].price;
        if (side == 0 ? level.price >= better : level.price <= better) {
            return "levels are not in the order of their prices";
        }
    }
    row->levels[side][count] = level;
    row->count[side] = count + 1;
    return NULL;
}

const char *
hf_lobster_parse_row(const char *line, size_t length, struct hf_lobster_row *row)
{
    struct hf_fields fields;
    hf_fields_start(&fields, line, length);
    row->window = 0;
    row->count[0] = 0;
    row->count[1] = 0;
    do {
        if (row->window == HF_LOBSTER_LEVELS_MAX) {
            return "more than 200 levels";
        }
        row->window++;
        const char *wrong = parse_level(&fields, row, 1);
        wrong = wrong != NULL ? wrong : parse_level(&fields, row, 0);
        if (wrong != NULL) {
            return wrong;
        }
    } while (fields.at != NULL);
    return NULL;
}
