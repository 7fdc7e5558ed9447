/*
 * scan.h - read a log: the longest valid prefix, the durable floor, and whether what follows it is a
 * torn tail or damage.
 *
 *   records ── valid, chained ──┤ break ├── groups beyond it that are authentic by themselves
 *                               │            │
 *                               end_lsn      floor_lsn = max(floor of all authentic groups & headers)
 *
 * V1  end_lsn >= floor_lsn: the break is a torn tail, to be cut (everything in it was never durable)
 * V2  end_lsn <  floor_lsn: the break is damage: named by file, offset, LSN; nothing is cut
 * V3  a segment that is shorter than its header says, is missing in the sequence, has a foreign
 *     instance id or another version is damage whatever the floor
 *
 * A scan may go on from the middle (hf_scan_watch.from): all up to that position is trusted, and a floor;
 * segments before it need not be there. V1 to V3 hold for what follows, and for the segment of the
 * position: it must be there, be the one of the position, and have that record just before it.
 *
 * Reads only. Used by the daemon's start and by every offline tool, beside a running daemon too: where
 * the following stops it looks again, and goes on when the writer has come further meanwhile.
 * Segments that were archived (archive.h) are read like all others.
 */
#ifndef HF_RECOVERY_SCAN_H
#define HF_RECOVERY_SCAN_H

#include "recovery/position.h"
#include "wal/format.h"

#define HF_SCAN_TEXT_BYTES 512
#define HF_PATH_BYTES 4096

struct hf_scan_result {
    int code; /**< 0; HF_E_CORRUPT (damage), HF_E_VERSION, HF_E_MEMORY, as hf_segment_error(),
                   or what the visitor returned */
    char text[HF_SCAN_TEXT_BYTES]; /**< for code != 0: file, offset, LSN, what, and what to do */
    uint64_t segments;             /**< used segment files */
    uint64_t instance_id;          /**< 0 when the log is empty */
    uint64_t epoch;                /**< of the last used segment */
    uint64_t end_lsn;              /**< last valid record; 0 when the log is empty */
    uint64_t floor_lsn;
    uint64_t end_segment; /**< number of the segment that holds the end; 0 when the log is empty */
    uint64_t end_offset;  /**< byte behind the last valid record or group */
    uint32_t end_chain;   /**< crc of the last valid record or group */
    uint64_t segment_bytes; /**< of the last used segment */
    uint64_t torn_bytes;    /**< non-zero bytes behind the end that V1 allows to cut */
    uint64_t last_number;   /**< highest segment number present, unused ones included */
    bool witnessed;         /**< LOCK says how far the log was used (wal/witness.h) */
    bool limited; /**< ended by hf_scan_watch.last_lsn: floor and tail behind it were not judged */
};

/** Sees each valid record once, in LSN order, GROUP records excluded. Return 0 to go on; a negative
 *  code ends the scan with it. `more` is the second slot of two-slot records, else NULL. */
typedef int (*hf_scan_visit_fn)(void *context, const struct hf_record *record,
                                const struct hf_record *more, const char *file, uint64_t offset);

/**
 * Scan a directory.
 *
 * A two-slot record whose second slot is not in the valid prefix is not visited: the prefix ends
 * before it ("recovery cuts a lone half").
 *
 * @param directory    path of the log; one without any segment is an empty log and no error
 * @param floor_hint   durable_lsn known from elsewhere (shared memory of the same boot), else 0
 * @param visit        may be NULL
 * @return result->code
 */
int hf_scan(const char *directory, uint64_t floor_hint, hf_scan_visit_fn visit, void *context,
            struct hf_scan_result *result);

/** What a reader wants to hear of a scan. Calls return 0 to go on; a negative code ends the scan with it.
 *  Those that are NULL are not made. */
struct hf_scan_watch {
    void *context; /**< of all calls but `ahead` */
    hf_scan_visit_fn record;
    /** A segment whose records are followed from now on. */
    int (*segment)(void *context, const struct hf_segment_header *header, const char *file);
    /** Each valid slot, GROUP records and second slots too, before `record` is told of it. A lone half at
     *  the end is heard of here, although the log ends before it. */
    int (*slot)(void *context, const struct hf_record *slot, const char *file, uint64_t offset);
    /** How far the scan has come, in bytes of segment files; about every MiB. */
    void (*progress)(void *context, uint64_t done_bytes, uint64_t total_bytes);
    /** Before each slot is looked at: it and those behind it, as they stand in the file, as far as they
     *  are at hand (`count`, at least 1). They may be anything: a hint (replay.h: hf_replay_ahead). */
    void (*ahead)(void *ahead_context, const struct hf_record *slots, size_t count);
    void *ahead_context;
    uint64_t
        last_lsn; /**< end with this record, and the group that closes it; 0: with the last one */
    const struct hf_log_position *from; /**< go on behind this record; NULL: from the first one */
};

/** As hf_scan(), for those who want to hear more, or less. */
int hf_scan_watched(const char *directory, uint64_t floor_hint, const struct hf_scan_watch *watch,
                    struct hf_scan_result *result);

/** Where a scan ended, for another one to go on. @param last_type  of the record with result->end_lsn */
void hf_scan_position(const struct hf_scan_result *result, uint32_t last_type,
                      struct hf_log_position *position);

/**
 * Make the accepted log durable and end its tail: rewrite (re-dirty) every byte above the floor up to
 * end_offset, zero what lies behind it in the last used segment, remove prepared segments that were
 * never used, fsync file and directory.
 *
 * @param extra       records to append behind the end, under the old epoch (from the WAL queue), in
 *                    LSN order from end_lsn + 1; they may fill new segments. NULL when count is 0
 * @param result      of the scan; updated to the new end
 * @return 0 or a negative code with result->text
 */
int hf_scan_seal(const char *directory, const struct hf_record *extra, size_t count,
                 struct hf_scan_result *result);

#endif
