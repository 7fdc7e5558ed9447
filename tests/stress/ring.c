/*
 * ring.c - a producer and a consumer thread over one mapping, millions of messages, every byte
 * checked. Threads and one mapping, because race detectors see neither two processes nor two
 * mappings of one page.
 *
 * Each case: a capacity, and whether messages have one slot, two, or a mix. The consumer releases
 * and the producer announces in batches of changing length, so that empty, full and everything
 * between occurs.
 */
#include "shm/ring.h"
#include "base/clock.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>

#define PATIENCE_NS UINT64_C(60000000000)
#define BODY_WORDS 6
#if defined(__SANITIZE_THREAD__)
#define SLOTS_PER_CASE 300000u
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLOTS_PER_CASE 300000u
#endif
#endif
#ifndef SLOTS_PER_CASE
#define SLOTS_PER_CASE 800000u
#endif

/* A slot by words. Not by memcpy: gcc expands small ones where its race detector does not look. */
struct word_slot {
    uint64_t number; /* the ring's */
    uint64_t slots;  /* of the message in its first slot, 0 in its second */
    uint64_t body[BODY_WORDS];
};
HF_STATIC_ASSERT(sizeof(struct word_slot) == HF_SLOT_BYTES, "a slot is one cache line");

/* One writer per line, as in the objects of a session. */
struct shared {
    uint64_t head;
    uint8_t pad0[120];
    uint64_t tail;
    uint8_t pad1[120];
    struct hf_slot slots[4096];
};

struct stress_case {
    uint64_t capacity;
    unsigned slots_max; /* 1: single slots only; 2: mixed */
    unsigned slots_min;
};

static const struct stress_case cases[] = {
    {2, 2, 1},   {64, 1, 1},   {64, 2, 1},   {64, 2, 2},   {256, 2, 1},
    {512, 1, 1}, {1024, 2, 1}, {2048, 2, 2}, {4096, 1, 1}, {4096, 2, 1},
};

struct side {
    const struct stress_case *stress;
    struct shared *shared;
    const char *failure; /* NULL: none; read after the join */
    uint64_t failure_position;
};

/* Cheap and different for every position: what a slot holds, how long messages and batches are. */
static uint64_t
mix(uint64_t value)
{
    value *= 0x9e3779b97f4a7c15u;
    return value ^ value >> 31;
}

static unsigned
message_slots(const struct stress_case *stress, uint64_t position)
{
    unsigned choices = stress->slots_max - stress->slots_min + 1;
    return stress->slots_min + (unsigned)(mix(position) % choices);
}

static void
fail(struct side *side, const char *what, uint64_t position)
{
    side->failure = what;
    side->failure_position = position;
}

static void
fill_slot(struct hf_slot *slot, uint64_t position, uint64_t slots)
{
    struct word_slot *words = (struct word_slot *)slot;
    words->slots = slots;
    for (size_t i = 0; i < BODY_WORDS; i++) {
        words->body[i] = mix(position + (i << 32));
    }
}

static bool
slot_good(const struct hf_slot *slot, uint64_t position, uint64_t slots)
{
    const struct word_slot *words = (const struct word_slot *)slot;
    bool good = words->slots == slots;
    for (size_t i = 0; i < BODY_WORDS; i++) {
        good = good && words->body[i] == mix(position + (i << 32));
    }
    return good;
}

static void *
produce(void *context)
{
    struct side *side = context;
    struct hf_ring_producer ring;
    struct shared *shared = side->shared;
    hf_ring_producer_init(&ring, shared->slots, side->stress->capacity, &shared->head,
                          &shared->tail, 1);
    while (ring.next <= SLOTS_PER_CASE) {
        unsigned slots = message_slots(side->stress, ring.next);
        int result = hf_ring_claim(&ring, slots);
        if (result == HF_AGAIN) {
            hf_ring_announce(&ring);
            sched_yield();
            continue;
        }
        if (result != HF_OK) {
            fail(side, "claim failed", ring.next);
            return NULL;
        }
        for (unsigned i = 0; i < slots; i++) {
            uint64_t position = ring.next + i;
            fill_slot(hf_ring_slot(&ring, position), position, i == 0 ? slots : 0);
        }
        hf_ring_publish(&ring, slots);
        if (mix(ring.next) % 16 == 0) {
            hf_ring_announce(&ring);
        }
    }
    hf_ring_announce(&ring);
    return NULL;
}

/* Check and step over one message. Returns false when none is there or it is wrong. */
static bool
consume_one(struct side *side, struct hf_ring_consumer *ring)
{
    const struct hf_slot *slot = hf_ring_peek(ring);
    if (slot == NULL) {
        return false;
    }
    unsigned slots = message_slots(side->stress, ring->next);
    if (!slot_good(slot, ring->next, slots)) {
        fail(side, "wrong content", ring->next);
        return false;
    }
    for (unsigned i = 1; i < slots; i++) {
        slot = hf_ring_peek_ahead(ring, i);
        if (slot == NULL || !slot_good(slot, ring->next + i, 0)) {
            fail(side, "second slot missing or wrong", ring->next + i);
            return false;
        }
    }
    hf_ring_advance(ring, slots);
    return true;
}

static void
consume(struct side *side)
{
    struct hf_ring_consumer ring;
    struct shared *shared = side->shared;
    hf_ring_consumer_init(&ring, shared->slots, side->stress->capacity, &shared->tail, 1);
    uint64_t deadline_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    while (ring.next <= SLOTS_PER_CASE && side->failure == NULL) {
        uint64_t batch = 1 + mix(ring.next) % side->stress->capacity;
        uint64_t taken = 0;
        while (taken < batch && consume_one(side, &ring)) {
            taken++;
        }
        hf_ring_release(&ring);
        if (taken > 0) {
            deadline_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
        } else if (hf_clock_monotonic_ns() > deadline_ns) {
            fail(side, "no message for a minute", ring.next);
        } else {
            sched_yield();
        }
    }
}

/* The producer has ended: what it told must be what it did. */
static void
check_end(struct side *side)
{
    struct shared *shared = side->shared;
    uint64_t head = hf_load_acquire(&shared->head);
    uint64_t tail = hf_load_acquire(&shared->tail);
    if (head < SLOTS_PER_CASE || head > SLOTS_PER_CASE + 1 || tail != head) {
        fail(side, "head and tail do not meet", head);
    } else if (hf_ring_published(shared->slots, side->stress->capacity, head + 1) != head) {
        fail(side, "published beyond the head", head);
    }
}

static bool
run_case(const struct stress_case *stress)
{
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    HF_ASSERT("memory", shared != MAP_FAILED);
    struct side producer = {.stress = stress, .shared = shared};
    struct side consumer = {.stress = stress, .shared = shared};
    pthread_t thread;
    HF_ASSERT("thread", pthread_create(&thread, NULL, produce, &producer) == 0);
    consume(&consumer);
    if (consumer.failure != NULL) {
        /* the producer may wait for room for ever */
        printf("FAILED: capacity %" PRIu64 " slots %u-%u: %s at %" PRIu64 "\n", stress->capacity,
               stress->slots_min, stress->slots_max, consumer.failure, consumer.failure_position);
        return false;
    }
    pthread_join(thread, NULL);
    if (producer.failure == NULL) {
        check_end(&producer);
    }
    if (producer.failure != NULL) {
        printf("FAILED: capacity %" PRIu64 " slots %u-%u: %s at %" PRIu64 "\n", stress->capacity,
               stress->slots_min, stress->slots_max, producer.failure, producer.failure_position);
    }
    munmap(shared, sizeof(*shared));
    return producer.failure == NULL;
}

int
main(void)
{
    const size_t count = sizeof(cases) / sizeof(cases[0]);
    size_t passed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!run_case(&cases[i])) {
            break;
        }
        passed++;
    }
    printf("%zu passed, %d failed\n", passed, passed == count ? 0 : 1);
    return passed == count ? 0 : 1;
}
