/*
 * session.c - sessions come, connect, disconnect and go.
 */
#include "core/session.h"

#include "core/copy.h"
#include "core/entitle.h"
#include "core/limit.h"
#include "core/many.h"

#include <string.h>

static bool
is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}

bool
hf_session_name_is_valid(const char *name)
{
    size_t length = strnlen(name, HF_NAME_BYTES);
    if (length == 0 || length == HF_NAME_BYTES) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!is_name_byte(name[i])) {
            return false;
        }
    }
    return true;
}

const struct hf_core_session *
hf_core_session(const struct hf_core *core, uint32_t slot)
{
    if (slot == 0 || slot > core->limits.sessions_max) {
        return NULL;
    }
    const struct hf_core_session *session = &hf_core_sessions(core)[slot];
    return session->id != 0 ? session : NULL;
}

uint32_t
hf_core_session_find(const struct hf_core *core, const char *name)
{
    const struct hf_core_session *sessions = hf_core_sessions(core);
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        if (sessions[slot].id != 0 && strncmp(sessions[slot].name, name, HF_NAME_BYTES) == 0) {
            return slot;
        }
    }
    return 0;
}

uint32_t
hf_core_session_free(const struct hf_core *core)
{
    const struct hf_core_session *sessions = hf_core_sessions(core);
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        if (sessions[slot].id == 0) {
            return slot;
        }
    }
    return core->sessions_high < core->limits.sessions_max ? core->sessions_high + 1 : 0;
}

/** Of OPEN or CONNECT: whose client it is. */
static void
set_client(struct hf_core_session *session, const struct hf_record *record)
{
    session->client_uid = record->open.uid;
    session->client_trusted =
        record->open.uid == 0 || (record->open.flags & HF_SESSION_OF_DAEMON) != 0;
}

void
hf_session_open(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core_session *session = &hf_core_sessions(apply->core)[record->session];
    HF_ASSERT("C2", session->id == 0);
    *session = (struct hf_core_session){
        .id = record->lsn,
        .last_lsn = record->lsn,
        .uid = record->open.uid,
        .flags = record->open.flags,
        .connected = 1,
        .present = 1,
        .client_lsn = record->lsn,
    };
    memcpy(session->name, record->open.name, strnlen(record->open.name, HF_NAME_BYTES - 1));
    set_client(session, record);
    hf_entitle_refresh(apply->core, session);
    hf_limit_enter(apply->core, session);
    if (record->session > apply->core->sessions_high) {
        apply->core->sessions_high = record->session;
    }
    hf_copy_refresh(apply->core);
}

/** The client of a session is gone: what it may have seen ends here. */
static void
leave(struct hf_core_session *session)
{
    if (session->present != 0 && session->last_report > session->present_report) {
        session->absent_report = session->last_report;
    }
    session->present = 0;
}

uint64_t
hf_core_session_next_shown(const struct hf_core_session *session)
{
    bool seen = session->present != 0 && session->last_report > session->present_report;
    return (seen ? session->last_report : session->absent_report) + 1;
}

void
hf_session_leave_all(struct hf_core *core)
{
    struct hf_core_session *sessions = hf_core_sessions(core);
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        leave(&sessions[slot]);
    }
}

void
hf_session_connect(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core_session *session = &hf_core_sessions(apply->core)[record->session];
    session->connected = 1;
    session->grace_until_ns = 0;
    leave(session); /* a takeover: the one who comes has seen nothing yet */
    session->present = 1;
    session->client_lsn = record->lsn;
    session->present_report = session->last_report;
    set_client(session, record);
    hf_entitle_refresh(apply->core, session);
    hf_copy_refresh(apply->core);
}

void
hf_session_disconnect(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core_session *session = &hf_core_sessions(apply->core)[record->session];
    struct hf_filter all = {0};
    session->connected = 0;
    session->grace_until_ns = 0;
    leave(session);
    if ((session->flags & HF_SESSION_CANCEL_ON_DISCONNECT) != 0) {
        hf_many_cancel_session(apply, record->session, &all, HF_REASON_DISCONNECTED);
    }
}

void
hf_session_close(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_filter all = {0};
    struct hf_core_session *session = &hf_core_sessions(apply->core)[record->session];
    hf_many_cancel_session(apply, record->session, &all, HF_REASON_CLOSED);
    hf_limit_leave(apply->core, session);
    *session = (struct hf_core_session){0};
    hf_copy_refresh(apply->core);
}

void
hf_session_disconnect_all(struct hf_core *core)
{
    struct hf_core_session *sessions = hf_core_sessions(core);
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        sessions[slot].connected = 0;
        sessions[slot].grace_until_ns = 0;
    }
}

void
hf_session_await_all(struct hf_core *core, uint64_t until_ns)
{
    struct hf_core_session *sessions = hf_core_sessions(core);
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        if (sessions[slot].connected != 0 && sessions[slot].grace_until_ns == 0) {
            sessions[slot].grace_until_ns = until_ns;
        }
    }
}
