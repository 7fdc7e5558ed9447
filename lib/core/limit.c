/* limit.c - limits of sessions, by name (limit.h). */
#include "core/limit.h"

#include <string.h>

static struct hf_limit_entry *
entries_of(const struct hf_core *core)
{
    return hf_core_part(core, core->limits_at);
}

static struct hf_limit_entry *
find(const struct hf_core *core, const char *name)
{
    struct hf_limit_entry *entries = entries_of(core);
    for (uint32_t at = 0; at < core->limited_names; at++) {
        if (strncmp(entries[at].row.name, name, HF_NAME_BYTES) == 0) {
            return &entries[at];
        }
    }
    return NULL;
}

struct hf_limits_row
hf_limit_of(const struct hf_core *core, const char *name)
{
    const struct hf_limit_entry *entry = find(core, name);
    struct hf_limits_row none = {0};
    if (entry != NULL) {
        return entry->row;
    }
    memcpy(none.name, name, strnlen(name, HF_NAME_BYTES - 1));
    return none;
}

static bool
limits_nothing(const struct hf_limits_row *row)
{
    return (row->orders_max | row->rate_max | row->killed) == 0;
}

static void
remove_entry(struct hf_core *core, struct hf_limit_entry *entry)
{
    struct hf_limit_entry *last = &entries_of(core)[--core->limited_names];
    *entry = *last;
    *last = (struct hf_limit_entry){0};
}

bool
hf_limit_set(struct hf_core *core, const struct hf_limits_row *row)
{
    struct hf_limit_entry *entry = find(core, row->name);
    if (limits_nothing(row)) {
        if (entry != NULL) {
            remove_entry(core, entry);
        }
        return true;
    }
    if (entry == NULL) {
        if (core->limited_names == hf_limit_entries(&core->limits)) {
            return false;
        }
        entry = &entries_of(core)[core->limited_names++];
    }
    entry->row = *row;
    return true;
}

void
hf_limit_refresh(const struct hf_core *core, struct hf_core_session *session)
{
    struct hf_limits_row row = hf_limit_of(core, session->name);
    session->orders_max = row.orders_max;
    session->rate_max = row.rate_max;
    session->killed = (uint8_t)row.killed;
}

void
hf_limit_enter(const struct hf_core *core, struct hf_core_session *session)
{
    const struct hf_limit_entry *entry = find(core, session->name);
    if (entry != NULL) {
        session->rate_count = entry->rate_count;
        session->rate_end_ns = entry->rate_end_ns;
    }
    hf_limit_refresh(core, session);
}

void
hf_limit_leave(const struct hf_core *core, const struct hf_core_session *session)
{
    struct hf_limit_entry *entry = find(core, session->name);
    if (entry != NULL) {
        entry->rate_count = session->rate_count;
        entry->rate_end_ns = session->rate_end_ns;
    }
}

bool
hf_core_limits_row(const struct hf_core *core, uint32_t place, struct hf_limits_row *row)
{
    if (place >= core->limited_names) {
        return false;
    }
    *row = entries_of(core)[place].row;
    return true;
}
