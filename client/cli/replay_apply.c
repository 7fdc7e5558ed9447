/*
 * replay_apply.c - one message of the record: what it becomes, how it is counted, who is judged.
 *
 * An execution becomes an incoming IOC order of the opposite side only when the record's order is the
 * first that the visible queue offers. When it is not (the record's engine knew something that the
 * record does not show), the IOC would take another order and every later message about either
 * would go wrong: the order is reduced instead, and the execution counts as one whose maker the
 * engine would not have chosen.
 */
#include "cli/replay.h"

static uint8_t
opposite(uint8_t side)
{
    return side == HF_BUY ? HF_SELL : HF_BUY;
}

static int
remember_gone(struct hf_replay *replay, uint64_t id, enum hf_replay_count why)
{
    if (!hf_replay_map_put(&replay->gone, id, (uint32_t)why + 1)) {
        return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    return 0;
}

void
hf_replay_note_message(struct hf_replay *replay, unsigned char type)
{
    replay->result.messages++;
    replay->result.types[type]++;
}

void
hf_replay_leave_unknown(struct hf_replay *replay, uint64_t id)
{
    uint32_t why = hf_replay_map_get(&replay->gone, id);
    replay->result.count[why == 0 ? HF_LEFT_UNKNOWN_ORDER : why - 1]++;
}

/** An order has come in, new or changed: count how it fared. */
static int
entered(struct hf_replay *replay, enum hf_replay_count applied)
{
    const struct hf_replay_flight *flight = &replay->flight;
    uint64_t *count = replay->result.count;
    if (flight->reason != HF_REASON_NONE) {
        count[HF_LEFT_REFUSED]++;
        bool lives = hf_replay_order_find(&replay->books, flight->id) != NULL;
        return lives ? 0 : remember_gone(replay, flight->id, HF_LEFT_GONE_REFUSED);
    }
    count[applied]++;
    hf_replay_map_remove(&replay->gone, flight->id);
    if (flight->taken == 0) {
        return 0;
    }
    count[HF_DIFFERS_TRADED_ON_ENTRY]++;
    return flight->leaves > 0 ? 0 : remember_gone(replay, flight->id, HF_LEFT_GONE_TRADED);
}

int
hf_replay_apply_submit(struct hf_replay *replay, struct hf_replay_book *book, uint64_t id,
                       uint8_t side, int64_t price, uint64_t quantity)
{
    if (hf_replay_enter(replay, book, id, side, price, quantity) < 0) {
        return replay->code;
    }
    return entered(replay, HF_APPLIED_SUBMIT);
}

/** Count a command that changes a resting order. */
static int
changed(struct hf_replay *replay, int code, enum hf_replay_count applied)
{
    if (code < 0) {
        return code;
    }
    bool refused = replay->flight.reason != HF_REASON_NONE;
    replay->result.count[refused ? HF_LEFT_REFUSED : applied]++;
    return 0;
}

int
hf_replay_apply_cancel(struct hf_replay *replay, uint64_t id)
{
    const struct hf_replay_order *order = hf_replay_order_find(&replay->books, id);
    if (order == NULL) {
        hf_replay_leave_unknown(replay, id);
        return 0;
    }
    return changed(replay, hf_replay_cancel(replay, order), HF_APPLIED_CANCEL);
}

int
hf_replay_apply_reduce(struct hf_replay *replay, uint64_t id, uint64_t quantity,
                       enum hf_replay_count applied)
{
    const struct hf_replay_order *order = hf_replay_order_find(&replay->books, id);
    if (order == NULL) {
        hf_replay_leave_unknown(replay, id);
        return 0;
    }
    if (quantity > order->open) {
        replay->result.count[HF_DIFFERS_SHORTENED]++;
        quantity = order->open;
    }
    return changed(replay, hf_replay_reduce(replay, order, quantity), applied);
}

int
hf_replay_apply_replace(struct hf_replay *replay, uint64_t id, uint64_t new_id, int64_t price,
                        uint64_t open)
{
    const struct hf_replay_order *order = hf_replay_order_find(&replay->books, id);
    if (order == NULL) {
        hf_replay_leave_unknown(replay, id);
        return 0;
    }
    const struct hf_replay_order *other = hf_replay_order_find(&replay->books, new_id);
    if (other != NULL && other->session != order->session) {
        /* Ids are a session's own: the engine would not notice, but B2 of the books would break. */
        replay->result.count[HF_LEFT_REFUSED]++;
        return 0;
    }
    if (hf_replay_replace(replay, order, new_id, price, open) < 0) {
        return replay->code;
    }
    return entered(replay, HF_APPLIED_REPLACE);
}

void
hf_replay_note_wrong_maker(struct hf_replay *replay, uint64_t row, uint64_t record, uint64_t engine)
{
    struct hf_replay_result *result = &replay->result;
    result->maker_wrong++;
    if (result->wrong_count < HF_REPLAY_LISTED) {
        result->wrong[result->wrong_count].row = row;
        result->wrong[result->wrong_count].record = record;
        result->wrong[result->wrong_count].engine = engine;
        result->wrong_count++;
    }
}

void
hf_replay_judge_maker(struct hf_replay *replay, uint64_t row, uint64_t id, uint64_t quantity)
{
    const struct hf_replay_flight *flight = &replay->flight;
    replay->result.executions++;
    if (flight->taker_fills == 1 && flight->taken == quantity && flight->first_maker == id) {
        replay->result.maker_right++;
    } else {
        hf_replay_note_wrong_maker(replay, row, id, flight->first_maker);
    }
}

/** The record's order would not be hit: take it off the order, and say who would have been hit. */
static int
execute_behind(struct hf_replay *replay, const struct hf_replay_order *order, uint64_t quantity,
               uint64_t row, uint64_t first)
{
    replay->result.executions++;
    replay->result.count[HF_DIFFERS_NOT_FIRST]++;
    hf_replay_note_wrong_maker(replay, row, order->id, first);
    return changed(replay, hf_replay_reduce(replay, order, quantity), HF_APPLIED_EXECUTE);
}

int
hf_replay_apply_execute(struct hf_replay *replay, uint64_t id, uint64_t quantity, uint64_t row)
{
    const struct hf_replay_order *order = hf_replay_order_find(&replay->books, id);
    if (order == NULL) {
        hf_replay_leave_unknown(replay, id);
        return 0;
    }
    if (quantity > order->open) {
        replay->result.count[HF_DIFFERS_SHORTENED]++;
        quantity = order->open;
    }
    struct hf_replay_book *book = replay->books.books[order->book];
    const struct hf_replay_level *best = hf_replay_best(book, order->side);
    const struct hf_replay_order *first = hf_replay_order_first(&replay->books, best);
    if (first != order) {
        return execute_behind(replay, order, quantity, row, first->id);
    }
    int code = hf_replay_take(replay, book, opposite(order->side), order->price, quantity);
    code = changed(replay, code, HF_APPLIED_EXECUTE);
    if (code == 0 && replay->flight.reason == HF_REASON_NONE) {
        hf_replay_judge_maker(replay, row, id, quantity);
    }
    return code;
}

void
hf_replay_note_row(struct hf_replay *replay, uint64_t row, bool equal)
{
    struct hf_replay_result *result = &replay->result;
    uint64_t unequal = result->rows - result->rows_equal;
    result->rows++;
    result->rows_equal += equal;
    if (!equal && unequal < HF_REPLAY_LISTED) {
        result->unequal[unequal] = row;
    }
}
