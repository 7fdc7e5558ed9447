/*
 * engine.c - the in-process engine: makes the records that the daemon would log, and applies them.
 */
#include <holdfast/engine.h>

#include "core/core.h"
#include "core/instrument.h"
#include "core/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct hf_engine {
    struct hf_core *core;
    size_t bytes;
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
    hf_core_apply(engine->core, &record, &more, NULL);
}

int
hf_engine_create(struct hf_engine **engine, const struct hf_engine_limits *limits)
{
    size_t bytes = hf_core_footprint(limits);
    if (bytes == 0) {
        return HF_E_ARGUMENT;
    }
    struct hf_engine *created = malloc(sizeof(*created));
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

int
hf_engine_add_instrument(struct hf_engine *engine, const struct hf_instrument_info *info,
                         uint32_t *id)
{
    struct hf_record record = record_make(engine, HF_RECORD_INSTRUMENT, 0);
    record.slots = 2;
    record.instrument_add.id = hf_core_instruments(engine->core) + 1;
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
    if (hf_core_check(engine->core, &record, &more) != NULL) {
        return HF_E_FULL;
    }
    hf_core_apply(engine->core, &record, &more, NULL);
    *id = record.instrument_add.id;
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
    hf_core_apply(engine->core, &record, NULL, NULL);
    return slot;
}

/** The record of a command: its own bytes, or a refusal of it. */
static struct hf_record
record_of_command(const struct hf_engine *engine, uint32_t session,
                  const struct hf_command *command)
{
    uint32_t reason = hf_command_check(command);
    struct hf_record record =
        record_make(engine, reason == 0 ? command->type : (uint8_t)HF_RECORD_REFUSED, session);
    if (reason == HF_REASON_NONE) {
        memcpy((char *)&record + offsetof(struct hf_record, type),
               (const char *)command + offsetof(struct hf_command, type),
               sizeof(record) - offsetof(struct hf_record, type));
    } else {
        record.refused.reason = reason;
        record.refused.command_type = command->type;
        record.refused.client_order_id = command->client_order_id;
    }
    return record;
}

static int
apply_command(struct hf_engine *engine, uint32_t session, const struct hf_command *command,
              uint64_t time_ns, const struct hf_core_sink *sink)
{
    if (hf_core_session(engine->core, session) == NULL) {
        return HF_E_ARGUMENT;
    }
    struct hf_record record = record_of_command(engine, session, command);
    if (time_ns > record.time_ns) {
        record.time_ns = time_ns;
    }
    hf_core_apply(engine->core, &record, NULL, sink);
    return 0;
}

int
hf_engine_apply(struct hf_engine *engine, uint32_t session, const struct hf_command *command,
                uint64_t time_ns, hf_engine_report_fn on_report, void *context)
{
    struct hf_core_sink sink = {.context = context, .report = on_report};
    return apply_command(engine, session, command, time_ns, on_report != NULL ? &sink : NULL);
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
    struct hf_core_sink sink = {.context = &array, .report = array_add};
    int code = apply_command(engine, session, command, time_ns, &sink);
    return code != 0 ? code : (int64_t)array.count;
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
