/* replay_seed.c - see replay_seed.h. */
#include "cli/replay_seed.h"

#include <stdlib.h>

static bool
takes(const struct hf_lobster_message *message)
{
    return message->type == HF_LOBSTER_REDUCE || message->type == HF_LOBSTER_DELETE ||
           message->type == HF_LOBSTER_EXECUTE;
}

/** First pass: one entry per order that is taken from, in order of appearance. */
static bool
collect_taken(struct hf_replay_seed *seed, const struct hf_lobster_message *messages,
              uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct hf_lobster_message *message = &messages[i];
        if (!takes(message)) {
            continue;
        }
        uint32_t number = hf_replay_map_get(&seed->by_id, message->order_id);
        if (number == 0) {
            seed->orders[seed->order_count++] = (struct hf_replay_seed_order){
                .id = message->order_id, .price = message->price, .side = message->side};
            number = seed->order_count;
            if (!hf_replay_map_put(&seed->by_id, message->order_id, number)) {
                return false;
            }
        }
        seed->orders[number - 1].remaining += message->quantity;
    }
    return true;
}

static int
compare_levels(uint8_t side_a, int64_t price_a, uint8_t side_b, int64_t price_b)
{
    if (side_a != side_b) {
        return side_a < side_b ? -1 : 1;
    }
    return (price_a > price_b) - (price_a < price_b);
}

static int
compare_orders(const void *left, const void *right)
{
    const struct hf_replay_seed_order *a = left;
    const struct hf_replay_seed_order *b = right;
    int levels = compare_levels(a->side, a->price, b->side, b->price);
    return levels != 0 ? levels : (a->id > b->id) - (a->id < b->id);
}

/** The map must point to where the orders are after sorting. */
static bool
index_orders(struct hf_replay_seed *seed)
{
    for (uint32_t i = 0; i < seed->order_count; i++) {
        if (!hf_replay_map_put(&seed->by_id, seed->orders[i].id, i + 1)) {
            return false;
        }
    }
    return true;
}

static void
mark_submitted(struct hf_replay_seed *seed, const struct hf_lobster_message *messages,
               uint32_t count)
{
    for (uint32_t i = count; i > 0; i--) { /* backwards: the first submission of an id stays */
        const struct hf_lobster_message *message = &messages[i - 1];
        uint32_t number = hf_replay_map_get(&seed->by_id, message->order_id);
        if (message->type == HF_LOBSTER_SUBMIT && number != 0) {
            seed->orders[number - 1].submitted = i;
        }
    }
}

static void
group_levels(struct hf_replay_seed *seed)
{
    struct hf_replay_seed_level *level = NULL;
    for (uint32_t i = 0; i < seed->order_count; i++) {
        const struct hf_replay_seed_order *order = &seed->orders[i];
        seed->members[i] = i;
        if (level == NULL ||
            compare_levels(level->side, level->price, order->side, order->price) != 0) {
            level = &seed->levels[seed->level_count++];
            *level = (struct hf_replay_seed_level){
                .price = order->price, .first = i, .side = order->side};
        }
        level->count++;
    }
}

bool
hf_replay_seed_build(struct hf_replay_seed *seed, const struct hf_lobster_message *messages,
                     uint32_t count)
{
    *seed = (struct hf_replay_seed){0};
    size_t room = (size_t)count + 1; /* never zero */
    seed->orders = calloc(room, sizeof *seed->orders);
    seed->levels = calloc(room, sizeof *seed->levels);
    seed->members = calloc(room, sizeof *seed->members);
    if (seed->orders == NULL || seed->levels == NULL || seed->members == NULL ||
        !collect_taken(seed, messages, count)) {
        return false;
    }
    qsort(seed->orders, seed->order_count, sizeof *seed->orders, compare_orders);
    if (!index_orders(seed)) {
        return false;
    }
    mark_submitted(seed, messages, count);
    group_levels(seed);
    return true;
}

void
hf_replay_seed_free(struct hf_replay_seed *seed)
{
    free(seed->orders);
    free(seed->levels);
    free(seed->members);
    hf_replay_map_free(&seed->by_id);
    *seed = (struct hf_replay_seed){0};
}

void
hf_replay_seed_pass(struct hf_replay_seed *seed, const struct hf_lobster_message *message)
{
    uint32_t number = takes(message) ? hf_replay_map_get(&seed->by_id, message->order_id) : 0;
    if (number != 0) {
        seed->orders[number - 1].remaining -= message->quantity;
    }
}

static struct hf_replay_seed_level *
find_level(struct hf_replay_seed *seed, uint8_t side, int64_t price)
{
    uint32_t low = 0;
    uint32_t high = seed->level_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct hf_replay_seed_level *level = &seed->levels[middle];
        int order = compare_levels(level->side, level->price, side, price);
        if (order == 0) {
            return level;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/** Drop members that nothing will be taken from any more, so that no plan looks at them again. */
static void
prune(struct hf_replay_seed *seed, struct hf_replay_seed_level *level)
{
    uint32_t *members = seed->members + level->first;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < level->count; i++) {
        if (seed->orders[members[i]].remaining > 0) {
            members[kept++] = members[i];
        }
    }
    level->count = kept;
}

static bool
rests_for_certain(const struct hf_replay_seed_order *order, uint64_t row)
{
    return order->submitted != 0 && order->submitted <= row;
}

/** Let an order have its quantity out of what is left, if there is so much. */
static bool
fit(uint64_t *left, uint64_t quantity)
{
    if (quantity > *left) {
        return false;
    }
    *left -= quantity;
    return true;
}

uint64_t
hf_replay_seed_plan(struct hf_replay_seed *seed, uint8_t side, int64_t price, uint64_t quantity,
                    uint64_t row, struct hf_replay_planned *planned, uint32_t *count)
{
    *count = 0;
    struct hf_replay_seed_level *level = find_level(seed, side, price);
    if (level == NULL) {
        return quantity;
    }
    prune(seed, level);
    const uint32_t *members = seed->members + level->first;
    uint64_t certain = 0; /* what the orders that rest for certain claim */
    uint64_t unclaimed = quantity;
    for (uint32_t i = 0; i < level->count; i++) {
        const struct hf_replay_seed_order *order = &seed->orders[members[i]];
        if (rests_for_certain(order, row) && fit(&unclaimed, order->remaining)) {
            certain += order->remaining;
        }
    }
    for (uint32_t i = 0; i < level->count; i++) {
        const struct hf_replay_seed_order *order = &seed->orders[members[i]];
        uint64_t *pot = rests_for_certain(order, row) ? &certain : &unclaimed;
        if ((order->submitted == 0 || pot == &certain) && fit(pot, order->remaining)) {
            planned[*count].id = order->id;
            planned[*count].quantity = order->remaining;
            *count += 1;
        }
    }
    return unclaimed;
}

uint32_t
hf_replay_seed_room(const struct hf_replay_seed *seed)
{
    uint32_t room = 0;
    for (uint32_t i = 0; i < seed->level_count; i++) {
        room = seed->levels[i].count > room ? seed->levels[i].count : room;
    }
    return room;
}
