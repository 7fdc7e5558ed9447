/* link_ck_ring.c - peer: Concurrency Kit's ck_ring of 64-byte messages, single producer and consumer. */
#include "link.h"

#include <ck_ring.h>
#include <stdbool.h>

CK_RING_PROTOTYPE(message, link_message)

#define LINK link_ck_ring
#define LINK_TITLE "ck_ring"
#define LINK_BYTES (sizeof(struct link_memory))

struct link_memory {
    struct ck_ring ring;
    struct link_message messages[LINK_SLOTS] __attribute__((aligned(128)));
};

struct link_end {
    struct link_memory *memory;
};

static int
link_make(void *memory)
{
    ck_ring_init(&((struct link_memory *)memory)->ring, LINK_SLOTS);
    return 0;
}

static inline void
link_open_sender(struct link_end *end, void *memory)
{
    end->memory = memory;
}

static inline void
link_open_receiver(struct link_end *end, void *memory)
{
    end->memory = memory;
}

static inline bool
link_send(struct link_end *end, const struct link_message *message)
{
    return CK_RING_ENQUEUE_SPSC(message, &end->memory->ring, end->memory->messages,
                                (struct link_message *)(uintptr_t)message);
}

static inline bool
link_receive(struct link_end *end, struct link_message *message)
{
    return CK_RING_DEQUEUE_SPSC(message, &end->memory->ring, end->memory->messages, message);
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
