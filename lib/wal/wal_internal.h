/*
 * wal_internal.h - the log handle, divided by the thread that owns the fields.
 *
 *   made         number of segments made so far             preparer → writer
 *   zeroed_bytes of each segment: zeros laid up to here     preparer → writer
 *   no_space     the last try to make a segment failed      preparer → writer, any
 *   current      index of the segment being written         writer   → preparer
 *   retired      segments that nobody will touch again      sync     → preparer
 *   written_lsn, written_position (watermark.h)             writer   → sync, preparer
 *   durable_lsn (watermark.h)                               sync     → writer
 *
 * Segments are counted by index: 0 is the first one of this epoch, index i has number
 * start.segment + i and lives at segments[i % HF_WAL_SEGMENTS_MAX]. A position is index *
 * segment_bytes + offset in that segment; the published word counts from segment number 1 instead.
 *
 *       freed          retired              current                      made
 *         │ to be unmapped │ flushed or to be │ being │ ready for the writer │
 *   ──────┼────────────────┼──────────────────┼───────┼──────────────────────┼────►  index
 *
 * W4  freed <= retired <= current < made <= freed + HF_WAL_SEGMENTS_MAX
 * W5  the writer never writes at or beyond zeroed_bytes, so no zero ever hits a record
 * W6  only the preparer maps and unmaps; it lays zeros only below segment_bytes, the writer leaves a
 *     segment only when it is zeroed to its end, and sync retires it only after the writer left it:
 *     nobody works on an unmapped segment
 */
#ifndef HF_WAL_WAL_INTERNAL_H
#define HF_WAL_WAL_INTERNAL_H

#include "base/atomic.h"
#include "base/panic.h"
#include "wal/io_direct.h"
#include "wal/pack.h"
#include "wal/segment.h"
#include "wal/wal.h"

#include <holdfast/error.h>
#include <limits.h>
#include <stdalign.h>

#define HF_WAL_SEGMENTS_MAX 128u
#define HF_WAL_RESERVE_MAX 16u
#define HF_WAL_BATCH_RECORDS_MAX 1024u
#define HF_WAL_ERROR_BYTES 512
#define HF_WAL_LINE 128 /* two cache lines: the prefetcher fetches pairs */

/** How far zeros and page-table entries are kept ready ahead of the writer: 4 MiB is 65,536 records,
 *  13 ms at 5 M/s, longer than any pause of the preparer that was seen. */
#define HF_WAL_AHEAD_BYTES ((uint64_t)4 << 20)
/** Zeros nearer than this are laid at full speed, those beyond it at a pace of one step per
 *  HF_WAL_PACE_NS (100 MiB/s), so that their write-back does not stand in the way of the flushes.
 *  32 MiB is 100 ms at 5 M/s. */
#define HF_WAL_NEAR_BYTES ((uint64_t)32 << 20)
#define HF_WAL_PACE_NS 10000000u
/** Work of one preparer step: 1 MiB is 256 page-sized writes, below a millisecond. */
#define HF_WAL_STEP_BYTES ((uint64_t)1 << 20)

struct hf_wal_segment {
    struct hf_wal_file file; /**< preparer, before `made` counts it; constant afterwards */
    alignas(HF_WAL_LINE) uint64_t zeroed_bytes; /**< crossing */
};

struct hf_wal_writer {
    struct hf_ring_consumer queue;
    struct hf_pack pack;
    uint64_t index; /**< own copy of `current` */
    uint64_t groups;
    int failed;                                           /**< code of the final error */
    struct hf_record batch[HF_WAL_BATCH_RECORDS_MAX + 1]; /**< and its group */
};

struct hf_wal_sync {
    uint64_t durable_lsn;
    uint64_t flushed;        /**< position up to which the medium has it */
    uint64_t released_lsn;   /**< queue slots given back up to here */
    uint64_t oldest_seen_ns; /**< when the oldest unflushed record was first seen; 0: none */
    uint64_t retired;        /**< own copy of the crossing word */
    uint64_t witnessed;      /**< index of the segment that the witness knows (witness.h) */
    uint64_t flushes;
    uint64_t flush_ns_sum;
    uint64_t flush_ns_max;
    bool tail_taken; /**< the last flush has write-protected the page that records go on in */
    int failed;
};

struct hf_wal_prepare {
    uint64_t made;      /**< own copy of the crossing word */
    uint64_t freed;     /**< segments unmapped */
    uint64_t populated; /**< position up to which page-table entries are ready */
    uint64_t retry_ns;  /**< not before this time after a shortage of space */
    uint64_t pace_ns;   /**< no zeros far ahead before this time */
    uint64_t look_ns;   /**< when to see next whether the files are still there */
    int failed;
};

struct hf_wal {
    /* written once by hf_wal_open() */
    struct hf_wal_config config;
    struct hf_wal_start start;
    struct hf_watermarks marks;
    struct hf_queue_object *queue;
    const struct hf_wal_io *io;
    struct hf_wal_direct *direct; /**< NULL: another way */
    int witness_fd;
    char directory[PATH_MAX];

    /* one thread each, at a time */
    alignas(HF_WAL_LINE) struct hf_wal_writer writer;
    alignas(HF_WAL_LINE) struct hf_wal_sync sync;
    alignas(HF_WAL_LINE) struct hf_wal_prepare prepare;

    /* crossing */
    alignas(HF_WAL_LINE) uint64_t current; /**< stored by the writer */
    alignas(HF_WAL_LINE) uint64_t retired; /**< stored by sync */
    alignas(HF_WAL_LINE) uint64_t made;    /**< stored by the preparer, with the next */
    uint32_t no_space;
    alignas(HF_WAL_LINE) uint32_t error_state; /**< whichever stage fails first, then constant */
    int error_code;
    int error_errno;
    char error_text[HF_WAL_ERROR_BYTES];

    struct hf_wal_segment segments[HF_WAL_SEGMENTS_MAX];
};

static inline struct hf_wal_segment *
hf_wal_segment_at(struct hf_wal *wal, uint64_t index)
{
    return &wal->segments[index % HF_WAL_SEGMENTS_MAX];
}

/** The published form of a position: bytes since the start of segment number 1. */
static inline uint64_t
hf_wal_position_base(const struct hf_wal *wal)
{
    return (wal->start.segment - 1) * wal->config.segment_bytes;
}

/** Keep the first error of all stages. @return code, for the caller to return */
int hf_wal_fail(struct hf_wal *wal, int code, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Map the segment file of this index, already made, and count it (preparer, and open). */
int hf_wal_prepare_adopt(struct hf_wal *wal);

/** Store that this segment is in use, durably, and that so much was durable. @return 0 or -errno */
int hf_wal_witness(struct hf_wal *wal, uint64_t index, uint64_t durable_lsn);

/** Lay zeros in a segment from where they end, up to len_bytes more. @return 0 or -errno */
int hf_wal_prepare_zero(struct hf_wal *wal, struct hf_wal_segment *segment, uint64_t len_bytes);

#endif
