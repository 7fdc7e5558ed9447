/*
 * resting.c - live orders: pool, both id tables, the session's list, the book.
 */
#include "core/resting.h"

#include "core/total.h"

uint32_t
hf_resting_find(const struct hf_core *core, uint32_t session, uint64_t client_order_id)
{
    return hf_ids_find_client(hf_core_client_ids(core), hf_core_order_pool(core), session,
                              client_order_id);
}

uint32_t
hf_resting_find_order_id(const struct hf_core *core, uint64_t order_id)
{
    return hf_ids_find_order(hf_core_order_ids(core), hf_core_order_pool(core), order_id);
}

static void
client_id_insert(struct hf_core *core, uint32_t index)
{
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    uint32_t tag = hf_ids_tag(&core->client_ids, order->session, order->client_order_id);
    hf_ids_insert(hf_core_client_ids(core), tag, index);
}

/** The list runs from the newest order to the oldest: only one other order is touched. */
static void
session_link(struct hf_core *core, uint32_t index)
{
    struct hf_order *orders = hf_core_order_pool(core);
    struct hf_core_session *session = &hf_core_sessions(core)[orders[index].session];
    orders[index].session_prev = 0;
    orders[index].session_next = session->first_order;
    if (session->first_order != 0) {
        orders[session->first_order].session_prev = index;
    } else {
        session->last_order = index;
    }
    session->first_order = index;
    session->open_orders++;
}

static void
session_unlink(struct hf_core *core, const struct hf_order *order)
{
    struct hf_order *orders = hf_core_order_pool(core);
    struct hf_core_session *session = &hf_core_sessions(core)[order->session];
    if (order->session_prev != 0) {
        orders[order->session_prev].session_next = order->session_next;
    } else {
        session->first_order = order->session_next;
    }
    if (order->session_next != 0) {
        orders[order->session_next].session_prev = order->session_prev;
    } else {
        session->last_order = order->session_prev;
    }
    session->open_orders--;
}

uint32_t
hf_resting_add(struct hf_core *core, const struct hf_order *order, const struct hf_extra *extra,
               struct hf_book *book, uint32_t queue, int64_t price)
{
    uint32_t index = hf_pool_next(&core->orders);
    struct hf_order *resting = &hf_core_order_pool(core)[index];
    hf_pool_take(&core->orders, &resting->next);
    *resting = *order;
    hf_total_settle(core, index);
    client_id_insert(core, index);
    hf_ids_insert(hf_core_order_ids(core), hf_ids_tag(&core->order_ids, 0, order->order_id), index);
    session_link(core, index);
    if (HF_UNLIKELY(extra != NULL)) {
        hf_extra_attach(core, index, extra);
    }
    hf_book_enter(core, book, queue, index, price);
    return index;
}

void
hf_resting_drop(struct hf_core *core, uint32_t index)
{
    hf_book_leave(core, index);
    hf_resting_drop_unbooked(core, index);
}

void
hf_resting_drop_unbooked(struct hf_core *core, uint32_t index)
{
    struct hf_order *order = &hf_core_order_pool(core)[index];
    hf_total_check(core, order);
    hf_total_set(core, order, 0);
    hf_extra_detach(core, index);
    session_unlink(core, order);
    hf_ids_remove(hf_core_client_ids(core), index);
    hf_ids_remove(hf_core_order_ids(core), index);
    order->order_id = 0;
    hf_pool_give(&core->orders, index, &order->next);
}

void
hf_resting_rename(struct hf_core *core, uint32_t index, uint64_t client_order_id)
{
    hf_ids_remove(hf_core_client_ids(core), index);
    hf_core_order_pool(core)[index].client_order_id = client_order_id;
    client_id_insert(core, index);
}
