/* broadcast.c - the broadcast ring's object (broadcast.h): making it, checking it, what a writer left. */
#include "shm/broadcast.h"

#include <stdio.h>

#define BROADCAST_VERSION 1u

bool
hf_broadcast_slots_valid(uint64_t slots)
{
    return slots >= HF_BROADCAST_SLOTS_MIN && slots <= HF_BROADCAST_SLOTS_MAX &&
           (slots & (slots - 1)) == 0;
}

static size_t
object_bytes(uint32_t slots)
{
    return HF_BROADCAST_SLOTS_OFFSET + (size_t)slots * HF_SLOT_BYTES;
}

static uint64_t *
slot_words(const struct hf_region *region)
{
    return (uint64_t *)(void *)((unsigned char *)region->base + HF_BROADCAST_SLOTS_OFFSET);
}

void
hf_broadcast_name(char name[HF_REGION_NAME_BYTES], const char *instance)
{
    (void)snprintf(name, HF_REGION_NAME_BYTES, "/holdfast.%.23s.md", instance);
}

int
hf_broadcast_create(struct hf_region *region, const struct hf_broadcast_spec *spec)
{
    char name[HF_REGION_NAME_BYTES];
    if (!hf_broadcast_slots_valid(spec->slots) || spec->first_number == 0) {
        return HF_E_ARGUMENT;
    }
    hf_broadcast_name(name, spec->instance);
    int result = hf_region_create(region, name, object_bytes(spec->slots));
    if (result != HF_OK) {
        return result;
    }
    struct hf_broadcast_object *object = region->base;
    object->version = BROADCAST_VERSION;
    object->slots = spec->slots;
    object->instance_id = spec->instance_id;
    object->boot = spec->boot;
    object->epoch = spec->epoch;
    object->history = spec->history;
    object->first_number = spec->first_number;
    object->head = spec->first_number - 1;
    /* Pairs with the acquire in hf_broadcast_check(): the header is whole. */
    hf_store_release(&object->magic, HF_BROADCAST_MAGIC);
    return HF_OK;
}

int
hf_broadcast_check(const struct hf_region *region)
{
    const struct hf_broadcast_object *object = region->base;
    if (region->len_bytes < HF_BROADCAST_SLOTS_OFFSET) {
        return HF_E_CORRUPT;
    }
    uint64_t magic = hf_load_acquire(&object->magic); /* pairs with hf_broadcast_create() */
    if (magic != HF_BROADCAST_MAGIC) {
        return magic == 0 ? HF_E_UNKNOWN : HF_E_CORRUPT;
    }
    if (object->version != BROADCAST_VERSION) {
        return HF_E_VERSION;
    }
    bool fits =
        hf_broadcast_slots_valid(object->slots) && region->len_bytes >= object_bytes(object->slots);
    return fits && object->first_number >= 1 && object->first_number < HF_BROADCAST_WRITING
               ? HF_OK
               : HF_E_CORRUPT;
}

/** The largest number of a whole slot: numbers only grow, and the last one is whole (D3). */
static uint64_t
largest(const struct hf_broadcast_object *object, const uint64_t *words)
{
    uint64_t last = object->first_number - 1;
    for (size_t i = 0; i < object->slots; i++) {
        uint64_t word = words[i * HF_BROADCAST_WORDS];
        if (word < HF_BROADCAST_WRITING && word > last) {
            last = word;
        }
    }
    return last;
}

/** What the word of the slot of `number` is, when no later message was written there; 0: never used. */
static uint64_t
expected_word(const struct hf_broadcast_object *object, uint64_t number)
{
    return number >= object->first_number ? number : 0;
}

int
hf_broadcast_last(const struct hf_region *region, uint64_t *last)
{
    const struct hf_broadcast_object *object = region->base;
    const uint64_t *words = slot_words(region);
    uint64_t mask = object->slots - 1;
    *last = largest(object, words);
    for (uint64_t back = 0; back <= mask; back++) { /* D2, D4: from the last one backwards */
        uint64_t number = *last >= back ? *last - back : 0;
        uint64_t word = words[((*last - back) & mask) * HF_BROADCAST_WORDS];
        bool is_next = back == mask; /* the slot that the next message goes into */
        if (word != expected_word(object, number) &&
            !(is_next && word == (HF_BROADCAST_WRITING | (*last + 1)))) { /* D3 */
            return HF_E_CORRUPT;
        }
    }
    return HF_OK;
}

const void *
hf_broadcast_slot(const struct hf_region *region, uint64_t number)
{
    const struct hf_broadcast_object *object = region->base;
    const uint64_t *slot = &slot_words(region)[(number & (object->slots - 1)) * HF_BROADCAST_WORDS];
    return slot[0] == number ? slot : NULL;
}

void
hf_broadcast_writer_init(struct hf_broadcast_writer *writer, const struct hf_region *region,
                         uint64_t next)
{
    struct hf_broadcast_object *object = region->base;
    HF_ASSERT("D2: numbers go on", next >= object->first_number);
    *writer = (struct hf_broadcast_writer){.words = slot_words(region),
                                           .mask = object->slots - 1,
                                           .next = next,
                                           .head = &object->head};
}

void
hf_broadcast_reader_init(struct hf_broadcast_reader *reader, const struct hf_region *region,
                         uint64_t next)
{
    const struct hf_broadcast_object *object = region->base;
    *reader = (struct hf_broadcast_reader){.words = slot_words(region),
                                           .mask = object->slots - 1,
                                           .first = object->first_number,
                                           .next = next,
                                           .head = &object->head};
}
