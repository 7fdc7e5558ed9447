/* test_broadcast.c - what a writer leaves in each state, what readers get, and what is damage. */
#include "shm/broadcast.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS 64u
#define FIRST 1001u

static char instance[HF_NAME_BYTES];
static struct hf_broadcast_spec spec;
static struct hf_region region;
static struct hf_broadcast_writer writer;

static void
set_up(void)
{
    snprintf(instance, sizeof(instance), "bc%d", (int)getpid());
    spec = (struct hf_broadcast_spec){.instance = instance,
                                      .instance_id = 11,
                                      .boot = 22,
                                      .epoch = 33,
                                      .history = 44,
                                      .first_number = FIRST,
                                      .slots = SLOTS};
    cr_assert_eq(hf_broadcast_create(&region, &spec), HF_OK);
    hf_broadcast_writer_init(&writer, &region, FIRST);
}

static void
unlink_object(void)
{
    char name[HF_REGION_NAME_BYTES];
    hf_broadcast_name(name, instance);
    hf_region_unlink(name);
}

static void
tear_down(void)
{
    hf_region_detach(&region);
    unlink_object();
}

TestSuite(broadcast, .init = set_up, .fini = tear_down);

static void
publish(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t words[HF_BROADCAST_WORDS] = {99, writer.next * 2, 3, 4, 5, 6, 7, writer.next * 8};
        hf_broadcast_publish(&writer, words);
    }
}

static uint64_t *
slot_of(uint64_t number)
{
    return &writer.words[(number & writer.mask) * HF_BROADCAST_WORDS];
}

static uint64_t *
reader_head(void)
{
    struct hf_broadcast_object *object = region.base;
    return &object->head;
}

static int
read_from(uint64_t number, uint64_t words[HF_BROADCAST_WORDS])
{
    struct hf_broadcast_reader reader;
    hf_broadcast_reader_init(&reader, &region, number);
    int code = hf_broadcast_read(&reader, words);
    cr_expect_eq(reader.next, number + (code == HF_OK), "only a whole message is stepped over");
    return code;
}

Test(broadcast, the_header_says_what_it_was_made_from)
{
    const struct hf_broadcast_object *object = region.base;
    cr_expect_str_eq(region.name + strlen(region.name) - 3, ".md");
    cr_expect_eq(hf_broadcast_check(&region), HF_OK);
    cr_expect_eq(object->instance_id, 11);
    cr_expect_eq(object->boot, 22);
    cr_expect_eq(object->epoch, 33);
    cr_expect_eq(object->history, 44);
    cr_expect_eq(object->first_number, FIRST);
    cr_expect_eq(object->head, FIRST - 1);
}

Test(broadcast, slots_are_a_power_of_two_within_bounds)
{
    const uint64_t bad[] = {0, 1, 32, 63, 65, 96, 1u << 25};
    struct hf_region none;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_not(hf_broadcast_slots_valid(bad[i]));
        spec.slots = (uint32_t)bad[i];
        cr_expect_eq(hf_broadcast_create(&none, &spec), HF_E_ARGUMENT);
    }
    cr_expect(hf_broadcast_slots_valid(64));
    cr_expect(hf_broadcast_slots_valid(1u << 24));
    spec.slots = SLOTS;
    spec.first_number = 0;
    cr_expect_eq(hf_broadcast_create(&none, &spec), HF_E_ARGUMENT);
}

Test(broadcast, a_header_that_is_wrong_is_refused)
{
    struct hf_broadcast_object *object = region.base;
    object->magic = 0;
    cr_expect_eq(hf_broadcast_check(&region), HF_E_UNKNOWN, "not finished");
    object->magic = 5;
    cr_expect_eq(hf_broadcast_check(&region), HF_E_CORRUPT);
    object->magic = HF_BROADCAST_MAGIC;
    object->version++;
    cr_expect_eq(hf_broadcast_check(&region), HF_E_VERSION);
    object->version--;
    object->slots = 128; /* one page more than the mapping has */
    cr_expect_eq(hf_broadcast_check(&region), HF_E_CORRUPT);
    object->slots = 63;
    cr_expect_eq(hf_broadcast_check(&region), HF_E_CORRUPT);
    object->slots = SLOTS;
    object->first_number = 0;
    cr_expect_eq(hf_broadcast_check(&region), HF_E_CORRUPT);
    object->first_number = HF_BROADCAST_WRITING;
    cr_expect_eq(hf_broadcast_check(&region), HF_E_CORRUPT);
    struct hf_region stub = {.base = region.base, .len_bytes = 4095, .fd = -1};
    cr_expect_eq(hf_broadcast_check(&stub), HF_E_CORRUPT);
}

Test(broadcast, a_reader_gets_each_message_once_and_then_has_to_wait)
{
    struct hf_broadcast_reader reader;
    uint64_t words[HF_BROADCAST_WORDS];
    hf_broadcast_reader_init(&reader, &region, FIRST);
    cr_expect_not(hf_broadcast_ready(&reader));
    cr_expect_eq(hf_broadcast_read(&reader, words), HF_AGAIN);
    publish(SLOTS);
    for (uint64_t number = FIRST; number < FIRST + SLOTS; number++) {
        cr_expect(hf_broadcast_ready(&reader));
        cr_assert_eq(hf_broadcast_read(&reader, words), HF_OK);
        cr_expect_eq(words[0], number, "the ring's own number, whatever the writer's message has");
        cr_expect_eq(words[1], number * 2);
        cr_expect_eq(words[7], number * 8);
    }
    cr_expect_eq(hf_broadcast_read(&reader, words), HF_AGAIN);
}

Test(broadcast, who_is_overtaken_is_lapped)
{
    uint64_t words[HF_BROADCAST_WORDS];
    publish(SLOTS + 1);
    cr_expect_eq(read_from(FIRST, words), HF_LAPPED);
    cr_expect_eq(read_from(FIRST + 1, words), HF_OK);
    cr_expect_eq(read_from(FIRST + SLOTS, words), HF_OK);
    cr_expect_eq(read_from(FIRST + SLOTS + 1, words), HF_AGAIN);
    publish(5 * SLOTS);
    cr_expect_eq(read_from(FIRST + SLOTS, words), HF_LAPPED);
    struct hf_broadcast_reader reader;
    hf_broadcast_reader_init(&reader, &region, FIRST);
    cr_expect(hf_broadcast_ready(&reader), "there is news: that it was lapped");
}

Test(broadcast, who_was_lapped_goes_on_behind_the_head_or_with_what_lapped_him)
{
    struct hf_broadcast_reader reader;
    hf_broadcast_reader_init(&reader, &region, FIRST);
    publish(3 * SLOTS);
    cr_expect_eq(hf_broadcast_skip(&reader), 2 * SLOTS, "nothing was announced");
    cr_expect_eq(reader.next, FIRST + 2 * SLOTS);
    hf_broadcast_reader_init(&reader, &region, FIRST + 3);
    hf_broadcast_announce(&writer);
    cr_expect_eq(hf_broadcast_skip(&reader), 3 * SLOTS - 3);
    cr_expect_eq(reader.next, writer.next);
    hf_broadcast_reader_init(&reader, &region, FIRST - 5);
    *reader_head() = FIRST - 1;
    *slot_of(FIRST - 5) = 0;
    cr_expect_eq(hf_broadcast_skip(&reader), 5, "an empty ring, and a reader of the one before");
    cr_expect_eq(reader.next, FIRST);
}

Test(broadcast, who_was_lapped_goes_on_within_the_ring_wherever_the_head_is)
{
    struct hf_broadcast_reader reader;
    uint64_t words[HF_BROADCAST_WORDS];
    *reader_head() = 3; /* of nobody's ring: the numbers of this one begin at FIRST */
    hf_broadcast_reader_init(&reader, &region, 4);
    cr_expect_eq(hf_broadcast_read(&reader, words), HF_LAPPED);
    cr_expect_eq(hf_broadcast_skip(&reader), FIRST - 4);
    cr_expect_eq(hf_broadcast_read(&reader, words), HF_AGAIN, "and not lapped for ever");
}

Test(broadcast, what_was_before_the_ring_is_lapped_though_nothing_was_written)
{
    uint64_t words[HF_BROADCAST_WORDS];
    cr_expect_eq(read_from(FIRST - 1, words), HF_LAPPED);
    cr_expect_eq(read_from(FIRST, words), HF_AGAIN);
}

Test(broadcast, a_slot_being_written_is_no_message)
{
    uint64_t words[HF_BROADCAST_WORDS];
    publish(3);
    *slot_of(FIRST + 3) = HF_BROADCAST_WRITING | (FIRST + 3);
    cr_expect_eq(read_from(FIRST + 3, words), HF_AGAIN);
    publish(SLOTS);
    *slot_of(FIRST + 3) = HF_BROADCAST_WRITING | (FIRST + 3 + SLOTS);
    cr_expect_eq(read_from(FIRST + 3, words), HF_LAPPED);
}

Test(broadcast, the_head_moves_when_it_is_announced)
{
    struct hf_broadcast_reader reader;
    hf_broadcast_reader_init(&reader, &region, FIRST);
    publish(10);
    cr_expect_eq(hf_broadcast_head(&reader), FIRST - 1);
    hf_broadcast_announce(&writer);
    cr_expect_eq(hf_broadcast_head(&reader), FIRST + 9);
}

static void
expect_last(uint64_t expected)
{
    uint64_t last = 0;
    cr_assert_eq(hf_broadcast_last(&region, &last), HF_OK, "after %" PRIu64, expected);
    cr_expect_eq(last, expected);
}

Test(broadcast, the_last_message_is_found_in_every_state)
{
    expect_last(FIRST - 1);
    for (uint64_t number = FIRST; number < FIRST + 3 * SLOTS; number++) {
        uint64_t *next = slot_of(number);
        uint64_t before = next[0];
        next[0] = HF_BROADCAST_WRITING | number; /* killed in the middle of it */
        expect_last(number - 1);
        cr_expect_null(hf_broadcast_slot(&region, number));
        if (number >= FIRST + SLOTS) {
            cr_expect_null(hf_broadcast_slot(&region, number - SLOTS), "torn");
        }
        next[0] = before;
        publish(1);
        expect_last(number);
        cr_expect_eq(hf_broadcast_slot(&region, number), (const void *)next);
    }
    cr_expect_null(hf_broadcast_slot(&region, FIRST));
}

/* But for two: the last message may look unwritten, and is written again; the oldest may look as if it
 * were the next, which the state machine has not made, or made with other bytes. */
static void
expect_damage(uint64_t slot, unsigned bit)
{
    uint64_t last;
    uint64_t written = writer.next - 1;
    int code = hf_broadcast_last(&region, &last);
    bool looks_unwritten = slot == (written & writer.mask) && last == written - 1;
    bool looks_next = slot == (writer.next & writer.mask) && last == writer.next;
    cr_expect(code == HF_E_CORRUPT || looks_unwritten || looks_next, "slot %" PRIu64 " bit %u",
              slot, bit);
}

Test(broadcast, any_flipped_bit_of_a_number_is_damage)
{
    for (uint64_t count = 5; count < 3 * SLOTS; count += 61) {
        publish(count);
        for (uint64_t slot = 0; slot < SLOTS; slot++) {
            for (unsigned bit = 0; bit < 64; bit++) {
                uint64_t *word = &writer.words[slot * HF_BROADCAST_WORDS];
                *word ^= (uint64_t)1 << bit;
                expect_damage(slot, bit);
                *word ^= (uint64_t)1 << bit;
            }
        }
    }
}

Test(broadcast, readers_cannot_write)
{
    int fd = hf_region_reader_fd(&region);
    cr_assert_geq(fd, 0);
    cr_expect_eq(mmap(NULL, region.len_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
                 MAP_FAILED);
    struct hf_region readers;
    cr_assert_eq(hf_region_map_fd(&readers, fd, region.len_bytes, false), HF_OK);
    publish(1);
    struct hf_broadcast_reader reader;
    uint64_t words[HF_BROADCAST_WORDS];
    hf_broadcast_reader_init(&reader, &readers, FIRST);
    cr_expect_eq(hf_broadcast_read(&reader, words), HF_OK);
    cr_expect_eq(mprotect(readers.base, readers.len_bytes, PROT_READ | PROT_WRITE), -1);
    hf_region_detach(&readers);
}

Test(broadcast, numbers_of_a_writer_do_not_run_back_behind_the_object, .signal = SIGABRT)
{
    unlink_object(); /* who dies does not come to tear_down() */
    hf_broadcast_writer_init(&writer, &region, FIRST - 1);
}
