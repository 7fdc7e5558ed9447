/*
 * rig.c - feed one record to everybody.
 */
#include "model/rig.h"

#include "base/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The core walks itself after every so many commands: it costs more than all the rest. */
#define AUDIT_EVERY 4u
/** The silent core moves to another address after every so many commands. */
#define MOVE_EVERY 32u

static void *
grown(void *array, size_t *capacity, size_t bytes)
{
    *capacity = *capacity == 0 ? 64 : 2 * *capacity;
    array = realloc(array, *capacity * bytes);
    HF_ASSERT("the test has memory", array != NULL);
    return array;
}

static void
hear_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct rig_heard *heard = context;
    for (uint8_t i = 0; i < report->slots; i++) {
        if (heard->slot_count == heard->slot_capacity) {
            heard->slots = grown(heard->slots, &heard->slot_capacity, sizeof(*heard->slots));
        }
        struct model_slot *slot = &heard->slots[heard->slot_count++];
        slot->session = session;
        memcpy(&slot->report, report + i, sizeof(slot->report));
    }
}

static void
hear_market(void *context, const struct hf_market_event *event)
{
    struct rig_heard *heard = context;
    if (heard->event_count == heard->event_capacity) {
        heard->events = grown(heard->events, &heard->event_capacity, sizeof(*heard->events));
    }
    heard->events[heard->event_count++] = *event;
}

struct rig *
rig_create(void)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    HF_ASSERT("the test has memory", rig != NULL);
    const struct hf_engine_limits any = HF_ENGINE_LIMITS_DEFAULT;
    rig->model = model_create(&any);
    return rig;
}

void
rig_destroy(struct rig *rig)
{
    model_destroy(rig->model);
    follower_free(&rig->prompt);
    follower_free(&rig->late);
    free(rig->heard.slots);
    free(rig->heard.events);
    free(rig->blocks[0]);
    free(rig->blocks[1]);
    free(rig->blocks[2]);
    free(rig);
}

void
rig_fail(struct rig *rig, const char *format, ...)
{
    if (rig->failure[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(rig->failure, sizeof(rig->failure), format, arguments);
        va_end(arguments);
    }
}

/** Two zeroed blocks of the size that a core with these limits needs. */
static void
make_cores(struct rig *rig, const struct hf_engine_limits *limits)
{
    size_t bytes = hf_core_footprint(limits);
    HF_ASSERT("the generator's limits are possible", bytes != 0);
    for (size_t i = 0; i < 3; i++) {
        if (bytes > rig->block_bytes) {
            free(rig->blocks[i]);
            rig->blocks[i] = aligned_alloc(64, (bytes + 63) / 64 * 64);
            HF_ASSERT("the test has memory", rig->blocks[i] != NULL);
        }
        memset(rig->blocks[i], 0, bytes);
    }
    rig->block_bytes = bytes > rig->block_bytes ? bytes : rig->block_bytes;
    rig->core = hf_core_new(rig->blocks[0], limits);
    rig->silent = hf_core_new(rig->blocks[1], limits);
}

/** A core is one block without pointers: wherever it is copied to, it goes on as before. */
static void
move_silent_core(struct rig *rig)
{
    size_t bytes = hf_core_footprint(&rig->model->limits);
    memcpy(rig->blocks[2], rig->blocks[1], bytes);
    memset(rig->blocks[1], 0xff, bytes);
    void *moved = rig->blocks[2];
    rig->blocks[2] = rig->blocks[1];
    rig->blocks[1] = moved;
    rig->silent = moved;
}

static void
follow(struct rig *rig, struct follower *follower)
{
    const char *wrong =
        follower_step(follower, rig->core, rig->heard.events, rig->heard.event_count);
    if (wrong != NULL) {
        rig_fail(rig, "%s", wrong);
    }
}

/** Give `rig->record` (and `more`) to everybody, and compare. */
static void
feed(struct rig *rig)
{
    const struct hf_core_sink sink = {
        .context = &rig->heard, .report = hear_report, .market = hear_market};
    const struct hf_record *more = rig->record.slots == 2 ? &rig->more : NULL;
    rig->heard.slot_count = 0;
    rig->heard.event_count = 0;
    const char *wrong = hf_core_check(rig->core, &rig->record, more);
    if (wrong != NULL) {
        rig_fail(rig, "the core refuses a record: %s", wrong);
        return;
    }
    model_apply(rig->model, &rig->record, more);
    hf_core_apply(rig->core, &rig->record, more, &sink);
    hf_core_apply(rig->silent, &rig->record, more, NULL);
    rig_compare_outputs(rig);
    rig_compare_books(rig);
    rig_compare_sessions(rig);
    follow(rig, &rig->prompt);
    follow(rig, &rig->late);
    rig->applied++;
    if (rig->audits_always || rig->applied % AUDIT_EVERY == 0) {
        hf_core_audit(rig->core);
        rig_compare_event_buffer(rig);
    }
    if (rig->applied % MOVE_EVERY == 0) {
        move_silent_core(rig);
    }
}

void
rig_start(struct rig *rig, const struct hf_engine_limits *limits)
{
    make_cores(rig, limits);
    model_reset(rig->model, limits);
    memset(&rig->subscriber, 0, sizeof(rig->subscriber));
    follower_start(&rig->prompt, 0, false);
    follower_start(&rig->late, limits->hash_seed, true);
    memset(rig->lsns, 0, sizeof(rig->lsns));
    rig->failure[0] = '\0';
    rig->applied = 0;
    rig->record = (struct hf_record){.lsn = 1,
                                     .time_ns = 1,
                                     .type = HF_RECORD_GENESIS,
                                     .slots = 2,
                                     .genesis = {.rules_version = HF_RULES_VERSION,
                                                 .sessions_max = limits->sessions_max,
                                                 .instruments_max = limits->instruments_max,
                                                 .orders_max = limits->orders_max,
                                                 .levels_max = limits->levels_max,
                                                 .session_orders_max = limits->session_orders_max,
                                                 .hash_seed = limits->hash_seed}};
    rig->more = (struct hf_record){.lsn = 2,
                                   .time_ns = 1,
                                   .type = HF_RECORD_MORE,
                                   .slots = 1,
                                   .genesis_more = {.extras_max = limits->extras_max,
                                                    .accounts_max = limits->accounts_max,
                                                    .entitlements_max = limits->entitlements_max,
                                                    .events_max = limits->events_max}};
    feed(rig);
}

/** The LSN that a reference stands for; an LSN that names nothing when its step was not applied. */
static uint64_t
resolve(const struct rig *rig, uint32_t reference)
{
    uint64_t lsn = rig->lsns[reference - 1];
    return lsn != 0 ? lsn : UINT64_MAX;
}

static void
make_record(struct rig *rig, const struct step *step)
{
    rig->record = step->record;
    rig->more = step->more;
    rig->record.lsn = hf_core_lsn(rig->core) + 1;
    rig->more.lsn = rig->record.lsn + 1;
    rig->more.time_ns = rig->record.time_ns;
    rig->more.session = rig->record.session;
    struct hf_command_more *more = (void *)&rig->more;
    if (rig->record.type == HF_RECORD_LOST) {
        uint64_t last = rig->model->sessions[rig->record.session].last_report;
        rig->record.lost.last = last - (last > 1 ? rig->record.lsn % 2 : 0);
        rig->record.lost.first = (rig->record.lost.last + 1) / 2;
    }
    if (step->references[STEP_ORDER_ID] != 0) {
        rig->record.client_order_id = resolve(rig, step->references[STEP_ORDER_ID]);
    }
    for (size_t i = 0; i < 2; i++) {
        if (step->references[STEP_SESSION_A + i] != 0) {
            more->session_id[i] = resolve(rig, step->references[STEP_SESSION_A + i]);
        }
    }
}

/** Check the form of `rig->record` as the engine does, and make it a REFUSED record if it is bad. */
static void
check_form(struct rig *rig, const struct step *step)
{
    struct hf_command slots[2];
    memcpy(&slots[0], &rig->record, sizeof(slots[0]));
    memcpy(&slots[1], &rig->more, sizeof(slots[1]));
    slots[0].reserved[0] = step->reserved[0];
    slots[0].reserved[1] = step->reserved[1];
    slots[1].reserved[0] = 0;
    slots[1].reserved[1] = 0;
    uint32_t reason = hf_command_check(slots);
    if ((reason == HF_REASON_NONE) != model_well_formed(slots, (void *)&slots[1])) {
        rig_fail(rig, "the form of a command: core says %s", hf_reason_name(reason));
    }
    if (reason == HF_REASON_NONE && rig->record.type == HF_COMMAND_NEW && step->disk_is_low) {
        reason = HF_REASON_DISK_LOW;
    }
    if (reason != HF_REASON_NONE) {
        rig->record = (struct hf_record){.lsn = rig->record.lsn,
                                         .time_ns = rig->record.time_ns,
                                         .session = rig->record.session,
                                         .type = HF_RECORD_REFUSED,
                                         .slots = 1,
                                         .refused = {.reason = reason,
                                                     .command_slots = slots[0].slots == 2 ? 2 : 1,
                                                     .command_type = slots[0].type,
                                                     .client_order_id = slots[0].client_order_id}};
    }
}

bool
rig_apply(struct rig *rig, const struct stream *stream, size_t number, bool *was_applied)
{
    const struct step *step = &stream->steps[number];
    bool may = false;
    if (!stream->is_left_out[number]) {
        make_record(rig, step);
        if (step->is_command) {
            check_form(rig, step);
        }
        may = model_may_apply(rig->model, &rig->record);
    }
    if (was_applied != NULL) {
        *was_applied = may;
    }
    if (may && rig->failure[0] == '\0') {
        rig->lsns[number] = rig->record.lsn;
        feed(rig);
    }
    return rig->failure[0] == '\0';
}
