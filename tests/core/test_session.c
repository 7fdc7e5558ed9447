/* test_session.c - sessions: numbering, disconnects, closing, slots used again. */
#include "core/session.h"

#include "script.h"

Test(session, names_have_a_form)
{
    static const struct {
        char name[HF_NAME_BYTES];
        bool valid;
    } cases[] = {
        {"a", true},         {"A.b-C_9", true}, {"12345678901234567890123", true},
        {"", false},         {"a b", false},    {"a/b", false},
        {"\xc3\xa9", false}, {"tab\t", false},  {"123456789012345678901234", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(hf_session_name_is_valid(cases[i].name), cases[i].valid, "case %zu", i);
    }
}

Test(session, open_gives_the_slot_its_identity)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    const struct hf_core_session *session = hf_core_session(fixture->core, 3);
    cr_assert_not_null(session);
    cr_expect_eq(session->id, hf_core_lsn(fixture->core));
    cr_expect_eq(session->last_lsn, session->id);
    cr_expect_eq(session->last_seq, 0);
    cr_expect_eq(session->last_report, 0);
    cr_expect_eq(session->flags, HF_SESSION_CANCEL_ON_DISCONNECT);
    cr_expect_eq(session->connected, 1);
    cr_expect_str_eq(session->name, "three");
    cr_expect_eq(hf_core_session_find(fixture->core, "three"), 3);
    cr_expect_eq(hf_core_session_find(fixture->core, "thre"), 0);
    cr_expect_null(hf_core_session(fixture->core, 0));
    cr_expect_null(hf_core_session(fixture->core, 4));
    cr_expect_null(hf_core_session(fixture->core, 5));
    fixture_free(fixture);
}

Test(session, commands_advance_seq_and_lsn_whatever_their_answer)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    const struct hf_core_session *session = hf_core_session(fixture->core, 1);
    run_script(fixture, "1 new 1 B 100 1\n2 new 1 B 100 1\n1 cancel 99");
    cr_expect_eq(session->last_seq, 2);
    cr_expect_eq(session->last_lsn, hf_core_lsn(fixture->core));
    cr_expect_eq(session->last_report, 2);
    struct hf_record refused = {.type = HF_RECORD_REFUSED, .session = 1};
    refused.refused.reason = HF_REASON_MALFORMED_TYPE;
    refused.refused.command_type = 200;
    refused.refused.client_order_id = 5;
    refused.refused.command_slots = 2;
    fixture_apply(fixture, refused, NULL);
    const struct hf_report *report = &fixture->reports[fixture->slots - 1];
    cr_expect_eq(session->last_seq, 4, "it took two slots of the ring");
    cr_expect_eq(session->last_lsn, hf_core_lsn(fixture->core));
    cr_expect_eq(report->type, HF_REPORT_REJECTED);
    cr_expect_eq(report->command_type, 200);
    cr_expect_eq(report->reason, HF_REASON_MALFORMED_TYPE);
    cr_expect_eq(report->client_order_id, 5);
    cr_expect_eq(report->command_seq, 3);
    cr_expect_eq(report->number, 3);
    fixture_free(fixture);
}

Test(session, disconnect_cancels_only_where_it_was_asked_for)
{
    static const struct script_case cases[] = {
        {"asked: oldest first",
         "3 new 1 B 100 10\n3 new 2 S 200 5\n1 new 1 B 100 1\n3 disconnect\nbook",
         "3 accepted 1 B 100x10\n3 accepted 2 S 200x5\n1 accepted 1 B 100x1\n"
         "3 cancelled 1 10 DISCONNECTED unasked\n3 cancelled 2 5 DISCONNECTED unasked\n"
         "book 1@100x1 |\n"},
        {"not asked", "1 new 1 B 100 10\n1 disconnect\nbook",
         "1 accepted 1 B 100x10\nbook 1@100x10 |\n"},
        {"nothing open", "3 disconnect\n3 disconnect", ""},
        {"a replaced order counts as old as it was entered",
         "3 new 1 B 100 10\n3 new 2 B 99 5\n3 replace 1 7 98 10\n3 disconnect",
         "3 accepted 1 B 100x10\n3 accepted 2 B 99x5\n3 replaced 1>7 98x10 total 10 done 0\n"
         "3 cancelled 7 10 DISCONNECTED unasked\n3 cancelled 2 5 DISCONNECTED unasked\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(session, connected_follows_the_records_and_the_boot)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    const struct hf_core_session *session = hf_core_session(fixture->core, 1);
    run_script(fixture, "1 disconnect");
    cr_expect_eq(session->connected, 0);
    fixture_apply(fixture, (struct hf_record){.type = HF_RECORD_CONNECT, .session = 1}, NULL);
    cr_expect_eq(session->connected, 1);
    struct hf_record epoch = {.type = HF_RECORD_EPOCH};
    epoch.epoch.epoch = 1;
    epoch.epoch.history = 1;
    epoch.epoch.boot = 77;
    epoch.epoch.rules_version = HF_RULES_VERSION;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_eq(session->connected, 0);
    fixture_apply(fixture, (struct hf_record){.type = HF_RECORD_CONNECT, .session = 1}, NULL);
    epoch.epoch.epoch = 2;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_eq(session->connected, 1, "same boot: a restart is no disconnect");
    epoch.epoch.epoch = 3;
    epoch.epoch.boot = 78;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_eq(session->connected, 0);
    fixture_free(fixture);
}

Test(session, a_restart_gives_each_connected_client_one_deadline_to_come_back)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    const struct hf_core_session *one = hf_core_session(fixture->core, 1);
    const struct hf_core_session *two = hf_core_session(fixture->core, 2);
    struct hf_record epoch = {.type = HF_RECORD_EPOCH};
    epoch.epoch.history = 1;
    epoch.epoch.boot = hf_core_boot(fixture->core);
    epoch.epoch.rules_version = HF_RULES_VERSION;
    epoch.epoch.grace_ms = 10;
    run_script(fixture, "2 disconnect");
    uint64_t first = 0;
    for (uint64_t number = 1; number <= 3; number++) {
        fixture->time_ns += 1000000;
        epoch.epoch.epoch = number;
        fixture_apply(fixture, epoch, NULL);
        first = first != 0 ? first : hf_core_time(fixture->core) + 10000000;
        cr_expect_eq(one->grace_until_ns, first, "restart %u", (unsigned)number);
        cr_expect_eq(two->grace_until_ns, 0, "nobody is waited for who was gone");
    }
    fixture_apply(fixture, (struct hf_record){.type = HF_RECORD_CONNECT, .session = 1}, NULL);
    cr_expect_eq(one->grace_until_ns, 0, "it came back");
    epoch.epoch.epoch = 4;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_gt(one->grace_until_ns, first, "and has the whole time again");
    run_script(fixture, "1 disconnect");
    cr_expect_eq(one->grace_until_ns, 0);
    fixture_apply(fixture, (struct hf_record){.type = HF_RECORD_CONNECT, .session = 1}, NULL);
    epoch.epoch.epoch = 5;
    epoch.epoch.grace_ms = UINT32_MAX;
    fixture->time_ns = UINT64_MAX - 5;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_eq(one->grace_until_ns, UINT64_MAX, "as far as the clock goes");
    epoch.epoch.epoch = 6;
    epoch.epoch.boot++;
    fixture_apply(fixture, epoch, NULL);
    cr_expect_eq(one->grace_until_ns, 0, "another boot: no client lives");
    cr_expect_eq(one->connected, 0);
    fixture_free(fixture);
}

Test(session, close_cancels_all_and_frees_name_and_slot)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    cr_expect_str_eq(run_script(fixture, "2 new 1 B 100 10\n2 new 2 B 99 1\n2 close\nbook"),
                     "2 accepted 1 B 100x10\n2 accepted 2 B 99x1\n"
                     "2 cancelled 1 10 CLOSED unasked\n"
                     "2 cancelled 2 1 CLOSED unasked\nbook |\n");
    cr_expect_null(hf_core_session(fixture->core, 2));
    cr_expect_eq(hf_core_session_find(fixture->core, "two"), 0);
    cr_expect_eq(hf_core_session_free(fixture->core), 2);
    fixture_open(fixture, 2, "two", 0);
    const struct hf_core_session *session = hf_core_session(fixture->core, 2);
    cr_expect_eq(session->id, hf_core_lsn(fixture->core));
    cr_expect_eq(session->last_report, 0);
    cr_expect_str_eq(run_script(fixture, "2 cancel 1"), "2 rejected 1 UNKNOWN_ORDER\n");
    cr_expect_eq(hf_core_session_free(fixture->core), 4);
    fixture_open(fixture, 4, "four", 0);
    cr_expect_eq(hf_core_session_free(fixture->core), 0);
    fixture_free(fixture);
}

static void
expect_next_shown(struct fixture *fixture, uint64_t number, const char *what)
{
    cr_expect_eq(hf_core_session_next_shown(hf_core_session(fixture->core, 3)), number, "%s: %llu",
                 what,
                 (unsigned long long)hf_core_session_next_shown(hf_core_session(fixture->core, 3)));
    hf_core_audit(fixture->core);
}

Test(session, what_came_when_no_client_was_there_is_shown_to_the_next_one)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record connect = {.type = HF_RECORD_CONNECT, .session = 3};
    struct hf_record epoch = {.type = HF_RECORD_EPOCH};
    epoch.epoch.epoch = 1;
    epoch.epoch.history = hf_core_history(fixture->core) + 1;
    epoch.epoch.boot = 77;
    epoch.epoch.rules_version = HF_RULES_VERSION;
    expect_next_shown(fixture, 1, "nothing yet");
    run_script(fixture, "3 new 1 B 100 10\n3 new 2 B 99 10");
    expect_next_shown(fixture, 3, "its client sees what comes");
    run_script(fixture, "3 disconnect"); /* two cancels */
    expect_next_shown(fixture, 3, "the cancels of its disconnect");
    fixture_apply(fixture, connect, NULL);
    expect_next_shown(fixture, 3, "before the next report comes");
    run_script(fixture, "3 new 3 B 98 10");
    expect_next_shown(fixture, 6, "the next client sees what comes");
    fixture_apply(fixture, epoch, NULL);
    run_script(fixture, "1 new 9 S 98 10"); /* a fill */
    expect_next_shown(fixture, 6, "another boot");
    fixture_apply(fixture, connect, NULL);
    run_script(fixture, "3 new 4 B 97 10");
    expect_next_shown(fixture, 8, "it came back");
    epoch.epoch.epoch++;
    epoch.epoch.history++;
    fixture_apply(fixture, epoch, NULL);
    run_script(fixture, "3 cancel 4");
    expect_next_shown(fixture, 8, "another history");
    epoch.epoch.epoch++;
    fixture_apply(fixture, epoch, NULL);
    expect_next_shown(fixture, 8, "a restart in the same boot changes nothing");
    fixture_free(fixture);
}
