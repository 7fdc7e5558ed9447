/* md_screen.c - plain ANSI sequences: alternate screen, no cursor, home, clear to the end. */
#include "cli/md_screen.h"

#include <holdfast/error.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ROWS_UNKNOWN 24u

static struct termios terminal_before;

bool
hf_md_screen_possible(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 && kind != NULL &&
           strcmp(kind, "dumb") != 0;
}

int
hf_md_screen_open(void)
{
    if (tcgetattr(STDIN_FILENO, &terminal_before) != 0) {
        return HF_E_SYSTEM;
    }
    struct termios raw = terminal_before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C stays a signal */
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) {
        return HF_E_SYSTEM;
    }
    (void)fputs("\033[?1049h\033[?25l\033[?7l", stdout); /* lines that are too long are cut */
    return HF_OK;
}

void
hf_md_screen_close(void)
{
    (void)fputs("\033[?7h\033[?25h\033[?1049l", stdout);
    (void)fflush(stdout);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
}

size_t
hf_md_screen_rows(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row != 0 ? size.ws_row
                                                                            : ROWS_UNKNOWN;
}

void
hf_md_screen_begin(void)
{
    (void)fputs("\033[H", stdout);
}

void
hf_md_screen_end(void)
{
    (void)fputs("\033[J", stdout);
    (void)fflush(stdout);
}

bool
hf_md_screen_quit_key(int timeout_ms)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 0;
    if (poll(&input, 1, timeout_ms) <= 0) {
        return false;
    }
    ssize_t count = read(STDIN_FILENO, &key, 1);
    return count == 0 || key == 'q' || key == 'Q'; /* 0: the terminal is gone */
}
