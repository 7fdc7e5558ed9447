/*
 * broadcast.c - one writer that never waits, and readers that it laps all the time, threads over one
 * mapping: whatever a reader gets is whole and in order. A copy in which one word is of another message
 * would fail the check of its content; a race detector would find an access that is not ordered.
 *
 * Each case: a capacity, and how many messages the writer makes between two pauses. One reader is as
 * fast as it can be, one dawdles, one looks at every message twice through a second reader.
 */
#include "shm/broadcast.h"
#include "base/clock.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>

#define PATIENCE_NS UINT64_C(300000000000) /* for all of it, on a host that does much else */

#if defined(__SANITIZE_THREAD__)
#define MESSAGES_PER_CASE 150000u
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MESSAGES_PER_CASE 150000u
#endif
#endif
#ifndef MESSAGES_PER_CASE
#define MESSAGES_PER_CASE 1500000u
#endif

#define SLOTS_MAX 4096u
#define READERS 3u
#define DAWDLE_NS 20000u

struct stress_case {
    uint32_t slots;
    uint64_t first_number;
    uint64_t burst; /* messages between two pauses; 0: none at all */
};

static const struct stress_case cases[] = {
    {64, 1, 0}, {64, 1, 50}, {64, 1000003, 7}, {256, 1, 200}, {4096, 1, 0}, {4096, 77, 3000},
};

struct shared {
    struct hf_broadcast_object object;
    uint8_t pad[HF_BROADCAST_SLOTS_OFFSET - sizeof(struct hf_broadcast_object)];
    uint64_t words[SLOTS_MAX][HF_BROADCAST_WORDS];
};

struct reading {
    const struct stress_case *stress;
    struct hf_region region;
    unsigned kind;
    uint64_t whole; /* messages that were read */
    uint64_t laps;
    const char *failure; /* NULL: none; read after the join */
    uint64_t failure_number;
};

/* Cheap and different for every message and word. */
static uint64_t
mix(uint64_t value)
{
    value *= 0x9e3779b97f4a7c15u;
    return value ^ value >> 31;
}

static void
make_message(uint64_t words[HF_BROADCAST_WORDS], uint64_t number)
{
    words[0] = number;
    for (unsigned i = 1; i < HF_BROADCAST_WORDS; i++) {
        words[i] = mix(number + ((uint64_t)i << 40));
    }
}

static bool
message_good(const uint64_t words[HF_BROADCAST_WORDS], uint64_t number)
{
    uint64_t expected[HF_BROADCAST_WORDS];
    make_message(expected, number);
    bool good = true;
    for (unsigned i = 0; i < HF_BROADCAST_WORDS; i++) {
        good = good && words[i] == expected[i];
    }
    return good;
}

static uint64_t
last_number(const struct stress_case *stress)
{
    return stress->first_number + MESSAGES_PER_CASE - 1;
}

struct writing {
    const struct stress_case *stress;
    struct hf_region region;
};

static void *
write_all(void *context)
{
    struct writing *writing = context;
    struct hf_broadcast_writer writer;
    uint64_t words[HF_BROADCAST_WORDS];
    hf_broadcast_writer_init(&writer, &writing->region, writing->stress->first_number);
    while (writer.next <= last_number(writing->stress)) {
        make_message(words, writer.next);
        hf_broadcast_publish(&writer, words);
        if (mix(writer.next) % 16 == 0) {
            hf_broadcast_announce(&writer);
        }
        if (writing->stress->burst != 0 && writer.next % writing->stress->burst == 0) {
            sched_yield();
        }
    }
    hf_broadcast_announce(&writer);
    return NULL;
}

static void
fail(struct reading *reading, const char *what, uint64_t number)
{
    reading->failure = what;
    reading->failure_number = number;
}

/* A second reader looks for the same message: it is the same, or it has been overwritten. */
static void
look_again(struct reading *reading, uint64_t number)
{
    struct hf_broadcast_reader second;
    uint64_t words[HF_BROADCAST_WORDS];
    hf_broadcast_reader_init(&second, &reading->region, number);
    int result = hf_broadcast_read(&second, words);
    if (result == HF_AGAIN || (result == HF_OK && !message_good(words, number))) {
        fail(reading, "a message that was read is not there any more, or another", number);
    }
}

static void
take_one(struct reading *reading, struct hf_broadcast_reader *reader)
{
    uint64_t words[HF_BROADCAST_WORDS];
    uint64_t number = reader->next;
    int result = hf_broadcast_read(reader, words);
    if (result == HF_OK) {
        reading->whole++;
        if (!message_good(words, number)) {
            fail(reading, "torn or wrong", number);
        } else if (reading->kind == 2) {
            look_again(reading, number);
        }
    } else if (result == HF_LAPPED) {
        reading->laps++;
        if (hf_broadcast_skip(reader) == 0) {
            fail(reading, "lapped, but by nobody", number);
        }
    } else {
        sched_yield();
    }
    if (reading->kind == 1 && number % 1024 == 0) {
        hf_clock_sleep_ns(DAWDLE_NS);
    }
}

static void *
read_all(void *context)
{
    struct reading *reading = context;
    struct hf_broadcast_reader reader;
    uint64_t deadline_ns = hf_clock_monotonic_ns() + PATIENCE_NS;
    hf_broadcast_reader_init(&reader, &reading->region, reading->stress->first_number);
    while (reader.next <= last_number(reading->stress) && reading->failure == NULL) {
        take_one(reading, &reader);
        if (hf_clock_monotonic_ns() > deadline_ns) {
            fail(reading, "no end within five minutes", reader.next);
        }
    }
    return NULL;
}

/* The writer has ended: the last messages are all there, and the one before them is not. */
static void
check_end(struct reading *reading)
{
    struct hf_broadcast_reader reader;
    uint64_t words[HF_BROADCAST_WORDS];
    uint64_t last;
    uint64_t end = last_number(reading->stress);
    if (hf_broadcast_last(&reading->region, &last) != HF_OK || last != end) {
        fail(reading, "the end is not where it is", last);
        return;
    }
    hf_broadcast_reader_init(&reader, &reading->region, end - reading->stress->slots);
    if (hf_broadcast_read(&reader, words) != HF_LAPPED) {
        fail(reading, "more messages than slots", reader.next);
    }
    for (uint64_t number = ++reader.next; number <= end; number++) {
        if (hf_broadcast_read(&reader, words) != HF_OK || !message_good(words, number)) {
            fail(reading, "one of the last messages is missing", number);
            return;
        }
    }
    if (hf_broadcast_read(&reader, words) != HF_AGAIN) {
        fail(reading, "a message that nobody wrote", end + 1);
    }
}

static void
make_object(struct shared *shared, const struct stress_case *stress)
{
    shared->object = (struct hf_broadcast_object){
        .magic = HF_BROADCAST_MAGIC,
        .version = 1,
        .slots = stress->slots,
        .first_number = stress->first_number,
        .head = stress->first_number - 1,
    };
}

static bool
run_case(const struct stress_case *stress)
{
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    HF_ASSERT("memory", shared != MAP_FAILED);
    make_object(shared, stress);
    struct hf_region region = {.base = shared, .len_bytes = sizeof(*shared), .fd = -1};
    HF_ASSERT("the object is good", hf_broadcast_check(&region) == HF_OK);
    struct writing writing = {.stress = stress, .region = region};
    struct reading readings[READERS];
    pthread_t threads[READERS + 1];
    for (unsigned i = 0; i < READERS; i++) {
        readings[i] = (struct reading){.stress = stress, .region = region, .kind = i};
        HF_ASSERT("thread", pthread_create(&threads[i], NULL, read_all, &readings[i]) == 0);
    }
    HF_ASSERT("thread", pthread_create(&threads[READERS], NULL, write_all, &writing) == 0);
    for (unsigned i = 0; i <= READERS; i++) {
        pthread_join(threads[i], NULL);
    }
    bool good = true;
    uint64_t laps = 0;
    for (unsigned i = 0; i < READERS; i++) {
        if (readings[i].failure == NULL) {
            check_end(&readings[i]);
        }
        if (readings[i].failure != NULL) {
            printf("FAILED: %" PRIu32 " slots, reader %u: %s at %" PRIu64 "\n", stress->slots, i,
                   readings[i].failure, readings[i].failure_number);
            good = false;
        }
        laps += readings[i].laps;
    }
    printf("%" PRIu32 " slots: %" PRIu64 ", %" PRIu64 ", %" PRIu64 " messages read, lapped %" PRIu64
           " times\n",
           stress->slots, readings[0].whole, readings[1].whole, readings[2].whole, laps);
    munmap(shared, sizeof(*shared));
    return good;
}

int
main(void)
{
    const size_t count = sizeof(cases) / sizeof(cases[0]);
    size_t passed = 0;
    while (passed < count && run_case(&cases[passed])) {
        passed++;
    }
    printf("%zu passed, %d failed\n", passed, passed == count ? 0 : 1);
    return passed == count ? 0 : 1;
}
