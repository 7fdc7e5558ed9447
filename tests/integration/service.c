/*
 * service.c - a service manager for tests: starts a program as systemd starts one of Type=notify, and prints
 * what that tells, a message a line.
 *
 *   service SOCKET WATCHDOG_US COMMAND [ARGUMENT...]
 *
 * SOCKET is made, for every user. The program finds it as NOTIFY_SOCKET, and WATCHDOG_US (0: none) as the time
 * of its watchdog. The last line is "ENDED N", its exit code, or 128 and its signal, which is ours, too. Nothing
 * here kills a program for missing pings: the reader of the lines judges.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define LOOK_MS 20

static int
make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    (void)unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        chmod(path, 0666) != 0) {
        perror(path);
        exit(EX_OSERR);
    }
    return fd;
}

static pid_t
start(const char *path, const char *watchdog_us, char **command)
{
    pid_t pid = fork();
    if (pid == 0) {
        char number[16];
        (void)snprintf(number, sizeof(number), "%d", (int)getpid());
        setenv("NOTIFY_SOCKET", path, 0); /* who is started in another root is given another name */
        if (strcmp(watchdog_us, "0") != 0) {
            setenv("WATCHDOG_PID", number, 1);
            setenv("WATCHDOG_USEC", watchdog_us, 1);
        }
        execvp(command[0], command);
        perror(command[0]);
        _exit(EX_UNAVAILABLE);
    }
    return pid;
}

static void
print_messages(int fd)
{
    char text[4096];
    ssize_t len;
    while ((len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) >= 0) {
        text[len] = '\0';
        for (char *c = text; *c != '\0'; c++) {
            *c = *c == '\n' ? ' ' : *c;
        }
        puts(text);
    }
}

int
main(int argc, char **argv)
{
    int status;
    if (argc < 4) {
        (void)fprintf(stderr, "usage: service SOCKET WATCHDOG_US COMMAND [ARGUMENT...]\n");
        return EX_USAGE;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    int fd = make_socket(argv[1]);
    pid_t pid = start(argv[1], argv[2], argv + 3);
    printf("PID %d\n", (int)pid);
    do {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        (void)poll(&wait, 1, LOOK_MS);
        print_messages(fd);
    } while (waitpid(pid, &status, WNOHANG) == 0);
    print_messages(fd);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("ENDED %d\n", code);
    return code;
}
