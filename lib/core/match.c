/*
 * match.c - an incoming order's way: trade, then rest or end.
 *
 *   enter ─► FOK, minimum: enough there? ─► trades (EXECUTE, FILL maker, FILL taker)* ─► rests (ADD)
 *                     └► CANCELLED                                                   └► CANCELLED
 *
 * M1  a trade prints at the maker's price; makers come in order of price, then of their place in the
 *     level
 * M2  an order shows at most its display; a used-up peak refills from what is hidden, and goes to the
 *     back of its level unless the instrument lets it keep its place
 */
#include "core/match.h"

#include "base/fetch.h"
#include "core/account.h"
#include "core/emit.h"
#include "core/hot.h"
#include "core/market.h"
#include "core/resting.h"
#include "core/self_trade.h"
#include "core/total.h"

/** `owner`: the session of the order. */
static HF_ALWAYS_INLINE void
report_fill_to(const struct hf_apply *apply, struct hf_core_session *owner,
               const struct hf_order *order, uint8_t flags, int64_t price, uint64_t quantity,
               uint64_t leaves)
{
    struct hf_report report = {
        .type = HF_REPORT_FILL,
        .side = order->side,
        .flags = flags,
        .trade_index = apply->trade_index,
        .client_order_id = order->client_order_id,
        .price = price,
        .quantity = quantity,
        .leaves = leaves,
    };
    hf_emit_to(apply, owner, order->session, &report);
}

static void
report_fill(const struct hf_apply *apply, const struct hf_order *order, uint8_t flags,
            int64_t price, uint64_t quantity, uint64_t leaves)
{
    struct hf_core_session *owner = &hf_core_sessions(apply->core)[order->session];
    report_fill_to(apply, owner, order, flags, price, quantity, leaves);
}

/** M2. The order is at the head of its level and shows nothing. */
static void
refill(struct hf_apply *apply, const struct hf_book *book, uint32_t index, struct hf_extra *extra)
{
    struct hf_core *core = apply->core;
    struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    uint64_t peak = extra->hidden < extra->display ? extra->hidden : extra->display;
    bool keeps_place = (book->flags & HF_ICEBERG_KEEPS_PLACE) != 0;
    extra->hidden -= peak;
    level->hidden -= peak;
    if (keeps_place) {
        order->open = peak;
        level->quantity += peak;
    } else {
        hf_level_unlink(level, hf_core_order_pool(core), order);
        order->open = peak;
        hf_level_append(level, order->level, hf_core_order_pool(core), index);
        order->place = (uint32_t)core->lsn;
    }
    hf_market_order(apply, HF_MARKET_ADD, order, peak, keeps_place ? HF_MARKET_FRONT : 0);
}

/** A resting order has traded all that it showed. */
static void
exhaust(struct hf_apply *apply, const struct hf_book *book, uint32_t index)
{
    struct hf_extra *extra = hf_extra_of(apply->core, index);
    if (extra != NULL && extra->hidden != 0) {
        refill(apply, book, index, extra);
    } else {
        hf_hot_drop(apply->core, index);
    }
}

/** Take a trade off a resting order, and tell the market. @return what is left of it, hidden included */
static HF_ALWAYS_INLINE uint64_t
execute(struct hf_apply *apply, uint32_t index, uint64_t quantity, uint8_t flags)
{
    struct hf_core *core = apply->core;
    struct hf_order *order = &hf_core_order_pool(core)[index];
    struct hf_level_queue *level = &hf_core_level_pool(core)[order->level];
    order->open -= quantity;
    order->executed += quantity;
    level->quantity -= quantity;
    if (HF_UNLIKELY(core->accounts != 0)) {
        hf_account_take(core, order->account, level->price, quantity);
    }
    hf_market_execute(apply, order, quantity, flags);
    return order->open + hf_extra_hidden(core, index);
}

/** An order that trades often meets more than one: the next is on its way meanwhile. */
static HF_ALWAYS_INLINE void
fetch_next(const struct hf_core *core, const struct hf_order *maker)
{
    hf_fetch(&hf_core_order_pool(core)[maker->next]);
    hf_fetch(&hf_core_id_links(core)[maker->next]);
}

/** `owner`: the session of the taker. */
static HF_ALWAYS_INLINE void
trade(struct hf_apply *apply, struct hf_book *book, struct hf_core_session *owner,
      struct hf_order *taker, uint32_t level_index)
{
    struct hf_core *core = apply->core;
    const struct hf_level_queue *level = &hf_core_level_pool(core)[level_index];
    uint32_t maker_index = level->head;
    struct hf_order *maker = &hf_core_order_pool(core)[maker_index];
    int64_t price = level->price;
    uint64_t quantity = maker->open < taker->open ? maker->open : taker->open;
    fetch_next(core, maker);
    uint64_t leaves = execute(apply, maker_index, quantity, 0);
    taker->open -= quantity;
    taker->executed += quantity;
    core->trades++;
    hf_book_note_trade(book, price);
    struct hf_core_session *makers = hf_hot_owner(core, maker_index);
    report_fill_to(apply, makers, maker, HF_REPORT_MAKER, price, quantity, leaves);
    report_fill_to(apply, owner, taker, 0, price, quantity, taker->open);
    apply->trade_index++;
    if (maker->open == 0) {
        exhaust(apply, book, maker_index);
    }
}

void
hf_match_auction(struct hf_apply *apply, struct hf_book *book, int64_t price, uint64_t quantity)
{
    struct hf_core *core = apply->core;
    const struct hf_level_queue *levels = hf_core_level_pool(core);
    uint32_t bid = levels[book->sides[HF_QUEUE_BIDS].best].head;
    uint32_t ask = levels[book->sides[HF_QUEUE_ASKS].best].head;
    const struct hf_order *orders = hf_core_order_pool(core);
    uint64_t bid_leaves = execute(apply, bid, quantity, HF_MARKET_AUCTION);
    uint64_t ask_leaves = execute(apply, ask, quantity, HF_MARKET_AUCTION);
    core->trades++;
    hf_book_note_trade(book, price);
    report_fill(apply, &orders[bid], HF_REPORT_AUCTION, price, quantity, bid_leaves);
    report_fill(apply, &orders[ask], HF_REPORT_AUCTION, price, quantity, ask_leaves);
    apply->trade_index++;
    if (orders[bid].open == 0) {
        exhaust(apply, book, bid);
    }
    if (orders[ask].open == 0) {
        exhaust(apply, book, ask);
    }
}

/** Never inlined: it is long, and two ways lead to it. */
static __attribute__((noinline)) void
match(struct hf_apply *apply, struct hf_book *book, struct hf_order *taker, int64_t limit)
{
    const struct hf_book_side *opposite = hf_book_opposite(book, taker->side);
    struct hf_self self = hf_self_of(apply->core, taker->account);
    struct hf_core_session *owner = &hf_core_sessions(apply->core)[taker->session];
    while (taker->open != 0 && hf_book_crosses(opposite, taker->side, limit)) {
        uint32_t head = hf_core_level_pool(apply->core)[opposite->best].head;
        if (HF_UNLIKELY(self.mode != HF_SELF_TRADE_ALLOW) &&
            hf_self_owns(apply->core, self, &hf_core_order_pool(apply->core)[head])) {
            hf_self_prevent(apply, self, taker, head);
        } else {
            trade(apply, book, owner, taker, opposite->best);
        }
    }
}

/** The order ends here with what is left of it. */
static void
end(const struct hf_apply *apply, const struct hf_incoming *incoming, uint32_t reason)
{
    const struct hf_order *order = incoming->order;
    struct hf_cancelled cancelled = {
        .order_id = order->order_id,
        .client_order_id = order->client_order_id,
        .quantity = order->open,
        .session = order->session,
        .side = order->side,
        .reason = reason,
    };
    if (incoming->index != 0) {
        hf_resting_drop_unbooked(apply->core, incoming->index);
    }
    hf_emit_cancelled(apply, &cancelled);
}

/** An order that is live already rests again, and has what else it needs. */
static void
rest_again(struct hf_core *core, struct hf_book *book, const struct hf_incoming *incoming,
           const struct hf_extra *extra)
{
    hf_extra_detach(core, incoming->index);
    if (extra != NULL) {
        hf_extra_attach(core, incoming->index, extra);
    }
    hf_book_enter(core, book, hf_queue_of_side(incoming->order->side), incoming->index,
                  incoming->limit);
}

/** The peak shows, the rest is hidden behind it. */
static void
hide(struct hf_order *order, struct hf_extra *extra)
{
    if (extra->display != 0 && order->open > extra->display) {
        extra->hidden = order->open - extra->display;
        order->open = extra->display;
    }
}

/** Into the book, with `extra` (NULL: it needs none). @return its index */
static HF_ALWAYS_INLINE uint32_t
rest_with(struct hf_core *core, struct hf_book *book, const struct hf_incoming *incoming,
          const struct hf_extra *extra)
{
    if (HF_UNLIKELY(incoming->index != 0)) {
        rest_again(core, book, incoming, extra);
        return incoming->index;
    }
    return hf_hot_add(core, incoming->order, extra, book, hf_queue_of_side(incoming->order->side),
                      incoming->limit);
}

static __attribute__((noinline)) uint32_t
rest_with_extra(struct hf_core *core, struct hf_book *book, const struct hf_incoming *incoming)
{
    struct hf_extra extra = {.display = incoming->display, .expire_ns = incoming->expire_ns};
    hide(incoming->order, &extra);
    return rest_with(core, book, incoming, &extra);
}

/** Into the book with what is left. */
static HF_ALWAYS_INLINE void
rest(struct hf_apply *apply, struct hf_book *book, const struct hf_incoming *incoming)
{
    struct hf_core *core = apply->core;
    bool needs_extra = (incoming->display | incoming->expire_ns) != 0;
    uint32_t index = HF_UNLIKELY(needs_extra) ? rest_with_extra(core, book, incoming)
                                              : rest_with(core, book, incoming, NULL);
    const struct hf_order *order = &hf_core_order_pool(core)[index];
    hf_market_order(apply, HF_MARKET_ADD, order, order->open, 0);
}

static bool
available(struct hf_core *core, struct hf_book *book, const struct hf_incoming *incoming,
          uint64_t quantity)
{
    const struct hf_order *order = incoming->order;
    struct hf_self self = hf_self_of(core, order->account);
    return self.mode == HF_SELF_TRADE_ALLOW
               ? hf_book_can_fill(core, book, order->side, incoming->limit, quantity)
               : hf_self_can_fill(core, self, book, order, incoming->limit, quantity);
}

/** Why it may not even begin to trade. */
static uint32_t
forbidden(struct hf_core *core, struct hf_book *book, const struct hf_incoming *incoming)
{
    if (incoming->time_in_force == HF_FOK &&
        !available(core, book, incoming, incoming->order->open)) {
        return HF_REASON_FOK_UNFILLED;
    }
    if (incoming->minimum != 0 && !available(core, book, incoming, incoming->minimum)) {
        return HF_REASON_MINIMUM_UNFILLED;
    }
    return HF_REASON_NONE;
}

/** Why an order that has traded and is not filled ends with what is left. HF_REASON_NONE: it rests. */
static uint32_t
unfit_to_rest(const struct hf_core *core, const struct hf_book *book,
              const struct hf_incoming *incoming)
{
    if (incoming->order_type == HF_MARKET) {
        return HF_REASON_MARKET_REMAINDER;
    }
    if (incoming->time_in_force == HF_IOC) {
        return HF_REASON_IOC_REMAINDER;
    }
    bool no_room =
        incoming->triggered &&
        !hf_book_has_room(core, book, hf_queue_of_side(incoming->order->side), incoming->limit);
    return no_room ? HF_REASON_REFUSED_AFTER_TRIGGER : HF_REASON_NONE;
}

/** Trade as far as it may. @return whether it is to rest with what is left */
static HF_ALWAYS_INLINE bool
trade_all(struct hf_apply *apply, struct hf_book *book, const struct hf_incoming *incoming)
{
    struct hf_order *order = incoming->order;
    bool asks_first = incoming->time_in_force == HF_FOK || incoming->minimum != 0;
    uint32_t reason =
        HF_UNLIKELY(asks_first) ? forbidden(apply->core, book, incoming) : HF_REASON_NONE;
    if (reason == HF_REASON_NONE) {
        if (hf_book_crosses(hf_book_opposite(book, order->side), order->side, incoming->limit)) {
            match(apply, book, order, incoming->limit);
        }
        hf_total_check(apply->core, order);
        if (HF_UNLIKELY(order->open == 0)) {
            if (incoming->index != 0) {
                hf_resting_drop_unbooked(apply->core, incoming->index);
            }
            return false;
        }
        reason = unfit_to_rest(apply->core, book, incoming);
    }
    if (reason != HF_REASON_NONE) {
        end(apply, incoming, reason);
    }
    return reason == HF_REASON_NONE;
}

void
hf_match_enter(struct hf_apply *apply, struct hf_book *book, const struct hf_incoming *incoming)
{
    if (HF_UNLIKELY(!hf_book_is_open(book)) || trade_all(apply, book, incoming)) {
        rest(apply, book, incoming);
    }
}

void
hf_match_plain(struct hf_apply *apply, struct hf_book *book, const struct hf_record *record)
{
    struct hf_order order = hf_order_make(record, 0);
    const struct hf_incoming incoming = {
        .order = &order, .order_type = HF_LIMIT, .time_in_force = HF_GTC, .limit = record->price};
    hf_total_set(apply->core, &order, record->quantity);
    match(apply, book, &order, record->price);
    hf_total_check(apply->core, &order);
    if (order.open != 0) {
        rest(apply, book, &incoming);
    }
    hf_total_set(apply->core, &order, 0); /* it ended, or has its own in the pool */
}
