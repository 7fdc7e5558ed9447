/* test_ahead.c - hints: they lead to what a record will need, and change nothing whatever the log holds. */
#include "script.h"

#include "core/ahead.h"

#define SLOTS 4096u

static struct fixture *fixture;
static struct hf_ahead ahead;
static struct hf_record slots[SLOTS];

static void
begin(void)
{
    fixture = fixture_new(&fixture_limits);
    memset(&ahead, 0, sizeof(ahead));
    memset(slots, 0, sizeof(slots));
    run_script(fixture, "1 new 1 S 101 10\n1 new 2 S 100 7\n1 new 3 S 100 8\n"
                        "2 new 4 B 99 4\n2 new 5 B 99 5\n2 new 6 B 98 6");
    fixture->core->orders.used += HF_AHEAD_ORDERS; /* as if there were so many */
}

static void
end(void)
{
    fixture->core->orders.used -= HF_AHEAD_ORDERS;
    fixture_free(fixture);
}

TestSuite(ahead, .init = begin, .fini = end);

static void
look_before(uint64_t position, const struct hf_record *far)
{
    hf_ahead_look(&ahead, fixture->core, position, far);
}

/** Where a slot that is like this one leads to once its turn comes. */
static const struct hf_ahead_found *
look_at(const struct hf_record *record)
{
    memset(&ahead, 0, sizeof(ahead));
    look_before(1, record);
    for (uint64_t position = 2; position <= HF_AHEAD_FAR; position++) {
        look_before(position, NULL);
    }
    return &ahead.found[(1 + HF_AHEAD_FAR) % HF_AHEAD_SLOTS];
}

static struct hf_record
order(uint32_t side, int64_t price)
{
    return (struct hf_record){.session = 1,
                              .type = HF_COMMAND_NEW,
                              .slots = 1,
                              .side = (uint8_t)side,
                              .order_type = HF_LIMIT,
                              .time_in_force = HF_GTC,
                              .instrument = 1,
                              .client_order_id = 77,
                              .price = price,
                              .quantity = 1};
}

Test(ahead, records_that_name_an_order_lead_to_it)
{
    uint32_t index = hf_resting_find(fixture->core, 2, 5);
    cr_assert_neq(index, 0);
    struct hf_record record = {.session = 2, .slots = 1, .client_order_id = 5};
    static const uint8_t types[] = {HF_COMMAND_CANCEL, HF_COMMAND_REDUCE};
    for (size_t i = 0; i < sizeof(types); i++) {
        record.type = types[i];
        cr_expect_eq(look_at(&record)->order, index, "type %u", types[i]);
    }
    record.type = HF_COMMAND_REPLACE;
    record.client_order_id = 78;
    record.target_client_order_id = 5;
    cr_expect_eq(look_at(&record)->order, index);
    record.session = 1;
    cr_expect_eq(look_at(&record)->order, 0, "another session has no such order");
}

Test(ahead, a_new_order_that_rests_leads_to_the_last_order_of_its_price)
{
    struct hf_record record = order(HF_BUY, 99);
    const struct hf_ahead_found *found = look_at(&record);
    cr_expect_not(found->trades);
    cr_expect_eq(found->order, hf_resting_find(fixture->core, 2, 5));
    cr_expect_eq(found->level, hf_core_order_pool(fixture->core)[found->order].level);
}

Test(ahead, a_new_order_that_trades_leads_to_the_first_order_of_the_best_price)
{
    struct hf_record record = order(HF_BUY, 101);
    const struct hf_ahead_found *found = look_at(&record);
    cr_expect(found->trades);
    cr_expect_eq(found->order, hf_resting_find(fixture->core, 1, 2));
    record = order(HF_SELL, 90);
    cr_expect_eq(look_at(&record)->order, hf_resting_find(fixture->core, 2, 4));
}

Test(ahead, where_few_orders_live_nothing_is_looked_at)
{
    struct hf_record record = order(HF_BUY, 99);
    uint32_t few = fixture->core->orders.used - HF_AHEAD_ORDERS;
    fixture->core->orders.used = HF_AHEAD_ORDERS - 1;
    cr_expect_eq(look_at(&record)->level, 0);
    fixture->core->orders.used = HF_AHEAD_ORDERS + few;
    cr_expect_neq(look_at(&record)->level, 0);
}

Test(ahead, what_is_in_no_book_leads_nowhere)
{
    struct hf_record record = order(HF_BUY, 50);
    cr_expect_eq(look_at(&record)->level, 0, "no such price");
    record = order(HF_BUY, 99);
    record.instrument = fixture_limits.instruments_max;
    cr_expect_eq(look_at(&record)->level, 0, "no such instrument");
    record.instrument = UINT32_MAX;
    cr_expect_eq(look_at(&record)->level, 0, "an impossible instrument");
    record = order(3, 99);
    cr_expect_eq(look_at(&record)->level, 0, "no such side");
    record = (struct hf_record){.type = HF_RECORD_TICK, .slots = 1};
    cr_expect_eq(look_at(&record)->order, 0, "no command");
}

Test(ahead, what_was_found_for_one_position_is_not_taken_for_another)
{
    struct hf_record record = order(HF_BUY, 99);
    look_before(1, &record);
    for (uint64_t lap = 1; lap <= 3; lap++) {
        look_before(1 + HF_AHEAD_FAR - HF_AHEAD_NEXT + lap * HF_AHEAD_SLOTS, NULL);
    }
    cr_expect_eq(ahead.found[(1 + HF_AHEAD_FAR) % HF_AHEAD_SLOTS].level, 0);
}

/* A third of them random bytes, the others commands with random fields. */
Test(ahead, nothing_is_changed_whatever_the_slots_hold)
{
    size_t bytes = hf_core_footprint(&fixture_limits);
    unsigned char *before = malloc(bytes);
    uint64_t random = 1;
    cr_assert_not_null(before);
    memcpy(before, fixture->core, bytes);
    for (size_t i = 0; i < sizeof(slots) / (sizeof(uint64_t)); i++) {
        uint64_t word = random = random * 6364136223846793005u + 1442695040888963407u;
        memcpy((unsigned char *)slots + i * sizeof(word), &word, sizeof(word));
    }
    for (size_t i = 0; i < SLOTS; i++) {
        if (i % 3 != 0) {
            slots[i].type = (uint8_t)(1 + slots[i].lsn % 4);
            slots[i].side = (uint8_t)(slots[i].time_ns % 3);
            slots[i].instrument %= 6;
            slots[i].client_order_id %= 8;
        }
    }
    for (size_t i = 0; i < SLOTS; i++) {
        look_before(1 + i, i + HF_AHEAD_FAR < SLOTS ? &slots[i + HF_AHEAD_FAR] : NULL);
    }
    cr_expect_eq(memcmp(before, fixture->core, bytes), 0);
    free(before);
}
