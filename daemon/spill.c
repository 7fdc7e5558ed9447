/* spill.c - a growing queue of reports. */
#include "daemon/spill.h"

#include "base/panic.h"

#include <stdlib.h>
#include <string.h>

#define SPILL_SLOTS_START 1024u /* 64 KiB */

static bool
grow(struct hf_spill *spill)
{
    uint64_t capacity = spill->capacity == 0 ? SPILL_SLOTS_START : spill->capacity * 2;
    struct hf_report *slots = malloc(capacity * sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    for (uint64_t at = spill->first; at != spill->end; at++) {
        slots[at & (capacity - 1)] = spill->slots[at & (spill->capacity - 1)];
    }
    free(spill->slots);
    spill->slots = slots;
    spill->capacity = capacity;
    return true;
}

bool
hf_spill_push(struct hf_spill *spill, const struct hf_report *report, uint64_t count_max)
{
    if (hf_spill_count(spill) + report->slots > count_max) {
        return false;
    }
    if (hf_spill_count(spill) + report->slots > spill->capacity && !grow(spill)) {
        return false;
    }
    for (unsigned i = 0; i < report->slots; i++) {
        spill->slots[spill->end++ & (spill->capacity - 1)] = report[i];
    }
    return true;
}

bool
hf_spill_front(const struct hf_spill *spill, struct hf_report slots[HF_MESSAGE_SLOTS_MAX])
{
    if (hf_spill_count(spill) == 0) {
        return false;
    }
    slots[0] = spill->slots[spill->first & (spill->capacity - 1)];
    if (slots[0].slots == 2) {
        slots[1] = spill->slots[(spill->first + 1) & (spill->capacity - 1)];
    }
    return true;
}

void
hf_spill_pop(struct hf_spill *spill, unsigned slots)
{
    HF_ASSERT("L1", slots <= hf_spill_count(spill));
    spill->first += slots;
}

void
hf_spill_free(struct hf_spill *spill)
{
    free(spill->slots);
    memset(spill, 0, sizeof(*spill));
}
