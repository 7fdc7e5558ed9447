/*
 * session.c - the daemon's own records: sessions come and go, the instance starts, time passes.
 */
#include "model/model.h"

#include <string.h>

void
model_open(struct model *model)
{
    struct model_session *session = &model->sessions[model->session];
    *session = (struct model_session){.id = model->record_lsn,
                                      .last_lsn = model->record_lsn,
                                      .uid = model->record.open.uid,
                                      .flags = model->record.open.flags,
                                      .client_uid = model->record.open.uid,
                                      .client_flags = model->record.open.flags,
                                      .connected = true};
    memcpy(session->name, model->record.open.name, sizeof(session->name));
    const struct model_limits *limits = model_limits(model, session->name);
    if (limits != NULL) { /* a new life does not begin a new second */
        session->second = limits->second;
        session->messages = limits->messages;
    }
}

void
model_connect(struct model *model)
{
    struct model_session *session = &model->sessions[model->record.session];
    session->connected = true;
    session->deadline = 0;
    session->client_uid = model->record.open.uid;
    session->client_flags = model->record.open.flags;
}

void
model_disconnect(struct model *model)
{
    struct model_session *session = &model->sessions[model->session];
    session->connected = false;
    session->deadline = 0;
    if ((session->flags & HF_SESSION_CANCEL_ON_DISCONNECT) != 0) {
        (void)model_cancel_fitting(model, model->session, 0, 0, HF_REASON_DISCONNECTED);
    }
}

void
model_close(struct model *model)
{
    const struct model_session *session = &model->sessions[model->session];
    (void)model_cancel_fitting(model, model->session, 0, 0, HF_REASON_CLOSED);
    struct model_limits *limits = model_limits(model, session->name);
    if (limits != NULL) {
        limits->second = session->second;
        limits->messages = session->messages;
    }
    model->sessions[model->session] = (struct model_session){.id = 0};
}

/** Time and grace together, as far as a clock of 64 bits goes. */
static uint64_t
deadline_of(const struct model *model)
{
    __extension__ unsigned __int128 sum =
        (unsigned __int128)model->time_ns + (uint64_t)model->record.epoch.grace_ms * 1000000u;
    return sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

/** A tail was lost, and trading waits until somebody has looked at it. */
static void
halt_what_trades(struct model *model)
{
    for (uint32_t id = 1; id <= model->instrument_count; id++) {
        struct model_instrument *instrument = &model->instruments[id];
        if (instrument->phase == HF_PHASE_OPEN || instrument->phase == HF_PHASE_PRE_OPEN) {
            model_set_phase(model, instrument, HF_PHASE_HALTED);
        }
    }
}

/** Another boot: no client of before lives. The same: each has the grace time once. */
void
model_epoch(struct model *model)
{
    for (uint32_t slot = 1; slot <= model->limits.sessions_max; slot++) {
        struct model_session *session = &model->sessions[slot];
        if (model->boot != model->record.epoch.boot) {
            session->connected = false;
            session->deadline = 0;
        } else if (session->connected && session->deadline == 0) {
            session->deadline = deadline_of(model);
        }
    }
    model->epoch = model->record.epoch.epoch;
    model->history = model->record.epoch.history;
    model->boot = model->record.epoch.boot;
    if (model->record.flags == HF_EPOCH_HALTS) {
        halt_what_trades(model);
    }
}

/** The order that expires next: by its time, then by its id. */
static struct model_order *
next_to_expire(struct model *model)
{
    struct model_order *next = NULL;
    for (size_t i = 0; i < model->order_count; i++) {
        struct model_order *order = &model->orders[i];
        if (order->state != MODEL_DEAD && order->time_in_force == HF_GTD &&
            order->expire_ns <= model->time_ns &&
            (next == NULL || order->expire_ns < next->expire_ns)) {
            next = order;
        }
    }
    return next;
}

void
model_tick(struct model *model)
{
    for (struct model_order *order = next_to_expire(model); order != NULL;
         order = next_to_expire(model)) {
        model_cancel(model, order, HF_REASON_EXPIRED, 0);
    }
}
