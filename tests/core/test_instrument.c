/* test_instrument.c - reference data: ranges, numbering, symbols. */
#include "core/instrument.h"

#include "script.h"

#include <signal.h>

static const struct hf_record good_add = {
    .type = HF_COMMAND_INSTRUMENT_ADD,
    .slots = 2,
    .instrument_add = {.symbol = "SYM", .tick = 1},
};
static const struct hf_record good_more = {
    .type = HF_RECORD_MORE,
    .instrument_more = {.lot = 1, .price_min = 1, .price_max = 9, .quantity_max = 100},
};

struct field_case {
    const char *what;
    bool in_more;
    size_t offset;
    int64_t value;
    const char *word; /* NULL: fine */
};

#define ADD(member) false, offsetof(struct hf_record, instrument_add.member)
#define MORE(member) true, offsetof(struct hf_record, instrument_more.member)

Test(instrument, each_field_has_its_range)
{
    static const struct field_case cases[] = {
        {"tick 0", ADD(tick), 0, "tick"},
        {"tick -1", ADD(tick), -1, "tick"},
        {"tick most", ADD(tick), HF_PRICE_MAX - 1, NULL},
        {"tick above", ADD(tick), HF_PRICE_MAX, "tick"},
        {"lot 0", MORE(lot), 0, "lot"},
        {"lot 2^62", MORE(lot), (int64_t)1 << 62, NULL},
        {"band empty", MORE(price_min), 10, "band"},
        {"band of one", MORE(price_min), 9, NULL},
        {"least price", MORE(price_min), 1 - HF_PRICE_MAX, NULL},
        {"below", MORE(price_min), -HF_PRICE_MAX, "band"},
        {"far below", MORE(price_min), INT64_MIN, "band"},
        {"largest price", MORE(price_max), HF_PRICE_MAX - 1, NULL},
        {"above", MORE(price_max), HF_PRICE_MAX, "band"},
        {"quantity 0", MORE(quantity_max), 0, "quantity"},
        {"quantity most", MORE(quantity_max), HF_QUANTITY_MAX, NULL},
        {"quantity above", MORE(quantity_max), HF_QUANTITY_MAX + 1, "quantity"},
        {"symbol empty", ADD(symbol), 0, "symbol"},
    };
    struct fixture *fixture = fixture_bare(&fixture_limits);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_record slots[2] = {good_add, good_more};
        memcpy((char *)&slots[cases[i].in_more] + cases[i].offset, &cases[i].value, 8);
        const char *wrong = hf_instrument_judge(fixture->core, &slots[0], &slots[1]);
        cr_expect(cases[i].word == NULL ? wrong == NULL
                                        : wrong != NULL && strstr(wrong, cases[i].word) != NULL,
                  "%s: %s", cases[i].what, wrong == NULL ? "(fine)" : wrong);
    }
    for (uint32_t flags = 0; flags < 8; flags++) {
        struct hf_record add = good_add;
        add.instrument_add.flags = flags;
        cr_expect_eq(hf_instrument_judge(fixture->core, &add, &good_more) == NULL, flags < 4);
    }
    fixture_free(fixture);
}

Test(instrument, sums_of_quantities_cannot_overflow)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.orders_max = 1u << 30;
    struct hf_core core = {.limits = limits};
    struct hf_record more = good_more;
    more.instrument_more.quantity_max = UINT64_MAX >> 30;
    cr_expect_null(hf_instrument_judge(&core, &good_add, &more));
    more.instrument_more.quantity_max++;
    cr_expect_not_null(hf_instrument_judge(&core, &good_add, &more));
}

Test(instrument, symbols_are_printable_and_padded)
{
    static const struct {
        char symbol[HF_SYMBOL_BYTES];
        bool valid;
    } cases[] = {
        {"A", true},     {"BRK.B", true}, {"123456789012345", true},
        {"A B", false},  {"A\tB", false}, {"\x7f", false},
        {"A\0B", false}, {"\xe9", false}, {"1234567890123456", false},
    };
    struct fixture *fixture = fixture_bare(&fixture_limits);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_record add = good_add;
        memcpy(add.instrument_add.symbol, cases[i].symbol, HF_SYMBOL_BYTES);
        bool valid = hf_instrument_judge(fixture->core, &add, &good_more) == NULL;
        cr_expect_eq(valid, cases[i].valid, "case %zu", i);
    }
    fixture_free(fixture);
}

Test(instrument, numbers_run_from_one_and_symbols_find_them)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.instruments_max = 200;
    struct fixture *fixture = fixture_bare(&limits);
    for (unsigned i = 1; i <= 200; i++) {
        struct hf_instrument_info info = {
            .tick = i, .lot = 2 * i, .price_min = -(int64_t)i, .price_max = 9, .quantity_max = 7};
        (void)snprintf(info.symbol, HF_SYMBOL_BYTES, "S%u", i);
        fixture_add_instrument(fixture, info);
    }
    cr_expect_eq(hf_core_instruments(fixture->core), 200);
    for (unsigned i = 1; i <= 200; i++) {
        char symbol[HF_SYMBOL_BYTES] = {0};
        (void)snprintf(symbol, HF_SYMBOL_BYTES, "S%u", i);
        cr_expect_eq(hf_instrument_find(fixture->core, symbol), i);
    }
    char unknown[HF_SYMBOL_BYTES] = "S201";
    cr_expect_eq(hf_instrument_find(fixture->core, unknown), 0);
    struct hf_instrument_info info;
    cr_assert(hf_core_instrument(fixture->core, 7, &info));
    cr_expect_eq(info.id, 7);
    cr_expect_eq(info.tick, 7);
    cr_expect_eq(info.lot, 14);
    cr_expect_eq(info.price_min, -7);
    cr_expect_eq(info.price_max, 9);
    cr_expect_eq(info.quantity_max, 7);
    cr_expect_str_eq(info.symbol, "S7");
    cr_expect_not(hf_core_instrument(fixture->core, 0, &info));
    cr_expect_not(hf_core_instrument(fixture->core, 201, &info));
    fixture_free(fixture);
}

Test(instrument, a_removed_one_gives_its_symbol_back_and_the_others_keep_theirs)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.instruments_max = 100;
    struct fixture *fixture = fixture_bare(&limits);
    char symbol[HF_SYMBOL_BYTES] = {0};
    for (unsigned i = 1; i <= 99; i++) {
        struct hf_instrument_info info = {.tick = 1, .lot = 1, .price_max = 9, .quantity_max = 7};
        (void)snprintf(info.symbol, HF_SYMBOL_BYTES, "S%u", i);
        fixture_add_instrument(fixture, info);
    }
    for (unsigned i = 1; i <= 99; i += 2) {
        hf_instrument_remove(fixture->core, &hf_core_books(fixture->core)[i]);
    }
    for (unsigned i = 1; i <= 99; i++) {
        memset(symbol, 0, sizeof(symbol));
        (void)snprintf(symbol, HF_SYMBOL_BYTES, "S%u", i);
        cr_expect_eq(hf_instrument_find(fixture->core, symbol), i % 2 == 0 ? i : 0);
    }
    struct hf_instrument_info again = {
        .symbol = "S1", .tick = 1, .lot = 1, .price_max = 9, .quantity_max = 7};
    fixture_add_instrument(fixture, again);
    cr_expect_eq(hf_instrument_find(fixture->core, again.symbol), 100, "numbers are never reused");
    struct hf_instrument_info info;
    cr_assert(hf_core_instrument(fixture->core, 1, &info));
    cr_expect_eq(info.phase, 0, "removed");
    fixture_free(fixture);
}

Test(instrument, is_empty_without_orders_that_rest_or_wait)
{
    static const char *const orders[] = {
        "1 new 1 B 100 1",
        "1 new 1 S 100 1",
        "1 new 1 B market 1 stop100",
        "1 new 1 S market 1 stop100",
    };
    struct fixture *fixture = fixture_new(&fixture_limits);
    const struct hf_book *book = &hf_core_books(fixture->core)[1];
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        cr_expect(hf_instrument_is_empty(book));
        run_script(fixture, orders[i]);
        cr_expect_not(hf_instrument_is_empty(book), "%s", orders[i]);
        run_script(fixture, "1 cancel 1");
    }
    fixture_free(fixture);
}

Test(instrument, with_orders_is_not_removed, .signal = SIGABRT)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 100 1");
    hf_instrument_remove(fixture->core, &hf_core_books(fixture->core)[1]);
}
