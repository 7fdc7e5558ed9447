/*
 * check.h - what can be said of a log: the judgement of a daemon's start, and every place that is not as
 * it should be.
 *
 *   hf_scan ──record──► hf_replay_record      would a daemon start on it, and where would it go on?
 *      └── from a snapshot, where the first segments were removed because the log is kept short
 *   hf_survey                                 if anything is wrong: what, everywhere
 */
#ifndef HF_RECOVER_CHECK_H
#define HF_RECOVER_CHECK_H

#include "recover/tool.h"
#include "recovery/replay.h"
#include "recovery/scan.h"
#include "recovery/survey.h"

enum hf_check_verdict {
    HF_CHECK_SOUND,   /**< nothing is wrong */
    HF_CHECK_TORN,    /**< a torn tail that was never durable: a start cuts it */
    HF_CHECK_DAMAGED, /**< a start refuses */
};

/** One finding, kept. */
struct hf_check_place {
    char *file;
    struct hf_survey_finding finding; /**< its file is the copy */
    bool torn;                        /**< above the durable floor: no damage */
};

struct hf_check {
    enum hf_check_verdict verdict;
    const char *text; /**< DAMAGED: why a start refuses */
    struct hf_scan_result scan;
    struct hf_replay replay; /**< as of the end of what is valid; core NULL when there is nothing */
    struct hf_survey survey; /**< zeros when SOUND: then the scan has seen everything */
    struct hf_check_place *places;
    size_t place_count;
    uint64_t from_lsn; /**< up to here the records are those of a snapshot; 0: all are there */
    uint64_t
        first_number;  /**< of the segments that are there, when the log is kept short; else 0 */
    uint64_t digests;  /**< DIGEST records that agree with the replay */
    uint64_t archives; /**< segments that are archived */
    bool stopped;      /**< the last record is a clean stop */
    uint8_t last_type;
};

/**
 * Check a log.
 *
 * @param floor_lsn  known to be durable from elsewhere, else 0
 * @param progress   may be NULL
 * @return 0, also when it is damaged; HF_E_MEMORY, HF_E_IO, HF_E_SYSTEM, HF_E_DENIED: it could not be
 *         read (text). Freed by hf_check_free() in any case
 */
int hf_check(const char *directory, uint64_t floor_lsn, struct hf_recover_progress *progress,
             struct hf_check *check);

void hf_check_free(struct hf_check *check);

#endif
