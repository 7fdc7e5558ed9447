/*
 * test_ring.c - the ring's arithmetic against a model, its invariants R1 to R4, hostile peers, and a
 * producer that is killed at any instruction.
 */
#include "shm/ring.h"

#include "base/child.h"
#include "shm/region.h"

#include <criterion/criterion.h>
#include <sched.h>

#define CAPACITY_MAX 64

/* Both sides in one process, over memory that ASan watches. */
static struct hf_slot slots[CAPACITY_MAX];
static uint64_t head;
static uint64_t tail;
static struct hf_ring_producer producer;
static struct hf_ring_consumer consumer;

static void
ring_start(uint64_t capacity, uint64_t next)
{
    memset(slots, 0, sizeof(slots));
    head = next - 1;
    tail = next - 1;
    hf_ring_producer_init(&producer, slots, capacity, &head, &tail, next);
    hf_ring_consumer_init(&consumer, slots, capacity, &tail, next);
}

static void
fill_message(struct hf_slot *message, uint64_t position, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        message[i].number = 0xdead; /* the caller's word is not the ring's */
        memset(message[i].body, (int)((position + i) * 7 & 0xff), sizeof(message[i].body));
        message[i].body[0] = (unsigned char)(i == 0 ? count : 0);
    }
}

static bool
slot_holds(const struct hf_slot *slot, uint64_t position, unsigned first_byte)
{
    unsigned char expected[sizeof(slot->body)];
    memset(expected, (int)(position * 7 & 0xff), sizeof(expected));
    expected[0] = (unsigned char)first_byte;
    return slot->number == position && memcmp(slot->body, expected, sizeof(expected)) == 0;
}

static int
produce(unsigned count)
{
    struct hf_slot message[2];
    int result = hf_ring_claim(&producer, count);
    if (result == HF_OK) {
        fill_message(message, producer.next, count);
        hf_ring_publish_copy(&producer, message, count);
    }
    return result;
}

/* Take one message. Returns its slots, 0: none, -1: wrong content. */
static int
consume(void)
{
    const struct hf_slot *first = hf_ring_peek(&consumer);
    if (first == NULL) {
        return 0;
    }
    unsigned count = first->body[0];
    if ((count != 1 && count != 2) || !slot_holds(first, consumer.next, count)) {
        return -1;
    }
    if (count == 2) {
        const struct hf_slot *second = hf_ring_peek_ahead(&consumer, 1);
        if (second == NULL || !slot_holds(second, consumer.next + 1, 0)) {
            return -1; /* R3: whoever sees the first sees both */
        }
    }
    hf_ring_advance(&consumer, count);
    return (int)count;
}

/* R1 for every fill level, count and start: a claim succeeds exactly when used + count fit. */
Test(ring, claim_succeeds_exactly_when_there_is_room)
{
    const uint64_t capacities[] = {2, 4, 64};
    const uint64_t starts[] = {1, 2, 3, 63, 64, 65, 1000, ((uint64_t)1 << 32) - 1, UINT64_MAX / 2};
    for (size_t c = 0; c < 3; c++) {
        for (size_t s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
            for (uint64_t used = 0; used <= capacities[c]; used++) {
                for (uint64_t count = 1; count <= 2; count++) {
                    ring_start(capacities[c], starts[s]);
                    for (uint64_t i = 0; i < used; i++) {
                        cr_assert_eq(produce(1), HF_OK);
                    }
                    int expected = used + count <= capacities[c] ? HF_OK : HF_AGAIN;
                    cr_assert_eq(hf_ring_claim(&producer, count), expected,
                                 "capacity %lu start %lu used %lu count %lu", capacities[c],
                                 starts[s], used, count);
                    cr_assert_eq(producer.next, starts[s] + used, "a claim moves nothing");
                }
            }
        }
    }
}

/* As above with a resumed producer, whose tail_seen is a bound and not the tail. */
Test(ring, claim_after_resume_succeeds_exactly_when_there_is_room)
{
    for (uint64_t start = 1; start <= 40; start++) {
        for (uint64_t used = 0; used <= 8 && used < start; used++) {
            for (uint64_t count = 1; count <= 2; count++) {
                ring_start(8, start);
                tail = start - 1 - used;
                int expected = used + count <= 8 ? HF_OK : HF_AGAIN;
                cr_assert_eq(hf_ring_claim(&producer, count), expected,
                             "start %lu used %lu count %lu", start, used, count);
            }
        }
    }
}

Test(ring, nothing_is_there_at_the_start_whatever_the_first_position)
{
    for (uint64_t next = 1; next < 3 * CAPACITY_MAX; next++) {
        ring_start(CAPACITY_MAX, next);
        cr_assert_null(hf_ring_peek(&consumer));
        cr_assert_eq(hf_ring_published(slots, CAPACITY_MAX, next), next - 1);
    }
}

Test(ring, messages_of_one_and_two_slots_pass_in_order_over_many_laps)
{
    for (uint64_t capacity = 2; capacity <= CAPACITY_MAX; capacity *= 2) {
        ring_start(capacity, 1);
        uint64_t sent = 0;
        uint64_t taken = 0;
        for (uint64_t step = 0; step < 2000; step++) {
            unsigned count = 1 + (step * step / 3) % 2;
            while (produce(count) == HF_AGAIN) {
                int got = consume();
                cr_assert_gt(got, 0);
                taken += (uint64_t)got;
                hf_ring_release(&consumer);
                cr_assert_eq(tail, taken);
            }
            sent += count;
            cr_assert_leq(sent - taken, capacity, "R1");
        }
        for (int got; (got = consume()) != 0;) {
            cr_assert_gt(got, 0);
            taken += (uint64_t)got;
        }
        cr_assert_eq(taken, sent);
        hf_ring_announce(&producer);
        cr_assert_eq(head, sent);
    }
}

Test(ring, a_full_ring_takes_again_exactly_what_was_released)
{
    ring_start(8, 1);
    while (produce(1) == HF_OK) {
    }
    cr_assert_eq(producer.next, 9);
    for (unsigned released = 1; released <= 8; released++) {
        for (unsigned i = 0; i < released; i++) {
            cr_assert_eq(consume(), 1);
        }
        cr_assert_eq(produce(1), HF_AGAIN, "stepped over is not released");
        hf_ring_release(&consumer);
        for (unsigned i = 0; i < released; i++) {
            cr_assert_eq(produce(1), HF_OK);
        }
        cr_assert_eq(produce(1), HF_AGAIN);
    }
}

Test(ring, two_slots_do_not_fit_where_one_is_free)
{
    ring_start(4, 1);
    cr_assert_eq(produce(2), HF_OK);
    cr_assert_eq(produce(1), HF_OK);
    cr_assert_eq(produce(2), HF_AGAIN);
    cr_assert_eq(produce(1), HF_OK);
    cr_assert_eq(consume(), 2);
    hf_ring_release(&consumer);
    cr_assert_eq(produce(2), HF_OK);
    cr_assert_eq(consume(), 1);
    cr_assert_eq(consume(), 1);
    cr_assert_eq(consume(), 2);
    cr_assert_eq(consume(), 0);
}

Test(ring, a_batch_is_published_slot_by_slot_and_announced_once)
{
    ring_start(16, 1);
    for (uint64_t i = 1; i <= 10; i++) {
        cr_assert_eq(produce(1), HF_OK);
        cr_assert_eq(hf_ring_published(slots, 16, 1), i);
        cr_assert_eq(head, 0, "the hint waits");
    }
    hf_ring_announce(&producer);
    cr_assert_eq(head, 10);
}

/* A full ring of 16: positions 11 to 26 are published, the producer has seen the tail at 10. */
static void
ring_full_at_26(void)
{
    ring_start(16, 1);
    for (int n = 1; n <= 10; n++) {
        produce(1);
        consume();
    }
    hf_ring_release(&consumer);
    cr_assert_eq(hf_ring_refresh(&producer), HF_OK);
    while (producer.next <= 26) {
        cr_assert_eq(produce(1), HF_OK);
    }
}

Test(ring, an_impossible_tail_is_refused_and_changes_nothing)
{
    const struct {
        uint64_t tail;
        int result;
    } cases[] = {
        {0, HF_E_PROTOCOL},          /* backwards */
        {9, HF_E_PROTOCOL},          /* backwards by one */
        {10, HF_AGAIN},              /* as it was */
        {11, HF_OK},                 /* one released */
        {26, HF_OK},                 /* all released */
        {27, HF_E_PROTOCOL},         /* one more than was published */
        {UINT64_MAX, HF_E_PROTOCOL}, /* far more */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ring_full_at_26();
        tail = cases[i].tail;
        struct hf_ring_producer before = producer;
        cr_assert_eq(hf_ring_claim(&producer, 1), cases[i].result, "tail %lu", tail);
        if (cases[i].result == HF_E_PROTOCOL) {
            cr_assert_eq(memcmp(&before, &producer, sizeof(before)), 0);
            cr_assert_eq(hf_ring_refresh(&producer), HF_E_PROTOCOL);
        }
    }
}

Test(ring, a_resumed_producer_refuses_a_tail_more_than_a_lap_behind_or_ahead)
{
    const struct {
        uint64_t tail;
        int result;
    } cases[] = {{83, HF_E_PROTOCOL},
                 {84, HF_AGAIN},
                 {85, HF_OK},
                 {100, HF_OK},
                 {101, HF_E_PROTOCOL},
                 {0, HF_E_PROTOCOL},
                 {UINT64_MAX, HF_E_PROTOCOL}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ring_start(16, 101);
        tail = cases[i].tail;
        cr_assert_eq(hf_ring_claim(&producer, 1), cases[i].result, "tail %lu", tail);
    }
}

Test(ring, hostile_words_are_no_message)
{
    ring_start(8, 9);
    const uint64_t words[] = {0, 1, 8, 10, 17, UINT64_MAX, (uint64_t)9 << 32};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        slots[9 & 7].number = words[i];
        cr_assert_null(hf_ring_peek(&consumer), "word %lu", words[i]);
        cr_assert_eq(hf_ring_published(slots, 8, 9), 8);
    }
    slots[9 & 7].number = 9;
    cr_assert_not_null(hf_ring_peek(&consumer));
}

Test(ring, the_published_run_crosses_the_wrap_and_ends_at_the_first_hole)
{
    for (uint64_t from = 1; from <= 20; from++) {
        for (uint64_t run = 0; run <= 8; run++) {
            memset(slots, 0, sizeof(slots));
            for (uint64_t i = 0; i < run; i++) {
                slots[(from + i) & 7].number = from + i;
            }
            cr_assert_eq(hf_ring_published(slots, 8, from), from - 1 + run, "from %lu run %lu",
                         from, run);
        }
        /* a hole at 3 and good slots after it */
        for (uint64_t i = 0; i < 8; i++) {
            slots[(from + i) & 7].number = i == 3 ? from + i - 8 : from + i;
        }
        cr_assert_eq(hf_ring_published(slots, 8, from), from + 2);
    }
}

Test(ring, the_second_slot_alone_is_not_published)
{
    ring_start(8, 1);
    produce(1);
    slots[3].number = 3; /* the producer died between the two stores of a message at 2, 3 */
    cr_assert_eq(hf_ring_published(slots, 8, 1), 1);
    cr_assert_eq(consume(), 1);
    cr_assert_eq(consume(), 0);
}

Test(ring, a_resumed_producer_takes_back_a_lone_half)
{
    ring_start(8, 1);
    produce(1);
    slots[3].number = 3;
    hf_ring_producer_init(&producer, slots, 8, &head, &tail, hf_ring_published(slots, 8, 1) + 1);
    cr_assert_eq(produce(1), HF_OK); /* at 2; before the cut, 3 would now be seen after it */
    cr_assert_eq(hf_ring_published(slots, 8, 1), 2);
    cr_assert_eq(consume(), 1);
    cr_assert_eq(consume(), 1);
    cr_assert_eq(consume(), 0);
    cr_assert_eq(produce(2), HF_OK);
    cr_assert_eq(consume(), 2);
}

Test(ring, resuming_within_the_published_run_rewrites_nothing)
{
    ring_start(8, 1);
    for (int i = 0; i < 8; i++) {
        produce(1);
    }
    struct hf_slot before[8];
    memcpy(before, slots, sizeof(before));
    for (uint64_t next = 1; next <= 9; next++) {
        hf_ring_producer_init(&producer, slots, 8, &head, &tail, next);
        cr_assert_eq(memcmp(before, slots, sizeof(before)), 0, "next %lu", next);
    }
}

static int
init_with_capacity(void *context)
{
    hf_ring_producer_init(&producer, slots, *(uint64_t *)context, &head, &tail, 1);
    return 0;
}

static int
init_at_zero(void *context)
{
    hf_ring_consumer_init(&consumer, slots, *(uint64_t *)context, &tail, 0);
    return 0;
}

Test(ring, a_bad_capacity_or_position_is_a_programmer_error)
{
    uint64_t capacities[] = {0, 1, 3, 48, UINT64_MAX};
    char text[512];
    for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
        cr_assert_eq(child_run_stderr(init_with_capacity, &capacities[i], text, sizeof(text)),
                     CHILD_SIGNAL + SIGABRT);
    }
    uint64_t good = 8;
    cr_assert_eq(child_run_stderr(init_with_capacity, &good, text, sizeof(text)), 0);
    cr_assert_eq(child_run_stderr(init_at_zero, &good, text, sizeof(text)), CHILD_SIGNAL + SIGABRT);
}

/*
 * A producer process that is killed at random and started anew, and a consumer that must see every
 * position once, in order, whole. The killed one's successor knows only what is in the object.
 */
#define KILL_CAPACITY 64u
struct kill_object {
    uint64_t tail;
    uint8_t pad0[120];
    uint64_t head;
    uint8_t pad1[120];
    struct hf_slot slots[KILL_CAPACITY];
};

static uint64_t
hash_position(uint64_t position)
{
    uint64_t mixed = position * 0x9e3779b97f4a7c15u;
    return mixed ^ mixed >> 29;
}

static void
fill_hashed(struct hf_slot *slot, uint64_t position, uint64_t count)
{
    uint64_t words[sizeof(slot->body) / 8];
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        words[i] = hash_position(position + i);
    }
    words[0] = count;
    memcpy(slot->body, words, sizeof(words));
}

static int
produce_for_ever(void *context)
{
    struct kill_object *object = context;
    struct hf_ring_producer own;
    uint64_t from = hf_load_acquire(&object->tail) + 1;
    uint64_t next = hf_ring_published(object->slots, KILL_CAPACITY, from) + 1;
    hf_ring_producer_init(&own, object->slots, KILL_CAPACITY, &object->head, &object->tail, next);
    for (;;) {
        uint64_t count = 1 + hash_position(own.next ^ (uint64_t)getpid()) % 2;
        int result = hf_ring_claim(&own, count);
        if (result == HF_AGAIN) {
            continue;
        }
        if (result != HF_OK) {
            return 1;
        }
        for (uint64_t i = 0; i < count; i++) {
            fill_hashed(hf_ring_slot(&own, own.next + i), own.next + i, i == 0 ? count : 0);
        }
        hf_ring_publish(&own, (unsigned)count);
        hf_ring_announce(&own);
    }
}

static bool
take_hashed(struct hf_ring_consumer *own, uint64_t ahead, uint64_t *count)
{
    const struct hf_slot *slot = hf_ring_peek_ahead(own, ahead);
    struct hf_slot expected;
    if (slot == NULL) {
        return false;
    }
    memcpy(count, slot->body, 8);
    fill_hashed(&expected, own->next + ahead, *count);
    return memcmp(slot->body, expected.body, sizeof(expected.body)) == 0;
}

Test(ring, a_producer_killed_at_any_instruction_loses_and_doubles_nothing)
{
    struct hf_region region;
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.test.%d.kill", (int)getpid());
    cr_assert_eq(hf_region_create(&region, name, sizeof(struct kill_object)), HF_OK);
    struct kill_object *object = region.base;
    struct hf_ring_consumer own;
    hf_ring_consumer_init(&own, object->slots, KILL_CAPACITY, &object->tail, 1);
    for (unsigned life = 0; life < 60; life++) {
        pid_t pid = child_start(produce_for_ever, object);
        uint64_t until = own.next + 300 + hash_position(life) % 1000;
        while (own.next < until || hf_ring_peek(&own) != NULL) {
            if (hf_ring_peek(&own) == NULL) {
                sched_yield();
                continue;
            }
            uint64_t count;
            uint64_t rest;
            cr_assert(take_hashed(&own, 0, &count), "position %lu", own.next);
            cr_assert(count == 1 || count == 2, "position %lu is a lone half", own.next);
            if (count == 2) {
                cr_assert(take_hashed(&own, 1, &rest) && rest == 0, "position %lu", own.next);
            }
            hf_ring_advance(&own, count);
            hf_ring_release(&own);
            if (own.next >= until && pid != 0) {
                kill(pid, SIGKILL);
                cr_assert_eq(child_end(pid), CHILD_SIGNAL + SIGKILL);
                pid = 0; /* and take what it left */
            }
        }
    }
    hf_region_detach(&region);
    cr_assert_eq(hf_region_unlink(name), HF_OK);
}

/* R5 */

struct restart_case {
    const char *what;
    uint64_t capacity;
    uint64_t next;    /**< of a producer that resumes */
    uint64_t restart; /**< where the ring restarted */
    uint64_t tail;    /**< of the consumer */
    int result;
    uint64_t free_to; /**< slots up to here count as free */
};

Test(ring, a_tail_below_a_restart_counts_as_one_that_has_released_up_to_it)
{
    static const struct restart_case CASES[] = {
        {"nothing since", 8, 100, 100, 8, HF_OK, 99},
        {"presents what is before", 8, 103, 100, 50, HF_OK, 99},
        {"has read what is before", 8, 103, 100, 99, HF_OK, 99},
        {"reads on in the ring", 8, 103, 100, 101, HF_OK, 101},
        {"beyond what is published", 8, 103, 100, 103, HF_E_PROTOCOL, 99},
        {"a ring full, and presents still", 8, 108, 100, 3, HF_OK, 99},
        {"a lap later", 8, 120, 100, 115, HF_OK, 115},
        {"a lap later, and below what R1 allows", 8, 120, 100, 99, HF_E_PROTOCOL, 111},
    };
    static struct hf_slot slots[8];
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        const struct restart_case *c = &CASES[i];
        struct hf_ring_producer producer;
        uint64_t head = 0;
        hf_ring_producer_init(&producer, slots, c->capacity, &head, &c->tail, c->next);
        hf_ring_resume_restarted(&producer, c->restart);
        cr_expect_eq(hf_ring_refresh(&producer), c->result, "%s", c->what);
        cr_expect_eq(producer.tail_seen, c->free_to, "%s: %lu", c->what, producer.tail_seen);
    }
}

Test(ring, a_restarted_ring_gives_a_ring_full_and_wants_the_tail_to_rise)
{
    static struct hf_slot slots[8];
    struct hf_ring_producer producer;
    uint64_t head = 0;
    uint64_t tail = 0;
    hf_ring_producer_init(&producer, slots, 8, &head, &tail, 1);
    cr_assert_eq(hf_ring_claim(&producer, 2), HF_OK);
    hf_ring_publish(&producer, 2);
    tail = 2;
    cr_assert_eq(hf_ring_refresh(&producer), HF_OK);
    hf_ring_restart(&producer, 100);
    for (unsigned i = 0; i < 8; i++) {
        cr_assert_eq(hf_ring_claim(&producer, 1), HF_OK);
        hf_ring_publish(&producer, 1);
    }
    cr_expect_eq(hf_ring_published(slots, 8, 100), 107);
    cr_expect_eq(hf_ring_claim(&producer, 1), HF_AGAIN);
    tail = 60;
    cr_expect_eq(hf_ring_claim(&producer, 1), HF_AGAIN, "it still presents what is before");
    tail = 59;
    cr_expect_eq(hf_ring_claim(&producer, 1), HF_E_PROTOCOL, "R4: it runs back");
    tail = 100;
    cr_expect_eq(hf_ring_claim(&producer, 1), HF_OK);
}
