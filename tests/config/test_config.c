/* test_config.c - every mistake is named, with its line, and all of them at once. */
#include "config/table.h"

#include <criterion/criterion.h>
#include <holdfast/error.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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
load_bytes(const char *text, size_t len_bytes)
{
    FILE *file = fopen(path, "we");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, len_bytes, file), len_bytes);
    fclose(file);
    hf_config_load(&config, path);
}

static void
load(const char *text)
{
    load_bytes(text, strlen(text));
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
    cr_expect_str_eq(config.instance_directory, "/var/lib/holdfast/holdfast");
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
        {"[instance] admin = boss\n", ":1: 'admin = boss' behind [instance] belongs on a line"},
        {"[instrument.A] tick = 5\n", ":1: 'tick = 5' behind [instrument.A] belongs on a line"},
        {"[instance]]\n", ":1: ']' behind [instance] belongs on a line"},
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

Test(config, a_comment_may_stand_behind_a_section)
{
    load("[wal] ; one\nmode = sync\n[instance]\t# another\nadmin = boss\n[session]#\n");
    cr_expect_eq(config.error_count, 0, "%s", config.errors);
    cr_expect_str_eq(config.wal_mode, "sync");
    cr_expect_str_eq(config.instance_admin, "boss");
}

Test(config, a_byte_order_mark_is_no_text)
{
    load("\xef\xbb\xbf[wal]\nmode = sync\n");
    cr_expect_eq(config.error_count, 0, "%s", config.errors);
    cr_expect_str_eq(config.wal_mode, "sync");
    load("[wal]\n\xef\xbb\xbfmode = sync\n");
    cr_expect_neq(config.error_count, 0);
}

Test(config, a_nul_byte_is_a_mistake)
{
    static const char text[] = "[instance]\nadmin = a\0,b\n\0[wal]\n# c\0omment\n";
    load_bytes(text, sizeof(text) - 1);
    cr_expect_str_eq(errors(), ":2: a NUL byte: text behind it would be lost\n"
                               ":3: a NUL byte: text behind it would be lost\n"
                               ":4: a NUL byte: text behind it would be lost\n");
    cr_expect_str_eq(config.instance_admin, "");
}

Test(config, what_has_no_newline_is_not_read_to_its_end)
{
    cr_assert_eq(truncate(path, INT64_C(1) << 40), 0); /* it takes no room */
    hf_config_load(&config, path);
    cr_expect_str_eq(errors(), ":1: a line of 65536 bytes or more: this is no configuration\n");
}

Test(config, a_device_is_not_read)
{
    hf_config_load(&config, "/dev/full");
    cr_expect_str_eq(config.errors,
                     "/dev/full: cannot read: a device, and neither a file nor a pipe\n");
}

Test(config, a_pipe_is_read)
{
    static const char text[] = "[wal]\nmode = sync\n";
    char pipe_path[32];
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    snprintf(pipe_path, sizeof(pipe_path), "/dev/fd/%d", ends[0]);
    cr_assert_eq(write(ends[1], text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
    close(ends[1]);
    hf_config_load(&config, pipe_path);
    close(ends[0]);
    cr_expect(hf_config_check(&config), "%s", config.errors);
    cr_expect_str_eq(config.wal_mode, "sync");
    cr_expect_str_eq(config.instance_name, "holdfast");
}

#define MANY 40000

/** At SIGHUP the thread reads it that feeds the watchdog. */
Test(config, many_instruments_are_read_in_no_time)
{
    FILE *file = fopen(path, "we");
    fputs("[limits]\ninstruments_max = 100000\n", file);
    for (int i = 0; i < MANY; i++) {
        fprintf(file, "[instrument.I%d]\ntick = 5\n", i * 7919 % MANY);
    }
    fputs("[instrument.I7]\nlot = 9\n", file);
    fclose(file);
    clock_t began = clock();
    hf_config_load(&config, path);
    cr_expect_lt((double)(clock() - began) / CLOCKS_PER_SEC, 1.0);
    cr_expect_str_eq(errors(), ":80003: [instrument.I7] is given twice\n");
    cr_expect_eq(config.instrument_count, MANY + 1);
    cr_expect_eq(config.instruments[MANY - 1].tick, 5);
}

static char directory[32];

/** @return what the file of this name, in a directory of its own, is read to */
static const char *
name_in_file(const char *file_name, const char *text)
{
    static char file_path[128];
    snprintf(directory, sizeof(directory), "/tmp/hf_config_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
    snprintf(file_path, sizeof(file_path), "%s/%s", directory, file_name);
    FILE *file = fopen(file_path, "we");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    hf_config_load(&config, file_path);
    unlink(file_path);
    rmdir(directory);
    (void)hf_config_check(&config);
    return config.instance_name;
}

Test(config, an_instance_without_a_name_has_that_of_its_file)
{
    static const struct {
        const char *file;
        const char *text;
        const char *name;
    } cases[] = {{"venue.conf", "[instance]\nname =\n", "venue"},
                 {"venue.conf", "", "venue"},
                 {"venue.conf", "[instance]\nname = other\n", "other"},
                 {"holdfast.conf", "", "holdfast"},
                 {"venue", "", "holdfast"},
                 {".conf", "", "holdfast"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char socket_path[64];
        snprintf(socket_path, sizeof(socket_path), "/run/holdfast/%s.sock", cases[i].name);
        cr_expect_str_eq(name_in_file(cases[i].file, cases[i].text), cases[i].name);
        cr_expect_str_eq(config.instance_socket, socket_path);
        cr_expect_eq(config.error_count, 0, "%s", config.errors);
        hf_config_free(&config);
        cr_assert_eq(hf_config_init(&config), HF_OK);
    }
}

Test(config, a_file_whose_name_can_be_no_instances_needs_a_name_in_it)
{
    (void)name_in_file("my.venue.conf", "");
    cr_expect_not_null(
        strstr(config.errors, "instance.name 'my.venue', which the file's name gives"), "%s",
        config.errors);
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
    unsigned named = 0;
    for (const char *at = config.errors; (at = strstr(at, ": neither")) != NULL; at++) {
        named++;
    }
    cr_expect_gt(named, 700);
    char last[64];
    snprintf(last, sizeof(last), "\nand %u more mistakes\n", 3000 - named);
    cr_expect_str_eq(config.errors + strlen(config.errors) - strlen(last), last);
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
        {{"instrument.A.lot=10", "instrument.A.quantity_max=9"}, "must not be less than lot"},
        {{"instrument.A.tick=50", "instrument.A.price_min=7", "instrument.A.price_max=12"},
         "instrument.A: no multiple of tick"},
        {{"instrument.A.tick=50", "instrument.A.price_min=-49", "instrument.A.price_max=-1"},
         "instrument.A: no multiple of tick"},
        {{"instrument.A.tick=1152921504606846975", "instrument.A.price_max=9"}, "no multiple"},
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

Test(config, one_valid_price_and_quantity_are_enough)
{
    load("[instrument.A]\ntick = 50\nprice_min = 50\nprice_max = 99\nlot = 7\nquantity_max = 7\n"
         "[instrument.B]\ntick = 50\nprice_min = -99\nprice_max = -50\n"
         "[instrument.C]\ntick = 50\nprice_min = -1\nprice_max = 1\n");
    cr_expect(hf_config_check(&config), "%s", config.errors);
}

Test(config, what_does_not_go_together_is_named_by_its_line)
{
    load("[limits]\norders_max = 10\nsession_orders_max = 11\n"
         "[wal]\nmode = memory\nio = direct\nqueue_slots = 1025\n"
         "[instrument.A]\nlot = 0\nprice_max = 0\n"
         "[instrument.B]\nquantity_max = 0\n"
         "[instance]\nadmin = not/good\n");
    cr_expect_not(hf_config_check(&config));
    cr_expect_str_eq(errors(),
                     ":6: wal.io=direct writes when it flushes, which wal.mode=memory never does\n"
                     ":7: wal.queue_slots must be a power of two\n"
                     ":3: limits.session_orders_max must not exceed limits.orders_max\n"
                     ":14: instance.admin: 'not/good' can be no session's name\n"
                     ":10: instrument.A: price_min must not exceed price_max\n"
                     ":9: instrument.A: lot must be from 1 to 8796093022208\n"
                     ":12: instrument.B: quantity_max must be from 1 to 8796093022208\n");
}

Test(config, a_comment_may_be_longer_than_a_line)
{
    char text[1024];
    snprintf(text, sizeof(text), "# %0900d\n[wal]\nmode = sync\n", 0);
    load(text);
    cr_expect_eq(config.error_count, 0, "%s", config.errors);
    cr_expect_str_eq(config.wal_mode, "sync");
}

Test(config, a_source_is_read_whole_and_as_often_as_one_likes)
{
    char one[] = "session.burst=9";
    char *sets[] = {one};
    const struct hf_config_source source = {.path = path, .sets = sets, .set_count = 1};
    load("[session]\nburst = 7\nlag_max = 2048\n");
    for (int i = 0; i < 2; i++) {
        struct hf_config again;
        cr_expect_eq(hf_config_read(&again, &source), HF_OK, "%s", again.errors);
        cr_expect_eq(again.session_burst, 9, "--set goes over the file");
        cr_expect_eq(again.session_lag_max, 2048);
        hf_config_free(&again);
    }
    load("[session]\nburst = 0\n");
    struct hf_config bad;
    cr_expect_eq(hf_config_read(&bad, &source), HF_E_ARGUMENT);
    cr_expect_not_null(strstr(bad.errors, ":2: session.burst: '0'"));
    hf_config_free(&bad);
}

static char seen[512];

static void
note_change(void *context, enum hf_param_index param, const char *now, const char *wanted)
{
    size_t used = strlen(seen);
    snprintf(seen + used, sizeof(seen) - used, "%d %s %s\n", (int)param, now, wanted);
    cr_expect_eq(hf_params[param].when == HF_PARAM_LOG, param == HF_PARAM_limits_orders_max);
    (void)context;
}

Test(config, what_differs_is_told_and_can_be_taken_over)
{
    struct hf_config wanted;
    char expected[512];
    cr_assert_eq(hf_config_init(&wanted), HF_OK);
    hf_config_set(&wanted, "limits.orders_max=9");
    hf_config_set(&wanted, "instance.allow=root");
    hf_config_set(&wanted, "wal.mode=sync");
    hf_config_changes(&config, &wanted, note_change, NULL);
    snprintf(expected, sizeof(expected), "%d  root\n%d 1048576 9\n%d group sync\n",
             HF_PARAM_instance_allow, HF_PARAM_limits_orders_max, HF_PARAM_wal_mode);
    cr_expect_str_eq(seen, expected);
    cr_expect_not(hf_config_instruments_changed(&config, &wanted));
    hf_config_set(&wanted, "instrument.A.tick=2");
    cr_expect(hf_config_instruments_changed(&config, &wanted));
    hf_config_take(&config, &wanted, HF_PARAM_instance_allow);
    hf_config_take(&config, &wanted, HF_PARAM_limits_orders_max);
    hf_config_take(&config, &wanted, HF_PARAM_wal_mode);
    seen[0] = '\0';
    hf_config_changes(&config, &wanted, note_change, NULL);
    cr_expect_str_eq(seen, "");
    cr_expect_str_eq(config.wal_mode, "sync");
    hf_config_free(&wanted);
}

/** What a function prints. */
static char *
printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    print(out);
    fclose(out);
    return text;
}

Test(config, every_parameter_is_listed_in_lines_that_fit_a_terminal)
{
    char *text = printed(hf_config_print_help);
    for (int i = 0; i < HF_PARAM_COUNT; i++) {
        char line[128];
        snprintf(line, sizeof(line), "\n  %s  (", hf_params[i].name);
        cr_expect_not_null(strstr(text, line), "%s", hf_params[i].name);
    }
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1) {
        cr_expect_leq(strcspn(at, "\n"), 100, "%.100s", at);
    }
    free(text);
}

Test(config, a_name_and_paths_that_follow_from_others_are_printed_as_they_were_left)
{
    cr_assert(hf_config_check(&config));
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    hf_config_print(&config, out);
    fclose(out);
    cr_expect_not_null(strstr(text, "\nname =\n"), "a copy of the file is another instance's");
    cr_expect_not_null(strstr(text, "\nsocket =\n"));
    cr_expect_not_null(strstr(text, "\ndirectory =\n"));
    free(text);
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

Test(config, what_was_printed_and_read_is_printed_the_same)
{
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        size_t len = 0;
        cr_assert(hf_config_check(&config), "%s", config.errors);
        FILE *out = open_memstream(&texts[i], &len);
        hf_config_print(&config, out);
        fclose(out);
        load(texts[i]);
    }
    cr_expect_str_eq(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
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
    cr_expect_str_eq(config.errors, "--set: limits.extras_max must not exceed limits.orders_max\n");
    cr_expect_eq(config.limits_session_orders_max, 1000);
}
