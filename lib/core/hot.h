/*
 * hot.h - how an order becomes live and ceases, as inline code for the ways that most orders take; book.h and
 * resting.h have the same as functions.
 *
 *   hf_hot_add      pool ─► id tables ─► session's list ─► hf_hot_enter: level, book
 *   hf_hot_drop     the way back: hf_hot_leave first
 */
#ifndef HF_CORE_HOT_H
#define HF_CORE_HOT_H

#include "core/account.h"
#include "core/extra.h"
#include "core/total.h"

/** As hf_book_enter(). */
static HF_ALWAYS_INLINE void
hf_hot_enter(struct hf_core *core, struct hf_book *book, uint32_t queue, uint32_t order_index,
             int64_t price)
{
    struct hf_order *orders = hf_core_order_pool(core);
    uint64_t key = hf_book_key(book, price);
    uint32_t index = hf_ladder_find(hf_core_ladder_space(core), &book->sides[queue].ladder, key);
    if (HF_UNLIKELY(index == 0)) {
        index = hf_book_level_create(core, book, queue, key, price);
    }
    struct hf_level_queue *level = &hf_core_level_pool(core)[index];
    hf_level_append(level, index, orders, order_index);
    uint64_t hidden = hf_extra_hidden(core, order_index);
    level->hidden += hidden;
    if (HF_UNLIKELY(core->accounts != 0)) {
        hf_account_add(core, orders[order_index].account, hf_account_price(core, order_index),
                       orders[order_index].open + hidden);
    }
    orders[order_index].place = (uint32_t)core->lsn;
}

/** As hf_book_leave(). */
static HF_ALWAYS_INLINE void
hf_hot_leave(struct hf_core *core, uint32_t order_index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[order_index];
    struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    uint64_t hidden = hf_extra_hidden(core, order_index);
    if (HF_UNLIKELY(core->accounts != 0)) {
        hf_account_take(core, order->account, hf_account_price(core, order_index),
                        order->open + hidden);
    }
    hf_level_unlink(level, hf_core_order_pool(core), order);
    level->hidden -= hidden;
    if (level->orders == 0) {
        hf_book_level_drop(core, order->level);
    }
}

/** The session of an order. */
static inline struct hf_core_session *
hf_hot_owner(const struct hf_core *core, uint32_t index)
{
    return &hf_core_sessions(core)[hf_core_order_pool(core)[index].session];
}

/** The list runs from the newest order to the oldest: only one other order is touched. */
static inline void
hf_hot_session_link(struct hf_core_session *owner, struct hf_order *orders, uint32_t index)
{
    uint32_t *back =
        owner->first_order != 0 ? &orders[owner->first_order].session_prev : &owner->last_order;
    orders[index].session_prev = 0;
    orders[index].session_next = owner->first_order;
    *back = index;
    owner->first_order = index;
    owner->open_orders++;
}

static inline void
hf_hot_session_unlink(struct hf_core_session *owner, struct hf_order *orders,
                      const struct hf_order *order)
{
    uint32_t *forth =
        order->session_prev != 0 ? &orders[order->session_prev].session_next : &owner->first_order;
    uint32_t *back =
        order->session_next != 0 ? &orders[order->session_next].session_prev : &owner->last_order;
    *forth = order->session_next;
    *back = order->session_prev;
    owner->open_orders--;
}

/** Where a session's client order id belongs. */
static inline struct hf_id_place
hf_hot_place(const struct hf_core *core, uint32_t session, uint64_t client_order_id)
{
    return hf_ids_place(hf_core_client_ids(core), hf_ids_tag(&core->ids, session, client_order_id));
}

/** As hf_resting_add(), for an order of session `owner`, whose hf_hot_place() this is. */
static HF_ALWAYS_INLINE uint32_t
hf_hot_add_at(struct hf_core *core, struct hf_core_session *owner, const struct hf_order *order,
              struct hf_id_place place, const struct hf_extra *extra, struct hf_book *book,
              uint32_t queue, int64_t price)
{
    uint32_t index = hf_pool_next(&core->orders);
    struct hf_order *resting = &hf_core_order_pool(core)[index];
    hf_pool_take(&core->orders, &resting->next);
    hf_order_copy(resting, order);
    hf_total_settle(core, index);
    if (hf_ids_add(&core->ids, hf_core_client_ids(core), hf_core_order_ids(core))) {
        place = hf_ids_place(hf_core_client_ids(core), place.tag);
    }
    hf_ids_insert(hf_core_client_ids(core), place, index);
    uint32_t order_tag = hf_ids_tag(&core->ids, 0, order->order_id);
    hf_ids_insert(hf_core_order_ids(core), hf_ids_place(hf_core_order_ids(core), order_tag), index);
    hf_hot_session_link(owner, hf_core_order_pool(core), index);
    if (HF_UNLIKELY(extra != NULL)) {
        hf_extra_attach(core, index, extra);
    }
    hf_hot_enter(core, book, queue, index, price);
    return index;
}

/** As hf_resting_add(). */
static HF_ALWAYS_INLINE uint32_t
hf_hot_add(struct hf_core *core, const struct hf_order *order, const struct hf_extra *extra,
           struct hf_book *book, uint32_t queue, int64_t price)
{
    return hf_hot_add_at(core, &hf_core_sessions(core)[order->session], order,
                         hf_hot_place(core, order->session, order->client_order_id), extra, book,
                         queue, price);
}

/** As hf_resting_drop_unbooked(), for an order of session `owner`, whose client order id is in the chain that
 *  begins at `head`. */
static HF_ALWAYS_INLINE void
hf_hot_drop_unbooked_at(struct hf_core *core, struct hf_core_session *owner, uint32_t *head,
                        uint32_t index)
{
    struct hf_order *order = &hf_core_order_pool(core)[index];
    hf_total_check(core, order);
    hf_total_set(core, order, 0);
    hf_extra_detach(core, index);
    hf_hot_session_unlink(owner, hf_core_order_pool(core), order);
    hf_ids_remove_from(hf_core_client_ids(core), head, index);
    hf_ids_remove(hf_core_order_ids(core), index);
    core->ids.used--;
    order->order_id = 0;
    hf_pool_give(&core->orders, index, &order->next);
}

/** As hf_resting_drop_unbooked(). */
static HF_ALWAYS_INLINE void
hf_hot_drop_unbooked(struct hf_core *core, uint32_t index)
{
    hf_hot_drop_unbooked_at(core, hf_hot_owner(core, index),
                            hf_ids_head_of(hf_core_client_ids(core), index), index);
}

/** Take a live order out of everything. */
static HF_ALWAYS_INLINE void
hf_hot_drop(struct hf_core *core, uint32_t index)
{
    hf_hot_leave(core, index);
    hf_hot_drop_unbooked(core, index);
}

#endif
