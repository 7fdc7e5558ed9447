/* market.c - the market-data ring over a start: found, compared, gone on with or made anew. */
#include "daemon/daemon.h"

#include "base/log.h"
#include "base/planted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
damaged(struct hf_daemon *daemon, const char *what)
{
    return hf_start_failed(daemon, HF_E_CORRUPT,
                           "the market-data ring /dev/shm%s %s; copy it, then --abandon-shm to go "
                           "on from the log",
                           daemon->market.region.name, what);
}

/** Forget a ring that is nobody's: its name is free for a new one. */
static void
discard(struct hf_market_ring *ring)
{
    hf_region_unlink(ring->region.name);
    hf_region_detach(&ring->region);
}

/** The ring is mapped: whether it is one, and of this boot. */
static int
examine(struct hf_daemon *daemon)
{
    struct hf_market_ring *ring = &daemon->market;
    const struct hf_broadcast_object *object = ring->region.base;
    int code = hf_broadcast_check(&ring->region);
    if (code == HF_E_UNKNOWN) {
        discard(ring); /* its maker died in it: nobody has ever seen it */
        return HF_OK;
    }
    if (code == HF_E_VERSION) {
        return hf_start_failed(daemon, code,
                               "the market-data ring /dev/shm%s was made by another release: use "
                               "its binary, or --abandon-shm after a clean stop",
                               ring->region.name);
    }
    if (code == HF_OK && object->boot != daemon->boot) {
        discard(ring);
        return HF_OK;
    }
    if (code != HF_OK || hf_broadcast_last(&ring->region, &ring->last) != HF_OK) {
        return damaged(daemon, "is damaged");
    }
    ring->pending = calloc(object->slots, sizeof(*ring->pending));
    if (ring->pending == NULL) {
        return hf_start_failed(daemon, HF_E_MEMORY, "out of memory");
    }
    ring->pending_last = ring->last;
    ring->left = true;
    return HF_OK;
}

int
hf_market_ring_find(struct hf_daemon *daemon)
{
    char name[HF_REGION_NAME_BYTES];
    hf_broadcast_name(name, daemon->config.instance_name);
    int code = hf_region_open(&daemon->market.region, name, true);
    if (code == HF_E_UNKNOWN) {
        return HF_OK;
    }
    if (code == HF_E_CORRUPT) { /* empty: its maker died before it had a size */
        hf_region_unlink(name);
        return HF_OK;
    }
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "cannot open /dev/shm%s: %s", name, strerror(errno));
    }
    return examine(daemon);
}

int
hf_market_ring_replayed(struct hf_daemon *daemon, const struct hf_market_event *event)
{
    struct hf_market_ring *ring = &daemon->market;
    if (!ring->left) {
        return HF_OK; /* nobody of this boot has seen any event */
    }
    if (event->number > ring->last) {
        const struct hf_broadcast_object *object = ring->region.base;
        ring->pending[event->number & (object->slots - 1)] = *event;
        ring->pending_last = event->number;
        return HF_OK;
    }
    const void *slot = hf_broadcast_slot(&ring->region, event->number);
    if (slot == NULL || memcmp(slot, event, sizeof(*event)) == 0) {
        return HF_OK;
    }
    return hf_start_failed(daemon, HF_E_CORRUPT,
                           "market event %llu (LSN %llu) in shared memory /dev/shm%s differs from "
                           "what the log gives: one of them is damaged. Copy both, then "
                           "--abandon-shm to go on from the log",
                           (unsigned long long)event->number, (unsigned long long)event->lsn,
                           ring->region.name);
}

int
hf_market_ring_identify(struct hf_daemon *daemon)
{
    const struct hf_broadcast_object *object = daemon->market.region.base;
    return object->instance_id == daemon->instance_id ? HF_OK
                                                      : damaged(daemon, "is another instance's");
}

static int
create(struct hf_daemon *daemon)
{
    struct hf_market_ring *ring = &daemon->market;
    const struct hf_broadcast_spec spec = {
        .instance = daemon->config.instance_name,
        .instance_id = daemon->instance_id,
        .boot = daemon->boot,
        .epoch = daemon->epoch,
        .history = daemon->history,
        .slots = (uint32_t)daemon->config.market_slots,
        .first_number = hf_core_market_number(daemon->replay.core) + 1,
    };
    int code = hf_broadcast_create(&ring->region, &spec);
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "cannot make /dev/shm%s (%u events): %s",
                               ring->region.name, spec.slots, hf_words_of(code));
    }
    hf_broadcast_writer_init(&ring->writer, &ring->region, spec.first_number);
    return HF_OK;
}

/** Whether the ring can go on without a gap. Not when one command made more events than fit. */
static bool
continues(const struct hf_daemon *daemon)
{
    const struct hf_market_ring *ring = &daemon->market;
    const struct hf_broadcast_object *object = ring->region.base;
    return object->slots == (uint32_t)daemon->config.market_slots &&
           ring->pending_last - ring->last <= object->slots;
}

/** B2: what the ring of before does not hold yet. */
static void
go_on(struct hf_market_ring *ring)
{
    hf_broadcast_writer_init(&ring->writer, &ring->region, ring->last + 1);
    while (ring->writer.next <= ring->pending_last && !HF_PLANTED(EVENTS_FORGOTTEN)) {
        uint64_t at = ring->writer.next & ring->writer.mask;
        hf_broadcast_publish(&ring->writer, &ring->pending[at]);
    }
    hf_broadcast_announce(&ring->writer);
}

int
hf_market_ring_start(struct hf_daemon *daemon)
{
    struct hf_market_ring *ring = &daemon->market;
    int code = HF_OK;
    if (ring->left && continues(daemon)) {
        go_on(ring);
    } else {
        if (ring->left) {
            hf_log(HF_LOG_NOTICE, "a new market-data ring: subscribers begin anew");
            discard(ring);
        }
        code = create(daemon);
    }
    free(ring->pending);
    ring->pending = NULL;
    return code;
}

void
hf_market_ring_release(struct hf_market_ring *ring)
{
    free(ring->pending);
    ring->pending = NULL;
    hf_region_detach(&ring->region);
}
