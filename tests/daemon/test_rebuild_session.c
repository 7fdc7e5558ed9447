/* test_rebuild_session.c - openings, takeovers and disconnects that a kill met half-way. */
#include "rebuild_fixture.h"

TestSuite(rebuild_session, .init = set_up, .fini = tear_down, .timeout = 280);

/* Takeovers and openings that were not finished */

Test(rebuild_session, objects_without_a_logged_open_are_removed)
{
    struct hf_session_spec spec = spec_of(64);
    struct hf_region regions[2];
    open_session(1024);
    trade(10);
    spec.session = "never";
    cr_assert_eq(hf_report_object_create(&regions[0], &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&regions[1], &spec), HF_OK);
    restart();
    for (int i = 0; i < 2; i++) {
        struct hf_region region;
        cr_expect_eq(hf_region_open(&region, regions[i].name, true), HF_E_UNKNOWN);
        hf_region_detach(&regions[i]);
    }
    expect_going_on(10, "orphans of others");
}

Test(rebuild_session, a_session_whose_open_was_logged_but_not_answered_goes_on_with_its_objects)
{
    struct hf_record record = {.type = HF_RECORD_OPEN, .session = 1, .open = {.name = "a"}};
    struct hf_session_spec spec = spec_of(64);
    struct hf_region regions[2];
    cr_assert_eq(hf_report_object_create(&regions[0], &spec), HF_OK);
    cr_assert_eq(hf_command_object_create(&regions[1], &spec), HF_OK);
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &record, NULL), HF_OK);
    restart(); /* the session id was never stored in its object */
    cr_assert_not_null(session());
    cr_assert_not_null(link_now()->report_object);
    cr_expect_eq(link_now()->report_object->session_id, session()->id);
    cr_expect_eq(link_now()->report_object->session, 1);
    cr_expect_not_null(link_now()->command_region.base);
    hf_region_detach(&regions[0]);
    hf_region_detach(&regions[1]);
}

Test(rebuild_session, a_takeover_that_was_not_finished_leaves_the_old_object_in_use)
{
    struct hf_session_spec spec = spec_of(1024);
    struct hf_region region;
    open_session(1024);
    trade(100);
    desk_flood(&a, 20);
    engine();
    spec.generation = 2;
    spec.first_seq = 121;
    spec.first_report = 101;
    cr_assert_eq(hf_command_object_create(&region, &spec),
                 HF_OK); /* the generation is not stored */
    hf_region_detach(&region);
    restart();
    connect_client(link_now());
    const struct hf_report *report = desk_report(&a);
    cr_assert_not_null(report);
    cr_expect_eq(report->number, 101, "what its client released does not come again");
    expect_going_on(120, "half a takeover");
}

Test(rebuild_session, a_takeover_whose_generation_counts_uses_the_new_object)
{
    struct hf_session_spec spec = spec_of(1024);
    struct hf_region region;
    open_session(1024);
    trade(100);
    desk_flood(&a, 20);
    engine();
    spec.generation = 2;
    spec.first_seq = 121;
    spec.first_report = 101;
    cr_assert_eq(hf_command_object_create(&region, &spec), HF_OK);
    a.link->report_object->generation = 2;
    desk_flood(&a, 20); /* into the old one: nobody reads it any more */
    hf_region_detach(&region);
    restart();
    expect_going_on(120, "a takeover");
    char name[HF_REGION_NAME_BYTES];
    hf_session_command_name(name, instance, "a", 1);
    cr_expect_eq(hf_region_open(&region, name, true), HF_E_UNKNOWN, "the old one is removed");
}

Test(rebuild_session, without_its_command_object_a_session_keeps_its_reports)
{
    open_session(64);
    trade(500);
    kill_it();
    unlink_region("s.a.cmd.1");
    start();
    struct hf_link *link = link_now();
    cr_assert_not_null(link->report_object);
    cr_expect_null(link->command_region.base);
    cr_expect_eq(link->reports.next, 501);
    cr_expect_eq(link->reports.tail_read, 500 - 64 + 2, "not older than what is whole in the ring");
}

Test(rebuild_session, a_disconnected_client_is_not_read_after_the_restart)
{
    open_session(1024);
    trade(10);
    struct hf_record record = {.type = HF_RECORD_DISCONNECT, .session = 1};
    cr_assert_eq(hf_sequencer_append(&daemon_now->sequencer, &record, NULL), HF_OK);
    desk_flood(&a, 5); /* behind its disconnect */
    restart();
    engine();
    cr_expect_eq(session()->last_seq, 10);
    cr_expect(link_now()->frozen);
    cr_expect_eq(link_now()->grace_until_ns, 0);
}

Test(rebuild_session, a_hostile_tail_condemns_its_session_and_not_the_start)
{
    open_session(64);
    trade(100);
    a.link->command_object->report_tail = UINT64_MAX;
    restart();
    cr_expect_eq(link_now()->condemned, HF_E_PROTOCOL);
    cr_expect_eq(session()->last_seq, 100);
}
