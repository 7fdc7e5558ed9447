/* test_load.c - copied blocks: which may be used as a core. */
#include "script.h"

#include "core/state.h"

static struct fixture *fixture;

static void
begin(void)
{
    fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 S 100 10\n2 new 3 B 99 4\n1 new 8 B 50 20 show5");
}

static void
end(void)
{
    fixture_free(fixture);
}

TestSuite(load, .init = begin, .fini = end);

Test(load, a_core_in_use_is_one)
{
    cr_expect_null(hf_core_load(fixture->core, &fixture_limits));
}

Test(load, the_layout_is_a_number_that_stays_the_same)
{
    cr_expect_neq(hf_core_layout(), 0);
    cr_expect_eq(hf_core_layout(), hf_core_layout());
}

Test(load, each_capacity_must_be_the_expected_one)
{
    static const size_t OFFSETS[] = {
        offsetof(struct hf_engine_limits, sessions_max),
        offsetof(struct hf_engine_limits, instruments_max),
        offsetof(struct hf_engine_limits, orders_max),
        offsetof(struct hf_engine_limits, levels_max),
        offsetof(struct hf_engine_limits, session_orders_max),
        offsetof(struct hf_engine_limits, hash_seed),
        offsetof(struct hf_engine_limits, extras_max),
        offsetof(struct hf_engine_limits, accounts_max),
        offsetof(struct hf_engine_limits, entitlements_max),
        offsetof(struct hf_engine_limits, events_max),
    };
    for (size_t i = 0; i < sizeof(OFFSETS) / sizeof(OFFSETS[0]); i++) {
        struct hf_engine_limits limits = fixture_limits;
        ((unsigned char *)&limits)[OFFSETS[i]] ^= 1;
        const char *why = hf_core_load(fixture->core, &limits);
        cr_assert_not_null(why, "limit %zu", i);
        cr_expect_not_null(strstr(why, "capacities"), "%s", why);
    }
}

/** Change a word of the core and expect these words. */
static void
expect_refusal(void *word, size_t bytes, uint64_t value, const char *part)
{
    unsigned char before[8];
    memcpy(before, word, bytes);
    memcpy(word, &value, bytes);
    const char *why = hf_core_load(fixture->core, &fixture_limits);
    cr_expect_not_null(why, "%s", part);
    cr_expect(why == NULL || strstr(why, part) != NULL, "'%s' is not in: %s", part, why);
    memcpy(word, before, bytes);
    cr_expect_null(hf_core_load(fixture->core, &fixture_limits));
}

Test(load, a_part_that_lies_elsewhere_is_refused)
{
    struct hf_core *core = fixture->core;
    expect_refusal(&core->sessions_at, sizeof(size_t), 1, "elsewhere");
    expect_refusal(&core->orders_at, sizeof(size_t), UINT64_MAX, "elsewhere");
    expect_refusal(&core->event_marks_at, sizeof(size_t), 64, "elsewhere");
}

Test(load, pools_that_exceed_themselves_are_refused)
{
    struct hf_core *core = fixture->core;
    struct hf_pool *const POOLS[] = {&core->orders, &core->levels, &core->nodes, &core->extras};
    for (size_t i = 0; i < 4; i++) {
        expect_refusal(&POOLS[i]->capacity, 4, POOLS[i]->capacity + 1, "pools");
        expect_refusal(&POOLS[i]->high, 4, POOLS[i]->capacity + 1, "pools");
        expect_refusal(&POOLS[i]->used, 4, POOLS[i]->high + 1, "pools");
        expect_refusal(&POOLS[i]->free_head, 4, POOLS[i]->high + 1, "pools");
    }
}

Test(load, id_tables_of_another_size_or_key_are_refused)
{
    struct hf_core *core = fixture->core;
    expect_refusal(&core->ids.buckets_max, 4, core->ids.buckets_max + 1, "id tables");
    expect_refusal(&core->ids.buckets, 4, core->ids.buckets_max + 1, "id tables");
    expect_refusal(&core->ids.buckets, 4, 1, "id tables");
    expect_refusal(&core->ids.used, 4, core->limits.orders_max + 1, "id tables");
    expect_refusal(&core->ids.mask, 4, 0, "id tables");
    expect_refusal(&core->ids.key[1], 8, 7, "id tables");
    expect_refusal(&core->ids.key[0], 8, 7, "id tables");
}

Test(load, counts_above_their_capacity_are_refused)
{
    struct hf_core *core = fixture->core;
    expect_refusal(&core->heap_count, 4, fixture_limits.extras_max + 1, "counts");
    expect_refusal(&core->accounts, 4, fixture_limits.accounts_max + 1, "counts");
    expect_refusal(&core->entitlements, 4, fixture_limits.entitlements_max + 1, "counts");
    expect_refusal(&core->limited_names, 4, fixture_limits.entitlements_max + 1, "counts");
    expect_refusal(&core->instruments, 4, fixture_limits.instruments_max + 1, "counts");
    expect_refusal(&core->sessions_high, 4, fixture_limits.sessions_max + 1, "counts");
}

Test(load, a_copy_of_the_image_alone_becomes_the_whole_block_again)
{
    size_t bytes = hf_core_footprint(&fixture_limits);
    run_script(fixture, "2 new 4 B 100 3\n1 new 5 S market 7\n1 replace 8 8 50 11\n"
                        "1 new 9 B market 4 stop120\n2 cancel 3");
    struct hf_core *copy = aligned_alloc(64, bytes);
    cr_assert_not_null(copy);
    memset((void *)copy, 0, bytes);
    memcpy((void *)copy, fixture->core, hf_core_image_bytes(&fixture_limits));
    cr_expect_null(hf_core_load(copy, &fixture_limits));
    cr_expect_eq(memcmp(copy, fixture->core, bytes), 0);
    hf_core_audit(copy);
    free(copy);
}
