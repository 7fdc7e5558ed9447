/* oracle_market.c - the market-data ring against the oracle's own events (oracle.h: O8). */
#include "sim/oracle_internal.h"

#include "sim/disk.h"
#include "sim/world.h"

#include "shm/broadcast.h"

#include <holdfast/market.h>
#include <string.h>

#define EVENTS_MAX 16384u

static struct hf_market_event events[EVENTS_MAX]; /**< by number: what the records give */
static uint64_t given;                            /**< the last of them */
static uint64_t seen;                             /**< the last one that was in the ring */
static uint64_t ring_boot, ring_epoch;            /**< of the ring that was seen */

void
oracle_market_reset(void)
{
    given = 0;
}

void
oracle_market_forget_ring(void)
{
    ring_boot = ring_epoch = 0;
    seen = 0;
}

void
oracle_market_event(void *context, const struct hf_market_event *event)
{
    (void)context;
    if (event->number >= EVENTS_MAX) {
        sim_violation("more market events than the simulator can remember");
    }
    events[event->number] = *event;
    given = event->number;
}

/** A new ring: after a power cut, or the first one. */
static void
follow(const struct hf_broadcast_object *ring)
{
    if (ring->boot != ring_boot || ring->epoch != ring_epoch) {
        ring_boot = ring->boot;
        ring_epoch = ring->epoch;
        seen = ring->first_number - 1;
    }
}

void
oracle_market_observe(void)
{
    const struct inode *inode = disk_find(DISK_SHM, "holdfast.sim.md");
    if (inode == NULL || inode->len_bytes == 0) {
        return;
    }
    const struct hf_broadcast_object *ring = (const void *)inode->cache;
    const struct hf_market_event *slots = (const void *)(inode->cache + HF_BROADCAST_SLOTS_OFFSET);
    if (ring->magic != HF_BROADCAST_MAGIC) {
        return;
    }
    follow(ring);
    for (;;) {
        const struct hf_market_event *slot = &slots[(seen + 1) & (ring->slots - 1)];
        if (slot->number != seen + 1) {
            break;
        }
        if (seen + 1 > given || memcmp(slot, &events[seen + 1], sizeof(*slot)) != 0) {
            sim_violation("O8: market event %llu is not what the records give (%llu events)",
                          (unsigned long long)slot->number, (unsigned long long)given);
        }
        seen++;
    }
}

bool
oracle_market_is_complete(void)
{
    return seen == given;
}
