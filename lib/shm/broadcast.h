/*
 * broadcast.h - a ring of 64-byte slots with one writer and any number of readers who cannot write.
 *
 *   slot n lives at slots[n & mask]; its first word holds n while the slot is whole
 *
 *        ┌ a reader that is lapped: its slot holds a larger number
 *        ▼
 *   ─ n-capacity+1 ─────────────── published ─────────────── n ──┼── n+1, being written ──
 *                                        ▲                   ▲
 *                                        └ a reader          └ head hint (written per batch)
 *
 *   0 header, written once    128 head hint    4096 slots
 *
 * Readers map the object read-only: they take nothing from the writer and cannot slow it down, and it
 * does not know that they are there. So it waits for nobody: who falls further behind than the capacity
 * is lapped, sees that, and begins anew. Sleeping readers look now and then: a futex would cost the
 * writer a system call, and a word to park on is one that readers could not write.
 *
 * Writing slot n: the word "n is being written", the other seven words, then n. Each of these seven and
 * n is stored with release, so that whoever sees one of them (acquire) sees the first word too.
 * Reading slot n: its number, the seven words, the number again. Had a word been of a later message, the
 * second look at the number would find that message's "being written", or something later still.
 *
 * D1  a slot whose word is n, before and after its other words were read, gives message n whole
 * D2  numbers have no gap: first_number, and so on, over all writers of the object's life
 * D3  only the one slot behind the last published may be half-written, and its word says so
 * D4  the object holds the last `slots` messages, or all since first_number when there were fewer
 */
#ifndef HF_SHM_BROADCAST_H
#define HF_SHM_BROADCAST_H

#include "base/atomic.h"
#include "base/panic.h"
#include "shm/region.h"

#include <holdfast/error.h>
#include <holdfast/units.h>
#include <string.h>

#define HF_BROADCAST_MAGIC 0x3154534143424c48u /* "HLBCAST1" */
#define HF_BROADCAST_SLOTS_OFFSET 4096u
#define HF_BROADCAST_SLOTS_MIN 64u
#define HF_BROADCAST_SLOTS_MAX (1u << 24)
#define HF_BROADCAST_WORDS (HF_SLOT_BYTES / 8u)

/** In a slot's word: this number is being written. Numbers are below it. */
#define HF_BROADCAST_WRITING ((uint64_t)1 << 63)

struct hf_broadcast_object {
    /* written once */
    uint64_t magic; /**< stored last */
    uint32_t version;
    uint32_t slots;
    uint64_t instance_id;
    uint64_t boot;
    uint64_t epoch;   /**< that it was made in */
    uint64_t history; /**< that it was made under */
    uint64_t first_number;
    uint8_t pad0[72];
    /* 128: writer */
    uint64_t head; /**< hint: the last number of the last batch */
    uint8_t pad1[120];
};
HF_STATIC_ASSERT(offsetof(struct hf_broadcast_object, head) == 128, "head line moved");
HF_STATIC_ASSERT(sizeof(struct hf_broadcast_object) == 256, "broadcast object header");

/** What a new object is made from. */
struct hf_broadcast_spec {
    const char *instance;
    uint64_t instance_id;
    uint64_t boot;
    uint64_t epoch;
    uint64_t history;
    uint64_t first_number; /**< >= 1 */
    uint32_t slots;        /**< power of two, HF_BROADCAST_SLOTS_MIN to _MAX */
};

/** The writer's private side. */
struct hf_broadcast_writer {
    uint64_t *words; /**< of all slots */
    uint64_t mask;
    uint64_t next; /**< number of the next message */
    uint64_t *head;
};

/** A reader's private side. */
struct hf_broadcast_reader {
    const uint64_t *words;
    uint64_t mask;
    uint64_t first; /**< of the object: what was before is nowhere */
    uint64_t next;  /**< number of the message that the next read is for */
    const uint64_t *head;
};

bool hf_broadcast_slots_valid(uint64_t slots);

/** "/holdfast.INSTANCE.md" */
void hf_broadcast_name(char name[HF_REGION_NAME_BYTES], const char *instance);

/** Create the object, empty, magic last. @return as hf_region_create(), HF_E_ARGUMENT (slots) */
int hf_broadcast_create(struct hf_region *region, const struct hf_broadcast_spec *spec);

/** Check the header of a mapped object: magic, version, sizes against the mapping.
 *  @return 0, HF_E_CORRUPT, HF_E_VERSION, HF_E_UNKNOWN (its maker died before it was finished) */
int hf_broadcast_check(const struct hf_region *region);

/**
 * Find the last message in an object whose writer is gone, and hold every slot against D2 to D4.
 *
 * @param region  checked by hf_broadcast_check(); nobody writes it
 * @param last    receives its number; first_number - 1 when there is none
 * @return 0, or HF_E_CORRUPT: a slot's word is not what a writer leaves
 */
int hf_broadcast_last(const struct hf_region *region, uint64_t *last);

/** The slot of a message in such an object; NULL: it holds it no longer, or never did. */
const void *hf_broadcast_slot(const struct hf_region *region, uint64_t number);

/** @param next  number of the first message to be written: one behind the last */
void hf_broadcast_writer_init(struct hf_broadcast_writer *writer, const struct hf_region *region,
                              uint64_t next);

/** @param next  number of the first message to be read */
void hf_broadcast_reader_init(struct hf_broadcast_reader *reader, const struct hf_region *region,
                              uint64_t next);

/**
 * Publish message writer->next.
 *
 * @param message  HF_SLOT_BYTES bytes, any alignment; the first eight are the ring's; borrowed
 * Thread: writer only, wait-free. The releases pair with the acquires in hf_broadcast_read().
 */
static inline void
hf_broadcast_publish(struct hf_broadcast_writer *writer, const void *message)
{
    uint64_t words[HF_BROADCAST_WORDS];
    uint64_t number = writer->next++;
    uint64_t *slot = &writer->words[(number & writer->mask) * HF_BROADCAST_WORDS];
    memcpy(words, message, sizeof(words));
    /* Relaxed: it is published by the release of every word that follows. */
    hf_store_relaxed(&slot[0], HF_BROADCAST_WRITING | number);
    for (unsigned i = 1; i < HF_BROADCAST_WORDS; i++) {
        hf_store_release(&slot[i], words[i]);
    }
    hf_store_release(&slot[0], number);
}

/** Move the head hint (once per batch): how far others are behind, and where newcomers begin. */
static inline void
hf_broadcast_announce(const struct hf_broadcast_writer *writer)
{
    hf_store_release(writer->head, writer->next - 1); /* pairs with hf_broadcast_head() */
}

/** The last number that was announced: a hint, at most one batch old. */
static inline uint64_t
hf_broadcast_head(const struct hf_broadcast_reader *reader)
{
    return hf_load_acquire(reader->head); /* messages up to here can be read */
}

/** Why slot reader->next does not hold it. */
static inline int
hf_broadcast_missing(const struct hf_broadcast_reader *reader, uint64_t word)
{
    bool overtaken = (word & ~HF_BROADCAST_WRITING) > reader->next;
    return overtaken || reader->next < reader->first ? HF_LAPPED : HF_AGAIN;
}

/**
 * Copy message reader->next, whole (D1), and step over it.
 *
 * @param message  receives HF_SLOT_BYTES bytes; undefined unless 0 is returned
 * @return 0; HF_AGAIN: not there yet; HF_LAPPED: overwritten: set reader->next and begin anew
 * Thread: readers, each with a reader of its own; wait-free, no store to shared memory
 */
static inline int
hf_broadcast_read(struct hf_broadcast_reader *reader, void *message)
{
    uint64_t words[HF_BROADCAST_WORDS];
    const uint64_t *slot = &reader->words[(reader->next & reader->mask) * HF_BROADCAST_WORDS];
    words[0] = hf_load_acquire(&slot[0]); /* what it publishes is written */
    if (words[0] != reader->next) {
        return hf_broadcast_missing(reader, words[0]);
    }
    for (unsigned i = 1; i < HF_BROADCAST_WORDS; i++) {
        words[i] = hf_load_acquire(&slot[i]); /* of a later message: brings its "being written" */
    }
    if (hf_load_relaxed(&slot[0]) != reader->next) { /* relaxed: the acquires above come before */
        return HF_LAPPED;
    }
    memcpy(message, words, sizeof(words));
    reader->next++;
    return HF_OK;
}

/** After HF_LAPPED: go on with what comes next, by the head hint, or where that is older with the message
 *  that has overtaken us. @return how many numbers are passed over */
static inline uint64_t
hf_broadcast_skip(struct hf_broadcast_reader *reader)
{
    const uint64_t *slot = &reader->words[(reader->next & reader->mask) * HF_BROADCAST_WORDS];
    uint64_t overtaker = hf_load_relaxed(&slot[0]) & ~HF_BROADCAST_WRITING; /* a position only */
    uint64_t next = hf_broadcast_head(reader) + 1;
    uint64_t before = reader->next;
    next = next > overtaker ? next : overtaker;
    next = next > reader->first ? next : reader->first; /* or we would be lapped for ever */
    reader->next = next > before ? next : before;
    return reader->next - before;
}

/** Whether hf_broadcast_read() would return something else than HF_AGAIN. */
static inline bool
hf_broadcast_ready(const struct hf_broadcast_reader *reader)
{
    const uint64_t *slot = &reader->words[(reader->next & reader->mask) * HF_BROADCAST_WORDS];
    uint64_t word = hf_load_acquire(&slot[0]); /* nothing is read by it: the read looks again */
    return word == reader->next || hf_broadcast_missing(reader, word) != HF_AGAIN;
}

#endif
