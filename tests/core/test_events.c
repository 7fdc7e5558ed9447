/* test_events.c - the event buffer: positions, links, what is overwritten, who owns what. */
#include "core/events.h"

#include "script.h"

/** Read the event at a position; its first slot. */
static struct hf_report
event_at(const struct fixture *fixture, uint64_t position, unsigned slots)
{
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    cr_assert_eq(hf_core_event_read(fixture->core, position, read), slots, "position %u",
                 (unsigned)position);
    return read[0];
}

/** Orders that rest and are cancelled at once: two reports each. */
static void
chatter(struct fixture *fixture, uint32_t session, unsigned count)
{
    char script[64];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(script, sizeof(script), "%u new 900 B 1 1\n%u cancel 900", session, session);
        run_script(fixture, script);
    }
}

Test(events, an_empty_buffer_has_nothing_to_read)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    cr_expect_eq(hf_core_event_last(fixture->core), 0);
    cr_expect_eq(hf_core_event_read(fixture->core, 0, read), 0);
    cr_expect_eq(hf_core_event_read(fixture->core, 1, read), 0);
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 1), 0);
    cr_expect_eq(hf_core_event_next(fixture->core, 1), 0);
    fixture_free(fixture);
}

Test(events, a_session_walks_its_own_reports_in_order)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 S 100 10\n2 new 2 B 100 4\n1 cancel 1");
    uint64_t position = hf_core_event_find(fixture->core, 1, 1);
    cr_expect_eq(hf_core_event_oldest(fixture->core, 1), position);
    cr_expect_eq(hf_core_event_oldest(fixture->core, 3), 0, "it had none");
    static const uint8_t types[] = {HF_REPORT_ACCEPTED, HF_REPORT_FILL, HF_REPORT_CANCELLED};
    for (unsigned i = 0; i < 3; i++) {
        struct hf_report report = event_at(fixture, position, 1);
        cr_expect_eq(report.number, i + 1);
        cr_expect_eq(report.type, types[i]);
        cr_expect_eq(hf_core_event_find(fixture->core, 1, i + 1), position);
        position = hf_core_event_next(fixture->core, position);
    }
    cr_expect_eq(position, 0, "that was all");
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 4), 0, "not there yet");
    cr_expect_eq(hf_core_event_last(fixture->core), 5);
    fixture_free(fixture);
}

/** Position 0 is nobody's: what is written there must not be seen where its slot is used first. */
Test(events, the_first_event_of_a_session_links_nobody)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    cr_assert_eq(fixture_limits.events_max, 64);
    chatter(fixture, 1, 10);
    chatter(fixture, 2, 1);
    chatter(fixture, 1, 21);
    cr_expect_eq(hf_core_event_last(fixture->core), 64);
    cr_expect_eq(hf_core_event_next(fixture->core, 63), 64);
    cr_expect_eq(hf_core_event_next(fixture->core, 64), 0, "it is the newest");
    chatter(fixture, 1, 1);
    cr_expect_eq(hf_core_event_next(fixture->core, 64), 65);
    fixture_free(fixture);
}

Test(events, a_report_of_two_slots_takes_two_adjacent_positions)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 S 100 10\n1 replace 1 2 101 10\n1 cancel 2");
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    uint64_t position = hf_core_event_find(fixture->core, 1, 2);
    cr_assert_eq(hf_core_event_read(fixture->core, position, read), 2);
    cr_expect_eq(read[0].type, HF_REPORT_REPLACED);
    cr_expect_eq(read[1].type, HF_REPORT_MORE);
    cr_expect_eq(read[1].number, 3);
    cr_expect_eq(memcmp(read, &fixture->reports[1], sizeof(read)), 0);
    cr_expect_eq(hf_core_event_read(fixture->core, position + 1, read), 0, "a second slot");
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 3), 0, "no report begins there");
    cr_expect_eq(hf_core_event_next(fixture->core, position), position + 2);
    fixture_free(fixture);
}

Test(events, the_oldest_are_overwritten_and_no_longer_found)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    run_script(fixture, "1 new 1 S 100 10");
    chatter(fixture, 2, 31); /* 63 of 64 slots */
    cr_expect_eq(hf_core_event_first(fixture->core), 1);
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 1), 1);
    chatter(fixture, 2, 1);
    cr_expect_eq(hf_core_event_first(fixture->core), 2);
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 1), 0);
    cr_expect_eq(hf_core_event_read(fixture->core, 1, read), 0);
    cr_expect_eq(hf_core_event_find(fixture->core, 2, 1), 2);
    run_script(fixture, "1 cancel 1"); /* its own older event is gone: nothing is linked */
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 2), 66);
    fixture_free(fixture);
}

Test(events, a_report_of_two_slots_may_lie_across_the_end_of_the_buffer)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    run_script(fixture, "1 new 1 S 100 10\n2 new 2 S 101 1");
    chatter(fixture, 2, 30); /* 62; the buffer's last slot has position 63 */
    run_script(fixture, "1 replace 1 3 100 9");
    cr_assert_eq(hf_core_event_read(fixture->core, 63, read), 2);
    cr_expect_eq(read[0].client_order_id, 3);
    cr_expect_eq(read[1].type, HF_REPORT_MORE);
    chatter(fixture, 2, 32); /* overwrites the first half only, then both */
    cr_expect_eq(hf_core_event_first(fixture->core), 65);
    cr_expect_eq(hf_core_event_read(fixture->core, 63, read), 0);
    fixture_free(fixture);
}

Test(events, a_half_overwritten_report_is_not_read)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_report read[HF_MESSAGE_SLOTS_MAX];
    run_script(fixture, "1 new 1 S 100 10\n1 replace 1 3 100 9"); /* positions 1, and 2 with 3 */
    chatter(fixture, 2, 31);
    run_script(fixture, "2 new 1 B 1 1"); /* 66 slots: 1 and 2 are gone */
    cr_expect_eq(hf_core_event_first(fixture->core), 3);
    cr_expect_eq(hf_core_event_read(fixture->core, 3, read), 0);
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 2), 0);
    hf_core_audit(fixture->core);
    fixture_free(fixture);
}

Test(events, a_closed_sessions_reports_are_not_those_of_the_next_in_its_slot)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 S 100 10\n1 new 2 S 100 10\n1 close");
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 1), 0, "nobody is there");
    fixture_open(fixture, 1, "next", 0);
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 1), 0, "it has no report yet");
    run_script(fixture, "1 new 3 S 100 10");
    uint64_t position = hf_core_event_find(fixture->core, 1, 1);
    cr_expect_eq(event_at(fixture, position, 1).client_order_id, 3);
    cr_expect_eq(hf_core_event_find(fixture->core, 1, 2), 0);
    cr_expect_eq(hf_core_event_next(fixture->core, position - 1), 0, "the last of the old one");
    fixture_free(fixture);
}
