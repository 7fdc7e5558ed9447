/* test_session.c - sizes, and the two objects of a session as their maker leaves them. */
#include "shm/session.h"

#include "base/child.h"
#include "shm/ring.h"

#include <criterion/criterion.h>

static char instance[HF_NAME_BYTES];
static struct hf_session_spec spec;
static struct hf_region reports;
static struct hf_region commands;

static void
make_spec(void)
{
    snprintf(instance, sizeof(instance), "test-%d", (int)getpid());
    spec = (struct hf_session_spec){.instance = instance,
                                    .session = "alpha.1",
                                    .instance_id = 0x1122334455667788u,
                                    .session_id = 13,
                                    .slot = 5,
                                    .uid = 1000,
                                    .flags = 1,
                                    .command_slots = 64,
                                    .report_slots = 256,
                                    .generation = 3,
                                    .first_seq = 101,
                                    .first_report = 201};
}

static void
remove_object(void *context, const char *name)
{
    (void)context;
    hf_region_unlink(name);
}

static void
remove_objects(void)
{
    char prefix[HF_REGION_NAME_BYTES];
    hf_region_detach(&reports);
    hf_region_detach(&commands);
    snprintf(prefix, sizeof(prefix), "/holdfast.%s.s.", instance);
    hf_region_list(prefix, remove_object, NULL);
}

TestSuite(session, .init = make_spec, .fini = remove_objects);

Test(session, slots_are_a_power_of_two_within_bounds)
{
    for (uint32_t bit = 0; bit < 32; bit++) {
        uint32_t slots = 1u << bit;
        cr_assert_eq(hf_session_slots_valid(slots), bit >= 6 && bit <= 20);
        if (bit >= 2) {
            cr_assert_not(hf_session_slots_valid(slots - 1));
            cr_assert_not(hf_session_slots_valid(slots + 1));
        }
    }
    cr_assert_not(hf_session_slots_valid(0));
    cr_assert_eq(hf_session_object_bytes(64), 4096 + 64 * 64);
    cr_assert_eq(hf_session_object_bytes(1u << 20), 4096 + (64u << 20));
}

Test(session, object_names_are_made_of_their_parts_and_fit)
{
    char name[HF_REGION_NAME_BYTES];
    hf_session_report_name(name, "main", "alpha", 0);
    cr_assert_str_eq(name, "/holdfast.main.s.alpha.rep");
    hf_session_report_name(name, "main", "alpha", 0xa1);
    cr_assert_str_eq(name, "/holdfast.main.s.alpha.rep.00000000000000a1");
    hf_session_command_name(name, "main", "alpha", 12);
    cr_assert_str_eq(name, "/holdfast.main.s.alpha.cmd.12");
    const char *longest = "12345678901234567890123";
    hf_session_command_name(name, longest, longest, UINT64_MAX);
    cr_assert_str_eq(name, "/holdfast.12345678901234567890123.s.12345678901234567890123.cmd."
                           "18446744073709551615");
}

Test(session, a_drawn_name_is_told_from_all_others)
{
    static const struct {
        const char *name;
        const char *plain;
        bool drawn;
    } cases[] = {
        {"/holdfast.main.s.alpha.rep.00000000000000a1", NULL, true},
        {"/holdfast.main.s.alpha.rep.00000000000000a1", "/holdfast.main.s.alpha.rep", true},
        {"/holdfast.main.s.alpha.rep.ffffffffffffffff", NULL, true},
        {"/holdfast.main.s.alpha.rep.00000000000000a1", "/holdfast.main.s.alph.rep", false},
        {"/holdfast.main.s.a.rep.b.rep.00000000000000a1", "/holdfast.main.s.a.rep", false},
        {"/holdfast.main.s.alpha.rep", NULL, false},
        {"/holdfast.main.s.alpha.rep.", NULL, false},
        {"/holdfast.main.s.alpha.rep.0000000000000a1", NULL, false},
        {"/holdfast.main.s.alpha.rep.000000000000000a1", NULL, false},
        {"/holdfast.main.s.alpha.rep.00000000000000A1", NULL, false},
        {"/holdfast.main.s.alpha.cmd.1234567890123456", NULL, false},
        {"/holdfast.main.s.a.rep.00000000000000a1.rep", NULL, false},
        {".rep.00000000000000a1", NULL, true},
        {"rep.00000000000000a1", NULL, false},
        {"", NULL, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(hf_session_report_name_is_drawn(cases[i].name, cases[i].plain), cases[i].drawn,
                     "%s", cases[i].name);
    }
}

Test(session, the_report_object_is_what_the_spec_says)
{
    cr_assert_eq(hf_report_object_create(&reports, &spec), HF_OK);
    cr_assert_eq(hf_report_object_check(&reports), HF_OK);
    cr_assert_geq(reports.len_bytes, hf_session_object_bytes(256));
    const struct hf_report_object *object = reports.base;
    cr_assert_eq(object->magic, HF_REPORT_OBJECT_MAGIC);
    cr_assert_eq(object->version, HF_PROTOCOL_VERSION);
    cr_assert_eq(object->report_slots, 256);
    cr_assert_eq(object->command_slots, 64);
    cr_assert_eq(object->instance_id, spec.instance_id);
    cr_assert_eq(object->session_id, 13);
    cr_assert_eq(object->generation, 3);
    cr_assert_eq(object->session, 5);
    cr_assert_eq(object->holder_pid, 0);
    cr_assert_eq(object->uid, 1000);
    cr_assert_eq(object->flags, 1);
    cr_assert_str_eq(object->name, "alpha.1");
    cr_assert_eq(object->command_tail, 100);
    cr_assert_eq(object->report_head, 200);
    cr_assert_eq(object->state, HF_SESSION_OPEN);
    cr_assert_eq(hf_report_object_create(&commands, &spec), HF_E_BUSY);
}

Test(session, the_command_object_is_what_the_spec_says)
{
    cr_assert_eq(hf_command_object_create(&commands, &spec), HF_OK);
    cr_assert_eq(hf_command_object_check(&commands), HF_OK);
    const struct hf_command_object *object = commands.base;
    cr_assert_eq(object->magic, HF_COMMAND_OBJECT_MAGIC);
    cr_assert_eq(object->version, HF_PROTOCOL_VERSION);
    cr_assert_eq(object->command_slots, 64);
    cr_assert_eq(object->instance_id, spec.instance_id);
    cr_assert_eq(object->generation, 3);
    cr_assert_eq(object->first_seq, 101);
    cr_assert_eq(object->first_report, 201);
    cr_assert_eq(object->command_head, 100);
    cr_assert_eq(object->report_tail, 200);
    cr_assert_eq(object->parked, 0);
    cr_assert_eq(hf_command_object_create(&reports, &spec), HF_E_BUSY);
    spec.generation++;
    cr_assert_eq(hf_command_object_create(&reports, &spec), HF_OK,
                 "the next generation is another");
}

Test(session, a_fresh_pair_carries_commands_and_reports)
{
    cr_assert_eq(hf_report_object_create(&reports, &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&commands, &spec), HF_OK);
    struct hf_report_object *report_object = reports.base;
    struct hf_command_object *command_object = commands.base;
    struct hf_ring_producer client;
    struct hf_ring_consumer engine;
    hf_ring_producer_init(&client, hf_session_slots(command_object), 64,
                          &command_object->command_head, &report_object->command_tail, 101);
    hf_ring_consumer_init(&engine, hf_session_slots(command_object), 64,
                          &report_object->command_tail, 101);
    for (uint64_t i = 0; i < 1000; i++) {
        cr_assert_eq(hf_ring_claim(&client, 1), HF_OK);
        hf_ring_publish(&client, 1);
        hf_ring_announce(&client);
        cr_assert_eq(command_object->command_head, 101 + i);
        cr_assert_not_null(hf_ring_peek(&engine));
        hf_ring_advance(&engine, 1);
        hf_ring_release(&engine);
        cr_assert_eq(report_object->command_tail, 101 + i);
    }
}

Test(session, a_bad_spec_is_refused_and_makes_nothing)
{
    struct hf_session_spec bad[8];
    for (size_t i = 0; i < 8; i++) {
        bad[i] = spec;
    }
    bad[0].instance = "a/b";
    bad[1].session = "";
    bad[2].session = "..";
    bad[3].command_slots = 0;
    bad[4].command_slots = 100;
    bad[5].report_slots = 1u << 21;
    bad[6].first_seq = 0;
    bad[7].first_report = 0;
    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(hf_report_object_create(&reports, &bad[i]), HF_E_ARGUMENT, "spec %zu", i);
        cr_assert_eq(hf_command_object_create(&commands, &bad[i]), HF_E_ARGUMENT, "spec %zu", i);
    }
    cr_assert_null(reports.base);
    cr_assert_eq(hf_report_object_create(&reports, &spec), HF_OK);
}

/* What a check must say of a damaged header; offsets as the headers assert them. */
struct damage {
    const char *label;
    size_t offset;
    uint32_t value;
    int result;
};

static void
check_damage(const struct damage *damage, size_t count, const struct hf_region *region,
             int (*check)(const struct hf_region *))
{
    for (size_t i = 0; i < count; i++) {
        uint32_t *word = (uint32_t *)((unsigned char *)region->base + damage[i].offset);
        uint32_t good = *word;
        *word = damage[i].value;
        cr_assert_eq(check(region), damage[i].result, "%s", damage[i].label);
        *word = good;
        cr_assert_eq(check(region), HF_OK);
    }
}

static void
check_lengths(const struct hf_region *region, size_t needed, int (*check)(const struct hf_region *))
{
    const size_t lengths[] = {0, 8, 511, 512, 4095, 4096, needed - 1};
    struct hf_region shorter = *region;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        shorter.len_bytes = lengths[i];
        cr_assert_eq(check(&shorter), HF_E_CORRUPT, "mapped %zu", lengths[i]);
    }
    shorter.len_bytes = needed;
    cr_assert_eq(check(&shorter), HF_OK);
    memset(&shorter, 0, sizeof(shorter));
    cr_assert_eq(check(&shorter), HF_E_CORRUPT, "not mapped");
}

Test(session, checks_refuse_damaged_headers_and_short_mappings)
{
    const struct damage report_damage[] = {
        {"magic low", 0, 0, HF_E_CORRUPT},
        {"magic high", 4, 0x12345678, HF_E_CORRUPT},
        {"version 0", 8, 0, HF_E_VERSION},
        {"next version", 8, HF_PROTOCOL_VERSION + 1, HF_E_VERSION},
        {"no report slots", 12, 0, HF_E_CORRUPT},
        {"report slots no power of two", 12, 192, HF_E_CORRUPT},
        {"more report slots than mapped", 12, 512, HF_E_CORRUPT},
        {"too many report slots", 12, 1u << 31, HF_E_CORRUPT},
        {"no command slots", offsetof(struct hf_report_object, command_slots), 0, HF_E_CORRUPT},
        {"odd command slots", offsetof(struct hf_report_object, command_slots), 65, HF_E_CORRUPT},
    };
    const struct damage command_damage[] = {
        {"magic low", 0, 0, HF_E_CORRUPT},
        {"version", 8, 7, HF_E_VERSION},
        {"command slots above the mapping", 12, 128, HF_E_CORRUPT},
        {"command slots below the minimum", 12, 32, HF_E_CORRUPT},
    };
    cr_assert_eq(hf_report_object_create(&reports, &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&commands, &spec), HF_OK);
    check_damage(report_damage, sizeof(report_damage) / sizeof(report_damage[0]), &reports,
                 hf_report_object_check);
    check_damage(command_damage, sizeof(command_damage) / sizeof(command_damage[0]), &commands,
                 hf_command_object_check);
    check_lengths(&reports, hf_session_object_bytes(256), hf_report_object_check);
    check_lengths(&commands, hf_session_object_bytes(64), hf_command_object_check);
    cr_assert_eq(hf_report_object_check(&commands), HF_E_CORRUPT, "one is not the other");
    cr_assert_eq(hf_command_object_check(&reports), HF_E_CORRUPT);
}
