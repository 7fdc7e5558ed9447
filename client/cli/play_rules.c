/*
 * play_rules.c - which of the rules that a case depends on Holdfast has, and by which option.
 *
 * A header's `depends` names the rules without which the case comes out differently. The table below is
 * all that is known of them: a case that depends on anything else is not played (it stands in the table
 * of differences, tests/cases/README.md).
 */
#include "cli/play.h"

#include <string.h>

struct rule {
    const char *name;
    const char *value;
    uint32_t flag; /**< the instrument option that makes it so; 0: always so */
};

static const struct rule rules[] = {
    {"replace", "lose", HF_REPLACE_LOSES_PRIORITY},
    {"replace", "keep", 0},
    {"iceberg", "requeue", 0},
    {"iceberg", "keep", HF_ICEBERG_KEEPS_PLACE},
    {"resting_market", "false", 0},   /* the rest of a market order is cancelled */
    {"fok_px", "maker", 0},           /* FOK trades at the makers' prices, as all orders */
    {"stop_entry", "trigger", 0},     /* a stop whose condition holds already enters at once */
    {"stop_none", "rest", 0},         /* without any last price a stop waits */
    {"stop_before_rest", "false", 0}, /* stops enter after the rest of the taker has */
    {"dup", "live", 0},               /* names may be used again once their order has ended */
};

/** The reader has let pass nothing else. */
static const char *
text_of(const json_t *value)
{
    return json_is_true(value) ? "true" : json_is_false(value) ? "false" : json_string_value(value);
}

static const struct rule *
find(const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i].name, name) == 0 && strcmp(rules[i].value, value) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

/** What the header itself declares out of scope. */
static bool
is_out_of_scope(const struct hf_play_case *play_case, char *reason, size_t size)
{
    const json_t *list = json_object_get(play_case->header, "out_of_scope");
    if (json_array_size(list) == 0) {
        return false;
    }
    (void)snprintf(reason, size, "out of scope: %s", text_of(json_array_get(list, 0)));
    return true;
}

bool
hf_play_rules_missing(const struct hf_play_case *play_case, uint32_t *flags, char *reason,
                      size_t size)
{
    const char *name;
    json_t *value;
    bool missing = is_out_of_scope(play_case, reason, size);
    *flags = play_case->is_stream && play_case->has_replace ? HF_REPLACE_LOSES_PRIORITY : 0;
    json_object_foreach(json_object_get(play_case->header, "depends"), name, value)
    {
        const struct rule *rule = find(name, text_of(value));
        if (rule != NULL) {
            *flags |= rule->flag;
        } else if (!missing) {
            (void)snprintf(reason, size, "other rule: %s %s", name, text_of(value));
            missing = true;
        }
    }
    return missing;
}

json_t *
hf_play_rules_depends(uint32_t flags)
{
    json_t *depends = json_object();
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if ((rules[i].flag & flags) != 0 &&
            json_object_set_new(depends, rules[i].name, json_string(rules[i].value)) < 0) {
            json_decref(depends);
            return NULL;
        }
    }
    return depends;
}
