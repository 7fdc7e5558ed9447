/*
 * core_stream.h - streams of commands for the state machine alone, and one run of a stream.
 *
 * A stream is made once, against a core of its own, so that every cancel names an order that lives at
 * that moment, and the digest of all reports at the end is known. Each run must come to it again.
 *
 *     make_...(stream) ──► records ──► core_stream_run() ──► ns, histogram, end state
 */
#ifndef HF_BENCH_CORE_STREAM_H
#define HF_BENCH_CORE_STREAM_H

#include "base/histogram.h"
#include "core/core.h"

#include <stdbool.h>

#define CORE_NAME_BYTES 64u
#define CORE_SLICES 100u

struct core_stream;

/** Watches the reports of a run; the common stream has one that knows its end state. */
struct core_judge {
    void *context; /**< freed with the stream */
    void (*begin)(void *context);
    void (*report)(void *context, uint32_t session, const struct hf_report *report);
    /** NULL: right; else what is not */
    const char *(*end)(void *context, const struct hf_core *core);
};

struct core_stream {
    char name[CORE_NAME_BYTES];
    struct hf_engine_limits limits;
    uint32_t instruments;
    int64_t price_max;
    /* made */
    struct hf_record *records; /**< one or two of each command, `slots` tells */
    size_t count;
    size_t capacity;
    size_t warm;         /**< records before this one are not timed */
    uint64_t operations; /**< commands from there on */
    uint64_t fills;      /**< reports of fills, of both sides, that they made */
    uint64_t rejects;
    uint64_t digest; /**< of all reports at the end */
    struct core_judge judge;
};

/** What a run of the timed part gave. */
struct core_run {
    uint64_t elapsed_ns;
    uint64_t slice_ns[CORE_SLICES]; /**< of the same parts of the stream in every run */
    const char *wrong;              /**< B2: NULL: the end state is right */
};

/** Name, instruments, and limits with room for so many open orders: those of the library's defaults, and
 *  less where less will do. The rest is made by others. */
void core_stream_init(struct core_stream *stream, uint32_t instruments, uint64_t orders,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
void core_stream_free(struct core_stream *stream);

/** Drive a fresh core with it. With a histogram, each command is timed by itself, and elapsed_ns is 0.
 *  Where the commands are waiting, those behind each are looked at ahead (core/ahead.h); not with a histogram.
 *  A core in memory that is not there ends the program. */
void core_stream_run(const struct core_stream *stream, struct core_run *run,
                     struct hf_histogram *histogram, bool waiting);

/** A fresh core in which the session and the instruments are open; ends the program without memory. */
struct hf_core *core_open(const struct core_stream *stream, void **memory, size_t *bytes);

/** Hears of each record that sets a core up, before it is applied. */
typedef void (*core_hear_fn)(void *context, const struct hf_record *record,
                             const struct hf_record *more);

/** As core_open(). Times are `time_ns`. */
struct hf_core *core_open_heard(const struct core_stream *stream, void **memory, size_t *bytes,
                                uint64_t time_ns, core_hear_fn hear, void *context);

/** Apply one command of the stream, whose records have their LSNs. Its time is 0. */
static inline void
core_apply(struct hf_core *core, const struct hf_record *record, const struct hf_core_sink *sink)
{
    hf_core_apply(core, record, record->slots == 1 ? NULL : &record[1], sink);
}

/* Making (core_make.c) */

struct core_maker {
    struct core_stream *stream;
    struct hf_core *core;
    void *memory;
    size_t bytes;
    uint64_t random;
    uint64_t next_id; /**< client order ids are 1, 2, 3... */
    uint64_t *live;   /**< ids of live orders, in no order */
    size_t live_count;
    uint32_t *places; /**< by id: its place in `live` + 1; 0: not live */
    size_t id_capacity;
    bool timed;
};

void core_maker_init(struct core_maker *maker, struct core_stream *stream, uint64_t seed);
/** From here on commands are timed. */
void core_maker_start(struct core_maker *maker);
/** Keep the digest and free the maker. */
void core_maker_finish(struct core_maker *maker);

uint64_t core_random(struct core_maker *maker, uint64_t below);

/** Enter a limit order with a new id. @return the id */
uint64_t core_make_new(struct core_maker *maker, uint32_t instrument, enum hf_side side,
                       int64_t price, uint64_t quantity, enum hf_time_in_force time_in_force);
uint64_t core_make_iceberg(struct core_maker *maker, enum hf_side side, int64_t price,
                           uint64_t quantity, uint64_t display);
/** A stop order of instrument 1 that becomes a market order. */
uint64_t core_make_stop(struct core_maker *maker, enum hf_side side, int64_t stop_price,
                        uint64_t quantity);
void core_make_cancel(struct core_maker *maker, uint64_t id);
void core_make_reduce(struct core_maker *maker, uint64_t id, uint64_t quantity);
void core_make_replace(struct core_maker *maker, uint64_t id, int64_t price, uint64_t quantity);

/** A live order, all with the same chance; there must be one. */
uint64_t core_live(struct core_maker *maker);
bool core_is_live(const struct core_maker *maker, uint64_t id);

/* The streams (core_common.c, core_worst.c, core_swing.c, core_mixed.c, core_recorded.c) */

/** The first `warm` + `count` commands of the common stream, the first `warm` of them not timed; its
 *  end state is stream.h's own. NULL, or what differs from the published one (full length only). */
const char *core_make_common(struct core_stream *stream, uint32_t instruments, uint64_t warm,
                             uint64_t count);

void core_make_one_level(struct core_stream *stream, uint64_t orders, uint64_t count);
void core_make_sweeps(struct core_stream *stream, uint64_t levels, uint64_t count);
void core_make_cancel_storm(struct core_stream *stream, uint64_t orders, uint64_t count);
void core_make_icebergs(struct core_stream *stream, uint64_t count);
void core_make_stops(struct core_stream *stream, uint64_t count);
/** A steady book of so many resting orders: one is cancelled for each that is entered. */
void core_make_resting(struct core_stream *stream, uint64_t resting, uint64_t count);

/** A book of about so many resting orders over all instruments, and `count` commands of all kinds. */
void core_make_mixed(struct core_stream *stream, uint32_t instruments, uint64_t resting,
                     uint64_t count);

enum core_path { CORE_CALM, CORE_SWING_25, CORE_SWING_40, CORE_CRASH };
void core_make_swing(struct core_stream *stream, enum core_path path, uint64_t count);

/** A recorded day: submissions, deletions, reductions, replacements; executions as orders of a taker
 *  that is not recorded. NULL, or what is wrong with the file. */
const char *core_make_lobster(struct core_stream *stream, const char *path);
const char *core_make_itch(struct core_stream *stream, const char *path);

#endif
