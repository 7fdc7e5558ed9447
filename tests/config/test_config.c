/* test_config.c - every mistake is named, with its line, and all of them at once. */
#include "config/config.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct hf_config config;
static char path[64];

static void
set_up(void)
{
    cr_assert_eq(hf_config_init(&config), HF_OK);
    snprintf(path, sizeof(path), "/tmp/hf_config_XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
}

static void
tear_down(void)
{
    hf_config_free(&config);
    unlink(path);
}

TestSuite(config, .init = set_up, .fini = tear_down);

static void
load(const char *text)
{
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    hf_config_load(&config, path);
}

/** The errors, with the file's path taken out of them. */
static const char *
errors(void)
{
    static char text[HF_CONFIG_ERRORS_BYTES];
    char *out = text;
    for (const char *at = config.errors; *at != '\0';) {
        if (strncmp(at, path, strlen(path)) == 0) {
            at += strlen(path);
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    return text;
}

Test(config, the_defaults_are_good)
{
    cr_expect(hf_config_check(&config), "%s", config.errors);
    cr_expect_str_eq(config.instance_socket, "/run/holdfast/holdfast.sock");
    cr_expect_eq(config.wal_flush_interval_us, 10000);
    cr_expect_eq(config.wal_flush_records, 1000);
    cr_expect_eq(config.wal_queue_slots, 65536);
    cr_expect_eq(config.instrument_count, 1);
    cr_expect_str_eq(config.instruments[0].symbol, "DEMO");
}

Test(config, a_file_says_everything)
{
    load("# a comment\n"
         "[instance]\n"
         "name = ex-1 ; another comment\n"
         "directory=/var/x\n"
         "\n"
         "[wal]\n"
         "   mode = sync\n"
         "\tflush_records:7\r\n"
         "[instrument.ABC]\n"
         "tick = 5\n"
         "price_min = -100\n"
         "[instrument.XYZ]\n");
    cr_expect_eq(config.error_count, 0, "%s", config.errors);
    cr_expect(hf_config_check(&config), "%s", config.errors);
    cr_expect_str_eq(config.instance_name, "ex-1");
    cr_expect_str_eq(config.instance_directory, "/var/x");
    cr_expect_str_eq(config.instance_socket, "/run/holdfast/ex-1.sock");
    cr_expect_str_eq(config.wal_mode, "sync");
    cr_expect_eq(config.wal_flush_records, 7);
    cr_assert_eq(config.instrument_count, 2, "a file's instruments replace the built-in one");
    cr_expect_str_eq(config.instruments[0].symbol, "ABC");
    cr_expect_eq(config.instruments[0].tick, 5);
    cr_expect_eq(config.instruments[0].price_min, -100);
    cr_expect_str_eq(config.instruments[1].symbol, "XYZ", "an empty section counts");
    cr_expect_eq(config.instruments[1].tick, 1);
}

struct mistake {
    const char *text;
    const char *error; /**< the beginning of the error's line, path left out */
};

Test(config, every_mistake_is_named_with_its_line)
{
    static const struct mistake MISTAKES[] = {
        {"\n[wal]\nnosuch = 1\n", ":3: unknown parameter 'nosuch' in section [wal]"},
        {"name = x\n", ":1: unknown parameter 'name' in section []"},
        {"[nosuch]\nx = 1\n", ":1: unknown section [nosuch]"},
        {"[nosuch]\n", ":1: unknown section [nosuch]"},
        {"[wal]\nmode = sync\nmode = group\n", ":3: wal.mode is given twice"},
        {"[wal]\nmode = fast\n", ":2: wal.mode: 'fast' is none of group|sync|memory"},
        {"[wal]\nmode =\n", ":2: wal.mode: '' is none of"},
        {"[wal]\nmode = group|sync\n", ":2: wal.mode: 'group|sync' is none of"},
        {"[threads]\nengine_wait = spin|yield|park|adaptive\n", ":2: threads.engine_wait: "},
        {"[wal]\nflush_records = 0\n", ":2: wal.flush_records: '0' is not a whole number from 1"},
        {"[wal]\nflush_records = 1e3\n", ":2: wal.flush_records: '1e3' is not a whole number"},
        {"[wal]\nflush_records = 99999999999999999999\n", ":2: wal.flush_records: '999"},
        {"[wal]\nflush_records =\n", ":2: wal.flush_records: '' is not"},
        {"[wal]\nflush_records = -1\n", ":2: wal.flush_records: '-1' is not"},
        {"[wal]\ngarbage\n", ":2: neither [section] nor name = value"},
        {"[wal\nmode = sync\n", ":1: neither [section] nor name = value"},
        {"[instrument.A]\ntick = x\n", ":2: instrument.A: tick: 'x' is not a whole number"},
        {"[instrument.A]\nprice = 5\n", ":2: instrument.A: unknown parameter 'price'"},
        {"[instrument.A]\ntick = 1\ntick = 2\n", ":3: instrument.A: 'tick' is given twice"},
        {"[instrument.A]\n[instrument.B]\n[instrument.A]\n", ":3: [instrument.A] is given twice"},
        {"[instrument.]\n", ":1: instrument symbol ''"},
        {"[instrument.A B]\n", ":1: instrument symbol 'A B'"},
        {"[instrument.ABCDEFGHIJKLMNOP]\n", ":1: instrument symbol 'ABCDEFGHIJKLMNOP'"},
    };
    for (size_t i = 0; i < sizeof(MISTAKES) / sizeof(MISTAKES[0]); i++) {
        load(MISTAKES[i].text);
        cr_expect_geq(config.error_count, 1, "case %zu", i);
        cr_expect_eq(strncmp(errors(), MISTAKES[i].error, strlen(MISTAKES[i].error)), 0, "%s: %s",
                     MISTAKES[i].error, errors());
        cr_expect_not(hf_config_check(&config));
        hf_config_free(&config);
        cr_assert_eq(hf_config_init(&config), HF_OK);
    }
}

Test(config, all_mistakes_are_named_at_once_also_behind_a_long_line)
{
    char text[2048];
    char longer[1200];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    snprintf(text, sizeof(text), "[wal]\nbad\nmode = %s\nworse\nmode = fast\n[oops]\n", longer);
    load(text);
    cr_expect_eq(config.error_count, 5);
    cr_expect_str_eq(errors(), ":2: neither [section] nor name = value\n"
                               ":3: line is longer than 199 bytes\n"
                               ":4: neither [section] nor name = value\n"
                               ":5: wal.mode: 'fast' is none of group|sync|memory\n"
                               ":6: unknown section [oops]; --print-config lists all\n");
}

Test(config, a_line_may_be_as_long_as_it_says)
{
    static const struct {
        int value; /**< bytes of the value */
        bool good;
    } cases[] = {{186, true}, {187, false}};
    for (size_t i = 0; i < 2; i++) {
        char text[512];
        char value[256];
        memset(value, 'v', sizeof(value));
        snprintf(text, sizeof(text), "[instance]\ndirectory = %.*s\n", cases[i].value, value);
        load(text);
        cr_expect_eq(config.error_count == 0, cases[i].good, "%s", config.errors);
        cr_expect_eq(strlen(config.instance_directory) == (size_t)cases[i].value, cases[i].good);
        hf_config_free(&config);
        cr_assert_eq(hf_config_init(&config), HF_OK);
    }
}

Test(config, more_mistakes_than_there_is_room_for_are_counted)
{
    static char text[100000] = "[wal]\n";
    for (int i = 0; i < 3000; i++) {
        strcat(text, "some line without sense\n");
    }
    load(text);
    cr_expect_eq(config.error_count, 3000);
    cr_expect_lt(strlen(config.errors), HF_CONFIG_ERRORS_BYTES);
    cr_expect_eq(config.errors[strlen(config.errors) - 1], '\n');
    cr_expect_not(hf_config_check(&config));
}

Test(config, a_file_that_cannot_be_read_is_a_mistake)
{
    hf_config_load(&config, "/nonexistent/holdfast.conf");
    cr_expect_str_eq(config.errors,
                     "/nonexistent/holdfast.conf: cannot read: No such file or directory\n");
    hf_config_load(&config, "/tmp");
    cr_expect_eq(config.error_count, 2, "a directory: %s", config.errors);
}

Test(config, single_settings_go_over_the_file)
{
    load("[wal]\nmode = sync\n[instrument.A]\ntick = 5\n");
    hf_config_set(&config, "wal.mode=memory");
    hf_config_set(&config, "instrument.A.lot=3");
    hf_config_set(&config, "instrument.B.C.tick=2");
    hf_config_set(&config, "instance.directory=/a=b");
    cr_expect(hf_config_check(&config), "%s", config.errors);
    cr_expect_str_eq(config.wal_mode, "memory");
    cr_expect_str_eq(config.instance_directory, "/a=b");
    cr_assert_eq(config.instrument_count, 2);
    cr_expect_eq(config.instruments[0].tick, 5);
    cr_expect_eq(config.instruments[0].lot, 3);
    cr_expect_str_eq(config.instruments[1].symbol, "B.C");
}

Test(config, settings_that_make_no_sense_are_named)
{
    static const char *const SETTINGS[] = {
        "wal.mode", "mode=sync",  "=",         "",
        "wal.=1",   "nosuch.x=1", "wal.mode=", "instrument..tick=1"};
    for (size_t i = 0; i < sizeof(SETTINGS) / sizeof(SETTINGS[0]); i++) {
        hf_config_set(&config, SETTINGS[i]);
        cr_expect_geq(config.error_count, i + 1, "'%s'", SETTINGS[i]);
    }
    cr_expect_eq(strncmp(config.errors, "--set: ", 7), 0);
}

Test(config, what_depends_on_several_values_is_checked)
{
    static const struct {
        const char *settings[3];
        const char *error;
    } cases[] = {
        {{"instance.name="}, "instance.name ''"},
        {{"instance.name=a.b"}, "instance.name 'a.b'"},
        {{"instance.name=abcdefghijklmnopqrstuvwx"}, "instance.name 'abc"},
        {{"instance.directory=relative"}, "is no absolute path"},
        {{"wal.segment_kib=70"}, "multiple of 4"},
        {{"wal.queue_slots=1025"}, "power of two"},
        {{"wal.mode=memory", "wal.io=direct"}, "which wal.mode=memory never does"},
        {{"limits.orders_max=10", "limits.session_orders_max=11"}, "must not exceed"},
        {{"limits.instruments_max=1", "instrument.A.tick=1"}, "2 instruments, but"},
        {{"instrument.A.tick=0"}, "instrument.A: tick"},
        {{"instrument.A.lot=0"}, "instrument.A: lot"},
        {{"instrument.A.lot=-1"}, "instrument.A: lot"},
        {{"instrument.A.price_min=7", "instrument.A.price_max=6"}, "instrument.A: price_min"},
        {{"instrument.A.quantity_max=0"}, "instrument.A: quantity_max"},
        {{"limits.orders_max=2097152", "instrument.A.tick=1"}, "quantity_max x limits.orders_max"},
        {{"instrument.A.price_max=1152921504606846976"}, "instrument.A: price_"},
        {{"limits.events_max=100"}, "limits.events_max"},
        {{"instance.admin=good,not/good"}, "instance.admin"},
        {{"instance.admin=abcdefghijklmnopqrstuvwx"}, "instance.admin"},
        {{"instance.admin=a,b,a c", "limits.entitlements_max=2"},
         "instance.admin names 3 sessions"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int k = 0; k < 3 && cases[i].settings[k] != NULL; k++) {
            hf_config_set(&config, cases[i].settings[k]);
        }
        cr_expect_eq(config.error_count, 0, "%s", config.errors);
        cr_expect_not(hf_config_check(&config), "%s", cases[i].settings[0]);
        cr_expect_not_null(strstr(config.errors, cases[i].error), "%s: %s", cases[i].error,
                           config.errors);
        hf_config_free(&config);
        cr_assert_eq(hf_config_init(&config), HF_OK);
    }
}

Test(config, what_is_printed_can_be_read_again)
{
    hf_config_set(&config, "wal.mode=sync");
    hf_config_set(&config, "instance.allow=root,daemon");
    hf_config_set(&config, "instrument.A.tick=5");
    hf_config_set(&config, "instrument.A.price_min=-7");
    FILE *out = fopen(path, "we");
    hf_config_print(&config, out);
    fclose(out);
    struct hf_config again;
    cr_assert_eq(hf_config_init(&again), HF_OK);
    hf_config_load(&again, path);
    cr_expect_eq(again.error_count, 0, "%s", again.errors);
    cr_expect_str_eq(again.wal_mode, "sync");
    cr_expect_str_eq(again.instance_allow, "root,daemon");
    cr_assert_eq(again.instrument_count, 2);
    cr_expect_eq(memcmp(again.instruments, config.instruments, 2 * sizeof(again.instruments[0])),
                 0);
    hf_config_free(&again);
}

Test(config, an_administrator_who_is_named_twice_takes_one_entitlement)
{
    hf_config_set(&config, "limits.entitlements_max=2");
    hf_config_set(&config, "instance.admin=a,b,a b");
    cr_expect(hf_config_check(&config), "%s", config.errors);
}

Test(config, limits_left_at_their_default_follow_a_smaller_order_pool)
{
    hf_config_set(&config, "limits.orders_max=1000");
    cr_assert(hf_config_check(&config), "%s", config.errors);
    cr_expect_eq(config.limits_extras_max, 1000);
    cr_expect_eq(config.limits_session_orders_max, 1000);
}

Test(config, limits_that_were_set_do_not_follow)
{
    hf_config_set(&config, "limits.orders_max=1000");
    hf_config_set(&config, "limits.extras_max=1001");
    cr_assert_not(hf_config_check(&config));
    cr_expect_str_eq(config.errors,
                     "configuration: limits.extras_max must not exceed limits.orders_max\n");
    cr_expect_eq(config.limits_session_orders_max, 1000);
}
