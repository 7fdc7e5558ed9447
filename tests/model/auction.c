/*
 * auction.c - the opening uncross: one price for everything that crosses.
 */
#include "model/model.h"

#include "base/panic.h"

/** What an auction at a price would do. */
struct candidate {
    int64_t price;
    uint64_t buy;
    uint64_t sell;
};

static uint64_t
volume(const struct candidate *candidate)
{
    return candidate->buy < candidate->sell ? candidate->buy : candidate->sell;
}

static uint64_t
imbalance(const struct candidate *candidate)
{
    return candidate->buy > candidate->sell ? candidate->buy - candidate->sell
                                            : candidate->sell - candidate->buy;
}

static struct candidate
examine(const struct model *model, uint32_t instrument, int64_t price)
{
    struct candidate candidate = {.price = price};
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        if (order->state != MODEL_RESTING || order->instrument != instrument) {
            continue;
        }
        if (order->side == HF_BUY && order->price >= price) {
            candidate.buy += order->open;
        }
        if (order->side == HF_SELL && order->price <= price) {
            candidate.sell += order->open;
        }
    }
    return candidate;
}

/** Every price in the book (some more than once), examined. */
static size_t
list_candidates(const struct model *model, uint32_t instrument, struct candidate *list)
{
    size_t count = 0;
    for (size_t i = 0; i < model->order_count; i++) {
        const struct model_order *order = &model->orders[i];
        if (order->state == MODEL_RESTING && order->instrument == instrument) {
            HF_ASSERT("the test's arrays are large enough", count < MODEL_ORDERS_MAX);
            list[count++] = examine(model, instrument, order->price);
        }
    }
    return count;
}

/** Keep those that trade the most and, of these, those with the smallest imbalance. */
static size_t
keep_the_best(struct candidate *list, size_t count)
{
    uint64_t most = 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        most = volume(&list[i]) > most ? volume(&list[i]) : most;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_less = volume(&list[i]) == most && imbalance(&list[i]) < least;
        least = is_less ? imbalance(&list[i]) : least;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (volume(&list[i]) == most && imbalance(&list[i]) == least) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

static uint64_t
distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/** Of prices that are equally good: by the side of the imbalance, else by the last price. */
static struct candidate
choose(const struct candidate *list, size_t count, const struct model_instrument *instrument)
{
    struct candidate lowest = list[0];
    struct candidate highest = list[0];
    struct candidate nearest = list[0];
    bool all_buy = true;
    bool all_sell = true;
    for (size_t i = 0; i < count; i++) {
        uint64_t far = distance(list[i].price, instrument->last);
        uint64_t near = distance(nearest.price, instrument->last);
        lowest = list[i].price < lowest.price ? list[i] : lowest;
        highest = list[i].price > highest.price ? list[i] : highest;
        if (far < near || (far == near && list[i].price < nearest.price)) {
            nearest = list[i];
        }
        all_buy = all_buy && list[i].buy > list[i].sell;
        all_sell = all_sell && list[i].sell > list[i].buy;
    }
    if (all_buy) {
        return highest;
    }
    if (all_sell || !instrument->has_last) {
        return lowest;
    }
    return nearest;
}

static void
fill_at_auction(struct model *model, struct model_order *order, uint64_t quantity, int64_t price)
{
    order->open -= quantity;
    order->shown -= quantity;
    order->executed += quantity;
    model_tell_fill(model, order, quantity, price, HF_REPORT_AUCTION);
}

static uint64_t
trade_at_auction(struct model *model, struct model_order *bid, struct model_order *ask,
                 int64_t price)
{
    uint64_t quantity = bid->shown < ask->shown ? bid->shown : ask->shown;
    model_tell_execute(model, bid, quantity, HF_MARKET_AUCTION);
    model_tell_execute(model, ask, quantity, HF_MARKET_AUCTION);
    fill_at_auction(model, bid, quantity, price);
    fill_at_auction(model, ask, quantity, price);
    model_note_trade(model, &model->instruments[bid->instrument], price);
    model_after_fill(model, bid);
    model_after_fill(model, ask);
    return quantity;
}

void
model_uncross(struct model *model, struct model_instrument *instrument)
{
    struct candidate list[MODEL_ORDERS_MAX];
    size_t count = list_candidates(model, instrument->id, list);
    count = keep_the_best(list, count);
    if (count == 0 || volume(&list[0]) == 0) {
        return;
    }
    struct candidate chosen = choose(list, count, instrument);
    uint64_t left = volume(&chosen);
    while (left > 0) {
        struct model_order *bid = model_best(model, instrument->id, HF_BUY);
        struct model_order *ask = model_best(model, instrument->id, HF_SELL);
        HF_ASSERT("the volume is there", bid != NULL && ask != NULL);
        left -= trade_at_auction(model, bid, ask, chosen.price);
    }
    model_tell_market(model, (struct hf_market_event){.type = HF_MARKET_UNCROSS,
                                                      .instrument = instrument->id,
                                                      .price = chosen.price,
                                                      .quantity = volume(&chosen)});
}
