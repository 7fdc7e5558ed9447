/*
 * compare.c - what must be equal after every record.
 */
#include "model/rig.h"

#include <inttypes.h>
#include <string.h>

static void
compare_reports(struct rig *rig)
{
    const struct model *model = rig->model;
    const struct rig_heard *heard = &rig->heard;
    for (size_t i = 0; i < heard->slot_count && i < model->slot_count; i++) {
        if (heard->slots[i].session != model->slots[i].session ||
            memcmp(&heard->slots[i].report, &model->slots[i].report, HF_SLOT_BYTES) != 0) {
            rig_fail(rig, "report slot %zu differs", i + 1);
        }
    }
    if (heard->slot_count != model->slot_count) {
        rig_fail(rig, "number of report slots differs");
    }
}

static void
compare_events(struct rig *rig)
{
    const struct model *model = rig->model;
    const struct rig_heard *heard = &rig->heard;
    for (size_t i = 0; i < heard->event_count && i < model->event_count; i++) {
        if (memcmp(&heard->events[i], &model->events[i], sizeof(heard->events[i])) != 0) {
            rig_fail(rig, "market event %zu differs", i + 1);
        }
    }
    if (heard->event_count != model->event_count) {
        rig_fail(rig, "number of market events differs");
    }
}

static const struct model_kept *
kept_at(const struct model *model, uint64_t position)
{
    return &model->kept[position % model->limits.events_max];
}

static bool
is_second_slot(const struct model_kept *kept)
{
    return kept->slot.report.type == HF_REPORT_MORE || kept->slot.report.type == HF_REPORT_COPY;
}

/** Where the same session's next report begins; 0: nowhere yet. */
static uint64_t
next_of(const struct model *model, uint64_t position)
{
    for (uint64_t later = position + 1; later <= model->kept_last; later++) {
        if (kept_at(model, later)->session_id == kept_at(model, position)->session_id &&
            !is_second_slot(kept_at(model, later))) {
            return later;
        }
    }
    return 0;
}

static void
compare_kept(struct rig *rig, uint64_t position)
{
    const struct model *model = rig->model;
    const struct model_kept *kept = kept_at(model, position);
    const struct hf_report *report = &kept->slot.report;
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    unsigned slots = hf_core_event_read(rig->core, position, read);
    if (slots != (is_second_slot(kept) ? 0 : report->slots)) {
        rig_fail(rig, "event at %" PRIu64 ": %u slots", position, slots);
        return;
    }
    for (unsigned i = 0; i < slots; i++) {
        if (memcmp(&read[i], &kept_at(model, position + i)->slot.report, sizeof(read[i])) != 0) {
            rig_fail(rig, "event at %" PRIu64 " differs", position + i);
        }
    }
    if (slots == 0) {
        return;
    }
    if (hf_core_event_next(rig->core, position) != next_of(model, position)) {
        rig_fail(rig, "the event behind that at %" PRIu64 " differs", position);
    }
    bool is_open = model->sessions[kept->slot.session].id == kept->session_id;
    if (is_open && hf_core_event_find(rig->core, kept->slot.session, report->number) != position) {
        rig_fail(rig, "the event at %" PRIu64 " is not found by its number", position);
    }
}

void
rig_compare_event_buffer(struct rig *rig)
{
    uint64_t last = rig->model->kept_last;
    uint64_t capacity = rig->model->limits.events_max;
    uint64_t first = last > capacity ? last - capacity + 1 : 1;
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    if (hf_core_event_first(rig->core) != first || hf_core_event_last(rig->core) != last ||
        hf_core_event_read(rig->core, first - 1, read) != 0 ||
        hf_core_event_read(rig->core, last + 1, read) != 0) {
        rig_fail(rig, "the event buffer reaches from or to another position");
        return;
    }
    for (uint64_t position = first; position <= last; position++) {
        compare_kept(rig, position);
    }
}

/** Reports that answer a command carry its seq; fills and busts have other things in that place. */
static bool
is_answer(const struct hf_report *report, uint64_t seq)
{
    return report->type != HF_REPORT_FILL && report->type != HF_REPORT_BUSTED &&
           report->type != HF_REPORT_MORE && report->type != HF_REPORT_COPY &&
           report->command_seq == seq;
}

const struct hf_report *
rig_answer(const struct rig *rig, size_t *count)
{
    const struct hf_report *answer = NULL;
    *count = 0;
    for (size_t i = 0; i < rig->heard.slot_count; i++) {
        const struct model_slot *slot = &rig->heard.slots[i];
        if (slot->session == rig->record.session && is_answer(&slot->report, rig->model->seq)) {
            answer = &slot->report;
            ++*count;
        }
    }
    return answer;
}

static void
check_that_all_is_answered(struct rig *rig)
{
    size_t count;
    (void)rig_answer(rig, &count);
    if (rig->model->seq != 0 && count != 1) {
        rig_fail(rig, "a command has %zu answers", count);
    }
}

void
rig_compare_outputs(struct rig *rig)
{
    compare_reports(rig);
    compare_events(rig);
    check_that_all_is_answered(rig);
    if (hf_core_digest(rig->core) != hf_core_digest(rig->silent)) {
        rig_fail(rig, "two cores have different digests after the same records");
    }
    for (size_t i = 0; i < rig->heard.event_count; i++) {
        const char *wrong = subscriber_apply(&rig->subscriber, &rig->heard.events[i]);
        if (wrong != NULL) {
            rig_fail(rig, "market event %zu: %s", i + 1, wrong);
        }
    }
}

static void
compare_depth(struct rig *rig, uint32_t instrument, uint32_t side)
{
    struct hf_depth_level core[MODEL_ORDERS_MAX];
    struct hf_depth_level model[MODEL_ORDERS_MAX];
    size_t count = hf_core_depth(rig->core, instrument, side, core, MODEL_ORDERS_MAX);
    if (count != model_depth(rig->model, instrument, side, model, MODEL_ORDERS_MAX)) {
        rig_fail(rig, "instrument %u, side %u: number of levels differs", instrument, side);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (core[i].price != model[i].price || core[i].quantity != model[i].quantity ||
            core[i].orders != model[i].orders) {
            rig_fail(rig,
                     "instrument %u, side %u, level %zu: core %" PRId64 " x %" PRIu64 " (%u),"
                     " model %" PRId64 " x %" PRIu64 " (%u)",
                     instrument, side, i + 1, core[i].price, core[i].quantity, core[i].orders,
                     model[i].price, model[i].quantity, model[i].orders);
        }
    }
}

static bool
orders_are_equal(const struct hf_book_order *a, const struct hf_book_order *b)
{
    return a->order_id == b->order_id && a->client_order_id == b->client_order_id &&
           a->price == b->price && a->quantity == b->quantity && a->shown == b->shown &&
           a->session == b->session && a->account == b->account;
}

static void
compare_queue(struct rig *rig, uint32_t instrument, uint32_t side)
{
    struct hf_book_order core[MODEL_ORDERS_MAX];
    struct hf_book_order model[MODEL_ORDERS_MAX];
    struct subscriber_order seen[MODEL_ORDERS_MAX];
    size_t count = hf_core_orders(rig->core, instrument, side, core, MODEL_ORDERS_MAX);
    if (count != model_queue(rig->model, instrument, side, model, MODEL_ORDERS_MAX)) {
        rig_fail(rig, "instrument %u, side %u: number of orders differs", instrument, side);
        return;
    }
    if (count != subscriber_queue(&rig->subscriber, instrument, side, seen, MODEL_ORDERS_MAX)) {
        rig_fail(rig, "instrument %u, side %u: the subscriber has another number of orders",
                 instrument, side);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!orders_are_equal(&core[i], &model[i])) {
            rig_fail(rig,
                     "instrument %u, side %u, order %zu: core has %" PRIu64 " (%" PRIu64
                     " open, %" PRIu64 " shown), model %" PRIu64 " (%" PRIu64 ", %" PRIu64 ")",
                     instrument, side, i + 1, core[i].order_id, core[i].quantity, core[i].shown,
                     model[i].order_id, model[i].quantity, model[i].shown);
        }
        if (core[i].order_id != seen[i].order_id || core[i].price != seen[i].price ||
            core[i].shown != seen[i].shown) {
            rig_fail(rig,
                     "instrument %u, side %u, order %zu: core has %" PRIu64
                     ", the subscriber %" PRIu64,
                     instrument, side, i + 1, core[i].order_id, seen[i].order_id);
        }
    }
}

static void
compare_instrument(struct rig *rig, uint32_t id)
{
    const struct model_instrument *model = &rig->model->instruments[id];
    struct hf_instrument_info info;
    memset(&info, 0, sizeof(info));
    bool is_there = hf_core_instrument(rig->core, id, &info);
    if (model->phase == 0) {
        if (is_there && info.phase != 0) {
            rig_fail(rig, "instrument %u is removed, but the core still has it", id);
        }
        return;
    }
    if (!is_there || info.id != id || info.flags != model->flags || info.phase != model->phase ||
        memcmp(info.symbol, model->symbol, sizeof(info.symbol)) != 0 || info.tick != model->tick ||
        info.lot != model->lot || info.price_min != model->price_min ||
        info.price_max != model->price_max || info.quantity_max != model->quantity_max ||
        info.collar != model->collar || info.notional_max != model->notional_max) {
        rig_fail(rig, "reference data of instrument %u differs", id);
    }
}

/** Of a removed one the core says nothing any more. */
static void
compare_last_price(struct rig *rig, uint32_t id)
{
    const struct model_instrument *model = &rig->model->instruments[id];
    int64_t core = 0;
    int64_t seen = 0;
    bool has_core = hf_core_last_price(rig->core, id, &core);
    bool has_seen = subscriber_last(&rig->subscriber, id, &seen);
    if (model->phase == 0) {
        return;
    }
    if (has_core != model->has_last || (has_core && core != model->last)) {
        rig_fail(rig, "instrument %u: the last price differs", id);
    }
    if (has_core != has_seen || core != seen) {
        rig_fail(rig, "instrument %u: the subscriber has another last price", id);
    }
}

void
rig_compare_books(struct rig *rig)
{
    uint32_t count = rig->model->instrument_count;
    if (hf_core_instruments(rig->core) != count) {
        rig_fail(rig, "number of instruments differs");
    }
    for (uint32_t id = 1; id <= count; id++) {
        compare_instrument(rig, id);
        compare_last_price(rig, id);
        for (uint32_t side = HF_BUY; side <= HF_SELL; side++) {
            compare_depth(rig, id, side);
            compare_queue(rig, id, side);
        }
    }
}

static void
compare_session(struct rig *rig, uint32_t slot)
{
    const struct model_session *model = &rig->model->sessions[slot];
    const struct hf_core_session *core = hf_core_session(rig->core, slot);
    if (core == NULL || model->id == 0) {
        if ((core == NULL) != (model->id == 0)) {
            rig_fail(rig, "session %u is open in one of the two only", slot);
        }
        return;
    }
    if (core->id != model->id || core->last_seq != model->last_seq ||
        core->last_lsn != model->last_lsn || core->last_report != model->last_report ||
        core->uid != model->uid || core->flags != model->flags ||
        (core->connected != 0) != model->connected || core->grace_until_ns != model->deadline ||
        memcmp(core->name, model->name, sizeof(core->name)) != 0) {
        rig_fail(rig, "facts of session %u differ", slot);
    }
    if (core->open_orders != model_open_orders(rig->model, slot)) {
        rig_fail(rig, "session %u: core counts %u open orders, model %u", slot, core->open_orders,
                 model_open_orders(rig->model, slot));
    }
}

static void
compare_limits(struct rig *rig)
{
    struct hf_limits_row row;
    uint32_t count = 0;
    for (; hf_core_limits_row(rig->core, count, &row); count++) {
        const struct model_limits *model = model_limits(rig->model, row.name);
        if (model == NULL || row.orders_max != model->orders_max || row.rate_max != model->rate ||
            (row.killed != 0) != model->killed) {
            rig_fail(rig, "the limits of %.24s differ", row.name);
        }
    }
    if (count != rig->model->name_limits_count) {
        rig_fail(rig, "core has limits of %u names, model of %u", count,
                 rig->model->name_limits_count);
    }
}

/** Who may open the name that the last record was about. */
static void
compare_claims(struct rig *rig)
{
    const char *name = rig->record.by_name.name;
    for (uint32_t uid = 0; rig->record.type == HF_COMMAND_ENTITLE && uid < 4; uid++) {
        if (hf_core_claim(rig->core, name, uid) != model_claim(rig->model, name, uid)) {
            rig_fail(rig, "core and model differ in whether user %u may have %.24s", uid, name);
        }
    }
}

void
rig_compare_sessions(struct rig *rig)
{
    compare_limits(rig);
    compare_claims(rig);
    for (uint32_t slot = 1; slot <= rig->model->limits.sessions_max; slot++) {
        compare_session(rig, slot);
    }
    if (hf_core_next_expiry(rig->core) != model_next_expiry(rig->model)) {
        rig_fail(rig, "the next expiry differs");
    }
    if (hf_core_lsn(rig->core) != rig->model->lsn ||
        hf_core_time(rig->core) != rig->model->time_ns ||
        hf_core_epoch(rig->core) != rig->model->epoch ||
        hf_core_history(rig->core) != rig->model->history ||
        hf_core_boot(rig->core) != rig->model->boot ||
        hf_core_trades(rig->core) != rig->model->trades ||
        hf_core_market_number(rig->core) != rig->model->event_number ||
        hf_core_open_orders(rig->core) != model_open_orders(rig->model, 0)) {
        rig_fail(rig, "LSN, time, epoch, history, boot, trades or open orders differ");
    }
}
