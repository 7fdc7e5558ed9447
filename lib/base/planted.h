/*
 * planted.h - bugs to be found (tests/sim, tests/power): HF_PLANTED(NAME) stands where a line that a
 * promise hangs on would be forgotten or moved.
 *
 * In the simulator's build, and in that of a daemon whose power goes (tests/power), one of them may be
 * planted at run time, to show that it would be found. In every other build HF_PLANTED() is the constant 0,
 * and nothing is left of it.
 */
#ifndef HF_BASE_PLANTED_H
#define HF_BASE_PLANTED_H

#if defined(HF_SIMULATION) || defined(HF_PLANTING)
/** PLANT(NAME, what is wrong then) */
#define HF_PLANTED_BUGS(PLANT)                                                                     \
    PLANT(FLUSH_MISSING, "the flush is forgotten")                                                 \
    PLANT(DURABLE_BEFORE_FLUSH, "durable_lsn is stored before the flush has returned")             \
    PLANT(FLUSH_ERROR_IGNORED, "a failed flush counts as one")                                     \
    PLANT(FLUSH_RETRIED, "a failed flush is tried again, and the second one trusted")              \
    PLANT(APPENDED_COUNTED, "what is written during a flush counts as flushed")                    \
    PLANT(OLD_SEGMENT_UNFLUSHED, "at a roll-over only the new segment is flushed")                 \
    PLANT(DIRECTORY_UNSYNCED, "directories are not synced")                                        \
    PLANT(PARENT_UNSYNCED, "the log directory's own name is not synced")                           \
    PLANT(SEGMENT_UNSYNCED, "a new segment gets its name before it is durable")                    \
    PLANT(ZEROS_BEHIND, "zeros are laid after the writer was told so")                             \
    PLANT(CRC_IGNORED, "recovery takes any record with the next LSN")                              \
    PLANT(TORN_HEADER_REFUSED, "a torn segment header is taken for another version")               \
    PLANT(WRITES_NOT_AWAITED,                                                                      \
          "a start does not wait for writes that a killed daemon has under way")                   \
    PLANT(SHORT_WRITE_COUNTED, "a short direct write counts as a whole one")                       \
    PLANT(LAP_LEFT_IN_HEADER, "the rest of a header page keeps what the window held a lap before") \
    PLANT(RECOVERY_UNFLUSHED, "recovery does not flush what it accepts")                           \
    PLANT(RECOVERY_NOT_REWRITTEN, "recovery does not rewrite what it accepts")                     \
    PLANT(WITNESS_NOT_REWRITTEN, "a start does not rewrite what LOCK says")                        \
    PLANT(SNAPSHOT_UNSYNCED, "a snapshot gets its name before it is durable")                      \
    PLANT(SNAPSHOT_AHEAD, "the checkpointer follows what is written, not what is durable")         \
    PLANT(FILLING_FOLLOWED, "a snapshot stands behind groups that are not durable")                \
    PLANT(RETAINED_TOO_LITTLE, "a segment that the older snapshot needs is removed")               \
    PLANT(TAIL_NOT_ZEROED, "recovery leaves the torn tail where it is")                            \
    PLANT(REMOVED_IN_ANY_ORDER, "segments of a torn tail are removed, the lowest first")           \
    PLANT(QUEUE_RESET_EARLY, "the WAL queue is reset before its records are in the log")           \
    PLANT(QUEUE_RELEASED_EARLY, "queue slots are free when written, not when durable")             \
    PLANT(SLOT_RELEASED_EARLY, "a command's slot is released before its record is queued")         \
    PLANT(REPORT_BEFORE_RECORD, "reports are published before the record is queued")               \
    PLANT(SEQUENCE_NOT_RESTORED, "the next sequence number is taken from the ring's tail")         \
    PLANT(BACKLOG_FORGOTTEN, "recovery does not look for reports that are not in the ring")        \
    PLANT(FIRST_HALF_FIRST, "of two slots the first is published first")                           \
    PLANT(DRAIN_FORGOTTEN, "a takeover does not drain the old command ring")                       \
    PLANT(HISTORY_KEPT, "a lost tail begins no new history")                                       \
    PLANT(LOSS_UNHALTED, "trading goes on behind a lost tail")                                     \
    PLANT(STATUS_GONE_FIRST, "of an unfinished start the status page is removed first")            \
    PLANT(EVENTS_FORGOTTEN, "market events that the ring did not hold are not published")          \
    PLANT(SYNC_MODE_EARLY, "sync mode shows reports that are not durable")                         \
    PLANT(CLIENT_SHOWS_EARLY, "a session of durable reports shows others")                         \
    PLANT(MEMORY_CALLED_DURABLE, "memory mode calls durable what is written")                      \
    PLANT(RETIRED_UNFLUSHED, "a clean stop in memory mode flushes its last segment alone")         \
    PLANT(GAP_SKIPPED, "a client goes on behind a gap without what is missing")                    \
    PLANT(GAP_SNAPSHOT_ANY, "the gap service begins with a snapshot that is too new")              \
    PLANT(RESTART_FORGOTTEN, "a start forgets that a report ring had restarted behind a gap")      \
    PLANT(SESSION_BELIEVED, "a command is of the session that its slot names")                     \
    PLANT(HEADER_BELIEVED, "the size of a command ring is taken from its client's header")         \
    PLANT(LOSS_UNASKED, "a start does not ask how far the queue was, or where it is")              \
    PLANT(ABANDONED_UNTOLD, "the page of memory that is given up does not say so")                 \
    PLANT(ABANDONED_FOLLOWED, "behind a start that gave memory up and died no history begins")

enum hf_planted_bug {
    HF_PLANTED_NONE,
#define HF_PLANTED_NAME(name, text) HF_PLANTED_##name,
    HF_PLANTED_BUGS(HF_PLANTED_NAME)
#undef HF_PLANTED_NAME
        HF_PLANTED_COUNT,
};
extern enum hf_planted_bug hf_planted;
#define HF_PLANTED(name) (hf_planted == HF_PLANTED_##name)
#else
#define HF_PLANTED(name) 0
#endif

#endif
