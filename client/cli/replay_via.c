/*
 * replay_via.c - a daemon as a driver: one client handle per session, all in this one thread.
 *
 * Its sessions are opened anew, as own_session.h says: every replay starts with none of its own orders, and
 * cancels nobody else's. A restart of the daemon in mid-replay is nothing
 * special: commands and reports are where they were, the wait only takes longer.
 */
#include "cli/own_session.h"
#include "cli/replay.h"

#include "base/clock.h"
#include "base/idle.h"

#include <holdfast/client.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** How long a report may be missing, and the daemon with it, before the replay gives up. */
#define HF_REPLAY_PATIENCE_NS ((uint64_t)30 * 1000000000u)
/** One wait for one session, before the others are looked at again. */
#define HF_REPLAY_WAIT_NS ((uint64_t)1000000)

struct via {
    struct hf_observer *observer;
    struct hf_client *clients[HF_REPLAY_SESSIONS_MAX];
    uint32_t client_count;
};

static int
fail(struct hf_replay *replay, const char *what, int code)
{
    return hf_replay_fail(replay, code, "%s: %s: %s", replay->options.instance, what,
                          hf_strerror(code));
}

static int
via_depth(struct hf_replay *replay, uint32_t instrument, size_t *capacity,
          struct hf_depth_level *levels[2], size_t count[2])
{
    struct via *via = replay->driver.self;
    uint64_t lsn;
    if (*capacity > HF_DEPTH_LEVELS_MAX) {
        *capacity = HF_DEPTH_LEVELS_MAX;
    }
    int code = hf_observer_depth(via->observer, instrument, *capacity, levels[0], &count[0],
                                 levels[1], &count[1], &lsn);
    return code == 0 ? 0 : fail(replay, "book", code);
}

static int
via_instrument(struct hf_replay *replay, const char *symbol, uint32_t *instrument)
{
    struct via *via = replay->driver.self;
    struct hf_instrument_info info;
    struct hf_depth_level bid;
    struct hf_depth_level ask;
    struct hf_depth_level *levels[2] = {&bid, &ask};
    size_t count[2];
    size_t capacity = 1;
    int code = hf_observer_instrument(via->observer, symbol, &info);
    if (code < 0) {
        return code == HF_E_UNKNOWN ? code : fail(replay, symbol, code);
    }
    if (via_depth(replay, info.id, &capacity, levels, count) < 0) {
        return replay->code;
    }
    if (count[0] != 0 || count[1] != 0) {
        return hf_replay_fail(replay, HF_E_BUSY,
                              "%s: the book of %s is not empty; a replay needs it for itself",
                              replay->options.instance, symbol);
    }
    *instrument = info.id;
    return 0;
}

static int
via_submit(struct hf_replay *replay, uint32_t session, const struct hf_command *command)
{
    struct via *via = replay->driver.self;
    uint64_t deadline = hf_clock_monotonic_ns() + HF_REPLAY_PATIENCE_NS;
    int code;
    while ((code = hf_submit(via->clients[session], command, NULL)) == HF_AGAIN &&
           hf_clock_monotonic_ns() < deadline) {
        hf_maintain(via->clients[session]);
        hf_clock_sleep_ns(HF_REPLAY_WAIT_NS);
    }
    return code == 0 ? 0 : fail(replay, "submit", code);
}

/** Hand over the reports of one session that are there. @return whether there were any */
static bool
poll_session(struct hf_replay *replay, uint32_t session)
{
    struct via *via = replay->driver.self;
    struct hf_client *client = via->clients[session];
    const struct hf_report *report = hf_peek(client);
    if (report == NULL) {
        return false;
    }
    while (report != NULL) {
        struct hf_report slots[HF_MESSAGE_SLOTS_MAX] = {*report};
        const struct hf_report_more *more = hf_more(client, report);
        if (more != NULL) {
            *(struct hf_report_more *)&slots[1] = *more;
        }
        hf_replay_report(replay, session, slots);
        hf_next(client);
        report = hf_peek(client);
    }
    hf_release(client);
    return true;
}

static bool
poll_all(struct hf_replay *replay)
{
    const struct via *via = replay->driver.self;
    bool any = false;
    for (uint32_t i = 0; i < via->client_count; i++) {
        any |= poll_session(replay, i);
    }
    return any;
}

static bool
may_come_back(int code)
{
    return code == HF_OK || code == HF_TIMEOUT || code == HF_E_NO_DAEMON || code == HF_E_STUCK;
}

/** Wait a little for reports: those of a session, or of any maker when it is none of ours. */
static int
wait_for_news(struct hf_replay *replay, uint32_t session, struct hf_idle *idle)
{
    struct via *via = replay->driver.self;
    if (session < via->client_count) {
        int code = hf_wait_report(via->clients[session], HF_REPLAY_WAIT_NS);
        if (code == HF_E_NO_DAEMON || code == HF_E_STUCK) {
            hf_clock_sleep_ns(HF_REPLAY_WAIT_NS);
        }
        return code;
    }
    /* A maker's report follows that of its taker at once: only on a crowded host is it late. */
    if (hf_idle_wait(idle)) {
        hf_clock_sleep_ns(HF_REPLAY_WAIT_NS / 10);
        return hf_maintain(via->clients[0]);
    }
    return HF_OK;
}

static int
via_collect(struct hf_replay *replay, uint32_t session)
{
    uint64_t deadline = hf_clock_monotonic_ns() + HF_REPLAY_PATIENCE_NS;
    struct hf_idle idle;
    hf_idle_init(&idle, HF_IDLE_ADAPTIVE);
    while (!poll_all(replay)) {
        int code = wait_for_news(replay, session, &idle);
        if (!may_come_back(code) || hf_clock_monotonic_ns() > deadline) {
            return fail(replay, "waiting for a report", code == HF_OK ? HF_TIMEOUT : code);
        }
    }
    return 0;
}

static void
via_close(struct hf_replay *replay)
{
    struct via *via = replay->driver.self;
    for (uint32_t i = 0; i < via->client_count; i++) {
        if (replay->options.keep || hf_close(via->clients[i]) < 0) {
            hf_detach(via->clients[i]);
        }
    }
    hf_observer_close(via->observer);
    free(via);
}

static int
open_sessions(struct hf_replay *replay, struct via *via)
{
    for (uint32_t i = 0; i < replay->options.sessions; i++) {
        char name[HF_NAME_BYTES];
        struct hf_client_options options = {
            .size = sizeof options,
            .instance = replay->options.instance,
            .socket_path = replay->options.socket_path,
            .session = name,
        };
        int length = snprintf(name, sizeof name, "%s-%u", replay->options.prefix, i + 1);
        if (length < 0 || (size_t)length >= sizeof name) {
            return hf_replay_fail(replay, HF_E_ARGUMENT, "session prefix is too long");
        }
        char text[HF_CLI_OWN_TEXT_BYTES];
        bool is_default = strcmp(replay->options.prefix, HF_REPLAY_PREFIX_DEFAULT) == 0;
        int code = hf_cli_open_own(&via->clients[i], via->observer, &options, is_default, text);
        if (code < 0) {
            return hf_replay_fail(replay, code, "session %s of %s: %s (--session-prefix)", name,
                                  replay->options.instance, text);
        }
        via->client_count++;
    }
    return 0;
}

int
hf_replay_via_open(struct hf_replay *replay)
{
    struct via *via = calloc(1, sizeof *via);
    if (via == NULL) {
        return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    replay->driver = (struct hf_replay_driver){
        .name = "daemon",
        .self = via,
        .instrument = via_instrument,
        .submit = via_submit,
        .collect = via_collect,
        .depth = via_depth,
        .close = via_close,
    };
    int code = hf_observe(&via->observer, replay->options.instance, replay->options.socket_path);
    if (code < 0) {
        via->observer = NULL;
        return hf_replay_fail(replay, code, "%s: %s", replay->options.instance, hf_open_error());
    }
    return open_sessions(replay, via);
}
