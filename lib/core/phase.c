/*
 * phase.c - the opening auction.
 *
 *   buy(p)  = what bids at p or above offer          sell(p) = what asks at p or below offer
 *
 * All crossing orders trade at one price: of the limit prices in the crossed range the one that
 *   1 trades most: min(buy, sell), hidden quantities counted
 *   2 leaves the smallest imbalance |buy - sell|
 *   3 if all that are left have their imbalance on the buy side: the highest; on the sell side: the lowest
 *   4 is nearest the last trade price
 *   5 is the lowest
 * Then the heads of the best bid and ask levels trade, peak by peak, until that volume is done. There
 * is no self-trade prevention in an auction: neither side took.
 */
#include "core/phase.h"

#include "core/market.h"
#include "core/match.h"
#include "core/stop.h"

struct auction {
    uint64_t volume;
    uint64_t imbalance;
    int64_t lowest; /**< of the prices that are equal by rules 1 and 2 */
    int64_t highest;
    int64_t nearest;
    bool any_buy; /**< one of them has its imbalance on the buy side, or none at all */
    bool any_sell;
};

static uint64_t
whole(const struct hf_level_queue *level)
{
    return level->quantity + level->hidden;
}

static uint64_t
distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/** One more candidate; they come in ascending order of price. */
static void
consider(struct auction *auction, int64_t price, uint64_t buy, uint64_t sell, int64_t reference)
{
    uint64_t volume = buy < sell ? buy : sell;
    uint64_t imbalance = buy < sell ? sell - buy : buy - sell;
    bool better =
        volume > auction->volume || (volume == auction->volume && imbalance < auction->imbalance);
    bool equal = volume == auction->volume && imbalance == auction->imbalance;
    if (better) {
        *auction = (struct auction){.volume = volume,
                                    .imbalance = imbalance,
                                    .lowest = price,
                                    .highest = price,
                                    .nearest = price,
                                    .any_buy = buy >= sell,
                                    .any_sell = sell >= buy};
    } else if (equal) {
        auction->highest = price;
        auction->any_buy |= buy >= sell;
        auction->any_sell |= sell >= buy;
        if (reference != HF_PRICE_NONE &&
            distance(price, reference) < distance(auction->nearest, reference)) {
            auction->nearest = price;
        }
    }
}

/** The crossing bids: their sum, and the level of the lowest of them. */
static uint64_t
sum_bids(const struct hf_core *core, const struct hf_book *book, uint32_t *lowest)
{
    const struct hf_level_queue *levels = hf_core_level_pool(core);
    int64_t best_ask = book->sides[HF_QUEUE_ASKS].best_price;
    uint64_t sum = 0;
    for (uint32_t at = book->sides[HF_QUEUE_BIDS].best; at != 0 && levels[at].price >= best_ask;
         at = hf_book_next_level(core, &levels[at])) {
        sum += whole(&levels[at]);
        *lowest = at;
    }
    return sum;
}

/** The bid level above this one; 0: it was the best. */
static uint32_t
bid_above(const struct hf_core *core, const struct hf_book *book, uint32_t level)
{
    return hf_ladder_step(hf_core_ladder_space(core), &book->sides[HF_QUEUE_BIDS].ladder,
                          hf_core_level_pool(core)[level].key, HF_LADDER_LOWEST);
}

/** Walk the crossed range upwards over the limit prices of both sides. */
static struct auction
find_price(const struct hf_core *core, const struct hf_book *book)
{
    const struct hf_level_queue *levels = hf_core_level_pool(core);
    struct auction auction = {.imbalance = UINT64_MAX};
    uint32_t bid = 0;
    uint32_t ask = book->sides[HF_QUEUE_ASKS].best;
    uint64_t buy = sum_bids(core, book, &bid);
    uint64_t sell = 0;
    while (bid != 0) { /* the best bid is the end of the range, whatever asks there are */
        bool at_ask = ask != 0 && levels[ask].price <= levels[bid].price;
        bool at_bid = !at_ask || levels[ask].price == levels[bid].price;
        int64_t price = at_ask ? levels[ask].price : levels[bid].price;
        if (at_ask) {
            sell += whole(&levels[ask]);
            ask = hf_book_next_level(core, &levels[ask]);
        }
        consider(&auction, price, buy, sell, book->last_price);
        if (at_bid) {
            buy -= whole(&levels[bid]);
            bid = bid_above(core, book, bid);
        }
    }
    return auction;
}

/** Rules 3 to 5. A price whose imbalance is zero is on neither side. */
static int64_t
choose(const struct auction *auction, int64_t reference)
{
    if (auction->imbalance != 0 && auction->any_buy != auction->any_sell) {
        return auction->any_buy ? auction->highest : auction->lowest;
    }
    return reference == HF_PRICE_NONE ? auction->lowest : auction->nearest;
}

static void
report_uncross(const struct hf_apply *apply, const struct hf_book *book, int64_t price,
               uint64_t volume)
{
    struct hf_market_event event = {
        .type = HF_MARKET_UNCROSS,
        .instrument = book->id,
        .price = price,
        .quantity = volume,
    };
    hf_market_emit(apply, &event);
}

static void
uncross(struct hf_apply *apply, struct hf_book *book)
{
    struct hf_core *core = apply->core;
    struct auction auction = find_price(core, book);
    int64_t price = choose(&auction, book->last_price);
    for (uint64_t left = auction.volume; left != 0;) {
        const struct hf_level_queue *levels = hf_core_level_pool(core);
        const struct hf_order *orders = hf_core_order_pool(core);
        uint64_t bid = orders[levels[book->sides[HF_QUEUE_BIDS].best].head].open;
        uint64_t ask = orders[levels[book->sides[HF_QUEUE_ASKS].best].head].open;
        uint64_t quantity = bid < ask ? bid : ask;
        HF_ASSERT("the side that is used up offers what is left, and no more", quantity <= left);
        hf_match_auction(apply, book, price, quantity);
        left -= quantity;
    }
    report_uncross(apply, book, price, auction.volume);
}

static void
open_book(struct hf_apply *apply, struct hf_book *book)
{
    if (book->sides[HF_QUEUE_BIDS].best_price >= book->sides[HF_QUEUE_ASKS].best_price) {
        uncross(apply, book);
    }
    book->stops_due = true; /* also without a trade: while it was not open, stops only waited */
    hf_stop_run(apply, book);
}

void
hf_phase_set(struct hf_apply *apply, struct hf_book *book, enum hf_phase phase)
{
    struct hf_market_event event = {
        .type = HF_MARKET_PHASE, .phase = (uint8_t)phase, .instrument = book->id};
    if (book->phase == phase) {
        return;
    }
    book->phase = (uint8_t)phase;
    hf_market_emit(apply, &event);
    if (phase == HF_PHASE_OPEN) {
        open_book(apply, book);
    }
}
