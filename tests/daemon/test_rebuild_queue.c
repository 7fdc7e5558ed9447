/* test_rebuild_queue.c - the WAL queue between two epochs, of another length, unfinished. */
#include "rebuild_fixture.h"

TestSuite(rebuild_queue, .init = set_up, .fini = tear_down, .timeout = 280);

/* The queue's object between two epochs */

/** As a start does before it takes the sealed queue away. */
static void
say_queue_is_spent(void)
{
    struct hf_region status;
    open_region(&status, "status");
    ((struct hf_status *)status.base)->queue_spent = 1;
    hf_region_detach(&status);
}

Test(rebuild_queue, a_queue_whose_stamp_was_never_finished_loses_nothing)
{
    struct hf_region queue;
    open_session(1024);
    trade(200);
    kill_it();
    start(); /* the log is sealed now */
    kill_it();
    open_region(&queue, "queue");
    ((struct hf_queue_object *)queue.base)->magic = 0;
    hf_region_detach(&queue);
    expect_refusal(HF_E_CORRUPT, "the WAL queue", "is damaged");
    say_queue_is_spent();
    start();
    cr_expect_eq(daemon_now->history, 1, "nothing was lost");
    expect_going_on(200, "unstamped queue");
}

Test(rebuild_queue, an_empty_queue_object_is_made_anew)
{
    open_session(1024);
    trade(200);
    restart();
    kill_it();
    char path[128];
    snprintf(path, sizeof(path), "/dev/shm/holdfast.%s.queue", instance);
    cr_assert_eq(truncate(path, 0), 0);
    expect_refusal(HF_E_CORRUPT, "the WAL queue", "is missing or empty");
    say_queue_is_spent();
    start();
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(200, "empty queue");
}

Test(rebuild_queue, another_length_of_the_queue_is_taken_up)
{
    open_session(1024);
    trade(200);
    desk_flood(&a, 50);
    engine();
    kill_it();
    daemon_now = daemon_new();
    hf_config_set(&daemon_now->config, "wal.queue_slots=4096");
    cr_assert_eq(hf_daemon_start(daemon_now), HF_OK, "%s", daemon_now->text);
    cr_expect_eq(daemon_now->history, 1);
    expect_going_on(250, "longer queue");
}
