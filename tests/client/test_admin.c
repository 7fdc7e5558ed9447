/*
 * test_admin.c - holdfast admin: what words and options become, and which of them are refused. The fake
 * daemon rejects every admin command; what was asked for is read out of the command ring.
 */
#include "client/run_command.h"

#include "cli/admin.h"
#include "cli/cli.h"

#include <holdfast/record.h>

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

TestSuite(admin, .init = start, .fini = stop, .timeout = 60);

/* Run holdfast admin with words that are separated by blanks. */
static int
admin(const char *text)
{
    char copy[256];
    char *words[ARGUMENTS_MAX] = {NULL};
    char *rest = copy;
    size_t count = 0;
    (void)snprintf(copy, sizeof(copy), "--session " FAKE_SESSION " %s", text);
    for (char *word; (word = strsep(&rest, " ")) != NULL && count < 16;) {
        words[count++] = word;
    }
    return run(hf_cli_admin, words[0], words[1], words[2], words[3], words[4], words[5], words[6],
               words[7], words[8], words[9], words[10], words[11], words[12], words[13], words[14],
               words[15], NULL);
}

/* The command that was submitted first, as it stands in the ring; both slots. */
static void
read_command(struct hf_record slots[2])
{
    struct hf_region region;
    char name[HF_REGION_NAME_BYTES];
    hf_session_command_name(name, fake.instance, FAKE_SESSION, 1);
    cr_assert_eq(hf_region_open(&region, name, true), HF_OK);
    const unsigned char *ring = (const unsigned char *)hf_session_slots(region.base);
    memcpy((void *)slots, ring + HF_SLOT_BYTES, 2 * HF_SLOT_BYTES);
    hf_region_detach(&region);
}

/* A command must have become `wanted` (from its type on); the second slot counts if it has two. */
static void
expect_command(const char *text, const struct hf_record *wanted)
{
    struct hf_record slots[2];
    const size_t from = offsetof(struct hf_record, type);
    cr_assert_eq(admin(text), HF_EXIT_FAILED, "%s: %s", text, output);
    expect_output("rejected");
    read_command(slots);
    for (unsigned i = 0; i < wanted->slots; i++) {
        cr_expect_arr_eq((const char *)&slots[i] + from, (const char *)&wanted[i] + from,
                         HF_SLOT_BYTES - from, "%s: slot %u", text, i);
    }
}

#define COMMAND_TEST(name, text, ...)                                                              \
    Test(admin, name)                                                                              \
    {                                                                                              \
        const struct hf_record wanted[2] = {__VA_ARGS__};                                          \
        expect_command(text, wanted);                                                              \
    }

#define HIGHEST (HF_PRICE_MAX - 1)

COMMAND_TEST(a_new_instrument_has_defaults, "instrument add NEW",
             {.type = HF_COMMAND_INSTRUMENT_ADD,
              .slots = 2,
              .instrument_add = {.symbol = "NEW", .tick = 1}},
             {.type = HF_COMMAND_MORE,
              .slots = 1,
              .instrument_more = {
                  .lot = 1, .price_min = 1, .price_max = HIGHEST, .quantity_max = HF_QUANTITY_MAX}})

COMMAND_TEST(
    a_new_instrument_takes_every_option,
    "instrument add NEW --tick=5 --lot=2 --price-min=-10 --price-max=100 "
    "--quantity-max=50 --replace-loses-priority=on --iceberg-keeps-place=on --phase=closed",
    {.type = HF_COMMAND_INSTRUMENT_ADD,
     .slots = 2,
     .order_type = HF_PHASE_CLOSED,
     .instrument_add = {.symbol = "NEW",
                        .tick = 5,
                        .flags = HF_REPLACE_LOSES_PRIORITY | HF_ICEBERG_KEEPS_PLACE}},
    {.type = HF_COMMAND_MORE,
     .slots = 1,
     .instrument_more = {.lot = 2, .price_min = -10, .price_max = 100, .quantity_max = 50}})

COMMAND_TEST(a_change_sets_what_is_given_and_nothing_else, "instrument change ACME --lot=3",
             {.type = HF_COMMAND_INSTRUMENT_CHANGE,
              .slots = 2,
              .sets = HF_SET_LOT,
              .instrument_add = {.id = 2, .symbol = "ACME"}},
             {.type = HF_COMMAND_MORE, .slots = 1, .instrument_more = {.lot = 3}})

COMMAND_TEST(
    a_change_sets_every_option,
    "instrument change ACME --tick=5 --lot=2 --price-min=-10 --price-max=100 "
    "--quantity-max=50 --replace-loses-priority=on --iceberg-keeps-place=off",
    {.type = HF_COMMAND_INSTRUMENT_CHANGE,
     .slots = 2,
     .sets = HF_SET_INSTRUMENT,
     .instrument_add = {.id = 2, .symbol = "ACME", .tick = 5, .flags = HF_REPLACE_LOSES_PRIORITY}},
    {.type = HF_COMMAND_MORE,
     .slots = 1,
     .instrument_more = {.lot = 2, .price_min = -10, .price_max = 100, .quantity_max = 50}})

COMMAND_TEST(a_removal_names_the_instrument, "instrument remove ACME",
             {.type = HF_COMMAND_INSTRUMENT_REMOVE, .slots = 1, .instrument = 2})

COMMAND_TEST(limits_of_an_instrument, "instrument limits ACME --collar=10 --notional=99",
             {.type = HF_COMMAND_INSTRUMENT_LIMITS,
              .slots = 1,
              .sets = HF_SET_COLLAR | HF_SET_NOTIONAL,
              .instrument = 2,
              .price = 10,
              .quantity = 99})

COMMAND_TEST(
    a_limit_of_an_instrument_is_lifted, "instrument limits ACME --collar=0",
    {.type = HF_COMMAND_INSTRUMENT_LIMITS, .slots = 1, .sets = HF_SET_COLLAR, .instrument = 2})

COMMAND_TEST(
    a_phase_of_one_instrument, "phase ACME pre-open",
    {.type = HF_COMMAND_PHASE, .slots = 1, .order_type = HF_PHASE_PRE_OPEN, .instrument = 2})

COMMAND_TEST(a_phase_of_all, "phase all closed",
             {.type = HF_COMMAND_PHASE, .slots = 1, .order_type = HF_PHASE_CLOSED})

COMMAND_TEST(
    an_account_gets_what_is_given_and_nothing_else, "account 7 --kill on",
    {.type = HF_COMMAND_ACCOUNT, .slots = 1, .flags = HF_ON, .sets = HF_SET_KILL, .account = 7})

COMMAND_TEST(an_account_gets_every_option,
             "account 8 --group=2 --self-trade=cancel-oldest --notional=10 --kill=off",
             {.type = HF_COMMAND_ACCOUNT,
              .slots = 1,
              .sets = HF_SET_ACCOUNT,
              .order_type = HF_SELF_TRADE_CANCEL_OLDEST,
              .account = 8,
              .client_order_id = 2,
              .quantity = 10})

COMMAND_TEST(limits_of_a_session, "session session33 --rate=100 --orders=5 --kill=on",
             {.type = HF_COMMAND_SESSION_LIMITS,
              .slots = 1,
              .flags = HF_ON,
              .sets = HF_SET_SESSION_LIMITS,
              .by_name = {.name = "session33", .value = 5, .rate = 100}})

COMMAND_TEST(a_limit_of_a_session_by_itself, "session session33 --rate=0",
             {.type = HF_COMMAND_SESSION_LIMITS,
              .slots = 1,
              .sets = HF_SET_RATE,
              .by_name = {.name = "session33"}})

COMMAND_TEST(an_account_is_granted, "entitle alpha account 7",
             {.type = HF_COMMAND_ENTITLE,
              .slots = 1,
              .flags = HF_ON,
              .order_type = HF_ENTITLE_ACCOUNT,
              .by_name = {.name = "alpha", .value = 7}})

COMMAND_TEST(an_instrument_is_taken_back, "revoke alpha instrument ACME",
             {.type = HF_COMMAND_ENTITLE,
              .slots = 1,
              .order_type = HF_ENTITLE_INSTRUMENT,
              .by_name = {.name = "alpha", .value = 2}})

COMMAND_TEST(limits_of_a_name_without_a_session, "session nobody --kill=on",
             {.type = HF_COMMAND_SESSION_LIMITS,
              .slots = 1,
              .flags = HF_ON,
              .sets = HF_SET_KILL,
              .by_name = {.name = "nobody"}})

COMMAND_TEST(a_name_is_given_to_a_user, "entitle alpha user 1001",
             {.type = HF_COMMAND_ENTITLE,
              .slots = 1,
              .flags = HF_ON,
              .order_type = HF_ENTITLE_USER,
              .by_name = {.name = "alpha", .value = 1001}})

COMMAND_TEST(a_user_may_be_named, "revoke alpha user root",
             {.type = HF_COMMAND_ENTITLE,
              .slots = 1,
              .order_type = HF_ENTITLE_USER,
              .by_name = {.name = "alpha", .value = 0}})

COMMAND_TEST(rights_are_granted, "entitle ops admin",
             {.type = HF_COMMAND_ENTITLE,
              .slots = 1,
              .flags = HF_ON,
              .order_type = HF_ENTITLE_ADMIN,
              .by_name = {.name = "ops"}})

COMMAND_TEST(the_day_ends, "end-of-day", {.type = HF_COMMAND_SESSION_END, .slots = 1})

COMMAND_TEST(a_trade_is_void, "bust 4711.2 --side session3:12 --side session4:7",
             {.type = HF_COMMAND_BUST, .slots = 2, .trade = {.lsn = 4711, .index = 2}},
             {.type = HF_COMMAND_MORE,
              .slots = 1,
              .trade_more = {.session_id = {1003, 1004}, .client_order_id = {12, 7}}})

COMMAND_TEST(a_trade_is_corrected, "correct 4711.0 --side session3:12 --price=-5 --quantity=6",
             {.type = HF_COMMAND_BUST,
              .slots = 2,
              .flags = HF_ON,
              .trade = {.lsn = 4711, .price = -5, .quantity = 6}},
             {.type = HF_COMMAND_MORE,
              .slots = 1,
              .trade_more = {.session_id = {1003}, .client_order_id = {12}}})

COMMAND_TEST(a_trade_of_sessions_that_are_gone_is_void, "bust 4711.2 --side=0 --side 0",
             {.type = HF_COMMAND_BUST, .slots = 2, .trade = {.lsn = 4711, .index = 2}},
             {.type = HF_COMMAND_MORE, .slots = 1})

COMMAND_TEST(a_trade_of_which_one_session_is_gone_is_void, "bust 4711.2 --side=0 --side session4:7",
             {.type = HF_COMMAND_BUST, .slots = 2, .trade = {.lsn = 4711, .index = 2}},
             {.type = HF_COMMAND_MORE,
              .slots = 1,
              .trade_more = {.session_id = {0, 1004}, .client_order_id = {0, 7}}})

COMMAND_TEST(a_reference_price_below_zero, "reference ACME -- -5",
             {.type = HF_COMMAND_REFERENCE, .slots = 1, .instrument = 2, .price = -5})

Test(admin, what_contradicts_itself_is_a_usage_error)
{
    static const char *const cases[] = {
        "",
        "nothing",
        "instrument",
        "instrument sell ACME",
        "instrument add",
        "instrument add A B",
        "instrument add NEW --tick=0",
        "instrument add NEW --lot=0",
        "instrument add NEW --iceberg-keeps-place=yes",
        "instrument remove ACME --tick=5",
        "instrument change ACME",
        "instrument limits ACME",
        "instrument add NEW --phase=asleep",
        "instrument change ACME --phase=closed",
        "instrument limits ACME --collar=-1",
        "phase ACME",
        "phase ACME asleep",
        "phase ACME open now",
        "account x",
        "account 4294967296",
        "account 7 --rate=5",
        "account 7 --self-trade=never",
        "session alpha --kill=maybe",
        "session alpha --group=1",
        "entitle alpha",
        "entitle alpha account",
        "entitle alpha account x",
        "entitle alpha admin 5",
        "entitle alpha everything",
        "entitle alpha user",
        "entitle alpha user nobody-has-this-name",
        "entitle alpha user 4294967295",
        "limits a b",
        "bust 5",
        "bust 5.0",
        "bust 5 --side=a:1",
        "bust .0 --side=a:1",
        "bust 5.x --side=a:1",
        "bust 5.0 --side=a",
        "bust 5.0 --side=0 --side=0 --side=0",
        "bust 5.0 --side=:1",
        "bust 5.0 --side=a:0",
        "bust 5.0 --side=a:1 --side=b:2 --side=c:3",
        "bust 5.0 --side=a:1 --price=5",
        "correct 5.0 --side=a:1 --price=5",
        "correct 5.0 --side=a:1 --price=5 --quantity=0",
        "reference ACME",
        "reference ACME 1.5",
        "apply",
        "apply --dry-run",
        "end-of-day --price=5",
        "entitlements a b",
        "a b c d e f g",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(admin(cases[i]), HF_EXIT_USAGE, "'%s': %s", cases[i], output);
    }
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
}

Test(admin, an_option_that_does_not_fit_is_named)
{
    (void)admin("phase ACME open --collar=5");
    expect_output("--collar does not go with 'phase'");
    (void)admin("correct 5.0 --side=a:1 --quantity=5");
    expect_output("'correct' needs --price");
    (void)admin("instrument limits ACME");
    expect_output("'instrument limits' of what? It needs one of its options");
    (void)admin("phase ACME");
    expect_output("it is: admin phase SYMBOL|all open|pre-open|halted|closed");
}

Test(admin, words_and_options_are_named_as_they_were_typed)
{
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        {"account x", "holdfast: account 'x' is not a whole number"},
        {"reference ACME x", "holdfast: price 'x' is not a whole number"},
        {"entitle alpha account x", "holdfast: account 'x' is not a whole number"},
        {"bust 5.x --side=a:1", "holdfast: trade 'x' is not a whole number"},
        {"account 7 --notional=x", "holdfast: --notional 'x' is not a whole number"},
        {"instrument add NEW --tick=x", "holdfast: --tick 'x' is not a whole number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(admin(cases[i].text), HF_EXIT_USAGE, "'%s'", cases[i].text);
        expect_output(cases[i].words);
    }
}

Test(admin, a_name_that_no_session_can_have_is_refused)
{
    static const char *const cases[][3] = {{"entitle", "b b", "admin"},
                                           {"entitle", "", "admin"},
                                           {"session", "a/b", "--kill=on"},
                                           {"session", "twenty-four-bytes-a-name", "--kill=on"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(run(hf_cli_admin, "--session", FAKE_SESSION, cases[i][0], cases[i][1],
                         cases[i][2], NULL),
                     HF_EXIT_USAGE, "'%s': %s", cases[i][1], output);
        expect_output("' can be no session's name: 1 to 23 bytes of [A-Za-z0-9_.-]");
    }
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
}

Test(admin, names_that_are_not_there_are_told_before_anything_is_submitted)
{
    static const char *const cases[] = {"instrument change NONE --lot=1",
                                        "instrument remove NONE",
                                        "instrument limits NONE --collar=1",
                                        "phase NONE open",
                                        "entitle a instrument NONE",
                                        "reference NONE 5",
                                        "bust 5.0 --side=none:1",
                                        "instrument add SIXTEENBYTESYMB."};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_neq(admin(cases[i]), HF_EXIT_OK, "'%s'", cases[i]);
        expect_output(i == 7 ? "it has 16 bytes, and may have at most 15" : "no such name");
    }
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
}

Test(admin, a_symbol_that_cannot_be_is_told_what_is_wrong_with_it)
{
    static const struct {
        const char *symbol;
        const char *words;
    } cases[] = {
        {"", "symbol '': it is empty"},
        {"A B", "symbol 'A B': it has a blank in it"},
        {"A\tB", "byte 2 (0x09) is not printable ASCII"},
        {"\xc3\x84"
         "CME",
         "byte 1 (0xc3) is not printable ASCII"},
        {"SIXTEENBYTESYMB.", "it has 16 bytes, and may have at most 15"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(run(hf_cli_admin, "--session", FAKE_SESSION, "instrument", "add",
                         cases[i].symbol, NULL),
                     HF_EXIT_USAGE, "'%s': %s", cases[i].symbol, output);
        expect_output(cases[i].words);
    }
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
}

Test(admin, an_instrument_in_which_no_order_could_be_valid_is_refused)
{
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        {"instrument add NEW --lot=10 --quantity-max=9", "quantity-max 9 is less than lot 10"},
        {"instrument add NEW --tick=50 --price-min=7 --price-max=12",
         "no multiple of tick 50 lies in price-min 7 to price-max 12"},
        {"instrument add NEW --price-min=7 --price-max=6", "no multiple of tick 1 lies in"},
        {"instrument change ACME --price-max=4",
         "no multiple of tick 5 lies in price-min 1 to price-max 4"},
        {"instrument change ACME --quantity-max=3 --lot=4", "quantity-max 3 is less than lot 4"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(admin(cases[i].text), HF_EXIT_USAGE, "'%s': %s", cases[i].text, output);
        expect_output(cases[i].words);
    }
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
    cr_expect_eq(admin("instrument add NEW --tick=50 --price-max=50 --lot=9 --quantity-max=9"),
                 HF_EXIT_FAILED);
    expect_output("rejected"); /* by the engine, which was asked */
}

Test(admin, what_is_not_there_cannot_be_taken_back)
{
    static const char *const cases[] = {
        "revoke session5 account 6",  /* another account */
        "revoke session5 group 5",    /* another kind */
        "revoke session55 account 5", /* another name, and another's account */
        "revoke alpha instrument SIXTEENBYTESYM.",
        "revoke alpha admin",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(admin(cases[i]), HF_EXIT_FAILED, "'%s': %s", cases[i], output);
        expect_output("holdfast admin: there was none: '");
    }
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
    cr_expect_eq(admin("revoke session5 account 5"), HF_EXIT_FAILED);
    expect_output("rejected"); /* by the engine, which was asked */
    cr_expect_eq(fake.script->taken, 1);
}

Test(admin, a_refused_limit_waits_for_no_session)
{
    cr_expect_eq(admin("session nobody --kill=on"), HF_EXIT_FAILED);
    cr_expect_null(strstr(output, "no session of this name"));
}

Test(admin, what_is_set_can_be_read_without_a_session)
{
    cr_assert_eq(admin("instrument list"), HF_EXIT_OK, "%s", output);
    expect_output("ACME            instrument 2, open, tick 5");
    cr_expect_null(strstr(output, "REMOVED"));
    cr_assert_eq(admin("instrument list --json"), HF_EXIT_OK);
    expect_output(
        "{\"type\":\"instrument\",\"symbol\":\"ACME\",\"instrument\":2,\"phase\":\"open\"");
    cr_assert_eq(admin("account 7"), HF_EXIT_OK);
    expect_output("account 7: group 3, self-trade cancel-both, notional 5000, kill off\n");
    cr_assert_eq(admin("account 8 --json"), HF_EXIT_OK);
    expect_output("\"account\":8,\"group\":0,\"self_trade\":\"allow\",\"notional_max\":0");
    cr_assert_eq(admin("session session33"), HF_EXIT_OK);
    expect_output("session session33: rate 0, orders 0 (0 open), kill off, admin off\n");
    cr_assert_eq(admin("session session33 --json"), HF_EXIT_OK);
    expect_output("\"session\":\"session33\",\"open\":true,\"rate\":0");
    cr_assert_eq(admin("session limited5"), HF_EXIT_OK);
    expect_output("session limited5: rate 5, orders 10, kill on; none is open\n");
    cr_assert_eq(admin("session nobody"), HF_EXIT_OK);
    expect_output("session nobody: rate 0, orders 0, kill off; none is open\n");
    cr_assert_eq(admin("limits"), HF_EXIT_OK);
    expect_output("limited0: rate 0, orders 0, kill on\n");
    expect_output("limited99: rate 99, orders 198, kill on\n");
    cr_assert_eq(admin("limits limited7 --json"), HF_EXIT_OK);
    cr_expect_str_eq(output, "{\"type\":\"limits\",\"session\":\"limited7\",\"rate\":7,"
                             "\"orders\":14,\"killed\":true}\n");
    cr_assert_eq(admin("entitlements"), HF_EXIT_OK);
    expect_output("session0: account 0\n");
    expect_output("session99: account 99\n");
    cr_assert_eq(admin("entitlements session5 --json"), HF_EXIT_OK);
    cr_expect_str_eq(output, "{\"type\":\"entitlement\",\"session\":\"session5\",\"kind\":"
                             "\"account\",\"id\":5}\n");
    cr_expect_eq(fake.report->generation, 0, "no session was opened");
}

Test(admin, a_session_opened_for_the_command_is_closed_after_it)
{
    cr_assert_eq(admin("end-of-day --json"), HF_EXIT_FAILED);
    expect_output("{\"type\":\"submitted\",\"command\":\"end of day\",\"seq\":1}\n");
    expect_output("{\"type\":\"rejected\"");
    cr_expect_eq(fake.report->state, HF_SESSION_CLOSED);
}

Test(admin, a_session_that_was_there_stays)
{
    fake.report->command_tail = 4; /* it has been used before */
    cr_assert_eq(admin("end-of-day"), HF_EXIT_FAILED, "%s", output);
    cr_expect_neq(fake.report->state, HF_SESSION_CLOSED);
}

Test(admin, a_configuration_must_be_good_and_of_this_instance)
{
    char path[] = "/tmp/hf_admin_XXXXXX";
    char text[128];
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    fputs("[instance]\nname = other\n", file);
    fflush(file);
    (void)snprintf(text, sizeof(text), "apply --config=%s", path);
    cr_expect_eq(admin(text), HF_EXIT_CONFIG);
    expect_output("is of instance 'other', but this is 'fake");
    fputs("nonsense = 5\n", file);
    fflush(file);
    cr_expect_eq(admin(text), HF_EXIT_CONFIG);
    expect_output(":3: unknown parameter 'nonsense'");
    fclose(file);
    unlink(path);
    cr_expect_eq(admin(text), HF_EXIT_CONFIG);
    expect_output("cannot read");
}

Test(admin, differences_are_listed_and_each_is_submitted)
{
    char path[] = "/tmp/hf_admin_XXXXXX";
    char text[128];
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    fprintf(file,
            "[instance]\nname = %s\nadmin = ops\n[instrument.ACME]\ntick = 7\n"
            "[instrument.NEW]\n",
            fake.instance);
    fclose(file);
    (void)snprintf(text, sizeof(text), "apply --dry-run --config=%s", path);
    cr_expect_eq(admin(text), HF_EXIT_OK, "%s", output);
    expect_output("session 'ops' has no admin rights in the log\n");
    expect_output("instrument 'ACME' has in the log tick 5 (configuration: 7)");
    expect_output("instrument 'NEW' is not in the log\n3 differences, 0 logged, 0 rejected\n");
    cr_expect_eq(fake.script->taken, 0, "nothing was submitted");
    (void)snprintf(text, sizeof(text), "apply --json --config=%s", path);
    cr_expect_eq(admin(text), HF_EXIT_FAILED, "%s", output);
    expect_output("{\"type\":\"difference\",\"text\":\"instrument 'NEW' is not in the log\"}\n");
    expect_output("{\"type\":\"applied\",\"differences\":3,\"logged\":0,\"rejected\":3}\n");
    unlink(path);
    struct hf_record slots[2];
    read_command(slots);
    cr_expect_eq(slots[0].type, HF_COMMAND_ENTITLE, "rights first");
}

Test(admin, help_shows_every_verb_and_examples)
{
    cr_assert_eq(run(hf_cli_admin, "--help", NULL), HF_EXIT_OK);
    for (const struct hf_admin_verb *verb = hf_admin_verbs; verb->name != NULL; verb++) {
        expect_output(verb->name);
    }
    expect_output("That there was\n      such a trade is not checked");
    expect_output("  end-of-day\n");
    cr_expect_null(strstr(output, " \n"), "no trailing blanks");
    expect_output("holdfast admin phase ACME halted");
    expect_output("Exit codes:");
}
