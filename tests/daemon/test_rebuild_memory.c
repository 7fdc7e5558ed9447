/* test_rebuild_memory.c - shared memory that is damaged, goes on beyond the log, or is not there. */
#include "rebuild_fixture.h"

TestSuite(rebuild_memory, .init = set_up, .fini = tear_down, .timeout = 280);

/* Damage and gaps in shared memory */

Test(rebuild_memory, a_flipped_bit_in_the_queue_is_refused)
{
    open_session(1024);
    trade(200);
    uint64_t lsn = daemon_now->sequencer.queue.next - 20;
    hf_ring_slot(&daemon_now->sequencer.queue, lsn)->body[40] ^= 1;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "differs between the log", "WAL queue");
}

Test(rebuild_memory, a_flipped_bit_in_a_report_is_refused)
{
    open_session(1024);
    trade(200);
    hf_ring_slot(&a.link->reports, 150)->body[40] ^= 1;
    kill_it();
    expect_refusal(HF_E_CORRUPT, "session 'a': report 150", "differs");
}

struct ahead_case {
    uint64_t *word;
    uint64_t value;
    const char *text[2];
};

Test(rebuild_memory, memory_that_knows_more_than_the_log_is_refused_with_both_positions)
{
    struct hf_region status;
    struct hf_region report;
    open_session(1024);
    trade(200);
    uint64_t last = daemon_now->sequencer.queue.next - 1;
    kill_it();
    open_region(&status, "status");
    open_region(&report, "s.a.rep");
    struct hf_status *page = status.base;
    struct hf_report_object *object = report.base;
    struct hf_slot *slots = hf_session_slots(object);
    char log_end[32];
    snprintf(log_end, sizeof(log_end), "give %llu", (unsigned long long)last);
    const struct ahead_case CASES[] = {
        {&page->sequenced_lsn, 100000, {"LSN 100000", log_end}},
        {&page->durable_lsn, 100000, {"LSN 100000 was durable", "LSN "}},
        {&slots[201].number, 201, {"has report 201", "give 200"}},
        {&object->command_tail, 777, {"released command 777", "give 200"}},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint64_t before = *CASES[i].word;
        *CASES[i].word = CASES[i].value;
        expect_refusal(HF_E_CORRUPT, CASES[i].text[0], CASES[i].text[1]);
        *CASES[i].word = before;
    }
    hf_region_detach(&status);
    hf_region_detach(&report);
    start();
    expect_going_on(200, "all words as they were");
}

Test(rebuild_memory, a_status_page_that_is_gone_does_not_hide_what_the_queue_holds)
{
    open_session(1024);
    trade(200);
    desk_flood(&a, 50);
    engine();
    kill_it();
    unlink_region("status");
    expect_refusal(HF_E_CORRUPT, "the status page", "--abandon-shm");
    unlink_region("s.a.rep");
    unlink_region("s.a.cmd.1");
    expect_refusal(HF_E_CORRUPT, "status is missing", "did not stop cleanly");
}

Test(rebuild_memory, a_stray_queue_after_a_clean_stop_does_not_hide_what_it_holds)
{
    struct hf_region queue;
    char name[HF_REGION_NAME_BYTES];
    let_go(daemon_now);
    hf_queue_name(name, instance);
    unlink_region("status");
    open_region(&queue, "queue");
    struct hf_queue_object *object = queue.base;
    uint64_t next = hf_queue_published(&queue, object->first_lsn) + 1;
    struct hf_record *slot = (struct hf_record *)hf_queue_record(&queue, next);
    *slot = (struct hf_record){.lsn = next, .type = HF_RECORD_TICK, .slots = 1};
    hf_region_detach(&queue);
    expect_refusal(HF_E_CORRUPT, "the WAL queue has LSN", "--abandon-shm");
}

Test(rebuild_memory, a_queue_that_is_gone_is_missed)
{
    open_session(1024);
    trade(200);
    desk_flood(&a, 50);
    engine();
    kill_it();
    unlink_region("queue");
    expect_refusal(HF_E_CORRUPT, "the WAL queue", "is missing or empty");
}

/* Objects that are not as the last daemon left them, in its own boot */

static void
corrupt(const char *object, size_t offset)
{
    struct hf_region region;
    open_region(&region, object);
    ((unsigned char *)region.base)[offset] ^= 0x40;
    hf_region_detach(&region);
}

Test(rebuild_memory, a_flipped_byte_in_the_header_of_the_queue_is_refused)
{
    static const struct {
        size_t offset;
        const char *how;
    } cases[] = {
        {offsetof(struct hf_queue_object, magic), "is damaged"},
        {offsetof(struct hf_queue_object, version), "is damaged"},
        {offsetof(struct hf_queue_object, slots), "is damaged"},
        {offsetof(struct hf_queue_object, instance_id), "does not continue the log"},
        {offsetof(struct hf_queue_object, boot), "does not continue the log"},
        {offsetof(struct hf_queue_object, epoch), "does not continue the log"},
    };
    open_session(1024);
    trade(50);
    kill_it();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        corrupt("queue", cases[i].offset);
        expect_refusal(HF_E_CORRUPT, "the WAL queue", cases[i].how);
        corrupt("queue", cases[i].offset);
    }
    start();
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(50, "mended");
}

/** The status page as a first start leaves it that is killed before its end. */
static void
corrupt_to_unfinished(void)
{
    struct hf_region region;
    open_region(&region, "status");
    struct hf_status *status = region.base;
    status->magic = 0;
    status->state = HF_STATE_NONE;
    hf_region_detach(&region);
}

Test(rebuild_memory, a_session_without_its_reports_is_refused_by_name)
{
    open_session(1024);
    trade(50);
    desk_flood(&a, 20); /* submitted, and in no log */
    kill_it();
    corrupt("s.a.rep", offsetof(struct hf_report_object, instance_id));
    expect_refusal(HF_E_CORRUPT, "s.a.rep", "did not stop cleanly");
    corrupt("s.a.rep", offsetof(struct hf_report_object, instance_id));
    corrupt("s.a.rep", offsetof(struct hf_report_object, report_slots));
    expect_refusal(HF_E_CORRUPT, "s.a.rep, the reports of session 'a'", "--abandon-shm");
    corrupt("s.a.rep", offsetof(struct hf_report_object, report_slots));
    unlink_region("s.a.rep");
    expect_refusal(HF_E_CORRUPT, "s.a.rep", "--abandon-shm");
    daemon_now = daemon_new();
    daemon_now->abandon_shm = true;
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
    cr_expect_eq(daemon_now->history, 2);
    restart(); /* what was given up is not missed again */
    cr_expect_eq(daemon_now->history, 2);
}

Test(rebuild_memory, reports_that_go_after_a_clean_stop_are_not_missed_again)
{
    open_session(1024);
    trade(50);
    let_go(daemon_now);
    unlink_region("s.a.rep");
    start();
    cr_expect_eq(daemon_now->history, 1);
    cr_expect_null(link_now()->report_object);
    restart();
    cr_expect_eq(session()->last_report, 50);
}

Test(rebuild_memory, a_reboot_is_not_asked_for_objects_at_any_kill)
{
    open_session(1024);
    trade(50);
    kill_it();
    reboot();
    start();
    kill_it();
    corrupt_to_unfinished();
    start(); /* a first start of this boot, killed behind its EPOCH record */
    cr_expect_eq(session()->last_seq, 50);
    restart();
}
