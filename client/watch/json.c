/* json.c - parts of a look as JSON. */
#include "watch/json.h"

static void
set_real(json_t *object, const char *key, double value)
{
    (void)json_object_set_new(object, key, json_real(value));
}

static json_t *
summary_json(const struct hf_watch_summary *stage)
{
    json_t *object = json_object();
    (void)json_object_set_new(object, "count", json_integer((json_int_t)stage->count));
    set_real(object, "per_second", stage->per_second);
    set_real(object, "mean", stage->mean);
    set_real(object, "p50", stage->p50);
    set_real(object, "p90", stage->p90);
    set_real(object, "p99", stage->p99);
    set_real(object, "p999", stage->p999);
    set_real(object, "max", stage->max);
    return object;
}

json_t *
hf_watch_stages_json(const struct hf_watch_summary stages[HF_WATCH_STAGES])
{
    json_t *object = json_object();
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        (void)json_object_set_new(object, hf_watch_stages[i].name, summary_json(&stages[i]));
    }
    return object;
}
