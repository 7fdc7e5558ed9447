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

/** The words of a report of one slot. Whole words, out of registers: a load of what was stored in smaller
 *  parts has to wait for them. */
static inline struct hf_words
hf_emit_words(const struct hf_apply *apply, uint64_t number, const struct hf_report *report)
{
    uint64_t what = (uint64_t)report->type | 1u << 8 | (uint64_t)report->side << 16 |
                    (uint64_t)report->flags << 24 | (uint64_t)report->instrument << 32;
    return (struct hf_words){{{number, apply->lsn},
                              {what, report->client_order_id},
                              {apply->time_ns, report->order_id},
                              {report->quantity, report->leaves}}};
}

/** Number, stamp, fold and hand over a report of one slot whose other fields are set. `owner`: its session, of slot
 *  `session`. */
static HF_ALWAYS_INLINE void
hf_emit_to(const struct hf_apply *apply, struct hf_core_session *owner, uint32_t session,
           const struct hf_report *report)
{
    struct hf_core *core = apply->core;
    struct hf_words words = hf_emit_words(apply, ++owner->last_report, report);
    core->work++;
    hf_digest_fold(&core->digest, session, words);
    const struct hf_report *kept = hf_events_keep_words(core, owner, session, words);
    if (apply->sink != NULL) {
        apply->sink->report(apply->sink->context, session, kept);
    }
    if (HF_UNLIKELY(hf_copy_is_wanted(core, owner))) {
        hf_copy_report(apply, session, kept);
    }
}

/** As hf_emit_to(). */
static HF_ALWAYS_INLINE void
hf_emit(const struct hf_apply *apply, uint32_t session, const struct hf_report *report)
{
    hf_emit_to(apply, &hf_core_sessions(apply->core)[session], session, report);
}

/** A NEW of apply->own passed every check. */
static HF_ALWAYS_INLINE void
hf_emit_accepted(const struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_report report = {
        .type = HF_REPORT_ACCEPTED,
        .side = record->side,
        .instrument = record->instrument,
        .client_order_id = record->client_order_id,
        .price = record->price,
        .quantity = record->quantity,
        .command_seq = apply->command_seq,
    };
    hf_emit_to(apply, apply->own, record->session, &report);
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

static HF_ALWAYS_INLINE void
hf_emit_cancelled_to(const struct hf_apply *apply, struct hf_core_session *owner,
                     const struct hf_cancelled *cancelled)
{
    struct hf_report report = {
        .type = HF_REPORT_CANCELLED,
        .side = (uint8_t)cancelled->side,
        .reason = cancelled->reason,
        .client_order_id = cancelled->client_order_id,
        .order_id = cancelled->order_id,
        .quantity = cancelled->quantity,
        .command_seq = cancelled->command_seq,
    };
    hf_emit_to(apply, owner, cancelled->session, &report);
}

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
