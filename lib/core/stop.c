/*
 * stop.c - collecting triggered stops, and letting them enter one after the other.
 */
#include "core/stop.h"

#include "core/emit.h"
#include "core/resting.h"

/** First in, first out, by pool index. */
struct fifo {
    uint32_t first;
    uint32_t last;
};

void
hf_stop_report(const struct hf_apply *apply, const struct hf_order *order, uint32_t instrument,
               uint64_t open)
{
    struct hf_report report = {
        .type = HF_REPORT_TRIGGERED,
        .side = order->side,
        .instrument = instrument,
        .client_order_id = order->client_order_id,
        .order_id = order->order_id,
        .quantity = open,
    };
    hf_emit(apply, order->session, &report);
}

static uint32_t
merge(struct hf_order *pool, uint32_t a, uint32_t b)
{
    uint32_t first = 0;
    uint32_t *link = &first;
    while (a != 0 && b != 0) {
        uint32_t *smaller = pool[a].order_id < pool[b].order_id ? &a : &b;
        *link = *smaller;
        link = &pool[*smaller].next;
        *smaller = *link;
    }
    *link = a != 0 ? a : b;
    return first;
}

/** Sort a list of `count` orders by order id, the order of their acceptance. */
static uint32_t
sort(struct hf_order *pool, uint32_t list, uint32_t count)
{
    if (count < 2) {
        return list;
    }
    uint32_t half = list;
    for (uint32_t i = 1; i < count / 2; i++) {
        half = pool[half].next;
    }
    uint32_t rest = pool[half].next;
    pool[half].next = 0;
    uint32_t a = sort(pool, list, count / 2);
    return merge(pool, a, sort(pool, rest, count - count / 2));
}

/** Take all stops of one side that the last price triggers onto a list. @return how many */
static uint32_t
take_triggered(struct hf_core *core, struct hf_book *book, uint32_t side, uint32_t *list)
{
    const struct hf_book_side *stops = &book->sides[hf_queue_of_stops(side)];
    struct hf_order *pool = hf_core_order_pool(core);
    uint32_t count = 0;
    while (stops->best != 0 && hf_stop_is_met(book, side, stops->best_price)) {
        uint32_t index = hf_core_level_pool(core)[stops->best].head;
        hf_book_leave(core, index);
        pool[index].next = *list;
        *list = index;
        count++;
    }
    return count;
}

/** Append what the last price triggers, if it may have moved since the last call. */
static void
collect(struct hf_core *core, struct hf_book *book, struct fifo *fifo)
{
    struct hf_order *pool = hf_core_order_pool(core);
    uint32_t list = 0;
    if (!book->stops_due) {
        return;
    }
    book->stops_due = false;
    uint32_t count = take_triggered(core, book, HF_BUY, &list);
    count += take_triggered(core, book, HF_SELL, &list);
    list = sort(pool, list, count);
    if (list == 0) {
        return;
    }
    if (fifo->first == 0) {
        fifo->first = list;
    } else {
        pool[fifo->last].next = list;
    }
    while (pool[list].next != 0) {
        list = pool[list].next;
    }
    fifo->last = list;
}

static void
enter(struct hf_apply *apply, struct hf_book *book, uint32_t index)
{
    struct hf_order *order = &hf_core_order_pool(apply->core)[index];
    const struct hf_extra *extra = hf_extra_of(apply->core, index);
    bool is_market = extra->order_type == HF_STOP;
    struct hf_incoming incoming = {
        .order = order,
        .index = index,
        .order_type = is_market ? HF_MARKET : HF_LIMIT,
        .time_in_force = extra->time_in_force,
        .triggered = true,
        .limit = is_market ? hf_book_market_limit(book, order->side) : extra->limit,
        .expire_ns = extra->expire_ns,
    };
    order->flags = (uint8_t)(order->flags & ~HF_ORDER_STOP);
    hf_stop_report(apply, order, book->id, order->open);
    hf_match_enter(apply, book, &incoming);
}

void
hf_stop_run_due(struct hf_apply *apply, struct hf_book *book)
{
    struct hf_order *pool = hf_core_order_pool(apply->core);
    struct fifo fifo = {0};
    for (collect(apply->core, book, &fifo); fifo.first != 0; collect(apply->core, book, &fifo)) {
        uint32_t index = fifo.first;
        fifo.first = pool[index].next;
        enter(apply, book, index);
    }
}
