/*
 * freeze.c - stop one thread of another process, and no other: freeze PID THREAD_NAME. It goes on when this
 * program ends, which it does at the end of its input, when it is killed, or when the thread is. Prints "frozen"
 * when the thread stands still.
 */
#include <dirent.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define LOOK_MS 50

static bool
is_named(const char *pid, const char *thread, const char *name)
{
    char path[300];
    char text[32] = "";
    (void)snprintf(path, sizeof(path), "/proc/%s/task/%s/comm", pid, thread);
    FILE *file = fopen(path, "re");
    bool good = file != NULL && fgets(text, sizeof(text), file) != NULL;
    if (file != NULL) {
        (void)fclose(file);
    }
    text[strcspn(text, "\n")] = '\0';
    return good && strcmp(text, name) == 0;
}

static pid_t
find_thread(const char *pid, const char *name)
{
    char path[64];
    pid_t found = 0;
    (void)snprintf(path, sizeof(path), "/proc/%s/task", pid);
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        if (is_named(pid, entry->d_name, name)) {
            found = (pid_t)strtol(entry->d_name, NULL, 10);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return found;
}

/** Of the input, or of the thread: who is killed is not gone before his tracer has taken notice. */
static void
wait_for_an_end(pid_t thread)
{
    char byte;
    int status;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (waitpid(thread, &status, __WALL | WNOHANG) == 0 || WIFSTOPPED(status)) {
        if (poll(&input, 1, LOOK_MS) > 0 && read(STDIN_FILENO, &byte, 1) <= 0) {
            return;
        }
    }
}

int
main(int argc, char **argv)
{
    int status;
    pid_t thread = argc == 3 ? find_thread(argv[1], argv[2]) : 0;
    if (thread == 0) {
        (void)fprintf(stderr, "usage: freeze PID THREAD_NAME, of a thread that there is\n");
        return EX_USAGE;
    }
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 ||
        ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0 || waitpid(thread, &status, __WALL) < 0) {
        perror("ptrace");
        return EX_OSERR;
    }
    printf("frozen\n");
    (void)fflush(stdout);
    wait_for_an_end(thread);
    return 0;
}
