/*
 * config.h - the configuration: a file of [section] name = value lines, and --set section.name=value.
 *
 * All mistakes of a file are found at once, each with file and line: unknown section or name,
 * duplicate, value outside its range, over-long line. Instruments stand in [instrument.SYMBOL]
 * sections; they seed an empty log only, afterwards the log wins.
 */
#ifndef HF_CONFIG_CONFIG_H
#define HF_CONFIG_CONFIG_H

#include "config/params.h"

#include <holdfast/status.h>
#include <stdbool.h>
#include <stdio.h>

#define HF_CONFIG_STRING_BYTES 256
#define HF_CONFIG_ERRORS_BYTES 4096

struct hf_config {
#define HF_STRING(section, name, value, unit, text) char section##_##name[HF_CONFIG_STRING_BYTES];
#define HF_NUMBER(section, name, value, min, max, unit, text) int64_t section##_##name;
#define HF_CHOICE(section, name, value, choices, text) char section##_##name[16];
    HF_PARAMS(HF_STRING, HF_NUMBER, HF_CHOICE)
#undef HF_STRING
#undef HF_NUMBER
#undef HF_CHOICE
    struct hf_instrument_info *instruments; /**< from the file, or the built-in DEMO */
    size_t instrument_count;
    char errors[HF_CONFIG_ERRORS_BYTES]; /**< one line each */
    unsigned error_count;
};

/** Built-in defaults: every parameter, and one instrument DEMO (tick 1, lot 1). */
int hf_config_init(struct hf_config *config);
void hf_config_free(struct hf_config *config);

/** Read a file over the present values. Errors are collected; a file that cannot be read is one. */
void hf_config_load(struct hf_config *config, const char *path);

/** One "section.name=value", as from --set. */
void hf_config_set(struct hf_config *config, const char *assignment);

/** What depends on several values; call last. Fills in what follows from others: the socket's path, and
 *  limits left at a default that is above limits.orders_max. @return false when there is any error */
bool hf_config_check(struct hf_config *config);

/** Step through instance.admin. @param rest in: config->instance_admin at first; out: behind the name
 *  @param name  receives the name, padded with NUL; cut where it is too long
 *  @return its length as it stands in the list; 0: there are no more */
size_t hf_config_next_admin(const char **rest, char name[HF_NAME_BYTES]);

/** The commented file with the present values. */
void hf_config_print(const struct hf_config *config, FILE *out);

#endif
