/* core_make.c - make a stream against a core of its own: what lives is known at every step. */
#include "bench.h"
#include "core_stream.h"

#include "base/numa.h"
#include "base/panic.h"

#include <stdlib.h>
#include <string.h>

#define SESSION 1u

static void *
resize(void *array, size_t count, size_t item_bytes)
{
    void *resized = realloc(array, count * item_bytes);
    if (resized == NULL) {
        bench_die("no memory for a stream");
    }
    return resized;
}

void
core_maker_init(struct core_maker *maker, struct core_stream *stream, uint64_t seed)
{
    memset(maker, 0, sizeof(*maker));
    maker->stream = stream;
    maker->random = seed;
    maker->next_id = 1;
    maker->core = core_open(stream, &maker->memory, &maker->bytes);
}

void
core_maker_start(struct core_maker *maker)
{
    maker->stream->warm = maker->stream->count;
    maker->timed = true;
}

void
core_maker_finish(struct core_maker *maker)
{
    maker->stream->digest = hf_core_digest(maker->core);
    hf_memory_free(maker->memory, maker->bytes);
    free(maker->live);
    free(maker->places);
}

/* splitmix64 */
uint64_t
core_random(struct core_maker *maker, uint64_t below)
{
    uint64_t word = maker->random += 0x9e3779b97f4a7c15u;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    word ^= word >> 31;
    return ((word >> 32) * below) >> 32; /* `below` is under 2^32 */
}

uint64_t
core_live(struct core_maker *maker)
{
    HF_ASSERT("an order lives", maker->live_count > 0);
    return maker->live[core_random(maker, maker->live_count)];
}

bool
core_is_live(const struct core_maker *maker, uint64_t id)
{
    return id < maker->id_capacity && maker->places[id] != 0;
}

static void
live_add(struct core_maker *maker, uint64_t id)
{
    if (id >= maker->id_capacity) {
        size_t capacity = id * 2 < 1024 ? 1024 : id * 2;
        maker->live = resize(maker->live, capacity, sizeof(*maker->live));
        maker->places = resize(maker->places, capacity, sizeof(*maker->places));
        memset(maker->places + maker->id_capacity, 0,
               (capacity - maker->id_capacity) * sizeof(*maker->places));
        maker->id_capacity = capacity;
    }
    maker->live[maker->live_count++] = id;
    maker->places[id] = (uint32_t)maker->live_count;
}

static void
live_remove(struct core_maker *maker, uint64_t id)
{
    if (!core_is_live(maker, id)) {
        return;
    }
    uint64_t last = maker->live[--maker->live_count];
    maker->live[maker->places[id] - 1] = last;
    maker->places[last] = maker->places[id];
    maker->places[id] = 0;
}

/** Every order that is accepted lives until it is filled or cancelled. */
static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct core_maker *maker = context;
    (void)session;
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
        live_add(maker, report->client_order_id);
        break;
    case HF_REPORT_FILL:
        maker->stream->fills += maker->timed;
        if (report->leaves == 0) {
            live_remove(maker, report->client_order_id);
        }
        break;
    case HF_REPORT_CANCELLED:
        live_remove(maker, report->client_order_id);
        break;
    case HF_REPORT_REJECTED:
        maker->stream->rejects += maker->timed;
        break;
    default:
        break;
    }
}

static void
emit(struct core_maker *maker, const struct hf_record *records)
{
    struct core_stream *stream = maker->stream;
    size_t slots = records[0].slots;
    struct hf_core_sink sink = {.context = maker, .report = on_report};
    if (stream->count + slots > stream->capacity) {
        stream->capacity = stream->capacity == 0 ? 4096 : stream->capacity * 2;
        stream->records = resize(stream->records, stream->capacity, sizeof(*stream->records));
    }
    struct hf_record *kept = &stream->records[stream->count];
    memcpy(kept, records, slots * sizeof(*records));
    for (size_t i = 0; i < slots; i++) { /* every core that is run with it has come as far */
        kept[i].lsn = hf_core_lsn(maker->core) + 1 + i;
    }
    stream->count += slots;
    stream->operations += maker->timed;
    core_apply(maker->core, kept, &sink);
}

static struct hf_record
make_record(enum hf_command_type type, uint64_t id)
{
    return (struct hf_record){
        .session = SESSION, .type = (uint8_t)type, .slots = 1, .client_order_id = id};
}

static struct hf_record
make_order(uint64_t id, enum hf_side side, int64_t price, uint64_t quantity)
{
    struct hf_record record = make_record(HF_COMMAND_NEW, id);
    record.side = (uint8_t)side;
    record.order_type = HF_LIMIT;
    record.time_in_force = HF_GTC;
    record.instrument = 1;
    record.price = price;
    record.quantity = quantity;
    return record;
}

static struct hf_record
make_more(void)
{
    return (struct hf_record){.session = SESSION, .type = HF_RECORD_MORE, .slots = 1};
}

uint64_t
core_make_new(struct core_maker *maker, uint32_t instrument, enum hf_side side, int64_t price,
              uint64_t quantity, enum hf_time_in_force time_in_force)
{
    struct hf_record record = make_order(maker->next_id++, side, price, quantity);
    record.instrument = instrument;
    record.time_in_force = (uint8_t)time_in_force;
    emit(maker, &record);
    return record.client_order_id;
}

uint64_t
core_make_iceberg(struct core_maker *maker, enum hf_side side, int64_t price, uint64_t quantity,
                  uint64_t display)
{
    struct hf_record records[2] = {make_order(maker->next_id++, side, price, quantity),
                                   make_more()};
    records[0].slots = 2;
    records[1].new_more.display = display;
    emit(maker, records);
    return records[0].client_order_id;
}

uint64_t
core_make_stop(struct core_maker *maker, enum hf_side side, int64_t stop_price, uint64_t quantity)
{
    struct hf_record records[2] = {make_order(maker->next_id++, side, 0, quantity), make_more()};
    records[0].slots = 2;
    records[0].order_type = HF_STOP;
    records[1].new_more.stop_price = stop_price;
    emit(maker, records);
    return records[0].client_order_id;
}

void
core_make_cancel(struct core_maker *maker, uint64_t id)
{
    struct hf_record record = make_record(HF_COMMAND_CANCEL, id);
    emit(maker, &record);
}

void
core_make_reduce(struct core_maker *maker, uint64_t id, uint64_t quantity)
{
    struct hf_record record = make_record(HF_COMMAND_REDUCE, id);
    record.quantity = quantity;
    emit(maker, &record);
}

void
core_make_replace(struct core_maker *maker, uint64_t id, int64_t price, uint64_t quantity)
{
    struct hf_record record = make_record(HF_COMMAND_REPLACE, id);
    record.target_client_order_id = id;
    record.price = price;
    record.quantity = quantity;
    emit(maker, &record);
}
