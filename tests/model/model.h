/*
 * model.h - the rule book a second time, as plainly as it can be said: the reference that lib/core is
 * compared with.
 *
 *   record ──► model_apply ──► reports (64-byte slots) and market events, in arrays
 *
 * Written from the rules, not from lib/core. All live orders stand in one array, in order of their
 * order ids; everything is found by walking it. The best order of a side is the one with the best
 * price and, among those, the smallest place; whoever goes to the back of a level gets the next place.
 */
#ifndef HF_TESTS_MODEL_MODEL_H
#define HF_TESTS_MODEL_MODEL_H

#include <holdfast/engine.h>
#include <holdfast/market.h>
#include <holdfast/record.h>

#include "core/core.h" /* enum hf_core_claim */

#include <stdbool.h>

/** Most live orders of a model, one that is just taking included. */
#define MODEL_ORDERS_MAX 128u

enum model_state {
    MODEL_DEAD = 0,
    MODEL_ENTERING = 1, /**< on its way: it takes, or is about to rest or to go */
    MODEL_WAITING = 2,  /**< a stop that has not been triggered: in no level */
    MODEL_RESTING = 3,
};

struct model_order {
    uint64_t order_id;
    uint64_t client_order_id;
    uint32_t session;
    uint32_t account;
    uint32_t instrument;
    enum model_state state;
    uint8_t side;
    uint8_t type; /**< STOP becomes MARKET, STOP_LIMIT and MARKET_TO_LIMIT become LIMIT in time */
    uint8_t time_in_force;
    bool post_only;
    bool triggered; /**< its turn to enter has come or will come within this command */
    int64_t price;
    int64_t stop_price;
    uint64_t open; /**< shown and hidden */
    uint64_t executed;
    uint64_t display; /**< 0: shows everything */
    uint64_t shown;   /**< of a resting order: what the market sees of `open` */
    uint64_t minimum;
    uint64_t expire_ns;
    uint64_t place; /**< of a resting order: its turn among those of the same price */
};

struct model_instrument {
    uint32_t id;
    uint32_t flags;
    uint32_t phase; /**< enum hf_phase; 0: removed */
    char symbol[HF_SYMBOL_BYTES];
    int64_t tick;
    uint64_t lot;
    int64_t price_min;
    int64_t price_max;
    uint64_t quantity_max;
    int64_t collar;        /**< 0: none */
    uint64_t notional_max; /**< 0: none */
    int64_t last;          /**< price of the last trade, when has_last */
    bool has_last;
    bool stops_may_go; /**< within this command: it traded, was given a last price, or opened */
};

struct model_account {
    uint32_t account;
    uint64_t group;
    uint8_t mode; /**< enum hf_self_trade */
    bool killed;
    uint64_t notional_max; /**< 0: none */
};

struct model_entitlement {
    char name[HF_NAME_BYTES];
    uint32_t kind; /**< enum hf_entitlement */
    uint32_t value;
};

/** Of sessions of this name, now and later. */
struct model_limits {
    char name[HF_NAME_BYTES];
    uint32_t orders_max; /**< 0: the instance's */
    uint32_t rate;       /**< 0: none */
    bool killed;
    uint64_t second; /**< of the last session's messages, when it was closed */
    uint32_t messages;
};

struct model_session {
    uint64_t id; /**< 0: this slot is free */
    uint64_t last_seq;
    uint64_t last_lsn;
    uint64_t last_report;
    uint64_t second; /**< in which `messages` were counted */
    uint32_t messages;
    uint32_t uid;
    uint32_t flags;
    uint32_t client_uid; /**< of who came last */
    uint32_t client_flags;
    uint64_t deadline; /**< its client must come back by then; 0: nobody is waited for */
    bool connected;
    char name[HF_NAME_BYTES];
};

/** One slot of somebody's reports. */
struct model_slot {
    uint32_t session;
    struct hf_report report;
};

/** A slot of the event buffer, and whose it is: a session's slot number is used again, its id never. */
struct model_kept {
    uint64_t session_id;
    struct model_slot slot;
};

struct model {
    struct hf_engine_limits limits;
    uint64_t lsn;
    uint64_t time_ns;
    uint64_t epoch;
    uint64_t history;
    uint64_t boot;
    uint64_t trades; /**< so far */
    uint64_t places;
    uint64_t event_number;
    struct model_order *orders; /**< in order of order_id; dead ones go after each command */
    size_t order_count;
    struct model_session *sessions;       /**< entry 0 is the daemon's */
    struct model_instrument *instruments; /**< entry 0 is nobody's */
    uint32_t instrument_count;
    struct model_account *accounts;
    uint32_t account_count;
    struct model_entitlement *entitlements;
    uint32_t entitlement_count;
    struct model_limits *name_limits; /**< of names that have any; as many as entitlements_max */
    uint32_t name_limits_count;
    struct model_kept
        *kept;          /**< the last events_max report slots, that at position p in p mod that */
    uint64_t kept_last; /**< position of the newest; 0: none yet */
    /* what the last record gave */
    struct model_slot *slots;
    size_t slot_count;
    size_t slot_capacity;
    struct hf_market_event *events;
    size_t event_count;
    size_t event_capacity;
    /* the record being applied */
    uint32_t session;
    uint64_t seq; /**< of the command's first slot */
    uint64_t record_lsn;
    uint32_t trade_index;
    struct hf_command command;
    struct hf_command_more more; /**< zero when the command has one slot */
    struct hf_record record;
    struct hf_record record_more;
};

/* model.c: the outside */

struct model *model_create(const struct hf_engine_limits *limits);
void model_destroy(struct model *model);

/** Forget everything and start over with these limits. */
void model_reset(struct model *model, const struct hf_engine_limits *limits);

/** Whether the daemon could have written this record now: sessions are open, or free to be opened. */
bool model_may_apply(const struct model *model, const struct hf_record *record);

/** Apply one record (`more`: its second slot or NULL); slots and events hold what it gave. */
void model_apply(struct model *model, const struct hf_record *record, const struct hf_record *more);

uint32_t model_open_orders(const struct model *model, uint32_t session); /**< 0: of all sessions */
uint64_t model_next_expiry(const struct model *model); /**< UINT64_MAX: nothing expires */
size_t model_depth(const struct model *model, uint32_t instrument, uint32_t side,
                   struct hf_depth_level *levels, size_t capacity);
size_t model_queue(const struct model *model, uint32_t instrument, uint32_t side,
                   struct hf_book_order *orders, size_t capacity);

/* form.c */

/** Whether a command is well-formed: types, enumerations, combinations, reserved bytes. */
bool model_well_formed(const struct hf_command *command, const struct hf_command_more *more);
bool model_name_is_valid(const char *name);

/* tell.c: reports and market events */

void model_tell_accepted(struct model *model, const struct model_order *order);
void model_tell_rejected(struct model *model, uint32_t reason);
void model_tell_done(struct model *model, uint64_t quantity, uint32_t instrument);
void model_tell_fill(struct model *model, const struct model_order *order, uint64_t quantity,
                     int64_t price, uint8_t flags);
void model_tell_cancelled(struct model *model, const struct model_order *order, uint64_t quantity,
                          uint32_t reason, uint64_t command_seq);
void model_tell_reduced(struct model *model, const struct model_order *order, uint64_t command_seq);
void model_tell_triggered(struct model *model, const struct model_order *order);
void model_tell_replaced(struct model *model, const struct model_order *order, uint64_t previous);
void model_tell_order(struct model *model, const struct model_order *order);
void model_tell_report(struct model *model, uint32_t session, struct hf_report *report,
                       struct hf_report_more *more);
void model_tell_market(struct model *model, struct hf_market_event event);
void model_tell_market_order(struct model *model, uint8_t type, const struct model_order *order,
                             uint64_t quantity, uint8_t flags);
void model_tell_execute(struct model *model, const struct model_order *order, uint64_t quantity,
                        uint8_t flags);

/* book.c: orders and their places */

struct model_order *model_find(struct model *model, uint32_t session, uint64_t client_order_id);
struct model_order *model_find_id(struct model *model, uint64_t order_id);

/** The order that trades next on a side; NULL: the side is empty. */
struct model_order *model_best(struct model *model, uint32_t instrument, uint32_t side);

/** All resting orders of a side in priority order into `sorted`; returns how many. */
size_t model_sorted(const struct model *model, uint32_t instrument, uint32_t side,
                    const struct model_order **sorted, size_t capacity);

/** Whether an order of `side` with this limit trades with one that rests at `price`. */
bool model_crosses(uint32_t side, int64_t limit, int64_t price);
uint32_t model_opposite(uint32_t side);

/** Put an order at the back of its level, as much of it shown as it may show. */
void model_rest(struct model *model, struct model_order *order);

/** Take the open rest of an order away and say so. */
void model_cancel(struct model *model, struct model_order *order, uint32_t reason,
                  uint64_t command_seq);

/** Take `quantity` (less than is open) off an order, hidden lots first; the place is kept. */
void model_shrink(struct model *model, struct model_order *order, uint64_t quantity);

/** Cancel all orders that fit, whatever the phase, unasked: by session slot, then by order id. 0 means
 *  that it does not matter. Returns how many. */
uint64_t model_cancel_fitting(struct model *model, uint32_t session, uint32_t instrument,
                              uint8_t time_in_force, uint32_t reason);
uint64_t model_cancel_account(struct model *model, uint32_t account); /**< the same, KILLED */

/** Whether an order in this state (RESTING or WAITING) finds its level, or room for a new one. */
bool model_has_room_for_level(const struct model *model, const struct model_order *order);

/* judge.c: may this order come in? The first reason that applies. */

uint32_t model_judge_new(struct model *model);
uint32_t model_judge_replace(struct model *model, const struct model_order *order);
uint32_t model_judge_price(const struct model_instrument *instrument, int64_t price);
uint32_t model_judge_session(const struct model *model);
struct model_instrument *model_instrument(struct model *model, uint32_t id);
struct model_account *model_account(struct model *model, uint32_t account);

/* match.c */

/** An accepted, triggered or moved order comes to the market: it trades, rests or ends. */
void model_enter(struct model *model, struct model_order *order);
void model_note_trade(struct model *model, struct model_instrument *instrument, int64_t price);

/** After a trade of `quantity`: the order is done, or its used-up peak is refilled. */
void model_after_fill(struct model *model, struct model_order *order);

/* stop.c */

/** Whether the last trade price has reached a waiting stop. */
bool model_stop_is_met(const struct model_order *order, int64_t last);
void model_trigger(struct model *model, struct model_order *order);

/** Everything that this command has set off of an instrument, until nothing more is. */
void model_run_stops(struct model *model, struct model_instrument *instrument);

/* auction.c */

void model_uncross(struct model *model, struct model_instrument *instrument);

/* order commands: enter.c, change.c */

void model_new(struct model *model);
void model_command_cancel(struct model *model);
void model_command_reduce(struct model *model);
void model_command_replace(struct model *model);
void model_command_mass_cancel(struct model *model);
void model_command_open_orders(struct model *model);
void model_lost(struct model *model);

/* admin.c */

/** The limits of a session's name; NULL: it has none. */
struct model_limits *model_limits(const struct model *model, const char *name);

/** Whether ADMIN and DROP_COPY of its name count for who opened a session. */
bool model_has_its_rights(const struct model *model, uint32_t session);
bool model_is_admin(const struct model *model, uint32_t session);

/** What the entitlements say of a user who wants a name. */
enum hf_core_claim model_claim(const struct model *model, const char *name, uint32_t uid);
bool model_is_entitled(const struct model *model, uint32_t session, uint32_t kind, uint32_t value);
void model_admin(struct model *model);
void model_set_phase(struct model *model, struct model_instrument *instrument, uint8_t phase);

/* session.c: the daemon's records */

void model_open(struct model *model);
void model_disconnect(struct model *model);
void model_close(struct model *model);
void model_connect(struct model *model);
void model_epoch(struct model *model);
void model_tick(struct model *model);

#endif
