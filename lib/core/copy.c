/* copy.c - drop copy (copy.h). */
#include "core/copy.h"

#include "core/digest.h"
#include "core/entitle.h"
#include "core/events.h"

static const struct hf_entitlement_entry *
entries_of(const struct hf_core *core)
{
    return hf_core_part(core, core->entitlements_at);
}

static bool
shares_a_group(const struct hf_core *core, const struct hf_core_session *copier,
               const struct hf_core_session *session)
{
    const struct hf_entitlement_entry *entries = entries_of(core);
    for (uint32_t at = copier->copy_entry; at != 0; at = entries[at - 1].next) {
        if (hf_entitle_has(core, session->name, HF_ENTITLE_GROUP, entries[at - 1].id)) {
            return true;
        }
    }
    return false;
}

/** The two slots of a copy: the original's first slot, and what its second one says. */
static void
make_copy(struct hf_report copy[HF_MESSAGE_SLOTS_MAX], uint32_t session,
          const struct hf_report *report)
{
    struct hf_report_copy second = {
        .original_number = report->number, .type = HF_REPORT_COPY, .session = session};
    if (report->slots == 2) {
        const struct hf_report_more *more = (const struct hf_report_more *)(const void *)&report[1];
        second.order_id = more->order_id;
        second.previous_client_order_id = more->previous_client_order_id;
        second.total = more->total;
        second.executed = more->executed;
        second.stop_price = more->stop_price;
    }
    copy[0] = *report;
    copy[0].slots = 2;
    memcpy(&copy[1], &second, sizeof(second));
}

static void
emit_copy(const struct hf_apply *apply, uint32_t copier, struct hf_report *copy)
{
    struct hf_core *core = apply->core;
    struct hf_core_session *owner = &hf_core_sessions(core)[copier];
    for (unsigned i = 0; i < HF_MESSAGE_SLOTS_MAX; i++) {
        copy[i].number = ++owner->last_report;
        hf_digest_fold_bytes(&core->digest, copier, &copy[i]);
    }
    core->work += HF_MESSAGE_SLOTS_MAX;
    hf_events_keep(core, copier, copy);
    if (apply->sink != NULL) {
        apply->sink->report(apply->sink->context, copier, copy);
    }
}

void
hf_copy_report(const struct hf_apply *apply, uint32_t session, const struct hf_report *report)
{
    const struct hf_core *core = apply->core;
    const struct hf_core_session *sessions = hf_core_sessions(core);
    struct hf_report copy[HF_MESSAGE_SLOTS_MAX];
    for (uint32_t copier = core->first_copier; copier != 0; copier = sessions[copier].next_copier) {
        if (copier != session && shares_a_group(core, &sessions[copier], &sessions[session])) {
            make_copy(copy, session, report);
            emit_copy(apply, copier, copy);
        }
    }
}

void
hf_copy_refresh(struct hf_core *core)
{
    struct hf_core_session *sessions = hf_core_sessions(core);
    uint32_t *link = &core->first_copier;
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        if (sessions[slot].copy_entry != 0) { /* revokes move entries: its chain may be broken */
            hf_entitle_refresh(core, &sessions[slot]);
        }
        sessions[slot].next_copier = 0;
        if (sessions[slot].copy_entry != 0) {
            *link = slot;
            link = &sessions[slot].next_copier;
        }
    }
    *link = 0;
}
