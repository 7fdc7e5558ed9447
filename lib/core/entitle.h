/*
 * entitle.h - what sessions may do, and who may open them, by name: a table of (name, kind, id).
 *
 *   entries   dense array                       index   hash table of positions, rebuilt on a revoke
 *
 * With no entry of a kind a name may use every account and instrument; with one or more, only those
 * listed. Admin rights need an entry.
 *
 * Who opens a session is the daemon's to decide, by hf_core_claim(). But ADMIN and DROP_COPY are given to a
 * name while somebody may already hold it: they count as long as the last client of the session is a user's
 * whom a USER entry of the name lists, or root's, or the daemon's own user's.
 *
 * N1  the index finds each entry, and holds nothing else
 * N2  an open session's flags accounts_listed, instruments_listed and grouped are those of its name; admin
 *     too, if the name's rights are its client's
 */
#ifndef HF_CORE_ENTITLE_H
#define HF_CORE_ENTITLE_H

#include "core/state.h"

struct hf_entitlement_entry {
    char name[HF_NAME_BYTES];
    uint32_t id;
    uint32_t kind; /**< enum hf_entitlement */
    uint32_t next; /**< DROP_COPY: the next one of the same name (copy.h): position + 1; 0: none */
};

static inline uint32_t
hf_entitle_index_entries(const struct hf_engine_limits *limits)
{
    return 2 * limits->entitlements_max;
}

bool hf_entitle_has(const struct hf_core *core, const char *name, uint32_t kind, uint32_t id);

/** Add an entry; one that is there stays. @return false: the table is full */
bool hf_entitle_grant(struct hf_core *core, const char *name, uint32_t kind, uint32_t id);

/** Remove an entry, if it is there. */
void hf_entitle_revoke(struct hf_core *core, const char *name, uint32_t kind, uint32_t id);

/** Whether ADMIN and DROP_COPY of its name count for the client of a session. */
bool hf_entitle_is_clients(const struct hf_core *core, const struct hf_core_session *session);

/** Bring the flags of the open session of this name up to date, and its chain of DROP_COPY entries. */
void hf_entitle_refresh(const struct hf_core *core, struct hf_core_session *session);

#endif
