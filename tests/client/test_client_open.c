/*
 * test_client_open.c - opening a session, and observers: options, refusals, and daemons that answer
 * nonsense. Whatever comes: a clean error, words, and no descriptor left behind.
 */
#include "client/fake_daemon.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <holdfast/client.h>
#include <holdfast/subscribe.h>

static struct fake fake;

static void
start(void)
{
    fake = fake_create();
    fake_start(&fake);
}

static void
stop(void)
{
    fake_destroy(&fake);
}

TestSuite(client_open, .init = start, .fini = stop, .timeout = 60);

static struct hf_client_options
options(void)
{
    return (struct hf_client_options){.size = sizeof(struct hf_client_options),
                                      .socket_path = fake.path,
                                      .session = FAKE_SESSION,
                                      .timeout_ns = UINT64_C(10000000000)};
}

static int
try_open(struct hf_client_options with)
{
    struct hf_client *client = (struct hf_client *)(void *)&fake; /* must be overwritten */
    int result = hf_open(&client, &with);
    cr_assert_eq(result == HF_OK, client != NULL);
    cr_assert_eq(result == HF_OK, hf_open_error()[0] == '\0', "%d '%s'", result, hf_open_error());
    hf_detach(client);
    return result;
}

static unsigned
open_descriptors(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

Test(client_open, nonsense_from_the_daemon_is_a_clean_error)
{
    const struct {
        enum fake_answer answer;
        int result;
    } cases[] = {
        {FAKE_GOOD, HF_OK},
        {FAKE_SHORT, HF_E_PROTOCOL},
        {FAKE_HANG_UP, HF_E_NO_DAEMON},
        {FAKE_BAD_MAGIC, HF_E_PROTOCOL},
        {FAKE_OTHER_TYPE, HF_E_PROTOCOL},
        {FAKE_POSITIVE_CODE, HF_E_PROTOCOL},
        {FAKE_UNKNOWN_CODE, HF_E_PROTOCOL},
        {FAKE_OTHER_VERSION, HF_E_VERSION},
        {FAKE_NO_OBJECTS, HF_E_PROTOCOL},
        {FAKE_TWO_OBJECTS, HF_E_PROTOCOL},
        {FAKE_LONG_STATUS, HF_E_PROTOCOL},
        {FAKE_SHORT_REPORT, HF_E_PROTOCOL},
        {FAKE_SWAPPED_OBJECTS, HF_E_SYSTEM}, /* the read-only one does not map for writing */
        {FAKE_OTHER_SESSION, HF_E_PROTOCOL},
        {FAKE_OLD_GENERATION, HF_E_PROTOCOL},
        {FAKE_GOOD, HF_OK},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake.script->open_answer = cases[i].answer;
        unsigned before = open_descriptors();
        int result = try_open(options());
        cr_expect_eq(result, cases[i].result, "answer %d: %s", (int)cases[i].answer,
                     hf_error_name(result));
        cr_expect_eq(open_descriptors(), before, "answer %d leaks", (int)cases[i].answer);
    }
}

Test(client_open, no_answer_is_a_timeout)
{
    struct hf_client_options with = options();
    fake.script->open_answer = FAKE_SILENT;
    with.timeout_ns = 30000000;
    cr_assert_eq(try_open(with), HF_TIMEOUT);
    cr_assert_not_null(strstr(hf_open_error(), "a daemon is there, but does not answer"), "%s",
                       hf_open_error());
}

Test(client_open, refusals_come_through_with_the_daemons_words)
{
    const int codes[] = {HF_E_DENIED, HF_E_BUSY,    HF_E_FULL,  HF_E_UNKNOWN,
                         HF_E_HALTED, HF_E_VERSION, HF_E_MEMORY};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        char words[32];
        fake.script->open_code = codes[i];
        (void)snprintf(words, sizeof(words), "refused with %d", codes[i]);
        cr_assert_eq(try_open(options()), codes[i]);
        cr_assert_str_eq(hf_open_error(), words);
    }
}

Test(client_open, objects_of_another_version_or_instance_are_refused)
{
    fake.status->version = HF_PROTOCOL_VERSION + 1;
    cr_assert_eq(try_open(options()), HF_E_VERSION);
    fake.status->version = HF_PROTOCOL_VERSION;
    fake.report->version = HF_PROTOCOL_VERSION + 1;
    cr_assert_eq(try_open(options()), HF_E_VERSION);
    fake.report->version = HF_PROTOCOL_VERSION;
    fake.report->instance_id++;
    cr_assert_eq(try_open(options()), HF_E_PROTOCOL);
    fake.report->instance_id--;
    fake.status->instruments_max = UINT32_MAX;
    cr_assert_eq(try_open(options()), HF_E_PROTOCOL);
    fake.status->instruments_max = 1;
    fake.status->magic = 0;
    cr_assert_eq(try_open(options()), HF_E_PROTOCOL);
    fake.status->magic = HF_STATUS_MAGIC;
    cr_assert_eq(try_open(options()), HF_OK);
}

Test(client_open, a_durable_session_needs_an_instance_that_makes_things_durable)
{
    fake.report->flags = HF_SESSION_DURABLE;
    fake.status->mode = 2;
    cr_assert_eq(try_open(options()), HF_E_ARGUMENT);
    fake.status->mode = 1;
    cr_assert_eq(try_open(options()), HF_OK);
}

Test(client_open, options_out_of_range_never_reach_the_daemon)
{
    char long_path[200];
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    struct hf_client_options bad[9];
    const size_t count = sizeof(bad) / sizeof(bad[0]);
    for (size_t i = 0; i < count; i++) {
        bad[i] = options();
    }
    bad[0].size = offsetof(struct hf_client_options, patience_ns) - 8;
    bad[1].session = NULL;
    bad[2].session = "no spaces";
    bad[3].session = "abcdefghijklmnopqrstuvwx";
    bad[4].flags = 1u << 20;
    bad[5].command_slots = 100;
    bad[6].report_slots = 32;
    bad[7].socket_path = long_path;
    bad[8].socket_path = NULL; /* and no instance either */
    fake.script->open_answer = FAKE_SILENT;
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(try_open(bad[i]), HF_E_ARGUMENT, "case %zu", i);
    }
}

Test(client_open, a_name_or_path_that_cannot_be_is_told)
{
    char long_path[200] = "";
    memset(long_path, 'x', sizeof(long_path) - 1);
    struct hf_observer *observer = NULL;
    struct hf_market *market = NULL;
    struct hf_client_options with = options();
    with.socket_path = NULL;
    with.instance = "a/b";
    cr_expect_eq(try_open(with), HF_E_ARGUMENT);
    cr_expect_not_null(strstr(hf_open_error(), "[A-Za-z0-9_.-], unlike 'a/b'"), "%s",
                       hf_open_error());
    cr_expect_eq(hf_observe(&observer, "c d", NULL), HF_E_ARGUMENT);
    cr_expect_not_null(strstr(hf_open_error(), "unlike 'c d'"), "%s", hf_open_error());
    cr_expect_eq(hf_market_open(&market, NULL, NULL, 0), HF_E_ARGUMENT);
    cr_expect_not_null(strstr(hf_open_error(), "unlike ''"), "%s", hf_open_error());
    cr_expect_eq(hf_observe(&observer, "good", long_path), HF_E_ARGUMENT);
    cr_expect_not_null(strstr(hf_open_error(), "1 to 107 bytes, unlike 'xxx"), "%s",
                       hf_open_error());
}

Test(client_open, a_longer_options_struct_is_fine_as_long_as_the_rest_is_zero)
{
    struct {
        struct hf_client_options known;
        uint64_t later;
    } longer = {.known = options()};
    struct hf_client *client = NULL;
    longer.known.size = sizeof(longer);
    cr_assert_eq(hf_open(&client, &longer.known), HF_OK);
    hf_detach(client);
    longer.later = 1;
    cr_assert_eq(hf_open(&client, &longer.known), HF_E_ARGUMENT);
}

Test(client_open, what_a_shorter_options_struct_lacks_is_not_looked_at)
{
    struct hf_client_options shorter = options();
    struct hf_client *client = NULL;
    shorter.size = offsetof(struct hf_client_options, patience_ns);
    shorter.patience_ns = UINT64_MAX; /* bytes of something else */
    cr_assert_eq(hf_open(&client, &shorter), HF_OK);
    hf_detach(client);
    fake_kill(&fake);
    cr_assert_eq(hf_open(&client, &shorter), HF_E_NO_DAEMON);
}

Test(client_open, a_patient_open_waits_for_a_daemon_and_gives_up_in_time)
{
    struct hf_client_options with = options();
    with.patience_ns = UINT64_C(200000000);
    fake_kill(&fake);
    cr_assert_eq(try_open(with), HF_E_NO_DAEMON);
    pid_t starter = fork();
    if (starter == 0) {
        usleep(100000);
        fake_start(&fake);
        pause();
    }
    with.patience_ns = UINT64_C(20000000000);
    int result = try_open(with);
    kill(starter, SIGKILL);
    waitpid(starter, NULL, 0);
    cr_assert_eq(result, HF_OK, "%s", hf_open_error());
    with.session = NULL; /* nothing that waiting could mend */
    cr_assert_eq(try_open(with), HF_E_ARGUMENT);
}

Test(client_open, without_a_daemon_there_is_none)
{
    struct hf_client_options with = options();
    fake_kill(&fake);
    cr_assert_eq(try_open(with), HF_E_NO_DAEMON); /* a socket file that nobody serves */
    with.socket_path = "/nonexistent/holdfast.sock";
    cr_assert_eq(try_open(with), HF_E_NO_DAEMON);
    with.socket_path = NULL;
    with.instance = "no-such-instance";
    cr_assert_eq(try_open(with), HF_E_NO_DAEMON);
    with.socket_path = "/dev/null"; /* no socket at all */
    cr_assert_eq(try_open(with), HF_E_NO_DAEMON);
}

Test(client_open, detach_and_close_of_nothing_are_allowed)
{
    hf_detach(NULL);
    hf_observer_close(NULL);
}

static struct hf_observer *
observe(void)
{
    struct hf_observer *observer = NULL;
    int result = hf_observe(&observer, NULL, fake.path);
    cr_assert_eq(result, HF_OK, "%s: %s", hf_error_name(result), hf_open_error());
    return observer;
}

Test(client_open, an_observer_sees_status_instruments_depth_and_sessions)
{
    struct hf_observer *observer = observe();
    struct hf_status status;
    struct hf_instrument_info info;
    struct hf_depth_level bids[4];
    struct hf_depth_level asks[4];
    struct hf_session_row rows[64];
    size_t bid_count = 0;
    size_t ask_count = 0;
    size_t rows_count = 64;
    uint64_t lsn = 0;
    hf_observer_status(observer, &status);
    cr_assert_str_eq(status.instance, fake.instance);
    cr_assert_eq(hf_observer_instrument(observer, "ACME", &info), HF_OK);
    cr_assert_eq(hf_observer_instrument(observer, "NONE", &info), HF_E_UNKNOWN);
    cr_assert_eq(hf_observer_depth(observer, 2, 4, bids, &bid_count, asks, &ask_count, &lsn),
                 HF_OK);
    cr_assert_eq(lsn, 9);
    cr_assert_eq(bid_count, 3);
    cr_assert_eq(ask_count, 2);
    cr_assert_eq(bids[0].price, 100);
    cr_assert_eq(bids[2].price, 98);
    cr_assert_eq(asks[1].price, 102);
    cr_assert_eq(hf_observer_depth(observer, 2, 1, bids, &bid_count, asks, &ask_count, NULL),
                 HF_OK);
    cr_assert_eq(bid_count, 1);
    cr_assert_eq(hf_observer_depth(observer, 7, 4, bids, &bid_count, asks, &ask_count, &lsn),
                 HF_E_UNKNOWN);
    cr_assert_eq(hf_observer_sessions(observer, rows, &rows_count), HF_OK);
    cr_assert_eq(rows_count, 40);
    cr_assert_eq(rows[39].session, 40);
    cr_assert_str_eq(rows[32].name, "session33");
    rows_count = 5;
    cr_assert_eq(hf_observer_sessions(observer, rows, &rows_count), HF_OK);
    cr_assert_eq(rows_count, 5);
    hf_observer_close(observer);
}

Test(client_open, an_observer_reads_back_what_administrators_have_set)
{
    struct hf_observer *observer = observe();
    struct hf_entitlement_row entitlements[FAKE_ENTITLEMENTS + 1];
    struct hf_instrument_info instruments[8];
    struct hf_account_row account;
    size_t count = FAKE_ENTITLEMENTS + 1;
    cr_assert_eq(hf_observer_entitlements(observer, entitlements, &count), HF_OK);
    cr_assert_eq(count, FAKE_ENTITLEMENTS);
    cr_assert_str_eq(entitlements[99].name, "session99");
    cr_assert_eq(entitlements[64].id, 64);
    count = 70;
    cr_assert_eq(hf_observer_entitlements(observer, entitlements, &count), HF_OK);
    cr_assert_eq(count, 70);
    cr_assert_eq(hf_observer_account(observer, 7, &account), HF_OK);
    cr_assert_eq(account.notional_max, 5000);
    cr_assert_eq(hf_observer_account(observer, 8, &account), HF_E_UNKNOWN);
    count = 8;
    hf_observer_instruments(observer, instruments, &count);
    cr_assert_eq(count, 3, "those that were removed are left out");
    cr_assert_str_eq(instruments[0].symbol, "ACME");
    cr_assert_str_eq(instruments[2].symbol, "REUSED");
    cr_assert_eq(instruments[2].id, 4);
    count = 1;
    hf_observer_instruments(observer, instruments, &count);
    cr_assert_eq(count, 1);
    hf_observer_close(observer);
}

Test(client_open, an_observer_outlives_the_daemon)
{
    struct hf_observer *observer = observe();
    struct hf_session_row rows[64];
    size_t count = 64;
    fake_kill(&fake);
    cr_assert_eq(hf_observer_sessions(observer, rows, &count), HF_E_NO_DAEMON);
    fake_start(&fake);
    count = 64;
    cr_assert_eq(hf_observer_sessions(observer, rows, &count), HF_OK);
    cr_assert_eq(count, 40);
    hf_observer_close(observer);
}

Test(client_open, an_observer_is_refused_with_words)
{
    struct hf_observer *observer = NULL;
    fake.script->open_code = HF_E_DENIED;
    cr_assert_eq(hf_observe(&observer, NULL, fake.path), HF_E_DENIED);
    cr_assert_null(observer);
    cr_assert_str_eq(hf_open_error(), "refused with -5");
    cr_assert_eq(hf_observe(&observer, "bad name", NULL), HF_E_ARGUMENT);
    fake.script->open_code = HF_OK;
    fake.script->open_answer = FAKE_NO_OBJECTS;
    cr_assert_eq(hf_observe(&observer, NULL, fake.path), HF_E_PROTOCOL);
    fake.script->open_answer = FAKE_LONG_STATUS;
    cr_assert_eq(hf_observe(&observer, NULL, fake.path), HF_E_PROTOCOL);
}
