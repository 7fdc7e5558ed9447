/* json.h - parts of a look as JSON, for holdfast status and the exporter. */
#ifndef HF_WATCH_JSON_H
#define HF_WATCH_JSON_H

#include "watch/look.h"

#include <jansson.h>

/** Stages by name: count, per_second, mean, p50, p90, p99, p999, max, in base units. New reference. */
json_t *hf_watch_stages_json(const struct hf_watch_summary stages[HF_WATCH_STAGES]);

#endif
