/* state.c - the last look at the instance, and the history of looks. */
#include "exporter/state.h"

#include <holdfast/error.h>

#define NS_PER_S 1e9

int
hf_exporter_state_init(struct hf_exporter_state *state, const char *instance,
                       const char *socket_path, uint64_t stuck_ns)
{
    *state = (struct hf_exporter_state){.stuck_ns = stuck_ns};
    pthread_mutex_init(&state->lock, NULL);
    state->front = &state->views[0];
    state->back = &state->views[1];
    return hf_watch_init(&state->watch, instance, socket_path);
}

void
hf_exporter_state_free(struct hf_exporter_state *state)
{
    hf_watch_view_free(&state->views[0]);
    hf_watch_view_free(&state->views[1]);
    hf_watch_free(&state->watch);
    pthread_mutex_destroy(&state->lock);
}

static double
rate(const struct hf_watch_view *before, const struct hf_watch_view *now, uint64_t first,
     uint64_t last)
{
    double seconds = (double)(now->taken_ns - before->taken_ns) / NS_PER_S;
    bool same = before->measured && before->status.epoch == now->status.epoch;
    return same && last > first && seconds > 0 ? (double)(last - first) / seconds : 0;
}

static void
fill_rates(const struct hf_watch_view *before, const struct hf_watch_view *now,
           struct hf_exporter_point *point)
{
    const struct hf_status *a = &before->status;
    const struct hf_status *b = &now->status;
    point->commands = rate(before, now, a->commands, b->commands);
    point->reports = rate(before, now, a->reports, b->reports);
    point->trades = rate(before, now, a->trades, b->trades);
    point->rejects = rate(before, now, a->rejects, b->rejects);
    point->behind =
        b->sequenced_lsn > b->durable_lsn ? (double)(b->sequenced_lsn - b->durable_lsn) : 0;
}

static void
fill_stages(const struct hf_watch_summary *stages, struct hf_exporter_point *point)
{
    point->ring_wait_p50 = stages[HF_WATCH_RING_WAIT].p50;
    point->ring_wait_p99 = stages[HF_WATCH_RING_WAIT].p99;
    point->round_p50 = stages[HF_WATCH_ROUND].p50;
    point->round_p99 = stages[HF_WATCH_ROUND].p99;
    point->durable_p50 = stages[HF_WATCH_DURABLE].p50;
    point->durable_p99 = stages[HF_WATCH_DURABLE].p99;
    point->flush_p50 = stages[HF_WATCH_FLUSH].p50;
    point->flush_p99 = stages[HF_WATCH_FLUSH].p99;
    point->loop_max = stages[HF_WATCH_LOOP].max;
}

void
hf_exporter_look(struct hf_exporter_state *state)
{
    struct hf_watch_view *view = state->back;
    hf_watch_see(&state->watch, state->stuck_ns, view);
    pthread_mutex_lock(&state->lock);
    struct hf_exporter_point *point = &state->history[state->points++ % HF_EXPORTER_HISTORY];
    *point = (struct hf_exporter_point){.time_s = (double)view->taken_time_ns / NS_PER_S};
    if (view->measured && view->alive) {
        fill_rates(state->front, view, point);
        fill_stages(view->stages, point);
    }
    state->back = state->front;
    state->front = view;
    state->looks++;
    pthread_mutex_unlock(&state->lock);
}
