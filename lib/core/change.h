/*
 * change.h - commands that name a live order: cancel, replace, reduce.
 */
#ifndef HF_CORE_CHANGE_H
#define HF_CORE_CHANGE_H

#include "core/state.h"

void hf_change_cancel(struct hf_apply *apply, const struct hf_record *record);
void hf_change_replace(struct hf_apply *apply, const struct hf_record *record);
void hf_change_reduce(struct hf_apply *apply, const struct hf_record *record);

#endif
