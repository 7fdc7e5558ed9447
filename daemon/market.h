/*
 * market.h - the market-data ring of an instance: who writes it, and what a start makes of the one that
 * the last daemon left.
 *
 *   engine: apply ──► market event ──► "/holdfast.INSTANCE.md" (shm/broadcast.h) ──► any number of readers
 *
 *   replay: event n ──┬─ n <= last in the ring: equal to its slot, if the ring still holds it   (B1)
 *                     └─ n beyond: kept, and published once the accepted log is durable         (B2)
 *
 * A ring of the same boot is gone on with, so that readers notice nothing of a restart. After a reboot,
 * --abandon-shm, or a change of its length a new one begins behind the last event that replay made.
 */
#ifndef HF_DAEMON_MARKET_H
#define HF_DAEMON_MARKET_H

#include "shm/broadcast.h"

#include <holdfast/market.h>

struct hf_daemon;

struct hf_market_ring {
    struct hf_region region; /**< of an earlier daemon until hf_market_ring_start(), then ours */
    bool left;               /**< an earlier daemon's is there, and belongs to this boot */
    uint64_t last;           /**< number of the last event in it */
    struct hf_market_event *pending; /**< events beyond `last`, the newest of them, by number */
    uint64_t pending_last;           /**< number of the newest; `last`: there is none */
    struct hf_broadcast_writer writer;
};

/** Look for a ring of an earlier daemon, before the replay. @return 0, or a code with daemon->text */
int hf_market_ring_find(struct hf_daemon *daemon);

/** An event that replay made: compare it or keep it. @return 0, or a code with daemon->text */
int hf_market_ring_replayed(struct hf_daemon *daemon, const struct hf_market_event *event);

/** Whether the ring is of the same instance, and its last event. Only meaningful when one was left.
 *  @return 0, or a code with daemon->text */
int hf_market_ring_identify(struct hf_daemon *daemon);

/** Go on with the ring that was found, or make a new one; publish what was kept. The log that made the
 *  events is durable. @return 0, or a code with daemon->text */
int hf_market_ring_start(struct hf_daemon *daemon);

/** Unmap; the object stays. */
void hf_market_ring_release(struct hf_market_ring *ring);

#endif
