/*
 * table.h - params.h as an array, for what goes over all parameters: the parser, the checks, what is
 * printed, and the man page's generator.
 */
#ifndef HF_CONFIG_TABLE_H
#define HF_CONFIG_TABLE_H

#include "config/config.h"

#include <stddef.h>

enum hf_param_kind { HF_PARAM_STRING, HF_PARAM_NUMBER, HF_PARAM_CHOICE };

struct hf_param {
    enum hf_param_kind kind;
    enum hf_param_when when;
    const char *section;
    const char *name;
    size_t offset; /**< of its member in struct hf_config */
    int64_t min;   /**< numbers */
    int64_t max;
    const char *unit; /**< of choices: the choices */
    const char *text;
    const char *default_text; /**< NULL: a number's */
    int64_t default_number;
};

extern const struct hf_param hf_params[HF_PARAM_COUNT];

struct hf_instrument_param {
    const char *name;
    size_t offset; /**< of its member in struct hf_instrument_info, of 64 bits */
    int64_t default_number;
    const char *text;
};

extern const struct hf_instrument_param hf_instrument_params[HF_INSTRUMENT_PARAM_COUNT];

/** "us, 1 to 10000000", "path", "yes|no": what the parameter takes. */
void hf_param_range(const struct hf_param *param, char *text, size_t len_bytes);

/** The default in words, "empty" for an empty text. */
void hf_param_default(const struct hf_param *param, char *text, size_t len_bytes);

/** A value as it stands in a file. */
void hf_param_value(const struct hf_param *param, const struct hf_config *config, char *text,
                    size_t len_bytes);

/** "reload", "restart" or "log". */
const char *hf_param_when_name(enum hf_param_when when);

/** A mistake in what the parameter was given: named with the file and line, or option, that gave it. */
void hf_config_complain_of(struct hf_config *config, enum hf_param_index param, const char *format,
                           ...) __attribute__((format(printf, 3, 4)));

/** The same, of a place that is known. */
void hf_config_complain_at(struct hf_config *config, const struct hf_config_place *place,
                           const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
