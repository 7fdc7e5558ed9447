/*
 * test_golden.c - logs that released versions wrote (tests/golden) are read for ever, to the same digest.
 *
 * NAME/ holds the archived segments, NAME.json what `holdfast-recover replay --json` said of them when
 * they were written. Snapshots that earlier versions wrote (snapshot-N, beside links to their log's segments)
 * are used as long as they have today's layout, and are refused by name afterwards: the log is there.
 *
 * rules-V/ holds small logs of random commands of rules version V, rules-V.digests what came of them: who changes
 * a rule is told here to raise the version. old-V/ is a log of an earlier version, which is refused.
 */
#include "recover/check.h"
#include "recovery/restore.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <holdfast/error.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define GOLDEN HF_SOURCE_DIR "/tests/golden"

static json_t *
expectation(const char *name)
{
    char path[512];
    json_error_t error;
    snprintf(path, sizeof(path), GOLDEN "/%s.json", name);
    json_t *expected = json_load_file(path, 0, &error);
    cr_assert_not_null(expected, "%s: %s", path, error.text);
    return expected;
}

static uint64_t
number(const json_t *expected, const char *field)
{
    return (uint64_t)json_integer_value(json_object_get(expected, field));
}

static void
expect_as_written(const char *name)
{
    char directory[512];
    char digest[24];
    struct hf_check check;
    json_t *expected = expectation(name);
    snprintf(directory, sizeof(directory), GOLDEN "/%s", name);
    cr_assert_eq(hf_check(directory, 0, NULL, &check), HF_OK, "%s", check.text);
    cr_assert_eq(check.verdict, HF_CHECK_SOUND, "%s", check.text);
    const struct hf_core *core = check.replay.core;
    snprintf(digest, sizeof(digest), "%016" PRIx64, hf_core_digest(core));
    cr_expect_str_eq(digest, json_string_value(json_object_get(expected, "digest")));
    cr_expect_eq(hf_core_lsn(core), number(expected, "lsn"));
    cr_expect_eq(hf_core_trades(core), number(expected, "trades"));
    cr_expect_eq(hf_core_open_orders(core), number(expected, "open_orders"));
    cr_expect_eq(check.archives, check.scan.segments);
    cr_expect_geq(check.digests, 3);
    hf_check_free(&check);
    json_decref(expected);
}

/** The state at an LSN, from the log alone. */
static void
replay_to(const char *directory, uint64_t lsn, struct hf_replay *replay)
{
    struct hf_scan_result scan;
    const struct hf_scan_watch watch = {
        .context = replay, .record = hf_replay_record, .last_lsn = lsn};
    cr_assert_eq(hf_scan_watched(directory, 0, &watch, &scan), HF_OK, "%s", scan.text);
}

/** Today's code makes the same bytes of the log, and goes on from the snapshot to the log's end. */
static void
expect_used(const char *directory, const json_t *expected)
{
    char digest[24];
    struct hf_replay from_log = {.numa_node = -1, .background = true};
    struct hf_replay replay = {.numa_node = -1, .background = true};
    struct hf_restore restore = {.directory = directory};
    struct hf_scan_result scan;
    cr_assert_eq(hf_restore(&restore, &replay), HF_OK, "%s", replay.text);
    cr_assert_eq(restore.position.lsn, number(expected, "lsn"), "the snapshot cannot be used");
    snprintf(digest, sizeof(digest), "%016" PRIx64, hf_core_digest(replay.core));
    cr_expect_str_eq(digest, json_string_value(json_object_get(expected, "digest")));
    cr_expect_eq(hf_core_open_orders(replay.core), number(expected, "open_orders"));
    cr_expect_gt(hf_core_open_orders(replay.core), 0);
    hf_core_audit(replay.core);
    replay_to(directory, restore.position.lsn, &from_log);
    cr_assert_eq(from_log.core_bytes, replay.core_bytes);
    cr_expect_eq(memcmp(from_log.core, replay.core, replay.core_bytes), 0,
                 "the block means something else today: raise HF_CORE_LAYOUT_VERSION, and write "
                 "another golden snapshot (tests/golden/make_snapshot.sh)");
    const struct hf_scan_watch watch = {
        .context = &replay, .record = hf_replay_record, .from = &restore.position};
    cr_expect_eq(hf_scan_watched(directory, 0, &watch, &scan), HF_OK, "%s%s", scan.text,
                 replay.text);
    cr_expect_gt(scan.end_lsn, restore.position.lsn);
    hf_replay_free(&from_log);
    hf_replay_free(&replay);
}

/** @return whether it has today's layout */
static bool
expect_snapshot(const char *name)
{
    char directory[512];
    struct hf_snapshot snapshot;
    json_t *expected = expectation(name);
    uint64_t lsn = number(expected, "lsn");
    snprintf(directory, sizeof(directory), GOLDEN "/%s", name);
    cr_assert_eq(hf_snapshot_verify(directory, lsn, &snapshot), HF_OK, "%s", snapshot.text);
    bool current = snapshot.header.layout == hf_core_layout() &&
                   snapshot.header.rules_version == HF_RULES_VERSION;
    if (current) {
        expect_used(directory, expected);
    } else {
        cr_expect_eq(hf_snapshot_read(directory, lsn, -1, true, &snapshot), HF_E_VERSION);
    }
    json_decref(expected);
    return current;
}

Test(golden, every_released_snapshot_is_used_or_refused_and_one_has_todays_layout)
{
    DIR *stream = opendir(GOLDEN);
    unsigned current = 0;
    cr_assert_not_null(stream);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (strncmp(entry->d_name, "snapshot-", 9) == 0 && strchr(entry->d_name, '.') == NULL) {
            current += expect_snapshot(entry->d_name);
        }
    }
    closedir(stream);
    cr_expect_geq(current, 1, "write one: tests/golden/make_snapshot.sh");
}

Test(golden, every_released_log_is_read_to_the_digest_with_which_it_was_written)
{
    DIR *stream = opendir(GOLDEN);
    unsigned count = 0;
    cr_assert_not_null(stream);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        if (strncmp(entry->d_name, "log-", 4) == 0 && strchr(entry->d_name, '.') == NULL) {
            expect_as_written(entry->d_name);
            count++;
        }
    }
    closedir(stream);
    cr_expect_geq(count, 1);
}

#define WHAT_TO_DO                                                                                 \
    "The rules are no longer those of version %u. If that is meant: raise HF_RULES_VERSION "       \
    "(include/holdfast/units.h), and write the golden logs anew (tests/golden/make_rules.sh, "     \
    "make.sh, make_snapshot.sh). If it is not, it is a mistake that makes sound logs unreadable."

static void
expect_same_rules(const char *name, uint64_t lsn, const char *digest)
{
    char directory[512];
    char now[24];
    struct hf_check check;
    snprintf(directory, sizeof(directory), GOLDEN "/rules-%u/%s", HF_RULES_VERSION, name);
    cr_assert_eq(hf_check(directory, 0, NULL, &check), HF_OK, "%s", check.text);
    cr_assert_eq(check.verdict, HF_CHECK_SOUND, "log %s: %s\n" WHAT_TO_DO, name, check.text,
                 HF_RULES_VERSION);
    snprintf(now, sizeof(now), "%016" PRIx64, hf_core_digest(check.replay.core));
    cr_expect_str_eq(now, digest, "log %s: digest %s, not %s\n" WHAT_TO_DO, name, now, digest,
                     HF_RULES_VERSION);
    cr_expect_eq(hf_core_lsn(check.replay.core), lsn, "log %s", name);
    hf_check_free(&check);
}

Test(golden, the_logs_of_this_rules_version_give_the_digests_with_which_they_were_written)
{
    char path[512];
    char name[24];
    char digest[24];
    uint64_t lsn;
    unsigned count = 0;
    snprintf(path, sizeof(path), GOLDEN "/rules-%u.digests", HF_RULES_VERSION);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s is not there: the version was raised, write logs of it with %s",
                       path, GOLDEN "/make_rules.sh");
    while (fscanf(file, "%23s %" SCNu64 " %23s", name, &lsn, digest) == 3) {
        expect_same_rules(name, lsn, digest);
        count++;
    }
    fclose(file);
    cr_expect_geq(count, 12);
}

Test(golden, a_log_of_an_earlier_rules_version_is_refused_with_the_version_that_it_needs)
{
    DIR *stream = opendir(GOLDEN);
    unsigned count = 0;
    cr_assert_not_null(stream);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        char directory[512];
        char expected[80];
        struct hf_check check;
        if (strncmp(entry->d_name, "old-", 4) != 0) {
            continue;
        }
        snprintf(directory, sizeof(directory), GOLDEN "/%s", entry->d_name);
        snprintf(expected, sizeof(expected),
                 "written under rules version %s, this binary has version %u", entry->d_name + 4,
                 HF_RULES_VERSION);
        cr_assert_eq(hf_check(directory, 0, NULL, &check), HF_OK, "%s", check.text);
        cr_expect_eq(check.verdict, HF_CHECK_DAMAGED);
        cr_expect_not_null(strstr(check.text, expected), "%s", check.text);
        hf_check_free(&check);
        count++;
    }
    closedir(stream);
    cr_expect_geq(count, 1);
}
