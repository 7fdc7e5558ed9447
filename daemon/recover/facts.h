/*
 * facts.h - what a state machine holds, thing by thing: each as one flat JSON object, so that two can be
 * compared field by field.
 */
#ifndef HF_RECOVER_FACTS_H
#define HF_RECOVER_FACTS_H

#include "core/core.h"

#include <jansson.h>

/* All return the caller's object, and what is not there (a free slot, an unknown number) as NULL. */

json_t *hf_facts_state(const struct hf_core *core); /**< numbering, digest, sums, capacities */
json_t *hf_facts_instrument(const struct hf_core *core, uint32_t id);
json_t *hf_facts_session(const struct hf_core *core, uint32_t slot);
json_t *hf_facts_account(const struct hf_core *core, uint32_t account);
json_t *hf_facts_limits(const struct hf_limits_row *row);
json_t *hf_facts_level(const struct hf_depth_level *level);
json_t *hf_facts_order(const struct hf_core *core, uint64_t order_id);

#endif
