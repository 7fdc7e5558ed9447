/* test_rebuild_ring.c - rebuilding sessions whose reports are not all in their rings. */
#include "rebuild_fixture.h"

TestSuite(rebuild_ring, .init = set_up, .fini = tear_down, .timeout = 280);

/* Gaps */

/** 300 commands of which the client reads no report: 64 are in its ring, 64 in the event buffer. */
static void
fall_behind(void)
{
    open_session(64);
    desk_flood(&a, 300);
    a.link->drain_to = 300; /* as for a takeover: whatever E4 says */
    for (int i = 0; i < 5; i++) {
        engine();
        write_log(true);
    }
    a.link->drain_to = 0;
    cr_assert_eq(session()->last_report, 300);
    cr_assert_lt(a.link->behind, hf_core_event_first(daemon_now->replay.core));
}

Test(rebuild_ring, a_link_that_has_a_gap_has_it_after_a_restart)
{
    fall_behind();
    restart();
    struct hf_link *link = link_now();
    cr_expect_eq(link->reports.next, 65);
    cr_expect_lt(link->behind, hf_core_event_first(daemon_now->replay.core));
    connect_client(link);
    engine();
    cr_expect_eq(link->report_object->restart, 0, "the ring is not read yet");
    cr_expect_eq(desk_read_all(&a), 64);
    engine();
    cr_expect_eq(link->report_object->restart, 301);
}

Test(rebuild_ring, a_ring_that_has_restarted_goes_on_there)
{
    fall_behind();
    desk_read_all(&a);
    engine();
    cr_assert_eq(a.link->report_object->restart, 301);
    restart();
    cr_expect_eq(link_now()->reports.next, 301, "nothing was published since");
    cr_expect_eq(link_now()->behind, 0);
    connect_client(link_now()); /* the objects are mapped anew */
    cr_assert_eq(desk_flood(&a, 10), 10);
    engine();
    write_log(true);
    restart();
    struct hf_link *link = link_now();
    cr_expect_eq(link->reports.next, 311);
    cr_expect_eq(link->condemned, HF_OK, "R5: its client's tail is below the restart");
    cr_expect_eq(link->reports.tail_read, 64);
    connect_client(link);
    a.reports.next = 301; /* the client has been shown what is before, */
    cr_expect_eq(desk_read_all(&a), 10, "and goes on in the ring");
    expect_going_on(310, "a restarted ring");
}

/** Let the gap service make reports again. @return the code */
static int
fetch(uint64_t first, uint64_t last, uint64_t slots_max)
{
    struct hf_gap *gap = &daemon_now->gap;
    gap->job = (struct hf_gap_job){.session_id = session()->id,
                                   .session = 1,
                                   .first = first,
                                   .last = last,
                                   .slots_max = slots_max,
                                   .lsn = hf_core_lsn(daemon_now->replay.core)};
    hf_gap_post(gap);
    cr_assert_eq(hf_gap_do_work(gap), 1);
    cr_assert_eq(hf_gap_do_work(gap), 0, "the job is done");
    cr_assert(hf_gap_take(gap));
    cr_assert_not(hf_gap_take(gap));
    return gap->job.code;
}

Test(rebuild_ring, missing_reports_are_made_again_from_the_log)
{
    struct hf_report reports[HF_MESSAGE_SLOTS_MAX * 100];
    fall_behind();
    struct hf_gap *gap = &daemon_now->gap;
    cr_assert_eq(hf_gap_init(gap), HF_OK);
    cr_assert_eq(fetch(101, 150, 1000), HF_OK, "%s", gap->job.text);
    cr_expect_eq(gap->job.got_first, 101);
    cr_expect_eq(gap->job.got_last, 150);
    cr_assert_eq(read(gap->job.fd, reports, sizeof(reports)), 50 * HF_SLOT_BYTES);
    for (uint64_t i = 0; i < 50; i++) {
        cr_expect_eq(reports[i].number, 101 + i);
        cr_expect_eq(reports[i].client_order_id, 101 + i);
    }
    cr_expect_lt(write(gap->job.fd, reports, 1), 0, "it can only be read");
    close(gap->job.fd);
    cr_assert_eq(fetch(101, 150, 20), HF_OK);
    cr_expect_eq(gap->job.got_last, 120, "as many as one answer may give");
    close(gap->job.fd);
    gap->job.fd = -1;
}

Test(rebuild_ring, reports_that_cannot_be_made_again_are_an_answer_and_no_halt)
{
    fall_behind();
    struct hf_gap *gap = &daemon_now->gap;
    cr_assert_eq(hf_gap_init(gap), HF_OK);
    cr_expect_eq(fetch(301, 310, 1000), HF_E_CORRUPT, "the log does not give them");
    cr_expect_not_null(strstr(gap->job.text, "301"), "%s", gap->job.text);
    char path[128];
    snprintf(path, sizeof(path), "%s/00000000000000000001.wal", directory);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(pwrite(fd, "damage", 6, 4096 + 20 * HF_SLOT_BYTES), 6);
    close(fd);
    cr_expect_eq(fetch(101, 150, 1000), HF_E_CORRUPT);
    cr_expect_neq(gap->job.text[0], '\0');
    cr_expect_not(hf_halted(&daemon_now->halt));
}
