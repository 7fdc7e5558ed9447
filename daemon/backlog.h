/*
 * backlog.h - reports on their way into the ring, and those that cannot go in now: the ring is full,
 * nobody is attached, or (sync mode) they are not durable yet.
 *
 *   event buffer   ── overwritten ──┤ a │ b │ a │ a │ c │ a │        a's ring takes the oldest of its
 *                                     └─ a's link is behind here      own as soon as it can
 *
 * Nothing is copied: a link remembers where in the event buffer its first report stands that is not in
 * its ring. Where that has been overwritten, there is a *gap*: as soon as the client has released all
 * that is in the ring, the ring restarts at the next report to be produced (hf_report_object.restart),
 * and the client fetches what is between from the gap service (gap.h).
 *
 * The gap is bounded: where it is longer than session.lag_max (and what a list of its open orders takes,
 * or that list could be lost in its turn), the engine logs a LOST record, whose reports are the session's
 * open orders (the first page of them), and the ring restarts at the first of these: nobody fetches what is
 * before. The same record is logged when a client asks for reports of which the log has been removed: the
 * list then follows what the ring has.
 *
 * L1  while a link is behind, later reports follow those before, so that the ring stays in order
 * L2  a link is behind unless every report of its session is in the ring
 * L3  in sync mode no command is taken while reports that are not durable fill more than half of the
 *     event buffer: only one command of very many reports can make a gap of what waits for a flush
 */
#ifndef HF_DAEMON_BACKLOG_H
#define HF_DAEMON_BACKLOG_H

#include "daemon/sequencer.h"

/** Find where a link is behind (L2), from its ring position and the state. Thread: engine, or start */
void hf_backlog_locate(const struct hf_core *core, struct hf_link *link);

/** Move what the ring takes now out of the event buffer into it. @return reports moved, restarts
 *  included */
int64_t hf_backlog_drain(struct hf_sequencer *sequencer, struct hf_link *link);

/** Whether hf_backlog_drain() would move something. */
bool hf_backlog_has_work(const struct hf_sequencer *sequencer, struct hf_link *link);

/** Whether the session may not be read from, because it is behind (E4). */
bool hf_backlog_blocks(const struct hf_sequencer *sequencer, const struct hf_link *link);

/** LSN of the first report that a client may have to fetch from the log, also one that comes back only
 *  later; 0: none has to. Thread: control */
uint64_t hf_backlog_needed_lsn(const struct hf_registry *registry);

/** L3. */
bool hf_backlog_waits_for_flush(struct hf_sequencer *sequencer);

#endif
