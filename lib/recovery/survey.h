/*
 * survey.h - look at every byte of a log and name each place that is not as a writer leaves it, going on
 * behind it: what hf_scan() refuses or would cut, place by place.
 *
 *   | header | record  record  ×××××× | record  group  record | ...  0 0 0 0 |
 *              chained         damage   chained to what is stored before it
 *
 * A slot is *authentic* when its checksum follows from that of the slot before it as that one is stored;
 * so one damaged byte costs the slot that it is in (and the next one where it is in the checksum), and
 * everything behind it is judged again. Whether a place is damage or a torn tail is hf_scan()'s to say:
 * it depends on the durable floor.
 *
 * Y1  a log that hf_scan() accepts without a torn byte has no finding
 * Y2  every finding is named by file, offset, length and the LSN that is expected there
 */
#ifndef HF_RECOVERY_SURVEY_H
#define HF_RECOVERY_SURVEY_H

#include "wal/format.h"

struct hf_survey_finding {
    const char *file;
    const char *what;
    uint64_t offset;
    uint64_t len_bytes; /**< 0: something is missing there, or the whole file is concerned */
    uint64_t lsn;       /**< expected there; 0: nothing before it tells */
};

struct hf_survey {
    /* set by the caller */
    void *context;
    void (*found)(void *context, const struct hf_survey_finding *finding); /**< may be NULL */
    uint64_t first_number; /**< the log may begin with this segment; 0: with number 1 */
    /* results */
    uint64_t findings;
    uint64_t segments; /**< with a whole header */
    uint64_t prepared; /**< never used */
    uint64_t records;  /**< authentic ones, and their second slots */
    uint64_t groups;   /**< authentic ones */
    uint64_t last_lsn; /**< highest of an authentic record */
    uint64_t floor_lsn;
    uint64_t epoch;   /**< highest of a whole header */
    uint64_t history; /**< highest of an authentic EPOCH record */
};

/** Survey a directory. @return 0, or HF_E_SYSTEM, HF_E_MEMORY: it cannot be listed or read at all */
int hf_survey(const char *directory, struct hf_survey *survey);

#endif
