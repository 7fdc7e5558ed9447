/* link_holdfast.c - our ring: the sequence word inside the slot, heads and tails in batches. */
#include "link.h"

#include "shm/ring.h"

#define LINK link_holdfast
#define LINK_TITLE "holdfast"
#define LINK_BYTES (sizeof(struct link_memory))

/** A line pair per writer, as in the objects of a session. */
struct link_memory {
    uint64_t head;
    uint8_t pad0[120];
    uint64_t tail;
    uint8_t pad1[120];
    struct hf_slot slots[LINK_SLOTS] __attribute__((aligned(128)));
};
HF_STATIC_ASSERT(sizeof(struct link_message) == sizeof(struct hf_slot), "a message is a slot");
HF_STATIC_ASSERT(offsetof(struct link_message, number) == 0, "the number is the ring's");

struct link_end {
    struct hf_ring_producer producer;
    struct hf_ring_consumer consumer;
    unsigned open; /**< messages not yet announced, or not yet released */
};

static int
link_make(void *memory)
{
    (void)memory; /* zeroed, as it is */
    return 0;
}

static inline void
link_open_sender(struct link_end *end, void *memory)
{
    struct link_memory *shared = memory;
    end->open = 0;
    hf_ring_producer_init(&end->producer, shared->slots, LINK_SLOTS, &shared->head, &shared->tail,
                          1);
}

static inline void
link_open_receiver(struct link_end *end, void *memory)
{
    struct link_memory *shared = memory;
    end->open = 0;
    hf_ring_consumer_init(&end->consumer, shared->slots, LINK_SLOTS, &shared->tail, 1);
}

static inline void
link_flush(struct link_end *end)
{
    hf_ring_announce(&end->producer);
    end->open = 0;
}

static inline bool
link_send(struct link_end *end, const struct link_message *message)
{
    int code = hf_ring_claim(&end->producer, 1);
    HF_ASSERT("R4", code != HF_E_PROTOCOL);
    if (code != HF_OK) {
        return false;
    }
    hf_ring_publish_copy(&end->producer, message, 1);
    if (++end->open == LINK_BATCH) {
        link_flush(end);
    }
    return true;
}

static inline void
link_release(struct link_end *end)
{
    hf_ring_release(&end->consumer);
    end->open = 0;
}

static inline bool
link_receive(struct link_end *end, struct link_message *message)
{
    const struct hf_slot *slot = hf_ring_peek(&end->consumer);
    if (slot == NULL) {
        return false;
    }
    memcpy(message, slot, sizeof(*message));
    hf_ring_advance(&end->consumer, 1);
    if (++end->open == LINK_BATCH) {
        link_release(end);
    }
    return true;
}

#include "link_loops.h"
