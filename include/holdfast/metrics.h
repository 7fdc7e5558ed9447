/*
 * metrics.h - what the daemon measures of itself: one shared object per instance, written without locks by
 * the threads that own its blocks, read by whoever may look (hf_observer_metrics()).
 *
 *   0     256      engine     writer      sync      prepare    control   sessions_offset   ladders_offset
 *   | who | engine thread | WAL writer | sync thread | preparer | control | session rows... | ladders... |
 *
 * It is made anew by each start of the daemon, and stays as it was when the daemon ends: all counters are
 * since the start that `epoch` names. Who finds another epoch in the status page maps it again
 * (hf_observer_metrics() does).
 *
 * Readers load word by word; each word is whole, but two words need not be of one moment. What must be of one
 * moment (a ladder) has a version of its own. Reading costs the daemon nothing but cache lines: there is no
 * call into it, no lock, and nothing that a reader could write.
 *
 * What is measured, by the way of a command:
 *
 *   hf_submit() ──ring_wait_ns──► taken ──round_ns──► reported
 *                                  └──write_ns──► in the segment ──store_ns──► durable
 *                                  └────────────────durable_ns────────────────────►
 *
 * Histograms are in the form of HdrHistogram: see struct hf_histogram. A command's waits in the ring, of one
 * command in HF_METRICS_WAIT_EVERY, whose time the library puts into its slot; round_ns, of each command: all
 * that its round took, so never too little; write_ns, store_ns and durable_ns once in HF_METRICS_TRACE_NS while
 * commands come, of the command that has just been sequenced then, and so by time, not by command: what waits
 * through a slow flush is counted.
 */
#ifndef HOLDFAST_METRICS_H
#define HOLDFAST_METRICS_H

#include <holdfast/units.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HF_METRICS_MAGIC 0x315452544d464c48u /* "HLFMTRT1" */
#define HF_METRICS_VERSION 1u

/** A prime, so that no habit of a client (batches of 64) hides from it. */
#define HF_METRICS_WAIT_EVERY 61u
#define HF_METRICS_TRACE_NS 1000000u
/** Times between two looks of the engine at its rings that are shorter than this are not counted. */
#define HF_METRICS_LOOP_NS 10000u
#define HF_METRICS_THREADS_MAX 16u
#define HF_METRICS_LEVELS 10u
/** Instruments with a higher number have no ladder here: 2 MiB are enough. */
#define HF_METRICS_LADDERS_MAX 4096u

/*
 * A high-dynamic-range histogram: counts of values from 0 to 2^40 (ns: 18 minutes) with a relative error of
 * at most 1/64. Slots are powers of two, each cut into 64 linear parts: a value below 64 has the slot of its
 * number; of others, with m = floor(log2 v) and s = m - 6, it is (s + 1) * 64 + (v >> s) - 64.
 */
#define HF_HISTOGRAM_SUB_BITS 6u
#define HF_HISTOGRAM_SUBS (1u << HF_HISTOGRAM_SUB_BITS)
#define HF_HISTOGRAM_VALUE_BITS 40u
#define HF_HISTOGRAM_SLOTS                                                                         \
    ((HF_HISTOGRAM_VALUE_BITS - HF_HISTOGRAM_SUB_BITS + 1) * HF_HISTOGRAM_SUBS)

struct hf_histogram {
    uint64_t counts[HF_HISTOGRAM_SLOTS];
    uint64_t total;
    uint64_t sum;
    uint64_t min; /**< UINT64_MAX when empty */
    uint64_t max;
};

/** What the kernel says of one thread of the daemon. */
struct hf_metrics_thread {
    char name[16]; /**< "" behind the last one */
    uint64_t thread_id;
    uint64_t minor_faults; /**< page faults without, */
    uint64_t major_faults; /**< and with reading from a disk */
    uint64_t run_ns;       /**< on a processor */
    uint64_t wait_ns;      /**< ready to run, and waiting for a processor */
    uint64_t sleeps;       /**< gave its processor up to wait for something */
    uint64_t preemptions;  /**< had its processor taken away */
    uint32_t cpu;          /**< on which it ran last */
    uint32_t reserved;
    uint8_t pad[48];
};

/** One session slot; session_id 0: none. Two lines, one for each writer. */
struct hf_metrics_session {
    /* control thread, once a second */
    uint64_t session_id;
    char name[HF_NAME_BYTES];
    uint32_t uid;
    uint32_t connected; /**< 1: a client has it */
    uint64_t waiting;   /**< commands in its ring that were not taken, as the client says */
    uint64_t unread;    /**< reports made that the client has not released, as it says */
    uint8_t pad0[8];
    /* 64: engine thread, in rounds that have reports for the session */
    uint64_t
        engine_session_id; /**< whose these are: another one's than the first line's for a moment */
    uint64_t last_seq;     /**< commands taken */
    uint64_t last_report;  /**< reports made */
    uint32_t open_orders;
    uint32_t behind; /**< 1: reports wait because the ring is full, or nobody is there */
    uint8_t pad1[32];
};

struct hf_metrics_level {
    int64_t price;
    uint64_t quantity; /**< sum of the shown quantities */
    uint64_t orders;
};

/** The best levels of one instrument, at most a few milliseconds old while anything happens: the engine goes
 *  through the instruments, one a millisecond. Loop: load the version (acquire), again while it is odd; copy
 *  the words (acquire); load it again, and begin anew when it is another. hf_metrics_ladder() does. */
struct hf_metrics_ladder {
    uint32_t version;
    uint32_t has_last;
    uint64_t lsn; /**< state as of this LSN; 0: never filled */
    int64_t last_price;
    uint32_t bid_count;
    uint32_t ask_count;
    struct hf_metrics_level bids[HF_METRICS_LEVELS]; /**< best first */
    struct hf_metrics_level asks[HF_METRICS_LEVELS];
};

struct hf_metrics_engine {
    uint64_t rounds;      /**< in which something was done */
    uint64_t parks;       /**< went to sleep for want of work */
    uint64_t loop_ns_max; /**< longest time between two looks at the rings, sleep left out */
    uint8_t pad[104];
    struct hf_histogram ring_wait_ns;
    struct hf_histogram round_ns;       /**< counted once for each command of the round */
    struct hf_histogram round_commands; /**< commands in a round that took any */
    struct hf_histogram loop_ns;        /**< the same, those of HF_METRICS_LOOP_NS and more */
};

struct hf_metrics_writer {
    uint8_t pad[128];
    struct hf_histogram write_ns;
    struct hf_histogram batch_records;
    uint8_t pad1[64];
};

struct hf_metrics_sync {
    uint64_t flush_since_ns; /**< CLOCK_MONOTONIC at which the flush under way began; 0: none is */
    uint64_t flushed_bytes;
    uint8_t pad[112];
    struct hf_histogram durable_ns;
    struct hf_histogram store_ns;
    struct hf_histogram flush_ns;
    struct hf_histogram flush_records;
    struct hf_histogram flush_bytes;
    struct hf_histogram
        queue_depth; /**< sequenced and not durable, when a flush begins: what the WAL queue
                                          holds */
    uint8_t pad1[64];
};

struct hf_metrics_prepare {
    uint64_t sampled_ns;      /**< CLOCK_MONOTONIC of the last look, once a second; 0: none yet */
    uint64_t disk_free_bytes; /**< of the file system of the log, for the daemon's user */
    uint64_t disk_bytes;      /**< its size */
    uint64_t log_segments;    /**< files of the log, those prepared ahead included */
    uint8_t pad[96];
};

/** The control thread's, once a second. */
struct hf_metrics_control {
    uint64_t sampled_ns; /**< CLOCK_MONOTONIC of the last look; 0: none yet */
    uint32_t thread_count;
    uint8_t pad[116];
    struct hf_metrics_thread threads[HF_METRICS_THREADS_MAX];
};

struct hf_metrics {
    /* written once by the start */
    uint64_t magic;    /**< stored last */
    uint32_t version;  /**< HF_METRICS_VERSION */
    uint32_t sub_bits; /**< HF_HISTOGRAM_SUB_BITS */
    uint64_t bytes;    /**< of the whole object */
    uint64_t instance_id;
    uint64_t boot;
    uint64_t epoch;
    uint64_t started_ns;      /**< CLOCK_MONOTONIC */
    uint64_t started_time_ns; /**< of the wall clock */
    uint64_t sessions_offset; /**< rows by slot, from slot 0 (unused) on */
    uint64_t ladders_offset;  /**< by instrument, from number 0 (unused) on */
    uint32_t sessions_max;    /**< rows are one more */
    uint32_t ladders_max;     /**< the same */
    uint64_t orders_max;      /**< capacities of the instance, */
    uint64_t queue_slots;     /**< and of its WAL queue */
    uint64_t segment_bytes;
    uint32_t disk_reserve_segments; /**< that are kept for cancels */
    uint8_t pad[140];
    struct hf_metrics_engine engine;
    struct hf_metrics_writer writer;
    struct hf_metrics_sync sync;
    struct hf_metrics_prepare prepare;
    struct hf_metrics_control control;
};

HF_STATIC_ASSERT(sizeof(struct hf_metrics_thread) == 128, "a thread is two lines");
HF_STATIC_ASSERT(sizeof(struct hf_metrics_session) == 128, "a session is two lines");
HF_STATIC_ASSERT(offsetof(struct hf_metrics_session, engine_session_id) == 64,
                 "its engine's line moved");
HF_STATIC_ASSERT(sizeof(struct hf_metrics_ladder) == 512, "a ladder is eight lines");
HF_STATIC_ASSERT(offsetof(struct hf_metrics, engine) == 256, "engine block moved");
HF_STATIC_ASSERT(offsetof(struct hf_metrics, writer) % 128 == 0, "writer's block shares a line");
HF_STATIC_ASSERT(offsetof(struct hf_metrics, sync) % 128 == 0, "sync's block shares a line");
HF_STATIC_ASSERT(offsetof(struct hf_metrics, prepare) % 128 == 0, "preparer's block shares a line");
HF_STATIC_ASSERT(sizeof(struct hf_metrics_prepare) == 128, "preparer's counters grew");
HF_STATIC_ASSERT(offsetof(struct hf_metrics_engine, ring_wait_ns) == 128, "engine's counters grew");
HF_STATIC_ASSERT(offsetof(struct hf_metrics_writer, write_ns) == 128, "writer's counters grew");
HF_STATIC_ASSERT(offsetof(struct hf_metrics_sync, durable_ns) == 128, "sync's counters grew");
HF_STATIC_ASSERT(offsetof(struct hf_metrics_control, threads) == 128, "control's counters grew");

/** Copy a histogram out of the object, or out of any other place that is being written. Its total is that of
 *  the counts that were copied, so that percentiles are never of more than there is. */
void hf_metrics_histogram(const struct hf_histogram *from, struct hf_histogram *copy);

/** What has been counted since an earlier copy of the same: `later` less `earlier`. Its min and max are those
 *  of its slots. Where `earlier` is none of its past (the daemon has started anew), it stays as it is. */
void hf_metrics_since(struct hf_histogram *later, const struct hf_histogram *earlier);

/** The value below or at which `percentile` (0 to 100) of the counts lie, at most 1/64 too high; 0 when
 *  empty. */
uint64_t hf_metrics_percentile(const struct hf_histogram *histogram, double percentile);

/** Copy the row of a session slot, 1 to sessions_max. @return whether a session is there */
int hf_metrics_session(const struct hf_metrics *metrics, uint32_t slot,
                       struct hf_metrics_session *row);

/** Copy the ladder of an instrument. @return whether there is one, and it is of one moment */
int hf_metrics_ladder(const struct hf_metrics *metrics, uint32_t instrument,
                      struct hf_metrics_ladder *ladder);

#ifdef __cplusplus
}
#endif

#endif
