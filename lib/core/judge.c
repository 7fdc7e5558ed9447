/*
 * judge.c - the admission checks.
 *
 * Order for a NEW: killed session, rate, unknown instrument, entitlement to instrument and account,
 * killed account, phase, limit price (tick, band), stop price (tick, band), quantity (zero, lot,
 * maximum), display, peaks, minimum, collar, notional, account notional, expiry, duplicate id, post-only,
 * room (orders, levels, extras, session).
 *
 * Limits by price (collar, notionals) judge an order at its limit price; market and market-to-limit orders at
 * the best opposite price of that moment, and without one not at all, because nothing of them can trade or
 * rest; a STOP at its stop price, by the notionals alone. As market orders the latter two trade no further
 * than the collar then (hf_book_market_limit()). A replace that leaves the price as it is and does not raise
 * the total is not judged by these limits: it only lessens what is at risk.
 *
 * Only an order that may rest needs room, and needs it on entry, whatever it would trade: IOC, FOK and
 * market orders get through at full pools, and so do all cancels.
 */
#include "core/judge.h"

#include "core/account.h"
#include "core/alter.h"
#include "core/entitle.h"
#include "core/resting.h"
#include "core/rules.h"

static bool
is_stop(const struct hf_record *record)
{
    return record->order_type == HF_STOP || record->order_type == HF_STOP_LIMIT;
}

static bool
has_limit(const struct hf_record *record)
{
    return record->order_type == HF_LIMIT || record->order_type == HF_STOP_LIMIT;
}

static bool
may_stay(const struct hf_record *record)
{
    bool stays = record->time_in_force != HF_IOC && record->time_in_force != HF_FOK;
    return is_stop(record) || (stays && record->order_type != HF_MARKET);
}

static uint32_t
judge_rights(const struct hf_core *core, uint32_t slot, uint32_t instrument, uint32_t account)
{
    const struct hf_core_session *session = &hf_core_sessions(core)[slot];
    if (session->instruments_listed &&
        !hf_entitle_has(core, session->name, HF_ENTITLE_INSTRUMENT, instrument)) {
        return HF_REASON_NOT_ENTITLED_INSTRUMENT;
    }
    if (session->accounts_listed &&
        !hf_entitle_has(core, session->name, HF_ENTITLE_ACCOUNT, account)) {
        return HF_REASON_NOT_ENTITLED_ACCOUNT;
    }
    return HF_REASON_NONE;
}

static uint32_t
judge_account(const struct hf_core *core, uint32_t number)
{
    const struct hf_account *account = hf_account_find(core, number);
    return account != NULL && account->killed ? HF_REASON_KILLED_ACCOUNT : HF_REASON_NONE;
}

static uint32_t
judge_phase(const struct hf_book *book, const struct hf_record *record,
            const struct hf_record *more)
{
    if (book->phase == HF_PHASE_OPEN) {
        return HF_REASON_NONE;
    }
    bool rests_only = may_stay(record) && record->order_type != HF_MARKET_TO_LIMIT &&
                      (more == NULL || more->new_more.minimum == 0);
    return book->phase == HF_PHASE_PRE_OPEN && rests_only ? HF_REASON_NONE : HF_REASON_PHASE;
}

static uint32_t
judge_prices(const struct hf_book *book, const struct hf_record *record,
             const struct hf_record *more)
{
    uint32_t reason = has_limit(record) ? hf_rules_price(book, record->price) : HF_REASON_NONE;
    if (reason == HF_REASON_NONE && is_stop(record)) {
        reason = hf_rules_price(book, more->new_more.stop_price);
    }
    return reason;
}

/** Cannot overflow: what is displayed is less than a good quantity. */
static bool
too_many_peaks(uint64_t display, uint64_t total)
{
    return display != 0 && total > display * HF_ICEBERG_PEAKS_MAX;
}

static uint32_t
judge_parts(const struct hf_book *book, const struct hf_record *record,
            const struct hf_record *more)
{
    if (more->new_more.display != 0 &&
        (more->new_more.display >= record->quantity || more->new_more.display % book->lot != 0)) {
        return HF_REASON_DISPLAY;
    }
    if (too_many_peaks(more->new_more.display, record->quantity)) {
        return HF_REASON_PEAKS;
    }
    return more->new_more.minimum > record->quantity || more->new_more.minimum % book->lot != 0
               ? HF_REASON_MINIMUM
               : HF_REASON_NONE;
}

static uint32_t
judge_collar(const struct hf_book *book, int64_t price)
{
    if (book->collar == 0 || book->last_price == HF_PRICE_NONE) {
        return HF_REASON_NONE;
    }
    int64_t away = price > book->last_price ? price - book->last_price : book->last_price - price;
    return away > book->collar ? HF_REASON_COLLAR : HF_REASON_NONE;
}

static uint32_t
judge_notional(const struct hf_book *book, int64_t price, uint64_t quantity)
{
    if (book->notional_max == 0) {
        return HF_REASON_NONE;
    }
    return hf_notional_of(price, quantity) > book->notional_max ? HF_REASON_NOTIONAL
                                                                : HF_REASON_NONE;
}

/** `released`: what the account already has open of this very order. */
static uint32_t
judge_account_notional(const struct hf_core *core, uint32_t number, int64_t price,
                       uint64_t quantity, hf_notional released)
{
    const struct hf_account *account = hf_account_find(core, number);
    if (account == NULL || account->notional_max == 0) {
        return HF_REASON_NONE;
    }
    hf_notional after = account->open_notional - released + hf_notional_of(price, quantity);
    return after > account->notional_max ? HF_REASON_ACCOUNT_NOTIONAL : HF_REASON_NONE;
}

/** The price by which limits judge an order: its own, or else the best one that it can trade at, which is
 *  the limit that a market-to-limit order gets. HF_PRICE_NONE: nothing of it can trade, or rest. */
static int64_t
judged_price(const struct hf_book *book, const struct hf_record *record,
             const struct hf_record *more)
{
    if (has_limit(record)) {
        return record->price;
    }
    if (record->order_type == HF_STOP) {
        return more->new_more.stop_price;
    }
    const struct hf_book_side *opposite = &book->sides[HF_SELL - record->side];
    return opposite->best != 0 ? opposite->best_price : HF_PRICE_NONE;
}

/** Collar, notional, account notional. What a STOP will trade at nobody knows: its collar is not judged. */
static uint32_t
judge_limits(const struct hf_core *core, const struct hf_book *book, const struct hf_record *record,
             const struct hf_record *more)
{
    int64_t price = judged_price(book, record, more);
    if (price == HF_PRICE_NONE) {
        return HF_REASON_NONE;
    }
    uint32_t reason = record->order_type == HF_STOP ? HF_REASON_NONE : judge_collar(book, price);
    if (reason == HF_REASON_NONE) {
        reason = judge_notional(book, price, record->quantity);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_account_notional(core, record->account, price, record->quantity, 0);
    }
    return reason;
}

/** The queue and price at which it would stay. @return false: it finds no price to stay at */
static bool
place_of(const struct hf_book *book, const struct hf_record *record, const struct hf_record *more,
         uint32_t *queue, int64_t *price)
{
    bool waits = more != NULL && is_stop(record); /* a stop has two slots */
    *queue = waits ? hf_queue_of_stops(record->side) : hf_queue_of_side(record->side);
    *price = waits ? more->new_more.stop_price : record->price;
    if (record->order_type != HF_MARKET_TO_LIMIT) {
        return true;
    }
    const struct hf_book_side *opposite = &book->sides[HF_SELL - record->side];
    *price = opposite->best_price;
    return opposite->best != 0;
}

static bool
needs_extra(const struct hf_record *record, const struct hf_record *more)
{
    return more != NULL &&
           (is_stop(record) || more->new_more.display != 0 || more->new_more.expire_ns != 0);
}

static uint32_t
judge_room(const struct hf_core *core, const struct hf_book *book, const struct hf_record *record,
           const struct hf_record *more)
{
    uint32_t queue;
    int64_t price;
    if (!place_of(book, record, more, &queue, &price)) {
        return HF_REASON_NONE;
    }
    if (hf_pool_room(&core->orders) == 0) {
        return HF_REASON_ORDERS_FULL;
    }
    if (!hf_book_has_room(core, book, queue, price)) {
        return HF_REASON_LEVELS_FULL;
    }
    if (needs_extra(record, more) && hf_pool_room(&core->extras) == 0) {
        return HF_REASON_EXTRAS_FULL;
    }
    const struct hf_core_session *session = &hf_core_sessions(core)[record->session];
    uint32_t most =
        session->orders_max != 0 ? session->orders_max : core->limits.session_orders_max;
    return session->open_orders >= most ? HF_REASON_SESSION_ORDERS : HF_REASON_NONE;
}

static bool
would_take(struct hf_book *book, uint32_t side, int64_t price)
{
    return hf_book_is_open(book) && hf_book_crosses(hf_book_opposite(book, side), side, price);
}

/** From the duplicate id on: what depends on the other orders. */
static uint32_t
judge_entry(const struct hf_core *core, struct hf_book *book, const struct hf_record *record,
            const struct hf_record *more)
{
    if (more != NULL && more->new_more.expire_ns != 0 &&
        more->new_more.expire_ns <= record->time_ns) {
        return HF_REASON_EXPIRED_ALREADY;
    }
    if (hf_resting_find(core, record->session, record->client_order_id) != 0) {
        return HF_REASON_DUPLICATE_ID;
    }
    if ((record->flags & HF_POST_ONLY) != 0 && would_take(book, record->side, record->price)) {
        return HF_REASON_POST_ONLY;
    }
    return may_stay(record) ? judge_room(core, book, record, more) : HF_REASON_NONE;
}

static uint32_t
judge_permission(const struct hf_core *core, const struct hf_record *record,
                 const struct hf_record *more)
{
    uint32_t reason = hf_judge_session(&hf_core_sessions(core)[record->session]);
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    if (record->instrument > core->instruments ||
        hf_core_books(core)[record->instrument].phase == 0) { /* removed, or number 0 */
        return HF_REASON_UNKNOWN_INSTRUMENT;
    }
    reason = judge_rights(core, record->session, record->instrument, record->account);
    if (reason == HF_REASON_NONE) {
        reason = judge_account(core, record->account);
    }
    return reason != HF_REASON_NONE
               ? reason
               : judge_phase(&hf_core_books(core)[record->instrument], record, more);
}

uint32_t
hf_judge_new(const struct hf_core *core, const struct hf_record *record,
             const struct hf_record *more)
{
    uint32_t reason = judge_permission(core, record, more);
    if (reason != HF_REASON_NONE) {
        return reason;
    }
    struct hf_book *book = &hf_core_books(core)[record->instrument];
    reason = judge_prices(book, record, more);
    if (reason == HF_REASON_NONE) {
        reason = hf_rules_quantity(book, record->quantity);
    }
    if (reason == HF_REASON_NONE && more != NULL) {
        reason = judge_parts(book, record, more);
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_limits(core, book, record, more);
    }
    return reason != HF_REASON_NONE ? reason : judge_entry(core, book, record, more);
}

static uint32_t
judge_new_price(const struct hf_core *core, const struct hf_book *book,
                const struct hf_record *record, uint32_t index)
{
    const struct hf_extra *extra = hf_extra_of(core, index);
    bool is_market_stop = extra != NULL && extra->order_type == HF_STOP;
    if (is_market_stop) {
        return record->price != 0 ? HF_REASON_MALFORMED_COMBINATION : HF_REASON_NONE;
    }
    return hf_rules_price(book, record->price);
}

/** Whether a replace leaves the price as it is, and raises no quantity. */
static bool
only_lessens(const struct hf_core *core, const struct hf_record *record, uint32_t index,
             bool is_market_stop)
{
    uint64_t total = hf_core_order_pool(core)[index].executed + hf_alter_open(core, index);
    bool keeps_price = is_market_stop || record->price == hf_account_price(core, index);
    return keeps_price && record->quantity <= total;
}

/** Collar and notionals of a replace. */
static uint32_t
judge_new_limits(const struct hf_core *core, const struct hf_book *book,
                 const struct hf_record *record, uint32_t index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    const struct hf_extra *extra = hf_extra_of(core, index);
    bool is_market_stop = extra != NULL && extra->order_type == HF_STOP;
    if (only_lessens(core, record, index, is_market_stop)) {
        return HF_REASON_NONE;
    }
    int64_t price = is_market_stop ? extra->stop_price : record->price;
    uint32_t reason = is_market_stop ? HF_REASON_NONE : judge_collar(book, price);
    if (reason == HF_REASON_NONE) {
        reason = judge_notional(book, price, record->quantity);
    }
    if (reason != HF_REASON_NONE || core->accounts == 0) {
        return reason;
    }
    uint64_t open = record->quantity > order->executed ? record->quantity - order->executed : 0;
    hf_notional present = hf_notional_of(hf_account_price(core, index), hf_alter_open(core, index));
    return judge_account_notional(core, order->account, price, open, present);
}

uint32_t
hf_judge_replace(const struct hf_core *core, const struct hf_record *record, uint32_t index)
{
    const struct hf_book *book = hf_alter_book(core, index);
    uint32_t account = hf_core_order_pool(core)[index].account;
    uint32_t reason = judge_rights(core, record->session, book->id, account);
    bool stands_still = book->phase == HF_PHASE_HALTED || book->phase == HF_PHASE_CLOSED;
    if (reason == HF_REASON_NONE && stands_still) {
        reason = HF_REASON_PHASE; /* not of a killed account: it has no live order (A2) */
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_new_price(core, book, record, index);
    }
    if (reason == HF_REASON_NONE) {
        reason = hf_rules_quantity(book, record->quantity);
    }
    const struct hf_extra *extra = hf_extra_of(core, index);
    if (reason == HF_REASON_NONE && extra != NULL &&
        too_many_peaks(extra->display, record->quantity)) {
        reason = HF_REASON_PEAKS;
    }
    if (reason == HF_REASON_NONE) {
        reason = judge_new_limits(core, book, record, index);
    }
    if (reason == HF_REASON_NONE && record->client_order_id != record->target_client_order_id &&
        hf_resting_find(core, record->session, record->client_order_id) != 0) {
        reason = HF_REASON_DUPLICATE_ID;
    }
    return reason;
}
