/*
 * audit.c - walks the whole state and panics on the first broken invariant (P, O, L, T, I, B of the
 * headers). Slow: for tests, and after every record in builds with HF_EXPENSIVE_CHECKS.
 */
#include "core/resting.h"

/** What the walk has counted so far. */
struct audit {
    const struct hf_core *core;
    const struct hf_book *book; /**< being walked */
    uint64_t last_key;          /**< of the level before, lowest first */
    uint32_t side;
    uint32_t side_levels;
    uint32_t levels;
    uint32_t orders;
    uint32_t nodes;
};

static void
audit_order(const struct audit *audit, uint32_t index)
{
    const struct hf_core *core = audit->core;
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    HF_ASSERT("O1", order->order_id != 0 && order->order_id <= core->lsn && order->open != 0);
    HF_ASSERT("O1", order->side == audit->side);
    HF_ASSERT("O1", order->executed + order->open <= audit->book->quantity_max);
    HF_ASSERT("O1", (order->open + order->executed) % audit->book->lot == 0);
    HF_ASSERT("O1", hf_resting_find(core, order->session, order->client_order_id) == index);
    HF_ASSERT("O1", hf_resting_find_order_id(core, order->order_id) == index);
}

/** Places are low halves of LSNs: comparable while these have not wrapped. */
static void
audit_priority(const struct hf_core *core, const struct hf_order *order)
{
    if (order->prev != 0 && core->lsn <= UINT32_MAX) {
        HF_ASSERT("M1", hf_core_order_pool(core)[order->prev].place < order->place);
    }
}

static void
audit_queue(struct audit *audit, uint32_t level_index)
{
    const struct hf_order *pool = hf_core_order_pool(audit->core);
    const struct hf_level_queue *level = &hf_core_level_pool(audit->core)[level_index];
    uint64_t quantity = 0;
    uint32_t orders = 0;
    uint32_t previous = 0;
    for (uint32_t index = level->head; index != 0; index = pool[index].next) {
        HF_ASSERT("L2", pool[index].level == level_index && pool[index].prev == previous);
        audit_order(audit, index);
        audit_priority(audit->core, &pool[index]);
        quantity += pool[index].open;
        orders++;
        previous = index;
    }
    HF_ASSERT("L1", orders != 0 && level->tail == previous);
    HF_ASSERT("L2", quantity == level->quantity && orders == level->orders);
    audit->orders += orders;
}

static void
audit_level(void *context, uint64_t key, uint32_t index)
{
    struct audit *audit = context;
    HF_ASSERT("P1", index <= audit->core->levels.high);
    const struct hf_level_queue *level = &hf_core_level_pool(audit->core)[index];
    HF_ASSERT("T2", level->key == key && hf_book_key(audit->book, level->price) == key);
    HF_ASSERT("T2", audit->side_levels == 0 || key > audit->last_key);
    HF_ASSERT("B1", level->instrument == audit->book->id && level->side == audit->side);
    HF_ASSERT("B1",
              level->price >= audit->book->price_min && level->price <= audit->book->price_max);
    audit_queue(audit, index);
    audit->last_key = key;
    audit->side_levels++;
}

static void
audit_side(struct audit *audit, uint32_t side)
{
    const struct hf_book_side *own = &audit->book->sides[side - 1];
    struct hf_ladder_space space = hf_core_ladder_space(audit->core);
    audit->side = side;
    audit->side_levels = 0;
    audit->nodes += hf_ladder_audit(space, &own->ladder, audit_level, audit);
    HF_ASSERT("B1", audit->side_levels == own->levels);
    HF_ASSERT("B1", own->best == hf_ladder_end(space, &own->ladder, hf_book_best_end(side)));
    if (own->best != 0) {
        HF_ASSERT("B1", own->best_price == hf_core_level_pool(audit->core)[own->best].price);
    } else {
        HF_ASSERT("B1", own->best_price == (side == HF_BUY ? INT64_MIN : INT64_MAX));
    }
    audit->levels += audit->side_levels;
}

static uint32_t
audit_session(const struct hf_core *core, uint32_t slot)
{
    const struct hf_core_session *session = &hf_core_sessions(core)[slot];
    const struct hf_order *pool = hf_core_order_pool(core);
    uint32_t count = 0;
    uint32_t previous = 0;
    HF_ASSERT("C2", session->id != 0 || session->first_order == 0);
    for (uint32_t index = session->first_order; index != 0; index = pool[index].session_next) {
        HF_ASSERT("O1", pool[index].session == slot && pool[index].session_prev == previous);
        HF_ASSERT("O1", count < session->open_orders);
        count++;
        previous = index;
    }
    HF_ASSERT("O1", count == session->open_orders && count <= core->limits.session_orders_max);
    return count;
}

static void
audit_ids(const struct hf_core *core)
{
    uint32_t entries = core->client_ids.lines * 8;
    uint32_t by_client = 0;
    uint32_t by_order = 0;
    for (uint32_t at = 0; at < entries; at++) {
        by_client += hf_core_client_ids(core)[at].order != 0;
        by_order += hf_core_order_ids(core)[at].order != 0;
    }
    HF_ASSERT("I1", by_client == core->orders.used && by_order == core->orders.used);
}

static void
audit_free_orders(const struct hf_core *core)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    uint32_t count = 0;
    for (uint32_t index = core->orders.free_head; index != 0; index = pool[index].next) {
        HF_ASSERT("O1", pool[index].order_id == 0);
        HF_ASSERT("P2", count < core->orders.high);
        count++;
    }
    HF_ASSERT("P2", count + core->orders.used == core->orders.high);
}

static void
audit_free_levels(const struct hf_core *core)
{
    const struct hf_level_queue *pool = hf_core_level_pool(core);
    uint32_t count = 0;
    for (uint32_t index = core->levels.free_head; index != 0; index = pool[index].instrument) {
        HF_ASSERT("L1", pool[index].orders == 0);
        HF_ASSERT("P2", count < core->levels.high);
        count++;
    }
    HF_ASSERT("P2", count + core->levels.used == core->levels.high);
}

static void
audit_free_nodes(const struct hf_core *core)
{
    const struct hf_ladder_node *pool = hf_core_ladder_space(core).nodes;
    uint32_t count = 0;
    for (uint32_t index = core->nodes.free_head; index != 0; index = pool[index].child[0]) {
        HF_ASSERT("T2", pool[index].bitmap == 0);
        HF_ASSERT("P2", count < core->nodes.high);
        count++;
    }
    HF_ASSERT("P2", count + core->nodes.used == core->nodes.high);
}

void
hf_core_audit(const struct hf_core *core)
{
    struct audit audit = {.core = core};
    for (uint32_t id = 1; id <= core->instruments; id++) {
        audit.book = &hf_core_books(core)[id];
        audit_side(&audit, HF_BUY);
        audit_side(&audit, HF_SELL);
        HF_ASSERT("B2", audit.book->sides[0].best_price < audit.book->sides[1].best_price);
    }
    uint32_t of_sessions = 0;
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        of_sessions += audit_session(core, slot);
    }
    HF_ASSERT("O1", of_sessions == audit.orders);
    HF_ASSERT("P2", audit.orders == core->orders.used && audit.levels == core->levels.used);
    HF_ASSERT("P2", audit.nodes == core->nodes.used);
    audit_free_orders(core);
    audit_free_levels(core);
    audit_free_nodes(core);
    audit_ids(core);
}
