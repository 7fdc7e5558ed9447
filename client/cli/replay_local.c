/*
 * replay_local.c - the in-process engine as a driver. Every report of a command comes during its
 * submission: if then something is missing, the engine has not answered as it should.
 */
#include "cli/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct local {
    struct hf_engine *engine;
    uint32_t sessions[HF_REPLAY_SESSIONS_MAX]; /* the engine's number of each */
    uint32_t session_count;
    uint64_t quantity_max;
};

/** Only a damaged file has anything else for a symbol. */
static bool
symbol_is_valid(const char *symbol)
{
    size_t length = strlen(symbol);
    for (size_t i = 0; i < length; i++) {
        if (symbol[i] <= ' ' || symbol[i] > '~') {
            return false;
        }
    }
    return length > 0 && length < HF_SYMBOL_BYTES;
}

static int
local_instrument(struct hf_replay *replay, const char *symbol, uint32_t *instrument)
{
    struct local *local = replay->driver.self;
    struct hf_instrument_info info = {
        .tick = 1,
        .lot = 1,
        .price_min = -HF_PRICE_MAX + 1,
        .price_max = HF_PRICE_MAX - 1,
        .quantity_max = local->quantity_max,
    };
    if (!symbol_is_valid(symbol)) {
        return HF_E_UNKNOWN;
    }
    snprintf(info.symbol, sizeof info.symbol, "%s", symbol);
    int code = hf_engine_add_instrument(local->engine, &info, instrument);
    if (code == HF_E_FULL) {
        return HF_E_UNKNOWN;
    }
    return code == 0 ? 0 : hf_replay_fail(replay, code, "%s: %s", symbol, hf_strerror(code));
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct hf_replay *replay = context;
    const struct local *local = replay->driver.self;
    for (uint32_t i = 0; i < local->session_count; i++) {
        if (local->sessions[i] == session) {
            hf_replay_report(replay, i, report);
            return;
        }
    }
    hf_replay_fail(replay, HF_E_PROTOCOL, "a report for session %u, which nobody opened", session);
}

static int
local_submit(struct hf_replay *replay, uint32_t session, const struct hf_command *command)
{
    struct local *local = replay->driver.self;
    int code = hf_engine_apply(local->engine, local->sessions[session], command, replay->time_ns,
                               on_report, replay);
    return code == 0 ? 0 : hf_replay_fail(replay, code, "engine: %s", hf_strerror(code));
}

static int
local_collect(struct hf_replay *replay, uint32_t session)
{
    (void)session;
    return hf_replay_fail(replay, HF_E_PROTOCOL, "reports on order %llu are missing",
                          (unsigned long long)replay->flight.id);
}

static int
local_depth(struct hf_replay *replay, uint32_t instrument, size_t *capacity,
            struct hf_depth_level *levels[2], size_t count[2])
{
    const struct local *local = replay->driver.self;
    for (unsigned i = 0; i < 2; i++) {
        enum hf_side side = i == 0 ? HF_BUY : HF_SELL;
        count[i] = hf_engine_depth(local->engine, instrument, side, levels[i], *capacity);
    }
    return 0;
}

static void
local_close(struct hf_replay *replay)
{
    struct local *local = replay->driver.self;
    hf_engine_destroy(local->engine);
    free(local);
}

static int
open_sessions(struct hf_replay *replay, struct local *local)
{
    for (uint32_t i = 0; i < replay->options.sessions; i++) {
        char name[HF_NAME_BYTES];
        snprintf(name, sizeof name, "replay-%u", i + 1);
        local->sessions[i] = hf_engine_open_session(local->engine, name);
        if (local->sessions[i] == 0) {
            return hf_replay_fail(replay, HF_E_FULL, "session %s cannot be opened", name);
        }
        local->session_count++;
    }
    return 0;
}

int
hf_replay_local_open(struct hf_replay *replay)
{
    /* Only the symbols of an ITCH day are many: its stock locate codes have 16 bits. */
    bool many = replay->options.format == HF_REPLAY_ITCH;
    struct hf_engine_limits limits = {
        .sessions_max = replay->options.sessions,
        .instruments_max = many ? 65536 : 1,
        .orders_max = many ? 1u << 22 : 1u << 20,
        .levels_max = many ? 1u << 20 : 1u << 17,
        .session_orders_max = many ? 1u << 22 : 1u << 20,
        .extras_max = 1, /* recorded flow has plain orders only */
        .accounts_max = 1,
        .entitlements_max = 1,
        .events_max = 64,
    };
    struct local *local = calloc(1, sizeof *local);
    if (local == NULL) {
        return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    /* The engine wants the sum over all orders to fit 64 bits; ITCH quantities have 32. */
    local->quantity_max = many ? UINT32_MAX : HF_QUANTITY_MAX;
    replay->driver = (struct hf_replay_driver){
        .name = "local",
        .self = local,
        .instrument = local_instrument,
        .submit = local_submit,
        .collect = local_collect,
        .depth = local_depth,
        .close = local_close,
    };
    int code = hf_engine_create(&local->engine, &limits);
    if (code < 0) {
        local->engine = NULL;
        return hf_replay_fail(replay, code, "engine: %s", hf_strerror(code));
    }
    return open_sessions(replay, local);
}
