/* change.c - a configuration that was read again, beside the one that runs. */
#include "config/table.h"

#include <string.h>

#define VALUE_BYTES (HF_CONFIG_STRING_BYTES + 8)

void
hf_config_changes(const struct hf_config *now, const struct hf_config *wanted,
                  hf_config_change_fn on_change, void *context)
{
    char before[VALUE_BYTES];
    char after[VALUE_BYTES];
    for (enum hf_param_index i = 0; i < HF_PARAM_COUNT; i++) {
        hf_param_value(&hf_params[i], now, before, sizeof(before));
        hf_param_value(&hf_params[i], wanted, after, sizeof(after));
        if (strcmp(before, after) != 0) {
            on_change(context, i, before, after);
        }
    }
}

bool
hf_config_instruments_changed(const struct hf_config *now, const struct hf_config *wanted)
{
    if (now->instrument_count != wanted->instrument_count) {
        return true;
    }
    bool changed = false;
    for (size_t i = 0; i < now->instrument_count && !changed; i++) {
        changed =
            memcmp(&now->instruments[i], &wanted->instruments[i], sizeof(now->instruments[i])) != 0;
    }
    return changed;
}

void
hf_config_take(struct hf_config *config, const struct hf_config *from, enum hf_param_index param)
{
    static const size_t bytes[] = {[HF_PARAM_STRING] = HF_CONFIG_STRING_BYTES,
                                   [HF_PARAM_NUMBER] = sizeof(int64_t),
                                   [HF_PARAM_CHOICE] = HF_CONFIG_CHOICE_BYTES};
    size_t offset = hf_params[param].offset;
    memcpy((char *)config + offset, (const char *)from + offset, bytes[hf_params[param].kind]);
    config->places[param] = from->places[param];
}
