/*
 * view.h - all that is shown of an instance, copied out of shared memory at one look: a picture that keeps
 * while the next one is taken.
 */
#ifndef HF_WATCH_VIEW_H
#define HF_WATCH_VIEW_H

#include "watch/health.h"

#define HF_WATCH_VALUES_MAX 64u

struct hf_watch_session {
    char name[HF_NAME_BYTES];
    uint32_t slot;
    uint32_t uid;
    bool connected;
    bool behind;       /**< reports wait: its ring is full, or nobody is there */
    uint64_t commands; /**< taken since it was opened */
    uint64_t waiting;  /**< in its command ring, not yet taken */
    uint64_t reports;
    uint64_t unread; /**< made, and not yet released by its client */
    uint32_t open_orders;
};

/** Of what the status page tells, what is shown: an instance may have a million, and who shows it two views. */
struct hf_watch_instrument {
    uint32_t id;
    uint32_t phase; /**< enum hf_phase */
    char symbol[HF_SYMBOL_BYTES];
    const struct hf_metrics_ladder *ladder; /**< among the view's; NULL: it has none */
};

struct hf_watch_view {
    bool seen;     /**< the status page was: `status` and what follows from it say something */
    bool measured; /**< the metrics too */
    bool
        alive; /**< a daemon is there, as far as can be known: none of absent, denied, dead, stopped, and not
                      halted with its process ended */
    struct hf_watch_verdict verdict;
    uint64_t taken_ns;      /**< CLOCK_MONOTONIC: what rates are made with */
    uint64_t taken_time_ns; /**< of the wall clock, for people */
    double heartbeat_age_s;
    double flush_age_s;
    double uptime_s;
    struct hf_status status;
    double values[HF_WATCH_VALUES_MAX]; /**< by catalog.h */
    double commands_per_s;              /**< these over the window */
    double reports_per_s;
    double trades_per_s;
    double rejects_per_s;
    double flushes_per_s;
    double flushed_bytes_per_s;
    struct hf_watch_summary stages[HF_WATCH_STAGES];
    const struct hf_histogram
        *histograms; /**< since the start; the watch's, for HF_WATCH_WINDOW looks */
    struct hf_metrics_thread threads[HF_METRICS_THREADS_MAX];
    uint32_t thread_count;
    struct hf_watch_session *sessions;
    uint32_t session_count;
    size_t session_room;
    struct hf_watch_instrument *instruments; /**< that were not removed, by number */
    uint32_t instrument_count;
    size_t instrument_room;
    struct hf_metrics_ladder *ladders; /**< few instruments have one, and one is big */
    size_t ladder_room;
};

/** Look, and copy all of it. What there is no memory for, or what the pages tell that cannot be, is left out, and the
 *  verdict says so. @param view  zeroed before the first time; what it holds is used again */
void hf_watch_see(struct hf_watch *watch, uint64_t stuck_ns, struct hf_watch_view *view);

void hf_watch_view_free(struct hf_watch_view *view);

#endif
