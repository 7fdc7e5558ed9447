/*
 * resting.c - live orders: pool, both id tables, the session's list, the book.
 */
#include "core/resting.h"

#include "core/hot.h"

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

uint32_t
hf_resting_add(struct hf_core *core, const struct hf_order *order, const struct hf_extra *extra,
               struct hf_book *book, uint32_t queue, int64_t price)
{
    return hf_hot_add(core, order, extra, book, queue, price);
}

void
hf_resting_drop_unbooked(struct hf_core *core, uint32_t index)
{
    hf_hot_drop_unbooked(core, index);
}

void
hf_resting_rename(struct hf_core *core, uint32_t index, uint64_t client_order_id)
{
    hf_ids_remove(hf_core_client_ids(core), index);
    struct hf_order *order = &hf_core_order_pool(core)[index];
    order->client_order_id = client_order_id;
    hf_ids_insert(hf_core_client_ids(core), hf_hot_place(core, order->session, client_order_id),
                  index);
}
