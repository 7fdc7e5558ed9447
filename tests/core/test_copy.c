/* test_copy.c - drop copy: who gets copies of whose reports, and what they look like. */
#include "core/copy.h"

#include "script.h"

#define THREE_COPIES_ONE "0 grant three copies 7\n0 grant one group 7\n"

Test(copy, reports_of_a_groups_sessions_are_copied_to_whoever_gets_its_copies)
{
    static const struct script_case cases[] = {
        {"nobody is in the group", "0 grant three copies 7\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n"},
        {"nobody gets its copies", "0 grant one group 7\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n"},
        {"another group", "0 grant three copies 8\n0 grant one group 7\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n"},
        {"behind the original, in its words", THREE_COPIES_ONE "1 new 1 B 50 10\n1 cancel 9",
         "1 accepted 1 B 50x10\n3 copy of 1: 1 accepted 1 B 50x10\n"
         "1 rejected 9 UNKNOWN_ORDER\n3 copy of 2: 1 rejected 9 UNKNOWN_ORDER\n"},
        {"of two slots", THREE_COPIES_ONE "1 new 1 B 50 10\n1 replace 1 2 51 9",
         "1 accepted 1 B 50x10\n3 copy of 1: 1 accepted 1 B 50x10\n"
         "1 replaced 1>2 51x9 total 9 done 0\n3 copy of 2: 1 replaced 1>2 51x9 total 9 done 0\n"},
        {"both sides of a trade, where one is in the group",
         THREE_COPIES_ONE "2 new 1 S 50 4\n1 new 1 B 50 4",
         "2 accepted 1 S 50x4\n1 accepted 1 B 50x4\n3 copy of 1: 1 accepted 1 B 50x4\n"
         "2 maker 1 50x4 left 0\n1 taker 1 50x4 left 0\n3 copy of 2: 1 taker 1 50x4 left 0\n"},
        {"once, although they share two groups",
         THREE_COPIES_ONE "0 grant three copies 8\n0 grant one group 8\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n3 copy of 1: 1 accepted 1 B 50x10\n"},
        {"to several, in order of their slots",
         THREE_COPIES_ONE "0 grant two copies 7\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n2 copy of 1: 1 accepted 1 B 50x10\n3 copy of 1: 1 accepted 1 B "
         "50x10\n"},
        {"not to itself, and no copies of copies",
         THREE_COPIES_ONE
         "0 grant one copies 7\n0 grant three group 7\n1 new 1 B 50 10\n3 new 1 B 50 5",
         "1 accepted 1 B 50x10\n3 copy of 1: 1 accepted 1 B 50x10\n"
         "3 accepted 1 B 50x5\n1 copy of 3: 3 accepted 1 B 50x5\n"},
        {"until it is revoked", THREE_COPIES_ONE "0 revoke one group 7\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n"},
        {"until it is revoked, by the other",
         THREE_COPIES_ONE "0 revoke three copies 7\n1 new 1 B 50 10", "1 accepted 1 B 50x10\n"},
        {"a revoke moves entries of others",
         "0 grant two copies 9\n" THREE_COPIES_ONE "0 grant three copies 8\n0 revoke two copies 9\n"
         "0 revoke one group 7\n0 grant one group 8\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n3 copy of 1: 1 accepted 1 B 50x10\n"},
        {"cancels that a close causes", THREE_COPIES_ONE "1 new 1 B 50 10\n1 close",
         "1 accepted 1 B 50x10\n3 copy of 1: 1 accepted 1 B 50x10\n"
         "1 cancelled 1 10 CLOSED unasked\n3 copy of 2: 1 cancelled 1 10 CLOSED unasked\n"},
        {"nothing to who is gone", THREE_COPIES_ONE "3 close\n1 new 1 B 50 10",
         "1 accepted 1 B 50x10\n"},
    };
    CHECK_CASES(cases, &fixture_limits);
}

Test(copy, a_copy_is_these_bytes)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "3 new 1 B 40 1\n" THREE_COPIES_ONE "1 new 1 B 50 10\n1 replace 1 2 51 9");
    const struct hf_report *replaced = &fixture->reports[4];
    const struct hf_report_more *more = (const void *)&fixture->reports[5];
    const struct hf_report *copy = &fixture->reports[6];
    const struct hf_report_copy *second = (const void *)&fixture->reports[7];
    struct hf_report expected = *replaced;
    expected.number = 4; /* behind its own, and a copy of two slots */
    expected.slots = 2;
    cr_expect_eq(memcmp(copy, &expected, sizeof(expected)), 0);
    const struct hf_report_copy expected_second = {.number = 5,
                                                   .original_number = 2,
                                                   .type = HF_REPORT_COPY,
                                                   .session = 1,
                                                   .order_id = more->order_id,
                                                   .previous_client_order_id = 1,
                                                   .total = 9};
    cr_expect_eq(memcmp(second, &expected_second, sizeof(expected_second)), 0);
    cr_expect_eq(hf_core_digest(fixture->core), hf_digest_value(&fixture->digest),
                 "copies are in the digest");
    fixture_free(fixture);
}

Test(copy, a_session_that_is_opened_later_gets_copies_by_its_name)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "0 grant four copies 7\n0 grant one group 7\n1 new 1 B 50 10");
    fixture_open(fixture, 4, "four", 0);
    fixture->printing = true;
    run_script(fixture, "1 new 2 B 50 10");
    cr_expect_str_eq(fixture->text, "1 accepted 2 B 50x10\n4 copy of 2: 1 accepted 2 B 50x10\n");
    cr_expect_neq(hf_core_event_find(fixture->core, 4, 1), 0, "it is in the event buffer");
    fixture_free(fixture);
}
