/*
 * wal.h - the write-ahead log while the daemon runs: three stages over one WAL queue.
 *
 *   queue ──► hf_wal_writer_do_work ──► segment mapping ──► hf_wal_sync_do_work ──► durable_lsn
 *                                            ▲
 *                            hf_wal_prepare_do_work: next segments, allocated and zeroed ahead
 *
 * Each stage belongs to one thread at a time (or to one simulator that calls them in turn). The struct is
 * divided by the thread that owns the fields; what crosses threads is atomic and named so.
 *
 * Failure policy: the first error of any stage (msync, fallocate, open...) is returned as a negative
 * enum hf_error with errno in wal->error_errno and a text in wal->error_text, and is final: the stage
 * must not be called again, durable_lsn stays where it is, the daemon halts (P6). The one exception is
 * the preparer's shortage of space: it is reported by hf_wal_low() and tried again every second, and
 * turns final only when the writer needs the segment that cannot be made (HF_E_NO_SPACE from the
 * writer).
 */
#ifndef HF_WAL_WAL_H
#define HF_WAL_WAL_H

#include "wal/format.h"
#include "wal/io.h"
#include "wal/queue.h"
#include "wal/watermark.h"

#include <holdfast/status.h>

enum hf_wal_mode {
    HF_WAL_GROUP = HF_MODE_GROUP, /**< flush by interval or batch, or at once when somebody waits */
    HF_WAL_SYNC = HF_MODE_SYNC,   /**< flush whatever is written, at once, all the time */
    HF_WAL_MEMORY =
        HF_MODE_MEMORY, /**< never flush on purpose; durable_lsn stays at its start value */
};

struct hf_wal_config {
    const char *directory;
    uint64_t instance_id;
    uint64_t segment_bytes; /**< multiple of 4096, at least HF_SEGMENT_BYTES_MIN */
    enum hf_wal_io_kind io;
    enum hf_wal_mode mode;
    uint64_t flush_interval_ns; /**< 10 ms */
    uint64_t flush_records;     /**< 1000; half of the queue's slots where that is less */
    uint32_t reserve_segments;  /**< prepared ahead of the writer; at least 1 */
};

/** Where the log begins in this epoch: a new segment. Made by recovery. */
struct hf_wal_start {
    uint64_t epoch;
    uint64_t segment;     /**< number of the segment to make */
    uint64_t base_lsn;    /**< LSN of its first record */
    uint32_t chain;       /**< crc of the last record of the log, 0 for an empty one */
    uint64_t durable_lsn; /**< what is durable already: base_lsn - 1 */
};

struct hf_wal;

/**
 * Open the log for appending: make the first segment of the epoch (header durable, directory synced)
 * and prepare what lies ahead.
 *
 * @param wal         receives the handle; hf_wal_close() frees it
 * @param config      copied, strings too
 * @param queue       queue object, borrowed for the life of the handle; recovery stamps it for
 *                    start->base_lsn after this call (the epoch is durable first) and before the
 *                    first stage runs
 * @param watermarks  borrowed words; written_lsn and durable_lsn are set to start->durable_lsn
 * @return 0, HF_E_ARGUMENT, HF_E_MEMORY, HF_E_NO_SPACE, HF_E_IO, HF_E_SYSTEM; error_text says what
 */
int hf_wal_open(struct hf_wal **wal, const struct hf_wal_config *config,
                const struct hf_wal_start *start, const struct hf_region *queue,
                const struct hf_watermarks *watermarks, char *error_text, size_t error_bytes);

/** Unmap and free. Flushes nothing by itself; unused prepared segments are removed. */
void hf_wal_close(struct hf_wal *wal);

/** Move up to a batch of records from the queue into the segment and close them with a GROUP record.
 *  @return records moved, 0 when there was nothing, negative: final error. Thread: WAL writer */
int64_t hf_wal_writer_do_work(struct hf_wal *wal);

/** Flush [durable, written) when the policy says so, publish durable_lsn, release queue slots.
 *  @return records made durable, 0 when nothing was due, negative: final error. Thread: sync */
int64_t hf_wal_sync_do_work(struct hf_wal *wal, uint64_t now_ns);

/** When the sync stage is next due although nothing new arrives; UINT64_MAX: only on new records. */
uint64_t hf_wal_sync_due_ns(const struct hf_wal *wal);

/** Another group commit policy, from the next flush on. Thread: any one beside the stages' */
void hf_wal_tune(struct hf_wal *wal, uint64_t flush_interval_ns, uint64_t flush_records);

/** Written records that wait at which a flush is due. Thread: any */
uint64_t hf_wal_flush_records(const struct hf_wal *wal);

/** Flush everything written now, whatever the policy (clean stop; also in `memory` mode).
 *  Thread: sync, or the caller once the threads are gone */
int64_t hf_wal_sync_all(struct hf_wal *wal);

/** Lay zeros ahead, or make the next segment. To be called every 10 ms or oftener while records come
 *  in, and again at once while it finds work. @return units of work done, 0: nothing for now,
 *  negative: final error. Thread: preparer */
int64_t hf_wal_prepare_do_work(struct hf_wal *wal, uint64_t now_ns);

/** Whether the names of the files that are being written still lead to them; the preparer looks every
 *  second. @return 0 or the final error: somebody has removed, moved or replaced one. Thread: preparer, or
 *  the caller once the threads are gone */
int hf_wal_check_files(struct hf_wal *wal);

/** Whether fewer prepared segments than the reserve are ahead and no space for more. Thread: any */
bool hf_wal_low(const struct hf_wal *wal);

/** The text of the final error of any stage; "" when there is none. Thread: any, after it returned */
const char *hf_wal_error_text(const struct hf_wal *wal);

/** "mmap", "pmem" or "direct". Thread: any */
const char *hf_wal_io_name(const struct hf_wal *wal);

/** Whether who reads the segment files beside the daemon finds records only up to durable_lsn, not up to
 *  written_lsn (`direct`). Thread: any */
bool hf_wal_flush_stores(const struct hf_wal *wal);

#endif
