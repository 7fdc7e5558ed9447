/*
 * test_tool.c - exit codes, and the bar on a terminal.
 */
#include "recover/tool.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <holdfast/error.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

Test(tool, exit_codes_are_those_of_sysexits)
{
    static const struct {
        int code;
        int exit_code;
    } pairs[] = {{HF_OK, 0},
                 {HF_E_ARGUMENT, EX_USAGE},
                 {HF_E_CORRUPT, EX_DATAERR},
                 {HF_E_VERSION, EX_DATAERR},
                 {HF_E_UNKNOWN, EX_NOINPUT},
                 {HF_E_BUSY, EX_UNAVAILABLE},
                 {HF_E_FULL, EX_CANTCREAT},
                 {HF_E_IO, EX_IOERR},
                 {HF_E_NO_SPACE, EX_IOERR},
                 {HF_E_DENIED, EX_NOPERM},
                 {HF_E_MEMORY, EX_OSERR},
                 {HF_E_SYSTEM, EX_OSERR}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        cr_expect_eq(hf_recover_exit_code(pairs[i].code), pairs[i].exit_code, "%d", pairs[i].code);
    }
}

/** Standard error becomes a terminal. @return its other end */
static int
terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert_geq(master, 0);
    cr_assert_eq(grantpt(master), 0);
    cr_assert_eq(unlockpt(master), 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    cr_assert_geq(slave, 0);
    cr_assert_eq(dup2(slave, STDERR_FILENO), STDERR_FILENO);
    return master;
}

/** What has been drawn, or "" when nothing comes. */
static void
drawn(int master, char text[256])
{
    struct pollfd ready = {.fd = master, .events = POLLIN};
    text[0] = '\0';
    if (poll(&ready, 1, 0) == 1) {
        ssize_t length = read(master, text, 255);
        text[length > 0 ? length : 0] = '\0';
    }
}

Test(tool, work_that_takes_its_time_has_a_bar_on_a_terminal_that_goes_when_it_is_done)
{
    struct hf_recover_progress progress;
    char text[256];
    int master = terminal();
    hf_recover_progress_begin(&progress, "verify", false);
    hf_recover_progress_draw(&progress, 1, 4);
    drawn(master, text);
    cr_expect_str_eq(text, "", "what is over at once needs no bar");
    while (!progress.drawn) {
        hf_recover_progress_draw(&progress, 1, 4);
    }
    drawn(master, text);
    cr_expect_not_null(strstr(text, "verify [##########                              ]  25 %"),
                       "%s", text);
    hf_recover_progress_end(&progress);
    drawn(master, text);
    cr_expect_not_null(strstr(text, "\r\033[K"));
}

Test(tool, without_a_terminal_there_is_no_bar)
{
    struct hf_recover_progress progress;
    int file = open("/dev/null", O_WRONLY);
    cr_assert_eq(dup2(file, STDERR_FILENO), STDERR_FILENO);
    hf_recover_progress_begin(&progress, "verify", false);
    cr_expect_eq(progress.begin_ns, 0);
    hf_recover_progress_draw(&progress, 1, 4);
    cr_expect_not(progress.drawn);
}

Test(tool, a_command_that_prints_to_the_same_terminal_has_no_bar)
{
    struct hf_recover_progress progress;
    (void)terminal();
    cr_assert_eq(dup2(STDERR_FILENO, STDOUT_FILENO), STDOUT_FILENO);
    hf_recover_progress_begin(&progress, "explain", true);
    cr_expect_eq(progress.begin_ns, 0);
    hf_recover_progress_begin(&progress, "explain", false);
    cr_expect_neq(progress.begin_ns, 0);
}
