/*
 * many.c - mass cancels, expiry, and the list of open orders.
 */
#include "core/many.h"

#include "core/alter.h"
#include "core/emit.h"
#include "core/resting.h"

static bool
matches(const struct hf_core *core, const struct hf_filter *filter, uint32_t index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    if ((filter->side != 0 && order->side != filter->side) ||
        (filter->has_account && order->account != filter->account) ||
        (order->flags & filter->flags) != filter->flags) {
        return false;
    }
    const struct hf_book *book = hf_alter_book(core, index);
    return (filter->instrument == 0 || book->id == filter->instrument) &&
           !(filter->spare_closed && book->phase == HF_PHASE_CLOSED);
}

uint64_t
hf_many_cancel_session(struct hf_apply *apply, uint32_t session, const struct hf_filter *filter,
                       uint32_t reason)
{
    struct hf_core *core = apply->core;
    uint64_t count = 0;
    for (uint32_t index = hf_core_sessions(core)[session].last_order; index != 0;) {
        uint32_t newer = hf_core_order_pool(core)[index].session_prev;
        core->work++;
        if (matches(core, filter, index)) {
            hf_alter_cancel(apply, index, reason, 0);
            count++;
        }
        index = newer;
    }
    return count;
}

uint64_t
hf_many_cancel(struct hf_apply *apply, const struct hf_filter *filter, uint32_t reason)
{
    uint64_t count = 0;
    for (uint32_t slot = 1; slot <= apply->core->sessions_high; slot++) {
        count += hf_many_cancel_session(apply, slot, filter, reason);
    }
    return count;
}

void
hf_many_mass_cancel(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_filter filter = {
        .instrument = record->instrument,
        .account = record->account,
        .has_account = record->account != 0,
        .side = record->side,
        .spare_closed = true,
    };
    uint64_t count =
        hf_many_cancel_session(apply, record->session, &filter, HF_REASON_MASS_CANCELLED);
    hf_emit_done(apply, record, 0, count);
}

static void
report_order(const struct hf_apply *apply, uint32_t index)
{
    const struct hf_core *core = apply->core;
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    const struct hf_extra *extra = hf_extra_of(core, index);
    bool waits = (order->flags & HF_ORDER_STOP) != 0;
    uint64_t open = hf_alter_open(core, index);
    struct hf_report_pair pair = {
        .report = {.type = HF_REPORT_ORDER,
                   .side = order->side,
                   .instrument = hf_alter_book(core, index)->id,
                   .client_order_id = order->client_order_id,
                   .quantity = open},
        .more = {.order_id = order->order_id,
                 .total = order->executed + open,
                 .executed = order->executed,
                 .stop_price = waits ? extra->stop_price : 0},
    };
    if (!waits) {
        pair.report.price = hf_core_level_pool(core)[order->level].price;
    } else if (extra->order_type == HF_STOP_LIMIT) {
        pair.report.price = extra->limit;
    }
    hf_emit_pair(apply, order->session, &pair);
}

/** The oldest order of a session that is newer than an order, which need not live any more. */
static uint32_t
first_behind(struct hf_core *core, uint32_t session, uint64_t order_id)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    uint32_t index = hf_resting_find_order_id(core, order_id);
    if (index != 0 && pool[index].session == session) {
        return pool[index].session_prev;
    }
    index = hf_core_sessions(core)[session].last_order;
    while (index != 0 && pool[index].order_id <= order_id) {
        index = pool[index].session_prev;
        core->work++;
    }
    return index;
}

/** A page of the session's list. DONE names the last order of it when there are more. */
static void
list(struct hf_apply *apply, const struct hf_record *record, uint64_t behind, uint64_t most)
{
    const struct hf_order *pool = hf_core_order_pool(apply->core);
    struct hf_report done = {
        .type = HF_REPORT_DONE, .command_type = record->type, .command_seq = apply->command_seq};
    uint32_t index = first_behind(apply->core, record->session, behind);
    uint64_t last = 0;
    for (; index != 0 && done.quantity < most; index = pool[index].session_prev) {
        report_order(apply, index);
        last = pool[index].order_id;
        done.quantity++;
    }
    done.order_id = index != 0 ? last : 0;
    hf_emit(apply, record->session, &done);
}

void
hf_many_list(struct hf_apply *apply, const struct hf_record *record)
{
    bool less = record->quantity != 0 && record->quantity < HF_OPEN_ORDERS_MAX;
    list(apply, record, record->client_order_id, less ? record->quantity : HF_OPEN_ORDERS_MAX);
}

void
hf_many_list_lost(struct hf_apply *apply, const struct hf_record *record)
{
    list(apply, record, 0, HF_OPEN_ORDERS_MAX);
}

void
hf_many_expire(struct hf_apply *apply)
{
    const struct hf_core *core = apply->core;
    for (uint32_t index = hf_extra_first_to_expire(core);
         index != 0 && hf_extra_of(core, index)->expire_ns <= apply->time_ns;
         index = hf_extra_first_to_expire(core)) {
        hf_alter_cancel(apply, index, HF_REASON_EXPIRED, 0);
    }
}
