/*
 * config.h - the configuration: a file of [section] name = value lines, and --set section.name=value.
 *
 * All mistakes of a file are found at once, each with file and line: unknown section or name, duplicate,
 * value outside its range, over-long line, values that do not go together. Instruments stand in
 * [instrument.SYMBOL] sections; they seed an empty log only, afterwards the log wins.
 */
#ifndef HF_CONFIG_CONFIG_H
#define HF_CONFIG_CONFIG_H

#include "config/params.h"

#include <holdfast/status.h>
#include <stdbool.h>
#include <stdio.h>

#define HF_CONFIG_STRING_BYTES 256
#define HF_CONFIG_CHOICE_BYTES 16
#define HF_CONFIG_ERRORS_BYTES 65536 /* some 800 mistakes; how many more there are is said */

/** Names of the parameters: HF_PARAM_wal_mode. */
enum hf_param_index {
#define HF_STRING(section, name, value, unit, when, text) HF_PARAM_##section##_##name,
#define HF_NUMBER(section, name, value, min, max, unit, when, text) HF_PARAM_##section##_##name,
#define HF_CHOICE(section, name, value, choices, when, text) HF_PARAM_##section##_##name,
    HF_PARAMS(HF_STRING, HF_NUMBER, HF_CHOICE)
#undef HF_STRING
#undef HF_NUMBER
#undef HF_CHOICE
        HF_PARAM_COUNT
};

enum hf_instrument_param_index {
#define HF_FIELD(name, value, text) HF_INSTRUMENT_PARAM_##name,
    HF_INSTRUMENT_PARAMS(HF_FIELD)
#undef HF_FIELD
        HF_INSTRUMENT_PARAM_COUNT
};

/** When a changed value takes effect (params.h). */
enum hf_param_when { HF_PARAM_RELOAD, HF_PARAM_RESTART, HF_PARAM_LOG };

/** Where a value came from, for messages. */
struct hf_config_place {
    const char *path; /**< of the file, "--set", or NULL: it is the default; borrowed */
    int line;         /**< 0: the command line */
};

struct hf_config_instrument_places {
    struct hf_config_place section;
    struct hf_config_place fields[HF_INSTRUMENT_PARAM_COUNT];
};

struct hf_config {
#define HF_STRING(section, name, value, unit, when, text)                                          \
    char section##_##name[HF_CONFIG_STRING_BYTES];
#define HF_NUMBER(section, name, value, min, max, unit, when, text) int64_t section##_##name;
#define HF_CHOICE(section, name, value, choices, when, text)                                       \
    char section##_##name[HF_CONFIG_CHOICE_BYTES];
    HF_PARAMS(HF_STRING, HF_NUMBER, HF_CHOICE)
#undef HF_STRING
#undef HF_NUMBER
#undef HF_CHOICE
    struct hf_instrument_info *instruments; /**< from the file, or the built-in DEMO */
    size_t instrument_count;
    struct hf_config_place places[HF_PARAM_COUNT];
    struct hf_config_instrument_places *instrument_places; /**< as many as instruments */
    const char *path;                                      /**< of the file; borrowed; or NULL */
    char errors[HF_CONFIG_ERRORS_BYTES];                   /**< one line each */
    unsigned error_count;
    size_t errors_len;       /**< of those that are named */
    unsigned unnamed_errors; /**< for want of room: counted by a last line behind the named ones */
};

/** What a configuration is read from, as often as one likes; all borrowed. */
struct hf_config_source {
    const char *path; /**< NULL: no file */
    char **sets;      /**< --set, applied behind the file */
    int set_count;
};

/** Built-in defaults: every parameter, and one instrument DEMO (tick 1, lot 1). */
int hf_config_init(struct hf_config *config);
void hf_config_free(struct hf_config *config);

/** Read a file, or what a pipe has, over the present values. Errors are collected; a file that cannot be
 *  read is one. */
void hf_config_load(struct hf_config *config, const char *path);

/** One "section.name=value", as from --set. */
void hf_config_set(struct hf_config *config, const char *assignment);

/** What depends on several values; call last. Fills in what follows from others: the instance's name from
 *  the file's, the paths from the name, and limits left at a default that is above limits.orders_max. @return false when there is any error */
bool hf_config_check(struct hf_config *config);

/** All of it: defaults, file, --set, checks. @return HF_OK, HF_E_ARGUMENT: there are mistakes, in
 *  config->errors; HF_E_MEMORY. hf_config_free() is due in any case */
int hf_config_read(struct hf_config *config, const struct hf_config_source *source);

/** Whether an order of an instrument can have a valid price: a multiple of the tick lies in the band, whose ends are
 *  in order. Without one nothing can rest in its book. */
bool hf_config_has_price(const struct hf_instrument_info *info);

/** Whether one can have a valid quantity: a lot is not too much. */
bool hf_config_has_quantity(const struct hf_instrument_info *info);

/** Step through instance.admin. @param rest in: config->instance_admin at first; out: behind the name
 *  @param name  receives the name, padded with NUL; cut where it is too long
 *  @return its length as it stands in the list; 0: there are no more */
size_t hf_config_next_admin(const char **rest, char name[HF_NAME_BYTES]);

/** The commented file with the present values. */
void hf_config_print(const struct hf_config *config, FILE *out);

/** Every parameter with range, default and meaning, for a terminal. */
void hf_config_print_help(FILE *out);

/** What a running daemon is told of a configuration that was read again. @param param  hf_params[] of the
 *  table; its text is that of the values @param now, @param wanted  as in a file */
typedef void (*hf_config_change_fn)(void *context, enum hf_param_index param, const char *now,
                                    const char *wanted);

/** Step through the parameters whose values differ, in the order of the table. */
void hf_config_changes(const struct hf_config *now, const struct hf_config *wanted,
                       hf_config_change_fn on_change, void *context);

/** Whether the instruments differ: in number, order or reference data. */
bool hf_config_instruments_changed(const struct hf_config *now, const struct hf_config *wanted);

/** Take over one value, and where it came from. */
void hf_config_take(struct hf_config *config, const struct hf_config *from,
                    enum hf_param_index param);

#endif
