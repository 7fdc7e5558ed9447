/* ahead.c - hints to the processor about records that come (ahead.h). */
#include "core/ahead.h"

#include "base/fetch.h"
#include "core/state.h"

/* Distances in slots, of 100 to 200 ns each: a miss is over by the next stage, and the lines of one
 * record's stages (about 12) times FAR fit into the first cache. */
#define FAR HF_AHEAD_FAR
#define WAY 22u /* even, all of them: a message of two slots makes a step of two */
#define LOOK 18u
#define NEXT HF_AHEAD_NEXT
#define NEAR 10u
#define CLOSE 6u
HF_STATIC_ASSERT(FAR < HF_AHEAD_SLOTS, "a slot keeps its place from FAR to CLOSE");

static bool
names_an_order(const struct hf_record *record)
{
    return record->type == HF_COMMAND_CANCEL || record->type == HF_COMMAND_REPLACE ||
           record->type == HF_COMMAND_REDUCE;
}

static void
fetch_bucket(struct hf_id_table table, uint32_t tag)
{
    hf_fetch(&table.heads[hf_ids_bucket(table.ids, tag)]);
}

static void
fetch_order_bucket(const struct hf_core *core, uint64_t order_id)
{
    fetch_bucket(hf_core_order_ids(core), hf_ids_tag(&core->ids, 0, order_id));
}

static bool
is_of_a_book(const struct hf_core *core, const struct hf_record *record)
{
    return record->instrument != 0 && record->instrument <= core->instruments &&
           (record->side == HF_BUY || record->side == HF_SELL);
}

static void
look_far(const struct hf_core *core, const struct hf_record *record, struct hf_ahead_found *found)
{
    uint64_t id = record->type == HF_COMMAND_REPLACE ? record->target_client_order_id
                                                     : record->client_order_id;
    found->named = names_an_order(record);
    if (!found->named && record->type != HF_COMMAND_NEW) {
        return;
    }
    found->tag = hf_ids_tag(&core->ids, record->session, id);
    fetch_bucket(hf_core_client_ids(core), found->tag);
    if (!found->named && is_of_a_book(core, record)) {
        const struct hf_book *book = &hf_core_books(core)[record->instrument];
        found->is_new = true;
        found->instrument = record->instrument;
        found->side = record->side;
        found->price = record->price;
        fetch_order_bucket(core, hf_core_lsn(core) + 1 + FAR);
        hf_fetch(&book->sides[HF_QUEUE_BIDS]);
        hf_fetch(&book->sides[HF_QUEUE_SELL_STOPS]);
        hf_fetch(&book->last_price);
        hf_fetch(&book->collar);
    }
}

/** Where a tag's chain begins: nearly all chains have one order, if any. */
static void
fetch_chain(struct hf_id_table table, uint32_t tag)
{
    hf_fetch(hf_ids_link(table, table.heads[hf_ids_bucket(table.ids, tag)]));
}

static const struct hf_ladder *
ladder_of(const struct hf_core *core, const struct hf_ahead_found *found)
{
    const struct hf_book *book = &hf_core_books(core)[found->instrument];
    return &book->sides[hf_queue_of_side(found->side)].ladder;
}

/** A new order: who bears its id's tag already, and where the way to its price begins. */
static void
look_way(const struct hf_core *core, const struct hf_ahead_found *found)
{
    if (found->is_new) {
        fetch_chain(hf_core_client_ids(core), found->tag);
        hf_fetch(hf_core_ladder_space(core).nodes + ladder_of(core, found)->root);
    }
}

/** Where the way to its price ends. */
static void
look_leaf(const struct hf_core *core, const struct hf_ahead_found *found)
{
    const struct hf_book *book = &hf_core_books(core)[found->instrument];
    if (book->tick != 0) {
        uint64_t key = hf_book_key(book, found->price);
        const struct hf_ladder_node *leaf =
            hf_ladder_leaf(hf_core_ladder_space(core), ladder_of(core, found), key);
        hf_fetch(leaf);
        hf_fetch(&leaf->child[hf_ladder_digit(key, 0)]);
    }
}

/** The level that an order meets first, or else that of its own price. */
static void
look_for_level(const struct hf_core *core, struct hf_ahead_found *found)
{
    struct hf_book *book = &hf_core_books(core)[found->instrument];
    const struct hf_book_side *opposite = hf_book_opposite(book, found->side);
    if (hf_book_crosses(opposite, found->side, found->price)) {
        found->level = opposite->best;
        found->trades = true;
    } else if (book->tick != 0) {
        const struct hf_book_side *own = &book->sides[hf_queue_of_side(found->side)];
        found->level = hf_ladder_find(hf_core_ladder_space(core), &own->ladder,
                                      hf_book_key(book, found->price));
    }
    hf_fetch(&hf_core_level_pool(core)[found->level]);
}

/** The order that may be the one named. */
static void
fetch_candidate(const struct hf_core *core, const struct hf_ahead_found *found)
{
    hf_fetch(&hf_core_order_pool(core)[found->order]);
    hf_fetch(&hf_core_id_links(core)[found->order]);
}

static void
look(const struct hf_core *core, struct hf_ahead_found *found)
{
    if (found->named) {
        struct hf_id_table table = hf_core_client_ids(core);
        found->order = table.heads[hf_ids_bucket(table.ids, found->tag)];
        fetch_candidate(core, found);
    } else if (found->is_new) {
        look_leaf(core, found);
    }
}

/** One further along the chain, unless its first is the one named. */
static void
look_along(const struct hf_core *core, struct hf_ahead_found *found)
{
    const struct hf_id_link *link = hf_ids_link(hf_core_client_ids(core), found->order);
    if (found->order != 0 && link->tag != found->tag) {
        found->order = link->next;
        fetch_candidate(core, found);
    }
}

static void
look_next(const struct hf_core *core, struct hf_ahead_found *found)
{
    if (found->named) {
        look_along(core, found);
    } else if (found->is_new) {
        look_for_level(core, found);
    }
}

/** What a live order hangs together with. */
static void
look_beside(const struct hf_core *core, uint32_t index)
{
    const struct hf_order *orders = hf_core_order_pool(core);
    const struct hf_order *order = &orders[index];
    hf_fetch(&hf_core_level_pool(core)[order->level]);
    hf_fetch(&orders[order->next]);
    hf_fetch(&orders[order->prev]);
    hf_fetch(&orders[order->session_next]);
    hf_fetch(&orders[order->session_prev]);
    hf_fetch(&hf_core_id_links(core)[index]);
    fetch_order_bucket(core, order->order_id);
}

static void
look_near(const struct hf_core *core, struct hf_ahead_found *found)
{
    if (found->named) {
        look_beside(core, found->order); /* nearly always the one named */
    } else if (found->level != 0) {
        const struct hf_level_queue *level = &hf_core_level_pool(core)[found->level];
        found->order = found->trades ? level->head : level->tail;
        hf_fetch(&hf_core_order_pool(core)[found->order]);
    }
}

/** What stands before the named order in its other chain; of the first order that a new one trades with, what
 *  it hangs together with, and its bucket. */
static void
look_close(const struct hf_core *core, const struct hf_ahead_found *found)
{
    if (found->named) {
        struct hf_id_table table = hf_core_order_ids(core);
        fetch_chain(table, hf_ids_link(table, found->order)->tag);
    } else if (found->trades && found->order != 0) {
        const struct hf_order *order = &hf_core_order_pool(core)[found->order];
        fetch_bucket(hf_core_client_ids(core),
                     hf_ids_tag(&core->ids, order->session, order->client_order_id));
        look_beside(core, found->order);
    }
}

/** What is known of the slot at a position. NULL: nothing */
static struct hf_ahead_found *
known(struct hf_ahead *ahead, uint64_t position)
{
    struct hf_ahead_found *found = &ahead->found[position % HF_AHEAD_SLOTS];
    return found->position == position ? found : NULL;
}

void
hf_ahead_look(struct hf_ahead *ahead, const struct hf_core *core, uint64_t position,
              const struct hf_record *far)
{
    struct hf_ahead_found *found;
    if (core->orders.used < HF_AHEAD_ORDERS) {
        return;
    }
    if (far != NULL) {
        found = &ahead->found[(position + FAR) % HF_AHEAD_SLOTS];
        *found = (struct hf_ahead_found){.position = position + FAR};
        look_far(core, far, found);
    }
    if ((found = known(ahead, position + WAY)) != NULL) {
        look_way(core, found);
    }
    if ((found = known(ahead, position + LOOK)) != NULL) {
        look(core, found);
    }
    if ((found = known(ahead, position + NEXT)) != NULL) {
        look_next(core, found);
    }
    if ((found = known(ahead, position + NEAR)) != NULL) {
        look_near(core, found);
    }
    if ((found = known(ahead, position + CLOSE)) != NULL) {
        look_close(core, found);
    }
}
