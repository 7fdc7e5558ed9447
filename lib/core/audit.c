/*
 * audit.c - walks the whole state and panics on the first broken invariant (the letters of the
 * headers). Slow: for tests, and in builds with HF_EXPENSIVE_CHECKS after every record, or, where there is
 * more to walk than WALK_ALWAYS, after so many that a record costs no more than that.
 */
#include "core/account.h"
#include "core/alter.h"
#include "core/copy.h"
#include "core/entitle.h"
#include "core/events.h"
#include "core/limit.h"
#include "core/resting.h"
#include "core/stop.h"
#include "core/total.h"

#include <string.h>

/** Events that are walked: older ones were walked when they were new, and only get their `next`. */
#define AUDIT_EVENTS 256u

/** Entries that are walked after every record. */
#define WALK_ALWAYS 2048u

/** What the walk has counted so far. */
struct audit {
    const struct hf_core *core;
    const struct hf_book *book; /**< being walked */
    uint64_t last_key;          /**< of the level before, lowest first */
    uint32_t queue;             /**< enum hf_queue */
    uint32_t side_levels;
    uint32_t levels;
    uint32_t orders;
    uint32_t nodes;
};

static void
audit_extra(const struct hf_core *core, uint32_t index)
{
    const struct hf_extra *extra = hf_extra_of(core, index);
    if (extra == NULL) {
        HF_ASSERT("X1", (hf_core_order_pool(core)[index].flags & HF_ORDER_STOP) == 0);
        return;
    }
    HF_ASSERT("X1", extra->order == index);
    HF_ASSERT("X2", (extra->expire_ns != 0) == (extra->heap_at != 0));
    HF_ASSERT("X2", extra->heap_at <= core->heap_count);
    HF_ASSERT("M2", extra->hidden == 0 || extra->display != 0);
    HF_ASSERT("M2", extra->display == 0 || hf_core_order_pool(core)[index].open <= extra->display);
}

static void
audit_order(const struct audit *audit, uint32_t index)
{
    const struct hf_core *core = audit->core;
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    HF_ASSERT("O1", order->order_id != 0 && order->order_id <= core->lsn && order->open != 0);
    bool waits = audit->queue >= HF_QUEUE_SELL_STOPS;
    HF_ASSERT("O1", waits == ((order->flags & HF_ORDER_STOP) != 0));
    HF_ASSERT("O1", !waits || order->executed == 0);
    HF_ASSERT("O1", audit->queue ==
                        (waits ? hf_queue_of_stops(order->side) : hf_queue_of_side(order->side)));
    audit_extra(core, index);
    hf_total_check(core, order);
    HF_ASSERT("O1", hf_resting_find(core, order->session, order->client_order_id) == index);
    HF_ASSERT("O1", hf_resting_find_order_id(core, order->order_id) == index);
}

/** Places are low halves of LSNs: comparable while these have not wrapped. */
static void
audit_priority(const struct hf_core *core, const struct hf_order *order)
{
    if (order->prev != 0 && core->lsn <= UINT32_MAX) {
        HF_ASSERT("M1", hf_core_order_pool(core)[order->prev].place <= order->place);
    }
}

static void
audit_queue(struct audit *audit, uint32_t level_index)
{
    const struct hf_order *pool = hf_core_order_pool(audit->core);
    const struct hf_level_queue *level = &hf_core_level_pool(audit->core)[level_index];
    uint64_t quantity = 0;
    uint64_t hidden = 0;
    uint32_t orders = 0;
    uint32_t previous = 0;
    for (uint32_t index = level->head; index != 0; index = pool[index].next) {
        HF_ASSERT("L2", pool[index].level == level_index && pool[index].prev == previous);
        audit_order(audit, index);
        audit_priority(audit->core, &pool[index]);
        quantity += pool[index].open;
        hidden += hf_extra_hidden(audit->core, index);
        orders++;
        previous = index;
    }
    HF_ASSERT("L1", orders != 0 && level->tail == previous);
    HF_ASSERT("L2", quantity == level->quantity && hidden == level->hidden);
    HF_ASSERT("L2", orders == level->orders);
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
    HF_ASSERT("B1", level->instrument == audit->book->id && level->queue == audit->queue);
    audit_queue(audit, index);
    audit->last_key = key;
    audit->side_levels++;
}

static void
audit_side(struct audit *audit, uint32_t queue)
{
    const struct hf_book_side *own = &audit->book->sides[queue];
    struct hf_ladder_space space = hf_core_ladder_space(audit->core);
    audit->queue = queue;
    audit->side_levels = 0;
    audit->nodes += hf_ladder_audit(space, &own->ladder, audit_level, audit);
    HF_ASSERT("B1", audit->side_levels == own->levels);
    HF_ASSERT("B1", own->best == hf_ladder_end(space, &own->ladder, hf_book_best_end(queue)));
    if (own->best != 0) {
        HF_ASSERT("B1", own->best_price == hf_core_level_pool(audit->core)[own->best].price);
    } else {
        HF_ASSERT("B1", own->best_price == ((queue & 1) == 0 ? INT64_MIN : INT64_MAX));
    }
    HF_ASSERT("B4", audit->book->tick_is_1 == (audit->book->tick == 1));
    audit->levels += audit->side_levels;
}

/** B2 and B3. */
static void
audit_open(const struct hf_book *book)
{
    HF_ASSERT("B2", book->sides[HF_QUEUE_BIDS].best_price < book->sides[HF_QUEUE_ASKS].best_price);
    for (uint32_t side = HF_BUY; side <= HF_SELL; side++) {
        const struct hf_book_side *stops = &book->sides[hf_queue_of_stops(side)];
        HF_ASSERT("B3", stops->best == 0 || !hf_stop_is_met(book, side, stops->best_price));
    }
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
        HF_ASSERT("O1", previous == 0 || pool[index].order_id < pool[previous].order_id);
        count++;
        previous = index;
    }
    HF_ASSERT("O1", count == session->open_orders);
    HF_ASSERT("E2", session->present_report <= session->last_report);
    HF_ASSERT("E2", hf_core_session_next_shown(session) <= session->last_report + 1);
    HF_ASSERT("O1", session->last_order == previous);
    HF_ASSERT("A2", !session->killed || count == 0);
    HF_ASSERT("S1", session->grace_until_ns == 0 || session->connected != 0);
    return count;
}

static void
audit_table(struct hf_id_table table, uint32_t live)
{
    const struct hf_ids *ids = table.ids;
    uint32_t found = 0;
    for (uint32_t bucket = 0; bucket < ids->buckets; bucket++) {
        for (uint32_t at = table.heads[bucket]; at != 0; at = hf_ids_link(table, at)->next) {
            HF_ASSERT("I2", hf_ids_bucket(ids, hf_ids_link(table, at)->tag) == bucket);
            HF_ASSERT("I1", found < live); /* a chain that comes back to itself ends here */
            found++;
        }
    }
    HF_ASSERT("I1", found == live && ids->used == live);
    HF_ASSERT("I4", hf_ids_link(table, 0)->tag == 0 && hf_ids_link(table, 0)->next == 0);
    HF_ASSERT("I3", ids->buckets >= 2 * ids->used || ids->buckets == ids->buckets_max);
}

static void
audit_ids(const struct hf_core *core)
{
    audit_table(hf_core_client_ids(core), core->orders.used);
    audit_table(hf_core_order_ids(core), core->orders.used);
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

/** Zero but for the link. */
static void
audit_free_node(const struct hf_ladder_node *node)
{
    HF_ASSERT("T2", node->bitmap == 0 && node->prefix == 0 && node->height == 0);
    for (uint32_t digit = 1; digit < 64; digit++) {
        HF_ASSERT("T2", node->child[digit] == 0);
    }
}

static void
audit_free_nodes(const struct hf_core *core)
{
    const struct hf_ladder_node *pool = hf_core_ladder_space(core).nodes;
    uint32_t count = 0;
    for (uint32_t index = core->nodes.free_head; index != 0; index = pool[index].child[0]) {
        audit_free_node(&pool[index]);
        HF_ASSERT("P2", count < core->nodes.high);
        count++;
    }
    HF_ASSERT("P2", count + core->nodes.used == core->nodes.high);
}

static void
audit_heap(const struct hf_core *core)
{
    const struct hf_extra *extras = hf_core_extras(core);
    const struct hf_order *orders = hf_core_order_pool(core);
    const uint32_t *heap = hf_core_heap(core);
    for (uint32_t at = 1; at <= core->heap_count; at++) {
        const struct hf_extra *child = &extras[heap[at]];
        const struct hf_extra *parent = &extras[heap[at == 1 ? 1 : at / 2]];
        HF_ASSERT("X2", child->heap_at == at && child->expire_ns != 0);
        HF_ASSERT("X2", parent->expire_ns < child->expire_ns ||
                            (parent->expire_ns == child->expire_ns &&
                             orders[parent->order].order_id <= orders[child->order].order_id));
    }
}

static void
audit_free_extras(const struct hf_core *core)
{
    const struct hf_extra *pool = hf_core_extras(core);
    uint32_t count = 0;
    for (uint32_t index = core->extras.free_head; index != 0; index = pool[index].order) {
        HF_ASSERT("X1", pool[index].heap_at == 0 && pool[index].hidden == 0);
        HF_ASSERT("P2", count < core->extras.high);
        count++;
    }
    HF_ASSERT("P2", count + core->extras.used == core->extras.high);
}

static void
audit_extras(const struct hf_core *core)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    uint32_t extras = 0;
    for (uint32_t index = 1; index <= core->orders.high; index++) {
        extras += pool[index].order_id != 0 && (pool[index].flags & HF_ORDER_EXTRA) != 0;
    }
    HF_ASSERT("X1", extras == core->extras.used);
    audit_free_extras(core);
    audit_heap(core);
}

/** A1 and A2: what the account's orders sum up to, counted afresh. */
static void
audit_account(const struct hf_core *core, const struct hf_account *account)
{
    const struct hf_order *pool = hf_core_order_pool(core);
    hf_notional sum = 0;
    for (uint32_t index = 1; index <= core->orders.high; index++) {
        if (pool[index].order_id != 0 && pool[index].account == account->number) {
            HF_ASSERT("A2", !account->killed);
            sum += hf_notional_of(hf_account_price(core, index), hf_alter_open(core, index));
        }
    }
    HF_ASSERT("A1", sum == account->open_notional);
}

static void
audit_accounts(const struct hf_core *core)
{
    const struct hf_account *accounts = hf_core_part(core, core->accounts_at);
    uint32_t count = 0;
    for (uint32_t at = 0; at < hf_account_entries(&core->limits); at++) {
        if (accounts[at].used) {
            audit_account(core, &accounts[at]);
            count++;
        }
    }
    HF_ASSERT("A1", count == core->accounts);
}

static void
audit_entitlements(const struct hf_core *core)
{
    const uint32_t *index = hf_core_part(core, core->entitlement_index_at);
    const struct hf_entitlement_entry *entries = hf_core_part(core, core->entitlements_at);
    uint32_t count = 0;
    for (uint32_t at = 0; at < hf_entitle_index_entries(&core->limits); at++) {
        HF_ASSERT("N1", index[at] <= core->entitlements);
        count += index[at] != 0;
    }
    HF_ASSERT("N1", count == core->entitlements);
    for (uint32_t at = 0; at < core->entitlements; at++) {
        HF_ASSERT("N1", hf_entitle_has(core, entries[at].name, entries[at].kind, entries[at].id));
    }
}

static void
audit_limits(const struct hf_core *core)
{
    const struct hf_limit_entry *entries = hf_core_part(core, core->limits_at);
    HF_ASSERT("N3", core->limited_names <= hf_limit_entries(&core->limits));
    for (uint32_t at = 0; at < core->limited_names; at++) {
        const struct hf_limits_row *row = &entries[at].row;
        HF_ASSERT("N3", row->orders_max != 0 || row->rate_max != 0 || row->killed != 0);
        for (uint32_t other = 0; other < at; other++) {
            HF_ASSERT("N3", strncmp(entries[other].row.name, row->name, HF_NAME_BYTES) != 0);
        }
    }
}

static void
audit_rights(const struct hf_core *core, uint32_t slot)
{
    const struct hf_core_session *session = &hf_core_sessions(core)[slot];
    struct hf_core_session fresh = *session;
    if (session->id != 0) {
        hf_entitle_refresh(core, &fresh);
    }
    HF_ASSERT("N2", fresh.admin == session->admin);
    HF_ASSERT("N2", fresh.accounts_listed == session->accounts_listed &&
                        fresh.instruments_listed == session->instruments_listed);
    HF_ASSERT("N2", fresh.grouped == session->grouped);
    if (session->id != 0) {
        hf_limit_refresh(core, &fresh);
    }
    HF_ASSERT("N4", fresh.orders_max == session->orders_max &&
                        fresh.rate_max == session->rate_max && fresh.killed == session->killed);
}

/** D2: each session's chain, and the chain of those that have one. */
static void
audit_copiers(const struct hf_core *core)
{
    const struct hf_entitlement_entry *entries = hf_core_part(core, core->entitlements_at);
    const struct hf_core_session *sessions = hf_core_sessions(core);
    uint32_t expected = core->first_copier;
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        uint32_t count = 0;
        bool may = sessions[slot].id != 0 && hf_entitle_is_clients(core, &sessions[slot]);
        for (uint32_t at = 0; may && at < core->entitlements; at++) {
            count += entries[at].kind == HF_ENTITLE_DROP_COPY &&
                     strncmp(entries[at].name, sessions[slot].name, HF_NAME_BYTES) == 0;
        }
        for (uint32_t at = sessions[slot].copy_entry; at != 0; at = entries[at - 1].next) {
            HF_ASSERT("D2", count != 0 && entries[at - 1].kind == HF_ENTITLE_DROP_COPY);
            HF_ASSERT("D2", strncmp(entries[at - 1].name, sessions[slot].name, HF_NAME_BYTES) == 0);
            count--;
        }
        HF_ASSERT("D2", count == 0);
        HF_ASSERT("D2", (sessions[slot].copy_entry != 0) == (slot == expected));
        expected = slot == expected ? sessions[slot].next_copier : expected;
    }
    HF_ASSERT("D2", expected == 0);
}

/** V1 and V2 of the event at a position. @return slots that it takes */
static uint32_t
audit_event(const struct hf_core *core, uint64_t position)
{
    const struct hf_report *slots = hf_events_slots(core);
    const struct hf_event_mark *mark = &hf_events_marks(core)[hf_events_at(core, position)];
    const struct hf_core_session *session = &hf_core_sessions(core)[mark->session];
    const struct hf_report *report = &slots[hf_events_at(core, position)];
    HF_ASSERT("V1", mark->session != 0 && mark->session <= core->sessions_high);
    if (mark->slots == 0) { /* the other half is overwritten */
        HF_ASSERT("V1", position == hf_core_event_first(core) && mark->next == 0);
        return 1;
    }
    HF_ASSERT("V1", mark->slots == report->slots && position + mark->slots - 1 <= core->last_event);
    if (mark->next != 0) {
        uint64_t next = hf_events_at(core, position + mark->next);
        HF_ASSERT("V1", mark->next >= mark->slots && position + mark->next <= core->last_event);
        HF_ASSERT("V1", hf_events_marks(core)[next].session == mark->session);
        HF_ASSERT("V1", slots[next].number == report->number + mark->slots);
    } else if (session->id != 0 && report->lsn > session->id) {
        HF_ASSERT("V2", session->last_event == position);
        HF_ASSERT("V2", session->last_report == report->number + mark->slots - 1);
    }
    return mark->slots;
}

static void
audit_events(const struct hf_core *core)
{
    uint64_t first = hf_core_event_first(core);
    if (core->last_event > first + AUDIT_EVENTS) {
        first = core->last_event - AUDIT_EVENTS;
        bool half = hf_events_marks(core)[hf_events_at(core, first)].slots == 0;
        first += half ? 1 : 0;
    }
    for (uint64_t position = first; position <= core->last_event;) {
        position += audit_event(core, position);
    }
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        const struct hf_core_session *session = &hf_core_sessions(core)[slot];
        HF_ASSERT("V2", (session->last_event != 0) == (session->last_report != 0));
        HF_ASSERT("V2", session->last_event <= core->last_event);
    }
}

/** Entries that a walk comes by, about. */
static uint64_t
walk_entries(const struct hf_core *core)
{
    uint64_t accounts =
        hf_account_entries(&core->limits) + (uint64_t)core->accounts * core->orders.high;
    uint64_t books = (uint64_t)core->instruments * HF_QUEUES + core->levels.high +
                     64 * (uint64_t)core->nodes.high;
    return 2 * (uint64_t)core->orders.high + 2 * (uint64_t)core->ids.buckets + accounts + books +
           hf_entitle_index_entries(&core->limits);
}

bool
hf_core_audit_is_due(const struct hf_core *core)
{
    uint64_t pace = 1 + walk_entries(core) / WALK_ALWAYS;
    return core->lsn % pace < HF_MESSAGE_SLOTS_MAX; /* a record of two may step over a multiple */
}

void
hf_core_audit(const struct hf_core *core)
{
    struct audit audit = {.core = core};
    for (uint32_t id = 1; id <= core->instruments; id++) {
        audit.book = &hf_core_books(core)[id];
        for (uint32_t queue = 0; queue < HF_QUEUES; queue++) {
            audit_side(&audit, queue);
        }
        HF_ASSERT("B3", !audit.book->stops_due);
        if (hf_book_is_open(audit.book)) {
            audit_open(audit.book);
        }
    }
    uint32_t of_sessions = 0;
    audit_limits(core);  /* before those of open sessions are looked up */
    audit_copiers(core); /* before audit_rights(), which sets the chains up afresh */
    for (uint32_t slot = 1; slot <= core->sessions_high; slot++) {
        of_sessions += audit_session(core, slot);
        audit_rights(core, slot);
    }
    HF_ASSERT("O1", of_sessions == audit.orders);
    HF_ASSERT("P2", audit.orders == core->orders.used && audit.levels == core->levels.used);
    HF_ASSERT("P2", audit.nodes == core->nodes.used);
    audit_free_orders(core);
    audit_free_levels(core);
    audit_free_nodes(core);
    audit_ids(core);
    audit_extras(core);
    audit_accounts(core);
    audit_entitlements(core);
    audit_events(core);
}
