/*
 * entitle.c - grants and revokes of entitlements.
 */
#include "core/entitle.h"

#include <string.h>

static struct hf_entitlement_entry *
entries_of(const struct hf_core *core)
{
    return hf_core_part(core, core->entitlements_at);
}

static bool
is_entry(const struct hf_entitlement_entry *entry, const char *name, uint32_t kind, uint32_t id)
{
    return entry->kind == kind && entry->id == id && strncmp(entry->name, name, HF_NAME_BYTES) == 0;
}

static uint64_t
hash_of(const struct hf_core *core, const char *name, uint32_t kind, uint32_t id)
{
    char padded[HF_NAME_BYTES] = {0};
    uint64_t word[3];
    memcpy(padded, name, strnlen(name, HF_NAME_BYTES));
    memcpy(word, padded, sizeof(word));
    uint64_t hash = hf_mix(word[0] ^ core->ids.key[0], word[1] ^ core->ids.key[1]);
    return hf_mix(hash ^ word[2], ((uint64_t)kind << 32 | id) ^ core->ids.key[0]);
}

/** Where the position + 1 of an entry stands in the index, or the empty place where it would. */
static uint32_t *
index_entry(const struct hf_core *core, const char *name, uint32_t kind, uint32_t id)
{
    uint32_t *index = hf_core_part(core, core->entitlement_index_at);
    uint32_t count = hf_entitle_index_entries(&core->limits);
    uint32_t at = (uint32_t)((hash_of(core, name, kind, id) >> 32) * count >> 32);
    while (index[at] != 0 && !is_entry(&entries_of(core)[index[at] - 1], name, kind, id)) {
        at = at + 1 == count ? 0 : at + 1;
    }
    return &index[at];
}

bool
hf_entitle_has(const struct hf_core *core, const char *name, uint32_t kind, uint32_t id)
{
    return core->entitlements != 0 && *index_entry(core, name, kind, id) != 0;
}

bool
hf_entitle_grant(struct hf_core *core, const char *name, uint32_t kind, uint32_t id)
{
    uint32_t *index = index_entry(core, name, kind, id);
    if (*index != 0) {
        return true;
    }
    if (core->entitlements == core->limits.entitlements_max) {
        return false;
    }
    struct hf_entitlement_entry *entry = &entries_of(core)[core->entitlements++];
    *entry = (struct hf_entitlement_entry){.id = id, .kind = kind};
    memcpy(entry->name, name, strnlen(name, HF_NAME_BYTES - 1));
    *index = core->entitlements;
    core->claims_changed += kind == HF_ENTITLE_USER;
    return true;
}

static void
rebuild_index(struct hf_core *core)
{
    const struct hf_entitlement_entry *entries = entries_of(core);
    memset(hf_core_part(core, core->entitlement_index_at), 0,
           hf_entitle_index_entries(&core->limits) * sizeof(uint32_t));
    for (uint32_t at = 0; at < core->entitlements; at++) {
        *index_entry(core, entries[at].name, entries[at].kind, entries[at].id) = at + 1;
    }
}

void
hf_entitle_revoke(struct hf_core *core, const char *name, uint32_t kind, uint32_t id)
{
    uint32_t at = core->entitlements == 0 ? 0 : *index_entry(core, name, kind, id);
    if (at != 0) {
        struct hf_entitlement_entry *entries = entries_of(core);
        entries[at - 1] = entries[--core->entitlements];
        entries[core->entitlements] = (struct hf_entitlement_entry){0};
        rebuild_index(core);
        core->claims_changed += kind == HF_ENTITLE_USER;
    }
}

bool
hf_entitle_is_clients(const struct hf_core *core, const struct hf_core_session *session)
{
    return session->client_trusted ||
           hf_entitle_has(core, session->name, HF_ENTITLE_USER, session->client_uid);
}

void
hf_entitle_refresh(const struct hf_core *core, struct hf_core_session *session)
{
    bool is_clients = core->entitlements != 0 && hf_entitle_is_clients(core, session);
    struct hf_entitlement_entry *entries = entries_of(core);
    session->admin = session->accounts_listed = session->instruments_listed = 0;
    session->grouped = 0;
    session->copy_entry = 0;
    for (uint32_t at = 0; at < core->entitlements; at++) {
        if (strncmp(entries[at].name, session->name, HF_NAME_BYTES) == 0) {
            session->admin |= entries[at].kind == HF_ENTITLE_ADMIN && is_clients;
            session->accounts_listed |= entries[at].kind == HF_ENTITLE_ACCOUNT;
            session->instruments_listed |= entries[at].kind == HF_ENTITLE_INSTRUMENT;
            session->grouped |= entries[at].kind == HF_ENTITLE_GROUP;
            if (entries[at].kind == HF_ENTITLE_DROP_COPY && is_clients) {
                entries[at].next = session->copy_entry;
                session->copy_entry = at + 1;
            }
        }
    }
}

bool
hf_core_entitlement(const struct hf_core *core, uint32_t place, struct hf_entitlement_row *row)
{
    if (place >= core->entitlements) {
        return false;
    }
    const struct hf_entitlement_entry *entry = &entries_of(core)[place];
    *row = (struct hf_entitlement_row){.kind = entry->kind, .id = entry->id};
    memcpy(row->name, entry->name, sizeof(row->name));
    return true;
}

enum hf_core_claim
hf_core_claim(const struct hf_core *core, const char *name, uint32_t uid)
{
    const struct hf_entitlement_entry *entries = entries_of(core);
    enum hf_core_claim claim = HF_CLAIM_FREE;
    if (hf_entitle_has(core, name, HF_ENTITLE_USER, uid)) {
        return HF_CLAIM_GRANTED;
    }
    for (uint32_t at = 0; at < core->entitlements; at++) {
        if (strncmp(entries[at].name, name, HF_NAME_BYTES) != 0) {
            continue;
        }
        if (entries[at].kind == HF_ENTITLE_USER) {
            return HF_CLAIM_OTHERS;
        }
        if (entries[at].kind == HF_ENTITLE_ADMIN || entries[at].kind == HF_ENTITLE_DROP_COPY) {
            claim = HF_CLAIM_RESERVED;
        }
    }
    return claim;
}

uint64_t
hf_core_claims_changed(const struct hf_core *core)
{
    return core->claims_changed;
}

bool
hf_core_is_admin(const struct hf_core *core, const char *name)
{
    return hf_entitle_has(core, name, HF_ENTITLE_ADMIN, 0);
}
