/* top_screen.c - the terminal, by ncurses. */
#include "cli/top_screen.h"

#include "cli/top_picture.h"

#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAIR_GOOD = 1, PAIR_WARN, PAIR_BAD };

static SCREEN *screen;

bool
hf_top_screen_possible(void)
{
    return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

static void
choose_colours(void)
{
    if (has_colors() && start_color() == OK) {
        (void)use_default_colors(); /* the terminal's own ground, light or dark */
        (void)init_pair(PAIR_GOOD, COLOR_GREEN, -1);
        (void)init_pair(PAIR_WARN, COLOR_YELLOW, -1);
        (void)init_pair(PAIR_BAD, COLOR_RED, -1);
    }
}

bool
hf_top_screen_open(void)
{
    (void)setlocale(LC_CTYPE, "");
    screen = newterm(NULL, stdout, stdin);
    if (screen == NULL) {
        return false;
    }
    choose_colours();
    (void)cbreak(); /* Ctrl-C stays a signal */
    (void)noecho();
    (void)curs_set(0);
    (void)keypad(stdscr, TRUE);
    (void)leaveok(stdscr, TRUE);
    (void)set_escdelay(25);
    return true;
}

void
hf_top_screen_close(void)
{
    (void)endwin();
    delscreen(screen);
    screen = NULL;
}

void
hf_top_screen_size(unsigned *rows, unsigned *columns)
{
    *rows = (unsigned)getmaxy(stdscr);
    *columns = (unsigned)getmaxx(stdscr);
}

static attr_t
attribute_of(unsigned char style)
{
    switch (style) {
    case HF_TOP_STRONG:
        return A_BOLD;
    case HF_TOP_SOFT:
        return A_DIM;
    case HF_TOP_GOOD:
        return (attr_t)COLOR_PAIR(PAIR_GOOD) | A_BOLD;
    case HF_TOP_WARN:
        return (attr_t)COLOR_PAIR(PAIR_WARN) | A_BOLD;
    case HF_TOP_BAD:
        return (attr_t)COLOR_PAIR(PAIR_BAD) | A_BOLD;
    case HF_TOP_TITLE:
        return A_BOLD | A_UNDERLINE;
    default:
        return A_NORMAL;
    }
}

void
hf_top_screen_show(const char *text)
{
    int row = 0;
    int column = 0;
    (void)erase();
    (void)attrset(A_NORMAL);
    for (; *text != '\0' && row < getmaxy(stdscr); text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '\n') {
            row++;
            column = 0;
            (void)attrset(A_NORMAL);
        } else if (byte < HF_TOP_STYLES) {
            (void)attrset((int)attribute_of(byte));
        } else if (column < getmaxx(stdscr)) { /* lines that are too long are cut */
            (void)mvaddnstr(row, column++, text, 1);
        }
    }
    (void)refresh();
}

/** It may go without a signal: that of another session, or with SIGHUP lost on the way. */
static bool
is_gone(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, 0) > 0 && (in.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

enum hf_top_key
hf_top_screen_key(int timeout_ms)
{
    timeout(timeout_ms);
    switch (getch()) {
    case ERR:
        return is_gone() ? HF_TOP_KEY_QUIT : HF_TOP_KEY_NONE;
    case 'q':
    case 'Q':
        return HF_TOP_KEY_QUIT;
    case 'h':
    case 'H':
    case '?':
        return HF_TOP_KEY_HELP;
    case 't':
    case 'T':
        return HF_TOP_KEY_THREADS;
    case ' ':
        return HF_TOP_KEY_LOOK;
    case KEY_DOWN:
    case KEY_NPAGE:
    case 'j':
        return HF_TOP_KEY_DOWN;
    case KEY_UP:
    case KEY_PPAGE:
    case 'k':
        return HF_TOP_KEY_UP;
    case KEY_RESIZE:
        return HF_TOP_KEY_RESIZE;
    default:
        return HF_TOP_KEY_NONE;
    }
}
