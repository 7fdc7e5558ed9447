/*
 * test_scan_text.c - a refusal names file, offset, LSN, what, and what to do; and the code goes with it.
 */
#include "recovery/scan_internal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "/log/00000000000000000007.wal"
#define STOP_NAME "/log/00000000000000000005.wal"

static struct hf_scan_result result;
static struct hf_scan_work scan;

static void
begin(void)
{
    result = (struct hf_scan_result){.end_lsn = 41, .end_segment = 4, .floor_lsn = 77};
    scan = (struct hf_scan_work){.directory = "/log",
                                 .result = &result,
                                 .stop_number = 5,
                                 .stop_offset = 4160,
                                 .stop_what = "zeros"};
    (void)snprintf(scan.reader.path, sizeof(scan.reader.path), FILE_NAME);
}

TestSuite(scan_text, .init = begin);

/** The call returned the code that it set, and said all of this. */
static void
expect_said(int returned, int code, const char *const words[], size_t count)
{
    cr_expect_eq(returned, code);
    cr_expect_eq(result.code, code);
    for (size_t i = 0; i < count; i++) {
        cr_expect_not_null(strstr(result.text, words[i]), "'%s' is not in: %s", words[i],
                           result.text);
    }
}

#define EXPECT_SAID(call, code, ...)                                                               \
    do {                                                                                           \
        const char *const words[] = {__VA_ARGS__};                                                 \
        expect_said(call, code, words, sizeof(words) / sizeof(words[0]));                          \
    } while (0)

#define CHANGED_NOTHING "nothing was changed", "Restore this file from a copy of the log"

Test(scan_text, damage_is_named_by_file_offset_and_the_lsn_that_is_missing)
{
    EXPECT_SAID(hf_scan_damage(&scan, 8192, "a hole"), HF_E_CORRUPT,
                FILE_NAME ": offset 8192, LSN 42: a hole. ", "damage and no torn tail",
                CHANGED_NOTHING);
    cr_expect_eq(result.end_lsn, 41, "the end that was found stays");
}

Test(scan_text, damage_below_the_floor_is_named_where_the_following_stopped)
{
    EXPECT_SAID(hf_scan_damage_below_floor(&scan), HF_E_CORRUPT,
                STOP_NAME ": offset 4160, LSN 42: zeros, ", "LSN 77 was durable", CHANGED_NOTHING);
    cr_expect_null(strstr(result.text, FILE_NAME), "not the file that is open now");
}

Test(scan_text, damage_below_a_new_epoch_is_named_where_the_following_stopped)
{
    const struct hf_segment_header header = {.number = 9, .base_lsn = 500};
    EXPECT_SAID(hf_scan_damage_below_epoch(&scan, &header), HF_E_CORRUPT,
                STOP_NAME ": offset 4160, LSN 42: zeros, ",
                "segment 9 begins a new epoch at LSN 500", CHANGED_NOTHING);
    cr_expect_null(strstr(result.text, FILE_NAME), "not the file that is open now");
}

Test(scan_text, a_foreign_file_may_be_moved_away_and_where_the_log_ends_is_told)
{
    EXPECT_SAID(hf_scan_foreign(&scan, "it is somebody's"), HF_E_CORRUPT,
                FILE_NAME ": it is somebody's: ", "ends with LSN 41 in segment 4",
                "Nothing was changed", "move this file away");
}

Test(scan_text, an_error_of_the_medium_is_no_damage)
{
    EXPECT_SAID(hf_scan_failed_io(&scan, 12288, EIO), HF_E_IO,
                FILE_NAME ": offset 12288: ", "cannot be read", strerror(EIO), "errno 5");
    EXPECT_SAID(hf_scan_failed_io(&scan, 0, EACCES), HF_E_DENIED, strerror(EACCES));
    cr_expect_null(strstr(result.text, "Restore"), "%s", result.text);
}

Test(scan_text, an_archive_that_does_not_decompress_is_damage)
{
    EXPECT_SAID(hf_scan_failed_io(&scan, 12288, EBADMSG), HF_E_CORRUPT, FILE_NAME ": ",
                "the archive is damaged", "Restore this file from a copy of the log");
}

Test(scan_text, the_last_refusal_is_the_one_that_is_told_and_what_is_too_long_is_cut)
{
    char name[2 * HF_SCAN_TEXT_BYTES];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    (void)hf_scan_damage(&scan, 8192, "first");
    EXPECT_SAID(hf_scan_fail(&scan, HF_E_VERSION, "version %d of %s", 3, name), HF_E_VERSION,
                "version 3 of xxx");
    cr_expect_null(strstr(result.text, "first"));
    cr_expect_eq(strlen(result.text), HF_SCAN_TEXT_BYTES - 1);
}
