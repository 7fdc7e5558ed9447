/* test_audit.c - the audit is silent on a sound state and panics on each kind of damage. */
#include "core/account.h"
#include "core/entitle.h"
#include "core/events.h"
#include "core/extra.h"
#include "core/limit.h"

#include "script.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fixture *
busy_fixture(void)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 100 10\n2 new 2 B 100 10\n1 new 3 B 90 5\n1 new 4 S 300 5\n"
                        "1 new 5 S 310 5\n1 new 6 S 310 6\n1 cancel 5\n2 new 7 B 35 100 i2\n"
                        "1 replace 1 1 100 11\n1 new 8 S 400 1\n1 cancel 8\n"
                        "0 account 7\n0 account 9 kill\n0 session three kill\n"
                        "0 session late rate5\n"
                        "0 grant one account 7\n0 grant two admin\n0 grant two copies 5\n"
                        "2 new 9 B 80 30 show10\n2 new 10 B market 5 stop500\n"
                        "2 new 11 B 70 5 gtd5000\n2 new 12 B 70 5 gtd5000\n"
                        "2 new 13 B 70 5 gtd4000\n2 new 14 B 70 5 gtd6000\n2 cancel 14\n"
                        "1 new 15 B 999 1\n1 cancel 15");
    return fixture;
}

static struct hf_order *
order_of(const struct fixture *fixture, uint64_t id)
{
    struct hf_order *pool = hf_core_order_pool(fixture->core);
    for (uint32_t i = 1; i <= fixture->core->orders.high; i++) {
        if (pool[i].order_id != 0 && pool[i].client_order_id == id) {
            return &pool[i];
        }
    }
    cr_assert_fail("no order %u", (unsigned)id);
    return NULL;
}

static struct hf_level_queue *
level_of(const struct fixture *fixture, uint64_t id)
{
    return &hf_core_level_pool(fixture->core)[order_of(fixture, id)->level];
}

static struct hf_book *
book(const struct fixture *fixture)
{
    return &hf_core_books(fixture->core)[1];
}

static struct hf_core_session *
session(const struct fixture *fixture)
{
    return &hf_core_sessions(fixture->core)[1];
}

static struct hf_event_mark *
mark_of(const struct fixture *fixture, uint64_t position)
{
    return &hf_events_marks(fixture->core)[position];
}

/** What only builds see that keep totals (Q1): all other sums agree, and `executed` is in none of them. */
#ifdef HF_EXPENSIVE_CHECKS
#define DAMAGES_TO_TOTALS(X)                                                                       \
    X(order_executed, order_of(f, 1)->executed++)                                                  \
    X(order_loses_a_lot, lose_a_lot(f, 6))                                                         \
    X(stop_loses_a_lot, lose_a_lot(f, 10))                                                         \
    X(iceberg_loses_a_lot, lose_a_hidden_lot(f, 9))
#else
#define DAMAGES_TO_TOTALS(X)
#endif

#define DAMAGES(X)                                                                                 \
    X(order_open, order_of(f, 1)->open++)                                                          \
    X(order_none_open, level_of(f, 3)->quantity = order_of(f, 3)->open = 0)                        \
    X(order_id, order_of(f, 1)->order_id++)                                                        \
    X(order_client_id, order_of(f, 1)->client_order_id = 99)                                       \
    X(order_session, order_of(f, 1)->session = 2)                                                  \
    X(order_side, order_of(f, 1)->side = HF_SELL)                                                  \
    X(order_level, order_of(f, 1)->level++)                                                        \
    X(order_prev, order_of(f, 1)->prev = 0)                                                        \
    X(order_place, order_of(f, 1)->place = 0)                                                      \
    X(order_session_link, order_of(f, 3)->session_prev = 0)                                        \
    X(level_quantity, level_of(f, 3)->quantity--)                                                  \
    X(level_orders, level_of(f, 3)->orders++)                                                      \
    X(level_tail, level_of(f, 2)->tail = level_of(f, 2)->head)                                     \
    X(level_key, level_of(f, 3)->key++)                                                            \
    X(level_price, level_of(f, 3)->price++)                                                        \
    X(level_queue, level_of(f, 3)->queue = HF_QUEUE_ASKS)                                          \
    X(level_instrument, level_of(f, 3)->instrument = 2)                                            \
    X(book_tick, book(f)->tick_is_1 = !book(f)->tick_is_1)                                         \
    X(book_best, book(f)->sides[0].best = order_of(f, 3)->level)                                   \
    X(book_best_price, book(f)->sides[0].best_price = 101)                                         \
    X(book_empty_best_price, hf_core_books(f->core)[2].sides[1].best_price = 1000)                 \
    X(book_levels, book(f)->sides[1].levels--)                                                     \
    X(ladder_root, book(f)->sides[0].ladder = (struct hf_ladder){0})                               \
    X(session_orders, session(f)->open_orders--)                                                   \
    X(session_more_orders, session(f)->open_orders++)                                              \
    X(session_list, session(f)->first_order = 0)                                                   \
    X(session_gone, session(f)->id = 0)                                                            \
    X(pool_orders, f->core->orders.used++)                                                         \
    X(pool_levels, f->core->levels.used++)                                                         \
    X(pool_nodes, f->core->nodes.used++)                                                           \
    X(pool_free_orders, f->core->orders.free_head = 0)                                             \
    X(pool_levels_high, f->core->levels.high++)                                                    \
    X(pool_nodes_high, f->core->nodes.high++)                                                      \
    X(stop_not_flagged, order_of(f, 10)->flags = HF_ORDER_EXTRA)                                   \
    X(stop_executed, order_of(f, 10)->executed = 1)                                                \
    X(stop_side, order_of(f, 10)->side = HF_SELL)                                                  \
    X(stop_without_extra, order_of(f, 10)->flags = HF_ORDER_STOP)                                  \
    X(extra_missing, order_of(f, 9)->flags = 0)                                                    \
    X(extra_of_another, extra_of(f, 9)->order++)                                                   \
    X(extra_hidden, extra_of(f, 9)->hidden++)                                                      \
    X(extra_shows_too_much, extra_of(f, 9)->display = 9)                                           \
    X(extra_shows_all, extra_of(f, 9)->display = 0)                                                \
    X(extra_not_in_heap, extra_of(f, 9)->expire_ns = 7)                                            \
    X(level_hidden, level_of(f, 9)->hidden--)                                                      \
    X(heap_position, extra_of(f, 11)->heap_at++)                                                   \
    X(heap_order, extra_of(f, 13)->expire_ns = 9000)                                               \
    X(heap_tie, extra_of(f, 13)->expire_ns = 5000)                                                 \
    X(heap_count, f->core->heap_count--)                                                           \
    X(pool_extras, f->core->extras.used++)                                                         \
    X(pool_extras_high, f->core->extras.high++)                                                    \
    X(extra_free_in_use, hf_core_extras(f->core)[f->core->extras.free_head].hidden = 1)            \
    X(account_open, hf_account_find(f->core, 7)->open_notional++)                                  \
    X(account_killed, hf_account_find(f->core, 7)->killed = 1)                                     \
    X(account_count, f->core->accounts--)                                                          \
    X(session_killed, session(f)->killed = 1)                                                      \
    X(session_unkilled, hf_core_sessions(f->core)[3].killed = 0)                                   \
    X(session_rate, session(f)->rate_max++)                                                        \
    X(session_most_orders, session(f)->orders_max++)                                               \
    X(limits_say_nothing, limits_of(f)[1].row.rate_max = 0)                                        \
    X(limits_twice, (void)strcpy(limits_of(f)[1].row.name, limits_of(f)[0].row.name))              \
    X(limits_count, f->core->limited_names = 1000)                                                 \
    X(session_admin, session(f)->admin = 1)                                                        \
    X(session_lists_none, session(f)->accounts_listed = 0)                                         \
    X(session_lists, session(f)->instruments_listed = 1)                                           \
    X(entitlement_name, entitlements(f)[1].name[0]++)                                              \
    X(entitlement_count, f->core->entitlements--)                                                  \
    X(entitlement_index, *entitlement_index(f) = 0)                                                \
    X(session_grouped, session(f)->grouped = 1)                                                    \
    X(copier_missing, f->core->first_copier = 0)                                                   \
    X(copier_another, f->core->first_copier = 1)                                                   \
    X(copier_more, hf_core_sessions(f->core)[2].next_copier = 3)                                   \
    X(copier_entry, hf_core_sessions(f->core)[2].copy_entry--)                                     \
    X(copier_no_entry, hf_core_sessions(f->core)[2].copy_entry = 0)                                \
    X(event_next, mark_of(f, 2)->next++)                                                           \
    X(event_unlinked, mark_of(f, 2)->next = 0)                                                     \
    X(event_session, mark_of(f, 2)->session = 1)                                                   \
    X(event_nobodys, mark_of(f, 2)->session = 0)                                                   \
    X(event_slots, mark_of(f, 2)->slots = 2)                                                       \
    X(event_half, mark_of(f, 2)->slots = 0)                                                        \
    X(event_number, hf_events_slots(f->core)[2].number++)                                          \
    X(session_last_event, session(f)->last_event--)                                                \
    X(session_no_event, session(f)->last_event = 0)                                                \
    X(session_last_report, session(f)->last_report++)                                              \
    X(ids_used, f->core->ids.used++)                                                               \
    X(ids_buckets, f->core->ids.buckets = 2)                                                       \
    X(ids_stale_head, *free_head(f) = 1)                                                           \
    X(ids_tag, hf_core_id_links(f->core)[1].order.tag++)                                           \
    X(ids_nobodys_tag, hf_core_id_links(f->core)[0].order.tag++)                                   \
    X(ids_nobodys_next, hf_core_id_links(f->core)[0].client.next = 1)                              \
    X(node_height, free_node(f)->height = 1)                                                       \
    X(node_prefix, free_node(f)->prefix = 1)                                                       \
    X(node_bitmap, free_node(f)->bitmap = 1)                                                       \
    X(node_child, free_node(f)->child[63] = 1)                                                     \
    DAMAGES_TO_TOTALS(X)

static struct hf_extra *
extra_of(const struct fixture *fixture, uint64_t id)
{
    return hf_extra_of(fixture->core,
                       (uint32_t)(order_of(fixture, id) - hf_core_order_pool(fixture->core)));
}

static struct hf_entitlement_entry *
entitlements(const struct fixture *fixture)
{
    return hf_core_part(fixture->core, fixture->core->entitlements_at);
}

static struct hf_limit_entry *
limits_of(const struct fixture *fixture)
{
    return hf_core_part(fixture->core, fixture->core->limits_at);
}

/** The first used one. */
static uint32_t *
entitlement_index(const struct fixture *fixture)
{
    uint32_t *index = hf_core_part(fixture->core, fixture->core->entitlement_index_at);
    while (*index == 0) {
        index++;
    }
    return index;
}

/** Of a bucket without orders. */
static uint32_t *
free_head(const struct fixture *fixture)
{
    uint32_t *head = hf_core_client_ids(fixture->core).heads;
    while (*head != 0) {
        head++;
    }
    return head;
}

/** One that was used, and is free again. */
static struct hf_ladder_node *
free_node(const struct fixture *fixture)
{
    cr_assert_neq(fixture->core->nodes.free_head, 0);
    return &hf_core_ladder_space(fixture->core).nodes[fixture->core->nodes.free_head];
}

#ifdef HF_EXPENSIVE_CHECKS

/** Without a trace in what its level and its account sum up to. */
static void
lose_a_lot(const struct fixture *fixture, uint64_t id)
{
    struct hf_order *order = order_of(fixture, id);
    uint32_t index = (uint32_t)(order - hf_core_order_pool(fixture->core));
    order->open--;
    level_of(fixture, id)->quantity--;
    hf_account_take(fixture->core, order->account, hf_account_price(fixture->core, index), 1);
}

static void
lose_a_hidden_lot(const struct fixture *fixture, uint64_t id)
{
    const struct hf_order *order = order_of(fixture, id);
    uint32_t index = (uint32_t)(order - hf_core_order_pool(fixture->core));
    extra_of(fixture, id)->hidden--;
    level_of(fixture, id)->hidden--;
    hf_account_take(fixture->core, order->account, hf_account_price(fixture->core, index), 1);
}

#endif

struct damage {
    const char *name;
    void (*inflict)(struct fixture *f);
};

#define DAMAGE_FUNCTION(name, statement)                                                           \
    static void damage_##name(struct fixture *f)                                                   \
    {                                                                                              \
        statement;                                                                                 \
    }
DAMAGES(DAMAGE_FUNCTION)
#define DAMAGE_ENTRY(name, statement) {#name, damage_##name},
static const struct damage damages[] = {DAMAGES(DAMAGE_ENTRY)};

Test(audit, is_silent_on_a_sound_state)
{
    struct fixture *fixture = busy_fixture();
    hf_core_audit(fixture->core);
    fixture_free(fixture);
}

/** Whether the audit aborts in a child process after the damage. */
static bool
is_noticed(const struct damage *damage)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct fixture *fixture = busy_fixture();
        (void)freopen("/dev/null", "w", stderr);
        (void)signal(SIGABRT, SIG_DFL);
        damage->inflict(fixture);
        hf_core_audit(fixture->core);
        _exit(0);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

Test(audit, notices_every_kind_of_damage)
{
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        cr_expect(is_noticed(&damages[i]), "not noticed: %s", damages[i].name);
    }
}

/** Of `lsns` records of `slots` slots each: behind how many is an audit due? */
static uint64_t
audits_due(struct fixture *fixture, uint64_t lsns, unsigned slots)
{
    uint64_t due = 0;
    for (uint64_t i = 0; i < lsns; i++) {
        fixture->core->lsn += slots;
        due += hf_core_audit_is_due(fixture->core);
    }
    return due;
}

Test(audit, is_due_behind_every_record_of_a_small_state_and_some_of_a_large_one)
{
    struct fixture *fixture = busy_fixture();
    cr_expect_eq(audits_due(fixture, 1000, 1), 1000);
    fixture->core->orders.high = 1000000; /* as if there were so many */
    for (unsigned slots = 1; slots <= HF_MESSAGE_SLOTS_MAX; slots++) {
        uint64_t due = audits_due(fixture, 10000, slots);
        cr_expect(due >= 10 && due <= 500, "%u slots: due behind %u of 10,000", slots,
                  (unsigned)due);
    }
    fixture_free(fixture);
}

Test(audit, places_are_compared_until_they_wrap)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    fixture->core->lsn = (uint64_t)UINT32_MAX - 1;
    run_script(fixture, "1 new 1 B 100 10\n1 new 2 B 100 10\n1 new 3 B 100 10\n2 new 4 S 100 25");
    cr_expect_eq(hf_core_lsn(fixture->core), (uint64_t)UINT32_MAX + 3);
    fixture_free(fixture);
}
