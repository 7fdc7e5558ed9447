/*
 * test_model.c - random plain orders against a model that is too simple to be wrong in the same way: one
 * flat array of orders, searched from end to end for everything. Every byte of every report must be
 * equal. Few ids, few prices and tiny pools, so that duplicates, unknown orders and full pools are
 * common.
 */
#include "script.h"

#define SESSIONS 5u
#define INSTRUMENTS 3u
#define ORDERS 18u
#define LEVELS 15u
#define SESSION_ORDERS 7u
#define OUT_MAX 256u

static const struct hf_engine_limits model_limits = {
    .sessions_max = SESSIONS,
    .instruments_max = INSTRUMENTS,
    .orders_max = ORDERS,
    .levels_max = LEVELS,
    .session_orders_max = SESSION_ORDERS,
    .hash_seed = 7,
    .extras_max = 1,
    .accounts_max = 1,
    .entitlements_max = 1,
    .events_max = 64,
};

static const struct hf_instrument_info model_instruments[INSTRUMENTS] = {
    {.symbol = "A", .tick = 1, .lot = 1, .price_min = 90, .price_max = 110, .quantity_max = 60},
    {.symbol = "B", .tick = 5, .lot = 2, .price_min = -60, .price_max = 60, .quantity_max = 60},
    {.symbol = "C", .tick = 7, .lot = 1, .price_min = -700, .price_max = 700, .quantity_max = 40},
};

struct model_order {
    uint64_t order_id; /* 0: not there */
    uint64_t id;
    uint64_t open;
    uint64_t executed;
    uint64_t place;
    int64_t price;
    uint32_t session;
    uint32_t instrument;
    uint32_t account;
    uint8_t side;
    uint8_t post;
};

struct model_session {
    uint64_t seq;
    uint64_t number;
    uint32_t flags;
    bool open;
};

struct model {
    struct model_order orders[ORDERS];
    struct model_session sessions[SESSIONS + 1];
    uint64_t lsn;
    uint64_t time_ns;
    uint64_t place;
    uint64_t trades;
    uint32_t trade_index;
    struct hf_report out[OUT_MAX];
    uint32_t out_session[OUT_MAX];
    size_t out_count;
};

static struct hf_report *
out(struct model *model, uint32_t session, uint8_t type)
{
    cr_assert_lt(model->out_count, OUT_MAX);
    struct hf_report *report = &model->out[model->out_count];
    model->out_session[model->out_count++] = session;
    *report = (struct hf_report){.number = ++model->sessions[session].number,
                                 .lsn = model->lsn,
                                 .type = type,
                                 .slots = 1,
                                 .time_ns = model->time_ns};
    return report;
}

static void
out_reject(struct model *model, const struct hf_record *record, uint32_t reason)
{
    struct hf_report *report = out(model, record->session, HF_REPORT_REJECTED);
    report->command_type = record->type;
    report->client_order_id = record->client_order_id;
    report->reason = reason;
    report->command_seq = model->sessions[record->session].seq;
}

static void
out_cancel(struct model *model, const struct model_order *order, uint32_t reason, uint64_t seq)
{
    struct hf_report *report = out(model, order->session, HF_REPORT_CANCELLED);
    report->side = order->side;
    report->reason = reason;
    report->client_order_id = order->id;
    report->order_id = order->order_id;
    report->quantity = order->open;
    report->command_seq = seq;
}

static struct model_order *
find(struct model *model, uint32_t session, uint64_t id)
{
    for (size_t i = 0; i < ORDERS; i++) {
        struct model_order *order = &model->orders[i];
        if (order->order_id != 0 && order->session == session && order->id == id) {
            return order;
        }
    }
    return NULL;
}

static bool
better(const struct model_order *a, const struct model_order *b)
{
    if (a->price != b->price) {
        return a->side == HF_BUY ? a->price > b->price : a->price < b->price;
    }
    return a->place < b->place;
}

static bool
crosses(const struct model_order *resting, uint8_t side, bool any_price, int64_t limit)
{
    return any_price || (side == HF_BUY ? resting->price <= limit : resting->price >= limit);
}

/** The order that an incoming one trades with first; NULL: none. */
static struct model_order *
best_maker(struct model *model, const struct model_order *taker, bool any_price)
{
    struct model_order *best = NULL;
    for (size_t i = 0; i < ORDERS; i++) {
        struct model_order *order = &model->orders[i];
        if (order->order_id != 0 && order != taker && order->instrument == taker->instrument &&
            order->side != taker->side && crosses(order, taker->side, any_price, taker->price) &&
            (best == NULL || better(order, best))) {
            best = order;
        }
    }
    return best;
}

static uint64_t
available(struct model *model, const struct model_order *taker, bool any_price)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ORDERS; i++) {
        struct model_order *order = &model->orders[i];
        if (order->order_id != 0 && order->instrument == taker->instrument &&
            order->side != taker->side && crosses(order, taker->side, any_price, taker->price)) {
            sum += order->open;
        }
    }
    return sum;
}

static bool
level_exists(struct model *model, size_t before, uint32_t instrument, uint8_t side, int64_t price)
{
    for (size_t i = 0; i < before; i++) {
        struct model_order *order = &model->orders[i];
        if (order->order_id != 0 && order->instrument == instrument && order->side == side &&
            order->price == price) {
            return true;
        }
    }
    return false;
}

static bool
level_room(struct model *model, uint32_t instrument, uint8_t side, int64_t price)
{
    uint32_t levels = 0;
    for (size_t i = 0; i < ORDERS; i++) {
        struct model_order *order = &model->orders[i];
        levels += order->order_id != 0 &&
                  !level_exists(model, i, order->instrument, order->side, order->price);
    }
    return levels < LEVELS || level_exists(model, ORDERS, instrument, side, price);
}

static uint32_t
count_orders(const struct model *model, uint32_t session)
{
    uint32_t count = 0;
    for (size_t i = 0; i < ORDERS; i++) {
        count +=
            model->orders[i].order_id != 0 && (session == 0 || model->orders[i].session == session);
    }
    return count;
}

static uint32_t
judge_price(uint32_t instrument, int64_t price)
{
    const struct hf_instrument_info *info = &model_instruments[instrument - 1];
    return price % info->tick != 0                              ? HF_REASON_PRICE_OFF_TICK
           : price < info->price_min || price > info->price_max ? HF_REASON_PRICE_OUT_OF_BAND
                                                                : HF_REASON_NONE;
}

static uint32_t
judge_quantity(uint32_t instrument, uint64_t quantity)
{
    const struct hf_instrument_info *info = &model_instruments[instrument - 1];
    return quantity == 0                   ? HF_REASON_QUANTITY_ZERO
           : quantity % info->lot != 0     ? HF_REASON_QUANTITY_OFF_LOT
           : quantity > info->quantity_max ? HF_REASON_QUANTITY_TOO_LARGE
                                           : HF_REASON_NONE;
}

static void
fill(struct model *model, struct model_order *order, uint8_t flags, int64_t price,
     uint64_t quantity)
{
    order->open -= quantity;
    order->executed += quantity;
    struct hf_report *report = out(model, order->session, HF_REPORT_FILL);
    report->side = order->side;
    report->flags = flags;
    report->trade_index = model->trade_index;
    report->client_order_id = order->id;
    report->price = price;
    report->quantity = quantity;
    report->leaves = order->open;
}

static void
match(struct model *model, struct model_order *taker, bool any_price)
{
    struct model_order *maker;
    while (taker->open != 0 && (maker = best_maker(model, taker, any_price)) != NULL) {
        uint64_t quantity = maker->open < taker->open ? maker->open : taker->open;
        fill(model, maker, HF_REPORT_MAKER, maker->price, quantity);
        fill(model, taker, 0, maker->price, quantity);
        model->trade_index++;
        model->trades++;
        if (maker->open == 0) {
            maker->order_id = 0;
        }
    }
}

static uint32_t
judge_new(struct model *model, const struct hf_record *record, const struct model_order *order)
{
    bool limit = record->order_type == HF_LIMIT;
    uint32_t reason = HF_REASON_NONE;
    if (record->instrument == 0 || record->instrument > INSTRUMENTS) {
        return HF_REASON_UNKNOWN_INSTRUMENT;
    }
    if ((limit && (reason = judge_price(record->instrument, record->price)) != 0) ||
        (reason = judge_quantity(record->instrument, record->quantity)) != 0) {
        return reason;
    }
    if (find(model, record->session, record->client_order_id) != NULL) {
        return HF_REASON_DUPLICATE_ID;
    }
    if ((record->flags & HF_POST_ONLY) != 0 && best_maker(model, order, false) != NULL) {
        return HF_REASON_POST_ONLY;
    }
    if (!limit || record->time_in_force != HF_GTC) {
        return HF_REASON_NONE;
    }
    if (count_orders(model, 0) == ORDERS) {
        return HF_REASON_ORDERS_FULL;
    }
    if (!level_room(model, record->instrument, record->side, record->price)) {
        return HF_REASON_LEVELS_FULL;
    }
    return count_orders(model, record->session) >= SESSION_ORDERS ? HF_REASON_SESSION_ORDERS : 0;
}

static void
rest(struct model *model, const struct model_order *order)
{
    for (size_t i = 0; i < ORDERS; i++) {
        if (model->orders[i].order_id == 0) {
            model->orders[i] = *order;
            model->orders[i].place = ++model->place;
            return;
        }
    }
    cr_assert_fail("no room in the model");
}

static void
model_new(struct model *model, const struct hf_record *record)
{
    bool market = record->order_type == HF_MARKET;
    struct model_order order = {.order_id = model->lsn,
                                .id = record->client_order_id,
                                .open = record->quantity,
                                .price = record->price,
                                .session = record->session,
                                .instrument = record->instrument,
                                .account = record->account,
                                .side = record->side,
                                .post = (record->flags & HF_POST_ONLY) != 0};
    uint32_t reason = judge_new(model, record, &order);
    if (reason != 0) {
        out_reject(model, record, reason);
        return;
    }
    struct hf_report *report = out(model, record->session, HF_REPORT_ACCEPTED);
    report->side = record->side;
    report->instrument = record->instrument;
    report->client_order_id = record->client_order_id;
    report->price = record->price;
    report->quantity = record->quantity;
    report->command_seq = model->sessions[record->session].seq;
    if (record->time_in_force == HF_FOK && available(model, &order, market) < order.open) {
        out_cancel(model, &order, HF_REASON_FOK_UNFILLED, 0);
        return;
    }
    match(model, &order, market);
    if (order.open == 0) {
        return;
    }
    if (market || record->time_in_force == HF_IOC) {
        out_cancel(model, &order, market ? HF_REASON_MARKET_REMAINDER : HF_REASON_IOC_REMAINDER, 0);
        return;
    }
    rest(model, &order);
}

static void
model_drop(struct model *model, struct model_order *order, uint32_t reason, uint64_t seq)
{
    out_cancel(model, order, reason, seq);
    order->order_id = 0;
}

static void
model_reduce(struct model *model, const struct hf_record *record, struct model_order *order)
{
    uint64_t seq = model->sessions[record->session].seq;
    uint64_t lot = model_instruments[order->instrument - 1].lot;
    if (record->quantity == 0 || record->quantity % lot != 0) {
        out_reject(model, record,
                   record->quantity == 0 ? HF_REASON_QUANTITY_ZERO : HF_REASON_QUANTITY_OFF_LOT);
        return;
    }
    if (record->quantity >= order->open) {
        model_drop(model, order, HF_REASON_REQUESTED, seq);
        return;
    }
    order->open -= record->quantity;
    struct hf_report *report = out(model, record->session, HF_REPORT_REDUCED);
    report->side = order->side;
    report->instrument = order->instrument;
    report->client_order_id = order->id;
    report->order_id = order->order_id;
    report->quantity = order->open;
    report->command_seq = seq;
}

static void
out_replaced(struct model *model, const struct model_order *order, uint64_t previous)
{
    struct hf_report *report = out(model, order->session, HF_REPORT_REPLACED);
    report->slots = 2;
    report->side = order->side;
    report->instrument = order->instrument;
    report->client_order_id = order->id;
    report->price = order->price;
    report->quantity = order->open;
    report->command_seq = model->sessions[order->session].seq;
    struct hf_report_more more = {.number = ++model->sessions[order->session].number,
                                  .lsn = model->lsn,
                                  .type = HF_REPORT_MORE,
                                  .order_id = order->order_id,
                                  .previous_client_order_id = previous,
                                  .total = order->open + order->executed,
                                  .executed = order->executed};
    model->out_session[model->out_count] = order->session;
    memcpy(&model->out[model->out_count++], &more, sizeof(more));
}

static uint32_t
judge_replace(struct model *model, const struct hf_record *record, const struct model_order *order)
{
    uint32_t reason = judge_price(order->instrument, record->price);
    if (reason == 0) {
        reason = judge_quantity(order->instrument, record->quantity);
    }
    if (reason != 0) {
        return reason;
    }
    struct model_order *other = find(model, record->session, record->client_order_id);
    return other != NULL && other != order ? HF_REASON_DUPLICATE_ID : HF_REASON_NONE;
}

static uint32_t
judge_move(struct model *model, const struct hf_record *record, const struct model_order *order)
{
    struct model_order moved = *order;
    moved.price = record->price;
    if (order->post && best_maker(model, &moved, false) != NULL) {
        return HF_REASON_POST_ONLY;
    }
    bool room = level_room(model, order->instrument, order->side, record->price);
    return room ? HF_REASON_NONE : HF_REASON_LEVELS_FULL;
}

static void
model_replace(struct model *model, const struct hf_record *record, struct model_order *order)
{
    uint32_t reason = judge_replace(model, record, order);
    if (reason == 0 && record->quantity <= order->executed) {
        model_drop(model, order, HF_REASON_REPLACED_FULLY_EXECUTED,
                   model->sessions[record->session].seq);
        return;
    }
    if (reason == 0 && record->price != order->price) {
        reason = judge_move(model, record, order);
    }
    if (reason != 0) {
        out_reject(model, record, reason);
        return;
    }
    uint64_t previous = order->id;
    bool keeps = record->price == order->price && record->quantity <= order->executed + order->open;
    order->id = record->client_order_id;
    order->price = record->price;
    order->open = record->quantity - order->executed;
    out_replaced(model, order, previous);
    if (!keeps) {
        order->place = ++model->place;
        match(model, order, false);
        if (order->open == 0) {
            order->order_id = 0;
        }
    }
}

static void
model_command(struct model *model, const struct hf_record *record)
{
    model->sessions[record->session].seq++;
    if (record->type == HF_COMMAND_NEW) {
        model_new(model, record);
        return;
    }
    bool replace = record->type == HF_COMMAND_REPLACE;
    struct model_order *order = find(
        model, record->session, replace ? record->target_client_order_id : record->client_order_id);
    if (order == NULL) {
        out_reject(model, record, HF_REASON_UNKNOWN_ORDER);
    } else if (replace) {
        model_replace(model, record, order);
    } else if (record->type == HF_COMMAND_REDUCE) {
        model_reduce(model, record, order);
    } else {
        model_drop(model, order, HF_REASON_REQUESTED, model->sessions[record->session].seq);
    }
}

/** Oldest order of a session; NULL: none. */
static struct model_order *
oldest(struct model *model, uint32_t session)
{
    struct model_order *best = NULL;
    for (size_t i = 0; i < ORDERS; i++) {
        struct model_order *order = &model->orders[i];
        if (order->order_id != 0 && order->session == session &&
            (best == NULL || order->order_id < best->order_id)) {
            best = order;
        }
    }
    return best;
}

static void
model_cancel_all(struct model *model, uint32_t session, uint32_t reason)
{
    struct model_order *order;
    while ((order = oldest(model, session)) != NULL) {
        model_drop(model, order, reason, 0);
    }
}

static void
model_apply(struct model *model, const struct hf_record *record)
{
    struct model_session *session = &model->sessions[record->session];
    model->lsn = record->lsn;
    model->time_ns = record->time_ns;
    model->trade_index = 0;
    model->out_count = 0;
    switch (record->type) {
    case HF_RECORD_OPEN:
        *session = (struct model_session){.open = true, .flags = record->open.flags};
        return;
    case HF_RECORD_CLOSE:
        model_cancel_all(model, record->session, HF_REASON_CLOSED);
        session->open = false;
        return;
    case HF_RECORD_DISCONNECT:
        if ((session->flags & HF_SESSION_CANCEL_ON_DISCONNECT) != 0) {
            model_cancel_all(model, record->session, HF_REASON_DISCONNECTED);
        }
        return;
    case HF_RECORD_REFUSED: {
        session->seq += record->refused.command_slots;
        struct hf_report *report = out(model, record->session, HF_REPORT_REJECTED);
        report->command_type = (uint8_t)record->refused.command_type;
        report->client_order_id = record->refused.client_order_id;
        report->reason = record->refused.reason;
        report->command_seq = session->seq - record->refused.command_slots + 1;
        return;
    }
    case HF_RECORD_CONNECT:
    case HF_RECORD_DIGEST:
        return;
    default:
        model_command(model, record);
    }
}

static uint64_t
random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

static uint32_t
random_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)((random_next(state) >> 32) * bound >> 32);
}

static int64_t
random_price(uint64_t *state, uint32_t instrument)
{
    const struct hf_instrument_info *info = &model_instruments[(instrument - 1) % INSTRUMENTS];
    uint32_t ticks = (uint32_t)((info->price_max - info->price_min) / info->tick) + 3;
    int64_t price = info->price_min + ((int64_t)random_below(state, ticks) - 1) * info->tick;
    return random_below(state, 30) == 0 ? price + 1 : price;
}

static struct hf_record
random_new(uint64_t *state)
{
    struct hf_record record = {.type = HF_COMMAND_NEW, .slots = 1};
    record.instrument = random_below(state, 60) == 0 ? random_below(state, 2) * (INSTRUMENTS + 1)
                                                     : 1 + random_below(state, INSTRUMENTS);
    record.account = random_below(state, 3);
    record.side = (uint8_t)(1 + random_below(state, 2));
    record.order_type = random_below(state, 8) == 0 ? HF_MARKET : HF_LIMIT;
    record.time_in_force = random_below(state, 4) != 0 ? HF_GTC
                           : random_below(state, 2)    ? HF_IOC
                                                       : HF_FOK;
    record.client_order_id = 1 + random_below(state, 30);
    record.quantity = random_below(state, 62);
    if (record.order_type == HF_LIMIT) {
        record.price = random_price(state, record.instrument == 0 ? 1 : record.instrument);
        if (record.time_in_force == HF_GTC && random_below(state, 6) == 0) {
            record.flags = HF_POST_ONLY;
        }
    }
    return record;
}

static struct hf_record
random_replace(uint64_t *state, uint64_t target, const struct model_order *order)
{
    struct hf_record record = {.type = HF_COMMAND_REPLACE, .slots = 1};
    record.target_client_order_id = target;
    record.client_order_id = random_below(state, 2) == 0 ? target : 1 + random_below(state, 30);
    record.price =
        random_below(state, 4) == 0 ? order->price : random_price(state, order->instrument);
    record.quantity = random_below(state, 62);
    return record;
}

/** Of a live order for the most part, of any id otherwise. */
static struct hf_record
random_change(uint64_t *state, const struct model *model, uint32_t session)
{
    struct model_order any = {.session = session, .instrument = 1, .price = 100};
    const struct model_order *order = &model->orders[random_below(state, ORDERS)];
    any.id = 1 + random_below(state, 30);
    if (order->order_id == 0 || random_below(state, 8) == 0) {
        order = &any;
    }
    struct hf_record record = {.type = HF_COMMAND_CANCEL, .slots = 1};
    record.client_order_id = order->id;
    switch (random_below(state, 4)) {
    case 0:
        break;
    case 1:
        record.type = HF_COMMAND_REDUCE;
        record.quantity = random_below(state, 20);
        break;
    default:
        record = random_replace(state, order->id, order);
    }
    record.session = order->session;
    return record;
}

/** A record of the daemon for a session that is open. */
static struct hf_record
random_daemon(uint64_t *state, const struct hf_core *core)
{
    struct hf_record record = {.slots = 1};
    switch (random_below(state, 5)) {
    case 0:
        record.type = HF_RECORD_CLOSE;
        break;
    case 1:
        record.type = HF_RECORD_DISCONNECT;
        break;
    case 2:
        record.type = HF_RECORD_CONNECT;
        break;
    case 3:
        record.type = HF_RECORD_DIGEST;
        record.digest.digest = hf_core_digest(core);
        break;
    default:
        record.type = HF_RECORD_REFUSED;
        record.refused.reason = 1 + random_below(state, 6);
        record.refused.command_type = random_below(state, 256);
        record.refused.client_order_id = random_next(state);
        record.refused.command_slots = 1 + random_below(state, 2);
    }
    return record;
}

static struct hf_record
random_record(uint64_t *state, const struct model *model, const struct hf_core *core)
{
    uint32_t session = 1 + random_below(state, SESSIONS);
    struct hf_record record = {.type = HF_RECORD_OPEN, .slots = 1, .session = session};
    if (!model->sessions[session].open) {
        record.open.flags = random_below(state, 4);
        record.open.uid = 1000;
        (void)snprintf(record.open.name, HF_NAME_BYTES, "s%u", session);
    } else {
        uint32_t roll = random_below(state, 1000);
        record = roll < 6     ? random_daemon(state, core)
                 : roll < 600 ? random_new(state)
                              : random_change(state, model, session);
        record.session = record.session == 0 ? session : record.session;
    }
    record.lsn = hf_core_lsn(core) + 1;
    record.time_ns = hf_core_time(core) + random_below(state, 3);
    return record;
}

static void
expect_equal_reports(const struct model *model, const struct fixture *fixture,
                     const struct hf_record *record)
{
    cr_assert_eq(fixture->slots, model->out_count,
                 "lsn %" PRIu64 " type %u: %zu reports, model %zu", record->lsn, record->type,
                 fixture->slots, model->out_count);
    for (size_t i = 0; i < model->out_count; i++) {
        cr_assert(memcmp(&model->out[i], &fixture->reports[i], sizeof(model->out[i])) == 0 &&
                      model->out_session[i] == fixture->sessions[i],
                  "lsn %" PRIu64 " type %u: report %zu of type %u (model %u), detail %u (model %u)",
                  record->lsn, record->type, i, fixture->reports[i].type, model->out[i].type,
                  fixture->reports[i].reason, model->out[i].reason);
    }
}

static void
expect_equal_books(const struct model *model, const struct hf_core *core)
{
    uint32_t orders = 0;
    for (uint32_t instrument = 1; instrument <= INSTRUMENTS; instrument++) {
        for (unsigned side = HF_BUY; side <= HF_SELL; side++) {
            struct hf_book_order book[ORDERS];
            size_t count = hf_core_orders(core, instrument, side, book, ORDERS);
            for (size_t i = 0; i < count; i++) {
                struct model_order *order = find((struct model *)(uintptr_t)model, book[i].session,
                                                 book[i].client_order_id);
                cr_assert_not_null(order);
                cr_assert_eq(order->order_id, book[i].order_id);
                cr_assert_eq(order->open, book[i].quantity);
                cr_assert_eq(order->price, book[i].price);
                cr_assert_eq(order->account, book[i].account);
            }
            orders += (uint32_t)count;
        }
    }
    cr_assert_eq(orders, count_orders(model, 0));
    cr_assert_eq(orders, hf_core_open_orders(core));
    cr_assert_eq(model->trades, hf_core_trades(core));
}

/** What happened in a run, so that a test can tell that it has tested something. */
struct tally {
    uint32_t reports[7];
    uint32_t reasons[128];
};

static void
count_reports(struct tally *tally, const struct model *model)
{
    for (size_t i = 0; i < model->out_count; i++) {
        const struct hf_report *report = &model->out[i];
        if (report->type < HF_REPORT_MORE) {
            tally->reports[report->type]++;
        }
        if (report->type == HF_REPORT_REJECTED || report->type == HF_REPORT_CANCELLED) {
            tally->reasons[report->reason]++;
        }
    }
}

static uint64_t
run_random(uint64_t seed, uint32_t records, struct tally *tally)
{
    struct fixture *fixture = fixture_bare(&model_limits);
    struct model *model = calloc(1, sizeof(*model));
    for (uint32_t i = 0; i < INSTRUMENTS; i++) {
        fixture_add_instrument(fixture, model_instruments[i]);
    }
    uint64_t state = seed;
    for (uint32_t i = 0; i < records; i++) {
        struct hf_record record = random_record(&state, model, fixture->core);
        fixture->slots = 0;
        fixture->event_count = 0;
        fixture->time_ns = record.time_ns;
        fixture_apply(fixture, record, NULL);
        model_apply(model, &record);
        expect_equal_reports(model, fixture, &record);
        count_reports(tally, model);
        if (i % 16 == 0) {
            hf_core_audit(fixture->core);
            expect_equal_books(model, fixture->core);
        }
    }
    uint64_t digest = hf_core_digest(fixture->core);
    free(model);
    fixture_free(fixture);
    return digest;
}

Test(model, two_hundred_thousand_random_records_give_the_models_reports)
{
    struct tally tally = {0};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        run_random(seed * 0x9e3779b97f4a7c15u, 25000, &tally);
    }
    for (unsigned type = HF_REPORT_ACCEPTED; type <= HF_REPORT_REDUCED; type++) {
        cr_expect_gt(tally.reports[type], 1000, "reports of type %u: %u", type,
                     tally.reports[type]);
    }
    static const uint32_t reasons[] = {
        HF_REASON_UNKNOWN_INSTRUMENT,
        HF_REASON_PRICE_OFF_TICK,
        HF_REASON_PRICE_OUT_OF_BAND,
        HF_REASON_QUANTITY_ZERO,
        HF_REASON_QUANTITY_OFF_LOT,
        HF_REASON_QUANTITY_TOO_LARGE,
        HF_REASON_DUPLICATE_ID,
        HF_REASON_UNKNOWN_ORDER,
        HF_REASON_POST_ONLY,
        HF_REASON_ORDERS_FULL,
        HF_REASON_LEVELS_FULL,
        HF_REASON_SESSION_ORDERS,
        HF_REASON_REQUESTED,
        HF_REASON_MARKET_REMAINDER,
        HF_REASON_IOC_REMAINDER,
        HF_REASON_FOK_UNFILLED,
        HF_REASON_DISCONNECTED,
        HF_REASON_CLOSED,
        HF_REASON_REPLACED_FULLY_EXECUTED,
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        cr_expect_gt(tally.reasons[reasons[i]], 20, "%s: %u", reason_word(reasons[i]),
                     tally.reasons[reasons[i]]);
    }
}

Test(model, the_same_records_give_the_same_digest_and_others_do_not)
{
    struct tally tally = {0};
    uint64_t first = run_random(99, 5000, &tally);
    cr_expect_eq(first, run_random(99, 5000, &tally));
    cr_expect_neq(first, run_random(100, 5000, &tally));
}
