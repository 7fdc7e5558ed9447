/* test_log.c - one call, one line; the journal's prefix only where the journal listens. */
#include "base/log.h"

#include "base/child.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>

struct log_case {
    const char *label;
    enum hf_log_priority priority;
    int journal; /* 0: unset, 1: names stderr, 2: names another stream, 3: malformed */
    const char *text;
    const char *expected;
};

static int
log_one(void *context)
{
    const struct log_case *one = context;
    struct stat status;
    char stream[64];
    if (fstat(STDERR_FILENO, &status) != 0) {
        return 1;
    }
    unsigned long long inode = (unsigned long long)status.st_ino + (one->journal == 2);
    snprintf(stream, sizeof(stream), one->journal == 3 ? "%llu" : "%llu:%llu",
             (unsigned long long)status.st_dev, inode);
    unsetenv("JOURNAL_STREAM");
    if (one->journal != 0) {
        setenv("JOURNAL_STREAM", stream, 1);
    }
    hf_log(one->priority, "%s", one->text);
    return 0;
}

static const struct log_case cases[] = {
    {"plain error", HF_LOG_ERROR, 0, "disk on fire", "error: disk on fire\n"},
    {"plain warning", HF_LOG_WARNING, 0, "no huge pages", "warning: no huge pages\n"},
    {"plain notice", HF_LOG_NOTICE, 0, "running", "running\n"},
    {"plain info", HF_LOG_INFO, 0, "session opened", "session opened\n"},
    {"journal error", HF_LOG_ERROR, 1, "disk on fire", "<3>disk on fire\n"},
    {"journal info", HF_LOG_INFO, 1, "session opened", "<6>session opened\n"},
    {"redirected", HF_LOG_INFO, 2, "session opened", "session opened\n"},
    {"malformed stream", HF_LOG_INFO, 3, "session opened", "session opened\n"},
    {"empty", HF_LOG_INFO, 0, "", "\n"},
    {"final newline", HF_LOG_INFO, 0, "a\n\n", "a\n"},
    {"control characters", HF_LOG_INFO, 1, "a\n<0>b\033[2J\x7f\tc", "<6>a?<0>b?[2J??c\n"},
    {"UTF-8 stays", HF_LOG_INFO, 0, "µs", "µs\n"},
};

Test(log, writes_one_line_with_the_right_prefix)
{
    char text[4096];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct log_case one = cases[i];
        cr_assert_eq(child_run_stderr(log_one, &one, text, sizeof(text)), 0);
        cr_assert_str_eq(text, one.expected, "%s: got %s", one.label, text);
    }
}

Test(log, cuts_a_long_line_and_still_ends_it)
{
    static char line[8192];
    static char text[16384];
    memset(line, 'x', sizeof(line) - 1);
    struct log_case one = {.label = "long", .priority = HF_LOG_ERROR, .text = line};
    cr_assert_eq(child_run_stderr(log_one, &one, text, sizeof(text)), 0);
    size_t len = strlen(text);
    cr_assert_leq(len, 1024);
    cr_assert_gt(len, 1000);
    cr_assert_eq(strchr(text, '\n'), text + len - 1);
}

static int
log_keeps_errno(void *context)
{
    (void)context;
    errno = ENOSPC;
    hf_log(HF_LOG_INFO, "%m");
    close(STDERR_FILENO);
    hf_log(HF_LOG_ERROR, "nobody listens");
    return errno == ENOSPC ? 0 : 1;
}

Test(log, keeps_errno_even_when_it_cannot_write)
{
    char text[256];
    cr_assert_eq(child_run_stderr(log_keeps_errno, NULL, text, sizeof(text)), 0);
    cr_assert_str_eq(text, "No space left on device\n");
}

/** Lines into a pipe that nobody reads, twice as many as it takes; then it is read, and one more comes. */
static int
log_into_full_pipe(void *context)
{
    (void)context;
    static char text[1 << 17];
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0) {
        return 1;
    }
    for (int i = 0; i < 2000; i++) {
        hf_log(HF_LOG_NOTICE, "a line of some length, number %04d, so that a pipe gets full", i);
    }
    if (read(ends[0], text, sizeof(text) - 1) <= 0 || strstr(text, "number 0000,") == NULL ||
        strstr(text, "number 1999,") != NULL) {
        return 2;
    }
    hf_log(HF_LOG_NOTICE, "somebody reads again");
    memset(text, 0, sizeof(text));
    if (read(ends[0], text, sizeof(text) - 1) <= 0) {
        return 3;
    }
    return strstr(text, "lines before this were lost") != NULL &&
                   strstr(text, "somebody reads again") != NULL
               ? 0
               : 4;
}

Test(log, a_reader_that_stopped_reading_costs_lines_and_is_told)
{
    cr_assert_eq(child_run(log_into_full_pipe, NULL), 0);
}
