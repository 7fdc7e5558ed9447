/*
 * difference.h - where the configuration and the log differ, although the configuration has seeded it.
 *
 *   configuration ──► hf_config_compare ◄── what the log has (asked for by name)
 *                            │
 *                            ▼
 *                     one difference at a time: the daemon warns of them, `holdfast admin apply` logs them
 *
 * The log wins. It may have more than the configuration, which is no difference: instruments and rights
 * that administrators have added. Flags, limits and phases of instruments stand in no configuration.
 */
#ifndef HF_CONFIG_DIFFERENCE_H
#define HF_CONFIG_DIFFERENCE_H

#include "config/config.h"

#include <holdfast/units.h>

/** What the log has. */
struct hf_config_log {
    void *context;
    /** The instrument of a symbol (HF_SYMBOL_BYTES, padded with NUL); false: there is none */
    bool (*instrument)(void *context, const char *symbol, struct hf_instrument_info *info);
    /** Whether sessions of this name (HF_NAME_BYTES, padded with NUL) have admin rights */
    bool (*is_admin)(void *context, const char *name);
};

enum hf_difference_type {
    HF_DIFFERENCE_ADMIN = 1, /**< of instance.admin, without rights in the log */
    HF_DIFFERENCE_MISSING,   /**< instrument that the log does not have */
    HF_DIFFERENCE_CHANGED,   /**< instrument with other reference data */
};

struct hf_difference {
    enum hf_difference_type type;
    char admin[HF_NAME_BYTES];               /**< ADMIN */
    const struct hf_instrument_info *wanted; /**< else: of the configuration */
    struct hf_instrument_info logged;        /**< CHANGED */
};

/** @return false: enough, the comparison ends */
typedef bool (*hf_difference_fn)(void *context, const struct hf_difference *difference);

/** Hand over every difference: administrators first, then instruments, as they stand in the file. */
void hf_config_compare(const struct hf_config *config, const struct hf_config_log *log,
                       hf_difference_fn on_difference, void *context);

/** Say a difference in words. */
void hf_difference_text(const struct hf_difference *difference, char *text, size_t len_bytes);

#endif
