/*
 * session.h - the table of sessions: opened, connected, disconnected and closed by logged records.
 *
 *   free ──OPEN──► connected ◄──CONNECT/DISCONNECT──► disconnected ──CLOSE──► free
 *                      └────────────────CLOSE─────────────────────────────────►
 *
 * OPEN counts as connected: a session is opened for a client that is there. An EPOCH of another boot
 * disconnects all sessions; their orders stay until a DISCONNECT or CLOSE says otherwise. An EPOCH of the
 * same boot is a restart of the daemon, and no disconnect: clients have until a deadline to come back.
 *
 * S1  a deadline runs for connected sessions only; CONNECT ends it, and a further EPOCH of the same boot
 *     does not move it: restarts again and again do not keep a dead client's orders alive
 */
#ifndef HF_CORE_SESSION_H
#define HF_CORE_SESSION_H

#include "core/state.h"

/** Another boot or history: what clients of before have seen ends here. */
void hf_session_leave_all(struct hf_core *core);

/** Whether a field of HF_NAME_BYTES holds a name: 1 to 23 of [A-Za-z0-9_.-] and a NUL. */
bool hf_session_name_is_valid(const char *name);

void hf_session_open(struct hf_apply *apply, const struct hf_record *record);
void hf_session_connect(struct hf_apply *apply, const struct hf_record *record);
void hf_session_disconnect(struct hf_apply *apply, const struct hf_record *record);
void hf_session_close(struct hf_apply *apply, const struct hf_record *record);
void hf_session_disconnect_all(struct hf_core *core);

/** S1: wait for the clients of connected sessions until then. */
void hf_session_await_all(struct hf_core *core, uint64_t until_ns);

#endif
