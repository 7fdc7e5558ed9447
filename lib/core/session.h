/*
 * session.h - the table of sessions: opened, connected, disconnected and closed by logged records.
 *
 *   free ──OPEN──► connected ◄──CONNECT/DISCONNECT──► disconnected ──CLOSE──► free
 *                      └────────────────CLOSE─────────────────────────────────►
 *
 * OPEN counts as connected: a session is opened for a client that is there. An EPOCH of another boot
 * disconnects all sessions; their orders stay until a DISCONNECT or CLOSE says otherwise.
 */
#ifndef HF_CORE_SESSION_H
#define HF_CORE_SESSION_H

#include "core/state.h"

/** Whether a field of HF_NAME_BYTES holds a name: 1 to 23 of [A-Za-z0-9_.-] and a NUL. */
bool hf_session_name_is_valid(const char *name);

void hf_session_open(struct hf_apply *apply, const struct hf_record *record);
void hf_session_connect(struct hf_apply *apply, const struct hf_record *record);
void hf_session_disconnect(struct hf_apply *apply, const struct hf_record *record);
void hf_session_close(struct hf_apply *apply, const struct hf_record *record);
void hf_session_disconnect_all(struct hf_core *core);

#endif
