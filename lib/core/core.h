/*
 * core.h - the state machine: books, sessions and numbering as a pure function of (state, record).
 *
 *   record ──► hf_core_apply ──► state'  +  reports (to the sink, in order)
 *
 * No clock, no I/O, no thread, no atomic, no allocation after hf_core_new(). Time comes from the
 * record. The same records give the same reports and digest everywhere.
 *
 * The caller (engine thread, recovery, in-process engine) gives every record the next LSN:
 * C1: record->lsn == hf_core_lsn(core) + 1, and a two-slot record comes with its second slot.
 * C2: a record of a client (type < 64, or REFUSED) names an open session slot.
 * A log that breaks C1 or C2 is damaged; hf_core_check() says so before hf_core_apply() would panic.
 */
#ifndef HF_CORE_CORE_H
#define HF_CORE_CORE_H

#include <holdfast/engine.h>
#include <holdfast/market.h>
#include <holdfast/record.h>

#include <stdbool.h>

struct hf_core;

/** Where reports go. `report` has report->slots consecutive slots, valid during the call. */
struct hf_core_sink {
    void *context;
    void (*report)(void *context, uint32_t session, const struct hf_report *report);
    void (*market)(void *context, const struct hf_market_event *event); /**< NULL: not wanted */
};

/** A session as the state machine knows it. Slot 0 is the daemon's and never a client's. */
struct hf_core_session {
    uint64_t id;          /**< LSN of its OPEN record; 0 when the slot is free */
    uint64_t last_seq;    /**< slots of its command ring that are sequenced */
    uint64_t last_lsn;    /**< LSN of the last of them; OPEN's at first */
    uint64_t last_report; /**< slots of its report ring that were produced */
    uint64_t last_event;  /**< position of its newest report in the event buffer; 0: none yet */
    uint32_t open_orders;
    uint32_t first_order; /**< pool index: list of its open orders, newest first; 0 when none */
    uint32_t last_order;  /**< the oldest of them */
    uint32_t orders_max;  /**< limits of its name: open orders (0: the instance's), */
    uint32_t rate_max;    /**< messages per second (0: no limit), and `killed` */
    uint32_t rate_count;  /**< messages in the second of record time that ends at rate_end_ns */
    uint64_t rate_end_ns;
    uint64_t grace_until_ns; /**< record time until when its client has to come back after a restart
                                  of the daemon; 0: it is not waited for */
    uint8_t killed;
    uint8_t admin; /**< entitlements of its name; if they are its client's: may administrate; */
    uint8_t accounts_listed;    /**< only listed accounts; */
    uint8_t instruments_listed; /**< only listed instruments; */
    uint8_t grouped;            /**< in some group, whose reports others may get copies of */
    uint32_t copy_entry;        /**< chain of its DROP_COPY entitlements: position + 1; 0: none */
    uint32_t next_copier;       /**< session slot: the next that gets drop copies */
    uint32_t uid;               /**< of the user who opened it */
    uint32_t flags;             /**< enum hf_session_flag */
    uint32_t client_uid;        /**< of the client that came last; */
    uint8_t client_trusted;     /**< which was root's, or the daemon's own user's */
    uint32_t connected;
    uint32_t present; /**< a client of this boot and history has it (hf_core_session_next_shown) */
    uint64_t client_lsn;     /**< LSN of its last OPEN or CONNECT */
    uint64_t present_report; /**< last_report when that client came */
    uint64_t absent_report;  /**< last report that was produced while a client was there */
    char name[HF_NAME_BYTES];
};

/** Bytes and alignment (64) of the block that a core with these limits lives in; 0: bad limits. */
size_t hf_core_footprint(const struct hf_engine_limits *limits);

/** Bytes at the beginning of the block that are its state, and all of it: what a snapshot holds. Behind this
 *  image, builds with HF_EXPENSIVE_CHECKS keep what they check it by (total.h). 0: bad limits. */
size_t hf_core_image_bytes(const struct hf_engine_limits *limits);

/** Make an empty core in a zeroed block of hf_core_footprint() bytes, 64-byte aligned. */
struct hf_core *hf_core_new(void *memory, const struct hf_engine_limits *limits);

/** A number for the layout of the block: only a binary that has the same one may use a copied block. */
uint64_t hf_core_layout(void);

/**
 * Take a copied image for a core with these limits, in a block of hf_core_footprint() bytes, 64-byte aligned.
 *
 * Sizes, counts and offsets are checked, before anybody uses them; what they lead to is trusted, because
 * the copy is protected by its own checksums.
 *
 * @return NULL, or in words what does not fit
 */
const char *hf_core_load(struct hf_core *core, const struct hf_engine_limits *limits);

/** What a record would break of C1 and C2, in words, or NULL when it may be applied.
 *  Also judges the daemon's own records (OPEN of a used slot, INSTRUMENT out of order...). */
const char *hf_core_check(const struct hf_core *core, const struct hf_record *record,
                          const struct hf_record *more);

/** Apply one record (`more` is its second slot, NULL for one-slot records). */
void hf_core_apply(struct hf_core *core, const struct hf_record *record,
                   const struct hf_record *more, const struct hf_core_sink *sink);

uint64_t hf_core_lsn(const struct hf_core *core);    /**< LSN of the last record applied */
uint64_t hf_core_time(const struct hf_core *core);   /**< its time */
uint64_t hf_core_digest(const struct hf_core *core); /**< running digest of all reports */
uint64_t hf_core_epoch(const struct hf_core *core);
uint64_t hf_core_history(const struct hf_core *core);
uint64_t hf_core_boot(const struct hf_core *core);
/** When the next GTD order expires (a TICK record is due then); UINT64_MAX: none waits. */
uint64_t hf_core_next_expiry(const struct hf_core *core);
uint64_t hf_core_market_number(const struct hf_core *core); /**< of the last market event */
uint64_t hf_core_trades(const struct hf_core *core);
/** Units of work that all records so far have cost: report slots and market events made, levels and orders
 *  looked at one by one. What a record adds bounds its time; the digest does not cover it. */
uint64_t hf_core_work(const struct hf_core *core);
uint32_t hf_core_open_orders(const struct hf_core *core);
uint32_t hf_core_instruments(const struct hf_core *core); /**< ids run from 1 to this */
const struct hf_engine_limits *hf_core_limits(const struct hf_core *core);

/** A session slot (1 to sessions_max); NULL when the slot is out of range or free. */
const struct hf_core_session *hf_core_session(const struct hf_core *core, uint32_t slot);

/** Number of the first report that was produced when no client of the session was there any more: behind
 *  its DISCONNECT, or an EPOCH of another boot or history, and before the first report that its next client
 *  saw come. With that one a ring goes on that has nothing left of before. */
uint64_t hf_core_session_next_shown(const struct hf_core_session *session);

/** The slot of an open session by name; 0 when there is none. */
uint32_t hf_core_session_find(const struct hf_core *core, const char *name);

/** The lowest free session slot; 0 when all are used. */
uint32_t hf_core_session_free(const struct hf_core *core);

/** Reference data of an instrument; false when there is no such id. */
bool hf_core_instrument(const struct hf_core *core, uint32_t id, struct hf_instrument_info *info);

/** One entry of the table of entitlements, by its place from 0 on; false when there are no more. */
bool hf_core_entitlement(const struct hf_core *core, uint32_t place,
                         struct hf_entitlement_row *row);

/** Whether sessions of this name may use the admin commands, if their user may use the name. */
bool hf_core_is_admin(const struct hf_core *core, const char *name);

/** What the entitlements say of a user who wants a name, be he trusted or not. */
enum hf_core_claim {
    HF_CLAIM_FREE =
        1, /**< the name has no USER entry, and no rights that need one: whoever comes */
    HF_CLAIM_RESERVED, /**< no USER entry, but ADMIN or DROP_COPY: for the trusted alone */
    HF_CLAIM_GRANTED,  /**< a USER entry names him */
    HF_CLAIM_OTHERS,   /**< USER entries name others alone */
};
enum hf_core_claim hf_core_claim(const struct hf_core *core, const char *name, uint32_t uid);

/** How often a USER entry has come or gone. */
uint64_t hf_core_claims_changed(const struct hf_core *core);

/** One row of the limits of names, by its place from 0 on; false when there are no more. */
bool hf_core_limits_row(const struct hf_core *core, uint32_t place, struct hf_limits_row *row);

/** Settings of an account; false when it has none. */
bool hf_core_account(const struct hf_core *core, uint32_t account, struct hf_account_row *row);

/** As hf_engine_depth() and hf_engine_orders(). */
size_t hf_core_depth(const struct hf_core *core, uint32_t instrument, enum hf_side side,
                     struct hf_depth_level *levels, size_t capacity);
size_t hf_core_orders(const struct hf_core *core, uint32_t instrument, enum hf_side side,
                      struct hf_book_order *orders, size_t capacity);

/* The event buffer: the newest reports of all sessions, by position (events.h). */

uint64_t hf_core_event_first(const struct hf_core *core); /**< lowest position that is kept */
uint64_t hf_core_event_last(const struct hf_core *core);  /**< highest; 0: no report so far */

/** Copy the report at a position. @return its slots; 0: overwritten, a second slot, or not there yet */
unsigned hf_core_event_read(const struct hf_core *core, uint64_t position,
                            struct hf_report slots[HF_MESSAGE_SLOTS_MAX]);

/** Position of report `number` of an open session; 0: no longer there, or no report begins with it.
 *  Walks the buffer: for those who resume, not for every report. */
uint64_t hf_core_event_find(const struct hf_core *core, uint32_t session, uint64_t number);

/** Position of the oldest kept report of an open session; 0: none is. As hf_core_event_find(). */
uint64_t hf_core_event_oldest(const struct hf_core *core, uint32_t session);

/** Position of the next report of the same session; 0: none yet, or `position` is overwritten. */
uint64_t hf_core_event_next(const struct hf_core *core, uint64_t position);

/** As hf_core_depth(), from the best level on that is worse than `price` (any number). */
size_t hf_core_depth_behind(const struct hf_core *core, uint32_t instrument, enum hf_side side,
                            int64_t price, struct hf_depth_level *levels, size_t capacity);

/** Price of an instrument's last trade, or its reference; false (and 0): there is none. */
bool hf_core_last_price(const struct hf_core *core, uint32_t instrument, int64_t *price);

/** Walk everything and panic on a broken invariant (tests and HF_EXPENSIVE builds). */
void hf_core_audit(const struct hf_core *core);

/** Whether builds with HF_EXPENSIVE_CHECKS audit behind the last record: always, but in large states, so that
 *  the walk's cost for each record is bounded. */
bool hf_core_audit_is_due(const struct hf_core *core);

#endif
