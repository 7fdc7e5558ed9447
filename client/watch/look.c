/* look.c - look at an instance again and again. */
#include "watch/look.h"

#include "watch/remains.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9
#define SAMPLES (HF_WATCH_WINDOW + 1)

int
hf_watch_init(struct hf_watch *watch, const char *instance, const char *socket_path)
{
    *watch = (struct hf_watch){.instance = instance, .socket_path = socket_path};
    watch->samples = calloc(SAMPLES, sizeof(*watch->samples));
    watch->now = watch->samples;
    return watch->samples == NULL ? HF_E_MEMORY : HF_OK;
}

void
hf_watch_free(struct hf_watch *watch)
{
    hf_observer_close(watch->observer);
    free(watch->samples);
    *watch = (struct hf_watch){0};
}

static void
note_failure(struct hf_watch *watch, int code)
{
    watch->now->code = code;
    (void)snprintf(watch->text, sizeof(watch->text), "%s",
                   hf_open_error()[0] != '\0' ? hf_open_error() : hf_strerror(code));
}

/** Connect, the first time. */
static void
connect_first(struct hf_watch *watch)
{
    int code = hf_observe(&watch->observer, watch->instance, watch->socket_path);
    if (code != HF_OK) {
        watch->observer = NULL;
        note_failure(watch, code);
    }
}

/** How far a recovery is only a new caller is told. */
static void
ask_how_far(struct hf_watch *watch)
{
    struct hf_observer *caller = NULL;
    int code = hf_observe(&caller, watch->instance, watch->socket_path);
    if (code != HF_OK) {
        note_failure(watch, code);
    }
    hf_observer_close(caller);
}

static uint64_t
age(uint64_t since_ns, uint64_t now_ns)
{
    return since_ns != 0 && now_ns > since_ns ? now_ns - since_ns : 0;
}

/** Pages outlive the daemon: whether the one that wrote it lives. */
static void
find_process(struct hf_watch *watch, struct hf_watch_sample *sample)
{
    uint64_t pid = sample->status.pid;
    uint64_t start = sample->status.pid_start;
    sample->alive = pid != 0 && hf_process_start(pid) == start;
    if (sample->alive) {
        watch->shown_pid = pid;
        watch->shown_start = start;
    }
    sample->shown = watch->shown_pid == pid && watch->shown_start == start;
}

static void
read_metrics(struct hf_watch *watch, struct hf_watch_sample *sample)
{
    int code = hf_observer_metrics(watch->observer, &watch->metrics);
    if (code != HF_OK) {
        note_failure(watch, code);
        return;
    }
    sample->measured = true;
    sample->flush_age_ns =
        age(hf_load_relaxed(&watch->metrics->sync.flush_since_ns), sample->taken_ns);
    for (unsigned i = 0; i < HF_WATCH_STAGES; i++) {
        const void *from = (const unsigned char *)watch->metrics + hf_watch_stages[i].offset;
        hf_metrics_histogram(from, &sample->stages[i]);
    }
}

static void
read_status(struct hf_watch *watch, struct hf_watch_sample *sample)
{
    hf_observer_status(watch->observer, &sample->status);
    sample->seen = true;
    sample->taken_ns = hf_clock_monotonic_ns(); /* behind the heartbeat that it is compared with */
    sample->heartbeat_age_ns = age(sample->status.heartbeat_ns, sample->taken_ns);
    find_process(watch, sample);
}

/** Nobody answers, and nothing was ever seen: has a daemon of this name lived and died? (Of one that lives the socket
 *  is another, or is not there yet.) */
static void
see_remains(const struct hf_watch *watch, struct hf_watch_sample *sample)
{
    bool may_have_died = sample->code == HF_E_NO_DAEMON && watch->socket_path == NULL;
    if (may_have_died && hf_watch_read_remains(watch->instance, &sample->status)) {
        const struct hf_status *status = &sample->status;
        sample->seen = hf_process_start(status->pid) != status->pid_start;
        sample->shown = sample->seen; /* who can read this can read /proc */
        sample->heartbeat_age_ns = age(status->heartbeat_ns, sample->taken_ns);
    }
}

void
hf_watch_look(struct hf_watch *watch)
{
    struct hf_watch_sample *sample = &watch->samples[watch->looks++ % SAMPLES];
    watch->now = sample;
    watch->metrics = NULL;
    watch->text[0] = '\0';
    sample->seen = sample->measured = sample->alive = sample->shown = false;
    sample->code = HF_OK;
    sample->flush_age_ns = 0;
    sample->taken_time_ns = hf_clock_wall_ns();
    sample->taken_ns = hf_clock_monotonic_ns();
    if (watch->observer == NULL) {
        connect_first(watch);
    }
    if (watch->observer == NULL) {
        see_remains(watch, sample);
        return;
    }
    read_metrics(watch, sample); /* first: it may bring another status page */
    read_status(watch, sample);
    if (sample->status.state == HF_STATE_RECOVERING) {
        ask_how_far(watch);
    }
}

static bool
is_same_daemon(const struct hf_watch_sample *a, const struct hf_watch_sample *b)
{
    return a->seen && b->seen && a->measured && b->measured && a->status.epoch == b->status.epoch &&
           a->status.instance_id == b->status.instance_id;
}

const struct hf_watch_sample *
hf_watch_before(const struct hf_watch *watch)
{
    const struct hf_watch_sample *oldest = watch->now;
    for (uint64_t back = 1; back < SAMPLES && back < watch->looks; back++) {
        const struct hf_watch_sample *sample = &watch->samples[(watch->looks - 1 - back) % SAMPLES];
        if (!is_same_daemon(sample, watch->now)) {
            break;
        }
        oldest = sample;
    }
    return oldest;
}

static double
seconds_between(const struct hf_watch_sample *before, const struct hf_watch_sample *now)
{
    return now->taken_ns > before->taken_ns ? (double)(now->taken_ns - before->taken_ns) / NS_PER_S
                                            : 0;
}

static uint64_t
word_at(const struct hf_status *status, size_t offset)
{
    uint64_t word;
    memcpy(&word, (const unsigned char *)status + offset, sizeof(word));
    return word;
}

double
hf_watch_rate(const struct hf_watch *watch, size_t status_offset)
{
    const struct hf_watch_sample *before = hf_watch_before(watch);
    double seconds = seconds_between(before, watch->now);
    uint64_t first = word_at(&before->status, status_offset);
    uint64_t last = word_at(&watch->now->status, status_offset);
    return seconds > 0 && last > first ? (double)(last - first) / seconds : 0;
}

struct hf_watch_summary
hf_watch_stage(const struct hf_watch *watch, unsigned stage)
{
    static _Thread_local struct hf_histogram window; /* too big for a small stack */
    const struct hf_watch_sample *before = hf_watch_before(watch);
    double unit = hf_watch_stages[stage].unit;
    double seconds = seconds_between(before, watch->now);
    if (!watch->now->measured) {
        return (struct hf_watch_summary){0};
    }
    window = watch->now->stages[stage];
    if (before != watch->now) {
        hf_metrics_since(&window, &before->stages[stage]);
    }
    return (struct hf_watch_summary){
        .count = window.total,
        .per_second = seconds > 0 ? (double)window.total / seconds : 0,
        .mean = window.total == 0 ? 0 : (double)window.sum / (double)window.total / unit,
        .p50 = (double)hf_metrics_percentile(&window, 50) / unit,
        .p90 = (double)hf_metrics_percentile(&window, 90) / unit,
        .p99 = (double)hf_metrics_percentile(&window, 99) / unit,
        .p999 = (double)hf_metrics_percentile(&window, 99.9) / unit,
        .max = (double)(window.total == 0 ? 0 : window.max) / unit,
    };
}
