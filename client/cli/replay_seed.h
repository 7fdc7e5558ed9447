/*
 * replay_seed.h - what a recording tells ahead about the orders of a level.
 *
 * A window of N levels shows a level's quantity when it enters, not its orders. Later messages tell
 * of most of them: an order of which so much is deleted or executed later rested with at least that
 * much. So, per order that is taken from at all: price, side, the row of its submission (if the file
 * has it), and how much is still to be taken.
 *
 *   plan(level, quantity, row):  1. orders submitted before `row` with something still to be taken:
 *                                   they rest for certain
 *                                2. orders never submitted in the file, oldest id first, as far as
 *                                   they fit: they rested, or came while the level was outside
 *                                3. the rest is a filler: no message will ever name it
 *
 * Exchange order ids grow with time, so the order of ids is the order of the queue; the filler goes
 * last, because an order in front that never trades would contradict the executions behind it.
 */
#ifndef HF_CLI_REPLAY_SEED_H
#define HF_CLI_REPLAY_SEED_H

#include "cli/lobster.h"
#include "cli/replay_map.h"

#include <stdbool.h>

struct hf_replay_seed_order {
    uint64_t id;
    uint64_t remaining; /**< still to be taken from it by messages to come */
    uint64_t submitted; /**< row of its submission, 1, 2, 3...; 0: not in the file */
    int64_t price;
    uint8_t side;
};

/** Orders of one level, as far as not used up: members[first] ... */
struct hf_replay_seed_level {
    int64_t price;
    uint32_t first, count;
    uint8_t side;
};

struct hf_replay_seed {
    struct hf_replay_seed_order *orders; /**< by side, price, id */
    uint32_t order_count;
    struct hf_replay_map by_id;          /**< index in orders, plus one */
    struct hf_replay_seed_level *levels; /**< by side, price */
    uint32_t level_count;
    uint32_t *members; /**< indexes in orders */
};

/** One order of a plan. */
struct hf_replay_planned {
    uint64_t id;
    uint64_t quantity;
};

/** Read all messages once. @return false: no memory. Free with hf_replay_seed_free() either way */
bool hf_replay_seed_build(struct hf_replay_seed *seed, const struct hf_lobster_message *messages,
                          uint32_t count);
void hf_replay_seed_free(struct hf_replay_seed *seed);

/** A message has been reached: what it takes is no longer to come. */
void hf_replay_seed_pass(struct hf_replay_seed *seed, const struct hf_lobster_message *message);

/**
 * Who makes up a level that enters the window with this quantity after row `row`?
 *
 * @param planned  receives the orders in queue order; room for hf_replay_seed_room()
 * @param count    receives their number
 * @return quantity that no order accounts for: the filler's
 */
uint64_t hf_replay_seed_plan(struct hf_replay_seed *seed, uint8_t side, int64_t price,
                             uint64_t quantity, uint64_t row, struct hf_replay_planned *planned,
                             uint32_t *count);

/** Most orders that any plan can have. */
uint32_t hf_replay_seed_room(const struct hf_replay_seed *seed);

#endif
