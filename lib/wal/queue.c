/*
 * queue.c - the WAL queue's shared object (queue.h).
 */
#include "wal/queue.h"

#include <stdio.h>

#define QUEUE_VERSION 1u
#define QUEUE_SLOTS_MAX (1u << 24)

static bool
slots_valid(uint32_t slots)
{
    return slots >= 2 && slots <= QUEUE_SLOTS_MAX && (slots & (slots - 1)) == 0;
}

static size_t
object_bytes(uint32_t slots)
{
    return HF_QUEUE_SLOTS_OFFSET + (size_t)slots * HF_SLOT_BYTES;
}

static struct hf_queue_object *
queue_object(const struct hf_region *region)
{
    return (struct hf_queue_object *)region->base;
}

static void *
queue_slots(const struct hf_region *region)
{
    return (unsigned char *)region->base + HF_QUEUE_SLOTS_OFFSET;
}

void
hf_queue_name(char name[HF_REGION_NAME_BYTES], const char *instance)
{
    (void)snprintf(name, HF_REGION_NAME_BYTES, "/holdfast.%s.queue", instance);
}

int
hf_queue_create(struct hf_region *region, const char *instance, uint32_t slots)
{
    char name[HF_REGION_NAME_BYTES];
    if (!slots_valid(slots)) {
        return HF_E_ARGUMENT;
    }
    hf_queue_name(name, instance);
    int result = hf_region_create(region, name, object_bytes(slots));
    if (result == HF_OK) {
        queue_object(region)->version = QUEUE_VERSION;
        queue_object(region)->slots = slots;
    }
    return result;
}

/* Magic cleared first, stored last: who is killed in between leaves a queue that hf_queue_check()
 * refuses, never one whose stamp and slots belong to different epochs. */
void
hf_queue_stamp(struct hf_region *region, uint64_t instance_id, uint64_t boot, uint64_t epoch,
               uint64_t first_lsn)
{
    struct hf_queue_object *object = queue_object(region);
    HF_ASSERT("first_lsn", first_lsn >= 1);
    hf_store_seq_cst(&object->magic, 0);
    memset(queue_slots(region), 0, (size_t)object->slots * HF_SLOT_BYTES);
    object->instance_id = instance_id;
    object->boot = boot;
    object->epoch = epoch;
    object->first_lsn = first_lsn;
    object->head = first_lsn - 1;
    object->released = first_lsn - 1;
    /* Pairs with the acquire in hf_queue_check(): the stamp is whole. */
    hf_store_release(&object->magic, HF_QUEUE_MAGIC);
}

int
hf_queue_check_sizes(const struct hf_region *region)
{
    const struct hf_queue_object *object = queue_object(region);
    if (region->len_bytes < HF_QUEUE_SLOTS_OFFSET) {
        return HF_E_CORRUPT;
    }
    if (object->version != QUEUE_VERSION) {
        return HF_E_VERSION;
    }
    if (!slots_valid(object->slots) || region->len_bytes < object_bytes(object->slots)) {
        return HF_E_CORRUPT;
    }
    return HF_OK;
}

int
hf_queue_check(const struct hf_region *region)
{
    const struct hf_queue_object *object = queue_object(region);
    int result = hf_queue_check_sizes(region);
    if (result != HF_OK) {
        return result;
    }
    /* Pairs with the release in hf_queue_stamp(). */
    if (hf_load_acquire(&object->magic) != HF_QUEUE_MAGIC || object->first_lsn == 0) {
        return HF_E_CORRUPT;
    }
    return HF_OK;
}

void
hf_queue_producer(const struct hf_region *region, struct hf_ring_producer *producer)
{
    struct hf_queue_object *object = queue_object(region);
    hf_ring_producer_init(producer, queue_slots(region), object->slots, &object->head,
                          &object->released, object->first_lsn);
}

void
hf_queue_consumer_at(const struct hf_region *region, struct hf_ring_consumer *consumer,
                     uint64_t lsn)
{
    /* No tail: the sync thread releases, not the writer, who consumes. */
    hf_ring_consumer_init(consumer, queue_slots(region), queue_object(region)->slots, NULL, lsn);
}

void
hf_queue_consumer(const struct hf_region *region, struct hf_ring_consumer *consumer)
{
    hf_queue_consumer_at(region, consumer, queue_object(region)->first_lsn);
}

uint64_t
hf_queue_published(const struct hf_region *region, uint64_t from)
{
    return hf_ring_published(queue_slots(region), queue_object(region)->slots, from);
}

const struct hf_record *
hf_queue_record(const struct hf_region *region, uint64_t lsn)
{
    const struct hf_queue_object *object = queue_object(region);
    return (const struct hf_record *)queue_slots(region) + (lsn & (object->slots - 1));
}
