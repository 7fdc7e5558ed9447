/*
 * emit.c - the reports that are made in more than one place, or of two slots.
 */
#include "core/emit.h"

void
hf_emit_cancelled(const struct hf_apply *apply, const struct hf_cancelled *cancelled)
{
    hf_emit_cancelled_to(apply, &hf_core_sessions(apply->core)[cancelled->session], cancelled);
}

void
hf_emit_rejected(const struct hf_apply *apply, uint32_t session, uint32_t command_type,
                 uint64_t client_order_id, uint32_t reason)
{
    struct hf_report report = {
        .type = HF_REPORT_REJECTED,
        .command_type = (uint8_t)command_type,
        .reason = reason,
        .client_order_id = client_order_id,
        .command_seq = apply->command_seq,
    };
    hf_emit(apply, session, &report);
}

void
hf_emit_pair(const struct hf_apply *apply, uint32_t session, struct hf_report_pair *pair)
{
    struct hf_core *core = apply->core;
    struct hf_core_session *owner = &hf_core_sessions(core)[session];
    pair->report.number = ++owner->last_report;
    pair->report.lsn = apply->lsn;
    pair->report.time_ns = apply->time_ns;
    pair->report.slots = 2;
    pair->more.number = ++owner->last_report;
    pair->more.lsn = apply->lsn;
    pair->more.type = HF_REPORT_MORE;
    core->work += 2;
    hf_digest_fold_bytes(&core->digest, session, &pair->report);
    hf_digest_fold_bytes(&core->digest, session, &pair->more);
    hf_events_keep(core, session, &pair->report);
    if (apply->sink != NULL) {
        apply->sink->report(apply->sink->context, session, &pair->report);
    }
    if (HF_UNLIKELY(hf_copy_is_wanted(core, owner))) {
        hf_copy_report(apply, session, &pair->report);
    }
}

void
hf_emit_done(const struct hf_apply *apply, const struct hf_record *record, uint32_t instrument,
             uint64_t count)
{
    struct hf_report report = {
        .type = HF_REPORT_DONE,
        .command_type = record->type,
        .instrument = instrument,
        .quantity = count,
        .command_seq = apply->command_seq,
    };
    hf_emit(apply, record->session, &report);
}
