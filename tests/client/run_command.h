/*
 * run_command.h - a sub-command of the holdfast tool against a fake daemon, as a shell sees it: output and
 * exit code. Each runs in a process of its own, because argp ends the process on a usage error.
 */
#ifndef HF_TESTS_CLIENT_RUN_COMMAND_H
#define HF_TESTS_CLIENT_RUN_COMMAND_H

#include "client/fake_daemon.h"

#include <criterion/criterion.h>
#include <stdarg.h>

#define ARGUMENTS_MAX 24
#define OUTPUT_BYTES 16384

static struct fake fake;
static char output[OUTPUT_BYTES]; /* of the last run: stdout and stderr */

static inline _Noreturn void
run_child(int (*command)(int, char **), char **arguments, int count, int pipe_fd)
{
    (void)dup2(pipe_fd, STDOUT_FILENO);
    (void)dup2(pipe_fd, STDERR_FILENO);
    int code = command(count, arguments);
    fflush(NULL);
    _exit(code);
}

static inline void
read_output(int fd)
{
    size_t length = 0;
    ssize_t got;
    while (length < OUTPUT_BYTES - 1 &&
           (got = read(fd, output + length, OUTPUT_BYTES - 1 - length)) > 0) {
        length += (size_t)got;
    }
    output[length] = '\0';
}

/* Run a command with --socket and the given arguments (up to NULL). Returns its exit code. */
static inline int
run(int (*command)(int, char **), ...)
{
    char *arguments[ARGUMENTS_MAX] = {"holdfast", "--socket", fake.path};
    int count = 3;
    int status = 0;
    int ends[2];
    va_list more;
    va_start(more, command);
    while ((arguments[count] = va_arg(more, char *)) != NULL) {
        count++;
    }
    va_end(more);
    cr_assert_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(command, arguments, count, ends[1]);
    }
    close(ends[1]);
    read_output(ends[0]);
    close(ends[0]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status), "%s", output);
    return WEXITSTATUS(status);
}

static inline void
expect_output(const char *words)
{
    cr_expect_not_null(strstr(output, words), "no '%s' in:\n%s", words, output);
}

#endif
