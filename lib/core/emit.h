/*
 * emit.h - reports on their way out: numbered, stamped, folded into the running digest, kept in the
 * event buffer, handed to the sink.
 *
 * E2  what a session's client may have seen was produced: present_report, absent_report <= last_report
 * E1  every byte of a report is set, so that a replay makes equal bytes
 */
#ifndef HF_CORE_EMIT_H
#define HF_CORE_EMIT_H

#include "core/copy.h"
#include "core/digest.h"
#include "core/events.h"

/** Number, stamp, fold and hand over a report whose other fields are set. */
static inline void
hf_emit(const struct hf_apply *apply, uint32_t session, struct hf_report *report)
{
    struct hf_core *core = apply->core;
    report->number = ++hf_core_sessions(core)[session].last_report;
    report->lsn = apply->lsn;
    report->time_ns = apply->time_ns;
    report->slots = 1;
    core->work++;
    core->digest = hf_digest_fold(core->digest, session, report);
    hf_events_keep(core, session, report);
    if (apply->sink != NULL) {
        apply->sink->report(apply->sink->context, session, report);
    }
    if (HF_UNLIKELY(hf_copy_is_wanted(core, session))) {
        hf_copy_report(apply, session, report);
    }
}

/** An order whose open rest is gone. */
struct hf_cancelled {
    uint64_t order_id;
    uint64_t client_order_id;
    uint64_t quantity;
    uint64_t command_seq; /**< 0: nobody asked */
    uint32_t session;
    uint32_t side;
    uint32_t reason;
};

void hf_emit_cancelled(const struct hf_apply *apply, const struct hf_cancelled *cancelled);

/** A refused command of a session, its seq being the session's last. */
void hf_emit_rejected(const struct hf_apply *apply, uint32_t session, uint32_t command_type,
                      uint64_t client_order_id, uint32_t reason);

/** A report of two slots; the caller sets what differs from report to report. */
struct hf_report_pair {
    struct hf_report report;
    struct hf_report_more more;
};

/** As hf_emit(), for two slots. */
void hf_emit_pair(const struct hf_apply *apply, uint32_t session, struct hf_report_pair *pair);

/** DONE: a command of a session that is no order was carried out; `count` orders were concerned. */
void hf_emit_done(const struct hf_apply *apply, const struct hf_record *record, uint32_t instrument,
                  uint64_t count);

#endif
