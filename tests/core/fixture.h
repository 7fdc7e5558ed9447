/*
 * fixture.h - a core, records for it, and what it says as text, for the tests of lib/core.
 *
 * Reports and market events are kept as they come, and, while `printing` is set, written to `text`,
 * one line each, in the order in which they came:
 *     SESSION accepted ID SIDE PRICExQUANTITY
 *     SESSION rejected ID REASON
 *     SESSION maker|taker|auction ID PRICExQUANTITY left LEAVES
 *     SESSION cancelled ID QUANTITY REASON [unasked]
 *     SESSION replaced OLD>NEW PRICExOPEN total TOTAL done EXECUTED [stop PRICE]
 *     SESSION reduced ID OPEN [unasked]
 *     SESSION triggered ID OPEN
 *     SESSION order ID SIDE PRICExOPEN total TOTAL done EXECUTED [stop PRICE]
 *     SESSION done COMMAND COUNT [iINSTRUMENT] [more]
 *     SESSION busted ID LSN.INDEX PRICExQUANTITY
 *     COPIER copy of NUMBER: and then the report as its own session got it
 * and, with `events_too` set, by the client order ids of the orders:
 *     * add|execute|reduce|cancel SIDE ID@PRICExQUANTITY [front|auction]
 *     * phase iINSTRUMENT PHASE         * uncross iINSTRUMENT PRICExQUANTITY
 *     * bust LSN.INDEX PRICExQUANTITY   * instrument iINSTRUMENT     * reference iINSTRUMENT PRICE
 */
#ifndef HF_TESTS_CORE_FIXTURE_H
#define HF_TESTS_CORE_FIXTURE_H

#include "core/core.h"
#include "core/market.h"
#include "core/resting.h"
#include "core/state.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURE_SLOTS 4096u
#define FIXTURE_EVENTS 4096u
#define FIXTURE_TEXT_BYTES 32768u

struct fixture {
    struct hf_core *core;
    uint64_t time_ns;
    struct hf_digest digest; /**< of all that came, folded here a second time */
    bool printing;
    bool events_too; /**< print market events */
    size_t slots;
    size_t event_count;
    struct hf_report reports[FIXTURE_SLOTS];
    uint32_t sessions[FIXTURE_SLOTS];
    struct hf_market_event events[FIXTURE_EVENTS];
    char text[FIXTURE_TEXT_BYTES];
};

static const struct hf_engine_limits fixture_limits = {
    .sessions_max = 4,
    .instruments_max = 4,
    .orders_max = 64,
    .levels_max = 32,
    .session_orders_max = 48,
    .hash_seed = 42,
    .extras_max = 32,
    .accounts_max = 8,
    .entitlements_max = 8,
    .events_max = 64,
};

__attribute__((format(printf, 2, 3))) static inline void
fixture_print(struct fixture *fixture, const char *format, ...)
{
    size_t used = strlen(fixture->text);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(fixture->text + used, FIXTURE_TEXT_BYTES - used, format, arguments);
    va_end(arguments);
    cr_assert(length >= 0 && (size_t)length < FIXTURE_TEXT_BYTES - used);
}

static inline const char *
reason_word(uint32_t reason)
{
    switch (reason) {
#define REASON_CASE(number, name, text)                                                            \
    case name:                                                                                     \
        return &#name[sizeof("HF_REASON_") - 1];
        HF_REASONS(REASON_CASE)
#undef REASON_CASE
    default:
        return "?";
    }
}

static inline const char *
command_word(uint32_t type)
{
    static const char *const words[] = {
        [HF_COMMAND_CANCEL] = "cancel",
        [HF_COMMAND_MASS_CANCEL] = "mass",
        [HF_COMMAND_OPEN_ORDERS] = "list",
        [HF_COMMAND_INSTRUMENT_ADD] = "add",
        [HF_COMMAND_INSTRUMENT_CHANGE] = "change",
        [HF_COMMAND_INSTRUMENT_REMOVE] = "remove",
        [HF_COMMAND_INSTRUMENT_LIMITS] = "limits",
        [HF_COMMAND_PHASE] = "phase",
        [HF_COMMAND_ACCOUNT] = "account",
        [HF_COMMAND_SESSION_LIMITS] = "session",
        [HF_COMMAND_ENTITLE] = "entitle",
        [HF_COMMAND_SESSION_END] = "end",
        [HF_COMMAND_BUST] = "bust",
        [HF_COMMAND_REFERENCE] = "reference",
        [HF_RECORD_LOST] = "lost",
    };
    bool known = type < sizeof(words) / sizeof(words[0]) && words[type] != NULL;
    return known ? words[type] : "?";
}

static inline const char *
phase_word(uint32_t phase)
{
    static const char *const words[] = {"removed", "open", "pre", "halted", "closed"};
    return phase < sizeof(words) / sizeof(words[0]) ? words[phase] : "?";
}

static inline char
side_letter(uint32_t side)
{
    return side == HF_BUY ? 'B' : side == HF_SELL ? 'S' : '-';
}

static inline void
print_pair(struct fixture *fixture, uint32_t session, const struct hf_report *report)
{
    const struct hf_report_more *more = (const void *)(report + 1);
    if (report->type == HF_REPORT_REPLACED) {
        fixture_print(fixture, "%u replaced %" PRIu64 ">%" PRIu64, session,
                      more->previous_client_order_id, report->client_order_id);
    } else {
        fixture_print(fixture, "%u order %" PRIu64 " %c", session, report->client_order_id,
                      side_letter(report->side));
    }
    fixture_print(fixture, " %" PRId64 "x%" PRIu64 " total %" PRIu64 " done %" PRIu64,
                  report->price, report->quantity, more->total, more->executed);
    if (more->stop_price != 0) {
        fixture_print(fixture, " stop %" PRId64, more->stop_price);
    }
    fixture_print(fixture, "\n");
}

/** Of a copy, whose and which report it is; what its second slot says lies where that of a pair does. */
static inline void
print_whose(struct fixture *fixture, uint32_t session, const struct hf_report *report)
{
    const struct hf_report_copy *copy = (const void *)(report + 1);
    if (report->slots == 2 && copy->type == HF_REPORT_COPY) {
        cr_expect_eq(copy->number, report->number + 1);
        fixture_print(fixture, "%u copy of %" PRIu64 ": ", session, copy->original_number);
    }
}

/** Who a report is about: of a copy, its own session. */
static inline uint32_t
whose(uint32_t session, const struct hf_report *report)
{
    const struct hf_report_copy *copy = (const void *)(report + 1);
    return report->slots == 2 && copy->type == HF_REPORT_COPY ? copy->session : session;
}

static inline void
print_report(struct fixture *fixture, uint32_t session, const struct hf_report *report)
{
    uint64_t id = report->client_order_id;
    const char *unasked = report->command_seq == 0 ? " unasked" : "";
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
        fixture_print(fixture, "%u accepted %" PRIu64 " %c %" PRId64 "x%" PRIu64 "\n", session, id,
                      side_letter(report->side), report->price, report->quantity);
        return;
    case HF_REPORT_REJECTED:
        fixture_print(fixture, "%u rejected %" PRIu64 " %s\n", session, id,
                      reason_word(report->reason));
        return;
    case HF_REPORT_FILL:
        fixture_print(fixture, "%u %s %" PRIu64 " %" PRId64 "x%" PRIu64 " left %" PRIu64 "\n",
                      session,
                      report->flags & HF_REPORT_MAKER     ? "maker"
                      : report->flags & HF_REPORT_AUCTION ? "auction"
                                                          : "taker",
                      id, report->price, report->quantity, report->leaves);
        return;
    case HF_REPORT_CANCELLED:
        fixture_print(fixture, "%u cancelled %" PRIu64 " %" PRIu64 " %s%s\n", session, id,
                      report->quantity, reason_word(report->reason), unasked);
        return;
    case HF_REPORT_REDUCED:
        fixture_print(fixture, "%u reduced %" PRIu64 " %" PRIu64 "%s\n", session, id,
                      report->quantity, unasked);
        return;
    case HF_REPORT_TRIGGERED:
        fixture_print(fixture, "%u triggered %" PRIu64 " %" PRIu64 "\n", session, id,
                      report->quantity);
        return;
    case HF_REPORT_DONE:
        fixture_print(fixture, "%u done %s %" PRIu64, session, command_word(report->command_type),
                      report->quantity);
        if (report->instrument != 0) {
            fixture_print(fixture, " i%u", report->instrument);
        }
        fixture_print(fixture, report->order_id != 0 ? " more\n" : "\n");
        return;
    case HF_REPORT_BUSTED:
        fixture_print(fixture, "%u busted %" PRIu64 " %" PRIu64 ".%u %" PRId64 "x%" PRIu64 "\n",
                      session, id, report->trade_lsn, report->trade_index, report->price,
                      report->quantity);
        return;
    default:
        print_pair(fixture, session, report);
    }
}

/** The client's id of the order that an event is about. */
static inline uint64_t
event_order(const struct fixture *fixture, const struct hf_market_event *event)
{
    uint32_t index = hf_resting_find_order_id(fixture->core, event->order_id);
    cr_assert_neq(index, 0, "event of type %u about order %" PRIu64 ", which is not live",
                  event->type, event->order_id);
    return hf_core_order_pool(fixture->core)[index].client_order_id;
}

/** GONE is printed with no event: here it is held against what the order shows now. */
static inline void
check_event_flags(const struct fixture *fixture, const struct hf_market_event *event)
{
    uint8_t may = event->type == HF_MARKET_ADD       ? HF_MARKET_FRONT
                  : event->type == HF_MARKET_EXECUTE ? HF_MARKET_AUCTION | HF_MARKET_GONE
                  : event->type == HF_MARKET_CANCEL  ? HF_MARKET_GONE
                                                     : 0;
    cr_assert_eq(event->flags & ~may, 0, "event type %u has flags %u", event->type, event->flags);
    bool is_gone = event->type == HF_MARKET_CANCEL;
    if (event->type == HF_MARKET_EXECUTE) {
        uint32_t index = hf_resting_find_order_id(fixture->core, event->order_id);
        is_gone = hf_core_order_pool(fixture->core)[index].open == 0;
    }
    cr_assert_eq((event->flags & HF_MARKET_GONE) != 0, is_gone, "event type %u", event->type);
}

static inline void
print_event(struct fixture *fixture, const struct hf_market_event *event)
{
    static const char *const words[] = {"?", "add", "execute", "reduce", "cancel"};
    const char *flag = (event->flags & HF_MARKET_FRONT) != 0     ? " front"
                       : (event->flags & HF_MARKET_AUCTION) != 0 ? " auction"
                                                                 : "";
    switch (event->type) {
    case HF_MARKET_PHASE:
        fixture_print(fixture, "* phase i%u %s\n", event->instrument, phase_word(event->phase));
        return;
    case HF_MARKET_UNCROSS:
        fixture_print(fixture, "* uncross i%u %" PRId64 "x%" PRIu64 "\n", event->instrument,
                      event->price, event->quantity);
        return;
    case HF_MARKET_BUST:
        fixture_print(fixture, "* bust %" PRIu64 ".%" PRIu64 " %" PRId64 "x%" PRIu64 "\n",
                      event->order_id, event->trade_index, event->price, event->quantity);
        return;
    case HF_MARKET_REFERENCE:
        fixture_print(fixture, "* reference i%u %" PRId64 "\n", event->instrument, event->price);
        return;
    case HF_MARKET_INSTRUMENT:
        fixture_print(fixture, "* instrument i%u\n", event->instrument);
        return;
    default:
        fixture_print(fixture, "* %s %c %" PRIu64 "@%" PRId64 "x%" PRIu64 "%s\n",
                      words[event->type], side_letter(event->side), event_order(fixture, event),
                      event->price, event->quantity, flag);
    }
}

static inline void
fixture_on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct fixture *fixture = context;
    for (size_t i = 0; i < report->slots; i++) {
        cr_assert_lt(fixture->slots, FIXTURE_SLOTS);
        fixture->sessions[fixture->slots] = session;
        hf_digest_fold_bytes(&fixture->digest, session, report + i);
        memcpy(&fixture->reports[fixture->slots++],
               (const char *)(const void *)report + i * HF_SLOT_BYTES, HF_SLOT_BYTES);
    }
    if (fixture->printing) {
        print_whose(fixture, session, report);
        print_report(fixture, whose(session, report), report);
    }
}

static inline void
fixture_on_market(void *context, const struct hf_market_event *event)
{
    struct fixture *fixture = context;
    cr_assert_lt(fixture->event_count, FIXTURE_EVENTS);
    fixture->events[fixture->event_count++] = *event;
    hf_digest_fold_bytes(&fixture->digest, HF_MARKET_SESSION, event);
    check_event_flags(fixture, event);
    if (fixture->printing && fixture->events_too) {
        print_event(fixture, event);
    }
}

/** Apply a record after giving it LSN, time and slots; it must pass the check. */
static inline void
fixture_apply(struct fixture *fixture, struct hf_record record, const struct hf_record *second)
{
    struct hf_core_sink sink = {fixture, fixture_on_report, fixture_on_market};
    struct hf_record more = {0};
    record.lsn = hf_core_lsn(fixture->core) + 1;
    record.time_ns = fixture->time_ns;
    record.slots = second == NULL ? 1 : 2;
    if (second != NULL) {
        more = *second;
        more.lsn = record.lsn + 1;
        more.time_ns = record.time_ns;
        more.type = HF_RECORD_MORE;
        more.slots = 1;
    }
    const struct hf_record *more_or_null = second == NULL ? NULL : &more;
    const char *wrong = hf_core_check(fixture->core, &record, more_or_null);
    cr_assert_null(wrong, "record of type %u refused: %s", record.type, wrong == NULL ? "" : wrong);
    hf_core_apply(fixture->core, &record, more_or_null, &sink);
    cr_assert_eq(hf_core_digest(fixture->core), hf_digest_value(&fixture->digest),
                 "digest of LSN %" PRIu64, record.lsn);
}

static inline struct hf_record
genesis_record(const struct hf_engine_limits *limits)
{
    struct hf_record record = {.type = HF_RECORD_GENESIS};
    record.genesis.rules_version = HF_RULES_VERSION;
    record.genesis.sessions_max = limits->sessions_max;
    record.genesis.instruments_max = limits->instruments_max;
    record.genesis.orders_max = limits->orders_max;
    record.genesis.levels_max = limits->levels_max;
    record.genesis.session_orders_max = limits->session_orders_max;
    record.genesis.hash_seed = limits->hash_seed;
    return record;
}

static inline struct hf_record
genesis_more(const struct hf_engine_limits *limits)
{
    struct hf_record more = {.type = HF_RECORD_MORE, .slots = 1};
    more.genesis_more.extras_max = limits->extras_max;
    more.genesis_more.accounts_max = limits->accounts_max;
    more.genesis_more.entitlements_max = limits->entitlements_max;
    more.genesis_more.events_max = limits->events_max;
    return more;
}

static inline void
fixture_add_instrument(struct fixture *fixture, struct hf_instrument_info info)
{
    struct hf_record add = {.type = HF_COMMAND_INSTRUMENT_ADD};
    struct hf_record more = {0};
    memcpy(add.instrument_add.symbol, info.symbol, HF_SYMBOL_BYTES);
    add.instrument_add.tick = info.tick;
    add.instrument_add.flags = info.flags;
    more.instrument_more.lot = info.lot;
    more.instrument_more.price_min = info.price_min;
    more.instrument_more.price_max = info.price_max;
    more.instrument_more.quantity_max = info.quantity_max;
    fixture_apply(fixture, add, &more);
}

static inline void
fixture_open(struct fixture *fixture, uint32_t slot, const char *name, uint32_t flags)
{
    struct hf_record open = {.type = HF_RECORD_OPEN, .session = slot};
    open.open.flags = flags;
    (void)snprintf(open.open.name, HF_NAME_BYTES, "%s", name);
    fixture_apply(fixture, open, NULL);
}

/** A core after its genesis record only. */
static inline struct fixture *
fixture_bare(const struct hf_engine_limits *limits)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    cr_assert_not_null(fixture);
    size_t bytes = hf_core_footprint(limits);
    cr_assert_gt(bytes, 0);
    void *memory = aligned_alloc(64, bytes);
    cr_assert_not_null(memory);
    memset(memory, 0, bytes);
    fixture->core = hf_core_new(memory, limits);
    fixture->time_ns = 1000;
    fixture->digest = hf_digest_start();
    struct hf_record more = genesis_more(limits);
    fixture_apply(fixture, genesis_record(limits), &more);
    return fixture;
}

/** Instrument 1: tick 1, lot 1, prices 1 to 1000, quantities to 1000. Instrument 2: tick 5, lot 10,
 *  prices -100 to 100, quantities to 500. Sessions 1, 2 and 3; 3 cancels on disconnect. The next LSN
 *  is 10. */
static inline struct fixture *
fixture_new(const struct hf_engine_limits *limits)
{
    struct fixture *fixture = fixture_bare(limits);
    fixture_add_instrument(fixture, (struct hf_instrument_info){.symbol = "ONE",
                                                                .tick = 1,
                                                                .lot = 1,
                                                                .price_min = 1,
                                                                .price_max = 1000,
                                                                .quantity_max = 1000});
    fixture_add_instrument(fixture, (struct hf_instrument_info){.symbol = "TWO",
                                                                .tick = 5,
                                                                .lot = 10,
                                                                .price_min = -100,
                                                                .price_max = 100,
                                                                .quantity_max = 500});
    fixture_open(fixture, 1, "one", 0);
    fixture_open(fixture, 2, "two", 0);
    fixture_open(fixture, 3, "three", HF_SESSION_CANCEL_ON_DISCONNECT);
    return fixture;
}

static inline void
fixture_free(struct fixture *fixture)
{
    free(fixture->core);
    free(fixture);
}

#endif
