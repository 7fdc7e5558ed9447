/*
 * core.c - the state machine under arbitrary commands and records.
 *
 *   input: capacities (10 bytes), then steps:
 *     | how | session | time | record bytes 24 to 63 | the same of its second slot, if it says it has one |
 *
 * A step is a command, as the engine takes it from a ring (a malformed one is logged as REFUSED), or a
 * record, as a log with good checksums may hold it: hf_core_check() decides whether it is applied.
 * Whatever it lets pass must break no invariant; reports and market events have no gap in their
 * numbers; a second core that gets the same records, and tells nobody, must be equal to the last byte.
 */
#include "core/core.h"
#include "fuzz/fuzz.h"
#include "model/generate.h"

#include <holdfast/report.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#define TIME_FIRST_NS 1000000000u
#define STEPS_MAX 128u
#define BODY_AT 24u
#define BODY_BYTES (HF_SLOT_BYTES - BODY_AT)

/** Bits of `how`. */
enum how {
    IS_RECORD = 1,       /**< else a command of a client */
    FILL_ORDER = 2,      /**< client_order_id is the LSN of the step that it names */
    FILL_SESSIONS = 4,   /**< so are session_id[0] and [1] of the second slot */
    FILL_STATE = 8,      /**< DIGEST, LOST, EPOCH: fits the state */
    SPOIL_RESERVED = 16, /**< a command's reserved bytes are not zero */
};

struct run {
    struct hf_core *core;
    struct hf_engine_limits limits;
    uint64_t time_ns;
    uint64_t lsns[STEPS_MAX]; /**< of each step that was applied; 0: it was not */
    size_t steps;
    struct hf_record log[2 * STEPS_MAX + 2]; /**< what was applied */
    size_t logged;
    uint64_t last_report[64]; /**< by session slot */
    uint64_t last_market;
};

static void *blocks[2];
static size_t block_bytes;

/** Every capacity from one byte; the bytes of a seed say its own (see seed_limits()). */
static struct hf_engine_limits
take_limits(struct fuzz_input *input)
{
    struct hf_engine_limits limits = {0};
    limits.sessions_max = 1 + fuzz_byte(input) % 6u;
    limits.instruments_max = 1 + fuzz_byte(input) % 8u;
    limits.orders_max = 1 + fuzz_byte(input) % 64u;
    limits.levels_max = 1 + fuzz_byte(input) % 128u;
    limits.session_orders_max = 1 + fuzz_byte(input) % limits.orders_max;
    limits.extras_max = 1 + fuzz_byte(input) % limits.orders_max;
    limits.accounts_max = 1 + fuzz_byte(input) % 16u;
    limits.entitlements_max = 1 + fuzz_byte(input) % 64u;
    limits.events_max = 64u << (fuzz_byte(input) % 2);
    limits.hash_seed = fuzz_byte(input);
    return limits;
}

void
fuzz_target_init(void)
{
    const struct hf_engine_limits largest = {.sessions_max = 6,
                                             .instruments_max = 8,
                                             .orders_max = 64,
                                             .levels_max = 128,
                                             .session_orders_max = 64,
                                             .extras_max = 64,
                                             .accounts_max = 16,
                                             .entitlements_max = 64,
                                             .events_max = 128};
    block_bytes = hf_core_footprint(&largest);
    for (unsigned i = 0; i < 2; i++) {
        blocks[i] = aligned_alloc(64, (block_bytes + 63) / 64 * 64);
        HF_ASSERT("there is memory", block_bytes != 0 && blocks[i] != NULL);
    }
}

/** A core in a block of which only its own bytes may be touched. */
static struct hf_core *
make_core(unsigned which, const struct hf_engine_limits *limits)
{
    size_t bytes = hf_core_footprint(limits);
    HF_ASSERT("the capacities are possible", bytes != 0 && bytes <= block_bytes);
    ASAN_UNPOISON_MEMORY_REGION(blocks[which], block_bytes);
    memset(blocks[which], 0, bytes);
    ASAN_POISON_MEMORY_REGION((char *)blocks[which] + bytes, block_bytes - bytes);
    return hf_core_new(blocks[which], limits);
}

static void
hear_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct run *run = context;
    FUZZ_CHECK("a session's report", session >= 1 && session <= run->limits.sessions_max);
    FUZZ_CHECK("numbers of reports have no gap", report->number == run->last_report[session] + 1);
    FUZZ_CHECK("one slot or two", report->slots == 1 || report->slots == 2);
    run->last_report[session] += report->slots;
}

static void
hear_market(void *context, const struct hf_market_event *event)
{
    struct run *run = context;
    FUZZ_CHECK("numbers of events have no gap", event->number == run->last_market + 1);
    run->last_market = event->number;
}

/** Apply a record if it may be. @return whether it was */
static bool
apply(struct run *run, const struct hf_record record[2])
{
    const struct hf_core_sink sink = {run, hear_report, hear_market};
    const struct hf_record *more = record[0].slots == 2 ? &record[1] : NULL;
    if (hf_core_check(run->core, &record[0], more) != NULL) {
        return false;
    }
    if (record[0].type == HF_RECORD_OPEN) {
        run->last_report[record[0].session] = 0;
    }
    hf_core_apply(run->core, &record[0], more, &sink);
    memcpy(&run->log[run->logged], record, 2 * sizeof(record[0]));
    run->logged += 2;
    return true;
}

static void
apply_genesis(struct run *run)
{
    const struct hf_engine_limits *limits = &run->limits;
    struct hf_record record[2] = {
        {.lsn = 1, .time_ns = 1, .type = HF_RECORD_GENESIS, .slots = 2},
        {.lsn = 2, .time_ns = 1, .type = HF_RECORD_MORE, .slots = 1},
    };
    record[0].genesis.rules_version = HF_RULES_VERSION;
    record[0].genesis.sessions_max = limits->sessions_max;
    record[0].genesis.instruments_max = limits->instruments_max;
    record[0].genesis.orders_max = limits->orders_max;
    record[0].genesis.levels_max = limits->levels_max;
    record[0].genesis.session_orders_max = limits->session_orders_max;
    record[0].genesis.hash_seed = limits->hash_seed;
    record[1].genesis_more.extras_max = limits->extras_max;
    record[1].genesis_more.accounts_max = limits->accounts_max;
    record[1].genesis_more.entitlements_max = limits->entitlements_max;
    record[1].genesis_more.events_max = limits->events_max;
    FUZZ_CHECK("genesis is applied", apply(run, record));
}

/* Steps */

static uint64_t
lsn_of_step(const struct run *run, uint64_t step)
{
    return run->steps == 0 ? 0 : run->lsns[step % run->steps];
}

/** Up to 200: so many quarters of a millisecond; then seconds; 255: near the end of all time. */
static uint64_t
time_passed(uint8_t code)
{
    if (code == UINT8_MAX) {
        return UINT64_MAX / 2;
    }
    return code <= 200 ? code * UINT64_C(250000) : (code - 200) * UINT64_C(1000000000);
}

static void
fill_state(const struct run *run, struct hf_record *record)
{
    const struct hf_core_session *session = hf_core_session(run->core, record->session);
    if (record->type == HF_RECORD_DIGEST) {
        record->digest.digest = hf_core_digest(run->core);
    } else if (record->type == HF_RECORD_LOST && session != NULL) {
        record->lost.last = session->last_report;
        record->lost.first = (session->last_report + 1) / 2;
    } else if (record->type == HF_RECORD_EPOCH) {
        record->epoch.epoch = hf_core_epoch(run->core) + 1;
        record->epoch.history = hf_core_history(run->core) + record->epoch.history % 2;
        record->epoch.rules_version = HF_RULES_VERSION;
    }
}

static void
fill(const struct run *run, unsigned how, struct hf_record record[2])
{
    if ((how & FILL_ORDER) != 0) {
        record[0].client_order_id = lsn_of_step(run, record[0].client_order_id);
    }
    if ((how & FILL_SESSIONS) != 0) {
        for (unsigned i = 0; i < 2; i++) {
            uint64_t *id = &record[1].trade_more.session_id[i];
            *id = lsn_of_step(run, *id);
        }
    }
    if ((how & FILL_STATE) != 0) {
        fill_state(run, &record[0]);
    }
}

/** As the engine takes a command from a ring: it, or the record that it was refused. */
static void
judge_form(unsigned how, struct hf_record record[2])
{
    struct hf_command slots[2];
    memcpy(slots, record, sizeof(slots));
    for (unsigned i = 0; i < 2; i++) {
        slots[i].reserved[0] = (how & SPOIL_RESERVED) != 0;
        slots[i].reserved[1] = 0;
    }
    uint32_t reason = hf_command_check(slots);
    if (reason != HF_REASON_NONE) {
        record[0] = (struct hf_record){.lsn = record[0].lsn,
                                       .time_ns = record[0].time_ns,
                                       .session = record[0].session,
                                       .type = HF_RECORD_REFUSED,
                                       .slots = 1,
                                       .refused = {.reason = reason,
                                                   .command_slots = slots[0].slots == 2 ? 2 : 1,
                                                   .command_type = slots[0].type,
                                                   .client_order_id = slots[0].client_order_id}};
    }
}

static void
take_slot(struct fuzz_input *input, const struct run *run, uint32_t session, struct hf_record *slot)
{
    *slot = (struct hf_record){.time_ns = run->time_ns, .session = session};
    fuzz_take(input, (char *)slot + BODY_AT, BODY_BYTES);
}

static void
step(struct run *run, struct fuzz_input *input)
{
    struct hf_record record[2] = {0};
    unsigned how = fuzz_byte(input);
    uint8_t session = fuzz_byte(input);
    run->time_ns += time_passed(fuzz_byte(input));
    take_slot(input, run, session == UINT8_MAX ? UINT32_MAX : session, &record[0]);
    if (record[0].slots == 2) {
        take_slot(input, run, record[0].session, &record[1]);
    }
    record[0].lsn = hf_core_lsn(run->core) + 1;
    record[1].lsn = record[0].lsn + 1;
    fill(run, how, record);
    if ((how & IS_RECORD) == 0) {
        judge_form(how, record);
    }
    run->lsns[run->steps++] = apply(run, record) ? record[0].lsn : 0;
}

/** The same records again. */
static void
check_again(const struct run *run)
{
    struct hf_core *again = make_core(1, &run->limits);
    for (size_t i = 0; i < run->logged; i += 2) {
        const struct hf_record *more = run->log[i].slots == 2 ? &run->log[i + 1] : NULL;
        FUZZ_CHECK("what was applied once may be applied again",
                   hf_core_check(again, &run->log[i], more) == NULL);
        hf_core_apply(again, &run->log[i], more, NULL);
    }
    FUZZ_CHECK("the same records give the same state",
               memcmp(blocks[0], blocks[1], hf_core_footprint(&run->limits)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static struct run run;
    struct fuzz_input input = {bytes, count};
    memset(&run, 0, sizeof(run));
    run.limits = take_limits(&input);
    run.core = make_core(0, &run.limits);
    run.time_ns = TIME_FIRST_NS;
    apply_genesis(&run);
    while (input.left > 0 && run.steps < STEPS_MAX) {
        step(&run, &input);
    }
    hf_core_audit(run.core);
    FUZZ_CHECK("a core may be loaded", hf_core_load(run.core, &run.limits) == NULL);
    check_again(&run);
    return 0;
}

/* Seeds: streams of the generator of tests/model */

#define SEEDS 48u
#define SEED_STEPS 60u

/** The inverse of take_limits(); `events_max` is 64 in every stream. */
static void
seed_limits(struct fuzz_bytes *seed, const struct hf_engine_limits *limits)
{
    fuzz_put_byte(seed, limits->sessions_max - 1);
    fuzz_put_byte(seed, limits->instruments_max - 1);
    fuzz_put_byte(seed, limits->orders_max - 1);
    fuzz_put_byte(seed, limits->levels_max - 1);
    fuzz_put_byte(seed, limits->session_orders_max - 1);
    fuzz_put_byte(seed, limits->extras_max - 1);
    fuzz_put_byte(seed, limits->accounts_max - 1);
    fuzz_put_byte(seed, limits->entitlements_max - 1);
    fuzz_put_byte(seed, 0);
    fuzz_put_byte(seed, (unsigned)limits->hash_seed & 0xff);
}

static uint8_t
time_code(uint64_t passed_ns)
{
    uint64_t seconds = passed_ns / 1000000000;
    uint64_t code = seconds > 0 ? 200 + seconds : passed_ns / 250000;
    return (uint8_t)(code < UINT8_MAX ? code : UINT8_MAX - 1);
}

static void
seed_step(struct fuzz_bytes *seed, const struct step *step, uint64_t passed_ns)
{
    struct hf_record record = step->record;
    struct hf_record more = step->more;
    unsigned how = step->is_command ? 0 : IS_RECORD | FILL_STATE;
    how |= (step->reserved[0] | step->reserved[1]) != 0 ? SPOIL_RESERVED : 0u;
    if (step->references[STEP_ORDER_ID] != 0) {
        how |= FILL_ORDER;
        record.client_order_id = step->references[STEP_ORDER_ID] - 1;
    }
    for (unsigned i = 0; i < 2; i++) {
        if (step->references[STEP_SESSION_A + i] != 0) {
            how |= FILL_SESSIONS;
            more.trade_more.session_id[i] = step->references[STEP_SESSION_A + i] - 1;
        }
    }
    fuzz_put_byte(seed, how);
    fuzz_put_byte(seed, record.session);
    fuzz_put_byte(seed, time_code(passed_ns));
    fuzz_put(seed, (const char *)&record + BODY_AT, BODY_BYTES);
    if (record.slots == 2) {
        fuzz_put(seed, (const char *)&more + BODY_AT, BODY_BYTES);
    }
}

static void
seed_stream(struct rig *rig, struct stream *stream, uint64_t number)
{
    struct generator generator;
    struct fuzz_bytes seed = {.count = 0};
    generate_start(&generator, number, GENERATE_ALL, rig, stream);
    rig_start(rig, &stream->limits);
    seed_limits(&seed, &stream->limits);
    uint64_t time_ns = TIME_FIRST_NS;
    for (size_t i = 0; i < SEED_STEPS; i++) {
        if (i == stream->count) {
            generate_step(&generator);
        }
        HF_ASSERT("the model agrees", rig_apply(rig, stream, i, NULL));
        seed_step(&seed, &stream->steps[i], stream->steps[i].record.time_ns - time_ns);
        time_ns = stream->steps[i].record.time_ns;
    }
    fuzz_seed(seed.bytes, seed.count);
}

void
fuzz_target_seeds(void)
{
    struct rig *rig = rig_create();
    struct stream *stream = calloc(1, sizeof(*stream));
    HF_ASSERT("there is memory", stream != NULL);
    for (uint64_t number = 1; number <= SEEDS; number++) {
        seed_stream(rig, stream, number);
    }
    free(stream);
    rig_destroy(rig);
}
