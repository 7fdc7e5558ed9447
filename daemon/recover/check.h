/*
 * check.h - what can be said of a log: the judgement of a daemon's start, and every place that is not as
 * it should be.
 *
 *   segments     1   2 ×××   3   4   5
 *                                  ▲ S  snapshot        scan and replay from LSN 1: sound to the end?
 *                                    └───────────►      if not, from S, as a start does: is it hurt by that?
 *   hf_survey                                           if anything is wrong: what, everywhere
 *
 * A start begins with the newest snapshot that can be used, and looks at nothing before it. (It takes an older
 * one where a client's ring needs that, which the log alone does not tell.) So a log can be damaged, and no
 * start hurt. Where the first segments were removed because the log is kept short, all begins at a snapshot.
 */
#ifndef HF_RECOVER_CHECK_H
#define HF_RECOVER_CHECK_H

#include "recover/tool.h"
#include "recovery/replay.h"
#include "recovery/scan.h"
#include "recovery/snapshot.h"
#include "recovery/survey.h"

enum hf_check_verdict {
    HF_CHECK_SOUND,   /**< nothing is wrong where a start looks */
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
    enum hf_check_verdict verdict; /**< of a start */
    const char *text;              /**< DAMAGED: why a start refuses */
    struct hf_scan_result scan;    /**< of the pass that the verdict is of */
    struct hf_replay replay; /**< as of the end of what is valid; core NULL when there is nothing */
    uint64_t start_lsn;      /**< of the snapshot that a start begins with; 0: it has none */
    uint64_t snapshots_refused;           /**< newer ones, which cannot be used */
    char refusal[HF_SNAPSHOT_TEXT_BYTES]; /**< why not the newest of them */
    uint64_t whole_lsn;      /**< from the first record that is there all is valid up to this one */
    struct hf_survey survey; /**< zeros when the scan has seen everything, and nothing is wrong */
    struct hf_check_place *places;
    size_t place_count;
    uint64_t
        from_lsn; /**< up to here the state is a snapshot's, because the log is kept short or damaged
                            before it; 0: it is replayed from LSN 1 on */
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

/** How many places are damage, and not a torn tail. */
size_t hf_check_damages(const struct hf_check *check);

/** Whether something is wrong although no start is hurt by it. */
static inline bool
hf_check_is_passed_by(const struct hf_check *check)
{
    return check->verdict != HF_CHECK_DAMAGED && hf_check_damages(check) > 0;
}

#endif
