/*
 * drain.h - the last of a client: what it has published up to now is sequenced, then nothing of it is read.
 *
 *   control: FREEZE ──► engine: capture the head ─► round by round the session's share (E3) ─► head reached:
 *                                                   frozen ── `drained`, event ──► control: DISCONNECT, CLOSE, or
 *                                                                                  the next client
 *
 * A drain is bounded in slots, not in work: a ring full of commands that each look at a whole book takes
 * minutes. So it is a state of the link, and nobody waits for it but who wants that session.
 *
 * F1  what was published when the drain began is sequenced, and no more. A client that takes back what it had
 *     published, or loses its object, ends its drain
 * F2  a link that is not being drained stays frozen until it is attached again
 */
#ifndef HF_DAEMON_DRAIN_H
#define HF_DAEMON_DRAIN_H

#include "daemon/link.h"

#include <stdbool.h>

/** Capture the head. Thread: engine */
void hf_drain_begin(struct hf_link *link);

/** Whether all is sequenced that is to be. Thread: engine */
bool hf_drain_is_over(const struct hf_link *link);

/** Freeze the link, note how far its client has read, and tell the control thread. Thread: engine */
void hf_drain_end(struct hf_link *link);

#endif
