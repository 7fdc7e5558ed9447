/*
 * test_limit.c - limits by name: the table itself (N3), and what an open session has of it (N4). What orders
 * are judged by them is in test_admin.c.
 */
#include "core/limit.h"

#include "fixture.h"

static struct fixture *fixture;

static void
begin(void)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.entitlements_max = 3;
    fixture = fixture_new(&limits);
}

static void
end(void)
{
    fixture_free(fixture);
}

TestSuite(limit, .init = begin, .fini = end);

static struct hf_limits_row
row_of(const char *name, uint32_t orders_max, uint32_t rate_max, uint32_t killed)
{
    struct hf_limits_row row = {.orders_max = orders_max, .rate_max = rate_max, .killed = killed};
    (void)snprintf(row.name, sizeof(row.name), "%s", name);
    return row;
}

static bool
set(const char *name, uint32_t orders_max, uint32_t rate_max, uint32_t killed)
{
    const struct hf_limits_row row = row_of(name, orders_max, rate_max, killed);
    return hf_limit_set(fixture->core, &row);
}

static void
expect_limits(const char *name, uint32_t orders_max, uint32_t rate_max, uint32_t killed)
{
    const struct hf_limits_row row = hf_limit_of(fixture->core, name);
    cr_expect_str_eq(row.name, name);
    cr_expect_eq(row.orders_max, orders_max, "%s: %u", name, row.orders_max);
    cr_expect_eq(row.rate_max, rate_max, "%s: %u", name, row.rate_max);
    cr_expect_eq(row.killed, killed, "%s: %u", name, row.killed);
}

static uint32_t
rows(void)
{
    struct hf_limits_row row;
    uint32_t count = 0;
    while (hf_core_limits_row(fixture->core, count, &row)) {
        count++;
    }
    return count;
}

static struct hf_core_session
session_of(const char *name, uint32_t rate_count, uint64_t rate_end_ns)
{
    struct hf_core_session session = {.rate_count = rate_count, .rate_end_ns = rate_end_ns};
    (void)snprintf(session.name, sizeof(session.name), "%s", name);
    return session;
}

Test(limit, a_name_without_a_row_has_none)
{
    expect_limits("one", 0, 0, 0);
    cr_expect_eq(rows(), 0);
    cr_assert(set("one", 5, 0, 0));
    expect_limits("two", 0, 0, 0);
    expect_limits("12345678901234567890123", 0, 0, 0);
}

Test(limit, names_are_compared_as_a_whole)
{
    cr_assert(set("12345678901234567890123", 1, 0, 0));
    cr_assert(set("1234567890123456789012", 2, 0, 0));
    expect_limits("12345678901234567890123", 1, 0, 0);
    expect_limits("1234567890123456789012", 2, 0, 0);
    expect_limits("123456789012345678901", 0, 0, 0);
}

Test(limit, a_second_setting_replaces_the_first_and_needs_no_second_row)
{
    cr_assert(set("one", 5, 6, 1));
    expect_limits("one", 5, 6, 1);
    cr_assert(set("one", 0, 7, 0));
    expect_limits("one", 0, 7, 0);
    cr_expect_eq(rows(), 1);
}

Test(limit, each_of_the_three_alone_keeps_the_row_and_none_of_them_removes_it)
{
    cr_assert(set("one", 1, 0, 0) && rows() == 1);
    cr_assert(set("one", 0, 1, 0) && rows() == 1);
    cr_assert(set("one", 0, 0, 1) && rows() == 1);
    cr_assert(set("one", 0, 0, 0));
    cr_expect_eq(rows(), 0, "N3: every row limits something");
    cr_expect(set("one", 0, 0, 0), "lifting what is not there is no error");
    cr_expect_eq(rows(), 0);
}

Test(limit, a_full_table_takes_no_new_name_but_changes_and_lifts)
{
    cr_expect_eq(hf_limit_entries(&fixture->core->limits), 3);
    cr_assert(set("a", 1, 0, 0) && set("b", 2, 0, 0) && set("c", 3, 0, 0));
    cr_expect_not(set("d", 4, 0, 0));
    expect_limits("d", 0, 0, 0);
    cr_expect(set("d", 0, 0, 0), "nothing to keep needs no room");
    cr_expect(set("c", 9, 0, 0));
    cr_expect(set("a", 0, 0, 0));
    cr_expect(set("d", 4, 0, 0));
    expect_limits("a", 0, 0, 0);
    expect_limits("b", 2, 0, 0);
    expect_limits("c", 9, 0, 0);
    expect_limits("d", 4, 0, 0);
    cr_expect_eq(rows(), 3);
}

Test(limit, a_session_has_those_of_its_name_once_it_is_refreshed)
{
    struct hf_core_session session = session_of("one", 4, 5000);
    cr_assert(set("one", 5, 6, 1));
    hf_limit_refresh(fixture->core, &session);
    cr_expect(session.orders_max == 5 && session.rate_max == 6 && session.killed == 1);
    cr_assert(set("one", 0, 0, 0));
    hf_limit_refresh(fixture->core, &session);
    cr_expect(session.orders_max == 0 && session.rate_max == 0 && session.killed == 0, "lifted");
    cr_expect(session.rate_count == 4 && session.rate_end_ns == 5000, "it is the same session");
}

Test(limit, the_next_session_of_a_name_goes_on_with_its_second)
{
    const struct hf_core_session before = session_of("one", 4, 5000);
    struct hf_core_session after = session_of("one", 0, 0);
    cr_assert(set("one", 5, 6, 1));
    hf_limit_leave(fixture->core, &before);
    hf_limit_enter(fixture->core, &after);
    cr_expect(after.rate_count == 4 && after.rate_end_ns == 5000);
    cr_expect(after.orders_max == 5 && after.rate_max == 6 && after.killed == 1);
    struct hf_core_session other = session_of("two", 0, 0);
    hf_limit_enter(fixture->core, &other);
    cr_expect(other.rate_count == 0 && other.rate_end_ns == 0, "another name's");
}

Test(limit, of_a_name_without_a_row_nothing_is_remembered)
{
    const struct hf_core_session before = session_of("one", 4, 5000);
    struct hf_core_session after = session_of("one", 0, 0);
    hf_limit_leave(fixture->core, &before);
    cr_assert(set("one", 0, 6, 0));
    hf_limit_enter(fixture->core, &after);
    cr_expect(after.rate_count == 0 && after.rate_end_ns == 0 && after.rate_max == 6);
    hf_limit_leave(fixture->core, &before);
    cr_assert(set("one", 0, 0, 0) && set("one", 0, 6, 0));
    hf_limit_enter(fixture->core, &after);
    cr_expect(after.rate_count == 0 && after.rate_end_ns == 0, "lifted in between");
}

Test(limit, a_row_that_takes_a_removed_ones_place_keeps_its_second)
{
    const struct hf_core_session last = session_of("c", 4, 5000);
    struct hf_core_session after = session_of("c", 0, 0);
    cr_assert(set("a", 1, 0, 0) && set("b", 2, 0, 0) && set("c", 3, 0, 0));
    hf_limit_leave(fixture->core, &last);
    cr_assert(set("a", 0, 0, 0));
    expect_limits("b", 2, 0, 0);
    hf_limit_enter(fixture->core, &after);
    cr_expect(after.rate_count == 4 && after.rate_end_ns == 5000 && after.orders_max == 3);
}
