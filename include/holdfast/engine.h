/*
 * engine.h - the matching engine as a library call: the daemon's own state machine without daemon,
 * shared memory or disk. For back-tests, simulators, and other people's test harnesses.
 *
 *     struct hf_engine *engine;
 *     struct hf_engine_limits limits = HF_ENGINE_LIMITS_DEFAULT;
 *     hf_engine_create(&engine, &limits);
 *     uint32_t amzn;
 *     hf_engine_add_instrument(engine, &(struct hf_instrument_info){
 *         .symbol = "AMZN", .tick = 100, .lot = 1, .price_min = 1, .price_max = 100000000,
 *         .quantity_max = 1000000}, &amzn);
 *     uint32_t session = hf_engine_open_session(engine, "me");
 *     hf_engine_apply(engine, session, &command, time_ns, on_report, context);
 *     hf_engine_destroy(engine);
 *
 * Thread-safety: an engine belongs to one thread at a time; different engines are independent (there
 * is no global state). The same calls in the same order give the same reports and digest on every
 * host and compiler.
 */
#ifndef HOLDFAST_ENGINE_H
#define HOLDFAST_ENGINE_H

#include <holdfast/command.h>
#include <holdfast/error.h>
#include <holdfast/market.h>
#include <holdfast/report.h>
#include <holdfast/status.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hf_engine;

/** Capacities; all memory is allocated by hf_engine_create(). */
struct hf_engine_limits {
    uint32_t sessions_max;       /**< 1 to 65,535 */
    uint32_t instruments_max;    /**< 1 to 1,000,000 */
    uint32_t orders_max;         /**< open orders, 1 to 2^30 */
    uint32_t levels_max;         /**< occupied price levels over all books, 1 to 2^28 */
    uint32_t session_orders_max; /**< open orders of one session, 1 to orders_max */
    uint64_t hash_seed;          /**< keys the id tables; any value */
    uint32_t extras_max;       /**< open orders that are icebergs, stops or GTD, 1 to orders_max */
    uint32_t accounts_max;     /**< accounts with settings, 1 to 2^20 */
    uint32_t entitlements_max; /**< entitlement entries, 1 to 2^20 */
    uint32_t events_max;       /**< event buffer, a power of two, 64 to 2^24 */
};

#ifndef __cplusplus
#define HF_ENGINE_LIMITS_DEFAULT                                                                   \
    {                                                                                              \
        .sessions_max = 64, .instruments_max = 1024, .orders_max = 1u << 20,                       \
        .levels_max = 1u << 17, .session_orders_max = 1u << 20, .hash_seed = 0,                    \
        .extras_max = 1u << 18, .accounts_max = 1024, .entitlements_max = 1024,                    \
        .events_max = 1u << 14                                                                     \
    }
#endif

/** HF_ENGINE_LIMITS_DEFAULT for languages that cannot say it. */
void hf_engine_limits_default(struct hf_engine_limits *limits);

/** One price level of a book. */
struct hf_depth_level {
    int64_t price;
    uint64_t quantity; /**< sum of the shown quantities */
    uint32_t orders;
    uint32_t reserved;
};

/** One resting order of a book. */
struct hf_book_order {
    uint64_t order_id;
    uint64_t client_order_id;
    int64_t price;
    uint64_t quantity; /**< open, the hidden part of an iceberg included */
    uint64_t shown;    /**< what market data shows of it */
    uint32_t session;
    uint32_t account;
};

/**
 * Receives reports in the order in which they arise.
 *
 * @param session  the session that the report is for
 * @param report   `report->slots` consecutive slots; valid during the call only
 */
typedef void (*hf_engine_report_fn)(void *context, uint32_t session,
                                    const struct hf_report *report);

/** Receives market data events in the order in which they arise; `event` is valid during the call. */
typedef void (*hf_engine_market_fn)(void *context, const struct hf_market_event *event);

/**
 * Create an engine with empty books.
 *
 * @param engine  receives the engine; the caller's, until hf_engine_destroy()
 * @param limits  borrowed for the call
 * @return 0, HF_E_ARGUMENT (a limit is out of its range), HF_E_MEMORY
 */
int hf_engine_create(struct hf_engine **engine, const struct hf_engine_limits *limits);

/** Free an engine; NULL is allowed. */
void hf_engine_destroy(struct hf_engine *engine);

/**
 * Add an instrument.
 *
 * @param info  symbol (unused so far), tick > 0, lot > 0, price_min <= price_max, quantity_max > 0 and
 *              at most 2^64 / orders_max; flags; the rest is ignored. Borrowed for the call.
 * @param id    receives the instrument's number
 * @return 0, HF_E_ARGUMENT (a field is out of its range), HF_E_BUSY (symbol in use), HF_E_FULL
 */
int hf_engine_add_instrument(struct hf_engine *engine, const struct hf_instrument_info *info,
                             uint32_t *id);

/**
 * Open a session.
 *
 * @param name  at most 23 bytes of [A-Za-z0-9_.-], unused so far
 * @return the session's number (> 0), or 0 when the name is bad or in use or no slot is free
 */
uint32_t hf_engine_open_session(struct hf_engine *engine, const char *name);

/** Listen to market data from now on; NULL: no more. Called from within every call here that changes
 *  something: events come numbered without a gap. */
void hf_engine_listen(struct hf_engine *engine, hf_engine_market_fn on_market, void *context);

/** Carry out an admin command (HF_COMMAND_INSTRUMENT_ADD to HF_COMMAND_REFERENCE) as the operator.
 *
 * @param command  command->slots consecutive slots; borrowed for the call
 * @return 0; HF_E_ARGUMENT: malformed, or no admin command. Operators get no reports: read the effect
 *         by the calls below. Reports that it causes to sessions go to `on_report`
 */
int hf_engine_admin(struct hf_engine *engine, const struct hf_command *command, uint64_t time_ns,
                    hf_engine_report_fn on_report, void *context);

/** Let time pass: GTD orders expire. Reports as hf_engine_apply() */
void hf_engine_tick(struct hf_engine *engine, uint64_t time_ns, hf_engine_report_fn on_report,
                    void *context);

/** Reference data and limits of an instrument; false: no such id. */
bool hf_engine_instrument(const struct hf_engine *engine, uint32_t id,
                          struct hf_instrument_info *info);

/** Give a command its LSN, apply it, and hand each report to `on_report` (may be NULL).
 *
 * @param session  from hf_engine_open_session()
 * @param command  command->slots consecutive slots (a struct hf_command_more follows in memory when
 *                 that is 2); borrowed for the call; `seq` is ignored (the engine counts itself)
 * @param time_ns  time of the command; earlier times than the last one count as the last one
 * @return 0; HF_E_ARGUMENT when there is no such session. A refused command is a report, no error.
 */
int hf_engine_apply(struct hf_engine *engine, uint32_t session, const struct hf_command *command,
                    uint64_t time_ns, hf_engine_report_fn on_report, void *context);

/** As hf_engine_apply(), reports into a caller-owned array.
 *
 * @param sessions  receives the session of each slot in `reports` (may be NULL)
 * @param reports   array of `capacity` slots
 * @return slots that the command produced; when this is above `capacity`, the rest were not stored.
 *         HF_E_ARGUMENT as above.
 */
int64_t hf_engine_apply_to_array(struct hf_engine *engine, uint32_t session,
                                 const struct hf_command *command, uint64_t time_ns,
                                 uint32_t *sessions, struct hf_report *reports, size_t capacity);

/**
 * Read the best levels of one side.
 *
 * @param levels  array of `capacity` entries, best price first
 * @return levels written; 0 for an unknown instrument or side
 */
size_t hf_engine_depth(const struct hf_engine *engine, uint32_t instrument, enum hf_side side,
                       struct hf_depth_level *levels, size_t capacity);

/** Read resting orders of one side in priority order; as hf_engine_depth(). */
size_t hf_engine_orders(const struct hf_engine *engine, uint32_t instrument, enum hf_side side,
                        struct hf_book_order *orders, size_t capacity);

/** Running digest of all reports so far; equal digests mean equal outputs. */
uint64_t hf_engine_digest(const struct hf_engine *engine);

#ifdef __cplusplus
}
#endif

#endif
