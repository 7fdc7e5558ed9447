/* difference.c - where the configuration and the log differ. */
#include "config/difference.h"

#include <inttypes.h>
#include <string.h>

static bool
same_instrument(const struct hf_instrument_info *a, const struct hf_instrument_info *b)
{
    return a->tick == b->tick && a->lot == b->lot && a->price_min == b->price_min &&
           a->price_max == b->price_max && a->quantity_max == b->quantity_max;
}

/** @return false: the receiver has enough */
static bool
compare_admins(const struct hf_config *config, const struct hf_config_log *log,
               hf_difference_fn on_difference, void *context)
{
    const char *rest = config->instance_admin;
    struct hf_difference difference = {.type = HF_DIFFERENCE_ADMIN};
    while (hf_config_next_admin(&rest, difference.admin) > 0) {
        if (!log->is_admin(log->context, difference.admin) &&
            !on_difference(context, &difference)) {
            return false;
        }
    }
    return true;
}

/** @return false: the receiver has enough */
static bool
compare_instrument(const struct hf_instrument_info *wanted, const struct hf_config_log *log,
                   hf_difference_fn on_difference, void *context)
{
    struct hf_difference difference = {.type = HF_DIFFERENCE_CHANGED, .wanted = wanted};
    if (!log->instrument(log->context, wanted->symbol, &difference.logged)) {
        difference.type = HF_DIFFERENCE_MISSING;
    } else if (same_instrument(wanted, &difference.logged)) {
        return true;
    }
    return on_difference(context, &difference);
}

void
hf_config_compare(const struct hf_config *config, const struct hf_config_log *log,
                  hf_difference_fn on_difference, void *context)
{
    bool go_on = compare_admins(config, log, on_difference, context);
    for (size_t i = 0; go_on && i < config->instrument_count; i++) {
        go_on = compare_instrument(&config->instruments[i], log, on_difference, context);
    }
}

/** One value that differs, behind what is there already. */
static void
append_value(char *text, size_t len_bytes, const char *name, int64_t logged, int64_t wanted)
{
    size_t used = strlen(text);
    if (logged != wanted) {
        (void)snprintf(text + used, len_bytes - used,
                       " %s %" PRId64 " (configuration: %" PRId64 ")", name, logged, wanted);
    }
}

void
hf_difference_text(const struct hf_difference *difference, char *text, size_t len_bytes)
{
    const struct hf_instrument_info *wanted = difference->wanted;
    const struct hf_instrument_info *logged = &difference->logged;
    switch (difference->type) {
    case HF_DIFFERENCE_ADMIN:
        (void)snprintf(text, len_bytes, "session '%s' has no admin rights in the log",
                       difference->admin);
        return;
    case HF_DIFFERENCE_MISSING:
        (void)snprintf(text, len_bytes, "instrument '%s' is not in the log", wanted->symbol);
        return;
    case HF_DIFFERENCE_CHANGED:
        (void)snprintf(text, len_bytes, "instrument '%s' has in the log", wanted->symbol);
        append_value(text, len_bytes, "tick", logged->tick, wanted->tick);
        append_value(text, len_bytes, "lot", (int64_t)logged->lot, (int64_t)wanted->lot);
        append_value(text, len_bytes, "price_min", logged->price_min, wanted->price_min);
        append_value(text, len_bytes, "price_max", logged->price_max, wanted->price_max);
        append_value(text, len_bytes, "quantity_max", (int64_t)logged->quantity_max,
                     (int64_t)wanted->quantity_max);
        return;
    }
}
