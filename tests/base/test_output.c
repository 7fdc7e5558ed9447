/* test_output.c - what a program ends with whose standard output failed, or did not. */
#include "base/output.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/** Write to a file and exit with `code`, in a process of its own. @return what it ended with */
static int
exit_code_of(const char *path, const char *text, int code)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, STDERR_FILENO);
        if (freopen(path, "w", stdout) == NULL) {
            _exit(99);
        }
        hf_output_guard();
        (void)fputs(text, stdout);
        exit(code);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

Test(output, what_was_written_ends_with_the_programs_own_code)
{
    cr_expect_eq(exit_code_of("/dev/null", "text", 0), 0);
    cr_expect_eq(exit_code_of("/dev/null", "text", 3), 3);
    cr_expect_eq(exit_code_of("/dev/full", "", 0), 0, "nothing was to be written");
}

Test(output, what_could_not_be_written_is_an_error_of_its_own)
{
    cr_expect_eq(exit_code_of("/dev/full", "text", 0), HF_OUTPUT_EXIT_CODE);
    cr_expect_eq(exit_code_of("/dev/full", "text", 3), HF_OUTPUT_EXIT_CODE);
}
