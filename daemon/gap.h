/*
 * gap.h - the gap service: reports that are neither in a ring nor in the event buffer any more, made
 * again by a replay of the log, into a memory object that the client copies.
 *
 *   control ── job ──► gap thread: wait for the log ─► hf_scan, hf_replay ─► slots ── event_fd ──► control
 *
 * G1  one job at a time, at low priority; neither the engine nor the control thread waits for it
 * G2  the log is replayed while the writer appends to it, but only up to an LSN that the writer (in
 *     sync mode, and where only a flush writes: the flush) has passed before the replay began: what lies
 *     behind may be torn, and is not looked at
 * G3  whatever goes wrong is an answer with a code and words, never a halt
 * G4  the memory of an answer stays ours: it can be emptied whoever keeps it open or mapped, and no answer
 *     is begun while, with it, more than HF_GAP_SLOTS_MAX slots (256 MiB) in HF_GAP_ANSWERS_MAX answers
 *     might not be
 */
#ifndef HF_DAEMON_GAP_H
#define HF_DAEMON_GAP_H

#include "daemon/halt.h"
#include "daemon/stage.h"
#include "shm/control.h"
#include "wal/wal.h"

#include <holdfast/report.h>

#define HF_GAP_ANSWERS_MAX 64u    /* each holds a descriptor */
#define HF_GAP_SLOTS_MAX 4194304u /* x 64 bytes: 256 MiB */
#define HF_GAP_ANSWER_SLOTS_MAX                                                                    \
    1048576u /* 64 MiB: a replay is dear, few answers are better than many */

enum hf_gap_state {
    HF_GAP_IDLE = 0,
    HF_GAP_POSTED = 1, /**< the job is the gap thread's */
    HF_GAP_DONE = 2,   /**< the job is the control thread's again */
};

struct hf_gap_job {
    uint64_t session_id;
    uint32_t session; /**< slot */
    uint64_t first;   /**< number of the first report that is wanted */
    uint64_t last;
    uint64_t slots_max; /**< of one answer; at least one report is given */
    uint64_t lsn;       /**< that of report `last`, or a later one */
    /* results */
    int code;
    char text[HF_CONTROL_TEXT_BYTES];
    int fd;        /**< read-only, the caller's; -1 when code is not 0 */
    int memory_fd; /**< of the same object, to empty it (G4); the caller's; -1 when code is not 0 */
    uint64_t got_first;
    uint64_t got_last;
};

struct hf_gap {
    /* fixed at start */
    const char *directory; /**< of the log */
    const struct hf_status *status;
    const struct hf_halt *halt;
    bool from_flushed; /**< what is not flushed is not to be read, or cannot be */
    int event_fd;      /**< readable when a job is done */
    /* crossing threads */
    struct hf_stage_bell bell __attribute__((aligned(128)));
    uint32_t state;  /**< enum hf_gap_state */
    uint32_t cancel; /**< control: nobody waits for the job any more */
    struct hf_gap_job job;
};

/** Before the threads start; the other fixed fields are set, event_fd is -1. @return 0 or HF_E_SYSTEM */
int hf_gap_init(struct hf_gap *gap);
void hf_gap_destroy(struct hf_gap *gap);

/** Hand over the job in gap->job; the state must be IDLE. Thread: control */
void hf_gap_post(struct hf_gap *gap);

/** Take the finished job back: the state is IDLE again. @return false: none is done. Thread: control */
bool hf_gap_take(struct hf_gap *gap);

/** Carry out the posted job, if there is one. @return 1 or 0. Thread: gap */
int64_t hf_gap_do_work(struct hf_gap *gap);

#endif
