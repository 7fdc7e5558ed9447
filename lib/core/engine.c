/*
 * engine.c - the in-process engine: makes the records that the daemon would log, and applies them.
 */
#include <holdfast/engine.h>

#include "core/admin.h"
#include "core/core.h"
#include "core/instrument.h"
#include "core/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct hf_engine {
    struct hf_core *core;
    size_t bytes;
    hf_engine_market_fn on_market;
    void *market_context;
};

static struct hf_record
record_make(const struct hf_engine *engine, uint8_t type, uint32_t session)
{
    return (struct hf_record){
        .lsn = hf_core_lsn(engine->core) + 1,
        .time_ns = hf_core_time(engine->core),
        .session = session,
        .type = type,
        .slots = 1,
    };
}

static struct hf_record
record_make_more(const struct hf_record *record)
{
    return (struct hf_record){
        .lsn = record->lsn + 1, .time_ns = record->time_ns, .type = HF_RECORD_MORE, .slots = 1};
}

static void
apply_genesis(struct hf_engine *engine, const struct hf_engine_limits *limits)
{
    struct hf_record record = record_make(engine, HF_RECORD_GENESIS, 0);
    record.slots = 2;
    record.genesis.rules_version = HF_RULES_VERSION;
    record.genesis.sessions_max = limits->sessions_max;
    record.genesis.instruments_max = limits->instruments_max;
    record.genesis.orders_max = limits->orders_max;
    record.genesis.levels_max = limits->levels_max;
    record.genesis.session_orders_max = limits->session_orders_max;
    record.genesis.hash_seed = limits->hash_seed;
    struct hf_record more = record_make_more(&record);
    more.genesis_more.extras_max = limits->extras_max;
    more.genesis_more.accounts_max = limits->accounts_max;
    more.genesis_more.entitlements_max = limits->entitlements_max;
    more.genesis_more.events_max = limits->events_max;
    hf_core_apply(engine->core, &record, &more, NULL);
}

void
hf_engine_limits_default(struct hf_engine_limits *limits)
{
    *limits = (struct hf_engine_limits)HF_ENGINE_LIMITS_DEFAULT;
}

int
hf_engine_create(struct hf_engine **engine, const struct hf_engine_limits *limits)
{
    size_t bytes = hf_core_footprint(limits);
    if (bytes == 0) {
        return HF_E_ARGUMENT;
    }
    struct hf_engine *created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return HF_E_MEMORY;
    }
    /* Pages of an anonymous mapping are zero and come when they are touched: large limits cost
     * nothing until they are used. */
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        free(created);
        return HF_E_MEMORY;
    }
    (void)madvise(memory, bytes, MADV_HUGEPAGE); /* only a wish */
    created->core = hf_core_new(memory, limits);
    created->bytes = bytes;
    apply_genesis(created, limits);
    *engine = created;
    return 0;
}

void
hf_engine_destroy(struct hf_engine *engine)
{
    if (engine != NULL) {
        (void)munmap(engine->core, engine->bytes);
        free(engine);
    }
}

/** Market data has a context of its own: the sink's carries both. */
struct sink_context {
    const struct hf_engine *engine;
    hf_engine_report_fn on_report;
    void *context;
};

static void
sink_report(void *context, uint32_t session, const struct hf_report *report)
{
    const struct sink_context *sink = context;
    if (sink->on_report != NULL) {
        sink->on_report(sink->context, session, report);
    }
}

static void
sink_market(void *context, const struct hf_market_event *event)
{
    const struct sink_context *sink = context;
    sink->engine->on_market(sink->engine->market_context, event);
}

static void
apply_records(struct hf_engine *engine, const struct hf_record *records, unsigned count,
              hf_engine_report_fn on_report, void *context)
{
    struct sink_context both = {.engine = engine, .on_report = on_report, .context = context};
    struct hf_core_sink sink = {
        .context = &both,
        .report = sink_report,
        .market = engine->on_market != NULL ? sink_market : NULL,
    };
    hf_core_apply(engine->core, &records[0], count == 2 ? &records[1] : NULL, &sink);
}

int
hf_engine_add_instrument(struct hf_engine *engine, const struct hf_instrument_info *info,
                         uint32_t *id)
{
    struct hf_record record = record_make(engine, HF_COMMAND_INSTRUMENT_ADD, 0);
    record.slots = 2;
    record.instrument_add.flags = info->flags;
    size_t length = strnlen(info->symbol, HF_SYMBOL_BYTES);
    memcpy(record.instrument_add.symbol, info->symbol, length);
    record.instrument_add.tick = info->tick;
    struct hf_record more = record_make_more(&record);
    more.instrument_more.lot = info->lot;
    more.instrument_more.price_min = info->price_min;
    more.instrument_more.price_max = info->price_max;
    more.instrument_more.quantity_max = info->quantity_max;
    if (hf_instrument_judge(engine->core, &record, &more) != NULL) {
        return HF_E_ARGUMENT;
    }
    if (hf_instrument_find(engine->core, record.instrument_add.symbol) != 0) {
        return HF_E_BUSY;
    }
    if (hf_core_instruments(engine->core) == hf_core_limits(engine->core)->instruments_max) {
        return HF_E_FULL;
    }
    const struct hf_record records[2] = {record, more};
    apply_records(engine, records, 2, NULL, NULL);
    *id = hf_core_instruments(engine->core);
    return 0;
}

uint32_t
hf_engine_open_session(struct hf_engine *engine, const char *name)
{
    uint32_t slot = hf_core_session_free(engine->core);
    size_t length = strnlen(name, HF_NAME_BYTES);
    if (slot == 0 || length == HF_NAME_BYTES) {
        return 0;
    }
    struct hf_record record = record_make(engine, HF_RECORD_OPEN, slot);
    memcpy(record.open.name, name, length);
    if (hf_core_check(engine->core, &record, NULL) != NULL) {
        return 0;
    }
    apply_records(engine, &record, 1, NULL, NULL);
    return slot;
}

/** Bytes 24 to 63 of a slot, as the daemon would log them. */
static void
copy_slot(struct hf_record *record, const void *slot)
{
    memcpy((char *)record + offsetof(struct hf_record, type),
           (const char *)slot + offsetof(struct hf_command, type),
           sizeof(*record) - offsetof(struct hf_record, type));
}

/** Make the records of a command: its own bytes, or a refusal of it. @return how many */
static unsigned
make_records(const struct hf_engine *engine, uint32_t session, const struct hf_command *command,
             uint64_t time_ns, struct hf_record records[2])
{
    uint32_t reason = hf_command_check(command);
    records[0] =
        record_make(engine, reason == 0 ? command->type : (uint8_t)HF_RECORD_REFUSED, session);
    if (time_ns > records[0].time_ns) {
        records[0].time_ns = time_ns;
    }
    if (reason != HF_REASON_NONE) {
        records[0].refused.reason = reason;
        records[0].refused.command_type = command->type;
        records[0].refused.client_order_id = command->client_order_id;
        records[0].refused.command_slots = command->slots == 2 ? 2 : 1;
        return 1;
    }
    copy_slot(&records[0], command);
    if (command->slots == 2) {
        records[1] = record_make_more(&records[0]);
        copy_slot(&records[1], command + 1);
    }
    return command->slots;
}

void
hf_engine_listen(struct hf_engine *engine, hf_engine_market_fn on_market, void *context)
{
    engine->on_market = on_market;
    engine->market_context = context;
}

int
hf_engine_apply(struct hf_engine *engine, uint32_t session, const struct hf_command *command,
                uint64_t time_ns, hf_engine_report_fn on_report, void *context)
{
    struct hf_record records[2];
    if (hf_core_session(engine->core, session) == NULL) {
        return HF_E_ARGUMENT;
    }
    unsigned count = make_records(engine, session, command, time_ns, records);
    apply_records(engine, records, count, on_report, context);
    return 0;
}

int
hf_engine_admin(struct hf_engine *engine, const struct hf_command *command, uint64_t time_ns,
                hf_engine_report_fn on_report, void *context)
{
    struct hf_record records[2];
    if (!hf_admin_is_command(command->type) || hf_command_check(command) != HF_REASON_NONE) {
        return HF_E_ARGUMENT;
    }
    unsigned count = make_records(engine, 0, command, time_ns, records);
    apply_records(engine, records, count, on_report, context);
    return 0;
}

void
hf_engine_tick(struct hf_engine *engine, uint64_t time_ns, hf_engine_report_fn on_report,
               void *context)
{
    struct hf_record record = record_make(engine, HF_RECORD_TICK, 0);
    if (time_ns > record.time_ns) {
        record.time_ns = time_ns;
    }
    apply_records(engine, &record, 1, on_report, context);
}

struct array {
    uint32_t *sessions;
    struct hf_report *reports;
    size_t capacity;
    size_t count;
};

static void
array_add(void *context, uint32_t session, const struct hf_report *report)
{
    struct array *array = context;
    for (uint32_t slot = 0; slot < report->slots; slot++) {
        if (array->count < array->capacity) {
            memcpy(&array->reports[array->count],
                   (const char *)report + (size_t)slot * HF_SLOT_BYTES, HF_SLOT_BYTES);
            if (array->sessions != NULL) {
                array->sessions[array->count] = session;
            }
        }
        array->count++;
    }
}

int64_t
hf_engine_apply_to_array(struct hf_engine *engine, uint32_t session,
                         const struct hf_command *command, uint64_t time_ns, uint32_t *sessions,
                         struct hf_report *reports, size_t capacity)
{
    struct array array = {.sessions = sessions, .reports = reports, .capacity = capacity};
    int code = hf_engine_apply(engine, session, command, time_ns, array_add, &array);
    return code != 0 ? code : (int64_t)array.count;
}

bool
hf_engine_instrument(const struct hf_engine *engine, uint32_t id, struct hf_instrument_info *info)
{
    return hf_core_instrument(engine->core, id, info);
}

size_t
hf_engine_depth(const struct hf_engine *engine, uint32_t instrument, enum hf_side side,
                struct hf_depth_level *levels, size_t capacity)
{
    return hf_core_depth(engine->core, instrument, side, levels, capacity);
}

size_t
hf_engine_orders(const struct hf_engine *engine, uint32_t instrument, enum hf_side side,
                 struct hf_book_order *orders, size_t capacity)
{
    return hf_core_orders(engine->core, instrument, side, orders, capacity);
}

uint64_t
hf_engine_digest(const struct hf_engine *engine)
{
    return hf_core_digest(engine->core);
}
