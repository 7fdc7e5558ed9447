/*
 * replay_report.c - what the reports of the command under way say, and the books rebuilt from them.
 *
 *   ACCEPTED / REPLACED   the order comes in; it is put into the book when the command is done
 *   FILL, maker           a resting order shrinks: this one has the record's order id
 *   FILL, taker           the incoming order shrinks; which maker it met, only the maker's FILL says
 *   REDUCED, CANCELLED    a resting order shrinks or goes; or the rest of an IOC order does
 *
 * A report that fits no order of ours, or another command, ends the replay: then either the engine is
 * wrong, or somebody else trades in the same book.
 */
#include "cli/replay.h"

static void
misfit(struct hf_replay *replay, const struct hf_report *report, const char *what)
{
    hf_replay_fail(
        replay, HF_E_PROTOCOL, "report %llu of type %u (order %llu, lsn %llu) does not fit: %s",
        (unsigned long long)report->number, report->type,
        (unsigned long long)report->client_order_id, (unsigned long long)report->lsn, what);
}

/** A resting order of this session, or NULL and an error. */
static struct hf_replay_order *
resting(struct hf_replay *replay, uint32_t session, const struct hf_report *report, uint64_t id)
{
    struct hf_replay_order *order = hf_replay_order_find(&replay->books, id);
    if (order == NULL || order->session != session || order->side != report->side) {
        misfit(replay, report, "no such order rests");
        return NULL;
    }
    return order;
}

static void
fill_maker(struct hf_replay *replay, uint32_t session, const struct hf_report *report)
{
    struct hf_replay_flight *flight = &replay->flight;
    struct hf_replay_order *order = resting(replay, session, report, report->client_order_id);
    if (order == NULL) {
        return;
    }
    if (!flight->enters || order->book != flight->book->index || order->price != report->price ||
        report->quantity > order->open || order->open - report->quantity != report->leaves) {
        misfit(replay, report, "price or quantity is not the resting order's");
        return;
    }
    flight->maker_fills++;
    flight->made += report->quantity;
    if (report->trade_index == 0) {
        flight->first_maker = order->id;
    }
    if (report->leaves == 0 && !flight->immediate &&
        !hf_replay_map_put(&replay->gone, order->id, HF_LEFT_GONE_TRADED + 1)) {
        hf_replay_fail(replay, HF_E_MEMORY, "out of memory");
    }
    order->executed += report->quantity;
    hf_replay_order_take(&replay->books, order, report->quantity);
}

static void
fill_taker(struct hf_replay *replay, uint32_t session, const struct hf_report *report)
{
    struct hf_replay_flight *flight = &replay->flight;
    if (!flight->enters || session != flight->session || report->client_order_id != flight->id ||
        report->quantity > flight->leaves || flight->leaves - report->quantity != report->leaves) {
        misfit(replay, report, "it is not the order that came in");
        return;
    }
    flight->taker_fills++;
    flight->taken += report->quantity;
    flight->executed += report->quantity;
    flight->leaves = report->leaves;
}

static void
accepted(struct hf_replay *replay, const struct hf_report *report)
{
    struct hf_replay_flight *flight = &replay->flight;
    if (!flight->enters || report->client_order_id != flight->id ||
        report->quantity != flight->leaves || report->price != flight->price) {
        misfit(replay, report, "it is not the order that came in");
        return;
    }
    flight->answered = true;
}

static void
cancelled(struct hf_replay *replay, uint32_t session, const struct hf_report *report)
{
    struct hf_replay_flight *flight = &replay->flight;
    if (flight->immediate && session == flight->session && report->client_order_id == flight->id) {
        flight->ended = true; /* the rest of an IOC order */
        return;
    }
    struct hf_replay_order *order = resting(replay, session, report, report->client_order_id);
    if (order == NULL) {
        return;
    }
    if (order->open != report->quantity) {
        misfit(replay, report, "quantity is not what was open");
        return;
    }
    hf_replay_order_take(&replay->books, order, order->open);
    flight->answered = true;
    flight->ended = true;
}

static void
reduced(struct hf_replay *replay, uint32_t session, const struct hf_report *report)
{
    struct hf_replay_order *order = resting(replay, session, report, report->client_order_id);
    if (order == NULL) {
        return;
    }
    if (report->quantity == 0 || report->quantity > order->open) {
        misfit(replay, report, "quantity is above what was open");
        return;
    }
    hf_replay_order_take(&replay->books, order, order->open - report->quantity);
    replay->flight.answered = true;
}

static void
replaced(struct hf_replay *replay, uint32_t session, const struct hf_report *report)
{
    struct hf_replay_flight *flight = &replay->flight;
    const struct hf_report_more *more = (const struct hf_report_more *)&report[1];
    if (report->slots != 2 || more->type != HF_REPORT_MORE || !flight->enters ||
        report->client_order_id != flight->id || report->price != flight->price) {
        misfit(replay, report, "it is not the order to replace");
        return;
    }
    struct hf_replay_order *order =
        resting(replay, session, report, more->previous_client_order_id);
    if (order == NULL) {
        return;
    }
    hf_replay_order_take(&replay->books, order, order->open);
    flight->executed = more->executed;
    flight->leaves = report->quantity;
    flight->answered = true;
}

static void
rejected(struct hf_replay *replay, const struct hf_report *report)
{
    replay->flight.answered = true;
    replay->flight.ended = true;
    replay->flight.reason = report->reason;
}

static void
dispatch(struct hf_replay *replay, uint32_t session, const struct hf_report *report)
{
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
        accepted(replay, report);
        return;
    case HF_REPORT_REJECTED:
        rejected(replay, report);
        return;
    case HF_REPORT_FILL:
        if ((report->flags & HF_REPORT_MAKER) != 0) {
            fill_maker(replay, session, report);
        } else {
            fill_taker(replay, session, report);
        }
        return;
    case HF_REPORT_CANCELLED:
        cancelled(replay, session, report);
        return;
    case HF_REPORT_REPLACED:
        replaced(replay, session, report);
        return;
    case HF_REPORT_REDUCED:
        reduced(replay, session, report);
        return;
    default:
        misfit(replay, report, "unknown type");
    }
}

void
hf_replay_report(struct hf_replay *replay, uint32_t session, const struct hf_report *report)
{
    struct hf_replay_flight *flight = &replay->flight;
    if (replay->code < 0) {
        return;
    }
    if (flight->lsn == 0) {
        flight->lsn = report->lsn;
    }
    if (report->lsn != flight->lsn) {
        misfit(replay, report, "it answers another command; does somebody else trade here?");
        return;
    }
    dispatch(replay, session, report);
}

bool
hf_replay_flight_done(const struct hf_replay *replay)
{
    const struct hf_replay_flight *flight = &replay->flight;
    if (!flight->answered || flight->taker_fills != flight->maker_fills) {
        return false;
    }
    if (!flight->enters || flight->ended || flight->leaves == 0) {
        return true;
    }
    return !flight->immediate && !hf_replay_crosses(flight->book, flight->side, flight->price);
}
