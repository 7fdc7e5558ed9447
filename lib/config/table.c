/* table.c - params.h as an array, and its columns in words. */
#include "config/table.h"

#include <string.h>

const struct hf_param hf_params[HF_PARAM_COUNT] = {
#define HF_STRING(section, name, value, unit, when, text)                                          \
    {HF_PARAM_STRING,                                                                              \
     HF_PARAM_##when,                                                                              \
     #section,                                                                                     \
     #name,                                                                                        \
     offsetof(struct hf_config, section##_##name),                                                 \
     0,                                                                                            \
     0,                                                                                            \
     unit,                                                                                         \
     text,                                                                                         \
     value,                                                                                        \
     0},
#define HF_NUMBER(section, name, value, min, max, unit, when, text)                                \
    {HF_PARAM_NUMBER,                                                                              \
     HF_PARAM_##when,                                                                              \
     #section,                                                                                     \
     #name,                                                                                        \
     offsetof(struct hf_config, section##_##name),                                                 \
     min,                                                                                          \
     max,                                                                                          \
     unit,                                                                                         \
     text,                                                                                         \
     NULL,                                                                                         \
     value},
#define HF_CHOICE(section, name, value, choices, when, text)                                       \
    {HF_PARAM_CHOICE,                                                                              \
     HF_PARAM_##when,                                                                              \
     #section,                                                                                     \
     #name,                                                                                        \
     offsetof(struct hf_config, section##_##name),                                                 \
     0,                                                                                            \
     0,                                                                                            \
     choices,                                                                                      \
     text,                                                                                         \
     value,                                                                                        \
     0},
    HF_PARAMS(HF_STRING, HF_NUMBER, HF_CHOICE)
#undef HF_STRING
#undef HF_NUMBER
#undef HF_CHOICE
};

const struct hf_instrument_param hf_instrument_params[HF_INSTRUMENT_PARAM_COUNT] = {
#define HF_FIELD(name, value, text) {#name, offsetof(struct hf_instrument_info, name), value, text},
    HF_INSTRUMENT_PARAMS(HF_FIELD)
#undef HF_FIELD
};

void
hf_param_range(const struct hf_param *param, char *text, size_t len_bytes)
{
    if (param->kind == HF_PARAM_NUMBER) {
        snprintf(text, len_bytes, "%s, %lld to %lld", param->unit, (long long)param->min,
                 (long long)param->max);
    } else {
        snprintf(text, len_bytes, "%s", param->unit);
    }
}

void
hf_param_default(const struct hf_param *param, char *text, size_t len_bytes)
{
    if (param->kind == HF_PARAM_NUMBER) {
        snprintf(text, len_bytes, "%lld", (long long)param->default_number);
    } else {
        snprintf(text, len_bytes, "%s",
                 param->default_text[0] != '\0' ? param->default_text : "empty");
    }
}

void
hf_param_value(const struct hf_param *param, const struct hf_config *config, char *text,
               size_t len_bytes)
{
    const char *value = (const char *)config + param->offset;
    if (param->kind == HF_PARAM_NUMBER) {
        int64_t number;
        memcpy(&number, value, sizeof(number));
        snprintf(text, len_bytes, "%lld", (long long)number);
    } else {
        snprintf(text, len_bytes, "%s", value);
    }
}

const char *
hf_param_when_name(enum hf_param_when when)
{
    static const char *const names[] = {"reload", "restart", "log"};
    return names[when];
}
