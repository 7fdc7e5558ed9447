/*
 * test_replay.c - records into a state machine: what begins one, what is refused and how it is named, and what
 * hears of it.
 */
#include "core/fixture.h"

#include "recovery/replay.h"

#include <holdfast/error.h>

#define FILE_NAME "some.wal"
#define OFFSET 4096u

static struct hf_replay replay;
static struct hf_record genesis;
static struct hf_record more;
static uint64_t applied_lsn;
static int applied_answer;
static uint64_t told;

static int
on_applied(void *context, const struct hf_record *record)
{
    cr_expect_eq(context, &replay);
    applied_lsn = record->lsn;
    return applied_answer;
}

static void
on_report(void *context, uint32_t session, const struct hf_report *report)
{
    (void)context, (void)session, (void)report;
    told++;
}

static void
begin(void)
{
    replay = (struct hf_replay){
        .applied = on_applied, .context = &replay, .numa_node = -1, .background = true};
    genesis = genesis_record(&fixture_limits);
    genesis.lsn = 1;
    genesis.slots = 2;
    genesis.time_ns = 1000;
    more = genesis_more(&fixture_limits);
    more.lsn = 2;
    more.time_ns = 1000;
}

static void
end(void)
{
    hf_replay_free(&replay);
}

TestSuite(replay, .init = begin, .fini = end);

static int
put(const struct hf_record *record, const struct hf_record *second)
{
    return hf_replay_record(&replay, record, second, FILE_NAME, OFFSET);
}

static struct hf_record
next_record(uint8_t type)
{
    return (struct hf_record){
        .type = type, .slots = 1, .lsn = hf_core_lsn(replay.core) + 1, .time_ns = 2000};
}

/** Refused with this code and these words; the state, if there is one, stays what it was. */
static void
expect_refused(const struct hf_record *record, const struct hf_record *second, int code,
               const char *words)
{
    uint64_t before = replay.core == NULL ? 0 : hf_core_lsn(replay.core);
    applied_lsn = 0;
    cr_expect_eq(put(record, second), code, "%s", words);
    cr_expect_eq(replay.code, code);
    cr_expect_not_null(strstr(replay.text, words), "'%s' is not in: %s", words, replay.text);
    cr_expect_not_null(strstr(replay.text, FILE_NAME ", offset 4096, LSN "), "%s", replay.text);
    cr_expect_eq(applied_lsn, 0);
    cr_expect_eq(replay.core == NULL ? 0 : hf_core_lsn(replay.core), before);
}

/** They are those of the fixture. */
static void
expect_limits(const struct hf_engine_limits *limits)
{
    cr_expect_eq(limits->sessions_max, fixture_limits.sessions_max);
    cr_expect_eq(limits->instruments_max, fixture_limits.instruments_max);
    cr_expect_eq(limits->orders_max, fixture_limits.orders_max);
    cr_expect_eq(limits->levels_max, fixture_limits.levels_max);
    cr_expect_eq(limits->session_orders_max, fixture_limits.session_orders_max);
    cr_expect_eq(limits->hash_seed, fixture_limits.hash_seed);
    cr_expect_eq(limits->extras_max, fixture_limits.extras_max);
    cr_expect_eq(limits->accounts_max, fixture_limits.accounts_max);
    cr_expect_eq(limits->entitlements_max, fixture_limits.entitlements_max);
    cr_expect_eq(limits->events_max, fixture_limits.events_max);
}

Test(replay, genesis_makes_a_core_of_the_capacities_in_it)
{
    cr_assert_eq(put(&genesis, &more), HF_OK, "%s", replay.text);
    cr_assert_not_null(replay.core);
    cr_expect_eq(hf_core_lsn(replay.core), 2);
    cr_expect_eq(applied_lsn, 1);
    cr_expect_eq(replay.core_bytes, hf_core_footprint(&fixture_limits));
    const struct hf_engine_limits limits = hf_replay_limits(&genesis, &more);
    expect_limits(&limits);
    expect_limits(hf_core_limits(replay.core));
}

Test(replay, each_capacity_is_read_from_its_own_field)
{
    genesis.genesis.instruments_max = 5;
    more.genesis_more.accounts_max = 9;
    const struct hf_engine_limits limits = hf_replay_limits(&genesis, &more);
    cr_expect_eq(limits.sessions_max, 4);
    cr_expect_eq(limits.instruments_max, 5);
    cr_expect_eq(limits.levels_max, 32);
    cr_expect_eq(limits.accounts_max, 9);
    cr_expect_eq(limits.entitlements_max, 8);
}

Test(replay, a_log_begins_with_genesis)
{
    struct hf_record open = {.type = HF_RECORD_OPEN, .slots = 1, .lsn = 1, .session = 1};
    expect_refused(&open, NULL, HF_E_CORRUPT, "does not begin with its genesis record");
    expect_refused(&genesis, NULL, HF_E_CORRUPT, "does not begin with its genesis record");
    cr_expect_null(replay.core);
}

Test(replay, impossible_capacities_make_no_core)
{
    genesis.genesis.orders_max = 0;
    expect_refused(&genesis, &more, HF_E_CORRUPT, "impossible capacities");
    cr_expect_null(replay.core);
}

Test(replay, another_rules_version_is_no_damage_and_both_versions_are_named)
{
    char words[96];
    genesis.genesis.rules_version = HF_RULES_VERSION + 1;
    (void)snprintf(words, sizeof(words), "rules version %u, this binary has version %u",
                   HF_RULES_VERSION + 1, HF_RULES_VERSION);
    expect_refused(&genesis, &more, HF_E_VERSION, words);
    cr_expect_null(replay.core);
    genesis.genesis.rules_version = HF_RULES_VERSION;
    cr_assert_eq(put(&genesis, &more), HF_OK, "%s", replay.text);
    struct hf_record epoch = next_record(HF_RECORD_EPOCH);
    epoch.epoch.epoch = 1;
    epoch.epoch.history = 1;
    epoch.epoch.rules_version = HF_RULES_VERSION + 1;
    expect_refused(&epoch, NULL, HF_E_VERSION, words);
    epoch.epoch.rules_version = HF_RULES_VERSION;
    cr_expect_eq(put(&epoch, NULL), HF_OK, "%s", replay.text);
}

Test(replay, a_digest_that_differs_is_damage_and_the_right_one_is_not)
{
    cr_assert_eq(put(&genesis, &more), HF_OK, "%s", replay.text);
    struct hf_record digest = next_record(HF_RECORD_DIGEST);
    digest.digest.digest = hf_core_digest(replay.core) ^ 1;
    expect_refused(&digest, NULL, HF_E_CORRUPT, "digest");
    digest.digest.digest ^= 1;
    cr_expect_eq(put(&digest, NULL), HF_OK, "%s", replay.text);
    cr_expect_eq(hf_core_lsn(replay.core), 3);
}

Test(replay, a_record_that_breaks_the_rules_is_damage)
{
    cr_assert_eq(put(&genesis, &more), HF_OK, "%s", replay.text);
    struct hf_record record = next_record(HF_COMMAND_NEW);
    record.session = 1;
    expect_refused(&record, NULL, HF_E_CORRUPT, "LSN 3: ");
    struct hf_record open = next_record(HF_RECORD_OPEN);
    open.session = fixture_limits.sessions_max + 1;
    memcpy(open.open.name, "one", 4);
    expect_refused(&open, NULL, HF_E_CORRUPT, "LSN 3: ");
    open.session = 1;
    cr_expect_eq(put(&open, NULL), HF_OK, "%s", replay.text);
}

Test(replay, what_comes_from_the_queue_is_named_so)
{
    struct hf_record open = {.type = HF_RECORD_OPEN, .slots = 1, .lsn = 1, .session = 1};
    cr_expect_eq(hf_replay_record(&replay, &open, NULL, NULL, 0), HF_E_CORRUPT);
    cr_expect_not_null(strstr(replay.text, "WAL queue in shared memory, offset 0, LSN 1: "), "%s",
                       replay.text);
}

Test(replay, the_hook_hears_of_each_record_behind_it_and_may_end_it)
{
    cr_assert_eq(put(&genesis, &more), HF_OK, "%s", replay.text);
    struct hf_record open = next_record(HF_RECORD_OPEN);
    open.session = 1;
    memcpy(open.open.name, "one", 4);
    applied_answer = HF_E_HALTED;
    cr_expect_eq(put(&open, NULL), HF_E_HALTED);
    cr_expect_eq(applied_lsn, 3);
    cr_expect_eq(hf_core_lsn(replay.core), 3, "it is applied all the same");
    replay.applied = NULL;
    struct hf_record tick = next_record(HF_RECORD_TICK);
    cr_expect_eq(put(&tick, NULL), HF_OK, "%s", replay.text);
}

/** A cancel of what is not there: answered by one report. */
static struct hf_record
answered(void)
{
    struct hf_record cancel = next_record(HF_COMMAND_CANCEL);
    cancel.session = 1;
    cancel.client_order_id = 9;
    return cancel;
}

Test(replay, reports_go_to_the_sink_or_to_nobody_and_the_state_is_the_same)
{
    uint64_t digest[2];
    for (int i = 0; i < 2; i++) {
        told = 0;
        replay.sink.report = i == 0 ? NULL : on_report;
        cr_assert_eq(put(&genesis, &more), HF_OK, "%s", replay.text);
        struct hf_record open = next_record(HF_RECORD_OPEN);
        open.session = 1;
        memcpy(open.open.name, "one", 4);
        cr_assert_eq(put(&open, NULL), HF_OK, "%s", replay.text);
        const struct hf_record cancel = answered();
        cr_assert_eq(put(&cancel, NULL), HF_OK, "%s", replay.text);
        digest[i] = hf_core_digest(replay.core);
        cr_expect_eq(told, (uint64_t)i);
        hf_replay_free(&replay);
        cr_expect_null(replay.core);
    }
    cr_expect_eq(digest[0], digest[1]);
}

Test(replay, a_hint_needs_no_core_and_changes_nothing)
{
    struct hf_record noise[4];
    memset(noise, 0xa5, sizeof(noise));
    hf_replay_ahead(&replay, noise, 4);
    cr_expect_null(replay.core);
    cr_assert_eq(put(&genesis, &more), HF_OK, "%s", replay.text);
    void *before = malloc(replay.core_bytes);
    cr_assert_not_null(before);
    memcpy(before, replay.core, replay.core_bytes);
    for (size_t count = 1; count <= 4; count++) {
        hf_replay_ahead(&replay, noise + 4 - count, count);
    }
    const struct hf_record cancel = answered();
    hf_replay_ahead(&replay, &cancel, 1);
    cr_expect_eq(memcmp(replay.core, before, replay.core_bytes), 0);
    free(before);
}
