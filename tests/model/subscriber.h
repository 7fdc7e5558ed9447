/*
 * subscriber.h - somebody who sees the market events and nothing else, and rebuilds the books.
 */
#ifndef HF_TESTS_MODEL_SUBSCRIBER_H
#define HF_TESTS_MODEL_SUBSCRIBER_H

#include <holdfast/market.h>

#include <stdbool.h>

#define SUBSCRIBER_ORDERS_MAX 256u
#define SUBSCRIBER_INSTRUMENTS_MAX 16u

struct subscriber_order {
    uint64_t order_id;
    uint32_t instrument;
    uint8_t side;
    int64_t price;
    uint64_t shown;
};

/** Orders in the order in which they came, but for those that came to the front of their level. */
struct subscriber {
    uint64_t last_number;
    size_t count;
    struct subscriber_order orders[SUBSCRIBER_ORDERS_MAX];
    struct {
        bool is_known;
        int64_t price;
    } last[SUBSCRIBER_INSTRUMENTS_MAX +
           1]; /**< by instrument: of the last trade, or the reference */
};

/** Apply one event; NULL, or what is wrong with it, in words. */
const char *subscriber_apply(struct subscriber *subscriber, const struct hf_market_event *event);

/** The orders of one side in priority order; returns how many. */
size_t subscriber_queue(const struct subscriber *subscriber, uint32_t instrument, uint32_t side,
                        struct subscriber_order *orders, size_t capacity);

/** The last price of an instrument. @return false (and 0): there is none */
bool subscriber_last(const struct subscriber *subscriber, uint32_t instrument, int64_t *price);

#endif
