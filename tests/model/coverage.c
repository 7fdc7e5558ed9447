/*
 * coverage.c - the table of what was reached, and of what a long run must reach.
 */
#include "model/coverage.h"

#include "model/names.h"

#include <inttypes.h>
#include <string.h>

/** Every (command, outcome) that a long run must have seen. REASON_NONE: it was carried out. */
static const struct {
    uint8_t type;
    uint8_t reasons[32]; /**< ends with REASON_NONE, which is expected, too */
} expected[] = {
    {HF_COMMAND_NEW,
     {HF_REASON_UNKNOWN_INSTRUMENT,
      HF_REASON_PRICE_OFF_TICK,
      HF_REASON_PRICE_OUT_OF_BAND,
      HF_REASON_QUANTITY_ZERO,
      HF_REASON_QUANTITY_OFF_LOT,
      HF_REASON_QUANTITY_TOO_LARGE,
      HF_REASON_DUPLICATE_ID,
      HF_REASON_POST_ONLY,
      HF_REASON_PHASE,
      HF_REASON_COLLAR,
      HF_REASON_NOTIONAL,
      HF_REASON_ACCOUNT_NOTIONAL,
      HF_REASON_RATE,
      HF_REASON_KILLED_SESSION,
      HF_REASON_KILLED_ACCOUNT,
      HF_REASON_NOT_ENTITLED_ACCOUNT,
      HF_REASON_NOT_ENTITLED_INSTRUMENT,
      HF_REASON_ORDERS_FULL,
      HF_REASON_LEVELS_FULL,
      HF_REASON_SESSION_ORDERS,
      HF_REASON_EXTRAS_FULL,
      HF_REASON_EXPIRED_ALREADY,
      HF_REASON_DISPLAY,
      HF_REASON_PEAKS,
      HF_REASON_MINIMUM}},
    {HF_COMMAND_CANCEL, {HF_REASON_UNKNOWN_ORDER, HF_REASON_PHASE, HF_REASON_REQUESTED}},
    {HF_COMMAND_REPLACE,
     {HF_REASON_MALFORMED_COMBINATION,
      HF_REASON_PRICE_OFF_TICK,
      HF_REASON_PRICE_OUT_OF_BAND,
      HF_REASON_QUANTITY_ZERO,
      HF_REASON_QUANTITY_OFF_LOT,
      HF_REASON_QUANTITY_TOO_LARGE,
      HF_REASON_DUPLICATE_ID,
      HF_REASON_UNKNOWN_ORDER,
      HF_REASON_POST_ONLY,
      HF_REASON_PHASE,
      HF_REASON_COLLAR,
      HF_REASON_NOTIONAL,
      HF_REASON_ACCOUNT_NOTIONAL,
      HF_REASON_RATE,
      HF_REASON_KILLED_SESSION,
      HF_REASON_LEVELS_FULL,
      HF_REASON_REPLACED_FULLY_EXECUTED,
      HF_REASON_PEAKS,
      HF_REASON_NOT_ENTITLED_ACCOUNT,
      HF_REASON_NOT_ENTITLED_INSTRUMENT}},
    {HF_COMMAND_REDUCE,
     {HF_REASON_UNKNOWN_ORDER, HF_REASON_PHASE, HF_REASON_QUANTITY_ZERO, HF_REASON_QUANTITY_OFF_LOT,
      HF_REASON_REQUESTED}},
    {HF_COMMAND_MASS_CANCEL, {HF_REASON_NONE}},
    {HF_COMMAND_OPEN_ORDERS, {HF_REASON_NONE}},
    {HF_COMMAND_INSTRUMENT_ADD,
     {HF_REASON_NOT_ADMIN, HF_REASON_BAD_INSTRUMENT, HF_REASON_SYMBOL_IN_USE,
      HF_REASON_INSTRUMENTS_FULL}},
    {HF_COMMAND_INSTRUMENT_CHANGE,
     {HF_REASON_NOT_ADMIN, HF_REASON_BAD_INSTRUMENT, HF_REASON_SYMBOL_IN_USE,
      HF_REASON_UNKNOWN_INSTRUMENT}},
    {HF_COMMAND_INSTRUMENT_REMOVE, {HF_REASON_NOT_ADMIN, HF_REASON_UNKNOWN_INSTRUMENT}},
    {HF_COMMAND_INSTRUMENT_LIMITS, {HF_REASON_NOT_ADMIN, HF_REASON_UNKNOWN_INSTRUMENT}},
    {HF_COMMAND_PHASE, {HF_REASON_NOT_ADMIN, HF_REASON_UNKNOWN_INSTRUMENT}},
    {HF_COMMAND_ACCOUNT, {HF_REASON_NOT_ADMIN, HF_REASON_ACCOUNTS_FULL}},
    {HF_COMMAND_SESSION_LIMITS, {HF_REASON_NOT_ADMIN, HF_REASON_LIMITS_FULL}},
    {HF_COMMAND_ENTITLE, {HF_REASON_NOT_ADMIN, HF_REASON_ENTITLEMENTS_FULL}},
    {HF_COMMAND_SESSION_END, {HF_REASON_NOT_ADMIN}},
    {HF_COMMAND_BUST, {HF_REASON_NOT_ADMIN, HF_REASON_UNKNOWN_TRADE, HF_REASON_UNKNOWN_SESSION}},
    {HF_COMMAND_REFERENCE,
     {HF_REASON_NOT_ADMIN, HF_REASON_UNKNOWN_INSTRUMENT, HF_REASON_PRICE_OFF_TICK,
      HF_REASON_PRICE_OUT_OF_BAND}},
};

/** Cancels that nobody asked for. */
static const uint8_t expected_unasked[] = {
    HF_REASON_REQUESTED,        HF_REASON_MARKET_REMAINDER,
    HF_REASON_IOC_REMAINDER,    HF_REASON_FOK_UNFILLED,
    HF_REASON_DISCONNECTED,     HF_REASON_MASS_CANCELLED,
    HF_REASON_EXPIRED,          HF_REASON_SELF_TRADE,
    HF_REASON_MINIMUM_UNFILLED, HF_REASON_KILLED,
    HF_REASON_REMOVED,          HF_REASON_NO_LIQUIDITY,
    HF_REASON_CLOSED,           HF_REASON_REFUSED_AFTER_TRIGGER,
};

/** What the engine refuses before the state machine sees it. */
static const uint8_t expected_refused[] = {
    HF_REASON_MALFORMED_TYPE,     HF_REASON_MALFORMED_FIELD, HF_REASON_MALFORMED_SLOTS,
    HF_REASON_MALFORMED_RESERVED, HF_REASON_MALFORMED_ID,    HF_REASON_MALFORMED_COMBINATION,
    HF_REASON_DISK_LOW,
};

static bool
has_uncrossed(const struct rig *rig)
{
    for (size_t i = 0; i < rig->heard.event_count; i++) {
        if (rig->heard.events[i].type == HF_MARKET_UNCROSS) {
            return true;
        }
    }
    return false;
}

/** Risk limits that found a market or market-to-limit order too large. */
static bool
is_judged_without_price(const struct rig *rig, uint32_t reason)
{
    bool has_none =
        rig->record.order_type == HF_MARKET || rig->record.order_type == HF_MARKET_TO_LIMIT;
    return rig->record.type == HF_COMMAND_NEW && has_none &&
           (reason == HF_REASON_COLLAR || reason == HF_REASON_NOTIONAL ||
            reason == HF_REASON_ACCOUNT_NOTIONAL);
}

static const struct model_instrument *
instrument_of(const struct rig *rig, uint32_t id)
{
    bool is_known = id >= 1 && id <= rig->model->instrument_count;
    return is_known ? &rig->model->instruments[id] : NULL;
}

/** Whether the collar now is between the last price and another. */
static bool
is_outside_collar(const struct model_instrument *instrument, int64_t price)
{
    int64_t away = price > instrument->last ? price - instrument->last : instrument->last - price;
    return instrument->collar != 0 && instrument->has_last && away > instrument->collar;
}

/** Whether the rest of a market order went although the other side is not used up. */
static bool
ended_at_collar(const struct rig *rig, const struct hf_report *end, uint32_t id)
{
    const struct model_instrument *instrument = instrument_of(rig, id);
    return end->type == HF_REPORT_CANCELLED && end->reason == HF_REASON_MARKET_REMAINDER &&
           instrument != NULL && instrument->collar != 0 && instrument->has_last &&
           model_best(rig->model, id, model_opposite(end->side)) != NULL;
}

/** Of a new order alone: what stops bring to the other side comes behind it. */
static bool
order_is_held(const struct rig *rig)
{
    for (size_t i = 0; i < rig->heard.slot_count; i++) {
        if (rig->heard.slots[i].report.type == HF_REPORT_TRIGGERED) {
            return false;
        }
    }
    const struct hf_report *last = &rig->heard.slots[rig->heard.slot_count - 1].report;
    return rig->record.type == HF_COMMAND_NEW && rig->record.order_type == HF_MARKET &&
           ended_at_collar(rig, last, rig->record.instrument);
}

/** Of the last stop. */
static bool
stop_is_held(const struct rig *rig)
{
    const struct hf_report *triggered = NULL;
    for (size_t i = 0; i < rig->heard.slot_count; i++) {
        const struct hf_report *report = &rig->heard.slots[i].report;
        triggered = report->type == HF_REPORT_TRIGGERED ? report : triggered;
    }
    const struct hf_report *last = &rig->heard.slots[rig->heard.slot_count - 1].report;
    return triggered != NULL && last->client_order_id == triggered->client_order_id &&
           last->side == triggered->side && ended_at_collar(rig, last, triggered->instrument);
}

/** The account of a NEW that met orders of its own. */
static const struct model_account *
account_of_new(const struct rig *rig)
{
    return rig->record.type == HF_COMMAND_NEW ? model_account(rig->model, rig->record.account)
                                              : NULL;
}

static bool
is_prevention(const struct hf_report *report)
{
    bool is_cancel = report->type == HF_REPORT_CANCELLED && report->reason == HF_REASON_SELF_TRADE;
    return is_cancel || (report->type == HF_REPORT_REDUCED && report->command_seq == 0);
}

/** Whether a NEW traded too little before it met an order of its own, and went on for its minimum's sake. */
static bool
went_past_own(const struct rig *rig)
{
    const struct hf_command_more *more = (const void *)&rig->more;
    const struct model_account *account = account_of_new(rig);
    uint64_t before = 0;
    uint64_t after = 0;
    bool has_met = false;
    if (account == NULL || account->mode != HF_SELF_TRADE_DECREMENT || rig->record.slots != 2) {
        return false;
    }
    for (size_t i = 0; i < rig->heard.slot_count; i++) {
        const struct hf_report *report = &rig->heard.slots[i].report;
        bool is_own_fill = report->type == HF_REPORT_FILL && report->flags == 0 &&
                           report->client_order_id == rig->record.client_order_id;
        has_met = has_met || is_prevention(report);
        before += is_own_fill && !has_met ? report->quantity : 0;
        after += is_own_fill && has_met ? report->quantity : 0;
    }
    return has_met && before < more->minimum && before + after >= more->minimum;
}

static void
count_limits(struct coverage *coverage, const struct rig *rig)
{
    const struct model_account *account = account_of_new(rig);
    for (size_t i = 0; i < rig->heard.slot_count; i++) {
        const struct hf_report *report = &rig->heard.slots[i].report;
        const struct model_instrument *instrument = instrument_of(rig, report->instrument);
        coverage->lessened += report->type == HF_REPORT_REPLACED && instrument != NULL &&
                              is_outside_collar(instrument, report->price);
        coverage->alone += is_prevention(report) && account != NULL && account->group == 0;
    }
    if (rig->heard.slot_count != 0) {
        coverage->held += order_is_held(rig);
        coverage->stops_held += stop_is_held(rig);
    }
    coverage->past_own += went_past_own(rig);
}

static bool
is_killed(const struct rig *rig, const char *name)
{
    const struct model_limits *limits = model_limits(rig->model, name);
    return limits != NULL && limits->killed;
}

/** A session comes or goes. */
static void
remember_names(struct coverage_names *names, const struct rig *rig)
{
    char *name = names->of_session[rig->record.session % 8];
    bool *was_killed = &names->was_killed[(unsigned char)name[0] % 32];
    switch (rig->record.type) {
    case HF_RECORD_EPOCH:
        if (rig->record.epoch.epoch == 1) { /* a stream begins */
            memset(names, 0, sizeof(*names));
        }
        return;
    case HF_RECORD_CLOSE:
        *was_killed = is_killed(rig, name);
        return;
    case HF_RECORD_OPEN:
        memcpy(name, rig->record.open.name, HF_NAME_BYTES);
        was_killed = &names->was_killed[(unsigned char)name[0] % 32];
        names->is_killed[rig->record.session % 8] = *was_killed && is_killed(rig, name);
        return;
    default:
        return;
    }
}

/** Whether the last command was refused by a kill switch that has outlived a CLOSE. */
static bool
is_refused_still(const struct coverage_names *names, const struct rig *rig)
{
    size_t count;
    const struct hf_report *answer = rig_answer(rig, &count);
    return answer != NULL && answer->type == HF_REPORT_REJECTED &&
           answer->reason == HF_REASON_KILLED_SESSION && names->is_killed[rig->record.session % 8];
}

static void
count_reports(struct coverage *coverage, const struct rig *rig)
{
    size_t triggered = 0;
    for (size_t i = 0; i < rig->heard.slot_count; i++) {
        const struct hf_report *report = &rig->heard.slots[i].report;
        coverage->reports[report->type]++;
        triggered += report->type == HF_REPORT_TRIGGERED;
        coverage->auctions +=
            report->type == HF_REPORT_FILL && (report->flags & HF_REPORT_AUCTION) != 0;
        coverage->decrements += report->type == HF_REPORT_REDUCED && report->command_seq == 0;
        if (report->type == HF_REPORT_CANCELLED && report->command_seq == 0) {
            coverage->unasked[report->reason % COVERAGE_REASONS]++;
        }
    }
    coverage->cascades += triggered > 1;
    coverage->called += triggered > 0 && rig->record.type == HF_COMMAND_REFERENCE;
    coverage->opened +=
        triggered > 0 && rig->record.type == HF_COMMAND_PHASE && !has_uncrossed(rig);
}

void
coverage_count(struct coverage *coverage, const struct rig *rig)
{
    size_t count;
    const struct hf_report *answer = rig_answer(rig, &count);
    coverage->commands++;
    count_reports(coverage, rig);
    count_limits(coverage, rig);
    remember_names(&coverage->names, rig);
    coverage->outlived += is_refused_still(&coverage->names, rig);
    for (size_t i = 0; i < rig->heard.event_count; i++) {
        const struct hf_market_event *event = &rig->heard.events[i];
        coverage->events[event->type]++;
        coverage->front_adds += event->type == HF_MARKET_ADD && event->flags != 0;
    }
    coverage->joins = rig->late.joins;
    coverage->halts += rig->record.type == HF_RECORD_EPOCH && rig->heard.event_count != 0;
    if (answer == NULL || rig->model->seq == 0) {
        return;
    }
    bool has_reason = answer->type == HF_REPORT_REJECTED || answer->type == HF_REPORT_CANCELLED;
    uint32_t reason = has_reason ? answer->reason % COVERAGE_REASONS : 0;
    coverage->answers[rig->record.type % COVERAGE_TYPES][reason]++;
    coverage->judged_at_best += is_judged_without_price(rig, reason);
    if (answer->type == HF_REPORT_ACCEPTED) {
        coverage->kinds[rig->record.order_type % 8][rig->record.time_in_force % 8]++;
    }
}

static void
print_tables(FILE *file, const struct coverage *coverage)
{
    for (uint32_t type = 0; type < COVERAGE_TYPES; type++) {
        for (uint32_t reason = 0; reason < COVERAGE_REASONS; reason++) {
            if (coverage->answers[type][reason] != 0) {
                fprintf(file, "%-18s %-36s %12" PRIu64 "\n", name_of_command((uint8_t)type),
                        reason == 0 ? "done" : hf_reason_name(reason),
                        coverage->answers[type][reason]);
            }
        }
    }
    for (uint32_t reason = 0; reason < COVERAGE_REASONS; reason++) {
        if (coverage->unasked[reason] != 0) {
            fprintf(file, "%-18s %-36s %12" PRIu64 "\n", "unasked CANCELLED",
                    hf_reason_name(reason), coverage->unasked[reason]);
        }
    }
    for (uint32_t type = 1; type < 256; type++) {
        if (coverage->reports[type] != 0) {
            fprintf(file, "%-18s %-36s %12" PRIu64 "\n", "report", name_of_report((uint8_t)type),
                    coverage->reports[type]);
        }
    }
    for (uint32_t type = 1; type < 256; type++) {
        if (coverage->events[type] != 0) {
            fprintf(file, "%-18s %-36s %12" PRIu64 "\n", "market event",
                    name_of_event((uint8_t)type), coverage->events[type]);
        }
    }
}

static void
print_corners(FILE *file, const struct coverage *coverage)
{
    const struct {
        const char *what;
        uint64_t count;
    } corners[] = {
        {"several stops at once", coverage->cascades},
        {"stops of a reference", coverage->called},
        {"stops of an opening", coverage->opened},
        {"limits judged at the best price", coverage->judged_at_best},
        {"market orders held by a collar", coverage->held},
        {"stops held by a collar", coverage->stops_held},
        {"kill switches over a CLOSE", coverage->outlived},
        {"replaces beyond it that lessen", coverage->lessened},
        {"kept apart without a group", coverage->alone},
        {"minimums behind an own order", coverage->past_own},
    };
    for (size_t i = 0; i < sizeof(corners) / sizeof(corners[0]); i++) {
        fprintf(file, "%-18s %-36s %12" PRIu64 "\n", "corner", corners[i].what, corners[i].count);
    }
}

static size_t
missing(FILE *file, const char *what, const char *which, uint64_t count)
{
    if (count == 0 && file != NULL) {
        fprintf(file, "never seen: %s %s\n", what, which);
    }
    return count == 0;
}

static size_t
missing_answers(FILE *file, const struct coverage *coverage)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const char *what = name_of_command(expected[i].type);
        const uint64_t *seen = coverage->answers[expected[i].type];
        for (const uint8_t *reason = expected[i].reasons; *reason != 0; reason++) {
            count += missing(file, what, hf_reason_name(*reason), seen[*reason]);
        }
        count += missing(file, what, "done", seen[0]);
    }
    return count;
}

static size_t
missing_kinds(FILE *file, const struct coverage *coverage)
{
    static const char *const types[] = {"", "limit", "market", "stop", "stop-limit", "to-limit"};
    static const char *const times[] = {"", "gtc", "ioc", "fok", "day", "gtd"};
    size_t count = 0;
    for (uint32_t type = HF_LIMIT; type <= HF_MARKET_TO_LIMIT; type++) {
        for (uint32_t time = HF_GTC; time <= HF_GTD; time++) {
            bool rests = time == HF_GTC || time == HF_DAY || time == HF_GTD;
            bool is_possible = type == HF_MARKET                           ? time <= HF_FOK
                               : type == HF_LIMIT || type == HF_STOP_LIMIT ? true
                                                                           : rests;
            if (is_possible) {
                count += missing(file, types[type], times[time], coverage->kinds[type][time]);
            }
        }
    }
    return count;
}

size_t
coverage_print(FILE *file, const struct coverage *coverage)
{
    print_tables(file, coverage);
    print_corners(file, coverage);
    return coverage_missing(file, coverage);
}

size_t
coverage_missing(FILE *file, const struct coverage *coverage)
{
    size_t count = missing_answers(file, coverage) + missing_kinds(file, coverage);
    for (size_t i = 0; i < sizeof(expected_unasked); i++) {
        count += missing(file, "unasked CANCELLED", hf_reason_name(expected_unasked[i]),
                         coverage->unasked[expected_unasked[i]]);
    }
    for (size_t i = 0; i < sizeof(expected_refused); i++) {
        count += missing(file, "refused", hf_reason_name(expected_refused[i]),
                         coverage->answers[HF_RECORD_REFUSED][expected_refused[i]]);
    }
    for (uint32_t type = HF_REPORT_ACCEPTED; type <= HF_REPORT_BUSTED; type++) {
        count += missing(file, "report", name_of_report((uint8_t)type), coverage->reports[type]);
    }
    count +=
        missing(file, "report", name_of_report(HF_REPORT_COPY), coverage->reports[HF_REPORT_COPY]);
    for (uint32_t type = HF_MARKET_ADD; type <= HF_MARKET_REFERENCE; type++) {
        count +=
            missing(file, "market event", name_of_event((uint8_t)type), coverage->events[type]);
    }
    return count + missing(file, "a cascade of stops", "", coverage->cascades) +
           missing(file, "a stop triggered by a reference price", "", coverage->called) +
           missing(file, "a stop triggered by an opening without trades", "", coverage->opened) +
           missing(file, "a limit at the best opposite price", "", coverage->judged_at_best) +
           missing(file, "a market order that ends at the collar", "", coverage->held) +
           missing(file, "a stop that ends at the collar", "", coverage->stops_held) +
           missing(file, "a kill switch that outlives a CLOSE", "", coverage->outlived) +
           missing(file, "a replace outside the collar that lessens", "", coverage->lessened) +
           missing(file, "self-trade prevention without a group", "", coverage->alone) +
           missing(file, "a minimum met behind an own order", "", coverage->past_own) +
           missing(file, "an epoch that halts", "", coverage->halts) +
           missing(file, "an order decremented", "", coverage->decrements) +
           missing(file, "a peak refilled at the front", "", coverage->front_adds) +
           missing(file, "a fill of an auction", "", coverage->auctions) +
           missing(file, "a level book of several moments", "", coverage->joins);
}
