/*
 * plain.h - short ways for the commands that come most: a NEW that is a limit order, good till cancelled, and a
 * CANCEL by client order id. What they do not carry out they leave alone, for the long ways.
 *
 *   NEW ─► plain? ─► fine at first sight? ─no─► judge.h: fine? ─► ACCEPTED ─► trades (match.h), or rests
 *             │                └───────── yes ──────────────────────►
 *             └─────────────────────── no ────────────────┴─► entry.h: rejected with its reason, or another kind
 *
 *   CANCEL ─► its session's, by client order id, found, not closed? ─► CANCELLED
 *                              └── no ─► change.h
 *
 * J1  judge.h finds nothing against what is fine at first sight
 */
#ifndef HF_CORE_PLAIN_H
#define HF_CORE_PLAIN_H

#include "core/alter.h"
#include "core/judge.h"
#include "core/match.h"
#include "core/rules.h"
#include "core/stop.h"

static inline bool
hf_plain_is(const struct hf_record *record)
{
    uint32_t bytes; /* side, order_type, time_in_force, flags: one load, one branch */
    memcpy(&bytes, (const char *)record + offsetof(struct hf_record, side), sizeof(bytes));
    return bytes >> 8 == (HF_LIMIT | HF_GTC << 8);
}

HF_STATIC_ASSERT(offsetof(struct hf_record, flags) == offsetof(struct hf_record, side) + 3,
                 "hf_plain_is() reads them as one");

/** Nothing about the session, or about any account, is to be looked up. */
static inline bool
hf_plain_session_is_free(const struct hf_core *core, const struct hf_core_session *own)
{
    return (own->killed | own->accounts_listed | own->instruments_listed) == 0 &&
           own->rate_max == 0 && core->accounts == 0;
}

static inline bool
hf_plain_book_takes(const struct hf_book *book, const struct hf_record *record)
{
    return book->phase == HF_PHASE_OPEN && (book->collar | (int64_t)book->notional_max) == 0 &&
           hf_rules_price(book, record->price) == HF_REASON_NONE &&
           hf_rules_quantity(book, record->quantity) == HF_REASON_NONE;
}

static inline bool
hf_plain_has_room(const struct hf_core *core, const struct hf_core_session *own)
{
    uint32_t most = own->orders_max != 0 ? own->orders_max : core->limits.session_orders_max;
    return hf_pool_room(&core->orders) != 0 && hf_pool_room(&core->levels) != 0 &&
           own->open_orders < most;
}

/** Where no limit is set that would have to be looked up. `place`: of its client order id. */
static HF_ALWAYS_INLINE bool
hf_plain_is_fine_at_sight(const struct hf_core *core, const struct hf_core_session *own,
                          const struct hf_record *record, struct hf_id_place place)
{
    return hf_plain_session_is_free(core, own) && record->instrument <= core->instruments &&
           hf_plain_book_takes(&hf_core_books(core)[record->instrument], record) &&
           hf_ids_surely_lacks(hf_core_client_ids(core), place) && hf_plain_has_room(core, own);
}

/** What is refused here is judged once more, for its reason: those are few. */
static HF_ALWAYS_INLINE bool
hf_plain_is_fine(const struct hf_core *core, const struct hf_core_session *own,
                 const struct hf_record *record, struct hf_id_place place)
{
    if (HF_UNLIKELY(!hf_plain_is_fine_at_sight(core, own, record, place))) {
        return hf_judge_new(core, record, NULL) == HF_REASON_NONE;
    }
    HF_EXPENSIVE("J1", hf_judge_new(core, record, NULL) == HF_REASON_NONE);
    return true;
}

/** It meets no price that it could trade at. */
static HF_ALWAYS_INLINE void
hf_plain_rest(struct hf_apply *apply, struct hf_book *book, const struct hf_record *record,
              struct hf_id_place place)
{
    struct hf_core *core = apply->core;
    struct hf_order order = hf_order_make(record, 0);
    hf_total_set(core, &order, record->quantity);
    hf_hot_add_at(core, apply->own, &order, place, NULL, book, hf_queue_of_side(record->side),
                  record->price);
    hf_market_added(apply, record);
    hf_total_set(core, &order, 0); /* it has its own in the pool */
}

/** Carry out a NEW of apply->own, if this is its way. @return false: nothing was done */
static HF_ALWAYS_INLINE bool
hf_plain_new(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core *core = apply->core;
    struct hf_id_place place = hf_hot_place(core, record->session, record->client_order_id);
    if (HF_UNLIKELY(!hf_plain_is(record) || !hf_plain_is_fine(core, apply->own, record, place))) {
        return false;
    }
    struct hf_book *book = &hf_core_books(core)[record->instrument];
    hf_emit_accepted(apply, record);
    if (hf_book_crosses(hf_book_opposite(book, record->side), record->side, record->price) &&
        HF_LIKELY(hf_book_is_open(book))) {
        hf_match_plain(apply, book, record);
    } else {
        hf_plain_rest(apply, book, record, place);
    }
    hf_stop_run(apply, book);
    return true;
}

/** Carry out a CANCEL of apply->own, if this is its way. @return false: nothing was done */
static HF_ALWAYS_INLINE bool
hf_plain_cancel(struct hf_apply *apply, const struct hf_record *record)
{
    struct hf_core *core = apply->core;
    if (HF_UNLIKELY((record->flags & HF_BY_ORDER_ID) != 0)) {
        return false;
    }
    struct hf_id_place place = hf_hot_place(core, record->session, record->client_order_id);
    uint32_t index = hf_ids_find_at(hf_core_client_ids(core), place, hf_core_order_pool(core),
                                    record->session, record->client_order_id);
    if (HF_UNLIKELY(index == 0 || hf_alter_book(core, index)->phase == HF_PHASE_CLOSED)) {
        return false;
    }
    hf_alter_cancel_of(apply, apply->own, place.head, index, HF_REASON_REQUESTED,
                       apply->command_seq);
    return true;
}

#endif
