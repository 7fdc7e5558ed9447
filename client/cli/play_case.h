/*
 * play_case.h - one case of a file: a header, commands, and what is expected of them.
 *
 * A file holds JSON objects, one a line (plain, gzip or xz; empty lines are skipped):
 *
 *     {"case": "name", ...}                      header: begins a case
 *     {"op": "new", "id": "a", ...}              a command
 *     {"exp": "trades", "list": [...]}           an expectation
 *     {"case": ..., "cmds": [...], "trades": [...], "bids": [...], "asks": [...]}
 *                                                a whole case on one line, called a stream here
 *
 * A stream becomes the same steps: each command with its trades, and the final book at its end. Its
 * replaces always go to the back of the queue: that is part of the format.
 *
 * What a field may hold is checked here, once; unknown fields of commands and expectations are errors,
 * because a misspelt one would make a check pass that checks nothing. Unknown header fields are not.
 */
#ifndef HF_CLI_PLAY_CASE_H
#define HF_CLI_PLAY_CASE_H

#include "cli/play_names.h"
#include "cli/play_rows.h"

#include <holdfast/status.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hf_play_op {
    HF_PLAY_NEW = 1,
    HF_PLAY_CANCEL,
    HF_PLAY_REPLACE,
    HF_PLAY_REDUCE,
    HF_PLAY_RESIZE,      /**< set the open quantity if that is less, else nothing */
    HF_PLAY_MASS_CANCEL, /**< [side] [owner] */
    HF_PLAY_SET_LAST,    /**< the last price, by an admin */
    HF_PLAY_PHASE,       /**< of the instrument, by an admin */
    HF_PLAY_SESSION_END, /**< DAY orders expire, by an admin */
    HF_PLAY_GROUP,       /**< self-trade prevention of an owner, by an admin */
    HF_PLAY_ACCOUNT,     /**< limit and kill switch of an owner, by an admin */
    HF_PLAY_LIMITS,      /**< of the instrument, by an admin */
    HF_PLAY_SESSION,     /**< limit and kill switch of the case's session, by an admin */
    HF_PLAY_TIME,        /**< the case's clock goes on: GTD orders expire */
};

struct hf_play_command {
    enum hf_play_op op;
    uint32_t id;
    uint32_t new_id; /**< REPLACE: 0: as before */
    uint32_t owner;  /**< 0: none */
    uint8_t side, order_type, time_in_force, phase, self_trade;
    bool post_only;
    bool has_price;    /**< REPLACE: else as before */
    bool has_quantity; /**< REPLACE: else as before */
    bool is_delta;     /**< REPLACE: quantity is added to what is open */
    bool kill;         /**< ACCOUNT, SESSION: the switch is on */
    uint8_t sets;      /**< ACCOUNT, LIMITS, SESSION: enum hf_set */
    int64_t price;     /**< LIMITS: collar */
    int64_t quantity;  /**< ACCOUNT, LIMITS: notional; SESSION: open orders */
    int64_t stop_price, display, minimum, group;
    int64_t time; /**< TIME; NEW: when it expires */
    json_t *json; /**< as written */
};

enum hf_play_kind {
    HF_PLAY_TRADES = 1,
    HF_PLAY_BOOK,
    HF_PLAY_TOP,
    HF_PLAY_EVENT,
    HF_PLAY_ORDER,
    HF_PLAY_LEVELS,
    HF_PLAY_TOTALS,
    HF_PLAY_LAST_PRICE,
};

/** The names of events, as the files write them. */
#define HF_PLAY_EVENTS(X)                                                                          \
    X(ACCEPTED, "accepted")                                                                        \
    X(REJECTED, "rejected")                                                                        \
    X(CANCELLED, "cancelled")                                                                      \
    X(REPLACED, "replaced")                                                                        \
    X(REDUCED, "reduced")                                                                          \
    X(TRIGGERED, "triggered")                                                                      \
    X(ACCEPTED_STOP, "accepted_stop")                                                              \
    X(CANCEL_REJECTED, "cancel_rejected")                                                          \
    X(REPLACE_REJECTED, "replace_rejected")                                                        \
    X(REDUCE_REJECTED, "reduce_rejected")

enum hf_play_event_type {
    HF_PLAY_EVENT_NONE,
#define HF_PLAY_EVENT_ENTRY(name, text) HF_PLAY_##name,
    HF_PLAY_EVENTS(HF_PLAY_EVENT_ENTRY)
#undef HF_PLAY_EVENT_ENTRY
        HF_PLAY_EVENT_TYPES
};

/** Numbers that `levels` and `totals` name; a file gives some of them. */
enum hf_play_figure {
    HF_PLAY_BIDS,
    HF_PLAY_ASKS,
    HF_PLAY_STOP_BIDS,
    HF_PLAY_STOP_ASKS,
    HF_PLAY_FIGURES,
};

/** What `totals` counts. */
enum hf_play_total {
    HF_PLAY_ORDERS = 1,
    HF_PLAY_VOLUME,
    HF_PLAY_VISIBLE_VOLUME,
    HF_PLAY_STOP_ORDERS,
    HF_PLAY_STOP_VOLUME,
};

struct hf_play_expectation {
    enum hf_play_kind kind;
    struct hf_play_rows rows; /**< TRADES, BOOK, TOP */
    bool unordered, merged_per_pair, incomplete, by_owner, by_level, visible, price_only;
    uint32_t id; /**< EVENT, ORDER */
    enum hf_play_event_type event;
    const char *reason; /**< EVENT: of the file's engine, NULL: not given; borrowed from `json` */
    bool has_open, has_live, live;
    int64_t open; /**< EVENT: cancelled quantity; ORDER: open now, or when it ended */
    bool has_figure[HF_PLAY_FIGURES];
    int64_t figure[HF_PLAY_FIGURES]; /**< LEVELS; TOTALS: [0] bids, [1] asks */
    enum hf_play_total total;
    bool has_price; /**< LAST_PRICE: else there must be none */
    int64_t price;
    json_t *json; /**< as written; NULL in streams */
};

struct hf_play_step {
    uint64_t line;
    bool is_command;
    union {
        struct hf_play_command command;
        struct hf_play_expectation expectation;
    };
};

struct hf_play_case {
    json_t *header; /**< as written; for a stream the whole line */
    uint64_t line;  /**< of the header */
    const char *name;
    bool is_stream;
    bool has_replace;
    bool has_buys, has_sells; /**< among its NEW commands */
    bool
        needs_fresh; /**< the last trade price plays a part, or it may trade, which may set off stops
                           of others: the instrument must be unused */
    bool needs_admin;          /**< has commands of an admin */
    bool needs_alone;          /**< has commands that concern the whole instance */
    bool needs_clock;          /**< time plays a part: it must be the case's own */
    const char *inexpressible; /**< what no command of Holdfast can say ("AON"); NULL: nothing */
    struct hf_play_names ids, owners;
    struct hf_play_step *steps;
    size_t step_count, step_capacity;
    size_t new_count; /**< NEW commands */
};

void hf_play_case_free(struct hf_play_case *play_case);

/** The name of an event type. */
const char *hf_play_event_name(enum hf_play_event_type type);

struct hf_play_reader;

/**
 * Open a file of cases.
 *
 * @param path  "-" is standard input; borrowed until hf_play_reader_close()
 * @return 0 or negative, see hf_play_reader_error(); the handle is set on errors too, except (then
 *         NULL) for HF_E_MEMORY
 */
int hf_play_reader_open(struct hf_play_reader **reader, const char *path);

/**
 * Read the next case.
 *
 * @param play_case  receives the case; hf_play_case_free() it whatever the result is
 * @return 1, 0 at the end, HF_E_CORRUPT (malformed), HF_E_IO, HF_E_MEMORY
 */
int hf_play_reader_next(struct hf_play_reader *reader, struct hf_play_case *play_case);

/** The error in words, "FILE: line 7: what". */
const char *hf_play_reader_error(const struct hf_play_reader *reader);

void hf_play_reader_close(struct hf_play_reader *reader); /**< NULL: ok */

#endif
