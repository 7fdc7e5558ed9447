/*
 * begin.h - where the records and the state begin from which a command can tell something.
 *
 *   whole log        LSN 1 ─────────────────────────────────►  records, and from GENESIS on the state
 *   kept short       . . . . LSN n ── records ── snapshot ───► records and the state
 *                    gone             without a state
 */
#ifndef HF_RECOVER_BEGIN_H
#define HF_RECOVER_BEGIN_H

#include "recovery/beginning.h"
#include "recovery/restore.h"

#include <jansson.h>

struct hf_begin {
    /* set by the caller */
    const char *command; /**< for messages */
    uint64_t lsn_max;    /**< snapshots beyond it are not used; 0: none is too new */
    bool oldest;         /**< begin with the oldest snapshot and not with the newest */
    /* results */
    struct hf_beginning log;
    uint64_t
        snapshot_lsn; /**< behind this record the state is known; 0: from the first one on, or, of a log
                                that is kept short, nowhere */
    struct hf_log_position position; /**< of that snapshot */
};

/**
 * Find both; of a log that is kept short, give the replay its core. Snapshots that cannot be used are named
 * on standard error.
 *
 * @param replay  numa_node is set; has no core
 * @return 0 or an exit code, the message said. That there is no snapshot is no error: see hf_begin_needs()
 */
int hf_begin(struct hf_begin *begin, const char *directory, struct hf_replay *replay);

/** Whether first segments are gone. */
static inline bool
hf_begin_short(const struct hf_begin *begin)
{
    return hf_beginning_is_short(&begin->log);
}

/** For who cannot go on without the state. @return 0, or an exit code after having said where the log
 *  begins and that no snapshot stands in for what was before */
int hf_begin_needs(const struct hf_begin *begin, const char *directory);

/** What a scan of the records goes on from that the state is known of. */
static inline const struct hf_log_position *
hf_begin_state(const struct hf_begin *begin)
{
    return begin->snapshot_lsn == 0 ? NULL : &begin->position;
}

/** One line: where a log that is kept short begins. @param what  is known behind the snapshot alone: "names
 *  are" */
void hf_begin_print_words(const struct hf_begin *begin, const char *what);

/** The same as JSON: {KEY: "beginning", "first_lsn", "segment", "snapshot_lsn"}; the caller's. */
json_t *hf_begin_json(const struct hf_begin *begin, const char *key);

#endif
