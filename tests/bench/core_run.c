/* core_run.c - drive a fresh state machine with a stream (core_stream.h), and look at its end state. */
#include "bench.h"
#include "core_stream.h"
#include "ticks.h"

#include "base/numa.h"
#include "base/panic.h"
#include "core/ahead.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION 1u

/** The least power of two that is not below `count`, `least` and above. */
static uint32_t
power_of_two(uint64_t count, uint32_t least)
{
    uint32_t power = least;
    while (power < count) {
        power *= 2;
    }
    return power;
}

void
core_stream_init(struct core_stream *stream, uint32_t instruments, uint64_t orders,
                 const char *format, ...)
{
    struct hf_engine_limits limits = HF_ENGINE_LIMITS_DEFAULT;
    va_list arguments;
    memset(stream, 0, sizeof(*stream));
    va_start(arguments, format);
    (void)vsnprintf(stream->name, sizeof(stream->name), format, arguments);
    va_end(arguments);
    limits.sessions_max = 1;
    limits.instruments_max = power_of_two(instruments, 1024);
    limits.orders_max = power_of_two(orders, 4096);
    limits.session_orders_max = limits.orders_max;
    limits.extras_max = limits.orders_max / 4;
    limits.levels_max = power_of_two(limits.orders_max / 8, 4096);
    limits.hash_seed = 0x5eed;
    stream->limits = limits;
    stream->instruments = instruments;
}

void
core_stream_free(struct core_stream *stream)
{
    free(stream->records);
    free(stream->judge.context);
    memset(stream, 0, sizeof(*stream));
}

/** A core that is being set up. */
struct set_up {
    struct hf_core *core;
    uint64_t time_ns;
    core_hear_fn hear; /**< may be NULL */
    void *context;
};

/** A record that sets up the state machine; checked, because it is not of the hot path. */
static void
set_up(const struct set_up *up, struct hf_record *record, struct hf_record *more)
{
    record->lsn = hf_core_lsn(up->core) + 1;
    record->time_ns = up->time_ns;
    record->slots = more == NULL ? 1 : 2;
    if (more != NULL) {
        more->lsn = record->lsn + 1;
        more->time_ns = up->time_ns;
        more->type = HF_RECORD_MORE;
        more->slots = 1;
    }
    const char *wrong = hf_core_check(up->core, record, more);
    if (wrong != NULL) {
        HF_PANIC("bad record: %s", wrong);
    }
    if (up->hear != NULL) {
        up->hear(up->context, record, more);
    }
    hf_core_apply(up->core, record, more, NULL);
}

static void
set_up_genesis(const struct set_up *up, const struct hf_engine_limits *limits)
{
    struct hf_record genesis = {.type = HF_RECORD_GENESIS,
                                .genesis = {.rules_version = HF_RULES_VERSION,
                                            .sessions_max = limits->sessions_max,
                                            .instruments_max = limits->instruments_max,
                                            .orders_max = limits->orders_max,
                                            .levels_max = limits->levels_max,
                                            .session_orders_max = limits->session_orders_max,
                                            .hash_seed = limits->hash_seed}};
    struct hf_record more = {.genesis_more = {.extras_max = limits->extras_max,
                                              .accounts_max = limits->accounts_max,
                                              .entitlements_max = limits->entitlements_max,
                                              .events_max = limits->events_max}};
    set_up(up, &genesis, &more);
}

static void
set_up_instrument(const struct set_up *up, uint32_t id, int64_t price_max)
{
    struct hf_record add = {.type = HF_COMMAND_INSTRUMENT_ADD, .instrument_add = {.tick = 1}};
    struct hf_record more = {
        .instrument_more = {
            .lot = 1, .price_min = 1, .price_max = price_max, .quantity_max = 1000000000}};
    (void)snprintf(add.instrument_add.symbol, HF_SYMBOL_BYTES, "S%u", (unsigned)id);
    set_up(up, &add, &more);
}

struct hf_core *
core_open_heard(const struct core_stream *stream, void **memory, size_t *bytes, uint64_t time_ns,
                core_hear_fn hear, void *context)
{
    *bytes = hf_core_footprint(&stream->limits);
    *memory = *bytes == 0 ? NULL : hf_memory_alloc(*bytes, -1);
    if (*memory == NULL) {
        bench_die("%s: no %zu bytes of memory", stream->name, *bytes);
    }
    const struct set_up up = {hf_core_new(*memory, &stream->limits), time_ns, hear, context};
    struct hf_record open = {.type = HF_RECORD_OPEN, .session = SESSION, .open = {.name = "bench"}};
    set_up_genesis(&up, &stream->limits);
    set_up(&up, &open, NULL);
    for (uint32_t id = 1; id <= stream->instruments; id++) {
        set_up_instrument(&up, id, stream->price_max);
    }
    return up.core;
}

struct hf_core *
core_open(const struct core_stream *stream, void **memory, size_t *bytes)
{
    return core_open_heard(stream, memory, bytes, 0, NULL, NULL);
}

/** Records [from, to), commands of two records whole. @return where it ended */
static size_t
drive(const struct core_stream *stream, struct hf_core *core, const struct hf_core_sink *sink,
      size_t from, size_t to)
{
    size_t at = from;
    while (at < to) {
        core_apply(core, &stream->records[at], sink);
        at += stream->records[at].slots;
    }
    return at;
}

/** The same as the engine does it when commands wait behind each: these are looked at ahead. */
static size_t
drive_waiting(const struct core_stream *stream, struct hf_core *core,
              const struct hf_core_sink *sink, size_t from, size_t to)
{
    struct hf_ahead ahead = {0};
    size_t at = from;
    while (at < to) {
        size_t far = at + HF_AHEAD_FAR;
        hf_ahead_look(&ahead, core, at + 1, far < stream->count ? &stream->records[far] : NULL);
        core_apply(core, &stream->records[at], sink);
        at += stream->records[at].slots;
    }
    return at;
}

static void
drive_slices(const struct core_stream *stream, struct hf_core *core,
             const struct hf_core_sink *sink, bool waiting, struct core_run *run)
{
    size_t at = stream->warm;
    for (unsigned slice = 0; slice < CORE_SLICES; slice++) {
        size_t to = stream->warm + (stream->count - stream->warm) * (slice + 1) / CORE_SLICES;
        uint64_t start_ns = hf_clock_monotonic_ns();
        at =
            waiting ? drive_waiting(stream, core, sink, at, to) : drive(stream, core, sink, at, to);
        run->slice_ns[slice] = hf_clock_monotonic_ns() - start_ns;
        run->elapsed_ns += run->slice_ns[slice];
    }
}

static void
drive_each(const struct core_stream *stream, struct hf_core *core, const struct hf_core_sink *sink,
           struct hf_histogram *histogram)
{
    for (size_t at = stream->warm; at < stream->count; at += stream->records[at].slots) {
        uint64_t start = bench_ticks();
        core_apply(core, &stream->records[at], sink);
        hf_histogram_record(histogram, bench_ticks_to_ns(bench_ticks() - start));
    }
}

/** Reports are made for a reader; that of most streams only takes them. */
static void
take_report(void *context, uint32_t session, const struct hf_report *report)
{
    (void)session;
    *(uint64_t *)context += report->slots;
}

static const char *
end_state(const struct core_stream *stream, const struct hf_core *core)
{
    if (hf_core_digest(core) != stream->digest) {
        return "the digest of all reports";
    }
    return stream->judge.end == NULL ? NULL : stream->judge.end(stream->judge.context, core);
}

void
core_stream_run(const struct core_stream *stream, struct core_run *run,
                struct hf_histogram *histogram, bool waiting)
{
    void *memory;
    size_t bytes;
    uint64_t slots = 0;
    struct hf_core *core = core_open(stream, &memory, &bytes);
    struct hf_core_sink sink = {.context = &slots, .report = take_report};
    if (stream->judge.report != NULL) {
        stream->judge.begin(stream->judge.context);
        sink.context = stream->judge.context;
        sink.report = stream->judge.report;
    }
    memset(run, 0, sizeof(*run));
    (void)drive(stream, core, &sink, 0, stream->warm);
    if (histogram != NULL) {
        drive_each(stream, core, &sink, histogram);
    } else {
        drive_slices(stream, core, &sink, waiting, run);
    }
    run->wrong = end_state(stream, core);
    hf_core_audit(core);
    hf_memory_free(memory, bytes);
}
