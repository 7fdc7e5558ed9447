/*
 * subscriber.c - the books as a subscriber of market data knows them.
 */
#include "model/subscriber.h"

#include <string.h>

static struct subscriber_order *
find(struct subscriber *subscriber, uint64_t order_id)
{
    for (size_t i = 0; i < subscriber->count; i++) {
        if (subscriber->orders[i].order_id == order_id) {
            return &subscriber->orders[i];
        }
    }
    return NULL;
}

static void
insert(struct subscriber *subscriber, size_t at, const struct hf_market_event *event)
{
    struct subscriber_order *place = &subscriber->orders[at];
    memmove(place + 1, place, (subscriber->count - at) * sizeof(*place));
    subscriber->count++;
    *place = (struct subscriber_order){.order_id = event->order_id,
                                       .instrument = event->instrument,
                                       .side = event->side,
                                       .price = event->price,
                                       .shown = event->quantity};
}

static void
take_out(struct subscriber *subscriber, struct subscriber_order *order)
{
    size_t at = (size_t)(order - subscriber->orders);
    memmove(order, order + 1, (subscriber->count - at - 1) * sizeof(*order));
    subscriber->count--;
}

static const char *
add(struct subscriber *subscriber, const struct hf_market_event *event)
{
    if (find(subscriber, event->order_id) != NULL) {
        return "ADD of an order that is there";
    }
    if (subscriber->count == SUBSCRIBER_ORDERS_MAX || event->quantity == 0) {
        return "ADD of nothing, or of too many";
    }
    /* The very front of the list is the front of the order's level, too. */
    insert(subscriber, (event->flags & HF_MARKET_FRONT) != 0 ? 0 : subscriber->count, event);
    return NULL;
}

static bool
names_it(const struct subscriber_order *order, const struct hf_market_event *event)
{
    return order->instrument == event->instrument && order->side == event->side &&
           order->price == event->price;
}

static const char *
take_off(struct subscriber *subscriber, const struct hf_market_event *event)
{
    struct subscriber_order *order = find(subscriber, event->order_id);
    if (order == NULL) {
        return "event of an order that is not there";
    }
    if (!names_it(order, event) || event->quantity == 0 || event->quantity > order->shown ||
        (event->type == HF_MARKET_CANCEL && event->quantity != order->shown)) {
        return "event does not fit its order";
    }
    order->shown -= event->quantity;
    if (((event->flags & HF_MARKET_GONE) != 0) != (order->shown == 0)) {
        return "event says gone of an order that still shows something, or the other way round";
    }
    if (order->shown == 0) {
        take_out(subscriber, order);
    }
    return NULL;
}

/** A trade of an auction is at the price of the UNCROSS behind it, not at its order's. */
static const char *
follow_price(struct subscriber *subscriber, const struct hf_market_event *event)
{
    if (event->instrument == 0 || event->instrument > SUBSCRIBER_INSTRUMENTS_MAX) {
        return "a price of no instrument";
    }
    subscriber->last[event->instrument].is_known = true;
    subscriber->last[event->instrument].price = event->price;
    return NULL;
}

static const char *
execute(struct subscriber *subscriber, const struct hf_market_event *event)
{
    const char *wrong = take_off(subscriber, event);
    return wrong == NULL && (event->flags & HF_MARKET_AUCTION) == 0
               ? follow_price(subscriber, event)
               : wrong;
}

const char *
subscriber_apply(struct subscriber *subscriber, const struct hf_market_event *event)
{
    if (event->number != ++subscriber->last_number) {
        return "events are not numbered 1, 2, 3...";
    }
    switch (event->type) {
    case HF_MARKET_ADD:
        return add(subscriber, event);
    case HF_MARKET_EXECUTE:
        return execute(subscriber, event);
    case HF_MARKET_REDUCE:
    case HF_MARKET_CANCEL:
        return take_off(subscriber, event);
    case HF_MARKET_UNCROSS:
    case HF_MARKET_REFERENCE:
        return follow_price(subscriber, event);
    case HF_MARKET_PHASE:
    case HF_MARKET_BUST:
    case HF_MARKET_INSTRUMENT:
        return NULL;
    default:
        return "event of an unknown type";
    }
}

size_t
subscriber_queue(const struct subscriber *subscriber, uint32_t instrument, uint32_t side,
                 struct subscriber_order *orders, size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < subscriber->count && count < capacity; i++) {
        const struct subscriber_order *order = &subscriber->orders[i];
        if (order->instrument != instrument || order->side != side) {
            continue;
        }
        size_t at = count++;
        for (; at > 0 && (side == HF_BUY ? orders[at - 1].price < order->price
                                         : orders[at - 1].price > order->price);
             at--) {
            orders[at] = orders[at - 1];
        }
        orders[at] = *order;
    }
    return count;
}

bool
subscriber_last(const struct subscriber *subscriber, uint32_t instrument, int64_t *price)
{
    *price = subscriber->last[instrument].price;
    return subscriber->last[instrument].is_known;
}
