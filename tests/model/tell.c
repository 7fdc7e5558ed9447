/*
 * tell.c - what the model says: reports numbered per session, market events numbered per instance.
 *
 * Whatever is not set is zero. Session 0 is the daemon: nobody reads its reports, so there are none.
 */
#include "model/model.h"

#include "base/panic.h"

#include <stdlib.h>
#include <string.h>

static void *
room_for_one_more(void *array, size_t count, size_t *capacity, size_t bytes)
{
    if (count < *capacity) {
        return array;
    }
    *capacity = *capacity == 0 ? 64 : 2 * *capacity;
    array = realloc(array, *capacity * bytes);
    HF_ASSERT("the test has memory", array != NULL);
    return array;
}

static void
append_slot(struct model *model, uint32_t session, const void *slot)
{
    model->slots = room_for_one_more(model->slots, model->slot_count, &model->slot_capacity,
                                     sizeof(*model->slots));
    struct model_slot *last = &model->slots[model->slot_count++];
    last->session = session;
    memcpy(&last->report, slot, sizeof(last->report));
    model->kept[++model->kept_last % model->limits.events_max] =
        (struct model_kept){.session_id = model->sessions[session].id, .slot = *last};
}

/** Whether D (by its slot) is to see what S gets: some group has S in it, and D gets that group's copies. */
static bool
gets_copies(const struct model *model, uint32_t copier, uint32_t session)
{
    const struct model_session *d = &model->sessions[copier];
    const struct model_session *s = &model->sessions[session];
    if (copier == session || d->id == 0 || !model_has_its_rights(model, copier)) {
        return false;
    }
    for (uint32_t i = 0; i < model->entitlement_count; i++) {
        const struct model_entitlement *gets = &model->entitlements[i];
        for (uint32_t j = 0; j < model->entitlement_count; j++) {
            const struct model_entitlement *is_in = &model->entitlements[j];
            if (gets->kind == HF_ENTITLE_DROP_COPY && is_in->kind == HF_ENTITLE_GROUP &&
                gets->value == is_in->value && strcmp(gets->name, d->name) == 0 &&
                strcmp(is_in->name, s->name) == 0) {
                return true;
            }
        }
    }
    return false;
}

/** The same report, as the next two of another session's. */
static void
tell_copy(struct model *model, uint32_t copier, uint32_t session, const struct hf_report *report,
          const struct hf_report_more *more)
{
    struct hf_report first = *report;
    struct hf_report_copy second = {
        .original_number = report->number, .type = HF_REPORT_COPY, .session = session};
    if (more != NULL) {
        memcpy(&second.order_id, &more->order_id, sizeof(second) - 24); /* these fields lie alike */
    }
    first.slots = 2;
    first.number = ++model->sessions[copier].last_report;
    second.number = ++model->sessions[copier].last_report;
    append_slot(model, copier, &first);
    append_slot(model, copier, &second);
}

void
model_tell_report(struct model *model, uint32_t session, struct hf_report *report,
                  struct hf_report_more *more)
{
    if (session == 0) {
        return;
    }
    report->slots = more == NULL ? 1 : 2;
    report->number = ++model->sessions[session].last_report;
    report->lsn = model->record_lsn;
    report->time_ns = model->time_ns;
    append_slot(model, session, report);
    if (more != NULL) {
        more->number = ++model->sessions[session].last_report;
        more->lsn = model->record_lsn;
        more->type = HF_REPORT_MORE;
        append_slot(model, session, more);
    }
    for (uint32_t copier = 1; copier <= model->limits.sessions_max; copier++) {
        if (gets_copies(model, copier, session)) {
            tell_copy(model, copier, session, report, more);
        }
    }
}

void
model_tell_market(struct model *model, struct hf_market_event event)
{
    event.number = ++model->event_number;
    event.lsn = model->record_lsn;
    event.time_ns = model->time_ns;
    model->events = room_for_one_more(model->events, model->event_count, &model->event_capacity,
                                      sizeof(*model->events));
    model->events[model->event_count++] = event;
}

void
model_tell_market_order(struct model *model, uint8_t type, const struct model_order *order,
                        uint64_t quantity, uint8_t flags)
{
    model_tell_market(model, (struct hf_market_event){.type = type,
                                                      .side = order->side,
                                                      .flags = flags,
                                                      .instrument = order->instrument,
                                                      .order_id = order->order_id,
                                                      .price = order->price,
                                                      .quantity = quantity});
}

void
model_tell_execute(struct model *model, const struct model_order *order, uint64_t quantity,
                   uint8_t flags)
{
    bool shows_nothing = order->shown == quantity; /* it is told before it happens */
    model_tell_market(
        model, (struct hf_market_event){.type = HF_MARKET_EXECUTE,
                                        .side = order->side,
                                        .flags = shows_nothing ? HF_MARKET_GONE | flags : flags,
                                        .instrument = order->instrument,
                                        .order_id = order->order_id,
                                        .price = order->price,
                                        .quantity = quantity,
                                        .trade_index = model->trade_index});
}

void
model_tell_accepted(struct model *model, const struct model_order *order)
{
    struct hf_report report = {.type = HF_REPORT_ACCEPTED,
                               .side = order->side,
                               .instrument = order->instrument,
                               .client_order_id = order->client_order_id,
                               .price = order->price,
                               .quantity = order->open,
                               .command_seq = model->seq};
    model_tell_report(model, order->session, &report, NULL);
}

/** The type byte of the command, and the client order id if it is one that has one. */
static void
describe_command(const struct model *model, struct hf_report *report)
{
    const struct hf_record *record = &model->record;
    report->command_type = record->type;
    switch (record->type) {
    case HF_RECORD_REFUSED:
        report->command_type = (uint8_t)record->refused.command_type;
        report->client_order_id = record->refused.client_order_id;
        break;
    case HF_COMMAND_NEW:
    case HF_COMMAND_CANCEL:
    case HF_COMMAND_REPLACE:
    case HF_COMMAND_REDUCE:
        report->client_order_id = record->client_order_id;
        break;
    default:
        break;
    }
}

void
model_tell_rejected(struct model *model, uint32_t reason)
{
    struct hf_report report = {
        .type = HF_REPORT_REJECTED, .reason = reason, .command_seq = model->seq};
    describe_command(model, &report);
    model_tell_report(model, model->session, &report, NULL);
}

void
model_tell_done(struct model *model, uint64_t quantity, uint32_t instrument)
{
    struct hf_report report = {.type = HF_REPORT_DONE,
                               .command_type = model->record.type,
                               .instrument = instrument,
                               .quantity = quantity,
                               .command_seq = model->seq};
    model_tell_report(model, model->session, &report, NULL);
}

void
model_tell_fill(struct model *model, const struct model_order *order, uint64_t quantity,
                int64_t price, uint8_t flags)
{
    struct hf_report report = {.type = HF_REPORT_FILL,
                               .side = order->side,
                               .flags = flags,
                               .trade_index = model->trade_index,
                               .client_order_id = order->client_order_id,
                               .price = price,
                               .quantity = quantity,
                               .leaves = order->open};
    model_tell_report(model, order->session, &report, NULL);
}

void
model_tell_cancelled(struct model *model, const struct model_order *order, uint64_t quantity,
                     uint32_t reason, uint64_t command_seq)
{
    struct hf_report report = {.type = HF_REPORT_CANCELLED,
                               .side = order->side,
                               .reason = reason,
                               .client_order_id = order->client_order_id,
                               .order_id = order->order_id,
                               .quantity = quantity,
                               .command_seq = command_seq};
    model_tell_report(model, order->session, &report, NULL);
}

void
model_tell_reduced(struct model *model, const struct model_order *order, uint64_t command_seq)
{
    struct hf_report report = {.type = HF_REPORT_REDUCED,
                               .side = order->side,
                               .instrument = order->instrument,
                               .client_order_id = order->client_order_id,
                               .order_id = order->order_id,
                               .quantity = order->open,
                               .command_seq = command_seq};
    model_tell_report(model, order->session, &report, NULL);
}

void
model_tell_triggered(struct model *model, const struct model_order *order)
{
    struct hf_report report = {.type = HF_REPORT_TRIGGERED,
                               .side = order->side,
                               .instrument = order->instrument,
                               .client_order_id = order->client_order_id,
                               .order_id = order->order_id,
                               .quantity = order->open};
    model_tell_report(model, order->session, &report, NULL);
}

static void
tell_whole_order(struct model *model, const struct model_order *order, uint8_t type,
                 uint64_t previous, uint64_t command_seq)
{
    struct hf_report report = {.type = type,
                               .side = order->side,
                               .instrument = order->instrument,
                               .client_order_id = order->client_order_id,
                               .price = order->price,
                               .quantity = order->open,
                               .command_seq = command_seq};
    struct hf_report_more more = {.order_id = order->order_id,
                                  .previous_client_order_id = previous,
                                  .total = order->executed + order->open,
                                  .executed = order->executed};
    if (order->state == MODEL_WAITING) {
        more.stop_price = order->stop_price;
    }
    model_tell_report(model, order->session, &report, &more);
}

void
model_tell_replaced(struct model *model, const struct model_order *order, uint64_t previous)
{
    tell_whole_order(model, order, HF_REPORT_REPLACED, previous, model->seq);
}

void
model_tell_order(struct model *model, const struct model_order *order)
{
    tell_whole_order(model, order, HF_REPORT_ORDER, 0, 0);
}
