/*
 * test_golden.c - logs that released versions wrote (tests/golden) are read for ever, to the same digest.
 *
 * NAME/ holds the archived segments, NAME.json what `holdfast-recover replay --json` said of them when
 * they were written.
 */
#include "recover/check.h"

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
