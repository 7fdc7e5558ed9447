/*
 * lease.c - hold the write lease of a file: who opens the file waits until this program is killed, or for as
 * long as the kernel bears it (/proc/sys/fs/lease-break-time: 45 s). Makes the file, and prints "held".
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: lease FILE\n");
        return EX_USAGE;
    }
    (void)signal(SIGIO, SIG_IGN); /* somebody wants to open it: that is the purpose */
    int fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK) != 0) {
        perror(argv[1]);
        return EX_OSERR;
    }
    printf("held\n");
    (void)fflush(stdout);
    return pause();
}
