/*
 * look.h - look at an instance again and again: samples, and what happened between them.
 *
 *     struct hf_watch watch;
 *     if (hf_watch_init(&watch, "holdfast", NULL) == HF_OK)
 *         for (;;) { hf_watch_look(&watch); ... watch.now ... hf_watch_stage(&watch, HF_WATCH_DURABLE); sleep(1); }
 *
 * A daemon that dies, restarts, or is not there yet is no error: each look says how it is, and the next one
 * tries again. What was seen last stays in the sample, with `alive` and `heartbeat_age_ns` to tell how old
 * it is.
 *
 * A handle is one thread's at a time.
 */
#ifndef HF_WATCH_LOOK_H
#define HF_WATCH_LOOK_H

#include "watch/catalog.h"

#include <holdfast/client.h>
#include <stdbool.h>

/** Looks over which stages and rates are told: with one a second, ten seconds. */
#define HF_WATCH_WINDOW 10u
#define HF_WATCH_TEXT_BYTES 256u

struct hf_watch_sample {
    uint64_t taken_ns;      /**< CLOCK_MONOTONIC */
    uint64_t taken_time_ns; /**< of the wall clock */
    bool seen;              /**< the status page was mapped: `status` says something */
    bool measured;          /**< the metrics too */
    bool alive;             /**< the process that the page names exists */
    bool shown; /**< /proc has shown it, now or before: when it no longer does, it is gone */
    int code;   /**< 0, or why the daemon did not answer when it was asked */
    uint64_t heartbeat_age_ns;
    uint64_t flush_age_ns; /**< of the flush that is under way; 0: none is */
    struct hf_status status;
    struct hf_histogram stages[HF_WATCH_STAGES];
};

struct hf_watch {
    const char *instance;
    const char *socket_path;
    struct hf_observer *observer;     /**< NULL: never connected */
    const struct hf_metrics *metrics; /**< NULL: there are none. Of the last look */
    uint64_t shown_pid;               /**< the last process that /proc has shown, */
    uint64_t shown_start;             /**< and its start */
    char text
        [HF_WATCH_TEXT_BYTES];   /**< why the daemon did not answer, or how far it has recovered */
    struct hf_watch_sample *now; /**< the last look */
    /* Ring of looks; those of another daemon than `now` do not count. */
    struct hf_watch_sample *samples;
    uint64_t looks;
};

/** What a stage counted over the window. Told values: seconds, records, bytes. */
struct hf_watch_summary {
    uint64_t count;
    double per_second;
    double mean;
    double p50;
    double p90;
    double p99;
    double p999;
    double max;
};

/** @param instance, socket_path  as hf_observe(); borrowed. @return 0 or HF_E_MEMORY */
int hf_watch_init(struct hf_watch *watch, const char *instance, const char *socket_path);
void hf_watch_free(struct hf_watch *watch);

/** Take a sample. May wait for a daemon that is there and does not answer, up to 5 s. */
void hf_watch_look(struct hf_watch *watch);

/** The oldest look of the window that is of the same daemon: `now` itself, when it is the first. */
const struct hf_watch_sample *hf_watch_before(const struct hf_watch *watch);

/** Growth of a word of the status page over the window, per second. */
double hf_watch_rate(const struct hf_watch *watch, size_t status_offset);
#define HF_WATCH_RATE(watch, field) hf_watch_rate(watch, offsetof(struct hf_status, field))

struct hf_watch_summary hf_watch_stage(const struct hf_watch *watch, unsigned stage);

#endif
