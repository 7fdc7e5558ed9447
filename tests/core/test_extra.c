/* test_extra.c - extras come and go with their orders; the heap finds who expires first. */
#include "core/extra.h"

#include "script.h"

#define ORDERS 400u

static uint64_t
random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/** Time of order `id` of session 1, by id; 0: it is not there. */
static uint64_t expires[ORDERS + 1];

static uint64_t
earliest(void)
{
    uint64_t first = UINT64_MAX;
    for (uint32_t id = 1; id <= ORDERS; id++) {
        if (expires[id] != 0 && expires[id] < first) {
            first = expires[id];
        }
    }
    return first;
}

static struct fixture *
large_fixture(void)
{
    struct hf_engine_limits limits = fixture_limits;
    limits.orders_max = limits.session_orders_max = limits.extras_max = ORDERS;
    return fixture_new(&limits);
}

Test(extra, the_next_expiry_is_the_earliest_of_all_after_any_coming_and_going)
{
    struct fixture *fixture = large_fixture();
    uint64_t state = 11;
    char line[128];
    cr_expect_eq(hf_core_next_expiry(fixture->core), UINT64_MAX);
    for (unsigned i = 0; i < 3000; i++) {
        uint32_t id = 1 + (uint32_t)(random_next(&state) % ORDERS);
        if (expires[id] != 0) {
            (void)snprintf(line, sizeof(line), "1 cancel %u", id);
            expires[id] = 0;
        } else {
            expires[id] = 2000 + random_next(&state) % 300;
            (void)snprintf(line, sizeof(line), "1 new %u B %u 1 gtd%" PRIu64, id, 1 + id % 20,
                           expires[id]);
        }
        fixture->slots = fixture->event_count = 0;
        run_script(fixture, line);
        cr_assert_eq(hf_core_next_expiry(fixture->core), earliest());
    }
    cr_expect_gt(fixture->core->heap_count, 100);
    fixture_free(fixture);
}

Test(extra, all_expire_in_order_of_time_then_of_acceptance)
{
    struct fixture *fixture = large_fixture();
    uint64_t state = 12;
    char line[128];
    for (uint32_t id = 1; id <= 300; id++) {
        (void)snprintf(line, sizeof(line), "1 new %u B %u 1 gtd%" PRIu64, id, 1 + id % 20,
                       2000 + random_next(&state) % 60);
        expires[id] = strtoull(strstr(line, "gtd") + 3, NULL, 10);
        run_script(fixture, line);
    }
    fixture->slots = 0;
    uint64_t last = 0;
    for (uint64_t now = 2000; now <= 2060; now += 3) {
        (void)snprintf(line, sizeof(line), "tick %" PRIu64, now);
        run_script(fixture, line);
        for (; last < fixture->slots; last++) {
            const struct hf_report *report = &fixture->reports[last];
            const struct hf_report *before = last == 0 ? report : report - 1;
            uint64_t time = expires[report->client_order_id];
            uint64_t time_before = expires[before->client_order_id];
            cr_expect_leq(time, now);
            cr_expect(time_before < time ||
                      (time_before == time && before->order_id <= report->order_id));
        }
    }
    cr_expect_eq(fixture->slots, 300);
    cr_expect_eq(hf_core_next_expiry(fixture->core), UINT64_MAX);
    cr_expect_eq(fixture->core->extras.used, 0);
    fixture_free(fixture);
}

Test(extra, an_order_has_one_exactly_while_it_needs_one)
{
    static const struct {
        const char *line;
        uint32_t extras;
    } steps[] = {
        {"1 new 1 B 50 20", 0},
        {"1 new 2 B 50 20 show5", 1},
        {"1 new 3 B 50 20 gtd2000", 2},
        {"1 new 4 B 49 20 show5 gtd2000", 3},
        {"1 new 5 B 60 20 stop100", 4},
        {"1 new 6 B market 20 stop100 gtd3000", 5},
        {"1 replace 2 2 50 4", 5}, /* an iceberg stays one */
        {"1 replace 4 4 48 20", 5},
        {"2 new 1 S 100 1\n2 new 2 B 100 1", 3}, /* both triggered: one rests, one ends */
        {"1 cancel 2", 2},
        {"tick 2000", 0},
        {"1 new 2 B 50 20 show20", 0}, /* rejected */
        {"1 new 2 S 50 20 show19", 0}, /* filled by order 5 */
        {"1 list", 0},
    };
    struct fixture *fixture = fixture_new(&fixture_limits);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const char *text = run_script(fixture, steps[i].line);
        cr_expect_eq(fixture->core->extras.used, steps[i].extras, "after '%s': %u\n%s",
                     steps[i].line, fixture->core->extras.used, text);
    }
    fixture_free(fixture);
}
