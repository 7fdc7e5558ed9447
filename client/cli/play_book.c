/* play_book.c - the book, its levels and totals, from the orders that are live. */
#include "cli/play_state.h"

#include <stdlib.h>

/** Bids before asks, better prices first, then by place. */
static bool
is_before(const struct hf_play_order *a, const struct hf_play_order *b)
{
    if (a->side != b->side) {
        return a->side == HF_BUY;
    }
    if (a->price != b->price) {
        return (a->side == HF_BUY) == (a->price > b->price);
    }
    return a->place < b->place;
}

static int
compare(const void *left, const void *right, void *context)
{
    const struct hf_play_order *orders = context;
    const struct hf_play_order *a = &orders[*(const uint32_t *)left];
    const struct hf_play_order *b = &orders[*(const uint32_t *)right];
    return is_before(a, b) ? -1 : is_before(b, a) ? 1 : 0;
}

uint32_t *
hf_play_state_queue(const struct hf_play_state *state, size_t *count)
{
    uint32_t *queue = calloc(state->live_count + 1, sizeof *queue);
    *count = 0;
    if (queue == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < state->live_count; i++) {
        if (!state->orders[state->live[i]].waiting) {
            queue[(*count)++] = state->live[i];
        }
    }
    qsort_r(queue, *count, sizeof *queue, compare, state->orders);
    return queue;
}

static bool
add_by_order(const struct hf_play_order *order, int64_t quantity, struct hf_play_rows *rows)
{
    return hf_play_rows_add(
        rows, (struct hf_play_row){.v = {order->side, order->id, order->price, quantity}});
}

/** Orders come level by level: the last row is the order's level, or it begins one. */
static bool
add_by_level(const struct hf_play_order *order, int64_t quantity, struct hf_play_rows *rows)
{
    struct hf_play_row *last = rows->count == 0 ? NULL : &rows->rows[rows->count - 1];
    if (last != NULL && last->v[0] == order->side && last->v[1] == order->price) {
        last->v[2] += quantity;
        return true;
    }
    return hf_play_rows_add(rows,
                            (struct hf_play_row){.v = {order->side, order->price, quantity, 0}});
}

bool
hf_play_state_book(const struct hf_play_state *state, bool by_level, bool visible,
                   struct hf_play_rows *rows)
{
    size_t count;
    uint32_t *queue = hf_play_state_queue(state, &count);
    bool good = queue != NULL;
    for (size_t i = 0; i < count && good; i++) {
        const struct hf_play_order *order = &state->orders[queue[i]];
        int64_t quantity = (int64_t)(visible ? order->shown : order->open);
        good = by_level ? add_by_level(order, quantity, rows) : add_by_order(order, quantity, rows);
    }
    free(queue);
    return good;
}

/** One row for each price on each side, of the queue or of the stops. */
static bool
add_prices(const struct hf_play_state *state, bool waiting, struct hf_play_rows *rows)
{
    bool good = true;
    for (size_t i = 0; i < state->live_count && good; i++) {
        const struct hf_play_order *order = &state->orders[state->live[i]];
        if (order->waiting == waiting) {
            int64_t price = waiting ? order->stop_price : order->price;
            good = hf_play_rows_add(rows, (struct hf_play_row){.v = {order->side, price, 0, 0}});
        }
    }
    hf_play_rows_sort(rows);
    return good;
}

static void
count_prices(const struct hf_play_rows *rows, int64_t *bids, int64_t *asks)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct hf_play_row *row = &rows->rows[i];
        if (i == 0 || row[-1].v[0] != row->v[0] || row[-1].v[1] != row->v[1]) {
            *(row->v[0] == HF_BUY ? bids : asks) += 1;
        }
    }
}

bool
hf_play_state_levels(const struct hf_play_state *state, int64_t figure[HF_PLAY_FIGURES])
{
    struct hf_play_rows resting = {0};
    struct hf_play_rows waiting = {0};
    bool good = add_prices(state, false, &resting) && add_prices(state, true, &waiting);
    for (size_t i = 0; i < HF_PLAY_FIGURES; i++) {
        figure[i] = 0;
    }
    count_prices(&resting, &figure[HF_PLAY_BIDS], &figure[HF_PLAY_ASKS]);
    count_prices(&waiting, &figure[HF_PLAY_STOP_BIDS], &figure[HF_PLAY_STOP_ASKS]);
    hf_play_rows_free(&resting);
    hf_play_rows_free(&waiting);
    return good;
}

int64_t
hf_play_state_total(const struct hf_play_state *state, enum hf_play_total total, uint8_t side)
{
    bool waiting = total == HF_PLAY_STOP_ORDERS || total == HF_PLAY_STOP_VOLUME;
    uint64_t sum = 0;
    for (size_t i = 0; i < state->live_count; i++) {
        const struct hf_play_order *order = &state->orders[state->live[i]];
        if (order->side != side || order->waiting != waiting) {
            continue;
        }
        switch (total) {
        case HF_PLAY_ORDERS:
        case HF_PLAY_STOP_ORDERS:
            sum++;
            break;
        case HF_PLAY_VISIBLE_VOLUME:
            sum += order->shown;
            break;
        default:
            sum += order->open;
            break;
        }
    }
    return (int64_t)sum;
}
