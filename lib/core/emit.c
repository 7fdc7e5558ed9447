/*
 * emit.c - the reports that are made in more than one place, or of two slots.
 */
#include "core/emit.h"

void
hf_emit_cancelled(const struct hf_apply *apply, const struct hf_cancelled *cancelled)
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
    hf_emit(apply, cancelled->session, &report);
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
        .command_seq = hf_core_sessions(apply->core)[session].last_seq,
    };
    hf_emit(apply, session, &report);
}

void
hf_emit_replaced(const struct hf_apply *apply, const struct hf_order *order, uint32_t instrument,
                 int64_t price, uint64_t previous_client_order_id)
{
    struct hf_core *core = apply->core;
    struct hf_core_session *session = &hf_core_sessions(core)[order->session];
    struct {
        struct hf_report report;
        struct hf_report_more more;
    } slots = {
        .report = {.number = session->last_report + 1,
                   .lsn = apply->lsn,
                   .type = HF_REPORT_REPLACED,
                   .slots = 2,
                   .side = order->side,
                   .instrument = instrument,
                   .client_order_id = order->client_order_id,
                   .time_ns = apply->time_ns,
                   .price = price,
                   .quantity = order->open,
                   .command_seq = session->last_seq},
        .more = {.number = session->last_report + 2,
                 .lsn = apply->lsn,
                 .type = HF_REPORT_MORE,
                 .order_id = order->order_id,
                 .previous_client_order_id = previous_client_order_id,
                 .total = order->executed + order->open,
                 .executed = order->executed},
    };
    session->last_report += 2;
    core->digest = hf_digest_fold(core->digest, order->session, &slots.report);
    core->digest = hf_digest_fold(core->digest, order->session, &slots.more);
    if (apply->sink != NULL) {
        apply->sink->report(apply->sink->context, order->session, &slots.report);
    }
}
