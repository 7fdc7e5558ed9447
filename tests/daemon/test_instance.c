/* test_instance.c - one daemon per directory and name; whose shared memory it is. */
#include "daemon/daemon.h"

#include "shm/region.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char directory[64];
static char instance[HF_NAME_BYTES];
static struct hf_daemon first;
static struct hf_daemon second;

static void
prepare(struct hf_daemon *daemon)
{
    memset(daemon, 0, sizeof(*daemon));
    daemon->lock_fd = -1;
    daemon->name_fd = -1;
    snprintf(daemon->config.instance_name, sizeof(daemon->config.instance_name), "%s", instance);
    snprintf(daemon->config.instance_directory, sizeof(daemon->config.instance_directory), "%s/log",
             directory);
}

static void
set_up(void)
{
    snprintf(directory, sizeof(directory), "/tmp/hf_instance_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(instance, sizeof(instance), "in%d", (int)getpid());
    prepare(&first);
    prepare(&second);
}

static void
unlink_name(void *context, const char *name)
{
    (void)context;
    hf_region_unlink(name);
}

static void
tear_down(void)
{
    char prefix[HF_REGION_NAME_BYTES];
    char command[128];
    hf_instance_release(&first);
    hf_instance_release(&second);
    hf_replay_free(&first.replay);
    snprintf(prefix, sizeof(prefix), "/holdfast.%s.", instance);
    (void)hf_region_list(prefix, unlink_name, NULL);
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    cr_expect_eq(system(command), 0); /* NOLINT: a directory of our own */
}

TestSuite(instance, .init = set_up, .fini = tear_down);

/** A core is needed for its limits alone. */
static void
make_core(struct hf_daemon *daemon)
{
    struct hf_record slots[2] = {
        {.lsn = 1, .time_ns = 1, .type = HF_RECORD_GENESIS, .slots = 2},
        {.lsn = 2, .time_ns = 1, .type = HF_RECORD_MORE, .slots = 1},
    };
    slots[0].genesis.rules_version = HF_RULES_VERSION;
    slots[0].genesis.sessions_max = 4;
    slots[0].genesis.instruments_max = 4;
    slots[0].genesis.orders_max = 16;
    slots[0].genesis.levels_max = 16;
    slots[0].genesis.session_orders_max = 16;
    slots[1].genesis_more.extras_max = 4;
    slots[1].genesis_more.accounts_max = 4;
    slots[1].genesis_more.entitlements_max = 4;
    slots[1].genesis_more.events_max = 64;
    daemon->replay.numa_node = -1;
    cr_assert_eq(hf_replay_record(&daemon->replay, &slots[0], &slots[1], NULL, 0), HF_OK);
}

/** A first start, as far as this file goes. */
static void
start_first(bool finished)
{
    cr_assert_eq(hf_instance_lock(&first), HF_OK, "%s", first.text);
    cr_assert_eq(hf_instance_open_status(&first), HF_OK, "%s", first.text);
    cr_expect_not(first.resumed_shm);
    make_core(&first);
    first.instance_id = 4711;
    cr_assert_eq(hf_instance_create_status(&first), HF_OK, "%s", first.text);
    if (finished) {
        first.status->magic = HF_STATUS_MAGIC;
    }
}

Test(instance, directories_are_made_with_their_parents_and_kept_private)
{
    struct stat status;
    snprintf(first.config.instance_directory, sizeof(first.config.instance_directory), "%s/a/b/c",
             directory);
    cr_expect_eq(hf_instance_lock(&first), HF_OK, "%s", first.text);
    cr_assert_eq(stat(first.config.instance_directory, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0700);
}

Test(instance, a_directory_has_one_daemon)
{
    cr_assert_eq(hf_instance_lock(&first), HF_OK);
    cr_expect_eq(hf_instance_lock(&second), HF_E_BUSY);
    cr_expect_not_null(strstr(second.text, "another daemon runs on"));
    hf_instance_release(&first);
    hf_instance_release(&second);
    cr_expect_eq(hf_instance_lock(&second), HF_OK);
}

/** A daemon that is killed, and holds its locks for 0.3 s more. @param locked  written to once it has them */
static void
linger(int locked)
{
    static const struct timespec rest = {.tv_nsec = 300000000};
    bool ready = hf_instance_lock(&first) == HF_OK && write(locked, "", 1) == 1;
    (void)nanosleep(&rest, NULL);
    _exit(ready ? 0 : 1);
}

Test(instance, a_killed_daemon_that_is_not_gone_yet_is_waited_for)
{
    int locked[2];
    int status = 0;
    char byte;
    cr_assert_eq(pipe(locked), 0);
    pid_t killed = fork();
    if (killed == 0) {
        linger(locked[1]);
    }
    cr_assert_eq(read(locked[0], &byte, 1), 1);
    cr_expect_eq(hf_instance_lock(&second), HF_OK, "%s", second.text);
    cr_assert_eq(waitpid(killed, &status, 0), killed);
    cr_expect_eq(status, 0);
}

Test(instance, a_name_has_one_daemon)
{
    start_first(true);
    snprintf(second.config.instance_directory, sizeof(second.config.instance_directory), "%s/log2",
             directory);
    cr_expect_eq(hf_instance_lock(&second), HF_E_BUSY);
    cr_expect_not_null(strstr(second.text, "another daemon runs as instance"));
}

Test(instance, who_was_given_the_status_page_cannot_keep_a_daemon_from_starting)
{
    start_first(true);
    int given = hf_region_reader_fd(&first.status_region); /* as a client gets it */
    cr_assert_geq(given, 0);
    hf_instance_release(&first);
    cr_expect_eq(flock(given, LOCK_EX | LOCK_NB), 0);
    struct flock range = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    cr_expect_eq(fcntl(given, F_OFD_SETLK, &range), 0);
    cr_assert_eq(hf_instance_lock(&second), HF_OK, "%s", second.text);
    cr_expect_eq(hf_instance_open_status(&second), HF_OK, "%s", second.text);
    cr_expect(second.resumed_shm);
    close(given);
}

Test(instance, the_lock_of_a_name_that_others_may_open_is_refused)
{
    char path[128];
    snprintf(path, sizeof(path), "/dev/shm/holdfast.%s.lock", instance);
    cr_assert_eq(hf_instance_lock(&first), HF_OK);
    hf_instance_release(&first);
    cr_assert_eq(chmod(path, 0644), 0);
    cr_expect_eq(hf_instance_lock(&second), HF_E_DENIED);
    cr_expect_not_null(strstr(second.text, "lock has mode 0644"), "%s", second.text);
}

Test(instance, the_status_page_is_found_again)
{
    start_first(true);
    first.status->durable_lsn = 99;
    hf_instance_release(&first);
    cr_assert_eq(hf_instance_lock(&second), HF_OK);
    cr_assert_eq(hf_instance_open_status(&second), HF_OK, "%s", second.text);
    cr_expect(second.resumed_shm);
    cr_expect_eq(second.status->durable_lsn, 99);
    cr_expect_eq(second.status->instance_id, 4711);
}

static void
make_object(const char *object)
{
    struct hf_region region;
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.%s", instance, object);
    cr_assert_eq(hf_region_create(&region, name, 4096), HF_OK);
    hf_region_detach(&region);
}

Test(instance, a_first_start_that_was_not_finished_leaves_nothing)
{
    start_first(false);
    make_object("queue");
    hf_instance_release(&first);
    cr_assert_eq(hf_instance_lock(&second), HF_OK);
    cr_expect_eq(hf_instance_open_status(&second), HF_OK, "%s", second.text);
    cr_expect_not(second.resumed_shm);
    cr_expect(second.unfinished_shm, "no objects are missed");
    cr_expect_null(second.status);
    struct hf_region queue;
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.queue", instance);
    cr_expect_eq(hf_region_open(&queue, name, true), HF_E_UNKNOWN);
    make_core(&second);
    cr_assert_eq(hf_instance_create_status(&second), HF_OK, "%s", second.text);
    cr_expect_eq(second.status->durable_lsn, 0, "the old page is zeroed and filled again");
    hf_replay_free(&second.replay);
}

Test(instance, without_a_whole_status_page_what_sessions_hold_is_not_given_up)
{
    static const struct {
        int length; /**< -1: the page is removed; of magic 0 else */
        const char *how;
    } cases[] = {{-1, "is missing"}, {0, "is empty"}, {8192, "is no status page"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char path[128];
        start_first(false);
        first.status->durable_lsn = 99;
        make_object("s.client.rep");
        hf_instance_release(&first);
        hf_replay_free(&first.replay);
        snprintf(path, sizeof(path), "/dev/shm/holdfast.%s.status", instance);
        cr_assert_eq(cases[i].length < 0 ? unlink(path) : truncate(path, cases[i].length), 0);
        cr_assert_eq(hf_instance_lock(&second), HF_OK);
        cr_expect_eq(hf_instance_open_status(&second), HF_E_CORRUPT);
        cr_expect_not_null(strstr(second.text, cases[i].how), "%s", second.text);
        cr_expect_not_null(strstr(second.text, "--abandon-shm"), "%s", second.text);
        cr_expect_eq(hf_instance_abandon(&second), HF_OK);
        hf_instance_release(&second);
        prepare(&first);
        prepare(&second);
    }
}

Test(instance, an_abandoned_page_is_abandoned_to_its_end)
{
    start_first(true);
    first.status->history = 7;
    first.status->state = HF_STATE_ABANDONED; /* killed behind this */
    make_object("s.client.rep");
    hf_instance_release(&first);
    cr_assert_eq(hf_instance_lock(&second), HF_OK);
    cr_expect_eq(hf_instance_open_status(&second), HF_OK, "%s", second.text);
    cr_expect(second.abandon_shm);
    cr_expect_eq(second.abandoned_history, 7);
    cr_expect_null(second.status);
}

Test(instance, what_was_abandoned_is_known_until_it_is_forgotten)
{
    start_first(true);
    first.status->history = 7;
    first.status->epoch = 9;
    cr_assert_eq(hf_instance_abandon(&first), HF_OK);
    hf_instance_release(&first);
    for (int killed = 0; killed < 2; killed++) { /* once with a page begun, and not finished */
        cr_assert_eq(hf_instance_lock(&second), HF_OK);
        cr_expect_eq(hf_instance_open_status(&second), HF_OK, "%s", second.text);
        cr_expect(second.abandon_shm);
        cr_expect_eq(second.abandoned_history, 7);
        cr_expect_eq(second.abandoned_epoch, 9);
        cr_expect_eq(hf_instance_abandon(&second), HF_OK);
        hf_instance_release(&second);
        prepare(&second);
        make_object("status");
    }
    hf_instance_forget_abandoned(&first);
    cr_assert_eq(hf_instance_lock(&second), HF_OK);
    cr_expect_eq(hf_instance_open_status(&second), HF_OK, "%s", second.text);
    cr_expect_not(second.abandon_shm);
}

/** The names of our objects whose removal has been watched; the last of them. */
static unsigned
read_removals(int watch, char last_name[HF_REGION_NAME_BYTES])
{
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    char prefix[HF_REGION_NAME_BYTES];
    unsigned count = 0;
    snprintf(prefix, sizeof(prefix), "holdfast.%s.", instance);
    ssize_t len = read(watch, buffer, sizeof(buffer));
    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *event = (const struct inotify_event *)(void *)(buffer + at);
        if (event->len > 0 && strncmp(event->name, prefix, strlen(prefix)) == 0) {
            snprintf(last_name, HF_REGION_NAME_BYTES, "%.90s", event->name);
            count++;
        }
        at += (ssize_t)(sizeof(*event) + event->len);
    }
    return count;
}

Test(instance, what_is_abandoned_goes_with_the_status_page_last)
{
    static const char *const others[] = {"queue", "s.a.rep", "s.a.cmd.1", "z"};
    char name[HF_REGION_NAME_BYTES];
    char last[HF_REGION_NAME_BYTES] = "";
    start_first(false);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        make_object(others[i]);
    }
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    cr_assert(watch >= 0 && inotify_add_watch(watch, "/dev/shm", IN_DELETE | IN_MOVED_FROM) >= 0);
    cr_expect_eq(hf_instance_abandon(&first), HF_OK);
    cr_expect_eq(read_removals(watch, last), 5);
    snprintf(name, sizeof(name), "holdfast.%s.status", instance);
    cr_expect_str_eq(last, name); /* whoever dies in between finds the page, and goes on with it */
    close(watch);
}

static void
damage_status(size_t offset, uint32_t value)
{
    struct hf_region region;
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.status", instance);
    cr_assert_eq(hf_region_open(&region, name, true), HF_OK);
    memcpy((unsigned char *)region.base + offset, &value, sizeof(value));
    hf_region_detach(&region);
}

Test(instance, a_page_that_cannot_be_trusted_is_refused_with_a_reason)
{
    static const struct {
        const char *what;
        size_t offset;
        uint32_t value;
        int code;
        const char *text;
    } cases[] = {
        {"magic", offsetof(struct hf_status, magic), 1, HF_E_CORRUPT, "is no status page"},
        {"version", offsetof(struct hf_status, version), 77, HF_E_VERSION, "protocol version 77"},
        {"length", offsetof(struct hf_status, bytes) + 4, 1, HF_E_CORRUPT, "is no status page"},
        {"directory", offsetof(struct hf_status, directory_inode), 1, HF_E_CORRUPT,
         "kept its log in another directory"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start_first(true);
        hf_instance_release(&first);
        hf_replay_free(&first.replay);
        damage_status(cases[i].offset, cases[i].value);
        cr_assert_eq(hf_instance_lock(&second), HF_OK);
        cr_expect_eq(hf_instance_open_status(&second), cases[i].code, "%s", cases[i].what);
        cr_expect_not_null(strstr(second.text, cases[i].text), "%s: %s", cases[i].what,
                           second.text);
        cr_expect_eq(hf_instance_abandon(&second), HF_OK);
        hf_instance_release(&second);
        prepare(&first);
        prepare(&second);
    }
}

Test(instance, a_page_that_never_got_its_size_is_removed)
{
    char path[128];
    start_first(true);
    hf_instance_release(&first);
    snprintf(path, sizeof(path), "/dev/shm/holdfast.%s.status", instance);
    cr_assert_eq(truncate(path, 0), 0);
    cr_assert_eq(hf_instance_lock(&second), HF_OK);
    cr_expect_eq(hf_instance_open_status(&second), HF_OK, "%s", second.text);
    cr_expect_not(second.resumed_shm);
}

Test(instance, a_page_that_others_may_write_is_refused)
{
    char path[128];
    start_first(true);
    hf_instance_release(&first);
    snprintf(path, sizeof(path), "/dev/shm/holdfast.%s.status", instance);
    cr_assert_eq(chmod(path, 0622), 0);
    cr_assert_eq(hf_instance_lock(&second), HF_OK);
    cr_expect_eq(hf_instance_open_status(&second), HF_E_DENIED);
    cr_expect_not_null(strstr(second.text, "has mode 0622"), "%s", second.text);
}

Test(instance, abandoning_tells_clients_and_remembers_what_was_given)
{
    start_first(true);
    first.status->history = 7;
    first.status->epoch = 9;
    struct hf_region client;
    char name[HF_REGION_NAME_BYTES];
    snprintf(name, sizeof(name), "/holdfast.%s.status", instance);
    cr_assert_eq(hf_region_open(&client, name, false), HF_OK);
    cr_expect_eq(hf_instance_abandon(&first), HF_OK);
    const struct hf_status *seen = client.base;
    cr_expect_eq(seen->state, HF_STATE_ABANDONED);
    cr_expect_eq(first.abandoned_history, 7);
    cr_expect_eq(first.abandoned_epoch, 9);
    cr_expect_null(first.status);
    hf_region_detach(&client);
}
