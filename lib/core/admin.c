/*
 * admin.c - administration as logged commands.
 */
#include "core/admin.h"

#include "core/account.h"
#include "core/copy.h"
#include "core/emit.h"
#include "core/entitle.h"
#include "core/instrument.h"
#include "core/limit.h"
#include "core/many.h"
#include "core/market.h"
#include "core/phase.h"
#include "core/rules.h"
#include "core/stop.h"

#include <string.h>

/** What an admin command came to. */
struct outcome {
    uint32_t reason;
    uint32_t instrument;
    uint64_t count; /**< orders cancelled */
};

static struct hf_book *
book_of(const struct hf_core *core, uint32_t id)
{
    bool known = id <= core->instruments && hf_core_books(core)[id].phase != 0; /* 0: never */
    return known ? &hf_core_books(core)[id] : NULL;
}

static void
announce_instrument(const struct hf_apply *apply, uint32_t id)
{
    struct hf_market_event event = {.type = HF_MARKET_INSTRUMENT, .instrument = id};
    hf_market_emit(apply, &event);
}

static struct outcome
add_instrument(struct hf_apply *apply, const struct hf_record *record, const struct hf_record *more)
{
    struct hf_core *core = apply->core;
    struct outcome outcome = {0};
    if (hf_instrument_judge(core, record, more) != NULL) {
        outcome.reason = HF_REASON_BAD_INSTRUMENT;
    } else if (hf_instrument_find(core, record->instrument_add.symbol) != 0) {
        outcome.reason = HF_REASON_SYMBOL_IN_USE;
    } else if (core->instruments == core->limits.instruments_max) {
        outcome.reason = HF_REASON_INSTRUMENTS_FULL;
    } else {
        outcome.instrument = hf_instrument_add(core, record, more);
        announce_instrument(apply, outcome.instrument);
    }
    return outcome;
}

static bool
sets(const struct hf_record *record, uint32_t bit)
{
    return (record->sets & bit) != 0;
}

/** The two slots as if they had set everything: what they do not set is as the instrument has it. */
static void
complete_change(const struct hf_book *book, struct hf_record *record, struct hf_record *more)
{
    const uint32_t loses =
        sets(record, HF_SET_REPLACE_LOSES_PRIORITY) ? 0 : HF_REPLACE_LOSES_PRIORITY;
    const uint32_t keeps = sets(record, HF_SET_ICEBERG_KEEPS_PLACE) ? 0 : HF_ICEBERG_KEEPS_PLACE;
    record->instrument_add.flags |= book->flags & (loses | keeps);
    if (!sets(record, HF_SET_TICK)) {
        record->instrument_add.tick = book->tick;
    }
    if (!sets(record, HF_SET_LOT)) {
        more->instrument_more.lot = book->lot;
    }
    if (!sets(record, HF_SET_PRICE_MIN)) {
        more->instrument_more.price_min = book->price_min;
    }
    if (!sets(record, HF_SET_PRICE_MAX)) {
        more->instrument_more.price_max = book->price_max;
    }
    if (!sets(record, HF_SET_QUANTITY_MAX)) {
        more->instrument_more.quantity_max = book->quantity_max;
    }
}

static struct outcome
change_instrument(struct hf_apply *apply, const struct hf_record *asked,
                  const struct hf_record *asked_more)
{
    struct hf_book *book = book_of(apply->core, asked->instrument_add.id);
    if (book == NULL) {
        return (struct outcome){.reason = HF_REASON_UNKNOWN_INSTRUMENT};
    }
    struct hf_record whole = *asked;
    struct hf_record whole_more = *asked_more;
    const struct hf_record *record = &whole;
    const struct hf_record *more = &whole_more;
    complete_change(book, &whole, &whole_more);
    if (hf_instrument_judge(apply->core, record, more) != NULL) {
        return (struct outcome){.reason = HF_REASON_BAD_INSTRUMENT};
    }
    if (memcmp(book->symbol, record->instrument_add.symbol, HF_SYMBOL_BYTES) != 0) {
        return (struct outcome){.reason = HF_REASON_SYMBOL_IN_USE};
    }
    /* Open orders stay where they are in the ladder: its keys are prices in ticks. */
    if (record->instrument_add.tick != book->tick && !hf_instrument_is_empty(book)) {
        return (struct outcome){.reason = HF_REASON_BAD_INSTRUMENT};
    }
    hf_instrument_set(book, record, more);
    announce_instrument(apply, book->id);
    return (struct outcome){.instrument = book->id};
}

static struct outcome
remove_instrument(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_book *book = book_of(apply->core, record->instrument);
    if (book == NULL) {
        return (struct outcome){.reason = HF_REASON_UNKNOWN_INSTRUMENT};
    }
    struct hf_filter filter = {.instrument = book->id};
    uint64_t count = hf_many_cancel(apply, &filter, HF_REASON_REMOVED);
    hf_instrument_remove(apply->core, book);
    announce_instrument(apply, record->instrument);
    return (struct outcome){.instrument = record->instrument, .count = count};
}

static struct outcome
limit_instrument(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_book *book = book_of(apply->core, record->instrument);
    if (book == NULL) {
        return (struct outcome){.reason = HF_REASON_UNKNOWN_INSTRUMENT};
    }
    if (sets(record, HF_SET_COLLAR)) {
        book->collar = record->price;
    }
    if (sets(record, HF_SET_NOTIONAL)) {
        book->notional_max = record->quantity;
    }
    announce_instrument(apply, book->id);
    return (struct outcome){.instrument = book->id};
}

static struct outcome
set_phase(struct hf_apply *apply, const struct hf_record *record)
{
    enum hf_phase phase = (enum hf_phase)record->order_type;
    if (record->instrument != 0) {
        struct hf_book *book = book_of(apply->core, record->instrument);
        if (book == NULL) {
            return (struct outcome){.reason = HF_REASON_UNKNOWN_INSTRUMENT};
        }
        hf_phase_set(apply, book, phase);
        return (struct outcome){.instrument = book->id};
    }
    for (uint32_t id = 1; id <= apply->core->instruments; id++) {
        struct hf_book *book = book_of(apply->core, id);
        if (book != NULL) {
            hf_phase_set(apply, book, phase);
        }
    }
    return (struct outcome){0};
}

static struct outcome
set_account(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_account *account = hf_account_make(apply->core, record->account);
    if (account == NULL) {
        return (struct outcome){.reason = HF_REASON_ACCOUNTS_FULL};
    }
    if (sets(record, HF_SET_GROUP)) {
        account->group = (uint32_t)record->client_order_id;
    }
    if (sets(record, HF_SET_SELF_TRADE)) {
        account->mode = record->order_type;
    }
    if (sets(record, HF_SET_NOTIONAL)) {
        account->notional_max = record->quantity;
    }
    if (sets(record, HF_SET_KILL)) {
        account->killed = (record->flags & HF_ON) != 0;
    }
    if (!account->killed) { /* on: there is none to cancel if it was on before (A2) */
        return (struct outcome){0};
    }
    struct hf_filter filter = {.account = record->account, .has_account = true};
    return (struct outcome){.count = hf_many_cancel(apply, &filter, HF_REASON_KILLED)};
}

/** Of a name: there need be no session. */
static struct outcome
limit_session(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_limits_row limits = hf_limit_of(apply->core, record->by_name.name);
    if (sets(record, HF_SET_ORDERS)) {
        limits.orders_max = record->by_name.value;
    }
    if (sets(record, HF_SET_RATE)) {
        limits.rate_max = record->by_name.rate;
    }
    if (sets(record, HF_SET_KILL)) {
        limits.killed = (record->flags & HF_ON) != 0;
    }
    if (!hf_limit_set(apply->core, &limits)) {
        return (struct outcome){.reason = HF_REASON_LIMITS_FULL};
    }
    uint32_t slot = hf_core_session_find(apply->core, limits.name);
    if (slot == 0) {
        return (struct outcome){0};
    }
    struct hf_core_session *session = &hf_core_sessions(apply->core)[slot];
    hf_limit_refresh(apply->core, session);
    if (!session->killed) {
        return (struct outcome){0};
    }
    struct hf_filter all = {0};
    return (struct outcome){.count = hf_many_cancel_session(apply, slot, &all, HF_REASON_KILLED)};
}

static struct outcome
entitle(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core *core = apply->core;
    const char *name = record->by_name.name;
    if ((record->flags & HF_ON) == 0) {
        hf_entitle_revoke(core, name, record->order_type, record->by_name.value);
    } else if (!hf_entitle_grant(core, name, record->order_type, record->by_name.value)) {
        return (struct outcome){.reason = HF_REASON_ENTITLEMENTS_FULL};
    }
    uint32_t slot = hf_core_session_find(core, name);
    if (slot != 0) {
        hf_entitle_refresh(core, &hf_core_sessions(core)[slot]);
    }
    hf_copy_refresh(core);
    return (struct outcome){0};
}

static struct outcome
end_session(struct hf_apply *apply)
{
    struct hf_filter filter = {.flags = HF_ORDER_DAY};
    return (struct outcome){.count = hf_many_cancel(apply, &filter, HF_REASON_EXPIRED)};
}

/** What is known of a trade that may be long past: it has an LSN that is used, and is one of those that
 *  were counted. */
static bool
trade_is_possible(const struct hf_apply *apply, const struct hf_record *record)
{
    return record->trade.lsn < apply->lsn && record->trade.index < apply->core->trades;
}

/** The slot of a side of a trade. @return false: no open session has this id, or it was opened later */
static bool
find_side(const struct hf_core *core, const struct hf_record *record, uint64_t id, uint32_t *found)
{
    *found = 0;
    if (id == 0) {
        return true; /* its session is gone */
    }
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        if (hf_core_sessions(core)[slot].id == id) {
            *found = slot;
        }
    }
    return *found != 0 && id < record->trade.lsn;
}

static void
report_bust(const struct hf_apply *apply, uint32_t session, const struct hf_record *record,
            uint64_t client_order_id)
{
    struct hf_report report = {
        .type = HF_REPORT_BUSTED,
        .trade_index = (uint32_t)record->trade.index,
        .client_order_id = client_order_id,
        .price = record->trade.price,
        .quantity = record->trade.quantity,
        .trade_lsn = record->trade.lsn,
    };
    hf_emit(apply, session, &report);
}

static struct outcome
bust(struct hf_apply *apply, const struct hf_record *record, const struct hf_record *more)
{
    uint32_t slots[2];
    if (!trade_is_possible(apply, record)) {
        return (struct outcome){.reason = HF_REASON_UNKNOWN_TRADE};
    }
    for (unsigned i = 0; i < 2; i++) {
        if (!find_side(apply->core, record, more->trade_more.session_id[i], &slots[i])) {
            return (struct outcome){.reason = HF_REASON_UNKNOWN_SESSION};
        }
    }
    struct hf_market_event event = {
        .type = HF_MARKET_BUST,
        .order_id = record->trade.lsn,
        .price = record->trade.price,
        .quantity = record->trade.quantity,
        .trade_index = record->trade.index,
    };
    hf_market_emit(apply, &event);
    for (unsigned i = 0; i < 2; i++) {
        if (slots[i] != 0) {
            report_bust(apply, slots[i], record, more->trade_more.client_order_id[i]);
        }
    }
    return (struct outcome){0};
}

static struct outcome
set_reference(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_book *book = book_of(apply->core, record->instrument);
    if (book == NULL) {
        return (struct outcome){.reason = HF_REASON_UNKNOWN_INSTRUMENT};
    }
    uint32_t reason = hf_rules_price(book, record->price);
    if (reason != HF_REASON_NONE) {
        return (struct outcome){.reason = reason};
    }
    struct hf_market_event event = {
        .type = HF_MARKET_REFERENCE, .instrument = book->id, .price = record->price};
    hf_market_emit(apply, &event);
    book->last_price = record->price;
    if (hf_book_is_open(book)) { /* else opening looks at the stops */
        book->stops_due = true;
        hf_stop_run(apply, book);
    }
    return (struct outcome){.instrument = book->id};
}

static struct outcome
carry_out(struct hf_apply *apply, const struct hf_record *record, const struct hf_record *more)
{
    switch (record->type) {
    case HF_COMMAND_INSTRUMENT_ADD:
        return add_instrument(apply, record, more);
    case HF_COMMAND_INSTRUMENT_CHANGE:
        return change_instrument(apply, record, more);
    case HF_COMMAND_INSTRUMENT_REMOVE:
        return remove_instrument(apply, record);
    case HF_COMMAND_INSTRUMENT_LIMITS:
        return limit_instrument(apply, record);
    case HF_COMMAND_PHASE:
        return set_phase(apply, record);
    case HF_COMMAND_ACCOUNT:
        return set_account(apply, record);
    case HF_COMMAND_SESSION_LIMITS:
        return limit_session(apply, record);
    case HF_COMMAND_ENTITLE:
        return entitle(apply, record);
    case HF_COMMAND_SESSION_END:
        return end_session(apply);
    case HF_COMMAND_BUST:
        return bust(apply, record, more);
    case HF_COMMAND_REFERENCE:
        return set_reference(apply, record);
    default:
        HF_PANIC("C2: admin command type %u", record->type);
    }
}

void
hf_admin_apply(struct hf_apply *apply, const struct hf_record *record, const struct hf_record *more)
{
    bool is_daemon = record->session == 0;
    bool may = is_daemon || hf_core_sessions(apply->core)[record->session].admin;
    struct outcome outcome =
        may ? carry_out(apply, record, more) : (struct outcome){.reason = HF_REASON_NOT_ADMIN};
    if (is_daemon) {
        return;
    }
    if (outcome.reason != HF_REASON_NONE) {
        hf_emit_rejected(apply, record->session, record->type, 0, outcome.reason);
    } else {
        hf_emit_done(apply, record, outcome.instrument, outcome.count);
    }
}
