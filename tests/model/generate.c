/*
 * generate.c - streams: their limits, their beginnings, and which kind of step comes next.
 */
#include "model/generate.h"

#include "base/panic.h"

#include <stdio.h>
#include <string.h>

#define SECOND_NS 1000000000u

static const char *const names[] = {"ann", "bob", "cat", "dan", "eve", "fay"};
#define NAMES (sizeof(names) / sizeof(names[0]))

/* splitmix64: every seed is a good seed. */
uint64_t
generate_random(struct generator *generator)
{
    uint64_t z = (generator->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t
generate_below(struct generator *generator, uint32_t bound)
{
    return (uint32_t)((generate_random(generator) >> 32) * bound >> 32);
}

bool
generate_chance(struct generator *generator, uint32_t percent)
{
    return generate_below(generator, 100) < percent;
}

bool
generate_has(const struct generator *generator, uint32_t feature)
{
    return (generator->features & feature) != 0;
}

const struct model_order *
generate_pick_order(struct generator *generator, uint32_t session)
{
    const struct model *model = generator->rig->model;
    uint32_t count = model_open_orders(model, session);
    uint32_t skip = count == 0 ? 0 : generate_below(generator, count);
    for (size_t i = 0; i < model->order_count; i++) {
        if ((session == 0 || model->orders[i].session == session) && skip-- == 0) {
            return &model->orders[i];
        }
    }
    return NULL;
}

/** Mostly one that is there; now and then one that was removed, or never was. */
uint32_t
generate_pick_instrument(struct generator *generator)
{
    const struct model *model = generator->rig->model;
    uint32_t count = model->instrument_count;
    if (count == 0 || generate_chance(generator, 2)) {
        return generate_below(generator, count + 3);
    }
    uint32_t id = 1 + generate_below(generator, count);
    for (uint32_t i = 0; i < count && model->instruments[id].phase == 0; i++) {
        id = id == count ? 1 : id + 1;
    }
    return id;
}

uint32_t
generate_pick_account(struct generator *generator)
{
    return 1 + generate_below(generator, generate_chance(generator, 95) ? 4 : 8);
}

const char *
generate_pick_name(struct generator *generator)
{
    return names[generate_below(generator, NAMES)];
}

/** Near the middle of the band, so that orders meet; now and then at or beyond its ends, or off tick. */
int64_t
generate_price(struct generator *generator, uint32_t id)
{
    const struct model *model = generator->rig->model;
    if (id == 0 || id > model->instrument_count) {
        return (int64_t)generate_below(generator, 100);
    }
    const struct model_instrument *instrument = &model->instruments[id];
    int64_t middle = instrument->price_min + (instrument->price_max - instrument->price_min) / 2;
    uint32_t way = generate_below(generator, 100);
    if (way < 2) {
        return way == 0 ? instrument->price_min : instrument->price_max;
    }
    if (way < 3) {
        return generate_chance(generator, 50) ? instrument->price_min - instrument->tick
                                              : instrument->price_max + instrument->tick;
    }
    bool is_wide = instrument->price_max / 2 - instrument->price_min / 2 > (int64_t)1 << 40;
    if (is_wide && way < 50) {
        int64_t far = (int64_t)1 << generate_below(generator, 60);
        return generate_chance(generator, 50) ? far : -far; /* levels far apart */
    }
    middle -= middle % instrument->tick;
    int64_t ticks = (int64_t)generate_below(generator, 5) + generate_below(generator, 5) - 4;
    return middle + ticks * instrument->tick + (way < 4 ? 1 : 0);
}

uint32_t
generate_reference(const struct generator *generator, uint64_t lsn)
{
    for (size_t i = 0; i < generator->stream->count; i++) {
        if (generator->rig->lsns[i] == lsn) {
            return (uint32_t)i + 1;
        }
    }
    return 0;
}

static struct hf_engine_limits
make_limits(struct generator *generator)
{
    bool is_tight = generate_has(generator, GENERATE_POOLS) && generate_chance(generator, 60);
    uint32_t orders = is_tight ? 3 + generate_below(generator, 20) : 60;
    bool few_levels = is_tight && generate_chance(generator, 40);
    return (struct hf_engine_limits){
        .sessions_max = 2 + generate_below(generator, 4),
        .instruments_max = is_tight ? 1 + generate_below(generator, 3) : 8,
        .orders_max = orders,
        .levels_max = few_levels ? 2 + generate_below(generator, 4) : 2 * orders,
        .session_orders_max = is_tight ? 1 + generate_below(generator, orders) : orders,
        .hash_seed = generate_random(generator),
        .extras_max = is_tight ? 1 + generate_below(generator, orders) : orders,
        .accounts_max = is_tight ? 1 + generate_below(generator, 6) : 16,
        .entitlements_max = is_tight ? 1 + generate_below(generator, 8) : 64,
        .events_max = 64,
    };
}

static struct step *
append(struct generator *generator)
{
    struct stream *stream = generator->stream;
    HF_ASSERT("a stream has room for its steps", stream->count < STREAM_STEPS_MAX);
    struct step *step = &stream->steps[stream->count];
    memset(step, 0, sizeof(*step));
    stream->is_left_out[stream->count++] = false;
    step->record.slots = 1;
    step->record.time_ns = generator->time_ns;
    step->more.type = HF_RECORD_MORE;
    step->more.slots = 1;
    return step;
}

static void
open_session(struct generator *generator, struct step *step, uint32_t slot, const char *name)
{
    step->record.type = HF_RECORD_OPEN;
    step->record.session = slot;
    step->record.open.uid = generate_below(generator, 3);
    step->record.open.flags = generate_below(generator, 8);
    (void)snprintf(step->record.open.name, sizeof(step->record.open.name), "%s", name);
}

static void
grant(struct step *step, const char *name, uint8_t kind, uint32_t value)
{
    step->is_command = true;
    step->record.type = HF_COMMAND_ENTITLE;
    step->record.order_type = kind;
    step->record.flags = HF_ON;
    struct hf_command *command = (void *)&step->record;
    command->value = value;
    (void)snprintf(command->session_name, sizeof(command->session_name), "%s", name);
}

static void
put_into_group(struct step *step, uint32_t account, uint8_t mode)
{
    step->is_command = true;
    step->record.type = HF_COMMAND_ACCOUNT;
    step->record.sets = HF_SET_GROUP | HF_SET_SELF_TRADE;
    step->record.account = account;
    step->record.client_order_id = 1;
    step->record.order_type = mode;
}

void
generate_start(struct generator *generator, uint64_t seed, uint32_t features, const struct rig *rig,
               struct stream *stream)
{
    static const uint64_t paces_ns[] = {1000, 1000000, 50000000, 400000000};
    *generator =
        (struct generator){.state = seed, .features = features, .rig = rig, .stream = stream};
    generator->time_ns = SECOND_NS;
    generator->pace_ns = paces_ns[generate_below(generator, 4)];
    generator->stop_percent = generate_chance(generator, 25) ? 50 : 17;
    stream->seed = seed;
    stream->count = 0;
    stream->limits = make_limits(generator);
    struct step *step = append(generator);
    step->record.type = HF_RECORD_EPOCH;
    step->record.epoch.epoch = 1;
    step->record.epoch.history = 1;
    step->record.epoch.boot = 1;
    step->record.epoch.rules_version = HF_RULES_VERSION;
    for (uint32_t id = 1; id <= stream->limits.instruments_max && id <= 3; id++) {
        generate_instrument(generator, append(generator), id);
    }
    for (uint32_t slot = 1; slot <= stream->limits.sessions_max; slot++) {
        open_session(generator, append(generator), slot, names[slot - 1]);
    }
    if (generate_has(generator, GENERATE_ENTITLE)) {
        grant(append(generator), names[0], HF_ENTITLE_ADMIN, 0);
        if (generate_chance(generator, 75)) {
            grant(append(generator), names[0], HF_ENTITLE_USER, 1 + generate_below(generator, 2));
        }
    }
    if (generate_has(generator, GENERATE_SELF_TRADE) && generate_chance(generator, 50)) {
        uint8_t mode = (uint8_t)generate_below(generator, 5);
        for (uint32_t account = 1; account <= 3; account++) {
            put_into_group(append(generator), account, mode);
        }
    }
}

/** Usually the pace of the stream, sometimes none, sometimes over several seconds. */
static void
pass_time(struct generator *generator)
{
    uint32_t way = generate_below(generator, 100);
    if (way < 2) {
        generator->time_ns += (uint64_t)generate_below(generator, 3) * SECOND_NS;
    } else if (way < 80) {
        generator->time_ns += generator->pace_ns;
    }
}

static uint32_t
pick_session(struct generator *generator)
{
    return 1 + generate_below(generator, generator->stream->limits.sessions_max);
}

static void
new_epoch(struct generator *generator, struct step *step)
{
    const struct model *model = generator->rig->model;
    step->record.type = HF_RECORD_EPOCH;
    step->record.session = 0;
    step->record.epoch.epoch = model->epoch + 1;
    step->record.epoch.history = model->history + generate_below(generator, 2);
    step->record.epoch.boot = model->boot + (generate_below(generator, 4) == 0);
    step->record.epoch.rules_version = HF_RULES_VERSION;
    step->record.flags = generate_below(generator, 3) == 0 ? HF_EPOCH_HALTS : 0;
    step->record.epoch.grace_ms =
        generate_below(generator, 8) == 0 ? UINT32_MAX : generate_below(generator, 20000);
}

/** Something of the daemon's: sessions come and go, time passes. */
static void
generate_daemon_record(struct generator *generator, struct step *step)
{
    uint32_t way = generate_below(generator, 100);
    step->record.session = 0;
    if (generate_has(generator, GENERATE_EXPIRY) && way < 40) {
        step->record.type = HF_RECORD_TICK;
        return;
    }
    if (!generate_has(generator, GENERATE_SESSION) || way < 44) {
        step->record.type = way % 2 == 0 ? HF_RECORD_STOP : HF_RECORD_DIGEST;
        step->record.digest.digest = way % 2 == 0 ? 0 : hf_core_digest(generator->rig->core);
        return;
    }
    step->record.session = pick_session(generator);
    if (way < 47) {
        new_epoch(generator, step);
    } else if (way < 60) {
        step->record.type = HF_RECORD_CONNECT;
        step->record.open.uid = generate_below(generator, 3);
        step->record.open.flags = generate_below(generator, 4) == 0 ? HF_SESSION_OF_DAEMON : 0;
    } else if (way < 70) {
        step->record.type = HF_RECORD_DISCONNECT;
    } else if (way < 76) {
        step->record.type = HF_RECORD_CLOSE;
    } else if (way < 80) {
        step->record.type = HF_RECORD_LOST; /* of what, the rig knows */
    } else {
        open_session(generator, step, step->record.session, generate_pick_name(generator));
    }
}

/** Spoil one byte of a command. What comes out may still be well-formed: that is fine as well. */
static void
spoil(struct generator *generator, struct step *step)
{
    uint32_t at = 8 + generate_below(generator, 56);
    uint8_t value = generate_chance(generator, 70) ? (uint8_t)generate_below(generator, 8)
                                                   : (uint8_t)generate_random(generator);
    if (step->record.slots == 2 && generate_chance(generator, 30)) {
        if (at >= 24) {
            ((uint8_t *)&step->more)[at] = value;
        }
    } else if (at < 24) {
        ((uint8_t *)step->reserved)[at - 8] = value;
    } else {
        ((uint8_t *)&step->record)[at] = value;
    }
}

void
generate_step(struct generator *generator)
{
    pass_time(generator);
    struct step *step = append(generator);
    uint32_t way = generate_below(generator, 100);
    if (way < 6) {
        generate_daemon_record(generator, step);
        return;
    }
    step->is_command = true;
    if (way < 9 && generate_has(generator, GENERATE_PHASE) && generate_opening(generator, step)) {
        return;
    }
    step->record.session = pick_session(generator);
    if (way < 16 && generate_has(generator, GENERATE_PHASE | GENERATE_SELF_TRADE | GENERATE_RISK |
                                                GENERATE_INSTRUMENT | GENERATE_ENTITLE |
                                                GENERATE_EXPIRY | GENERATE_MASS)) {
        generate_admin_command(generator, step);
    } else {
        generate_order_command(generator, step);
    }
    if (generate_has(generator, GENERATE_MALFORMED)) {
        step->disk_is_low = generate_chance(generator, 1) && generate_chance(generator, 50);
        if (generate_chance(generator, 4)) {
            spoil(generator, step);
        }
    }
}
