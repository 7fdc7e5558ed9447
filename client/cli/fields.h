/*
 * fields.h - take a line of comma-separated integers apart, without floating point and without
 * ever reading past the line.
 */
#ifndef HF_CLI_FIELDS_H
#define HF_CLI_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hf_field {
    const char *text; /**< not NUL-terminated */
    size_t length;
};

/** What is left of a line. */
struct hf_fields {
    const char *at; /**< NULL: no field is left */
    const char *end;
};

void hf_fields_start(struct hf_fields *fields, const char *line, size_t length);

/** The next field, without its comma. @return false when none is left */
bool hf_fields_next(struct hf_fields *fields, struct hf_field *field);

/** The next field as a number; false when there is none, or it is anything but a decimal integer
 *  that fits (no sign for unsigned, no space, no plus). */
bool hf_fields_unsigned(struct hf_fields *fields, uint64_t *value);
bool hf_fields_signed(struct hf_fields *fields, int64_t *value);

bool hf_field_unsigned(const struct hf_field *field, uint64_t *value);

/** "34200.01746" as nanoseconds: digits, then optionally a point and digits, of which the first nine
 *  count. */
bool hf_field_seconds(const struct hf_field *field, uint64_t *ns);

#endif
