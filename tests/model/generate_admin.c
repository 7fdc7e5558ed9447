/*
 * generate_admin.c - random commands of the administration, bad ones included.
 */
#include "model/generate.h"

#include <stdio.h>
#include <string.h>

struct kind {
    int64_t tick;
    uint64_t lot;
    int64_t price_min;
    int64_t price_max;
    uint64_t quantity_max;
};

/** Instruments of all sorts: plain, coarse, around zero, at the ends of what a price can be, of one
 *  price only, of all prices there are. */
static const struct kind kinds[] = {
    {1, 1, 1, 200, 1200},
    {5, 10, -60, 60, 900},
    {1, 1, -12, 12, 50},
    {7, 3, 630, 770, 600},
    {1, (uint64_t)1 << 38, HF_PRICE_MAX - 200, HF_PRICE_MAX - 1, HF_QUANTITY_MAX},
    {1 << 20, (uint64_t)1 << 38, 1 - HF_PRICE_MAX, 1 - HF_PRICE_MAX + (200 << 20), HF_QUANTITY_MAX},
    {1, 1, 50, 50, 20},
    {1, 1, 1 - HF_PRICE_MAX, HF_PRICE_MAX - 1, 40},
};
#define KINDS ((uint32_t)(sizeof(kinds) / sizeof(kinds[0])))

static struct hf_command *
command_of(struct step *step)
{
    return (struct hf_command *)(void *)&step->record;
}

/** Everything that a type can set, or some of it; now and then nothing, which is malformed. */
static void
choose_sets(struct generator *generator, struct step *step, uint8_t all)
{
    struct hf_record *record = &step->record;
    uint32_t way = generate_below(generator, 100);
    record->sets = way < 40 ? all : (uint8_t)(generate_random(generator) & all);
    if (record->sets == 0 && way < 98) {
        record->sets = all;
    }
}

/** Whether it gives a value for this: when it sets it, or now and then to be malformed. */
static bool
says(struct generator *generator, const struct step *step, uint8_t set)
{
    return (step->record.sets & set) != 0 ||
           (generate_has(generator, GENERATE_MALFORMED) && generate_chance(generator, 1));
}

static void
describe(struct generator *generator, struct step *step, uint32_t kind)
{
    const struct kind *of = &kinds[kind % KINDS];
    struct hf_record *record = &step->record;
    struct hf_record *more = &step->more;
    record->slots = 2;
    if (generate_has(generator, GENERATE_INSTRUMENT)) {
        record->instrument_add.flags = generate_below(generator, 4);
    }
    (void)snprintf(record->instrument_add.symbol, sizeof(record->instrument_add.symbol), "K%u",
                   kind);
    record->instrument_add.tick = of->tick;
    more->instrument_more.lot = of->lot;
    more->instrument_more.price_min = of->price_min;
    more->instrument_more.price_max = of->price_max;
    more->instrument_more.quantity_max = of->quantity_max;
}

void
generate_instrument(struct generator *generator, struct step *step, uint32_t which)
{
    describe(generator, step, generate_below(generator, KINDS) + which * 100 * KINDS);
    step->is_command = true;
    step->record.type = HF_COMMAND_INSTRUMENT_ADD;
}

static void
spoil_instrument(struct generator *generator, struct step *step)
{
    struct hf_record *more = &step->more;
    switch (generate_below(generator, 8)) {
    case 0:
        step->record.instrument_add.tick = 0;
        break;
    case 1:
        more->instrument_more.lot = 0;
        break;
    case 2:
        more->instrument_more.price_min = more->instrument_more.price_max + 1;
        break;
    case 3:
        more->instrument_more.price_max = HF_PRICE_MAX;
        break;
    case 4:
        more->instrument_more.price_min = -HF_PRICE_MAX;
        break;
    case 5:
        more->instrument_more.quantity_max =
            generate_chance(generator, 50) ? 0 : HF_QUANTITY_MAX + 1;
        break;
    case 6:
        step->record.instrument_add.symbol[generate_below(generator, 2)] = ' ';
        break;
    default:
        step->record.instrument_add.flags = 4;
    }
}

static void
make_instrument_add(struct generator *generator, struct step *step)
{
    describe(generator, step, generate_below(generator, 3 * KINDS));
    step->record.type = HF_COMMAND_INSTRUMENT_ADD;
    if (generate_has(generator, GENERATE_PHASE)) {
        step->record.order_type = (uint8_t)generate_below(generator, HF_PHASE_CLOSED + 1);
    }
    if (generate_chance(generator, 15)) {
        spoil_instrument(generator, step);
    }
}

/** Of a whole description, some parts only. */
static void
set_some(struct generator *generator, struct step *step)
{
    struct hf_record *record = &step->record;
    struct hf_record *more = &step->more;
    choose_sets(generator, step, HF_SET_INSTRUMENT);
    if (!says(generator, step, HF_SET_TICK)) {
        record->instrument_add.tick = 0;
    }
    if (!says(generator, step, HF_SET_LOT)) {
        more->instrument_more.lot = 0;
    }
    if (!says(generator, step, HF_SET_PRICE_MIN)) {
        more->instrument_more.price_min = 0;
    }
    if (!says(generator, step, HF_SET_PRICE_MAX)) {
        more->instrument_more.price_max = 0;
    }
    if (!says(generator, step, HF_SET_QUANTITY_MAX)) {
        more->instrument_more.quantity_max = 0;
    }
    if (!says(generator, step, HF_SET_REPLACE_LOSES_PRIORITY)) {
        record->instrument_add.flags &= ~(uint32_t)HF_REPLACE_LOSES_PRIORITY;
    }
    if (!says(generator, step, HF_SET_ICEBERG_KEEPS_PLACE)) {
        record->instrument_add.flags &= ~(uint32_t)HF_ICEBERG_KEEPS_PLACE;
    }
}

/** The same symbol and about the same band, but another tick, lot or variant. */
static void
make_instrument_change(struct generator *generator, struct step *step)
{
    const struct model *model = generator->rig->model;
    uint32_t id = generate_pick_instrument(generator);
    uint32_t kind = 0;
    if (id >= 1 && id <= model->instrument_count) {
        (void)sscanf(model->instruments[id].symbol, "K%u", &kind);
    }
    describe(generator, step, generate_chance(generator, 95) ? kind : kind + 1);
    step->record.type = HF_COMMAND_INSTRUMENT_CHANGE;
    step->record.instrument_add.id = id;
    step->record.instrument_add.tick *= 1 + generate_below(generator, 3);
    step->more.instrument_more.lot *= 1 + generate_below(generator, 2);
    if (generate_chance(generator, 15)) {
        spoil_instrument(generator, step);
    }
    set_some(generator, step);
}

static void
make_instrument_limits(struct generator *generator, struct step *step)
{
    const struct model *model = generator->rig->model;
    struct hf_record *record = &step->record;
    record->type = HF_COMMAND_INSTRUMENT_LIMITS;
    record->instrument = generate_pick_instrument(generator);
    choose_sets(generator, step, HF_SET_INSTRUMENT_LIMITS);
    if (generate_chance(generator, 40) || record->instrument == 0 ||
        record->instrument > model->instrument_count) {
        return;
    }
    const struct model_instrument *of = &model->instruments[record->instrument];
    if (says(generator, step, HF_SET_COLLAR) && generate_chance(generator, 60)) {
        record->price = of->tick * (1 + generate_below(generator, 4));
    }
    if (says(generator, step, HF_SET_NOTIONAL) && generate_chance(generator, 60)) {
        uint64_t price = (uint64_t)(of->price_max < 0 ? -of->price_max : of->price_max);
        record->quantity = generate_chance(generator, 80)
                               ? price / 2 * of->lot * (1 + generate_below(generator, 8))
                               : UINT64_MAX;
    }
}

static void
make_phase(struct generator *generator, struct step *step)
{
    const struct model *model = generator->rig->model;
    struct hf_record *record = &step->record;
    record->type = HF_COMMAND_PHASE;
    record->instrument = generate_chance(generator, 20) ? 0 : generate_pick_instrument(generator);
    bool is_known = record->instrument >= 1 && record->instrument <= model->instrument_count;
    bool is_open = is_known && model->instruments[record->instrument].phase == HF_PHASE_OPEN;
    uint32_t way = generate_below(generator, 100);
    if (!is_open && way < 75) {
        record->order_type = HF_PHASE_OPEN;
    } else {
        record->order_type = way % 8 < 6   ? HF_PHASE_PRE_OPEN
                             : way % 8 < 7 ? HF_PHASE_HALTED
                                           : HF_PHASE_CLOSED;
    }
}

bool
generate_opening(struct generator *generator, struct step *step)
{
    const struct model *model = generator->rig->model;
    uint32_t id = generate_pick_instrument(generator);
    bool is_there = id >= 1 && id <= model->instrument_count && model->instruments[id].phase != 0;
    if (!is_there || model->instruments[id].phase == HF_PHASE_OPEN) {
        return false;
    }
    step->record.type = HF_COMMAND_PHASE;
    step->record.instrument = id;
    step->record.order_type = HF_PHASE_OPEN;
    return true;
}

static void
make_account(struct generator *generator, struct step *step)
{
    struct hf_record *record = &step->record;
    record->type = HF_COMMAND_ACCOUNT;
    record->account = generate_pick_account(generator);
    choose_sets(generator, step, HF_SET_ACCOUNT);
    if (generate_has(generator, GENERATE_SELF_TRADE)) {
        record->client_order_id =
            says(generator, step, HF_SET_GROUP) ? generate_below(generator, 3) : 0;
        record->order_type =
            says(generator, step, HF_SET_SELF_TRADE) ? (uint8_t)generate_below(generator, 5) : 0;
    }
    if (generate_has(generator, GENERATE_RISK)) {
        if (says(generator, step, HF_SET_NOTIONAL) && generate_chance(generator, 20)) {
            record->quantity = (uint64_t)1 << (8 + generate_below(generator, 56));
        }
        bool kills = says(generator, step, HF_SET_KILL) && generate_chance(generator, 5);
        record->flags = kills ? HF_ON : 0;
    }
}

static void
make_session_limits(struct generator *generator, struct step *step)
{
    struct hf_command *command = command_of(step);
    command->type = HF_COMMAND_SESSION_LIMITS;
    (void)snprintf(command->session_name, sizeof(command->session_name), "%s",
                   generate_pick_name(generator));
    choose_sets(generator, step, HF_SET_SESSION_LIMITS);
    if (generate_chance(generator, 45)) {
        return;
    }
    if (says(generator, step, HF_SET_ORDERS) && generate_chance(generator, 80)) {
        command->value = 1 + generate_below(generator, 30);
    }
    if (says(generator, step, HF_SET_RATE) && generate_chance(generator, 40)) {
        command->rate = 1 + generate_below(generator, 6);
    }
    if (says(generator, step, HF_SET_KILL) && generate_chance(generator, 20)) {
        command->flags = HF_ON;
    }
}

static void
make_entitle(struct generator *generator, struct step *step)
{
    struct hf_command *command = command_of(step);
    uint32_t way = generate_below(generator, 100);
    command->type = HF_COMMAND_ENTITLE;
    (void)snprintf(command->session_name, sizeof(command->session_name), "%s",
                   generate_pick_name(generator));
    command->flags = generate_chance(generator, 40) ? HF_ON : 0;
    if (way < 20) {
        bool copies = generate_chance(generator, 50);
        command->order_type = copies ? HF_ENTITLE_DROP_COPY : HF_ENTITLE_GROUP;
        command->value = 1 + generate_below(generator, 2);
        command->flags = generate_chance(generator, 70) ? HF_ON : 0;
    } else if (way < 35) {
        command->order_type = HF_ENTITLE_ADMIN;
    } else if (way < 45) {
        command->order_type = HF_ENTITLE_USER;
        command->value = generate_below(generator, 3);
    } else if (way < 65) {
        command->order_type = HF_ENTITLE_ACCOUNT;
        command->value = generate_pick_account(generator);
    } else {
        command->order_type = HF_ENTITLE_INSTRUMENT;
        command->value = generate_pick_instrument(generator);
    }
}

static void
make_bust(struct generator *generator, struct step *step)
{
    const struct model *model = generator->rig->model;
    struct hf_command *command = command_of(step);
    struct hf_command_more *more = (struct hf_command_more *)(void *)&step->more;
    command->type = HF_COMMAND_BUST;
    command->slots = 2;
    uint64_t beyond = generate_chance(generator, 10) ? 3 : 0; /* an LSN that is just not used yet */
    command->trade_lsn = model->lsn - generate_below(generator, (uint32_t)model->lsn) + beyond;
    command->trade_index = generate_chance(generator, 90)
                               ? generate_below(generator, 3)
                               : model->trades + generate_below(generator, 2);
    if (generate_chance(generator, 50)) {
        command->flags = HF_ON;
        command->trade_price = generate_price(generator, 1);
        command->trade_quantity = 1 + generate_below(generator, 9);
    }
    for (size_t i = 0; i < 2; i++) {
        uint32_t slot = generate_below(generator, model->limits.sessions_max + 1);
        more->session_id[i] = generate_chance(generator, 80) ? 0 : generate_below(generator, 30);
        more->trade_client_id[i] = 1 + generate_below(generator, 24);
        if (slot != 0 && model->sessions[slot].id != 0) {
            more->session_id[i] = model->sessions[slot].id;
            step->references[STEP_SESSION_A + i] =
                generate_reference(generator, model->sessions[slot].id);
        }
    }
}

static void
make_reference(struct generator *generator, struct step *step)
{
    step->record.type = HF_COMMAND_REFERENCE;
    step->record.instrument = generate_pick_instrument(generator);
    step->record.price = generate_price(generator, step->record.instrument);
}

static void
make_instrument_remove(struct generator *generator, struct step *step)
{
    step->record.type = HF_COMMAND_INSTRUMENT_REMOVE;
    step->record.instrument = generate_pick_instrument(generator);
}

static void
make_session_end(struct generator *generator, struct step *step)
{
    (void)generator;
    step->record.type = HF_COMMAND_SESSION_END;
}

struct maker {
    uint32_t feature;
    uint32_t weight;
    void (*make)(struct generator *generator, struct step *step);
};

static const struct maker makers[] = {
    {GENERATE_PHASE, 30, make_phase},
    {GENERATE_SELF_TRADE | GENERATE_RISK, 18, make_account},
    {GENERATE_RISK, 8, make_instrument_limits},
    {GENERATE_RISK, 12, make_session_limits},
    {GENERATE_RISK | GENERATE_STOP, 6, make_reference},
    {GENERATE_ENTITLE, 10, make_entitle},
    {GENERATE_INSTRUMENT, 5, make_instrument_add},
    {GENERATE_INSTRUMENT, 6, make_instrument_change},
    {GENERATE_INSTRUMENT, 1, make_instrument_remove},
    {GENERATE_MASS, 4, make_bust},
    {GENERATE_EXPIRY, 3, make_session_end},
};
#define MAKERS (sizeof(makers) / sizeof(makers[0]))

void
generate_admin_command(struct generator *generator, struct step *step)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < MAKERS; i++) {
        sum += generate_has(generator, makers[i].feature) ? makers[i].weight : 0;
    }
    uint32_t way = generate_below(generator, sum);
    if (generate_chance(generator, 70)) {
        step->record.session = 0; /* the daemon's own, always allowed */
    }
    for (size_t i = 0; i < MAKERS; i++) {
        uint32_t weight = generate_has(generator, makers[i].feature) ? makers[i].weight : 0;
        if (way < weight) {
            makers[i].make(generator, step);
            return;
        }
        way -= weight;
    }
}
