/*
 * beginning.h - where the log that is there begins: with its first record, or, where it is kept short
 * (retain.h), with a later segment.
 *
 *   segments       5   6   7   8          1 to 4 are gone
 *                ▲       ▲A      ▲B       snapshots
 *                │       └ from here on the state is known (restore.h)
 *                └ position: from here on there are records
 *
 * The first segment's header says which record it begins with, and what that is chained to (F6); what was
 * before cannot be checked any more. Segments that were archived count like all others.
 */
#ifndef HF_RECOVERY_BEGINNING_H
#define HF_RECOVERY_BEGINNING_H

#include "recovery/position.h"

#include <stdbool.h>
#include <stddef.h>

#define HF_BEGINNING_TEXT_BYTES 512

struct hf_beginning {
    uint64_t segment;                   /**< lowest number that is there; 0: there is none */
    struct hf_log_position position;    /**< before its first record; segment 0: the log is whole */
    char text[HF_BEGINNING_TEXT_BYTES]; /**< of a failure: file, what */
};

/** Find it. @return 0, also when there is no log; HF_E_CORRUPT, HF_E_VERSION (the header of a first segment
 *  other than number 1 is not whole), HF_E_IO, HF_E_MEMORY, HF_E_SYSTEM */
int hf_beginning(const char *directory, struct hf_beginning *beginning);

/**
 * Find the lowest segment from which everything up to a position is valid: where to begin when first segments
 * are damaged, and a snapshot stands at that position. The lowest one of all when there is none such: whoever
 * scans from there hears what is wrong.
 *
 * @return as hf_beginning()
 */
int hf_beginning_sound(const char *directory, const struct hf_log_position *until,
                       struct hf_beginning *beginning);

/** Whether first segments are gone: perhaps with no record in them, if a first start died in them. */
static inline bool
hf_beginning_is_short(const struct hf_beginning *beginning)
{
    return beginning->position.segment != 0;
}

/** What a scan of all that is there goes on from: NULL when the log is whole. */
static inline const struct hf_log_position *
hf_beginning_from(const struct hf_beginning *beginning)
{
    return hf_beginning_is_short(beginning) ? &beginning->position : NULL;
}

#endif
