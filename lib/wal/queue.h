/*
 * queue.h - the WAL queue: sequenced records on their way to the log, in shared memory so that they
 * outlive the daemon.
 *
 *     released (sync thread)      written                     head hint (engine)
 *        │                           │                           │
 *   ─────┼── flushed or on its way ──┼── waiting for the writer ─┼── free ──
 *
 * A ring (shm/ring.h) whose positions are LSNs: engine produces, WAL writer consumes, and the sync
 * thread releases: only at durable_lsn (`memory` mode: at written_lsn), so that after a failed flush
 * the queue still holds what the disk does not.
 *
 * Q1  storing the LSN into its slot is the point of no return of a command: log before effect
 * Q2  the queue of epoch e is valid for recovery when instance and boot are equal, and the log ends
 *     in epoch e, or in e + 1 with every record of the queue already in the log and equal to it
 */
#ifndef HF_WAL_QUEUE_H
#define HF_WAL_QUEUE_H

#include "shm/region.h"
#include "shm/ring.h"

#include <holdfast/record.h>

#define HF_QUEUE_MAGIC 0x3155455551464c48u /* "HLFQUEU1" */
#define HF_QUEUE_SLOTS_DEFAULT 65536u

struct hf_queue_object {
    uint64_t magic; /**< stored last */
    uint32_t version;
    uint32_t slots;
    uint64_t instance_id;
    uint64_t boot;
    uint64_t epoch;     /**< restamped by recovery after its records are durable in the log */
    uint64_t first_lsn; /**< first LSN of this epoch's use */
    uint8_t pad0[80];
    uint64_t head; /**< 128: engine: hint */
    uint8_t pad1[120];
    uint64_t released; /**< 256: sync thread: slots up to here are free again */
    uint8_t pad2[120];
};
HF_STATIC_ASSERT(offsetof(struct hf_queue_object, head) == 128, "head line moved");
HF_STATIC_ASSERT(offsetof(struct hf_queue_object, released) == 256, "released line moved");
#define HF_QUEUE_SLOTS_OFFSET 4096u

void hf_queue_name(char name[HF_REGION_NAME_BYTES], const char *instance);

/** Create the object, empty, not yet stamped. @return as hf_region_create() */
int hf_queue_create(struct hf_region *region, const char *instance, uint32_t slots);

/** Reset and stamp: zero all slots, then epoch and first LSN, magic last. Recovery's last step. */
void hf_queue_stamp(struct hf_region *region, uint64_t instance_id, uint64_t boot, uint64_t epoch,
                    uint64_t first_lsn);

/** Check the header of a mapped queue: magic, version, sizes against the mapping.
 *  @return 0, HF_E_CORRUPT, HF_E_VERSION */
int hf_queue_check(const struct hf_region *region);

/** As above without the stamp: enough for an object that is about to be stamped (again). */
int hf_queue_check_sizes(const struct hf_region *region);

void hf_queue_producer(const struct hf_region *region, struct hf_ring_producer *producer);
void hf_queue_consumer(const struct hf_region *region, struct hf_ring_consumer *consumer);
/** As above, from this LSN on instead of the stamp's first one. */
void hf_queue_consumer_at(const struct hf_region *region, struct hf_ring_consumer *consumer,
                          uint64_t lsn);

/** The run of records in a left-over queue that begins at `from`: its last LSN, from - 1 when none. */
uint64_t hf_queue_published(const struct hf_region *region, uint64_t from);

/** A record of the queue by LSN; valid when hf_queue_published() covers it. */
const struct hf_record *hf_queue_record(const struct hf_region *region, uint64_t lsn);

#endif
