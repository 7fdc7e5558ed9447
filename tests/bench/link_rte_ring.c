/* link_rte_ring.c - peer: DPDK's rte_ring with elements of 64 bytes, single producer and consumer. */
#include "link.h"

#include <rte_ring.h>
#include <stdbool.h>

#define LINK link_rte_ring
#define LINK_TITLE "rte_ring (DPDK)"
/* rte_ring_get_memsize_elem() is: the struct, and the elements behind it. */
#define LINK_BYTES (sizeof(struct rte_ring) + LINK_SLOTS * sizeof(struct link_message))

struct link_end {
    struct rte_ring *ring;
};

/* RING_F_EXACT_SZ is not set: a ring of LINK_SLOTS holds LINK_SLOTS - 1. */
static int
link_make(void *memory)
{
    if (rte_ring_get_memsize_elem(sizeof(struct link_message), LINK_SLOTS) > (ssize_t)LINK_BYTES) {
        return -1;
    }
    return rte_ring_init(memory, "bench", LINK_SLOTS, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

static inline void
link_open_sender(struct link_end *end, void *memory)
{
    end->ring = memory;
}

static inline void
link_open_receiver(struct link_end *end, void *memory)
{
    end->ring = memory;
}

static inline bool
link_send(struct link_end *end, const struct link_message *message)
{
    return rte_ring_sp_enqueue_elem(end->ring, (void *)(uintptr_t)message, sizeof(*message)) == 0;
}

static inline bool
link_receive(struct link_end *end, struct link_message *message)
{
    return rte_ring_sc_dequeue_elem(end->ring, message, sizeof(*message)) == 0;
}

static inline void
link_flush(struct link_end *end)
{
    (void)end;
}

static inline void
link_release(struct link_end *end)
{
    (void)end;
}

#include "link_loops.h"
