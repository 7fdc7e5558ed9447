/*
 * ring.c - the parts of the ring that are off the hot path: start, refresh, looking from outside.
 */
#include "shm/ring.h"

static bool
capacity_valid(uint64_t capacity)
{
    return capacity >= HF_MESSAGE_SLOTS_MAX && (capacity & (capacity - 1)) == 0;
}

/*
 * A producer that died inside hf_ring_publish() leaves the second slot of a message published and
 * the first not (R3). The half is not part of the published run, but it would join the run as soon
 * as a one-slot message is published before it: so take it back before anything else is published.
 * Relaxed: the release of the next publication makes it visible to whoever could look here.
 */
static void
cut_lone_half(const struct hf_ring_producer *producer)
{
    uint64_t *first = &hf_ring_slot(producer, producer->next)->number;
    uint64_t *second = &hf_ring_slot(producer, producer->next + 1)->number;
    if (hf_load_relaxed(first) != producer->next &&
        hf_load_relaxed(second) == producer->next + 1) { /* only the producer stores words */
        hf_store_relaxed(second, 0);
    }
}

void
hf_ring_producer_init(struct hf_ring_producer *producer, void *slots, uint64_t capacity,
                      uint64_t *head, const uint64_t *tail, uint64_t next)
{
    HF_ASSERT("capacity is a power of two", capacity_valid(capacity));
    HF_ASSERT("positions begin at 1", next >= 1);
    *producer = (struct hf_ring_producer){
        .slots = slots,
        .mask = capacity - 1,
        .next = next,
        /* The lowest tail that R1 allows: the first claim that needs more reads and checks it. */
        .tail_seen = next - 1 > capacity ? next - 1 - capacity : 0,
        .tail = tail,
        .head = head,
    };
    producer->tail_read = producer->tail_seen;
    cut_lone_half(producer);
}

void
hf_ring_restart(struct hf_ring_producer *producer, uint64_t next)
{
    HF_ASSERT("R5", next > producer->next && producer->tail_seen == producer->next - 1);
    producer->next = next;
    producer->restart = next;
    producer->tail_seen = next - 1;
}

void
hf_ring_resume_restarted(struct hf_ring_producer *producer, uint64_t restart)
{
    HF_ASSERT("R5", restart >= 1 && restart <= producer->next);
    producer->restart = restart;
    if (producer->tail_seen < restart) { /* else R1 says that the tail has passed it */
        producer->tail_seen = restart - 1;
        producer->tail_read = 0;
    }
}

void
hf_ring_consumer_init(struct hf_ring_consumer *consumer, const void *slots, uint64_t capacity,
                      uint64_t *tail, uint64_t next)
{
    HF_ASSERT("capacity is a power of two", capacity_valid(capacity));
    HF_ASSERT("positions begin at 1", next >= 1);
    *consumer =
        (struct hf_ring_consumer){.slots = slots, .mask = capacity - 1, .next = next, .tail = tail};
}

int
hf_ring_refresh(struct hf_ring_producer *producer)
{
    /* Pairs with the release in hf_ring_release(): the consumer has finished reading the slots up to here
     * before we overwrite them. Seq_cst: it may be the last look before sleeping; where the consumer
     * stores its tail so too and then looks whether we sleep, one of us sees the other. */
    uint64_t tail = hf_load_seq_cst(producer->tail);
    if (tail < producer->tail_read || tail > producer->next - 1) { /* R4 */
        return HF_E_PROTOCOL;
    }
    producer->tail_read = tail;
    producer->tail_seen = tail < producer->restart ? producer->restart - 1 : tail; /* R5 */
    return HF_OK;
}

uint64_t
hf_ring_published(const void *slots, uint64_t capacity, uint64_t from)
{
    HF_ASSERT("capacity is a power of two", capacity_valid(capacity));
    const struct hf_slot *slot = slots;
    uint64_t position = from;
    /* Acquire pairs with the release in hf_ring_publish(): the caller may read the bodies. */
    while (position - from < capacity &&
           hf_load_acquire(&slot[position & (capacity - 1)].number) == position) {
        position++;
    }
    return position - 1;
}
