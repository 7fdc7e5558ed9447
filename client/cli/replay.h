/*
 * replay.h - recorded order flow in, commands out, reports compared with the record.
 *
 *   file ──► lobster / itch / stream ──► replay_order ──► driver: in-process engine or daemon
 *                    │                        ▲                │
 *                    ▼                   books rebuilt  ◄── replay_report
 *        judge: maker chosen, rows of the book           from reports
 *
 * One command is under way at a time: the next one is decided by the books as the reports of the one
 * before left them, and the order of the record across sessions is kept by that alone. A command is
 * done when it is answered, every fill of the taker has met the one of its maker, and what is left of
 * it no longer crosses the book: no assumption on the order in which reports of different sessions
 * become visible.
 *
 * Session 0 takes liquidity, the others hold the resting orders, spread by order id.
 *
 * P1: every message of the record is counted as applied or as left out, once.
 */
#ifndef HF_CLI_REPLAY_H
#define HF_CLI_REPLAY_H

#include "cli/replay_book.h"

#include <holdfast/command.h>
#include <holdfast/engine.h>
#include <holdfast/error.h>
#include <holdfast/report.h>

#include <stdbool.h>

enum hf_replay_format {
    HF_REPLAY_FORMAT_NONE,
    HF_REPLAY_LOBSTER,
    HF_REPLAY_ITCH,
    HF_REPLAY_STREAM,
};

#define HF_REPLAY_SESSIONS_MAX 256u
#define HF_REPLAY_PREFIX_DEFAULT "replay"

struct hf_replay_options {
    const char *file;
    const char *book;     /**< orderbook file, or NULL */
    const char *instance; /**< NULL: in-process engine */
    const char *socket_path;
    const char *prefix; /**< of the session names, "PREFIX-1"... */
    const char *symbol; /**< NULL: from the file's name; ITCH: all symbols */
    enum hf_replay_format format;
    uint32_t sessions;
    uint64_t rate;              /**< commands per second; 0: as fast as possible */
    double min_maker, min_rows; /**< percent; negative: not asked for */
    bool json;
    bool keep; /**< leave the sessions open and the orders in the book */
};

/* What is counted. Group, name, key in JSON, text. APPLIED and LEFT together are all messages (P1);
 * the other two groups are remarks. */
#define HF_REPLAY_COUNTS(X)                                                                        \
    X(APPLIED, SUBMIT, "submissions", "submissions")                                               \
    X(APPLIED, REDUCE, "reductions", "partial deletions")                                          \
    X(APPLIED, CANCEL, "deletions", "deletions")                                                   \
    X(APPLIED, REPLACE, "replacements", "replacements")                                            \
    X(APPLIED, EXECUTE, "executions", "visible executions")                                        \
    X(APPLIED, OTHER_PRICE, "executions_at_another_price",                                         \
      "executions at another price than the order's, as reduction")                                \
    X(APPLIED, UNEXPLAINED, "executions_unexplained",                                              \
      "executions that the visible queue does not explain (O), as reduction")                      \
    X(LEFT, HIDDEN, "hidden_executions", "executions of hidden orders")                            \
    X(LEFT, CROSS, "cross_trades", "trades of an auction")                                         \
    X(LEFT, TRADE, "trade_messages", "trades of orders that the book does not show")               \
    X(LEFT, BROKEN, "broken_trades", "notices of broken trades")                                   \
    X(LEFT, HALT, "halts", "halts and resumptions")                                                \
    X(LEFT, ADMIN, "administrative", "administrative messages")                                    \
    X(LEFT, UNKNOWN_TYPE, "unknown_types", "messages of an unknown type")                          \
    X(LEFT, OTHER_SYMBOL, "other_symbols", "messages of other symbols than the one asked for")     \
    X(LEFT, UNKNOWN_SYMBOL, "unknown_symbols", "messages of symbols that the engine has not")      \
    X(LEFT, UNKNOWN_ORDER, "unknown_orders",                                                       \
      "about orders from before the file, or that have ended")                                     \
    X(LEFT, GONE_TRADED, "orders_traded_otherwise",                                                \
      "about orders that traded when the record says they rested")                                 \
    X(LEFT, GONE_REFUSED, "orders_refused_before", "about orders that the engine had refused")     \
    X(LEFT, REFUSED, "refused", "refused by the engine")                                           \
    X(DIFFERS, TRADED_ON_ENTRY, "traded_on_entry", "submissions that traded on entry")             \
    X(DIFFERS, SHORTENED, "shortened", "of more than what is open of the order; cut to that")      \
    X(DIFFERS, NOT_FIRST, "executions_not_first",                                                  \
      "executions of an order that is not first in the visible queue, as reduction")               \
    X(DIFFERS, UNKNOWN_MAKER, "executions_unknown_maker",                                          \
      "executions of an unknown order, taken from the level's filler")                             \
    X(BOOKKEEPING, LEVELS_ENTERED, "levels_entered", "levels that entered the window")             \
    X(BOOKKEEPING, LEVELS_LEFT, "levels_left", "levels that left the window")                      \
    X(BOOKKEEPING, LEVELS_REPAIRED, "levels_repaired", "levels set right after an unequal row")    \
    X(BOOKKEEPING, SEEDED, "orders_seeded",                                                        \
      "orders entered with their level, as later messages name them")                              \
    X(BOOKKEEPING, FILLERS, "fillers", "fillers for what no later message names")                  \
    X(BOOKKEEPING, DROPPED, "orders_dropped", "orders cancelled with their level")                 \
    X(BOOKKEEPING, SYNC, "sync_operations", "bookkeeping operations of the stream")

enum hf_replay_group { HF_APPLIED, HF_LEFT, HF_DIFFERS, HF_BOOKKEEPING, HF_REPLAY_GROUPS };

enum hf_replay_count {
#define HF_REPLAY_COUNT_ENTRY(group, name, key, text) HF_##group##_##name,
    HF_REPLAY_COUNTS(HF_REPLAY_COUNT_ENTRY)
#undef HF_REPLAY_COUNT_ENTRY
        HF_REPLAY_COUNT_MAX
};

#define HF_REPLAY_LISTED 10u /* examples kept of wrong makers and unequal rows */
#define HF_REPLAY_REASONS 64u

struct hf_replay_result {
    uint64_t messages;
    uint64_t types[256]; /**< messages by their type's letter or digit in the file */
    uint64_t count[HF_REPLAY_COUNT_MAX];
    uint64_t rows, rows_equal;
    uint64_t unequal[HF_REPLAY_LISTED]; /**< the first rows that were not */
    uint64_t executions, maker_right, maker_wrong;
    struct {
        uint64_t row;
        uint64_t record; /**< order that the record names */
        uint64_t engine; /**< order that the engine took, or would have; 0: none */
    } wrong[HF_REPLAY_LISTED];
    uint32_t wrong_count;
    uint64_t commands, trades, rejects;
    uint64_t rejected[HF_REPLAY_REASONS]; /**< by enum hf_reason; [63]: all above */
    uint64_t start_ns, end_ns;
    uint32_t books_differ; /**< books whose depth in the engine is not the one of the reports */
};

struct hf_replay;

/** Where commands go. All functions return 0 or a negative code after hf_replay_fail(). */
struct hf_replay_driver {
    const char *name;
    void *self;
    /** The engine's number of a symbol, whose book must be empty. HF_E_UNKNOWN (without
     *  hf_replay_fail): it has none. */
    int (*instrument)(struct hf_replay *replay, const char *symbol, uint32_t *instrument);
    /** Submit; reports come through hf_replay_report(), now or in collect(). */
    int (*submit)(struct hf_replay *replay, uint32_t session, const struct hf_command *command);
    /** Hand over reports that are there, waiting for some; an answer of `session` is missing, or
     *  (`session` is HF_REPLAY_SESSIONS_MAX) one of any other. */
    int (*collect)(struct hf_replay *replay, uint32_t session);
    /** Best levels of both sides ([0] bids). `capacity` in: room, out: what the driver gives at most */
    int (*depth)(struct hf_replay *replay, uint32_t instrument, size_t *capacity,
                 struct hf_depth_level *levels[2], size_t count[2]);
    void (*close)(struct hf_replay *replay);
};

/** The command under way and what its reports have said so far. */
struct hf_replay_flight {
    struct hf_replay_book *book; /**< of an incoming order; NULL for cancel and reduce */
    uint64_t id;                 /**< of the incoming order, or of the order to change */
    int64_t price;
    uint64_t leaves;   /**< of the incoming order */
    uint64_t executed; /**< of the incoming order, before and now */
    uint64_t lsn;      /**< 0: no report yet */
    uint32_t session;
    uint8_t side;
    bool enters; /**< NEW or REPLACE: an incoming order */
    bool immediate;
    bool answered;
    bool ended;      /**< rejected or cancelled */
    uint32_t reason; /**< of a reject, else 0 */
    uint32_t taker_fills, maker_fills;
    uint64_t taken, made; /**< traded, by the reports of the taker and of the makers */
    uint64_t first_maker; /**< of the trade with index 0 */
};

struct hf_replay {
    struct hf_replay_options options;
    struct hf_replay_driver driver;
    struct hf_replay_books books;
    struct hf_replay_map gone; /**< orders that ended otherwise than recorded: why, a count + 1 */
    struct hf_replay_flight flight;
    struct hf_replay_result result;
    uint64_t time_ns; /**< of the record now */
    uint64_t next_taker, next_filler;
    int code; /**< the first fatal error, 0: none */
    char error[512];
};

/** Fillers stand for orders that no message names; ids of records are below. */
#define HF_REPLAY_FILLER_FIRST ((uint64_t)9000000000000001)
/** Takers, whose ids no record names; they have a session, and so a space of ids, of their own. */
#define HF_REPLAY_TAKER_FIRST ((uint64_t)1 << 63)

/* replay_local.c, replay_via.c: open a driver. 0, or negative after hf_replay_fail(). */
int hf_replay_local_open(struct hf_replay *replay);
int hf_replay_via_open(struct hf_replay *replay);

/* replay_report.c */

/** A report (both slots of it, if it has two) for a session has come in. Errors go to replay->code. */
void hf_replay_report(struct hf_replay *replay, uint32_t session, const struct hf_report *report);

/** Is the command under way done? */
bool hf_replay_flight_done(const struct hf_replay *replay);

/* replay_order.c: send one command and take in all of its reports. 0, also when it was refused
 * (replay->flight.reason), or negative. The books have changed when they return: pointers to
 * orders and levels are void. */
int hf_replay_enter(struct hf_replay *replay, struct hf_replay_book *book, uint64_t id,
                    uint8_t side, int64_t price, uint64_t quantity);
int hf_replay_take(struct hf_replay *replay, struct hf_replay_book *book, uint8_t side,
                   int64_t price, uint64_t quantity);
int hf_replay_cancel(struct hf_replay *replay, const struct hf_replay_order *order);
int hf_replay_reduce(struct hf_replay *replay, const struct hf_replay_order *order,
                     uint64_t quantity);
/** New id, price and open quantity, to the back of the queue whatever changes. */
int hf_replay_replace(struct hf_replay *replay, const struct hf_replay_order *order,
                      uint64_t new_id, int64_t price, uint64_t open);

/* replay_apply.c: messages of the record, counted (P1) and judged. Same results. */
void hf_replay_note_message(struct hf_replay *replay, unsigned char type);
int hf_replay_apply_submit(struct hf_replay *replay, struct hf_replay_book *book, uint64_t id,
                           uint8_t side, int64_t price, uint64_t quantity);
int hf_replay_apply_cancel(struct hf_replay *replay, uint64_t id);
/** Take `quantity` off an order and count it as `applied`. */
int hf_replay_apply_reduce(struct hf_replay *replay, uint64_t id, uint64_t quantity,
                           enum hf_replay_count applied);
int hf_replay_apply_replace(struct hf_replay *replay, uint64_t id, uint64_t new_id, int64_t price,
                            uint64_t open);
/** Execute a resting order, as the record says in message or row `row`. */
int hf_replay_apply_execute(struct hf_replay *replay, uint64_t id, uint64_t quantity, uint64_t row);
/** Note that the maker of the take just done should have been `id`, alone and for `quantity`. */
void hf_replay_judge_maker(struct hf_replay *replay, uint64_t row, uint64_t id, uint64_t quantity);
void hf_replay_note_wrong_maker(struct hf_replay *replay, uint64_t row, uint64_t record,
                                uint64_t engine);
/** Count a message as left out because its order is not there. */
void hf_replay_leave_unknown(struct hf_replay *replay, uint64_t id);
void hf_replay_note_row(struct hf_replay *replay, uint64_t row, bool equal);

/* replay_lobster.c, replay_itch.c, replay_stream.c: a whole file. 0 or negative. */
int hf_replay_lobster(struct hf_replay *replay);
int hf_replay_itch(struct hf_replay *replay);
int hf_replay_stream(struct hf_replay *replay);

/* replay_run.c */

/** Keep the first error in words, and its code. @return code */
int hf_replay_fail(struct hf_replay *replay, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Make the book of a symbol. @return 0; HF_E_UNKNOWN: the engine has no such symbol; negative */
int hf_replay_book_open(struct hf_replay *replay, const char *symbol, struct hf_replay_book **book);

/** Make the book of the recording's one symbol: --symbol, or the file's name up to the first '_'. */
int hf_replay_book_open_only(struct hf_replay *replay, struct hf_replay_book **book);

/** Everything: driver, file, comparison of the final books. `replay` is zeroed but for its options.
 *  @return 0 or negative; the result is filled in as far as it came. Free with hf_replay_destroy(). */
int hf_replay_run(struct hf_replay *replay);
void hf_replay_destroy(struct hf_replay *replay);

/** Does the result meet what was asked (--min-maker, --min-rows, final books)? */
bool hf_replay_passed(const struct hf_replay *replay);

/* replay_print.c */
void hf_replay_print(const struct hf_replay *replay);
void hf_replay_print_json(const struct hf_replay *replay);

#endif
