/*
 * state.h - what the exporter knows: the last look at the instance, and ten minutes of history.
 *
 * The main thread looks once a second, into the view that nobody reads, and then exchanges the two; the
 * server's thread reads the other one. The lock is held for the exchange, and while an answer is made: never
 * while a daemon is waited for.
 */
#ifndef HF_EXPORTER_STATE_H
#define HF_EXPORTER_STATE_H

#include "watch/view.h"

#include <pthread.h>

#define HF_EXPORTER_HISTORY 600u

/** One second of history: rates of that second, and stages over the window up to it. */
struct hf_exporter_point {
    double time_s; /**< since the Unix epoch */
    double commands;
    double reports;
    double trades;
    double rejects;
    double behind; /**< sequenced and not durable */
    double ring_wait_p50;
    double ring_wait_p99;
    double round_p50;
    double round_p99;
    double durable_p50;
    double durable_p99;
    double flush_p50;
    double flush_p99;
    double loop_max;
};

struct hf_exporter_state {
    /* main thread */
    struct hf_watch watch;
    struct hf_watch_view *back;
    uint64_t stuck_ns;
    /* of both, under the lock */
    pthread_mutex_t lock;
    struct hf_watch_view *front;
    struct hf_exporter_point history[HF_EXPORTER_HISTORY];
    uint64_t points; /**< so far: the last is at points - 1 */
    uint64_t looks;
    /* behind the two pointers */
    struct hf_watch_view views[2];
};

/** @return 0 or HF_E_MEMORY */
int hf_exporter_state_init(struct hf_exporter_state *state, const char *instance,
                           const char *socket_path, uint64_t stuck_ns);
void hf_exporter_state_free(struct hf_exporter_state *state);

/** Look. Thread: main. */
void hf_exporter_look(struct hf_exporter_state *state);

#endif
