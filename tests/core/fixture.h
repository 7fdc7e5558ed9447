/*
 * fixture.h - a core, records for it, and its reports as text, for the tests of lib/core.
 *
 * Scripts are lines, one command each:
 *     SESSION new ID B|S PRICE|market QUANTITY [ioc|fok|post] [iINSTRUMENT]
 *     SESSION cancel ID   SESSION reduce ID QUANTITY   SESSION replace OLD NEW PRICE TOTAL
 *     SESSION disconnect  SESSION close                book [iINSTRUMENT]
 * and run_script() gives what came out, one line per report:
 *     SESSION accepted ID SIDE PRICExQUANTITY
 *     SESSION rejected ID REASON
 *     SESSION maker|taker ID PRICExQUANTITY left LEAVES
 *     SESSION cancelled ID QUANTITY REASON [unasked]
 *     SESSION replaced OLD>NEW PRICExOPEN total TOTAL done EXECUTED
 *     SESSION reduced ID OPEN
 *     book BID_ID@PRICExOPEN ... | ASK_ID@PRICExOPEN ...
 */
#ifndef HF_TESTS_CORE_FIXTURE_H
#define HF_TESTS_CORE_FIXTURE_H

#include "core/core.h"
#include "core/state.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURE_SLOTS 4096u
#define FIXTURE_TEXT_BYTES 16384u

struct fixture {
    struct hf_core *core;
    struct hf_report reports[FIXTURE_SLOTS];
    uint32_t sessions[FIXTURE_SLOTS];
    size_t slots;
    uint64_t time_ns;
    char text[FIXTURE_TEXT_BYTES];
};

static const struct hf_engine_limits fixture_limits = {
    .sessions_max = 4,
    .instruments_max = 4,
    .orders_max = 64,
    .levels_max = 32,
    .session_orders_max = 48,
    .hash_seed = 42,
};

static inline void
fixture_on_report(void *context, uint32_t session, const struct hf_report *report)
{
    struct fixture *fixture = context;
    for (size_t i = 0; i < report->slots; i++) {
        cr_assert_lt(fixture->slots, FIXTURE_SLOTS);
        fixture->sessions[fixture->slots] = session;
        memcpy(&fixture->reports[fixture->slots++],
               (const char *)(const void *)report + i * HF_SLOT_BYTES, HF_SLOT_BYTES);
    }
}

/** Apply a record after giving it LSN and time; it must pass the check. */
static inline void
fixture_apply(struct fixture *fixture, struct hf_record record, const struct hf_record *second)
{
    struct hf_core_sink sink = {fixture, fixture_on_report};
    struct hf_record more = {0};
    record.lsn = hf_core_lsn(fixture->core) + 1;
    record.time_ns = fixture->time_ns;
    record.slots = second == NULL ? 1 : 2;
    if (second != NULL) {
        more = *second;
        more.lsn = record.lsn + 1;
        more.type = HF_RECORD_MORE;
    }
    const struct hf_record *more_or_null = second == NULL ? NULL : &more;
    const char *wrong = hf_core_check(fixture->core, &record, more_or_null);
    cr_assert_null(wrong, "record of type %u refused: %s", record.type, wrong == NULL ? "" : wrong);
    hf_core_apply(fixture->core, &record, more_or_null, &sink);
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

static inline void
fixture_add_instrument(struct fixture *fixture, struct hf_instrument_info info)
{
    struct hf_record add = {.type = HF_RECORD_INSTRUMENT};
    struct hf_record more = {0};
    add.instrument_add.id = hf_core_instruments(fixture->core) + 1;
    memcpy(add.instrument_add.symbol, info.symbol, HF_SYMBOL_BYTES);
    add.instrument_add.tick = info.tick;
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
    struct hf_record more = {0};
    fixture_apply(fixture, genesis_record(limits), &more);
    return fixture;
}

/** Instrument 1: tick 1, lot 1, prices 1 to 1000, quantities to 1000. Instrument 2: tick 5, lot 10,
 *  prices -100 to 100, quantities to 500. Sessions 1, 2 and 3; 3 cancels on disconnect. */
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

static inline void
print_report(struct fixture *fixture, size_t at)
{
    const struct hf_report *report = &fixture->reports[at];
    uint32_t session = fixture->sessions[at];
    uint64_t id = report->client_order_id;
    switch (report->type) {
    case HF_REPORT_ACCEPTED:
        fixture_print(fixture, "%u accepted %" PRIu64 " %c %" PRId64 "x%" PRIu64 "\n", session, id,
                      report->side == HF_BUY ? 'B' : 'S', report->price, report->quantity);
        return;
    case HF_REPORT_REJECTED:
        fixture_print(fixture, "%u rejected %" PRIu64 " %s\n", session, id,
                      reason_word(report->reason));
        return;
    case HF_REPORT_FILL:
        fixture_print(fixture, "%u %s %" PRIu64 " %" PRId64 "x%" PRIu64 " left %" PRIu64 "\n",
                      session, report->flags & HF_REPORT_MAKER ? "maker" : "taker", id,
                      report->price, report->quantity, report->leaves);
        return;
    case HF_REPORT_CANCELLED:
        fixture_print(fixture, "%u cancelled %" PRIu64 " %" PRIu64 " %s%s\n", session, id,
                      report->quantity, reason_word(report->reason),
                      report->command_seq == 0 ? " unasked" : "");
        return;
    case HF_REPORT_REPLACED: {
        const struct hf_report_more *more = (const void *)&fixture->reports[at + 1];
        fixture_print(fixture,
                      "%u replaced %" PRIu64 ">%" PRIu64 " %" PRId64 "x%" PRIu64 " total %" PRIu64
                      " done %" PRIu64 "\n",
                      session, more->previous_client_order_id, id, report->price, report->quantity,
                      more->total, more->executed);
        return;
    }
    case HF_REPORT_REDUCED:
        fixture_print(fixture, "%u reduced %" PRIu64 " %" PRIu64 "\n", session, id,
                      report->quantity);
        return;
    case HF_REPORT_MORE:
        return;
    default:
        fixture_print(fixture, "%u report of type %u\n", session, report->type);
    }
}

static inline void
print_side(struct fixture *fixture, uint32_t instrument, enum hf_side side)
{
    struct hf_book_order orders[256];
    size_t count = hf_core_orders(fixture->core, instrument, side, orders, 256);
    for (size_t i = 0; i < count; i++) {
        fixture_print(fixture, " %" PRIu64 "@%" PRId64 "x%" PRIu64, orders[i].client_order_id,
                      orders[i].price, orders[i].quantity);
    }
}

static inline uint32_t
instrument_word(const char *words)
{
    const char *at = strstr(words, " i");
    while (at != NULL && (at[2] < '0' || at[2] > '9')) {
        at = strstr(at + 1, " i");
    }
    return at == NULL ? 1 : (uint32_t)strtoul(at + 2, NULL, 10);
}

static inline struct hf_record
new_record(const char *words)
{
    char side;
    char price[32];
    uint64_t id;
    uint64_t quantity;
    struct hf_record record = {.type = HF_COMMAND_NEW, .order_type = HF_LIMIT};
    cr_assert_eq(sscanf(words, " %" SCNu64 " %c %31s %" SCNu64, &id, &side, price, &quantity), 4);
    record.client_order_id = id;
    record.side = side == 'B' ? HF_BUY : HF_SELL;
    record.quantity = quantity;
    record.instrument = instrument_word(words);
    record.account = 7;
    record.price = strtoll(price, NULL, 10);
    if (strcmp(price, "market") == 0) {
        record.order_type = HF_MARKET;
        record.price = 0;
    }
    record.time_in_force = strstr(words, " ioc") ? HF_IOC : strstr(words, " fok") ? HF_FOK : HF_GTC;
    record.flags = strstr(words, " post") ? HF_POST_ONLY : 0;
    return record;
}

/** The record of one line of a script. */
static inline struct hf_record
line_record(const char *line)
{
    char verb[16];
    int used = 0;
    unsigned session;
    uint64_t id = 0;
    uint64_t other = 0;
    int64_t price = 0;
    uint64_t quantity = 0;
    struct hf_record record = {0};
    cr_assert_eq(sscanf(line, " %u %15s%n", &session, verb, &used), 2, "%s", line);
    const char *words = line + used;
    if (strcmp(verb, "new") == 0) {
        record = new_record(words);
    } else if (strcmp(verb, "cancel") == 0) {
        cr_assert_eq(sscanf(words, " %" SCNu64, &id), 1);
        record = (struct hf_record){.type = HF_COMMAND_CANCEL, .client_order_id = id};
    } else if (strcmp(verb, "reduce") == 0) {
        cr_assert_eq(sscanf(words, " %" SCNu64 " %" SCNu64, &id, &quantity), 2);
        record = (struct hf_record){.type = HF_COMMAND_REDUCE, .client_order_id = id};
        record.quantity = quantity;
    } else if (strcmp(verb, "replace") == 0) {
        cr_assert_eq(sscanf(words, " %" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNu64, &id, &other,
                            &price, &quantity),
                     4);
        record = (struct hf_record){.type = HF_COMMAND_REPLACE, .client_order_id = other};
        record.target_client_order_id = id;
        record.price = price;
        record.quantity = quantity;
    } else if (strcmp(verb, "disconnect") == 0) {
        record.type = HF_RECORD_DISCONNECT;
    } else if (strcmp(verb, "close") == 0) {
        record.type = HF_RECORD_CLOSE;
    } else {
        cr_assert_fail("unknown verb in: %s", line);
    }
    record.session = session;
    return record;
}

static inline void
run_line(struct fixture *fixture, const char *line)
{
    if (strncmp(line, "book", 4) == 0) {
        fixture_print(fixture, "book");
        print_side(fixture, instrument_word(line), HF_BUY);
        fixture_print(fixture, " |");
        print_side(fixture, instrument_word(line), HF_SELL);
        fixture_print(fixture, "\n");
        return;
    }
    size_t first = fixture->slots;
    fixture_apply(fixture, line_record(line), NULL);
    for (size_t at = first; at < fixture->slots; at++) {
        print_report(fixture, at);
    }
    hf_core_audit(fixture->core);
}

/** Run a script; what came out since the last call, valid until the next. */
static inline const char *
run_script(struct fixture *fixture, const char *script)
{
    fixture->text[0] = '\0';
    while (*script != '\0') {
        char line[256];
        size_t length = strcspn(script, "\n");
        cr_assert_lt(length, sizeof(line));
        memcpy(line, script, length);
        line[length] = '\0';
        run_line(fixture, line);
        script += length + (script[length] == '\n');
    }
    return fixture->text;
}

struct script_case {
    const char *name;
    const char *script;
    const char *expected;
};

static inline void
check_cases(const struct script_case *cases, size_t count, const struct hf_engine_limits *limits)
{
    for (size_t i = 0; i < count; i++) {
        struct fixture *fixture = fixture_new(limits);
        const char *text = run_script(fixture, cases[i].script);
        cr_expect_str_eq(text, cases[i].expected, "%s\n--- is\n%s--- should be\n%s", cases[i].name,
                         text, cases[i].expected);
        fixture_free(fixture);
    }
}

#define CHECK_CASES(cases, limits) check_cases(cases, sizeof(cases) / sizeof((cases)[0]), limits)

#endif
