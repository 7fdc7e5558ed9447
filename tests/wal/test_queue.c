/*
 * test_queue.c - the WAL queue's shared object.
 */
#include "wal/log_fixture.h"

#include <holdfast/error.h>

static struct fixture fixture;

static void
begin(void)
{
    fixture_begin(&fixture, "/tmp");
}

static void
end(void)
{
    fixture_end(&fixture);
}

TestSuite(queue, .init = begin, .fini = end);

static struct hf_queue_object *
object(void)
{
    return fixture.queue.base;
}

static void
stamp(uint64_t first_lsn)
{
    hf_queue_stamp(&fixture.queue, 7, 8, 9, first_lsn);
    hf_queue_producer(&fixture.queue, &fixture.producer);
}

Test(queue, the_object_is_named_after_the_instance)
{
    char name[HF_REGION_NAME_BYTES];
    hf_queue_name(name, "main");
    cr_expect_str_eq(name, "/holdfast.main.queue");
}

Test(queue, only_powers_of_two_are_capacities)
{
    struct hf_region region;
    static const uint32_t bad[] = {0, 1, 3, 100, 65537, 1u << 30};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(hf_queue_create(&region, "never", bad[i]), HF_E_ARGUMENT);
    }
}

Test(queue, a_queue_that_was_never_stamped_is_refused_but_its_sizes_are_right)
{
    cr_expect_eq(hf_queue_check(&fixture.queue), HF_E_CORRUPT);
    cr_expect_eq(hf_queue_check_sizes(&fixture.queue), 0);
}

Test(queue, the_stamp_says_whose_queue_it_is)
{
    stamp(100);
    cr_expect_eq(hf_queue_check(&fixture.queue), 0);
    cr_expect_eq(object()->instance_id, 7);
    cr_expect_eq(object()->boot, 8);
    cr_expect_eq(object()->epoch, 9);
    cr_expect_eq(object()->first_lsn, 100);
    cr_expect_eq(object()->head, 99);
    cr_expect_eq(object()->released, 99);
}

Test(queue, damaged_headers_are_refused)
{
    stamp(1);
    object()->version++;
    cr_expect_eq(hf_queue_check(&fixture.queue), HF_E_VERSION);
    object()->version--;
    object()->slots *= 2;
    cr_expect_eq(hf_queue_check(&fixture.queue), HF_E_CORRUPT, "more slots than the mapping has");
    object()->slots = 3;
    cr_expect_eq(hf_queue_check(&fixture.queue), HF_E_CORRUPT);
    object()->slots = FIXTURE_SLOTS;
    object()->first_lsn = 0;
    cr_expect_eq(hf_queue_check(&fixture.queue), HF_E_CORRUPT);
    object()->first_lsn = 1;
    struct hf_region tiny = fixture.queue;
    tiny.len_bytes = 100;
    cr_expect_eq(hf_queue_check(&tiny), HF_E_CORRUPT);
    cr_expect_eq(hf_queue_check(&fixture.queue), 0);
}

Test(queue, records_are_found_by_their_lsn_and_published_is_their_run)
{
    stamp(8190); /* so that positions wrap in the middle */
    cr_expect_eq(hf_queue_published(&fixture.queue, 8190), 8189);
    fixture_put_mix(&fixture, 100);
    uint64_t last = fixture.producer.next - 1;
    cr_expect_eq(hf_queue_published(&fixture.queue, 8190), last);
    cr_expect_eq(hf_queue_published(&fixture.queue, 8200), last);
    cr_expect_eq(hf_queue_published(&fixture.queue, last + 1), last);
    for (uint64_t lsn = 8190; lsn <= last; lsn++) {
        cr_expect_eq(hf_queue_record(&fixture.queue, lsn)->lsn, lsn);
        cr_expect_eq(hf_queue_record(&fixture.queue, lsn)->time_ns, 1000000 + lsn);
    }
}

Test(queue, a_new_stamp_empties_the_queue)
{
    stamp(1);
    fixture_put_mix(&fixture, 50);
    hf_queue_stamp(&fixture.queue, 7, 8, 10, 30);
    cr_expect_eq(hf_queue_published(&fixture.queue, 30), 29, "old records do not show through");
}

Test(queue, the_queue_is_full_until_the_sync_thread_releases)
{
    stamp(1);
    for (unsigned i = 0; i < FIXTURE_SLOTS; i++) {
        cr_assert(fixture_put(&fixture, 1));
    }
    cr_expect_not(fixture_put(&fixture, 1));
    hf_store_release(&object()->released, 10);
    for (unsigned i = 0; i < 10; i++) {
        cr_expect(fixture_put(&fixture, 1));
    }
    cr_expect_not(fixture_put(&fixture, 1));
}

Test(queue, a_consumer_begins_at_the_first_lsn_or_where_it_is_told)
{
    struct hf_ring_consumer consumer;
    stamp(40);
    fixture_put_mix(&fixture, 10);
    hf_queue_consumer(&fixture.queue, &consumer);
    cr_expect_eq(consumer.next, 40);
    cr_expect_eq(hf_ring_peek(&consumer)->number, 40);
    hf_queue_consumer_at(&fixture.queue, &consumer, 45);
    cr_expect_eq(hf_ring_peek(&consumer)->number, 45);
}
