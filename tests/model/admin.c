/*
 * admin.c - commands of sessions with admin rights, and of the daemon itself (session 0).
 *
 * Each is done, or rejected for a reason; DONE comes after the reports of its effects.
 */
#include "model/model.h"

#include <string.h>

/** What a command came to. */
struct outcome {
    uint32_t reason;
    uint32_t instrument; /**< that it was about; 0: none, or all */
    uint64_t cancelled;
};

static struct outcome
refused(uint32_t reason)
{
    return (struct outcome){.reason = reason};
}

static struct model_entitlement *
find_entitlement(const struct model *model, const char *name, uint32_t kind, uint32_t value)
{
    for (uint32_t i = 0; i < model->entitlement_count; i++) {
        struct model_entitlement *entry = &model->entitlements[i];
        if (strcmp(entry->name, name) == 0 && entry->kind == kind && entry->value == value) {
            return entry;
        }
    }
    return NULL;
}

bool
model_has_its_rights(const struct model *model, uint32_t session)
{
    const struct model_session *of = &model->sessions[session];
    bool is_root = of->client_uid == 0;
    bool is_the_daemons_user = (of->client_flags & HF_SESSION_OF_DAEMON) != 0;
    return is_root || is_the_daemons_user ||
           find_entitlement(model, of->name, HF_ENTITLE_USER, of->client_uid) != NULL;
}

bool
model_is_admin(const struct model *model, uint32_t session)
{
    const char *name = model->sessions[session].name;
    return session == 0 || (model_has_its_rights(model, session) &&
                            find_entitlement(model, name, HF_ENTITLE_ADMIN, 0) != NULL);
}

enum hf_core_claim
model_claim(const struct model *model, const char *name, uint32_t uid)
{
    bool has_users = false;
    bool has_rights = false;
    for (uint32_t i = 0; i < model->entitlement_count; i++) {
        const struct model_entitlement *entry = &model->entitlements[i];
        bool is_its = strcmp(entry->name, name) == 0;
        has_users |= is_its && entry->kind == HF_ENTITLE_USER;
        has_rights |=
            is_its && (entry->kind == HF_ENTITLE_ADMIN || entry->kind == HF_ENTITLE_DROP_COPY);
    }
    if (has_users) {
        bool is_one = find_entitlement(model, name, HF_ENTITLE_USER, uid) != NULL;
        return is_one ? HF_CLAIM_GRANTED : HF_CLAIM_OTHERS;
    }
    return has_rights ? HF_CLAIM_RESERVED : HF_CLAIM_FREE;
}

struct model_limits *
model_limits(const struct model *model, const char *name)
{
    for (uint32_t i = 0; i < model->name_limits_count; i++) {
        if (strcmp(model->name_limits[i].name, name) == 0) {
            return &model->name_limits[i];
        }
    }
    return NULL;
}

bool
model_is_entitled(const struct model *model, uint32_t session, uint32_t kind, uint32_t value)
{
    const char *name = model->sessions[session].name;
    bool has_list = false;
    for (uint32_t i = 0; i < model->entitlement_count; i++) {
        const struct model_entitlement *entry = &model->entitlements[i];
        has_list |= strcmp(entry->name, name) == 0 && entry->kind == kind;
    }
    return !has_list || find_entitlement(model, name, kind, value) != NULL;
}

static void
tell_instrument_event(struct model *model, uint32_t id)
{
    model_tell_market(model,
                      (struct hf_market_event){.type = HF_MARKET_INSTRUMENT, .instrument = id});
}

static bool
symbol_is_valid(const char *symbol)
{
    size_t length = strnlen(symbol, HF_SYMBOL_BYTES);
    for (size_t i = 0; i < length; i++) {
        if (symbol[i] <= ' ' || symbol[i] > '~') {
            return false;
        }
    }
    for (size_t i = length; i < HF_SYMBOL_BYTES; i++) {
        if (symbol[i] != '\0') {
            return false; /* no second spelling of the same symbol */
        }
    }
    return length > 0 && length < HF_SYMBOL_BYTES;
}

/** An instrument as the two slots of a command describe it. */
static struct model_instrument
described(const struct hf_record *add, const struct hf_record *more)
{
    struct model_instrument wanted = {.flags = add->instrument_add.flags,
                                      .tick = add->instrument_add.tick,
                                      .lot = more->instrument_more.lot,
                                      .price_min = more->instrument_more.price_min,
                                      .price_max = more->instrument_more.price_max,
                                      .quantity_max = more->instrument_more.quantity_max};
    memcpy(wanted.symbol, add->instrument_add.symbol, sizeof(wanted.symbol));
    return wanted;
}

static bool
is_possible(const struct model *model, const struct model_instrument *wanted)
{
    const uint32_t known = HF_REPLACE_LOSES_PRIORITY | HF_ICEBERG_KEEPS_PLACE;
    return wanted->tick > 0 && wanted->tick < HF_PRICE_MAX && wanted->lot > 0 &&
           wanted->price_min <= wanted->price_max && wanted->price_min > -HF_PRICE_MAX &&
           wanted->price_max < HF_PRICE_MAX && wanted->quantity_max > 0 &&
           wanted->quantity_max <= HF_QUANTITY_MAX &&
           wanted->quantity_max <= UINT64_MAX / model->limits.orders_max &&
           (wanted->flags & ~known) == 0 && symbol_is_valid(wanted->symbol);
}

static uint32_t
find_symbol(const struct model *model, const char *symbol)
{
    for (uint32_t id = 1; id <= model->instrument_count; id++) {
        if (model->instruments[id].phase != 0 &&
            strcmp(model->instruments[id].symbol, symbol) == 0) {
            return id;
        }
    }
    return 0;
}

static struct outcome
instrument_add(struct model *model)
{
    struct model_instrument wanted = described(&model->record, &model->record_more);
    if (!is_possible(model, &wanted)) {
        return refused(HF_REASON_BAD_INSTRUMENT);
    }
    if (find_symbol(model, wanted.symbol) != 0) {
        return refused(HF_REASON_SYMBOL_IN_USE);
    }
    if (model->instrument_count == model->limits.instruments_max) {
        return refused(HF_REASON_INSTRUMENTS_FULL);
    }
    uint32_t id = ++model->instrument_count;
    uint8_t first = model->record.order_type;
    wanted.id = id;
    wanted.phase = first != 0 ? first : (uint32_t)HF_PHASE_OPEN;
    model->instruments[id] = wanted;
    tell_instrument_event(model, id);
    return (struct outcome){.instrument = id};
}

static bool
has_live_orders(const struct model *model, uint32_t instrument)
{
    for (size_t i = 0; i < model->order_count; i++) {
        if (model->orders[i].instrument == instrument) {
            return true;
        }
    }
    return false;
}

/** What an instrument is to be: as it is, but for what the command sets, and for the symbol. */
static struct model_instrument
changed(const struct model *model, const struct model_instrument *instrument)
{
    struct model_instrument asked = described(&model->record, &model->record_more);
    struct model_instrument wanted = *instrument;
    uint8_t sets = model->command.sets;
    uint32_t bits = ((sets & HF_SET_REPLACE_LOSES_PRIORITY) != 0 ? HF_REPLACE_LOSES_PRIORITY : 0u) |
                    ((sets & HF_SET_ICEBERG_KEEPS_PLACE) != 0 ? HF_ICEBERG_KEEPS_PLACE : 0u);
    memcpy(wanted.symbol, asked.symbol, sizeof(wanted.symbol));
    wanted.flags = (instrument->flags & ~bits) | asked.flags;
    wanted.tick = (sets & HF_SET_TICK) != 0 ? asked.tick : instrument->tick;
    wanted.lot = (sets & HF_SET_LOT) != 0 ? asked.lot : instrument->lot;
    wanted.price_min = (sets & HF_SET_PRICE_MIN) != 0 ? asked.price_min : instrument->price_min;
    wanted.price_max = (sets & HF_SET_PRICE_MAX) != 0 ? asked.price_max : instrument->price_max;
    wanted.quantity_max =
        (sets & HF_SET_QUANTITY_MAX) != 0 ? asked.quantity_max : instrument->quantity_max;
    return wanted;
}

static struct outcome
instrument_change(struct model *model)
{
    struct model_instrument *instrument = model_instrument(model, model->record.instrument_add.id);
    if (instrument == NULL) {
        return refused(HF_REASON_UNKNOWN_INSTRUMENT);
    }
    struct model_instrument wanted = changed(model, instrument);
    if (!is_possible(model, &wanted)) {
        return refused(HF_REASON_BAD_INSTRUMENT);
    }
    if (strcmp(instrument->symbol, wanted.symbol) != 0) {
        return refused(HF_REASON_SYMBOL_IN_USE);
    }
    bool has_other_tick = instrument->tick != wanted.tick;
    if (has_other_tick && has_live_orders(model, instrument->id)) {
        return refused(HF_REASON_BAD_INSTRUMENT);
    }
    *instrument = wanted;
    tell_instrument_event(model, instrument->id);
    return (struct outcome){.instrument = instrument->id};
}

static struct outcome
instrument_remove(struct model *model)
{
    struct model_instrument *instrument = model_instrument(model, model->command.instrument);
    if (instrument == NULL) {
        return refused(HF_REASON_UNKNOWN_INSTRUMENT);
    }
    uint64_t count = model_cancel_fitting(model, 0, instrument->id, 0, HF_REASON_REMOVED);
    instrument->phase = 0;
    tell_instrument_event(model, instrument->id);
    return (struct outcome){.instrument = instrument->id, .cancelled = count};
}

static struct outcome
instrument_limits(struct model *model)
{
    struct model_instrument *instrument = model_instrument(model, model->command.instrument);
    if (instrument == NULL) {
        return refused(HF_REASON_UNKNOWN_INSTRUMENT);
    }
    if ((model->command.sets & HF_SET_COLLAR) != 0) {
        instrument->collar = model->command.price;
    }
    if ((model->command.sets & HF_SET_NOTIONAL) != 0) {
        instrument->notional_max = model->command.quantity;
    }
    tell_instrument_event(model, instrument->id);
    return (struct outcome){.instrument = instrument->id};
}

void
model_set_phase(struct model *model, struct model_instrument *instrument, uint8_t phase)
{
    if (instrument->phase == phase) {
        return;
    }
    instrument->phase = phase;
    model_tell_market(model, (struct hf_market_event){.type = HF_MARKET_PHASE,
                                                      .phase = phase,
                                                      .instrument = instrument->id});
    if (phase == HF_PHASE_OPEN) {
        model_uncross(model, instrument);
        instrument->stops_may_go = instrument->has_last;
        model_run_stops(model, instrument);
    }
}

static struct outcome
phase(struct model *model)
{
    uint32_t only = model->command.instrument;
    if (only != 0 && model_instrument(model, only) == NULL) {
        return refused(HF_REASON_UNKNOWN_INSTRUMENT);
    }
    for (uint32_t id = 1; id <= model->instrument_count; id++) {
        if ((only == 0 || only == id) && model_instrument(model, id) != NULL) {
            model_set_phase(model, &model->instruments[id], model->command.order_type);
        }
    }
    return (struct outcome){.instrument = only};
}

static struct outcome
account(struct model *model)
{
    const struct hf_command *command = &model->command;
    struct model_account *settings = model_account(model, command->account);
    if (settings == NULL && model->account_count == model->limits.accounts_max) {
        return refused(HF_REASON_ACCOUNTS_FULL);
    }
    if (settings == NULL) {
        settings = &model->accounts[model->account_count++];
        *settings = (struct model_account){.account = command->account};
    }
    settings->group =
        (command->sets & HF_SET_GROUP) != 0 ? command->client_order_id : settings->group;
    settings->mode =
        (command->sets & HF_SET_SELF_TRADE) != 0 ? command->order_type : settings->mode;
    settings->notional_max =
        (command->sets & HF_SET_NOTIONAL) != 0 ? command->quantity : settings->notional_max;
    settings->killed =
        (command->sets & HF_SET_KILL) != 0 ? (command->flags & HF_ON) != 0 : settings->killed;
    uint64_t count = settings->killed ? model_cancel_account(model, command->account) : 0;
    return (struct outcome){.cancelled = count};
}

static uint32_t
find_session(const struct model *model, const char *name)
{
    for (uint32_t slot = 1; slot <= model->limits.sessions_max; slot++) {
        if (model->sessions[slot].id != 0 && strcmp(model->sessions[slot].name, name) == 0) {
            return slot;
        }
    }
    return 0;
}

/** A name that nothing limits any more is forgotten, and so is what it has sent. */
static void
forget_if_unlimited(struct model *model, struct model_limits *limits)
{
    if (limits->orders_max == 0 && limits->rate == 0 && !limits->killed) {
        *limits = model->name_limits[--model->name_limits_count];
    }
}

static struct outcome
session_limits(struct model *model)
{
    const struct hf_command *command = &model->command;
    bool limits_something =
        command->value != 0 || command->rate != 0 || (command->flags & HF_ON) != 0;
    struct model_limits *limits = model_limits(model, command->session_name);
    if (limits == NULL && !limits_something) {
        return (struct outcome){.reason = HF_REASON_NONE};
    }
    if (limits == NULL && model->name_limits_count == model->limits.entitlements_max) {
        return refused(HF_REASON_LIMITS_FULL);
    }
    if (limits == NULL) {
        limits = &model->name_limits[model->name_limits_count++];
        *limits = (struct model_limits){.rate = 0};
        memcpy(limits->name, command->session_name, sizeof(limits->name));
    }
    limits->orders_max = (command->sets & HF_SET_ORDERS) != 0 ? command->value : limits->orders_max;
    limits->rate = (command->sets & HF_SET_RATE) != 0 ? command->rate : limits->rate;
    limits->killed =
        (command->sets & HF_SET_KILL) != 0 ? (command->flags & HF_ON) != 0 : limits->killed;
    uint32_t slot = find_session(model, command->session_name);
    uint64_t count =
        slot != 0 && limits->killed ? model_cancel_fitting(model, slot, 0, 0, HF_REASON_KILLED) : 0;
    forget_if_unlimited(model, limits);
    return (struct outcome){.cancelled = count};
}

static struct outcome
entitle(struct model *model)
{
    const struct hf_command *command = &model->command;
    uint32_t kind = command->order_type;
    uint32_t value = command->value;
    struct model_entitlement *entry = find_entitlement(model, command->session_name, kind, value);
    if ((command->flags & HF_ON) == 0) {
        if (entry != NULL) {
            *entry = model->entitlements[--model->entitlement_count];
        }
        return (struct outcome){.reason = HF_REASON_NONE};
    }
    if (entry == NULL) {
        if (model->entitlement_count == model->limits.entitlements_max) {
            return refused(HF_REASON_ENTITLEMENTS_FULL);
        }
        entry = &model->entitlements[model->entitlement_count++];
        *entry = (struct model_entitlement){.kind = kind, .value = value};
        memcpy(entry->name, command->session_name, sizeof(entry->name));
    }
    return (struct outcome){.reason = HF_REASON_NONE};
}

static uint32_t
find_session_id(const struct model *model, uint64_t id)
{
    for (uint32_t slot = 1; slot <= model->limits.sessions_max; slot++) {
        if (id != 0 && model->sessions[slot].id == id) {
            return slot;
        }
    }
    return 0;
}

static void
tell_busted(struct model *model, uint32_t session, uint64_t client_order_id)
{
    const struct hf_command *command = &model->command;
    bool is_correction = (command->flags & HF_ON) != 0;
    struct hf_report report = {.type = HF_REPORT_BUSTED,
                               .trade_index = (uint32_t)command->trade_index,
                               .client_order_id = client_order_id,
                               .price = is_correction ? command->trade_price : 0,
                               .quantity = is_correction ? command->trade_quantity : 0,
                               .trade_lsn = command->trade_lsn};
    model_tell_report(model, session, &report, NULL);
}

static struct outcome
bust(struct model *model)
{
    const struct hf_command *command = &model->command;
    bool is_correction = (command->flags & HF_ON) != 0;
    uint32_t sides[2] = {0, 0}; /* 0: to nobody */
    if (command->trade_lsn >= model->record_lsn || command->trade_index >= model->trades) {
        return refused(HF_REASON_UNKNOWN_TRADE);
    }
    for (size_t i = 0; i < 2; i++) {
        uint64_t id = model->more.session_id[i];
        sides[i] = find_session_id(model, id);
        if (id != 0 && (sides[i] == 0 || id >= command->trade_lsn)) {
            return refused(HF_REASON_UNKNOWN_SESSION);
        }
    }
    model_tell_market(
        model, (struct hf_market_event){.type = HF_MARKET_BUST,
                                        .order_id = command->trade_lsn,
                                        .price = is_correction ? command->trade_price : 0,
                                        .quantity = is_correction ? command->trade_quantity : 0,
                                        .trade_index = command->trade_index});
    for (size_t i = 0; i < 2; i++) {
        tell_busted(model, sides[i], model->more.trade_client_id[i]);
    }
    return (struct outcome){.reason = HF_REASON_NONE};
}

static struct outcome
reference(struct model *model)
{
    struct model_instrument *instrument = model_instrument(model, model->command.instrument);
    if (instrument == NULL) {
        return refused(HF_REASON_UNKNOWN_INSTRUMENT);
    }
    uint32_t reason = model_judge_price(instrument, model->command.price);
    if (reason == HF_REASON_NONE) {
        instrument->last = model->command.price;
        instrument->has_last = true;
        model_tell_market(model, (struct hf_market_event){.type = HF_MARKET_REFERENCE,
                                                          .instrument = instrument->id,
                                                          .price = instrument->last});
        instrument->stops_may_go = instrument->phase == HF_PHASE_OPEN;
        model_run_stops(model, instrument);
    }
    return (struct outcome){.reason = reason, .instrument = instrument->id};
}

static struct outcome
carry_out(struct model *model)
{
    switch (model->record.type) {
    case HF_COMMAND_INSTRUMENT_ADD:
        return instrument_add(model);
    case HF_COMMAND_INSTRUMENT_CHANGE:
        return instrument_change(model);
    case HF_COMMAND_INSTRUMENT_REMOVE:
        return instrument_remove(model);
    case HF_COMMAND_INSTRUMENT_LIMITS:
        return instrument_limits(model);
    case HF_COMMAND_PHASE:
        return phase(model);
    case HF_COMMAND_ACCOUNT:
        return account(model);
    case HF_COMMAND_SESSION_LIMITS:
        return session_limits(model);
    case HF_COMMAND_ENTITLE:
        return entitle(model);
    case HF_COMMAND_SESSION_END:
        return (struct outcome){.cancelled =
                                    model_cancel_fitting(model, 0, 0, HF_DAY, HF_REASON_EXPIRED)};
    case HF_COMMAND_BUST:
        return bust(model);
    case HF_COMMAND_REFERENCE:
        return reference(model);
    default:
        return refused(HF_REASON_MALFORMED_TYPE);
    }
}

void
model_admin(struct model *model)
{
    struct outcome outcome =
        model_is_admin(model, model->session) ? carry_out(model) : refused(HF_REASON_NOT_ADMIN);
    if (outcome.reason == HF_REASON_NONE) {
        model_tell_done(model, outcome.cancelled, outcome.instrument);
    } else {
        model_tell_rejected(model, outcome.reason);
    }
}
