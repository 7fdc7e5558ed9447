/*
 * scan_internal.h - what the parts of a scan share: its state, and what each does for the others.
 */
#ifndef HF_RECOVERY_SCAN_INTERNAL_H
#define HF_RECOVERY_SCAN_INTERNAL_H

#include "recovery/reader.h"
#include "recovery/scan.h"

struct hf_scan_work {
    const char *directory;
    const struct hf_scan_watch *watch;
    struct hf_scan_result *result;
    struct hf_reader reader;
    uint32_t key;          /**< of the segment being followed */
    bool filled;           /**< the segment followed last has records up to its last slot */
    bool broken;           /**< the rest is only surveyed */
    uint64_t used_slots;   /**< not zero, in the segment surveyed last (D8), */
    uint64_t traces;       /**< and those with an LSN that could be there */
    uint64_t before_bytes; /**< of the segment files before the one that is open */
    uint64_t total_bytes;

    /* where the following stopped, for the message */
    uint64_t stop_number;
    uint64_t stop_offset;
    const char *stop_what;

    /* first slot of a two-slot message whose second is still to come */
    bool half_pending;
    struct hf_record half;
    uint64_t half_offset;
    uint32_t half_chain; /**< chain before it */
};

/** The keys under which the groups of a segment may be authentic. */
struct hf_scan_keys {
    uint32_t key[2];
    unsigned count;
};

/* scan_text.c: all return the code that they set, with the text in the result. */

int hf_scan_fail(struct hf_scan_work *scan, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int hf_scan_failed_io(struct hf_scan_work *scan, uint64_t offset, int error);

/** Damage in the file that is open now. */
int hf_scan_damage(struct hf_scan_work *scan, uint64_t offset, const char *what);

/** D8. */
int hf_scan_foreign(struct hf_scan_work *scan, const char *what);

/** V2: damage where the following stopped. */
int hf_scan_damage_below_floor(struct hf_scan_work *scan);

/** D4, where records before the new epoch are what is damaged: named where the following stopped. */
int hf_scan_damage_below_epoch(struct hf_scan_work *scan, const struct hf_segment_header *header);

/* scan_follow.c */

void hf_scan_floor_raise(struct hf_scan_work *scan, uint64_t floor_lsn);

/** Remember where the following stopped, for the message; the first place counts. */
void hf_scan_stop(struct hf_scan_work *scan, uint64_t offset, const char *what);

/** Tell the watch. @return 0 or a code */
int hf_scan_tell_segment(struct hf_scan_work *scan, const struct hf_segment_header *header);
void hf_scan_tell_progress(const struct hf_scan_work *scan, uint64_t offset);

/** Whether the last record that is wanted was seen. */
bool hf_scan_limit_passed(const struct hf_scan_work *scan);

/** Follow the records of the segment that is open, from result->end_offset on. @return 0 or a code */
int hf_scan_follow(struct hf_scan_work *scan);

/**
 * Beside a running daemon: where the following stopped, is the expected record there by now? Then follow on.
 * The writer stores record after record, so whoever sees a later one and looks again sees the earlier ones
 * too; a break that is one stays, as often as one looks.
 *
 * @return 1: it went on; 0: it did not; negative: a code. The file that was open is open again
 */
int hf_scan_follow_growth(struct hf_scan_work *scan);

/** Look at everything from an offset to the end of the file. @param found  bytes that are not zero */
int hf_scan_survey(struct hf_scan_work *scan, uint64_t offset, const struct hf_scan_keys *keys,
                   uint64_t *found);

/* scan_file.c */

/** D1, D2: what must hold of a whole header wherever it stands. @return 0 or a code */
int hf_scan_header_identify(struct hf_scan_work *scan, const struct hf_segment_header *header);

/** Whether it begins exactly where the followed records end. */
bool hf_scan_header_exact(const struct hf_scan_work *scan, const struct hf_segment_header *header);

/** Whether the segment continues the log. @return 1: yes; 0: it is part of a torn tail; negative: damage
 *  (D3, D4, D5) */
int hf_scan_header_continues(struct hf_scan_work *scan, const struct hf_segment_header *header);

/** D8: whether a record of this LSN may stand in the segment, as far as is known. */
bool hf_scan_lsn_is_possible(const struct hf_scan_work *scan, uint64_t lsn);

/** D8, of the segment that was just surveyed. Of a few slots a crash may have left any words, also without
 *  their LSNs. */
bool hf_scan_is_foreign(const struct hf_scan_work *scan, const struct hf_segment_header *header);

#endif
