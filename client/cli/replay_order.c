/*
 * replay_order.c - send one command and take in all of its reports.
 *
 * Resting orders belong to sessions 1 and up, spread by order id, takers to session 0 (with a single
 * session, all to that one). With --rate, commands leave on a fixed schedule: one that is late does
 * not move those behind it.
 */
#include "cli/replay.h"

#include "base/clock.h"

/** Shorter waits than this are spun: a sleep would overshoot. */
#define HF_REPLAY_SPIN_NS 100000u

/** The session of a resting order; a live id stays where it is, so that the engine sees that it is
 *  used twice. */
static uint32_t
session_of(const struct hf_replay *replay, uint64_t id)
{
    const struct hf_replay_order *live = hf_replay_order_find(&replay->books, id);
    if (live != NULL) {
        return live->session;
    }
    uint32_t makers = replay->options.sessions - 1;
    return makers == 0 ? 0 : 1 + (uint32_t)(id % makers);
}

static void
wait_for_turn(struct hf_replay *replay)
{
    struct hf_replay_result *result = &replay->result;
    uint64_t now = hf_clock_monotonic_ns();
    if (result->commands == 0) {
        result->start_ns = now;
    }
    if (replay->options.rate == 0) {
        return;
    }
    uint64_t whole = result->commands / replay->options.rate;
    uint64_t part = result->commands % replay->options.rate;
    uint64_t turn = result->start_ns + whole * 1000000000u +
                    (uint64_t)((double)part * 1e9 / (double)replay->options.rate);
    while (now < turn) {
        if (turn - now > HF_REPLAY_SPIN_NS) {
            hf_clock_sleep_ns(turn - now - HF_REPLAY_SPIN_NS / 2);
        }
        now = hf_clock_monotonic_ns();
    }
}

/** What is left of the incoming order goes into the book. */
static int
land(struct hf_replay *replay)
{
    const struct hf_replay_flight *flight = &replay->flight;
    if (flight->taken != flight->made) {
        return hf_replay_fail(replay, HF_E_PROTOCOL,
                              "order %llu took %llu, but its makers gave %llu",
                              (unsigned long long)flight->id, (unsigned long long)flight->taken,
                              (unsigned long long)flight->made);
    }
    replay->result.trades += flight->taker_fills;
    if (!flight->enters || flight->ended || flight->leaves == 0) {
        return 0;
    }
    struct hf_replay_order order = {
        .id = flight->id,
        .price = flight->price,
        .open = flight->leaves,
        .executed = flight->executed,
        .book = flight->book->index,
        .session = flight->session,
        .side = flight->side,
    };
    if (!hf_replay_order_add(&replay->books, &order)) {
        return hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    return 0;
}

static void
count_reject(struct hf_replay_result *result, uint32_t reason)
{
    uint32_t last = HF_REPLAY_REASONS - 1;
    result->rejects++;
    result->rejected[reason < last ? reason : last]++;
}

static int
send(struct hf_replay *replay, const struct hf_command *command)
{
    struct hf_replay_flight *flight = &replay->flight;
    wait_for_turn(replay);
    replay->result.commands++;
    if (replay->driver.submit(replay, flight->session, command) < 0) {
        return replay->code;
    }
    while (replay->code == 0 && !hf_replay_flight_done(replay)) {
        uint32_t missing = flight->answered ? HF_REPLAY_SESSIONS_MAX : flight->session;
        if (replay->driver.collect(replay, missing) < 0) {
            return replay->code;
        }
    }
    if (replay->code < 0) {
        return replay->code;
    }
    if (flight->reason != HF_REASON_NONE) {
        count_reject(&replay->result, flight->reason);
    }
    return land(replay);
}

static int
enter(struct hf_replay *replay, const struct hf_replay_flight *flight, uint8_t time_in_force)
{
    struct hf_command command = {
        .type = HF_COMMAND_NEW,
        .slots = 1,
        .side = flight->side,
        .order_type = HF_LIMIT,
        .time_in_force = time_in_force,
        .instrument = flight->book->instrument,
        .client_order_id = flight->id,
        .price = flight->price,
        .quantity = flight->leaves,
    };
    replay->flight = *flight;
    return send(replay, &command);
}

int
hf_replay_enter(struct hf_replay *replay, struct hf_replay_book *book, uint64_t id, uint8_t side,
                int64_t price, uint64_t quantity)
{
    struct hf_replay_flight flight = {
        .book = book,
        .id = id,
        .price = price,
        .leaves = quantity,
        .session = session_of(replay, id),
        .side = side,
        .enters = true,
    };
    return enter(replay, &flight, HF_GTC);
}

int
hf_replay_take(struct hf_replay *replay, struct hf_replay_book *book, uint8_t side, int64_t price,
               uint64_t quantity)
{
    struct hf_replay_flight flight = {
        .book = book,
        .id = replay->next_taker++,
        .price = price,
        .leaves = quantity,
        .session = 0,
        .side = side,
        .enters = true,
        .immediate = true,
    };
    return enter(replay, &flight, HF_IOC);
}

int
hf_replay_cancel(struct hf_replay *replay, const struct hf_replay_order *order)
{
    struct hf_command command = {
        .type = HF_COMMAND_CANCEL,
        .slots = 1,
        .client_order_id = order->id,
    };
    replay->flight = (struct hf_replay_flight){.id = order->id, .session = order->session};
    return send(replay, &command);
}

int
hf_replay_reduce(struct hf_replay *replay, const struct hf_replay_order *order, uint64_t quantity)
{
    struct hf_command command = {
        .type = HF_COMMAND_REDUCE,
        .slots = 1,
        .client_order_id = order->id,
        .quantity = quantity,
    };
    replay->flight = (struct hf_replay_flight){.id = order->id, .session = order->session};
    return send(replay, &command);
}

/** The order goes, and a new one of the same session takes its place. */
static int
cancel_and_enter(struct hf_replay *replay, const struct hf_replay_flight *flight,
                 const struct hf_replay_order *order)
{
    struct hf_replay_flight again = *flight;
    if (hf_replay_cancel(replay, order) < 0 || replay->flight.reason != HF_REASON_NONE) {
        return replay->code;
    }
    return enter(replay, &again, HF_GTC);
}

int
hf_replay_replace(struct hf_replay *replay, const struct hf_replay_order *order, uint64_t new_id,
                  int64_t price, uint64_t open)
{
    struct hf_replay_flight flight = {
        .book = replay->books.books[order->book],
        .id = new_id,
        .price = price,
        .leaves = open,
        .session = order->session,
        .side = order->side,
        .enters = true,
    };
    if (price == order->price && open <= order->open) {
        /* Our replace would keep the order's place in the queue, the record's loses it. */
        return cancel_and_enter(replay, &flight, order);
    }
    struct hf_command command = {
        .type = HF_COMMAND_REPLACE,
        .slots = 1,
        .target_client_order_id = order->id,
        .client_order_id = new_id,
        .price = price,
        .quantity = order->executed + open,
    };
    replay->flight = flight;
    return send(replay, &command);
}
