/*
 * child.h - run a piece of a test in a process of its own, and learn how that ended.
 *
 * The child leaves by its exit code alone: an assertion of the test framework that fails in a forked
 * child would hang the runner.
 */
#ifndef HF_TESTS_CHILD_H
#define HF_TESTS_CHILD_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_SIGNAL 1000 /* child_end() of a child that signal n ended: CHILD_SIGNAL + n */

typedef int (*child_body)(void *context);

/* Start body(context) in a child; its result is the exit code. Aborts are silent, hangs end. */
static inline pid_t
child_start(child_body body, void *context)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)alarm(60);
        _exit(body(context));
    }
    return pid;
}

static inline int
child_end(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? CHILD_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static inline int
child_run(child_body body, void *context)
{
    return child_end(child_start(body, context));
}

/* As child_run(); text receives what the child wrote to stderr, at most a pipe's 64 KiB. */
static inline int
child_run_stderr(child_body body, void *context, char *text, size_t capacity)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)alarm(60);
        (void)dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        _exit(body(context));
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t got;
    while (len < capacity - 1 && (got = read(ends[0], text + len, capacity - 1 - len)) > 0) {
        len += (size_t)got;
    }
    text[len] = '\0';
    close(ends[0]);
    return child_end(pid);
}

/* State letter of a process ('S' sleeping, 'Z' ended but not waited for); 0: no such process. */
static inline char
process_state(pid_t pid)
{
    char path[64];
    char text[512];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t len = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    const char *bracket = strrchr(text, ')');
    return bracket != NULL ? bracket[2] : 0;
}

static inline void
wait_for_state(pid_t pid, char state)
{
    while (process_state(pid) != state) {
        usleep(1000);
    }
}

#endif
