/*
 * model.c - the model from outside: create it, give it records, look at its books.
 */
#include "model/model.h"

#include "base/panic.h"

#include <stdlib.h>
#include <string.h>

static void *
zeroed(size_t count, size_t bytes)
{
    void *memory = calloc(count, bytes);
    HF_ASSERT("the test has memory", memory != NULL);
    return memory;
}

struct model *
model_create(const struct hf_engine_limits *limits)
{
    struct model *model = zeroed(1, sizeof(*model));
    model_reset(model, limits);
    return model;
}

static void
free_tables(struct model *model)
{
    free(model->orders);
    free(model->sessions);
    free(model->instruments);
    free(model->accounts);
    free(model->entitlements);
    free(model->name_limits);
    free(model->kept);
}

void
model_destroy(struct model *model)
{
    free_tables(model);
    free(model->slots);
    free(model->events);
    free(model);
}

void
model_reset(struct model *model, const struct hf_engine_limits *limits)
{
    free_tables(model);
    struct model fresh = {.limits = *limits,
                          .slots = model->slots,
                          .slot_capacity = model->slot_capacity,
                          .events = model->events,
                          .event_capacity = model->event_capacity};
    *model = fresh;
    /* One order more than fits: the one that is just taking. */
    model->orders = zeroed(limits->orders_max + (size_t)1, sizeof(*model->orders));
    model->sessions = zeroed(limits->sessions_max + (size_t)1, sizeof(*model->sessions));
    model->instruments = zeroed(limits->instruments_max + (size_t)1, sizeof(*model->instruments));
    model->accounts = zeroed(limits->accounts_max, sizeof(*model->accounts));
    model->entitlements = zeroed(limits->entitlements_max, sizeof(*model->entitlements));
    model->name_limits = zeroed(limits->entitlements_max, sizeof(*model->name_limits));
    model->kept = zeroed(limits->events_max, sizeof(*model->kept));
}

static bool
session_is_open(const struct model *model, uint32_t session)
{
    return session > 0 && session <= model->limits.sessions_max && model->sessions[session].id != 0;
}

static bool
may_open(const struct model *model, const struct hf_record *record)
{
    if (record->session == 0 || record->session > model->limits.sessions_max) {
        return false;
    }
    for (uint32_t slot = 1; slot <= model->limits.sessions_max; slot++) {
        const struct model_session *other = &model->sessions[slot];
        if (other->id != 0 &&
            (slot == record->session || strcmp(other->name, record->open.name) == 0)) {
            return false;
        }
    }
    return model_name_is_valid(record->open.name);
}

bool
model_may_apply(const struct model *model, const struct hf_record *record)
{
    bool is_admin_type =
        record->type >= HF_COMMAND_INSTRUMENT_ADD && record->type <= HF_COMMAND_REFERENCE;
    switch (record->type) {
    case HF_RECORD_OPEN:
        return may_open(model, record);
    case HF_RECORD_CONNECT:
    case HF_RECORD_DISCONNECT:
    case HF_RECORD_CLOSE:
    case HF_RECORD_REFUSED:
        return session_is_open(model, record->session);
    case HF_RECORD_LOST:
        return session_is_open(model, record->session) && record->lost.first >= 1 &&
               record->lost.first <= record->lost.last &&
               record->lost.last <= model->sessions[record->session].last_report;
    default:
        return record->type > HF_COMMAND_REFERENCE || session_is_open(model, record->session) ||
               (is_admin_type && record->session == 0);
    }
}

/** A client's slots get their seqs, and its command counts as one message of its second. */
static void
take_from_session(struct model *model)
{
    const struct hf_record *record = &model->record;
    struct model_session *session = &model->sessions[record->session];
    bool is_clients = record->type <= HF_COMMAND_REFERENCE || record->type == HF_RECORD_REFUSED;
    if (!is_clients || record->session == 0) {
        return;
    }
    model->seq = session->last_seq + 1;
    session->last_seq +=
        record->type == HF_RECORD_REFUSED ? record->refused.command_slots : record->slots;
    session->last_lsn = record->lsn + record->slots - 1u;
    uint64_t second = record->time_ns / 1000000000u;
    if (second != session->second) {
        session->second = second;
        session->messages = 0;
    }
    session->messages++;
}

static void
dispatch(struct model *model)
{
    switch (model->record.type) {
    case HF_COMMAND_NEW:
        model_new(model);
        break;
    case HF_COMMAND_CANCEL:
        model_command_cancel(model);
        break;
    case HF_COMMAND_REPLACE:
        model_command_replace(model);
        break;
    case HF_COMMAND_REDUCE:
        model_command_reduce(model);
        break;
    case HF_COMMAND_MASS_CANCEL:
        model_command_mass_cancel(model);
        break;
    case HF_COMMAND_OPEN_ORDERS:
        model_command_open_orders(model);
        break;
    case HF_RECORD_EPOCH:
        model_epoch(model);
        break;
    case HF_RECORD_OPEN:
        model_open(model);
        break;
    case HF_RECORD_CONNECT:
        model_connect(model);
        break;
    case HF_RECORD_DISCONNECT:
        model_disconnect(model);
        break;
    case HF_RECORD_CLOSE:
        model_close(model);
        break;
    case HF_RECORD_REFUSED:
        model_tell_rejected(model, model->record.refused.reason);
        break;
    case HF_RECORD_LOST: /* the list of its orders, asked for by nobody */
        model_lost(model);
        break;
    case HF_RECORD_TICK:
        model_tick(model);
        break;
    case HF_RECORD_GENESIS:
    case HF_RECORD_DIGEST:
    case HF_RECORD_STOP:
        break;
    default:
        model_admin(model);
    }
}

static void
forget_the_dead(struct model *model)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        if (model->orders[i].state != MODEL_DEAD) {
            model->orders[kept++] = model->orders[i];
        }
    }
    model->order_count = kept;
}

void
model_apply(struct model *model, const struct hf_record *record, const struct hf_record *more)
{
    model->lsn = record->lsn + (more != NULL);
    model->time_ns = record->time_ns;
    model->record = *record;
    memset(&model->record_more, 0, sizeof(model->record_more));
    if (more != NULL) {
        model->record_more = *more;
    }
    memcpy(&model->command, &model->record, sizeof(model->command));
    memcpy(&model->more, &model->record_more, sizeof(model->more));
    model->record_lsn = record->lsn;
    model->session = record->session;
    model->seq = 0;
    model->trade_index = 0;
    model->slot_count = 0;
    model->event_count = 0;
    for (uint32_t id = 1; id <= model->instrument_count; id++) {
        model->instruments[id].stops_may_go = false;
    }
    take_from_session(model);
    dispatch(model);
    forget_the_dead(model);
}

uint32_t
model_open_orders(const struct model *model, uint32_t session)
{
    uint32_t count = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        count += order->state != MODEL_DEAD && (session == 0 || order->session == session);
    }
    return count;
}

uint64_t
model_next_expiry(const struct model *model)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        if (order->time_in_force == HF_GTD && order->expire_ns < next) {
            next = order->expire_ns;
        }
    }
    return next;
}

size_t
model_queue(const struct model *model, uint32_t instrument, uint32_t side,
            struct hf_book_order *orders, size_t capacity)
{
    const struct model_order *sorted[MODEL_ORDERS_MAX];
    size_t count = model_sorted(model, instrument, side, sorted, MODEL_ORDERS_MAX);
    count = count < capacity ? count : capacity;
    for (size_t i = 0; i < count; i++) {
        orders[i] = (struct hf_book_order){.order_id = sorted[i]->order_id,
                                           .client_order_id = sorted[i]->client_order_id,
                                           .price = sorted[i]->price,
                                           .quantity = sorted[i]->open,
                                           .shown = sorted[i]->shown,
                                           .session = sorted[i]->session,
                                           .account = sorted[i]->account};
    }
    return count;
}

size_t
model_depth(const struct model *model, uint32_t instrument, uint32_t side,
            struct hf_depth_level *levels, size_t capacity)
{
    const struct model_order *sorted[MODEL_ORDERS_MAX];
    size_t count = model_sorted(model, instrument, side, sorted, MODEL_ORDERS_MAX);
    size_t level = 0;
    for (size_t i = 0; i < count; i++) {
        if (level == 0 || levels[level - 1].price != sorted[i]->price) {
            if (level == capacity) {
                break;
            }
            levels[level++] = (struct hf_depth_level){.price = sorted[i]->price};
        }
        levels[level - 1].quantity += sorted[i]->shown;
        levels[level - 1].orders++;
    }
    return level;
}
