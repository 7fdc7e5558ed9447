/*
 * test_compare.c - what differs in two state machines: the same script in both, and one line more in one.
 */
#include "core/script.h"

#include "recover/compare.h"

static char told[16384];

static void
print_value(const json_t *value, char *text, size_t bytes)
{
    char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    snprintf(text, bytes, "%s", dump);
    free(dump);
}

static void
collect(void *context, const char *what, const char *field, const json_t *first,
        const json_t *second)
{
    char text[2][600];
    size_t used = strlen(told);
    (void)context;
    print_value(first, text[0], sizeof(text[0]));
    print_value(second, text[1], sizeof(text[1]));
    snprintf(told + used, sizeof(told) - used, "%s: %s %s | %s\n", what,
             field == NULL ? "-" : field, text[0], text[1]);
}

static const char base[] = "1 new 1 B 100 5\n"
                           "1 new 2 B 100 6\n"
                           "2 new 1 S 110 7\n"
                           "2 new 2 S 120 20 show4\n"
                           "1 new 3 B 130 5 stop125 a9\n"
                           "0 account 9 group2 newest\n"
                           "0 session one orders9\n"
                           "0 grant one admin\n";

static uint64_t
compare_with(const char *first, const char *second)
{
    struct fixture *fixtures[2] = {fixture_new(&fixture_limits), fixture_new(&fixture_limits)};
    const char *more[2] = {first, second};
    struct hf_compare compare = {.differs = collect};
    for (int i = 0; i < 2; i++) {
        run_script(fixtures[i], base);
        if (more[i][0] != '\0') {
            run_script(fixtures[i], more[i]);
        }
        compare.core[i] = fixtures[i]->core;
    }
    told[0] = '\0';
    hf_compare(&compare);
    fixture_free(fixtures[0]);
    fixture_free(fixtures[1]);
    return compare.differences;
}

Test(compare, the_same_records_leave_no_difference)
{
    cr_expect_eq(compare_with("", ""), 0, "%s", told);
    cr_expect_eq(compare_with("2 new 5 B 100 1", "2 new 5 B 100 1"), 0, "%s", told);
}

Test(compare, each_difference_is_named_with_both_values)
{
    static const struct {
        const char *line; /**< in the second one alone */
        const char *lines[4];
    } cases[] = {
        {"2 new 9 S 100 2",
         {"state: trades 0 | 1\n", "ONE bid 100: quantity 11 | 9\n", ": executed 0 | 2\n",
          "instrument 1: last_price null | 100\n"}},
        {"1 new 9 B 101 3",
         {"ONE bid 101: - null | {\"quantity\":3,\"orders\":1}\n",
          ": - null | {\"instrument\":\"ONE\",\"side\":\"buy\",\"open\":3,\"price\":101,",
          "session one: open_orders 3 | 4\n", "state: open_orders 5 | 6\n"}},
        {"1 cancel 1",
         {"ONE bid 100: orders 2 | 1\n", ",\"behind_order\":0} | null\n", "behind_order "}},
        {"2 cancel 1", {"ONE ask 110: - {\"quantity\":7,\"orders\":1} | null\n"}},
        {"1 cancel 3", {"\"waits\":true,", "account 9: open_notional \"650\" | \"0\"\n"}},
        {"2 reduce 2 1", {": hidden 16 | 15\n"}},
        {"0 phase halted", {"instrument 1: phase \"open\" | \"halted\"\n"}},
        {"0 add NEW 1 1 1 100 50", {"instrument 3: - null | {\"symbol\":\"NEW\","}},
        {"0 account 9 group3 oldest",
         {"account 9: group 2 | 3\n",
          "account 9: self_trade \"cancel newest\" | \"cancel oldest\"\n"}},
        {"0 account 8 group2", {"account 8: - null | {\"group\":2,\"self_trade\":\"allow\","}},
        {"0 session one orders8",
         {"limits of one: orders_max 9 | 8\n", "session one: orders_max 9 | 8\n"}},
        {"0 session new rate7", {"limits of new: - null | {\"orders_max\":0,\"rate_max\":7,"}},
        {"0 session one orders0", {"limits of one: - {\"orders_max\":9,", "} | null\n"}},
        {"0 grant two account 7",
         {"entitlement of two: account 7: - null | true\n",
          "session two: accounts_listed false | true\n"}},
        {"0 revoke one admin", {"entitlement of one: admin 0: - true | null\n"}},
        {"4 open four", {"session four: - null | {\"slot\":4,"}},
        {"2 close", {"session two: - {\"slot\":2,", "ONE ask 120: - {"}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_gt(compare_with("", cases[i].line), 1, "%s", cases[i].line);
        for (size_t j = 0; j < 4 && cases[i].lines[j] != NULL; j++) {
            cr_expect_not_null(strstr(told, cases[i].lines[j]), "'%s': '%s' is not in:\n%s",
                               cases[i].line, cases[i].lines[j], told);
        }
        cr_expect_not_null(strstr(told, "state: lsn "), "%s", cases[i].line);
    }
}

/** The other way round the same places differ, with their values exchanged. */
Test(compare, there_is_no_first_among_them)
{
    static const char *const lines[] = {"1 new 9 B 101 3", "2 close", "0 account 8 group2",
                                        "0 grant two account 7", "0 session new rate7"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        uint64_t count = compare_with("", lines[i]);
        cr_expect_eq(compare_with(lines[i], ""), count, "%s:\n%s", lines[i], told);
    }
}

Test(compare, capacities_and_missing_fields_are_told_too)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.orders_max = 63;
    struct fixture *fixtures[2] = {fixture_new(&fixture_limits), fixture_new(&limits)};
    struct hf_compare compare = {.core = {fixtures[0]->core, fixtures[1]->core},
                                 .differs = collect};
    run_script(fixtures[0], "1 new 1 B 100 5 show2"); /* an iceberg has more to tell */
    run_script(fixtures[1], "1 new 1 B 100 5");
    told[0] = '\0';
    hf_compare(&compare);
    cr_expect_not_null(strstr(told, "state: orders_max 64 | 63\n"), "%s", told);
    cr_expect_not_null(strstr(told, ": display 2 | null\n"), "%s", told);
    fixture_free(fixtures[0]);
    fixture_free(fixtures[1]);
}
