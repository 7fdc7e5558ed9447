/* test_check.c - records from a damaged medium: named, never applied; what passes never panics. */
#include "script.h"

static struct hf_record
next(const struct fixture *fixture, uint8_t type, uint32_t session)
{
    return (struct hf_record){.lsn = hf_core_lsn(fixture->core) + 1,
                              .time_ns = hf_core_time(fixture->core),
                              .type = type,
                              .slots = 1,
                              .session = session};
}

static struct hf_record
next_new(const struct fixture *fixture)
{
    struct hf_record record = next(fixture, HF_COMMAND_NEW, 1);
    record.side = HF_BUY;
    record.order_type = HF_LIMIT;
    record.time_in_force = HF_GTC;
    record.instrument = 1;
    record.client_order_id = 5;
    record.price = 100;
    record.quantity = 1;
    return record;
}

static void
expect_wrong(const struct fixture *fixture, const struct hf_record *record,
             const struct hf_record *more, const char *word)
{
    const char *wrong = hf_core_check(fixture->core, record, more);
    cr_expect(wrong != NULL && strstr(wrong, word) != NULL, "expected \"%s\", got \"%s\"", word,
              wrong == NULL ? "(fine)" : wrong);
}

Test(check, order_of_lsns_and_times_is_kept)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    fixture->time_ns = 5000;
    run_script(fixture, "1 new 1 B 100 1");
    struct hf_record record = next_new(fixture);
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    record.lsn++;
    expect_wrong(fixture, &record, NULL, "LSN");
    record.lsn -= 2;
    expect_wrong(fixture, &record, NULL, "LSN");
    record.lsn++;
    record.time_ns--;
    expect_wrong(fixture, &record, NULL, "backwards");
    fixture_free(fixture);
}

Test(check, slots_belong_together)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record more = {
        .lsn = hf_core_lsn(fixture->core) + 2, .type = HF_RECORD_MORE, .slots = 1};
    struct hf_record record = next_new(fixture);
    expect_wrong(fixture, &record, &more, "second slot");
    record.slots = 2;
    expect_wrong(fixture, &record, NULL, "second slot");
    cr_expect_null(hf_core_check(fixture->core, &record, &more));
    more.slots = 2;
    expect_wrong(fixture, &record, &more, "malformed");
    more.slots = 1;
    more.lsn++;
    expect_wrong(fixture, &record, &more, "second slot");
    more.lsn--;
    more.type = HF_RECORD_OPEN;
    expect_wrong(fixture, &record, &more, "second slot");
    more.type = HF_RECORD_MORE;
    record.slots = 3;
    expect_wrong(fixture, &record, NULL, "malformed");
    record = next(fixture, HF_RECORD_TICK, 0);
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    record.slots = 2;
    expect_wrong(fixture, &record, &more, "slots");
    record = next(fixture, HF_COMMAND_CANCEL, 1);
    record.client_order_id = 1;
    record.slots = 2;
    expect_wrong(fixture, &record, &more, "malformed");
    fixture_free(fixture);
}

Test(check, commands_need_an_open_session_and_form)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    static const uint32_t sessions[] = {0, 4, 5, 65536, UINT32_MAX};
    for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
        struct hf_record record = next_new(fixture);
        record.session = sessions[i];
        expect_wrong(fixture, &record, NULL, "session");
    }
    struct hf_record record = next_new(fixture);
    record.side = 3;
    expect_wrong(fixture, &record, NULL, "malformed");
    record = next_new(fixture);
    record.reserved = 1;
    expect_wrong(fixture, &record, NULL, "malformed");
    record = next_new(fixture);
    record.type = 7;
    expect_wrong(fixture, &record, NULL, "malformed");
    record.type = 0;
    expect_wrong(fixture, &record, NULL, "malformed");
    static const uint8_t unknown[] = {66, 76, 100, HF_RECORD_MORE, HF_RECORD_GROUP, 255};
    for (size_t i = 0; i < sizeof(unknown); i++) {
        record = next(fixture, unknown[i], 1);
        expect_wrong(fixture, &record, NULL, "type");
    }
    record = next_new(fixture);
    record.crc = 0xdeadbeef; /* the log's business */
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    fixture_free(fixture);
}

Test(check, the_daemon_itself_may_administrate_and_nothing_else)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = next(fixture, HF_COMMAND_PHASE, 0);
    record.order_type = HF_PHASE_HALTED;
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    record.order_type = 0;
    expect_wrong(fixture, &record, NULL, "malformed");
    record = next(fixture, HF_COMMAND_SESSION_END, 0);
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    record.session = 4;
    expect_wrong(fixture, &record, NULL, "session");
    record = next(fixture, HF_COMMAND_MASS_CANCEL, 0);
    expect_wrong(fixture, &record, NULL, "session");
    fixture_free(fixture);
}

Test(check, a_clean_stop_is_a_record_that_changes_nothing)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = next(fixture, HF_RECORD_STOP, 0);
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    uint64_t digest = hf_core_digest(fixture->core);
    fixture_apply(fixture, record, NULL);
    cr_expect_eq(hf_core_lsn(fixture->core), record.lsn);
    cr_expect_eq(hf_core_digest(fixture->core), digest);
    cr_expect_eq(fixture->slots, 0);
    fixture_free(fixture);
}

Test(check, refused_commands_have_a_reason_a_type_byte_and_slots)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = next(fixture, HF_RECORD_REFUSED, 1);
    expect_wrong(fixture, &record, NULL, "reason");
    record.refused.reason = HF_REASON_DISK_LOW;
    expect_wrong(fixture, &record, NULL, "slots");
    record.refused.command_slots = 3;
    expect_wrong(fixture, &record, NULL, "slots");
    record.refused.command_slots = 2;
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    record.refused.command_slots = 1;
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    record.refused.command_type = 256;
    expect_wrong(fixture, &record, NULL, "type");
    record.refused.command_type = 1;
    record.session = 4;
    expect_wrong(fixture, &record, NULL, "session");
    fixture_free(fixture);
}

Test(check, a_log_begins_with_its_genesis_and_has_one)
{
    void *memory = aligned_alloc(64, hf_core_footprint(&fixture_limits));
    memset(memory, 0, hf_core_footprint(&fixture_limits));
    struct fixture empty = {.core = hf_core_new(memory, &fixture_limits)};
    struct hf_record more = genesis_more(&fixture_limits);
    more.lsn = 2;
    struct hf_record record = next(&empty, HF_RECORD_EPOCH, 0);
    expect_wrong(&empty, &record, NULL, "genesis");
    record = genesis_record(&fixture_limits);
    record.lsn = 1;
    record.slots = 2;
    cr_expect_null(hf_core_check(empty.core, &record, &more));
    static const size_t fields[] = {
        offsetof(struct hf_record, genesis.sessions_max),
        offsetof(struct hf_record, genesis.instruments_max),
        offsetof(struct hf_record, genesis.orders_max),
        offsetof(struct hf_record, genesis.levels_max),
        offsetof(struct hf_record, genesis.session_orders_max),
        offsetof(struct hf_record, genesis.hash_seed),
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct hf_record other = record;
        ((uint8_t *)&other)[fields[i]] ^= 1;
        expect_wrong(&empty, &other, &more, "capacities");
    }
    static const size_t more_fields[] = {
        offsetof(struct hf_record, genesis_more.extras_max),
        offsetof(struct hf_record, genesis_more.accounts_max),
        offsetof(struct hf_record, genesis_more.entitlements_max),
        offsetof(struct hf_record, genesis_more.events_max),
    };
    for (size_t i = 0; i < sizeof(more_fields) / sizeof(more_fields[0]); i++) {
        struct hf_record other = more;
        ((uint8_t *)&other)[more_fields[i]] ^= 1;
        expect_wrong(&empty, &record, &other, "capacities");
    }
    record.genesis.rules_version++;
    expect_wrong(&empty, &record, &more, "version");
    record.genesis.rules_version--;
    hf_core_apply(empty.core, &record, &more, NULL);
    record.lsn = 3;
    more.lsn = 4;
    expect_wrong(&empty, &record, &more, "genesis");
    free(memory);
}

Test(check, epochs_grow_and_histories_never_shrink)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    struct hf_record record = next(fixture, HF_RECORD_EPOCH, 0);
    record.epoch.epoch = 3;
    record.epoch.history = 2;
    record.epoch.rules_version = HF_RULES_VERSION + 1;
    expect_wrong(fixture, &record, NULL, "version");
    record.epoch.rules_version = HF_RULES_VERSION;
    fixture_apply(fixture, record, NULL);
    record.lsn++;
    record.time_ns = hf_core_time(fixture->core);
    expect_wrong(fixture, &record, NULL, "epoch");
    record.epoch.epoch = 4;
    record.epoch.history = 1;
    expect_wrong(fixture, &record, NULL, "history");
    record.epoch.history = 0;
    expect_wrong(fixture, &record, NULL, "history");
    record.epoch.history = 2;
    record.flags = 2 * HF_EPOCH_HALTS;
    expect_wrong(fixture, &record, NULL, "flags");
    record.flags = HF_EPOCH_HALTS;
    cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    fixture_free(fixture);
}

Test(check, sessions_open_once_under_a_name_of_their_own)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    static const struct {
        uint32_t slot;
        const char *name;
        uint32_t flags;
        const char *word; /* NULL: fine */
    } cases[] = {
        {4, "four", 0, NULL},
        {4, "a.b-c_D9", 3, NULL},
        {0, "four", 0, "range"},
        {5, "four", 0, "range"},
        {UINT32_MAX, "four", 0, "range"},
        {3, "four", 0, "in use"},
        {4, "one", 0, "name is in use"},
        {4, "", 0, "malformed"},
        {4, "with space", 0, "malformed"},
        {4, "slash/", 0, "malformed"},
        {4, "four", HF_SESSION_OF_DAEMON, NULL},
        {4, "four", 8, "flags"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_record record = next(fixture, HF_RECORD_OPEN, cases[i].slot);
        record.open.flags = cases[i].flags;
        memcpy(record.open.name, cases[i].name, strlen(cases[i].name));
        if (cases[i].word == NULL) {
            cr_expect_null(hf_core_check(fixture->core, &record, NULL));
        } else {
            expect_wrong(fixture, &record, NULL, cases[i].word);
        }
    }
    struct hf_record record = next(fixture, HF_RECORD_OPEN, 4);
    memset(record.open.name, 'x', HF_NAME_BYTES);
    expect_wrong(fixture, &record, NULL, "malformed");
    struct hf_record connect = next(fixture, HF_RECORD_CONNECT, 1);
    connect.open.flags = HF_SESSION_OF_DAEMON;
    cr_expect_null(hf_core_check(fixture->core, &connect, NULL));
    connect.open.flags = HF_SESSION_DURABLE;
    expect_wrong(fixture, &connect, NULL, "flags");
    static const uint8_t types[] = {HF_RECORD_CONNECT, HF_RECORD_DISCONNECT, HF_RECORD_CLOSE};
    for (size_t i = 0; i < sizeof(types); i++) {
        record = next(fixture, types[i], 4);
        expect_wrong(fixture, &record, NULL, "not open");
        record.session = 1;
        cr_expect_null(hf_core_check(fixture->core, &record, NULL));
    }
    fixture_free(fixture);
}

Test(check, only_reports_that_were_made_can_be_lost)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 100 1\n1 new 2 B 100 1");
    static const struct {
        uint32_t session;
        uint64_t first;
        uint64_t last;
        const char *word;
    } cases[] = {{1, 1, 2, NULL},           {1, 2, 2, NULL},           {1, 0, 2, "lost reports"},
                 {1, 1, 1, NULL},           {1, 3, 2, "lost reports"}, {1, 1, 3, "lost reports"},
                 {2, 1, 0, "lost reports"}, {4, 1, 1, "not open"},     {0, 1, 1, "not open"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_record record = next(fixture, HF_RECORD_LOST, cases[i].session);
        record.lost.first = cases[i].first;
        record.lost.last = cases[i].last;
        if (cases[i].word == NULL) {
            cr_expect_null(hf_core_check(fixture->core, &record, NULL));
        } else {
            expect_wrong(fixture, &record, NULL, cases[i].word);
        }
    }
    fixture_free(fixture);
}

Test(check, a_digest_must_be_the_running_one_and_changes_nothing)
{
    struct fixture *fixture = fixture_new(&fixture_limits);
    run_script(fixture, "1 new 1 B 100 1");
    uint64_t digest = hf_core_digest(fixture->core);
    struct hf_record record = next(fixture, HF_RECORD_DIGEST, 0);
    record.digest.digest = digest ^ 1;
    expect_wrong(fixture, &record, NULL, "digest");
    record.digest.digest = digest;
    uint64_t lsn = hf_core_lsn(fixture->core);
    fixture_apply(fixture, record, NULL);
    cr_expect_eq(hf_core_digest(fixture->core), digest);
    cr_expect_eq(hf_core_lsn(fixture->core), lsn + 1);
    fixture_free(fixture);
}

static uint64_t
random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/** A few random bytes over all of it. */
static void
garble(struct hf_record *record, uint64_t *state)
{
    uint8_t *bytes = (uint8_t *)record;
    for (uint64_t i = random_next(state) % 4; i > 0; i--) {
        bytes[random_next(state) % sizeof(*record)] =
            (uint8_t)(random_next(state) % 4 == 0 ? random_next(state) : random_next(state) % 4);
    }
}

/** A record of each type, in a form that passes. */
static const char *const examples[] = {
    "1 new 5 B 100 9",
    "2 new 6 S 101 9 day",
    "1 new 7 S 99 30 show5",
    "2 new 8 B 102 20 gtd9000",
    "1 new 9 B market 7 stop100",
    "2 new 10 S 98 7 stop99 fok",
    "3 new 11 B mtl 9 min1",
    "1 cancel 5",
    "2 reduce 6 1",
    "1 replace 7 5 100 8",
    "1 mass",
    "2 list",
    "0 add SYM 1 1 1 200 50",
    "0 change 1 ONE 1 1 1 200 50 keeps",
    "0 remove i3",
    "0 limits collar50 notional90000",
    "0 phase pre",
    "0 phase halted i2",
    "0 phase open i0",
    "0 account 7 group1 decrement notional9000",
    "0 account 3 kill",
    "0 session one orders3 rate90",
    "0 grant two account 7",
    "0 revoke two account 7",
    "0 grant one admin",
    "0 end",
    "0 bust 10.0 7.1 8.2",
    "0 bust 10.0 0.1 0.2",
    "0 reference 100",
    "3 disconnect",
    "3 connect",
};

static struct line
example(const struct fixture *fixture, uint64_t *state)
{
    struct words words;
    const char *text = examples[random_next(state) % (sizeof(examples) / sizeof(examples[0]))];
    words_split(&words, text, strlen(text));
    struct line line = line_of(fixture, &words);
    line.record.lsn = hf_core_lsn(fixture->core) + 1;
    line.record.time_ns = hf_core_time(fixture->core) + random_next(state) % 2;
    line.record.slots = line.two ? 2 : 1;
    line.more.lsn = line.record.lsn + 1;
    line.more.type = HF_RECORD_MORE;
    line.more.slots = 1;
    if (random_next(state) % 8 == 0) {
        line.record.type = (uint8_t)random_next(state);
    }
    return line;
}

Test(check, garbage_that_passes_neither_panics_nor_breaks_an_invariant)
{
    uint64_t state = 2024;
    unsigned passed = 0;
    struct fixture *fixture = fixture_new(&fixture_limits);
    for (unsigned i = 0; i < 100000; i++) {
        struct line line = example(fixture, &state);
        garble(&line.record, &state);
        garble(&line.more, &state);
        bool two = line.record.slots == 2;
        if (hf_core_check(fixture->core, &line.record, two ? &line.more : NULL) == NULL) {
            hf_core_apply(fixture->core, &line.record, two ? &line.more : NULL, NULL);
            hf_core_audit(fixture->core);
            passed++;
        }
        if (i % 1000 == 999) { /* nothing passes after a time near the end of all times */
            fixture_free(fixture);
            fixture = fixture_new(&fixture_limits);
        }
    }
    cr_expect_gt(passed, 20000, "%u", passed);
    fixture_free(fixture);
}
