/*
 * ring.h - a single-producer single-consumer ring of 64-byte slots between two processes.
 *
 *   slot n lives at slots[n & mask]; its first word holds n once it is published
 *
 *      tail (consumer's object)          head hint (producer's object)
 *        │                                 │
 *   ─────┼──free──┼── published n..m ──────┼── claimed, word not stored yet ──┼── free ──
 *
 * Positions are free-running: 1, 2, 3... The word inside the slot is the publication; so one cache
 * line moves per message instead of two. The head is a hint, written per batch, for those who sleep
 * and those who look from outside. Neither side trusts the other: each keeps its own position in
 * private memory and checks what it reads.
 *
 * R1  the producer writes slot n only when n - tail <= capacity, and never rewrites a published slot
 * R2  the consumer reads slot n's body only after its word equals n (acquire with the word's release)
 * R3  a message of two slots is published second slot first: whoever sees the first sees both
 * R4  tail never exceeds what was published and never runs back; a peer that breaks this is hostile
 *     (HF_E_PROTOCOL), and costs itself its session
 * R5  a producer may leave positions out: when all before them is released it restarts at a higher one.
 *     A tail below that counts as one that has released up to it, and may still rise to it
 */
#ifndef HF_SHM_RING_H
#define HF_SHM_RING_H

#include "base/atomic.h"
#include "base/panic.h"
#include "base/planted.h"

#include <holdfast/error.h>
#include <holdfast/units.h>
#include <stdbool.h>
#include <string.h>

struct hf_slot {
    uint64_t number; /**< stored last, with release */
    unsigned char body[HF_SLOT_BYTES - 8];
};
HF_STATIC_ASSERT(sizeof(struct hf_slot) == HF_SLOT_BYTES, "a slot is one cache line");

/** The producer's private side. */
struct hf_ring_producer {
    struct hf_slot *slots;
    uint64_t mask;
    uint64_t next;      /**< position that the next claim gets */
    uint64_t tail_seen; /**< up to here slots are free: consumer's tail as last read and checked */
    uint64_t tail_read; /**< the same as it stood there, which may be lower (R5) */
    uint64_t restart;   /**< position at which the ring restarted last; 0: never (R5) */
    const uint64_t *tail; /**< in the consumer's object: slots up to here are free again */
    uint64_t *head;       /**< in the producer's object: hint */
};

/** The consumer's private side. */
struct hf_ring_consumer {
    const struct hf_slot *slots;
    uint64_t mask;
    uint64_t next;  /**< position that the next peek looks at */
    uint64_t *tail; /**< in the consumer's object; NULL: somebody else releases */
};

/** Start or resume producing: does not read the tail, and takes back the lone second half of a message
 *  that a producer before us died in (or it would be published by our next message, see R3).
 *  @param capacity a power of two >= 2
 *  @param next first position to be produced (>= 1); on resume hf_ring_published() + 1 */
void hf_ring_producer_init(struct hf_ring_producer *producer, void *slots, uint64_t capacity,
                           uint64_t *head, const uint64_t *tail, uint64_t next);
/** @param next first position to be consumed (>= 1) */
void hf_ring_consumer_init(struct hf_ring_consumer *consumer, const void *slots, uint64_t capacity,
                           uint64_t *tail, uint64_t next);

/** Go on at a higher position, everything published so far being released (R5). */
void hf_ring_restart(struct hf_ring_producer *producer, uint64_t next);

/** Resume producing in a ring that a producer before us restarted at `restart` (R5), right after
 *  hf_ring_producer_init(). */
void hf_ring_resume_restarted(struct hf_ring_producer *producer, uint64_t restart);

/** Re-read the consumer's tail. @return 0, or HF_E_PROTOCOL when it breaks R4 */
int hf_ring_refresh(struct hf_ring_producer *producer);

/**
 * Claim `count` consecutive positions.
 *
 * @return 0 (fill hf_ring_slot(producer, producer->next + i), then publish); HF_AGAIN when there is no
 *         room; HF_E_PROTOCOL when the consumer's tail is impossible
 * Thread: producer only, wait-free
 */
static inline int
hf_ring_claim(struct hf_ring_producer *producer, uint64_t count)
{
    if (HF_LIKELY(producer->next + count - 1 - producer->tail_seen <= producer->mask + 1)) {
        return HF_OK;
    }
    int result = hf_ring_refresh(producer);
    if (result != HF_OK) {
        return result;
    }
    return producer->next + count - 1 - producer->tail_seen <= producer->mask + 1 ? HF_OK
                                                                                  : HF_AGAIN;
}

/** The slot of a claimed position; its first 8 bytes are the ring's, the rest is the caller's. */
static inline struct hf_slot *
hf_ring_slot(const struct hf_ring_producer *producer, uint64_t position)
{
    return &producer->slots[position & producer->mask];
}

/**
 * Publish the next message, of one or two claimed slots.
 * Thread: producer only, wait-free. The release pairs with the acquire in hf_ring_peek().
 */
static inline void
hf_ring_publish(struct hf_ring_producer *producer, unsigned slots)
{
    for (unsigned i = slots; i-- > 0;) { /* R3 */
        uint64_t position = producer->next + (HF_PLANTED(FIRST_HALF_FIRST) ? slots - 1 - i : i);
        hf_store_release(&hf_ring_slot(producer, position)->number, position);
    }
    producer->next += slots;
}

/**
 * Copy the body of one slot, each word through a register of its own. The caller has just made the message out
 * of words and fields: a wider load, as in a plain memcpy(), cannot take them out of the store buffer, and
 * waits until they have left it, behind all the slots before, whose lines are still on their way from the
 * other processor.
 */
static inline void
hf_ring_fill(struct hf_slot *slot, const unsigned char *message)
{
    for (size_t at = 0; at < sizeof(slot->body); at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, message + 8 + at, sizeof(word));
        __asm__("" : "+r"(word)); /* or the compiler would join what was parted */
        memcpy(slot->body + at, &word, sizeof(word));
    }
}

/** Copy a message of one or two 64-byte slots into claimed slots (all but the words) and publish. */
static inline void
hf_ring_publish_copy(struct hf_ring_producer *producer, const void *message, unsigned slots)
{
    const unsigned char *bytes = (const unsigned char *)message;
    for (unsigned i = 0; i < slots; i++) {
        hf_ring_fill(hf_ring_slot(producer, producer->next + i), bytes + (size_t)i * HF_SLOT_BYTES);
    }
    hf_ring_publish(producer, slots);
}

/** Tell sleepers and onlookers how far publication went (once per batch). Sequentially consistent,
 *  so that the producer's next read of the consumer's `parked` flag cannot pass it: pairs with the
 *  consumer's store of that flag before it looks at the ring a last time. */
static inline void
hf_ring_announce(const struct hf_ring_producer *producer)
{
    hf_store_seq_cst(producer->head, producer->next - 1);
}

/** Before the last look at a ring ahead of sleeping, and behind the store that tells of the sleep: what was
 *  announced by somebody who found us awake is seen from here on. (Slots' words alone are not enough: their
 *  acquire loads may run before that store.)  Thread: consumer only */
static inline void
hf_ring_catch_up(const uint64_t *head)
{
    (void)hf_load_seq_cst(head); /* partner: hf_ring_announce() */
}

/**
 * The next published slot, or NULL.
 *
 * The slot is the peer's memory: a hostile peer may change it at any time. Copy, check the copy, use
 * the copy. Acquire pairs with the release in hf_ring_publish().
 * Thread: consumer only, wait-free
 */
static inline const struct hf_slot *
hf_ring_peek(const struct hf_ring_consumer *consumer)
{
    const struct hf_slot *slot = &consumer->slots[consumer->next & consumer->mask];
    return hf_load_acquire(&slot->number) == consumer->next ? slot : NULL;
}

/** As hf_ring_peek(), `ahead` positions further; only meaningful when all before it are published. */
static inline const struct hf_slot *
hf_ring_peek_ahead(const struct hf_ring_consumer *consumer, uint64_t ahead)
{
    uint64_t position = consumer->next + ahead;
    const struct hf_slot *slot = &consumer->slots[position & consumer->mask];
    return hf_load_acquire(&slot->number) == position ? slot : NULL;
}

/** Step over slots; they stay the consumer's until hf_ring_release(). */
static inline void
hf_ring_advance(struct hf_ring_consumer *consumer, uint64_t slots)
{
    consumer->next += slots;
}

/** Give everything stepped over back to the producer. The release pairs with the load in
 *  hf_ring_refresh(): our reads of the slots are done before it may overwrite them. */
static inline void
hf_ring_release(const struct hf_ring_consumer *consumer)
{
    hf_store_release(consumer->tail, consumer->next - 1);
}

/** Last position of the run of published slots that begins at `from` (from - 1 when none is). At
 *  most `capacity` steps. For recovery and resume: published means this run, whatever the head says. */
uint64_t hf_ring_published(const void *slots, uint64_t capacity, uint64_t from);

#endif
