/*
 * sequencer.h - the engine thread's stage: take, sequence, apply, report, release.
 *
 *   command ring ──take──► sequence ──► WAL queue          (log before effect)
 *                             │
 *                             ▼
 *                           apply ──► market events ──► market-data ring
 *                             └─────► reports ──► report ring, or later from the event buffer
 *                                                    │
 *                           release the command slot ◄┘
 *
 * E1  a record is published in the WAL queue before it is applied, applied before its reports are
 *     published, and these before the command's slot is released
 * E2  nothing is taken unless the queue has room for it; nothing is ever dropped
 * E3  at most `burst` commands of one session per round, and no more once they have cost its share of
 *     work (core.h: hf_core_work), the first session of a round rotating: a flood from one does not
 *     starve another. What its last command cost above the share is a debt that its shares of the next
 *     rounds pay first: over many rounds each session that wants more gets the same work done,
 *     whatever its commands cost (a deficit round robin). It holds for a drain too. One command is never
 *     parted: the longest is a cancel of all orders of a session (limits.session_orders_max), a kill
 *     switch's or the end of a session's too, and the others wait for it
 * E4  a session that is behind (backlog.h) is not read from (sync mode: when it is behind by more than
 *     a ring full), unless it is being drained for good
 * E5  every word of a client is copied once and the copy is checked
 * E6  while log space is low, a session's commands other than cancels are taken at a bounded rate, the
 *     rest stay in its ring: their rejects are logged too, and must not use up the reserve that is kept
 *     for cancels (a drain is bounded by its ring already)
 * E7  what drains take meanwhile, and what connects and disconnects log, is counted against the same
 *     rate: a session that is too far ahead of it is not to be given back to a client before that time
 *     has passed, or every reconnect would log another ring full of rejects
 */
#ifndef HF_DAEMON_SEQUENCER_H
#define HF_DAEMON_SEQUENCER_H

#include "core/core.h"
#include "daemon/halt.h"
#include "daemon/meter.h"
#include "daemon/registry.h"
#include "daemon/request.h"
#include "daemon/stage.h"
#include "daemon/waker.h"
#include "shm/broadcast.h"
#include "wal/wal.h"

#define HF_DIGEST_RECORDS 1024u
#define HF_DIGEST_IDLE_NS 100000000u
#define HF_TICK_LOOK_NS 1000000u

/** E3: a session's share of a round is `burst` times this. Ordinary commands cost 2 (one comes to rest) to
 *  5 (it trades once, and rests); a burst of them stays within its share. */
#define HF_COMMAND_WORK 8u

/** E6: 100 commands a second, 6.4 kB of log: a reserve of 256 MiB outlasts 64 floods for ten minutes. A
 *  parked engine looks after a heartbeat, which is one window. */
#define HF_LOW_WINDOW_NS 100000000u
#define HF_LOW_COMMANDS 10u
/** E7: how far ahead a session may be, 6000 commands: a client that died with a full ring of the usual
 *  4096 is let in at once, the second time within a minute it is not. */
#define HF_LOW_AHEAD_NS UINT64_C(60000000000)

struct hf_sequencer {
    /* fixed at start */
    struct hf_core *core;
    struct hf_status *status;
    struct hf_halt *halt;
    struct hf_registry *registry;
    struct hf_waker *waker;
    struct hf_broadcast_writer *market; /**< the market-data ring */
    struct hf_stage_bell *writer_bell;
    struct hf_stage_bell *sync_bell;
    enum hf_wal_mode mode;
    uint32_t burst; /**< this and the next: stored relaxed by the control thread (reload.h) */
    uint64_t lag_max;
    /* engine thread */
    struct hf_ring_producer queue;
    const struct hf_link_table *links; /**< of this round */
    struct hf_link **touched;          /**< whose heads must be announced */
    uint32_t touched_count;
    uint64_t market_announced; /**< number up to which the ring's head hint is set */
    uint32_t turn;
    uint64_t durable_event;  /**< position in the event buffer up to which all is durable (L3) */
    uint64_t digest_lsn;     /**< LSN of the last DIGEST record */
    uint64_t last_record_ns; /**< monotonic time of the last record that was no digest */
    uint64_t record_time_ns; /**< time stamp of this burst */
    uint64_t stamped_ns;     /**< monotonic time of the last stamp, or of the first round */
    uint64_t round_ns;       /**< monotonic time of this round; 0: there was none yet */
    bool queue_full;         /**< it was, at the last look */
    bool disk_low;           /**< of this round: staleness of a round is harmless */
    uint64_t expiry_seen_ns; /**< monotonic time of the last look for GTD orders that are due */
    uint64_t commands;
    uint64_t reports;
    uint64_t rejects;
    uint64_t trades_before; /**< of the whole log, when this daemon began */
    struct hf_meter meter;  /**< its page and trace are set at start */
    /* crossing threads */
    struct hf_stage_bell bell __attribute__((aligned(128))); /**< others ring the engine */
    struct hf_request *request;                              /**< control stores, engine clears */
    int control_fd; /**< eventfd, written when a drain has come to its end; -1: nobody waits */
    uint64_t claims_changed; /**< engine stores: hf_core_claims_changed() */
    uint64_t durable_wanted __attribute__((aligned(128))); /**< engine stores, sync thread loads */
};

/** Set up over a core that recovery has built. `queue` is stamped. @return 0 or HF_E_MEMORY */
int hf_sequencer_init(struct hf_sequencer *sequencer, const struct hf_region *queue);
void hf_sequencer_destroy(struct hf_sequencer *sequencer);

/** One round. @return commands, requests and late reports handled. Thread: engine */
int64_t hf_sequencer_do_work(struct hf_sequencer *sequencer, uint64_t now_ns);

/** Whether no session has anything new for the round that comes, as far as few loads show: false also where that
 *  cannot be told by few. Thread: engine */
bool hf_sequencer_is_quiet(const struct hf_sequencer *sequencer);

/** Whether a round would find something; for the last look before sleeping. Thread: engine */
bool hf_sequencer_has_work(struct hf_sequencer *sequencer);

/** Log and apply one of the daemon's own records: all but lsn, time and crc are the caller's.
 *  @return 0, or HF_AGAIN: the queue has no room now. Thread: engine, or recovery before it starts */
int hf_sequencer_append(struct hf_sequencer *sequencer, struct hf_record *record,
                        struct hf_record *more);

/** E7: one record was logged for this session. Thread: engine */
void hf_sequencer_charge_low(const struct hf_sequencer *sequencer, struct hf_link *link);

/** E7: how long this session is not to be given back to a client; 0: it may be. Thread: engine */
uint64_t hf_sequencer_low_wait_ns(const struct hf_sequencer *sequencer, const struct hf_link *link);

/** Post a request and wait until the engine has executed it. Thread: control
 *  @return request->code; HF_E_HALTED when the engine will not answer any more */
int hf_sequencer_ask(struct hf_sequencer *sequencer, struct hf_request *request);

/** Bring what the status page shows of the books up to date: reference data, open orders.
 *  Thread: engine, or start */
void hf_sequencer_publish_books(struct hf_sequencer *sequencer);

/** Put one report into its session's ring, or note that it has to wait (backlog.h). For the state
 *  machine's sink. */
void hf_sequencer_report(void *context, uint32_t session, const struct hf_report *report);

#endif
