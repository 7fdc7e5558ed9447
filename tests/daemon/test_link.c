/* test_link.c - the objects that a session left behind, as recovery finds them. */
#include "desk.h"

#include "base/child.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct desk desk;
static struct hf_link *link_found;

static void
set_up(void)
{
    desk_init(&desk, HF_WAL_GROUP, 4096);
    link_found = hf_link_create(1, 42, "left", 1);
}

static void
tear_down(void)
{
    hf_link_destroy(link_found);
    desk_destroy(&desk);
}

TestSuite(link, .init = set_up, .fini = tear_down);

/** Make what a session of id 42 leaves behind; its regions are closed again. */
static void
leave_objects(uint64_t generation, uint64_t session_id)
{
    struct hf_session_spec spec = desk_spec(&desk, "left", 64, 64);
    struct hf_region report;
    struct hf_region command;
    spec.generation = generation;
    cr_assert_eq(hf_report_object_create(&report, &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&command, &spec), HF_OK);
    ((struct hf_report_object *)report.base)->session_id = session_id;
    hf_region_detach(&report);
    hf_region_detach(&command);
}

static struct hf_report_object *
left_report(struct hf_region *region)
{
    char name[HF_REGION_NAME_BYTES];
    hf_session_report_name(name, desk.instance, "left", 0);
    cr_assert_eq(hf_region_open(region, name, true), HF_OK);
    return region->base;
}

static int
open_objects(void)
{
    return hf_link_open_objects(link_found, desk.instance, DESK_ID, true);
}

Test(link, both_objects_are_found)
{
    leave_objects(3, 42);
    cr_expect_eq(open_objects(), HF_OK);
    cr_expect_not_null(link_found->report_object);
    cr_expect_not_null(link_found->command_region.base);
    cr_expect_geq(link_found->guard, 0);
}

Test(link, what_is_not_there_or_of_another_is_unknown)
{
    cr_expect_eq(open_objects(), HF_E_UNKNOWN, "nothing is there");
    leave_objects(1, 41);
    cr_expect_eq(open_objects(), HF_E_UNKNOWN, "a session that had the name before");
    cr_expect_null(link_found->report_object);
    cr_expect_null(link_found->report_region.base);
}

Test(link, what_was_never_finished_is_unknown)
{
    struct hf_region region;
    leave_objects(1, 42);
    left_report(&region)->magic = 0;
    cr_expect_eq(open_objects(), HF_E_UNKNOWN, "its magic was never stored");
    cr_assert_eq(ftruncate(region.fd, 0), 0);
    cr_expect_eq(open_objects(), HF_E_UNKNOWN, "it never got its size");
    region.base = NULL; /* truncated: not to be touched */
}

Test(link, objects_of_others_are_unknown)
{
    struct hf_region region;
    leave_objects(1, 42);
    left_report(&region);
    cr_assert_eq(fchmod(region.fd, 0666), 0);
    cr_expect_eq(open_objects(), HF_E_UNKNOWN, "anybody may have written it");
    if (geteuid() == 0) {
        cr_assert_eq(fchmod(region.fd, 0600), 0);
        cr_assert_eq(fchown(region.fd, 65534, 65534), 0);
        cr_expect_eq(open_objects(), HF_E_UNKNOWN, "somebody else made it");
    }
    hf_region_detach(&region);
}

/** Leave a report object of this name's session under a drawn name, but no command object. */
static void
leave_drawn(const char *session, uint64_t draw, uint64_t session_id)
{
    struct hf_session_spec spec = desk_spec(&desk, session, 64, 64);
    struct hf_region report;
    spec.report_draw = draw;
    cr_assert_eq(hf_report_object_create(&report, &spec), HF_OK);
    ((struct hf_report_object *)report.base)->session_id = session_id;
    hf_region_detach(&report);
}

Test(link, reports_whose_name_was_taken_are_found_under_the_drawn_one)
{
    char name[HF_REGION_NAME_BYTES];
    leave_drawn("left", 1, 41); /* of an earlier session of that name */
    leave_drawn("left", 2, 42);
    leave_drawn("left.rep.x", 3, 43);
    cr_expect_eq(hf_link_open_objects(link_found, desk.instance, DESK_ID, false), HF_E_UNKNOWN);
    cr_expect_eq(open_objects(), HF_OK);
    cr_expect_not_null(link_found->report_object);
    hf_session_report_name(name, desk.instance, "left", 2);
    cr_expect_str_eq(link_found->report_region.name, name);
}

Test(link, the_plain_name_of_another_does_not_hide_the_drawn_one)
{
    struct hf_region region;
    leave_objects(1, 42);
    left_report(&region);
    cr_assert_eq(fchmod(region.fd, 0666), 0);
    leave_drawn("left", 2, 42);
    cr_expect_eq(open_objects(), HF_OK);
    cr_expect(hf_session_report_name_is_drawn(link_found->report_region.name, NULL));
    hf_region_detach(&region);
}

Test(link, damage_is_named_so)
{
    struct hf_region region;
    leave_objects(1, 42);
    left_report(&region)->magic = 4711;
    cr_expect_eq(open_objects(), HF_E_CORRUPT);
    left_report(&region)->magic = HF_REPORT_OBJECT_MAGIC;
    left_report(&region)->report_slots = 128;
    cr_expect_eq(open_objects(), HF_E_CORRUPT, "more slots than the mapping has");
    left_report(&region)->report_slots = 64;
    left_report(&region)->version = HF_PROTOCOL_VERSION + 1;
    cr_expect_eq(open_objects(), HF_E_VERSION);
}

Test(link, a_command_object_that_its_client_spoiled_is_not_used)
{
    char name[HF_REGION_NAME_BYTES];
    leave_objects(1, 42);
    hf_session_command_name(name, desk.instance, "left", 1);
    struct hf_region region;
    cr_assert_eq(hf_region_open(&region, name, true), HF_OK);
    cr_assert_eq(ftruncate(region.fd, 4096), 0);
    cr_expect_eq(open_objects(), HF_OK);
    cr_expect_not_null(link_found->report_object, "its reports are there");
    cr_expect_null(link_found->command_region.base);
    hf_region_detach(&region);
}

/** Its client may do that, and must not keep the daemon from starting. */
Test(link, a_command_object_that_its_client_made_longer_than_memory_is_used)
{
    char name[HF_REGION_NAME_BYTES];
    struct hf_region region;
    leave_objects(1, 42);
    hf_session_command_name(name, desk.instance, "left", 1);
    cr_assert_eq(hf_region_open(&region, name, true), HF_OK);
    cr_assert_eq(ftruncate(region.fd, (off_t)1 << 62), 0);
    hf_region_detach(&region);
    cr_expect_eq(open_objects(), HF_OK);
    cr_expect_eq(link_found->command_region.len_bytes, hf_session_object_bytes(64));
}

static int
open_above_address_limit(void *context)
{
    unsigned long pages;
    FILE *file = fopen("/proc/self/statm", "r");
    (void)context;
    if (file == NULL || fscanf(file, "%lu", &pages) != 1) {
        return 1;
    }
    fclose(file);
    rlim_t now = (rlim_t)pages * 4096;
    struct rlimit limit = {now + (8u << 20), now + (8u << 20)};
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        return 2;
    }
    return open_objects() != HF_E_MEMORY ? 3 : 0;
}

/** What is there but cannot be mapped now holds commands that were submitted: the start must fail. */
Test(link, a_command_object_for_which_there_is_no_address_space_is_not_taken_for_lost)
{
    struct hf_session_spec spec = desk_spec(&desk, "left", 1u << 20, 64);
    struct hf_region report;
    struct hf_region command;
    cr_assert_eq(hf_report_object_create(&report, &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&command, &spec), HF_OK);
    ((struct hf_report_object *)report.base)->session_id = 42;
    hf_region_detach(&report);
    hf_region_detach(&command);
    cr_expect_eq(child_run(open_above_address_limit, NULL), 0);
    cr_expect_eq(open_objects(), HF_OK);
    cr_expect_not_null(link_found->command_region.base);
}

Test(link, a_missing_command_object_leaves_the_reports)
{
    char name[HF_REGION_NAME_BYTES];
    leave_objects(1, 42);
    hf_session_command_name(name, desk.instance, "left", 1);
    hf_region_unlink(name);
    cr_expect_eq(open_objects(), HF_OK);
    cr_expect_not_null(link_found->report_object);
    cr_expect_null(link_found->command_region.base);
}

/* The last published report */

struct published_case {
    const char *what;
    uint64_t head;       /**< the hint */
    uint64_t numbers[8]; /**< of the slots, by index */
    uint64_t last;
};

Test(link, the_last_report_is_found_by_slots_whatever_the_head_says)
{
    static const struct published_case CASES[] = {
        {"nothing yet", 0, {0}, 0},
        {"a fresh ring of a session that goes on", 100, {0}, 100},
        {"head up to date", 3, {0, 1, 2, 3}, 3},
        {"head behind", 1, {0, 1, 2, 3, 4}, 4},
        {"a lap behind, and more", 2, {16, 17, 18, 11, 12, 13, 14, 15}, 18},
        {"a lone second half at the head", 3, {0, 1, 2, 3, 0, 5}, 3},
        {"a lone second half behind the head", 1, {0, 1, 2, 3, 0, 5}, 3},
        {"a lone second half a lap later", 8, {8, 9, 10, 3, 12, 5, 6, 7}, 10},
        {"first report of a ring that goes on", 10, {0, 0, 0, 11}, 11},
        {"a number that is in the wrong slot", 1, {0, 1, 99, 0}, 1},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct hf_report_object *object = aligned_alloc(64, HF_SESSION_SLOTS_OFFSET + 8 * 64);
        memset(object, 0, HF_SESSION_SLOTS_OFFSET + 8 * 64);
        object->report_slots = 8;
        object->report_head = CASES[i].head;
        struct hf_slot *slots = hf_session_slots(object);
        for (int k = 0; k < 8; k++) {
            slots[k].number = CASES[i].numbers[k];
        }
        cr_expect_eq(hf_link_last_report(object), CASES[i].last, "%s: %llu", CASES[i].what,
                     (unsigned long long)hf_link_last_report(object));
        free(object);
    }
}

/** Publish report `number` in a ring as the engine does. */
static void
publish_report(struct hf_report_object *object, uint64_t number, uint8_t type)
{
    struct hf_report *slots = hf_session_slots(object);
    slots[number & (object->report_slots - 1)] = (struct hf_report){.number = number, .type = type};
}

Test(link, the_last_report_is_not_before_a_restart)
{
    struct hf_region region;
    leave_objects(1, 42);
    struct hf_report_object *object = left_report(&region);
    publish_report(object, 1, HF_REPORT_ACCEPTED);
    publish_report(object, 2, HF_REPORT_FILL);
    object->report_head = 1;
    cr_expect_eq(hf_link_last_report(object), 2);
    object->restart = 100;
    cr_expect_eq(hf_link_last_report(object), 99, "nothing was published since");
    publish_report(object, 101, HF_REPORT_MORE);
    cr_expect_eq(hf_link_last_report(object), 99, "a lone half");
    publish_report(object, 100, HF_REPORT_REPLACED);
    cr_expect_eq(hf_link_last_report(object), 101);
    object->report_head = 101;
    publish_report(object, 102, HF_REPORT_FILL);
    cr_expect_eq(hf_link_last_report(object), 102);
    hf_region_detach(&region);
}

Test(link, the_oldest_report_is_whole_and_not_before_a_restart)
{
    struct hf_region region;
    leave_objects(1, 42);
    struct hf_report_object *object = left_report(&region);
    cr_expect_eq(hf_link_oldest_report(object, 1), 1);
    cr_expect_eq(hf_link_oldest_report(object, 63), 1);
    cr_expect_eq(hf_link_oldest_report(object, 64), 2, "the next two slots may be torn");
    publish_report(object, 2, HF_REPORT_MORE);
    cr_expect_eq(hf_link_oldest_report(object, 64), 3, "no second slot");
    object->restart = 60;
    cr_expect_eq(hf_link_oldest_report(object, 64), 60);
    cr_expect_eq(hf_link_oldest_report(object, 200), 138);
    hf_region_detach(&region);
}
