/* test_files.c - what is in a directory, before anything of it is opened. */
#include "recovery/files.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

static void
begin(void)
{
    snprintf(directory, sizeof(directory), "/tmp/hf_files_XXXXXX");
    cr_assert_not_null(mkdtemp(directory));
}

static void
end(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    cr_expect_eq(system(command), 0); /* NOLINT: a directory of our own */
}

TestSuite(files, .init = begin, .fini = end);

static const char *
path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static void
put(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "we");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static void
expect(enum hf_files_verdict verdict)
{
    char name[HF_FILES_NAME_BYTES];
    cr_expect_eq(hf_files_judge(directory, name), verdict);
}

Test(files, an_empty_lock_and_files_of_other_names_are_no_log)
{
    expect(HF_FILES_NONE);
    put("LOCK", "");
    put("notes.wal", "text");
    put("7.wal.tmp", "text");
    cr_assert_eq(mkfifo(path_of("pipe"), 0600), 0);
    expect(HF_FILES_NONE);
}

Test(files, any_file_of_a_log_makes_one)
{
    static const char *const names[] = {"LOCK", "1.wal", "1.wal.zst", "1.snap"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        put(names[i], "text");
        expect(HF_FILES_LOG);
        cr_assert_eq(unlink(path_of(names[i])), 0);
    }
}

Test(files, what_is_no_regular_file_is_named_whatever_else_is_there)
{
    static const char *const names[] = {"LOCK", "2.wal", "2.wal.zst", "2.snap"};
    char name[HF_FILES_NAME_BYTES];
    put("1.wal", "text");
    put("3.wal", "text");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        cr_assert_eq(mkfifo(path_of(names[i]), 0600), 0);
        cr_expect_eq(hf_files_judge(directory, name), HF_FILES_SPECIAL);
        cr_expect_str_eq(name, names[i]);
        cr_assert_eq(unlink(path_of(names[i])), 0);
    }
}

Test(files, what_cannot_be_listed_counts_as_a_log)
{
    char name[HF_FILES_NAME_BYTES];
    cr_expect_eq(hf_files_judge(path_of("missing"), name), HF_FILES_LOG);
}
