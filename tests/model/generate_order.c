/*
 * generate_order.c - random commands about orders.
 */
#include "model/generate.h"

#define CLIENT_IDS 24u

static uint64_t
lot_of(const struct generator *generator, uint32_t instrument)
{
    const struct model *model = generator->rig->model;
    bool is_known = instrument >= 1 && instrument <= model->instrument_count;
    return is_known ? model->instruments[instrument].lot : 1;
}

/** Mostly a few lots, sometimes many; now and then zero, off lot, or more than is allowed. */
static uint64_t
quantity(struct generator *generator, uint32_t instrument)
{
    const struct model *model = generator->rig->model;
    uint64_t lot = lot_of(generator, instrument);
    uint32_t way = generate_below(generator, 100);
    if (way < 1) {
        return 0;
    }
    if (way < 2) {
        return lot * (1 + generate_below(generator, 5)) + 1;
    }
    if (way < 3 && instrument >= 1 && instrument <= model->instrument_count) {
        return model->instruments[instrument].quantity_max + lot * generate_below(generator, 2);
    }
    return lot * (1 + generate_below(generator, way < 15 ? 30 : 8));
}

static uint64_t
client_id(struct generator *generator)
{
    return 1 + generate_below(generator, CLIENT_IDS);
}

static uint8_t
time_in_force(struct generator *generator)
{
    uint32_t way = generate_below(generator, 100);
    if (way < 12) {
        return HF_IOC;
    }
    if (way < 22) {
        return HF_FOK;
    }
    if (way < 38 && generate_has(generator, GENERATE_EXPIRY)) {
        return way < 30 ? HF_DAY : HF_GTD;
    }
    return HF_GTC;
}

static uint8_t
order_type(struct generator *generator)
{
    uint32_t way = generate_below(generator, 100);
    if (way < 9) {
        return HF_MARKET;
    }
    if (way < 16 && generate_has(generator, GENERATE_MARKET_TO_LIMIT)) {
        return HF_MARKET_TO_LIMIT;
    }
    if (way < 16 + generator->stop_percent && generate_has(generator, GENERATE_STOP)) {
        return way % 5 < 2 ? HF_STOP : HF_STOP_LIMIT;
    }
    return HF_LIMIT;
}

static struct hf_command_more *
second_slot(struct step *step)
{
    step->record.slots = 2;
    return (struct hf_command_more *)(void *)&step->more;
}

/** Often that of a stop that waits already: several at one price go off together. */
static int64_t
stop_price(struct generator *generator, uint32_t instrument)
{
    const struct model_order *order = generate_pick_order(generator, 0);
    if (order != NULL && order->state == MODEL_WAITING && order->instrument == instrument) {
        return order->stop_price;
    }
    return generate_price(generator, instrument);
}

/** Of an order that decrements its own ones: where a minimum is met in spite of them is worth more looks. */
static uint32_t
minimum_percent(const struct generator *generator, uint32_t account)
{
    const struct model_account *settings = model_account(generator->rig->model, account);
    return settings != NULL && settings->mode == HF_SELF_TRADE_DECREMENT ? 40 : 8;
}

/** The fields of the second slot, where the type and the time in force allow or want them. */
static void
add_conditions(struct generator *generator, struct step *step)
{
    struct hf_record *record = &step->record;
    bool is_stop = record->order_type == HF_STOP || record->order_type == HF_STOP_LIMIT;
    bool is_immediate = record->time_in_force == HF_IOC || record->time_in_force == HF_FOK;
    uint64_t lot = lot_of(generator, record->instrument);
    if (is_stop) {
        second_slot(step)->stop_price = stop_price(generator, record->instrument);
    }
    if (record->time_in_force == HF_GTD) {
        uint64_t ahead_ns = (uint64_t)generate_below(generator, 40) * generator->pace_ns;
        second_slot(step)->expire_ns = generator->time_ns + ahead_ns - generate_below(generator, 2);
    }
    if (generate_has(generator, GENERATE_ICEBERG) && record->order_type == HF_LIMIT &&
        !is_immediate && generate_chance(generator, 25)) {
        uint64_t lots = record->quantity / lot;
        uint64_t least = 1 + lots / 20; /* no endless rows of peaks */
        uint32_t most = lots < 8 ? (uint32_t)lots : 8;
        second_slot(step)->display =
            lot * (least + generate_below(generator, most + 1)) / 2 / lot * lot +
            lot * generate_chance(generator, 30) + generate_chance(generator, 2);
        if (generate_chance(generator, 1)) { /* one peak too many, or just not */
            second_slot(step)->display = lot;
            record->quantity = lot * (HF_ICEBERG_PEAKS_MAX + generate_below(generator, 2));
        }
    }
    if (generate_has(generator, GENERATE_MINIMUM) && !is_stop && record->time_in_force != HF_FOK &&
        generate_chance(generator, minimum_percent(generator, record->account))) {
        second_slot(step)->minimum =
            lot * (1 + generate_below(generator, 6)) + generate_chance(generator, 2);
    }
    if (record->slots == 1 && generate_chance(generator, 1)) {
        (void)second_slot(step); /* with nothing in it */
    }
}

static void
make_new(struct generator *generator, struct step *step)
{
    struct hf_record *record = &step->record;
    record->type = HF_COMMAND_NEW;
    record->side = generate_chance(generator, 50) ? HF_BUY : HF_SELL;
    record->order_type = order_type(generator);
    record->time_in_force = time_in_force(generator);
    bool is_immediate = record->time_in_force == HF_IOC || record->time_in_force == HF_FOK;
    if (record->order_type == HF_MARKET && !is_immediate) {
        record->time_in_force = HF_GTC;
    }
    if ((record->order_type == HF_STOP || record->order_type == HF_MARKET_TO_LIMIT) &&
        is_immediate) {
        record->time_in_force = generate_has(generator, GENERATE_EXPIRY) ? HF_DAY : HF_GTC;
    }
    record->instrument = generate_pick_instrument(generator);
    record->account = generate_pick_account(generator);
    record->client_order_id = client_id(generator);
    record->quantity = quantity(generator, record->instrument);
    if (record->order_type == HF_LIMIT || record->order_type == HF_STOP_LIMIT) {
        record->price = generate_price(generator, record->instrument);
    }
    if (record->order_type == HF_LIMIT && record->time_in_force != HF_IOC &&
        record->time_in_force != HF_FOK && generate_chance(generator, 12)) {
        record->flags = HF_POST_ONLY;
    }
    add_conditions(generator, step);
}

/** Which order: mostly a live one of the session. */
static const struct model_order *
aim(struct generator *generator, const struct step *step)
{
    return generate_chance(generator, 85) ? generate_pick_order(generator, step->record.session)
                                          : NULL;
}

static bool
has_orders(const struct generator *generator, const struct step *step)
{
    return model_open_orders(generator->rig->model, step->record.session) > 0;
}

static void
make_replace(struct generator *generator, struct step *step)
{
    struct hf_record *record = &step->record;
    const struct model_order *order = aim(generator, step);
    record->type = HF_COMMAND_REPLACE;
    record->target_client_order_id = client_id(generator);
    record->client_order_id = client_id(generator);
    record->price = generate_price(generator, 1);
    record->quantity = quantity(generator, 1);
    if (order == NULL) {
        return;
    }
    record->target_client_order_id = order->client_order_id;
    if (generate_chance(generator, 40)) {
        record->client_order_id = order->client_order_id;
    }
    record->price = generate_chance(generator, 45) ? order->price
                                                   : generate_price(generator, order->instrument);
    if (order->type == HF_STOP && generate_chance(generator, 80)) {
        record->price = 0;
    }
    uint64_t lot = lot_of(generator, order->instrument);
    uint64_t total = order->executed + order->open;
    uint64_t change = lot * generate_below(generator, 4);
    uint32_t way = generate_below(generator, 100);
    if (way < 45) {
        record->quantity = total > change ? total - change : total;
    } else if (way < 85) {
        record->quantity = total + change;
    } else {
        record->quantity = way < 90 ? order->executed : quantity(generator, order->instrument);
    }
}

/** By order id, an order of one's own or, now and then, of somebody else. */
static void
aim_by_order_id(struct generator *generator, struct step *step, const struct model_order *order)
{
    if (!generate_has(generator, GENERATE_MASS) || !generate_chance(generator, 30)) {
        return;
    }
    if (order == NULL || generate_chance(generator, 30)) {
        order = generate_pick_order(generator, 0);
    }
    step->record.flags = HF_BY_ORDER_ID;
    if (order != NULL) {
        step->record.client_order_id = order->order_id;
        step->references[STEP_ORDER_ID] = generate_reference(generator, order->order_id);
    }
}

static void
make_cancel(struct generator *generator, struct step *step)
{
    const struct model_order *order = aim(generator, step);
    step->record.type = HF_COMMAND_CANCEL;
    step->record.client_order_id = order != NULL ? order->client_order_id : client_id(generator);
    aim_by_order_id(generator, step, order);
}

static void
make_reduce(struct generator *generator, struct step *step)
{
    const struct model_order *order = aim(generator, step);
    step->record.type = HF_COMMAND_REDUCE;
    step->record.client_order_id = order != NULL ? order->client_order_id : client_id(generator);
    step->record.quantity = quantity(generator, order != NULL ? order->instrument : 1);
    aim_by_order_id(generator, step, order);
}

static void
make_mass_cancel(struct generator *generator, struct step *step)
{
    step->record.type = HF_COMMAND_MASS_CANCEL;
    if (generate_chance(generator, 50)) {
        step->record.instrument = generate_pick_instrument(generator);
    }
    if (generate_chance(generator, 30)) {
        step->record.account = generate_pick_account(generator);
    }
    step->record.side = (uint8_t)generate_below(generator, 3);
}

/** Mostly all at once; now and then a page, behind an order that may be gone or another's. */
static void
make_list(struct generator *generator, struct step *step)
{
    step->record.type = HF_COMMAND_OPEN_ORDERS;
    if (generate_chance(generator, 60)) {
        step->record.quantity = generate_below(generator, 5);
    }
    if (!generate_chance(generator, 60)) {
        return;
    }
    const struct model_order *order =
        generate_pick_order(generator, generate_chance(generator, 80) ? step->record.session : 0);
    if (order != NULL) {
        step->record.client_order_id = order->order_id;
        step->references[STEP_ORDER_ID] = generate_reference(generator, order->order_id);
    } else {
        step->record.client_order_id = generate_below(generator, 1000);
    }
}

void
generate_order_command(struct generator *generator, struct step *step)
{
    const struct model *model = generator->rig->model;
    /* The fuller the pool, the more goes: books stay small, and pools are full now and then. */
    bool is_full = model->order_count * 10 > (size_t)model->limits.orders_max * 8;
    uint32_t way = generate_below(generator, 100);
    if (way < (is_full ? 35u : 55u) ||
        (!has_orders(generator, step) && generate_chance(generator, 70))) {
        make_new(generator, step);
    } else if (way < 76) {
        make_replace(generator, step);
    } else if (way < 86) {
        make_reduce(generator, step);
    } else if (way < 97 || !generate_has(generator, GENERATE_MASS)) {
        make_cancel(generator, step);
    } else if (way < 99) {
        make_mass_cancel(generator, step);
    } else {
        make_list(generator, step);
    }
}
