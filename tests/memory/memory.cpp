/*
 * memory.cpp - the memory orders of ring, broadcast ring, and park and wake, under the memory model of C11.
 *
 * Relacy (Debian: relacy-dev) runs small scenarios over the code itself (words.hpp), in every interleaving
 * and with every older value that a load may still give, and finds races, broken assertions and threads
 * that sleep for good. Then each order in that code is weakened, one place at a time: a scenario must fail.
 * So the orders are as strong as needed, and not stronger.
 *
 *   memory [--random ITERATIONS]    after the search also this many random executions of each scenario,
 *                                   in which loads may give older values (default 20,000)
 */
#include "words.hpp"

/* A slot of three words is as good as one of eight, and has far fewer interleavings. */
#include <holdfast/units.h>
#undef HF_SLOT_BYTES
#define HF_SLOT_BYTES 24u

#include "shm/broadcast.h"
#include "shm/ring.h"

#include "shm/ring.c"

#include "daemon/stage.c"

/* ---- the kernel's part: a futex compares the newest value ---- */

int
hf_futex_wait(const uint32_t *word, uint32_t expected, uint64_t)
{
    rl::atomic<uint64_t> &sleepers = current->shared[unit_of(word)];
    {
        rl::preemption_disabler whole(rl::ctx());
        if (sleepers($).fetch_add(0, rl::mo_relaxed) != expected) {
            return 0;
        }
    }
    (void)sleepers.wait(rl::ctx(), false, false, $);
    return 0;
}

void
hf_futex_wake(const uint32_t *word)
{
    rl::ctx().sched();
    (void)current->shared[unit_of(word)].wake(rl::ctx(), 1000, $);
}

/* ---- scenarios: two threads each, the last two of them three; thread 0 produces ---- */

#define WORDS_PER_SLOT (HF_SLOT_BYTES / 8)
#define SLOT_UNITS (HF_SLOT_BYTES / 4)

/* Where things lie in shared memory. */
static hf_slot *const slots = (hf_slot *)(void *)&arena[0]; /* two */
static uint64_t *const broadcast_words = (uint64_t *)(void *)&arena[0];
static uint64_t *const head = (uint64_t *)(void *)&arena[2 * SLOT_UNITS];
static uint64_t *const tail = head + 1;
static uint64_t *const watermark = head + 2;
static uint64_t *const wish = tail;
static uint64_t *const writing = watermark;
static hf_stage_bell *const bell = (hf_stage_bell *)(void *)(head + 3);

struct message {
    uint64_t number;
    uint64_t body[WORDS_PER_SLOT - 1];
};

static uint64_t
word_of(uint64_t number, unsigned i)
{
    return number * 10 + i + 1;
}

static message
make_message(uint64_t number)
{
    message made = {number, {}};
    for (unsigned i = 0; i < WORDS_PER_SLOT - 1; i++) {
        made.body[i] = word_of(number, i);
    }
    return made;
}

static bool
is_message(const uint64_t *body, uint64_t number)
{
    bool same = true;
    for (unsigned i = 0; i < WORDS_PER_SLOT - 1; i++) {
        same = same && body[i] == word_of(number, i);
    }
    return same;
}

static void
read_body(const hf_slot *slot, uint64_t number)
{
    uint64_t body[WORDS_PER_SLOT - 1];
    memcpy(body, slot->body, sizeof(body));
    RL_ASSERT(is_message(body, number));
}

static void
publish_messages(hf_ring_producer *ring, uint64_t messages, unsigned slots_each)
{
    for (uint64_t i = 0; i < messages; i++) {
        int claimed;
        while ((claimed = hf_ring_claim(ring, slots_each)) == HF_AGAIN) {
            rl::yield(1, $);
        }
        RL_ASSERT(claimed == HF_OK);
        const message both[2] = {make_message(ring->next), make_message(ring->next + 1)};
        hf_ring_publish_copy(ring, both, slots_each);
    }
}

static const hf_slot *
await_slot(const hf_ring_consumer *ring)
{
    const hf_slot *slot;
    while ((slot = hf_ring_peek(ring)) == NULL) {
        rl::yield(1, $);
    }
    return slot;
}

struct scenario_base {
    words memory;
    hf_ring_producer producer;
    hf_ring_consumer consumer;

    void
    begin(uint64_t capacity)
    {
        current = &memory;
        hf_ring_producer_init(&producer, slots, capacity, head, tail, 1);
        hf_ring_consumer_init(&consumer, slots, capacity, tail, 1);
    }
};

/* Three messages through a ring of two slots: the third takes the place of the first. */
struct ring_passes_messages : rl::test_suite<ring_passes_messages, 2>, scenario_base {
    void
    before()
    {
        begin(2);
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            publish_messages(&producer, 3, 1);
            return;
        }
        for (uint64_t number = 1; number <= 3; number++) {
            read_body(await_slot(&consumer), number);
            hf_ring_advance(&consumer, 1);
            hf_ring_release(&consumer);
        }
    }
};

/* R3: who sees the first slot of a message sees both. */
struct ring_passes_two_slots : rl::test_suite<ring_passes_two_slots, 2>, scenario_base {
    void
    before()
    {
        begin(2);
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            publish_messages(&producer, 2, 2);
            return;
        }
        for (uint64_t number = 1; number <= 3; number += 2) {
            read_body(await_slot(&consumer), number);
            read_body(&slots[(number + 1) & 1],
                      number + 1); /* its acquire covers the second one too */
            hf_ring_advance(&consumer, 2);
            hf_ring_release(&consumer);
        }
    }
};

/* A batch is read before it is released; whoever resumes finds all that is published. */
struct ring_is_looked_at : rl::test_suite<ring_is_looked_at, 2>, scenario_base {
    void
    before()
    {
        begin(2);
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            publish_messages(&producer, 2, 1);
            return;
        }
        uint64_t last = hf_ring_published(slots, 2, 1);
        for (uint64_t number = 1; number <= last; number++) {
            read_body(&slots[number & 1], number);
        }
        for (uint64_t ahead = 0; ahead < 2; ahead++) {
            const hf_slot *slot = hf_ring_peek_ahead(&consumer, ahead);
            if (slot != NULL) {
                read_body(slot, 1 + ahead);
            }
        }
    }
};

struct broadcast_base {
    words memory;
    hf_broadcast_writer writer;
    hf_broadcast_reader reader;

    void
    begin(uint64_t capacity)
    {
        current = &memory;
        writer = {broadcast_words, capacity - 1, 1, head};
        reader = {broadcast_words, capacity - 1, 1, 1, head};
    }

    void
    publish(uint64_t messages)
    {
        for (uint64_t number = 1; number <= messages; number++) {
            const message made = make_message(number);
            hf_broadcast_publish(&writer, &made);
        }
    }
};

/* D1, the worst case: both messages in the same slot. */
struct broadcast_gives_whole_messages : rl::test_suite<broadcast_gives_whole_messages, 2>,
                                        broadcast_base {
    void
    before()
    {
        begin(1);
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            publish(2);
            return;
        }
        for (unsigned look = 0; look < 2; look++) {
            message got;
            uint64_t wanted = reader.next;
            if (hf_broadcast_read(&reader, &got) == HF_OK) {
                RL_ASSERT(got.number == wanted && is_message(got.body, wanted));
            }
        }
    }
};

/* What was announced can be read, or has been overwritten since. */
struct broadcast_announces : rl::test_suite<broadcast_announces, 2>, broadcast_base {
    void
    before()
    {
        begin(2);
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            publish(2);
            hf_broadcast_announce(&writer);
            return;
        }
        message got;
        reader.next = hf_broadcast_head(&reader);
        if (reader.next != 0) {
            RL_ASSERT(hf_broadcast_ready(&reader));
            RL_ASSERT(hf_broadcast_read(&reader, &got) == HF_OK);
        }
    }
};

/* T1. Thread 1 sleeps until there is work; who sleeps for good is a deadlock. */
template <typename Look>
static void
sleep_until(Look look)
{
    for (;;) {
        uint32_t seen = hf_bell_prepare(bell, HF_PARKED);
        if (look()) {
            hf_bell_cancel(bell);
            return;
        }
        hf_bell_sleep(bell, seen, 0);
    }
}

/* The engine rings for the WAL writer, as finish_records() and park_writer() do; a client for the engine. */
struct bell_wakes_for_messages : rl::test_suite<bell_wakes_for_messages, 2>, scenario_base {
    void
    before()
    {
        begin(2);
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            publish_messages(&producer, 1, 1);
            hf_ring_announce(&producer);
            hf_bell_ring(bell, 1);
            return;
        }
        sleep_until([this] {
            hf_ring_catch_up(head);
            return hf_ring_peek(&consumer) != NULL;
        });
        read_body(await_slot(&consumer), 1);
    }
};

/* The sync thread gives queue slots back (queue_release()) and rings for an engine that waits for room. */
struct bell_wakes_for_room : rl::test_suite<bell_wakes_for_room, 2>, scenario_base {
    void
    before()
    {
        begin(2);
        publish_messages(&producer, 2, 1);
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            hf_store_seq_cst(tail, 1);
            hf_bell_ring(bell, 1);
            return;
        }
        sleep_until([this] { return hf_ring_claim(&producer, 1) == HF_OK; });
    }
};

/* The WAL writer stores written_lsn (batch_publish()) and rings for the sync thread (written_now()); twice,
 * so that it also rings for one who has just been awake. */
struct bell_wakes_for_a_watermark : rl::test_suite<bell_wakes_for_a_watermark, 2>, scenario_base {
    void
    before()
    {
        begin(2);
    }

    void
    thread(unsigned index)
    {
        for (uint64_t lsn = 1; lsn <= 2; lsn++) {
            if (index == 0) {
                hf_store_seq_cst(watermark, lsn);
                hf_bell_ring(bell, 1);
            } else {
                sleep_until([lsn] { return hf_load_seq_cst(watermark) >= lsn; });
            }
        }
    }
};

/* T2: two ring for one sleep (WAL writer and engine for the sync thread), one of them for work that is done already;
 * whoever comes second makes no call. */
struct bell_wakes_once_for_two : rl::test_suite<bell_wakes_once_for_two, 3>, scenario_base {
    void
    before()
    {
        begin(2);
    }

    void
    thread(unsigned index)
    {
        if (index == 2) {
            sleep_until([] { return hf_load_seq_cst(watermark) != 0; });
            return;
        }
        if (index == 0) {
            hf_store_seq_cst(watermark, 1);
        }
        hf_bell_ring(bell, 1);
    }
};

static void
leave_stage()
{
    hf_store_seq_cst(writing, 0);
}

static bool
look_for_wish()
{
    return hf_load_seq_cst(wish) != 0;
}

/* A wish for a flush. The sync thread sees it and comes to write what is wished (write_wished()); where the writer
 * is at it, that one sees the wish when it has left its stage, and rings (write_records()). */
struct wish_is_seen : rl::test_suite<wish_is_seen, 3>, scenario_base {
    bool waits; /* the sync thread, for the writer's ring */
    bool rings;

    void
    before()
    {
        begin(2);
        waits = false;
        rings = false;
        hf_store_relaxed(writing, 1); /* by the writer */
    }

    /* What the stage keeps between two calls. */
    static void
    work()
    {
        uint64_t state;
        memcpy(&state, slots, sizeof(state));
        memcpy(slots, &state, sizeof(state));
    }

    void
    thread(unsigned index)
    {
        if (index == 0) {
            work();
            leave_stage();
            rings = hf_load_seq_cst(wish) != 0;
        } else if (index == 1) {
            if (look_for_wish()) {
                waits = hf_exchange_seq_cst(writing, 1) != 0;
                if (!waits) {
                    work();
                }
            }
        } else {
            hf_store_seq_cst(wish, 1); /* the engine */
        }
    }

    void
    after()
    {
        RL_ASSERT(rings || !waits);
    }
};

/* ---- the program ---- */

/* What Relacy tells, in memory that it does not count. */
struct story : std::streambuf {
    char text[1 << 16];
    size_t used = 0;

    int
    overflow(int byte) override
    {
        if (used + 1 < sizeof(text)) {
            text[used++] = (char)byte;
        }
        text[used] = '\0';
        return byte;
    }
};
static story told;

template <typename Scenario>
static bool
holds(rl::scheduler_type_e how, unsigned long iterations, unsigned long *executions)
{
    std::ostream output(&told);
    rl::test_params params;
    told.used = 0;
    params.output_stream = &output;
    params.progress_stream = &output;
    params.search_type = how;
    params.iteration_count = iterations;
    bool result = rl::simulate<Scenario>(params);
    *executions = params.stop_iteration;
    return result;
}

struct scenario {
    const char *name;
    bool (*holds)(rl::scheduler_type_e how, unsigned long iterations, unsigned long *executions);
};

static const scenario scenarios[] = {
    {"a ring passes messages whole, and no slot is written while it is read",
     holds<ring_passes_messages>},
    {"who sees the first slot of a message sees the second", holds<ring_passes_two_slots>},
    {"who looks at a ring from outside may read what is published", holds<ring_is_looked_at>},
    {"a broadcast message is read whole, or known to be overwritten",
     holds<broadcast_gives_whole_messages>},
    {"what the broadcast ring announces is there", holds<broadcast_announces>},
    {"nobody sleeps over a message", holds<bell_wakes_for_messages>},
    {"nobody sleeps over room in the queue", holds<bell_wakes_for_room>},
    {"nobody sleeps over a watermark", holds<bell_wakes_for_a_watermark>},
    {"a wish is seen by who is at the writer's stage", holds<wish_is_seen>},
    {"nobody sleeps because somebody else has rung", holds<bell_wakes_once_for_two>},
};

/* Orders that the code has for a reason that no scenario shows. */
static const struct {
    const char *function;
    const char *what;
    const char *order;
    const char *why;
} unshown[] = {
    {"hf_broadcast_ready", "load", "acquire", "nothing is read by it: the read looks again"},
    {"hf_bell_ring", "exchange", "seq_cst", "Relacy's exchange gives the newest value"},
    {"hf_bell_ring", "fetch_add", "seq_cst", "the kernel compares the newest value"},
    {"leave_stage", "store", "seq_cst", "Relacy lets no load pass an earlier store"},
    {"look_for_wish", "load", "seq_cst", "it is also the last look before sleeping"},
};

static bool
all_hold(unsigned long random)
{
    bool good = true;
    for (const scenario &one : scenarios) {
        unsigned long searched = 0;
        unsigned long tried = 0;
        bool holds =
            one.holds(rl::sched_full, 0, &searched) && one.holds(rl::sched_random, random, &tried);
        printf("  %-7s %8lu executions, %6lu random: %s\n", holds ? "holds" : "FAILED", searched,
               tried, one.name);
        if (!holds) {
            puts(told.text);
            good = false;
        }
    }
    return good;
}

static const char *
failing_scenario()
{
    for (const scenario &one : scenarios) {
        unsigned long executions;
        if (!one.holds(rl::sched_full, 0, &executions)) {
            return one.name;
        }
    }
    return NULL;
}

static const char *
reason_of(const place &at)
{
    for (const auto &one : unshown) {
        if (strcmp(one.function, at.function) == 0 && strcmp(one.what, at.what) == 0 &&
            strcmp(one.order, at.order) == 0) {
            return one.why;
        }
    }
    return NULL;
}

/* Every place is needed as strong as it is. */
static bool
all_are_needed()
{
    bool good = true;
    for (unsigned i = 0; i < place_count; i++) {
        weakened = &places[i];
        const char *failing = failing_scenario();
        const char *words = failing != NULL ? failing : reason_of(places[i]);
        printf("  %-7s %s %s in %s: %s\n",
               failing != NULL ? "needed"
               : words != NULL ? "unshown"
                               : "FAILED",
               places[i].order, places[i].what, places[i].function,
               words != NULL ? words : "a weaker one breaks nothing");
        good = good && words != NULL;
    }
    weakened = NULL;
    return good;
}

int
main(int argc, char **argv)
{
    unsigned long random = 20000;
    if (argc == 3 && strcmp(argv[1], "--random") == 0) {
        random = strtoul(argv[2], NULL, 10);
    } else if (argc != 1) {
        fprintf(stderr, "usage: memory [--random ITERATIONS]\n");
        return 64;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    bool hold = all_hold(random);
    bool needed = hold && all_are_needed();
    return hold && needed ? 0 : 1;
}
